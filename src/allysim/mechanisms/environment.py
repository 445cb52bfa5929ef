"""F23 environment: noise, jumps, cycles, disruptions, slumps, trends and regime shifts; F22 fading of launches.

Sources: logistic diffusion, Griliches (1957), Econometrica 25; one technology replacing another, Fisher & Pry (1971),
Technological Forecasting and Social Change 3.
"""

import math

from allysim.jit import equation
from allysim.mechanisms.names import SEGMENTS

LEGACY, ELECTRIC, SOFTWARE = (SEGMENTS.index(name) for name in ("legacy", "electric", "software"))


@equation
def autoregress(level, persistence, innovation):
    """Return the next value of a first-order autoregression around 0."""
    return persistence * level + innovation


@equation
def disruption_months(p, mean):
    """Return the length of a disruption: geometric, at least 1 month, by the quantile p in (0, 1)."""
    if mean <= 1.0:
        return 1
    return 1 + int(math.log(1.0 - p) / math.log(1.0 - 1.0 / mean))


@equation
def logistic_step(share, ceiling, slope):
    """Return next month's share, a month on along the logistic curve with this ceiling and slope that it is on.

    From a share s at month 0 it is ceiling / (1 + exp(-slope (t - t0))) at month t, t0 = ln(ceiling / s - 1) / slope.
    """
    return ceiling / (1.0 + (ceiling / share - 1.0) * math.exp(-slope))


@equation
def electrify(size, ceiling, slope):
    """Move electric's share of legacy and electric demand (S,), units/month, a month on; their sum stays."""
    both = size[LEGACY] + size[ELECTRIC]
    size[ELECTRIC] = both * logistic_step(size[ELECTRIC] / both, ceiling, slope)
    size[LEGACY] = both - size[ELECTRIC]


@equation
def digitise(size, ceiling, slope):
    """Move software's share of all demand (S,), units/month, a month on; the others shrink alike, the sum stays."""
    whole = size.sum()
    before = size[SOFTWARE] / whole
    after = logistic_step(before, ceiling, slope)
    for s in range(size.size):
        size[s] *= (1.0 - after) / (1.0 - before)
    size[SOFTWARE] = whole * after


@equation
def regime_factor(p, up, least, most):
    """Return what demand is multiplied by as a regime shifts up or down, by the quantile p of its size."""
    step = least + (most - least) * p
    return 1.0 + step if up else 1.0 - step


def slump_factor(month, drivers):
    """Return what demand of `month` is multiplied by: a fall along a line to the bottom, a stay there, a line back."""
    gone = month - drivers.slump_from + 1
    depth = min(gone / drivers.slump_fall, 1.0)
    back = (gone - drivers.slump_fall - drivers.slump_stay) / drivers.slump_recovery
    return 1.0 - drivers.slump * min(max(depth, 0.0), 1.0 - min(max(back, 0.0), 1.0))


def cycle_factor(month, drivers):
    """Return what input prices of `month` are multiplied by: a sine of their log, over where it is at month 0."""
    turn = 2.0 * math.pi / drivers.price_cycle_months
    phase = turn * drivers.price_cycle_phase
    return math.exp(drivers.price_cycle * (math.sin(turn * month + phase) - math.sin(phase)))


@equation
def launched_appeal(age, customers):
    """Return the steady appeal of a firm that launches every `launch_months`, `age` months after a launch."""
    kept = 1.0 - customers.launch_fade
    return customers.launch_gain * kept**age / (1.0 - kept**customers.launch_months)
