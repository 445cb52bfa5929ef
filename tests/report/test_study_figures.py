"""Pictures of studies: their titles say what the numbers say, and they draw those numbers."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from allysim.analysis.boxes import Box, Limit, Part
from allysim.analysis.effects import first_order, tornado
from allysim.analysis.regret import regret
from allysim.analysis.survival import lifetimes, survival
from allysim.analysis.variance import split
from allysim.report import figures, study_figures, study_findings, world_figures
from allysim.report.canvas import parameter_label

WHAT, UNIT = "cumulative economic profit", "k€ per firm"
KEYS = ["pilot.months", "leaks.hazard", "pilot.noise"]


def words(axes):
    """All text of the figure that holds some axes."""
    figure = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()[0].figure
    texts = [*figure.texts]
    for ax in figure.axes:
        texts += [*ax.texts, ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label,
                  *ax.get_xticklabels(), *ax.get_yticklabels()]
    return " ".join(text.get_text().replace("\n", " ") for text in texts)


def screened(star=(9.0, 4.0, 1.0), low=(8.0, 3.0, .2), high=(10.0, 5.0, 1.8), luck=(1.0, 1.0, 1.0)):
    return pd.DataFrame({"key": KEYS, "mu_star": star, "low": low, "high": high, "mu": star, "sigma": star,
                         "luck": luck})


def indexed(first=(.5, .3, .0), total=(.6, .3, .1), half=.05):
    first, total = np.array(first), np.array(total)
    return pd.DataFrame({"key": KEYS, "first": first, "first_low": first - half, "first_high": first + half,
                         "total": total, "total_low": total - half, "total_high": total + half})


def paired_up(second=(.2, .05, -.01), half=.03):
    second = np.array(second)
    return pd.DataFrame({"key": [KEYS[0], KEYS[0], KEYS[1]], "other": [KEYS[1], KEYS[2], KEYS[2]], "second": second,
                         "low": second - half, "high": second + half})


def test_a_parameter_carries_its_unit():
    assert parameter_label("pilot.months") == "pilot.months, months"
    assert parameter_label("my.own") == "my.own"


def test_screening_says_who_moves_most():
    said = study_findings.screening_finding(screened(), WHAT, UNIT)
    assert said == ("pilot.months moves cumulative economic profit most, by 9.0 k€ per firm over its range; "
                    "effects beyond luck: 2 of 3")
    tie = study_findings.screening_finding(screened(low=(4.5, 3, .2)), WHAT, UNIT)
    assert tie.startswith("pilot.months and leaks.hazard move cumulative economic profit most, in no clear order;")
    assert study_findings.screening_finding(screened(luck=(20.0, 20, 20)), WHAT, UNIT) == (
        "No clear effect of any of 3 parameters on cumulative economic profit")


def test_screening_draws_its_table():
    size, bend = study_figures.screening_figure(screened(), WHAT, UNIT)
    assert study_findings.screening_finding(screened(), WHAT, UNIT) in words(size)
    assert "pilot.months, months" in words(size) and "µ*, k€ per firm" in words(size)
    assert list(size.lines[0].get_xdata()) == [9, 4, 1] and list(bend.lines[0].get_xdata()) == [9, 4, 1]
    assert [bar.get_width() for bar in size.patches] == [1, 1, 1]
    alone = study_figures.screening_figure(screened(luck=(np.nan,) * 3), WHAT, UNIT)
    assert "luck alone" not in words(alone)


def test_indices_say_the_leading_share_or_that_there_is_none():
    ax = study_figures.indices_figure(indexed(), WHAT)
    assert "pilot.months has a part in 60 % of the variance of cumulative economic profit, 50 % alone" in words(ax)
    assert sorted(round(bar.get_width()) for bar in ax.patches) == [0, 10, 30, 30, 50, 60]
    assert study_findings.indices_finding(indexed(half=2), WHAT).startswith("No clear share of any of 3")
    assert study_findings.indices_finding(indexed(first=(.01, 0, 0)), WHAT).endswith("no clear part of it alone")
    nothing = indexed(total=(np.nan,) * 3, first=(np.nan,) * 3)
    assert "Cumulative economic profit does not vary at all" in words(study_figures.indices_figure(nothing, WHAT))


def test_pairs_are_clear_for_all_together():
    ax = study_figures.pairs_figure(paired_up(), WHAT)
    assert ("pilot.months and leaks.hazard bend each other's effect on cumulative economic profit: 20 % of its "
            "variance; 2 of 3 pairs clearly interact") in words(ax)
    assert [text.get_text() for text in ax.texts if text.get_text()] == ["20", "5", "−1"]
    # .05 +- .045 is clear alone, but not among three
    assert study_findings.clear_pairs(paired_up(half=.045), "second").tolist() == [True, False, False]
    assert "No clear interaction" in words(study_figures.pairs_figure(paired_up(half=.5), WHAT))


def points():
    rng = np.random.default_rng(1)
    x = rng.random((200, 3)) * [12, .04, 1]
    return x, (5 * x[:, 0] + 3 * rng.normal(size=200))[:, None] + rng.normal(size=4)


def test_a_tornado_says_sign_and_size():
    x, y = points()
    table = tornado(x, y, KEYS).table
    ax = study_figures.tornado_figure(table, WHAT, UNIT)
    assert "pilot.months moves cumulative economic profit most: +4" in words(ax)
    assert "clear effects: 1 of 3" in words(ax) and "no clear difference" in words(ax)
    ends = list(ax.lines[0].get_xdata())
    assert ends == [table["at_low"][0], table["at_high"][0]]
    flat = tornado(x, y * 0 + np.random.default_rng(2).normal(size=y.shape), KEYS).table
    assert study_findings.tornado_finding(flat.assign(low=-1.0, high=1.0), WHAT, UNIT).startswith("No clear effect")


def test_main_effects_share_one_scale():
    x, y = points()
    axes = study_figures.main_effects_figure(x, y, KEYS, first_order(x, y, KEYS).table, WHAT, UNIT)
    assert len(axes) == 3 and len({ax.get_ylim() for ax in axes}) == 1
    assert "pilot.months accounts for 9" in words(axes)
    assert "clear effects alone: 1 of 3" in words(axes) and "no clear effect" in words(axes)


def test_split_says_assumption_and_luck():
    rng = np.random.default_rng(1)
    known = split(5 * rng.normal(size=(64, 1)) + .5 * rng.normal(size=(64, 6)))
    luck = split(rng.normal(size=(64, 6)))
    one = world_figures.split_figure({WHAT: known})
    share = f"{100 * known.share_of_assumption:.0f} %"
    assert f"Assumptions make up {share} (" in words(one)
    assert "of the variance of cumulative economic profit, luck the rest" in words(one)
    several = {"profit": known, "survival": luck, "trust": luck, "price": split(np.ones((10, 3)))}
    ax = world_figures.split_figure(several)
    assert "Of 3 outcomes 1 hangs mostly on assumptions and 2 mostly on luck" in words(ax)
    assert "does not vary" in words(ax)
    assert sum(bar.get_width() for bar in ax.patches[:3]) == pytest.approx(100)
    assert study_findings.split_finding({"price": several["price"]}) == "Price does not vary at all"


def test_a_box_is_drawn_to_its_limits():
    x, _ = points()
    failing = (x[:, 0] < 4) & (x[:, 1] > .013)
    limits = (Limit("pilot.months", np.nan, 4.0, np.nan, .001), Limit("leaks.hazard", .013, np.nan, .01, np.nan))
    part = Part(20, 18, .9, .6, .2, .3)
    ax = world_figures.box_figure(x, failing, KEYS, Box(limits, part, part, True), "lose money")
    frame = next(patch for patch in ax.patches if isinstance(patch, Rectangle) and not patch.get_fill())
    assert frame.get_x() + frame.get_width() == pytest.approx(4) and frame.get_y() == pytest.approx(.013)
    assert "Where pilot.months is below 4.00 and leaks.hazard is above 0.0130, 90 % of points lose money" in words(ax)
    assert sorted(len(line.get_xdata()) for line in ax.lines) == sorted([failing.sum(), (~failing).sum()])
    unsure = world_figures.box_figure(x, failing, KEYS, Box(limits[:1], part, part, False))
    assert "held-out points do not confirm it" in words(unsure)
    nothing = world_figures.box_figure(x, failing, KEYS, Box((), part, part, False))
    assert "No box of parameters" in words(nothing) and not nothing.patches


def test_regret_is_drawn_from_the_least():
    values = np.array([[10.0, 4.0, 8.0], [-6.0, 3.0, 0.0]])[..., None] + np.zeros(5)
    found = regret(values, ["calm", "storm"], ["bold", "careful", "middling"])
    body, foot = world_figures.regret_figure(found, UNIT)
    assert "middling has the smallest largest regret: 3.00 k€ per firm, under storm; 100 % of draws" in words(body)
    assert [label.get_text() for label in body.get_xticklabels()] == ["middling", "careful", "bold"]
    assert [text.get_text() for text in body.texts] == ["2.00", "6.00", "0", "3.00", "0", "9.00"]
    assert foot.texts[0].get_fontweight() == "bold" and foot.texts[1].get_fontweight() != "bold"
    unsure = found._replace(summary=found.summary.assign(by_maximum=.4), robust_by_mean="bold")
    assert study_findings.regret_finding(unsure, UNIT).startswith("No clear choice: middling")
    assert study_findings.regret_finding(unsure, UNIT).endswith("bold has the least mean regret")


def test_of_many_worlds_those_with_the_largest_regret_are_drawn():
    values = np.stack([np.arange(50.0), np.zeros(50)], axis=1)[..., None]
    body, _ = world_figures.regret_figure(regret(values, [f"w{k}" for k in range(50)], ["bold", "careful"]), UNIT)
    assert [label.get_text() for label in body.get_yticklabels()] == [f"w{k}" for k in range(20, 50)]
    assert "30 of 50 worlds with the largest regret" in words(body)


def alliances(ended, kinds):
    frame = pd.DataFrame({"founded": 0, "ended": pd.array(ended, dtype="Int64"), "type": list(kinds)})
    return lifetimes(frame, 24)


def test_survival_says_whether_groups_differ_and_counts_who_is_there():
    apart = survival(alliances([3, 3, 20, 20] * 5, "aabb" * 5), "type")
    curve, foot = world_figures.survival_figure(apart)
    assert "How long alliances last differs clearly (p < .001); median in months: b 20, a 3" in words(curve)
    assert [text.get_text() for text in foot.texts if text.get_text() not in "ab"][:2] == ["10", "0"]
    assert list(curve.lines[0].get_ydata()) == [1, 1, 1, 0]  # then nobody is there
    same = survival(alliances([3, 3, 20, 20] * 5, "abab" * 5), "type")
    assert "No clear difference in how long alliances last" in words(world_figures.survival_figure(same))
    one = survival(alliances([3, None, None], "aaa"))
    assert study_findings.survival_finding(one) == "More than half of 3 alliances last beyond what was seen"


def test_differences_count_what_is_clear():
    mean = np.array([[5.0, -1.0], [4.0, np.nan]])
    half = np.array([[1.0, 2.0], [1.0, np.nan]])
    given = (mean, mean - half, mean + half, ["calm", "storm"], ["bold", "careful"], "stand_alone", WHAT, UNIT)
    ax = world_figures.differences_figure(*given)
    assert ("Of 3 differences from stand_alone 2 are clearly better and 0 worse; bold is clearly better in 2 of 2 "
            "scenarios") in words(ax)
    assert [text.get_text() for text in ax.texts] == ["+5.00", "−1.00", "+4.00", ""]
    colours = ax.images[0].get_array()
    assert colours[0, 0, 2] > colours[0, 0, 0] and colours[0, 1, :3].min() > .75 and colours[1, 1, 3] == 0
    worse = world_figures.differences_figure(*given, better=-1)
    assert "0 are clearly better and 2 worse" in words(worse)
    red = worse.images[0].get_array()[0, 0]
    assert red[0] > red[2]
    unclear = study_findings.differences_finding(mean - 9, mean + 9, ["bold", "careful"], "stand_alone", 1)
    assert unclear == "No clear difference from stand_alone in any of 3 cells"


def test_pictures_are_saved_with_their_data_and_are_the_same_again(tmp_path):
    for name in ("one", "two"):
        figures.save(study_figures.screening_figure(screened(), WHAT, UNIT), screened(), tmp_path / f"{name}.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert pd.read_csv(tmp_path / "one.csv")["mu_star"].tolist() == [9, 4, 1]
