"""F19 how members share what their alliance yields, and what an unfair share does.

The Shapley value of pooled buying has v(S), what the firms in S would save if they alone bought together
(Shapley 1953, Contributions to the Theory of Games II); that unequal terms end alliances, Hennart & Zeng
(2005), European Management Review 2. The sizes of the effects are assumptions.
"""

import math

import numpy as np

from allysim.jit import equation, routine
from allysim.mechanisms.purchasing import price_rung

MOST_MEMBERS = 10  # of a pool whose coalitions are counted out


@equation
def contribution(cash, capability, customers, terms):
    """Return a member's share by contribution, from its parts (0-1) of the members' cash, capability and customers."""
    whole = terms.cash + terms.capability + terms.customers
    if whole <= 0.0:
        return cash
    return (terms.cash * cash + terms.capability * capability + terms.customers * customers) / whole


@equation
def coalition_saving(alone, spend, volume, schedule):
    """Return v(S) of F1 (k€/month): what its members pay alone less what they pay at the rung of their joint spend.

    Spend is k€/month at list price; `alone` is the sum over S of rung times volume, `volume` that of volumes.
    """
    return alone - price_rung(spend, schedule) * volume


@routine
def shapley(spend, volume, schedule, value):
    """Fill the Shapley value (k€/month) of each member (n,) of a pool, n from 1 to 10.

    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! [v(S + i) - v(S)], coalition by coalition.
    """
    n = spend.size
    alone, joint, bought = np.zeros(1 << n), np.zeros(1 << n), np.zeros(1 << n)
    paid, weight = np.empty(n), np.empty(n)  # alone; of |S| = 0 ... n - 1
    weight[0] = 1.0 / n
    for size in range(1, n):
        weight[size] = weight[size - 1] * size / (n - size)
    for i in range(n):
        paid[i] = price_rung(spend[i], schedule) * volume[i]
    value[:] = 0.0
    for coalition in range(1, 1 << n):
        size, last = 0, 0
        for i in range(n):
            if coalition >> i & 1:
                size, last = size + 1, i
        rest = coalition ^ 1 << last
        joint[coalition] = joint[rest] + spend[last]
        bought[coalition] = bought[rest] + volume[last]
        alone[coalition] = alone[rest] + paid[last]
        if size == 1:
            continue  # a firm by itself saves nothing
        worth = coalition_saving(alone[coalition], joint[coalition], bought[coalition], schedule)
        for i in range(n):
            if coalition >> i & 1:
                value[i] += weight[size - 1] * worth
            else:
                value[i] -= weight[size] * worth


@equation
def unfairness(fair, agreed):
    """Return what a member's share falls short of its Shapley value, max(0, fair - agreed)."""
    return max(0.0, fair - agreed)


@equation
def aggrieved_hazard(hazard, shortfall, terms):
    """Return the hazard of separation (1/month), at most 1, where one member is so much short of its Shapley value."""
    return min(1.0, hazard * math.exp(terms.separation * shortfall))
