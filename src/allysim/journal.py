"""The books a run keeps as it goes: every event, every flow of money, and the names of those in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from allysim.accounts import OUTSIDE, Outside

ALLIANCE_ACCOUNT = -1000  # code of alliance 0's account; alliance a has -1000 - a


@dataclass
class Ledger:
    """Double-entry book of every flow of money; keeps nothing unless `kept`."""

    kept: bool
    month: int = 0
    parts: list[tuple[Any, ...]] = field(default_factory=list)

    def post(self, purpose: str, debit: Any, credit: Any, amount: Any) -> None:
        """Book `amount` (k,) k€ from the account `credit`, which gives, to `debit`, which receives.

        An account is an `Outside`, or the identities of firms (uint64), or codes of `alliance_accounts`.
        Amounts of 0 are left out.
        """
        if not self.kept:
            return
        amount = np.atleast_1d(amount)
        flows = amount.nonzero()[0]
        if flows.size:
            self.parts.append((self.month, _account(debit, flows), _account(credit, flows), amount[flows], purpose))

    @staticmethod
    def alliance_accounts(alliances: Any) -> Any:
        """Return the codes of alliances' accounts, whose balance at a month's end is their cash, 0 without capital."""
        return ALLIANCE_ACCOUNT - alliances.astype(np.int64)


def _account(account: Any, flows: Any) -> Any:
    """Return the code of an account for each flow, of one account or of an array of them."""
    if isinstance(account, Outside):
        return np.full(flows.size, -1 - account)
    return account[flows].astype(np.int64) if np.size(account) > 1 else np.full(flows.size, np.int64(np.max(account)))


@dataclass
class Events:
    """What happened, in order; keeps nothing unless `kept`."""

    kept: bool
    month: int = 0
    given: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, event: str, firm: Any = -1, alliance: Any = -1, cause: Any = "", amount: Any = np.nan) -> None:
        """Note an event for each entry of the arrays given; `firm` are identities, `alliance` rows.

        What is given is kept as it is, so that it must not be written to later; views are copied.
        """
        if self.kept:
            self.given.append((self.month, event, _own(firm), _own(alliance), _own(cause), _own(amount)))

    @property
    def parts(self) -> list[tuple[Any, ...]]:
        """What was noted: month, event, and arrays (k,) of firm, alliance, cause and amount."""
        return filled(self.given)


def _own(value: Any) -> Any:
    """Return a view on other memory as an array of its own, and all else as it is."""
    return value.copy() if isinstance(value, np.ndarray) and value.base is not None else value


def filled(given: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return events as given with an array of like length for each column, those without an entry left out."""
    kinds = (np.int64, np.int64, object, np.float64)
    sizes = [max(np.size(firm), np.size(alliance)) if np.size(firm) and np.size(alliance) else 0
             for _, _, firm, alliance, *_ in given]
    return [(*part[:2], *(_column(value, size, kind) for value, kind in zip(part[2:], kinds, strict=True)))
            for part, size in zip(given, sizes, strict=True) if size]


def _column(value: Any, size: int, kind: Any) -> Any:
    """Return an array of `size` entries: `value` where it is an array or list, else filled with it."""
    if isinstance(value, (np.ndarray, list)):
        return np.array(value, dtype=kind)
    out = np.empty(size, dtype=kind)
    out[:] = int(value) if kind is np.int64 else value
    return out


class Names:
    """Names of firms by identity: those given, ``Firm 7`` for a drawn one, ``Firm 7.1`` for its heir."""

    def __init__(self, given: tuple[str, ...]) -> None:
        self.given = given

    def __call__(self, key: int) -> str:
        """Return the name of the firm with this identity."""
        slot, generation = int(key) & 0xFFFFFFFF, int(key) >> 32
        if generation == 0 and slot < len(self.given):
            return self.given[slot]
        return f"Firm {slot}" + (f".{generation}" if generation else "")

    def account(self, code: int) -> str:
        """Return the name of an account of the ledger."""
        if code >= 0:
            return self(code)
        return OUTSIDE[-1 - code] if code > ALLIANCE_ACCOUNT else f"alliance {ALLIANCE_ACCOUNT - code}"
