"""What goes to a worker and what comes back: runs of one cell, a few seconds of them at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.errors import describe
from allysim.study.executors import CHUNK_SECONDS
from allysim.study.plan import Plan, at_point, name_of
from allysim.study.simulate import Task, simulate

if TYPE_CHECKING:
    import pandas as pd

    from allysim.config import Scenario

FORGOTTEN = .5
"""Weight of earlier chunks in what a run costs, at each new one: the first runs of a process load more than others."""


class Chunk(NamedTuple):
    """Runs of one cell; those of one point stand together."""

    cell: int
    config: Scenario
    keys: list[str]
    points: np.ndarray  # int64 (m,)
    seeds: np.ndarray   # int64 (m,)
    values: np.ndarray  # float64 (m, dimensions)
    records: str


class Done(NamedTuple):
    """What the runs of a chunk left."""

    cell: int
    points: np.ndarray    # int64 (m,)
    seeds: np.ndarray     # int64 (m,)
    names: list[str]      # of runs, (m,)
    errors: list[str]     # "" where a run succeeded, (m,)
    seconds: np.ndarray   # float64 (m,)
    memory: float         # MB at most in the worker so far
    outcomes: list[dict[str, float]]   # (m,), empty where a run failed
    tables: dict[str, pd.DataFrame]    # records of all, with a column `run`
    code: str             # version of allysim's code in the worker


def work(chunk: Chunk) -> Done:
    """Run a chunk; a run that fails leaves its error and costs nothing else."""
    import pandas as pd

    from allysim.model import load
    from allysim.version import code_version

    load()
    names, errors, outcomes, seconds = [], [], [], np.empty(len(chunk.seeds))
    tables: dict[str, list[Any]] = {}
    config, digests, last = chunk.config, {int(s): chunk.config.digest(int(s)) for s in set(chunk.seeds)}, -1
    for k, (point, seed) in enumerate(zip(chunk.points.tolist(), chunk.seeds.tolist(), strict=True)):
        started, error, found = time.perf_counter(), "", None
        name = name_of(digests[seed], chunk.values[k], chunk.keys)
        try:
            if point != last:
                config, last = at_point(chunk.config, chunk.keys, chunk.values[k]), point
            found = simulate(Task(config, seed, chunk.records))
        except Exception as problem:  # one failing run is a row with its error
            error, last = describe(problem), -1
        seconds[k] = time.perf_counter() - started
        names.append(name)
        errors.append(error)
        outcomes.append(found.outcomes if found else {})
        for kind, table in found.tables.items() if found else ():
            tables.setdefault(kind, []).append(table.assign(run=name))
    whole = {kind: pd.concat(parts, ignore_index=True) for kind, parts in tables.items()}
    return Done(chunk.cell, chunk.points, chunk.seeds, names, errors, seconds, _memory(), outcomes, whole,
                code_version())


def _memory() -> float:
    """Return the most memory this process has held, MB; 0 where the system does not say."""
    try:
        import resource
        import sys
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


class Chunks:
    """The open runs of a plan as chunks, sized by what runs of their cell have cost so far; an iterator.

    The cell that has got least far comes next, so that all grow together. Safe to be asked by one thread and told
    by another.

    Parameters
    ----------
    plan : Plan
    done : ndarray of bool, shape (plan.total,)
        Runs that are not to be made.
    workers : int
        Who share what is left: near the end chunks are smaller, so that none waits for another.
    """

    def __init__(self, plan: Plan, done: np.ndarray, workers: int) -> None:
        self.plan, self.workers = plan, workers
        n = len(plan.cells)
        open_runs = np.flatnonzero(~done)
        cell = open_runs // len(plan.seeds) % n
        self._queue = [open_runs[cell == c] for c in range(n)]
        self._sent = np.zeros(n, dtype=np.int64)
        self._back = np.zeros(n, dtype=np.int64)
        self._made, self._spent = np.zeros(n), np.zeros(n)  # runs and their seconds, the last chunks above all
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Chunk]:
        return self

    def __next__(self) -> Chunk:
        with self._lock:
            share = [sent / len(queue) if len(queue) else 1.0
                     for sent, queue in zip(self._sent, self._queue, strict=True)]
            cell = int(np.argmin(share))
            left = len(self._queue[cell]) - int(self._sent[cell])
            if left == 0:
                raise StopIteration
            first = int(self._sent[cell])
            places = self._queue[cell][first:first + min(left, self._size(cell))]
            self._sent[cell] += len(places)
        rest, replication = np.divmod(places, len(self.plan.seeds))
        points = rest // len(self.plan.cells)
        return Chunk(cell, self.plan.cells[cell].config, self.plan.keys, points, self.plan.seed(points, replication),
                     self.plan.values[points], self.plan.records)

    def _size(self, cell: int) -> int:
        cost = self.cost(cell)
        if cost is None:
            return 1
        wanted = min(CHUNK_SECONDS, self.seconds_left() / (4 * self.workers))
        return max(1, round(wanted / max(cost, 1e-6)))

    def cost(self, cell: int) -> float | None:
        """Return the seconds of a run of a cell so far; those of all cells where it has none, None where none has."""
        if self._made[cell]:
            return float(self._spent[cell] / self._made[cell])
        return float(self._spent.sum() / self._made.sum()) if self._made.any() else None

    def learn(self, done: Done) -> None:
        """Take note of what a chunk cost."""
        with self._lock:
            self._back[done.cell] += len(done.seconds)
            self._made[done.cell] = FORGOTTEN * self._made[done.cell] + len(done.seconds)
            self._spent[done.cell] = FORGOTTEN * self._spent[done.cell] + float(done.seconds.sum())

    def seconds_left(self) -> float:
        """Return the seconds of work in runs that no worker has got yet, as far as costs are known."""
        left = [len(queue) - sent for queue, sent in zip(self._queue, self._sent, strict=True)]
        return float(sum(n * (self.cost(c) or 0.0) for c, n in enumerate(left)))

    def seconds_open(self) -> float:
        """Return the seconds of work in all runs that have not come back."""
        left = [len(queue) - back for queue, back in zip(self._queue, self._back, strict=True)]
        return float(sum(n * (self.cost(c) or 0.0) for c, n in enumerate(left)))
