"""What keeps its sign, by hand."""

import numpy as np
import pytest

from allysim.analysis.signs import share_interval, signs
from allysim.report import choice_figures, choice_findings

WORLDS, STRATEGIES = ["calm", "storm"], ["firm", "fickle", "lucky"]


def over_points():
    """Differences (worlds, strategies, points, seeds): `firm` is ahead at 19 of 20, `fickle` at 10, `lucky` at 17."""
    ahead = np.array([19, 10, 17])[:, None] > np.arange(20)
    at = np.where(ahead, 4.0, -4.0)[None, :, :, None] * np.array([1, -1]).reshape(2, 1, 1, 1)
    return at + np.array([-1.0, 1.0])


def at_defaults():
    """All are clearly above zero in calm, `lucky` by luck that leaves out every fourth draw of two seeds."""
    steady = 4 + np.tile([-.5, .5], 20)
    lucky = np.repeat(np.where(np.arange(20) % 4, 8.0, -4.0), 2)
    calm = np.stack([steady, steady, lucky])
    return np.stack([calm, -calm])


def test_shares_by_hand():
    table = signs(over_points(), WORLDS, STRATEGIES)
    assert table["ahead"].tolist() == [.95, .5, .85, .05, .5, .15] and table["points"].tolist() == [20] * 6
    assert table["behind"].tolist() == pytest.approx([.05, .5, .15, .95, .5, .85])
    assert "kept" not in table
    low, high = share_interval(.5, 20)
    assert (low, high) == pytest.approx((.299, .701), abs=.001)  # Wilson, 10 of 20
    assert np.isnan(share_interval(np.nan, 0)).all()


def test_what_is_left_of_a_comparison():
    table = signs(over_points(), WORLDS, STRATEGIES, earlier=at_defaults())
    assert table["clear"].all() and table["kept"].tolist() == pytest.approx([.95, .5, .85, .95, .5, .85])
    assert table["survives"].tolist() == [True, False, False] * 2
    assert table["by_luck"].tolist() == pytest.approx([1, 1, .75] * 2)
    assert table["difference"].tolist() == pytest.approx([4, 4, 5, -4, -4, -5])
    unclear = signs(over_points(), WORLDS, STRATEGIES, earlier=at_defaults() - at_defaults().mean(-1, keepdims=True))
    assert not unclear["clear"].any() and unclear["kept"].isna().all() and not unclear["survives"].any()


def test_less_may_be_better_and_what_failed_is_left_out():
    values = over_points()
    values[0, 0, 0, 1] = np.nan
    table = signs(values, WORLDS, STRATEGIES, better=-1, earlier=at_defaults())
    assert table["ahead"].tolist() == pytest.approx([1 / 19, .5, .15, .95, .5, .85])
    assert table["kept"][3] == .95 and table["difference"][3] == pytest.approx(-4)


def test_sentences_and_picture_say_what_survives():
    alone = signs(over_points(), WORLDS, STRATEGIES)
    assert choice_findings.signs_finding(alone, "alone") == (
        "1 of 6 choices by scenario is ahead of alone at 90 % or more of 20 points, and 1 behind; the sign of the "
        "other 4 hangs on assumptions and luck")
    assert choice_findings.survivors(alone, "alone") == []
    table = signs(over_points(), WORLDS, STRATEGIES, earlier=at_defaults())
    assert choice_findings.signs_finding(table, "alone") == (
        "Of 6 differences from alone that are clear at the defaults 2 keep the sign at 90 % or more of 20 points, and "
        "0 have it at fewer than half; luck alone, at the defaults, would leave 4")
    assert choice_findings.survivors(table, "alone") == [
        "What survives: ahead of alone is firm (calm).", "What survives: behind alone is firm (storm)."]
    assert choice_findings.survivors(table, "alone", -1)[0] == "What survives: behind alone is firm (calm)."
    assert choice_findings.survivors(table.assign(survives=False), "alone") == [
        "What survives: none of 6 clear differences from alone."]
    ax = choice_figures.signs_figure(table, "alone", "profit")
    assert [text.get_text() for text in ax.texts] == ["95 ▲", "50 ▲", "85 ▲", "5 ▼", "50 ▼", "15 ▼"]
    assert [patch.get_y() + .42 for patch in ax.patches] == pytest.approx([0, 1])
    assert [patch.get_x() + .46 for patch in ax.patches] == pytest.approx([0, 0])
