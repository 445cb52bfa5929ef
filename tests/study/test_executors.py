"""The one seam for many runs: order, failures, chunks."""

import os
import signal
import time

import pytest

from allysim.errors import ConvergenceError, RuleError
from allysim.study import executors
from allysim.study.executors import chunk_size, run_all


def square(x):
    return x * x


def slow_for_some(x):
    time.sleep(.02 if x % 7 == 0 else .001)
    return x, os.getpid()


def fails_on_three(x):
    if x == 3:
        raise ZeroDivisionError("nothing\nto divide")
    if x == 4:
        raise ConvergenceError("the market did not settle.")
    return x


def refuses(x):
    raise RuleError("the rule is not one.")


def reads(name):
    with open(name) as file:
        return file.read()


def dies_once(path):
    if path is not None and not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


@pytest.fixture
def eager(monkeypatch):
    """Let even short tasks go to workers."""
    monkeypatch.setattr(executors, "START_SECONDS", -1.0)


def test_short_tasks_stay_in_this_process(monkeypatch):
    monkeypatch.setattr(executors, "_loky", None)
    assert [r.value for r in run_all(range(50), square, jobs=8)] == [x * x for x in range(50)]


def test_side_by_side_comes_back_in_order(eager):
    results = list(run_all(range(40), slow_for_some, jobs=2))
    assert [r.value[0] for r in results] == list(range(40))
    assert len({r.value[1] for r in results[2:]}) == 2
    assert os.getpid() not in {r.value[1] for r in results[2:]}


def test_a_failing_task_is_a_result_with_its_error():
    results = list(run_all(range(6), fails_on_three, jobs=1))
    assert [r.value for r in results] == [0, 1, 2, None, None, 5]
    assert results[3].error.startswith("ZeroDivisionError in test_executors.py line ")
    assert results[3].error.endswith(": nothing to divide")
    assert results[4].error == "the market did not settle."


def test_bad_input_stops_at_the_first_task():
    with pytest.raises(RuleError, match="the rule is not one"):
        list(run_all(range(3), refuses, jobs=1))


def test_a_killed_worker_costs_nothing_when_it_works_again(eager, tmp_path):
    tasks = [None, None, *[None] * 6, tmp_path / "died", *[None] * 6]
    results = list(run_all(tasks, dies_once, jobs=2))
    assert [r.value for r in results] == ["alive"] * len(tasks)


def test_nothing_to_do():
    assert list(run_all([], square)) == []


@pytest.mark.parametrize(("tasks", "seconds", "workers", "size"), [
    (10_000, .01, 2, 200), (10_000, 10., 2, 1), (100, .01, 2, 13), (3, .5, 8, 1),
])
def test_chunks_are_about_two_seconds_but_leave_work_for_all(tasks, seconds, workers, size):
    assert chunk_size(tasks, seconds, workers) == size


def test_workers_look_where_the_user_is(eager, tmp_path, monkeypatch):
    for place in ("first", "second"):  # the same workers, told to look elsewhere
        (tmp_path / place).mkdir()
        (tmp_path / place / "own.txt").write_text(place)
        monkeypatch.chdir(tmp_path / place)
        assert [r.value for r in run_all(["own.txt"] * 4, reads, jobs=2)] == [place] * 4
