"""What the analyses of a study share: whole points, tables that say what they leave out, optional packages."""

import importlib
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from allysim.errors import AllysimError


class Found(NamedTuple):
    """A table, and how many points (or trajectories, or blocks) it rests on and leaves out (`complete`)."""

    table: pd.DataFrame
    used: int
    left_out: int


def optional(module: str) -> Any:
    """Return a module of the optional packages, imported without their warnings.

    Raises
    ------
    AllysimError
        It is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(module)
    except ImportError as problem:
        raise AllysimError(f"this analysis needs {module.partition('.')[0]}, which is not installed: "
                           "pip install 'allysim[studies]'") from problem


def problem(keys: Sequence[str], bounds: np.ndarray) -> dict[str, Any]:
    """Return parameters and their ranges as SALib takes them."""
    return {"num_vars": len(keys), "names": list(keys), "bounds": np.asarray(bounds, dtype=float).tolist()}


def matrix(y: np.ndarray) -> np.ndarray:
    """Return outcomes as (points, replications); one per point is a single replication."""
    y = np.asarray(y, dtype=float)
    return y[:, None] if y.ndim == 1 else y


def complete(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which points and which replications to keep, so that no run is missing and the most runs stay.

    A mean over other seeds than its neighbours' would be a difference of luck. So a seed that failed goes at all
    points, or a point that has a failed run under all seeds, whatever keeps more; seeds that failed most go first.

    Parameters
    ----------
    y : ndarray, shape (points, replications)
        NaN for failed runs.

    Returns
    -------
    two ndarray of bool, shapes (points,) and (replications,)

    >>> import numpy as np
    >>> from allysim.analysis.design import complete
    >>> y = np.ones((4, 3))
    >>> y[:, 1] = y[2, 0] = np.nan
    >>> [kept.tolist() for kept in complete(y)]
    [[True, True, False, True], [True, False, True]]
    """
    missing = ~np.isfinite(y)
    replications = y.shape[1]
    order = np.argsort(missing.sum(axis=0), kind="stable")
    ordered = missing[:, order]
    before = np.where(ordered.any(axis=1), ordered.argmax(axis=1), replications)  # seeds under which a point is whole
    left = (before[:, None] >= np.arange(1, replications + 1)).sum(axis=0)
    count = replications - int(np.argmax((left * np.arange(1, replications + 1))[::-1]))  # of equal ones the most seeds
    seeds = np.zeros(replications, dtype=bool)
    seeds[order[:count]] = True
    return ~missing[:, seeds].any(axis=1), seeds


def left_out(points: np.ndarray, seeds: np.ndarray, what: str = "points") -> str:
    """Say what `complete` leaves out, of points or `what` stands in their place; "" where that is nothing.

    >>> import numpy as np
    >>> from allysim.analysis.design import left_out
    >>> left_out(np.array([True, False, True]), np.array([True, False]))
    '1 of 3 points and 1 of 2 seeds are left out, since runs of theirs failed.'
    """
    gone = [f"{int((~kept).sum())} of {len(kept)} {name}" for name, kept in ((what, points), ("seeds", seeds))
            if not kept.all()]
    return f"{' and '.join(gone)} are left out, since runs of theirs failed." if gone else ""


def whole(x: np.ndarray, y: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the points and outcomes that are `complete`, and how many points are left out.

    Parameters
    ----------
    x : ndarray, shape (points, parameters)
    y : ndarray, shape (points, replications) or (points,)
        NaN for failed runs.
    least : int
        Points needed.

    Raises
    ------
    AllysimError
        Fewer are left.
    """
    y = matrix(y)
    kept, seeds = complete(y)
    if kept.sum() < least:
        raise AllysimError(f"this analysis takes {least} points whose runs all succeeded, and there are "
                           f"{int(kept.sum())} of {len(y)}")
    return np.asarray(x, dtype=float)[kept], y[kept][:, seeds], int((~kept).sum())


def whole_blocks(y: np.ndarray, size: int, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows belong to `complete` blocks of `size` rows, and the outcomes of those rows by replication.

    Raises
    ------
    AllysimError
        The rows do not divide into blocks, or fewer than two blocks are whole.
    """
    y = matrix(y)
    if len(y) % size:
        raise AllysimError(f"{len(y)} points do not divide into {what} of {size}: this is another design")
    kept, seeds = complete(y.reshape(-1, size, y.shape[1]).sum(axis=1))
    if kept.sum() < 2:
        raise AllysimError(f"this analysis takes two {what} whose runs all succeeded, and there are {int(kept.sum())} "
                           f"of {len(kept)}")
    rows = np.repeat(kept, size)
    return rows, y[rows][:, seeds]


def ranked(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a table sorted by the size of a column, largest first; ties keep their order."""
    order = np.argsort(-table[column].abs().to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)
