"""Leaks, shared data and capabilities, each equation by itself: numbers by hand, and the cited sign of every lever."""

import math

import numpy as np
import pytest

from allysim.config.parameters import Capability, Leaks, Sharing
from allysim.mechanisms import leaks as f12
from allysim.mechanisms.capability import attraction_factor, develop, kept, raised
from allysim.mechanisms.demand import clear_logit
from allysim.mechanisms.leaks import PROCUREMENT, RND
from allysim.mechanisms.names import CAPABILITIES, SEGMENTS, WEIGHTS
from allysim.mechanisms.sharing import measurement_noise, misuse_hazard
from allysim.phases.leaks import recover

N, S = len(CAPABILITIES), len(SEGMENTS)
SOFTWARE, DATA = f12.SOFTWARE, f12.DATA


def column(*values):
    return np.array(values, dtype=np.float64)


# F12 by hand

def test_the_hazard_by_hand():
    """R&D, full exposure: .004 e^1.2 at trust .5; a tenth of a unit of trust takes 1 - e^-.15 off."""
    assert f12.leak_hazard(RND, 1.0, .5, 0.0, 0.0, Leaks()) == pytest.approx(.004 * math.exp(1.2), rel=1e-14)
    assert f12.leak_hazard(RND, 0.0, .6, .8, .25, Leaks()) == pytest.approx(.004 * math.exp(-.15) * 1.3, rel=1e-14)
    assert f12.leak_hazard(PROCUREMENT, 0.0, .5, 0.0, 0.0, Leaks()) == pytest.approx(.0008, rel=1e-14)


def test_the_exposure_of_every_type():
    """Without overlap and modularity at trust .5 the hazard is .004 x / .5."""
    found = [f12.leak_hazard(kind, 0.0, .5, 0.0, 0.0, Leaks()) * .5 / .004 for kind in range(4)]
    assert found == pytest.approx([.1, .3, .5, .2], rel=1e-14)


def test_channels_by_hand():
    """Weights .6, .3, .1; compartments close .25 + .3 x .4 = .37 of staff and partner, access .3, NDA .25, HR .1."""
    assert f12.channels(.4, 0.0, 0.0, 0.0, 0.0, Leaks()) == (.6, .3, .1)
    staff, partner, other = f12.channels(.4, 1.0, 1.0, 1.0, 1.0, Leaks())
    assert staff == pytest.approx(.6 * .63 * .7 * .9, rel=1e-14)
    assert partner == pytest.approx(.3 * .63 * .7 * .75, rel=1e-14)
    assert other == .1


def test_protection_is_the_weaker_of_contract_and_technical_control():
    skills = np.zeros(N)
    skills[SOFTWARE], skills[DATA] = .3, .5
    assert f12.technical_control(skills, Leaks()) == pytest.approx(.6, rel=1e-14)
    assert f12.technical_control(np.ones(N), Leaks()) == 1.0
    assert f12.technical_control(np.zeros(N), Leaks()) == 0.0


def test_no_pair_is_above_the_bound():
    rng, leaks = np.random.default_rng(1), Leaks(hazard=.01)
    for kind, omega, trust, mbar, *s in zip(rng.integers(0, 4, 500), *rng.random((7, 500)), strict=True):
        found = f12.leak_hazard(kind, omega, trust, mbar, s[1], leaks) * sum(f12.channels(mbar, *s, leaks))
        assert found <= f12.greatest_hazard(kind, leaks)
    worst = f12.leak_hazard(RND, 1.0, 0.0, 1.0, 0.0, leaks) * sum(f12.channels(1.0, 0.0, 0.0, 0.0, 0.0, leaks))
    assert worst == pytest.approx(f12.greatest_hazard(RND, leaks), rel=1e-8)


def test_after_the_end_only_a_non_solicit_clause_keeps_half_of_hr_controls():
    assert f12.hr_after(1.0, 0.0, Leaks()) == 0.0
    assert f12.hr_after(.8, 1.0, Leaks()) == pytest.approx(.4, rel=1e-14)


def test_detection_by_hand():
    assert f12.leak_detection(0.0, Leaks()) == .3
    assert f12.leak_detection(1.0, Leaks()) == pytest.approx(.7, rel=1e-14)
    assert f12.leak_detection(1.0, Leaks(detection=.9)) == 1.0


def test_the_largest_lead_is_found():
    one, two = np.full(N, .5), np.full(N, .5)
    one[3], two[5] = .9, .2
    assert f12.largest_lead(one, two) == (3, pytest.approx(.4))
    assert f12.largest_lead(two, one)[1] <= 0.0


def test_utility_gained_by_hand():
    """Half its sales are in a segment that weighs the capability at .45, half in one that does not use it."""
    hardware, attraction = CAPABILITIES.index("hardware"), np.zeros(S)
    attraction[SEGMENTS.index("legacy")], attraction[SEGMENTS.index("services")] = 2.0, 1.0
    pull = column(1.0, 1.0, 1.0, 2.0)
    gained = f12.utility_gain(hardware, .2, attraction, pull, 3.0)
    assert gained == pytest.approx(3 * .2 * (.5 * .45 + .5 * 0.0), rel=1e-14)


@pytest.mark.parametrize("appeal", [-1.0, 0.0, 2.0])
def test_what_appeal_is_worth_is_the_derivative_of_profit(appeal):
    """Q / alpha, against the profit of a firm that is alone with the outside good and sets its price anew."""
    def profit(extra):
        price, target, inclusive = np.ones(1), np.empty(1), np.empty(1)
        clear_logit(np.ones((1, 1)), column(appeal + extra), np.zeros(1), column(.6), np.zeros(1), column(100.0), 2.5,
                    price, target, inclusive)
        return (price[0] - .6) * target[0], target[0]

    slope = (profit(1e-5)[0] - profit(-1e-5)[0]) / 2e-5
    assert f12.margin_of_appeal(profit(0.0)[1], 2.5) == pytest.approx(slope, rel=1e-7)


# F10 what is developed

def world(firms=2):
    """Columns of some firms that developed nothing."""
    born = np.tile(np.linspace(.1, .9, N), (firms, 1))
    native = np.random.default_rng(2).random((firms, S))
    return {"born": born, "developed": np.zeros((firms, N)), "capability": born.copy(), "native": native,
            "attraction": native.copy(), "advanced": np.zeros(firms, dtype=np.bool_)}


def test_development_by_hand():
    one = world()
    develop(1, 2, .2, 3.0, *one.values())
    assert one["developed"][1, 2] == .2 and one["capability"][1, 2] == one["born"][1, 2] + .2
    assert one["attraction"][1] == pytest.approx(one["native"][1] * np.exp(3.0 * .2 * WEIGHTS[:, 2]), rel=1e-14)
    assert not one["advanced"][0] and np.array_equal(one["attraction"][0], one["native"][0])


def test_a_capability_is_at_most_1():
    assert raised(.7, .2, .5) == pytest.approx(.3, rel=1e-14)
    one = world()
    develop(0, N - 1, 5.0, 3.0, *one.values())
    assert one["capability"][0, N - 1] == 1.0


def test_only_what_was_developed_depreciates():
    """.2 is worth .2 x .9865^12 a year later, about 15 % less; those who developed nothing keep every bit."""
    one = world()
    before = {name: values.copy() for name, values in one.items()}
    develop(1, 2, .2, 3.0, *one.values())
    blank = np.zeros(2)
    for _ in range(12):
        recover(Capability(), .02, 3.0, 2.5, blank, *one.values(), blank, blank.copy(), blank)
    assert one["developed"][1, 2] == pytest.approx(.2 * .9865**12, rel=1e-12) == pytest.approx(.2 * .85, rel=2e-3)
    assert one["capability"][1] == pytest.approx(one["born"][1] + one["developed"][1], rel=1e-15)
    assert attraction_factor(0, np.zeros(N), 3.0) == 1.0
    for name in before:
        assert np.array_equal(one[name][0], before[name][0]), name


def test_lost_appeal_comes_back_and_its_cost_adds_up():
    """Sum of d Q / alpha (1 - f)^k over all months: d Q / (alpha f)."""
    one, sales, lost, appeal, cost = world(1), column(25.0), column(.1), column(1.9), np.zeros(1)
    for month in range(1, 2001):
        recover(Capability(), .02, 3.0, 2.5, sales, *one.values(), lost, appeal, cost)
        if month == 1:
            assert (cost[0], lost[0], appeal[0]) == pytest.approx((.1 * 25 / 2.5, .098, 1.902), rel=1e-14)
    assert cost[0] == pytest.approx(.1 * 25 / (2.5 * .02), rel=1e-9)
    assert appeal[0] == pytest.approx(2.0, rel=1e-12)


def expected(omega_like=1.0, trust=.5, mbar=.5, contract=(0.0, 0.0, 0.0, 0.0), lead=.4, sales=30.0, life=40.0,
             kind=RND, delta=.99, weight=3.0, **settings):
    """What leaks are expected to cost; firm 0 leads firm 1 in hardware."""
    capability, attraction = np.full((2, N), .6), np.ones((2, S))
    capability[0, 0] += lead
    attraction[1, 1:] = omega_like
    leaks = Leaks(**settings)
    prospect = f12.prospect_of_leaks(0, 1, trust, mbar, contract, capability, attraction, np.ones(S), weight,
                                     column(sales, sales), 2.5, life, delta, leaks)
    return f12.expected_leaks(kind, *prospect, leaks)


def test_expected_leaks_by_hand():
    """Alike markets: hazard .004 e^1.2 (1 + .25); appeal .3 x 3 x .3 x .4 x mean weight; 30 / 2.5 k€ a unit."""
    lost = .3 * 3 * .3 * .4 * WEIGHTS[:, 0].mean()
    worth = 30 / 2.5 * .99 / (1 - .99 * .98)
    assert expected() == pytest.approx(.004 * math.exp(1.2) * 1.25 * lost * worth * 40, rel=1e-12)
    assert expected(hazard=0.0) == expected(lead=0.0) == expected(lead=-.3) >= 0.0


# F21

def test_noise_and_misuse_by_hand():
    assert measurement_noise(.1, 1.0, 0.0, Sharing()) == .1
    assert measurement_noise(.1, .25, 1.0, Sharing())**2 == pytest.approx(.01 / (.5 * .85), rel=1e-14)
    assert measurement_noise(.1, 0.0, 0.0, Sharing())**2 == pytest.approx(.01 / math.sqrt(.05), rel=1e-14)
    assert measurement_noise(.1, .3, .7, Sharing(precision=0.0, blur=0.0)) == .1
    assert misuse_hazard(1.0, 0.0, 0.0, 0.0, Sharing()) == .003
    assert misuse_hazard(.6, 1.0, .5, 10.0, Sharing()) == pytest.approx(.003 * .6 * .5 * .85 / 1.5, rel=1e-14)


def leaking(omega=.5, trust=.5, mbar=.5, kind=RND, nda=.5, compartments=.5, access=.5, hr=.5, **settings):
    """The whole hazard."""
    leaks = Leaks(**settings)
    return f12.leak_hazard(kind, omega, trust, mbar, compartments, leaks) * sum(
        f12.channels(mbar, nda, compartments, access, hr, leaks))


def by(channel, mbar=.5, nda=.5, compartments=.5, access=.5, hr=.5, **settings):
    """What comes by one channel."""
    return f12.channels(mbar, nda, compartments, access, hr, Leaks(**settings))[channel]


def misused(shared=.8, anonymised=.5, access=.5, penalty=10.0, **settings):
    return misuse_hazard(shared, anonymised, access, penalty, Sharing(**settings))


def noise(shared=.5, anonymised=.5, **settings):
    return measurement_noise(.1, shared, anonymised, Sharing(**settings))


def controlled(skill=.4, **settings):
    return f12.technical_control(np.full(N, skill), Leaks(**settings))


def kinds(name, kind):
    return lambda x: leaking(kind=kind, **{f"exposure_{name}": x})


UP, DOWN = 1, -1
SIGNS = {
    # Kale, Singh & Perlmutter 2000: relational capital protects; rivals learn what they can use
    "trust lowers leaks": (DOWN, lambda x: leaking(trust=x), .3, .8),
    "a steeper slope of trust raises leaks where trust is low": (UP, lambda x: leaking(trust=.2, trust_slope=x), .5, 3),
    "market overlap raises leaks": (UP, lambda x: leaking(omega=x), 0.0, 1.0),
    "a steeper slope of overlap raises leaks": (UP, lambda x: leaking(overlap_slope=x), .6, 2.0),
    "hazard raises leaks": (UP, lambda x: leaking(hazard=x), .001, .012),
    "modularity without compartments raises leaks": (UP, lambda x: leaking(mbar=x, compartments=0.0), 0.0, 1.0),
    "the slope of modularity raises leaks": (UP, lambda x: leaking(modular=x), 0.0, 1.0),
    "exposure of procurement raises leaks": (UP, kinds("procurement", 0), .03, .3),
    "exposure of co-opetition raises leaks": (UP, kinds("coopetition", 1), .1, .6),
    "exposure of R&D raises leaks": (UP, kinds("rnd", 2), .2, 1.0),
    "exposure of infrastructure raises leaks": (UP, kinds("infrastructure", 3), .05, .4),
    # Norman 2002: what firms do against it
    "an NDA lowers leaks by the partner": (DOWN, lambda x: by(1, nda=x), 0.0, 1.0),
    "compartments lower leaks by staff": (DOWN, lambda x: by(0, compartments=x), 0.0, 1.0),
    "compartments lower leaks by the partner": (DOWN, lambda x: by(1, compartments=x), 0.0, 1.0),
    "compartments lower leaks as a whole": (DOWN, lambda x: leaking(compartments=x), 0.0, 1.0),
    "modularity makes compartments work": (DOWN, lambda x: by(0, mbar=x), 0.0, 1.0),
    "access control lowers leaks by staff": (DOWN, lambda x: by(0, access=x), 0.0, 1.0),
    "access control lowers leaks by the partner": (DOWN, lambda x: by(1, access=x), 0.0, 1.0),
    "HR controls lower leaks by staff": (DOWN, lambda x: by(0, hr=x), 0.0, 1.0),
    "effect of access control": (DOWN, lambda x: f12.channels(.5, 0.0, 0.0, 1.0, 0.0, Leaks(access=x))[0], 0.0, .8),
    "effect of an NDA": (DOWN, lambda x: f12.channels(.5, 1.0, 0.0, 0.0, 0.0, Leaks(nda=x))[1], 0.0, .8),
    "effect of HR controls": (DOWN, lambda x: f12.channels(.5, 0.0, 0.0, 0.0, 1.0, Leaks(hr=x))[0], 0.0, .8),
    "effect of compartments": (DOWN, lambda x: f12.channels(.5, 0.0, 1.0, 0.0, 0.0, Leaks(compartments=x))[0], 0.0, .5),
    "effect of modularity on compartments": (
        DOWN, lambda x: f12.channels(.5, 0.0, 1.0, 0.0, 0.0, Leaks(compartments_modular=x))[0], 0.0, .5),
    "weight of staff": (UP, lambda x: leaking(staff=x), .4, .8),
    "weight of the partner": (UP, lambda x: leaking(partner=x), .1, .5),
    "weight of other channels": (UP, lambda x: leaking(other=x), .05, .2),
    "skills raise technical control": (UP, lambda x: controlled(skill=x), .2, .6),
    "control raises technical control": (UP, lambda x: controlled(control=x), 1.0, 2.0),
    "a non-solicit clause keeps HR controls": (UP, lambda x: f12.hr_after(1.0, x, Leaks()), 0.0, 1.0),
    "what such a clause keeps": (UP, lambda x: f12.hr_after(1.0, 1.0, Leaks(non_solicit=x)), .25, .75),
    "logs raise detection": (UP, lambda x: f12.leak_detection(x, Leaks()), 0.0, 1.0),
    "base detection": (UP, lambda x: f12.leak_detection(.5, Leaks(detection=x)), .1, .5),
    "what logs add": (UP, lambda x: f12.leak_detection(.5, Leaks(detection_logs=x)), .2, .6),
    # what a leak costs, as those who join expect it (F6)
    "overlap raises what leaks cost": (UP, lambda x: expected(omega_like=x), .1, 1.0),
    "a lead raises what leaks cost": (UP, lambda x: expected(lead=x), .1, .4),
    "trust lowers what leaks are feared to cost": (DOWN, lambda x: expected(trust=x), .3, .8),
    "an NDA lowers what leaks are feared to cost": (DOWN, lambda x: expected(contract=(x, 0., 0., 0.)), 0.0, 1.0),
    "closing raises what leaks cost": (UP, lambda x: expected(closes=x), .1, .6),
    "exclusivity raises what leaks cost": (UP, lambda x: expected(exclusivity=x), .1, 1.0),
    "fading lowers what leaks cost": (DOWN, lambda x: expected(fade=x), .01, .05),
    "sales raise what leaks cost": (UP, lambda x: expected(sales=x), 10.0, 100.0),
    # Lee, So & Tang 2000, and what guards data
    "shared data sharpen the KPI": (DOWN, lambda x: noise(shared=x), .1, 1.0),
    "anonymised data blur it": (UP, lambda x: noise(anonymised=x), 0.0, 1.0),
    "the exponent of sharing blurs what is seen by few data": (UP, lambda x: noise(precision=x), .25, 1.0),
    "the loss by anonymising": (UP, lambda x: noise(blur=x), .05, .4),
    "what is seen anyway sharpens it": (DOWN, lambda x: noise(shared=0.0, floor=x), .02, .2),
    "shared data are misused": (UP, lambda x: misused(shared=x), 0.0, 1.0),
    "anonymising prevents misuse": (DOWN, lambda x: misused(anonymised=x), 0.0, 1.0),
    "access control prevents misuse": (DOWN, lambda x: misused(access=x), 0.0, 1.0),
    "a penalty deters misuse": (DOWN, lambda x: misused(penalty=x), 0.0, 20.0),
    "misuse at most": (UP, lambda x: misused(misuse=x), .001, .01),
    "what anonymising prevents": (DOWN, lambda x: misuse_hazard(1.0, 1.0, 0.0, 0.0, Sharing(anonymised=x)), .2, .8),
    "what access control prevents": (DOWN, lambda x: misuse_hazard(1.0, 0.0, 1.0, 0.0, Sharing(access=x)), .1, .6),
    "the penalty that deters": (UP, lambda x: misused(deterrence=x), 10.0, 40.0),
    # Hall, Mairesse & Mohnen 2010
    "knowledge depreciates": (DOWN, lambda x: kept(.2, Capability(depreciation=x)), .008, .03),
    "what is developed attracts": (UP, lambda x: attraction_factor(0, np.full(N, x), 3.0), 0.0, .3),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
