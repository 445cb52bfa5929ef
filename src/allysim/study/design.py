"""Designs: which points of the space of parameters a study runs.

Points lie in the unit cube first. The points of ``random``, ``sobol``, ``saltelli`` and ``morris`` are the first
ones of a sequence without end, so that a study can be extended; those of ``lhs`` are made for their number.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from allysim.analysis.design import optional, problem
from allysim.config.sweeping import Dimension

SEED = 20_261
"""Of the points; luck has seeds of its own."""

NESTED = ("grid", "random", "sobol", "saltelli", "morris")
"""Designs whose first points stay the same when there are more."""

LEVELS = 4
"""Of each parameter in trajectories of Morris (1991)."""


def rows(design: str, dimensions: int, points: int) -> int:
    """Return how many points a design of so many `points` (trajectories, blocks) runs."""
    block = {"morris": dimensions + 1, "saltelli": 2 * (dimensions + 1)}.get(design, 1)
    return 1 if design == "grid" else points * block


def sample(design: str, dimensions: Sequence[Dimension], points: int) -> np.ndarray:
    """Return the points of a design, shape (`rows`, dimensions), in the parameters' own units.

    Parameters
    ----------
    design : str
        One of `allysim.config.sweeping.DESIGNS`.
    dimensions : sequence of Dimension
    points : int
        Points; trajectories of ``morris``; blocks of ``saltelli``.

    Notes
    -----
    Sobol (1967) scrambled after Owen; Saltelli et al. (2010), with blocks for second-order indices; Morris (1991)
    with 4 levels. A whole number stands for an equal share of the interval.

    Examples
    --------
    >>> from allysim.config.sweeping import Dimension
    >>> from allysim.study.design import sample
    >>> sample("sobol", [Dimension("pilot.months", 1, 12, True)], 4).shape
    (4, 1)
    """
    if design == "grid":
        return np.empty((1, 0))
    unit = {"random": _random, "lhs": _lhs, "sobol": _sobol, "saltelli": _saltelli,
            "morris": _morris}[design](len(dimensions), points)
    return scaled(unit, dimensions)


def scaled(unit: np.ndarray, dimensions: Sequence[Dimension]) -> np.ndarray:
    """Bring points (n, d) of the unit cube to the intervals."""
    values = np.empty_like(unit)
    for k, (_, low, high, whole) in enumerate(dimensions):
        if whole:
            values[:, k] = np.minimum(np.floor(low + unit[:, k] * (high - low + 1)), high)
        else:
            values[:, k] = low + unit[:, k] * (high - low)
    return values


def _random(d: int, n: int) -> np.ndarray:
    return np.random.default_rng(SEED).random((n, d))


def _lhs(d: int, n: int) -> np.ndarray:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(d, rng=SEED).random(n))


def _sobol(d: int, n: int) -> np.ndarray:
    from scipy.stats import qmc

    with warnings.catch_warnings():  # a number that is no power of 2 is less even, and still fine
        warnings.simplefilter("ignore", UserWarning)
        return np.asarray(qmc.Sobol(d, rng=SEED).random(n))


def _saltelli(d: int, n: int) -> np.ndarray:
    sobol = optional("SALib.sample.sobol")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(sobol.sample(_problem(d), n, calc_second_order=True, seed=SEED))


def _morris(d: int, n: int) -> np.ndarray:
    morris = optional("SALib.sample.morris")
    return np.concatenate([morris.sample(_problem(d), 1, num_levels=LEVELS, seed=SEED + k) for k in range(n)])


def _problem(d: int) -> dict[str, object]:
    return problem([str(k) for k in range(d)], np.tile([0.0, 1.0], (d, 1)))
