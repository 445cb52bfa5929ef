"""How fast the engine is: firm-months a second by number of firms, by record level and by phase.

    python benchmarks/engine.py            # a table
    python benchmarks/engine.py --json     # one object, for machines

Each figure is the median of several runs of the default scenario, after one run that is not counted.
Nothing here is asserted in a test: speed depends on the machine, which is why it is named.
"""

import argparse
import json
import os
import platform
import statistics
import time

import allysim as al
from allysim.records import LEVELS

MONTHS = {100: 120, 1_000: 120, 10_000: 60, 100_000: 12}
PHASE_FIRMS = 1_000


def seconds(firms: int, level: str, runs: int) -> float:
    """Return the median seconds of one run of `firms` firms at a record level."""
    scenario = al.scenario(months=MONTHS[firms], **{"firms.n": firms})
    al.run(scenario.replace(months=2), records=level)
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        al.run(scenario, records=level)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def phases() -> dict[str, float]:
    """Return nanoseconds per firm-month spent in each phase once alliances have formed."""
    model = al.AllianceModel(al.scenario(**{"firms.n": PHASE_FIRMS}), records="series")
    for _ in range(24):
        model.step()
    return {name: spent / 96 / PHASE_FIRMS * 1e9 for name, spent in model.time_phases(96).items()}


def bytes_per_firm(firms: int = 100_000) -> float:
    """Return the bytes of all tables of a world after a year, per firm."""
    model = al.AllianceModel(al.scenario(**{"firms.n": firms}), records="outcomes")
    for _ in range(12):
        model.step()
    state = model.state
    tables = (state.firms, state.ties, state.alliances, state.memberships)
    return sum(column.nbytes for table in tables for column in vars(table).values()) / firms


def measure(sizes: list[int], runs: int) -> dict[str, object]:
    """Measure everything; `sizes` are numbers of firms."""
    milliseconds = {level: {n: seconds(n, level, runs) * 1e3 for n in sizes} for level in LEVELS}
    return {
        "firm_months_per_second": {n: n * MONTHS[n] / (milliseconds["series"][n] / 1e3) for n in sizes},
        "milliseconds_per_run": milliseconds,
        "months": {n: MONTHS[n] for n in sizes},
        "nanoseconds_per_firm_month": phases(),
        "bytes_per_firm": bytes_per_firm(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--runs", type=int, default=5, help="runs behind each median")
    parser.add_argument("--firms", type=int, nargs="+", default=[100, 1_000, 10_000], choices=MONTHS)
    arguments = parser.parse_args()
    found = measure(arguments.firms, arguments.runs)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    print(found["machine"])
    for n in arguments.firms:
        each = "  ".join(f"{level} {found['milliseconds_per_run'][level][n]:.0f} ms" for level in LEVELS)
        rate = found["firm_months_per_second"][n] / 1e6
        print(f"{n:>7} firms x {MONTHS[n]} months: {each}  ({rate:.2f} M firm-months a second with series)")
    print(f"bytes per firm: {found['bytes_per_firm']:.0f}")
    print(f"nanoseconds per firm-month at {PHASE_FIRMS} firms:")
    for name, spent in found["nanoseconds_per_firm_month"].items():
        print(f"  {name:18s} {spent:6.0f}")


if __name__ == "__main__":
    main()
