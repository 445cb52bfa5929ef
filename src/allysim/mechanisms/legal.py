"""Competition law: rivals that work together may be fined.

Source of the limit of a fine, 10 % of a year's turnover: Council Regulation (EC) No 1/2003, Article 23. What
the hazard grows with follows the guidelines on horizontal co-operation of the European Commission (2023/C 259/01):
rivalry, breadth, and market share. The rate is an assumption.
"""

from allysim.jit import equation


@equation
def legal_hazard(overlap, scope, completeness, market_share, legal):
    """Return the chance of a fine in a month: rate x omega x scope x (1 - C) x the members' share of the market.

    All are in [0, 1]; `scope` is how much of what they do the members do together.
    """
    return legal.rate * overlap * scope * (1.0 - completeness) * market_share


@equation
def fine(revenue, legal):
    """Return what a member with this revenue (k€/month) is fined (k€)."""
    return legal.fine * 12.0 * revenue
