"""F7, F15 and F16: what partners, contract and culture multiply an alliance's benefits by, and what partners match.

Sources: optimal technology distance, Nooteboom, Van Haverbeke, Duysters, Gilsing & van den Oord (2007),
Research Policy 36; contracts and trust as complements, Poppo & Zenger (2002), Strategic Management Journal
23; cost of cultural distance, Lavie, Haunschild & Khanna (2012), Strategic Management Journal 33. The sizes
are assumptions.
"""

import math

from allysim.jit import equation, inlined
from allysim.mechanisms.kinds import by_type


@equation
def profile_distance(first, second, scale):
    """Return the Euclidean distance of two profiles (d,) over the root of d, divided by `scale` and cut at 1."""
    total = 0.0
    for c in range(first.size):
        total += (first[c] - second[c]) * (first[c] - second[c])
    return min(1.0, math.sqrt(total / first.size) / scale)


@inlined
def technology_fit(distance, kind, fit):
    """Return h = max(0, 1 - psi (d - .45)^2) of two partners (F7); psi is 0 for procurement."""
    psi = by_type(kind, 0.0, fit.coopetition, fit.rnd, fit.infrastructure)
    return max(0.0, 1.0 - psi * (distance - fit.best) * (distance - fit.best))


@inlined
def contract_and_trust(completeness, trust, contract):
    """Return Pi = exp[.2 C + .6 (T - .5) + .4 C (T - .5) - .25 C^2] (F15); 1 at T = .5 and C = 0."""
    beyond = trust - 0.5
    return math.exp(contract.completeness * completeness + contract.trust * beyond
                    + contract.both * completeness * beyond - contract.burden * completeness * completeness)


@equation
def matched(own, total, members):
    """Return the part of a member's own that its partners match, in [0, 1]: n (1 - s) / (n - 1), at most 1.

    s is its share `own` / `total` of the fixed cost F of the n members. Equal members match each other whole; what a
    large firm has beyond its partners it would share with itself, which is no gain of the alliance.
    """
    if members < 2 or total <= 0.0:
        return 1.0
    return min(1.0, members * (total - own) / ((members - 1.0) * total))


@equation
def cultural_discount(distance, culture):
    """Return exp(-.7 dk), what cultural distance leaves of a benefit (F16)."""
    return math.exp(-culture.distance * distance)
