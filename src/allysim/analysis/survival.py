"""How long alliances last: Kaplan and Meier's curves, with those still running at the end of a run."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from allysim.analysis.design import optional
from allysim.errors import AllysimError


class Survival(NamedTuple):
    """Curves by group, a table of groups, and the log-rank p-value between them (NaN for one group).

    ``curves`` has a row per group and month of age: group, month, alive (share that lasts longer), low, high,
    at_risk (alliances that reached that age). ``table`` has a row per group: group, alliances, ended, median
    (months; infinite where more than half are still running when last seen), low, high (its interval).
    """

    curves: pd.DataFrame
    table: pd.DataFrame
    p: float


def lifetimes(alliances: pd.DataFrame, months: int) -> pd.DataFrame:
    """Return how long alliances lasted.

    Parameters
    ----------
    alliances : DataFrame
        As `Run.alliances`, or several below each other: columns founded and ended (missing while it runs).
    months : int
        Length of the run.

    Returns
    -------
    DataFrame
        The same rows with three more columns: duration (months, to the end of the run for those still there),
        over (whether it ended) and seen (its age when the run began, 0 if founded later).
    """
    ended = alliances["ended"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    founded = alliances["founded"].to_numpy(dtype=float)
    over = np.isfinite(ended)
    return alliances.assign(duration=np.where(over, ended, months) - founded, over=over, seen=np.maximum(-founded, 0))


def survival(alliances: pd.DataFrame, group: str | None = None) -> Survival:
    """Return Kaplan and Meier's curves of alliances, group by group.

    Parameters
    ----------
    alliances : DataFrame
        As `lifetimes` returns it.
    group : str, optional
        The column that names groups; all alliances are one group by default.

    Raises
    ------
    AllysimError
        lifelines is missing, or there are no alliances.

    Notes
    -----
    Kaplan & Meier (1958) with 95 % intervals of log(-log) by Greenwood, by lifelines; an alliance from before
    the run counts from the age at which it was first seen. The log-rank test is that of Mantel (1966). Both take
    alliances as independent. Those of one run share its luck, so with few runs the intervals are too narrow and
    p is too small.
    """
    if not len(alliances):
        raise AllysimError("no alliance was founded, so nothing can be said of how long they last")
    lifelines = optional("lifelines")
    groups = alliances[group].astype(str) if group else pd.Series("all", index=alliances.index)
    last = int(alliances["duration"].max())
    months, curves, rows = np.arange(last + 1), [], []
    for name in dict.fromkeys(groups):
        mine = alliances[groups == name]
        fit = lifelines.KaplanMeierFitter().fit(mine["duration"], mine["over"], entry=mine["seen"])
        medians = optional("lifelines.utils").median_survival_times(fit.confidence_interval_survival_function_)
        rows.append((name, len(mine), int(mine["over"].sum()), float(fit.median_survival_time_),
                     *map(float, medians.to_numpy()[0])))
        steps = fit.survival_function_.index.to_numpy(dtype=float)
        place = np.searchsorted(steps, months, side="right") - 1
        bounds = fit.confidence_interval_survival_function_.to_numpy()[place]
        curves.append(pd.DataFrame({
            "group": name, "month": months, "alive": fit.survival_function_.to_numpy()[place, 0],
            "low": bounds[:, 0], "high": bounds[:, 1],
            "at_risk": _at_risk(mine, months),
        }))
    table = pd.DataFrame(rows, columns=["group", "alliances", "ended", "median", "low", "high"])
    return Survival(pd.concat(curves, ignore_index=True), table, _log_rank(alliances, groups))


def _at_risk(alliances: pd.DataFrame, ages: np.ndarray) -> np.ndarray:
    """Return how many alliances were there and could end at some ages."""
    seen, duration = (alliances[name].to_numpy(dtype=float)[:, None] for name in ("seen", "duration"))
    return np.sum(((seen < ages) | (seen == 0)) & (duration >= ages), axis=0)


def _log_rank(alliances: pd.DataFrame, groups: pd.Series) -> float:
    """Return the p-value of equal hazards in all groups; NaN where there is nothing to compare."""
    ages = np.unique(alliances["duration"][alliances["over"]])
    names = groups.unique()
    if len(names) < 2 or not len(ages):
        return math.nan
    parts = [alliances[groups == name] for name in names]
    risk = np.stack([_at_risk(part, ages) for part in parts]).astype(float)
    ends = np.stack([[float((part["over"] & (part["duration"] == age)).sum()) for age in ages] for part in parts])
    n, d = risk.sum(axis=0), ends.sum(axis=0)
    share = risk / n
    excess = (ends - share * d).sum(axis=1)[1:]
    weight = d * (n - d) / np.maximum(n - 1, 1)
    spread = np.diag((weight * share).sum(axis=1)) - (weight * share) @ share.T
    statistic = float(excess @ np.linalg.pinv(spread[1:, 1:], hermitian=True) @ excess)
    return float(optional("scipy.stats").chi2.sf(statistic, len(names) - 1))
