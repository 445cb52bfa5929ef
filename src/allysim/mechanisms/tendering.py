"""Joint tendering: lots for those with the capacity, and what bidding together adds.

Source: an alliance of n wins where at least one of n independent bids of chance w would, 1 - (1 - w)^n: the first
success among independent trials. That rivals share what is let to the lowest of good bids is an assumption, as are
the sizes.
"""

import math

from allysim.jit import equation


@equation
def lots_let(rate, drawn):
    """Return how many lots a segment lets in a month: the whole part of `rate`, and one more with the rest's chance.

    `drawn` is from U(0, 1); the mean is `rate`.
    """
    whole = math.floor(rate)
    return int(whole) + (1 if drawn < rate - whole else 0)


@equation
def lot_volume(size, small_sales):
    """Return the volume of a lot (units): a multiple of what a median small firm sells a month at month 0."""
    return size * small_sales


@equation
def winning_chance(bidders, chance):
    """Return the chance that the bid of n firms is good: 1 - (1 - w)^n."""
    return 1.0 - (1.0 - chance)**bidders


@equation
def spare_capacity(capacity, works, production):
    """Return what a firm can still make this month (units) beyond its production, of a part `works` of capacity."""
    return max(0.0, capacity * works - production)


@equation
def left_by_rivals(good_bids):
    """Return the chance that a good bid is drawn among those of rivals, of whom `good_bids` are expected.

    It is E[1 / (1 + N)] = (1 - exp(-m)) / m of N rivals with good bids, Poisson of mean m.
    """
    return -math.expm1(-good_bids) / good_bids if good_bids > 0.0 else 1.0


@equation
def can_serve(spare, unit_cost, lot_price):
    """Return whether a firm has a part in lots at this price: capacity to spare, and no loss on what it makes."""
    return spare > 0.0 and unit_cost < lot_price


@equation
def gain_by_bidding(charter, who, lots):
    """Return what bidding with the slots in `charter` (-1 where none) adds to what slot `who` expects a month (k€).

    Its part of the lots that they are expected to win together, less those it would win alone where they bid in its
    place, as if every lot met the month's spare capacity. `lots` are `allysim.dealings.tenders.Lots`.
    """
    gain = 0.0
    for s in range(lots.price.size):
        spare, bidders, at_home = 0.0, 0, False
        for j in charter:
            if j >= 0 and can_serve(lots.spare[j], lots.unit_cost[j], lots.price[s]):
                spare += lots.spare[j]
                bidders += 1
                at_home = at_home or lots.home[j] == s
        if bidders < 2 or not at_home or spare < lots.volume:
            continue
        if can_serve(lots.spare[who], lots.unit_cost[who], lots.price[s]):
            part = winning_chance(bidders, lots.chance) * lots.spare[who] / spare
            if lots.home[who] == s and lots.spare[who] >= lots.volume:
                part -= lots.chance
            margin = lots.volume * (lots.price[s] - lots.unit_cost[who])
            gain += left_by_rivals(lots.bids[s] - lots.chance) * part * margin
    return lots.rate * gain
