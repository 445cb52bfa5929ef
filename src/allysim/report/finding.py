"""What a comparison found, in a headline."""

from allysim.analysis import paired
from allysim.analysis.words import joined, place, sentence
from allysim.study.comparison import HEADLINE, Comparison

PHRASES = {
    "better": ("{} beats {}", "{} beat {}"),
    "worse": ("{} falls behind {}", "{} fall behind {}"),
    paired.NO_CLEAR_DIFFERENCE: ("no clear difference between {} and {}",) * 2,
    paired.TOO_FEW: ("too few runs to tell {} from {}",) * 2,
}
LONGEST = 60
"""Characters up to which variants are named; more of them are counted."""


def finding(comparison: Comparison) -> str:
    """Return who beats whom in cumulative economic profit, scenario by scenario, as one headline.

    Where assumptions within their ranges leave open which is ahead, it says at what share of the points the first is.
    """
    said: dict[tuple[str, str], list[str]] = {}
    shares: dict[tuple[str, str], list[float]] = {}
    for world in comparison.worlds():
        text, but, open_ = _world_finding(comparison, world)
        said.setdefault((text, but), []).append(world)
        shares.setdefault((text, but), []).extend(open_)
    parts = [(f"{joined(map(place, worlds))}, " if worlds != [""] else "") + text + _at(but, shares[text, but])
             for (text, but), worlds in said.items()]
    text = "; ".join(parts)
    return text if text.startswith(tuple(variant.strategy for variant in comparison.variants)) else sentence(text)


def _world_finding(comparison: Comparison, world: str) -> tuple[str, str, list[float]]:
    """Return what was found in one of `Comparison.worlds`, how it goes on where assumptions leave that open, and the
    shares of points at which those it is about are ahead there."""
    outcome, positions = f"{comparison.group}.{HEADLINE}", comparison.worlds()[world]
    found = {position: comparison.difference(position, outcome)[1] for position in positions}
    order = "better", paired.NO_CLEAR_DIFFERENCE, paired.TOO_FEW, "worse"
    groups: dict[str, list[int]] = {said: [] for said in order}
    for position in sorted(positions, key=lambda at: -float(found[at].mean)):
        groups[paired.verdict(float(found[position].low), float(found[position].high), +1)].append(position)
    _, _, other = comparison.names(positions[0])
    if better := groups["better"]:  # of several, the best
        about, also = better[:1], len(better) - 1
        text = PHRASES["better"][0].format(comparison.names(about[0])[1], other)
        text += f" (so {'does' if also == 1 else 'do'} {also} of {len(positions) - 1} others)" if also else ""
    else:
        about, parts = groups["worse"], []
        for said, those in groups.items():
            names = [comparison.names(position)[1] for position in those]
            short = 0 < len(", ".join(names)) <= LONGEST
            who = joined(names) if short else f"{len(names)} of {len(positions)} variants"
            parts += [PHRASES[said][len(names) > 1].format(who, other)] if names else []
        text = "; ".join(parts)
    spreads = [comparison.spread(position, outcome) for position in about]
    return text, ", and" if better else ", but ahead", [over.above for over in spreads if over and over.open]


def _at(but: str, shares: list[float]) -> str:
    """Say at what share of the points those that were named are ahead, from the least to the greatest."""
    if not shares:
        return ""
    low, high = (f"{100 * share:.0f}" for share in (min(shares), max(shares)))
    share = low if low == high else f"{low} to {high}"
    return f" at our default guesses{but} at {share} % of points in the assumptions"
