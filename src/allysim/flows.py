"""Who got and gave how much for what: the ledger of a run summed by firm and purpose, as it goes."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import pandas as pd

from allysim.accounts import ALL_FIRMS
from allysim.jit import kernel

YEAR, MOST_ENTRIES = 12, 1_000_000
"""Months that are summed at once, fewer in a market so large that their entries would take much memory."""


class Flows:
    """Sums of the ledger's entries, for each focal firm and for all other firms together.

    Parameters
    ----------
    focal : ndarray of int
        Slots of the focal firms of month 0.
    firms : int
        Number of firms.
    """

    def __init__(self, focal: Any, firms: int) -> None:
        self.block = max(1, min(YEAR, MOST_ENTRIES // (10 * firms)))
        self.place = np.full(firms + 1, len(focal))  # an heir of a slot has a code beyond all slots
        self.place[focal] = np.arange(len(focal))
        self.sums: dict[str, Any] = {}

    def plus(self, parts: list[tuple[Any, ...]]) -> Flows:
        """Return these sums with the entries of some more parts of the ledger, in the order of months.

        Within a block of months all is added at once: with parts that end with their block, or with the run, the sums
        are the same to the last bit however often they were taken.
        """
        more, start = copy(self), 0
        more.sums = dict(self.sums)
        for at in range(len(parts)):
            if at + 1 == len(parts) or self._block(parts[at + 1][0]) != self._block(parts[at][0]):
                more._add(parts[start:at + 1])
                start = at + 1
        return more

    def _block(self, month: int) -> int:
        return (month - 1) // self.block

    def _add(self, parts: list[tuple[Any, ...]]) -> None:
        """Add the sums of some months."""
        purposes = list(dict.fromkeys(part[4] for part in parts))
        rows, wide = {purpose: k for k, purpose in enumerate(purposes)}, int(self.place[-1]) + 1
        row, size = np.array([rows[part[4]] for part in parts]), np.array([len(part[3]) for part in parts])
        got, given = np.zeros((2, len(purposes), wide))
        columns = (np.concatenate([part[k] for part in parts]) for k in (1, 2, 3))
        tally(row, size, *columns, self.place, got, given)
        for purpose, sums in zip(purposes, got - given, strict=True):
            if sums.any():
                self.sums[purpose] = self.sums.get(purpose, 0.0) + sums

    def frame(self, names: list[str]) -> pd.DataFrame:
        """Return columns firm, purpose and amount (k€ over the run, below 0 if paid); `names` are the focal firms'.

        After them comes a row per purpose for all firms, focal or not; what they pay one another is no part of that.
        """
        purposes = sorted(self.sums)
        table = np.array([self.sums[purpose] for purpose in purposes]).reshape(len(purposes), len(names) + 1)
        table[:, -1] += table[:, :-1].sum(axis=1)
        return pd.DataFrame({"firm": np.repeat([*names, ALL_FIRMS], len(purposes)),
                             "purpose": np.tile(np.array(purposes, dtype=object), len(names) + 1),
                             "amount": table.T.ravel()})


@kernel
def tally(row, size, debit, credit, amount, place, got, given):
    """Add to row `row` of `got` and `given` (rows, k) what each part of the ledger moves, at the `place` of accounts.

    The parts' entries stand one after the other, `size` of each.
    """
    at, last = 0, place.size - 1
    for part in range(row.size):
        for _ in range(size[part]):
            if debit[at] >= 0:
                got[row[part], place[min(debit[at], last)]] += amount[at]
            if credit[at] >= 0:
                given[row[part], place[min(credit[at], last)]] += amount[at]
            at += 1
