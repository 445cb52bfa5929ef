"""Tables of column arrays: how a column is declared, and how a table gets its rows."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


def column(about: str, unit: str = "", *, fill: Any = 0.0, dtype: Any = np.float64, width: int = 0) -> Any:
    """Declare a column of a table: what it holds, its unit, first value, type and width (0: one value a row)."""
    return dataclasses.field(metadata={"about": about, "unit": unit, "fill": fill, "dtype": dtype, "width": width})


@dataclass
class Table:
    """A set of columns with a common number of rows."""

    @classmethod
    def allocate(cls, rows: int) -> Self:
        """Make a table with `rows` rows, each column at its first value."""
        return cls(**{f.name: _blank(f, rows) for f in dataclasses.fields(cls)})

    @property
    def room(self) -> int:
        """Number of rows there is room for."""
        return len(next(iter(vars(self).values())))

    def reserve(self, rows: int) -> None:
        """Make room for at least `rows` rows, doubling, with old values kept."""
        if rows <= self.room:
            return
        rows = max(rows, 2 * self.room)
        for f in dataclasses.fields(self):
            old, new = getattr(self, f.name), _blank(f, rows)
            new[: len(old)] = old
            setattr(self, f.name, new)


class Space:
    """Memory of a model that is used again each month, since having it from the system takes longer than filling it."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def empty(self, name: str, shape: tuple[int, ...], dtype: Any = np.float64) -> Any:
        """Return an array that is valid until the same name is asked for again; what is in it is of no meaning."""
        size = math.prod(shape)
        if name not in self._kept or self._kept[name].size < size:
            self._kept[name] = np.empty(size, dtype=dtype)
        return self._kept[name][:size].reshape(shape)


def _blank(field: dataclasses.Field[Any], rows: int) -> NDArray[Any]:
    meta = field.metadata
    return np.full((rows, meta["width"]) if meta["width"] else rows, meta["fill"], dtype=meta["dtype"])


def flag(about: str, fill: bool = False) -> Any:
    """Declare a true/false column."""
    return column(about, fill=fill, dtype=np.bool_)


def count(about: str, unit: str = "", fill: int = 0, width: int = 0) -> Any:
    """Declare a whole-number column."""
    return column(about, unit, fill=fill, dtype=np.int32, width=width)
