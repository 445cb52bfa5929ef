"""A run saved in one file goes on elsewhere, to the last bit; a file that cannot be trusted is refused."""

import pandas as pd
import pytest

import allysim as al
from allysim import checkpoint
from allysim.cli import main
from allysim.errors import ConfigError, StoreError

SMALL = {"months": 18, "firms.n": 30, "demography.exit_incumbent": .01}
TABLES = {"outcomes": (), "series": ("series", "events", "alliances", "memberships", "firms", "initial")}
TABLES["full"] = (*TABLES["series"], "ledger")
RULE = "from dataclasses import dataclass\nimport numpy as np\n\n@dataclass(frozen=True)\nclass Go:\n" \
       "    def decide(self, gates):\n        return np.full(gates.chance.size, {})\n"


def world(**more):
    return al.scenario("supply_stress", **{**SMALL, **more})


def finished(model):
    while model.running:
        model.step()
    return model.results()


def same(one, other):
    return one.outcomes == other.outcomes and all(getattr(one, t).equals(getattr(other, t)) for t in TABLES[one.level])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "my.run"
    al.run(world(), seed=3).save(path, month=9)
    return path


@pytest.mark.parametrize("level", ["outcomes", "series", "full"])
@pytest.mark.parametrize("month", [0, 11, None])
def test_a_saved_run_goes_on_as_if_nothing_had_been(tmp_path, level, month):
    run = al.run(world(), seed=4, records=level)
    run.save(tmp_path / "a.run", month)
    model = al.AllianceModel.load(tmp_path / "a.run")
    assert model.month == (18 if month is None else month)
    assert model.running == (month is not None)
    assert same(finished(model), run)
    longer = finished(al.AllianceModel.load(tmp_path / "a.run", months=22))
    assert same(longer, al.run(world(months=22), seed=4, records=level))


def test_levers_moved_on_loading_are_a_fork(saved):
    model = al.AllianceModel.load(saved, governance="light")
    run = al.run(world(), seed=3)
    forked = run.fork(9, governance="light")
    assert same(finished(model), forked)
    assert model.history == forked.history


def test_a_model_with_alliances_founded_by_hand_is_saved_as_it_is(tmp_path):
    model = al.AllianceModel(world(**{"strategy": "stand_alone", "background.strategy": "stand_alone"}), rng=3)
    model.form_alliance([0, 1, 2], stage="running")
    for _ in range(2):
        model.step()
    model.save(tmp_path / "hand.run")
    again = al.AllianceModel.load(tmp_path / "hand.run")
    assert again.alliances[0].founders == 3
    assert same(finished(again), finished(model))


def test_what_was_moved_before_is_kept(tmp_path):
    forked = al.run(world(), seed=3).fork(5, governance="light")
    forked.save(tmp_path / "a.run", 12)
    again = finished(al.AllianceModel.load(tmp_path / "a.run"))
    assert same(again, forked)
    assert again.history == forked.history
    again.save(tmp_path / "a.run")  # over a saved run, which may be replaced


def test_the_command_goes_on_from_it(saved, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--from", str(saved), "out=one"]) == 0
    assert "After 18 months" in capsys.readouterr().out
    assert main(["run", "scenario=supply_stress", "seed=3", "out=two", *(f"{k}={v}" for k, v in SMALL.items())]) == 0
    for table in ("runs", "series", "events", "alliances", "memberships", "initial", "firms", "ledger"):
        one, two = (pd.read_parquet(next((tmp_path / out / table).glob("*"))) for out in ("one", "two"))
        assert one.drop(columns="seconds", errors="ignore").equals(two.drop(columns="seconds", errors="ignore")), table


def test_what_the_command_made_of_it_can_be_reproduced(saved, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--from", str(saved), "out=one", "governance=light", "months=20"]) == 0
    assert main(["reproduce", "one"]) == 0
    assert "same to the last bit" in capsys.readouterr().out
    assert main(["run", "--from", str(saved), "out=one", "governance=none", "months=20"]) == 2
    assert "another question" in capsys.readouterr().err


def refused(capsys, *args):
    assert main(["run", "--from", *args]) == 2
    said = capsys.readouterr().err
    assert said.startswith("allysim: ") and said.count("\n") == 1
    return said


@pytest.mark.parametrize(("args", "said"), [
    ([], "--from takes a file"),
    (["months=20"], "--from takes a file"),
    (["nowhere.run"], "there is no file nowhere.run"),
    (["SAVED", "months=9"], "was saved at the end of its 9 months: set more, as in months=21"),
    (["SAVED", "months=5"], "months=5 is before month 9"),
    (["SAVED", "firms.n=40"], "firms.n cannot be moved after month 9"),
    (["SAVED", "governance=ligt"], "did you mean 'light'?"),
    (["SAVED", "jobs=2"], "jobs cannot be moved"),
])
def test_what_the_command_refuses(saved, tmp_path, monkeypatch, capsys, args, said):
    monkeypatch.chdir(tmp_path)
    assert said in refused(capsys, *(str(saved) if arg == "SAVED" else arg for arg in args))
    assert not list(tmp_path.iterdir())


def test_damaged_and_foreign_files_are_refused(saved, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    whole, path = saved.read_bytes(), tmp_path / "bad.run"
    for content in (b"", b"firm,revenue\nAsh,60\n", whole[:len(whole) // 2]):
        path.write_bytes(content)
        assert "is not a saved run of allysim" in refused(capsys, str(path))
    model = al.AllianceModel.load(saved)
    for column in (model.state.firms.cash, model.state.ties.good, model.state.memberships.gain):
        place = whole.index(column.tobytes()) + 11
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
        assert "is damaged and cannot be read" in refused(capsys, str(path))


def test_another_version_of_the_code_is_refused(saved, monkeypatch, capsys):
    monkeypatch.setattr(checkpoint, "code_version", lambda: "0123456789ab")
    assert "of the code and this is 0123456789ab" in refused(capsys, str(saved))


def test_a_rule_that_changed_since_is_refused(tmp_path):
    rule = tmp_path / "mine.py"
    rule.write_text(RULE.format(1))
    al.run(world(**{"rules.gate": f"{rule}:Go"}), seed=3).save(tmp_path / "a.run", 6)
    rule.write_text(RULE.format(2))
    with pytest.raises(StoreError, match="a rule or outcome of your own whose file has changed"):
        al.AllianceModel.load(tmp_path / "a.run")


def test_other_files_are_left_alone(tmp_path):
    run, other = al.run(world(months=3), seed=3), tmp_path / "firms.csv"
    other.write_text("mine")
    with pytest.raises(StoreError, match=r"is not a saved run of allysim and is left alone"):
        run.save(other)
    with pytest.raises(StoreError, match="cannot be written"):
        run.save(tmp_path / "no" / "folder.run")
    with pytest.raises(ConfigError, match="this run has the months 0 to 3"):
        run.save(tmp_path / "a.run", 4)
    assert other.read_text() == "mine" and [*tmp_path.iterdir()] == [other]
