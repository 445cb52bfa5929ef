"""F9 make, buy or ally: what it costs to build alone or to buy, and what that is worth.

A provider on the market asks cost (1 + mark-up) (1 + hold-up x specificity): who depends on an asset made for it
is held up (Klein, Crawford & Alchian 1978, Journal of Law and Economics 21; Williamson 1985, The Economic
Institutions of Capitalism). Capital is indivisible, so that it pays to share it below some size. Sizes are assumptions.
"""

from allysim.jit import equation
from allysim.mechanisms.infrastructure import replaced

NOTHING, BUILT, BOUGHT = range(3)


@equation
def market_price(cost, specificity, alternatives):
    """Return what a provider asks (k€/month) for what costs it so much to make."""
    return cost * (1.0 + alternatives.markup) * (1.0 + alternatives.hold_up * specificity)


@equation
def replaced_alone(month_cost, fixed_cost, infrastructure):
    """Return what infrastructure of one's own replaces (k€/month): as a first alliance of F, but of what is fixed only.

    F also holds marketing and stock, which are most of it where margins are thin.
    """
    return min(fixed_cost, replaced(month_cost, 0.0, 1.0, infrastructure))


@equation
def own_capital(month_cost, infrastructure, alternatives):
    """Return the capital (k€) of a firm's own infrastructure: in proportion to fixed cost F, but never too small."""
    part = month_cost / infrastructure.user_cost / infrastructure.users
    return infrastructure.capital * max(alternatives.smallest, part)


@equation
def worth_alone(monthly, life, outlay):
    """Return what so much a month is worth less what is paid for it at once, k€; `life` is an annuity (months)."""
    return monthly * life - outlay


@equation
def affordable(outlay, cash, month_cost, alternatives):
    """Return whether enough cash is left after an outlay (k€): some months of fixed cost."""
    return cash - outlay >= alternatives.reserve * month_cost
