"""How a population of the model compares with patterns of real alliances, and what its misses hang on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from allysim.analysis.patterns import PATTERNS, WORLDS, Seen, measure, witness
from allysim.analysis.verdict import strongest
from allysim.config.sweeping import ASSUMPTIONS, uncertain
from allysim.errors import RunError
from allysim.study.design import sample
from allysim.study.executors import run_all
from allysim.study.plan import at_point
from allysim.study.replications import check_luck

if TYPE_CHECKING:
    from allysim.config import Scenario

LEAST_SEEDS = 30
FIRST_SEED = 10_001
"""From which on a validation takes its seeds by default: calibration fits and judges on others, below 3 000."""


class World(NamedTuple):
    """A world of the patterns as a task: what it is run with, and its seed."""

    config: Any
    seed: int


def made(worlds: Sequence[Any], see: Callable[[Any], Any], jobs: int) -> list[Any]:
    """Return what `see` gives of each world; `RunError` if one fails."""
    results = list(run_all(worlds, see, jobs, "worlds"))
    for world, result in zip(worlds, results, strict=True):
        if result.error:
            raise RunError(f"the world with seed {world.seed} failed: {result.error}")
    return [result.value for result in results]


def see(world: World) -> Seen:
    """Run a world and return what it leaves."""
    return witness(world.config, world.seed)


class Validation:
    """Every pattern of `allysim.analysis.patterns`, measured over replications of a population.

    Parameters
    ----------
    scenario : Scenario
        What stands beside the population's worlds; its length is that of the patterns.
    replications : int
        Seeds, from the scenario's on; the same in all worlds.
    points : int
        Of a Latin hypercube over every parameter tagged A, with a seed each, in which misses are followed up; 0: none.

    Attributes
    ----------
    table : DataFrame
        As `patterns.measure`, with two more columns: hangs_on (the assumption that a missed pattern moves with most,
        "" where none is clear) and correlation (of ranks).

    Raises
    ------
    ConfigError
        Fewer than two replications.
    """

    def __init__(self, scenario: Scenario, replications: int = LEAST_SEEDS, points: int = 256) -> None:
        check_luck(replications, "validation")
        self.scenario, self.points = scenario, points
        self.seeds = [scenario.run.seed + k for k in range(replications)]

    def run(self, jobs: int = 0) -> Self:
        """Run all worlds and measure; `RunError` if a run fails."""
        worlds = [World(self.scenario.replace(levers), seed) for levers in WORLDS.values() for seed in self.seeds]
        seen = made(worlds, see, jobs)
        n = len(self.seeds)
        self.seen = {name: seen[k * n:(k + 1) * n] for k, name in enumerate(WORLDS)}
        self.table = measure(self.seen).assign(hangs_on="", correlation=np.nan)
        missed = list(self.table["pattern"][~self.table["hit"]])
        if self.points and missed:
            found = self._follow(missed, jobs)
            self.table[["hangs_on", "correlation"]] = [found.get(name, ("", np.nan)) for name in self.table["pattern"]]
        return self

    def _follow(self, missed: Sequence[str], jobs: int) -> dict[str, tuple[str, float]]:
        """Return the assumption that each missed pattern moves with most over the hypercube, and by how much."""
        dimensions = uncertain([ASSUMPTIONS])
        keys, values = [d.key for d in dimensions], sample("lhs", dimensions, self.points)
        needed = list(dict.fromkeys(world for name in missed for world in PATTERNS[name].worlds))
        worlds = [World(at_point(self.scenario, keys, row).replace(WORLDS[world]), self.seeds[0] + k)
                  for world in needed for k, row in enumerate(values)]
        results = list(run_all(worlds, see, jobs, "assumptions"))
        n = self.points
        by_world = {world: [one.value for one in results[k * n:(k + 1) * n]] for k, world in enumerate(needed)}
        found = {}
        for name in missed:
            outcome = np.array([_measured(name, {world: by_world[world][k] for world in PATTERNS[name].worlds})
                                for k in range(n)])
            found[name] = strongest(values, outcome, keys)
        return found


def _measured(name: str, worlds: dict[str, Seen | None]) -> float:
    """Return a pattern in one run of each world it takes; missing where one failed."""
    there = {world: seen for world, seen in worlds.items() if seen is not None}
    return PATTERNS[name].measure(there) if len(there) == len(worlds) else np.nan
