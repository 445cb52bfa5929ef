"""What drives a difference: which gains and costs it is made of, from the ledger."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from allysim.analysis import paired
from allysim.analysis.words import GROUP_NAMES, decimals, joined, kpi_of, number, sentence, spread
from allysim.report.canvas import BLUE, ORANGE, ROW, canvas, margin, name_rows
from allysim.report.figures import STYLE
from allysim.report.labels import GREY, INK
from allysim.report.section import Picture, Section
from allysim.study import remains
from allysim.study.comparison import HEADLINE, Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ITEMS: dict[str, tuple[str, ...]] = {
    "sales": ("sales", "lots", "compensation"),
    "inputs bought": ("inputs",),
    "other production": ("production",),
    "fixed cost": ("fixed cost",),
    "marketing": ("marketing",),
    "holding stock": ("holding stock",),
    "fees of alliances": ("pool fee", "automation", "rent", "R&D", "user fee"),
    "splits among partners": ("split of savings",),
    "governance": ("governance",),
    "setting up": ("set-up", "preparation"),
    "shared assets": ("paid in", "capital call", "venture payout", "buy-in", "buy-out"),
    "breaches": ("breach",),
    "penalties and fines": ("penalty", "fine"),
    "own research and assets": ("own infrastructure", "own research", "process R&D", "own capital"),
}
"""Item of a waterfall to the purposes of the ledger in it."""
FINANCING = ("capital", "payout", "liquidation")
"""Purposes that move money between a firm and its owners, and are no part of its profit."""
RESTRUCTURING, REST = "restructuring", "cost and value of capital"
SMALL = .02
"""Part of the largest item below which several are drawn as one."""
NAMED = 3
ROUNDING = 1e-11
"""Part of the largest flow below which a difference is that of sums in another order."""


def breakdown(comparison: Comparison, position: int) -> pd.DataFrame:
    """Return what a difference in cumulative economic profit is made of.

    A row per item: item, difference (mean over the pairs, k€ a firm over the run), low, high (95 % interval, luck).
    The ledger's purposes are in items; what no item names is restructuring; the rest is what economic profit charges
    beyond any flow: the cost of capital, less what is still kept in shared assets. Items add up to the last row, the
    difference itself. Empty where the runs kept no flows.
    """
    reference = comparison.variants[position].reference
    runs = comparison.remains(position), comparison.remains(reference)
    if not all(any(of) for of in runs):
        return pd.DataFrame(columns=["item", "difference", "low", "high"])
    seen = {purpose for of in runs for run in of if run for purpose in run["flows"]["purpose"].astype(str)}
    named = {purpose for purposes in ITEMS.values() for purpose in purposes} | set(FINANCING)
    items = {**ITEMS, RESTRUCTURING: tuple(sorted(seen - named))}
    config = comparison.variants[position].config
    size = config.n_focal if comparison.group == "focal" else config.n_firms
    purposes = [purpose for of in items.values() for purpose in of]
    starts = np.cumsum([0, *map(len, items.values())])
    got = [np.stack([sums[:, start:end].sum(axis=1) for start, end in pairwise(starts)], axis=1)
           for sums in (remains.amounts(of, purposes) / size for of in runs)]
    values = comparison.values(f"{comparison.group}.{HEADLINE}")
    whole = values[position] - values[reference]
    parts = got[0] - got[1]
    parts = np.column_stack([parts, whole - parts.sum(axis=1), whole])
    parts[np.abs(parts) < ROUNDING * np.nanmax(np.abs(got[1]))] = 0.0
    found = paired.interval_of_mean(parts)
    return pd.DataFrame({"item": [*items, REST, "in all"], "difference": found.mean, "low": found.low,
                         "high": found.high})


def drives(comparison: Comparison, positions: list[int]) -> Section | None:
    """Return what drives some differences; None where the runs kept no flows."""
    pictures: list[Picture] = []
    same: list[str] = []
    for position in positions:
        table = breakdown(comparison, position)
        if not len(table):
            continue
        text = drives_finding(comparison, position, table)
        if not table["difference"].any():
            same.append(text.replace("no item differs clearly", "nothing differs"))
            continue
        pictures.append(Picture(waterfall_figure(comparison, position, table), text,
                                f"drives_{len(pictures) + 1}", table))
    if not pictures and not same:
        return None
    capital = any((one.data["item"][~_small(one.data)] == REST).any() for one in pictures)
    told = (" Cost and value of capital: what economic profit charges for the months in business, less what shared "
            "assets are still worth.") if capital else ""
    return Section("What drives it", same, pictures, note=(
        "Every flow of money is booked in the run's ledger. Bars: mean difference in what a firm got (right) or gave "
        "(left) for it over the whole run; lines: 95 % interval of luck." + told))


def drives_finding(comparison: Comparison, position: int, table: pd.DataFrame) -> str:
    """Say which items make a difference, those alone that luck cannot explain."""
    world, one, other = comparison.names(position)
    unit = kpi_of(HEADLINE).unit
    items = table.iloc[:-1]
    items = items[~_small(items)]
    clear = items[(items["low"] > 0) | (items["high"] < 0)]
    start = f"{world}{one} against {other}"

    def named(rows: pd.DataFrame) -> str:
        rows = rows.reindex(rows["difference"].abs().sort_values(ascending=False).index).head(NAMED)
        return joined(f"{row.item} ({number(row.difference, decimals(row.low, row.high), sign=True)})"
                      for row in rows.itertuples())

    plus, minus = clear[clear["difference"] > 0], clear[clear["difference"] < 0]
    if not len(clear):
        return sentence(f"{start}: no item differs clearly.")
    parts = ([f"better by {named(plus)}"] if len(plus) else []) + ([f"worse by {named(minus)}"] if len(minus) else [])
    return sentence(f"{start}: {'; '.join(parts)}, {unit}.")


def waterfall_figure(comparison: Comparison, position: int, table: pd.DataFrame) -> Axes:
    """Draw the items one after another, from nothing to the difference in all."""
    _, one, other = comparison.names(position)
    info, rows = kpi_of(HEADLINE), _merged(table)
    title = drives_finding(comparison, position, table).removesuffix(".")
    note = f"{info.label} of {GROUP_NAMES[comparison.group]}, {one} less {other}, {info.unit}."
    labels = [row["item"] for row in rows]
    with mpl.rc_context(STYLE):
        (ax,) = canvas(ROW * len(rows), title, note, margin(labels), (5.0,), right=1.8)
        start = 0.0
        for k, row in enumerate(rows):
            size, last = row["difference"], k == len(rows) - 1
            left = 0.0 if last else start
            colour = INK if last else BLUE if size >= 0 else ORANGE
            ax.barh(k, size, left=left, height=.62, color=colour)
            if not last:
                ax.plot([left + size] * 2, [k + .31, k + 1 - .31], color=GREY, linewidth=.8)
            line = GREY if last else INK
            ax.plot([left + row["low"], left + row["high"]], [k, k], color=line, linewidth=1.1)
            start = left + size
            ax.annotate(_size(row), (1.0, k), xycoords=("axes fraction", "data"), xytext=(8, 0),
                        textcoords="offset points", va="center", fontsize=8.6, annotation_clip=False,
                        fontweight="bold" if last else "normal")
        ax.axvline(0, color=GREY, linewidth=.9, zorder=0)
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(6))
        name_rows(ax, labels)
        ax.set_xlabel(info.unit, loc="left")
    return ax


def _small(items: pd.DataFrame) -> pd.Series:
    """Return which items are next to nothing beside the largest."""
    size = items["difference"].abs()
    return size < SMALL * float(size.max())


def _merged(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the items from the most that is gained to the most that is lost; those that are next to nothing as one."""
    items, last = table.iloc[:-1], table.iloc[-1]
    small = _small(items)
    rows = items[~small].sort_values("difference", ascending=False).to_dict("records")
    if (items["difference"][small] != 0).any():
        rows.append({"item": f"{int((items['difference'][small] != 0).sum())} others",
                     "difference": float(items["difference"][small].sum()), "low": np.nan, "high": np.nan})
    return [*rows, last.to_dict()]


def _size(row: dict[str, Any]) -> str:
    """Return the size of an item in words, with its interval."""
    if not np.isfinite(row["low"]):
        return number(row["difference"], 1, sign=True)
    places = decimals(row["low"], row["high"])
    return f"{number(row['difference'], places, sign=True)}  ({spread(row['low'], row['high'], places)})"
