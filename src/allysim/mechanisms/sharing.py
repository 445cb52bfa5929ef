"""F21 shared data: they sharpen what members see of their alliance, and tempt to misuse.

Sharing demand data lowers what partners must guess, Lee, So & Tang (2000), Management Science 46. Sizes are
assumptions.
"""

import math

from allysim.jit import equation


@equation
def measurement_noise(noise, shared, anonymised, sharing):
    """Return the sd of a month's measurement noise: sigma_y^2 = sigma_0^2 / [sqrt(s_D) (1 - .15 s_V)].

    Members who share nothing still see as much of each other as s_D = .05 shows.
    """
    precision = max(shared, sharing.floor)**sharing.precision * (1.0 - sharing.blur * anonymised)
    return noise / math.sqrt(precision)


@equation
def misuse_hazard(shared, anonymised, access, penalty, sharing):
    """Return a member's hazard a month: .003 s_D (1 - .5 s_V)(1 - .3 s_X) / (1 + P/20), P in k€."""
    guarded = (1.0 - sharing.anonymised * anonymised) * (1.0 - sharing.access * access)
    return sharing.misuse * shared * guarded / (1.0 + penalty / sharing.deterrence)
