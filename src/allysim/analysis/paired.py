"""Paired differences: how far two variants lie apart when they share their luck.

Replication k of every variant has the same seed, so its shocks are the same and most of the noise
cancels in the difference. What remains is averaged over replications; Student's t gives the interval
of that mean. The intervals say what more luck could change, nothing about wrong assumptions.
"""

import functools
import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

NO_CLEAR_DIFFERENCE = "no clear difference"
TOO_FEW = "too few runs"
LEVEL = 0.95


class Interval(NamedTuple):
    """Means with the intervals that hold them; arrays of one shape.

    ``n`` counts the values used, ``error`` is the standard error of the mean.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray
    error: np.ndarray


@functools.lru_cache(maxsize=256)
def t_quantile(probability: float, df: int) -> float:
    """Return Student's t quantile for a whole number of degrees of freedom.

    Parameters
    ----------
    probability : float
        Between .5 and 1, both excluded.
    df : int
        Degrees of freedom, at least 1.

    Notes
    -----
    Inverts the closed form of the distribution for whole degrees of freedom (Abramowitz & Stegun
    1964, 26.7.3 and 26.7.4) by bisection on the angle arctan(t / sqrt(df)); exact to about 1e-12.
    Above 10 000 degrees of freedom three terms of the expansion in 1/df (26.7.5) are as exact.
    """
    if not .5 < probability < 1 or df < 1:
        raise ValueError(f"t_quantile takes a probability between .5 and 1 and df >= 1, not {probability} and {df}")
    if df > 10_000:
        z = NormalDist().inv_cdf(probability)
        return z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df**2)
    odd = df % 2
    k = np.arange(1, (df - odd) // 2)
    weights = np.concatenate([[1.0], np.cumprod(2 * k / (2 * k + 1) if odd else (2 * k - 1) / (2 * k))])
    powers = 2.0 * np.arange(len(weights))

    def within(angle: float) -> float:
        """Probability of less than t in absolute value."""
        series = math.sin(angle) * float(weights @ math.cos(angle) ** powers)
        if not odd:
            return series
        return 2 / math.pi * (angle + (math.cos(angle) * series if df > 1 else 0.0))

    low, high = 0.0, math.pi / 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle) < 2 * probability - 1 else (low, middle)
    return math.sqrt(df) * math.tan(low)


def interval_of_mean(values: np.ndarray, level: float = LEVEL) -> Interval:
    """Return the mean over the first axis with its Student-t interval.

    Parameters
    ----------
    values : ndarray, shape (replications, ...)
        Values that are not finite (a failed run, a rate of nobody) are left out.
    level : float
        Coverage of the interval.

    Returns
    -------
    Interval
        Arrays of shape ``values.shape[1:]``; bounds are NaN where fewer than two values remain.
    """
    values = np.asarray(values, dtype=float)
    known = np.isfinite(values)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        deviation = np.where(known, values - mean, 0.0)
        error = np.sqrt((deviation**2).sum(axis=0) / (n - 1.0) / n)
    quantiles = np.full(values.shape[0] + 1, np.nan)
    for count in np.unique(n[n >= 2]):
        quantiles[count] = t_quantile((1 + level) / 2, int(count) - 1)
    half = np.where(n >= 2, quantiles[n] * error, np.nan)
    return Interval(mean, mean - half, mean + half, n, np.where(n >= 2, error, np.nan))


def paired_difference(values: np.ndarray, reference: np.ndarray, level: float = LEVEL) -> Interval:
    """Return the mean of ``values - reference`` with its interval; replication k of both shares its seed."""
    return interval_of_mean(np.asarray(values, dtype=float) - np.asarray(reference, dtype=float), level)


def quantile_band(values: np.ndarray, low: float = .1, high: float = .9) -> tuple[np.ndarray, np.ndarray]:
    """Return two quantiles over the first axis; values that are not finite are left out.

    It says where single runs lie, however many there are; `interval_of_mean` where their mean does.
    """
    below, above = quantiles(values, (low, high))
    return below, above


def quantiles(values: np.ndarray, levels: tuple[float, ...] = (.1, .5, .9)) -> list[np.ndarray]:
    """Return quantiles over the first axis, one array per level; values that are not finite are left out."""
    values = np.asarray(values, dtype=float)
    shape = values.shape[1:]
    columns = values.reshape(len(values), -1)
    known = np.isfinite(columns)
    found = np.full((len(levels), columns.shape[1]), np.nan)
    whole = known.all(axis=0)
    if whole.any():
        found[:, whole] = np.quantile(columns[:, whole], levels, axis=0)
    for j in np.flatnonzero(~whole & known.any(axis=0)):  # the slow way only where something is missing
        found[:, j] = np.quantile(columns[known[:, j], j], levels)
    return [row.reshape(shape) for row in found]


def variance_reduction(values: np.ndarray, reference: np.ndarray) -> float:
    """Return how much of the variance of a difference of means shared luck takes away.

    It is 1 - var(a - b) / (var(a) + var(b)) over the pairs that are finite, (replications,) each: unpaired runs
    of the same number would have the variance below the line. 0 where luck is not shared in effect, 1 where
    nothing is left, below 0 where pairing hurts; NaN with fewer than two pairs or no variance at all.
    """
    values, reference = np.asarray(values, dtype=float), np.asarray(reference, dtype=float)
    known = np.isfinite(values) & np.isfinite(reference)
    a, b = values[known], reference[known]
    unpaired = a.var(ddof=1) + b.var(ddof=1) if a.size >= 2 else 0.0
    return float(1 - (a - b).var(ddof=1) / unpaired) if unpaired > 0 else math.nan


def replications_for(half_width: float, interval: Interval, most: int = 10**9) -> int | None:
    """Return how many replications give an interval of this half-width at `LEVEL`, if the spread stays as seen.

    The least n with t(n - 1) sd / sqrt(n) <= `half_width`, found by bisection; None beyond `most` or where
    there is no interval.
    """
    deviation = float(interval.error) * math.sqrt(int(interval.n))
    if not math.isfinite(deviation):
        return None

    def suffices(n: int) -> bool:
        return t_quantile((1 + LEVEL) / 2, n - 1) * deviation <= half_width * math.sqrt(n)

    if not suffices(most):
        return None
    few, enough = 1, most
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if suffices(middle) else (middle, enough)
    return enough


def verdict(low: float, high: float, better: int = 0) -> str:
    """Say what an interval of a difference allows to say.

    "better" or "worse" where the figure has a good direction (`better` is +1 or -1), else "higher"
    or "lower"; "no clear difference" where the interval contains zero; "too few runs" without one.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return TOO_FEW
    if low <= 0 <= high:
        return NO_CLEAR_DIFFERENCE
    up = low > 0
    if better == 0:
        return "higher" if up else "lower"
    return "better" if up == (better > 0) else "worse"


def replications_needed(interval: Interval, most: int = 100_000) -> int | None:
    """Guess how many replications would make a difference of this size clear.

    Taken as it stands, the interval narrows with the root of the number of replications; None where
    the guess is beyond `most`, the difference is exactly zero, or there is no interval.
    """
    mean, half = float(interval.mean), float(interval.high - interval.low) / 2
    if not math.isfinite(half) or mean == 0:
        return None
    needed = math.ceil(int(interval.n) * (half / abs(mean)) ** 2)
    return needed if needed <= most else None
