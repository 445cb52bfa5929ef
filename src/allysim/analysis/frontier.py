"""Return against risk: which of several choices none of the others beats in both the mean and the worst tenth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from allysim.analysis.design import complete
from allysim.analysis.paired import interval_of_mean
from allysim.errors import AllysimError

TAIL = .1
"""Part of the draws that counts as the worst."""
LEAST = 40
"""Draws below which nothing is said: four in the worst tenth."""
RESAMPLES, BATCH, SEED = 1000, 50, 7
FIGURES = ("mean", "tail")
KINDS = ("luck", "assumption")


class Frontier(NamedTuple):
    """Return and risk of every choice.

    ``table`` has a row per choice, in their order: choice, mean, tail (the mean of the worst tenth), and for each of
    the two its gain over the reference (mean_gain, tail_gain) with two 95 % intervals (mean_luck_low, mean_luck_high,
    mean_assumption_low and so on, NaN where there is one seed or one point), all in the outcome's unit; efficient
    (no other choice has both at least as good, and one better), and chosen, the share of resamples in which it is.
    ``draws`` went into each, and ``left_out`` points and seeds had a run that failed.
    """

    table: pd.DataFrame
    draws: int
    left_out: int


def frontier(values: np.ndarray, choices: Sequence[str], reference: int = 0, better: int = 1) -> Frontier:
    """Return mean and worst tenth of every choice, and which choices are not dominated.

    Parameters
    ----------
    values : ndarray, shape (worlds, choices, points, seeds)
        The outcome, NaN for failed runs. Worlds, points and seeds are the same for all choices; worlds weigh alike,
        and a draw is one world at one point under one seed.
    choices : sequence of str
    reference : int
        The choice that gains are over.
    better : int
        +1 where more of the outcome is better, -1 where less is.

    Raises
    ------
    AllysimError
        Fewer than 40 draws.

    Notes
    -----
    The mean of the worst tenth is the conditional value at risk of Rockafellar & Uryasev (2000), with a part of the
    draw at its edge (2002). Draws are shared, so that what all choices have in common is in no gain. Intervals are of
    the jackknife (Tukey 1958; Efron & Stein 1981), leaving out one seed at all points (luck), and one point with all
    its seeds (assumptions): for a mean that is Student's t over seeds, or over points. Resamples draw points and seeds
    anew, each for itself (Owen 2007), which errs on the wide side. Measured on normal draws whose true values are
    known, 2000 times (standard error .5 %): the interval over 40 points holds the true gain of the mean in 95.2 % and
    that of the worst tenth in 91.8 % of cases, over 40 seeds likewise; over 128 points in 95.4 and 93.4 %.
    """
    values = better * np.asarray(values, dtype=float)
    kept = complete(values.sum(axis=(0, 1)))
    values = values[:, :, kept[0]][..., kept[1]]
    worlds, count, points, seeds = values.shape
    if (draws := worlds * points * seeds) < LEAST:
        raise AllysimError(f"a worst tenth takes {LEAST} draws whose runs all succeeded, and there are {draws}")
    measure = _Measure(values)
    whole = measure(np.ones((1, points, seeds)))[0]
    table = pd.DataFrame({"choice": list(choices), "mean": better * whole[0], "tail": better * whole[1]})
    gains = whole - whole[:, [reference]]
    halves = {}
    for kind, size, without in zip(KINDS, (seeds, points), (_without_seed, _without_point), strict=True):
        halves[kind] = np.full(gains.shape, np.nan)
        if size > 1:
            left = np.concatenate([measure(weights) for weights in without(points, seeds)])
            found = interval_of_mean(size * gains - (size - 1) * (left - left[..., [reference]]))
            halves[kind] = (found.high - found.low) / 2
    for k, name in enumerate(FIGURES):
        table[f"{name}_gain"] = better * gains[k]
        for kind, half in halves.items():
            table[f"{name}_{kind}_low"] = better * gains[k] - half[k]
            table[f"{name}_{kind}_high"] = better * gains[k] + half[k]
    table["efficient"] = not_dominated(whole[None])[0]
    chosen = np.zeros(count)
    for weights in _resamples(points, seeds):
        chosen += not_dominated(measure(weights)).sum(axis=0)
    table["chosen"] = chosen / RESAMPLES
    return Frontier(table, draws, sum(int((~one).sum()) for one in kept))


def worst(values: np.ndarray, part: float = TAIL) -> float:
    """Return the mean of the worst `part` of some values (n,), the lowest; the one at the edge counts in part."""
    values = np.asarray(values, dtype=float)
    return float(_Measure(values.reshape(1, 1, -1, 1), part)(np.ones((1, len(values), 1)))[0, 1, 0])


def not_dominated(figures: np.ndarray) -> np.ndarray:
    """Return which choices no other one beats.

    Parameters
    ----------
    figures : ndarray, shape (draws, figures, choices)
        More is better in all of them.

    Returns
    -------
    ndarray of bool, shape (draws, choices)
        False where another choice has all figures at least as good, and one better.
    """
    mine, other = figures[..., :, None], figures[..., None, :]
    return np.asarray(~((other >= mine).all(axis=1) & (other > mine).any(axis=1)).any(axis=-1))


class _Measure:
    """Mean and worst tenth of every choice, from weights of points and seeds; draws are sorted once."""

    def __init__(self, values: np.ndarray, part: float = TAIL) -> None:
        self.worlds, self.part = len(values), part
        flat = values.swapaxes(0, 1).reshape(values.shape[1], -1)
        self.order = np.argsort(flat, axis=1, kind="stable")
        self.sorted = np.take_along_axis(flat, self.order, axis=1)

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """Return mean and worst tenth, (draws, 2, choices), from weights (draws, points, seeds)."""
        each = np.tile(weights.reshape(len(weights), -1), self.worlds)
        total = each.sum(axis=1)
        found = np.empty((len(weights), 2, len(self.order)))
        for k, order in enumerate(self.order):
            weight = each[:, order]
            below = np.cumsum(weight, axis=1) - weight
            taken = np.clip(self.part * total[:, None] - below, 0, weight)
            found[:, 0, k] = weight @ self.sorted[k] / total
            found[:, 1, k] = taken @ self.sorted[k] / (self.part * total)
        return found


def _without_point(points: int, seeds: int) -> Iterator[np.ndarray]:
    for some in np.array_split(np.arange(points), -(-points // BATCH)):
        yield np.broadcast_to(1.0 - np.eye(points)[some][:, :, None], (len(some), points, seeds))


def _without_seed(points: int, seeds: int) -> Iterator[np.ndarray]:
    for some in np.array_split(np.arange(seeds), -(-seeds // BATCH)):
        yield np.broadcast_to(1.0 - np.eye(seeds)[some][:, None, :], (len(some), points, seeds))


def _resamples(points: int, seeds: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(SEED)
    for _ in range(RESAMPLES // BATCH):
        by_point = rng.multinomial(points, np.full(points, 1 / points), BATCH)
        by_seed = rng.multinomial(seeds, np.full(seeds, 1 / seeds), BATCH)
        yield (by_point[:, :, None] * by_seed[:, None, :]).astype(float)
