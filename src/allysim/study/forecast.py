"""How a real network goes on from a date: the model and two plain baselines against what happened."""

from __future__ import annotations

import calendar
import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd

from allysim.analysis import baselines, moments
from allysim.analysis.moments import MOMENTS, Window
from allysim.errors import ConfigError
from allysim.network import months_between
from allysim.study.validation import made

if TYPE_CHECKING:
    from allysim.config import Scenario

RUN_IN = 12
"""Months after the start that are not looked at: firms of the model have yet to search for partners."""

PAST = 120
"""Months before the start that the baselines take their rates from, fewer where the network is younger."""

LEAST = 12
"""Months that a window, and the past, have at least."""

LEAST_SEEDS = 10
"""Fewer runs drawn again say too little of luck to call a difference clear."""

RESAMPLES, SEED = 1000, 7

LOSES, WINS, UNCLEAR, ABSENT = "loses", "wins", "no clear difference", "not in the data"

COLUMNS = ["moment", "what", "unit", "data", "model", "model_low", "model_high", "past", "random", "model_error",
           "past_error", "random_error", "model_relative", "past_relative", "random_relative", "better", "difference",
           "difference_low", "difference_high", "verdict"]


class World(NamedTuple):
    """A world as a task: what it is run with, its seed, and the window looked at."""

    config: Any
    seed: int
    window: Window


def see(world: World) -> np.ndarray:
    """Run a world and return what its moments are ratios of, (moments, 2)."""
    from allysim.model import AllianceModel

    model = AllianceModel(world.config.replace(months=world.window.end), rng=world.seed, records="series")
    for _ in range(world.window.end):
        model.step()
    history = moments.at_start(moments.of_network(world.config.network, world.config.start.date))
    return moments.observe(moments.of_run(model.results(), history), world.window, world.seed)


class Forecast:
    """Moments of a network in the years after a date: the data, the model started on it, and two baselines.

    Model and baselines know the network up to the date and nothing after it; nothing is fitted.

    Parameters
    ----------
    scenario : Scenario
        With a network.
    replications : int
        Seeds of the model, from the scenario's on, and of each baseline.
    months : int, optional
        The last month of the window, which begins after `RUN_IN`; by default the last whole year the network is known.

    Attributes
    ----------
    start : str
        ISO date of month 0.
    types : tuple of str
        Of the alliances of the model that are compared: those that the network has.
    window, past : Window
        Months looked at, and those of the baselines' rates.
    table : DataFrame
        A row per moment: data, model with its 95 % interval over seeds, past and random; their absolute errors in units
        of the data and over it; the better baseline; the difference of the model's error and its error, with a 95 %
        interval from seeds drawn again; verdict.

    Raises
    ------
    ConfigError
        The network is not known for long enough before or after the date, `months` lies outside what is known, or
        there are fewer than `LEAST_SEEDS` seeds.
    """

    def __init__(self, scenario: Scenario, replications: int, months: int | None = None) -> None:
        if scenario.network is None or scenario.start is None:
            raise ConfigError("a forecast needs a network to start from: set alliances.path")
        if replications < LEAST_SEEDS:
            raise ConfigError(f"replications={replications} is not allowed: a comparison with a network takes "
                              f"{LEAST_SEEDS} seeds or more, as fewer say too little of luck")
        self.scenario, self.start = scenario, scenario.start.date
        self.types = scenario.network.types(scenario.alliances.type)
        self.spells = moments.of_network(scenario.network, self.start)
        self.window = Window(RUN_IN, _end(scenario.network.end, self.start, months))
        self.past, self.rates = self._past()
        self.seeds = [scenario.run.seed + k for k in range(replications)]

    def _past(self) -> tuple[Window, baselines.Past]:
        window = Window(max(-PAST, int(self.spells["joined"].min()) - 1), 0)
        early = f"alliances.date={self.start} is too early: the baselines carry rates of the past forward, and"
        if window.start >= -LEAST:
            raise ConfigError(f"{early} the network is known for fewer than {LEAST} months before it")
        try:
            return window, baselines.past_of(self.spells, window)
        except ValueError:
            raise ConfigError(f"{early} no two firms of the network founded an alliance in the {-window.start} months "
                              f"before it") from None

    def run(self, jobs: int = 0) -> Self:
        """Run the model and the baselines and compare them with the data; `RunError` if a run fails."""
        worlds = [World(self.scenario, seed, self.window) for seed in self.seeds]
        seen = {"model": np.stack(made(worlds, see, jobs))}
        for name in baselines.BASELINES:
            seen[name] = np.stack([moments.observe(baselines.forecast(
                self.spells, self.rates, self.window.end, seed, name), self.window, seed) for seed in self.seeds])
        self.table = compare(moments.values(moments.observe(self.spells, self.window, SEED)), seen)
        return self


def _end(known: str, start: str, months: int | None) -> int:
    """Return the last month of the window; `ConfigError` where the network is not known that long."""
    until = datetime.date.fromisoformat(known) + datetime.timedelta(days=1)
    most, least = months_between(start, until.isoformat()), RUN_IN + LEAST
    if most < least:
        raise ConfigError(f"alliances.date={start} is too late: the network is known until {known}, and a comparison "
                          f"takes {least} months after the date, of which it leaves out the first {RUN_IN}")
    if months is None:
        return most // 12 * 12
    if not least <= months <= most:
        raise ConfigError(f"months={months} is not allowed: the network is known until {known}, so months takes "
                          f"{least} to {most} here, counted from alliances.date={start}")
    return months


def compare(data: np.ndarray, seen: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the table of `Forecast`.

    Parameters
    ----------
    data : ndarray, shape (moments,)
    seen : dict of ndarray, shape (runs, moments, 2)
        Of ``model``, ``past`` and ``random``, as `moments.observe` gives it.
    """
    luck = np.random.default_rng(SEED)
    whole = {name: moments.values(rows.sum(axis=0)) for name, rows in seen.items()}
    drawn = {}
    for name, rows in seen.items():
        weights = luck.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), RESAMPLES)
        drawn[name] = moments.values(np.tensordot(weights, rows, 1))
    found = []
    for k, (name, moment) in enumerate(MOMENTS.items()):
        error = {of: float(_error(values[k], data[k])) for of, values in whole.items()}
        better = "past" if error["past"] <= error["random"] else "random"
        with np.errstate(invalid="ignore"):  # none in either is no difference
            again = _error(drawn["model"][:, k], data[k]) - _error(drawn[better][:, k], data[k])
            size, difference = np.float64(abs(data[k]) or np.nan), np.float64(error["model"]) - error[better]
        low, high = _interval(again)
        found.append((name, moment.what, moment.unit, data[k], whole["model"][k], *_interval(drawn["model"][:, k]),
                      whole["past"][k], whole["random"][k], *error.values(), *(e / size for e in error.values()),
                      better, difference, low, high, _verdict(data[k], error, low, high)))
    return pd.DataFrame(found, columns=COLUMNS)


def _error(value: Any, data: float) -> Any:
    """Return how far values are from the data; without end where there is none."""
    return np.where(np.isnan(value), np.inf, np.abs(value - data))


def _interval(drawn: np.ndarray) -> tuple[float, float]:
    there = drawn[~np.isnan(drawn)]
    low, high = np.quantile(there, [.025, .975], method="nearest") if len(there) else (np.nan, np.nan)
    return float(low), float(high)


def _verdict(data: float, error: dict[str, float], low: float, high: float) -> str:
    """Say whether the model is farther from the data than the better baseline; one that has nothing loses."""
    if np.isnan(data):
        return ABSENT
    if np.isinf(error["model"]):
        return UNCLEAR if np.isinf(min(error["past"], error["random"])) else LOSES
    return LOSES if low > 0 else WINS if high < 0 else UNCLEAR


def date_after(start: str, months: int) -> str:
    """Return the ISO date some months after another, or before; the last of its month where that is shorter."""
    year, month = divmod(int(start[:4]) * 12 + int(start[5:7]) - 1 + months, 12)
    day = min(int(start[8:]), calendar.monthrange(year, month + 1)[1])
    return datetime.date(year, month + 1, day).isoformat()
