"""The runs of a study: every cell at every point under every seed, each with a name of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from allysim.config import Scenario
from allysim.config.sweeping import Cell, Dimension, Question, Sweep
from allysim.errors import StoreError
from allysim.study import design


class Row(NamedTuple):
    """Place of a run in its study: number of its cell and of its point, and its seed."""

    cell: int
    point: int
    seed: int


APART = 1_000_000
"""Between the seeds of a point that has its own: more than there are points."""


class Plan:
    """All runs of a study, in order: point by point, within a point cell by cell, within a cell seed by seed.

    Parameters
    ----------
    question : Question
        Cells, dimensions and settings; seeds, length and records are those of the first cell.
    own_luck : bool
        Whether every point has seeds of its own, the same in all cells, in place of the same ones at every point: the
        mean over points then rests on as many populations as there are runs of a cell.

    Attributes
    ----------
    values : ndarray, shape (points, dimensions)
        The points, each once: nothing is run twice where a design names a point again.
    rows : ndarray of int, shape (`design.rows`,)
        Number of the point in every row of the design.
    seeds : list of int
        Those at every point and in every cell, or at the first point where each has its own.
    """

    def __init__(self, question: Question, own_luck: bool = False) -> None:
        run = question.cells[0].config.run
        self.cells, self.dimensions, self.sweep = question.cells, question.dimensions, question.sweep
        self.texts = question.texts
        self.keys = [dimension.key for dimension in self.dimensions]
        self.own_luck, self._apart = own_luck, APART if own_luck else 1
        self.seeds = [run.seed + k * self._apart for k in range(run.replications)]
        self.months, self.jobs = run.months, run.jobs
        self.records = "outcomes" if run.records == "auto" else run.records
        values = design.sample(self.sweep.design or "grid", self.dimensions, self.sweep.first + self.sweep.points)
        self.values, self.rows = _distinct(values[self.sweep.first:])
        self._shift = (self.sweep.first + np.arange(len(self.values))) * int(own_luck)
        self.factors = {key: list(dict.fromkeys(cell.labels[key] for cell in self.cells if cell.labels[key]))
                        for key in self.cells[0].labels}

    @property
    def points(self) -> int:
        """Number of points that are run: 1 for a grid."""
        return len(self.values)

    @property
    def total(self) -> int:
        """Number of runs."""
        return self.points * len(self.cells) * len(self.seeds)

    def seed(self, point: Any, replication: Any) -> Any:
        """Return the seed of a replication at a point; arrays of one shape give an array."""
        return np.asarray(self.seeds, dtype=np.int64)[replication] + self._shift[point]

    def place(self, cell: Any, point: Any, seed: Any) -> Any:
        """Return the number of a run in the order of the study; arrays of one shape give an array."""
        point = np.asarray(point)
        replication = (np.asarray(seed) - self._shift[point] - self.seeds[0]) // self._apart
        return (point * len(self.cells) + cell) * len(self.seeds) + replication

    def row(self, place: int) -> Row:
        """Return the run that has a number."""
        rest, k = divmod(place, len(self.seeds))
        point, cell = divmod(rest, len(self.cells))
        return Row(cell, point, int(self.seed(point, k)))

    def open_rows(self, done: np.ndarray) -> Iterator[Row]:
        """Yield the runs that are not `done` (total,), in order."""
        for place in np.flatnonzero(~done).tolist():
            yield self.row(place)

    def scenario(self, row: Row) -> Scenario:
        """Return what a run is run with, its seed aside."""
        return at_point(self.cells[row.cell].config, self.keys, self.values[row.point])

    def name(self, row: Row) -> str:
        """Return the 16 digits that a run is known by."""
        return name_of(self.cells[row.cell].config.digest(row.seed), self.values[row.point], self.keys)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that makes the plan, ready for JSON."""
        return {
            "variants": [{**cell.labels, "config": cell.config.to_dict()} for cell in self.cells],
            "dimensions": [dimension._asdict() for dimension in self.dimensions],
            "sweep": {key: list(value) if isinstance(value, tuple) else value
                      for key, value in self.sweep._asdict().items()},
            "texts": self.texts,
            **({"own_luck": True} if self.own_luck else {}),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], **changed: Any) -> Plan:
        """Restore what `to_dict` gave, with settings of the study (points, seeds, jobs ...) `changed`.

        Raises
        ------
        StoreError
            It cannot be read.
        """
        try:
            sweep = {key: tuple(value) if isinstance(value, list) else value for key, value in content["sweep"].items()}
            own = {key: value for key, value in changed.items() if key in Sweep._fields}
            run = {key: value for key, value in changed.items() if key not in own}
            cells = [Cell({key: value for key, value in cell.items() if key != "config"},
                          Scenario.from_dict(cell["config"]).replace(run)) for cell in content["variants"]]
            dimensions = [Dimension(**dimension) for dimension in content["dimensions"]]
            return cls(Question(cells, dimensions, Sweep(**{**sweep, **own}), list(content["texts"])),
                       content.get("own_luck", False))
        except (KeyError, TypeError) as problem:
            raise StoreError(f"the plan of this study cannot be read ({problem!r})") from problem


def _distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of `values` without repetition, in the order in which they come, and the place of every row."""
    seen: dict[bytes, int] = {}
    rows = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in values])
    return values[np.unique(rows, return_index=True)[1]], rows


def at_point(config: Scenario, keys: Iterable[str], values: Iterable[float]) -> Scenario:
    """Return a cell's scenario at a point."""
    return config.with_values(dict(zip(keys, values, strict=True)))


def name_of(digest: str, values: np.ndarray, keys: list[str]) -> str:
    """Return a run's name: that of its cell under its seed (`Scenario.digest`) with the values of its point."""
    if not keys:
        return digest
    return hashlib.sha256(json.dumps([digest, keys, values.tolist()]).encode()).hexdigest()[:16]

