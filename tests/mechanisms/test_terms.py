"""The splits (F19) and what becomes of proven alliances (F20): known answers and signs, each called by itself."""

import math

import numpy as np
import pytest

from allysim.config import presets
from allysim.config.bargain import Scaling, Terms
from allysim.config.parameters import Governance, Purchasing
from allysim.dealings.terms import NOTHING, fix_fees, leads, relative
from allysim.mechanisms.scaling import governance_level, member_cap, template_setup
from allysim.mechanisms.terms import aggrieved_hazard, contribution, unfairness
from allysim.rules.value_split import Contribution, Equal, FlatFee, GrossMargin, OwnSaving, Shapley, Yields

SPLITS = {
    "equal": Equal(), "contribution": Contribution(.4, .3, .3), "flat_fee": FlatFee(.5), "gross_margin": GrossMargin(),
    "shapley": Shapley(), "own_saving": OwnSaving(),
}


def yields(group=(0, 0, 1, 1, 1), **columns):
    """Return a question with a pool of two firms and one of three."""
    m = len(group)
    given = {"saving": [2, 1, 1, 3, 4], "revenue": [60] * m, "gross_margin": [30, 10, 20, 20, 60],
             "cash": [100, 300, 0, 50, 50], "capability": [.5, .5, .2, .3, .5], "customers": [30, 10, 10, 10, 20],
             "spend": [30, 60, 20, 40, 80], "volume": [30, 60, 20, 40, 80], **columns}
    return Yields(*(np.array(given[name], dtype=float) for name in Yields._fields[:8]),
                  np.array(group, dtype=np.int32), max(group) + 1, Purchasing())


@pytest.mark.parametrize("split", SPLITS)
def test_shares_sum_to_one(split):
    asked = yields()
    shares = SPLITS[split].shares(asked)
    assert asked.total(shares) == pytest.approx(1.0, abs=1e-12) and (shares >= 0.0).all()


@pytest.mark.parametrize("split", SPLITS)
def test_where_nothing_tells_members_apart_they_get_the_same(split):
    nothing = yields(**{name: [0.0] * 5 for name in Yields._fields[:8]})
    assert SPLITS[split].shares(nothing)[:2] == pytest.approx([.5, .5])


def test_contribution_by_hand():
    shares = SPLITS["contribution"].shares(yields())
    assert shares[:2] == pytest.approx([.4 * .25 + .3 * .5 + .3 * .75, .4 * .75 + .3 * .5 + .3 * .25])
    assert shares[2] == pytest.approx(.3 * .2 + .3 * .25)


def test_gross_margin_and_own_saving_by_hand():
    assert SPLITS["gross_margin"].shares(yields()) == pytest.approx([.75, .25, .2, .2, .6])
    assert SPLITS["gross_margin"].shares(yields(gross_margin=[30, -5, 1, 1, 2]))[:2] == pytest.approx([1, 0])
    assert SPLITS["own_saving"].shares(yields()) == pytest.approx([2 / 3, 1 / 3, 1 / 8, 3 / 8, 4 / 8])


def test_a_flat_fee_is_half_of_what_is_saved_alone_and_the_largest_buyer_keeps_the_rest():
    asked = yields()
    shares = SPLITS["flat_fee"].shares(asked)
    assert shares == pytest.approx([.5 * 2 / 3, 1 - .5 * 2 / 3, .5 / 8, 1.5 / 8, 1 - 2 / 8])
    flat = np.empty(5)
    fix_fees(asked.saving, asked.group, 2, leads(asked.spend, asked.saving, asked.group, 2), shares, flat)
    assert flat == pytest.approx([1.0, 0.0, .5, 1.5, 0.0]) and shares.tolist() == [0, 1, 0, 0, 1]


def test_pairs_share_equally_by_shapley_and_pools_too_large_to_count_out_by_own_savings():
    assert SPLITS["shapley"].shares(yields())[:2] == pytest.approx([.5, .5])
    many = yields(group=[0] * 11, **{name: list(range(1, 12)) for name in Yields._fields[:8]})
    assert SPLITS["shapley"].shares(many) == pytest.approx(np.arange(1, 12) / 66)
    elsewhere = yields(spend=[0] * 5)  # where nothing is bought together
    assert SPLITS["shapley"].shares(elsewhere) == pytest.approx(SPLITS["own_saving"].shares(elsewhere))


@pytest.mark.parametrize(("agreed", "parts"), [
    ([.2, .3, .5], [.2, .3, .5]), ([.2, .3], [.4, .6]), ([.5], [1.0]), ([0.0, 0.0], [.5, .5]),
    ([1.2, -.2], [1.2, -.2]), ([.5, -.5], [.5, .5]), ([-.2], [1.0]),
])
def test_those_who_stay_keep_their_proportions(agreed, parts):
    assert relative(np.arange(len(agreed)), np.array(agreed)) == pytest.approx(parts)


@pytest.mark.parametrize("n", range(2, 51))
def test_equal_shares_are_exactly_equal_parts(n):
    """However many of those who agreed have left."""
    for founders in (n, n + 1, 2 * n):
        assert (relative(np.arange(n), np.full(n, 1.0 / founders)) == 1.0 / n).all()
    assert NOTHING > 0.0


def test_known_answers_of_scaling():
    scaling = Scaling()
    assert [template_setup(10.0, k, scaling) for k in range(5)] == pytest.approx([10, 7, 4.9, 3.43, 3.43])
    assert [member_cap(kind, scaling) for kind in range(4)] == [10, 5, 4, 8]
    assert [governance_level(a, b, n, scaling) for a, b, n in
            ((False, False, 9), (True, False, 9), (False, True, 5), (False, True, 6))] == [0, 1, 1, 2]
    assert unfairness(.3, .5) == 0.0 and unfairness(.5, .3) == pytest.approx(.2)
    assert aggrieved_hazard(.01, .2, Terms(separation=2.0)) == pytest.approx(.01 * math.exp(.4))
    assert aggrieved_hazard(.9, 1.0, Terms(separation=9.0)) == 1.0


def test_adaptive_begins_as_light():
    light, adaptive = (Governance(**presets.load("governance", name)) for name in ("light", "adaptive"))
    assert adaptive == light._replace(name="adaptive", adaptive=True)


def of_contribution(cash=.3, capability=.3, customers=.3, **settings):
    return contribution(cash, capability, customers, Terms(**settings))


def licensed(licence):
    return FlatFee(licence).shares(yields())[0]


UP, DOWN = 1, -1
SIGNS = {
    # Shapley 1953; Hennart & Zeng 2005
    "cash raises the share by contribution (F19)": (UP, lambda x: of_contribution(cash=x), .1, .9),
    "capability raises the share by contribution (F19)": (UP, lambda x: of_contribution(capability=x), .1, .9),
    "customers raise the share by contribution (F19)": (UP, lambda x: of_contribution(customers=x), .1, .9),
    "the weight of cash favours who has it (F19)": (UP, lambda x: contribution(.9, .1, .1, Terms(cash=x)), .2, .6),
    "the weight of capability favours who has it (F19)": (
        UP, lambda x: contribution(.1, .9, .1, Terms(capability=x)), .1, .5),
    "the weight of customers favours who has them (F19)": (
        UP, lambda x: contribution(.1, .1, .9, Terms(customers=x)), .1, .5),
    "a higher licence fee favours who gets it (F19)": (UP, licensed, .25, .9),
    "spend raises the Shapley share among three (F19)": (
        UP, lambda x: Shapley().shares(yields(spend=[30, 60, x, 40, 80], volume=[30, 60, x, 40, 80]))[2], 20, 60),
    "a lower share is more unfair (F19)": (DOWN, lambda x: unfairness(.5, x), .1, .4),
    "unfairness raises separation (F19)": (UP, lambda x: aggrieved_hazard(.01, x, Terms()), 0.0, .3),
    "its weight raises separation (F19)": (UP, lambda x: aggrieved_hazard(.01, .2, Terms(separation=x)), .3, 3.0),
    # Kale & Singh 2007
    "each reuse of a template lowers set-up (F20)": (DOWN, lambda x: template_setup(10.0, x, Scaling()), 1, 3),
    "what a reuse saves lowers set-up (F20)": (DOWN, lambda x: template_setup(10.0, 2, Scaling(reuse=x)), .1, .5),
    "more reuses save more (F20)": (DOWN, lambda x: template_setup(10.0, 9, Scaling(reuse_cap=x)), 1, 5),
    "the cap of procurement alliances (F20)": (UP, lambda x: member_cap(0, Scaling(cap_procurement=x)), 5, 15),
    "the cap of co-opetition alliances (F20)": (UP, lambda x: member_cap(1, Scaling(cap_coopetition=x)), 3, 8),
    "the cap of R&D alliances (F20)": (UP, lambda x: member_cap(2, Scaling(cap_rnd=x)), 3, 6),
    "the cap of infrastructure alliances (F20)": (UP, lambda x: member_cap(3, Scaling(cap_infrastructure=x)), 5, 12),
    "members make adaptive governance heavy (F20)": (UP, lambda x: governance_level(False, True, x, Scaling()), 5, 6),
    "a higher bound keeps it standard (F20)": (
        DOWN, lambda x: governance_level(False, True, 6, Scaling(heavy_above=x)), 3, 8),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
