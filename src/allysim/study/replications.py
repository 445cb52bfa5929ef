"""Scenarios run under the same seeds, and their outcomes and months stacked: replications by figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from allysim.errors import AllysimError, ConfigError, RunError, nearest
from allysim.kpis import GROUPS, KPIS
from allysim.study import remains
from allysim.study.executors import run_all
from allysim.study.outcome import GROUP as OWN
from allysim.study.simulate import Task, load_own, row_of, simulate

if TYPE_CHECKING:
    import pandas as pd

    from allysim.config import Scenario

HEADLINE = "economic_profit"
LEAST = 2
"""Runs of each scenario, so that luck shows."""


def check_luck(replications: int, what: str) -> None:
    """Refuse one replication where luck is to be told."""
    if replications < LEAST:
        article = "an" if what[0] in "aeiou" else "a"
        raise ConfigError(f"replications={replications} is not allowed: {article} {what} takes {LEAST} or more, since "
                          "one run tells nothing of luck")


class Replications:
    """One or more scenarios of the same length, each run under the same seeds.

    Parameters
    ----------
    scenarios : sequence of Scenario
    labels : sequence of dict
        What the run table says of each.
    replications, jobs, records
        By default those of the first scenario, where ``records=auto`` means series. Replication k has
        seed + k, with the first scenario's ``seed``.

    Attributes
    ----------
    scenarios, seeds, months, records
        What is run.
    figures : list of str
        ``<group>.<kpi>`` that have series, none before `run` or without them.

    Raises
    ------
    ConfigError
        A number that is not allowed.
    RuleError
        A rule or outcome given by path that cannot be used.
    """

    what = "set of runs"

    def __init__(self, scenarios: Sequence[Scenario], labels: Sequence[dict[str, Any]],
                 replications: int | None = None, jobs: int | None = None, records: str | None = None) -> None:
        load_own(scenarios)
        given = {"replications": replications, "jobs": jobs, "records": records}
        settings = scenarios[0].replace({key: value for key, value in given.items() if value is not None}).run
        check_luck(settings.replications, self.what)
        self.months = settings.months
        self.seeds = [settings.seed + k for k in range(settings.replications)]
        self.jobs = settings.jobs
        self.records = "series" if settings.records == "auto" else settings.records
        self.scenarios, self._labels = scenarios, labels
        self._rows: list[dict[str, Any]] = []
        self._paths: list[list[np.ndarray | None]] = []
        self.figures: list[str] = []
        self._remains: list[list[remains.Remains]] = []

    def run(self, keep: Callable[[dict[str, Any], dict[str, Any]], None] | None = None) -> Self:
        """Run every scenario under every seed, and return itself.

        Parameters
        ----------
        keep : callable, optional
            Told each run's row and record tables, in order: `Store.add`.

        Raises
        ------
        RunError
            If all runs fail, with the error of the first; single failures are rows of `runs`.
        """
        count = len(self.seeds)
        tasks = [Task(scenario, seed, self.records) for scenario in self.scenarios for seed in self.seeds]
        self._begin()
        for position, result in enumerate(run_all(tasks, simulate, self.jobs)):
            row = row_of(tasks[position], result, self._labels[position // count])
            tables = result.value.tables if result.value else {}
            self._take(position // count, row, tables)
            if keep is not None:
                keep(row, tables)
        if all(row["error"] for row in self._rows):
            raise RunError(f"all {len(self._rows)} runs failed, the first with: {self._rows[0]['error']}")
        return self

    def _begin(self) -> None:
        """Forget all runs, and what was made of them."""
        self._rows, self._paths, self._remains = [], [[] for _ in self.scenarios], [[] for _ in self.scenarios]
        for name in ("runs", "table", "series", "_values", "_stacks"):
            self.__dict__.pop(name, None)

    def _take(self, scenario: int, row: dict[str, Any], tables: dict[str, pd.DataFrame]) -> None:
        """Take in the next run of a scenario."""
        self._rows.append(row)
        self._paths[scenario].append(self._path(tables))
        self._remains[scenario].append(remains.of(tables))

    def remains(self, scenario: int) -> list[remains.Remains]:
        """Return what is kept of the tables of a scenario's runs, in their order; {} for one without."""
        return self._remains[scenario]

    def _path(self, tables: dict[str, pd.DataFrame]) -> np.ndarray | None:
        if "series" not in tables:
            return None
        frame = tables["series"].drop(columns="month")
        self.figures = list(frame.columns)
        return frame.to_numpy(dtype=float)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row per run with status, seed, seconds and outcomes."""
        import pandas as pd

        if not self._rows:
            raise AllysimError(f"this {self.what} has not been run: call its run() first")
        return pd.DataFrame(self._rows)

    @property
    def failed(self) -> int:
        """Number of runs that failed; they are left out of means and of pairs."""
        return int((self.runs["status"] == "FAILED").sum())

    @cached_property
    def _values(self) -> dict[str, np.ndarray]:
        """Outcome name to values, shape (scenarios, replications), NaN for failed runs."""
        names = [name for name in self.runs.columns if name.partition(".")[0] in (*GROUPS, OWN) and "." in name]
        order = [*KPIS]
        names.sort(key=lambda n: ((*GROUPS, OWN).index(n.partition(".")[0]),
                                  order.index(n.partition(".")[2]) if n.partition(".")[2] in order else len(order)))
        shape = (len(self.scenarios), len(self.seeds))
        return {name: self.runs[name].to_numpy(dtype=float).reshape(shape) for name in names}

    def _named(self, group: str | None, kpi: str) -> np.ndarray:
        """Return the values of one outcome; `AllysimError` for one that there is not."""
        name = f"{group or self.group}.{kpi}"
        if name not in self._values:
            raise AllysimError(f"there is no outcome '{name}'{nearest(name, self._values)}")
        return self._values[name]

    def values(self, outcome: str) -> np.ndarray:
        """Return an outcome ``<group>.<kpi>`` as an array, shape (scenarios, replications), NaN for failed runs.

        Raises
        ------
        AllysimError
            There is none of that name.
        """
        group, _, kpi = outcome.partition(".")
        return self._named(group, kpi)

    @property
    def has_series(self) -> bool:
        """Whether months were recorded, so that there are bands."""
        return bool(self.figures)

    @cached_property
    def _stacks(self) -> list[np.ndarray]:
        """One array per scenario, shape (replications, months + 1, figures), NaN for failed runs."""
        missing = np.full((self.months + 1, len(self.figures)), np.nan)
        return [np.stack([missing if path is None else path for path in paths]) for paths in self._paths]

    def months_of(self, position: int, outcome: str) -> np.ndarray:
        """Return a figure of one scenario by month, shape (replications, months + 1)."""
        if not self.has_series:
            raise AllysimError(f"there are no series to draw bands from: run the {self.what} with records=series")
        return self._stacks[position][:, :, self.figures.index(outcome)]

    def _by_month(self, labels: list[dict[str, Any]], bands: Callable[[int, str], Any]) -> pd.DataFrame:
        """Return the bands of every scenario and figure one below the other."""
        import pandas as pd

        frames = []
        for position, label in enumerate(labels):
            for name in self.figures:
                group, _, kpi = name.partition(".")
                frames.append(pd.DataFrame({**label, "group": group, "kpi": kpi} | bands(position, name)._asdict()))
        if not frames:
            raise AllysimError(f"there are no series: run the {self.what} with records=series")
        return pd.concat(frames, ignore_index=True)

    @property
    def group(self) -> str:
        """The group the question is about: the focal firms, or all where there are none."""
        return "focal" if f"focal.{HEADLINE}" in self._values else "population"
