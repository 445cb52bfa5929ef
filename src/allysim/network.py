"""A real network: one CSV file of spells of firms in alliances in, checked line by line, and who is in on a date.

The file has a row per spell of a firm in an alliance. `COLUMNS` says what each column means; other columns
are not used, and a note says so. Names of firms and alliances are the same in capital and small letters.
Whatever cannot be used raises `DataError` with one sentence naming line, column and value.
"""

import datetime
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from allysim.config.parameters import ALLIANCE_TYPES
from allysim.data import JOINERS, LONGEST, name_fault
from allysim.errors import ConfigError, DataError, nearest
from allysim.reading import hint_at, number_in, refuse, rows_of, text_of

COLUMNS = {
    "alliance": "name of the alliance",
    "firm": "name of the firm",
    "share": "share of the firm in the alliance, above 0 and up to 1",
    "joined": "ISO date of its first day in the alliance",
    "left": "ISO date of its first day out of it, empty while it is in",
    "type": "type of the alliance, empty in all its rows for alliances.type",
}
ONCE = {"procurement": "buys through its oldest alliance", "coopetition": "sells with its oldest rivals"}
"""Types a firm makes use of but once, and how a note says so."""
NEEDED = ("alliance", "firm", "share", "joined", "left")
ROUNDING = 1e-6
"""Shares that miss a sum of 1 by less than this are not counted as scaled."""


class Spell(NamedTuple):
    """A firm's time in an alliance; dates are ISO texts, `left` None while it is in."""

    alliance: str
    firm: str
    share: float
    joined: str
    left: str | None
    type: str | None = None     # of the alliance, None where the file does not say


class Member(NamedTuple):
    """A firm in an alliance on a date."""

    alliance: int       # number of the alliance in `Start.alliances`
    firm: str
    share: float        # shares of an alliance sum to 1
    months: int         # whole months since the firm joined


class Start(NamedTuple):
    """The network on a date: who is in which alliance, oldest membership first."""

    date: str
    alliances: tuple[str, ...]
    types: tuple[str, ...]          # of each alliance
    ages: tuple[int, ...]           # whole months since each alliance's first spell began
    members: tuple[Member, ...]
    firms: tuple[str, ...]          # in the order of the file
    lone: int                       # alliances left out, since they have one member
    scaled: int                     # alliances whose shares did not sum to 1

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the log: what runs at month 0, what was left out, what was scaled."""
        found = [f"Month 0 is {self.date}: {_count(len(self.alliances), 'alliance')} of {len(self.firms)} firms with "
                 f"{len(self.members)} memberships."]
        if set(self.types) != {"procurement"}:
            kinds = ", ".join(f"{self.types.count(kind)} {kind}" for kind in ALLIANCE_TYPES if kind in self.types)
            found.append(f"By type: {kinds}.")
        for kind, use in ONCE.items():
            whose = [member.firm for member in self.members if self.types[member.alliance] == kind]
            if further := len(whose) - len(set(whose)):
                found.append(f"A firm {use}: {_count(further, 'further membership')} cost governance and save nothing, "
                             f"and members that gain nothing leave.")
        if self.lone:
            found.append(f"Left out: {_count(self.lone, 'alliance')} with one member on that date.")
        if self.scaled:
            found.append(f"Shares of {_count(self.scaled, 'alliance')} did not sum to 1 and were scaled to it.")
        return tuple(found)


@dataclass(frozen=True)
class Network:
    """All spells of a file, equal and hashed by content.

    Attributes
    ----------
    spells : tuple of Spell
        In the order of the file.
    lines : tuple of int
        Line of each spell; empty where no file was read.
    unused : tuple of str
        Columns of the file that nothing is read from.
    """

    spells: tuple[Spell, ...]
    lines: tuple[int, ...] = field(default=(), compare=False, repr=False)
    unused: tuple[str, ...] = field(default=(), compare=False)

    def line(self, firm: str) -> str:
        """Return ``, line 12``, where the firm stands first, or nothing where no file was read."""
        found = (f", line {line}" for spell, line in zip(self.spells, self.lines, strict=False) if spell.firm == firm)
        return next(found, "")

    @property
    def end(self) -> str:
        """ISO date of the last thing the file knows of."""
        return max(date for spell in self.spells for date in (spell.joined, spell.left) if date)

    def types(self, kind: str) -> tuple[str, ...]:
        """Return the types of its alliances, `kind` for those the file does not say."""
        there = {spell.type or kind for spell in self.spells}
        return tuple(name for name in ALLIANCE_TYPES if name in there)

    def on(self, date: str | None, kind: str = "procurement") -> Start:
        """Return the network on an ISO date; None where all spells begin on one date stands for that.

        Alliances of which the file does not say are of the type `kind`.

        Raises
        ------
        ConfigError
            The date is none, is needed, or finds no alliance with two members.
        """
        begins = sorted({spell.joined for spell in self.spells})
        span = f"from {begins[0]} to {begins[-1]}"
        if date is None and len(begins) > 1:
            raise ConfigError(f"alliances.date is needed: spells of the network begin on {len(begins)} dates {span}, "
                              f"and only you know which is month 0 (an ISO date such as {begins[-1]})")
        date = date or begins[0]
        if not _is_date(date):
            raise ConfigError(f"alliances.date={date} is not allowed: it takes an ISO date, such as {begins[-1]}")
        live = [spell for spell in self.spells if spell.joined <= date and (spell.left is None or date < spell.left)]
        size = Counter(spell.alliance for spell in live)
        live = [spell for spell in live if size[spell.alliance] > 1]
        if not live:
            raise ConfigError(f"alliances.date={date} is not allowed: no alliance of the network has two members on "
                              f"that date; spells begin {span}")
        alliances = tuple(dict.fromkeys(spell.alliance for spell in live))
        number = {name: k for k, name in enumerate(alliances)}
        total = dict.fromkeys(alliances, 0.0)
        for spell in live:
            total[spell.alliance] += spell.share
        first: dict[str, str] = {}
        kinds = {spell.alliance: spell.type or kind for spell in live}
        for spell in self.spells:
            first[spell.alliance] = min(spell.joined, first.get(spell.alliance, spell.joined))
        oldest = sorted(live, key=lambda spell: spell.joined)
        return Start(
            date, alliances, tuple(kinds[name] for name in alliances),
            tuple(months_between(first[name], date) for name in alliances),
            tuple(Member(number[spell.alliance], spell.firm, spell.share / total[spell.alliance],
                         months_between(spell.joined, date)) for spell in oldest),
            tuple(dict.fromkeys(spell.firm for spell in live)), sum(count == 1 for count in size.values()),
            sum(abs(total[name] - 1.0) > ROUNDING for name in alliances),
        )

    def to_dict(self) -> dict[str, list[Any]]:
        """Return a list per column, ready for JSON."""
        return {name: list(cells) for name, cells in zip(Spell._fields, zip(*self.spells, strict=True), strict=True)}

    @classmethod
    def from_dict(cls, columns: Mapping[str, list[Any]]) -> "Network":
        """Restore what `to_dict` gave; an earlier version knew no types."""
        names = [name for name in Spell._fields if name in columns]
        rows = zip(*(columns[name] for name in names), strict=True)
        return cls(tuple(Spell(**dict(zip(names, cells, strict=True))) for cells in rows))


def read_network(path: str | Path) -> Network:
    """Read a file of spells.

    Parameters
    ----------
    path : str or Path
        CSV file in UTF-8; `COLUMNS` lists the columns that are used.

    Raises
    ------
    DataError
        If the file cannot be used: the first fault, and how many more there are.
    """
    path = Path(path).expanduser()
    rows = rows_of(text_of(path, "alliances.path"), path)
    line, separator, header = next(rows, (0, "", []))
    if not header:
        raise DataError(f"{path} is empty: it starts with a line of column names: {','.join(NEEDED)}")
    columns = _columns(header, f"{path}, line {line}")
    faults: list[str] = []
    spells: list[Spell] = []
    lines: list[int] = []
    spelling: dict[tuple[int, str], str] = {}
    for line, _, row in rows:
        where = f"{path}, line {line}"
        if len(row) != len(columns):
            hint = hint_at(row, separator, len(columns))
            faults.append(f"{where} has {len(row)} cells where the header has {len(columns)}{hint}")
        elif spell := _spell(dict(zip(columns, row, strict=True)), where, separator, faults):
            alliance, firm = (spelling.setdefault((k, name.casefold()), name) for k, name in enumerate(spell[:2]))
            spells.append(spell._replace(alliance=alliance, firm=firm))
            lines.append(line)
    spells = _typed(spells, lines, path, faults)
    faults += _overlaps(spells, lines, path)
    refuse(faults)
    if not spells:
        raise DataError(f"{path} has a header but no spell: add one row per firm and alliance")
    return Network(tuple(spells), tuple(lines), tuple(name for name in columns if name not in COLUMNS))


def _columns(header: list[str], where: str) -> list[str]:
    """Return the column names of the header, checked; columns that are not used keep their names."""
    columns = [name.lower() for name in header]
    for name in columns:
        if name and columns.count(name) > 1:
            raise DataError(f"{where}: column '{name}' stands there twice; each column is given once")
    for name in NEEDED:
        if name not in columns:
            others = [other for other in columns if other not in COLUMNS]
            raise DataError(f"{where}: column '{name}' is missing{nearest(name, others)} "
                            f"({', '.join(NEEDED)} are needed)")
    return columns


def _spell(cells: dict[str, str], where: str, separator: str, faults: list[str]) -> Spell | None:
    """Return the spell of a row, or None, with what is wrong with it added to `faults`."""
    found = len(faults)

    def wrong(name: str, fault: str) -> None:
        faults.append(f"{where}, column {name}: {repr(cells[name]) + ' ' if cells[name] else 'the cell '}{fault}")

    for name in ("alliance", "firm", "share", "joined"):
        if not cells[name]:
            wrong(name, "is empty but needed")
    if cells["firm"] and (fault := name_fault(cells["firm"])):
        wrong("firm", fault)
    if len(cells["alliance"]) > LONGEST or not cells["alliance"].translate(JOINERS).isprintable():
        wrong("alliance", f"is not a usable name; it takes up to {LONGEST} printable characters")
    share = None
    if cells["share"]:
        share, fault = number_in(cells["share"], (0.0, 1.0), "share", separator, True)
        if fault or share == 0.0:
            wrong("share", fault or "is not allowed; it takes a number above 0 and up to 1")
    for name in ("joined", "left"):
        if cells[name] and not _is_date(cells[name]):
            wrong(name, "is not a date; it takes an ISO date, such as 1995-01-31")
    kind = cells.get("type", "").lower()
    if kind and kind not in ALLIANCE_TYPES:
        wrong("type", f"is not allowed; it takes {', '.join(ALLIANCE_TYPES)} or nothing{nearest(kind, ALLIANCE_TYPES)}")
    if len(faults) == found and cells["left"] and cells["left"] <= cells["joined"]:
        wrong("left", f"is not after joined, {cells['joined']}")
    if len(faults) > found or not isinstance(share, float):
        return None
    return Spell(cells["alliance"], cells["firm"], share, cells["joined"], cells["left"] or None, kind or None)


def _typed(spells: list[Spell], lines: list[int], path: Path, faults: list[str]) -> list[Spell]:
    """Give every spell the type that some row of its alliance says; rows that say another are `faults`."""
    said: dict[str, tuple[str, int]] = {}
    for spell, line in zip(spells, lines, strict=True):
        kind, first = said.setdefault(spell.alliance, (spell.type, line)) if spell.type else (None, 0)
        if kind != spell.type:
            faults.append(f"{path}, line {line}, column type: '{spell.type}' is not allowed; alliance "
                          f"'{spell.alliance}' is of type {kind} by line {first}, and an alliance has one type")
    return [spell._replace(type=said[spell.alliance][0]) if spell.alliance in said else spell for spell in spells]


def _overlaps(spells: list[Spell], lines: list[int], path: Path) -> list[str]:
    """Say where a firm is twice in one alliance at a time."""
    last: dict[tuple[str, str], tuple[Spell, int]] = {}
    faults = []
    for spell, line in sorted(zip(spells, lines, strict=True), key=lambda row: row[0].joined):
        before, earlier = last.get(spell[:2], (None, 0))
        if before and (before.left is None or spell.joined < before.left):
            faults.append(f"{path}, line {line}: '{spell.firm}' joins alliance '{spell.alliance}' on {spell.joined}, "
                          f"but by line {earlier} it is in already; spells of a firm in one alliance do not overlap")
        last[spell[:2]] = spell, line
    return faults


def _is_date(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def months_between(first: str, last: str) -> int:
    """Return the whole months from one ISO date to another; below 0, the months begun, where it is earlier."""
    begin, end = (tuple(map(int, date.split("-"))) for date in (first, last))
    return (end[0] - begin[0]) * 12 + end[1] - begin[1] - (end[2] < begin[2])


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
