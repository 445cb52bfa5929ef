"""F4 stock and the warehouse shared among rivals: known answers, and the sign of each lever."""

import math

import numpy as np
import pytest

from allysim.config.parameters import Customers
from allysim.config.recurring import Subscriptions
from allysim.config.supply import Stock
from allysim.mechanisms.coopetition import pooling_ratio
from allysim.mechanisms.stock import (
    foreseen,
    holding_cost,
    kept_in_common,
    order_variance_ratio,
    planned,
    safety_stock,
)
from allysim.phases.operations import operate


def test_the_bullwhip_by_hand():
    """Chen, Drezner, Ryan & Simchi-Levi 2000: 1 + 2 L/H + 2 L^2/H^2."""
    assert order_variance_ratio(1.0, 6.0) == pytest.approx(1 + 1 / 3 + 1 / 18, rel=1e-15)
    assert order_variance_ratio(1.0, 6.0) == pytest.approx(1.3889, abs=5e-5)
    assert order_variance_ratio(0.0, 6.0) == 1.0
    assert order_variance_ratio(6.0, 6.0) == 5.0


def test_three_members_keep_73_percent():
    assert pooling_ratio(3, .3) == pytest.approx(math.sqrt(1.6 / 3), rel=1e-15) == pytest.approx(.73, abs=5e-4)
    assert kept_in_common(1 - pooling_ratio(3, .3), 1.0, 0.0) == pytest.approx(.73, abs=5e-4)


def test_safety_stock_by_hand():
    assert safety_stock(Stock()) == pytest.approx(1.65 * .10 * math.sqrt(2), rel=1e-15)
    slow = Stock(lead_time=3.0, horizon=6.0)  # the ratio is 2.5
    assert safety_stock(slow) == pytest.approx(1.65 * .10 * math.sqrt(2.5 * 18 / 25) * 2, rel=1e-14)
    assert safety_stock(Stock(service_factor=0.0)) == safety_stock(Stock(sigma=0.0)) == 0.0


def test_what_sharing_all_data_takes_away():
    assert foreseen(1.0, Stock()) == .12 and foreseen(.5, Stock()) == .06 and foreseen(1.0, Stock(sharing=0.0)) == 0.0
    assert kept_in_common(.25, 1.0, .12) == pytest.approx(.75 * .88, rel=1e-15)
    assert kept_in_common(.25, 9.0, .12) == 0.0  # no benefit takes more than there is


def test_plans_by_hand():
    assert planned(100.0, 23.0, 23.0) == 100.0
    assert planned(100.0, 0.0, 23.0) == 123.0
    assert planned(10.0, 80.0, 2.0) == 0.0
    assert holding_cost(50.0, .6, Stock(holding=.02)) == pytest.approx(.6, rel=1e-15)


def run(orders, stock=None, in_stock=None, capacity=1.25, disrupted=(), loss=.4, share=1.0, outage=0.0):
    """Let one firm meet monthly orders; returns its production, output and stock, month by month."""
    stock = stock or Stock()
    column = {name: np.zeros(1) for name in ("churn", "leads", "production", "output", "experience", "launched")}
    held = np.full(1, safety_stock(stock) * share * orders[0] if in_stock is None else in_stock)
    sales, on_time, age, found = np.full(1, orders[0]), np.ones(1), np.zeros(1, dtype=np.int32), []
    for month, target in enumerate(orders):
        operate(np.full(1, target), np.full(1, capacity), np.full(1, int(month in disrupted), dtype=np.int32),
                np.ones(1), Customers(adjustment=1.0), stock, loss, np.full(1, outage), np.full(1, share),
                1.0 - on_time, np.zeros(1), Subscriptions(), sales, column["churn"],
                column["leads"], column["production"], column["output"], held, on_time, column["experience"],
                column["launched"], age, np.ones(1), np.zeros(1, dtype=bool))
        found.append((column["production"][0], column["output"][0], held[0], on_time[0]))
    return np.array(found).T


def test_a_disruption_eats_stock_first():
    """One month at 60 % of sales: a stock of .2333 months saves .2333 of the .4, and is there again a month later."""
    production, output, in_stock, on_time = run([1.0] * 4, disrupted={1})
    buffer = safety_stock(Stock())
    assert production == pytest.approx([1.0, .6, 1 + buffer, 1.0], rel=1e-14)
    assert output == pytest.approx([1.0, .6 + buffer, 1.0, 1.0], rel=1e-14)
    assert in_stock == pytest.approx([buffer, 0.0, buffer, buffer], abs=1e-14)
    assert on_time == pytest.approx(output, rel=1e-14)


def test_without_stock_a_firm_delivers_what_it_makes():
    production, output, in_stock, _ = run([1.0, 1.2, 1.5, 1.0], Stock(service_factor=0.0), disrupted={2})
    assert (production == output).all() and (output == [1.0, 1.2, 1.25 * .6, 1.0]).all() and not in_stock.any()


@pytest.mark.parametrize("settings", [
    {"orders": [0.0] * 5}, {"orders": [1.0] * 5, "capacity": 0.0}, {"orders": [1.0, 0.0, 0.0, 1.0, 1e9]},
    {"orders": [1.0] * 60, "disrupted": set(range(5, 60)), "loss": 1.0}, {"orders": [1e-300, 1e-300]},
    {"orders": [1.0] * 3, "in_stock": 1e6}, {"orders": [1.0] * 3, "outage": 1.0},
    {"orders": [1.0] * 3, "stock": Stock(service_factor=6.0, sigma=2.0, lead_time=24.0, horizon=1.0)},
], ids=str)
def test_extremes_leave_numbers_that_add_up(settings):
    production, output, in_stock, on_time = run(**settings)
    for column in (production, output, in_stock, on_time):
        assert np.isfinite(column).all() and (column >= 0.0).all()
    assert (on_time <= 1.0).all()
    scale = max(1.0, in_stock.max())
    assert np.diff(in_stock) == pytest.approx((production - output)[1:], abs=1e-12 * scale)


def kept(benefit=1.0, members=3, correlation=.3, shared=.5, **settings):
    return kept_in_common(1 - pooling_ratio(members, correlation), benefit, foreseen(shared, Stock(**settings)))


def served(**settings):
    """Delivered in a disruption of two months."""
    return run([1.0] * 4, Stock(**settings), disrupted={1, 2})[1].sum()


UP, DOWN = 1, -1
SIGNS = {
    # Lee, Padmanabhan & Whang 1997; Chen, Drezner, Ryan & Simchi-Levi 2000
    "lead time raises the variance of orders": (UP, lambda x: order_variance_ratio(x, 6.0), .5, 3.0),
    "a longer horizon lowers the variance of orders": (DOWN, lambda x: order_variance_ratio(1.0, x), 3.0, 12.0),
    "service_factor raises stock": (UP, lambda x: safety_stock(Stock(service_factor=x)), 1.0, 2.4),
    "sigma raises stock": (UP, lambda x: safety_stock(Stock(sigma=x)), .05, .2),
    "lead_time raises stock": (UP, lambda x: safety_stock(Stock(lead_time=x)), .5, 3.0),
    "horizon lowers stock": (DOWN, lambda x: safety_stock(Stock(horizon=x)), 3.0, 12.0),
    "holding raises cost": (UP, lambda x: holding_cost(1.0, .6, Stock(holding=x)), .01, .04),
    "sharing lowers stock held in common": (DOWN, lambda x: kept(sharing=x), .02, .30),
    "data shared lower stock held in common": (DOWN, lambda x: kept(shared=x), 0.0, 1.0),
    "stock keeps deliveries up in a disruption": (UP, lambda x: served(service_factor=x), 0.0, 1.65),
    # Eppen 1979
    "members lower stock held in common": (DOWN, lambda x: kept(members=x), 2, 5),
    "correlation raises stock held in common": (UP, lambda x: kept(correlation=x), .1, .6),
    "benefit lowers stock held in common": (DOWN, lambda x: kept(benefit=x), .5, 1.5),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
