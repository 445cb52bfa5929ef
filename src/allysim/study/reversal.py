"""The smallest change of one assumption that turns an answer round, confirmed by fresh runs at that value."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.analysis.paired import Interval, interval_of_mean
from allysim.analysis.regret import regret
from allysim.config.scenario import settable
from allysim.errors import AllysimError, StoreError
from allysim.kpis import KPIS
from allysim.study import store
from allysim.study.executors import run_all
from allysim.study.replications import HEADLINE
from allysim.study.simulate import Task, row_of, simulate

if TYPE_CHECKING:
    from allysim.config.sweeping import Dimension
    from allysim.study.comparison import Comparison

APART = 500_000
"""Fresh seeds begin so far after the first: beyond those of replications, and before those of points."""
STEPS = 4
"""Halvings of the way from the default to the end of the range, at most."""
NEEDED = 4
"""Values to try at least for one that may reverse the answer: the end, two on the way, and one with fresh seeds."""
SHARE = 2
"""Runs of a comparison for each that is spent here."""
LEAST, MOST = 10, 40
"""Pairs of runs in each scenario at a value."""


class Value(NamedTuple):
    """How an answer stands with one assumption at one value.

    ``way`` is how far that is from the default (0) to the end of its range (1); ``found`` the mean paired difference
    over the scenarios, which weigh alike, with its 95 % interval of luck; ``seeds`` pairs in each scenario.
    """

    key: str
    value: float
    way: float
    found: Interval
    seeds: int


class Reversal(NamedTuple):
    """What turns the answer round that ``one`` differs from ``other``.

    ``start`` is the answer where nothing is changed; ``tried`` the ends of ranges that were looked at, those first
    that move the difference most over the points; ``idle`` counts more of them, whose end changes no outcome of the
    first seed at all; ``least`` is the smallest change found that reverses the answer, by fresh seeds, or None, and
    ``default`` the value it is changed from.
    """

    one: str
    other: str
    start: Interval
    tried: list[Value]
    idle: int
    least: Value | None
    default: float


def turns(found: Interval, sign: float) -> bool:
    """Return whether a difference is clearly on the other side of 0 than `sign`."""
    return bool(sign * found.low < 0 and sign * found.high < 0)


def leaders(comparison: Comparison) -> tuple[list[int], list[int]]:
    """Return the positions of the variant to choose and of the one it is to be set against, one in each scenario.

    That of least regret against the reference; against the best of the others where it is the reference itself. The
    first pair where scenarios do not have the same variants.
    """
    _, names, places = comparison.by_world()
    first = comparison.pairs()[0]
    alone = [first], [comparison.variants[first].reference]
    if not len(places):
        return alone
    values, better = comparison.values(f"{comparison.group}.{HEADLINE}")[places], KPIS[HEADLINE].better
    try:
        chosen = names.index(regret(values, list(range(len(places))), names, better).robust)
    except AllysimError:  # too many runs failed
        return alone
    means = better * np.nanmean(values, axis=(0, 2))
    means[chosen] = -np.inf
    return places[:, chosen].tolist(), places[:, 0 if chosen else int(means.argmax())].tolist()


def look(comparison: Comparison, folder: Path | None = None) -> Reversal:
    """Look for the reversal of a comparison's answer, with half as many runs as it took itself, and give it that.

    Parameters
    ----------
    comparison : Comparison
        One that has been run, with points in its assumptions (`Comparison.vary`).
    folder : Path, optional
        Where to keep its runs, in ``reversal/`` with their key and value, and what came of them in ``reversal.json``.
    """
    import pandas as pd

    assert comparison.space is not None
    rows: list[dict[str, Any]] = []
    runs = (len(comparison.seeds) + comparison.space.plan.points) * len(comparison.variants) // SHARE
    found = comparison.reversal = Search(comparison, *leaders(comparison), runs, rows.append).run()
    if folder is not None:
        if rows:
            store.write_part(pd.DataFrame(rows), folder / store.REVERSAL, 0)
        store.write_json(_as_dict(found), folder / f"{store.REVERSAL}.json")
    return found


def read(folder: Path) -> Reversal | None:
    """Return what `look` wrote into a folder; None where it did not; `StoreError` if it cannot be read."""
    path = folder / f"{store.REVERSAL}.json"
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        tried = [_value(one) for one in told["tried"]]
        least = _value(told["least"]) if told["least"] else None
        default = float("nan") if told["default"] is None else float(told["default"])
        return Reversal(told["one"], told["other"], _interval(told["start"]), tried, told["idle"], least, default)
    except (KeyError, TypeError, ValueError, OSError) as problem:
        raise StoreError(f"{path} cannot be read ({problem!r})") from problem


def _as_dict(found: Reversal) -> dict[str, Any]:
    def of(interval: Interval) -> dict[str, Any]:
        told = {name: float(value) for name, value in interval._asdict().items()}
        return {name: value if np.isfinite(value) else None for name, value in told.items()}

    def at(one: Value) -> dict[str, Any]:
        return {**one._asdict(), "found": of(one.found)}

    return {"one": found.one, "other": found.other, "start": of(found.start), "tried": [at(one) for one in found.tried],
            "idle": found.idle,
            "least": at(found.least) if found.least else None,
            "default": found.default if np.isfinite(found.default) else None}


def _interval(told: dict[str, Any]) -> Interval:
    return Interval(**{name: np.asarray(np.nan if value is None else value) for name, value in told.items()})


def _value(told: dict[str, Any]) -> Value:
    return Value(**{**told, "found": _interval(told["found"])})


class Search:
    """Looks for the reversal of one pair of a comparison whose assumptions were varied.

    Parameters
    ----------
    comparison : Comparison
        One that has been run, with its points.
    ones, others : list of int
        Positions of the two that are compared, one in each scenario.
    runs : int
        How many runs may be spent, about.
    keep : callable, optional
        Told the row of every run, with key and value.
    """

    def __init__(self, comparison: Comparison, ones: list[int], others: list[int], runs: int,
                 keep: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.comparison, self.pairs, self.keep = comparison, list(zip(ones, others, strict=True)), keep
        self.outcome = f"{comparison.group}.{HEADLINE}"
        affords = runs // (2 * len(ones))
        self.seeds = int(np.clip(affords // (STEPS + 6), LEAST, MOST))
        self.left = affords
        """Pairs of runs that may still be made in each scenario."""
        self.idle = 0

    def run(self) -> Reversal:
        """Return the reversal; nothing is tried where there is no clear answer to turn round, or too little time."""
        comparison = self.comparison
        values = comparison.values(self.outcome)
        start = interval_of_mean(np.mean([values[one] - values[other] for one, other in self.pairs], axis=0))
        one, other = (comparison.variants[at].strategy for at in self.pairs[0])
        sign = float(np.sign(start.mean))
        tried: list[Value] = []
        least: Value | None = None
        clear = sign * start.low > 0 and sign * start.high > 0
        for k, end in self._candidates(sign) if clear else ():
            if self.left < NEEDED * self.seeds:  # what is left is for how far to go, and for confirming it
                break
            if self._idle(k, end):
                self.idle += 1
                continue
            tried.append(self._at(k, end, 1.0, fresh=False))
            if not turns(tried[-1].found, sign):
                continue
            nearer = self._halved(k, end, sign, least.way if least else 1.0)
            if nearer and (least is None or nearer.way < least.way):
                least = nearer
        default = self._default(least.key) if least else float("nan")
        return Reversal(one, other, start, tried, self.idle, least, default)

    def _candidates(self, sign: float) -> list[tuple[int, float]]:
        """Return dimensions and the ends of their ranges that work against the answer, the strongest first."""
        from scipy.stats import rankdata

        space = self.comparison.space
        assert space is not None
        values = space.values(self.outcome)[:, :, 0]
        difference = np.mean([values[one] - values[other] for one, other in self.pairs], axis=0)
        known = np.isfinite(difference)
        ranks, x = rankdata(difference[known]), rankdata(space.plan.values[known], axis=0)
        x, ranks = x - x.mean(axis=0), ranks - ranks.mean()
        spread = np.sqrt((x**2).sum(axis=0) * (ranks**2).sum())
        strength = np.divide(ranks @ x, spread, out=np.zeros(x.shape[1]), where=spread > 0)
        return [(int(k), space.plan.dimensions[k].low if sign * strength[k] > 0 else space.plan.dimensions[k].high)
                for k in np.argsort(-np.abs(strength), kind="stable") if strength[k] != 0]

    def _default(self, key: str) -> float:
        config = self.comparison.variants[self.pairs[0][0]].config
        return config.own.number(key) if config.own and key not in settable() else float(config.flat()[key])

    def _halved(self, k: int, end: float, sign: float, bound: float) -> Value | None:
        """Return the smallest change, by halving, that fresh seeds confirm; None if none below `bound` does."""
        low, high = 0.0, 1.0
        if bound < 1.0:
            if not turns(self._at(k, end, bound, fresh=False).found, sign):
                return None
            high = bound
        for _ in range(STEPS):
            if self.left < 2 * self.seeds:
                break
            middle = (low + high) / 2
            low, high = (low, middle) if turns(self._at(k, end, middle, fresh=False).found, sign) else (middle, high)
        for way in sorted({high, (1.0 + high) / 2, 1.0}):
            if self.left < self.seeds:
                return None
            confirmed = self._at(k, end, way, fresh=True)
            if turns(confirmed.found, sign):
                return confirmed
        return None

    def _idle(self, k: int, end: float) -> bool:
        """Return whether the first seed gives the same to the last bit with one assumption at the end of its range."""
        key, first = self._dimension(k).key, self.comparison.seeds[0]
        now = self._runs(key, end, [first], fresh=False)[:, :, 0]
        return bool((now == self.comparison.values(self.outcome)[np.array(self.pairs), 0]).all())

    def _dimension(self, k: int) -> Dimension:
        assert self.comparison.space is not None
        return self.comparison.space.plan.dimensions[k]

    def _at(self, k: int, end: float, way: float, fresh: bool) -> Value:
        """Run both sides with one assumption changed; `fresh` seeds are no replication's and no point's."""
        dimension = self._dimension(k)
        default = self._default(dimension.key)
        value = default + way * (end - default)
        value = float(round(value)) if dimension.whole else value
        first = self.comparison.seeds[0] + (APART if fresh else 0)
        table = self._runs(dimension.key, value, [first + s for s in range(self.seeds)], fresh)
        return Value(dimension.key, value, way, interval_of_mean((table[:, 0] - table[:, 1]).mean(axis=0)), self.seeds)

    def _runs(self, key: str, value: float, seeds: list[int], fresh: bool) -> np.ndarray:
        """Return the headline figure of both sides, (scenarios, 2, seeds), with one assumption at a value."""
        comparison = self.comparison
        tasks: list[Task] = []
        labels: list[dict[str, Any]] = []
        for pair in self.pairs:
            for at in pair:
                variant = comparison.variants[at]
                config = variant.config.with_values({key: value})
                for seed in seeds:
                    tasks.append(Task(config, seed, "outcomes"))
                    labels.append({"scenario": variant.scenario, "strategy": variant.strategy, "key": key,
                                   "value": value, "fresh": fresh})
        results = []
        for task, label, result in zip(tasks, labels, run_all(tasks, simulate, comparison.jobs), strict=True):
            row = row_of(task, result, label)
            results.append(row.get(self.outcome, np.nan))
            if self.keep:
                self.keep(row)
        self.left -= len(seeds)
        return np.array(results, dtype=float).reshape(len(self.pairs), 2, len(seeds))
