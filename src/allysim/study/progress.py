"""How far a study is: a bar on a terminal, a line now and then elsewhere; the time left goes by what runs cost."""

from __future__ import annotations

import sys
import time
from typing import Any, Self

from allysim.study.chunks import Chunks

QUIET = 2.0
"""Seconds before anything shows."""

EVERY = 30.0
"""Seconds between lines where there is no terminal."""


class Progress:
    """Shows runs done, failed, their rate and the time left; a context manager.

    Parameters
    ----------
    total, done : int
        Runs of the study, and those that were there before.
    chunks : Chunks
        Knows what the open runs will cost.
    """

    def __init__(self, total: int, done: int, chunks: Chunks) -> None:
        self.total, self.before, self.done, self.failed, self.chunks = total, done, done, 0, chunks
        self.started = time.monotonic()
        self._told = self.started - EVERY + QUIET
        self._bar: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=self.total, initial=self.done, unit="run", delay=QUIET, leave=False,
                             bar_format="{desc}{percentage:3.0f}% |{bar}| {n_fmt} of {total_fmt} runs{postfix}")
        return self

    def __exit__(self, *problem: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, runs: int, failed: int) -> None:
        """Take note of runs that came back, and how many of them failed."""
        self.done, self.failed = self.done + runs, self.failed + failed
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self._rate()}, {self._left()} left{self._failures()}", refresh=False)
            self._bar.update(runs)
        elif time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            print(f"{self.done} of {self.total} runs, {self._rate()}, about {self._left()} left{self._failures()}",
                  file=sys.stderr, flush=True)

    def _rate(self) -> str:
        rate = (self.done - self.before) / max(time.monotonic() - self.started, 1e-9)
        return f"{rate:.3g} a second" if rate >= 1 else f"{rate * 60:.3g} a minute"

    def _left(self) -> str:
        """Return in words how long the workers will be at the open runs, by what each cell's have cost of late."""
        return duration(self.chunks.seconds_open() / self.chunks.workers)

    def _failures(self) -> str:
        return f", {self.failed} failed" if self.failed else ""


def duration(seconds: float) -> str:
    """Say a time in its two leading units.

    >>> from allysim.study.progress import duration
    >>> duration(59), duration(95), duration(7260), duration(200_000)
    ('59 s', '1 min 35 s', '2 h 1 min', '2 d 7 h')
    """
    left = round(seconds)
    for size, unit, smaller, name in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if left >= size:
            whole, rest = divmod(left, size)
            return f"{whole} {unit}" + (f" {rest // smaller} {name}" if rest // smaller else "")
    return f"{left} s"
