"""Figures laid out in inches: a finding as title, notes below it, panels in a row, names of parameters beside them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from allysim.analysis.words import about_of
from allysim.report.labels import GREY, INK

BLUE, ORANGE, PALE = "#0072B2", "#D55E00", "#9fc9e3"
RISING = LinearSegmentedColormap.from_list("rising", ["#ffffff", "#cfe3f1", "#7fb6da", BLUE])
FALLING = LinearSegmentedColormap.from_list("falling", ["#ffffff", "#f9ddcb", "#eda97b", ORANGE])
DIVERGING = LinearSegmentedColormap.from_list("diverging", [ORANGE, "#f2b68f", "#ffffff", "#93c1df", BLUE])
CHARACTER = .068
"""Inches a character of a label takes."""
HEADING = "heading"
"""Id of title and note of a figure, which `markup.inlined` leaves to the page."""
ROW = .27
"""Inches of a row of a table that is drawn."""


def canvas(tall: float, title: str, note: str, left: float, panels: Sequence[float], gap: float = .3,
           right: float = .2, below: float = .5, above: float = .3) -> list[Any]:
    """Make a figure of panels in a row and return their axes.

    Parameters
    ----------
    tall : float
        Height of the panels in inches.
    title, note : str
        Wrapped to the width.
    left, right, below, above : float
        Inches around the panels, below title and note.
    panels : sequence of float
        Their widths in inches.
    gap : float
        Inches between them.
    """
    wide = left + sum(panels) + gap * (len(panels) - 1) + right
    titles, notes = textwrap.wrap(title, int(wide / .105)), textwrap.wrap(note, int(wide / .066))
    heading = .23 * len(titles) + .165 * len(notes) + above
    high = heading + tall + below
    figure, axes, start = Figure(figsize=(wide, high)), [], left
    for width in panels:
        axes.append(figure.add_axes((start / wide, below / high, width / wide, tall / high)))
        start += width + gap
    figure.text(.1 / wide, 1 - .06 / high, "\n".join(titles), va="top", fontsize=12.5, fontweight="bold", gid=HEADING)
    figure.text(.1 / wide, 1 - (.12 + .23 * len(titles)) / high, "\n".join(notes), va="top", fontsize=8.8, color=GREY,
                gid=HEADING)
    return axes


def heading_of(figure: Any) -> tuple[str, float]:
    """Return the note of a figure in one line, "" if it has none, and the inches that title and note take."""
    texts = [text.get_text() for text in figure.texts if text.get_gid() == HEADING]
    lines = [text.count("\n") + bool(text) for text in texts] or [0, 0]
    return texts[-1].replace("\n", " ") if texts else "", .23 * lines[0] + .165 * lines[1]


def parameter_label(key: str) -> str:
    """Return a dotted key with its unit, where it has one."""
    from allysim.config.scenario import settable

    known = settable().get(key)
    return f"{key}, {known.parameter.unit}" if known and known.parameter.unit else key


def worded_label(key: str, width: int = 38) -> str:
    """Return what a settable number is in lines of a width, and below it its key with the unit."""
    return "\n".join([*textwrap.wrap(about, width), parameter_label(key)]) if (about := about_of(key)) != key else key


def margin(labels: Iterable[str]) -> float:
    """Return the inches that the longest line of some labels takes beside a panel."""
    return .3 + CHARACTER * max(len(line) for label in labels for line in label.split("\n"))


def row_of(labels: Iterable[str]) -> float:
    """Return the inches of a row that has room for the label of most lines."""
    return max(ROW * 1.1, .15 * (1 + max(label.count("\n") + 1 for label in labels)))


def slanted(labels: Iterable[str]) -> float:
    """Return the height in inches of the longest of some labels written aslant."""
    return .25 + .6 * CHARACTER * max(map(len, labels))


def name_rows(ax: Any, labels: Sequence[str]) -> None:
    """Name rows from above, at 0, 1, 2 and so on; lines run up and down only."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - .5, -.5)
    ax.tick_params(axis="y", labelcolor=INK)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)


def cells(ax: Any, values: np.ndarray, columns: Sequence[str], rows: Sequence[str], texts: Sequence[Sequence[str]],
          sure: np.ndarray, shades: Any, limits: tuple[float, float]) -> None:
    """Draw a table whose cells are shaded by their value; those that are not sure are pale with a grey text.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        NaN where a cell stays empty.
    texts : sequence of sequences of str
    sure : ndarray of bool, shape (rows, columns)
    shades : Colormap
    limits : (float, float)
        Values at its two ends.
    """
    low, high = limits
    place = np.clip((values - low) / ((high - low) or 1.0), 0, 1)
    colours = shades(np.nan_to_num(place, nan=.5))
    pale = ~sure[..., None] * np.array([1.0, 1.0, 1.0, 0.0])
    colours[..., :3] = np.where(pale[..., :3] > 0, .75 + .25 * colours[..., :3], colours[..., :3])
    colours[np.isnan(values)] = (1, 1, 1, 0)
    ax.imshow(colours, aspect="auto", interpolation="nearest")
    ax.set_xticks(range(len(columns)), columns, rotation=35, ha="left", rotation_mode="anchor")
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(top=True, bottom=False, labeltop=True, labelbottom=False, length=0, labelcolor=INK)
    ax.set_xticks(np.arange(len(columns) - 1) + .5, minor=True)
    ax.set_yticks(np.arange(len(rows) - 1) + .5, minor=True)
    ax.grid(visible=False)
    ax.grid(which="minor", color="white", linewidth=1.5, visible=True)
    ax.tick_params(which="minor", length=0)
    ax.spines[:].set_visible(False)
    for i in range(len(rows)):
        for j in range(len(columns)):
            dark = sure[i, j] and colours[i, j, :3] @ (.299, .587, .114) < .55
            ax.text(j, i, texts[i][j], ha="center", va="center", fontsize=8.4,
                    color="white" if dark else INK if sure[i, j] else GREY)
