"""A part of a page: what it says, its pictures and its table, each with its numbers in a file beside the page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class Picture(NamedTuple):
    """Axes of a figure, the words that stand for it, and what it draws."""

    axes: Any
    title: str
    name: str
    """Of the CSV file that holds `data`."""
    data: pd.DataFrame


class Grid(NamedTuple):
    """A table in words: heads, rows of cells whose first names the row, and the note below it."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str
    name: str
    """Of the CSV file that holds `data`."""
    data: pd.DataFrame
    blocks: Sequence[tuple[str, int]] = ()
    """Blocks of rows, each with a head of its own and so many rows; all rows in one where there are none."""

    @property
    def bodies(self) -> list[tuple[str, Sequence[Sequence[str]]]]:
        """The rows block by block, each with its head."""
        rest = iter(self.rows)
        return [(head, list(islice(rest, count))) for head, count in self.blocks or [("", len(self.rows))]]


class Film(NamedTuple):
    """The viewer with a film inside, as HTML, the words that stand for it, and data beside it."""

    html: str
    title: str
    name: str
    """Of the CSV file that holds `data`."""
    data: pd.DataFrame


class Section(NamedTuple):
    """A heading and what stands under it, in this order."""

    title: str
    said: Sequence[str]
    pictures: Sequence[Picture] = ()
    grid: Grid | None = None
    note: str = ""
    film: Film | None = None

    @property
    def parts(self) -> list[Picture | Grid | Film]:
        """Pictures, table and film in one list: each has numbers of its own."""
        return [*self.pictures, *(part for part in (self.grid, self.film) if part)]
