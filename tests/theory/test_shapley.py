"""Limit 6: the Shapley value of pooled buying is efficient, symmetric, gives a null player nothing, and by hand."""

import math
from itertools import permutations

import numpy as np
import pytest

from allysim.config.parameters import Purchasing
from allysim.mechanisms.purchasing import price_rung
from allysim.mechanisms.terms import MOST_MEMBERS, coalition_saving, shapley

SCHEDULE = Purchasing()
SIZES = range(2, MOST_MEMBERS + 1)


def worth(firms, spend, volume, schedule=SCHEDULE):
    """v(S): what the firms save by buying together, k€/month."""
    firms = list(firms)
    alone = sum(price_rung(spend[i], schedule) * volume[i] for i in firms)
    return coalition_saving(alone, sum(spend[i] for i in firms), sum(volume[i] for i in firms), schedule)


def value(spend, volume, schedule=SCHEDULE):
    out = np.empty(len(spend))
    shapley(np.array(spend, dtype=float), np.array(volume, dtype=float), schedule, out)
    return out


def drawn(n):
    luck = np.random.default_rng(n)
    spend = 30.0 * np.exp(luck.normal(size=n))
    return spend, spend * luck.uniform(.8, 1.2, size=n)  # prices have moved since month 0


def by_orders(spend, volume):
    """The definition: what each adds to those who came before, over all orders of coming."""
    n = len(spend)
    found = np.zeros(n)
    for order in permutations(range(n)):
        for k, i in enumerate(order):
            before = worth(order[:k], spend, volume) if k else 0.0
            found[i] += worth(order[:k + 1], spend, volume) - before
    return found / math.factorial(n)


def test_three_firms_by_hand():
    """With p = 1 - D [1 - (Q/30)^-1/2] and D = .2, firms that spend 30, 90 and 150 a month."""
    schedule = Purchasing(discount=.2, steepness=.5, first_rung=30.0)
    p = {q: 1 - .2 * (1 - (q / 30) ** -.5) for q in (30, 90, 120, 150, 180, 240, 270)}
    ab = (p[30] - p[120]) * 30 + (p[90] - p[120]) * 90
    ac = (p[30] - p[180]) * 30 + (p[150] - p[180]) * 150
    bc = (p[90] - p[240]) * 90 + (p[150] - p[240]) * 150
    abc = (p[30] - p[270]) * 30 + (p[90] - p[270]) * 90 + (p[150] - p[270]) * 150
    hand = [
        ab / 6 + ac / 6 + (abc - bc) / 3,  # first: 0 in two orders, second: to b or c, last: in two orders
        ab / 6 + bc / 6 + (abc - ac) / 3,
        ac / 6 + bc / 6 + (abc - ab) / 3,
    ]
    assert value([30, 90, 150], [30, 90, 150], schedule) == pytest.approx(hand, abs=1e-9)
    # and in numbers: p = 1, .915470, .9, .889443, .881650, .870711, .866667 at these spends
    assert (ab, ac, bc, abc) == pytest.approx((4.392305, 4.719469, 6.838150, 11.808713), abs=1e-6)
    assert hand == pytest.approx([3.175483, 4.234824, 4.398406], abs=2e-6)


@pytest.mark.parametrize("n", range(2, 7))
def test_coalitions_give_what_all_orders_of_coming_give(n):
    spend, volume = drawn(n)
    assert value(spend, volume) == pytest.approx(by_orders(spend, volume), rel=1e-9)


@pytest.mark.parametrize("n", SIZES)
def test_efficiency(n):
    spend, volume = drawn(n)
    assert value(spend, volume).sum() == pytest.approx(worth(range(n), spend, volume), rel=1e-9)


@pytest.mark.parametrize("n", SIZES)
def test_symmetry(n):
    """Firms that add the same get the same, wherever they stand; equal firms get equal parts."""
    spend, volume = drawn(n)
    spend[-1], volume[-1] = spend[0], volume[0]
    found = value(spend, volume)
    assert found[-1] == pytest.approx(found[0], rel=1e-9)
    order = np.roll(np.arange(n), 1)
    assert value(spend[order], volume[order]) == pytest.approx(found[order], rel=1e-9)
    alike = value([40.0] * n, [44.0] * n)
    assert alike == pytest.approx(worth(range(n), [40.0] * n, [44.0] * n) / n, rel=1e-9)


@pytest.mark.parametrize("n", SIZES)
def test_null_player(n):
    """A firm that buys nothing adds nothing, gets nothing, and changes nothing for the others."""
    spend, volume = drawn(n)
    spend[0] = volume[0] = 0.0
    found = value(spend, volume)
    assert found[0] == pytest.approx(0.0, abs=1e-12)
    if n > 2:
        assert found[1:] == pytest.approx(value(spend[1:], volume[1:]), rel=1e-9)


@pytest.mark.parametrize("n", SIZES)
def test_nobody_pays_for_being_there(n):
    """Pooling helps every coalition, so no one's value is below 0, and larger buyers never get less."""
    spend, _ = drawn(n)
    found = value(spend, spend)
    assert (found >= 0.0).all() and (value(*drawn(n)) >= 0.0).all()
