"""run, compare and reproduce through the command line, on the real engine and small worlds."""

import json
from pathlib import Path

import pandas as pd
import pytest

from allysim.cli import main
from allysim.kpis import figures
from allysim.study.store import read_manifest, read_table

SMALL = ["firms.n=20", "months=12", "jobs=1"]
COMPARE = ["compare", "strategy=stand_alone,procurement_first", "scenario=calm,supply_stress", "replications=4", *SMALL]


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A folder with one comparison, made once."""
    out = tmp_path_factory.mktemp("compare") / "out"
    assert main([*COMPARE, f"out={out}"]) == 0
    return out


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_compare_leaves_a_page_a_picture_a_table_and_every_run(compared):
    parts = json.loads((compared / "report.json").read_text(encoding="utf-8"))["sections"]
    named = {name for part in parts for name in part["files"]}
    assert {"drives_1.csv", "members.csv"} <= named
    assert {path.name for path in compared.iterdir()} - {"charter.html", "charter.md"} == named | {
        "manifest.json", "runs", "series", "events", "alliances", "memberships", "focal", "flows", "comparison.svg",
        "comparison.csv", "table.csv", "choice.csv", "report.html", "report.json"}
    runs = read_table(compared, "runs")
    assert len(runs) == 16
    assert set(runs["status"]) == {"SUCCEEDED"}
    assert {"run", "scenario", "strategy", "governance", "seed", "focal.economic_profit"} <= set(runs.columns)
    assert runs["run"].is_unique
    series = read_table(compared, "series")
    assert len(series) == 16 * 13
    last = series[series["month"] == 12].set_index("run")["focal.economic_profit"]
    assert (last[runs["run"]].to_numpy() == runs["focal.economic_profit"].to_numpy()).all()


def test_compare_prints_the_finding_and_where_the_page_is(here, capsys):
    assert main([*COMPARE, "out=found"]) == 0
    out = capsys.readouterr().out
    table = pd.read_csv(here / "found" / "table.csv").set_index(["scenario", "strategy", "group", "kpi"])
    found = table.loc[("calm", "procurement_first", "focal", "economic_profit")]
    clear = not found.low <= 0 <= found.high
    assert "In a calm world, " + ("cumulative" if clear else "there is no clear difference") in out
    assert "Open:  found/report.html" in out
    assert "Next:  allysim compare " in out


def test_reproduce_finds_the_same_bits(compared, capsys):
    assert main(["reproduce", str(compared)]) == 0
    out = capsys.readouterr().out
    assert f"16 runs with {len(figures())} outcomes each are the same to the last bit" in out
    assert "Code and versions are the same" in out


def test_reproduce_names_what_differs(compared, tmp_path, capsys):
    copy = tmp_path / "copy"
    (copy / "runs").mkdir(parents=True)
    manifest = json.loads((compared / "manifest.json").read_text())
    manifest["versions"]["numpy"], manifest["code_version"] = "1.0", "0123456789ab"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    runs = pd.read_parquet(compared / "runs" / "part-00000.parquet")
    value = float(runs.loc[5, "focal.revenue"])
    runs.loc[5, "focal.revenue"] = value * (1 + 2**-52)
    runs.to_parquet(copy / "runs" / "part-00000.parquet")
    assert main(["reproduce", str(copy)]) == 1
    out = capsys.readouterr().out
    assert f"1 outcome differs in 16 runs with {len(figures())} outcomes each" in out
    assert f"focal.revenue was {value * (1 + 2**-52)!r}, now {value!r}" in out
    assert "numpy 1.0 -> " in out and "allysim's code 0123456789ab -> " in out


@pytest.mark.parametrize(("args", "said"), [
    ([], "takes one folder of results"),
    (["absent"], "there is no folder absent"),
    (["empty"], "empty is not a result of allysim"),
    (["broken"], "cannot be read as a manifest"),
])
def test_reproduce_refuses_in_one_sentence(here, capsys, args, said):
    (here / "empty").mkdir()
    (here / "broken").mkdir()
    (here / "broken" / "manifest.json").write_text('{"format": 1, "verb": ')
    assert main(["reproduce", *args]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_run_keeps_everything_and_reproduces(here, capsys):
    assert main(["run", *SMALL, "out=one"]) == 0
    out = capsys.readouterr().out
    assert "Cumulative economic profit, k€ per firm" in out and "Results: one" in out
    assert {"run.svg", "run.csv", "ledger", "firms", "initial"} <= {path.name for path in (here / "one").iterdir()}
    assert main(["reproduce", "one"]) == 0


def test_the_folder_has_a_name_of_its_own_where_none_is_given(here, capsys):
    assert main(["run", *SMALL, "records=outcomes"]) == 0
    assert main(["run", *SMALL, "records=outcomes"]) == 0  # the same question again, in its place
    assert len(list((here / "allysim_out").iterdir())) == 1
    assert main(["run", *SMALL, "records=outcomes", "seed=2"]) == 0
    assert len(list((here / "allysim_out").iterdir())) == 2


def test_own_firms_travel_with_the_result(here, capsys):
    csv = here / "mine.csv"
    csv.write_text("firm,revenue\nA,60\nB,70\n")
    assert main(["run", *SMALL, f"firms.path={csv}", "out=own"]) == 0
    csv.unlink()
    assert main(["reproduce", "own"]) == 0
    assert set(read_table(here / "own", "initial").query("focal")["firm"]) == {"A", "B"}


def test_own_outcome_stands_in_the_table_and_travels_with_the_result(here, capsys):
    file = here / "mine.py"
    file.write_text("def worst_month(run):\n    return run.series['focal.ebitda'].min()\n")
    args = ["compare", "strategy=stand_alone,procurement_first", "replications=3", *SMALL]
    assert main([*args, "outcome=mine.py:worst_month", "out=own"]) == 0
    assert "worst_month" in capsys.readouterr().out
    table = pd.read_csv(here / "own" / "table.csv")
    assert list(table[table["group"] == "own"]["kpi"]) == ["worst_month", "worst_month"]
    file.unlink()
    assert main(["reproduce", "own"]) == 0


def test_a_failing_run_is_a_row_and_exit_code_1(here, capsys):
    (here / "mine.py").write_text("def picky(run):\n    return 1 / (run.seed - 3)\n")
    args = ["compare", "strategy=stand_alone,procurement_first", "replications=4", *SMALL, "outcome=mine.py:picky"]
    assert main([*args, "out=failed"]) == 1
    assert "2 of 8 runs failed" in capsys.readouterr().out
    runs = read_table(here / "failed", "runs")
    assert list(runs[runs["status"] == "FAILED"]["seed"]) == [3, 3]
    assert runs["error"].str.contains("failed on the run with seed 3: ZeroDivisionError in mine.py line 2").sum() == 2
    assert read_manifest(here / "failed")["runs"] == {"total": 8, "SUCCEEDED": 6, "FAILED": 2}


@pytest.mark.parametrize(("args", "said"), [
    (["compare", "strategy=stand_alone"], "there is nothing to compare yet"),
    (["compare", "strategy=stand_alone,procurement_frist"], "did you mean 'procurement_first'?"),
    (["compare", "strategy=stand_alone,procurement_first", "replications=1"], "replications=1 is not allowed"),
    (["compare", "strategy=stand_alone,procurement_first", "seed=1,2"], "seed takes one value"),
    (["run", "outcome=absent.py:f"], "there is no file absent.py"),
    (["run", "outcome=broken.py:f"], "cannot be loaded"),
    (["run", "outcome=text.py:f", *SMALL], "returned 'x', but it must return a finite number"),
    (["compare", "strategy=stand_alone,procurement_first", "outcome=text.py:f", *SMALL], "returned 'x', but it must"),
    (["run", "out=text.py", *SMALL], "is a file and not a folder"),
    (["run", "out=.", *SMALL], "folder of other files, which are left alone"),
])
def test_bad_input_is_one_sentence_and_writes_nothing(here, capsys, args, said):
    (here / "broken.py").write_text("def f(run) 1")
    (here / "text.py").write_text("def f(run):\n    return 'x'\n")
    before = set(Path(here).rglob("*"))
    assert main(args) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert {path for path in Path(here).rglob("*") if "__pycache__" not in str(path)} == before


def test_many_variants_get_a_line_each(tmp_path, capsys):
    given = ["strategy=stand_alone,procurement_first,cut_only,rnd_network", "scenario=calm,price_war,demand_slump",
             "months=6", "replications=2", "firms.n=20", "jobs=1", f"out={tmp_path / 'many'}"]
    assert main(["compare", *given]) == 0
    said = capsys.readouterr().out
    names = ("  buying together", "  cutting cost only", "  a research network")
    lines = [line for line in said.splitlines() if line.startswith(names)]
    assert len(lines) == 9
    assert all(line.count("(") == 2 for line in lines)
    assert said.count("less standing alone") == 3
    assert "Cumulative economic profit, k€ per firm" in said


def test_a_slip_in_a_key_of_the_command_is_answered_with_that_key(capsys):
    assert main(["compare", "strategy=stand_alone,balanced", "budgt=90s"]) == 2
    assert "unknown key 'budgt'; did you mean 'budget'?" in capsys.readouterr().err
