"""What a comparison found, in a headline."""

from allysim.analysis import paired
from allysim.analysis.words import joined, sentence
from allysim.study.comparison import HEADLINE, Comparison

PHRASES = {
    "better": ("{} beats {}", "{} beat {}"),
    "worse": ("{} falls behind {}", "{} fall behind {}"),
    paired.NO_CLEAR_DIFFERENCE: ("no clear difference between {} and {}",) * 2,
    paired.TOO_FEW: ("too few runs to tell {} from {}",) * 2,
}


def finding(comparison: Comparison) -> str:
    """Return who beats whom in cumulative economic profit, scenario by scenario, as one headline."""
    said: dict[str, list[str]] = {}
    for world in comparison.worlds():
        said.setdefault(world_finding(comparison, world), []).append(world)
    parts = [f"under {joined(worlds)}, {text}" if worlds != [""] else text for text, worlds in said.items()]
    text = "; ".join(parts)
    return sentence(text) if text.startswith(("under", "no", "too")) else text


def world_finding(comparison: Comparison, world: str) -> str:
    """Return the same for one of `Comparison.worlds`, without naming it."""
    groups: dict[str, list[str]] = {}
    for position in comparison.worlds()[world]:
        _, one, other = comparison.names(position)
        _, found = comparison.difference(position, f"{comparison.group}.{HEADLINE}")
        groups.setdefault(paired.verdict(float(found.low), float(found.high), +1), []).append(one)
    return "; ".join(PHRASES[said][len(names) > 1].format(joined(names), other) for said, names in groups.items())
