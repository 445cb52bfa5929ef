"""A difference over all points of a design: how sure it is by luck, and how far it goes with the assumptions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from allysim.analysis.design import complete
from allysim.analysis.paired import interval_of_mean, t_quantile


class Across(NamedTuple):
    """Mean over points and seeds, its 95 % interval by luck, where the middle 95 % of points lie, and their share > 0.

    It rests on that many `points` and `seeds`: as many as keep the most runs, where some failed (`complete`).
    """

    mean: float
    low: float
    high: float
    point_low: float
    point_high: float
    positive: float
    points: int
    seeds: int


def across(values: np.ndarray, own_luck: bool = False) -> Across:
    """Summarise an outcome, or a paired difference, over a design.

    Parameters
    ----------
    values : ndarray, shape (points, replications)
        NaN for failed runs. Their seeds or their points are left out, whatever keeps more.
    own_luck : bool
        Whether every point has seeds of its own; by default they are the same at every point.

    Notes
    -----
    Under the same seeds the mean over points under one seed is one draw of luck: Student's t over seeds gives the
    interval. Under seeds of its own the luck of a point is in no other, and what seeds differ by at a point gives it.
    Over points the mean over seeds still holds some luck, so their spread is an upper bound of that of the assumptions.
    """
    points, seeds = complete(values)
    whole = values[points][:, seeds]
    if not whole.size:
        nothing = float("nan")
        return Across(nothing, nothing, nothing, nothing, nothing, nothing, 0, 0)
    by_point = whole.mean(axis=1)
    luck_low, luck_high = _within(whole) if own_luck else interval_of_mean(whole.mean(axis=0))[1:3]
    low, high = np.quantile(by_point, [.025, .975])
    return Across(float(whole.mean()), float(luck_low), float(luck_high), float(low), float(high),
                  float((by_point > 0).mean()), *whole.shape)


def _within(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of the mean of values (points, replications) by luck that points do not share."""
    points, replications = values.shape
    if replications < 2:
        return float("nan"), float("nan")
    error = np.sqrt(values.var(axis=1, ddof=1).mean() / values.size)
    half = t_quantile(.975, points * (replications - 1)) * error
    return values.mean() - half, values.mean() + half
