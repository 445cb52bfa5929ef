"""F14 decision latency: how long an alliance takes from a verdict to its effect.

Source: flexibility and efficiency as the price of shared decisions, Provan & Kenis (2008), JPART 18. The sizes
are assumptions.
"""

import math

from allysim.jit import equation

ROUNDING = 1e-9


@equation
def decision_latency(members, completeness, distance, decision_rights, latency, haste=1.0):
    """Return .5 (1 + .15 (n - 2)) (1 + C) (1 + dk) (1 - .4 G) months, rounded up to whole ones.

    `haste` is what units that members have for their alliances leave of it (F27).

    What is above a whole number by less than rounding errors make it is that number.
    """
    size = 1.0 + latency.per_member * max(0.0, members - 2.0)
    terms = (1.0 + latency.completeness * completeness) * (1.0 + latency.culture * distance)
    return math.ceil(haste * latency.months * size * terms * (1.0 - latency.rights * decision_rights) - ROUNDING)
