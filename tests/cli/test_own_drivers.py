"""A user's own drivers through the command line: run, reproduce, compare, and one sentence for a file that is none."""

import pytest

from allysim import AllianceModel
from allysim.cli import main
from allysim.config import scenario_from
from allysim.study.store import read_manifest, read_table

SMALL = ["firms.n=20", "months=12", "jobs=1"]
GOOD = "month,driver,value\n4,demand,0.7\n6,input_price,1.3\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text(GOOD)
    return tmp_path


def test_a_run_keeps_them_and_reproduces(here, capsys):
    assert main(["run", *SMALL, "scenario.path=mine.csv", "out=one"]) == 0
    out = capsys.readouterr().out
    assert "Driver demand follows your file: 1 value from 0.7 to 0.7 from month 4 on" in out
    manifest = read_manifest(here / "one")
    assert manifest["variants"][0]["config"]["driven"] == {
        "month": [4, 6], "driver": ["demand", "input_price"], "value": [.7, 1.3]}
    assert (here / "one" / "inputs" / "mine.csv").read_text() == GOOD and manifest["inputs"]["mine.csv"]["sha256"]
    (here / "mine.csv").unlink()
    assert main(["reproduce", "one"]) == 0
    assert "the same to the last bit" in capsys.readouterr().out


def test_a_run_goes_on_under_them(here, capsys):
    assert main(["run", *SMALL, "seed=3", "out=whole", "scenario.path=mine.csv"]) == 0
    model = AllianceModel(scenario_from([*SMALL, "scenario.path=mine.csv"]), rng=3)
    for _ in range(5):
        model.step()
    model.save(here / "kept.run")
    (here / "mine.csv").unlink()
    assert main(["run", "--from", "kept.run", "out=again"]) == 0
    one, again = (read_table(here / name, "series").drop(columns="run") for name in ("whole", "again"))
    assert one.equals(again)


def test_a_comparison_drives_all_its_worlds(here, capsys):
    assert main(["compare", "strategy=stand_alone,procurement_first", "scenario=calm,perfect_storm", "replications=2",
                 "scenario.path=mine.csv", *SMALL, "out=both"]) == 0
    assert "Driver input_price follows your file" in capsys.readouterr().out
    assert all(v["config"]["driven"]["driver"] == ["demand", "input_price"]
               for v in read_manifest(here / "both")["variants"])
    assert main(["reproduce", "both"]) == 0


def test_files_of_drivers_are_a_lever_to_compare(here, capsys):
    (here / "worse.csv").write_text("month,driver,value\n4,demand,0.4\n")
    assert main(["compare", "strategy=procurement_first", "scenario.path=mine.csv,worse.csv", "replications=2", *SMALL,
                 "out=two"]) == 0
    driven = [v["config"]["driven"]["value"] for v in read_manifest(here / "two")["variants"]]
    assert driven == [[.7, 1.3], [.4]] and {"mine.csv", "worse.csv"} == set(read_manifest(here / "two")["inputs"])


@pytest.mark.parametrize("verb", ["run", "compare"])
@pytest.mark.parametrize(("content", "sentence"), [
    ("month,driver,value\n4,demnd,1\n", "mine.csv, line 2, column driver: 'demnd' is not allowed"),
    ("month,driver,value\n4,demand,-1\n", "mine.csv, line 2, column value: '-1' is out of range"),
    ("", "mine.csv is empty"),
    (None, "there is no file mine.csv"),
])
def test_a_bad_file_is_bad_input(here, capsys, verb, content, sentence):
    (here / "mine.csv").unlink()
    if content is not None:
        (here / "mine.csv").write_text(content)
    more = ["strategy=stand_alone,procurement_first"] if verb == "compare" else []
    assert main([verb, *more, "scenario.path=mine.csv", "months=2"]) == 2
    said = capsys.readouterr().err.strip()
    assert sentence in said and "\n" not in said


def test_all_scenarios_are_listed(capsys):
    assert main(["list", "scenario"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("calm", "commodity_cycle", "demand_slump", "electric_shift", "perfect_storm",
                                        "price_war", "software_defined", "supply_stress"))
