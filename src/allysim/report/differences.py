"""The differences of a comparison as cells of tables, and as one picture where there are many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.analysis import paired
from allysim.analysis.words import GROUP_NAMES, decimals, joined, kpi_of, number, place, plain, sentence, spread
from allysim.kpis import KPIS
from allysim.study.comparison import HEADLINE, Comparison

if TYPE_CHECKING:
    import pandas as pd

HEADLINES = (HEADLINE, "survival", "trust_mean", "trust_least", "trust_spread", "consumer_surplus")
"""Figures that stand first in every table."""

MANY = 8
"""Differences beyond which one picture shows them all as a table, in place of a panel for each."""

MARKS = {"better": "✓", "worse": "✗", "higher": "↑", "lower": "↓", paired.NO_CLEAR_DIFFERENCE: "○", paired.TOO_FEW: "–"}


class Cell(NamedTuple):
    """One difference in a table: its size, interval, verdict, the verdict's sign, and what assumptions make of it."""

    difference: str
    interval: str
    verdict: str
    mark: str
    assumptions: str = ""


def kpi_order(names: list[str]) -> list[str]:
    """Return figures in the order of tables: headlines, the rest as declared, own outcomes."""
    order = [*HEADLINES, *(name for name in KPIS if name not in HEADLINES)]
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def cell(comparison: Comparison, position: int, outcome: str) -> Cell:
    """Return one difference in words."""
    _, found = comparison.difference(position, outcome)
    low, high = float(found.low), float(found.high)
    places = decimals(low, high)
    said = paired.verdict(low, high, kpi_of(outcome.partition(".")[2]).better)
    if said == paired.TOO_FEW:
        return Cell("n/a", "", said, MARKS[said])
    if low == high == 0:
        return Cell("0", "in every pair", said, MARKS[said])
    mean, least = float(found.mean), 10.0**-places
    size, between = number(mean, places, sign=True), spread(low, high, places)
    if size == "0" and said != paired.NO_CLEAR_DIFFERENCE:  # clear, and next to nothing
        size = f"<{least:.{places}f}" if mean > 0 else f">-{least:.{places}f}"
    if max(abs(low), abs(high)) < least / 2:
        return Cell(size, f"less than {least:.{places}f}", said, MARKS[said])
    over = comparison.spread(position, outcome)
    assumed = spread(over.low, over.high, decimals(over.low, over.high)) if over else ""
    return Cell(size, between, said, MARKS[said], assumed)


def table_of(comparison: Comparison, group: str) -> dict[str, Any]:
    """Lay out the differences of one group: a row per figure; per scenario the reference's mean, then differences."""
    worlds = comparison.worlds()
    table = comparison.table
    columns = [(comparison.variants[positions[0]].reference, positions) for positions in worlds.values()]
    rows = []
    for kpi in kpi_order(list(dict.fromkeys(table.loc[table["group"] == group, "kpi"]))):
        cells: list[Any] = []
        for reference, positions in columns:
            cells.append(plain(comparison.difference(reference, f"{group}.{kpi}")[0]))
            cells += [cell(comparison, position, f"{group}.{kpi}") for position in positions]
        rows.append({"label": kpi_of(kpi).label, "unit": kpi_of(kpi).unit, "about": kpi_of(kpi).about, "cells": cells,
                     "headline": kpi in HEADLINES})
    heads = [(place(world) if world else "all scenarios", [comparison.names(positions[0])[2],
                                         *(comparison.names(position)[1] for position in positions)])
             for world, positions in worlds.items()]
    return {"title": sentence(GROUP_NAMES.get(group, "your own outcome")), "heads": heads, "rows": rows}


def headline(comparison: Comparison) -> pd.DataFrame:
    """Return the rows of the table that hold the headline figure of the group in question."""
    table = comparison.table
    return table[(table["group"] == comparison.group) & (table["kpi"] == HEADLINE)]


def matrix(comparison: Comparison) -> tuple[Any, Any, Any, list[str], list[str], str]:
    """Return differences in the headline figure and their intervals (worlds, variants), and the names of all."""
    rows = {position: comparison.names(position) for position in comparison.pairs()}
    worlds = list(comparison.worlds())
    labels = list(dict.fromkeys(one for _, one, _ in rows.values()))
    found = np.full((3, len(worlds), len(labels)), np.nan)
    for k, positions in enumerate(comparison.worlds().values()):
        for position in positions:
            _, sure = comparison.difference(position, f"{comparison.group}.{HEADLINE}")
            found[:, k, labels.index(rows[position][1])] = sure.mean, sure.low, sure.high
    references = joined(dict.fromkeys(other for _, _, other in rows.values()))
    mean, low, high = found
    where = [sentence(place(world)) if world else "all scenarios" for world in worlds]
    return mean, low, high, where, labels, references


def overview(comparison: Comparison) -> Any:
    """Draw all differences in the headline figure as a table of worlds and variants."""
    from allysim.report.world_figures import differences_figure

    info = kpi_of(HEADLINE)
    return differences_figure(*matrix(comparison), info.label[0].lower() + info.label[1:], info.unit, info.better)
