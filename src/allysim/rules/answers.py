"""Asking a rule of the user's own; what it answers is checked at every call: type, shape and range."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from allysim.errors import AllysimError, RuleError, describe
from allysim.rules import METHOD
from allysim.rules.conduct import Temptations
from allysim.rules.effort import Efforts
from allysim.rules.gate import EXTEND, GO, STOP, Gates
from allysim.rules.market import Clearing, Offers
from allysim.rules.partner_choice import Options
from allysim.rules.strategy import Courses
from allysim.rules.value_split import Yields

NUMBERS, WHOLE, FLAGS = "fiu", "iu", "b"  # kinds of NumPy types
TOLERANCE = 1e-9


class Wanted(NamedTuple):
    """An array that a rule must answer with."""

    said: str                       # what it is, in words
    kinds: str                      # kinds of NumPy types it may have
    shape: tuple[int, ...]
    valid: Callable[[Any], Any]     # array to a flag for each entry


def ask(seam: str, name: str, rule: Any, question: Any, month: int) -> Any:
    """Return the answer of a user's own rule to the question of its seam.

    It gets arrays that cannot be written to, and its answer is checked; with nobody to decide for, it is not
    asked.

    Raises
    ------
    RuleError
        The user's rule fails, or answers with another type, shape or range than its seam takes.
    """
    if not question[0].size:
        return np.empty(0)
    try:
        answer = getattr(rule, METHOD[seam])(read_only(question))
    except AllysimError:
        raise
    except Exception as problem:  # whatever a user's rule raises
        raise RuleError(f"rules.{seam}={name} failed in month {month}: {describe(problem)}") from problem
    try:
        return check(seam, question, answer)
    except RuleError as problem:
        raise RuleError(f"rules.{seam}={name} in month {month} returned {problem}") from None


def read_only(question: Any) -> Any:
    """Return the question with arrays that cannot be written to."""
    return type(question)(*map(_locked, question))


def _locked(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    view = value.view()
    view.flags.writeable = False
    return view


def check(seam: str, question: Any, answer: Any) -> Any:
    """Return the answer as arrays.

    Raises `RuleError`, whose sentence begins with what was returned, unless it suits the question.
    """
    if seam != "market":
        return _array(WANTED[seam](question), answer)
    if not isinstance(answer, tuple) or len(answer) != len(Clearing._fields):
        raise RuleError(f"{_shown(answer)}; it must return Clearing({', '.join(Clearing._fields)})")
    fields = zip(Clearing._fields, _clearing(question), answer, strict=True)
    return Clearing(*(_array(wanted, value, f" as {field}") for field, wanted, value in fields))


def _array(wanted: Wanted, answer: Any, role: str = "") -> Any:
    try:
        array = np.asarray(answer)
    except ValueError:  # rows of different length
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in wanted.kinds or array.shape != wanted.shape:
        raise RuleError(f"{_shown(answer)}{role}; it must return {wanted.said}")
    valid = np.ravel(wanted.valid(array))
    if not valid.all():
        entry = int(np.argmin(valid))
        place = f" in entry {entry}" if array.size > 1 else ""
        raise RuleError(f"{array.flat[entry]}{place}{role}; it must return {wanted.said}")
    return (array.astype(np.float64, copy=False) if wanted.kinds == NUMBERS else array)[()]  # [()]: a number, not 0-d


def _shown(answer: Any) -> str:
    if isinstance(answer, np.ndarray):
        return f"an array of {answer.dtype} with shape {answer.shape}"
    return " ".join(f"{answer!r:.60}".split())


def _clearing(offers: Offers) -> tuple[Wanted, ...]:
    n, segments = offers.attraction.shape
    return (
        Wanted(f"a price above 0 for each firm ({n})", NUMBERS, (n,), lambda a: np.isfinite(a) & (a > 0.0)),
        Wanted(f"sales of 0 or more for each firm ({n})", NUMBERS, (n,), lambda a: np.isfinite(a) & (a >= 0.0)),
        Wanted(f"a sum of 0 or more for each segment ({segments})", NUMBERS, (segments,),
               lambda a: np.isfinite(a) & (a >= 0.0)),
        Wanted("one number, k€/month", NUMBERS, (), np.isfinite),
    )


def _options(options: Options) -> Wanted:
    k, m = options.allowed.shape
    rows = np.arange(k)
    return Wanted(f"for each firm ({k}) a whole number from 0 to {m - 1}, the place of an allowed option", WHOLE, (k,),
                  lambda a: (a >= 0) & (a < m) & options.allowed[rows, np.clip(a, 0, m - 1)])


def _temptations(faced: Temptations) -> Wanted:
    m = faced.temptation.size
    return Wanted(f"true or false for each member ({m})", FLAGS, (m,), np.ones_like)


def _gates(gates: Gates) -> Wanted:
    k = gates.chance.size
    return Wanted(f"for each alliance ({k}) {STOP} to stop, {EXTEND} to extend or {GO} to go", WHOLE, (k,),
                  lambda a: (a == STOP) | (a == EXTEND) | (a == GO))


def _efforts(known: Efforts) -> Wanted:
    m = known.norm.size
    return Wanted(f"an effort from 0 to 2 for each member ({m})", NUMBERS, (m,), lambda a: (a >= 0.0) & (a <= 2.0))


def _yields(yields: Yields) -> Wanted:
    m = yields.saving.size
    return Wanted(f"for each member ({m}) a share, with a sum of 1 in each alliance", NUMBERS, (m,),
                  lambda a: np.abs(yields.total(a) - 1.0) <= TOLERANCE)


def _courses(courses: Courses) -> Wanted:
    k, n = courses.strategy.size, courses.strategies
    return Wanted(f"for each firm ({k}) the number of a strategy, 0 to {n - 1}", WHOLE, (k,),
                  lambda a: (a >= 0) & (a < n))


WANTED: dict[str, Callable[[Any], Wanted]] = {
    "partner_choice": _options, "conduct": _temptations, "gate": _gates, "effort": _efforts,
    "value_split": _yields, "strategy": _courses,
}
