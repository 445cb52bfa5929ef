"""What allysim raises when it is given something it cannot use.

Each message is one sentence that says what is wrong, where, what is allowed and, where there is
one, the nearest valid name. The command line prints that sentence and exits with 2.
"""

import difflib
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


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest allowed name, or an empty string."""
    found = difflib.get_close_matches(name.lower(), list(allowed), n=1, cutoff=0.5)
    return f"; did you mean '{found[0]}'?" if found else ""
