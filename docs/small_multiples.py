"""Small multiples as SVG, written by hand: the same text for the same numbers wherever it is made."""

from typing import NamedTuple
from xml.sax.saxutils import escape

INK, GREY, FAINT = "#1f2328", "#5c636b", "#d9dce0"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
COLOURS = {
    "electric_shift": "#009E73", "software_defined": "#0072B2", "supply_stress": "#D55E00",
    "commodity_cycle": "#E69F00", "demand_slump": "#56B4E9", "price_war": "#CC79A7", "perfect_storm": "#000000",
}
"""Of Okabe & Ito (2008), which colour-blind readers tell apart; black is dashed, so that what it covers is seen."""

PLOT_WIDTH, PLOT_HEIGHT, LEFT, NAMES = 300, 130, 40, 142  # pixels: axes, room for numbers and for names of lines
ABOVE, BELOW, BETWEEN = 46, 42, 22                        # of a panel: title and unit, axis of months; between panels
MARGIN, COLUMNS = 16, 2


class Line(NamedTuple):
    """A value for each month from 0 on; `colour` is a key of `COLOURS`, "" for grey."""

    name: str
    values: list[float]
    colour: str


class Panel(NamedTuple):
    """One pair of axes."""

    title: str
    unit: str
    lines: list[Line]
    ticks: list[float]
    show: str           # format of a tick
    steps: bool         # whether values leap from month to month


def draw(title: str, panels: list[Panel], months: int, notes: list[str]) -> str:
    """Return the picture as SVG: a heading, panels in rows, notes below."""
    wide = LEFT + PLOT_WIDTH + NAMES
    tall = ABOVE + PLOT_HEIGHT + BELOW
    rows = -(-len(panels) // COLUMNS)
    width = 2 * MARGIN + COLUMNS * wide + (COLUMNS - 1) * BETWEEN
    top = MARGIN + 34
    height = top + rows * tall + 18 * len(notes) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONTS}" role="img" aria-label="{escape(title)}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        text(MARGIN, MARGIN + 16, title, 17, INK, "bold"),
    ]
    for number, panel in enumerate(panels):
        x = MARGIN + (number % COLUMNS) * (wide + BETWEEN)
        y = top + (number // COLUMNS) * tall
        parts += [f'<g transform="translate({x},{y})">', *one(panel, months), "</g>"]
    parts += [text(MARGIN, top + rows * tall + 12 + 18 * k, note, 12, GREY) for k, note in enumerate(notes)]
    return "\n".join([*parts, "</svg>"]) + "\n"


def one(panel: Panel, months: int) -> list[str]:
    """Return a panel: title, unit, axes, lines, and their names beside."""
    low, high = panel.ticks[0], panel.ticks[-1]

    def across(month: float) -> float:
        return LEFT + PLOT_WIDTH * month / months

    def down(value: float) -> float:
        return ABOVE + PLOT_HEIGHT * (high - value) / (high - low)

    parts = [text(0, 14, panel.title, 14, INK, "bold"), text(0, 32, panel.unit, 12, GREY)]
    for tick in panel.ticks:
        parts.append(rule(LEFT, down(tick), LEFT + PLOT_WIDTH, down(tick), FAINT))
        parts.append(text(LEFT - 7, down(tick) + 4, panel.show.format(tick), 11.5, GREY, anchor="end"))
    for month in range(0, months + 1, 24):
        parts.append(rule(across(month), down(low), across(month), down(low) + 4, GREY))
        parts.append(text(across(month), down(low) + 17, str(month), 11.5, GREY, anchor="middle"))
    parts.append(text(across(0) - 4, down(low) + 32, "month", 11.5, GREY))
    for line in panel.lines:
        places = list(enumerate(line.values))
        if panel.steps:  # halfway between months
            places = [(min(max(m + half, 0), months), v) for m, v in places for half in (-.5, .5)]
        points = " ".join(f"{across(m):.1f},{down(v):.1f}" for m, v in places)
        parts.append(f'<polyline points="{points}" fill="none" {stroke(line)}/>')
    beside = LEFT + PLOT_WIDTH + 14
    for number, line in enumerate([*panel.lines[1:], panel.lines[0]]):
        y = ABOVE + 8 + 19 * number
        parts.append(f'<line x1="{beside}" y1="{y}" x2="{beside + 22}" y2="{y}" {stroke(line)}/>')
        parts.append(text(beside + 28, y + 4, line.name, 12, INK if line.colour else GREY))
    return parts


def stroke(line: Line) -> str:
    """Return how a line is drawn."""
    if not line.colour:
        return f'stroke="{GREY}" stroke-width="1.2"'
    dash = ' stroke-dasharray="4 3"' if line.colour == "perfect_storm" else ""
    thick = 1.6 if dash else 3
    return f'stroke="{COLOURS[line.colour]}" stroke-width="{thick}" stroke-linejoin="round"{dash}'


def rule(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    """Return a thin straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="0.8"/>'


def text(x: float, y: float, words: str, size: float, colour: str, weight: str = "normal",
         anchor: str = "start") -> str:
    """Return a line of text."""
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{escape(words)}</text>')
