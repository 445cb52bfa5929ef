"""What collaboration costs, and what a rule of one's own costs, in one run.

    python benchmarks/cost.py                         # tables, in about a minute
    python benchmarks/cost.py --rounds 1 --months 6   # whether it runs
    python benchmarks/cost.py --json                  # one object, for machines

Everything on (all firms seek alliances of every type, and do all that these may do) is held against
collaboration off (nobody seeks any), and a user's vectorised rule against the built-in one that decides
alike, seam by seam and all at once. Runs are made by turns, so that what else the machine does falls on both;
a ratio is the median of those of the rounds, with the least and the greatest. The first round is not counted.
"""

import argparse
import gc
import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import allysim as al
import own_rules
from allysim.config import Scenario
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.yields import SCOPES
from allysim.model import warm

FIRMS, MONTHS, ROUNDS = (100, 1_000), 60, 7
WHO = ("strategy", "background.strategy")
OFF = {f"{who}.seek": [] for who in WHO}
ON = {f"{who}.seek": list(ALLIANCE_TYPES) for who in WHO} | {f"{who}.scope": list(SCOPES) for who in WHO}
TARGETS = {"everything on": 2.5, "own rule": 1.3}


def one(scenario: Scenario) -> tuple[float, dict[str, float]]:
    """Return the seconds that one run takes, and its outcomes."""
    gc.collect()
    started = time.perf_counter()
    outcomes = al.run(scenario, records="series").outcomes
    return time.perf_counter() - started, outcomes


def by_turns(base: Scenario, other: Scenario, rounds: int, alike: bool = False) -> dict[str, Any]:
    """Return the ratio of the seconds of `other` to those of `base`, and milliseconds of both.

    Where they are to be `alike`, their outcomes must be the same, or what is compared is not the same work.
    """
    taken: list[tuple[float, float]] = []
    for k in range(rounds + 1):
        (first, ours), (second, theirs) = one(base), one(other)
        if alike and not all(abs(ours[name] - theirs[name]) <= 1e-9 * max(1.0, abs(ours[name])) or ours[name] !=
                             ours[name] for name in ours):
            raise AssertionError("the rule that is to decide as the built-in one decides otherwise")
        if k > 0:
            taken.append((first, second))
    ratios = [second / first for first, second in taken]
    return {"ratio": statistics.median(ratios), "spread": [min(ratios), max(ratios)],
            "milliseconds": [statistics.median(each) * 1e3 for each in zip(*taken, strict=True)]}


def measure(firms: int, months: int, rounds: int) -> dict[str, Any]:
    """Measure everything at a number of firms."""
    base = al.scenario(months=months, **{"firms.n": firms})
    on, path = base.replace(ON), Path(own_rules.__file__).resolve()
    paths = {f"rules.{seam}": f"{path}:{rule.__name__}" for seam, rule in own_rules.OF.items()}
    each = {seam: {f"rules.{seam}": paths[f"rules.{seam}"]} for seam in own_rules.OF} | {"all of these": paths}
    return {
        "everything on": by_turns(base.replace(OFF), on, rounds),
        "own rule": {seam: by_turns(on, on.replace(rules), rounds, alike=True) for seam, rules in each.items()},
    }


def show(found: dict[int, dict[str, Any]]) -> None:
    """Print a table."""
    def line(what: str, cost: dict[str, Any], target: float) -> None:
        low, high = cost["spread"]
        before, after = cost["milliseconds"]
        print(f"  {what:30s} {cost['ratio']:5.2f} times ({low:.2f} to {high:.2f}; at most {target} is wanted)"
              f"   {before:8.1f} ms -> {after:8.1f} ms")

    for n, costs in found.items():
        print(f"{n:,} firms:")
        line("everything on", costs["everything on"], TARGETS["everything on"])
        for seam, cost in costs["own rule"].items():
            line(f"own rule: {seam}", cost, TARGETS["own rule"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--firms", type=int, nargs="+", default=list(FIRMS))
    parser.add_argument("--months", type=int, default=MONTHS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    warm()
    found = {n: measure(n, given.months, given.rounds) for n in given.firms}
    if given.json:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        print(json.dumps({"months": given.months, "rounds": given.rounds, "targets": TARGETS, "machine": machine,
                          "cost": found}, indent=1))
    else:
        show(found)


if __name__ == "__main__":
    main()
