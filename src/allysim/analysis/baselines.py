"""Two plain forecasts of an alliance network, to be beaten: the past carried forward, and partners at random.

Both found alliances at the rate of the past, as large and as unequally shared as past ones were, and let memberships
end at past hazards by age, each on its own. They differ in who meets: under ``past`` newcomers and former partners have
the part that they had, under ``random`` every firm that is then in an alliance is as likely as any other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from allysim.analysis.moments import AGES, Window, at_start, foundings, leaving, met, table

BASELINES = {"past": "the past carried forward", "random": "partners at random"}


class Past(NamedTuple):
    """Rates of a window of the past."""

    founded: float                          # alliances a month
    shares: tuple[tuple[float, ...], ...]   # of the founders of each alliance founded
    leaving: np.ndarray                     # (ages,) chance of a membership to end in a month
    repeated: float                         # of pairs of founders seen before, those that were partners before
    newcomers: float                        # of founders, those not seen before


class Row(NamedTuple):
    """A membership that runs."""

    alliance: str
    firm: str
    share: float
    joined: float


def past_of(spells: pd.DataFrame, window: Window) -> Past:
    """Return the rates of a window; `ValueError` where no alliance was founded in it or none was at risk.

    The hazard at an age that no membership had is that of all ages.
    """
    begun = foundings(spells, window)
    ends, months = leaving(spells, window)
    if not begun or not months.sum():
        raise ValueError("no alliance was founded in the window, or none was at risk")
    places, known = sum(len(one.firms) for one in begun), sum(one.known for one in begun)
    pairs = sum(one.known * (one.known - 1) // 2 for one in begun)
    hazard = np.where(months > 0, ends / np.maximum(months, 1), ends.sum() / months.sum())
    return Past(len(begun) / (window.end - window.start), tuple(one.shares for one in begun), hazard,
                sum(one.repeated for one in begun) / pairs if pairs else 0.0, (places - known) / places)


def forecast(spells: pd.DataFrame, past: Past, months: int, seed: int, partners: str) -> pd.DataFrame:
    """Return spells of a network carried forward from month 0.

    Parameters
    ----------
    spells : DataFrame
        As `moments.table` has it; of it only what is known at month 0 counts.
    past : Past
    months : int
    seed : int
    partners : str
        One of `BASELINES`.
    """
    luck = np.random.default_rng(seed)
    known = at_start(spells)
    over = known[known["left"] <= 0]
    running = [Row(*row) for row in known[known["left"] > 0][list(Row._fields)].itertuples(index=False)]
    done = [tuple(row) for row in over.itertuples(index=False)]
    friends = _friends(known)
    for month in range(1, months + 1):
        ages = np.array([month - row.joined for row in running])
        ends = luck.random(len(running)) < past.leaving[np.searchsorted(AGES[1:], ages)]
        done += [(*row, month) for row, end in zip(running, ends, strict=True) if end]
        running = [row for row, end in zip(running, ends, strict=True) if not end]
        there, new = sorted({row.firm for row in running}), []
        for k in range(luck.poisson(past.founded)):
            shares = past.shares[luck.integers(len(past.shares))]
            fresh = luck.binomial(len(shares), past.newcomers) if partners == "past" else 0
            if partners == "past":
                firms = _like_past(there, len(shares) - fresh, friends, past.repeated, luck)
            else:
                firms = list(luck.choice(there, min(len(shares), len(there)), replace=False)) if there else []
            firms = [str(firm) for firm in firms] + [f"newcomer {month}.{k}.{i}" for i in range(fresh)]
            if len(firms) > 1:
                name = f"{partners} {month}.{k}"
                luck.shuffle(firms)
                running += [Row(name, firm, share, month) for firm, share in zip(firms, shares, strict=False)]
                new.append(firms)
        for firms in new:  # they are partners from next month on
            for firm in firms:
                friends.setdefault(firm, set()).update(set(firms) - {firm})
    return table([*done, *((*row, np.inf) for row in running)])


def _friends(spells: pd.DataFrame) -> dict[str, set[str]]:
    """Return the firms each firm has been in an alliance with."""
    friends: dict[str, set[str]] = {}
    for one, other in met(spells):
        friends.setdefault(one, set()).add(other)
        friends.setdefault(other, set()).add(one)
    return friends


def _like_past(there: list[str], count: int, friends: dict[str, set[str]], repeated: float,
               luck: np.random.Generator) -> list[str]:
    """Draw `count` firms so that a pair of them has been partners before with chance `repeated`.

    Each firm is drawn evenly from those that have been partners of as many of the ones before it as the chance says;
    where there is none, from those nearest to that.
    """
    chosen: list[str] = []
    free = list(there)
    for _ in range(min(count, len(there))):
        wanted = luck.binomial(len(chosen), repeated)
        miss = np.array([abs(len(friends.get(firm, set()).intersection(chosen)) - wanted) for firm in free])
        nearest = np.flatnonzero(miss == miss.min())
        chosen.append(free.pop(int(luck.choice(nearest))))
    return chosen
