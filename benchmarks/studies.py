"""What a study costs beside its runs: overhead, a second worker, and a hundred thousand runs.

    python benchmarks/studies.py                          # some twelve minutes on two cores
    python benchmarks/studies.py --runs 2000 --rounds 1   # whether it runs
    python benchmarks/studies.py --json > studies.json

The same runs, of some 10 ms each, are made by a plain loop over `allysim.run`, by a study in this process and by one
with two workers, by turns, so that what else the machine does falls on all. Overhead is what the study takes beyond the
loop, its store on disk included, as a part of the loop's time. A second worker is held against two plain loops side by
side as well, since two cores that share a memory are not twice as fast as one. The command's analysis comes after its
runs and is timed with the large study.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import allysim as al
from allysim.model import warm
from allysim.study.plan import at_point

OVERHEAD = ["firms.n=20", "firms.focal=5", "months=6", "strategy=stand_alone,balanced", "design=lhs",
            "pilot.months=interval(1,12)", "points=25"]
SHORT = ["firms.n=10", "firms.focal=5", "months=2", "strategy=stand_alone,procurement_first", "design=sobol",
         "pilot.months=interval(1,12)", "trust.prior_weight=interval(1,8)", "points=1024"]
WORKERS = 2
TARGETS = {"overhead": .05, "efficiency": .85, "memory_mb": 2048, "files": 500}


def plain(study: al.Study, part: int = 0, parts: int = 1) -> float:
    """Return the seconds that the runs of a study take in a loop, every `parts`-th of its points."""
    plan = study.plan
    started = time.perf_counter()
    for point in range(part, plan.points, parts):
        for cell in plan.cells:
            config = at_point(cell.config, plan.keys, plan.values[point])
            for seed in plan.seeds:
                al.run(config, seed=seed, records="outcomes")
    return time.perf_counter() - started


def timed(study: al.Study, **how: Any) -> float:
    """Return the seconds that a study takes with its store."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        study.run(out=Path(folder) / "study", **how)
        return time.perf_counter() - started


def side_by_side(words: list[str]) -> float:
    """Return the seconds of two plain loops of half a study's points each, from the start of both to the end."""
    code = (f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import studies; "
            f"studies.loop({words!r}, int(sys.argv[1]))")
    loops = [subprocess.Popen([sys.executable, "-c", code, str(part)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
             for part in range(WORKERS)]
    for loop in loops:
        loop.stdout.readline()  # it is warm
    started = time.perf_counter()
    for loop in loops:
        loop.stdin.write(b"go\n")
        loop.stdin.flush()
    for loop in loops:
        loop.wait()
    return time.perf_counter() - started


def loop(words: list[str], part: int) -> None:
    """Load, wait for a word, and make one of two halves."""
    study = al.Study.asked(words)
    warm()
    al.run(study.plan.cells[0].config, seed=0, records="outcomes")
    print("warm", flush=True)
    sys.stdin.readline()
    plain(study, part, WORKERS)


def by_turns(rounds: int, replications: int) -> dict[str, Any]:
    """Return overhead in this process, and what two workers make of it, median, least and greatest over rounds."""
    words = [*OVERHEAD, f"replications={replications}"]
    study = al.Study.asked(words)
    plain(study)
    found: dict[str, list[float]] = {"overhead": [], "efficiency": [], "against_two_loops": [], "loop_ms_per_run": []}
    for _ in range(rounds):
        bare, serial = plain(study), timed(al.Study.asked(words), executor="serial")
        pair, both = side_by_side(words), timed(al.Study.asked([*words, f"jobs={WORKERS}"]), executor="loky")
        found["overhead"].append(serial / bare - 1)
        found["efficiency"].append(bare / (WORKERS * both))
        found["against_two_loops"].append(pair / both)
        found["loop_ms_per_run"].append(bare / study.plan.total * 1e3)
    return {"runs": study.plan.total} | {
        name: {"median": statistics.median(each), "spread": [min(each), max(each)]} for name, each in found.items()}


def many(runs: int) -> dict[str, Any]:
    """Make a large study through the command line and weigh it: its memory, its files, the time to read and analyse."""
    replications = max(2, -(-runs // 2048))
    folder = Path(tempfile.mkdtemp()) / "study"
    words = [*SHORT, f"replications={replications}", f"out={folder}"]
    try:
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "allysim", "sweep", *words], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        peak, made, spent = 0.0, 0.0, 0.0
        while process.poll() is None:
            peak, spent = max(peak, family_mb(process.pid)), cpu_seconds(process.pid) or spent
            if not made and _complete(folder, 2048 * replications):
                made = time.perf_counter() - started
            time.sleep(.5)
        whole = time.perf_counter() - started
        if process.returncode:
            raise RuntimeError(f"allysim sweep ended with {process.returncode}")
        files = [path for path in folder.rglob("*") if path.is_file()]
        started = time.perf_counter()
        study = al.Study.open(folder)
        rows = study.runs
        loaded = time.perf_counter() - started
        return {"runs": len(rows), "failed": study.failed, "seconds": whole,
                "seconds_of_runs": made or whole, "run_ms": float(rows["seconds"].mean() * 1e3),
                "main_cpu_ms_per_run": spent / len(rows) * 1e3, "worker_seconds": float(rows["seconds"].sum()),
                "main_and_workers_peak_mb": peak, "worker_peak_mb": float(rows["memory_mb"].max()), "files": len(files),
                "megabytes": sum(path.stat().st_size for path in files) / 1e6, "seconds_to_load": loaded}
    finally:
        shutil.rmtree(folder.parent)


def _complete(folder: Path, total: int) -> bool:
    import pyarrow.parquet as pq

    try:
        return sum(pq.read_metadata(part).num_rows for part in (folder / "runs").glob("part-*.parquet")) >= total
    except OSError:
        return False


def cpu_seconds(process: int) -> float:
    """Return the processor time that a process has used; Linux only, 0 elsewhere."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family_mb(root: int) -> float:
    """Return the resident memory of a process and of all that it started, MB; Linux only, 0 elsewhere."""
    parents, sizes = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            status = dict(line.split(":", 1) for line in (path / "status").read_text().splitlines() if ":" in line)
        except OSError:
            continue
        parents[int(path.name)] = int(status["PPid"])
        sizes[int(path.name)] = int(status.get("VmRSS", "0").split()[0]) / 1024
    total = 0.0
    for process in sizes:
        at = process
        while at not in (0, 1, root):
            at = parents.get(at, 0)
        total += sizes[process] if at == root else 0.0
    return total


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--replications", type=int, default=30, help="of the study that is timed against loops")
    parser.add_argument("--runs", type=int, default=100_000, help="of the large study; 4096 at least")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    warm()
    found = {"machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
             "versions": {name: version(name) for name in ("allysim", "joblib", "numba", "numpy", "pyarrow")},
             "targets": TARGETS, "by_turns": by_turns(given.rounds, given.replications), "many": many(given.runs)}
    if given.json:
        print(json.dumps(found, indent=2))
        return
    turns, large = found["by_turns"], found["many"]
    for name in ("overhead", "efficiency", "against_two_loops", "loop_ms_per_run"):
        each = turns[name]
        print(f"{name:20}{each['median']:8.3f}   ({each['spread'][0]:.3f} to {each['spread'][1]:.3f})")
    for name, value in large.items():
        print(f"{name:26}{value:12,.1f}")


if __name__ == "__main__":
    main()
