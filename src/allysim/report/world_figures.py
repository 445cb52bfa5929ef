"""Pictures of strategies over worlds, of luck and assumption, of failing points and of lifetimes.

All functions return axes of a new figure, to be written by `figures.save` with the table they draw. `what` names
the outcome in the middle of a sentence, `unit` is its unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.patches import Rectangle

from allysim.analysis.boxes import Box
from allysim.analysis.regret import Regret
from allysim.analysis.survival import Survival
from allysim.analysis.variance import Split
from allysim.analysis.words import joined, sentence
from allysim.report import study_findings
from allysim.report.canvas import (
    BLUE,
    DIVERGING,
    FALLING,
    ORANGE,
    ROW,
    canvas,
    cells,
    margin,
    name_rows,
    slanted,
    worded_label,
)
from allysim.report.figures import COLOURS, DASHES, FAINT, STYLE
from allysim.report.labels import GREY, INK, End, label_ends, label_width, month_axis
from allysim.report.study_findings import percent, world_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELL = .72
BINS = 8
AT_RISK = 10
"""Alliances of an age below which no curve of how long they last is drawn: a single end would move it by a tenth."""
MOST_WORLDS = 30


def split_figure(splits: Mapping[str, Split]) -> Axes:
    """Draw what of the variance comes from assumptions, from seeds as such, and from luck at single points.

    Parameters
    ----------
    splits : mapping of str to Split
        `variance.split` of each outcome, by what it is called.
    """
    names = [sentence(name) for name in splits]
    note = ("Variance over points and seeds. Blue: between points, that is, assumptions, with the 95 % interval of "
            "that share; dark grey: what a seed shifts everywhere; light grey: what it does at single points.")
    with mpl.rc_context(STYLE):
        (ax,) = canvas(.45 * len(names), study_findings.split_finding(splits), note, margin(names), (5.2,), right=.4)
        for y, found in enumerate(splits.values()):
            if not found.total:
                ax.text(1, y, "does not vary", va="center", fontsize=8.4, color=GREY)
                continue
            share, seeds = found.share_of_assumption, found.seeds / found.total
            for start, end, colour in ((0, share, BLUE), (share, share + seeds, GREY), (share + seeds, 1, FAINT)):
                ax.barh(y, 100 * (end - start), left=100 * start, height=.6, color=colour)
            for colour, width in (("white", 3.6), (INK, 1.4)):
                ax.plot([100 * found.low, 100 * found.high], [y, y], color=colour, linewidth=width, marker="|",
                        markersize=9, markeredgewidth=width)
            if share > .12:
                ax.text(1.5, y - .17, percent(share), va="center", color="white", fontsize=8.8, fontweight="bold")
        name_rows(ax, names)
        ax.set_xlim(0, 100)
        ax.set_xlabel("share of variance, %", loc="left")
    return ax


def box_figure(x: np.ndarray, failing: np.ndarray, keys: Sequence[str], found: Box, fails: str = "fail",
               axes: tuple[str, str] | None = None) -> Axes:
    """Draw points over two parameters, those that fail, and the box.

    Parameters
    ----------
    x : ndarray, shape (points, parameters)
    failing : ndarray of bool, shape (points,)
    keys : sequence of str
    found : Box
        From `boxes.box`.
    fails : str
        What failing points do, as in "lose money".
    axes : (str, str), optional
        The two parameters; by default those that narrow the box most, and along one alone how often points fail.
    """
    keys, failing = list(keys), np.asarray(failing, dtype=bool)
    limits = {limit.key: limit for limit in found.limits}
    if len(limits) == 1 and axes is None:
        return _strip(x[:, keys.index(found.limits[0].key)], failing, found, fails)
    across, up = axes or _leading(x, keys, found)
    a, b = keys.index(across), keys.index(up)
    others = [key for key in limits if key not in (across, up)]
    title = found.claim(fails).replace("`", "")
    note = f"{found.evidence(fails)} Filled: points that {fails}; hollow: the others.".lstrip()
    if limits:
        title += "" if found.confirmed else "; held-out points do not confirm it"
        note += f" Frame: the box{', which ' + joined(others) + ' narrows further' if others else ''}."
    with mpl.rc_context(STYLE):
        (ax,) = canvas(3.6, title, note, 1.3, (5.4,), below=.7)
        ax.plot(x[~failing, a], x[~failing, b], "o", color=BLUE, markerfacecolor="none", markersize=4.5, alpha=.75)
        ax.plot(x[failing, a], x[failing, b], "o", color=ORANGE, markersize=5)
        ends = []
        for k, key in ((a, across), (b, up)):
            edge, limit = .03 * np.ptp(x[:, k]), limits.get(key)
            low, high = x[:, k].min() - edge, x[:, k].max() + edge
            ends.append((low, high, *(low if limit is None or np.isnan(limit.low) else limit.low,
                                      high if limit is None or np.isnan(limit.high) else limit.high)))
        ax.set_xlim(ends[0][:2])
        ax.set_ylim(ends[1][:2])
        if limits:
            corner, size = (ends[0][2], ends[1][2]), (ends[0][3] - ends[0][2], ends[1][3] - ends[1][2])
            ax.add_patch(Rectangle(corner, *size, facecolor=ORANGE, alpha=.10, zorder=0))
            ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor=INK, linewidth=1.6, clip_on=False,
                                   linestyle="-" if found.confirmed else "--"))
        ax.grid(visible=False)
        ax.set_xlabel(worded_label(across, 80), loc="left", color=INK)
        ax.set_ylabel(worded_label(up, 46), loc="bottom", color=INK)
    return ax


def _strip(x: np.ndarray, failing: np.ndarray, found: Box, fails: str) -> Axes:
    """Draw how many points fail along the one parameter that a box is of, (points,), and the box."""
    limit = found.limits[0]
    title = found.claim(fails).replace("`", "") + ("" if found.confirmed else "; held-out points do not confirm it")
    note = (f"{found.evidence(fails)} Bars: points by the value of that number, filled those that {fails}, with their "
            "share above. Frame: the box.").lstrip()
    edges = np.linspace(x.min(), x.max(), BINS + 1)
    every, those = (np.histogram(values, edges)[0] for values in (x, x[failing]))
    with mpl.rc_context(STYLE):
        (ax,) = canvas(2.2, title, note, .8, (5.4,), below=.7)
        width = np.diff(edges)
        ax.bar(edges[:-1], every, width=.9 * width, align="edge", color="none", edgecolor=BLUE)
        ax.bar(edges[:-1], those, width=.9 * width, align="edge", color=ORANGE)
        for left, step, count, part in zip(edges, width, every, those, strict=False):
            if count:
                ax.text(left + .45 * step, count + .02 * every.max(), percent(part / count), ha="center", fontsize=8.4,
                        color=INK)
        top = 1.18 * every.max()
        low, high = (edges[end] if np.isnan(at) else at for end, at in ((0, limit.low), (-1, limit.high)))
        ax.add_patch(Rectangle((low, 0), high - low, top, facecolor=ORANGE, alpha=.10, zorder=0))
        ax.add_patch(Rectangle((low, 0), high - low, top, fill=False, edgecolor=INK, linewidth=1.6, clip_on=False,
                               linestyle="-" if found.confirmed else "--"))
        ax.set_xlim(edges[0], edges[-1])
        ax.set_ylim(0, top)
        ax.set_xlabel(worded_label(limit.key, 80), loc="left", color=INK)
        ax.set_ylabel("points", loc="bottom", color=INK)
    return ax


def regret_figure(found: Regret, unit: str) -> Any:
    """Draw regret by world and strategy, and below it each strategy's largest and mean regret.

    Returns
    -------
    array of two Axes
    """
    strategies = list(found.table.columns)
    drawn = found.table.iloc[np.sort(np.argsort(-found.table.max(axis=1).to_numpy(), kind="stable")[:MOST_WORLDS])]
    table = drawn.to_numpy(dtype=float)
    order = np.argsort(found.summary["maximum"].to_numpy(), kind="stable")
    summary = found.summary.iloc[order]
    table, strategies = table[:, order], [strategies[k] for k in order]
    worlds = [world_name(world) for world in drawn.index]
    below = summary[["maximum", "mean"]].to_numpy(dtype=float).T
    chosen = summary[["by_maximum", "by_mean"]].to_numpy(dtype=float).T
    note = (f"By how much a strategy falls short of the best of its scenario, {unit}; 0 is the best. Below: over all "
            "scenarios, and how often a strategy would be chosen by it when seeds are drawn anew.")
    if len(drawn) < len(found.table):
        note += f" Drawn are the {len(drawn)} of {len(found.table)} worlds with the largest regret."
    under = ["largest regret", "mean regret", "chosen by largest", "chosen by mean"]
    row = 1.15 * ROW
    body, foot_tall = row * len(worlds), row * len(under)
    tall = body + .2 + foot_tall
    with mpl.rc_context(STYLE):
        (ax,) = canvas(tall, study_findings.regret_finding(found, unit), note, margin([*worlds, *under]),
                       (max(CELL * len(strategies), 4.0),), right=1.4, below=.15, above=.25 + slanted(strategies))
        left, bottom, across, up = ax.get_position().bounds
        ax.set_position((left, bottom + up * (1 - body / tall), across, up * body / tall))
        foot = ax.figure.add_axes((left, bottom, across, up * foot_tall / tall))
        limits = (0.0, float(table.max()) or 1.0)
        cells(ax, table, strategies, worlds, _numbers(table), np.ones(table.shape, dtype=bool), FALLING, limits)
        filled = np.concatenate([below, np.full(chosen.shape, 0.0)])
        texts = [*_numbers(below), *[[percent(share) for share in row] for row in chosen]]
        cells(foot, filled, strategies, under, texts, np.ones(filled.shape, dtype=bool), FALLING, limits)
        foot.set_xticks([])
        for i, figures in enumerate((*below, *-chosen)):
            foot.texts[i * len(strategies) + int(figures.argmin())].set_fontweight("bold")
    return np.array([ax, foot])


def survival_figure(found: Survival) -> Any:
    """Draw how many alliances last longer than so many months, and below how many were still there.

    Returns
    -------
    array of two Axes
    """
    names = list(found.table["group"])
    last = int(found.curves["month"].max())
    note = ("Share of alliances that last longer than so many months (Kaplan-Meier, with its 95 % interval); those "
            f"still running count as long as they were seen. Below: alliances still there at that age; a curve ends "
            f"where fewer than {AT_RISK} are.")
    with mpl.rc_context(STYLE):
        (ax,) = canvas(2.7, study_findings.survival_finding(found), note, margin([*names, "100 %"]) + .15, (5.2,),
                       right=label_width(names), below=.75 + .2 * len(names))
        figure, box = ax.figure, ax.get_position()
        high = figure.get_size_inches()[1]
        foot = figure.add_axes((box.x0, .1 / high, box.width, .2 * len(names) / high))
        ends = []
        for k, name in enumerate(names):
            curve, colour = found.curves[found.curves["group"] == name], COLOURS[k % len(COLOURS)]
            ticks = dict(zip(curve["month"], curve["at_risk"], strict=True))
            curve = curve[(curve["at_risk"] >= AT_RISK).cummin()]
            ax.fill_between(curve["month"], curve["low"], curve["high"], step="post", color=colour, alpha=.18, lw=0)
            ax.step(curve["month"], curve["alive"], where="post", color=colour, linestyle=DASHES[k % len(DASHES)])
            if len(curve):
                alive, month = float(curve["alive"].iloc[-1]), int(curve["month"].iloc[-1])
                until = f" at {month} months" if month < last else ""
                ends.append(End(alive, name, percent(alive) + until, colour, month))
            foot.annotate(name, (0, k), xytext=(-18, 0), textcoords="offset points", ha="right", va="center",
                          color=colour, fontsize=8.8, fontweight="bold", annotation_clip=False)
            month_axis(ax, max(last, 1))
            for month in ax.get_xticks():
                foot.text(month, k, f"{ticks.get(int(month), 0)}", ha="center", va="center", fontsize=8.4, color=INK)
        ax.set_ylim(0, 1.03)
        label_ends(ax, last, ends)
        ax.set_yticks((0, .25, .5, .75, 1), ("0 %", "25 %", "50 %", "75 %", "100 %"))
        ax.set_xlabel("months since the alliance was founded", loc="left")
        foot.set_xlim(ax.get_xlim())
        foot.set_ylim(len(names) - .5, -.5)
        foot.axis("off")
    return np.array([ax, foot])


def differences_figure(mean: np.ndarray, low: np.ndarray, high: np.ndarray, scenarios: Sequence[str],
                       strategies: Sequence[str], reference: str, what: str, unit: str, better: int = 1) -> Axes:
    """Draw paired differences from a reference by scenario and strategy.

    Parameters
    ----------
    mean, low, high : ndarray, shape (scenarios, strategies)
        Paired differences and their 95 % intervals, NaN where there is none.
    scenarios, strategies : sequence of str
    reference : str
        The strategy they are differences from.
    what, unit : str
    better : int
        +1 where more is better (blue), -1 where less is, 0 for neither.
    """
    sure = (low > 0) | (high < 0)
    most = float(np.nanmax(np.abs(mean), initial=0)) or 1.0
    side = ("higher", "lower") if better == 0 else ("better", "worse")
    note = (f"Difference in {what} from {reference} on the same luck, {unit}. Blue: {side[0]}; orange: {side[1]}; pale "
            "and grey: no clear difference, the 95 % interval contains zero.")
    with mpl.rc_context(STYLE):
        (ax,) = canvas(1.15 * ROW * len(scenarios),
                       study_findings.differences_finding(low, high, list(strategies), reference, better), note,
                       margin(scenarios), (max(CELL * len(strategies), 4.0),), right=1.4, below=.15,
                       above=.25 + slanted(strategies))
        cells(ax, mean, strategies, scenarios, _numbers(mean, sign=True), sure,
              DIVERGING.reversed() if better < 0 else DIVERGING, (-most, most))
    return ax


def _numbers(values: np.ndarray, sign: bool = False) -> list[list[str]]:
    """Return the texts of a table on one number of decimals: three digits for its largest value."""
    from allysim.analysis.words import decimals, number

    known = np.abs(values[np.isfinite(values)])
    places = decimals(0, float(known.max()) / 5) if known.size and known.max() else 0
    return [[number(float(value), places, sign).replace("-", "−") if np.isfinite(value) else "" for value in row]
            for row in values]


def _leading(x: np.ndarray, keys: list[str], found: Box) -> tuple[str, str]:
    """Return the parameters that a box narrows most, filled up with the first of the others."""
    doubts = {limit.key: np.nanmin([limit.p_low, limit.p_high]) for limit in found.limits}
    first = sorted(doubts, key=lambda key: float(doubts[key])) + [key for key in keys if key not in doubts]
    return first[0], first[1]
