"""What a trial of claims keeps of its runs: a small file per claim, from which its verdict is worked out.

It has a row per run of the worlds that the claim compares: scenario, arm (what that world sets), point, seed, seconds,
whether it failed, and the figures that the claim asks for, in double precision. The values at the points are not in it,
since design and code give them again; the file's mark says what they and the worlds were, so that a file of another
trial is not taken for one of this.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from allysim.errors import StoreError
from allysim.study import store

if TYPE_CHECKING:
    import pandas as pd

ABOUT = b"allysim"
RUN = ["scenario", "arm", "point", "seed", "seconds", "failed"]
"""Columns that say which run a row is of, and what it took; the others are figures."""


class Kept(NamedTuple):
    """The runs of a claim, the mark of their worlds and points, and the code's version and the day that made them."""

    runs: pd.DataFrame
    mark: str
    code: str
    day: str


def path_of(name: str, folder: Path) -> Path:
    """Return the file of a claim."""
    return folder / f"{name}.parquet"


def write(kept: Kept, path: Path) -> None:
    """Write the runs of a claim, whole or not at all."""
    about = json.dumps({"mark": kept.mark, "code": kept.code, "day": kept.day})
    store.write_whole(kept.runs, path, {ABOUT: about.encode()})


def read(path: Path) -> Kept | None:
    """Return the runs of a claim, None where there is no such file.

    Raises
    ------
    StoreError
        It cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return None
    try:
        table = pq.read_table(path)
        return Kept(table.to_pandas(), **json.loads(table.schema.metadata[ABOUT]))
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as problem:
        raise StoreError(f"{path} cannot be read as the runs of a claim ({problem})") from problem
