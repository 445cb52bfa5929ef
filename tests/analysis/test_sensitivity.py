"""Sensitivity by Morris' and Saltelli's designs: known answers, missing runs, wrong designs."""

import sys

import numpy as np
import pytest
from ishigami import BOUNDS, FIRST, KEYS, TOTAL, ishigami
from SALib.sample import morris, sobol

from allysim.analysis.design import problem
from allysim.analysis.sensitivity import indices, screening
from allysim.errors import AllysimError

UNIT = np.array([[0.0, 10.0], [0.0, 1.0], [-1.0, 1.0]])


def trajectories(number=20, bounds=UNIT):
    return morris.sample(problem(KEYS, bounds), number, num_levels=4, seed=3)


def linear(x, slopes=(2.0, 0.0, -3.0)):
    return x @ np.array(slopes)


def test_of_a_linear_function_screening_finds_the_change_over_each_range():
    x = trajectories()
    found = screening(x, linear(x), UNIT, KEYS, 4)
    assert list(found.table["key"]) == ["one", "three", "two"]
    assert found.table["mu_star"].to_numpy() == pytest.approx([20, 6, 0], abs=1e-9)
    assert found.table["mu"].to_numpy() == pytest.approx([20, -6, 0], abs=1e-9)
    assert found.table["sigma"].to_numpy() == pytest.approx([0, 0, 0], abs=1e-9)
    assert np.isnan(found.table["luck"]).all()
    assert (found.used, found.left_out) == (20, 0)


def test_a_trajectory_with_a_failed_run_is_left_out_and_counted():
    x = trajectories()
    y = np.repeat(linear(x)[:, None], 2, axis=1)
    y[5, 1], y[6, 0] = np.nan, np.nan
    y[4:8] *= 100  # the rest of that trajectory must not count
    found = screening(x, y, UNIT, KEYS, 4)
    assert (found.used, found.left_out) == (19, 1)
    assert found.table["mu_star"].to_numpy() == pytest.approx([20, 6, 0], abs=1e-9)


def test_luck_is_what_a_parameter_without_effect_shows():
    x = trajectories(200)
    y = linear(x)[:, None] + np.random.default_rng(1).normal(size=(len(x), 8))
    table = screening(x, y, UNIT, KEYS, 4).table.set_index("key")
    assert table.loc["two", "luck"] == pytest.approx(table.loc["two", "mu_star"], rel=.1)
    assert table.loc["three", "low"] > table.loc["three", "luck"]


def test_a_luck_that_shifts_every_point_alike_is_no_luck_of_an_effect():
    x = trajectories()
    y = linear(x)[:, None] + np.random.default_rng(1).normal(size=8)
    assert screening(x, y, UNIT, KEYS, 4).table["luck"].to_numpy() == pytest.approx(0, abs=1e-12)


def test_curves_and_interactions_show_in_sigma():
    x = trajectories(50, BOUNDS)
    table = screening(x, ishigami(x), BOUNDS, KEYS, 4).table.set_index("key")
    assert (table["sigma"] > 1).all()
    assert (table["low"] <= table["mu_star"]).all() and (table["mu_star"] <= table["high"]).all()


@pytest.mark.parametrize("second", [True, False])
def test_indices_of_ishigami(second):
    x = sobol.sample(problem(KEYS, BOUNDS), 1024, calc_second_order=second, seed=1)
    found = indices(x, ishigami(x), BOUNDS, KEYS, second)
    table = found.table.set_index("key")
    for key in KEYS:
        row = table.loc[key]
        assert row["first"] == pytest.approx(FIRST[key], abs=.02)
        assert row["total"] == pytest.approx(TOTAL[key], abs=.02)
        assert row["first_low"] < FIRST[key] < row["first_high"]
        assert row["total_low"] < TOTAL[key] < row["total_high"]
    assert list(found.table["key"]) == ["one", "two", "three"]
    assert found.used == 1024 and len(found.pairs) == (3 if second else 0)
    if second:
        first = found.pairs.iloc[0]
        assert {first["key"], first["other"]} == {"one", "three"}
        assert first["second"] == pytest.approx(.2437, abs=.03)
        assert (found.pairs["low"][1:] < 0).all() and (found.pairs["high"][1:] > 0).all()


def test_indices_leave_out_blocks_with_a_failed_run_and_are_the_same_again():
    x = sobol.sample(problem(KEYS, BOUNDS), 64, seed=1)
    y = ishigami(x)
    y[3] = np.nan
    y[:3] = 1e6
    found, again = indices(x, y, BOUNDS, KEYS), indices(x, y, BOUNDS, KEYS)
    assert (found.used, found.left_out) == (63, 1)
    assert found.table.set_index("key").loc["two", "total"] == pytest.approx(.44, abs=.1)
    assert found.table.equals(again.table) and found.pairs.equals(again.pairs)


def test_an_outcome_that_never_varies_has_no_shares():
    x = sobol.sample(problem(KEYS, BOUNDS), 8, seed=1)
    found = indices(x, np.ones(len(x)), BOUNDS, KEYS)
    assert found.table["total"].isna().all() and found.pairs["second"].isna().all()


def test_another_design_is_refused():
    x = sobol.sample(problem(KEYS, BOUNDS), 8, seed=1)
    with pytest.raises(AllysimError, match="64 points do not divide into blocks of 5: this is another design"):
        indices(x, ishigami(x), BOUNDS, KEYS, second=False)
    y = np.full(len(x), np.nan)
    y[:8] = 1
    with pytest.raises(AllysimError, match="takes two blocks whose runs all succeeded, and there are 1 of 8"):
        indices(x, y, BOUNDS, KEYS)


def test_without_salib_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.analyze.morris", None)
    x = trajectories()
    with pytest.raises(AllysimError, match=r"needs SALib, which is not installed: pip install 'allysim\[studies\]'$"):
        screening(x, linear(x), UNIT, KEYS, 4)
