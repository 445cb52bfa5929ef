"""Variants compared under the same luck: replication k of each has the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.analysis import paired
from allysim.analysis.words import GROUP_NAMES, decimals, joined, kpi_of, named, number, place, sentence, spread
from allysim.errors import AllysimError, ConfigError
from allysim.study.replications import HEADLINE, OWN, Replications

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

    import pandas as pd

    from allysim.config import Scenario
    from allysim.study.reversal import Reversal
    from allysim.study.study import Study

REFERENCE = "reference"
LEAST_POINTS = 10
"""Points below which their spread is not told."""


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


class Spread(NamedTuple):
    """What points in all assumptions make of a difference.

    ``low`` and ``high`` are its 10 % and 90 % quantiles over the points, ``above`` the share of the points at which it
    is above 0, and ``points`` their number. Each point has luck of its own, so both are in it.
    """

    low: float
    high: float
    above: float
    points: int

    @property
    def open(self) -> bool:
        """Whether the middle 80 % of the points lie on both sides of 0."""
        return self.low <= 0.0 <= self.high


def set_against(worlds: Sequence[str], labels: Iterable[str], scenarios: Iterable[Scenario]) -> list[Variant]:
    """Return variants, each set against the first of its world, or of all where no two share a world."""
    apart = len(set(worlds)) == len(worlds)
    return [Variant(world, label, scenario, 0 if apart else worlds.index(world), {})
            for world, label, scenario in zip(worlds, labels, scenarios, strict=True)]


def _worded(key: str, value: str) -> str:
    """Return a setting as a label: a lever of the strategy by its last name, a list by its names."""
    if value.startswith("[") and value.endswith("]"):
        value = "+".join(filter(None, (name.strip() for name in value[1:-1].split(",")))) or "none"
    return f"{key.removeprefix('strategy.')}={value}"


def _labelled(scenarios: Mapping[str, Scenario]) -> list[Variant]:
    return set_against([scenario.scenario.name for scenario in scenarios.values()], scenarios, scenarios.values())


class Comparison(Replications):
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
    given : iterable of str, optional
        Keys that a user has set, which `vary` leaves alone.

    Raises
    ------
    ConfigError
        Fewer than two variants, variants of different length, or a number that is not allowed.
    RuleError
        A rule or outcome given by path that cannot be used.

    Examples
    --------
    >>> alone = al.scenario(strategy="stand_alone", months=24, **{"firms.n": 20})
    >>> allied = alone.replace(strategy="procurement_first")
    >>> comparison = al.Comparison({"alone": alone, "allied": allied}, replications=5, jobs=1).run()
    >>> print(*comparison.statements(), sep="\\n")
    In a calm world, ... (95 % interval ...; 5 paired replications, 24 months).
    """

    what = "comparison"

    def __init__(self, variants: Mapping[str, Scenario] | Sequence[Variant], replications: int | None = None,
                 jobs: int | None = None, records: str | None = None, given: Iterable[str] = ()) -> None:
        self.variants = _labelled(variants) if isinstance(variants, Mapping) else list(variants)
        if len(self.variants) < 2:
            raise ConfigError(f"a comparison takes two or more variants, not {len(self.variants)}")
        months = sorted({variant.config.run.months for variant in self.variants})
        if len(months) > 1:
            raise ConfigError(f"variants of different length cannot be compared: months is {joined(months)}")
        labels = []
        for variant in self.variants:
            own = {"scenario": variant.scenario, "strategy": variant.strategy,
                   "governance": variant.config.governance.name}
            labels.append(own | {key: value for key, value in variant.varied.items() if key not in own})
        super().__init__([variant.config for variant in self.variants], labels, replications, jobs, records)
        self.space: Study | None = None
        self.reversal: Reversal | None = None
        self._given = set(given)

    def vary(self, points: int, out: Path | None = None) -> Self:
        """Run every variant once more at points that fill the ranges of all assumptions, and return itself.

        What a user has set is not varied, nor what is not at its default in some variant; numbers with a range in the
        user's file of firms are. Every point has a seed of its own, the same for all variants.

        Parameters
        ----------
        points : int
            2 or more; of powers of two the sequence is most even.
        out : Path, optional
            A folder to keep these runs in, as a study that ``allysim status`` and ``reproduce`` know.

        Raises
        ------
        ConfigError
            As `space_at`.
        RunError
            All runs failed, with the error of the first.
        """
        self.space = self.space_at(points)
        self.space.run("serial" if self.jobs == 1 else None, out)
        self.__dict__.pop("table", None)
        return self

    def take_stored(self, rows: Sequence[dict[str, Any]], tables: Mapping[str, dict[str, pd.DataFrame]]) -> None:
        """Take in runs that were made before: rows of the run table in order, and the tables of each by its name."""
        self._begin()
        for k, row in enumerate(rows):
            self._take(k // len(self.seeds), row, tables.get(row["run"], {}))

    def space_at(self, points: int) -> Study:
        """Return the study that `vary` runs; `ConfigError` where files of firms have different ranges."""
        from allysim.config.scenario import settable
        from allysim.config.sweeping import ASSUMPTIONS, Cell, Sweep, question
        from allysim.study.plan import Plan
        from allysim.study.study import Study

        given = self._given | {key for variant in self.variants for key, value in variant.config.flat().items()
                               if value != settable()[key].default}
        run = {"replications": 1, "records": "outcomes", "seed": self.seeds[0], "jobs": self.jobs}
        cells = [Cell({"scenario": variant.scenario, "strategy": variant.strategy}, variant.config.replace(run))
                 for variant in self.variants]
        sweep = Sweep(design="sobol", points=points, uncertainties=(ASSUMPTIONS,))
        return Study.of(Plan(question(cells, [], sweep, [], given), own_luck=True))

    def spread(self, position: int, outcome: str) -> Spread | None:
        """Return what assumptions make of a difference ``<group>.<kpi>``; None where they were not varied, or for a
        figure that too few runs have."""
        if self.space is None or outcome not in self.space.outcomes:
            return None
        values = self.space.values(outcome)[:, :, 0]
        found = values[position] - values[self.variants[position].reference]
        found = found[np.isfinite(found)]
        if len(found) < LEAST_POINTS:
            return None
        low, high = np.quantile(found, [.1, .9])
        return Spread(float(low), float(high), float((found > 0).mean()), len(found))

    @classmethod
    def grid(cls, overrides: Iterable[str]) -> Comparison:
        """Make the comparison that ``key=value`` overrides with comma lists describe, as on the command line.

        Every combination is a variant. Its label is its strategy and what else varies, such as
        ``scope=capacity+marketing``; within each scenario the first variant is the reference. Where only the scenario
        varies, the first scenario is.

        Raises
        ------
        ConfigError
            Nothing varies, or an override is refused.
        """
        from allysim.config import scenario_from, split_variants

        overrides = list(overrides)
        cells = split_variants(overrides, keys=("scenario", "strategy", "governance"))
        varied = [key for key in cells[0][0] if len({labels[key] for labels, _ in cells}) > 1]
        if not varied:
            raise ConfigError("there is nothing to compare yet: give a comma list, as in "
                              "'allysim compare strategy=stand_alone,procurement_first'")
        within = [key for key in varied if key != "scenario"]
        first: dict[str, int] = {}
        variants = []
        for position, (labels, texts) in enumerate(cells):
            words = [labels[key] if key == "strategy" else _worded(key, labels[key]) for key in within]
            reference = first.setdefault(labels["scenario"] if within else "", position)
            variants.append(Variant(labels["scenario"], " ".join(words) or labels["scenario"], scenario_from(texts),
                                    reference, {key: labels[key] for key in varied}))
        return cls(variants, given=[text.partition("=")[0].strip() for text in overrides])

    @cached_property
    def table(self) -> pd.DataFrame:
        """Paired differences from the reference, a row per variant, group and figure.

        Columns scenario, strategy, group, kpi, mean, difference, low, high (95 % interval, luck only),
        standard_error (of the difference), variance_reduction (against unpaired runs, see
        `paired.variance_reduction`; missing for references), replications (pairs that succeeded), verdict;
        assumption_low, assumption_high, assumption_above and points are those of `spread`, missing without one.
        """
        import pandas as pd

        rows = []
        for position, variant in enumerate(self.variants):
            for name in self._values:
                group, _, kpi = name.partition(".")
                mean, found = self.difference(position, name)
                values = self._values[name]
                gained = (np.nan if variant.reference == position
                          else paired.variance_reduction(values[position], values[variant.reference]))
                word = (REFERENCE if variant.reference == position
                        else paired.verdict(float(found.low), float(found.high), kpi_of(kpi).better))
                over = self.spread(position, name) if word != REFERENCE else None
                rows.append((variant.scenario, variant.strategy, group, kpi, mean, float(found.mean), float(found.low),
                             float(found.high), float(found.error), gained, int(found.n), word,
                             *(over or (np.nan, np.nan, np.nan, 0))))
        return pd.DataFrame(rows, columns=["scenario", "strategy", "group", "kpi", "mean", "difference", "low", "high",
                                           "standard_error", "variance_reduction", "replications", "verdict",
                                           "assumption_low", "assumption_high", "assumption_above", "points"])

    def replications_for(self, half_width: float, kpi: str = HEADLINE, group: str | None = None) -> int:
        """Return how many replications bring the 95 % interval of every difference to a wanted half-width.

        Taken from the spread of the pairs so far, for the pair that needs most.

        Parameters
        ----------
        half_width : float
            In the unit of the figure.
        kpi, group
            As for `statements`.

        Raises
        ------
        ConfigError
            A half-width that is not above 0.
        AllysimError
            Too few pairs succeeded, more than 10^9 replications would be needed, or there is no such outcome.
        """
        if not 0 < half_width < np.inf:
            raise ConfigError(f"half_width={half_width} is not allowed: it takes a number above 0 in the figure's unit")
        values = self._named(group, kpi)
        needed = [paired.replications_for(half_width, paired.paired_difference(
            values[position], values[self.variants[position].reference])) for position in self.pairs()]
        if None in needed:
            raise AllysimError(f"no number of replications can be named for a half-width of {half_width:g}: too few "
                               "pairs succeeded so far, or more than 10^9 would be needed")
        return max(n for n in needed if n is not None)

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
        own = self.months_of(position, outcome)
        other = self.months_of(self.variants[position].reference, outcome)
        sure = paired.paired_difference(own, other)
        return Bands(np.arange(own.shape[1]), paired.interval_of_mean(own).mean, *paired.quantile_band(own), sure.mean,
                     *paired.quantile_band(own - other), sure.low, sure.high)

    @cached_property
    def series(self) -> pd.DataFrame:
        """The fields of `Bands` by scenario, strategy, group, kpi and month."""
        return self._by_month([{"scenario": v.scenario, "strategy": v.strategy} for v in self.variants], self.bands)

    def worlds(self) -> dict[str, list[int]]:
        """Return positions of variants that are set against another, by the scenario both share ("" if they do not)."""
        found: dict[str, list[int]] = {}
        for position, variant in enumerate(self.variants):
            if variant.reference != position:
                shared = variant.scenario == self.variants[variant.reference].scenario
                found.setdefault(variant.scenario if shared else "", []).append(position)
        return found

    def by_world(self) -> tuple[list[str], list[str], np.ndarray]:
        """Return scenarios, names of variants, and positions (scenarios, variants); none if one lacks a variant."""
        found: dict[str, dict[str, int]] = {}
        for position, variant in enumerate(self.variants):
            found.setdefault(variant.scenario, {})[variant.strategy] = position
        names = list(next(iter(found.values())))
        if len(names) < 2 or any(list(of) != names for of in found.values()):
            return [], [], np.empty((0, 0), dtype=int)
        return list(found), names, np.array([list(of.values()) for of in found.values()])

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
        if over := self.spread(position, f"{group}.{kpi}"):
            basis += (f"; {spread(over.low, over.high, decimals(over.low, over.high))} in 8 of 10 draws of all "
                      f"assumptions, above 0 in {100 * over.above:.0f} % of {over.points}")
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
        """Return how a sentence begins ("in a calm world, " or nothing), and a variant and its reference in words."""
        variant = self.variants[position]
        reference = self.variants[variant.reference]
        if variant.scenario == reference.scenario:
            return f"{place(variant.scenario)}, ", named(variant.strategy), named(reference.strategy)
        one, other = (named(v.strategy) + (f" {place(v.scenario)}" if v.strategy != v.scenario else "")
                      for v in (variant, reference))
        return "", one, other
