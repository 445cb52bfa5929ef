"""Studies of levers against a reference: what is crossed, and known answers on made-up runs."""

import math
import re

import pandas as pd
import pytest

import allysim as al
from allysim.cli import main
from allysim.config import presets
from allysim.config.sweeping import load_experiment
from allysim.report.study_cells import grid, label, pairs
from allysim.study import chunks
from allysim.study.simulate import Record

TINY = ["experiment=portfolio", "strategy.portfolio=steady", "strategy.stretch=1", "scenario=calm", "points=4"]
SHORT = ["experiment=portfolio", "strategy.portfolio=none,steady", "strategy.stretch=2", "scenario=calm,price_war",
         "firms.n=12", "firms.focal=4", "replications=4", "executor=serial", "uncertainties=[]",
         "purchasing.fee=interval(0,.04)"]
GAINS = {"none": 20.0, "steady": 5.0}


def engine(task):
    """Luck by seed; `steady` adds 5 everywhere, `none` 20 at low fees and -60 at high ones."""
    config = task.scenario
    value = 100.0 + 7 * (task.seed % 5)
    if config.strategy.name != "stand_alone":
        dear = config.strategy.portfolio == "none" and config.purchasing.fee > .02
        value += GAINS[config.strategy.portfolio] - 80 * dear + .01 * (task.seed % 3)
    return Record({"focal.economic_profit": value}, {})


@pytest.fixture
def made_up_runs(monkeypatch):
    monkeypatch.setattr(chunks, "simulate", engine)


def test_a_reference_is_run_once_in_each_world():
    plan = al.Study.asked(SHORT).plan
    assert len(plan.cells) == 2 * (1 + 2)
    assert [cell.labels["scenario"] for cell in plan.cells[:2]] == plan.factors["scenario"] == ["calm", "price_war"]
    for cell in plan.cells[:2]:
        alone = al.scenario(cell.labels["scenario"], **{
            "strategy": "stand_alone", "firms.n": 12, "firms.focal": 4, "months": 60, "replications": 4,
            "firms.attention_small": 2})
        assert cell.config.to_dict() == alone.to_dict()
    assert plan.factors["strategy.portfolio"] == ["none", "steady"]


@pytest.mark.parametrize(("name", "cells"), [("portfolio", 8 * 5 * 2), ("strategies", 8 * 11)])
def test_experiments_cross_what_they_say(name, cells):
    settings = load_experiment(name)
    lists = [settings[key].split(",") for key in ("scenario", "strategy", "strategy.portfolio", "strategy.stretch")
             if key in settings]
    assert math.prod(map(len, lists)) == cells
    scenarios, strategies = (set(presets.names(group)) for group in ("scenario", "strategy"))
    assert set(lists[0]) == scenarios and set(lists[1]) in ({"balanced"}, strategies)


def test_worlds_have_references_of_their_own():
    study = al.Study(al.scenario(strategy="balanced"), {"strategy.stretch": [1, 2], "firms.n": [20, 30]},
                     replications=2, reference="stand_alone")
    assert [cell.config.firms.n for cell in study.plan.cells] == [20, 30, 20, 30, 20, 30]
    assert pairs(study) == [(2, 0), (3, 1), (4, 0), (5, 1)]
    assert [label(study, k) for k in (1, 3)] == ["stand_alone firms.n=30", "stretch=1 firms.n=30"]
    assert grid(study) == ([], [], []), "choices of one scenario that are not compared with one reference"


def test_return_against_risk_is_found_again(tmp_path, capsys, made_up_runs):
    assert main(["sweep", *SHORT, "points=16", f"out={tmp_path}"]) == 0
    said = capsys.readouterr().out
    assert ("portfolio=steady has the best mean and the best worst tenth of 3 choices, and is on the frontier in 100 % "
            "of resamples; ") in said
    assert "Against stand_alone, the mean is clearly higher for 1 and lower for 0 of 2" in said
    assert "the mean of the worst tenth is clearly better for 1 and worse for 1 of 2" in said
    assert "2 of 4 choices by scenario are ahead of stand_alone at 90 % or more of 16 points, and 0 behind" in said
    text = (tmp_path / "findings.md").read_text()
    assert ("portfolio=steady against stand_alone: mean +5.010 k€ per firm (luck +4.997 to +5.023; assumptions +5.010 "
            "to +5.010), clearly higher") in text
    pictures = re.findall(r"\]\((analysis/[^)]+)\)", text)
    assert {"analysis/frontier.svg", "analysis/frontier_worlds.svg", "analysis/signs.svg"} < set(pictures)
    assert all((tmp_path / picture).is_file() for picture in pictures)
    table = pd.read_csv(tmp_path / "analysis" / "frontier.csv")
    assert table[table["efficient"]][["scenario", "choice"]].to_numpy().tolist() == [
        [world, "portfolio=steady"] for world in ("all", "calm", "price_war")]


def test_a_comparison_at_the_defaults_is_followed(tmp_path, capsys, made_up_runs):
    before, after = tmp_path / "before", tmp_path / "after"
    assert main(["sweep", *SHORT[:-1], f"out={before}"]) == 0
    assert main(["sweep", *SHORT, "points=16", "months=30", f"out={after}"]) == 0
    capsys.readouterr()
    assert main(["sweep", "--resume", str(after), f"earlier={before}"]) == 0
    said = capsys.readouterr().out
    assert "Of 4 differences from stand_alone that are clear at the defaults 2 keep the sign at 90 % or more" in said
    assert "What survives: ahead of stand_alone is portfolio=steady (both scenarios)." in said
    assert "was of another world: months=60 (here 30)." in (after / "findings.md").read_text()
    assert main(["sweep", *SHORT, "points=4", f"earlier={before}", f"out={tmp_path / 'few'}"]) == 0
    assert "takes 16 points or more of an even design" in (tmp_path / "few" / "findings.md").read_text()
    capsys.readouterr()
    assert main(["sweep", "--resume", str(after), "earlier=nowhere"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("command", ["validate", "compare", "claims"])
def test_only_a_study_may_have_one_seed(capsys, command):
    asked = {"compare": ["strategy=stand_alone,balanced"]}.get(command, [])
    assert main([command, *asked, "replications=1"]) == 2
    error = capsys.readouterr().err
    assert "replications=1 is not allowed: a " in error and error.count("\n") == 1


@pytest.mark.parametrize(("more", "said"), [
    (["reference=stand_alon"], "did you mean 'stand_alone'"), (["reference=balanced"], "no other strategy"),
    (["earlier=nowhere"], "there is no folder nowhere")])
def test_bad_input_is_one_sentence(tmp_path, capsys, more, said):
    assert main(["sweep", *TINY, *more, f"out={tmp_path / 'new'}"]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not (tmp_path / "new").exists()


def test_one_seed_tells_nothing_of_luck(tmp_path, made_up_runs):
    assert main(["sweep", *(text.replace("replications=4", "replications=1") for text in SHORT), "points=24",
                 f"out={tmp_path}"]) == 0
    text = (tmp_path / "findings.md").read_text()
    assert ("Under calm, the difference in cumulative economic profit of the focal firms, portfolio=steady less "
            "stand_alone, is +5.01 k€ per firm on average under one seed, which tells nothing of luck; over 24") in text
    assert "One seed tells nothing of luck" in text and "mean +5.01 k€ per firm (assumptions +5.01 to +5.01)" in text
    assert not {"regret.svg", "worlds.svg"} & {file.name for file in (tmp_path / "analysis").iterdir()}
    assert "nan" not in text
