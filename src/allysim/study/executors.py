"""One seam through which every set of runs goes: in this process, side by side, or on a cluster.

``serial`` is a loop; ``loky`` runs processes on this machine, one thread each; ``dask`` a cluster. A worker that is
killed costs the tasks it had, which are tried again. Results come back as they are ready, or in order (`run_all`).
"""

import math
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from allysim.errors import ConfigError, DataError, RuleError, describe, nearest

BAD_INPUT = (ConfigError, DataError, RuleError)
"""Errors that every task would meet: the first task raises them, later ones record them."""

START_SECONDS = 3.0
"""What starting workers costs: each imports the package and loads its kernels."""

CHUNK_SECONDS = 2.0
"""Work sent to a worker at a time: long against the sending, short against the whole."""

TRIES = 3
"""Workers that a task may kill before it is given up."""

KILLED = "its worker process was killed, perhaps for want of memory"
LOST = object()
"""In place of a result: the workers that had the task were killed."""


class Result(NamedTuple):
    """What one task left: its value, or its error in one sentence, and the seconds it took."""

    value: Any
    error: str
    seconds: float


class Executor(NamedTuple):
    """Where tasks run: one of ``serial``, ``loky``, ``dask``, how many side by side, and an address of a cluster."""

    kind: str
    workers: int
    address: str | None = None

    def map(self, function: Callable[[Any], Any], tasks: Iterable[Any],
            tell: Callable[[int], None] = lambda workers: None) -> Iterator[tuple[Any, Any]]:
        """Yield (task, ``function(task)``) as tasks are done, or (task, `LOST`); tasks are asked for when needed.

        An error that the function raises ends it all. `function` must be one of a module, tasks picklable. `tell` is
        called with the number of tasks that are done side by side, and again where a cluster grows or shrinks.
        """
        source = _Source(tasks)
        if self.address is None:
            tell(self.workers)
        if self.kind == "serial":
            return ((task, function(task)) for _, task in source)
        if self.kind == "dask":
            from allysim.study.cluster import on_cluster

            return on_cluster(function, source, self.workers, self.address, tell)
        return _loky(function, source, self.workers)


def executor(named: str, jobs: int = 0) -> Executor:
    """Return the executor that a user named: serial, loky, dask, or the address or file of a Dask scheduler.

    Raises
    ------
    ConfigError
        It is none of these.
    """
    if named == "serial":
        return Executor("serial", 1)
    if named in ("loky", "dask"):
        return Executor(named, jobs or cores())
    if "://" in named or named.endswith(".json"):
        return Executor("dask", jobs or cores(), named)
    raise ConfigError(f"executor={named} is not allowed: it takes serial, loky, dask, or the address (tcp://HOST:PORT) "
                      f"or the file (.json) of a Dask scheduler{nearest(named, ('serial', 'loky', 'dask'))}")


class _Source:
    """Tasks with numbers, given out one at a time, whichever thread asks."""

    def __init__(self, tasks: Iterable[Any]) -> None:
        self._tasks, self._count, self._lock = iter(tasks), 0, threading.Lock()

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        return self

    def __next__(self) -> tuple[int, Any]:
        with self._lock:
            task = next(self._tasks)
            self._count += 1
            return self._count, task


def _loky(function: Callable[[Any], Any], source: _Source, workers: int) -> Iterator[tuple[Any, Any]]:
    """Run tasks in processes. What a dying worker took along is tried again, each task by itself, so that one that
    kills its workers takes no other with it."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    while True:
        flying: dict[int, Any] = {}
        try:
            yield from _fly(function, source, flying, workers)
            return
        except BrokenProcessPool:
            for task in list(flying.values()):
                yield task, _alone(function, task)


def _alone(function: Callable[[Any], Any], task: Any) -> Any:
    """Return the result of a task run in a process of its own, `LOST` if it kills that too."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    for _ in range(TRIES - 1):
        try:
            return next(_fly(function, _Source([task]), {}, 1, "1"))[1]
        except BrokenProcessPool:
            continue
    return LOST


def _fly(function: Callable[[Any], Any], source: _Source, flying: dict[int, Any], workers: int,
         ahead: str = "2 * n_jobs") -> Iterator[tuple[Any, Any]]:
    from joblib import Parallel, delayed

    folder = os.getcwd()

    def feed() -> Iterator[Any]:
        for number, task in source:
            flying[number] = task
            yield delayed(_numbered)(number, function, task, folder)

    # One worker would be this process: two are asked for, of which one has nothing to do.
    pool = Parallel(n_jobs=max(2, workers), return_as="generator_unordered", pre_dispatch=ahead, batch_size=1,
                    backend="loky", inner_max_num_threads=1, initializer=watch, initargs=(os.getpid(),))
    results = pool(feed())
    try:
        for number, value in results:
            yield flying.pop(number), value
    finally:
        with warnings.catch_warnings():  # who breaks off knows that work is lost
            warnings.simplefilter("ignore")
            results.close()


def watch(parent: int) -> None:
    """End this worker once its parent is gone: workers of a study that was killed would wait for ever."""
    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    if hasattr(os, "fork"):  # elsewhere a process does not learn that it was orphaned
        threading.Thread(target=look, daemon=True).start()


def _numbered(number: int, function: Callable[[Any], Any], task: Any, folder: str) -> tuple[int, Any]:
    os.chdir(folder)  # workers outlive a study, and paths in settings are those of where the user is
    return number, function(task)


def run_all(tasks: Sequence[Any], function: Callable[[Any], Any], jobs: int = 0, what: str = "runs",
            ) -> Iterator[Result]:
    """Yield ``function(task)`` for each task, in order, as a `Result`.

    Few or short tasks stay in this process, since a worker costs seconds of imports before its first run.

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
    workers = jobs or cores()
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
    chunks = [_Listed(k, function, rest[i:i + size]) for k, i in enumerate(range(0, len(rest), size))]
    waiting: dict[int, list[Result]] = {}
    following = 0
    for chunk, results in Executor("loky", workers).map(_chunk, chunks):
        waiting[chunk.place] = [Result(None, KILLED, 0.0) for _ in chunk.tasks] if results is LOST else results
        while following in waiting:
            yield from waiting.pop(following)
            following += 1


class _Listed(NamedTuple):
    place: int
    function: Callable[[Any], Any]
    tasks: Sequence[Any]


def chunk_size(tasks: int, seconds: float, workers: int) -> int:
    """Return how many tasks of so many seconds go to a worker at a time.

    About `CHUNK_SECONDS` of work, less where that would leave a worker without a fourth chunk.
    """
    wanted = round(CHUNK_SECONDS / max(seconds, 1e-9))
    return max(1, min(wanted, math.ceil(tasks / (4 * workers))))


def _chunk(chunk: _Listed) -> list[Result]:
    return [_attempt(chunk.function, task) for task in chunk.tasks]


def _attempt(function: Callable[[Any], Any], task: Any, first: bool = False) -> Result:
    started = time.perf_counter()
    try:
        value, error = function(task), ""
    except Exception as problem:  # one failing run is a row with its error, and loses nothing else
        if first and isinstance(problem, BAD_INPUT):
            raise
        value, error = None, describe(problem)
    return Result(value, error, time.perf_counter() - started)


def cores() -> int:
    """Return how many cores this process may use."""
    from joblib import cpu_count

    return int(cpu_count())
