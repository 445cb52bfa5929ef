"""Whether a claim holds: in what part of the space of assumptions a figure moves the way it says, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from allysim.analysis.across import Across, across
from allysim.analysis.boxes import Box, box
from allysim.analysis.design import matrix

HOLDS, FAILS, ONLY_WHERE, UNDETERMINED = "holds", "fails", "only where", "undetermined"
WAYS = {"higher": (1, 1), "lower": (-1, 1), "not_lower": (1, -1), "not_higher": (-1, -1)}
"""What a claim says of a figure to the sign of a difference in its favour, and that of the margin to be passed."""

MOST, FEW = .9, .1
"""Shares of the space from which on a claim holds, and up to which it fails."""

LEAST_SHARE = .5
"""Of all points, those with a figure from which on there is a verdict: it is one on the whole space."""

LEAST_POINTS = 40
"""With a figure, however few points there are."""

RISK = .05
FIFTH = .2


class Verdict(NamedTuple):
    """What became of one part of a claim.

    ``word`` is one of holds, fails, only where, undetermined. ``share`` of the points bear the claim out, with a 95 %
    interval over points, as binomial. ``found`` is the difference itself (`across`), with intervals of luck and of
    assumptions; its points are those with a figure, ``of`` all. ``box`` is the box of assumptions in which it is borne
    out most clearly, None where none was looked for. ``hangs_on`` is the assumption whose ranks the difference moves
    with most ("" where none is clear), with Spearman's ``correlation``; ``least`` and ``most`` are the shares borne out
    in the lowest and the highest fifth of it. ``agree`` is the share of the points at which every seed by itself says
    the same: what is short of 1 is luck. ``why`` says why there is no verdict, "" where there is one.
    """

    word: str
    share: float
    share_low: float
    share_high: float
    found: Across
    box: Box | None
    hangs_on: str
    correlation: float
    least: float
    most: float
    agree: float
    of: int
    why: str


def judge(x: np.ndarray, difference: np.ndarray, keys: Sequence[str], way: str, margin: float) -> Verdict:
    """Judge a claim on paired differences over a space-filling design.

    Parameters
    ----------
    x : ndarray, shape (points, parameters)
    difference : ndarray, shape (points, replications)
        With less without; NaN where a run failed or there is no figure, and such a point is left out; where less than
        half of the points are left, or less than 40, the claim is undetermined. Each point has seeds of its own.
    keys : sequence of str
        Names of the parameters.
    way : str
        One of `WAYS`.
    margin : float
        The difference that does not matter, in the unit of the figure, not negative.

    Raises
    ------
    AllysimError
        ema_workbench is needed and missing.

    Notes
    -----
    The luck left in the mean at a point moves points across the margin both ways, so that a share is nearer to one half
    than without it, and a claim less easily holds or fails.

    A claim holds only where a box says if held-out points confirm the box (`boxes.box`) and most of it bears the claim
    out: the 95 % interval (Clopper & Pearson 1934) of the share borne out at its held-out points lies above one half.
    """
    from scipy.stats import binom

    sign, bar = WAYS[way]
    difference = matrix(difference)
    there = np.isfinite(difference).all(axis=1)
    x, difference, of, nothing = np.asarray(x)[there], difference[there], len(there), float("nan")
    if not len(x):
        return Verdict(UNDETERMINED, nothing, nothing, nothing, across(difference, own_luck=True), None, "", nothing,
                       nothing, nothing, nothing, of, f"a figure at none of {of} points")
    at = difference.mean(axis=1)
    true, alone = sign * at > bar * margin, sign * difference > bar * margin
    share = float(true.mean())
    low, high = binom.ppf([.025, .975], len(true), share) / len(true)
    few = len(true) < max(LEAST_POINTS, LEAST_SHARE * of)
    word, where = UNDETERMINED if few else plainly(share), None
    if word == UNDETERMINED and not few:
        where = box(x, true, keys)
        word = ONLY_WHERE if where.confirmed and mostly(where) else UNDETERMINED
    name, value = strongest(x, at, keys)
    least, most = ends(x[:, list(keys).index(name)], true) if name else (nothing, nothing)
    return Verdict(word, share, float(low), float(high), across(difference, own_luck=True), where, name, value, least,
                   most, float((alone.all(axis=1) | ~alone.any(axis=1)).mean()), of,
                   f"a figure at {len(true)} of {of} points only" if few else "")


def plainly(share: float) -> str:
    """Return the verdict that the share of points borne out gives by itself."""
    return HOLDS if share >= MOST else FAILS if share <= FEW else UNDETERMINED


def mostly(where: Box) -> bool:
    """Return whether a box bears a claim out at more than half of it, by the interval of its held-out points."""
    from scipy.stats import binomtest

    held_out = where.held_out
    return held_out.points > 0 and binomtest(held_out.failing, held_out.points).proportion_ci(method="exact").low > .5


def ends(column: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    """Return the shares of points that bear a claim out in the lowest and in the highest fifth of an assumption."""
    low, high = np.quantile(column, [FIFTH, 1 - FIFTH])
    return float(true[column <= low].mean()), float(true[column >= high].mean())


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
