"""What a world takes in memory: its tables, the peak of its process, and whether either grows with time.

    python benchmarks/memory.py FIRMS MONTHS      # one object: a world in a process of its own
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import allysim as al
from allysim.model import warm

FLAT = (24, 120)
"""Months after which the tables are weighed: by the first, pilots have run their course once."""


def table_bytes(model: al.AllianceModel) -> int:
    """Return the bytes of all tables of a world."""
    state = model.state
    tables = (state.firms, state.ties, state.alliances, state.memberships)
    return sum(column.nbytes for table in tables for column in vars(table).values())


def over_months(firms: int = 1_000) -> dict[int, int]:
    """Return the bytes of all tables after some and after many months."""
    model = al.AllianceModel(al.scenario(months=FLAT[-1], **{"firms.n": firms}), rng=1, records="outcomes")
    weighed = {}
    for month in range(1, FLAT[-1] + 1):
        model.step()
        if month in FLAT:
            weighed[month] = table_bytes(model)
    return weighed


def alone(firms: int, months: int) -> dict[str, float]:
    """Run a world in a fresh process and return what it says of itself; raises CalledProcessError."""
    command = [sys.executable, __file__, str(firms), str(months)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak_bytes() -> int:
    """Return the most memory this process has held so far.

    Linux lets a new process begin with the peak of the one that started it in `getrusage`; its status does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def weigh(firms: int, months: int) -> dict[str, float]:
    """Run one world in this process and return its time and its memory, records=series."""
    warm()
    al.run(al.scenario(months=2, **{"firms.n": 100}), records="series")  # loads every kernel
    before, started = peak_bytes(), time.perf_counter()
    model = al.AllianceModel(al.scenario(months=months, **{"firms.n": firms}), rng=1, records="series")
    made = time.perf_counter()
    for _ in range(months):
        model.step()
    stepped = time.perf_counter()
    return {
        "firms": firms, "months": months, "bytes_per_firm": table_bytes(model) / firms, "peak_bytes": peak_bytes(),
        "peak_bytes_per_firm": (peak_bytes() - before) / firms, "seconds_to_make": made - started,
        "microseconds_per_firm_month": (stepped - made) / firms / months * 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(weigh(int(sys.argv[1]), int(sys.argv[2]))))
