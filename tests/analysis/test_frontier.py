"""Return against risk: known frontiers, the worst tenth by another formula, and how often intervals hold the truth."""

import numpy as np
import pytest
from scipy.stats import norm

from allysim.analysis import frontier as module
from allysim.analysis.frontier import FIGURES, frontier, not_dominated, worst
from allysim.analysis.paired import interval_of_mean
from allysim.errors import AllysimError

CHOICES = ["alone", "safe", "bold", "poor"]


def made(points=40, seeds=3):
    """`safe` adds 5 everywhere; `bold` gains 30, and loses 50 at every fifth point; `poor` is `bold` less 10."""
    luck = np.random.default_rng(1).normal(size=(points, seeds)) + 3 * np.random.default_rng(2).normal(size=seeds)
    bold = np.where(np.arange(points) % 5, 30.0, -50.0)[:, None]
    return np.stack([luck, luck + 5, luck + bold, luck + bold - 10])[None]


def test_the_worst_tenth_by_hand():
    assert worst(np.arange(20.0)) == .5
    assert worst(np.arange(25.0)[::-1]) == pytest.approx((0 + 1 + .5 * 2) / 2.5)
    assert worst([7.0, 7, 7]) == pytest.approx(7)


@pytest.mark.parametrize("n", [10, 37, 200])
def test_the_worst_tenth_is_the_maximum_of_rockafellar_and_uryasev(n):
    x = np.random.default_rng(n).standard_t(3, size=n)
    assert worst(x) == pytest.approx(max(eta - np.maximum(eta - x, 0).mean() / .1 for eta in x))


def test_a_frontier_known_by_construction():
    found = frontier(made(), CHOICES)
    table = found.table.set_index("choice")
    assert found.draws == 120 and found.left_out == 0
    assert table["efficient"].to_dict() == {"alone": False, "safe": True, "bold": True, "poor": False}
    # in some resamples bold loses hardly anywhere, or nearly everywhere
    assert list(table["chosen"][["alone", "poor"]]) == [0, 0] and .9 < table["chosen"]["bold"] < 1
    assert table["mean_gain"].to_dict() == pytest.approx({"alone": 0, "safe": 5, "bold": 14, "poor": 4})
    assert table["tail_gain"]["safe"] == pytest.approx(5) and table["tail_gain"]["bold"] < -45
    # what all share is in no gain, and bold hangs on points, not on seeds
    assert table["mean_luck_low"]["safe"] == pytest.approx(5) == table["mean_assumption_high"]["safe"]
    assert table["mean_luck_high"]["bold"] - table["mean_luck_low"]["bold"] < 1e-9
    assert table["mean_assumption_high"]["bold"] - table["mean_assumption_low"]["bold"] > 15


def test_intervals_of_the_mean_are_those_of_student():
    values = np.random.default_rng(5).normal(size=(2, 2, 30, 4))
    row = frontier(values, ["a", "b"]).table.iloc[1]
    gain = (values[:, 1] - values[:, 0]).mean(axis=0)
    for kind, by in (("luck", gain.mean(axis=0)), ("assumption", gain.mean(axis=1))):
        student = interval_of_mean(by)
        assert (row[f"mean_{kind}_low"], row[f"mean_{kind}_high"]) == pytest.approx((student.low, student.high))


def test_equals_do_not_dominate_each_other_and_less_may_be_better():
    assert not_dominated(np.array([[[1.0, 1, 0], [2.0, 2, 2]]])).tolist() == [[True, True, False]]
    more, less = (frontier(sign * made(), CHOICES, better=sign).table for sign in (1, -1))
    assert less["efficient"].tolist() == more["efficient"].tolist()
    assert less["tail_gain"].to_numpy() == pytest.approx(-more["tail_gain"].to_numpy())
    assert less["mean_assumption_low"].to_numpy() == pytest.approx(-more["mean_assumption_high"].to_numpy())


def test_a_failed_run_takes_its_point_along_or_its_seed_where_there_is_one_point():
    values = made()
    values[0, 2, 7, 1] = np.nan
    found, without = frontier(values, CHOICES), frontier(np.delete(made(), 7, axis=2), CHOICES)
    assert found.left_out == 1 and found.draws == 117
    assert found.table.equals(without.table)
    alone = made(points=1, seeds=50)
    alone[0, 3, 0, 9] = np.nan
    found = frontier(alone, CHOICES)
    assert found.left_out == 1 and found.draws == 49 and np.isnan(found.table["mean_assumption_low"]).all()
    with pytest.raises(AllysimError, match="takes 40 draws whose runs all succeeded, and there are 39"):
        frontier(made(points=13), CHOICES)


def test_intervals_hold_the_truth_about_as_often_as_they_say(monkeypatch):
    """200 draws of 60 points of two normal outcomes that share part of their luck: 95 % of the mean, 92 % of the tail.

    Were it so, chance would take the counts out of these bounds in about one of 300 choices of the seed.
    """
    monkeypatch.setattr(module, "RESAMPLES", module.BATCH)
    tail = -norm.pdf(norm.ppf(.1)) / .1
    truth = {"mean": .3, "tail": .3 + .5 * tail}
    rng, hits = np.random.default_rng(4), dict.fromkeys(FIGURES, 0)
    for _ in range(200):
        common, own = rng.normal(size=(2, 60))
        values = np.stack([common, .3 + 1.5 * (.7 * common + np.sqrt(.51) * own)]).reshape(1, 2, 60, 1)
        row = frontier(values, ["a", "b"]).table.iloc[1]
        for name in FIGURES:
            hits[name] += row[f"{name}_assumption_low"] <= truth[name] <= row[f"{name}_assumption_high"]
    assert 181 <= hits["mean"] <= 198 and 173 <= hits["tail"] <= 195
