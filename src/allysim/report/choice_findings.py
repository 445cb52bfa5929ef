"""What a study found of its choices, in sentences: which survive, and which no other one dominates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allysim.analysis.frontier import FIGURES, KINDS
from allysim.analysis.paired import NO_CLEAR_DIFFERENCE
from allysim.analysis.verdict import MOST
from allysim.analysis.words import joined
from allysim.report.study_findings import MOST_NAMED, amount, percent

RARELY = .05
FIGURE_NAMES = {"mean": "mean", "tail": "mean of the worst tenth"}
KIND_NAMES = {"luck": "luck", "assumption": "assumptions"}


def clear(table: pd.DataFrame, figure: str) -> np.ndarray:
    """Return the sign of each gain in mean or tail that no interval of it doubts, else 0.

    Parameters
    ----------
    table : DataFrame
        `frontier.Frontier.table`.
    figure : str
        mean or tail.
    """
    bounds = [(table[f"{figure}_{kind}_low"].to_numpy(), table[f"{figure}_{kind}_high"].to_numpy()) for kind in KINDS]
    there = np.array([np.isfinite(low) for low, _ in bounds]).any(axis=0)
    up = there & np.all([np.isnan(low) | (low > 0) for low, _ in bounds], axis=0)
    down = there & np.all([np.isnan(high) | (high < 0) for _, high in bounds], axis=0)
    return up.astype(int) - down


def frontier_finding(table: pd.DataFrame) -> str:
    """Return which choices none dominates, and how often each is among them when draws are made anew."""
    there = table[table["efficient"]].sort_values("chosen", ascending=False, kind="stable")
    rarely = int((table["chosen"] <= RARELY).sum())
    named = [f"{row.choice} ({percent(row.chosen)}{'' if k else ' of resamples'})"
             for k, row in enumerate(there.head(MOST_NAMED).itertuples())]
    if len(there) == 1:
        text = (f"{there['choice'].iloc[0]} has the best mean and the best worst tenth of {len(table)} choices, and is "
                f"on the frontier in {percent(there['chosen'].iloc[0])} of resamples")
    elif len(there) <= MOST_NAMED:
        text = f"On the frontier of mean and worst tenth: {joined(named)}"
    else:
        text = (f"{len(there)} of {len(table)} choices are on the frontier of mean and worst tenth, foremost "
                f"{joined(named)}")
    return text + (f"; {rarely} of {len(table)} {_are(rarely)} on it in {percent(RARELY)} or fewer" if rarely else "")


def gains_finding(table: pd.DataFrame, reference: str, better: int = 1) -> str:
    """Return how many choices clearly have another mean, or worst tenth, than the reference."""
    others = table[table["choice"] != reference]
    parts = []
    for figure, words in (("mean", ("higher", "lower")), ("tail", ("better", "worse"))):
        sign = clear(others, figure) * (better if figure == "tail" else 1)
        if sign.any():
            parts.append(f"the {FIGURE_NAMES[figure]} is clearly {words[0]} for {(sign > 0).sum()} and {words[1]} for "
                         f"{(sign < 0).sum()} of {len(others)}")
        else:
            parts.append(f"there is {NO_CLEAR_DIFFERENCE} in the {FIGURE_NAMES[figure]} for any of {len(others)}")
    return f"Against {reference}, " + ", and ".join(parts)


def gains(table: pd.DataFrame, reference: str, unit: str, better: int = 1) -> list[str]:
    """Say of each choice on the frontier what it gains over the reference, with both intervals."""
    found = []
    rows = table.assign(**{f"{figure}_clear": clear(table, figure) for figure in FIGURES})
    for _, row in rows[table["efficient"] & (table["choice"] != reference)].iterrows():
        parts = []
        for figure, words in (("mean", ("higher", "lower")), ("tail", ("better", "worse"))):
            sign = row[f"{figure}_clear"] * (better if figure == "tail" else 1)
            said = NO_CLEAR_DIFFERENCE if not sign else f"clearly {words[sign < 0]}"
            bounds = [(row[f"{figure}_{kind}_low"], row[f"{figure}_{kind}_high"]) for kind in KINDS]
            widest = max(bounds, key=lambda pair: np.nan_to_num(pair[1] - pair[0], nan=-1.0))
            known = [f"{KIND_NAMES[kind]} {' to '.join(amount(end, '', *widest, sign=True) for end in pair)}"
                     for kind, pair in zip(KINDS, bounds, strict=True) if np.isfinite(pair[0])]
            size = amount(row[f"{figure}_gain"], unit, *widest, sign=True)
            parts.append(f"{FIGURE_NAMES[figure]} {size} ({'; '.join(known) or 'no interval'}), {said}")
        found.append(f"{row['choice']} against {reference}: {'; '.join(parts)}.")
    return found


def frontier_worlds_finding(efficient: pd.DataFrame) -> str:
    """Return which choices are on the frontier of most scenarios; a row per scenario, a column per choice, of bool."""
    count = efficient.sum(axis=0)
    first = list(count.index[count == count.max()])
    who = joined(first) if len(first) <= MOST_NAMED else f"{len(first)} choices"
    never = int((count == 0).sum())
    text = f"{who} {'is' if len(first) == 1 else 'are'} on the frontier in {count.max()} of {len(efficient)} scenarios"
    return text + (f"; {never} of {len(count)} choices are in none" if never else "")


def signs_finding(table: pd.DataFrame, reference: str) -> str:
    """Return how many differences keep their sign over the points, from `signs.signs`."""
    points, total = int(table["points"].max()), len(table)
    most = f"{percent(MOST)} or more of {points} points"
    if "clear" not in table:
        ahead, behind = int((table["ahead"] >= MOST).sum()), int((table["behind"] >= MOST).sum())
        if not ahead + behind:
            return f"None of {total} differences from {reference} has one sign at {most}"
        return (f"{ahead} of {total} choices by scenario {_are(ahead)} ahead of {reference} at {most}, and {behind} "
                f"behind; the sign of the other {total - ahead - behind} hangs on assumptions and luck")
    known = table[table["clear"]]
    if known.empty:
        return f"None of {total} differences from {reference} is clear at the defaults, so none can be lost"
    kept, turned = int(known["survives"].sum()), int((known["kept"] < .5).sum())
    by_luck = int((known["by_luck"] >= MOST).sum())
    return (f"Of {len(known)} differences from {reference} that are clear at the defaults {kept} {_keep(kept)} the "
            f"sign at {most}, and {turned} {_have(turned)} it at fewer than half; luck alone, at the defaults, would "
            f"leave {by_luck}")


def survivors(table: pd.DataFrame, reference: str, better: int = 1) -> list[str]:
    """Say which strategies' clear differences survive, and in how many of the scenarios where they were clear."""
    if "clear" not in table or not table["clear"].any():
        return []
    scenarios, found = table["scenario"].nunique(), []
    kept = table[table["survives"]]
    for side in (1, -1):
        parts = []
        for strategy, rows in kept[np.sign(kept["difference"]) == side].groupby("strategy", sort=False):
            worlds = list(rows["scenario"])
            where = f"{len(worlds)} of {scenarios} scenarios"
            if len(worlds) == scenarios > 1:
                where = "both scenarios" if scenarios == 2 else f"all {scenarios} scenarios"
            elif len(worlds) <= MOST_NAMED:
                where = joined(worlds)
            parts.append(f"{strategy} ({where})")
        if parts:
            found.append(f"What survives: {'ahead of' if side == better else 'behind'} {reference} {_are(len(parts))} "
                         f"{joined(parts)}.")
    return found or [f"What survives: none of {int(table['clear'].sum())} clear differences from {reference}."]


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _keep(n: int) -> str:
    return "keeps" if n == 1 else "keep"


def _have(n: int) -> str:
    return "has" if n == 1 else "have"

