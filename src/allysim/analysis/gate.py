"""How often the gate of a pilot is wrong, worked out in closed form (F20)."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

NORMAL = NormalDist()


class Chances(NamedTuple):
    """Chances of the verdicts on a pilot with a given gain, at its first gate; the rest is an extension."""

    go: float
    stop: float


def chances(gain: float, threshold: float, months: int, prior: tuple[float, float], errors: tuple[float, float],
            bars: tuple[float, float]) -> Chances:
    """Return the chances of go and of stop at a Bayes gate.

    Parameters
    ----------
    gain, threshold : float
        The true relative gain in gross margin, and the one the charter asks for.
    months : int
        Months of signals, at least 1.
    prior : (float, float)
        Mean and standard deviation of the belief at signing.
    errors : (float, float)
        Standard deviations of the error of the signal that persists and of a month's noise, the same in truth as
        members believe.
    bars : (float, float)
        Go when the belief that the gain exceeds the threshold is above the first, stop when it is below the second.

    Notes
    -----
    After n signals the belief is normal with mean m0 + w (ybar - m0) and variance w v, w = s0^2 / (s0^2 + v),
    v = sp^2 + sigma^2 / n; ybar is normal around the true gain with variance v (conjugate normal updating, DeGroot
    1970). So each verdict has a normal probability.
    """
    error = errors[0] ** 2 + errors[1] ** 2 / months
    variance = prior[1] ** 2
    if error == 0.0 or variance == 0.0:
        mean = gain if error == 0.0 < variance else prior[0]
        above = mean > threshold
        return Chances(float(above), float(not above))
    weight = variance / (variance + error)

    def limit(bar: float) -> float:
        """Return the mean signal from which the belief exceeds a bar."""
        if not 0.0 < bar < 1.0:
            return math.inf if bar >= 1.0 else -math.inf
        least = threshold + NORMAL.inv_cdf(bar) * math.sqrt(weight * error)
        return prior[0] + (least - prior[0]) / weight

    def below(signal: float) -> float:
        return NORMAL.cdf((signal - gain) / math.sqrt(error)) if math.isfinite(signal) else float(signal > 0)

    return Chances(1.0 - below(limit(bars[0])), below(limit(bars[1])))
