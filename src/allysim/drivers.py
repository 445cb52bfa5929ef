"""A user's own drivers: one CSV file of monthly series in, checked cell by cell, one frozen table out.

The file has a row for each month in which a driver takes a new value: columns month, driver, value. A driver keeps its
value until the next one, is 1 before the first, and takes the place of what the scenario does with it; what the file
does not name is as in the scenario. Whatever cannot be used raises `DataError` with one sentence naming line, column
and value.
"""

import functools
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from allysim.data import SEGMENTS
from allysim.errors import DataError, nearest
from allysim.reading import hint_at, number_in, refuse, rows_of, text_of

COLUMNS = ("month", "driver", "value")
MONTHS = (1.0, 1200.0)


class Driver(NamedTuple):
    """What a driver multiplies, the closed interval of its values, and what of a scenario it takes the place of."""

    about: str
    allowed: tuple[float, float]
    instead_of: str


DRIVERS: dict[str, Driver] = {
    "demand": Driver("demand of all segments", (.01, 100.0), "slump"),
    **{f"demand.{name}": Driver(f"demand of the segment {name}", (.01, 100.0), "trends and regime shifts")
       for name in SEGMENTS},
    "input_price": Driver("prices of bought inputs", (.01, 100.0), "step, jumps and cycle of input prices"),
    "disruption": Driver("rates of disruptions", (0.0, 20.0), "window of disruptions"),
    "price_sensitivity": Driver("price sensitivity of buyers (alpha)", (.5, 4.0), "price war"),
}
"""Drivers a file may name; values are factors over month 0, 1 where nothing is moved."""


@dataclass(frozen=True)
class OwnDrivers:
    """A user's series, equal and hashed by content.

    Attributes
    ----------
    steps : tuple of (int, str, float)
        Month, driver and its value from that month on, in the order of `DRIVERS` and of months.
    """

    steps: tuple[tuple[int, str, float], ...]

    @functools.cached_property
    def _series(self) -> dict[str, tuple[list[int], list[float]]]:
        found: dict[str, tuple[list[int], list[float]]] = {}
        for month, name, value in self.steps:
            months, values = found.setdefault(name, ([], [1.0]))
            months.append(month)
            values.append(value)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The drivers that have a series."""
        return tuple(self._series)

    def at(self, month: int) -> dict[str, float]:
        """Return the value of each of these drivers in a month."""
        return {name: values[bisect_right(months, month)] for name, (months, values) in self._series.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on each driver for the log."""
        return tuple(
            f"Driver {name} follows your file: {len(months)} value{'s' * (len(months) > 1)} from {min(values[1:]):g} "
            f"to {max(values[1:]):g} from month {months[0]} on, in place of the scenario's {DRIVERS[name].instead_of}."
            for name, (months, values) in self._series.items())

    def to_dict(self) -> dict[str, list[Any]]:
        """Return a list per column, ready for JSON."""
        return {name: list(cells) for name, cells in zip(COLUMNS, zip(*self.steps, strict=True), strict=True)}

    @classmethod
    def from_dict(cls, columns: Mapping[str, list[Any]]) -> "OwnDrivers":
        """Restore what `to_dict` gave."""
        return cls(tuple(zip(*(columns[name] for name in COLUMNS), strict=True)))


def read_drivers(path: str | Path) -> OwnDrivers:
    """Read a file of drivers.

    Parameters
    ----------
    path : str or Path
        CSV file in UTF-8 with the columns month, driver, value; `DRIVERS` lists the drivers.

    Raises
    ------
    DataError
        If the file cannot be used: the first fault, and how many more there are.
    """
    path = Path(path).expanduser()
    rows = rows_of(text_of(path, "scenario.path"), path)
    line, _, header = next(rows, (0, "", []))
    if not header:
        raise DataError(f"{path} is empty: a file of drivers starts with a line of column names: {','.join(COLUMNS)}")
    columns = _columns(header, f"{path}, line {line}")
    faults: list[str] = []
    steps: dict[tuple[int, str], tuple[int, float]] = {}
    for line, separator, row in rows:
        where = f"{path}, line {line}"
        if len(row) != len(columns):
            hint = hint_at(row, separator, len(columns))
            faults.append(f"{where} has {len(row)} cells where the header has {len(columns)}{hint}")
        elif step := _step(dict(zip(columns, row, strict=True)), where, separator, faults):
            month, name, value = step
            first, _ = steps.setdefault((month, name), (line, value))
            if first != line:
                faults.append(f"{where}: {name} has a value for month {month} in line {first} already; each driver has "
                              f"one value a month")
    refuse(faults)
    if not steps:
        raise DataError(f"{path} has a header but no driver: add a row such as 12,demand,0.8 below line {line}")
    order = list(DRIVERS)
    return OwnDrivers(tuple((month, name, steps[month, name][1])
                            for month, name in sorted(steps, key=lambda step: (order.index(step[1]), step[0]))))


def _columns(header: list[str], where: str) -> list[str]:
    """Return the column names of the header, checked."""
    columns = [name.lower() for name in header]
    for name in columns:
        if name in DRIVERS:
            raise DataError(f"{where}: '{name}' is a driver and no column: the columns are {', '.join(COLUMNS)}, with "
                            f"a row such as 12,{name},0.8 for each month in which it changes")
        if name not in COLUMNS:
            raise DataError(f"{where}: unknown column '{name}'{nearest(name, COLUMNS)} (allowed are "
                            f"{', '.join(COLUMNS)})")
        if columns.count(name) > 1:
            raise DataError(f"{where}: column '{name}' stands there twice; each column is given once")
    for name in COLUMNS:
        if name not in columns:
            raise DataError(f"{where}: column '{name}' is missing; {', '.join(COLUMNS)} are needed")
    return columns


def _step(cells: dict[str, str], where: str, separator: str, faults: list[str]) -> tuple[int, str, float] | None:
    """Return month, driver and value of a row, or None, with what is wrong with it added to `faults`."""
    found = len(faults)

    def wrong(column: str, fault: str) -> None:
        faults.append(f"{where}, column {column}: {repr(cells[column]) + ' ' if cells[column] else 'the cell '}{fault}")

    for column in COLUMNS:
        if not cells[column]:
            wrong(column, "is empty but needed")
    month, value, name = None, None, cells["driver"].lower()
    if name and name not in DRIVERS:
        wrong("driver", f"is not allowed; it takes {', '.join(DRIVERS)}{nearest(name, DRIVERS)}")
    if cells["month"]:
        month, fault = number_in(cells["month"], MONTHS, "", separator, True)
        if fault or month != int(month or 0):
            wrong("month", "is not allowed; it takes a whole number from 1 to 1,200 (month 0 is the world as given)")
    if cells["value"] and name in DRIVERS:
        value, fault = number_in(cells["value"], DRIVERS[name].allowed, "", separator, True)
        if fault:
            wrong("value", f"{fault}, a factor on the {DRIVERS[name].about}")
    if len(faults) > found or not isinstance(month, float) or not isinstance(value, float):
        return None
    return int(month), name, value
