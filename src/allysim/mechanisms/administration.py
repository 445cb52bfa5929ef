"""F14 what governing an alliance costs each member.

Sources: modes of network governance, Provan & Kenis (2008), JPART 18; trust and transaction cost, Dyer &
Chu (2003), Organization Science 14. The sizes are assumptions.
"""

import math

from allysim.jit import equation

REFERENCE_REVENUE = 60.0


@equation
def governance_rate(mode, members, completeness, trust, administration):
    """Return the monthly governance cost of one member with a revenue of 60 k€ a month (k€).

    Shared .15 + .15 (n-1)/2; lead .15 + 1/n + .25 (n-1)/n; administrative .25 + 3/n; times
    (.5 + C) exp(-4.5 (T - .5)). Shared equals lead at n = 6, lead equals administrative at n = 15.
    """
    if mode == 0:
        base = 0.15 + 0.15 * (members - 1.0) / 2.0
    elif mode == 1:
        base = 0.15 + 1.0 / members + 0.25 * (members - 1.0) / members
    else:
        base = 0.25 + 3.0 / members
    friction = math.exp(-administration.trust_slope * (trust - 0.5))
    return administration.scale * base * (0.5 + completeness) * friction


@equation
def size_factor(revenue, administration):
    """Return what a member's revenue (k€/month) makes of the rate: the square root of it over 60 k€."""
    return (revenue / REFERENCE_REVENUE) ** administration.size_exponent


@equation
def governance_cost(mode, members, completeness, trust, revenue, administration):
    """Return the monthly governance cost of one member (k€)."""
    return governance_rate(mode, members, completeness, trust, administration) * size_factor(revenue, administration)
