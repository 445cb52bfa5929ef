"""Numbers in sentences: as many digits as their interval carries, and no more."""

import math
from collections.abc import Iterable

from allysim.kpis import KPIS, Kpi

GROUP_NAMES = {"focal": "the focal firms", "population": "all firms"}
TYPE_NAMES = {"procurement": "pooled procurement", "coopetition": "co-opetition", "rnd": "R&D",
              "infrastructure": "shared infrastructure"}
"""Type of alliance to its name in pictures."""


def kpi_of(name: str) -> Kpi:
    """Return the description of a figure; a user's own outcome has a name and nothing else."""
    return KPIS.get(name) or Kpi(name, "", "last", 0, "your own outcome")


def decimals(low: float, high: float) -> int:
    """Return the decimals that show half the width of an interval with two digits."""
    half = (high - low) / 2
    if not math.isfinite(half) or half <= 0:
        half = max(abs(low), abs(high)) / 50 if math.isfinite(low) and low else 1.0
    return min(9, max(0, 1 - math.floor(math.log10(half))))


def number(value: float, places: int, sign: bool = False) -> str:
    """Return a number with so many decimals and thin groups of thousands, "n/a" where there is none."""
    if not math.isfinite(value):
        return "n/a"
    text = f"{value:+,.{places}f}" if sign else f"{value:,.{places}f}"
    if not text.strip("+-0.,"):  # no "-0.0" and no "+0.0"
        text = text.lstrip("+-")
    return text.replace(",", " ")


def plain(value: float) -> str:
    """Return a number with four significant digits where it stands for itself."""
    if not math.isfinite(value):
        return "n/a"
    places = 0 if value == 0 else min(9, max(0, 3 - math.floor(math.log10(abs(value)))))
    return number(value, min(places, 4))


def spread(low: float, high: float, places: int) -> str:
    """Return an interval in words, with signs."""
    return f"{number(low, places, sign=True)} to {number(high, places, sign=True)}"


def joined(things: Iterable[object]) -> str:
    """Return "a", "a and b", or "a, b and c"."""
    *others, last = map(str, things)
    return f"{', '.join(others)} and {last}" if others else last


def sentence(text: str) -> str:
    """Return the text with a capital first letter, the rest as it is; a setting as ``scope=none`` keeps its own."""
    return text if "=" in text.partition(" ")[0] else text[:1].upper() + text[1:]
