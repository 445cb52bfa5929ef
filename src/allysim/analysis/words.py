"""Numbers in sentences: as many digits as their interval carries, and no more."""

import math
import re
from collections.abc import Iterable

from allysim.kpis import KPIS, Kpi

GROUP_NAMES = {"focal": "the focal firms", "population": "all firms"}
MOST_PLACES = 4
"""Decimals of a number in a sentence or a table: less than their last is next to nothing in any unit of a page."""
TYPE_NAMES = {"procurement": "pooled procurement", "coopetition": "co-opetition", "rnd": "R&D",
              "infrastructure": "shared infrastructure"}
"""Type of alliance to its name in pictures."""
STRATEGIES = {
    "stand_alone": "standing alone", "procurement_first": "buying together", "quick_wins": "going for quick wins",
    "balanced": "a balanced portfolio", "barbell": "a barbell of safe and bold alliances",
    "moonshot": "betting on bold research", "coopetition_hub": "sharing among rivals",
    "rnd_network": "a research network", "two_track_restructurer": "restructuring on two tracks",
    "cut_only": "cutting cost only", "invest_only": "investing alone",
}
"""Strategy to what a sentence calls it."""
SCENARIOS = {
    "calm": "in a calm world", "supply_stress": "under supply stress", "commodity_cycle": "in a commodity cycle",
    "demand_slump": "in a demand slump", "electric_shift": "in a shift to electric demand",
    "software_defined": "in a shift to software demand", "price_war": "in a price war",
    "perfect_storm": "in a perfect storm",
}
"""Scenario to how a sentence says that it is there."""
SYMBOL = re.compile(r"^(tau|rho|phi|lambda(_\w)?|[A-Zxw]\d?), ")
"""What some descriptions of numbers begin with, for readers of the equations."""
SEEKING = {"procurement": "buying together", "coopetition": "sharing among rivals", "rnd": "joint research",
           "infrastructure": "sharing infrastructure"}
PRESETS = {"governance": "governance", "ip_protection": "protection of know-how", "data_sharing": "sharing of data"}


def named(label: str) -> str:
    """Return a variant's label in plain words, as "standing alone with light governance"; what has none stays."""
    words = label.split(" ")
    first, *rest = map(_word, words)
    if rest and all("=" in word for word in words[1:]):
        return f"{first} with {joined(rest)}"
    return " ".join([first, *rest])


def place(scenario: str) -> str:
    """Return how a sentence says that a scenario is there, as "in a calm world"."""
    return SCENARIOS.get(scenario, f"under {scenario}")


def _word(word: str) -> str:
    """Return one word of a label, a strategy, a scenario or a setting, in plain words."""
    key, equals, value = word.partition("=")
    if not equals:
        return STRATEGIES.get(word) or (place(word).partition(" ")[2] if word in SCENARIOS else word)
    values = [] if value == "none" else value.split("+")
    if key == "scope":
        return f"sharing {joined(values)}" if values else "sharing nothing"
    if key == "seek" and set(values) <= set(SEEKING):
        return joined(SEEKING[one] for one in values) if values else "no alliance"
    if key in PRESETS:
        return f"{'no' if value == 'none' else value.replace('_', ' ')} {PRESETS[key]}"
    return word


def assumption(key: str) -> str:
    """Return what a settable number is, with its key: "capacity over output at month 0 (customers.capacity)"."""
    return key if (about := about_of(key)) == key else f"{about} ({key})"


def about_of(key: str) -> str:
    """Return what a settable number is in a few words, as ``allysim list`` begins, without symbol; else its key."""
    from allysim.config.scenario import settable

    known = settable().get(key)
    return SYMBOL.sub("", known.parameter.about).partition("; ")[0] if known else key


def kpi_of(name: str) -> Kpi:
    """Return the description of a figure; a user's own outcome has a name and nothing else."""
    return KPIS.get(name) or Kpi(name, "", "last", 0, "your own outcome")


def decimals(low: float, high: float) -> int:
    """Return the decimals that show half the width of an interval with two digits."""
    half = (high - low) / 2
    if not math.isfinite(half) or half <= 0:
        half = max(abs(low), abs(high)) / 50 if math.isfinite(low) and low else 1.0
    return min(MOST_PLACES, max(0, 1 - math.floor(math.log10(half))))


def number(value: float, places: int, sign: bool = False) -> str:
    """Return a number with so many decimals and thin groups of thousands, "n/a" where there is none, 0 as "0"."""
    if not math.isfinite(value):
        return "n/a"
    text = f"{value:+,.{places}f}" if sign else f"{value:,.{places}f}"
    if not text.strip("+-0.,"):  # no "-0.0" and no "+0.0"
        return "0"
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
    """Return the text with a capital first letter, the rest as it is; a key as ``scope=none`` keeps its own."""
    return text if set("=_") & set(text.partition(" ")[0]) else text[:1].upper() + text[1:]
