"""Pictures of which parameters move an outcome; each title says what was found.

All functions return axes of a new figure, to be written by `figures.save` with the table they draw. `what` names
the outcome in the middle of a sentence ("cumulative economic profit of the focal firms"), `unit` is its unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from allysim.analysis.design import whole
from allysim.analysis.effects import main_effect
from allysim.report import study_findings
from allysim.report.canvas import (
    BLUE,
    ORANGE,
    RISING,
    ROW,
    canvas,
    cells,
    margin,
    name_rows,
    parameter_label,
    row_of,
    slanted,
    worded_label,
)
from allysim.report.figures import STYLE
from allysim.report.labels import GREY, INK
from allysim.report.study_findings import amount, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS, MOST_WORDED, MOST_PAIRED, MOST_PANELS = 20, 6, 10, 6


def screening_figure(table: pd.DataFrame, what: str, unit: str) -> Any:
    """Draw mu* with its interval and what luck alone would show, and sigma beside it.

    Parameters
    ----------
    table : DataFrame
        `sensitivity.screening(...).table`; the first 20 rows are drawn.
    what, unit : str

    Returns
    -------
    array of two Axes
    """
    rows = table.head(MOST_ROWS)
    labels = [parameter_label(key) for key in rows["key"]]
    at = np.arange(len(rows))
    note = ("Left, dots: mean size of the effect of moving a parameter over its range, with its 95 % interval"
            + ("; bars: what luck alone would show. " if rows["luck"].notna().any() else ". ")
            + "Right: how much that effect differs from place to place, because it curves or hangs on other parameters."
            + _cut(table, MOST_ROWS))
    with mpl.rc_context(STYLE):
        size, bend = canvas(ROW * len(rows), study_findings.screening_finding(table, what, unit), note, margin(labels),
                            (3.4, 2.2))
        size.barh(at, rows["luck"].fillna(0), color="#d9dce0", height=.62)
        _intervals(size, at, rows["mu_star"], rows["low"], rows["high"], BLUE)
        bend.plot(rows["sigma"], at, "D", color=ORANGE, markersize=4.5)
        bend.hlines(at, 0, rows["sigma"], color=ORANGE, linewidth=1.2)
        name_rows(size, labels)
        name_rows(bend, [""] * len(rows))
        for ax, words in ((size, "mean size of the effect, µ*"), (bend, "its spread, σ")):
            ax.set_xlim(left=0)
            ax.set_xlabel(f"{words}, {unit}" if unit else words, loc="left")
    return np.array([size, bend])


def indices_figure(table: pd.DataFrame, what: str) -> Axes:
    """Draw first and total Sobol' indices with their intervals; `table` is `sensitivity.indices(...).table`."""
    rows = table.head(MOST_ROWS)
    labels = [parameter_label(key) for key in rows["key"]]
    at = np.arange(len(rows))
    note = ("Share of the variance of the mean over replications: blue, of a parameter alone; orange, with all its "
            "interactions. Lines: 95 % intervals, of what other points could change." + _cut(table, MOST_ROWS))
    with mpl.rc_context(STYLE):
        (ax,) = canvas(.42 * len(rows), study_findings.indices_finding(table, what), note, margin(labels), (4.6,),
                       right=1.4)
        for shift, name, colour in ((-.19, "first", BLUE), (.19, "total", ORANGE)):
            share = 100 * rows[[name, f"{name}_low", f"{name}_high"]].fillna(0)
            ax.barh(at + shift, share[name].clip(lower=0), height=.34, color=colour, alpha=.85)
            ax.hlines(at + shift, share[f"{name}_low"].clip(lower=0), share[f"{name}_high"], color=INK, linewidth=1.1)
        name_rows(ax, labels)
        ax.set_xlim(left=0)
        ax.set_xlabel("share of variance, %", loc="left")
        for y, text, colour in ((-.19, " alone", BLUE), (.19, " with interactions", ORANGE)):
            end = 100 * max(float(rows["first_high" if y < 0 else "total_high"].fillna(0).iloc[0]), 0)
            ax.text(end, y, text, va="center", fontsize=8.4, color=colour, fontweight="bold")
    return ax


def pairs_figure(pairs: pd.DataFrame, what: str) -> Axes:
    """Draw the shares of variance of pairs of parameters as a triangle.

    Parameters
    ----------
    pairs : DataFrame
        Columns key, other, low and second or share: of `sensitivity.indices(...)` or `effects.interactions(...)`. The
        ten parameters with the largest shares are drawn.
    what : str
    """
    share = "second" if "second" in pairs else "share"
    keys = list(dict.fromkeys(pairs[["key", "other"]].to_numpy().ravel()))[:MOST_PAIRED]
    place = {key: k for k, key in enumerate(keys)}
    values = np.full((len(keys), len(keys)), np.nan)
    sure = np.zeros(values.shape, dtype=bool)
    clear = study_findings.clear_pairs(pairs, share)
    for key, other, size, is_clear in zip(pairs["key"], pairs["other"], pairs[share], clear, strict=True):
        if key in place and other in place:
            i, j = sorted((place[key], place[other]), reverse=True)
            values[i, j], sure[i, j] = 100 * size, is_clear
    texts = [[f"{value:.0f}".replace("-0", "0").replace("-", "−") if np.isfinite(value) else "" for value in row]
             for row in values]
    note = ("Share of the variance of the mean over replications that two parameters account for beyond each alone, %. "
            "Pale and grey: not clear, at 95 % for all pairs together.")
    labels = [parameter_label(key) for key in keys]
    top = float(np.nanmax(values, initial=1.0))
    with mpl.rc_context(STYLE):
        (ax,) = canvas(.36 * (len(keys) - 1), study_findings.pairs_finding(pairs, share, what), note, margin(labels),
                       (max(.62 * (len(keys) - 1), 2.6),), right=.6, below=slanted(labels))
        cells(ax, values[1:, :-1], labels[:-1], labels[1:], [row[:-1] for row in texts[1:]], sure[1:, :-1], RISING,
              (0, top))
        _columns_below(ax)
    return ax


def tornado_figure(table: pd.DataFrame, what: str, unit: str) -> Axes:
    """Draw the mean outcome in the lowest and in the highest fifth of each parameter, from `effects.tornado`.

    A few of them have room for what they are, of many stands the key alone.
    """
    rows = table.head(MOST_ROWS)
    labels = [(worded_label if len(rows) <= MOST_WORDED else parameter_label)(key) for key in rows["key"]]
    note = (f"Mean of {what}, {unit}, where a parameter is in its lowest fifth (orange) and in its highest (blue); "
            "right: the difference with its 95 % interval, over points and seeds. About one in twenty would seem clear "
            "by chance." + _cut(table, MOST_ROWS))
    with mpl.rc_context(STYLE):
        (ax,) = canvas(row_of(labels) * len(rows), study_findings.tornado_finding(table, what, unit), note,
                       margin(labels), (4.2,), right=2.3)
        for y, row in enumerate(rows.itertuples()):
            clear = not row.low <= 0 <= row.high
            ax.plot([row.at_low, row.at_high], [y, y], color=GREY if clear else "#d9dce0", linewidth=5 if clear else 3,
                    solid_capstyle="butt", zorder=2)
            ax.plot(row.at_low, y, "o", color=ORANGE, markersize=7, zorder=3)
            ax.plot(row.at_high, y, "o", color=BLUE, markersize=7, zorder=3)
            text = (f"{amount(row.difference, '', row.low, row.high, sign=True)} "
                    f"({amount(row.low, '', row.low, row.high, sign=True)} to "
                    f"{amount(row.high, '', row.low, row.high, sign=True)})" if clear else "no clear difference")
            ax.annotate(text, (1, y), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
                        va="center", fontsize=8.4, color=INK if clear else GREY)
        name_rows(ax, labels)
        ax.margins(x=.06)
        ax.set_xlabel(unit or what, loc="left")
    return ax


def main_effects_figure(x: np.ndarray, y: np.ndarray, keys: Sequence[str], shares: pd.DataFrame, what: str,
                        unit: str) -> Any:
    """Draw the mean outcome along the six strongest parameters, a panel each on one scale.

    Parameters
    ----------
    x, y, keys
        As for `effects.main_effect`.
    shares : DataFrame
        `effects.first_order(...).table`.
    what, unit : str

    Returns
    -------
    array of Axes
    """
    rows = shares.head(MOST_PANELS)
    clear = shares[shares["low"] > 0]
    title = f"No clear effect of any single parameter on {what}"
    if len(clear):
        first, *second = clear.head(2).itertuples()
        also = f" and {second[0].key} for {percent(second[0].share)}" if second else ""
        title = (f"{first.key} accounts for {percent(first.share)}{also} of the variance of {what}; "
                 f"clear effects alone: {len(clear)} of {len(shares)}")
    note = ("Mean over points and replications in bins of a parameter, with its 95 % interval about the mean of all "
            "(grey line). Above each panel: the share of variance of that parameter alone.")
    overall = float(whole(x, y, 1)[1].mean())
    with mpl.rc_context(STYLE):
        axes = canvas(1.9, title, note, .7, [1.75] * len(rows), gap=.25, below=.65, above=.5)
        for ax, row in zip(axes, rows.itertuples(), strict=True):
            bins = main_effect(x, y, list(keys).index(row.key))
            colour = BLUE if row.low > 0 else GREY
            ax.fill_between(bins["middle"], bins["low"], bins["high"], color=colour, alpha=.25, lw=0)
            ax.plot(bins["middle"], bins["mean"], "o-", color=colour, markersize=3.5, linewidth=1.6)
            ax.axhline(overall, color=GREY, linewidth=.9)
            ax.set_xlabel(parameter_label(row.key).replace(", ", ",\n"), loc="left", color=INK, fontsize=8.4)
            ax.set_title(percent(row.share) if row.low > 0 else "no clear effect", loc="left", fontsize=9.5,
                         fontweight="bold" if row.low > 0 else "normal", color=INK if row.low > 0 else GREY)
            ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
        axes[0].set_ylabel(unit, loc="top")
        limits = [ax.get_ylim() for ax in axes]
        for ax in axes:
            ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
            if ax is not axes[0]:
                ax.set_yticklabels([])
    return np.array(axes)


def _intervals(ax: Axes, at: np.ndarray, value: Any, low: Any, high: Any, colour: str) -> None:
    ax.hlines(at, low, high, color=colour, linewidth=2)
    ax.plot(value, at, "o", color=colour, markersize=5.5)


def _columns_below(ax: Axes) -> None:
    """Set the names of columns below a triangle, where its cells are."""
    ax.tick_params(top=False, labeltop=False, labelbottom=True)
    for label in ax.get_xticklabels():
        label.set(rotation=35, ha="right", rotation_mode="anchor")


def _cut(table: pd.DataFrame, most: int) -> str:
    return f" The first {most} of {len(table)} parameters." if len(table) > most else ""
