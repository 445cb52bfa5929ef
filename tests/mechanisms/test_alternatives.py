"""Make, buy or ally (F9): numbers by hand, and the sign of each lever, each by itself."""

import pytest

from allysim.config.alternatives import Alternatives
from allysim.config.parameters import Choice, Conduct
from allysim.config.yields import Infrastructure
from allysim.mechanisms.alternatives import affordable, market_price, own_capital, replaced_alone, worth_alone
from allysim.mechanisms.choice import annuity
from allysim.mechanisms.infrastructure import rent, replaced

USER = Infrastructure().user_cost
LIFE = annuity(Choice().expected_life, Conduct().delta)


def test_the_market_price_by_hand():
    assert market_price(100.0, .6, Alternatives(markup=.25, hold_up=.5)) == pytest.approx(162.5, rel=1e-14)
    assert market_price(100.0, .6, Alternatives(markup=0.0, hold_up=0.0)) == 100.0


@pytest.mark.parametrize(("lever", "low", "high"), [
    ("markup", 0.0, .5), ("hold_up", 0.0, 1.0)])
def test_levers_of_the_market_price(lever, low, high):
    assert market_price(1.0, .5, Alternatives(**{lever: low})) < market_price(1.0, .5, Alternatives(**{lever: high}))


def test_hold_up_hurts_in_proportion_to_specificity():
    held = [market_price(1.0, specificity, Alternatives(markup=0.0, hold_up=.4)) - 1 for specificity in (0, .3, .6)]
    assert held == pytest.approx([0.0, .12, .24], abs=1e-15)
    assert Alternatives().specificity_rnd > Alternatives().specificity_infrastructure  # as the brief has them


def test_capital_of_ones_own_is_indivisible():
    shared, half = Infrastructure(), Alternatives(smallest=.5)
    assert own_capital(USER, shared, half) == pytest.approx(75.0)          # a small firm pays for four users
    assert own_capital(8 * USER, shared, half) == pytest.approx(150.0)     # one as large as eight for eight
    assert own_capital(40 * USER, shared, half) == pytest.approx(750.0)
    assert own_capital(USER, shared, Alternatives(smallest=0.0)) == pytest.approx(150 / 8)
    assert own_capital(USER, shared, Alternatives(smallest=1.0)) > own_capital(USER, shared, half)


def test_worth_alone_by_hand():
    assert worth_alone(2.0, 45.0, 30.0) == 60.0
    assert worth_alone(2.0, 45.0, 100.0) < 0.0 < worth_alone(2.0, 45.0, 10.0)
    assert worth_alone(-1.0, 45.0, 0.0) == -45.0


def test_no_more_is_replaced_than_is_fixed():
    shared = Infrastructure()
    assert replaced_alone(100.0, 80.0, shared) == pytest.approx(10.0, rel=1e-14) == replaced(100.0, 0.0, 1.0, shared)
    assert replaced_alone(100.0, 4.0, shared) == 4.0


def infrastructure_alone(size, rules=None):
    """Return what building and renting are worth to a firm of so many times the size of a median small one, k€."""
    shared, rules, cost = Infrastructure(), rules or Alternatives(), size * USER
    saved, capital = replaced_alone(cost, cost, shared), own_capital(cost, shared, rules)
    asked = market_price(rent(cost, shared), rules.specificity_infrastructure, rules)
    return worth_alone(saved - rules.upkeep * capital, LIFE, capital), worth_alone(saved - asked, LIFE, 0.0)


def test_large_firms_build_and_small_ones_rent():
    built, rented = infrastructure_alone(1)
    assert built < 0.0 < rented
    built, rented = infrastructure_alone(50)
    assert built > rented > 0.0


@pytest.mark.parametrize(("lever", "low", "high"), [("upkeep", .005, .02), ("smallest", .25, 1.0)])
def test_levers_of_building(lever, low, high):
    assert (infrastructure_alone(1, Alternatives(**{lever: low}))[0]
            > infrastructure_alone(1, Alternatives(**{lever: high}))[0])


@pytest.mark.parametrize(("lever", "low", "high"), [("specificity_infrastructure", .3, .7)])
def test_levers_of_renting(lever, low, high):
    assert (infrastructure_alone(1, Alternatives(**{lever: low}))[1]
            > infrastructure_alone(1, Alternatives(**{lever: high}))[1])


def test_who_keeps_too_little_cash_cannot_build():
    assert affordable(100.0, 140.0, 20.0, Alternatives(reserve=2.0))
    assert not affordable(100.0, 139.0, 20.0, Alternatives(reserve=2.0))
    assert affordable(100.0, 139.0, 20.0, Alternatives(reserve=1.0))
