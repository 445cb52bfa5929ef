"""Restructuring (F27) and modularity of one's own (F18): numbers by hand, and each lever's sign, each by itself."""

import numpy as np
import pytest

from allysim.config.governing import Latency
from allysim.config.restructuring import Restructuring
from allysim.mechanisms import restructuring as f27
from allysim.mechanisms.capability import drop
from allysim.mechanisms.latency import decision_latency
from allysim.mechanisms.names import WEIGHTS

F = 17.0
"""A month's fixed cost, k€."""
YEARS = 12 * F


def test_a_cut_by_hand():
    """Of a year's fixed cost: a cut of .05 saves .05, and .035 a year later, for severance of .025 at once."""
    rules = Restructuring()
    assert f27.severance(.05, F, rules) == pytest.approx(.025 * YEARS, rel=1e-14)
    left = .05
    for _ in range(12):
        left = f27.kept_of_cuts(left, rules)
    assert left == pytest.approx(.035, rel=1e-14)


def test_lines_by_hand():
    """All eight take half of F; one that nobody asks for a sixteenth of that, one that all ask for nine sixteenths."""
    rules = Restructuring()
    assert f27.line_share(0.0, 8, rules) == pytest.approx(.5 / 16, rel=1e-15)
    assert f27.line_share(1.0, 8, rules) == pytest.approx(.5 * 9 / 16, rel=1e-15)
    assert sum(f27.line_share(w, 8, rules) for w in WEIGHTS[0]) == pytest.approx(.5, rel=1e-14)


def test_nobody_cuts_more_than_there_is():
    assert f27.cut_share(.05, .2, .1) == .05
    assert f27.cut_share(.9, .2, .1) == pytest.approx(.7, rel=1e-14)
    assert f27.cut_share(.1, .7, .5) == 0.0


def test_harm_by_hand():
    """Cuts of 5 % a year with 30 % a year coming back are 14.25 % after the fourth and 16.67 % in the long run."""
    rules = Restructuring()
    assert f27.harm(.05, rules) == f27.harm(.10, rules) == 0.0
    assert f27.harm(.15, rules) == pytest.approx(.10, rel=1e-14)  # as much as one launch adds
    in_force, after = 0.0, []
    for _ in range(100):
        in_force = .7 * in_force + .05
        after.append(f27.harm(in_force, rules))
    assert after[:2] == [0.0, 0.0] and after[2] == pytest.approx(2 * .0095) and after[-1] == pytest.approx(2 / 15)


def test_two_tracks_by_hand():
    assert f27.growth(.05, .5, 0.0, F) == pytest.approx(.025 * YEARS, rel=1e-14)
    assert f27.growth(0.0, .5, .02, F) == pytest.approx(.02 * YEARS, rel=1e-14)
    assert f27.growth(0.0, 1.0, 0.0, F) == 0.0
    assert f27.built(F, F, .5, Restructuring()) == Restructuring().building
    assert f27.built(F, F, 1.0, Restructuring()) == 0.0
    assert f27.built(F, F, 0.0, Restructuring()) == 2 * Restructuring().building


def test_instalments_come_to_the_whole():
    budget, months = 5.1, 0
    while budget:
        budget -= f27.instalment(budget, 5.1 / 12)
        months += 1
    assert months == 12


def test_modularity_by_hand():
    """Half a unit costs four months of F, takes a year and saves 2.5 % of unit cost."""
    rules = Restructuring()
    assert f27.modular_price(.5, F, rules) == 4 * F
    assert f27.modular_pace(rules) * 12 == .5
    assert f27.thrift(.5, 0.0, rules) == pytest.approx(.975, rel=1e-15)
    assert (f27.to_modularise(.2), f27.to_modularise(.75), f27.to_modularise(1 - 1e-12)) == (.5, .25, 0.0)


def test_launches_by_hand():
    """From m = .4 to .9: (1 - .27) / (1 - .12) of the time, and 1.2 times that the first time."""
    rules = Restructuring()
    assert f27.launch_pace(.4, 0.0, False, rules) == 1.0
    assert f27.launch_pace(.9, .5, False, rules) == pytest.approx(.73 / .88, rel=1e-14)
    assert f27.launch_pace(.9, .5, True, rules) == pytest.approx(1.2 * .73 / .88, rel=1e-14)
    assert f27.launch_pace(.4, 0.0, True, rules) == 1.2


def test_a_unit_by_hand():
    rules = Restructuring()
    assert f27.unit_overhead(F, rules) == pytest.approx(.02 * F, rel=1e-14)
    assert f27.unit_capital(F, rules) == pytest.approx(1.2 * F, rel=1e-14)
    assert f27.focus_gain(1.0, rules) == .10 and f27.focus_gain(-2.0, rules) == -.20
    assert f27.thrift(0.0, .1, rules) == pytest.approx(.98, rel=1e-15)
    assert f27.focus_gain(99.0, rules) == 1.0 == -f27.focus_gain(-99.0, rules)
    assert (f27.haste(0.0, rules), f27.haste(.5, rules), f27.haste(1.0, rules)) == (1.0, .75, .5)


def test_latency_with_units_by_hand():
    """Two members, C .5, dk 0, G .4: 10 months x 1.5 x .84 = 12.6, half of it if both have a unit."""
    wait = [decision_latency(2, .5, 0.0, .4, Latency(months=10.0), f27.haste(units, Restructuring()))
            for units in (0.0, .5, 1.0)]
    assert wait == [13, 10, 7]


def test_a_line_that_is_dropped_loses_its_weight_in_fit():
    born, developed = np.full((1, 8), .5), np.full((1, 8), .1)
    native = np.exp(3.0 * born @ WEIGHTS.T)
    capability, attraction = born + developed, np.exp(3.0 * (born + developed) @ WEIGHTS.T)
    drop(0, 2, 3.0, born, developed, capability, native, attraction)
    assert capability[0].tolist() == [.6, .6, 0.0, .6, .6, .6, .6, .6]
    assert attraction == pytest.approx(np.exp(3.0 * capability @ WEIGHTS.T), rel=1e-14)
    assert native == pytest.approx(np.exp(3.0 * born @ WEIGHTS.T), rel=1e-14)


@pytest.mark.parametrize("every", [1, 6, 12])
def test_every_firm_has_one_review_in_so_many_months(every):
    for draw in np.linspace(.001, .999, 40):
        due = [month for month in range(1, 4 * every + 1) if f27.is_due(month, draw, every)]
        assert len(due) == 4 and set(np.diff(due)) <= {every}


def sized(equation, *given, **settings):
    """What an equation gives under some sizes."""
    return equation(*given, Restructuring(**settings))


UP, DOWN = 1, -1
SIGNS = {
    # Prahalad & Hamel 1990
    "importance raises what a line takes (F27)": (UP, lambda x: sized(f27.line_share, x, 8), .05, .4),
    "the cost of lines raises what dropping one saves (F27)": (
        UP, lambda x: sized(f27.line_share, .2, 8, line_cost=x), .2, .8),
    "evenness makes lines dear that hardly count (F27)": (
        UP, lambda x: sized(f27.line_share, .05, 8, line_even=x), 0.0, 1.0),
    "lines that are kept bound focus (F27)": (DOWN, lambda x: sized(f27.may_drop, 8, lines=x), 2, 6),
    # Guthrie & Datta 2008
    "a cut saves (F27)": (UP, lambda x: f27.cut_share(x, 0.0, 0.0), 0.0, .1),
    "decay takes savings (F27)": (DOWN, lambda x: sized(f27.kept_of_cuts, .05, decay=x), .15, .45),
    "a cut costs severance (F27)": (UP, lambda x: sized(f27.severance, x, F), .02, .1),
    "severance costs more (F27)": (UP, lambda x: sized(f27.severance, .05, F, severance=x), .25, 1.0),
    "cuts in force harm (F27)": (UP, lambda x: sized(f27.harm, x), .1, .2),
    "harm harms more (F27)": (UP, lambda x: sized(f27.harm, .2, harm=x), 1.0, 4.0),
    "what is harmless harms less (F27)": (DOWN, lambda x: sized(f27.harm, .2, harmless=x), .05, .15),
    "reinvesting raises the growth budget (F27)": (UP, lambda x: f27.growth(.05, x, 0.0, F), 0.0, 1.0),
    "investing raises the growth budget (F27)": (UP, lambda x: f27.growth(.05, 0.0, x, F), 0.0, .1),
    "growth spending builds (F27)": (UP, lambda x: sized(f27.built, x, F, .5), 1.0, 5.0),
    "what there is already slows building (F27)": (DOWN, lambda x: sized(f27.built, F, F, x), .2, .8),
    "building builds more (F27)": (UP, lambda x: sized(f27.built, F, F, .5, building=x), .02, .08),
    # Ulrich 1995; Baldwin & Clark 2000
    "modularity costs (F18)": (UP, lambda x: sized(f27.modular_price, x, F), .1, .5),
    "the price of modularity costs more (F18)": (UP, lambda x: sized(f27.modular_price, .5, F, modular_cost=x), 2, 6),
    "a longer programme adds less a month (F18)": (
        DOWN, lambda x: f27.modular_pace(Restructuring(modular_months=x)), 6, 24),
    "modularity lowers unit cost (F18)": (DOWN, lambda x: sized(f27.thrift, x, 0.0), 0.0, .5),
    "modular saving lowers it more (F18)": (DOWN, lambda x: sized(f27.thrift, .5, 0.0, modular_saving=x), .02, .08),
    "modularity speeds launches up (F18)": (DOWN, lambda x: sized(f27.launch_pace, .4 + x, x, False), 0.0, .5),
    "modular speed speeds them up more (F18)": (
        DOWN, lambda x: sized(f27.launch_pace, .9, .5, False, modular_speed=x), .15, .45),
    "the first launch on a platform takes longer (F18)": (UP, lambda x: sized(f27.launch_pace, .5, .1, x), False, True),
    "a new platform delays it more (F18)": (UP, lambda x: sized(f27.launch_pace, .5, .1, True, platform=x), .1, .4),
    "modularity makes ready (F18)": (UP, lambda x: sized(f27.made_ready, .2, x), .1, .5),
    "modular readiness makes readier (F18)": (
        UP, lambda x: sized(f27.made_ready, .2, .5, modular_readiness=x), .25, 1.0),
    # O'Reilly & Tushman 2004
    "units speed decisions up (F14)": (DOWN, lambda x: sized(f27.haste, x), 0.0, 1.0),
    "what units leave of latency slows decisions (F14)": (UP, lambda x: sized(f27.haste, .5, unit_latency=x), .3, .8),
    "overhead costs (F27)": (UP, lambda x: sized(f27.unit_overhead, F, unit_overhead=x), .05, .2),
    "a larger unit has more overhead (F27)": (UP, lambda x: sized(f27.unit_overhead, F, unit_part=x), .1, .4),
    # Chemmanur, Krishnan & Nandy 2014
    "focus lowers unit cost (F27)": (DOWN, lambda x: sized(f27.thrift, 0.0, x), -.1, .1),
    "spread makes a good draw better (F27)": (UP, lambda x: sized(f27.focus_gain, 1.0, unit_spread=x), .05, .2),
    "spread makes a bad draw worse (F27)": (DOWN, lambda x: sized(f27.focus_gain, -1.0, unit_spread=x), .05, .2),
    # Hansmann & Kraakman 2000
    "capital raises what a parent can lose (F27)": (UP, lambda x: sized(f27.unit_capital, F, unit_capital=x), 3.0, 12.),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
