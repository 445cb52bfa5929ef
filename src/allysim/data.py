"""A user's own firms: one CSV file in, checked cell by cell, one frozen table out.

The file has a row per firm. `COLUMNS` says what each column means, its unit and what it takes; only
``firm`` and ``revenue`` are needed, and an empty cell or an absent column is filled in by the model. A number
whose owner is not sure of it has a range in two more columns, as ``revenue_low`` and ``revenue_high``.
Cells are separated by commas, semicolons or tabs; lines that begin with ``#`` and empty lines are
skipped. Whatever cannot be used raises `DataError` with one sentence naming line, column and value.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from allysim.accounts import ALL_FIRMS, OUTSIDE
from allysim.errors import DataError, nearest
from allysim.reading import hint_at, number_in, refuse, rows_of, text_of

SEGMENTS = ("legacy", "electric", "software", "services")
CAPABILITIES = ("hardware", "software", "battery", "sourcing", "logistics", "marketing", "service", "data")

Cell = str | float | None


class Column(NamedTuple):
    """One column of a firms file. ``allowed`` is the closed interval of its numbers, None for a text."""

    about: str
    unit: str
    allowed: tuple[float, float] | None


COLUMNS: dict[str, Column] = {
    "firm": Column("name of the firm, each once", "", None),
    "revenue": Column("revenue at the start", "k€/month", (0.001, 1e7)),
    "segment": Column("home segment, where its customers like it best", "", None),
    **{name: Column(f"capability in {name}", "share", (0.0, 1.0)) for name in CAPABILITIES},
    "ebitda_margin": Column("EBITDA over revenue", "share", (-1.0, 0.6)),
    "cash": Column("cash at the start, below 0 for an overdraft", "k€", (-1e8, 1e8)),
    "input_share": Column("bought inputs over revenue", "share", (0.0, 0.95)),
    "risk_aversion": Column("relative risk aversion, 0 for none", "", (0.0, 50.0)),
    "trust": Column("trust in a partner not yet known", "share", (0.0, 1.0)),
    "modularity": Column("how far products are built of parts that can be swapped", "share", (0.0, 1.0)),
    "api_readiness": Column("how far its systems can be reached by partners' programs", "share", (0.0, 1.0)),
    "subscriptions": Column("share of its customers that subscribe, 0 where not given", "share", (0.0, 1.0)),
    "culture_speed": Column("how much speed counts in the firm's culture", "share", (0.0, 1.0)),
    "culture_risk": Column("how much risk is accepted in the firm's culture", "share", (0.0, 1.0)),
    "culture_compliance": Column("how much rules count in the firm's culture", "share", (0.0, 1.0)),
    "strategy": Column("strategy of this firm instead of the one under study", "", None),
}
NEEDED = ("firm", "revenue")
LONGEST = 200
"""Characters of a name at most."""
JOINERS = dict.fromkeys((0x200C, 0x200D, 0x200E, 0x200F))
"""Signs without a width of their own that some scripts and emoji need."""
LOW, HIGH = "_low", "_high"
ENDS: dict[str, Column] = {name + end: column for name, column in COLUMNS.items() if column.allowed
                           for end in (LOW, HIGH)}
"""Columns with the ends of ranges, by name."""
SHOWN_RANGES = 6
LARGE_REVENUE = 20_000.0
"""Revenue in k€/month above which a note asks whether euros were meant."""


class Range(NamedTuple):
    """From where to where a number of a firm may lie, in its column's unit."""

    firm: str
    column: str
    low: float
    high: float

    @property
    def key(self) -> str:
        """What the number is called where it is varied."""
        return f"{self.column} of {self.firm}"


@dataclass(frozen=True)
class OwnFirms:
    """A user's firms, equal and hashed by content.

    Attributes
    ----------
    cells : tuple of tuple
        One tuple per column of `COLUMNS`, in that order, each with a value per firm: text for
        ``firm``, ``segment`` and ``strategy``, a number for all others, None where nothing is given.
    ranges : tuple of Range
        Of the numbers that are not sure, by column and firm; studies vary them.
    """

    cells: tuple[tuple[Cell, ...], ...]
    ranges: tuple[Range, ...] = ()

    @property
    def n(self) -> int:
        """Number of firms."""
        return len(self.cells[0])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the firms, in the order of the file."""
        return self.column("firm")

    def column(self, name: str) -> tuple[Any, ...]:
        """Return a column's values, one per firm, None where nothing is given; an unknown name is a `KeyError`."""
        return dict(zip(COLUMNS, self.cells, strict=True))[name]

    @property
    def drawn(self) -> dict[str, int]:
        """Columns that the model fills in, with the number of firms it does so for."""
        empty = {name: sum(cell is None for cell in cells) for name, cells in zip(COLUMNS, self.cells, strict=True)}
        return {name: count for name, count in empty.items() if count and name != "strategy"}

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the log: what was given, what is filled in, what looks odd."""
        revenue = self.column("revenue")
        found = [f"{self.n} firm{'s' * (self.n > 1)} of your own with {sum(revenue):,.1f} k€ of revenue a month."]
        if self.drawn:
            gaps = (name + (f" ({count} of {self.n})" if count < self.n else "") for name, count in self.drawn.items())
            found.append(f"Not given, so drawn or set to the default: {', '.join(gaps)}.")
        if self.ranges:
            spans = ", ".join(f"{of.key} ({of.low:g} to {of.high:g})" for of in self.ranges[:SHOWN_RANGES])
            more = len(self.ranges) - SHOWN_RANGES
            found.append(f"Given with a range, over which studies vary it: {spans}{f' and {more} more' * (more > 0)}.")
        odd = [name for name, value in zip(self.names, revenue, strict=True) if value > LARGE_REVENUE]
        if odd:
            found.append(
                f"Revenue is in thousands of euros a month; is that what you meant for {', '.join(odd[:3])}"
                f"{' and others' if len(odd) > 3 else ''}?"
            )
        return tuple(found)

    def to_dict(self) -> dict[str, list[Cell]]:
        """Return the given columns as lists, ready for JSON."""
        columns = zip(COLUMNS, self.cells, strict=True)
        given = {name: list(cells) for name, cells in columns if any(cell is not None for cell in cells)}
        for of in self.ranges:
            for end, value in ((LOW, of.low), (HIGH, of.high)):
                given.setdefault(of.column + end, [None] * self.n)[self.names.index(of.firm)] = value
        return given

    @classmethod
    def from_dict(cls, columns: Mapping[str, list[Cell]]) -> "OwnFirms":
        """Restore what `to_dict` gave."""
        absent: tuple[Cell, ...] = (None,) * len(columns["firm"])
        cells = {name: tuple(columns.get(name, absent)) for name in (*COLUMNS, *ENDS)}
        return cls(tuple(cells[name] for name in COLUMNS), _ranges(cells))

    def number(self, key: str) -> float:
        """Return a number that has a range, by its key; an unknown key is a `StopIteration`."""
        of = next(of for of in self.ranges if of.key == key)
        return float(self.column(of.column)[self.names.index(of.firm)])

    def with_numbers(self, values: Mapping[str, float]) -> "OwnFirms":
        """Return the firms with numbers set by the key of their `Range`."""
        at = {of.key: (of.column, self.names.index(of.firm)) for of in self.ranges}
        new = {at[key]: value for key, value in values.items()}
        cells = (tuple(new.get((name, k), cell) for k, cell in enumerate(column))
                 for name, column in zip(COLUMNS, self.cells, strict=True))
        return dataclasses.replace(self, cells=tuple(cells))

    def digest(self) -> str:
        """Return a hash of the contents; neither the file's name nor the way it was written counts."""
        return hashlib.sha256(json.dumps(self.to_dict()).encode()).hexdigest()


def read_firms(path: str | Path, strategies: Collection[str] | None = None) -> OwnFirms:
    """Read a firms file.

    Parameters
    ----------
    path : str or Path
        CSV file in UTF-8; `COLUMNS` lists the columns.
    strategies : collection of str, optional
        Names the column ``strategy`` may hold; None accepts any.

    Raises
    ------
    DataError
        If the file cannot be used: the first fault, and how many more there are.
    """
    path = Path(path).expanduser()
    rows = rows_of(text_of(path, "firms.path"), path)
    line, separator, header = next(rows, (0, "", []))
    if not header:
        raise DataError(f"{path} is empty: a firms file starts with a line of column names, such as firm,revenue")
    columns = _columns(header, f"{path}, line {line}")
    faults: list[str] = []
    firms: list[dict[str, Cell]] = []
    lines: dict[str, int] = {}
    for line, _, row in rows:
        where = f"{path}, line {line}"
        if len(row) != len(columns):
            hint = hint_at(row, separator, len(columns))
            faults.append(f"{where} has {len(row)} cells where the header has {len(columns)}{hint}")
            continue
        read = partial(_cell, where=where, separator=separator, strategies=strategies, faults=faults)
        firms.append({name: read(name, text) for name, text in zip(columns, row, strict=True)})
        faults += _settle(firms[-1], dict(zip(columns, row, strict=True)), where)
        name = firms[-1]["firm"]
        first = lines.setdefault(str(name).casefold(), line) if name else line
        if first != line:
            faults.append(f"{where}, column firm: '{name}' stands in line {first} already; each firm has one row")
    refuse(faults)
    if not firms:
        raise DataError(f"{path} has a header but no firm: add one row per firm below line {line}")
    cells = {name: tuple(firm.get(name) for firm in firms) for name in (*COLUMNS, *ENDS)}
    return OwnFirms(tuple(cells[name] for name in COLUMNS), _ranges(cells))


def _ranges(cells: Mapping[str, Sequence[Any]]) -> tuple[Range, ...]:
    """Return the ranges that columns hold, by column and firm."""
    return tuple(Range(firm, name, low, high) for name, column in COLUMNS.items() if column.allowed
                 for firm, low, high in zip(cells["firm"], cells[name + LOW], cells[name + HIGH], strict=True)
                 if low is not None)


def _settle(firm: dict[str, Any], texts: Mapping[str, str], where: str) -> list[str]:
    """Put the middle of its range where a number is not given; returns what is wrong or lacking."""
    faults = []
    for name in (name for name, column in COLUMNS.items() if column.allowed and name + LOW in firm):
        low, high, value = firm[name + LOW], firm[name + HIGH], firm.get(name)
        ends = [texts[name + end] for end in (LOW, HIGH)]
        if any(ends) and not all(ends):
            empty, given = (LOW, HIGH) if ends[1] else (HIGH, LOW)
            faults.append(f"{where}, column {name}{empty}: the cell is empty where {name}{given} is not; a range has "
                          "both ends")
        elif low is None or high is None:
            continue
        elif low >= high:
            faults.append(f"{where}, column {name}{LOW}: {ends[0]!r} is not below {name}{HIGH}, which is {ends[1]!r}")
        elif value is not None and not low <= value <= high:
            faults.append(f"{where}, column {name}: {texts[name]!r} is outside its range, which is {ends[0]} to "
                          f"{ends[1]}")
        elif value is None and not texts.get(name):
            firm[name] = (low + high) / 2
    return faults + [f"{where}, column {name}: the cell is empty but needed" for name in NEEDED
                     if firm.get(name) is None and not texts.get(name)]


def _columns(header: list[str], where: str) -> list[str]:
    """Return the column names of the header, checked."""
    columns = [name.lower() for name in header]
    for position, (name, shown) in enumerate(zip(columns, header, strict=True), start=1):
        if not name:
            raise DataError(f"{where}: column {position} has no name; it takes one of {', '.join(COLUMNS)}")
        if name not in COLUMNS and name not in ENDS:
            raise DataError(f"{where}: unknown column '{shown}'{nearest(name, [*COLUMNS, *ENDS])} (allowed are "
                            f"{', '.join(COLUMNS)}; and NAME_low with NAME_high for the range of a number)")
        if name in columns[: position - 1]:
            raise DataError(f"{where}: column '{name}' stands there twice; each column is given once")
    for name, other in ((name, name.removesuffix(end) + (HIGH if end == LOW else LOW)) for name in columns
                        for end in (LOW, HIGH) if name in ENDS and name.endswith(end)):
        if other not in columns:
            raise DataError(f"{where}: column '{name}' needs '{other}' beside it: a range has both ends")
    for name in NEEDED:
        if name not in columns and name + LOW not in columns:
            raise DataError(f"{where}: column '{name}' is missing; {' and '.join(NEEDED)} are needed")
    return columns


def _cell(name: str, text: str, where: str, separator: str, strategies: Collection[str] | None,
          faults: list[str]) -> Cell:
    """Return a cell's value, None for an empty one; a fault is added to `faults`."""
    value: Cell = None
    fault = ""
    if not text:
        return None  # whether it is needed depends on others
    if name == "firm":
        value, fault = text, name_fault(text)
    elif name in ("segment", "strategy"):
        value, fault = _choice(text, SEGMENTS if name == "segment" else strategies)
    elif limits := (COLUMNS | ENDS)[name].allowed:
        value, fault = number_in(text, limits, (COLUMNS | ENDS)[name].unit, separator, name in NEEDED)
    if fault:
        faults.append(f"{where}, column {name}: {text!r} {fault}")
    return value


def name_fault(name: str) -> str:
    """Say why a firm cannot have this name, or return an empty string."""
    if name.casefold() in (*OUTSIDE, ALL_FIRMS):
        return f"has a meaning of its own in the ledger; any name but {', '.join((*OUTSIDE, ALL_FIRMS))} is allowed"
    if re.fullmatch(r"firm\s*\d+(\.\d+)?", name, re.IGNORECASE):
        return "is a name the model gives to firms it draws; any name not of the form 'Firm 12' is allowed"
    if len(name) > LONGEST or not name.translate(JOINERS).isprintable():
        return f"is not a usable name; it takes up to {LONGEST} printable characters"
    return ""


def _choice(text: str, allowed: Collection[str] | None) -> tuple[Cell, str]:
    """Return a name in its own spelling, and what is wrong with it."""
    if allowed is None:
        return text, ""
    found = {name.casefold(): name for name in allowed}.get(text.casefold())
    return found, "" if found else f"is not allowed; it takes {', '.join(allowed)}{nearest(text, allowed)}"
