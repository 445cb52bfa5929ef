"""F4 safety stock and the bullwhip, and F3 a warehouse shared among rivals.

Sources: order variance along a supply chain, Lee, Padmanabhan & Whang (1997), Management Science 43, and its
lower bound for moving-average forecasts, Chen, Drezner, Ryan & Simchi-Levi (2000), Management Science 46;
pooling, Eppen (1979), Management Science 25.
"""

import math

from allysim.jit import equation, routine

USUAL_LEAD_TIME, USUAL_HORIZON = 1.0, 6.0  # months at which sigma is given


@equation
def order_variance_ratio(lead_time, horizon):
    """Return the variance of orders over that of sales: 1 + 2 L/H + 2 (L/H)^2 (F4); 1.3889 at L = 1 and H = 6."""
    return 1.0 + 2.0 * lead_time / horizon + 2.0 * (lead_time / horizon) ** 2


@equation
def safety_stock(stock):
    """Return the safety stock z sigma sqrt(L + 1) in months of sales (F4).

    Sigma grows with lead time and shorter forecasts as the standard deviation of orders does.
    """
    ratio = order_variance_ratio(stock.lead_time, stock.horizon) / order_variance_ratio(USUAL_LEAD_TIME, USUAL_HORIZON)
    return stock.service_factor * stock.sigma * math.sqrt(ratio) * math.sqrt(stock.lead_time + 1.0)


@equation
def foreseen(shared, stock):
    """Return the part of sigma that sharing data takes away in a shared warehouse: iota s_D (F4)."""
    return stock.sharing * shared


@equation
def kept_in_common(pooling, benefit, known):
    """Return what a member of a shared warehouse keeps of its own safety stock, in [0, 1].

    `pooling` is what pooling saves of it, 1 less the ratio of F3, times the alliance's `benefit`; what is `known` of
    sales beforehand takes as much off what is left.
    """
    return (1.0 - min(1.0, pooling * benefit)) * (1.0 - known)


@equation
def planned(sales, in_stock, target):
    """Return what a firm sets out to make (units/month): its sales, and what its stock lacks; never below 0."""
    return max(0.0, sales + (target - in_stock))


@routine
def holding_cost(units, unit_cost, stock):
    """Return what holding `units` costs a month (k€)."""
    return stock.holding * units * unit_cost
