"""Text and pictures made ready to stand in a page."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import numpy as np

from allysim.report import figures
from allysim.report.canvas import HEADING, heading_of

COLOURS = {"#1f2328": "ink", "#5c636b": "grey", "#d9dce0": "line", "#ffffff": "paper", "#000000": "ink",
           "#0072b2": "c0", "#d55e00": "c1", "#009e73": "c2", "#cc79a7": "c3", "#e69f00": "c4", "#56b4e9": "c5"}
"""Colour of a drawing to the variable of the page that stands for it, so that a dark page has light lines."""


def environment() -> Any:
    """Return what renders the templates of pages, with the filter ``pretty``."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    made.filters["pretty"] = pretty
    return made


def inlined(axes: Any, salt: str, title: str = "") -> str:
    """Return a picture to stand in the page, named by its title or by the caption.

    Its colours follow the page's, light or dark, but for one that holds an image of shaded cells. Title and note are
    left to the page (`noted`), whose words wrap.
    """
    figure = np.ravel(axes)[0].figure
    cut = 72 * heading_of(figure)[1]
    for text in figure.findobj(lambda artist: artist.get_gid() == HEADING):
        text.set_visible(False)
    drawing = re.sub(r">[^<>]*<", lambda text: pretty(text[0]), figures.svg(axes, salt=salt))
    drawing = re.sub(r'viewBox="0 0 ([\d.]+) ([\d.]+)"',
                     lambda box: f'viewBox="0 {cut:.6g} {box[1]} {float(box[2]) - cut:.6g}"', drawing, count=1)
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", drawing)
    width = re.search(r'\bwidth="([\d.]+)pt"', drawing)
    drawing = re.sub(r'(<svg[^>]*?)\swidth="[^"]*"', r"\1", drawing, count=1)
    drawing = re.sub(r'(<svg[^>]*?)\sheight="[^"]*"', r"\1", drawing, count=1)
    size = f'style="--wide:{float(width[1]) * 1.25:.0f}px" ' if width else ""
    name = f'aria-label="{html.escape(title)}"' if title else 'aria-labelledby="caption"'
    if "<image" in drawing:
        size = f'class="card" {size}'
    else:
        drawing = re.sub("|".join(COLOURS), lambda found: f"var(--{COLOURS[found[0]]})", drawing)
    return drawing.replace("<svg", f'<svg role="img" {name} {size}', 1)


def noted(axes: Any) -> str:
    """Return the note of a picture, which `inlined` leaves to the page."""
    return heading_of(np.ravel(axes)[0].figure)[0]


def pretty(text: str) -> str:
    """Set true minus signs and keep numbers and their units on one line."""
    text = re.sub(r"(?<![\w-])-(?=\d)", "−", text)
    return re.sub(r"(?<=\d) (?=%|k€|\d{3}\b)", "\u00a0", text)
