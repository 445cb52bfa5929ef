"""F14 what governing an alliance costs each member, and F18 what founding it costs all.

Sources: modes of network governance, Provan & Kenis (2008), JPART 18; trust and transaction cost, Dyer &
Chu (2003), Organization Science 14; modular products make loose coupling cheap, Sanchez & Mahoney (1996),
Strategic Management Journal 17. The sizes are assumptions.
"""

import math

from allysim.jit import equation, inlined
from allysim.mechanisms.kinds import by_type

REFERENCE_REVENUE = 60.0


@inlined
def common_rate(mode, members, completeness, trust, administration):
    """Return the monthly governance cost of one member with a revenue of 60 k€ a month but for its type (k€).

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


@inlined
def type_factor(kind, administration):
    """Return what the type makes of the rate: procurement 1, co-opetition 1.5, infrastructure 2, R&D 3."""
    return by_type(kind, administration.procurement, administration.coopetition, administration.rnd,
                   administration.infrastructure)


@inlined
def governance_rate(kind, mode, members, completeness, trust, administration):
    """Return the monthly governance cost of one member with a revenue of 60 k€ a month (k€)."""
    return common_rate(mode, members, completeness, trust, administration) * type_factor(kind, administration)


@equation
def size_factor(revenue, administration):
    """Return what a member's revenue (k€/month) makes of the rate: the square root of it over 60 k€."""
    return (revenue / REFERENCE_REVENUE) ** administration.size_exponent


@equation
def governance_cost(kind, mode, members, completeness, trust, revenue, administration):
    """Return the monthly governance cost of one member (k€)."""
    rate = governance_rate(kind, mode, members, completeness, trust, administration)
    return rate * size_factor(revenue, administration)


@equation
def setup_cost(members, modularity, readiness, administration):
    """Return what setting an alliance up costs in all (k€): I0 (1 - .5 min m) (1 - .3 min u), F18.

    `members` are slots, -1 where none; `modularity` m and API `readiness` u are those of all firms.
    """
    least_modular, least_ready = 1.0, 1.0
    for i in members:
        if i >= 0:
            least_modular, least_ready = min(least_modular, modularity[i]), min(least_ready, readiness[i])
    joint = 1.0 - administration.setup_modularity * least_modular
    return administration.setup * joint * (1.0 - administration.setup_readiness * least_ready)
