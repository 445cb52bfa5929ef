"""Pictures that say what they found, each with its data.

Drawn on Figure objects (no global state of matplotlib is touched), in the colours of Okabe & Ito
(2008), which colour-blind readers tell apart; lines also differ in dashes and carry their names.
"""

from __future__ import annotations

import io
import math
import sys
import textwrap
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from allysim.analysis import paired
from allysim.analysis.words import GROUP_NAMES, decimals, joined, kpi_of, number, place, sentence
from allysim.errors import AllysimError
from allysim.report.finding import finding
from allysim.report.labels import GREY, INK, End, label_ends, label_width, month_axis
from allysim.study.comparison import HEADLINE, Comparison
from allysim.study.ensemble import Ensemble

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAINT = "#d9dce0"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)), (0, (3, 1)), (0, (8, 2)), "-")
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
STYLE: Any = {
    "svg.fonttype": "none", "svg.hashsalt": "allysim", "font.size": 9.0, "text.color": INK, "axes.edgecolor": GREY,
    "axes.labelcolor": GREY, "xtick.color": GREY, "ytick.color": GREY, "axes.linewidth": .8, "lines.linewidth": 2.0,
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "ytick.major.size": 0,
    "axes.grid": True, "axes.grid.axis": "y", "grid.color": FAINT, "grid.linewidth": .6, "axes.axisbelow": True,
    "axes.unicode_minus": True,
}
PANEL, HEIGHT, COLUMNS = 3.6, 2.7, 3
"""Size of one panel in inches, without the names beside it, and how many stand in a row."""


def plot(thing: Any, ax: Any = None) -> Any:
    """Draw a run, an ensemble or a comparison and return its axes; a notebook shows a new figure at once.

    Parameters
    ----------
    thing : Run, Ensemble or Comparison
        What to draw.
    ax : matplotlib Axes, or a sequence of them, optional
        Where to draw: one for a run or an ensemble, one for each scenario of a comparison. A new figure by default.

    Raises
    ------
    AllysimError
        Something else was given, too few axes, or there are no series to draw.

    Examples
    --------
    >>> profit, allied = al.plot(al.run(al.scenario(months=24, **{"firms.n": 20})))
    >>> profit.figure.savefig("run.svg")
    """
    from allysim.records import Run

    draw = next((draw for kind, draw in ((Comparison, plot_comparison), (Ensemble, plot_ensemble), (Run, plot_run))
                 if isinstance(thing, kind)), None)
    if draw is None:
        raise AllysimError(f"al.plot draws a run, an ensemble or a comparison, not a {type(thing).__name__}")
    axes = draw(thing, ax)
    if ax is None:
        _show(np.ravel(axes)[0].figure)
    return axes


def _show(figure: Any) -> None:
    """Show a figure in a notebook, which knows of those of pyplot only; elsewhere nothing is done."""
    ipython = sys.modules.get("IPython")
    if ipython is None or not hasattr(ipython.get_ipython(), "kernel"):
        return
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110, bbox_inches="tight")
    ipython.display.display(ipython.display.Image(drawn.getvalue()))


def plot_comparison(comparison: Comparison, ax: Any = None, worlds: list[str] | None = None) -> Any:
    """Draw the paired difference in cumulative economic profit by month, a panel per scenario.

    Parameters
    ----------
    comparison : Comparison
        One that has been run; without series its intervals are drawn instead of bands.
    ax : Axes or sequence of Axes, optional
        One for each panel; a new figure with a title by default.
    worlds : list of str, optional
        Some of `Comparison.worlds`, drawn without the title of the whole, on the range of the whole.

    Returns
    -------
    Axes, or an array of Axes where there are several
    """
    panels = {world: comparison.worlds()[world] for world in worlds or comparison.worlds()}
    with mpl.rc_context(STYLE):
        if ax is not None:
            axes = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
            if len(axes) < len(panels):
                raise AllysimError(f"{len(panels)} scenarios need {len(panels)} axes, not {len(axes)}")
        else:
            names = [name for position in comparison.pairs() for name in comparison.names(position)[1:]]
            width = PANEL + (label_width(names) if comparison.has_series else .2)
            across = width * min(len(panels), COLUMNS)
            title = [] if worlds else textwrap.wrap(finding(comparison), int(across / .105))
            notes = [] if worlds else textwrap.wrap(caption(comparison), int(across / .066))
            tall = HEIGHT if comparison.has_series else .3 + .5 * max(map(len, panels.values()))
            axes = _panels(len(panels), width, tall, title, notes)
        limits = _limits(comparison)
        for panel, (world, positions) in zip(axes, panels.items(), strict=False):
            draw = _draw_bands if comparison.has_series else _draw_intervals
            draw(comparison, panel, positions, limits)
            panel.set_title(_panel_title(comparison, world), loc="left", fontsize=10.5, fontweight="bold")
    return axes[0] if len(panels) == 1 else axes[:len(panels)]


def caption(comparison: Comparison) -> str:
    """Say what `plot_comparison` draws."""
    info = kpi_of(HEADLINE)
    references = dict.fromkeys(comparison.names(position)[2] for position in comparison.pairs())
    text = (f"{info.label} of {GROUP_NAMES[comparison.group]}, difference from {joined(references)} on the same "
            f"luck, {info.unit}. ")
    if not comparison.has_series:
        return text + f"Bars: 95 % interval of the mean of {len(comparison.seeds)} replications."
    text += f"Line and dark band: mean of {len(comparison.seeds)} replications and its 95 % interval"
    return text + ("; pale band: the middle 80 % of them." if _shows_single_runs(comparison) else ".")


def plot_run(run: Any, ax: Any = None) -> Any:
    """Draw cumulative economic profit of a run by month, for the focal firms and for all.

    Parameters
    ----------
    run : Run
        One that recorded its series.
    ax : Axes, optional
        Where to draw it; by default a new figure, with the share of firms in an alliance below.

    Returns
    -------
    Axes, or an array of two
    """
    groups = [group for group in GROUP_NAMES if f"{group}.{HEADLINE}" in run.series.columns]
    with mpl.rc_context(STYLE):
        if ax is not None:
            _draw_run(ax, run, groups, HEADLINE)
            return ax
        figure = Figure(figsize=(6.8, 4.9))
        axes = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (2, 1), "hspace": .3, "left": .08,
                                                               "right": .83, "top": .85, "bottom": .09})
        figure.text(.012, .975, _run_finding(run, groups[0]), va="top", fontsize=12.5, fontweight="bold")
        axes[1].set_ylim(-.02, 1.04)
        axes[1].set_yticks((0, .5, 1), ("0 %", "50 %", "100 %"))
        _draw_run(axes[0], run, groups, HEADLINE)
        _draw_run(axes[1], run, groups, "allied")
        axes[0].set_xlabel("")
    return axes


def plot_ensemble(ensemble: Ensemble, ax: Any = None) -> Any:
    """Draw cumulative economic profit by month: median, 10 % to 90 % of the runs, and the interval of their mean.

    Parameters
    ----------
    ensemble : Ensemble
        One that has been run with its series.
    ax : Axes, optional
        Where to draw it; by default a new figure with a title.
    """
    outcome, info = f"{ensemble.group}.{HEADLINE}", kpi_of(HEADLINE)
    fan, unit = ensemble.bands(outcome), info.unit.split()[0]
    ends = [End(float(value), name, f"{_money(float(value))} {unit}", colour) for value, name, colour in (
        (fan.p90[-1], "9 of 10 runs below", GREY), (fan.p50[-1], "half of all runs", COLOURS[0]),
        (fan.mean[-1], "mean", COLOURS[1]), (fan.p10[-1], "1 of 10 runs below", GREY))]
    with mpl.rc_context(STYLE):
        if ax is None:
            width = 1.6 * PANEL
            title = textwrap.wrap(ensemble.statements()[0], int(width / .085))
            note = (f"{info.label} of {GROUP_NAMES[ensemble.group]}, {info.unit}. Line: median of "
                    f"{len(ensemble.seeds)} runs; pale: the middle 80 % of them; dark: 95 % interval of their mean.")
            (ax,) = _panels(1, width + label_width([end.name for end in ends]), HEIGHT, title,
                            textwrap.wrap(note, int(width / .062)), panel=width)
        ax.fill_between(fan.month, fan.p10, fan.p90, color=COLOURS[0], alpha=.15, lw=0)
        ax.fill_between(fan.month, fan.low, fan.high, color=COLOURS[1], alpha=.4, lw=0)
        ax.plot(fan.month, fan.p50, color=COLOURS[0])
        ax.axhline(0, color=GREY, linewidth=.8)
        month_axis(ax, ensemble.months)
        label_ends(ax, ensemble.months, ends)
    return ax


def ensemble_data(ensemble: Ensemble) -> pd.DataFrame:
    """Return the numbers that `plot_ensemble` draws."""
    series = ensemble.series
    return series[(series["group"] == ensemble.group) & (series["kpi"] == HEADLINE)]


def comparison_data(comparison: Comparison) -> pd.DataFrame:
    """Return the numbers that `plot_comparison` draws."""
    outcome = f"{comparison.group}.{HEADLINE}"
    if not comparison.has_series:
        table = comparison.table
        return table[(table["group"] == comparison.group) & (table["kpi"] == HEADLINE)]
    frames = []
    for position in comparison.pairs():
        variant = comparison.variants[position]
        labels = {"scenario": variant.scenario, "strategy": variant.strategy,
                  "reference": comparison.variants[variant.reference].strategy,
                  "group": comparison.group, "kpi": HEADLINE, "unit": kpi_of(HEADLINE).unit}
        frames.append(pd.DataFrame(labels | comparison.bands(position, outcome)._asdict()))
    return pd.concat(frames, ignore_index=True)


def run_data(run: Any) -> pd.DataFrame:
    """Return the numbers that `plot_run` draws."""
    columns = [f"{group}.{kpi}" for group in GROUP_NAMES for kpi in (HEADLINE, "allied")]
    return run.series[["month", *(name for name in columns if name in run.series.columns)]]


def save(axes: Any, data: pd.DataFrame, path: Path) -> None:
    """Write a picture as SVG and its data beside it as CSV with the same name."""
    path.write_text(svg(axes), encoding="utf-8")
    data.to_csv(path.with_suffix(".csv"), index=False)


def svg(axes: Any, salt: str = "allysim") -> str:
    """Return the figure of some axes as SVG text, the same for the same picture.

    Its words stay words, set in the reader's own sans-serif. `salt` keeps the ids of two pictures on
    one page apart.
    """
    import io

    figure = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()[0].figure
    out = io.StringIO()
    with mpl.rc_context(STYLE | {"svg.hashsalt": salt}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # words stay words: the reader's fonts have it
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg"):].replace("'DejaVu Sans'", FONTS.replace("'", ""))


def _limits(comparison: Comparison) -> tuple[float, float]:
    """Range of all that any panel draws, with a margin."""
    outcome = f"{comparison.group}.{HEADLINE}"
    found: list[Any] = [0.0]
    for position in comparison.pairs():
        if comparison.has_series:
            bands = comparison.bands(position, outcome)
            found += [*bands.sure_low, *bands.sure_high]
            if _shows_single_runs(comparison):
                found += [*bands.difference_low, *bands.difference_high]
        else:
            found += comparison.difference(position, outcome)[1][:3]
    known = np.array(found, dtype=float)
    low, high = known[np.isfinite(known)].min(), known[np.isfinite(known)].max()
    margin = .06 * (high - low) or 1.0
    return low - margin, high + margin


def _shows_single_runs(comparison: Comparison) -> bool:
    """Wide bands on top of each other hide more than they show, so only up to two are drawn."""
    return max(map(len, comparison.worlds().values())) <= 2


def _panels(count: int, width: float, tall: float, title: list[str], notes: list[str], panel: float = PANEL) -> Any:
    """Make a figure of panels below title and notes; sizes in inches, the width with the column of names."""
    columns, rows = min(count, COLUMNS), math.ceil(count / COLUMNS)
    heading = .23 * len(title) + .165 * len(notes) + .06 * bool(title)
    left, below, above = .5, .45, .30
    wide, high = left + columns * width, heading + rows * (above + tall + below)
    figure = Figure(figsize=(wide, high))
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for index, ax in enumerate(axes):
        row, column = divmod(index, columns)
        bottom = high - heading - (row + 1) * (above + tall + below) + below
        ax.set_position([(left + column * width) / wide, bottom / high, (panel - .25) / wide, tall / high])
        ax.set_visible(index < count)
    figure.text(.1 / wide, 1 - .06 / high, "\n".join(title), va="top", fontsize=12.5, fontweight="bold")
    figure.text(.1 / wide, 1 - (.12 + .23 * len(title)) / high, "\n".join(notes), va="top", fontsize=8.8, color=GREY)
    return axes


def _panel_title(comparison: Comparison, world: str) -> str:
    """Name the scenario and, where it holds a single difference, what was found."""
    positions = comparison.worlds()[world]
    where = sentence(place(world)) if world else ""
    if len(positions) > 1:
        return where
    _, found = comparison.difference(positions[0], f"{comparison.group}.{HEADLINE}")
    said = paired.verdict(float(found.low), float(found.high))
    unclear = said in (paired.NO_CLEAR_DIFFERENCE, paired.TOO_FEW)
    text = said if unclear else f"{_signed(found)} {kpi_of(HEADLINE).unit}"
    return f"{where}: {text}" if where else text


def _signed(found: paired.Interval) -> str:
    places = decimals(float(found.low), float(found.high))
    return number(float(found.mean), places, sign=True).replace("-", "−")


def _draw_bands(comparison: Comparison, ax: Axes, positions: list[int], limits: tuple[float, float]) -> None:
    outcome, unit = f"{comparison.group}.{HEADLINE}", kpi_of(HEADLINE).unit.split()[0]
    _, _, reference = comparison.names(positions[0])
    ends = [End(0.0, reference, "", GREY)]
    for index, position in enumerate(positions):
        bands = comparison.bands(position, outcome)
        colour, dash = COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]
        if _shows_single_runs(comparison):
            ax.fill_between(bands.month, bands.difference_low, bands.difference_high, color=colour, alpha=.13, lw=0)
        ax.fill_between(bands.month, bands.sure_low, bands.sure_high, color=colour, alpha=.32, lw=0)
        ax.plot(bands.month, bands.difference, color=colour, linestyle=dash)
        found = comparison.difference(position, outcome)[1]
        ends.append(End(float(bands.difference[-1]), comparison.names(position)[1],
                        f"{_signed(found)} {unit}", colour))
    ax.set_ylim(*limits)
    ax.axhline(0, color=GREY, linewidth=1)
    month_axis(ax, comparison.months)
    label_ends(ax, comparison.months, ends)


def _draw_intervals(comparison: Comparison, ax: Axes, positions: list[int], limits: tuple[float, float]) -> None:
    outcome, unit = f"{comparison.group}.{HEADLINE}", kpi_of(HEADLINE).unit
    for index, position in enumerate(positions):
        _, found = comparison.difference(position, outcome)
        colour = COLOURS[index % len(COLOURS)]
        ax.plot([found.low, found.high], [-index, -index], color=colour, linewidth=6, alpha=.4, solid_capstyle="butt")
        ax.plot([found.mean], [-index], "o", color=colour, markersize=6)
        ax.annotate(f"{comparison.names(position)[1]} {_signed(found)}", (float(found.mean), -index),
                    xytext=(0, 9), textcoords="offset points", ha="center", fontsize=8.8)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set_xlim(*limits)
    ax.set_ylim(.6 - len(positions), .6)
    ax.set_yticks([])
    ax.set_xlabel(f"difference from {comparison.names(positions[0])[2]}, {unit}", loc="left")


def _draw_run(ax: Axes, run: Any, groups: list[str], kpi: str) -> None:
    info, series = kpi_of(kpi), run.series
    ends = []
    for index, group in enumerate(groups):
        values = series[f"{group}.{kpi}"].to_numpy(dtype=float)
        colour = COLOURS[0] if group == "focal" else GREY
        ax.plot(series["month"], values, color=colour, linestyle=DASHES[index], linewidth=2.2 if index == 0 else 1.6)
        value = float(values[-1])
        shown = f"{100 * value:.0f} %" if info.unit.startswith("share") else f"{_money(value)} {info.unit.split()[0]}"
        ends.append(End(value, GROUP_NAMES[group], shown, colour))
    if kpi == HEADLINE:
        ax.axhline(0, color=GREY, linewidth=.8)
    months = int(series["month"].iloc[-1])
    month_axis(ax, months)
    label_ends(ax, months, ends)
    ax.set_title(f"{info.label}, {info.unit}", loc="left", fontsize=8.8, color=GREY)


def _run_finding(run: Any, group: str) -> str:
    value = float(run.series[f"{group}.{HEADLINE}"].iloc[-1])
    months = int(run.series["month"].iloc[-1])
    verb = "earn" if value >= 0 else "lose"
    size = f"{_money(abs(value))} k€ of economic profit per firm"
    return sentence(f"{GROUP_NAMES[group]} {verb} {size} in {months} months")


def _money(value: float) -> str:
    return number(value, decimals(0, value / 5)).replace("-", "−") if value else "0"
