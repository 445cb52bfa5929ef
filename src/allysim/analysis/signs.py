"""What survives of a table of differences: at what share of the points of a design each of them has one sign."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from allysim.analysis.design import complete
from allysim.analysis.paired import interval_of_mean
from allysim.analysis.verdict import MOST

Z = 1.959964
LEAST_POINTS = 16


def signs(values: np.ndarray, worlds: Sequence[str], strategies: Sequence[str], better: int = 1,
          earlier: np.ndarray | None = None) -> pd.DataFrame:
    """Return at what share of points each strategy is ahead of its reference, and what that leaves of a comparison.

    Parameters
    ----------
    values : ndarray, shape (worlds, strategies, points, seeds)
        Paired differences from the reference, NaN for failed runs; its cell is without their seeds or points.
    worlds, strategies : sequence of str
    better : int
        +1 where more of the outcome is better, -1 where less is.
    earlier : ndarray, shape (worlds, strategies, replications), optional
        The same differences at the defaults, by seed.

    Returns
    -------
    DataFrame
        A row per world and strategy: scenario, strategy, points, ahead and behind (shares of points), ahead_low and
        ahead_high (95 % interval over points). With `earlier` also difference, low, high (its mean and 95 % interval of
        luck, in the outcome's unit), clear (whether that leaves out zero), and where it does kept (the share of points
        with its sign), survives (at least 90 % of them have it) and by_luck (the share of draws at the defaults, of as
        many seeds as there are at a point, that have it); missing elsewhere.

    Notes
    -----
    The sign at a point is that of the mean over its seeds, in which luck is left, so that a share is nearer to one half
    than that of the true signs. ``by_luck`` says by how much at the defaults: where it is below 90 %, no assumption
    need be to blame. The interval is Wilson's (1927), of points drawn at random.
    """
    rows = []
    for i, world in enumerate(worlds):
        for j, strategy in enumerate(strategies):
            cell = better * values[i, j]
            points, seeds = complete(cell)
            at = cell[points][:, seeds].mean(axis=1)
            ahead, behind = (float((side > 0).mean()) if len(at) else np.nan for side in (at, -at))
            low, high = share_interval(ahead, len(at))
            row = {"scenario": world, "strategy": strategy, "points": len(at), "ahead": ahead, "behind": behind,
                   "ahead_low": low, "ahead_high": high}
            if earlier is not None:
                row |= _kept(better * earlier[i, j], ahead, behind, int(seeds.sum()), better)
            rows.append(row)
    return pd.DataFrame(rows)


def _kept(luck: np.ndarray, ahead: float, behind: float, seeds: int, better: int) -> dict[str, object]:
    """Return what a difference at the defaults was, (replications,), and what is left of its sign."""
    luck = luck[np.isfinite(luck)]
    found = interval_of_mean(luck)
    low, high = sorted((better * float(found.low), better * float(found.high)))
    row: dict[str, object] = {"difference": better * float(found.mean), "low": low, "high": high,
                              "clear": bool(low > 0 or high < 0), "kept": np.nan, "survives": False,
                              "by_luck": np.nan}
    if row["clear"]:
        sign = np.sign(float(found.mean))
        kept = ahead if sign > 0 else behind
        draws = luck[:len(luck) // seeds * seeds].reshape(-1, seeds).mean(axis=1)
        row |= {"kept": kept, "survives": kept >= MOST,
                "by_luck": float((sign * draws > 0).mean()) if len(draws) else np.nan}
    return row


def share_interval(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that was seen among n (Wilson 1927); NaN without any."""
    if not n or not np.isfinite(share):
        return np.nan, np.nan
    middle, half = share + Z**2 / (2 * n), Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return float((middle - half) / (1 + Z**2 / n)), float((middle + half) / (1 + Z**2 / n))
