"""One name for rivals, a promise to their customers, a shared office and subscriptions: numbers by hand, and signs."""

import numpy as np
import pytest

from allysim.config.recurring import Subscriptions
from allysim.config.yields import Coopetition
from allysim.mechanisms.coopetition import (
    automated,
    automation_fee,
    let_through,
    made_good,
    under_one_name,
)
from allysim.mechanisms.kinds import COOPETITION
from allysim.mechanisms.recurring import unbound
from allysim.phases.operations import face_customers
from allysim.state import CAPACITY, MARKETING
from mechanisms.test_levers_alone import operated


def seen(on_time=(1.0, .9, .5, .2), sells_with=(0, 0, 0, -1), scope=MARKETING, **settings):
    """What customers of four firms see undelivered and get for it; the first three are members. 60 units at 1.5."""
    n = len(on_time)
    missed, paid = np.full((2, n), 9.0)
    rows = np.arange(3, dtype=np.int32)
    face_customers(np.zeros(1, np.int32), np.array([0, 3], np.int32), rows, rows, np.full(1, COOPETITION, np.int8),
                   np.full(1, scope, np.int8), np.array(sells_with, np.int32), np.array(on_time), np.full(n, 60.0),
                   np.full(n, 1.5), Coopetition(**settings), missed, paid)
    return missed, paid


def test_the_worst_counts_half():
    missed, paid = seen()
    assert missed == pytest.approx([.25, .3, .5, .8], rel=1e-14) and not paid.any()


def test_who_sells_through_another_alliance_does_not_count():
    missed, _ = seen(sells_with=(0, 0, 7, -1))
    assert missed == pytest.approx([.05, .1, .5, .8], rel=1e-14)


@pytest.mark.parametrize("away", [{"scope": CAPACITY}, {"reputation": 0.0}], ids=str)
def test_without_a_common_name_everyone_is_seen_as_it_is(away):
    on_time = np.array([1.0, .9, .5, .2])
    assert (seen(**away)[0] == 1.0 - on_time).all()


def test_a_promise_is_paid_for_by_who_fails_and_keeps_the_name():
    """Of a promise of .8 the third is short by .3 of 60 units at 1.5: 27 k€, a quarter of it is 6.75."""
    missed, paid = seen(quality_floor=.8)
    assert missed == pytest.approx([.1, .15, .2, .8], rel=1e-14)
    assert paid == pytest.approx([0.0, 0.0, 6.75, 0.0], rel=1e-14)
    missed, paid = seen(quality_floor=1.0, compensation=1.0)
    assert missed == pytest.approx([0.0, 0.0, 0.0, .8]) and paid == pytest.approx([0.0, 9.0, 45.0, 0.0], rel=1e-13)


@pytest.mark.parametrize("promise", [0.0, .5, .8, 1.0])
@pytest.mark.parametrize("weight", [0.0, .5, 1.0])
def test_nobody_under_one_name_sees_more_than_the_promise_lets_through(promise, weight):
    missed, _ = seen(on_time=(0.0, .3, .99, 0.0), quality_floor=promise, reputation=weight)
    assert (missed[:3] <= 1.0 - promise).all() and (missed >= 0.0).all() and missed[3] == 1.0


def test_a_shared_office_by_hand():
    rules = Coopetition()
    assert automated(24.0, 1.25, rules) == pytest.approx(3.0, rel=1e-14)
    assert automated(24.0, 50.0, rules) == 24.0  # all there is
    assert automation_fee(60.0, 1, rules) == pytest.approx(1.32, rel=1e-14)
    assert automation_fee(60.0, 3, rules) == pytest.approx(1.32 / 3**.2, rel=1e-14)


def test_a_shared_office_trades_fixed_for_variable_cost():
    """With 28 % of revenue in F it pays for three at usual sales, and no more for who sells half as much again."""
    assert automated(16.8, 1.0, Coopetition()) - automation_fee(60.0, 3, Coopetition()) == pytest.approx(.62, abs=.01)
    assert automation_fee(160.0, 3, Coopetition()) > automated(16.8, 1.0, Coopetition())


@pytest.mark.parametrize(("share", "part", "left"), [(0.0, .5, 1.0), (1.0, .5, .5), (.4, .5, .8), (1.0, 1.0, 0.0)])
def test_what_subscriptions_leave(share, part, left):
    assert unbound(share, part) == pytest.approx(left, rel=1e-15)


def test_subscriptions_in_a_month_by_hand():
    """Of 60 sales and 80 wanted: .25 x (1 - .5 x .8) of the gap; churn of (.03 + .2 x .5) x .6."""
    month = operated(on_time=.5, subscribing=Subscriptions())
    assert month["sales"] == pytest.approx(60 + .25 * .6 * 20, rel=1e-14)
    assert month["churn"] == pytest.approx(.13 * .6, rel=1e-14)
    assert month["leads"] == pytest.approx(3.0 + .13 * .6 * 60, rel=1e-14)


def swing(target, inertia):
    """How far sales of 60 go towards what is wanted in half a year."""
    return abs(operated(months=6, target=target, subscribing=Subscriptions(0.0, inertia))["sales"] - 60.0)


UP, DOWN = 1, -1
SIGNS = {
    # Tirole 1996, Hirshleifer 1983: one name, as good as the weakest link
    "reputation makes the good look worse": (UP, lambda x: seen(reputation=x)[0][0], .2, .8),
    "the worst makes the good look worse": (UP, lambda x: under_one_name(.05, x, Coopetition()), .1, .5),
    "a promise lets less through": (DOWN, lambda x: let_through(.4, Coopetition(quality_floor=x)), .7, .95),
    "a promise makes a bad member cost the others less": (DOWN, lambda x: seen(quality_floor=x)[0][0], .6, .9),
    "a promise costs who fails": (UP, lambda x: seen(quality_floor=x)[1][2], .6, .9),
    "compensation costs who fails": (
        UP, lambda x: made_good(.4, 60.0, 1.0, Coopetition(quality_floor=.9, compensation=x)), .1, .5),
    # a shared office: fixed cost for variable cost
    "automation saves fixed cost": (UP, lambda x: automated(20.0, 1.0, Coopetition(automation=x)), .05, .2),
    "benefit raises what automation saves": (UP, lambda x: automated(20.0, x, Coopetition()), .5, 1.5),
    "the fee raises what automation costs": (
        UP, lambda x: automation_fee(60.0, 3, Coopetition(automation_fee=x)), .01, .04),
    "sales raise what automation costs": (UP, lambda x: automation_fee(x, 3, Coopetition()), 40.0, 80.0),
    "members lower what automation costs": (DOWN, lambda x: automation_fee(60.0, x, Coopetition()), 2, 5),
    "the exponent lowers what automation costs": (
        DOWN, lambda x: automation_fee(60.0, 3, Coopetition(automation_exponent=x)), .1, .4),
    # recurring revenue
    "subscriptions lower churn": (DOWN, lambda x: unbound(x, Subscriptions().churn), 0.0, 1.0),
    "subscriptions slow growth": (DOWN, lambda x: swing(80.0, x), .2, .8),
    "subscriptions slow decline": (DOWN, lambda x: swing(40.0, x), .2, .8),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
