"""Limit 1: the bullwhip of F4 and the stock pooling of F3, through a run of the engine."""

import math

import numpy as np
import pytest

import allysim as al

BIG = {"firms.n": 30, "firms.large_share": 0.0, "demography.exit_incumbent": 0.0, "demography.exit_entrant": 0.0,
       "demography.exit_newness": 0.0, "demography.ruin": False, "environment.disruption_rate": 0.0,
       "customers.capacity": 10.0, "strategy": "stand_alone", "background.strategy": "stand_alone"}
SILENT = {"environment.demand_noise": 0.0, "environment.price_noise": 0.0, "customers.launch_gain": 0.0}
ALIKE = {"contract.completeness": 0.0, "contract.trust": 0.0, "contract.both": 0.0, "contract.burden": 0.0,
         "culture.distance": 0.0, "fit.coopetition": 0.0, "purchasing.fit_spread": 0.0, "data_sharing": "none",
         "administration.scale": 0.0, "leaks.hazard": 0.0, "conduct.temptation": 0.0,
         "rules.gate": "never_stop", "separation.coopetition": 0.0, "disputes.conflict": 0.0}
"""A benefit of exactly 1, at no cost, that nothing ends."""


def months_in_stock(**settings):
    """Return the stock of the firms of a silent world after a year, in months of sales."""
    model = al.AllianceModel(al.scenario(**BIG, **SILENT, **settings), rng=1)
    for _ in range(12):
        model.step()
    return model.state.firms.stock / model.state.firms.sales


@pytest.mark.parametrize(("lead_time", "horizon"), [(1, 6), (2, 6), (3, 6), (1, 3), (1, 12), (0, 6)])
def test_stock_is_held_against_the_bullwhip(lead_time, horizon):
    """Its square over (L + 1) is in proportion to the variance of orders, 1.3889 at L = 1 and H = 6."""
    usual = months_in_stock()
    held = months_in_stock(**{"stock.lead_time": lead_time, "stock.horizon": horizon})
    ratio = (held / usual) ** 2 * 2 / (lead_time + 1) * 1.3888888888888888
    assert ratio == pytest.approx(1 + 2 * lead_time / horizon + 2 * (lead_time / horizon) ** 2, rel=1e-9)
    assert usual == pytest.approx(1.65 * .1 * math.sqrt(2), rel=1e-9)


@pytest.mark.parametrize("members", [2, 3, 5])
def test_rivals_who_share_a_warehouse_pool_their_stock(members):
    """Three members at rho .3 keep .73 of their own stock, all others 1, and save what they need not hold.

    Their sizes differ by what they lend of their fixed cost to stock alone: a member keeps the more, the less its
    partners match it.
    """
    scenario = al.scenario(**BIG, **SILENT, **ALIKE, **{"strategy.scope": ["warehousing"], "firms.small_spread": 0.0})
    model = al.AllianceModel(scenario, rng=1)
    firms = model.state.firms
    inside = np.flatnonzero(firms.focal)[:members]
    own = 1.65 * .1 * math.sqrt(2)  # months of sales
    model.form_alliance(inside.tolist(), stage="running", type="coopetition")
    for _ in range(12):
        model.step()
    share = firms.stock / (own * firms.sales)
    cost = firms.month_cost[inside]
    match = np.minimum(1.0, members / (members - 1) * (1.0 - cost / cost.sum()))
    kept = math.sqrt(members * (1 + (members - 1) * .3)) / members
    assert share[inside] == pytest.approx(1.0 - match * (1.0 - kept), rel=1e-9)
    assert match.min() > .9
    assert np.delete(share, inside) == pytest.approx(1.0, rel=1e-9)
    if members == 3:
        assert share[inside] == pytest.approx(.73, abs=5e-3)
    saved = .02 * firms.unit_cost[inside] * (own * firms.sales - firms.stock)[inside]
    assert firms.holding_saved[inside] == pytest.approx(saved, rel=1e-9)


def test_production_swings_more_than_sales():
    """A firm makes what it sells and what its stock lacks: production is sales and z sigma sqrt(L + 1) of their
    change, so that its variance is above that of sales, the more the longer the lead time."""
    amplified = []
    for lead_time in (0.0, 1.0, 3.0):
        scenario = al.scenario(**BIG, **{"stock.lead_time": lead_time})
        model = al.AllianceModel(scenario, rng=3)
        sales, made = [model.state.firms.sales.copy()], []
        for _ in range(120):
            model.step()
            sales.append(model.state.firms.sales.copy())
            made.append(model.state.firms.production.copy())
        sales, made = np.array(sales), np.array(made)
        change = np.diff(sales, axis=0)
        months = 1.65 * .1 * math.sqrt((1 + lead_time / 3 + lead_time**2 / 18) * 18 / 25 * (lead_time + 1))
        assert made == pytest.approx(sales[1:] + months * change, rel=1e-9)
        amplified.append(np.median(np.diff(made, axis=0).var(axis=0) / change[1:].var(axis=0)))
    assert 1.0 < amplified[0] < amplified[1] < amplified[2]
