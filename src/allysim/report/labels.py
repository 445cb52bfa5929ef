"""Labels of pictures: the axis of months, and names at the ends of lines in place of a legend."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, GREY = "#1f2328", "#5c636b"


def month_axis(ax: Axes, months: int) -> None:
    """Mark months from 0 to the last, about six times."""
    ax.set_xlim(0, months)
    step = next((step for step in (1, 2, 3, 6, 12, 24, 60, 120) if months / step <= 6), 240)
    ax.set_xticks(range(0, months + 1, step))
    ax.set_xlabel("month", loc="left")


class End(NamedTuple):
    """Where a line ends: its last value, its name and value in words, its colour; its month if it ends early."""

    at: float
    name: str
    value: str
    colour: str
    month: int | None = None


def end_lines(name: str, value: str) -> list[str]:
    """Return the lines of a label: a name, wrapped, and a value."""
    return [*textwrap.wrap(name, 22, break_long_words=False), *([value] if value else [])]


def label_width(names: list[str]) -> float:
    """Inches that the column of names takes on the right of a panel."""
    return .35 + .079 * max(len(line) for name in names for line in end_lines(name, "+1 000 k€"))


def label_ends(ax: Axes, months: int, ends: list[End]) -> None:
    """Write each line's name and last value to the right of its end, pushed apart where they would overlap."""
    low, high = ax.get_ylim()
    inch = (high - low) / (ax.bbox.height / ax.figure.dpi)
    ends = sorted((end for end in ends if np.isfinite(end.at)), key=lambda end: end.at)
    texts = [end_lines(end.name, end.value) for end in ends]
    heights = [.155 * len(text) * inch + .04 * inch for text in texts]
    places, floor = [], low - .2 * inch
    for end, height in zip(ends, heights, strict=True):  # from below, each above the one before
        places.append(max(end.at, floor + height / 2))
        floor = places[-1] + height / 2
    ceiling = high + .2 * inch
    for i in reversed(range(len(ends))):  # and back down where that left the top
        places[i] = min(places[i], ceiling - heights[i] / 2)
        ceiling = places[i] - heights[i] / 2
    for end, text, place in zip(ends, texts, places, strict=True):
        at = months if end.month is None else end.month
        ax.plot([at, months], [end.at] * 2, ":", color=end.colour, linewidth=.9)
        ax.plot([at], [end.at], "o", color=end.colour, markersize=4.5, clip_on=False, zorder=5)
        inches = (place - end.at) / inch
        ax.annotate("\n".join(text), (months, end.at), xytext=(9, 72 * inches), textcoords="offset points", va="center",
                    fontsize=8.8, linespacing=1.15, annotation_clip=False, color=GREY if end.colour == GREY else INK,
                    arrowprops={"arrowstyle": "-", "color": end.colour, "linewidth": .9, "relpos": (0, .5),
                                "shrinkA": 0, "shrinkB": 2})

