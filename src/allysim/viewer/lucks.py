"""Bands of other lucks: where runs lie, and how sure the mean of their paired differences is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.analysis import paired
from allysim.errors import ConfigError, RunError
from allysim.viewer.film import SHOWN, short

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.records import History
    from allysim.study.replications import Replications

    Plan = tuple[Scenario, History]

Paths = Mapping[str, np.ndarray]
"""``<group>.<kpi>`` to its months, shape (lucks, months + 1)."""
QUEUE = 8
"""Bands that are worked out at a time."""
AHEAD = 2
"""Lucks that one asker has under way, so that all have their turn."""


def bands(one: Paths, other: Paths | None = None) -> dict[str, Any]:
    """Return the bands of a world, or of two worlds under the same lucks and of their difference.

    Returns
    -------
    dict
        ``n`` lucks, and ``figures`` by ``<group>.<kpi>``: for ``a`` and ``b`` the 10 % and 90 % quantiles of single
        runs (``low``, ``high``) by month, for ``d``, the second less the first, these and ``mean``, its 95 % interval
        ``sure_low``, ``sure_high``, and in how many lucks it is ``above`` 0.
    """
    found: dict[str, Any] = {}
    for name, values in one.items():
        found[name] = {"a": _spread(values)}
        if other is not None:
            gap = other[name] - values
            sure = paired.interval_of_mean(gap)
            found[name] |= {"b": _spread(other[name]), "d": {
                **_spread(gap), "mean": short(sure.mean), "sure_low": short(sure.low), "sure_high": short(sure.high),
                "above": np.count_nonzero(gap > 0.0, axis=0).tolist()}}
    return {"n": len(next(iter(one.values()))), "figures": found}


def bands_of(study: Replications, positions: Sequence[int]) -> dict[str, Any] | None:
    """Return the bands of one or two scenarios of a study, None where it kept no series."""
    if not study.has_series:
        return None
    names = [name for name in study.figures if name.partition(".")[2] in SHOWN]
    return bands(*({name: study.months_of(position, name) for name in names} for position in positions))


def _spread(values: np.ndarray) -> dict[str, list[Any]]:
    low, high = paired.quantile_band(values)
    return {"low": short(low), "high": short(high)}


class Office:
    """Processes that run other lucks for the live page, a pair of worlds at a time, whoever asks.

    Parameters
    ----------
    workers : int
        Processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers, self.waiting = workers, 0
        self._pool: ProcessPoolExecutor | None = None

    def open(self) -> ProcessPoolExecutor:
        """Return the processes, started with their kernels loaded where they are not there."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"), initializer=_prepare,
                                             initargs=(os.getpid(),))
        return self._pool

    def close(self) -> None:
        """End them."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def bands(self, plans: Sequence[Plan],
                    seeds: range) -> AsyncGenerator[tuple[int, dict[str, Any] | None], None]:
        """Yield how many lucks are done, with the bands of them all after the last.

        Raises
        ------
        ConfigError
            `QUEUE` others wait already.
        RunError
            A run failed, or its process was killed.
        """
        if self.waiting >= QUEUE:
            raise ConfigError(f"{QUEUE} bands are being worked out already: try again in a while")
        self.waiting += 1
        pending: list[asyncio.Future[Any]] = []
        try:
            found, left = [], iter(seeds)
            for done in range(len(seeds)):
                while len(pending) < AHEAD and (seed := next(left, None)) is not None:
                    pending.append(asyncio.wrap_future(self.open().submit(paths_of, plans, seed)))
                found.append(await pending.pop(0))
                last = done + 1 == len(seeds)
                yield done + 1, bands(*stacked(found)) if last else None
        except BrokenProcessPool:
            self.close()
            raise RunError("the process that ran other lucks was killed: try again") from None
        finally:
            self.waiting -= 1
            for one in pending:
                one.cancel()


def paths_of(plans: Sequence[Plan], seed: int) -> list[dict[str, np.ndarray]]:
    """Return the months of each world under a seed, (months + 1,) by ``<group>.<kpi>``."""
    from allysim.study.simulate import Task, simulate

    found = []
    for scenario, history in plans:
        series = simulate(Task(scenario, seed, "series", history)).tables["series"]
        found.append({name: series[name].to_numpy() for name in series if name.partition(".")[2] in SHOWN})
    return found


def stacked(found: list[list[dict[str, np.ndarray]]]) -> list[dict[str, np.ndarray]]:
    """Return the `Paths` of each world from `paths_of` of several seeds."""
    return [{name: np.stack([one[world][name] for one in found]) for name in found[0][world]}
            for world in range(len(found[0]))]


def _prepare(server: int) -> None:
    """Load the kernels before the first run, and end with the server; an interrupt is for the server alone."""
    import signal

    from allysim.model import load
    from allysim.study.executors import watch

    watch(server)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    load()
