"""A time for a comparison: what it affords, what is refused, and that the same question keeps its size."""

import json

import pytest

from allysim.cli import main
from allysim.errors import ConfigError
from allysim.study import store
from allysim.study.budget import (
    LEAST_POINTS,
    LEAST_REPLICATIONS,
    MOST_POINTS,
    MOST_REPLICATIONS,
    Size,
    affordable,
    seconds_of,
    share_out,
)
from allysim.study.comparison import Comparison

ASKED = ["compare", "strategy=stand_alone,procurement_first", "firms.n=24", "firms.focal=3", "months=2", "jobs=1"]


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10), ("5min", 300), ("1.5h", 5400), ("48 h", 172_800)])
def test_times(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "min", "-5min", "9s", "49h", "5 minutes", "1e3s", "5min 3s"])
def test_what_is_no_time(text):
    with pytest.raises(ConfigError, match=f"budget={text} is not allowed: it takes a time from 10s to 48h"):
        seconds_of(text)


@pytest.mark.parametrize("runs", [0, 1, 20, 31.9, 32, 33, 100, 255, 256, 5_000, 1e9])
def test_what_runs_afford(runs):
    replications, points = share_out(runs)
    assert LEAST_REPLICATIONS <= replications <= MOST_REPLICATIONS and points <= MOST_POINTS
    assert points == 0 or (points >= LEAST_POINTS and points & (points - 1) == 0 and points <= runs / 2)
    assert replications + points <= max(runs, LEAST_REPLICATIONS)
    assert points or runs < 2 * LEAST_POINTS


@pytest.mark.parametrize(("given", "said"), [
    (["budget=5m"], "budget=5m is not allowed"), (["budget=1min", "budget=2min"], "budget is set twice"),
    (["budget=1min", "replications=5"], "so replications cannot be set beside it"),
    (["budget=1min", "points=20"], "so points cannot be set beside it"),
    (["points=3"], "points=3 is not allowed: it takes a whole number from 16, or 0 for none"),
    (["points=many"], "points=many is not allowed"), (["points="], "points= is not allowed"),
])
def test_bad_input_is_one_sentence(given, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*ASKED, *given]) == 2
    problem = capsys.readouterr().err
    assert said in problem and len(problem.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_what_a_time_affords_is_measured():
    comparison = Comparison.grid([text for text in ASKED if "=" in text])
    assert affordable(comparison, 3600) == Size(MOST_REPLICATIONS, MOST_POINTS)  # unless two months take seconds
    assert affordable(comparison, 0) == Size(LEAST_REPLICATIONS, 0)


def test_a_question_asked_again_in_the_same_time_keeps_its_size(tmp_path, capsys, monkeypatch):
    out, sizes = tmp_path / "out", iter([Size(11, 16)])
    monkeypatch.setattr("allysim.cli.compare.affordable", lambda *_: next(sizes))  # once: nothing is timed again
    assert main([*ASKED, "budget=10s", f"out={out}"]) == 0
    first = store.read_manifest(out)
    assert (first["budget"], len(first["seeds"]), first["points"]) == ("10s", 11, 16)
    assert first["command"].endswith("replications=11 points=16")
    assert len(store.read_table(out, "runs")) == 2 * len(first["seeds"])
    assert len(store.read_table(out / "assumptions", "runs")) == 2 * first["points"]
    table = json.loads((out / "report.json").read_text())["table"]
    capsys.readouterr()
    assert main([*ASKED, "budget=10s", f"out={out}"]) == 0
    again = store.read_manifest(out)
    assert (again["seeds"], again["points"]) == (first["seeds"], first["points"])
    assert json.loads((out / "report.json").read_text())["table"] == table
    assert main([*ASKED, "budget=10s", "market.price_sensitivity=3", f"out={out}"]) == 2
    assert "holds the result of another question" in capsys.readouterr().err


def test_files_whose_ranges_differ_are_refused_before_anything_is_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.csv").write_text("firm,revenue,revenue_low,revenue_high\nA,60,50,70\nB,80,,\n")
    (tmp_path / "other.csv").write_text("firm,revenue\nA,60\nB,80\n")
    asked = ["compare", "firms.path=one.csv,other.csv", "months=2", "firms.n=12", "replications=2", "points=16",
             "out=out"]
    monkeypatch.setattr("allysim.study.comparison.Comparison.run", None)
    assert main(asked) == 2
    assert "files whose columns NAME_low and NAME_high differ" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
