"""F3 pooled reserves, joint marketing and shared automation among rivals.

Sources: pooling of safety stocks, Eppen (1979), Management Science 25; collective reputation, Tirole (1996), Review of
Economic Studies 63; the weakest link, Hirshleifer (1983), Public Choice 41. The sizes of joint marketing and automation
are assumptions.
"""

import math

from allysim.jit import equation


@equation
def pooling_ratio(members, correlation):
    """Return what pooling leaves of n equal reserves: sqrt(n [1 + (n - 1) rho]) / n (F3)."""
    return math.sqrt(members * (1.0 + (members - 1.0) * correlation)) / members


@equation
def reserve_cost(month_cost, capacity, coopetition):
    """Return what a firm pays for its reserve capacity (k€/month).

    Capacity takes a share of its fixed cost F, and the part of it above expected output is reserve.
    """
    return coopetition.capacity_cost * month_cost * (1.0 - 1.0 / capacity)


@equation
def joint_appeal(members, overlap, coopetition):
    """Return the appeal that joint marketing adds: .05 sqrt(n - 1), less what members take from each other.

    The part they share of the market, their overlap omega, gains nothing.
    """
    return coopetition.marketing * math.sqrt(members - 1.0) * (1.0 - overlap)


@equation
def lead_factor(members, coopetition):
    """Return what joint marketing leaves of the cost of a lead: n^-.2."""
    return members**-coopetition.lead_exponent


@equation
def let_through(late, coopetition):
    """Return the share of orders not delivered that is left after a promise phi: 1 - phi at most."""
    return min(late, 1.0 - coopetition.quality_floor)


@equation
def under_one_name(own, worst, coopetition):
    """Return the share that a member's customers see: (1 - rho) x its own + rho x the worst of all members."""
    return own + coopetition.reputation * (worst - own)


@equation
def made_good(late, orders, price, coopetition):
    """Return what a member pays its customers (k€) for orders (units) short of the promise phi."""
    short = max(0.0, late - (1.0 - coopetition.quality_floor))
    return coopetition.compensation * price * orders * short


@equation
def automated(month_cost, benefit, coopetition):
    """Return the fixed cost that shared automation saves (k€/month): a tenth of F times benefit, never above F."""
    return month_cost * min(1.0, coopetition.automation * benefit)


@equation
def automation_fee(revenue, members, coopetition):
    """Return what a member pays for it (k€/month): .022 n^-.2 of its revenue."""
    return coopetition.automation_fee * revenue * members**-coopetition.automation_exponent
