"""Kaplan and Meier's curve computed by hand, and the log-rank test against lifelines'."""

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import multivariate_logrank_test

from allysim.analysis.survival import lifetimes, survival
from allysim.errors import AllysimError


def alliances(founded, ended, **more):
    return pd.DataFrame({"founded": founded, "ended": pd.array(ended, dtype="Int64"), **more})


def test_lifetimes_run_to_the_end_or_to_the_end_of_the_run():
    frame = lifetimes(alliances([0, 2, -5], [3, None, 4]), 12)
    assert list(frame["duration"]) == [3, 10, 9]
    assert list(frame["over"]) == [True, False, True]
    assert list(frame["seen"]) == [0, 0, 5]


def test_a_curve_by_hand():
    # ages 2 (over), 3 (over), 3 (running), 5 (over), 8 (running)
    frame = lifetimes(alliances([0, 0, 9, 0, 4], [2, 3, None, 5, None]), 12)
    found = survival(frame)
    alive = found.curves["alive"].to_numpy()
    assert alive == pytest.approx([1, 1, .8, .8 * .75, .6, .6 * .5, .3, .3, .3])
    assert list(found.curves["at_risk"]) == [5, 5, 5, 4, 2, 2, 1, 1, 1]
    assert ((found.curves["low"] <= alive + 1e-12) & (alive <= found.curves["high"] + 1e-12)).all()
    row = found.table.iloc[0]
    assert (row["alliances"], row["ended"], row["median"]) == (5, 3, 5)
    assert np.isnan(found.p)


def test_greenwoods_interval_by_hand():
    found = survival(lifetimes(alliances([0] * 4, [1, 2, 3, 4]), 12)).curves
    # at age 2: alive .5, and the sum of d / n (n - d) is 1/12 + 1/6; exp(-exp(log(-log S) +- 1.96 sqrt(sum) / log S))
    error = 1.959964 * np.sqrt(1 / 12 + 1 / 6) / np.log(.5)
    expected = np.exp(-np.exp(np.log(-np.log(.5)) + np.array([-1, 1]) * error))
    assert found.loc[2, ["low", "high"]].to_numpy(dtype=float) == pytest.approx(sorted(expected), rel=1e-5)


def test_an_alliance_from_before_the_run_counts_from_the_age_at_which_it_is_seen():
    frame = lifetimes(alliances([0, -4, 0], [2, 2, 6]), 12)
    curve = survival(frame).curves
    assert list(curve["at_risk"][:7]) == [2, 2, 2, 1, 1, 2, 2]
    assert curve["alive"].to_numpy() == pytest.approx([1, 1, .5, .5, .5, .5, 0], abs=1e-9)


@pytest.mark.parametrize("groups", [2, 3])
def test_the_log_rank_test_is_that_of_lifelines(groups):
    rng = np.random.default_rng(groups)
    kinds = np.array(list("abc"))[rng.integers(groups, size=80)]
    ages = 1 + rng.geometric(np.where(kinds == "a", .15, .08), size=80)
    frame = lifetimes(alliances(np.zeros(80, dtype=int), [int(a) if a <= 15 else None for a in ages], kind=kinds), 15)
    found = survival(frame, "kind")
    assert found.p == pytest.approx(multivariate_logrank_test(frame["duration"], frame["kind"], frame["over"]).p_value)
    assert sorted(found.table["group"]) == sorted(set(kinds)) and found.table["alliances"].sum() == 80


def test_groups_alike_and_groups_apart():
    same = alliances([0] * 20, [3, 3, 9, 9] * 5, kind=list("abab") * 5)
    apart = alliances([0] * 20, [3, 3, 9, 9] * 5, kind=list("aabb") * 5)
    assert survival(lifetimes(apart, 12), "kind").p < 1e-4
    assert survival(lifetimes(same, 12), "kind").p == pytest.approx(1)
    running = alliances([0] * 4, [None] * 4, kind=list("aabb"))
    found = survival(lifetimes(running, 12), "kind")
    assert np.isnan(found.p) and np.isinf(found.table["median"]).all()


def test_no_alliances():
    with pytest.raises(AllysimError, match="no alliance was founded"):
        survival(lifetimes(alliances([], []), 12))
