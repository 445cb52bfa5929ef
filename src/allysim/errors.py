"""What allysim raises when it is given something it cannot use.

Each message is one sentence that says what is wrong, where, what is allowed and, where there is
one, the nearest valid name. The command line prints that sentence and exits with 2.
"""

import difflib
import traceback
from collections.abc import Iterable


class AllysimError(Exception):
    """Base class of everything allysim raises on purpose."""


class ConfigError(AllysimError, ValueError):
    """An unknown key or preset, a wrong type, or a value out of range."""


class DataError(AllysimError, ValueError):
    """A user's file that cannot be used; names line, column and value."""


class RuleError(AllysimError, ValueError):
    """A rule or outcome function given by path that cannot be loaded or breaks its contract."""


class StoreError(AllysimError, RuntimeError):
    """A folder of results that is missing, incomplete or would be overwritten."""


class ConvergenceError(AllysimError, ArithmeticError):
    """The market did not settle; names the firm that moved most."""


class RunError(AllysimError, RuntimeError):
    """Every run of a set failed, so that there is nothing to report."""


def nearest(name: str, allowed: Iterable[str], alike: float = 0.5) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest allowed name that is `alike` enough (0-1), or nothing."""
    folded = {other.lower(): other for other in allowed}
    found = difflib.get_close_matches(name.lower(), list(folded), n=1, cutoff=alike)
    return f"; did you mean '{folded[found[0]]}'?" if found else ""


def describe(problem: BaseException) -> str:
    """Return one line for an error: our own sentences as they are, others with type and place."""
    if isinstance(problem, AllysimError):
        return str(problem)
    text = " ".join(str(problem).split())
    if isinstance(problem, SyntaxError):  # its text says where
        return f"SyntaxError: {text}"
    place = traceback.extract_tb(problem.__traceback__)[-1]
    name = place.filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{type(problem).__name__} in {name} line {place.lineno}: {text}"
