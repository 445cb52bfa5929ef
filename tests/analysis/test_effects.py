"""Effects from points that fill the box: known answers, luck, missing runs."""

import numpy as np
import pytest
from ishigami import FIRST, KEYS, MEAN, VARIANCE, ishigami, sequence

from allysim.analysis.effects import difference, first_order, interactions, main_effect, tornado
from allysim.errors import AllysimError


def square(points=256, seed=2, dimensions=3):
    return np.random.default_rng(seed).random((points, dimensions))


def test_the_ends_of_a_line_lie_four_fifths_of_its_rise_apart():
    x = (np.arange(1000)[:, None] + .5) / 1000
    row = tornado(x, 10 * x + 5, ["slope"]).table.iloc[0]
    assert row["difference"] == pytest.approx(8, abs=.02)
    assert (row["at_low"], row["at_high"]) == pytest.approx((6, 14), abs=.02)
    assert (row["below"], row["above"]) == pytest.approx((.2, .8), abs=.01)
    assert row["low"] < 8 < row["high"]


def test_a_tornado_sorts_by_size_and_says_what_is_unclear():
    x = square()
    y = (x @ [1.0, 0.0, -5.0])[:, None] + np.random.default_rng(3).normal(size=(256, 4))
    table = tornado(x, y, KEYS).table
    assert list(table["key"]) == ["three", "one", "two"]
    assert table["high"][0] < 0 and table["low"][2] < 0 < table["high"][2]


def test_points_with_a_failed_run_are_left_out():
    x = square()
    y = np.repeat((x @ [1.0, 0.0, -5.0])[:, None], 3, axis=1)
    y[7] = 1e9
    y[7, 2] = np.nan
    found = tornado(x, y, KEYS)
    assert (found.used, found.left_out) == (255, 1)
    assert abs(found.table["difference"]).max() < 5
    with pytest.raises(AllysimError, match="takes 20 points whose runs all succeeded, and there are 2 of 3"):
        tornado(x[6:9], y[6:9], KEYS)


def test_a_parameter_of_two_values_is_compared_value_by_value():
    x = np.repeat([[0.0], [1.0]], 20, axis=0)
    row = tornado(x, np.repeat([1.0, 4.0], 20), ["switch"]).table.iloc[0]
    assert (row["at_low"], row["at_high"], row["difference"]) == (1, 4, 3)


def test_what_seeds_shift_everywhere_cancels_in_a_difference():
    shift = 100 * np.random.default_rng(1).normal(size=5)
    one, other = np.array([[2.0], [4.0]]) + shift, np.array([[1.0], [1.0]]) + shift
    size, low, high = difference(one, other)
    assert size == pytest.approx(2)
    # by hand: variance 2 of two points, halved; the rest has none; t of one degree of freedom is 12.706
    assert high - size == pytest.approx(12.706, abs=.01) and size - low == pytest.approx(12.706, abs=.01)


@pytest.mark.slow
@pytest.mark.parametrize("bend", [0.0, 2.0])
def test_intervals_of_a_difference_hold_the_truth_also_where_seeds_bend_the_effect(bend):
    rng, held = np.random.default_rng(5), 0
    for _ in range(1000):
        x = rng.random((60, 1))
        slopes = 3 + bend * rng.normal(size=8)
        y = x * slopes + rng.normal(size=8) + rng.normal(size=(60, 8))
        row = tornado(x, y, ["slope"]).table.iloc[0]
        wide = x[x[:, 0] >= row["above"]].mean() - x[x[:, 0] <= row["below"]].mean()
        held += row["low"] <= 3 * wide <= row["high"]
    assert .935 <= held / 1000 <= .99


def test_a_main_effect_follows_the_curve():
    x = sequence(1024)
    table = main_effect(x, ishigami(x), 1)
    assert len(table) == 8 and table["points"].sum() == 1024
    expected = [MEAN + 7 * np.mean(np.sin(np.linspace(a, b, 50)) ** 2) - 3.5
                for a, b in zip(table["start"], table["end"], strict=True)]
    assert table["mean"].to_numpy() == pytest.approx(expected, abs=.5)
    inside = (table["low"] < expected) & (expected < table["high"])
    assert inside.all()


def test_a_main_effect_has_a_bin_for_each_of_few_values():
    x = np.tile([[1.0], [2.0], [3.0]], (20, 1))
    table = main_effect(x, x[:, 0] ** 2, 0)
    assert list(table["middle"]) == [1, 2, 3] and list(table["mean"]) == pytest.approx([1, 4, 9])
    flat = main_effect(np.ones((30, 1)), np.arange(30.0), 0)
    assert len(flat) == 1 and flat["mean"][0] == pytest.approx(14.5)


def test_first_order_shares_of_ishigami():
    x = sequence(1024)
    found = first_order(x, ishigami(x), KEYS)
    for _, row in found.table.iterrows():
        assert row["share"] == pytest.approx(FIRST[row["key"]], abs=.03)
        assert row["low"] < FIRST[row["key"]] < row["high"]
    assert list(found.table["key"]) == ["two", "one", "three"]


def test_first_order_shares_are_about_zero_where_there_is_no_effect():
    found = [first_order(square(200, seed), np.random.default_rng(seed + 50).normal(size=200), KEYS).table
             for seed in range(12)]
    assert np.mean([table["share"] for table in found]) == pytest.approx(0, abs=.01)
    assert np.mean([table["low"] > 0 for table in found]) <= .06


def test_nothing_varies_nothing_is_shared():
    assert first_order(square(), np.ones(256), KEYS).table["share"].isna().all()
    assert interactions(square(), np.ones(256), KEYS).table["share"].isna().all()


def test_a_product_is_found_with_its_sign_and_share():
    x = 2 * square(512) - 1
    y = x[:, 0] - x[:, 1] * x[:, 2]
    table = interactions(x, y, KEYS).table
    assert set(table.loc[0, ["key", "other"]]) == {"two", "three"} and table["sign"][0] == -1
    assert table["share"][0] == pytest.approx((1 / 9) / (1 / 9 + 1 / 3), abs=.03)
    assert table["low"][0] > 0 and (table["low"][1:] < .01).all() and abs(table["share"][1:]).max() < .01


def test_ishigami_bends_one_by_three():
    x = sequence(1024)
    table = interactions(x, ishigami(x), KEYS).table
    assert set(table.loc[0, ["key", "other"]]) == {"one", "three"} and table["low"][0] > .1
    assert (table["low"][1:] < 0).all()


def test_in_a_small_sequence_no_other_pair_takes_after_the_one_that_acts():
    x = (sequence(256, dimensions=9) / np.pi + 1) / 2
    y = 40 * x[:, 0] - 25 * x[:, 1] + 60 * (x[:, 2] - .5) * (x[:, 0] - .5) + 18 * np.sin(3 * x[:, 3])
    table = interactions(x, y, list("abcdefghi")).table
    assert tuple(table.loc[0, ["key", "other"]]) == ("a", "c") and table["low"][0] > .05
    assert table["share"][1:].max() < .01


def test_only_the_strongest_are_paired():
    x = square(400, dimensions=5)
    y = x @ [0.0, 3.0, 0.0, 2.0, 1.0] + 4 * (x[:, 1] - .5) * (x[:, 3] - .5)
    table = interactions(x, y, list("abcde"), most=3).table
    assert len(table) == 3 and set(table["key"]) | set(table["other"]) == {"b", "d", "e"}
    assert tuple(table.loc[0, ["key", "other"]]) == ("b", "d") and table["sign"][0] == 1


def test_known_variance_is_what_the_points_show():
    assert ishigami(sequence(4096)).var() == pytest.approx(VARIANCE, rel=.01)
