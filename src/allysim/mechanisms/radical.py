"""F10 radical R&D: sprints that succeed less often and add more, how much being luck.

A radical sprint succeeds at lambda_s / 3. What a success adds is a lognormal part of what a member lacks, (1 - z)
min(1, exp(mu + s Z)) with s = .9 and Z common to the members; mu is such that a sprint adds as much in expectation,
success and the ceiling z <= 1 counted, as an incremental one. So the two differ in spread alone.

Sources: outcomes of R&D are skewed, a few large ones making up most of the value, Scherer & Harhoff (2000), Research
Policy 29; radical against incremental innovation, Dewar & Dutton (1986), Management Science 32. Sizes are assumptions.
"""

import math

from allysim.jit import equation
from allysim.mechanisms.belief import normal_cdf
from allysim.mechanisms.research import success_chance

HALVINGS = 60


@equation
def radical_chance(benefit, effort, research):
    """Return the chance that a radical sprint succeeds: that of an incremental one at a lower lambda_s (F10)."""
    return 1.0 - math.exp(-research.radical_intensity * research.intensity * benefit * effort)


@equation
def odds(benefit, effort, research):
    """Return how many times as often an incremental sprint succeeds as a radical one, benefit and effort above 0."""
    return success_chance(benefit, effort, research) / radical_chance(benefit, effort, research)


@equation
def expected_part(mu, spread):
    """Return E min(1, exp(mu + s Z)), Z ~ N(0, 1), for s > 0."""
    return math.exp(mu + 0.5 * spread * spread) * normal_cdf(-mu / spread - spread) + normal_cdf(mu / spread)


@equation
def log_median(part, spread):
    """Return mu for which E min(1, exp(mu + s Z)) is `part`, between 0 and 1; found by halving."""
    low = math.log(part) - 0.5 * spread * spread  # without a ceiling
    step = 1.0
    while expected_part(low + step, spread) < part and step < 64.0:
        step *= 2.0
    high = low + step
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if expected_part(middle, spread) < part:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@equation
def radical_gain(capability, effective, often, surprise, research):
    """Return what a radical success adds to a member's capability z, by the draw `surprise` from N(0, 1).

    `often` is `odds`: the rarer success is, the more it adds.
    """
    part, spread = research.gain * 2.0 * effective * often, research.radical_spread
    if part >= 1.0:
        return 1.0 - capability
    if spread > 0.0 and part > 0.0:
        part = min(1.0, math.exp(log_median(part, spread) + spread * surprise))
    return (1.0 - capability) * part
