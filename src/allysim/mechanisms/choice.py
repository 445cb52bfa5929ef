"""F6 and F8 what an alliance is worth to a firm before it joins.

A pilot is an option: its costs are paid now, and what comes after is taken only if it is worth having
(real options, Kogut 1991, Management Science 37). Risk is priced by Arrow and Pratt.
"""

import math

from allysim.jit import equation, inlined
from allysim.mechanisms.belief import normal_cdf


@equation
def annuity(months, delta):
    """Return the present value of 1 k€ a month, paid at the end of each of `months` months."""
    if delta >= 1.0:
        return months
    return delta * (1.0 - delta**months) / (1.0 - delta)


@equation
def option_moments(mean, sd):
    """Return mean and variance of max(V, 0) for V ~ N(mean, sd^2)."""
    if sd <= 0.0:
        return max(mean, 0.0), 0.0
    x = mean / sd
    above = normal_cdf(x)
    density = 0.3989422804014327 * math.exp(-0.5 * x * x)
    first = mean * above + sd * density
    second = (mean * mean + sd * sd) * above + mean * sd * density
    return first, max(0.0, second - first * first)


@inlined
def certainty_equivalent(setup, pilot_value, mean_after, sd_after, delay, risk_aversion, wealth):
    """Return CE = mu - (r / 2W) sigma^2 of a pilot as an option (k€), and its expected gross value.

    mu = -I0/n + pilot months + delay E[max(V, 0)], with V ~ N(mean_after, sd_after^2) the present value
    after the pilot and `delay` = delta^months; sigma^2 is the variance of the same.
    """
    value, variance = option_moments(mean_after, sd_after)
    gross = pilot_value + delay * value
    return gross - setup - risk_aversion / (2.0 * wealth) * delay * delay * variance, gross
