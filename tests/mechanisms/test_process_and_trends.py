"""Process R&D and trends called by themselves: numbers by hand, and the sign of every lever."""

import math

import numpy as np
import pytest

from allysim.config.parameters import Environment
from allysim.config.process import Process
from allysim.mechanisms.environment import digitise, electrify, logistic_step, regime_factor
from allysim.mechanisms.process import best_effort, cost_of, cut, marginal_gain, spread

NOBODY = np.empty(0, dtype=np.int64)
PAIR = np.array([0, 1]), np.array([1, 0])
"""Firms 0 and 1 are partners."""
ROOM = np.full(3, 1e9)


def gain(quantity=(6.0, 3.0, 3.0), partners=PAIR, joint=False, capacity=ROOM, **settings):
    return marginal_gain(np.array(quantity), capacity, *partners, joint, Process(**settings))


# By hand

def test_what_spills_over():
    """Firm 0 gets 1 + .5 x 2 + .1 x 4, its partner 2 + .5 x 1 + .1 x 4, the third 4 + .1 x (1 + 2)."""
    rules = Process(inside=.5, outside=.1)
    assert spread(np.array([1.0, 2.0, 4.0]), *PAIR, rules) == pytest.approx([2.4, 2.9, 4.3], rel=1e-14)
    assert spread(np.array([1.0, 2.0, 4.0]), NOBODY, NOBODY, rules) == pytest.approx([1.6, 2.5, 4.3], rel=1e-14)
    assert cut(np.array([1.0, 2.0, 4.0]), np.full(3, 3.0), *PAIR, rules) == pytest.approx([2.4, 2.7, 2.7], rel=1e-14)


def test_what_a_cut_earns():
    """Three sell freely: the price falls by 1.6 / 4 and 1.2 / 4 of a cut, at 2 q; allied, partners' sales count too."""
    found = gain(inside=.5, outside=.1)
    assert found == pytest.approx([12 * .6, 6 * .6, 6 * .7], rel=1e-14)
    both = gain(joint=True, inside=.5, outside=.1)
    assert both == pytest.approx([12 * .6 + 6 * .1, 6 * .6 + 12 * .1, 6 * .7], rel=1e-14)


def test_who_sells_nothing_or_all_it_can():
    """The idle gain nothing; the full gain their sales less what the price falls by; neither makes the price fall."""
    capacity = np.array([6.0, 1e9, 1e9])
    found = gain((6.0, 3.0, 0.0), capacity=capacity, inside=.5, outside=.1)
    assert found == pytest.approx([6 * (1 - .5 / 2), 6 * (1 - 1.0 / 2), 0.0], rel=1e-14)


def test_effort_and_its_cost():
    """b gamma 4 and b .5: gamma 8, so that a gain of 2 is worth a cut of .25, for .25 k€; a loss is worth none."""
    rules = Process(cost=4.0)
    assert best_effort(np.array([2.0, -1.0]), .5, rules) == pytest.approx([.25, 0.0], abs=1e-15)
    assert cost_of(np.array([.25, 0.0]), .5, rules) == pytest.approx([.25, 0.0], abs=1e-15)


def test_a_cut_at_the_best_effort_cannot_be_bettered():
    """Against the profit of Cournot's equilibrium itself, two partners and a third, by differences."""
    rules, a, b, costs = Process(cost=3.0, inside=.6, outside=.2), 10.0, .5, np.array([2.0, 3.0, 2.5])

    def profit(efforts):
        after = costs - spread(efforts, *PAIR, rules)
        price = (a + after.sum()) / 4
        return (price - after) ** 2 / b - cost_of(efforts, b, rules)

    for joint in (False, True):
        efforts = np.zeros(3)
        for _ in range(200):
            after = costs - spread(efforts, *PAIR, rules)
            sold = ((a + after.sum()) / 4 - after) / b
            efforts = best_effort(marginal_gain(sold, ROOM, *PAIR, joint, rules), b, rules)
        for i in range(3):
            mine = [0, 1] if joint and i < 2 else [i]
            for step in (-1e-3, 1e-3):
                moved = efforts + step * (np.arange(3) == i)
                assert profit(moved)[mine].sum() < profit(efforts)[mine].sum()


def test_logistic_step_by_hand():
    """Halfway, at slope ln 3, odds of 1 become odds of 3; over the ceiling a share comes down."""
    assert logistic_step(.4, .8, math.log(3)) == pytest.approx(.6, rel=1e-14)
    assert .5 < logistic_step(.6, .5, .1) < .6 and logistic_step(.5, .5, .1) == .5
    assert logistic_step(.3, .8, 0.0) == pytest.approx(.3, rel=1e-14)


def test_segments_move_by_hand():
    size = np.array([60.0, 20.0, 10.0, 10.0])  # a quarter of 80 is electric: odds 1/2 of .75, then 1
    electrify(size, .75, math.log(2))
    assert size == pytest.approx([50.0, 30.0, 10.0, 10.0], rel=1e-14)
    digitise(size, .2, math.log(3))  # half of its ceiling: odds 1, then 3; others keep 17/18
    assert size == pytest.approx([50 * 17 / 18, 30 * 17 / 18, 15.0, 10 * 17 / 18], rel=1e-14)
    assert size.sum() == pytest.approx(100.0, rel=1e-14)
    assert regime_factor(.5, True, .15, .30) == pytest.approx(1.225, rel=1e-14)
    assert regime_factor(0.0, False, .15, .30) == pytest.approx(.85, rel=1e-14)


# Signs: a lever, what it moves, and which way

def electric(slope=.046, **settings):
    size = np.array([55.0, 15.0, 10.0, 20.0])
    electrify(size, Environment(**settings).electric_ceiling, slope)
    return size[1]


def software(slope=.03, **settings):
    size = np.array([55.0, 15.0, 10.0, 20.0])
    digitise(size, Environment(**settings).software_ceiling, slope)
    return size[2]


def shift(**settings):
    noise = Environment(**settings)
    return regime_factor(.5, True, noise.regime_least, noise.regime_most)


def effort(**settings):
    return best_effort(gain(**settings), .5, Process(**{k: v for k, v in settings.items() if k == "cost"}))[0]


SIGNS = [
    ("process.cost lowers effort", -1, lambda: effort(cost=2.5), lambda: effort(cost=10.0)),
    ("process.inside lowers what one does for oneself", -1, lambda: effort(inside=.05), lambda: effort(inside=1.0)),
    ("process.outside too", -1, lambda: effort(outside=0.0), lambda: effort(outside=.5)),
    ("process.inside raises it where partners count", 1, lambda: effort(joint=True, inside=.5, outside=0.0),
     lambda: effort(joint=True, inside=1.0, outside=0.0)),
    ("process.effort=joint lowers it where little spills over", -1, lambda: effort(inside=.1, outside=.1),
     lambda: effort(joint=True, inside=.1, outside=.1)),
    ("and raises it where much does", 1, lambda: effort(inside=.9, outside=.1),
     lambda: effort(joint=True, inside=.9, outside=.1)),
    ("process.inside cuts costs", 1, lambda: spread(np.ones(3), *PAIR, Process(inside=.05))[0],
     lambda: spread(np.ones(3), *PAIR, Process(inside=1.0))[0]),
    ("process.outside cuts costs", 1, lambda: spread(np.ones(3), *PAIR, Process(outside=0.0))[2],
     lambda: spread(np.ones(3), *PAIR, Process(outside=.5))[2]),
    ("scenario.electric grows electric", 1, lambda: electric(.02), lambda: electric(.08)),
    ("environment.electric_ceiling too", 1, lambda: electric(electric_ceiling=.6),
     lambda: electric(electric_ceiling=.95)),
    ("scenario.software grows software", 1, lambda: software(.01), lambda: software(.06)),
    ("environment.software_ceiling too", 1, lambda: software(software_ceiling=.2),
     lambda: software(software_ceiling=.5)),
    ("environment.regime_least widens shifts", 1, lambda: shift(regime_least=.1), lambda: shift(regime_least=.25)),
    ("environment.regime_most too", 1, lambda: shift(regime_most=.25), lambda: shift(regime_most=.5)),
]


@pytest.mark.parametrize(("sign", "low", "high"), [row[1:] for row in SIGNS], ids=[row[0] for row in SIGNS])
def test_sign(sign, low, high):
    assert sign * (high() - low()) > 0.0
