"""A user's own firms: one CSV file in, checked cell by cell, one frozen table out.

The file has a row per firm. `COLUMNS` says what each column means, its unit and what it takes; only
``firm`` and ``revenue`` are needed, and an empty cell or an absent column is filled in by the model.
Cells are separated by commas, semicolons or tabs; lines that begin with ``#`` and empty lines are
skipped. Whatever cannot be used raises `DataError` with one sentence naming line, column and value.
"""

import csv
import hashlib
import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from allysim.accounts import OUTSIDE
from allysim.errors import DataError, nearest

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
LARGE_REVENUE = 20_000.0
"""Revenue in k€/month above which a note asks whether euros were meant."""


@dataclass(frozen=True)
class OwnFirms:
    """A user's firms, equal and hashed by content.

    Attributes
    ----------
    cells : tuple of tuple
        One tuple per column of `COLUMNS`, in that order, each with a value per firm: text for
        ``firm``, ``segment`` and ``strategy``, a number for all others, None where nothing is given.
    """

    cells: tuple[tuple[Cell, ...], ...]

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
        return {name: list(cells) for name, cells in columns if any(cell is not None for cell in cells)}

    @classmethod
    def from_dict(cls, columns: Mapping[str, list[Cell]]) -> "OwnFirms":
        """Restore what `to_dict` gave."""
        absent: tuple[Cell, ...] = (None,) * len(columns["firm"])
        return cls(tuple(tuple(columns[name]) if name in columns else absent for name in COLUMNS))

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
            faults.append(f"{where} has {len(row)} cells where the header has {len(columns)}{hint_at(row, separator)}")
            continue
        read = partial(_cell, where=where, separator=separator, strategies=strategies, faults=faults)
        firms.append({name: read(name, text) for name, text in zip(columns, row, strict=True)})
        name = firms[-1]["firm"]
        first = lines.setdefault(str(name).casefold(), line) if name else line
        if first != line:
            faults.append(f"{where}, column firm: '{name}' stands in line {first} already; each firm has one row")
    refuse(faults)
    if not firms:
        raise DataError(f"{path} has a header but no firm: add one row per firm below line {line}")
    return OwnFirms(tuple(tuple(firm.get(name) for firm in firms) for name in COLUMNS))


def refuse(faults: list[str]) -> None:
    """Raise `DataError` with the first of a file's faults and how many more there are, if there is any."""
    if faults:
        more = len(faults) - 1
        raise DataError(faults[0] + (f" (and {more} more fault{'s' * (more > 1)} in this file)" if more else ""))


def text_of(path: Path, key: str) -> str:
    """Return the text of the file that the setting `key` names; `DataError` says why it is not a CSV file in UTF-8."""
    if path.is_dir():
        raise DataError(f"{path} is a folder: {key} takes the path of a CSV file")
    if not path.is_file():
        if not path.parent.is_dir():
            raise DataError(f"there is no file {path}: the folder {path.parent} does not exist")
        neighbours = [file.name for file in path.parent.iterdir() if file.is_file()]
        raise DataError(f"there is no file {path}{nearest(path.name, neighbours)}")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    spreadsheet = path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods")
    if spreadsheet or raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError(
            f"{path} is a spreadsheet, not a CSV file: open it in your spreadsheet program, choose "
            f"'Save as', type 'CSV UTF-8', and give that file as {key}"
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path} is UTF-16 text: save it as 'CSV UTF-8' and give that file as {key}")
    if b"\0" in raw:
        raise DataError(f"{path} is a binary file: {key} takes a CSV file, which is plain text in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.split(rb"\r\n?|\n", raw[: error.start]))
        raise DataError(
            f"{path}, line {line}: byte 0x{raw[error.start]:02x} is not UTF-8 text; save the file as 'CSV UTF-8'"
        ) from None


def rows_of(text: str, path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Yield line number, separator and stripped cells of each line that says something."""
    separator, width = "", 0
    for number, line in enumerate(re.split(r"\r\n?|\n", text), start=1):
        # A spreadsheet that saved a comment again may have put it in quotes.
        if line.lstrip(' \t"').startswith("#") or not line.strip():
            continue
        if not separator:
            separator = max(",;\t", key=line.count)
        try:
            cells = [" ".join(cell.split()) for cell in next(csv.reader([line], delimiter=separator, strict=True))]
        except csv.Error:
            raise DataError(
                f"{path}, line {number} cannot be split into cells: check its quotation marks and its length"
            ) from None
        if any(cells):
            # Spreadsheets pad lines with empty cells up to the longest line of the sheet.
            while len(cells) > width and not cells[-1]:
                cells.pop()
            width = width or len(cells)
            yield number, separator, cells


def _columns(header: list[str], where: str) -> list[str]:
    """Return the column names of the header, checked."""
    columns = [name.lower() for name in header]
    for position, (name, shown) in enumerate(zip(columns, header, strict=True), start=1):
        if not name:
            raise DataError(f"{where}: column {position} has no name; it takes one of {', '.join(COLUMNS)}")
        if name not in COLUMNS:
            raise DataError(
                f"{where}: unknown column '{shown}'{nearest(name, COLUMNS)} (allowed are {', '.join(COLUMNS)})"
            )
        if name in columns[: position - 1]:
            raise DataError(f"{where}: column '{name}' stands there twice; each column is given once")
    for name in NEEDED:
        if name not in columns:
            raise DataError(f"{where}: column '{name}' is missing; {' and '.join(NEEDED)} are needed")
    return columns


def _cell(name: str, text: str, where: str, separator: str, strategies: Collection[str] | None,
          faults: list[str]) -> Cell:
    """Return a cell's value, None for an empty one; a fault is added to `faults`."""
    value: Cell = None
    fault = ""
    if not text:
        fault = "is empty but needed" if name in NEEDED else ""
    elif name == "firm":
        value, fault = text, name_fault(text)
    elif name in ("segment", "strategy"):
        value, fault = _choice(text, SEGMENTS if name == "segment" else strategies)
    elif limits := COLUMNS[name].allowed:
        value, fault = number_in(text, limits, COLUMNS[name].unit, separator, name in NEEDED)
    if fault:
        faults.append(f"{where}, column {name}: {repr(text) + ' ' if text else 'the cell '}{fault}")
    return value


def name_fault(name: str) -> str:
    """Say why a firm cannot have this name, or return an empty string."""
    if name.casefold() in OUTSIDE:
        return f"is the name of an account of the outside world; any name but {', '.join(OUTSIDE)} is allowed"
    if re.fullmatch(r"firm\s*\d+(\.\d+)?", name, re.IGNORECASE):
        return "is a name the model gives to firms it draws; any name not of the form 'Firm 12' is allowed"
    if len(name) > 80 or not name.isprintable():
        return "is not a usable name; it takes up to 80 printable characters"
    return ""


def _choice(text: str, allowed: Collection[str] | None) -> tuple[Cell, str]:
    """Return a name in its own spelling, and what is wrong with it."""
    if allowed is None:
        return text, ""
    found = {name.casefold(): name for name in allowed}.get(text.casefold())
    return found, "" if found else f"is not allowed; it takes {', '.join(allowed)}{nearest(text, allowed)}"


def number_in(text: str, limits: tuple[float, float], unit: str, separator: str, needed: bool) -> tuple[Cell, str]:
    """Return the number written in a cell, and what is wrong with it."""
    low, high = limits
    takes = f"it takes a number from {low:g} to {high:,.0f}" if high > 1 else f"it takes {low:g} to {high:g}"
    takes += f", or {low:.0%} to {high:.0%}" if unit == "share" else f" {unit}" if unit else ""
    percent = unit == "share" and text.endswith("%")
    readings = _readings(text.removesuffix("%").rstrip() if percent else text, separator)
    readings = [reading / 100 if percent else reading for reading in readings]
    fitting = [reading for reading in readings if low <= reading <= high]
    if len(fitting) == 1:
        return fitting[0], ""
    if fitting:
        return None, f"could be {fitting[0]:g} or {fitting[1]:g}; write it without thousands separators"
    if readings:
        return None, f"is out of range; {takes}"
    return None, f"is not a number; {takes}" + ("" if needed else ", or nothing to have it filled in")


def _readings(text: str, separator: str) -> list[float]:
    """Return the finite values a number may stand for: two where a mark could be decimal or thousands."""
    text = text.replace("\u2212", "-")
    conventions = [(".", ","), (",", ".")]
    if separator == "," and text.count(".") == 1 and "," not in text:
        conventions = conventions[:1]  # commas split the cells here, so the point is the decimal one
    values: list[float] = []
    for decimal, thousands in conventions:
        whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:([ '’{thousands}])\d{{3}})(?:\1\d{{3}})*)"
        if re.fullmatch(rf"[+-]?(?:{whole}(?:\{decimal}\d*)?|\{decimal}\d+)(?:[eE][+-]?\d+)?", text):
            plain = re.sub(rf"[ '’{thousands}]", "", text).replace(decimal, ".")
            value = float(plain)
            if math.isfinite(value) and value not in values:
                values.append(value)
    return values


def hint_at(row: list[str], separator: str) -> str:
    """Name the usual cause of a line with too many cells."""
    decimal_comma = separator == "," and any(cell.isdigit() for cell in row)
    return "; numbers with a decimal comma need semicolons between the cells" if decimal_comma else ""
