"""F13 defection: a member takes a temptation when it beats what staying honest is worth.

Source: the folk theorem with grim punishment, Friedman (1971), Review of Economic Studies 38.
"""

import math

from allysim.jit import equation, inlined
from allysim.mechanisms.kinds import by_type


@inlined
def mean_temptation(kind, gain, members, conduct):
    """Return the mean of the temptation M (k€): pi_C (k€/month) times 6.7 [1 + .1 (n - 2)], 3.8 for R&D."""
    months = by_type(kind, conduct.temptation, conduct.temptation, conduct.temptation_rnd, conduct.temptation)
    return months * gain * (1.0 + conduct.per_member * (members - 2.0))


@inlined
def discount(delta, hazard, conduct):
    """Return dh = delta (1 - residual hazard - .006), in [0, delta]."""
    return delta * max(0.0, 1.0 - hazard - conduct.other_hazard)


@inlined
def threshold(gain, discounted, detection, penalty, trust, honesty, conduct):
    """Return the temptation (k€) above which a member defects.

    (pi_C - pi_P) dh / (1 - dh) + q_det P + 4 T honesty pi_C.
    """
    future = gain * (1.0 - conduct.punished_gain) * discounted / (1.0 - discounted)
    return future + detection * penalty + conduct.loyalty * trust * honesty * gain


@equation
def detection(dashboard, conduct):
    """Return the chance that a breach is seen, in [0, 1]."""
    return min(1.0, conduct.detection + conduct.detection_dashboard * dashboard)


@inlined
def expected_loss(kind, gain, members, detected, penalty, trust, life, conduct, choice):
    """Return what one partner is expected to take from the others over an alliance's life (k€).

    1.25 E[M | defects] times the chance of it in a month, times the annuity `life`, at the trust of the
    tie and a stranger's honesty; the hazard is that of the expected life. 0 where the partner gains
    nothing, for it leaves and does not cheat.
    """
    mean = mean_temptation(kind, gain, members, conduct)
    if gain <= 0.0 or mean <= 0.0:
        return 0.0
    discounted = discount(conduct.delta, 1.0 / choice.expected_life, conduct)
    least = threshold(gain, discounted, detected, penalty, trust, choice.honesty, conduct)
    return conduct.damage * (least + mean) * math.exp(-least / mean) * life
