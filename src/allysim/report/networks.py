"""Who is allied with whom: one luck, month by month, in the viewer."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from allysim.analysis.words import sentence
from allysim.report.section import Film, Section
from allysim.study.comparison import HEADLINE, Comparison
from allysim.study.simulate import Task, simulate
from allysim.viewer import page as viewer
from allysim.viewer.film import film
from allysim.viewer.lucks import bands_of

LARGEST = 150_000
"""Firms times months, of all worlds shown, that a page holds beside all else it has."""


def median_seed(comparison: Comparison, position: int) -> int:
    """Return the seed whose run of a variant has the median headline figure: one run that stands for the others."""
    values = comparison.values(f"{comparison.group}.{HEADLINE}")[position]
    known = np.flatnonzero(np.isfinite(values))
    return comparison.seeds[int(known[np.argmin(np.abs(values[known] - np.median(values[known])))])]


def again(comparison: Comparison, position: int) -> dict[str, pd.DataFrame] | None:
    """Return the tables of the run that `median_seed` names, run once more; None if it is another now.

    With another version of the code than the comparison was made with, the same seed may give another run.
    """
    seed = median_seed(comparison, position)
    outcome = f"{comparison.group}.{HEADLINE}"
    record = simulate(Task(comparison.variants[position].config, seed, "full"))
    stored = comparison.values(outcome)[position][comparison.seeds.index(seed)]
    return record.tables if record.outcomes[outcome] == stored else None


def ties(memberships: pd.DataFrame, alliances: pd.DataFrame, month: int) -> pd.DataFrame:
    """Return the pairs of firms that are allied at the end of a month: columns one, other, type and alliance."""
    left = memberships["left"].astype("Float64").fillna(np.inf)
    there = memberships[(memberships["joined"] <= month) & (left > month)]
    kinds = alliances.set_index("alliance")["type"]
    rows = [(*sorted(pair), kinds[alliance], alliance) for alliance, firms in there.groupby("alliance")["firm"]
            for pair in combinations(firms, 2)]
    return pd.DataFrame(rows, columns=["one", "other", "type", "alliance"])


def network(comparison: Comparison, position: int, tables: dict[str, pd.DataFrame]) -> Section | None:
    """Return a film of the run with these `tables` and of its reference; None where nobody is allied early or late."""
    memberships, alliances, last = tables["memberships"], tables["alliances"], comparison.months
    first = 0 if len(ties(memberships, alliances, 0)) else min(12, last // 2)
    pairs = {month: ties(memberships, alliances, month) for month in (first, last)}
    if not any(map(len, pairs.values())):
        return None
    world, one, other = comparison.names(position)
    seed = median_seed(comparison, position)
    said = _said(pairs, f"{world}{one}", seed)
    data = pd.concat([table.assign(month=month) for month, table in pairs.items()], ignore_index=True)
    positions = list(dict.fromkeys([comparison.variants[position].reference, position]))
    size = sum(comparison.scenarios[k].n_firms for k in positions) * comparison.months
    if size > LARGEST:
        return Section("Who is allied with whom", [f"{said}."], note=(
            f"A film of {size:,} firm-months is too much for this page: 'allysim replay' makes one of its own."
        ).replace(",", " "))
    worlds = [{**film(comparison.scenarios[k], seed), "name": name}
              for k, name in zip(positions, (other, one)[-len(positions):], strict=True)]
    packed = viewer.packed(worlds, bands_of(comparison, positions))
    shown = Film(viewer.fragment(packed, len(worlds) == 2, "network", ended=True, still=first), said, "network", data)
    return Section("Who is allied with whom", [f"{said}."], film=shown, note=(
        "One luck, in which the result is the median; other luck gives other partners, and the bands say how far "
        "results go apart. Print shows these two months. Who is allied with whom in them is in network.csv."))


def _said(pairs: dict[int, pd.DataFrame], name: str, seed: int) -> str:
    """Say how many alliances there are, early and late."""
    (first, few), (last, many) = ((month, table["alliance"].nunique()) for month, table in pairs.items())
    none = "none in month 0, " if first else ""
    return sentence(f"{name}: {none}{few} alliances in month {first}, {many} in month {last} (the run of seed {seed})")
