"""F22 the other demand: linear Cournot with a homogeneous good, P = a - b Q.

Sources: Cournot (1838), Recherches sur les principes mathématiques de la théorie des richesses; capacities as
in Kreps & Scheinkman (1983), Bell Journal of Economics 14. Firm i's best quantity meets P - c_i = b q_i.
"""

from allysim.jit import equation, kernel

HALVINGS = 1100  # from any price down to the smallest number there is; about 55 do


def inverse_demand(sold, elasticity):
    """Return a and b of the line through price 1 and `sold` (units/month) with this price elasticity there."""
    return 1.0 + 1.0 / elasticity, 1.0 / (elasticity * sold)


def marginal_cost(price, quantity, slope):
    """Return c = P - b q, the cost (k€/unit) at which a quantity is best."""
    return price - slope * quantity


def consumer_surplus(quantity, slope):
    """Return b Q^2 / 2 (k€/month), what buyers of Q would have paid above the price."""
    return 0.5 * slope * quantity**2


@equation
def best_quantity(price, unit_cost, capacity, slope):
    """Return q = (P - c) / b, within 0 and capacity."""
    return min(max(price - unit_cost, 0.0) / slope, capacity)


@kernel
def clear_cournot(unit_cost, capacity, intercept, slope, quantity):
    """Fill the equilibrium quantity of each firm (n,), units/month, and return the price, k€/unit.

    What firms want to sell grows with the price and what buyers want falls, so there is one price at which they
    agree; it is found by bisection, and then solved for, given who sells nothing or all it can.
    """
    low, high = 0.0, intercept
    for _ in range(HALVINGS):
        price = 0.5 * (low + high)
        if price in (low, high):  # no number lies between them any more
            break
        total = 0.0
        for i in range(unit_cost.size):
            total += best_quantity(price, unit_cost[i], capacity[i], slope)
        if intercept - slope * total > price:
            low = price
        else:
            high = price
    free, level = 1.0, intercept
    for i in range(unit_cost.size):
        wanted = best_quantity(high, unit_cost[i], capacity[i], slope)
        if wanted >= capacity[i]:
            level -= slope * capacity[i]
        elif wanted > 0.0:
            free += 1.0
            level += unit_cost[i]
    price = max(level / free, 0.0)
    for i in range(unit_cost.size):
        quantity[i] = best_quantity(price, unit_cost[i], capacity[i], slope)
    return price
