"""F24 shared infrastructure: part of the fixed cost replaced, rent, and outages with a common cause.

Source: common causes of failure as a share beta, Fleming (1975), A Reliability Model for Common Mode Failures in
Redundant Safety Systems, General Atomic GA-A13284. The sizes are assumptions.
"""

from allysim.jit import equation


@equation
def replaced(month_cost, before, benefit, infrastructure):
    """Return what an alliance replaces of a user's fixed cost F (k€/month).

    A first alliance replaces a tenth of F, times its benefit, and each further one the same part of what is left of
    the replaceable three tenths after what others replace `before` it.
    """
    left = infrastructure.replaceable * month_cost - before
    return max(0.0, left) * min(1.0, infrastructure.replaces / infrastructure.replaceable * benefit)


@equation
def rent(month_cost, infrastructure):
    """Return a user's rent (k€/month): of its part of the capital, in proportion to its fixed cost."""
    part = infrastructure.capital / infrastructure.users
    return infrastructure.rent * part * month_cost / infrastructure.user_cost


@equation
def outage_rates(infrastructure):
    """Return the chances a month of a user's own outage and of one that all users share."""
    common = infrastructure.outage_common * infrastructure.outage
    own = infrastructure.outage - common
    return own, common * (1.0 - infrastructure.recovery_common) if infrastructure.recovery else common


@equation
def outage_loss(infrastructure):
    """Return the share of a month's output that an outage takes."""
    kept = 1.0 - infrastructure.recovery_time if infrastructure.recovery else 1.0
    return infrastructure.outage_loss * kept
