"""F20 what members believe of their alliance's gain q: normal prior, normal signals (Bayes).

A month's signal is q plus an error that persists while the baseline stands (sd .06) plus measurement
noise (sd .10), so that K signals tell no more than a variance of .06^2 + .10^2 / K.
"""

import math

from allysim.jit import equation


@equation
def normal_cdf(x):
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x / 1.4142135623730951)


@equation
def posterior(prior_mean, prior_variance, signal_sum, signals, persistent, noise):
    """Return mean and variance of the belief in q after `signals` signals that sum to `signal_sum`."""
    if signals == 0:
        return prior_mean, prior_variance
    error = persistent**2 + noise**2 / signals
    if prior_variance + error <= 0.0:
        return prior_mean, 0.0
    weight = prior_variance / (prior_variance + error)
    return prior_mean + weight * (signal_sum / signals - prior_mean), weight * error


@equation
def chance_above(threshold, mean, sd):
    """Return Pr(q > threshold) under N(mean, sd^2); 0 or 1 where sd is 0."""
    if sd <= 0.0:
        return 1.0 if mean > threshold else 0.0
    return normal_cdf((mean - threshold) / sd)
