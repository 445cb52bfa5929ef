"""Verdicts on claims made true, false and conditional, and how often they are given where they should not be."""

import numpy as np
import pytest

from allysim.analysis.across import across
from allysim.analysis.verdict import FAILS, HOLDS, ONLY_WHERE, UNDETERMINED, judge, strongest, together

KEYS = [f"p{k}" for k in range(20)]


def design(points: int = 500, seed: int = 1) -> tuple[np.ndarray, np.random.Generator]:
    luck = np.random.default_rng(seed)
    return luck.random((points, len(KEYS))), luck


def test_true_false_and_conditional() -> None:
    """A claim that holds everywhere, one that holds nowhere, and one that holds where one assumption is large."""
    x, luck = design()
    noise = luck.normal(0, .5, (500, 2))
    assert judge(x, 3 + noise, KEYS, "higher", 1.0).word == HOLDS
    assert judge(x, 3 + noise, KEYS, "lower", 1.0).word == FAILS
    assert judge(x, .5 + .2 * noise, KEYS, "higher", 1.0).word == FAILS
    assert judge(x, .5 + .2 * noise, KEYS, "not_lower", 1.0).word == HOLDS
    assert judge(x, -.5 + .2 * noise, KEYS, "not_lower", 1.0).word == HOLDS
    assert judge(x, -3 + noise, KEYS, "not_lower", 1.0).word == FAILS
    assert judge(x, -3 + noise, KEYS, "not_higher", 1.0).word == HOLDS
    found = judge(x, np.where(x[:, [4]] > .6, 4.0, -1.0) + noise, KEYS, "higher", 1.0)
    assert found.word == ONLY_WHERE
    assert [limit.key for limit in found.box.limits] == ["p4"]
    assert found.box.limits[0].low == pytest.approx(.6, abs=.06)
    assert found.hangs_on == "p4"
    assert found.correlation > .5
    assert found.share_low < found.share < found.share_high
    assert (found.least, found.most) == (0.0, 1.0)


def test_what_is_luck_alone_stays_undetermined() -> None:
    """Where half of all points bear a claim out by luck, claims are all but never told to hold somewhere.

    A box of luck is confirmed in about 1 of 100 cases (see `boxes.box`): two or more of 8 have a probability of .003.
    """
    words = []
    for seed in range(8):
        x, luck = design(100, seed)
        words.append(judge(x[:, :6], luck.normal(0, 1, (100, 2)), KEYS[:6], "higher", 0.0).word)
    assert set(words) <= {UNDETERMINED, ONLY_WHERE}
    assert words.count(ONLY_WHERE) <= 1


def test_more_often_than_elsewhere_is_not_mostly() -> None:
    """A box that held-out points confirm, and in which two of five bear the claim out: it does not hold there."""
    x, luck = design()
    found = judge(x, np.where((x[:, [4]] > .5) & (luck.random((500, 1)) < .4), 4.0, -1.0), KEYS, "higher", 1.0)
    assert found.word == UNDETERMINED
    assert found.box.confirmed
    assert found.box.held_out.density == pytest.approx(.4, abs=.15)
    assert found.hangs_on == "p4"
    assert (found.least, found.most) == (0.0, pytest.approx(.4, abs=.12))


def test_failed_runs_and_figures_that_are_not_there() -> None:
    """Points that lack most are left out; with less than half of all points, or 40, there is no verdict, and why."""
    x, luck = design(100)
    y = 2 + luck.normal(0, .1, (100, 3))
    y[::2, :2] = np.nan
    found = judge(x, y, KEYS, "higher", 1.0)
    assert (found.word, found.found.points, found.why) == (HOLDS, 50, "")
    y[1] = np.nan
    found = judge(x, y, KEYS, "higher", 1.0)
    assert (found.word, found.share, found.why) == (UNDETERMINED, 1.0, "a figure at 49 of 100 points only")
    assert judge(x[:39], np.full((39, 2), 3.0), KEYS, "higher", 1.0).why == "a figure at 39 of 39 points only"
    found = judge(x, np.full((100, 2), np.nan), KEYS, "higher", 1.0)
    assert (found.word, found.why) == (UNDETERMINED, "a figure at none of 100 points")


def test_a_claim_is_as_good_as_its_worst_part() -> None:
    """All of its parts are said."""
    assert together([HOLDS, HOLDS]) == HOLDS
    assert together([HOLDS, ONLY_WHERE]) == ONLY_WHERE
    assert together([ONLY_WHERE, UNDETERMINED, HOLDS]) == UNDETERMINED
    assert together([HOLDS, FAILS, UNDETERMINED]) == FAILS


def test_strongest_finds_what_was_planted_and_nothing_in_noise() -> None:
    """One of a hundred parameters moves the outcome; where none does a name is given in at most 5 % of cases.

    Noise is tried 60 times: with a true rate of 5 % eight or more names have a probability of .009.
    """
    luck = np.random.default_rng(10)
    x, keys = luck.random((200, 100)), [f"p{k}" for k in range(100)]
    name, value = strongest(x, np.exp(2 * x[:, 17]) + luck.normal(0, 1, 200), keys)
    assert name == "p17"
    assert value > .5
    assert strongest(x, -x[:, 4], keys) == ("p4", pytest.approx(-1.0))
    named = sum(bool(strongest(luck.random((60, 100)), luck.normal(size=60), keys)[0]) for _ in range(60))
    assert named <= 7


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_the_interval_of_luck_holds_the_truth_as_often_as_it_says(shared: float) -> None:
    """Under seeds of its own at each point; of 1000 cases 95 % have a standard error of .7 %.

    Where seeds are the same at every point and shift all of them, that interval is far too narrow, and Student's t over
    seeds is not.
    """
    luck, own, same = np.random.default_rng(3), 0, 0
    truth = np.linspace(-2, 5, 60)[:, None]
    for _ in range(1000):
        values = truth + luck.normal(0, 2, (60, 2)) + shared * luck.normal(0, 1, (1, 2))
        for own_luck in (True, False):
            found = across(values, own_luck)
            holds = found.low <= truth.mean() <= found.high
            own, same = own + holds * own_luck, same + holds * (not own_luck)
    assert .93 <= same / 1000 <= .97
    assert .93 <= own / 1000 <= .97 if not shared else own / 1000 < .6


def test_seeds_that_agree_and_do_not() -> None:
    """All where there is no luck; half where there is nothing else, of two seeds."""
    x, luck = design()
    assert judge(x, np.full((500, 2), 3.0), KEYS, "higher", 1.0).agree == 1.0
    assert judge(x, luck.normal(0, 1, (500, 2)), KEYS, "higher", 0.0).agree == pytest.approx(.5, abs=.07)
