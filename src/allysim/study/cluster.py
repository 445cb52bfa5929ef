"""Tasks on a Dask cluster: one that exists, by its scheduler's address or file, or a local one of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from allysim.errors import AllysimError, ConfigError

AHEAD = 2
"""Tasks in the hands of the cluster for each of its threads: one at work, one waiting."""


def on_cluster(function: Callable[[Any], Any], source: Iterator[tuple[int, Any]], workers: int,
               address: str | None, tell: Callable[[int], None]) -> Iterator[tuple[Any, Any]]:
    """Yield (task, result) as tasks are done, (task, `LOST`) where one has killed too many workers.

    Dask itself tries a task of a lost worker again on another one. Workers may come and go; `tell` is called with how
    many threads they have.
    """
    from distributed import KilledWorker, as_completed

    from allysim.study.executors import LOST

    with _client(workers, address) as client:
        flying: dict[Any, Any] = {}
        coming = as_completed()

        def fill() -> None:
            threads = max(1, sum(client.ncores().values()))
            tell(threads)
            while len(flying) < AHEAD * threads:
                following = next(source, None)
                if following is None:
                    return
                future = client.submit(function, following[1], pure=False)
                flying[future] = following[1]
                coming.add(future)

        fill()
        while flying:
            future = next(coming)
            task = flying.pop(future)
            try:
                value = future.result()
            except KilledWorker:
                value = LOST
            yield task, value
            del future
            fill()


@contextmanager
def _client(workers: int, address: str | None) -> Iterator[Any]:
    """Connect to a cluster, or start one on this machine and stop it afterwards."""
    import logging

    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise AllysimError("executor=dask needs Dask: pip install 'allysim[dask]'") from error
    if address is None:
        logging.getLogger("distributed.nanny").setLevel(logging.ERROR)
        with (LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
              Client(cluster) as client):
            yield client
        return
    if address.endswith(".json") and not Path(address).is_file():  # Dask would wait for it for ever
        raise ConfigError(f"executor={address}: there is no such file; a Dask scheduler writes it when it is started "
                          "with --scheduler-file")
    try:
        named = {"scheduler_file": address} if address.endswith(".json") else {"address": address}
        client = Client(**named, timeout=10)
    except (OSError, ValueError) as error:
        raise ConfigError(f"executor={address}: no Dask scheduler answers there ({error})") from error
    with client:
        yield client
