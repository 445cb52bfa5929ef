"""How firms see their ecosystem (F28): known answers by hand, and the sign of every lever, each called by itself."""

import math

import numpy as np
import pytest

import allysim as al
from allysim.config.bargain import Scaling
from allysim.config.ecosystem import Ecosystem
from allysim.config.parameters import Administration, Pilot
from allysim.config.scenario import settable
from allysim.config.strategy import Strategy, columns
from allysim.dealings.brought import set_stakes
from allysim.dealings.ecosystem import get_ready, note, set_out, views
from allysim.dealings.opportunities import EVERYONE, choose_quadrant, hold_back, refuse
from allysim.draws import normal_quantile
from allysim.mechanisms.ecosystem import (
    effort,
    is_done,
    lesson,
    seen_capability,
    seen_through,
    self_noise,
    takes_trust,
)
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND
from mechanisms.test_levers_alone import DOWN, REST, UP

ERRORS = np.array([normal_quantile((k + .5) / 99) for k in range(99)])
NONE = -1


# known answers

def test_what_a_firm_takes_itself_to_be_by_hand():
    rules = Ecosystem()
    assert self_noise(NONE, 5, rules) == self_noise(6, 5, rules) == .25
    assert self_noise(5, 5, rules) == self_noise(0, 5, rules) == .10
    assert seen_capability(.4, 2.0, .25) == .9
    assert seen_capability(.4, 3.0, .25) == 1.0
    assert seen_capability(.4, -2.0, .25) == 0.0
    assert seen_capability(.123456789, 7.0, 0.0) == .123456789
    assert [is_done(since, 4) for since in (NONE, 0, 4, 5)] == [False, True, True, False]


def test_stakes_are_those_of_the_self_image():
    """Margin 10, one segment that asks for two capabilities alike: 10 x .5 x what it thinks to lack."""
    found = np.empty((1, 2))
    set_stakes(np.ones(1, dtype=np.bool_), np.full(1, 10.0), np.ones((1, 1)), np.ones(1), np.array([[.5, .5]]),
               np.array([[1.0, -2.0]]), np.full(1, NONE, dtype=np.int32), 3, Ecosystem(), np.full((1, 2), .5), found)
    assert found == pytest.approx(np.array([[1.25, 5.0]]), rel=1e-15)


def test_lessons_are_a_mean_shrunk_towards_one():
    noted, value = [.5, 0.0, 2.0, 1.2, .7], 1.0
    for number, delivered in enumerate(noted, 1):
        value = lesson(value, number, 8.0 * delivered, 8.0, 4.0)
        assert value == pytest.approx((4.0 + sum(noted[:number])) / (4.0 + number), rel=1e-14)
    assert lesson(1.0, 1, 99.0, 8.0, 4.0) == pytest.approx(6.0 / 5.0)  # twice the promise at most
    assert lesson(1.0, 1, -99.0, 8.0, 4.0) == pytest.approx(4.0 / 5.0)  # and nothing at least


def test_effort_and_how_it_is_seen_by_hand():
    assert effort(5.0, .225, 40.0) == 14.0
    assert seen_through(14.0, 2.0, .3) == pytest.approx(14.0 * math.exp(.6))
    assert seen_through(14.0, 2.0, 0.0) == 14.0
    assert [takes_trust(kind) for kind in (PROCUREMENT, COOPETITION, RND, INFRASTRUCTURE)] == [False, False, True, True]


# the matrix: two candidates, procurement or R&D

def quadrant(policy, value=(10.0, 20.0, 100.0, 50.0), allowed=(1, 1, 1, 1), noise=0.0, month=1, luck=1):
    """Which of four options are left; effort is 15.1 k€ in procurement and 35.2 in R&D, with 2 x 44.8 months."""
    levers = columns([Strategy(opportunities=policy)], Pilot())
    options = np.array([[1, *allowed]], dtype=np.bool_)
    keys = np.arange(3, dtype=np.uint64)
    choose_quadrant(np.uint64(luck), np.uint64(month), np.zeros((1, 3), dtype=np.int32), np.array([[1, 2]], np.int32),
                    np.array([PROCUREMENT, RND], dtype=np.int8), keys, np.zeros(3, dtype=np.int32),
                    levers.opportunities, np.ones((3, 11)), np.zeros((3, 4), dtype=np.int32), np.zeros(3), np.zeros(3),
                    0, .5, Administration(), Scaling(), 44.8, noise, np.full((1, 5), .5),
                    np.array([[0.0, *value]]), options)
    assert options[0, 0]
    return [int(left) for left in options[0, 1:]]


def test_quadrants_by_hand():
    assert quadrant("value") == [1, 1, 1, 1]
    assert quadrant("quick_wins") == [0, 1, 0, 0]    # procurement is less effort, and the second firm more impact
    assert quadrant("impact_first") == [0, 0, 1, 1]  # from the median of 35 on
    assert quadrant("quick_wins", allowed=(0, 0, 1, 1)) == [0, 0, 1, 0]
    assert quadrant("quick_wins", value=(10.0, 10.0, 100.0, 50.0)) == [1, 1, 0, 0]


@pytest.mark.parametrize("policy", ["value", "quick_wins", "impact_first", "random"])
def test_whoever_had_something_is_left_something(policy):
    for mask in range(16):
        allowed = [mask >> k & 1 for k in range(4)]
        left = quadrant(policy, allowed=allowed, noise=.6)
        assert all(a >= b for a, b in zip(allowed, left, strict=True))
        assert sum(left) >= (mask > 0)
        assert policy != "random" or sum(left) == (mask > 0)


def test_any_one_is_drawn_anew_and_all_alike():
    drawn = np.sum([quadrant("random", month=month) for month in range(1, 401)], axis=0)
    assert drawn.sum() == 400 and (abs(drawn - 100) < 40).all()


def test_noise_misleads_and_stays():
    clear = quadrant("impact_first")
    for luck in range(1, 30):
        assert quadrant("impact_first", noise=.01, luck=luck) == clear
        seen = quadrant("impact_first", noise=2.0, luck=luck)
        assert seen == quadrant("impact_first", noise=2.0, luck=luck, month=7)
    misled = [quadrant("impact_first", noise=2.0, luck=luck) != clear for luck in range(1, 200)]
    assert 20 < sum(misled) < 180


# whom a firm wants

def kept_away(kind, trust, likeness, **strategy):
    """Whether an option is taken from one who grows a charter."""
    levers, rules = columns([Strategy(**strategy)], Pilot()), Ecosystem()
    allowed = np.ones((1, 2), dtype=np.bool_)
    hold_back(np.zeros(1, dtype=np.int64), 2, np.zeros((1, 2), dtype=np.int32), np.full(1, kind, dtype=np.int8),
              np.full(1, kind, dtype=np.int8), 1, np.zeros(2, dtype=np.int32), levers.partners, levers.ladder,
              rules.rival_overlap, rules.ladder_trust, np.full((1, 2), trust), np.full((1, 2), likeness), allowed)
    return not allowed[0, 1]


def test_a_ladder_asks_for_trust_in_big_ventures_only():
    for kind, big in ((PROCUREMENT, False), (COOPETITION, False), (RND, True), (INFRASTRUCTURE, True)):
        assert kept_away(kind, .59, .1, ladder=True) == big
        assert not kept_away(kind, .6, .1, ladder=True)
        assert not kept_away(kind, .1, .1)


def test_rivals_are_those_with_more_overlap():
    assert kept_away(RND, .9, .81, partners="non_rivals")
    assert not kept_away(RND, .9, .8, partners="non_rivals")
    assert not kept_away(RND, .9, 1.0) and not kept_away(RND, .9, 1.0, partners="focal")


def asked(of=EVERYONE, kind=RND, met=True, **strategy):
    """Whether the second of three firms would join: the first is its twin in the market, the third is not."""
    levers, rules = columns([Strategy(**strategy)], Pilot()), Ecosystem()
    attraction = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    allowed = np.ones((1, 2), dtype=np.bool_)
    head = np.array([NONE, 0 if met else NONE, NONE], dtype=np.int32)  # it knows the third
    refuse(np.array([[0, 1, 2]], dtype=np.int32), np.ones(1, dtype=np.int64), np.full(1, kind, dtype=np.int8),
           np.full(1, of), np.zeros(3, dtype=np.int32), levers.partners, levers.ladder, rules.rival_overlap,
           rules.ladder_trust, attraction, np.ones(2), np.full(3, .5), 4.0, head, np.full(1, 2, dtype=np.int32),
           np.full(1, NONE, dtype=np.int32), np.full(1, 12.0), np.zeros(1), allowed)
    return bool(allowed[0, 1])


def test_who_is_asked_looks_at_all_or_at_the_newcomer():
    assert asked()
    assert not asked(partners="non_rivals") and not asked(of=0, partners="non_rivals")
    assert asked(of=2, partners="non_rivals")
    assert not asked(ladder=True) and not asked(of=0, ladder=True)  # a stranger
    assert asked(of=2, ladder=True) and not asked(of=2, ladder=True, met=False)
    assert asked(ladder=True, kind=PROCUREMENT)


# getting ready

def begun(month=1, delay=6, ruined=0, since=(NONE, NONE, NONE), **strategy):
    """When one firm is audited, mapped and prepared, and how many of these it has done in this month."""
    levers = columns([Strategy(**strategy)], Pilot())
    dates = [np.full(1, when, dtype=np.int32) for when in since]
    counts = np.zeros(3, dtype=np.int64)
    set_out(month, levers.audit, levers.map, levers.prepare, np.zeros(1, dtype=np.int32),
            np.full(1, ruined, dtype=np.int32), delay, *dates, np.empty((3, 1), dtype=np.int32), counts)
    return [int(when[0]) for when in dates], counts.tolist()


def test_what_is_ready_when():
    assert begun() == ([NONE] * 3, [0, 0, 0])
    assert begun(audit=True) == ([7, NONE, NONE], [0, 0, 0])
    assert begun(map=True, delay=0) == ([NONE, 1, NONE], [0, 1, 0])
    assert begun(7, audit=True, since=(7, NONE, NONE)) == ([7, NONE, NONE], [1, 0, 0])
    assert begun(8, audit=True, since=(7, NONE, NONE)) == ([7, NONE, NONE], [0, 0, 0])
    assert begun(prepare=True) == ([1, 1, 1], [1, 1, 1])
    assert begun(3, prepare=True, since=(7, 2, NONE)) == ([3, 2, 3], [1, 0, 1])  # one was under way, one there
    assert begun(audit=True, map=True, prepare=True, ruined=1) == ([NONE] * 3, [0, 0, 0])
    assert begun(7, since=(7, NONE, NONE)) == ([7, NONE, NONE], [1, 0, 0])  # the lever was moved back meanwhile


def noted(gain, months=3, learns=True, kind=RND, founded_as=RND, expected=4.0):
    """What one membership teaches."""
    value, number = np.ones((1, 4)), np.zeros((1, 4), dtype=np.int32)
    rows, levers = np.zeros(1, dtype=np.int32), columns([Strategy(learn=learns)], Pilot())
    note(rows, 4.0, levers.learn, rows, rows, rows, np.full(1, gain), np.full(1, months, dtype=np.int32),
         np.full(1, expected), np.full(1, kind, dtype=np.int8), np.full(1, founded_as, dtype=np.int8), value, number)
    assert number.sum() == (value != 1.0).any()
    return value[0, RND]


def test_what_teaches_and_what_does_not():
    assert noted(2.0) == pytest.approx(4.5 / 5.0)
    assert noted(2.0, learns=False) == noted(2.0, months=0) == noted(2.0, expected=0.0) == 1.0
    assert noted(2.0, kind=COOPETITION) == 1.0  # it has fallen back


# signs

def prepared(found=False, **settings):
    """A world of twelve firms that got ready in the first month."""
    levers = {f"background.strategy.{lever}": True for lever in ("audit", "map", "prepare")}
    model = al.AllianceModel(al.scenario(**{**REST, **levers, "governance.dashboard": 0.0, **settings}), rng=1)
    model.state.world.month = 1
    get_ready(model)
    if found:
        model.form_alliance([0, 1, 2])
    return model


def wrong(noise):
    return np.mean([abs(seen_capability(.5, error, noise) - .5) for error in ERRORS])


def wanted(**rules):
    """How many of pairs of trust and overlap a firm that climbs the ladder, or shuns rivals, would still have."""
    grid = np.array([(trust, like) for trust in np.linspace(.4, .9, 11) for like in np.linspace(.5, 1.0, 11)]).T
    levers = columns([Strategy(partners="non_rivals", ladder=True)], Pilot())
    allowed, row = np.ones((1, grid.shape[1]), dtype=np.bool_), np.zeros(1, dtype=np.int32)
    some = Ecosystem(**rules)
    hold_back(row, 2, row[None], np.full(1, RND, np.int8), row, 1, row, levers.partners, levers.ladder,
              some.rival_overlap, some.ladder_trust, grid[None, 0], grid[None, 1], allowed)
    return allowed.sum()


def late(delay):
    levers = {"background.strategy.audit": True, "background.strategy.prepare": False, "ecosystem.delay": delay}
    return prepared(**levers).state.firms.audited.max()


ROWS = {
    "ecosystem.self_noise": (UP, lambda x: wrong(self_noise(NONE, 3, Ecosystem(self_noise=x)))),
    "ecosystem.audited_noise": (UP, lambda x: wrong(self_noise(1, 3, Ecosystem(audited_noise=x)))),
    "ecosystem.audit_cost": (DOWN, lambda x: prepared(**{"ecosystem.audit_cost": x}).state.firms.cash.sum()),
    "ecosystem.mapped": (UP, lambda x: views(prepared(**{"ecosystem.mapped": x}), np.arange(12)).sum()),
    "ecosystem.map_cost": (DOWN, lambda x: prepared(**{"ecosystem.map_cost": x}).state.firms.cash.sum()),
    "ecosystem.delay": (UP, late),
    "ecosystem.dashboard": (UP, lambda x: prepared(True, **{"ecosystem.dashboard": x}).state.alliances.dashboard[0]),
    "ecosystem.dashboard_cost": (DOWN, lambda x: prepared(**{"ecosystem.dashboard_cost": x}).state.firms.cash.sum()),
    "ecosystem.matrix_noise": (UP, lambda x: np.std([math.log(seen_through(5.0, error, x)) for error in ERRORS])),
    "ecosystem.ladder_trust": (DOWN, lambda x: wanted(ladder_trust=x)),
    "ecosystem.rival_overlap": (UP, lambda x: wanted(rival_overlap=x)),
    "ecosystem.lesson_weight": (UP, lambda x: lesson(1.0, 1, 0.0, 5.0, x)),
    "strategy.audit": (DOWN, lambda x: wrong(self_noise(begun(delay=0, audit=x)[0][0], 3, Ecosystem()))),
    "strategy.map": (UP, lambda x: views(prepared(**{
        "background.strategy.prepare": False, "ecosystem.delay": 0, "background.strategy.map": x}),
        np.arange(12)).sum()),
    "strategy.prepare": (UP, lambda x: sum(when == 1 for when in begun(audit=True, map=True, prepare=x)[0])),
    "strategy.ladder": (DOWN, lambda x: sum(not kept_away(RND, trust, .5, ladder=x) for trust in (.4, .5, .6, .7))),
    "strategy.learn": (DOWN, lambda x: noted(1.0, learns=x)),
}
"""Lever: its sign, and what it moves from the low end of its sweep to the high one, or from no to yes."""


@pytest.mark.parametrize("key", ROWS)
def test_sign(key):
    (sign, effect), parameter = ROWS[key], settable()[key].parameter
    low, high = (parameter.low, parameter.high) if parameter.low is not None else (False, True)
    assert sign * (float(effect(high)) - float(effect(low))) > 0, f"{key}: {effect(low)} and {effect(high)}"


def test_quick_wins_take_less_effort_and_impact_first_has_more_impact():
    value, toil = np.array([10.0, 20.0, 100.0, 50.0]), np.array([15.1, 15.1, 35.2, 35.2])
    left = {policy: np.flatnonzero(quadrant(policy)) for policy in ("value", "quick_wins", "impact_first")}
    assert toil[left["quick_wins"]].mean() < toil[left["value"]].mean()
    assert value[left["impact_first"]].mean() > value[left["value"]].mean()


def test_partners_that_are_no_rivals_overlap_less():
    likeness = np.linspace(.5, 1.0, 11)
    left = {who: [x for x in likeness if not kept_away(RND, .9, x, partners=who)] for who in ("anyone", "non_rivals")}
    assert np.mean(left["non_rivals"]) < np.mean(left["anyone"])
