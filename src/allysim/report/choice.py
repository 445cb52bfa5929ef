"""Which of the variants to choose where nobody knows which scenario will come: a table, and what it says."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from allysim.analysis.frontier import worst
from allysim.analysis.regret import regret
from allysim.analysis.words import decimals, joined, kpi_of, named, number, place, sentence
from allysim.errors import AllysimError
from allysim.report.differences import cell
from allysim.study.comparison import HEADLINE, Comparison

SURE = .95
"""Share of resamples from which a choice is called clear."""


class Choice(NamedTuple):
    """Every variant by return and risk over all scenarios, and what follows.

    ``table`` has a row per variant: strategy, mean, tail (mean of the worst tenth of runs), lowest (run), all of the
    headline figure in its unit; survival (share); regret_maximum, worst (the scenario of it) and regret_mean; and the
    shares of resamples that choose it, by_maximum and by_mean, and of points in all assumptions and scenarios at which
    it is ahead (missing where assumptions were not varied).
    """

    table: pd.DataFrame
    said: list[str]


def choice(comparison: Comparison) -> Choice | None:
    """Return which variant to choose; None where scenarios do not have the same variants, or too many runs failed."""
    worlds, names, places = comparison.by_world()
    if not len(places):
        return None
    values = comparison.values(f"{comparison.group}.{HEADLINE}")[places]
    survival = comparison.values(f"{comparison.group}.survival")[places]
    try:
        found = regret(values, worlds, names, kpi_of(HEADLINE).better)
    except AllysimError:
        return None
    drawn = [values[:, k][np.isfinite(values[:, k])] for k in range(len(names))]
    table = found.summary.rename(columns={"maximum": "regret_maximum", "mean": "regret_mean"})
    table.insert(1, "mean", [float(of.mean()) for of in drawn])
    table.insert(2, "tail", [worst(of) for of in drawn])
    table.insert(3, "lowest", [float(of.min()) for of in drawn])
    table.insert(4, "survival", [float(np.nanmean(survival[:, k])) for k in range(len(names))])
    table["ahead"] = _ahead(comparison, places)
    points = comparison.space.plan.points if comparison.space else 0
    return Choice(table, _said(table, worlds, found.robust, found.robust_by_mean, points))


def _ahead(comparison: Comparison, places: np.ndarray) -> np.ndarray:
    """Return at what share of points and scenarios each variant beats all others; where two are equal none does."""
    missing = np.full(places.shape[1], np.nan)
    if comparison.space is None:
        return missing
    values = comparison.space.values(f"{comparison.group}.{HEADLINE}")[:, :, 0][places].swapaxes(1, 2)
    values = kpi_of(HEADLINE).better * values[np.isfinite(values).all(axis=2)]
    if not len(values):
        return missing
    best = values == values.max(axis=1, keepdims=True)
    return np.asarray((best & (best.sum(axis=1, keepdims=True) == 1)).mean(axis=0))


def _said(table: pd.DataFrame, worlds: list[str], robust: str, by_mean: str, points: int) -> list[str]:
    """Return what to choose by regret, and how often assumptions would have another ahead."""
    rows, unit = table.set_index("strategy"), kpi_of(HEADLINE).unit
    where = f"in any of {len(worlds)} scenarios" if len(worlds) > 1 else place(worlds[0])
    places = decimals(0.0, float(rows["regret_maximum"].max()))
    short = f"at most {number(rows.loc[robust, 'regret_maximum'], places)} {unit} short of the best {where}"
    if rows.loc[robust, "regret_maximum"] == 0:
        short = f"the best {'in every scenario' if len(worlds) > 1 else where}"
    if rows.loc[robust, "by_maximum"] >= SURE:
        both = ", at most and on average" if by_mean == robust and len(worlds) > 1 else ""
        often = f"{100 * rows.loc[robust, 'by_maximum']:.0f} %"
        said = [f"{named(robust)} leaves least to regret{both}: it is {short} (in {often} of resamples of the luck)."]
    else:
        often = rows["by_maximum"].sort_values(ascending=False, kind="stable")
        shares = joined(f"{named(name)} in {100 * share:.0f} %" for name, share in often[often > .02].items())
        said = [f"luck leaves open which is least regretted: resamples choose {shares}."]
    ahead = rows["ahead"].dropna().sort_values(ascending=False, kind="stable")
    if len(ahead):
        said.append(_often(ahead, robust, points))
    return [sentence(text) for text in said]


def _often(ahead: pd.Series, robust: str, points: int) -> str:
    """Say which is ahead most often where assumptions vary, or that the points leave that open (a sign test)."""
    first, second = ahead.iloc[0], ahead.iloc[1]
    equal = 1.0 - float(ahead.sum())
    rest = f"; at {100 * equal:.0f} % the best are equal." if equal >= .005 else "."
    shares = [f"{named(name)} at {100 * share:.0f} %" for name, share in ahead.items()]
    if (first - second) * points <= 1.96 * np.sqrt((first + second) * points):
        return (f"where assumptions vary over their ranges, it is open which is ahead more often: {joined(shares[:2])} "
                f"of points and scenarios{rest}")
    also = f", and {named(robust)} at {100 * ahead[robust]:.0f} %" if ahead.index[0] != robust else ""
    return (f"where assumptions vary over their ranges, {named(ahead.index[0])} is ahead most often, at "
            f"{100 * first:.0f} % of points and scenarios{also}{rest}")


def choice_table(comparison: Comparison, found: Choice | None) -> dict[str, Any] | None:
    """Lay a choice out for a page: sentences, heads, and a row per variant.

    First come its differences scenario by scenario (a mean where it is the reference), then return and risk in words.
    """
    if found is None:
        return None
    table, varied = found.table, bool(found.table["ahead"].notna().all())
    worlds, _, positions = comparison.by_world()
    outcome = f"{comparison.group}.{HEADLINE}"
    money = table[["mean", "tail", "lowest"]].to_numpy()
    places = min(decimals(float(money.min()), float(money.max())) + 1, 2)
    short = decimals(0.0, max(float(table["regret_maximum"].max()), 1e-9))
    rows = []
    for row, across in zip(table.itertuples(), positions.T, strict=True):
        worst_in = f" | {place(row.worst)}" if row.regret_maximum > 0 and len(worlds) > 1 else ""
        gains = [cell(comparison, at, outcome) if comparison.variants[at].reference != at else "reference"
                 for at in across]
        cells = [*gains, *(number(value, places) for value in (row.mean, row.tail, row.lowest)),
                 f"{100 * row.survival:.0f} %", number(row.regret_maximum, short) + worst_in,
                 number(row.regret_mean, short), f"{100 * row.by_maximum:.0f} %",
                 *([f"{100 * row.ahead:.0f} %"] if varied else [])]
        rows.append({"name": sentence(named(row.strategy)), "cells": cells,
                     "chosen": row.by_maximum == table["by_maximum"].max()})
    money = kpi_of(HEADLINE).unit.split()[0]
    heads = [*(f"gain {place(world)}, {money}" for world in worlds), f"mean, {money}", f"worst tenth, {money}",
             f"lowest run, {money}", "firms that survive", f"short of the best at most, {money}",
             f"short of the best on average, {money}", "the safest, share of resamples",
             *(["ahead of all others, share of points"] if varied else [])]
    return {"said": found.said, "heads": heads, "rows": rows, "unit": kpi_of(HEADLINE).unit,
            "reference": named(table["strategy"].iloc[0])}
