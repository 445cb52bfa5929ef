"""The engine against its twin of plain Mesa objects: the same months of the same worlds, in one run.

The twin's luck is drawn before its clock starts: a twin that is not timed runs first, and its draws are
remembered. What both are timed for is the same: to step, and to note every key figure of each group of firms.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import allysim as al

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from twin.figures import figures
from twin.luck import Luck
from twin.model import TwinModel

MONTHS = {100: 60, 1_000: 36, 10_000: 12}
ROUNDS = {100: 7, 1_000: 5, 10_000: 3}
SEED = 1


def against_twin(firms: int, months: int, rounds: int) -> dict[str, list[float]]:
    """Return microseconds per firm-month of "engine" and "twin" in each round; they run by turns."""
    scenario, luck = al.scenario(months=months, **{"firms.n": firms}), Luck(SEED)
    groups = al.AllianceModel(scenario, rng=SEED, records="series").recorder.groups
    spent: dict[str, list[float]] = {"engine": [], "twin": []}
    for k in range(rounds + 1):
        for name, run in (("engine", _engine), ("twin", _twin)):
            step = run(scenario, luck, groups)
            gc.collect()
            gc.freeze()  # what was there before the clock starts is no work for the garbage collector
            started = time.perf_counter()
            for _ in range(months):
                step()
            taken = time.perf_counter() - started
            gc.unfreeze()
            if k > 0:  # the first round draws the luck, and warms up
                spent[name].append(taken / firms / months * 1e6)
    return spent


def _engine(scenario: al.Scenario, luck: Luck, groups: tuple[str, ...]) -> Callable[[], None]:
    return al.AllianceModel(scenario, rng=luck.seed, records="series").step


def _twin(scenario: al.Scenario, luck: Luck, groups: tuple[str, ...]) -> Callable[[], None]:
    twin, noted = TwinModel(scenario, luck.seed, luck), []

    def step() -> None:
        twin.step()
        noted.append({group: figures(twin, group) for group in groups})

    return step


def compare(sizes: list[int]) -> dict[str, object]:
    """Return ratios and microseconds per firm-month, each as a median with its spread, by number of firms."""
    spent = {n: against_twin(n, MONTHS[n], ROUNDS[n]) for n in sizes}
    ratios = {n: [twin / engine for engine, twin in zip(s["engine"], s["twin"], strict=True)] for n, s in spent.items()}
    return {
        "ratio": {n: statistics.median(each) for n, each in ratios.items()},
        "ratio_spread": {n: [min(each), max(each)] for n, each in ratios.items()},
        "microseconds_per_firm_month": {
            name: {n: statistics.median(s[name]) for n, s in spent.items()} for name in ("engine", "twin")},
        "microseconds_spread": {
            name: {n: [min(s[name]), max(s[name])] for n, s in spent.items()} for name in ("engine", "twin")},
        "rounds": {n: ROUNDS[n] for n in sizes},
        "months_against_twin": {n: MONTHS[n] for n in sizes},
    }
