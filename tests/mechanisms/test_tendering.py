"""Joint tendering, called by itself: known answers by hand, and the sign of every lever."""

import itertools
import math

import numpy as np
import pytest

from allysim.config.governing import Legal
from allysim.config.tendering import Tendering
from allysim.dealings.tenders import Lots
from allysim.mechanisms import tendering
from allysim.mechanisms.legal import legal_hazard
from allysim.phases.disputes import breadth
from allysim.state import CAPACITY, MARKETING, TENDERING, WAREHOUSING


@pytest.mark.parametrize(("bidders", "chance", "wins"), [
    (1, .25, .25), (2, .25, 1 - .75**2), (3, .25, .578125), (5, 0.0, 0.0), (2, 1.0, 1.0), (3, .1, .271)])
def test_winning_by_hand(bidders, chance, wins):
    assert tendering.winning_chance(bidders, chance) == pytest.approx(wins, rel=1e-14)


def test_winning_is_that_one_of_n_independent_bids_is_good():
    """All 2^n outcomes counted out."""
    for n, w in ((2, .3), (4, .15), (6, .5)):
        some = sum(w**sum(good) * (1 - w)**(n - sum(good)) for good in itertools.product((0, 1), repeat=n) if any(good))
        assert tendering.winning_chance(n, w) == pytest.approx(some, rel=1e-12)


@pytest.mark.parametrize(("rate", "drawn", "lots"), [
    (0.0, .001, 0), (.3, .29, 1), (.3, .31, 0), (1.0, .001, 1), (2.5, .4, 3), (2.5, .6, 2), (3.0, .999, 3)])
def test_lots_let(rate, drawn, lots):
    assert tendering.lots_let(rate, drawn) == lots


@pytest.mark.parametrize("rate", [.2, 1.0, 2.7])
def test_as_many_lots_are_let_as_are_expected(rate):
    drawn = (np.arange(1000) + .5) / 1000
    assert np.mean([tendering.lots_let(rate, u) for u in drawn]) == pytest.approx(rate, rel=1e-12)


def test_capacity_to_spare_by_hand():
    assert tendering.spare_capacity(75.0, 1.0, 60.0) == 15.0
    assert tendering.spare_capacity(75.0, .6, 45.0) == 0.0
    assert tendering.spare_capacity(75.0, 1.0, 80.0) == 0.0
    assert tendering.lot_volume(.5, 60.0) == 30.0


@pytest.mark.parametrize("expected", [.01, .5, 2.0, 6.0])
def test_left_by_rivals_is_the_mean_part_of_a_poisson_number_of_them(expected):
    mean = sum(math.exp(-expected) * expected**n / math.factorial(n) / (1 + n) for n in range(80))
    assert tendering.left_by_rivals(expected) == pytest.approx(mean, rel=1e-12)


def test_left_by_nobody_is_all():
    assert tendering.left_by_rivals(0.0) == tendering.left_by_rivals(-1.0) == 1.0


def lots(rate=1.0, size=.5, chance=.25, price=.9, bids=.25, spare=(15.0, 15.0, 20.0, 90.0), cost=.6):
    """Four firms, the first two and the last at home in segment 0; lots of segment 1 have no price."""
    rules = Tendering(rate, size, price, chance)
    return Lots(rules.rate, tendering.lot_volume(rules.size, 60.0), rules.chance, np.array([rules.price, 0.0]),
                np.array([bids, 0.0]), np.array(spare), np.full(len(spare), cost),
                np.array([0, 0, 1, 0], dtype=np.int32))


def gained(who=0, charter=(0, 1, 2), **known):
    return tendering.gain_by_bidding(np.array(charter, dtype=np.int32), who, lots(**known))


def test_gain_by_bidding_by_hand():
    """Three with 15, 15 and 20 to spare bid for a lot of 30: 1 - .75^3, the first makes 9 units, at .3 a unit."""
    assert gained() == pytest.approx(.578125 * 9 * .3, rel=1e-13)
    assert gained(charter=(0, 1, -1)) == pytest.approx(.4375 * 15 * .3, rel=1e-13)
    assert gained(rate=2.0) == pytest.approx(2 * gained(), rel=1e-13)
    assert gained(bids=1.25) == pytest.approx(gained() * (1 - math.exp(-1)), rel=1e-13)


def test_who_could_win_alone_counts_it_less():
    """The last has 90 to spare and makes 90 / 105 of the lot, where alone it would win all of it with .25."""
    alone = .25 * 30 * .3
    assert gained(who=3, charter=(3, 0, -1)) == pytest.approx(.4375 * 30 * 90 / 105 * .3 - alone, rel=1e-13)
    assert gained(who=3, charter=(3, 0, -1), chance=1.0, bids=1.0) < 0.0


@pytest.mark.parametrize("known", [
    {"charter": (0, -1)}, {"charter": (0, 2), "size": 1.0}, {"cost": .9}, {"spare": (15.0, 0.0, 0.0, 0.0), "size": .1},
    {"who": 0, "spare": (0.0, 40.0, 40.0, 0.0)}, {"rate": 0.0}], ids=str)
def test_nothing_is_gained(known):
    """By a firm alone, without capacity together or of its own, at a loss, or where nothing is let."""
    assert gained(**known) == 0.0


def test_a_member_must_be_at_home():
    home = lots(spare=(15.0, 15.0, 20.0, 90.0))._replace(home=np.array([1, 1, 1, 1], dtype=np.int32))
    assert tendering.gain_by_bidding(np.array([0, 1, 2]), 0, home) == 0.0


def test_breadth_before_the_law():
    assert [breadth(scope) for scope in (0, WAREHOUSING, TENDERING, CAPACITY | TENDERING,
                                         CAPACITY | MARKETING | TENDERING)] == [0.0, 0.0, .5, 1.0, 1.0]


DEFAULT = Tendering()
UP, DOWN = 1, -1
SIGNS = {
    "rate raises what bidding together brings": (UP, lambda x: gained(rate=x), .2, 1.0),
    "size raises it while there is capacity": (UP, lambda x: gained(size=x), .25, .6),
    "size beyond capacity ends it": (DOWN, lambda x: gained(size=x), .5, 4.0),
    "price raises it": (UP, lambda x: gained(price=x), .8, 1.1),
    "chance raises it for who could not bid alone": (UP, lambda x: gained(chance=x, bids=1.0), .1, .5),
    "chance raises that of an alliance": (UP, lambda x: tendering.winning_chance(3, x), .1, .5),
    "members raise it": (UP, lambda n: tendering.winning_chance(n, DEFAULT.chance), 2, 5),
    "the next member raises it less": (
        DOWN, lambda n: tendering.winning_chance(n + 1, .25) - tendering.winning_chance(n, .25), 1, 4),
    "rivals lower it": (DOWN, lambda x: gained(bids=x), .5, 3.0),
    "cost lowers it": (DOWN, lambda x: gained(cost=x), .4, .7),
    # horizontal co-operation guidelines, 2023/C 259/01: bidding together restrains competition
    "bidding together raises the hazard of a fine": (
        UP, lambda scope: legal_hazard(.5, breadth(scope), .5, .1, Legal()), CAPACITY, CAPACITY | TENDERING),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
