"""Steady alliances and moonshots: what part of the focal firms' alliances each is, and what each brought them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allysim.analysis.words import GROUP_NAMES, joined, named, number, sentence
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.mechanisms.portfolio import CLASSES, alliance_class
from allysim.report.section import Grid
from allysim.study import remains
from allysim.study.comparison import Comparison

MOST = 3
"""Variants of which a sentence says it; a table says it of all."""
NAMES = {"steady": "steady", "between": "in between", "moonshot": "moonshots"}


def portfolio(comparison: Comparison, names: list[str], places: np.ndarray) -> pd.DataFrame:
    """Return how alliances are shared out over the classes of `mechanisms.portfolio`, scenarios weighing alike.

    A row per variant: strategy, alliances (a run), and for each class its share of them and its net, what it brought
    all focal firms after its costs, k€ a run. Of co-opetition the class is that of what the strategy does together.
    Empty where the runs kept no alliances.
    """
    rows = []
    for name, positions in zip(names, places.T, strict=True):
        counts, nets = np.zeros(len(CLASSES)), np.zeros(len(CLASSES))
        for position in positions.tolist():
            kept = comparison.remains(position)
            runs = sum(map(bool, kept))
            if not runs:
                return pd.DataFrame()
            alone = tuple(comparison.scenarios[position].strategy.scope) == ("marketing",)
            of = {kind: int(alliance_class(k, alone)) for k, kind in enumerate(ALLIANCE_TYPES)}
            alliances = remains.together(kept, "alliances")
            members = remains.together(kept, "memberships").merge(alliances, on=["replication", "alliance"])
            for sums, kinds, sizes in ((counts, alliances["type"], np.ones(len(alliances))),
                                       (nets, members["type"], members["net"])):
                classes = kinds.astype(str).map(of).to_numpy(dtype=int)
                sums += np.bincount(classes, np.asarray(sizes, dtype=float), len(CLASSES)) / runs / len(positions)
        whole = counts.sum()
        rows.append({"strategy": name, "alliances": whole,
                     **{f"{one}_share": counts[k] / whole if whole else np.nan for k, one in enumerate(CLASSES)},
                     **{f"{one}_net": nets[k] for k, one in enumerate(CLASSES)}})
    return pd.DataFrame(rows)


def portfolio_grid(comparison: Comparison, table: pd.DataFrame, chosen: dict[str, float]) -> Grid:
    """Lay `portfolio` out beside how often each variant is on the frontier."""
    rows = []
    for row in table.to_dict("records"):
        cells = [f"{100 * row[f'{one}_share']:.0f} %, {number(row[f'{one}_net'], 1, sign=True)} k€"
                 if row[f"{one}_share"] > 0 else "–" for one in CLASSES]
        rows.append([sentence(named(row["strategy"])), f"{100 * chosen[row['strategy']]:.0f} %",
                     f"{row['alliances']:.1f}", *cells])
    return Grid(["", "on the frontier, share of resamples", "alliances a run", *NAMES.values()], rows, (
        f"Steady: buying together, and marketing together by itself, which save or sell at once. In between: other "
        f"co-opetition, by what the strategy does together, and shared infrastructure. Moonshots: R&D, of which "
        f"nothing may come, and much. Shares of the alliances of {GROUP_NAMES[comparison.group]}, and what each class "
        f"brought all of them together in a run after its costs. The same numbers are in portfolio.csv."),
        "portfolio", table)


def portfolio_said(table: pd.DataFrame, efficient: list[str]) -> list[str]:
    """Say of the variants on the frontier what part of their alliances is steady and what part moonshots."""
    said = []
    for row in table[table["strategy"].isin(efficient)].head(MOST).to_dict("records"):
        name = named(row["strategy"])
        if not row["alliances"]:
            said.append(f"{sentence(name)} is on the frontier without any alliance.")
            continue
        parts = [f"{100 * row[f'{one}_share']:.0f} % {NAMES[one]}" for one in CLASSES]
        said.append(f"With {name}, which is on the frontier, alliances are {joined(parts)}.")
    return said
