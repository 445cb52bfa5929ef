"""Whether a study survives: its main process is killed at random moments before it is done, and nothing is lost.

    python benchmarks/kills.py                 # twenty kills, some minutes
    python benchmarks/kills.py --kills 3 --seed 7 --runs 4000

Each time the process is killed as by ``kill -9`` and the study is taken up again with ``--resume``: the first time
while it begins, then at a random moment after it has kept more runs than before. A study that is done before all kills
is an error. At the end every run must be there exactly once, and all but seconds and memory must equal, to the last
bit, an undisturbed study.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from allysim.study import archive, store

QUESTION = ["strategy=stand_alone,procurement_first", "pilot.months=interval(1,12)", "months=24", "firms.n=20",
            "firms.focal=5", "points=16", "design=sobol", "records=series"]
VARIES = ["seconds", "memory_mb"]
RUNS = 1000
"""Runs for each kill: more than a study makes until it is killed."""
PAUSE = 2.0
"""Seconds within which a kill comes at random."""
LONGEST = 600.0
"""Seconds within which a study must keep something."""


def command(*words: str) -> list[str]:
    """Return what starts a study in a process of its own."""
    return [sys.executable, "-m", "allysim", "sweep", *words]


def table(folder: Path, name: str) -> pd.DataFrame:
    """Return a table of a study without what differs from time to time, in one order."""
    found = store.read_table(folder, name).drop(columns=VARIES, errors="ignore")
    keys = [key for key in ("run", "month", "event", "firm", "alliance", "joined") if key in found]
    return found.sort_values(keys, kind="stable").reset_index(drop=True)


def disturbed(out: Path, question: list[str], kills: int, luck: random.Random) -> None:
    """Run a study to its end, killing it so many times before it is done; `AssertionError` if it is done sooner."""
    words = [*question, f"out={out}"]
    for count in range(kills):
        before = archive.made(out)
        process = subprocess.Popen(command(*words), start_new_session=True, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        until = time.monotonic() + LONGEST
        while count and archive.made(out) == before and process.poll() is None and time.monotonic() < until:
            time.sleep(.1)
        time.sleep(luck.uniform(0, PAUSE))
        process.kill()
        assert process.wait() == -signal.SIGKILL, f"the study had ended before kill {count + 1}: give it more --runs"
        if (out / "manifest.json").is_file():
            words = ["--resume", str(out)]
            assert archive.tally(out).left, f"the study was done before kill {count + 1}: give it more --runs"
            assert not count or archive.made(out) > before, f"nothing was kept before kill {count + 1}"
        time.sleep(.2)
    subprocess.run(command(*words), check=True, stdout=subprocess.DEVNULL)


def check(calm: Path, out: Path) -> dict[str, int]:
    """Raise `AssertionError` unless both studies hold the same runs, each once, and the same tables."""
    rows = {}
    for name in ("runs", *store.RECORDS["series"]):
        one, other = table(calm, name), table(out, name)
        if name == "runs":
            assert not other["run"].duplicated().any(), "a run is there twice"
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        rows[name] = len(one)
    return rows


def main() -> None:
    """Kill, resume, compare, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, help=f"runs of the study; {RUNS} for each kill by default")
    given = parser.parse_args()
    question = [*QUESTION, f"replications={max(2, (given.runs or RUNS * (given.kills + 1)) // 32)}"]
    with tempfile.TemporaryDirectory() as folder:
        calm, out = Path(folder) / "calm", Path(folder) / "killed"
        started = time.monotonic()
        subprocess.run(command(*question, f"out={calm}"), check=True, stdout=subprocess.DEVNULL)
        took = time.monotonic() - started
        disturbed(out, question, given.kills, random.Random(given.seed))
        rows = check(calm, out)
        parts = len(list((out / "runs").glob("part-*.parquet")))
    print(f"{given.kills} kills before the study was done, {rows['runs']} runs in {parts} parts: each there once, and "
          f"{', '.join(f'{n} rows of {name}' for name, n in rows.items())} equal to the undisturbed study's "
          f"({took:.0f} s undisturbed, {time.monotonic() - started - took:.0f} s with kills)")


if __name__ == "__main__":
    main()
