"""Compiled kernels: Numba with a cache that notices every change of the package.

Numba's own cache looks at a function's file only and would return old results after a change in a
helper of another file. The cache folder is therefore named by `allysim.version.code_version`.
``NUMBA_DISABLE_JIT=1`` runs the very same functions as plain Python.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np

from allysim.version import code_version

numba_config: Any = numba.config  # numba fills this module at import, unseen by type checkers


def cache_folder() -> Path:
    """Return the folder of this code version's compiled kernels (``ALLYSIM_CACHE`` moves it)."""
    root = os.environ.get("ALLYSIM_CACHE")
    if root is None:
        home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        root = str(Path(home) / "allysim")
    return Path(root) / code_version()


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function on first call and keep it on disk."""
    if disabled():  # compiled kernels divide by zero and wrap around without a warning; so does plain Python
        return np.errstate(divide="ignore", invalid="ignore", over="ignore")(function)
    return _compile(function)


def equation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small pure function of numbers and rows that kernels call; it is kept within them.

    It makes no arrays and returns none (see `routine`), so that Numba need not count references to the rows it looks
    at, which would cost more than the arithmetic.
    """
    options: Any = {"error_model": "numpy", "_nrt": False}
    compiled: Callable[..., Any] = numba.njit(**options)(function)
    return compiled


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile an `equation` into the loop that calls it: for those called millions of times with whole sections.

    A section is passed number by number, which can cost more than what is done with it. Compiling takes longer, and
    far longer where many are nested, so this is for few.
    """
    options: Any = {"error_model": "numpy", "_nrt": False, "forceinline": True}
    compiled: Callable[..., Any] = numba.njit(**options)(function)
    return compiled


def routine(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a part of kernels that makes arrays of its own, or an equation that Python calls with whole arrays."""
    return numba.njit(error_model="numpy")(function)


def _compile(function: Callable[..., Any]) -> Callable[..., Any]:
    previous = numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(cache_folder())
    try:
        return numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    except RuntimeError:  # no place to write a cache in: compile in memory
        return numba.njit(error_model="numpy", nogil=True)(function)
    finally:
        numba_config.CACHE_DIR = previous


def disabled() -> bool:
    """Whether kernels run as plain Python."""
    return bool(numba_config.DISABLE_JIT)


def compiled_before() -> bool:
    """Whether all that a run needs of this code version has been compiled and kept on disk."""
    return _whole().is_file()


def note_compiled() -> None:
    """Note that all that a run needs is on disk, if there is a place for it."""
    with contextlib.suppress(OSError):
        _whole().touch()


def _whole() -> Path:
    return cache_folder() / "whole"
