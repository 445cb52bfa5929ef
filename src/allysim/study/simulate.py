"""One run as a task for an executor: what goes to a worker, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from allysim import rules
from allysim.fork import digest
from allysim.study import outcome
from allysim.study.executors import Result
from allysim.study.store import FAILED, RECORDS, SUCCEEDED

if TYPE_CHECKING:
    import pandas as pd

    from allysim.config import Scenario
    from allysim.records import History


class Task(NamedTuple):
    """A scenario under one seed, and the level of the records it is to leave."""

    scenario: Scenario
    seed: int
    records: str
    history: History = ()
    """What was in force before levers were moved, see `allysim.records.Run`."""


class Record(NamedTuple):
    """Outcomes by ``<group>.<kpi>``, and the tables of the run that its level keeps."""

    outcomes: dict[str, float]
    tables: dict[str, pd.DataFrame]


def load_own(scenarios: Iterable[Scenario]) -> None:
    """Load every rule and outcome that scenarios name, so that a wrong one is refused before anything is done.

    Raises
    ------
    RuleError
        One of them cannot be found or used.
    """
    for scenario in scenarios:
        rules.load_all(scenario)
        if scenario.run.outcome:
            outcome.load(scenario.run.outcome)


def simulate(task: Task) -> Record:
    """Run a task and add the user's own outcome, if the scenario names one, which sees every table of the run."""
    from allysim.fork import rerun

    level = "full" if task.scenario.run.outcome else task.records
    model = rerun(task.scenario, task.history, task.seed, level, task.scenario.run.months)
    return record_of(model.results(), task.records)


def record_of(run: Any, level: str) -> Record:
    """Return what is kept of a run at a level, with the user's own outcome."""
    outcomes = dict(run.outcomes)
    if run.scenario.run.outcome:
        outcomes |= outcome.own_outcomes(run.scenario.run.outcome, run)
    return Record(outcomes, {name: getattr(run, name) for name in RECORDS[level]})


def row_of(task: Task, result: Result, labels: dict[str, Any]) -> dict[str, Any]:
    """Return the run table's row: identity, labels, status, outcomes."""
    return {
        "run": digest(task.scenario, task.seed, task.history),
        "status": FAILED if result.error else SUCCEEDED, **labels,
        "seed": task.seed, "error": result.error, "seconds": result.seconds,
        **(result.value.outcomes if result.value else {}),
    }
