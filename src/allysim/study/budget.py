"""How many replications, and how many points in the assumptions, a comparison affords in a given time."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING, NamedTuple

from allysim.errors import ConfigError
from allysim.study.executors import START_SECONDS, cores
from allysim.study.reversal import SHARE
from allysim.study.simulate import Task, simulate

if TYPE_CHECKING:
    from allysim.study.comparison import Comparison

UNITS = {"s": 1, "min": 60, "h": 3600}
LEAST_SECONDS, MOST_SECONDS = 10, 48 * 3600
TRIED = 2
"""Runs of each variant that are timed: the first may load something, so the faster counts."""
LEAST_REPLICATIONS, MOST_REPLICATIONS = 10, 400
LEAST_POINTS, MOST_POINTS = 16, 1024
"""Below the least nothing could be said; beyond the most, other errors are larger."""


class Size(NamedTuple):
    """Replications of every variant, and points at which each is run once more; `reverse` takes half as many."""

    replications: int
    points: int


def seconds_of(text: str) -> float:
    """Return the seconds that ``90s``, ``5min`` or ``1.5h`` stand for.

    Raises
    ------
    ConfigError
        It is no time, or one that is not allowed.

    >>> from allysim.study.budget import seconds_of
    >>> seconds_of("90s"), seconds_of("5min"), seconds_of("1.5 h")
    (90.0, 300.0, 5400.0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|min|h)", text.strip())
    seconds = float(found[1]) * UNITS[found[2]] if found else math.nan
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise ConfigError(f"budget={text} is not allowed: it takes a time from 10s to 48h, as in budget=90s, "
                          "budget=5min or budget=1h")
    return seconds


def affordable(comparison: Comparison, seconds: float) -> Size:
    """Return the size of a comparison that takes about so many seconds on this machine.

    Runs are timed once more than needed, and take as long at other points as at the defaults. A third of them looks
    for what reverses the answer; of the others half are replications, half points, which are a power of two, for which
    a Sobol sequence is even.

    Parameters
    ----------
    comparison : Comparison
        One that has not been run.
    seconds : float
    """
    from allysim.model import warm

    warm()
    took, cost = time.perf_counter(), 0.0
    for variant in comparison.variants:
        each = []
        for seed in comparison.seeds[:TRIED]:
            started = time.perf_counter()
            simulate(Task(variant.config, seed, comparison.records))
            each.append(time.perf_counter() - started)
        cost += min(each)
    workers = comparison.jobs or cores()
    left = max(seconds - (time.perf_counter() - took) - 2 * START_SECONDS, 0.0)
    return share_out(left * workers / cost * SHARE / (SHARE + 1))


def share_out(runs: float) -> Size:
    """Return how a number of runs of every variant is parted into replications and points.

    >>> from allysim.study.budget import share_out
    >>> share_out(200.0), share_out(20.0), share_out(1e6)
    (Size(replications=136, points=64), Size(replications=20, points=0), Size(replications=400, points=1024))
    """
    points = min(2 ** math.floor(math.log2(max(runs, 2.0) / 2)), MOST_POINTS)
    points = points if points >= LEAST_POINTS else 0
    return Size(min(max(LEAST_REPLICATIONS, int(runs - points)), MOST_REPLICATIONS), points)
