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
OPEN = ", unless assumptions are off"
"""What follows where assumptions within their ranges leave open which is ahead."""


LONGEST = 60
"""Characters up to which variants are named; more of them are counted."""


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
    groups: dict[tuple[str, str], list[str]] = {}
    positions = comparison.worlds()[world]
    for position in positions:
        _, one, other = comparison.names(position)
        _, found = comparison.difference(position, f"{comparison.group}.{HEADLINE}")
        said = paired.verdict(float(found.low), float(found.high), +1)
        over = comparison.spread(position, f"{comparison.group}.{HEADLINE}")
        hangs = OPEN if over and over.open and said in ("better", "worse") else ""
        groups.setdefault((said, hangs), []).append(one)
    parts = []
    for (said, hangs), names in groups.items():
        who = joined(names) if len(joined(names)) <= LONGEST else f"{len(names)} of {len(positions)} variants"
        parts.append(PHRASES[said][len(names) > 1].format(who, other) + hangs)
    return "; ".join(parts)
