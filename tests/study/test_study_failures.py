"""What failed runs cost a study, how they are repeated, and what a kill leaves of one that had just begun."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.cli import main
from allysim.errors import StoreError
from allysim.study import archive, store
from allysim.study.chunks import work

OUTCOMES = Path(__file__).with_name("outcomes.py")
FAILING = ["months=6", "firms.n=12", "firms.focal=4", "strategy=stand_alone,procurement_first", "executor=serial",
           f"outcome={OUTCOMES}:fails"]
"""One seed in twenty fails at every point."""


def commands(text):
    """Return the commands that repeat a run, with the line below each."""
    lines = [line.strip() for line in text.splitlines()]
    return [(line, lines[k + 1]) for k, line in enumerate(lines) if line.startswith("allysim run --repeat")]


def test_one_failing_seed_in_twenty_leaves_an_interval_and_is_said(tmp_path, capsys):
    asked = [*FAILING, "pilot.months=interval(1,12)", "points=16", "replications=20"]
    assert main(["sweep", *asked, f"out={tmp_path}"]) == 1
    said, text = capsys.readouterr().out, (tmp_path / "findings.md").read_text()
    table = pd.read_csv(tmp_path / "analysis" / "differences.csv").set_index("kpi").loc["focal.economic_profit"]
    assert (table["points"], table["seeds"]) == (12, 19) and np.isfinite(table[["low", "high"]].astype(float)).all()
    for words in (said, text):
        assert "95 % interval of luck" in words and "; 19 seeds)" in words
        assert "12 of 240 pairs of runs are left out, since runs failed" in words
    assert "1 of 20 seeds are left out, since runs of theirs failed." in text and "not done" not in text


def test_all_failing_runs_have_their_command_and_it_fails_alike(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", *FAILING, "replications=40", "seed=1", "out=a study"]) == 1
    swept = capsys.readouterr().out
    assert main(["status", "a study"]) == 1
    told = {"sweep": swept, "status": capsys.readouterr().out, "findings": Path("a study/findings.md").read_text()}
    assert "1 more: listed in a study/findings.md" in swept
    found = {where: commands(text) for where, text in told.items()}
    assert {where: len(pairs) for where, pairs in found.items()} == {"sweep": 3, "status": 4, "findings": 4}
    rows = al.Study.open("a study").runs
    failed = rows[rows["status"] == "FAILED"]
    assert [(shlex.split(command)[-1], error) for command, error in found["findings"]] == \
        list(failed[["run", "error"]].itertuples(index=False, name=None))
    for command, error in {pairs[k] for k, pairs in enumerate(found.values())}:
        before = sorted(Path().iterdir())
        assert main(shlex.split(command)[1:]) == 1
        assert capsys.readouterr().err == f"allysim: {error}\n" and sorted(Path().iterdir()) == before


def test_more_failures_than_are_shown_are_counted(tmp_path):
    rows = pd.DataFrame({"run": list("abcd"), "status": ["FAILED", "SUCCEEDED", "FAILED", "FAILED"], "error": "no"})
    lines = archive.failures(rows, tmp_path, 2)
    assert [command.split()[-1] for command, _ in commands("\n".join(lines))] == ["a", "c"]
    assert lines[-1].startswith("  1 more: ") and "whose status is FAILED" in lines[-1]


def test_a_first_part_of_failures_has_the_columns_of_all(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "FLUSH_SECONDS", -1.0)
    monkeypatch.setattr(archive, "FLUSH_SHARE", 0.0)
    asked = [*FAILING, "seed=7", "replications=3"]
    made = []

    def first_two(chunk):
        made.append(chunk)
        if len(made) > 2:
            raise KeyboardInterrupt
        return work(chunk)

    monkeypatch.setattr("allysim.study.study.work", first_two)
    with pytest.raises(KeyboardInterrupt):
        al.Study.asked(asked).run(out=tmp_path)
    assert set(store.read_table(tmp_path, "runs")["status"]) == {"FAILED"}, "seed 7, of both strategies"
    monkeypatch.setattr("allysim.study.study.work", work)
    study = al.Study.open(tmp_path).run()
    parts = sorted((tmp_path / "runs").glob("part-*"))
    columns = [list(pd.read_parquet(part).columns) for part in parts]
    assert len(parts) >= 4 and all(names == columns[0] for names in columns)
    name = "focal.economic_profit"
    read = pd.read_parquet(tmp_path / "runs")
    assert {name, "own.fails"} <= {*read.columns} and list(read.columns) == columns[0]
    ask = f"select avg(\"{name}\") as mean, count(\"own.fails\") as runs from '{tmp_path}/runs/*.parquet'"
    mean, runs = duckdb.sql(ask).fetchall()[0]
    assert runs == 4 and mean == pytest.approx(read[name].mean()) == pytest.approx(np.nanmean(study.values()))
    assert read.dtypes.equals(pd.read_parquet(parts[-1]).dtypes)


@pytest.mark.slow
@pytest.mark.parametrize(("at", "left"), [
    ("copy_inputs", {".lock"}), ("write_json", {".lock", "inputs"}),
    ("_sync", {".lock", "inputs", ".manifest.json.*"})])
def test_a_study_killed_before_its_manifest_is_begun_again(tmp_path, at, left):
    """By a process that kills itself there, then the same command again."""
    words, out = [*FAILING, "replications=2", "seed=1"], tmp_path / "s"
    dies = (f"import os, sys; from allysim.cli import main; from allysim.study import store; "
            f"store.{at} = lambda *_: os.kill(os.getpid(), 9); main(sys.argv[1:])")
    done = subprocess.run([sys.executable, "-c", dies, "sweep", *words, f"out={out}"], check=False, timeout=300)
    assert done.returncode == -signal.SIGKILL
    assert {".manifest.json.*" if ".json" in name else name for name in os.listdir(out)} == left
    assert main(["sweep", *words, f"out={out}"]) == 0
    assert (out / "inputs" / "outcomes.py").read_bytes() == OUTCOMES.read_bytes()
    assert not list(out.glob(".manifest*")) and len(store.read_table(out, "runs")) == 4


@pytest.mark.parametrize("names", [["inputs/own.csv"], [".lock", "letter.txt"], ["letter.txt"]])
def test_other_files_are_left_alone(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("dear")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError, match="a folder of other files"):
        al.Study.asked([*FAILING, "replications=2"]).run(out=tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
