"""F16 conflict between members of unlike cultures, and its resolution.

Sources: conflict and its resolution in partnerships, Mohr & Spekman (1994), Strategic Management Journal 15;
national and organisational culture between partners, Pothukuchi, Damanpour, Choi, Chen & Park (2002), Journal
of International Business Studies 33. The sizes are assumptions.
"""

import math

from allysim.jit import equation


@equation
def culture_distance(first, second, scale):
    """Return dk of two firms, in [0, 1]: the Euclidean distance of their cultures (3,) over sqrt 3, over `scale`."""
    total = 0.0
    for c in range(first.size):
        total += (first[c] - second[c]) * (first[c] - second[c])
    return min(1.0, math.sqrt(total / first.size) / scale)


@equation
def conflict_hazard(distance, decision_rights, disputes):
    """Return the chance of a conflict in a month, .03 (1 + 2 dk) (1 - .4 G), at most 1."""
    culture = 1.0 + disputes.culture * distance
    return min(1.0, disputes.conflict * culture * (1.0 - disputes.rights * decision_rights))


@equation
def resolution(dispute_clause, disputes):
    """Return the chance that a conflict is resolved: .5, under a dispute clause .8."""
    return disputes.resolved_clause if dispute_clause else disputes.resolved
