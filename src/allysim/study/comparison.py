"""Variants compared under the same luck: replication k of each has the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.analysis import paired
from allysim.analysis.words import GROUP_NAMES, decimals, joined, kpi_of, number, sentence, spread
from allysim.errors import AllysimError, ConfigError, RunError
from allysim.kpis import GROUPS, KPIS
from allysim.study.executors import run_all
from allysim.study.outcome import GROUP as OWN
from allysim.study.simulate import Task, load_own, row_of, simulate

if TYPE_CHECKING:
    import pandas as pd

    from allysim.config import Scenario

HEADLINE = "economic_profit"
REFERENCE = "reference"


class Variant(NamedTuple):
    """One thing compared: labels of its world and itself, its configuration, and whom it is set against."""

    scenario: str
    strategy: str
    config: Scenario
    reference: int
    """Position of the variant it is compared with: the first of its scenario, itself if it is the first."""
    varied: dict[str, Any]
    """Keys in which the variants differ and this one's values, for the run table."""


class Bands(NamedTuple):
    """A figure by month: its mean and where the middle 80 % of runs lie, and the same of the difference.

    Arrays of shape (months + 1,), month 0 first; ``low`` and ``high`` are the 10 % and 90 % quantiles,
    ``difference_low`` and ``difference_high`` those of the paired differences, ``sure_low`` and
    ``sure_high`` the 95 % interval of their mean.
    """

    month: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    difference: np.ndarray
    difference_low: np.ndarray
    difference_high: np.ndarray
    sure_low: np.ndarray
    sure_high: np.ndarray


def _labelled(scenarios: Mapping[str, Scenario]) -> list[Variant]:
    """Return variants, each set against the first of its world, or of all where no two share a world."""
    worlds = [scenario.scenario.name for scenario in scenarios.values()]
    apart = len(set(worlds)) == len(worlds)
    return [Variant(world, label, scenario, 0 if apart else worlds.index(world), {})
            for world, (label, scenario) in zip(worlds, scenarios.items(), strict=True)]


class Comparison:
    """Scenarios run side by side on the same seeds, and how far they lie apart.

    Parameters
    ----------
    variants : mapping of str to Scenario, or sequence of Variant
        Label to scenario, two or more of the same length. Each is compared with the first of the same
        ``scenario`` (the group that sets the world), or with the first of all where no two share one.
        A `Variant` brings labels and reference of its own.
    replications : int, optional
        Runs of each; by default the first scenario's ``replications``. Replication k has seed + k,
        with the first scenario's ``seed``.
    jobs : int, optional
        Processes side by side, 0 for one per core; by default the first scenario's ``jobs``.
    records : str, optional
        ``outcomes``, ``series`` (needed for bands over months) or ``full``; by default the first
        scenario's ``records``, where auto means series.

    Raises
    ------
    ConfigError
        Fewer than two variants, variants of different length, or a number that is not allowed.
    RuleError
        A rule or outcome given by path that cannot be used.
    """

    def __init__(self, variants: Mapping[str, Scenario] | Sequence[Variant], replications: int | None = None,
                 jobs: int | None = None, records: str | None = None) -> None:
        self.variants = _labelled(variants) if isinstance(variants, Mapping) else list(variants)
        if len(self.variants) < 2:
            raise ConfigError(f"a comparison takes two or more variants, not {len(self.variants)}")
        months = sorted({variant.config.run.months for variant in self.variants})
        if len(months) > 1:
            raise ConfigError(f"variants of different length cannot be compared: months is {joined(months)}")
        load_own(variant.config for variant in self.variants)
        given = {"replications": replications, "jobs": jobs, "records": records}
        first = self.variants[0].config
        settings = first.replace({key: value for key, value in given.items() if value is not None}).run
        self.months = settings.months
        self.seeds = [settings.seed + k for k in range(settings.replications)]
        self.jobs = settings.jobs
        self.records = "series" if settings.records == "auto" else settings.records
        self._rows: list[dict[str, Any]] = []
        self._paths: list[list[np.ndarray | None]] = []
        self._path_columns: list[str] = []

    @classmethod
    def grid(cls, overrides: Iterable[str]) -> Comparison:
        """Make the comparison that ``key=value`` overrides with comma lists describe, as on the command line.

        Every combination is a variant. Its label is its strategy and what else varies; within each
        scenario the first variant is the reference. Where only the scenario varies, the first scenario is.

        Raises
        ------
        ConfigError
            Nothing varies, or an override is refused.
        """
        from allysim.config import scenario_from, split_variants

        cells = split_variants(overrides, keys=("scenario", "strategy", "governance"))
        varied = [key for key in cells[0][0] if len({labels[key] for labels, _ in cells}) > 1]
        if not varied:
            raise ConfigError("there is nothing to compare yet: give a comma list, as in "
                              "'allysim compare strategy=stand_alone,procurement_first'")
        within = [key for key in varied if key != "scenario"]
        first: dict[str, int] = {}
        variants = []
        for position, (labels, texts) in enumerate(cells):
            words = [labels[key] if key == "strategy" else f"{key}={labels[key]}" for key in within]
            reference = first.setdefault(labels["scenario"] if within else "", position)
            variants.append(Variant(labels["scenario"], " ".join(words) or labels["scenario"], scenario_from(texts),
                                    reference, {key: labels[key] for key in varied}))
        return cls(variants)

    def run(self, keep: Callable[[dict[str, Any], dict[str, Any]], None] | None = None) -> Comparison:
        """Run every variant under every seed, and return itself.

        Parameters
        ----------
        keep : callable, optional
            Told each run's row and record tables, in order: `Store.add`.

        Raises
        ------
        RunError
            If all runs fail, with the error of the first; single failures are rows of `runs`.
        """
        tasks = [Task(variant.config, seed, self.records) for variant in self.variants for seed in self.seeds]
        owners = [variant for variant in self.variants for _ in self.seeds]
        self._rows, self._paths = [], [[] for _ in self.variants]
        for position, result in enumerate(run_all(tasks, simulate, self.jobs)):
            variant = owners[position]
            row = row_of(tasks[position], result, self._labels(variant))
            tables = result.value.tables if result.value else {}
            self._rows.append(row)
            self._paths[position // len(self.seeds)].append(self._path(tables))
            if keep is not None:
                keep(row, tables)
        if all(row["error"] for row in self._rows):
            raise RunError(f"all {len(self._rows)} runs failed, the first with: {self._rows[0]['error']}")
        for name in ("runs", "table", "series", "_values", "_stacks"):
            self.__dict__.pop(name, None)
        return self

    def _labels(self, variant: Variant) -> dict[str, Any]:
        labels = {"scenario": variant.scenario, "strategy": variant.strategy,
                  "governance": variant.config.governance.name}
        return labels | {key: value for key, value in variant.varied.items() if key not in labels}

    def _path(self, tables: dict[str, pd.DataFrame]) -> np.ndarray | None:
        if "series" not in tables:
            return None
        frame = tables["series"].drop(columns="month")
        self._path_columns = list(frame.columns)
        return frame.to_numpy(dtype=float)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row per run with status, seed, seconds and outcomes."""
        import pandas as pd

        if not self._rows:
            raise AllysimError("this comparison has not been run: call its run() first")
        return pd.DataFrame(self._rows)

    @property
    def failed(self) -> int:
        """Number of runs that failed; they and their pairs are left out of differences."""
        return int((self.runs["status"] == "FAILED").sum())

    @cached_property
    def _values(self) -> dict[str, np.ndarray]:
        """Outcome name to values, shape (variants, replications), NaN for failed runs."""
        names = [name for name in self.runs.columns if name.partition(".")[0] in (*GROUPS, OWN) and "." in name]
        order = [*KPIS]
        names.sort(key=lambda n: ((*GROUPS, OWN).index(n.partition(".")[0]),
                                  order.index(n.partition(".")[2]) if n.partition(".")[2] in order else len(order)))
        shape = (len(self.variants), len(self.seeds))
        return {name: self.runs[name].to_numpy(dtype=float).reshape(shape) for name in names}

    @cached_property
    def table(self) -> pd.DataFrame:
        """Paired differences from the reference, a row per variant, group and figure.

        Columns scenario, strategy, group, kpi, mean, difference, low, high (95 % interval, luck only),
        replications (pairs that succeeded), verdict.
        """
        import pandas as pd

        rows = []
        for position, variant in enumerate(self.variants):
            for name in self._values:
                group, _, kpi = name.partition(".")
                mean, found = self.difference(position, name)
                word = (REFERENCE if variant.reference == position
                        else paired.verdict(float(found.low), float(found.high), kpi_of(kpi).better))
                rows.append((variant.scenario, variant.strategy, group, kpi, mean, float(found.mean),
                             float(found.low), float(found.high), int(found.n), word))
        return pd.DataFrame(rows, columns=["scenario", "strategy", "group", "kpi", "mean", "difference", "low", "high",
                                           "replications", "verdict"])

    def difference(self, position: int, outcome: str) -> tuple[float, paired.Interval]:
        """Return a variant's mean outcome ``<group>.<kpi>`` and its paired difference from its reference."""
        values = self._values[outcome]
        own, reference = values[position], values[self.variants[position].reference]
        return float(paired.interval_of_mean(own).mean), paired.paired_difference(own, reference)

    def bands(self, position: int, outcome: str) -> Bands:
        """Return a figure ``<group>.<kpi>`` of one variant by month.

        Raises
        ------
        AllysimError
            The comparison kept no series.
        """
        if not self.has_series:
            raise AllysimError("there are no series to draw bands from: run the comparison with records=series")
        column = self._path_columns.index(outcome)
        own = self._stacks[position][:, :, column]
        other = self._stacks[self.variants[position].reference][:, :, column]
        sure = paired.paired_difference(own, other)
        return Bands(np.arange(own.shape[1]), paired.interval_of_mean(own).mean, *paired.quantile_band(own), sure.mean,
                     *paired.quantile_band(own - other), sure.low, sure.high)

    @property
    def has_series(self) -> bool:
        """Whether months were recorded, so that there are bands."""
        return bool(self._path_columns)

    @cached_property
    def _stacks(self) -> list[np.ndarray]:
        """One array per variant, shape (replications, months + 1, figures), NaN for failed runs."""
        missing = np.full((self.months + 1, len(self._path_columns)), np.nan)
        return [np.stack([missing if path is None else path for path in paths]) for paths in self._paths]

    @cached_property
    def series(self) -> pd.DataFrame:
        """The fields of `Bands` by scenario, strategy, group, kpi and month."""
        import pandas as pd

        frames = []
        for position, variant in enumerate(self.variants):
            for name in self._path_columns:
                group, _, kpi = name.partition(".")
                labels = {"scenario": variant.scenario, "strategy": variant.strategy, "group": group, "kpi": kpi}
                frames.append(pd.DataFrame(labels | self.bands(position, name)._asdict()))
        if not frames:
            raise AllysimError("there are no series: run the comparison with records=series")
        return pd.concat(frames, ignore_index=True)

    @property
    def group(self) -> str:
        """The group the question is about: the focal firms, or all where there are none."""
        return "focal" if f"focal.{HEADLINE}" in self._values else "population"

    def worlds(self) -> dict[str, list[int]]:
        """Return positions of variants that are set against another, by the scenario both share ("" if they do not)."""
        found: dict[str, list[int]] = {}
        for position, variant in enumerate(self.variants):
            if variant.reference != position:
                shared = variant.scenario == self.variants[variant.reference].scenario
                found.setdefault(variant.scenario if shared else "", []).append(position)
        return found

    def pairs(self) -> list[int]:
        """Return the same positions in one list, scenario by scenario."""
        return [position for positions in self.worlds().values() for position in positions]

    def statements(self, kpi: str = HEADLINE, group: str | None = None) -> list[str]:
        """Say in a sentence for each variant how it differs from its reference; every word is computed.

        Parameters
        ----------
        kpi : str
            One of `allysim.kpis.KPIS`, or the name of an own outcome (with ``group="own"``).
        group : str, optional
            ``focal``, ``population`` or ``own``; by default the focal firms, or all if there are none.
        """
        return [self._statement(position, group or self.group, kpi) for position in self.pairs()]

    def _statement(self, position: int, group: str, kpi: str) -> str:
        _, found = self.difference(position, f"{group}.{kpi}")
        mean, low, high = float(found.mean), float(found.low), float(found.high)
        info = kpi_of(kpi)
        what = info.label[0].lower() + info.label[1:] if group != OWN else f"'{kpi}'"
        what += f" of {GROUP_NAMES[group]}" if group in GROUP_NAMES else ""
        world, one, other = self.names(position)
        unit = f" {info.unit}" if info.unit else ""
        places = decimals(low, high)
        basis = f"95 % interval {spread(low, high, places)}; {int(found.n)} paired replications, {self.months} months"
        said = paired.verdict(low, high)
        if said == paired.TOO_FEW:
            return sentence(f"{world}too few runs succeeded to compare {one} with {other}.")
        if said == paired.NO_CLEAR_DIFFERENCE:
            size = "exactly none" if mean == low == high == 0 else number(mean, places, sign=True) + unit
            return sentence(f"{world}there is no clear difference in {what} between {one} and {other}: "
                            f"{size} ({basis}).")
        size = number(abs(mean), places) + unit
        return sentence(f"{world}{what} is {size} {said} with {one} than with {other} ({basis}).")

    def names(self, position: int) -> tuple[str, str, str]:
        """Return how a sentence begins ("under calm, " or nothing) and what it calls a variant and its reference."""
        variant = self.variants[position]
        reference = self.variants[variant.reference]
        if variant.scenario == reference.scenario:
            return f"under {variant.scenario}, ", variant.strategy, reference.strategy
        one, other = (v.strategy if v.strategy == v.scenario else f"{v.strategy} under {v.scenario}"
                      for v in (variant, reference))
        return "", one, other
