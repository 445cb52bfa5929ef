"""The tables, events and ledger of a run as a story looks things up in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from allysim.analysis.telling import STRUCTURE, Happening
from allysim.errors import ConfigError, nearest

if TYPE_CHECKING:
    from allysim.records import Run

Row = dict[str, Any]
EXITS = ("bankruptcy", "closure")


def month_of(value: Any) -> int | None:
    """Return a month of a table, None where it is missing."""
    return None if pd.isna(value) else int(value)


def unknown(name: str, known: Iterable[str]) -> ConfigError:
    """Return the refusal of a name that nobody has."""
    return ConfigError(f"there is no firm or alliance '{name}' in this run{nearest(name, known)}")


class Book:
    """Rows of a run's tables by name and number."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.last = int(run.series["month"].iloc[-1])
        self.firms: dict[str, Row] = {row["firm"]: row for row in run.firms.to_dict("records")}
        self.initial: dict[str, Row] = {row["firm"]: row for row in run.initial.to_dict("records")}
        self.alliances: dict[int, Row] = {row["alliance"]: row for row in run.alliances.to_dict("records")}
        self.memberships: list[Row] = run.memberships.to_dict("records")

    def find(self, name: str) -> str | int:
        """Return the name of a firm in its own spelling, or the number of an alliance; raises `ConfigError`."""
        asked = " ".join(name.split()).casefold()
        for firm in self.firms:
            if firm.casefold() == asked:
                return firm
        for number, row in self.alliances.items():
            if asked in (f"alliance {number}", str(row.get("name") or "").casefold()):
                return number
        count = len(self.alliances)
        if asked.startswith("alliance ") and asked.removeprefix("alliance ").isdigit():
            there = f"there are {count}, numbered from 0" if count else "none was ever founded"
            raise ConfigError(f"there is no {asked} in this run: {there}")
        raise unknown(name, [*self.firms, *(f"alliance {number}" for number in self.alliances)])

    def members(self, alliance: int) -> list[Row]:
        """Return the memberships of an alliance."""
        return [row for row in self.memberships if row["alliance"] == alliance]

    def neighbour(self, firm: str, step: int) -> str | None:
        """Return the firm that had the place of another before (-1) or after it (1), if there is one."""
        slot, generation = self.firms[firm]["slot"], self.firms[firm]["generation"] + step
        return next((name for name, row in self.firms.items()
                     if row["slot"] == slot and row["generation"] == generation), None)

    def of_firm(self, firm: str) -> list[Happening]:
        """Return what happened to a firm outside alliances, and in its segment while it was there."""
        events, row = self.run.events, self.firms[firm]
        own = (events["firm"] == firm) & events["alliance"].isna()
        gone = events["month"][own & (events["event"] == "exit")].min()  # missing while it lives, and above no month
        there = (events["month"] > row["founded"]) & ~(events["month"] > gone)
        around = (events["event"] == "regime shift") & (events["cause"] == row["segment"]) & there
        return _happenings(events[own | around])

    def of_alliance(self, alliance: int, first: int, last: int) -> list[Happening]:
        """Return what happened in an alliance in some months, but for `STRUCTURE` and who left when it ended."""
        events, ended = self.run.events, month_of(self.alliances[alliance]["ended"])
        theirs = events[(events["alliance"] == alliance).fillna(False) & events["month"].between(first, last)]
        told = [one for one in _happenings(theirs)
                if one.event not in STRUCTURE and (one.event != "left" or one.month != ended)]
        return [one._replace(cause="within" if self._sat(one.who, alliance, one.month) else "asked in")
                if one.event == "declined" else one for one in told]

    def _sat(self, firm: str, alliance: int, month: int) -> bool:
        """Return whether a firm was a member when its alliance looked for another, before firms exit."""
        return any(row["firm"] == firm and row["joined"] < month
                   and (pd.isna(row["left"]) or row["left"] >= month + (row["cause"] not in EXITS))
                   for row in self.members(alliance))

    def in_month(self, firm: str, month: int, event: str, cause: str = "") -> bool:
        """Return whether something happened to a firm in a month, for a cause if one is given."""
        events = self.run.events
        now = events[(events["month"] == month) & (events["firm"] == firm) & (events["event"] == event)]
        return bool((now["cause"] == cause).any() if cause else len(now))

    def received(self, firm: str, *purposes: str) -> pd.DataFrame:
        """Return the lines of the ledger in which a firm received money for some purposes."""
        return self._lines("debit", firm, purposes)

    def gave(self, firm: str, *purposes: str) -> pd.DataFrame:
        """Return the lines of the ledger in which a firm gave money for some purposes."""
        return self._lines("credit", firm, purposes)

    def _lines(self, side: str, firm: str, purposes: tuple[str, ...]) -> pd.DataFrame:
        ledger = self.run.ledger
        return ledger[(ledger[side] == firm) & ledger["purpose"].isin(purposes)]


def _happenings(events: pd.DataFrame) -> list[Happening]:
    columns = [events[name].tolist() for name in ("month", "event", "firm", "cause", "amount")]
    return [Happening(month, event, firm if isinstance(firm, str) else "", cause or "", amount)
            for month, event, firm, cause, amount in zip(*columns, strict=True)]
