"""Whether a claim holds: in what part of the space of assumptions a figure moves the way it says, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from allysim.analysis.across import Across, across
from allysim.analysis.boxes import Box, box
from allysim.analysis.design import whole

HOLDS, FAILS, ONLY_WHERE, UNDETERMINED = "holds", "fails", "only where", "undetermined"
WAYS = {"higher": (1, 1), "lower": (-1, 1), "not_lower": (1, -1), "not_higher": (-1, -1)}
"""What a claim says of a figure to the sign of a difference in its favour, and that of the margin to be passed."""

MOST = .9
"""Share of the space from which on a claim holds; up to what is left of 1 it fails."""

LEAST_POINTS = 40
RISK = .05


class Verdict(NamedTuple):
    """What became of one part of a claim.

    ``word`` is one of holds, fails, only where, undetermined. ``share`` of the points bear the claim out, with a 95 %
    interval over points, as binomial. ``found`` is the difference itself (`across`), with intervals of luck and of
    assumptions. ``box`` is where it holds, where a box of assumptions tells; None otherwise. ``hangs_on`` is the
    assumption whose ranks the difference moves with most ("" where none is clear), with Spearman's ``correlation``.
    ``agree`` is the share of the points at which every seed by itself says the same: what is short of 1 is luck.
    """

    word: str
    share: float
    share_low: float
    share_high: float
    found: Across
    box: Box | None
    hangs_on: str
    correlation: float
    agree: float


def judge(x: np.ndarray, difference: np.ndarray, keys: Sequence[str], way: str, margin: float) -> Verdict:
    """Judge a claim on paired differences over a space-filling design.

    Parameters
    ----------
    x : ndarray, shape (points, parameters)
    difference : ndarray, shape (points, replications)
        With less without; NaN where a run failed or there is no figure, and such a point is left out. Each point has
        seeds of its own.
    keys : sequence of str
        Names of the parameters.
    way : str
        One of `WAYS`.
    margin : float
        The difference that does not matter, in the unit of the figure, not negative.

    Raises
    ------
    AllysimError
        Fewer than 40 points are whole, or ema_workbench is needed and missing.

    Notes
    -----
    The luck left in the mean at a point moves points across the margin both ways, so that a share is nearer to one half
    than without it, and a claim less easily holds or fails.
    """
    from scipy.stats import binom

    sign, bar = WAYS[way]
    x, difference, _ = whole(x, difference, LEAST_POINTS)
    at = difference.mean(axis=1)
    true, alone = sign * at > bar * margin, sign * difference > bar * margin
    share = float(true.mean())
    low, high = binom.ppf([.025, .975], len(true), share) / len(true)
    word, where = HOLDS if share >= MOST else FAILS if share <= 1 - MOST else UNDETERMINED, None
    if word == UNDETERMINED:
        where = box(x, true, keys)
        word = ONLY_WHERE if where.confirmed else UNDETERMINED
    name, value = strongest(x, at, keys)
    return Verdict(word, share, float(low), float(high), across(difference, own_luck=True), where, name, value,
                   float((alone.all(axis=1) | ~alone.any(axis=1)).mean()))


def together(words: Iterable[str]) -> str:
    """Return the verdict on a claim from those on its parts, all of which it says: the worst of them."""
    words = set(words)
    return next(word for word in (FAILS, UNDETERMINED, ONLY_WHERE, HOLDS) if word in words)


def strongest(x: np.ndarray, y: np.ndarray, keys: Sequence[str], risk: float = RISK) -> tuple[str, float]:
    """Return the first of `standing_out`; ("", nan) where there is none."""
    found = standing_out(x, y, keys, risk)
    return found[0] if found else ("", float("nan"))


def standing_out(x: np.ndarray, y: np.ndarray, keys: Sequence[str], risk: float = RISK) -> list[tuple[str, float]]:
    """Return the parameters whose ranks an outcome's clearly move with, and Spearman's correlations of them.

    Parameters
    ----------
    x : ndarray, shape (points, parameters)
    y : ndarray, shape (points,)
        Missing where there is no outcome.
    keys : sequence of str
    risk : float
        That any is named although no parameter counts, over all of them (Bonferroni).

    Returns
    -------
    list of (str, float)
        The strongest first.
    """
    from scipy.stats import rankdata, spearmanr

    kept = ~np.isnan(y)
    if kept.sum() < 8 or len(np.unique(y[kept])) < 2:
        return []
    ranks, found = rankdata(y[kept]), []
    for key, column in zip(keys, x[kept].T, strict=True):
        if np.ptp(column) == 0:
            continue
        one = spearmanr(column, ranks)
        if one.pvalue < risk / len(keys):
            found.append((key, float(one.statistic)))
    return sorted(found, key=lambda one: -abs(one[1]))
