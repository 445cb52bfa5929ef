"""F24 infrastructure that its users own together: a joint venture with an account of its own.

Sources: that it pays to buy where rent saved is worth more than the price, Fisher (1930), The Theory of Interest; that
most joint ventures end with partners bought out, Bleeke & Ernst (1995), Harvard Business Review 73. Parts are issued
at net asset value, so that nobody is diluted, and bought out at book value less a discount. Sizes are assumptions.
"""

from allysim.jit import equation
from allysim.mechanisms.choice import annuity


@equation
def capital_needed(month_cost, infrastructure):
    """Return the capital that a user of fixed cost F needs, at what it costs new (k€): its part of F24's 150 k€."""
    return infrastructure.capital / infrastructure.users * month_cost / infrastructure.user_cost


@equation
def user_fee(month_cost, infrastructure):
    """Return what a user pays into its venture (k€/month): a rate of the capital it needs."""
    return infrastructure.user_fee * capital_needed(month_cost, infrastructure)


@equation
def value_of_owning(months, delta, infrastructure):
    """Return the present value (k€) of owning what costs 1 k€ new and else is rented, over `months`.

    Rent saved less upkeep, for as long as the capital lasts, and what is got back for the rest of it.
    """
    used = min(months, infrastructure.life)
    rest = infrastructure.salvage * (1.0 - used / infrastructure.life)
    return annuity(used, delta) * (infrastructure.rent - infrastructure.upkeep) + delta**used * rest


@equation
def wear(capital, installed, infrastructure):
    """Return what capital of book value `capital` loses in a month (k€), straight-line over its life."""
    return min(capital, installed / infrastructure.life)


@equation
def paid_out(account, upkeep, infrastructure):
    """Return what a venture pays its members (k€): what its account holds beyond some months of upkeep.

    Below 0 is what it calls from them, where its account does not hold the upkeep.
    """
    if account < 0.0:
        return account
    return max(0.0, account - infrastructure.reserve * upkeep)


@equation
def price_of_entry(need, spare, capital, installed):
    """Return what a new user pays into a venture and how much of that buys further capital (k€ both).

    It pays the book value of what stands idle since others left, and the rest of what it needs new.
    """
    idle = min(need, max(0.0, spare))
    return need - idle + idle * capital / installed, need - idle


@equation
def part_issued(price, equity):
    """Return the part of a venture that is issued for `price` where the others' parts are worth `equity` (k€ both)."""
    return price / (equity + price) if equity + price > 0.0 else 0.0


@equation
def buyout_price(part, equity, infrastructure):
    """Return what a member that leaves gets for its part of book value and account, `equity` (k€)."""
    return infrastructure.buyout * part * equity
