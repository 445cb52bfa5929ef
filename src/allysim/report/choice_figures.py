"""Pictures of choices: return against risk, and how often each is ahead over the points of a design.

All functions return axes of a new figure, to be written by `figures.save` with the table they draw. `what` names
the outcome in the middle of a sentence, `unit` is its unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from allysim.analysis.verdict import MOST
from allysim.report import choice_findings
from allysim.report.canvas import BLUE, DIVERGING, ORANGE, RISING, ROW, canvas, cells, margin, name_rows, slanted
from allysim.report.figures import FAINT, STYLE
from allysim.report.labels import GREY, INK
from allysim.report.study_findings import percent
from allysim.report.world_figures import CELL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TALL = 2.6
NEAR = .035
"""Part of a panel's width within which points share a label."""


def frontier_figure(table: pd.DataFrame, reference: str, what: str, unit: str, basis: str, better: int = 1) -> Any:
    """Draw gains in mean and worst tenth with both intervals, how often no choice beats one, and both gains as one.

    Parameters
    ----------
    table : DataFrame
        `frontier.Frontier.table`.
    reference : str
        The choice gains are over.
    what, unit : str
    basis : str
        What was drawn, in words.
    better : int
        +1 where more is better, -1 where less is; the axes run towards the better.

    Returns
    -------
    array of four Axes
    """
    rows = table.iloc[np.argsort(-better * table["mean_gain"].to_numpy(), kind="stable")].reset_index(drop=True)
    labels, at = [f"{name}  {k}" for k, name in enumerate(rows["choice"], 1)], np.arange(len(rows))
    note = (f"Gain over {reference} in {what}, {unit}: its mean, and the mean of its worst tenth (CVaR 10 %), over "
            f"{basis}. Lines: 95 % intervals, blue of what other seeds would change (luck), orange of what other "
            "points would (assumptions); hollow: no clear difference, one of them contains zero. Bars: share of "
            "resamples in which no other choice beats it in both; blue: so as measured. Right: both gains, by number, "
            "and the frontier.")
    with mpl.rc_context(STYLE):
        mean, tail, chosen, both = canvas(max(ROW * 1.15 * len(rows), TALL), choice_findings.frontier_finding(table),
                                          note, margin(labels), (2.1, 2.1, 1.1, 2.7), right=.75)
        for ax, figure, words in ((mean, "mean", "mean"), (tail, "tail", "worst tenth")):
            sure = choice_findings.clear(rows, figure) != 0
            for shift, kind, colour in ((-.14, "luck", BLUE), (.14, "assumption", ORANGE)):
                ax.hlines(at + shift, rows[f"{figure}_{kind}_low"], rows[f"{figure}_{kind}_high"], color=colour,
                          linewidth=2)
            for k, size in enumerate(rows[f"{figure}_gain"]):
                ax.plot(size, k, "o", color=INK, markersize=5, markerfacecolor=INK if sure[k] else "white", zorder=3)
            ax.axvline(0, color=GREY, linewidth=.9, zorder=0)
            ax.set_xlabel(f"{words}, {unit}" if unit else words, loc="left")
            ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
            name_rows(ax, labels if ax is mean else [""] * len(rows))
            if better < 0:
                ax.invert_xaxis()
        chosen.barh(at, 100 * rows["chosen"], height=.6, color=np.where(rows["efficient"], BLUE, FAINT))
        for k, share in enumerate(rows["chosen"]):
            chosen.text(100 * share + 3, k, percent(share).removesuffix(" %"), va="center", fontsize=8.4, color=INK)
        name_rows(chosen, [""] * len(rows))
        chosen.set_xlim(0, 128)
        chosen.set_xticks((0, 50, 100))
        chosen.set_xlabel("on the frontier, %", loc="left")
        _both(both, rows, better, unit)
    return np.array([mean, tail, chosen, both])


def _both(ax: Axes, rows: pd.DataFrame, better: int, unit: str) -> None:
    """Draw gains against each other, with the frontier as steps, and numbers where there is room for them."""
    x, y, there = (rows[name].to_numpy() for name in ("tail_gain", "mean_gain", "efficient"))
    ax.margins(.16)
    ax.plot(x[~there], y[~there], "o", color=GREY, markersize=5, markerfacecolor="white")
    ax.plot(x[there], y[there], "o", color=BLUE, markersize=6.5, zorder=3)
    ax.axhline(0, color=GREY, linewidth=.9, zorder=0)
    ax.axvline(0, color=GREY, linewidth=.9, zorder=0)
    if better < 0:
        ax.invert_xaxis()
        ax.invert_yaxis()
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    order = np.flatnonzero(there)[np.argsort(better * x[there], kind="stable")]
    ax.plot([left, *x[order], x[order[-1]]], [y[order[0]], *y[order], bottom], drawstyle="steps-pre", color=BLUE,
            linewidth=1.2, zorder=1)
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    place, free = np.stack([(x - left) / (right - left), (y - bottom) / (top - bottom)], axis=1), [*range(len(rows))]
    while free:
        near = [k for k in free if (np.abs(place[k] - place[free[0]]) < NEAR).all()]
        free = [k for k in free if k not in near]
        ends = place[near[0], 0] > .93
        ax.annotate(", ".join(str(k + 1) for k in near), (x[near[0]], y[near[0]]), xytext=(-6 if ends else 6, 4),
                    textcoords="offset points", fontsize=8.4, color=INK if there[near].any() else GREY,
                    ha="right" if ends else "left", fontweight="bold" if there[near].any() else "normal",
                    bbox={"facecolor": "white", "edgecolor": "none", "alpha": .8, "pad": .4})
    ax.yaxis.tick_right()
    ax.yaxis.set_label_position("right")
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
    ax.grid(axis="x", visible=True)
    ax.set_xlabel(f"worst tenth, {unit}" if unit else "worst tenth", loc="left")
    ax.set_ylabel(f"mean, {unit}" if unit else "mean", loc="bottom")


def frontier_worlds_figure(shares: pd.DataFrame, efficient: pd.DataFrame) -> Axes:
    """Draw how often each choice is on the frontier, a row per scenario.

    Parameters
    ----------
    shares, efficient : DataFrame
        A row per scenario, the first of all together, and a column per choice: share of resamples, and whether it is
        on the frontier as measured.
    """
    worlds, choices = list(shares.index), list(shares.columns)
    values, there = 100 * shares.to_numpy(dtype=float), efficient.to_numpy(dtype=bool)
    texts = [[percent(value / 100).removesuffix(" %") for value in row] for row in values]
    note = ("Share of resamples, %, in which no other choice beats it in both the mean and the worst tenth; first over "
            "all scenarios together. Full colour: on the frontier as measured; pale and grey: dominated.")
    with mpl.rc_context(STYLE):
        (ax,) = canvas(1.15 * ROW * len(worlds), choice_findings.frontier_worlds_finding(efficient.iloc[1:]), note,
                       margin(worlds), (max(CELL * len(choices), 4.0),), right=1.7, below=.15,
                       above=.25 + slanted(choices))
        cells(ax, values, choices, worlds, texts, there, RISING, (0, 100))
        ax.axhline(.5, color=INK, linewidth=1.2)
    return ax


def signs_figure(table: pd.DataFrame, reference: str, what: str) -> Axes:
    """Draw the share of points at which each strategy is ahead of the reference, by scenario.

    Parameters
    ----------
    table : DataFrame
        Of `signs.signs`.
    reference, what : str
    """
    worlds, strategies = list(dict.fromkeys(table["scenario"])), list(dict.fromkeys(table["strategy"]))
    shape = len(worlds), len(strategies)
    ahead = 100 * table["ahead"].to_numpy().reshape(shape)
    sure = ((table["ahead_low"] > .5) | (table["ahead_high"] < .5)).to_numpy().reshape(shape)
    texts = [[f"{value:.0f}" if np.isfinite(value) else "" for value in row] for row in ahead]
    note = (f"Share of {int(table['points'].max())} points of the design, %, at which {what} is better than under "
            f"{reference} on the same luck. Blue: more than half of them; orange: fewer; pale and grey: not clearly "
            "either.")
    framed = np.zeros(shape, dtype=bool)
    if "clear" in table:
        sign = np.where(table["clear"], np.sign(table["difference"]), 0).reshape(shape)
        framed = table["survives"].to_numpy(dtype=bool).reshape(shape)
        texts = [[f"{text} {'▼▲'[int(side > 0)]}" if side and text else text for text, side in zip(*pair, strict=True)]
                 for pair in zip(texts, sign, strict=True)]
        note += (f" ▲ clearly higher at the defaults, ▼ clearly lower; framed: with that sign at {percent(MOST)} or "
                 "more of the points.")
    with mpl.rc_context(STYLE):
        (ax,) = canvas(1.15 * ROW * len(worlds), choice_findings.signs_finding(table, reference), note, margin(worlds),
                       (max(CELL * len(strategies), 4.0),), right=1.7, below=.15, above=.25 + slanted(strategies))
        cells(ax, ahead, strategies, worlds, texts, sure, DIVERGING, (0, 100))
        for i, j in np.argwhere(framed):
            ax.add_patch(Rectangle((j - .46, i - .42), .92, .84, fill=False, edgecolor=INK, linewidth=1.5, zorder=3))
    return ax
