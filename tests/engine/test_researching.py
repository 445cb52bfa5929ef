"""Process R&D in the engine: who pays what, what becomes of slots and levers, and that money is conserved."""

import numpy as np
import pytest

import allysim as al
from allysim.accounts import Outside
from allysim.errors import ConfigError
from engine.test_money import run_checked

WORLD = {"rules.market": "cournot", "process.effort": "joint", "firms.n": 30, "strategy.seek": ["rnd"],
         "background.strategy.seek": ["rnd", "procurement"]}


@pytest.mark.parametrize("more", [
    {}, {"process.effort": "separate", "process.outside": .5}, {"process.cost": .2, "customers.capacity": 3.0},
    {"demography.exit_incumbent": .1, "demography.exit_entrant": .1}, {"scenario.regimes": True,
                                                                       "environment.regime_rate": 1.0},
])
def test_money_and_tables(more):
    model = al.AllianceModel(al.scenario("supply_stress", **{**WORLD, **more, "months": 36}), rng=1, records="full")
    run_checked(model, most=20)


def test_what_is_spent_is_paid_and_cuts_costs_a_month_later(silent):
    alone = {"strategy.seek": [], "background.strategy.seek": [], "learning.progress_ratio": 1.0}
    model = al.AllianceModel(al.scenario(**{**silent, **WORLD, **alone}), rng=1, records="full")
    firms, outside = model.state.firms, model.state.world.outside
    cost = firms.unit_cost.copy()
    model.step()
    assert firms.unit_cost == pytest.approx(cost, rel=1e-12), "nobody has done any before"
    efforts, spent = firms.process_effort.copy(), firms.process_cost.copy()
    assert (efforts[firms.target > 0] > 0).all() and outside[Outside.RESEARCH] == pytest.approx(spent.sum())
    slope = model.rules["market"].inverse_demand(model.state.world.market_size)[1]
    assert spent == pytest.approx(.5 * 4.0 / slope * efforts**2, rel=1e-12)
    before = firms.list_price * firms.rung + firms.other_cost  # of this month's volume
    model.step()
    now = firms.list_price * firms.rung + firms.other_cost
    gets = efforts + .05 * (efforts.sum() - efforts)
    assert firms.unit_cost == pytest.approx(now - gets, rel=1e-9) and now == pytest.approx(before, rel=.05)
    run = model.results()
    paid = run.ledger[run.ledger.purpose == "process R&D"]
    assert paid[paid.month == 1].amount.sum() == pytest.approx(spent.sum(), rel=1e-12)
    assert run.firms.process_effort.to_numpy() == pytest.approx(firms.process_effort)


def test_an_entrant_has_done_none():
    model = al.AllianceModel(al.scenario(**WORLD, **{"demography.exit_incumbent": .3, "months": 6}), rng=1)
    for _ in range(6):
        model.step()
        new = model.state.firms.founded == model.month
        assert not model.state.firms.process_effort[new].any() and not model.state.firms.process_cost[new].any()
    assert new.any()


def test_none_is_as_if_there_were_none():
    """Whatever the other levers of its section."""
    off = {**WORLD, "process.effort": "none", "months": 12}
    one, other = (al.run(al.scenario(**off, **more), seed=1).series
                  for more in ({}, {"process.cost": 9.0, "process.inside": 1.0, "process.outside": 1.0}))
    assert one.equals(other)
    assert not np.isclose(one["population.unit_cost"].iloc[-1],
                          al.run(al.scenario(**{**off, "process.effort": "joint"}), seed=1).series[
                              "population.unit_cost"].iloc[-1], rtol=1e-6)


def test_it_is_for_cournot_only():
    with pytest.raises(ConfigError, match=r"process\.effort=separate needs rules\.market=cournot"):
        al.scenario(**{"process.effort": "separate"})
    with pytest.raises(ConfigError, match=r"process\.effort=joint needs rules\.market=cournot"):
        al.scenario(**WORLD).replace({"rules.market": "logit"})
