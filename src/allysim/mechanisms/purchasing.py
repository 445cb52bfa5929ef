"""F1 pooled purchasing: one price schedule for all, alone or pooled.

Source: one function of volume for most schedules of quantity discounts, Schotanus, Telgen & de Boer (2009),
Omega 37.
"""

from allysim.jit import equation


@equation
def price_rung(spend, purchasing):
    """Return p(Q)/p1 = 1 - D [1 - (Q/Q1)^-eta] for spend Q >= Q1 (k€/month at list price), else 1."""
    if spend <= purchasing.first_rung:
        return 1.0
    return 1.0 - purchasing.discount * (1.0 - (spend / purchasing.first_rung) ** -purchasing.steepness)


@equation
def list_spend(paid, purchasing):
    """Return the spend at list price whose discounted price comes to `paid` (k€/month), to 1e-14."""
    spend = paid
    for _ in range(200):
        new = paid / price_rung(spend, purchasing)
        if abs(new - spend) <= 1e-14 * spend:
            return new
        spend = new
    return spend


@equation
def pool_discount(rung_alone, rung_pooled, benefit, leverage, purchasing):
    """Return what pooling takes off the list price beyond what a member gets alone, as a share of it.

    The saving of F1 times the alliance's benefit, nothing in a category without leverage, and
    never more than the schedule's greatest discount D in all.
    """
    if not leverage:
        return 0.0
    return min((rung_alone - rung_pooled) * benefit, rung_alone - (1.0 - purchasing.discount))
