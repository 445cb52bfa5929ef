"""Regret by hand."""

import numpy as np
import pytest

from allysim.analysis.regret import regret
from allysim.errors import AllysimError

WORLDS, STRATEGIES = ["calm", "storm"], ["bold", "careful", "middling"]
MEANS = np.array([[10.0, 4.0, 8.0], [-6.0, 3.0, 0.0]])


def test_by_hand():
    found = regret(MEANS[..., None] + np.array([-1.0, 0.0, 1.0]), WORLDS, STRATEGIES)
    assert found.table.to_numpy().tolist() == [[0, 6, 2], [9, 0, 3]]
    assert list(found.table.index) == WORLDS and list(found.table.columns) == STRATEGIES
    summary = found.summary.set_index("strategy")
    assert list(summary["maximum"]) == [9, 6, 3] and list(summary["mean"]) == [4.5, 3, 2.5]
    assert list(summary["worst"]) == ["storm", "calm", "storm"]
    assert found.robust == found.robust_by_mean == "middling"
    # the same luck for all strategies changes no choice
    assert list(summary["by_maximum"]) == list(summary["by_mean"]) == [0, 0, 1]


def test_the_two_choices_may_differ():
    found = regret(np.array([[10.0, 0.0], [10.0, 8.0], [0.0, 11.0]])[..., None], ["a", "b", "c"], ["bold", "careful"])
    assert found.robust == "careful" and found.robust_by_mean == "bold"


def test_less_may_be_better():
    found = regret(MEANS[..., None], WORLDS, STRATEGIES, better=-1)
    assert found.table.to_numpy().tolist() == [[6, 0, 4], [0, 9, 6]]


def test_a_failed_run_leaves_its_seed_out_for_all_strategies_of_that_world():
    values = np.repeat(MEANS[..., None], 3, axis=2)
    values[0, :, 2] = [np.nan, 1e6, 0]
    assert regret(values, WORLDS, STRATEGIES).table.to_numpy().tolist() == [[0, 6, 2], [9, 0, 3]]
    values[0, 0] = np.nan
    with pytest.raises(AllysimError, match="in calm no replication succeeded for all strategies"):
        regret(values, WORLDS, STRATEGIES)


def test_how_often_each_is_chosen_follows_the_luck():
    rng = np.random.default_rng(1)
    even = rng.normal(size=(2, 2, 40))
    even[:, 1] += even.mean(axis=2)[:, :1] - even.mean(axis=2)[:, 1:]  # the same means to the last digit or so
    found = regret(even + np.array([[0.0], [1e-9]]), WORLDS, ["one", "other"])
    assert found.summary["by_mean"].sum() == pytest.approx(1)
    assert .3 < found.summary["by_mean"][0] < .7
    far = regret(even + np.array([[0.0], [2.0]]), WORLDS, ["one", "other"])
    assert far.summary["by_mean"][1] > .99


def test_worlds_may_be_pairs_of_scenario_and_point():
    worlds = [("calm", 0), ("calm", 1)]
    found = regret(MEANS[..., None], worlds, STRATEGIES)
    assert list(found.table.index) == worlds and found.summary["worst"][0] == ("calm", 1)
