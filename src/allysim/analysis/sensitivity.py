"""Which parameters move an outcome, from designs made for that question: Morris' and Saltelli's."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from allysim.analysis.design import Found, optional, problem, ranked, whole_blocks

RESAMPLES = 400
SEED = 7


class Indices(NamedTuple):
    """Sobol' indices: a table by parameter, one by pair of them, and the blocks used and left out."""

    table: pd.DataFrame
    pairs: pd.DataFrame
    used: int
    left_out: int


def screening(x: np.ndarray, y: np.ndarray, bounds: np.ndarray, keys: Sequence[str], levels: int) -> Found:
    """Return Morris' elementary effects: by how much a parameter moves the outcome over its whole range.

    Parameters
    ----------
    x : ndarray, shape (trajectories * (parameters + 1), parameters)
        Points in real units; each step of a trajectory moves one parameter.
    y : ndarray, shape (len(x), replications)
        The outcome, NaN for failed runs.
    bounds : ndarray, shape (parameters, 2)
    keys : sequence of str
    levels : int
        Levels of the grid of the design.

    Returns
    -------
    Found
        Columns key, mu_star (mean size of the effect, in the unit of the outcome), low and high (its 95 %
        interval, from trajectories resampled), mu (mean effect), sigma (its standard deviation over
        trajectories: effects that curve or depend on others), luck (the mu_star that luck alone would show
        in a mean over so many replications; missing with one). Largest mu_star first. A trajectory with a
        failed run is left out.

    Raises
    ------
    AllysimError
        SALib is missing, the design is another, or fewer than two trajectories are whole.

    Notes
    -----
    Morris (1991), with mu_star of Campolongo, Cariboni & Saltelli (2007), by SALib. The mean size of a
    normal error with standard error s is s sqrt(2/pi); `luck` is its mean over trajectories, with s from
    the same effect in each replication.
    """
    morris = optional("SALib.analyze.morris")
    size = len(keys) + 1
    rows, y = whole_blocks(y, size, "trajectories")
    x = np.asarray(x, dtype=float)[rows]
    found = morris.analyze(problem(keys, bounds), x, y.mean(axis=1), num_resamples=RESAMPLES, num_levels=levels,
                           seed=SEED)
    star, half = np.asarray(found["mu_star"], dtype=float), np.asarray(found["mu_star_conf"], dtype=float)
    table = pd.DataFrame({
        "key": list(keys), "mu_star": star, "low": np.maximum(star - half, 0), "high": star + half,
        "mu": np.asarray(found["mu"], dtype=float), "sigma": np.asarray(found["sigma"], dtype=float),
        "luck": _luck(x, y, size, levels),
    })
    return Found(ranked(table, "mu_star"), len(x) // size, (len(rows) - len(x)) // size)


def _luck(x: np.ndarray, y: np.ndarray, size: int, levels: int) -> np.ndarray:
    """Return the mu_star of luck alone by parameter, NaN with a single replication."""
    replications = y.shape[1]
    if replications < 2:
        return np.full(size - 1, np.nan)
    moved = np.sign(np.diff(x.reshape(-1, size, size - 1), axis=1))
    steps = np.diff(y.reshape(-1, size, replications), axis=1) * 2 * (levels - 1) / levels
    effects = np.einsum("tsk,tsr->tkr", moved, steps)
    return effects.std(axis=2, ddof=1).mean(axis=0) * math.sqrt(2 / math.pi / replications)


def indices(x: np.ndarray, y: np.ndarray, bounds: np.ndarray, keys: Sequence[str], second: bool = True) -> Indices:
    """Return Sobol' indices: the share of the outcome's variance that parameters and pairs of them account for.

    Parameters
    ----------
    x, y, bounds, keys
        As for `screening`; rows as ``SALib.sample.sobol`` lays them out, in blocks of 2 D + 2, or of D + 2
        without `second`.
    second : bool
        Whether the design has the rows that pairs need.

    Returns
    -------
    Indices
        ``table``: key, first, first_low, first_high, total, total_low, total_high, largest total first.
        ``pairs``: key, other, second, low, high, largest first; empty without `second`. All are shares of
        the variance of the mean over replications, with 95 % intervals from blocks resampled: they say what
        more points could change. Where the outcome does not vary, shares are NaN. A block with a failed run
        is left out.

    Raises
    ------
    AllysimError
        SALib is missing, the design is another, or fewer than two blocks are whole.

    Notes
    -----
    Saltelli et al. (2010) for first and total, Saltelli (2002) for second order, by SALib. What luck is left
    in the mean over replications counts as an interaction of all parameters, so it raises totals.
    """
    sobol = optional("SALib.analyze.sobol")
    count = len(keys)
    size = (2 if second else 1) * count + 2
    rows, y = whole_blocks(y, size, "blocks")
    mean = y.mean(axis=1)
    pairs = list(combinations(range(count), 2)) if second else []
    if np.ptp(mean) == 0:
        nothing = np.full((4, count), np.nan)
        first, first_half, total, total_half = nothing
        mixed = mixed_half = np.full((count, count), np.nan)
    else:
        found = sobol.analyze(problem(keys, bounds), mean, calc_second_order=second, num_resamples=RESAMPLES,
                              seed=SEED)
        first, first_half, total, total_half = (found[name] for name in ("S1", "S1_conf", "ST", "ST_conf"))
        mixed, mixed_half = (found["S2"], found["S2_conf"]) if second else (np.empty((0, 0)),) * 2
    table = pd.DataFrame({
        "key": list(keys), "first": first, "first_low": first - first_half, "first_high": first + first_half,
        "total": total, "total_low": np.maximum(total - total_half, 0), "total_high": total + total_half,
    })
    share = np.array([mixed[pair] for pair in pairs])
    half = np.array([mixed_half[pair] for pair in pairs])
    between = pd.DataFrame({"key": [keys[i] for i, _ in pairs], "other": [keys[j] for _, j in pairs], "second": share,
                            "low": share - half, "high": share + half})
    return Indices(ranked(table, "total"), ranked(between, "second"), len(mean) // size, int((~rows).sum()) // size)
