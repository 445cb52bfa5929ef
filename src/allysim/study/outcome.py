"""A user's own outcome: one function of a run, given as ``file.py:function``."""

import functools
import math
from collections.abc import Callable
from numbers import Real
from pathlib import Path
from typing import Any

from allysim.errors import RuleError, describe
from allysim.rules import find

GROUP = "own"
"""The group under which own outcomes stand beside the built-in ones."""


def load(given: str) -> Callable[[Any], Any]:
    """Return the function that ``file.py:function`` names, read once per process and change of the file.

    Raises
    ------
    RuleError
        The file is missing or cannot be run, or has no such function; one sentence.
    """
    file, _, name = given.rpartition(":")
    if not file.endswith(".py") or not name.isidentifier():
        raise RuleError(f"outcome={given} is not of the form file.py:function, as in outcome=my_outcome.py:margin")
    path = Path(file).expanduser()
    function = _found(f"{path}:{name}", path.resolve().stat().st_mtime_ns if path.is_file() else 0)
    if not callable(function):
        raise RuleError(f"outcome={given}: '{name}' is not a function but {function!r:.60}")
    return function


@functools.lru_cache(maxsize=16)
def _found(target: str, changed: int) -> Any:
    return find(target, "outcome")


def own_outcomes(given: str, run: Any) -> dict[str, float]:
    """Call the function on a run and return its numbers as ``own.<name>``.

    The function returns a number, named after the function, or a dict of names and numbers. NaN is
    allowed and means that the outcome does not exist for this run.

    Raises
    ------
    RuleError
        The function fails, or returns something else; one sentence.
    """
    function = load(given)
    try:
        value = function(run)
    except Exception as problem:  # whatever a user's function raises
        raise RuleError(f"outcome={given} failed on the run with seed {run.seed}: {describe(problem)}") from problem
    named = value if isinstance(value, dict) else {given.rpartition(":")[2]: value}
    for name, number in named.items():
        if not isinstance(name, str) or not isinstance(number, Real) or math.isinf(number):
            shown = f"{{{name!r}: {number!r}}}" if isinstance(value, dict) else repr(value)
            shown = shown if len(shown) < 80 else f"an object of type {type(number).__name__}"
            raise RuleError(f"outcome={given} returned {shown}, but it must return a finite number (or NaN), or a "
                            "dict of names and such numbers")
    return {f"{GROUP}.{name}": float(number) for name, number in named.items()}
