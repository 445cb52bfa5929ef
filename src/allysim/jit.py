"""Compiled kernels: Numba with a cache that notices every change of the package.

Numba's own cache looks at a function's file only and would return old results after a change in a
helper of another file. The cache folder is therefore named by `allysim.version.code_version`.
``NUMBA_DISABLE_JIT=1`` runs the very same functions as plain Python.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

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
    return _compile(function, inline=False)


def equation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small pure function that kernels call; it is kept within them."""
    return _compile(function, inline=True)


def _compile(function: Callable[..., Any], inline: bool) -> Callable[..., Any]:
    if inline:
        return numba.njit(error_model="numpy")(function)
    previous = numba_config.CACHE_DIR
    numba_config.CACHE_DIR = str(cache_folder())
    try:
        return numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    except RuntimeError:  # no place to write a cache in: compile in memory
        return numba.njit(error_model="numpy", nogil=True)(function)
    finally:
        numba_config.CACHE_DIR = previous


def compiled_before() -> bool:
    """Whether kernels of this code version have been kept on disk."""
    return any(cache_folder().rglob("*.nbc"))


def warm(message: Callable[[str], Any] | None = None) -> float:
    """Compile every kernel now by running a tiny world, and return the seconds it took.

    ``message`` is told beforehand that it compiles and afterwards how long it took; nothing is said,
    and nothing done, where the kernels of this code version are on disk already.
    """
    if numba_config.DISABLE_JIT or compiled_before():
        return 0.0
    say = message or (lambda text: print(text, file=sys.stderr))
    say("First run of this version: compiling the model's kernels (once) ...")
    started = time.perf_counter()
    from allysim.config import scenario_from
    from allysim.model import run

    # small, and lively enough for every phase to have something to do
    run(scenario_from(["firms.n=30", "months=12", "demography.exit_incumbent=.1", "conduct.temptation=50"]))
    took = time.perf_counter() - started
    say(f"... compiled in {took:.0f} s; later runs start at once.")
    return took
