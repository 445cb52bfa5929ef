"""One seam through which every set of runs goes, in this process or side by side.

Few or short tasks stay in this process, since a worker costs seconds of imports before its first
run. The rest goes in chunks to joblib's loky workers, one thread each. Results come back in the order
of the tasks whatever the number of workers, and a task that fails is a result with its error.
"""

import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from allysim.errors import ConfigError, DataError, RuleError, describe

BAD_INPUT = (ConfigError, DataError, RuleError)
"""Errors that every task would meet: the first task raises them, later ones record them."""

START_SECONDS = 3.0
"""What starting workers costs: each imports the package and loads its kernels."""

CHUNK_SECONDS = 2.0
"""Work sent to a worker at a time: long against the sending, short against the whole."""


class Result(NamedTuple):
    """What one task left: its value, or its error in one sentence, and the seconds it took."""

    value: Any
    error: str
    seconds: float


def run_all(tasks: Sequence[Any], function: Callable[[Any], Any], jobs: int = 0, what: str = "runs",
            ) -> Iterator[Result]:
    """Yield ``function(task)`` for each task, in order, as a `Result`.

    Parameters
    ----------
    tasks : sequence
        What the function is called with; must be picklable when `jobs` is not 1.
    function : callable
        A function of a module, so that a worker can import it.
    jobs : int
        Processes side by side; 0 is one per core. The first tasks run here and are timed, and the
        rest only leaves this process where that is faster.
    what : str
        Name on the progress bar, which shows after two seconds and only on a terminal.

    Raises
    ------
    ConfigError, DataError, RuleError
        From the first task, as it would fail the others just the same.
    """
    from tqdm import tqdm

    with tqdm(total=len(tasks), desc=what, unit="run", delay=2, disable=None, leave=False) as bar:
        for result in _in_order(tasks, function, jobs):
            bar.update()
            yield result


def _in_order(tasks: Sequence[Any], function: Callable[[Any], Any], jobs: int) -> Iterator[Result]:
    workers = jobs or _cores()
    done, cost = 0, math.inf
    for task in tasks[:2]:  # the first may load or compile something, so the cheaper of two is the price
        result = _attempt(function, task, first=done == 0)
        done, cost = done + 1, min(cost, result.seconds)
        yield result
    rest = tasks[done:]
    if cost * len(rest) * (1 - 1 / workers) <= START_SECONDS:
        for task in rest:
            yield _attempt(function, task)
        return
    size = chunk_size(len(rest), cost, workers)
    chunks = [rest[i:i + size] for i in range(0, len(rest), size)]
    waiting: dict[int, list[Result]] = {}
    following = 0
    for index, results in _parallel(chunks, function, workers):
        waiting[index] = results
        while following in waiting:
            yield from waiting.pop(following)
            following += 1


def chunk_size(tasks: int, seconds: float, workers: int) -> int:
    """Return how many tasks of so many seconds go to a worker at a time.

    About `CHUNK_SECONDS` of work, less where that would leave a worker without a fourth chunk.
    """
    wanted = round(CHUNK_SECONDS / max(seconds, 1e-9))
    return max(1, min(wanted, math.ceil(tasks / (4 * workers))))


def _parallel(chunks: Sequence[Sequence[Any]], function: Callable[[Any], Any], workers: int,
              ) -> Iterator[tuple[int, list[Result]]]:
    """Yield (index, results) of chunks as they finish; a killed worker costs its chunk only."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    missing = dict(enumerate(chunks))
    for _ in range(2):  # once more for what a dying worker took along
        pool = Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1, backend="loky",
                        inner_max_num_threads=1)
        finished = pool(delayed(_chunk)(i, function, chunk) for i, chunk in list(missing.items()))
        try:
            for index, results in finished:
                del missing[index]
                yield index, results
            return
        except BrokenProcessPool:
            continue
        finally:
            with warnings.catch_warnings():  # who breaks off knows that work is lost
                warnings.simplefilter("ignore")
                finished.close()
    for index, chunk in missing.items():
        yield index, [Result(None, "its worker process was killed, perhaps for want of memory", 0.0) for _ in chunk]


def _chunk(index: int, function: Callable[[Any], Any], tasks: Sequence[Any]) -> tuple[int, list[Result]]:
    return index, [_attempt(function, task) for task in tasks]


def _attempt(function: Callable[[Any], Any], task: Any, first: bool = False) -> Result:
    started = time.perf_counter()
    try:
        value, error = function(task), ""
    except Exception as problem:  # one failing run is a row with its error, and loses nothing else
        if first and isinstance(problem, BAD_INPUT):
            raise
        value, error = None, describe(problem)
    return Result(value, error, time.perf_counter() - started)


def _cores() -> int:
    from joblib import cpu_count

    return int(cpu_count())
