"""The viewer as HTML: part of a page, or a page of its own with a film inside, which asks for nothing from anywhere."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

STATIC = Path(__file__).parent / "static"
COLOURS = Path(__file__).parent.parent / "report" / "templates" / "_colours.css"
SCRIPTS = ("world", "network", "chart", "story", "player")
"""What a page with the viewer needs, in this order; `replay` or `live` follow."""

STEPS, LEAST = 200, 1e-3
"""Steps of revenue in a factor e, and k€ a month that stand for none."""


@cache
def styles() -> str:
    """Return the style of the viewer, for a page that has the variables of `colours`."""
    return further("viewer.css")


@cache
def colours() -> str:
    """Return the colours of allysim's pages as variables."""
    return COLOURS.read_text(encoding="utf-8")


@cache
def script(*names: str) -> str:
    """Return the scripts of the viewer, and others by name, in one."""
    return "\n".join(further(f"{name}.js") for name in (*SCRIPTS, *names))


@cache
def further(name: str) -> str:
    """Return another file of this folder as text."""
    return (STATIC / name).read_text(encoding="utf-8")


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(loader=jinja2.FileSystemLoader(STATIC), autoescape=True, trim_blocks=True,
                              lstrip_blocks=True, undefined=jinja2.StrictUndefined)


def packed(worlds: Sequence[dict[str, Any]], bands: dict[str, Any] | None = None) -> str:
    """Return films compressed as text, for the browser to unpack.

    Parameters
    ----------
    worlds : sequence of dict
        One or two of `allysim.viewer.film.film`, each with its ``name``.
    bands : dict, optional
        Of `allysim.viewer.lucks.bands`.
    """
    content = {"worlds": list(map(_squeezed, worlds)), "bands": bands}
    film = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(film.encode(), 9)).decode()


def _squeezed(world: dict[str, Any]) -> dict[str, Any]:
    """Return a film with revenue and profit as whole steps from month to month, which pack into a third.

    A step of revenue is half a per cent, one of profit a thousandth of the slot's greatest; `replay.js` undoes it.
    """
    frames = world["frames"]
    revenue, profit = (np.array([frame[name] for frame in frames], dtype=float) for name in "rp")
    scale = np.abs(profit).max(axis=0) / 1000
    scale[scale == 0.0] = 1.0
    grid = {"r": np.rint(STEPS * np.log(np.maximum(revenue, LEAST))), "p": np.rint(profit / scale)}
    steps = {name: np.diff(values, axis=0, prepend=0.0).astype(int).tolist() for name, values in grid.items()}
    rest = [{name: value for name, value in frame.items() if name not in grid} for frame in frames]
    return {**world, "frames": rest, "steps": {**steps, "scale": [float(f"{one:.4g}") for one in scale.tolist()]}}


def fragment(film: str = "", two: bool = True, name: str = "viewer", ended: bool = False,
             still: int | None = None) -> str:
    """Return the viewer to stand in a page that has `styles`, `colours` and `script`.

    Parameters
    ----------
    film : str
        Of `packed`; empty where another script shows worlds.
    name : str
        Distinguishes it from other viewers of the page.
    ended : bool
        Show the last month first.
    still : int, optional
        A month that print shows beside it.
    """
    return str(_environment().get_template("viewer.html").render(film=film, two=two, id=name, ended=ended, still=still))


def render(template: str, **parts: Any) -> str:
    """Return a page of this folder's templates."""
    return str(_environment().get_template(template).render(colours=colours(), css=styles(), **parts))
