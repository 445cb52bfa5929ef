"""What the analyses of a study share: whole points, tables that say what they leave out, optional packages."""

import importlib
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from allysim.errors import AllysimError


class Found(NamedTuple):
    """A table and how many points (or trajectories, or blocks) it rests on; those with a failed run are left out."""

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


def whole(x: np.ndarray, y: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the points all of whose runs succeeded, and how many are left out.

    A point short of a run would be a mean over other seeds than its neighbours.

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
    kept = np.isfinite(y).all(axis=1)
    if kept.sum() < least:
        raise AllysimError(f"this analysis takes {least} points whose runs all succeeded, and there are "
                           f"{int(kept.sum())} of {len(y)}")
    return np.asarray(x, dtype=float)[kept], y[kept], int((~kept).sum())


def whole_blocks(y: np.ndarray, size: int, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows belong to whole blocks of `size` rows, and the mean outcome of those rows.

    Raises
    ------
    AllysimError
        The rows do not divide into blocks, or fewer than two blocks are whole.
    """
    y = matrix(y)
    if len(y) % size:
        raise AllysimError(f"{len(y)} points do not divide into {what} of {size}: this is another design")
    kept = np.isfinite(y).all(axis=1).reshape(-1, size).all(axis=1)
    if kept.sum() < 2:
        raise AllysimError(f"this analysis takes two {what} whose runs all succeeded, and there are {int(kept.sum())} "
                           f"of {len(kept)}")
    rows = np.repeat(kept, size)
    return rows, y[rows].mean(axis=1)


def ranked(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a table sorted by the size of a column, largest first; ties keep their order."""
    order = np.argsort(-table[column].abs().to_numpy(), kind="stable")
    return table.iloc[order].reset_index(drop=True)
