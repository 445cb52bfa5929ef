"""F17 the residual hazard of separation, and F25 the residual hazard of exit.

Source: the hazard of joint ventures rises, peaks and falls, and rivalry between partners raises it, Park & Russo
(1996), Management Science 42; the liability of newness of entrants (establishment statistics). The log-logistic form
is an assumption; its scale and the hazards of entrants are fitted (results/calibration).
"""

import math

from allysim.jit import equation
from allysim.mechanisms.kinds import by_type


@equation
def loglogistic_hazard(months, scale, shape):
    """Return the hazard (1/month) of a log-logistic duration after `months` > 0."""
    if months <= 0.0:
        return 0.0
    ratio = (months / scale) ** shape
    return shape / months * ratio / (1.0 + ratio)


@equation
def separation_hazard(kind, months, overlap, members, separation):
    """Return the residual hazard (1/month) of an alliance of some type `months` after go, at most 1."""
    base = loglogistic_hazard(months, separation.scale, separation.shape)
    of_type = by_type(kind, separation.procurement, separation.coopetition, separation.rnd, separation.infrastructure)
    factor = of_type * separation.rivalry**overlap * separation.per_member ** max(0.0, members - 2.0)
    return min(1.0, base * factor)


@equation
def exit_hazard(generation, age, demography):
    """Return the residual exit hazard (1/month) of an incumbent, or of an entrant `age` months old."""
    if generation == 0:
        return demography.exit_incumbent
    return min(1.0, demography.exit_entrant + demography.exit_newness * math.exp(-age / demography.exit_fading))
