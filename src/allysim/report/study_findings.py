"""What an analysis of a study found, in a headline; every word is computed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
import pandas as pd

from allysim.analysis.regret import Regret
from allysim.analysis.survival import Survival
from allysim.analysis.variance import Split
from allysim.analysis.words import decimals, joined, number, sentence

MOST_NAMED = 3


def percent(share: float) -> str:
    """Return a share in per cent, without "-0"."""
    return f"{number(100 * share, 0)} %" if math.isfinite(share) else "n/a"


def amount(value: float, unit: str, low: float = math.nan, high: float = math.nan, sign: bool = False) -> str:
    """Return a value with its unit, and as many digits as its interval carries (three significant ones without)."""
    places = decimals(low, high) if math.isfinite(high - low) else decimals(0, abs(value) / 5)
    return f"{number(value, places, sign)} {unit}".rstrip().replace("-", "−", 1 if value < 0 else 0)


def leaders(table: pd.DataFrame, size: str, low: str, high: str, floor: str = "") -> tuple[list[str], int]:
    """Return the keys that cannot be told apart from the largest clear one, and how many are clear.

    Parameters
    ----------
    table : DataFrame
        A row per key.
    size, low, high, floor : str
        Its columns: the size, its interval, and what the interval must lie above (0 by default).
    """
    least = table[floor].fillna(0) if floor else 0.0
    clear = table[table[low] > least]
    if clear.empty:
        return [], 0
    top = clear.loc[clear[size].idxmax()]
    return list(clear["key"][clear[high] >= top[low]]), len(clear)


def _who(keys: list[str], what: str) -> str:
    """Name the leaders, or count them."""
    if len(keys) == 1:
        return f"{keys[0]} moves {what} most"
    if len(keys) <= MOST_NAMED:
        return f"{joined(keys)} move {what} most, in no clear order"
    return f"{len(keys)} parameters share the lead in moving {what}, in no clear order"


def screening_finding(table: pd.DataFrame, what: str, unit: str) -> str:
    """Return which parameters move an outcome most over their range, from `sensitivity.screening`."""
    keys, clear = leaders(table, "mu_star", "low", "high", "luck")
    if not keys:
        return f"No clear effect of any of {len(table)} parameters on {what}"
    top = table.set_index("key").loc[keys[0]]
    size = f", by {amount(top['mu_star'], unit, top['low'], top['high'])} over its range" if len(keys) == 1 else ""
    return f"{_who(keys, what)}{size}; effects beyond luck: {clear} of {len(table)}"


def indices_finding(table: pd.DataFrame, what: str) -> str:
    """Return which parameters account for most of the variance, from `sensitivity.indices`."""
    if table["total"].isna().all():
        return sentence(f"{what} does not vary at all")
    keys, _ = leaders(table, "total", "total_low", "total_high")
    if not keys:
        return f"No clear share of any of {len(table)} parameters in the variance of {what}"
    if len(keys) > 1:
        return _who(keys, what)
    top = table.set_index("key").loc[keys[0]]
    alone = f"{percent(max(top['first'], 0))} alone" if top["first_low"] > 0 else "no clear part of it alone"
    return f"{keys[0]} has a part in {percent(top['total'])} of the variance of {what}, {alone}"


def clear_pairs(pairs: pd.DataFrame, share: str) -> pd.Series:
    """Return which pairs clearly interact when all are looked at: intervals widened after Bonferroni."""
    level = NormalDist().inv_cdf(1 - .025 / max(len(pairs), 1)) / NormalDist().inv_cdf(.975)
    return pairs[share] - level * (pairs[share] - pairs["low"]) > 0


def pairs_finding(pairs: pd.DataFrame, share: str, what: str) -> str:
    """Return which two parameters act together most, from `sensitivity.indices` or `effects.interactions`."""
    clear = pairs[clear_pairs(pairs, share)]
    if clear.empty:
        return f"No clear interaction of two parameters in {what}"
    top = clear.loc[clear[share].idxmax()]
    more = f"; {len(clear)} of {len(pairs)} pairs clearly interact" if len(clear) > 1 else ""
    return (f"{top['key']} and {top['other']} bend each other's effect on {what}: {percent(top[share])} of its variance"
            f"{more}")


def tornado_finding(table: pd.DataFrame, what: str, unit: str) -> str:
    """Return which parameter's ends lie furthest apart, from `effects.tornado`."""
    sizes = table.assign(size=table["difference"].abs(), least=np.maximum(table["low"], -table["high"]),
                         most=np.maximum(table["high"], -table["low"]))
    keys, clear = leaders(sizes, "size", "least", "most")
    if not keys:
        return f"No clear effect of any of {len(table)} parameters on {what}"
    top = table.set_index("key").loc[keys[0]]
    size = ""
    if len(keys) == 1:
        size = amount(top["difference"], unit, top["low"], top["high"], sign=True)
        size = f": {size} from its lowest to its highest fifth"
    return f"{_who(keys, what)}{size}; clear effects: {clear} of {len(table)}"


def split_finding(splits: Mapping[str, Split]) -> str:
    """Return what makes up the variance, from `variance.split` of each outcome by name."""
    said = [f"{percent(found.share_of_assumption)} ({percent(found.low)[:-2]} to {percent(found.high)}) of the "
            f"variance of {what}" for what, found in splits.items() if math.isfinite(found.share_of_assumption)]
    if not said:
        return sentence(f"{joined(splits)} {'does' if len(splits) == 1 else 'do'} not vary at all")
    if len(said) <= 2:
        return f"Assumptions make up {joined(said)}, luck the rest"
    mostly = sum(found.low > .5 for found in splits.values())
    luck = sum(found.high < .5 for found in splits.values())
    rest = "" if mostly + luck == len(said) else "; the rest is not clear"
    hang = "hangs" if mostly == 1 else "hang"
    return f"Of {len(said)} outcomes {mostly} {hang} mostly on assumptions and {luck} mostly on luck{rest}"


def regret_finding(found: Regret, unit: str) -> str:
    """Return which strategy is least regretted, from `regret.regret`."""
    summary = found.summary.set_index("strategy")
    row = summary.loc[found.robust]
    text = (f"{found.robust} has the smallest largest regret: {amount(row['maximum'], unit)}, under "
            f"{world_name(row['worst'])}; {percent(row['by_maximum'])} of draws of seeds choose it")
    if row["by_maximum"] < .5:
        text = f"No clear choice: {text}"
    if found.robust_by_mean != found.robust:
        text += f"; {found.robust_by_mean} has the least mean regret"
    return text


def world_name(world: object) -> str:
    """Return what a scenario, or a scenario and a point, is called."""
    return f"{world[0]}, point {world[1]}" if isinstance(world, tuple) else str(world)


def survival_finding(found: Survival) -> str:
    """Return which alliances last longer, from `survival.survival`."""
    table = found.table
    if len(table) == 1:
        row = table.iloc[0]
        if math.isfinite(row["median"]):
            return f"Half of {row['alliances']} alliances have ended after {number(row['median'], 0)} months"
        return f"More than half of {row['alliances']} alliances last beyond what was seen"
    if not found.p < .05:
        return "No clear difference in how long alliances last"
    ordered = table.sort_values("median", ascending=False, kind="stable")
    parts = [f"{row['group']} {number(row['median'], 0) if math.isfinite(row['median']) else 'beyond the run'}"
             for _, row in ordered.iterrows()]
    p = "p < .001" if found.p < .001 else f"p = {found.p:.3f}".replace("0.", ".")
    return f"How long alliances last differs clearly ({p}); median in months: {', '.join(parts)}"


def differences_finding(low: np.ndarray, high: np.ndarray, strategies: list[str], reference: str, better: int) -> str:
    """Return how many differences from a reference are clear, (scenarios, strategies), and who is ahead most often."""
    up, down = low > 0, high < 0
    good, bad = (down, up) if better < 0 else (up, down)
    words = ("better", "worse") if better else ("higher", "lower")
    total = int(np.isfinite(low).sum())
    if not (up | down).any():
        return f"No clear difference from {reference} in any of {total} cells"
    count = int(good.sum())
    text = (f"Of {total} differences from {reference} {count} {'is' if count == 1 else 'are'} clearly {words[0]} and "
            f"{int(bad.sum())} {words[1]}")
    ahead = good.sum(axis=0)
    first = [strategies[k] for k in np.flatnonzero(ahead == ahead.max())] if ahead.max() else []
    if 0 < len(first) <= MOST_NAMED:
        are = "is" if len(first) == 1 else "are"
        text += f"; {joined(first)} {are} clearly {words[0]} in {int(ahead.max())} of {len(low)} scenarios"
    return text
