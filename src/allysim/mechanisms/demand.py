"""F22 demand and price: logit with an outside good and the single-product mark-up.

Sources: Berry (1994), RAND Journal of Economics 25; Berry, Levinsohn & Pakes (1995), Econometrica 63.
Utility of firm i in segment s is ``u_is = A_i + B_s + e_is + 3 sum_c w_sc z_ic - alpha p_i``; what does
not change from month to month is kept as the attraction ``exp(B_s + e_is + 3 sum_c w_sc z_ic)``. In a price war alpha
is higher, and demand turns about a price of 1, that of month 0 (`turned`).
"""

import math

import numpy as np

from allysim.jit import equation, kernel

TOLERANCE = 1e-12
ROUNDS = 200


def turned(price_sensitivity, usual):
    """Return what is added to every utility in a month in which alpha is not the `usual` one (F22).

    It leaves the utility at a price of 1 as it was, so that buyers feel prices more and do not stay away.
    """
    return price_sensitivity - usual


@equation
def mark_up_price(unit_cost, price_sensitivity, share):
    """Return p = c + 1 / [alpha (1 - sbar)], the first-order condition of profit (F22)."""
    return unit_cost + 1.0 / (price_sensitivity * (1.0 - share))


@kernel
def clear_logit(attraction, appeal, launched, unit_cost, own_demand, market_size, price_sensitivity,
                price, target, inclusive):
    """Find the prices at which every firm's first-order condition holds, and the demand they meet.

    Parameters
    ----------
    attraction : float64 (n, S); appeal, launched, unit_cost (k€/unit), own_demand (log) : float64 (n,)
    market_size : float64 (S,), units a month
    price : float64 (n,), first guess in and solution out, k€/unit
    target : float64 (n,), out: units a month
    inclusive : float64 (S,), out: sum over firms of exp(u)

    Returns
    -------
    rounds : int, -1 if prices still moved after `ROUNDS`
    worst : int, the firm whose price moved most in the last round
    """
    n, segments = attraction.shape
    pull, utility = np.empty(n), np.empty(n)
    weight = np.empty(segments)
    for i in range(n):
        pull[i] = math.exp(appeal[i] + launched[i])
    for rounds in range(1, ROUNDS + 1):  # noqa: B007 (returned)
        _inclusive_value(attraction, pull, price, price_sensitivity, utility, inclusive)
        for s in range(segments):
            weight[s] = 1.0 / (1.0 + inclusive[s])
        moved, worst = 0.0, 0
        for i in range(n):
            first, second = 0.0, 0.0
            for s in range(segments):
                part = attraction[i, s] * utility[i] * weight[s]
                first += market_size[s] * part
                second += market_size[s] * part * part
            share = second / first if first > 0.0 else 0.0  # a firm priced out of sight sells nothing
            # Newton's step on the firm's own condition: the mark-up alone swings without end once sbar is above 1/2
            new = price[i] + (1.0 - share) * (mark_up_price(unit_cost[i], price_sensitivity, share) - price[i])
            change = abs(new - price[i])
            if change > moved or math.isnan(change):  # a NaN stays, since nothing is above it
                moved, worst = change, i
            price[i] = new
        if moved < TOLERANCE:
            break
    else:
        return -1, worst
    _inclusive_value(attraction, pull, price, price_sensitivity, utility, inclusive)
    for s in range(segments):
        weight[s] = market_size[s] / (1.0 + inclusive[s])
    for i in range(n):
        first = 0.0
        for s in range(segments):
            first += attraction[i, s] * utility[i] * weight[s]
        target[i] = math.exp(own_demand[i]) * first
    return rounds, worst


@equation
def _inclusive_value(attraction, pull, price, price_sensitivity, utility, inclusive):
    n, segments = attraction.shape
    for s in range(segments):
        inclusive[s] = 0.0
    for i in range(n):
        utility[i] = pull[i] * math.exp(-price_sensitivity * price[i])
        for s in range(segments):
            inclusive[s] += attraction[i, s] * utility[i]


@kernel
def calibrate(attraction, revenue, market_size, inside_share, price_sensitivity, appeal):
    """Find appeal A_i and segment intercepts B_s that return the given revenues at a price of 1.

    The contraction of Berry, Levinsohn & Pakes, written as alternating scaling: A_i is set so that firm
    i sells its revenue, B_s so that the firms together hold `inside_share` of segment s; B of the first
    segment is 0. `attraction` (n, S) is multiplied by exp(B_s) in place, `appeal` (n,) is filled.

    Returns
    -------
    rounds : int, -1 if it has not settled to `TOLERANCE` in 10 000 rounds
    """
    n, segments = attraction.shape
    odds = inside_share / (1.0 - inside_share)
    total = 0.0
    for i in range(n):
        total += revenue[i]
    scale = np.empty(n)
    for i in range(n):
        scale[i] = revenue[i] / total
    intercept = np.ones(segments)
    demand = np.empty(segments)
    for s in range(segments):
        demand[s] = market_size[s] / (1.0 + odds)
    rounds = -1
    for k in range(10_000):
        for s in range(segments):
            value = 0.0
            for i in range(n):
                value += scale[i] * attraction[i, s]
            intercept[s] = odds / value
        moved = 0.0
        for i in range(n):
            sold = 0.0
            for s in range(segments):
                sold += demand[s] * intercept[s] * attraction[i, s]
            moved = max(moved, abs(revenue[i] / (sold * scale[i]) - 1.0))
            scale[i] = revenue[i] / sold
        if moved < TOLERANCE:
            rounds = k + 1
            break
    for i in range(n):
        appeal[i] = math.log(scale[i] * intercept[0]) + price_sensitivity
        for s in range(segments):
            attraction[i, s] *= intercept[s] / intercept[0]
    return rounds


@equation
def squared_share(attraction, utility, market_size, inclusive):
    """Return sbar = sum M s^2 / sum M s of one firm, and its demand sum M s (units/month).

    `attraction`, `market_size`, `inclusive` are (S,), `utility` is exp(A - alpha p).
    """
    first, second = 0.0, 0.0
    for s in range(market_size.size):
        share = attraction[s] * utility / (1.0 + inclusive[s])
        first += market_size[s] * share
        second += market_size[s] * share * share
    return second / first, first


@equation
def appeal_for_sales(attraction, others, market_size, sales, price, price_sensitivity):
    """Return the appeal at which one more firm sells `sales` (units/month) at `price`, by bisection.

    `attraction` (S,) is the firm's own, `others` (S,) the inclusive value of the others. Sales grow with
    appeal from 0 to the whole market; `sales` above the market has no answer and gives NaN.
    """
    low, high = -60.0, 60.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        utility = math.exp(middle)
        sold = 0.0
        for s in range(market_size.size):
            own = attraction[s] * utility
            sold += market_size[s] * own / (1.0 + others[s] + own)
        if sold < sales:
            settled, low = middle == low, middle
        else:
            settled, high = middle == high, middle
        if settled:  # no number lies between them any more
            break
    return 0.5 * (low + high) + price_sensitivity * price if high < 60.0 else math.nan


@equation
def overlap(first, second, pull):
    """Return omega_ij, the cosine of two firms' revenue vectors over segments, in [0, 1].

    Revenue of firm i in segment s is proportional to attraction_is M_s / (1 + I_s); `first` and `second`
    are attractions (S,), `pull` is M_s / (1 + I_s) (S,).
    """
    both, a, b = 0.0, 0.0, 0.0
    for s in range(pull.size):
        x, y = first[s] * pull[s], second[s] * pull[s]
        both += x * y
        a += x * x
        b += y * y
    return both / math.sqrt(a * b)


@equation
def importance(attraction, pull, weights, c):
    """Return the importance of capability c in a firm's markets: the mean of w_sc by its sales (F22)."""
    total, sold = 0.0, 0.0
    for s in range(pull.size):
        total += attraction[s] * pull[s] * weights[s, c]
        sold += attraction[s] * pull[s]
    return total / sold
