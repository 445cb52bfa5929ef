"""A design over parameters, crossed with strategies, scenarios and other lists, each run under the same seeds."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from allysim.config import Scenario, scenario
from allysim.config.schema import check
from allysim.config.sweeping import OWN_KEYS, Cell, Sweep, question, question_from, span
from allysim.errors import AllysimError, ConfigError, RunError, nearest
from allysim.kpis import GROUPS, KPIS
from allysim.study import store
from allysim.study.archive import Archive, read_plan
from allysim.study.chunks import Chunks, work
from allysim.study.executors import LOST
from allysim.study.executors import executor as named
from allysim.study.outcome import GROUP as OWN
from allysim.study.plan import Plan, Row
from allysim.study.progress import Progress
from allysim.study.simulate import load_own

if TYPE_CHECKING:
    import pandas as pd


class Study:
    """A design over parameters, crossed with lists of levers, each run under the same seeds.

    Parameters
    ----------
    base : Scenario, optional
        What is the same in all runs; the default scenario otherwise.
    levers : mapping, optional
        Key to a list of values, which are crossed (``{"strategy": ["stand_alone", "balanced"]}``), or to a pair
        ``(low, high)``, an interval that the design fills.
    uncertainties : sequence of str
        Parameters varied over the ranges of their tags: ``"assumptions"`` (all tagged A), sections, keys.
    design : str, optional
        One of `allysim.config.sweeping.DESIGNS`; sobol by default, grid where there are no intervals.
    points : int
        Points of the design (trajectories of morris, blocks of saltelli).
    replications : int, optional
        Seeds in every cell at every point; by default the base's ``replications``.
    kpi : str
        The figure that is analysed: one of `allysim.kpis.KPIS`, or ``own.NAME`` of the user's own outcome.

    Raises
    ------
    ConfigError, DataError, RuleError
        As `allysim.scenario`, or where design, points and intervals do not fit together.

    Examples
    --------
    >>> base = al.scenario(months=12, **{"firms.n": 10, "firms.focal": 4})
    >>> study = al.Study(base, {"strategy": ["stand_alone", "procurement_first"], "pilot.months": (1, 12)},
    ...                  points=4, replications=2).run(executor="serial")
    >>> len(study.to_pandas()), study.failed
    (16, 0)
    """

    def __init__(self, base: Scenario | None = None, levers: Mapping[str, Any] | None = None,
                 uncertainties: Iterable[str] = (), design: str | None = None, points: int = 256,
                 replications: int | None = None, kpi: str = "economic_profit", reference: str | None = None) -> None:
        own = {"design": design, "points": points, "uncertainties": tuple(uncertainties), "kpi": kpi,
               "reference": reference}
        sweep = Sweep(**{key: check(OWN_KEYS[key], value) for key, value in own.items()})
        base = base or scenario()
        if replications is not None:
            base = base.replace(replications=replications)
        levers = levers or {}
        self._begin(Plan(question(*_crossed(base, levers), sweep, [], levers)))

    def _begin(self, plan: Plan) -> None:
        self.plan = plan
        self.folder: Path | None = None
        self._frames: list[pd.DataFrame] | None = None
        load_own([cell.config for cell in plan.cells])
        kpi = plan.sweep.kpi
        if kpi not in KPIS and kpi.partition(".")[0] not in (OWN, *GROUPS):
            raise ConfigError(f"kpi={kpi} is not allowed: it takes a key figure, or own.NAME of an outcome of your "
                              f"own{nearest(kpi, KPIS)}")

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Make the study of a plan."""
        study = cls.__new__(cls)
        study._begin(plan)
        return study

    @classmethod
    def asked(cls, overrides: Iterable[str]) -> Self:
        """Make the study that ``key=value`` texts describe, as on the command line; errors as `question_from`."""
        return cls.of(Plan(question_from(overrides)))

    @classmethod
    def open(cls, folder: Path | str, **changed: Any) -> Self:
        """Return the study in a folder, finished or not, with points or replications `changed`.

        Raises
        ------
        StoreError
            There is none, or it cannot be read.
        """
        study = cls.of(read_plan(Path(folder), **changed))
        study.folder = Path(folder)
        return study

    def run(self, executor: str | None = None, out: Path | str | None = None, args: list[str] | None = None) -> Self:
        """Make every run that is not there yet, and return the study.

        Parameters
        ----------
        executor : str, optional
            serial, loky, dask, or a Dask scheduler's address or file; by default as the study was asked.
        out : path, optional
            A folder to keep everything in, which is gone on with if it holds this study; by default that the study
            was opened from, or none: results are in memory.
        args : list of str, optional
            What followed ``allysim sweep``, for the manifest.

        Raises
        ------
        StoreError
            The folder holds something else, or cannot be written.
        RunError
            All runs failed, with the error of the first.
        """
        from allysim.model import warm

        chosen = named(executor or self.plan.sweep.executor, self.plan.jobs)
        folder = Path(out) if out is not None else self.folder
        with Archive(self.plan, folder, args) as archive:
            self.folder, self._frames = folder, None if folder else archive.frames
            if not archive.done.all() and chosen.address is None:
                warm()  # once here, so that workers find compiled kernels
            chunks = Chunks(self.plan, archive.done, chosen.workers)

            def shared_by(workers: int) -> None:
                chunks.workers = workers
                archive.shared_by(workers)

            with Progress(self.plan.total, int(archive.done.sum()), chunks) as progress:
                for _, done in chosen.map(work, chunks, shared_by):
                    if done is LOST:
                        continue
                    archive.add(done)
                    chunks.learn(done)
                    progress.update(len(done.names), sum(map(bool, done.errors)))
        self.__dict__.pop("runs", None)
        if len(self.runs) and (self.runs["status"] == store.FAILED).all():
            raise RunError(f"all {len(self.runs)} runs failed, the first with: {self.runs['error'].iloc[0]}")
        return self

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row per run that was made, in the order of the study.

        Columns run, status, cell, labels (scenario, strategy, ...), point, the varied parameters, seed, error,
        seconds, memory_mb, outcomes.
        """
        import pandas as pd

        if self.folder is not None:
            rows = store.read_table(self.folder, "runs")
        elif self._frames:
            rows = pd.concat(self._frames, ignore_index=True)
        else:
            raise AllysimError("this study has not been run: call its run() first")
        place = self.plan.place(rows["cell"].to_numpy(), rows["point"].to_numpy(), rows["seed"].to_numpy())
        return rows.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)

    def to_pandas(self) -> pd.DataFrame:
        """Return `runs`."""
        return self.runs

    def to_ema(self) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
        """Return (experiments, outcomes) as the EMA workbench has them: a row, and an entry, for each run that
        succeeded; experiments have the varied parameters, the labels as ``policy`` or ``scenario``, and the seed."""
        good = self.runs[self.runs["status"] == store.SUCCEEDED].reset_index(drop=True)
        labels = list(self.plan.factors)
        experiments = good[[*self.plan.keys, *labels, "seed"]].rename(columns={"strategy": "policy"})
        experiments["model"] = "allysim"
        return experiments, {name: good[name].to_numpy(dtype=float) for name in self.outcomes}

    @cached_property
    def outcomes(self) -> list[str]:
        """Names of the outcomes in `runs`."""
        return [name for name in self.runs.columns if name.partition(".")[0] in (*GROUPS, OWN) and "." in name
                and name not in self.plan.keys]

    @property
    def failed(self) -> int:
        """Number of runs that failed; they are missing from every analysis."""
        return int((self.runs["status"] == store.FAILED).sum())

    @property
    def left(self) -> int:
        """Number of runs that have not been made."""
        return self.plan.total - len(self.runs)

    def figure(self, kpi: str | None = None) -> str:
        """Return the outcome that a figure's name stands for: that of the focal firms, or of all where there are none.

        Raises
        ------
        AllysimError
            There is none of that name.
        """
        kpi = kpi or self.plan.sweep.kpi
        for name in (kpi, f"focal.{kpi}", f"population.{kpi}", f"{OWN}.{kpi}"):
            if name in self.outcomes:
                return name
        raise AllysimError(f"there is no outcome '{kpi}'{nearest(kpi, self.outcomes)}")

    def values(self, kpi: str | None = None) -> np.ndarray:
        """Return an outcome as an array, shape (cells, points, replications); NaN for runs that failed or are left."""
        plan, runs = self.plan, self.runs
        found = np.full(plan.total, np.nan)
        found[plan.place(runs["cell"].to_numpy(), runs["point"].to_numpy(), runs["seed"].to_numpy())] = \
            runs[self.figure(kpi)].to_numpy(dtype=float)
        return found.reshape(plan.points, len(plan.cells), len(plan.seeds)).transpose(1, 0, 2)

    def find(self, name: str) -> Row:
        """Return the run whose name begins with `name`; `AllysimError` unless there is just one."""
        hits = np.flatnonzero(self.runs["run"].str.startswith(name))
        if len(hits) != 1:
            raise AllysimError(f"{len(hits)} runs of this study have a name that begins with '{name}': give the name "
                               "of one ('allysim status' shows those that failed)")
        row = self.runs.iloc[int(hits[0])]
        return Row(int(row["cell"]), int(row["point"]), int(row["seed"]))


def _crossed(base: Scenario, levers: Mapping[str, Any]) -> tuple[list[Cell], list[Any]]:
    """Return the cells and dimensions of a mapping of levers."""
    lists = {key: values for key, values in levers.items() if isinstance(values, list)}
    spans = [span(key, *_pair(key, values)) for key, values in levers.items() if key not in lists]
    names = {"scenario": base.scenario.name, "strategy": base.strategy.name}
    cells = [Cell(names | {key: str(value) for key, value in zip(lists, chosen, strict=True)},
                  base.replace(dict(zip(lists, chosen, strict=True)))) for chosen in itertools.product(*lists.values())]
    return cells, spans


def _pair(key: str, values: Any) -> tuple[Any, Any]:
    if not isinstance(values, tuple) or len(values) != 2:
        raise ConfigError(f"levers: {key} takes a list of values or a pair (low, high), not {values!r}")
    return values

