"""Limit 8: month 0 returns given revenues, the mark-up's condition holds, and costs are passed on (F22)."""

import math

import numpy as np
import pytest

import allysim as al
from allysim.rules.market import Offers


def clear(model, **changed):
    """Clear the market of a model's state with some columns changed."""
    firms, world = model.state.firms, model.state.world
    offers = Offers(firms.attraction, firms.appeal, firms.launched, firms.unit_cost, firms.own_demand,
                    world.market_size * math.exp(world.common_demand), firms.price, firms.capacity)
    return model.rules["market"].clear(offers._replace(**changed))


def test_month_zero_returns_the_revenues_given(firms):
    given = (90.0, 60.0, 45.5, 520.0, 30.25, 3000.0)
    model = al.AllianceModel(**{**firms(*given), "firms.background": 40}, rng=1)
    cleared = clear(model, price=np.full(46, 2.0))  # from prices far away
    revenue = cleared.price * cleared.target
    assert revenue[:6] == pytest.approx(given, rel=1e-9)
    assert revenue == pytest.approx(model.results().initial.revenue, rel=1e-9)
    assert cleared.price == pytest.approx(np.ones(46), rel=1e-9)
    print(f"largest relative miss of a revenue: {np.abs(revenue[:6] / given - 1).max():.1e}")


@pytest.mark.parametrize("months", [0, 1, 24])
def test_the_first_order_condition_holds(months):
    """p = c + 1 / [alpha (1 - sbar)], month 0 and amid shocks."""
    model = al.AllianceModel("supply_stress", rng=1)
    for _ in range(months):
        model.step()
    firms, world, alpha = model.state.firms, model.state.world, 2.5
    stayed = firms.founded < max(months, 1)
    launched = firms.launched
    if months:  # what was launched this month sells from the next on
        before = al.AllianceModel("supply_stress", rng=1)
        for _ in range(months - 1):
            before.step()
        launched = before.state.firms.launched
    weight = firms.attraction * np.exp(firms.appeal + launched - alpha * firms.price)[:, None]
    share = weight / (1 + world.inclusive_value)
    size = world.market_size
    mean = (size * share**2).sum(axis=1) / (size * share).sum(axis=1)
    off = (firms.price - firms.unit_cost - 1 / (alpha * (1 - mean)))[stayed]
    print(f"after month {months}: largest miss of the mark-up {np.abs(off).max():.1e}")
    assert off == pytest.approx(np.zeros(stayed.sum()), abs=1e-9)


def test_a_cost_rise_of_ten_percent_for_all(quiet):
    """Input prices 12 % up raise unit cost by 10 %, inputs being 5/6 of it."""
    step = {"scenario.price_step": math.log(1.12), "scenario.price_step_month": 1}
    one, other = (al.AllianceModel(**{**quiet, **settings}, rng=1) for settings in ({}, step))
    for model in (one, other):
        model.step()
    before, after = one.state.firms, other.state.firms
    cost = (after.unit_cost / before.unit_cost).mean() - 1
    price = (after.price * before.target).sum() / (before.price * before.target).sum() - 1
    sold = after.target.sum() / before.target.sum() - 1
    print(f"unit cost {cost:+.1%}, price {price:+.2%}, output {sold:+.2%}")
    assert after.unit_cost == pytest.approx(1.1 * before.unit_cost, rel=1e-9)
    assert price == pytest.approx(.06, abs=.005) and sold == pytest.approx(-.07, abs=.01)
