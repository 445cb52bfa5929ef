"""What a study shows while it runs, here and on a cluster that is there already."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.cli import main
from allysim.study import archive, progress, store
from allysim.study.chunks import Chunks
from allysim.study.progress import Progress

TINY = ["months=1", "firms.n=2", "firms.focal=1", "strategy.seek=[]", "background.strategy.seek=[]"]
LONG = [sys.executable, "-m", "allysim", "sweep", *TINY, "replications=100000", "jobs=2"]
"""More runs than are made until they are broken off."""


def test_without_a_terminal_there_are_plain_lines(monkeypatch, capsys):
    monkeypatch.setattr(progress, "QUIET", 0.0)
    monkeypatch.setattr(progress, "EVERY", 0.0)
    plan = al.Study.asked([*TINY, "replications=4"]).plan
    with Progress(plan.total, 0, Chunks(plan, np.zeros(plan.total, dtype=bool), 1)) as told:
        for k in range(4):
            told.update(1, k % 2)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in lines] == [f"{k} of 4 runs" for k in (1, 2, 3, 4)]
    assert all(re.fullmatch(r"\d of 4 runs, \S+ a (second|minute), about \d+ s left(, \d failed)?", line)
               for line in lines)
    assert lines[-1].endswith("left, 2 failed") and "failed" not in lines[0]


def wait_for(what, process, seconds=300):
    """Wait until something is so; fails where the process ends before."""
    until = time.monotonic() + seconds
    while not what():
        assert process.poll() is None, "the study ended before"
        assert time.monotonic() < until, "it has not come to it"
        time.sleep(.1)


def broken_off(process):
    """Interrupt a command as a terminal does, all its processes, and return its exit code."""
    os.killpg(process.pid, signal.SIGINT)
    return process.wait(timeout=120)


def interruptible():
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.slow
def test_status_tells_of_a_study_that_runs(tmp_path, capsys):
    """And the study itself tells of it in lines where there is no terminal."""
    out = tmp_path / "s"
    with open(tmp_path / "told", "wb") as told:
        process = subprocess.Popen([*LONG, f"out={out}"], stderr=told, start_new_session=True,
                                   preexec_fn=interruptible)
    try:
        wait_for(lambda: archive.made(out), process)
        assert main(["status", str(out)]) == 0
        said = capsys.readouterr().out
        wait_for(lambda: (tmp_path / "told").stat().st_size, process)
    finally:
        code = broken_off(process)
    total = 100_000
    done, percent = map(int, re.search(rf"done      (\d+) of {total} runs \((\d+) %\)", said).groups())
    assert 0 < done < total and percent == 100 * done // total
    assert f"left      {total - done}, of which some are at work now" in said
    assert re.search(r"time left \d.* with 2 workers\n", said) and "Nobody is at work" not in said
    assert re.match(rf"\d+ of {total} runs, \S+ a (second|minute), about \S.* left\n", (tmp_path / "told").read_text())
    assert code == 130
    assert main(["status", str(out)]) == 0
    assert f"Nobody is at work on it. Go on with\n  {archive.go_on(out)}" in capsys.readouterr().out


@pytest.mark.slow
def test_on_a_terminal_there_is_a_bar(tmp_path):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))  # rows and columns
    process = subprocess.Popen([*LONG, f"out={tmp_path / 's'}"], stderr=slave, start_new_session=True,
                               preexec_fn=interruptible)
    os.close(slave)
    seen = b""
    try:
        until = time.monotonic() + 300
        while b" runs" not in seen and time.monotonic() < until:
            seen += os.read(master, 4096)
    finally:
        broken_off(process)
        os.close(master)
    assert re.search(r"\d+% \|.*\| \d+ of 100000 runs", seen.decode()), seen


@pytest.mark.slow
def test_a_cluster_that_is_there_is_used_by_address_and_by_file(tmp_path, capsys):
    """With the same numbers; how many are at work is what the cluster has, and not what this machine has."""
    from distributed import Client, LocalCluster

    asked = [*TINY, "strategy=stand_alone,balanced", "replications=20", "jobs=1"]
    alone = al.Study.asked(asked).run("serial").runs.drop(columns=["seconds", "memory_mb"])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.write_scheduler_file(tmp_path / "scheduler.json")
        for name, place in (("address", cluster.scheduler_address), ("file", tmp_path / "scheduler.json")):
            out = tmp_path / name
            assert main(["sweep", *asked, f"executor={place}", f"out={out}"]) == 0
            found = al.Study.open(out).runs.drop(columns=["seconds", "memory_mb"])
            pd.testing.assert_frame_equal(alone, found, check_exact=True)
            assert store.read_manifest(out)["workers"] == 2
    part = next((out / "runs").glob("part-*"))
    pd.read_parquet(part).head(5).to_parquet(part)
    capsys.readouterr()
    assert main(["status", str(out)]) == 0
    assert re.search(r"time left \d.* with 2 workers\n", capsys.readouterr().out)


def test_a_file_of_a_scheduler_that_is_not_there_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", *TINY, "replications=2", "executor=nowhere.json", "out=s"]) == 2
    assert "executor=nowhere.json: there is no such file" in capsys.readouterr().err


def test_workers_that_come_are_counted_while_it_runs():
    plan = al.Study.asked([*TINY, "replications=4"]).plan
    chunks = Chunks(plan, np.zeros(plan.total, dtype=bool), 1)
    told = Progress(plan.total, 0, chunks)
    chunks.seconds_open = lambda: 120.0
    before, chunks.workers = told._left(), 4
    assert (before, told._left()) == ("2 min", "30 s")
