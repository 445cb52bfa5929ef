"""Taking a run up again at some month, with levers moved.

Every draw is keyed by identity and month, so that the months of a run can be run again exactly and only
what a lever shapes, and what follows from it, comes out otherwise.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.config.scenario import check_settings
from allysim.errors import AllysimError, ConfigError

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.model import AllianceModel
    from allysim.records import History, Run

NO_LEVERS = {
    **dict.fromkeys(("seed",), "a fork keeps the luck of its run"),
    **dict.fromkeys(("replications", "jobs", "out", "records"), "it is about how a run is made and not what happens"),
    **dict.fromkeys((
        "firms.n", "firms.focal", "firms.path", "firms.background", "firms.large_share", "firms.small_revenue",
        "firms.large_revenue", "firms.large_spread", "firms.large_from", "firms.attention_large", "market.home_taste",
        "market.outside_share", "alliances.path", "alliances.date", "alliances.unknown", "alliances.type",
    ), "it shapes the world of month 0 only"),
    "market.elasticity": "the unit costs of month 0 follow from it",
}
"""Settings that cannot be moved while a run goes on, and why."""


def moved(scenario: Scenario, levers: Mapping[str, Any], month: int) -> Scenario:
    """Return the scenario with levers moved, to be in force after `month`.

    Raises
    ------
    ConfigError
        As `Scenario.replace`; or a lever of `NO_LEVERS`, or an end before `month`.
    """
    check_settings(levers)  # what is not known at all is refused first
    for key in levers:
        if key in NO_LEVERS:
            raise ConfigError(f"{key} cannot be moved after month {month}: {NO_LEVERS[key]}; start a new run for that")
    after = scenario.replace(levers)
    if after.run.months < month:
        raise ConfigError(f"months={after.run.months} is before month {month}, in which levers are moved")
    return after


def same_world(one: Scenario, other: Scenario) -> bool:
    """Return whether two scenarios differ in length or records at most, and so in no month that both have."""
    return dataclasses.replace(one, run=other.run) == other


def rerun(scenario: Scenario, history: History, seed: int, level: str, month: int) -> AllianceModel:
    """Return the model after `month`, with levers moved as in a run's `history`.

    A move in `month` itself has been made, so that the next month is as in that run.
    """
    from allysim.model import AllianceModel

    untils, configs = [until for until, _ in history], [*(config for _, config in history), scenario]
    model = AllianceModel(configs[0], rng=seed, records=level)
    for until, config in zip([*untils, month], [*configs[1:], None], strict=True):
        for _ in range(min(until, month) - model.month):
            model.step()
        if config is not None and until <= month:
            model.change_to(config)
    return model


def moves_of(scenario: Scenario, history: History) -> dict[int, Scenario]:
    """Return what comes into force after each month in which levers were moved, by that month."""
    after = [*(config for _, config in history[1:]), scenario]
    return {until: config for (until, _), config in zip(history, after, strict=False)}


def taken_up(run: Run, month: int | None = None) -> AllianceModel:
    """Return the model of a run as it stood at the end of `month`, the last by default; errors as `Run.fork`."""
    model = rerun(run.scenario, run.history, run.seed, run.level, _checked(run, month))
    _compare(run, model)
    return model


def fork(run: Run, month: int, levers: Mapping[str, Any]) -> Run:
    """Return a run with levers moved after `month`, see `Run.fork`.

    Where levers were moved later than `month` already, these moves are kept.
    """
    month = _checked(run, month)
    past = tuple(move for move in run.history if move[0] <= month)
    later = run.history[len(past):]
    before = later[0][1] if later else run.scenario
    now = [] if same_world(before, moved(before, levers, month)) else [(month, before)]
    history = (*past, *now, *((until, moved(config, levers, month)) for until, config in later))
    scenario = moved(run.scenario, levers, month)
    model = rerun(scenario, history, run.seed, run.level, scenario.run.months)
    _compare(run, model, month)
    return model.results()


def digest(scenario: Scenario, seed: int, history: History = ()) -> str:
    """Return what identifies a run's numbers: `Scenario.digest`, with all that was in force before."""
    if not history:
        return scenario.digest(seed)
    legs = [f"{until} {config.digest(seed)}" for until, config in history]
    return hashlib.sha256("\n".join([*legs, scenario.digest(seed)]).encode()).hexdigest()[:16]


def _checked(run: Run, month: int | None) -> int:
    last = len(run._records["series"]) - 1
    if month is None:
        return last
    if isinstance(month, bool) or not isinstance(month, (int, np.integer)) or not 0 <= month <= last:
        raise ConfigError(f"month={month!r} is not allowed: this run has the months 0 to {last}")
    return int(month)


def _compare(run: Run, model: AllianceModel, month: int | None = None) -> None:
    """Refuse to go on from months that did not come out again as they were."""
    month = model.month if month is None else month
    once, again = np.stack(run._records["series"][:month + 1]), np.stack(model.recorder.series[:month + 1])
    differs = ~((once == again) | (np.isnan(once) & np.isnan(again))).all(axis=(1, 2))
    if differs.any():
        raise AllysimError(f"this run cannot be taken up again: run anew from its scenario and seed, month "
                           f"{int(np.argmax(differs))} comes out otherwise (alliances founded by hand, or a rule or "
                           "the code changed since); save the model itself with AllianceModel.save")
