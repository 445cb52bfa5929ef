"""F23 environment: autoregressive noise, jumps and disruptions; F22 fading of launches."""

import math

from allysim.jit import equation


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
def launched_appeal(age, customers):
    """Return the steady appeal of a firm that launches every `launch_months`, `age` months after a launch."""
    kept = 1.0 - customers.launch_fade
    return customers.launch_gain * kept**age / (1.0 - kept**customers.launch_months)
