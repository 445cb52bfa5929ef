"""F3 pooled reserves and joint marketing among rivals.

Source: pooling of safety stocks, Eppen (1979), Management Science 25. The sizes of joint marketing are
assumptions.
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
