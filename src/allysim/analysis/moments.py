"""Moments of an alliance network in a window of months: how it is founded, how firms leave it, who meets whom.

They are computed from spells of firms in alliances, a row each: alliance, firm, share, joined, left (months, the last
infinite while the firm is in). Month 0 is a date; what happens after it counts up to the end of its month. An alliance
is there from the first month in which two firms are in it to the last: time alone before or after is neither at risk
nor an end, and a spell within one month is not seen. Every moment is a ratio of two figures that add up over runs, so
that an interval comes from drawing runs again.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from allysim.analysis.ties import clustering
from allysim.network import months_between

if TYPE_CHECKING:
    from allysim.network import Network
    from allysim.records import Run

AGES = (0, 24, 60, 120, np.inf)
"""Edges in months of the ages of memberships by which leaving is counted."""

COLUMNS = ["alliance", "firm", "share", "joined", "left"]


class Moment(NamedTuple):
    """What a moment is, its unit, and the decimals it is shown with."""

    what: str
    unit: str
    places: int = 2


MOMENTS: dict[str, Moment] = {
    "size": Moment("firms that found an alliance", "firms"),
    "foundings": Moment("alliances founded", "1/year", 1),
    "kept": Moment("memberships of month 0 still there when the window begins", "share"),
    "leaving_0_2": Moment("leaving an alliance, 0 to 2 years in it", "1/year", 3),
    "leaving_2_5": Moment("leaving an alliance, 2 to 5 years in it", "1/year", 3),
    "leaving_5_10": Moment("leaving an alliance, 5 to 10 years in it", "1/year", 3),
    "leaving_10": Moment("leaving an alliance, 10 years and more in it", "1/year", 3),
    "repeated": Moment("pairs in new alliances that were partners before", "share"),
    "newcomers": Moment("places in new alliances held by firms not seen before", "share", 3),
    "clustering": Moment("clustering against shuffled memberships", "ratio"),
    "largest": Moment("largest share in a new alliance", "share"),
}
"""Hazards are memberships that end over the years that memberships are at risk at that age."""


class Window(NamedTuple):
    """Months looked at: those after `start`, up to and with `end`."""

    start: int
    end: int


class Founding(NamedTuple):
    """An alliance's beginning: its month, who is in, and what they were to each other."""

    month: float
    firms: tuple[str, ...]
    shares: tuple[float, ...]   # sum to 1
    known: int                  # of the firms, those in any alliance before that month
    repeated: int               # pairs of them that were in an alliance together before that month


def table(rows: Iterable[tuple[str, str, float, float, float]]) -> pd.DataFrame:
    """Return spells (alliance, firm, share, joined, left) as a table, as all functions here take it.

    Names of firms are the same in capital and small letters.
    """
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["firm"] = [firm.casefold() for firm in frame["firm"]]
    return frame.astype({"share": float, "joined": float, "left": float})


def of_network(network: Network, date: str) -> pd.DataFrame:
    """Return the spells of a file in months from an ISO date on.

    A day after the date counts as the end of its month, so that month 1 is the first one after month 0 as in a run;
    one before it as the months gone by, as `Network.on` has it.
    """
    return table((spell.alliance, spell.firm, spell.share, -months_between(spell.joined, date),
                  -months_between(spell.left, date) if spell.left else np.inf) for spell in network.spells)


def at_start(spells: pd.DataFrame) -> pd.DataFrame:
    """Return what is known at month 0: spells begun, with no end yet; alone in an alliance is out of it."""
    begun = spells[spells["joined"] <= 0]
    there = (begun["left"] > 0).groupby(begun["alliance"]).transform("sum") > 1
    return begun.assign(left=begun["left"].where(begun["left"] <= 0, np.where(there, np.inf, 0.0)))


def of_run(run: Run, history: pd.DataFrame) -> pd.DataFrame:
    """Return the spells of a run that began from a network, after those that were over at its month 0.

    Parameters
    ----------
    run : Run
        Recorded at ``series``; its alliances of the types that the network has are taken, from their signing on.
    history : DataFrame
        As `at_start` gives it for the network of the run.
    """
    scenario = run.scenario
    if scenario.network is None:
        raise ValueError("the run did not begin from a network")
    kinds = scenario.network.types(scenario.alliances.type)
    alliances = run.alliances[run.alliances["founded_as"].isin(kinds)]
    names = {number: f"new {number}" if pd.isna(name) else name  # only those of the file have one
             for number, name in zip(alliances["alliance"], alliances["name"], strict=True)}
    members = run.memberships[run.memberships["alliance"].isin(names)]
    left = members["left"].astype("Float64").to_numpy(dtype=float, na_value=np.inf)
    mine = table(zip(members["alliance"].map(names), members["firm"], members["share"], members["joined"], left,
                     strict=True))
    return pd.concat([history[history["left"] <= 0], mine], ignore_index=True)


def by_alliance(spells: pd.DataFrame) -> dict[str, list[tuple[str, float, float, float]]]:
    """Return the spells of each alliance as (firm, share, joined, left); plain lists, since most have a few."""
    found: dict[str, list[tuple[str, float, float, float]]] = {}
    for alliance, *row in zip(*(spells[name].tolist() for name in COLUMNS), strict=True):
        found.setdefault(alliance, []).append(tuple(row))
    return found


def lives(spells: pd.DataFrame) -> pd.DataFrame:
    """Return from when to when each alliance has two firms in it: index alliance, columns founded, over (months).

    One that never has two at the end of a month is left out.
    """
    found = {}
    for alliance, rows in by_alliance(spells).items():
        joined, left = np.sort(np.array([row[2:] for row in rows]), axis=0).T
        times = np.unique(np.concatenate([joined, left, [np.inf]]))
        inside = np.searchsorted(joined, times, "right") - np.searchsorted(left, times, "right")
        two = np.flatnonzero(inside > 1)
        if len(two):
            found[alliance] = times[two[0]], times[two[-1] + 1]
    return pd.DataFrame.from_dict(found, orient="index", columns=["founded", "over"], dtype=float)


def met(spells: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Return the month in which two firms were first in an alliance together, by their names in order."""
    first: dict[tuple[str, str], float] = {}
    for rows in by_alliance(spells).values():
        rows.sort()
        for k, (one, _, joined, left) in enumerate(rows):
            for other, _, joins, leaves in rows[k + 1:]:
                begin = max(joined, joins)
                if one != other and begin < min(left, leaves) and begin < first.get((one, other), np.inf):
                    first[one, other] = begin
    return first


def foundings(spells: pd.DataFrame, window: Window, life: pd.DataFrame | None = None) -> list[Founding]:
    """Return the alliances founded in a window, first ones first."""
    life = lives(spells) if life is None else life
    together, seen, rows = met(spells), spells.groupby("firm")["joined"].min().to_dict(), by_alliance(spells)
    begun = life["founded"][(life["founded"] > window.start) & (life["founded"] <= window.end)].sort_values()
    found = []
    for alliance, month in begun.items():
        shares = {firm: share for firm, share, joined, left in sorted(rows[alliance]) if joined <= month < left}
        firms, whole = tuple(shares), sum(shares.values())
        repeated = sum(together[one, other] < month for k, one in enumerate(firms) for other in firms[k + 1:])
        found.append(Founding(month, firms, tuple(share / whole for share in shares.values()),
                              sum(seen[firm] < month for firm in firms), repeated))
    return found


def leaving(spells: pd.DataFrame, window: Window, life: pd.DataFrame | None = None) -> np.ndarray:
    """Return ends of memberships in a window and months at risk by age, (2, ages).

    Memberships older than the window are at risk in it at the age they have: cut on the left, at their own age.
    """
    life = lives(spells) if life is None else life
    inside = spells[spells["alliance"].isin(life.index)]
    joined, left = inside["joined"].to_numpy(), inside["left"].to_numpy()
    founded, over = (inside["alliance"].map(life[name]).to_numpy() for name in ("founded", "over"))
    begin, last = np.maximum(founded, window.start), np.minimum(over, window.end)
    ends = left[(left > begin) & (left <= last)] - joined[(left > begin) & (left <= last)]
    months = [np.maximum(np.minimum(np.minimum(left, last), joined + old) - np.maximum(begin, joined + young), 0).sum()
              for young, old in pairwise(AGES)]
    by_age = [((ends > young) & (ends <= old)).sum() for young, old in pairwise(AGES)]
    return np.array([by_age, months], dtype=float)


def running(spells: pd.DataFrame, month: int, life: pd.DataFrame) -> pd.DataFrame:
    """Return the spells that run at the end of a month, in alliances that do."""
    there = life.index[(life["founded"] <= month) & (life["over"] > month)]
    return spells[spells["alliance"].isin(there) & (spells["joined"] <= month) & (spells["left"] > month)]


def meeting(spells: pd.DataFrame, month: int, luck: np.random.Generator,
            life: pd.DataFrame | None = None) -> tuple[float, float]:
    """Return clustering at the end of a month and that of shuffled memberships; 0 and 0 where none are in."""
    there = running(spells, month, lives(spells) if life is None else life)
    if there.empty:
        return 0.0, 0.0
    members = np.zeros((there["firm"].nunique(), there["alliance"].nunique()), dtype=bool)
    members[pd.factorize(there["firm"])[0], pd.factorize(there["alliance"])[0]] = True
    return clustering(members, luck)


def observe(spells: pd.DataFrame, window: Window, seed: int) -> np.ndarray:
    """Return what each of `MOMENTS` is the ratio of, (moments, 2): figures that add up over runs.

    Parameters
    ----------
    spells : DataFrame
        As `table` has it, with all that was before the window: who was seen and who had met is known by it.
    window : Window
    seed : int
        Of the shuffled memberships.
    """
    life = lives(spells)
    begun = foundings(spells, window, life)
    places = sum(len(one.firms) for one in begun)
    first, later = (running(spells, month, life).index for month in (0, window.start))
    pairs = sum(len(one.firms) * (len(one.firms) - 1) // 2 for one in begun)
    ends, months = leaving(spells, window, life)
    return np.array([
        (places, len(begun)), (len(begun), (window.end - window.start) / 12),
        (len(first.intersection(later)), len(first)), *zip(ends, months / 12, strict=True),
        (sum(one.repeated for one in begun), pairs), (places - sum(one.known for one in begun), places),
        meeting(spells, window.end, np.random.default_rng(seed), life),
        (sum(max(one.shares) for one in begun), len(begun)),
    ], dtype=float)


def values(seen: np.ndarray) -> np.ndarray:
    """Return moments from what they are ratios of, (..., moments, 2) to (..., moments); missing over 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(seen[..., 1] > 0, seen[..., 0] / seen[..., 1], np.nan)
