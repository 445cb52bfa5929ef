"""How fast the engine is, alone and against its twin of plain Mesa objects, and how much memory it takes.

    python benchmarks/engine.py                       # tables, in about two minutes
    python benchmarks/engine.py --json                # one object, for machines
    python benchmarks/engine.py --million             # a million firms too, once
    python benchmarks/engine.py --picture speed.svg   # a picture, and speed.csv with its data

Each figure is a median of several runs of the default scenario, with its least and greatest value; the first
run is not counted, and kernels are compiled before. Nothing here is asserted in a test: speed depends on the
machine, which is why it is named.
"""

import argparse
import json
import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import against_twin
import allysim as al
import memory
import picture
from allysim.model import warm
from allysim.records import LEVELS

MONTHS = 60
RUNS = {100: 7, 1_000: 7, 10_000: 5, 100_000: 3}
MILLION, MILLION_MONTHS = 1_000_000, 12
PHASE_FIRMS, SETTLED, PHASE_MONTHS = (1_000, 10_000), 24, 36


def seconds(firms: int, level: str) -> list[float]:
    """Return the seconds of each of several whole runs of `firms` firms at a record level."""
    scenario = al.scenario(months=MONTHS, **{"firms.n": firms})
    al.run(scenario.replace(months=2), records=level)
    taken = []
    for _ in range(RUNS[firms]):
        started = time.perf_counter()
        al.run(scenario, records=level)
        taken.append(time.perf_counter() - started)
    return taken


def phases(firms: int) -> dict[str, float]:
    """Return nanoseconds per firm-month spent in each phase once alliances have formed."""
    model = al.AllianceModel(al.scenario(**{"firms.n": firms}), records="series")
    for _ in range(SETTLED):
        model.step()
    return {name: spent / PHASE_MONTHS / firms * 1e9 for name, spent in model.time_phases(PHASE_MONTHS).items()}


def rates(sizes: list[int]) -> dict[str, Any]:
    """Return firm-months a second of whole runs with records=series, and milliseconds by level of records."""
    taken = {n: seconds(n, "series") for n in sizes}
    levels = {level: {n: statistics.median(taken[n] if level == "series" else seconds(n, level)) * 1e3
                      for n in sizes if n < 100_000} for level in LEVELS}
    rate = {n: n * MONTHS / statistics.median(each) for n, each in taken.items()}
    return {
        "months": MONTHS,
        "firm_months_per_second": rate,
        "firm_months_per_second_spread": {
            n: [n * MONTHS / max(each), n * MONTHS / min(each)] for n, each in taken.items()},
        "firm_month_at_100000_over_1000": rate[1_000] / rate[100_000],
        "milliseconds_per_run": levels,
    }


def measure(million: bool) -> dict[str, Any]:
    """Measure everything."""
    found = against_twin.compare(list(against_twin.MONTHS)) | rates(list(RUNS))
    in_memory = {100_000: memory.alone(100_000, 12)}
    if million:
        in_memory[MILLION] = memory.alone(MILLION, MILLION_MONTHS)
    return found | {
        "nanoseconds_per_firm_month": {n: phases(n) for n in PHASE_FIRMS},
        "bytes_per_firm": in_memory[100_000]["bytes_per_firm"],
        "memory": in_memory,
        "table_bytes_after_months": memory.over_months(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {name: version(name) for name in ("allysim", "mesa", "numba", "numpy")},
    }


def show(found: dict[str, Any]) -> None:
    """Print tables of what was measured."""
    print(f"{found['machine']}, {', '.join(f'{name} {v}' for name, v in found['versions'].items())}\n")
    micro, spread = found["microseconds_per_firm_month"], found["microseconds_spread"]
    print("Engine against twin, microseconds per firm-month (least to greatest):")
    for n, ratio in found["ratio"].items():
        each = "   ".join(f"{name} {micro[name][n]:6.2f} ({spread[name][n][0]:.2f} to {spread[name][n][1]:.2f})"
                          for name in ("engine", "twin"))
        low, high = found["ratio_spread"][n]
        print(f"{n:>9,} firms x {found['months_against_twin'][n]:>3} months   {each}   "
              f"{ratio:.0f} times as fast ({low:.0f} to {high:.0f})")
    print(f"\nEngine alone, whole runs of {found['months']} months:")
    for n, rate in found["firm_months_per_second"].items():
        low, high = found["firm_months_per_second_spread"][n]
        each = "  ".join(f"{level} {of[n]:.0f} ms" for level, of in found["milliseconds_per_run"].items() if n in of)
        print(f"{n:>9,} firms   {rate / 1e6:.2f} M firm-months a second with series "
              f"({low / 1e6:.2f} to {high / 1e6:.2f})   {each}")
    print(f"a firm-month at 100,000 firms takes {found['firm_month_at_100000_over_1000']:.2f} times that at 1,000")
    print("\nA world in a process of its own:")
    for n, world in found["memory"].items():
        print(f"{n:>9,} firms x {world['months']:.0f} months   {world['bytes_per_firm']:.0f} bytes per firm in tables, "
              f"{world['peak_bytes_per_firm']:.0f} at the peak ({world['peak_bytes'] / 2**20:.0f} MiB in all)   "
              f"made in {world['seconds_to_make']:.1f} s, then {world['microseconds_per_firm_month']:.2f} "
              "microseconds per firm-month")
    weighed = " and ".join(f"{size / 2**20:.2f} MiB after {month}"
                           for month, size in found["table_bytes_after_months"].items())
    print(f"\nTables of 1,000 firms: {weighed} months\n")
    by_phase = found["nanoseconds_per_firm_month"]
    print("Nanoseconds per firm-month, by phase:" + "".join(f"{n:>10,} firms" for n in by_phase))
    for name in by_phase[PHASE_FIRMS[0]]:
        print(f"  {name:35s}" + "".join(f"{each[name]:16.0f}" for each in by_phase.values()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--million", action="store_true", help="run a million firms too, once")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="draw a picture, with its data beside it")
    arguments = parser.parse_args()
    warm()
    found = measure(arguments.million)
    if arguments.picture:
        picture.draw(found, arguments.picture)
    if arguments.json:
        print(json.dumps(found, indent=1))
    else:
        show(found)


if __name__ == "__main__":
    main()
