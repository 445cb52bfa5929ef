"""The language of pages: plain words for what is compared, and no more certainty or digits than there are."""

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.analysis.boxes import Box, Limit, Part
from allysim.analysis.paired import Interval
from allysim.analysis.survival import lifetimes, survival
from allysim.analysis.words import SCENARIOS, STRATEGIES, assumption, named, place
from allysim.config import presets
from allysim.report import differences, members, risks, world_figures
from allysim.report.portfolio import portfolio
from allysim.study.reversal import Reversal, Value


def test_every_preset_has_words():
    assert set(STRATEGIES) == set(presets.names("strategy"))
    assert set(SCENARIOS) == set(presets.names("scenario"))


@pytest.mark.parametrize(("label", "said"), [
    ("procurement_first", "buying together"), ("supply_stress", "supply stress"), ("calm", "a calm world"),
    ("scope=capacity+marketing+automation", "sharing capacity, marketing and automation"),
    ("scope=none", "sharing nothing"),
    ("seek=none", "no alliance"), ("seek=procurement+rnd", "buying together and joint research"),
    ("stand_alone governance=none", "standing alone with no governance"),
    ("purchasing.fee=0.05", "purchasing.fee=0.05"),
    ("my own label", "my own label"), ("what if x=1", "what if x=1"), ("", ""),
])
def test_labels_in_words(label, said):
    assert named(label) == said


def test_what_has_no_words_keeps_its_name():
    assert place("my_world") == "under my_world"
    assert assumption("no.such") == "no.such"
    assert assumption("trust.disposition") == "trust in a stranger (trust.disposition)"


def interval(mean, half):
    return Interval(*map(np.asarray, (mean, mean - half, mean + half, 32.0, half / 2)))


@pytest.mark.parametrize(("found", "said"), [
    (interval(0.0, 0.0), "no clear difference is left with fee on pooled spend at 0.05 (exactly none)"),
    (interval(2.0, 3.0), "no clear difference is left with fee on pooled spend at 0.05 (+2.0, -1.0 to +5.0)"),
    (interval(.0002, .0009), "no clear difference is left with fee on pooled spend at 0.05 (next to nothing)"),
    (interval(9.0, 3.0), "and 1 leaves it clear; the others were not tried."),
])
def test_a_gain_that_vanishes_is_told(made_up, grid, found, said):
    comparison = grid().run()
    value = Value("purchasing.fee", .05, 1.0, found, 32)
    comparison.reversal = Reversal("procurement_first", "stand_alone", interval(9.0, 1.0), [value], 1, None, np.nan)
    text = risks.reverses(comparison)
    assert said in text and "none turns the answer round" in text
    assert ("left with" in text) == bool(found.low <= 0 <= found.high)
    assert ("○" in risks.reversal(comparison).grid.rows[0][3]) == bool(found.low <= 0 <= found.high)


def test_the_end_of_a_range_is_named(made_up, grid):
    comparison = grid().run()
    value = Value("customers.capacity", 1.1, 1.0, interval(-35.0, 32.0), 32)
    comparison.reversal = Reversal("procurement_first", "stand_alone", interval(9.0, 1.0), [value], 0, value, 1.25)
    assert ("capacity over output at month 0 at 1.1 in place of 1.25, the low end of its range; there the difference "
            "is -35 k€ per firm (-67 to -3)") in risks.reverses(comparison)


@pytest.mark.parametrize(("verdict", "said"), [("better", "+0.03 k€"),
                                               ("no clear difference", "+0.03 k€, no clear difference")])
def test_the_worst_firm_is_not_said_to_gain_by_luck(verdict, said):
    assert members._size(pd.Series({"difference": .03, "low": -.17, "high": .23, "verdict": verdict})) == said


@pytest.mark.parametrize(("mean", "half", "shown", "mark"), [
    (-5e-7, 9e-7, "0", "○"), (3e-5, 1e-5, "<0.0001", "✓"), (-3e-5, 4e-5, "0", "○"), (.25, .1, "+0.25", "✓")])
def test_digits_end_where_sense_does(made_up, grid, monkeypatch, mean, half, shown, mark):
    comparison = grid().run()
    monkeypatch.setattr(comparison, "difference", lambda *_: (1.0, interval(mean, half)))
    cell = differences.cell(comparison, 1, "focal.economic_profit")
    assert (cell.difference, cell.mark) == (shown, mark)
    assert "0000000" not in cell.interval


def test_a_curve_ends_where_few_are_left():
    table = pd.DataFrame({"founded": 0, "ended": pd.array([2] * 10 + [5] * 9 + [8], dtype="Int64"), "type": "a"})
    found = survival(lifetimes(table, 24), "type")
    curve, _ = world_figures.survival_figure(found)
    assert len(curve.lines[0].get_xdata()) == found.curves["at_risk"].ge(world_figures.AT_RISK).sum() == 6
    assert any("at 5 months" in text.get_text() for text in curve.texts)


def test_a_box_of_one_number_is_drawn_along_it():
    x = np.random.default_rng(2).random((64, 3))
    failing, part = x[:, 1] > .5, Part(20, 15, .75, .5, .3, .45)
    found = Box((Limit("purchasing.fee", .5, np.nan, .01, np.nan),), part, part, True)
    ax = world_figures.box_figure(x, failing, ["firms.large_share", "purchasing.fee", "trust.memory"], found)
    assert "fee on pooled spend" in ax.get_xlabel() and ax.get_ylabel() == "points"
    counts = [bar.get_height() for bar in ax.patches[:2 * world_figures.BINS]]
    assert sum(counts) == 64 + failing.sum()


def test_classes_are_those_of_the_alliances_in_the_runs():
    base = al.scenario(strategy="stand_alone", months=24,
                       **{"firms.n": 20, "firms.focal": 6, "choice.search_months": 2})
    variants = {name: base.replace(strategy=name) for name in ("stand_alone", "procurement_first", "rnd_network")}
    comparison = al.Comparison(variants, replications=2, jobs=1, records="full").run()
    table = portfolio(comparison, list(variants), np.array([[0, 1, 2]])).set_index("strategy")
    assert table.loc["stand_alone", "alliances"] == 0
    for name, position in (("procurement_first", 1), ("rnd_network", 2)):
        kinds = pd.concat([run["alliances"]["type"] for run in comparison.remains(position)]).astype(str)
        nets = sum(run["memberships"]["net"].sum() for run in comparison.remains(position)) / 2
        row = table.loc[name]
        assert row["alliances"] == len(kinds) / 2 > 0
        assert row["steady_share"] == pytest.approx((kinds == "procurement").mean())
        assert row["moonshot_share"] == pytest.approx((kinds == "rnd").mean())
        assert row[["steady_net", "between_net", "moonshot_net"]].sum() == pytest.approx(nets)
