"""F11 process R&D of Cournot rivals: each buys a cut of its unit cost, and part of it is cut from its rivals' too.

A firm that cuts its unit cost by x pays gamma x^2 / 2 a month for it; j's cut takes a part of it off i's cost, more
of it if they are partners in R&D. Who sells freely, less than it can and more than nothing, changes its sales as
the price falls: with m such firms the price falls by T_i / (m + 1) per unit of i's cut, T_i being what the cut takes
off the costs of all of them.

Sources: d'Aspremont & Jacquemin (1988), American Economic Review 78, errata 1990 in 80; Goyal & Moraga-González
(2001), RAND Journal of Economics 32, for partners in a network.
"""

import numpy as np

FULL = 1.0 - 1e-9  # of capacity: who sells this much sells all it can
MOST = 0.9         # of unit cost, that can be cut


def spread(values, first, second, process):
    """Return what each firm gets of all firms' `values` (n,): its own, and of others by what they are to it.

    `first` and `second` (p,) are the slots of partners in R&D, each pair both ways.
    """
    partners = np.bincount(first, values[second], values.size)
    return values + process.inside * partners + process.outside * (values.sum() - values - partners)


def cut(efforts, unit_cost, first, second, process):
    """Return what is cut from each firm's unit cost (n,), k€/unit."""
    return np.minimum(spread(efforts, first, second, process), MOST * unit_cost)


def marginal_gain(quantity, capacity, first, second, joint, process):
    """Return what a further unit of its own cut would earn each firm (n,), k€/month per k€/unit.

    By the profits of the market it leads to: (P - c) q with q = (P - c) / b where a firm sells freely, so that a
    unit more of margin is worth 2 q, or q at capacity. Where efforts are joint the profits of partners count too.
    """
    full = quantity >= FULL * capacity
    free = ((quantity > 0.0) & ~full).astype(np.float64)
    fall = spread(free, first, second, process) / (free.sum() + 1.0)
    worth = np.where(full, 1.0, 2.0) * quantity
    gain = worth * (1.0 - fall)
    if joint:
        gain += (process.inside - fall) * np.bincount(first, worth[second], quantity.size)
    return gain


def best_effort(gain, slope, process):
    """Return the cut at which a further unit costs what it earns, gamma x = gain, with b gamma given, k€/unit."""
    return np.maximum(gain, 0.0) * slope / process.cost


def cost_of(effort, slope, process):
    """Return gamma x^2 / 2, k€/month."""
    return 0.5 * process.cost / slope * effort**2
