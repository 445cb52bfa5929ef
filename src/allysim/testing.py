"""Checking a decision rule of one's own, before it is let loose in a run: `check_rule`."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from allysim.config import scenario as compose
from allysim.errors import RuleError, describe, nearest
from allysim.model import AllianceModel
from allysim.rules import METHOD, answers, find, make

LUCK = ("luck", "explore")
"""Columns that only a stochastic rule may use."""
STRUCTURE = ("allowed", "group", "groups", "schedule", "strategies")
"""Columns that say what may be answered at all; every rule may read them."""
MAY_BE_ZERO = {
    "market": ("custom", "own_demand"), "partner_choice": ("certainty_equivalent", "value", "trust", "likeness"),
    "conduct": ("temptation", "threshold", "gain", "trust", "honesty", "penalty", "failed_last", "failed_ever"),
    "gate": ("chance", "mean", "sd", "spent", "budget", "threshold"), "effort": ("worth", "intensity", "gap"),
    "value_split": ("saving",), "strategy": ("result", "before", "norm", "best_result"),
}
TOGETHER = ("market", "effort", "value_split")
"""Seams at which rows are decided together; at all others each is decided by itself."""
CLOSE = 1e-6  # relative, between answers in numbers
KEPT = 40     # questions of a seam that are asked, of all that were recorded
LIVELY = {
    "pilot.members": 5, "choice.search_months": 1, "conduct.temptation": 9.0, "trust.lapse": .5, "pilot.noise": .2,
    "pilot.review": 1, "pilot.go": .6, "pilot.budget_months": 2.0, "firms.cash_months": .5,
    "demography.exit_incumbent": .01,
}
WORLDS: dict[str, dict[str, Any]] = {
    "a calm world of 12 firms": {"firms.n": 12, "months": 12},
    "a world of 20 firms that do R&D": {"firms.n": 20, "months": 24, "strategy.seek": ["rnd"],
                                        "background.strategy.seek": ["rnd"]},
    "a lively world of 30 firms": {"firms.n": 30, "months": 24, "scenario": "supply_stress", **LIVELY},
    "a world of 20 firms under light governance": {"firms.n": 20, "months": 18, "governance": "light",
                                                   "pilot.threshold": .08, **LIVELY},
    "a world of 20 firms that imitate": {"firms.n": 20, "months": 48, "strategy": "stand_alone",
                                         "rules.strategy": "imitate"},
}


class Asked(NamedTuple):
    """A question and where it comes from, in words."""

    case: str
    question: Any


@dataclass(frozen=True, repr=False)
class Report:
    """What `check_rule` found of a rule that keeps its contract; print it.

    Attributes
    ----------
    rule, seam : str
        Name of the class, and the seam it stands behind.
    questions, decisions : int
        Questions it was asked, and firms, members or alliances it decided for in all.
    reads : tuple of str
        Columns on which its answers were seen to depend.
    stochastic : bool
        Whether they depend on luck.
    settings : dict
        Its fields, as the default configuration fills them.
    answers : str
        What it answered, in words.
    """

    rule: str
    seam: str
    questions: int
    decisions: int
    reads: tuple[str, ...]
    stochastic: bool
    settings: dict[str, Any]
    answers: str

    def __str__(self) -> str:
        fields = ", ".join(f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
                           for name, value in self.settings.items())
        rows = {
            "asked": f"{self.questions} questions from runs and edge cases, {self.decisions} decisions",
            "answered": self.answers, "depends on": ", ".join(self.reads) or "nothing it is asked",
            "stochastic": "yes, by the luck of its questions" if self.stochastic else "no", "fields": fields or "none",
        }
        lines = [f"{self.rule} keeps the contract of rules.{self.seam}."]
        return "\n".join([*lines, *(f"  {name:<11} {said}" for name, said in rows.items())])

    __repr__ = __str__


class _Recording(AllianceModel):
    """A model that keeps the questions its rules are asked."""

    def __init__(self, config: Any, world: str) -> None:
        self.asked: dict[str, list[Asked]] = {seam: [] for seam in METHOD}
        self.world = world
        super().__init__(config, records="outcomes")

    def ask(self, seam: str, question: Any) -> Any:
        if question[0].size:
            kept = type(question)(*(np.copy(c) if isinstance(c, np.ndarray) else c for c in question))
            self.asked[seam].append(Asked(f"in month {self.month} of {self.world}", kept))
        return super().ask(seam, question)


@functools.cache
def _recorded() -> dict[str, list[Asked]]:
    """Return questions of each seam that came up in small runs, the same at every call."""
    found: dict[str, list[Asked]] = {seam: [] for seam in METHOD}
    for world, settings in WORLDS.items():
        model = _Recording(compose(**settings), world)
        for _ in range(model.config.run.months):
            model.step()
        for seam, asked in model.asked.items():
            found[seam] += asked[::max(1, 2 * len(asked) // KEPT)]
    return found


def check_rule(rule: type | str, seam: str | None = None) -> Report:
    """Check a rule against the contract of its seam.

    It is asked questions that came up in small runs, and edge cases: one row, rows that are all alike, zeros. Its
    answers must have type, shape and range of the seam, be the same when asked again, hold for each row whatever
    the others are, and depend on nothing that it does not declare: on luck only if it has
    ``stochastic: ClassVar[bool] = True``, and only on the columns in ``reads: ClassVar[tuple[str, ...]]``, where
    it has that. A rule is never asked in a month in which there is nobody to decide for.

    Parameters
    ----------
    rule : class, or where it is as ``file.py:Class``
    seam : str, optional
        Told by the rule's method if not given.

    Returns
    -------
    Report

    Raises
    ------
    RuleError
        The first thing that is wrong, in a sentence.

    Examples
    --------
    >>> from allysim.rules.gate import Threshold
    >>> from allysim.testing import check_rule
    >>> check_rule(Threshold).reads
    ('mean', 'threshold')
    """
    rule = find(rule, "check_rule") if isinstance(rule, str) else rule
    seam = seam or _seam_of(rule)
    if seam not in METHOD:
        raise RuleError(f"there is no seam '{seam}': there are {', '.join(METHOD)}{nearest(seam, METHOD)}")
    name = getattr(rule, "__name__", repr(rule))
    made = make(rule, seam, name, compose())
    recorded = _recorded()[seam]
    asked = [*recorded, *_edge_cases(seam, recorded[-1].question)]
    tested = _Trial(made, name, seam, *_declared(rule, name, recorded[0].question))
    given = [tested.answer(*one) for one in asked]
    for one, answer in zip(asked, given, strict=True):
        for _ in range(2):  # long after the first time, and at once
            tested.again(one, answer)
        tested.rows(one, answer)
    used = tested.columns(recorded, given[:len(recorded)])
    fields = {field.name: getattr(made, field.name) for field in dataclasses.fields(made)}
    return Report(name, seam, len(asked), sum(len(one.question[0]) for one in asked), used,
                  any(column in LUCK for column in used), fields, _summary(given[:len(recorded)]))


def _seam_of(rule: Any) -> str:
    """Return the seam whose method a rule has."""
    name = getattr(rule, "__name__", repr(rule))
    found = [seam for seam, method in METHOD.items() if callable(getattr(rule, method, None))]
    if len(found) > 1:
        raise RuleError(f"{name} has the methods of {' and '.join(found)}: say which it is with seam=")
    if not found:
        close = next((hint for own in vars(rule) if not own.startswith("_")
                      if (hint := nearest(own, METHOD.values()))), "") if isinstance(rule, type) else ""
        raise RuleError(f"{name} has none of the methods {', '.join(METHOD.values())} and so fits no seam{close}")
    return found[0]


def _declared(rule: Any, name: str, question: Any) -> tuple[bool, tuple[str, ...] | None]:
    """Return what a rule says of itself: whether it is stochastic, and the columns it reads, None if it is silent."""
    stochastic, reads = getattr(rule, "stochastic", False), getattr(rule, "reads", None)
    if not isinstance(stochastic, bool):
        raise RuleError(f"{name}.stochastic is {stochastic!r:.40}; it must be True or False")
    if reads is None:
        return stochastic, None
    if isinstance(reads, str) or not isinstance(reads, (tuple, list)):
        raise RuleError(f"{name}.reads is {reads!r:.40}; it must be a tuple of names of columns")
    for column in reads:
        if column not in question._fields:
            raise RuleError(f"{name}.reads names '{column}', which is no column of {type(question).__name__}: there "
                            f"are {', '.join(question._fields)}{nearest(str(column), question._fields)}")
    return stochastic, tuple(reads)


def _edge_cases(seam: str, question: Any) -> Iterator[Asked]:
    """Yield questions that come up seldom, made from one that did."""
    first = np.zeros(1, dtype=np.int64)
    yield Asked("with one row", _take(question, first))
    yield Asked("with rows all alike", _take(question, np.repeat(first, 3)))
    zeros = {column: np.zeros_like(getattr(question, column)) for column in MAY_BE_ZERO.get(seam, ())}
    yield Asked("with zeros", question._replace(**zeros))
    if seam == "partner_choice":
        alone = np.zeros_like(question.allowed)
        alone[:, 0] = True
        yield Asked("with nobody to choose", question._replace(allowed=alone))


def _take(question: Any, rows: Any) -> Any:
    """Return the question for some of its rows only; members of an alliance stay in one."""
    size = len(question[0])
    taken = type(question)(*(c[rows] if isinstance(c, np.ndarray) and len(c) == size else c for c in question))
    if hasattr(taken, "groups"):
        numbers, group = np.unique(taken.group, return_inverse=True)
        taken = taken._replace(group=group.astype(question.group.dtype), groups=numbers.size)
    return taken


class _Trial:
    """A rule on trial."""

    def __init__(self, rule: Any, name: str, seam: str, stochastic: bool, reads: tuple[str, ...] | None) -> None:
        self.rule, self.name, self.seam = rule, name, seam
        self.stochastic, self.reads = stochastic, reads
        self.random = np.random.default_rng(1)  # of the checks, never of the rule

    def answer(self, case: str, question: Any) -> Any:
        """Return the answer to a question, checked."""
        before = [np.copy(column) for column in question]
        try:
            with np.errstate(all="ignore"):  # what comes out is what counts
                answer = getattr(self.rule, METHOD[self.seam])(answers.read_only(question))
        except Exception as problem:  # whatever a user's rule raises
            raise RuleError(f"{self.name} failed {case}: {describe(problem)}") from problem
        for column, kept, now in zip(question._fields, before, question, strict=True):
            if not np.array_equal(kept, now):
                raise RuleError(f"{self.name} changes the column '{column}' it is asked with; let it work on a copy")
        try:
            checked = answers.check(self.seam, question, answer)
        except RuleError as problem:
            raise RuleError(f"{self.name} {case} returned {problem}") from None
        return tuple(np.copy(part) for part in (checked if isinstance(checked, tuple) else (checked,)))

    def again(self, one: Asked, answer: Any) -> None:
        """Ask once more."""
        if not _same(answer, self.answer(*one)):
            raise RuleError(f"{self.name} answers the same question differently when asked again ({one.case}): chance "
                            "may come from the luck of a question only, and nothing may be kept between questions")

    def rows(self, one: Asked, answer: Any) -> None:
        """Ask for the rows in another order, or where each is decided by itself for half of them."""
        size = len(one.question[0])
        if size < 2:
            return
        order = self.random.permutation(size)
        if self.seam not in TOGETHER:
            order = order[:(size + 1) // 2]
        elif hasattr(one.question, "group"):  # members of an alliance change places
            order = order[np.argsort(one.question.group[order], kind="stable")]
            order = order[np.argsort(np.argsort(one.question.group, kind="stable"), kind="stable")]
        asked = _take(one.question, order)
        if self.seam in TOGETHER and all(map(np.array_equal, one.question, asked)):
            return  # rows that are all alike have no other order: which of equals comes first is the rule's to say
        expected = tuple(part[order] if part.shape[:1] == (size,) else part for part in answer)
        if not _same(expected, self.answer(one.case, asked)):
            raise RuleError(
                f"{self.name} {one.case} decides otherwise when the rows come in another order" if self.seam in TOGETHER
                else f"{self.name} {one.case} decides otherwise for a row when other rows are asked with it: each must "
                     "be decided by itself")

    def columns(self, recorded: list[Asked], given: list[Any]) -> tuple[str, ...]:
        """Return the columns on which answers depend; none may that are not declared."""
        used = []
        for column in recorded[0].question._fields:
            if column not in STRUCTURE and any(self.moves(column, recorded, *both) for both in
                                               zip(recorded, given, strict=True)):
                if column in LUCK and not self.stochastic:
                    raise RuleError(f"{self.name} uses the column '{column}' but is not declared stochastic: add "
                                    "stochastic: ClassVar[bool] = True to it")
                if self.reads is not None and column not in self.reads:
                    raise RuleError(f"{self.name}.reads does not name '{column}', on which its answers depend: there "
                                    f"are {', '.join(self.reads) or 'no columns'}")
                used.append(column)
        return tuple(used)

    def moves(self, column: str, recorded: list[Asked], one: Asked, answer: Any) -> bool:
        """Return whether the answer to a question is another with other values in a column."""
        old = getattr(one.question, column)
        if self.seam == "market":  # where all hangs together, values from elsewhere would make no market
            new = old * np.exp(self.random.normal(0.0, .05, old.shape)) + (0.01 if column == "own_demand" else 0.0)
        elif old.dtype == np.bool_:
            new = self.random.random(old.shape) < .5
        elif column in LUCK:
            new = self.random.uniform(1e-9, 1.0, old.shape)
        else:
            pool = np.concatenate([np.ravel(getattr(other.question, column)) for other in recorded])
            new = self.random.choice(pool, old.shape)
        moved = one.question._replace(**{column: new})
        return not _same(answer, self.answer(f"{one.case}, with other values of {column},", moved))


def _same(first: Any, second: Any) -> bool:
    """Whether two answers are the same, numbers to `CLOSE`."""
    return all(np.allclose(a, b, rtol=CLOSE, atol=1e-9) if a.dtype.kind == "f" else np.array_equal(a, b)
               for a, b in zip(first, second, strict=True))


def _summary(given: list[Any]) -> str:
    """Return what was answered, in words: how often each, or the range of numbers."""
    values = np.concatenate([np.ravel(answer[0]) for answer in given])
    if values.dtype.kind == "f":
        return f"{values.min():.4g} to {values.max():.4g}"
    found, counts = np.unique(values, return_counts=True)
    return ", ".join(f"{value} in {100 * count / values.size:.0f} %" for value, count in
                     zip(found.tolist(), counts.tolist(), strict=True))
