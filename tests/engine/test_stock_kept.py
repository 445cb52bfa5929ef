"""Stock in a run: units add up, month 0 stays where it was, and nothing is left of it when it is off."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import allysim as al
from allysim.accounts import Outside
from allysim.errors import DataError

ALONE = {"strategy": "stand_alone", "background.strategy": "stand_alone"}
STORM = {"environment.disruption_rate": .3, "environment.disruption_months": 3.0, "environment.demand_noise": .1,
         "demography.exit_incumbent": .02}


def check_units(model, months):
    """What is made and not delivered is in stock, every month and for every firm that stays.

    Returns how many units went in and out of stock, and how much holding them together saved.
    """
    firms, moved, saved = model.state.firms, 0.0, 0.0
    for _ in range(months):
        key, before = firms.key.copy(), firms.stock.copy()
        model.step()
        stayed = firms.key == key
        change = (firms.stock - before)[stayed]
        assert change == pytest.approx((firms.production - firms.output)[stayed],
                                       abs=1e-9 * max(1.0, firms.stock.max(), firms.production.max()))
        for column in (firms.stock, firms.production, firms.output):
            assert np.isfinite(column).all() and (column >= 0.0).all()
        assert (firms.output <= firms.sales).all() and (firms.production <= firms.capacity * (1 + 1e-12)).all()
        moved += np.abs(change).sum()
        saved += firms.holding_saved.sum()
    return moved, saved


@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(factor=st.floats(0, 6), lead_time=st.floats(0, 24), horizon=st.floats(1, 60), holding=st.floats(0, .05),
       loss=st.floats(0, 1), capacity=st.floats(1, 3), rate=st.floats(0, .5), seed=st.integers(0, 2**40))
def test_units_add_up(factor, lead_time, horizon, holding, loss, capacity, rate, seed):
    model = al.AllianceModel(al.scenario(**STORM | {
        "firms.n": 12, "firms.ebitda_margin": -.5, "stock.service_factor": factor, "stock.lead_time": lead_time,
        "stock.horizon": horizon, "stock.holding": holding, "environment.disruption_loss": loss,
        "customers.capacity": capacity, "environment.disruption_rate": rate,
        "strategy.seek": ["coopetition", "procurement"], "strategy.scope": ["warehousing", "capacity"]}), rng=seed)
    check_units(model, 18)


def test_units_move_and_add_up_among_partners():
    seek = {"strategy.seek": ["coopetition"], "background.strategy.seek": ["coopetition", "infrastructure"],
            "strategy.scope": ["warehousing"], "background.strategy.scope": ["warehousing", "marketing"],
            "stock.holding": .1, "administration.scale": .1}
    model = al.AllianceModel(al.scenario("supply_stress", **STORM, **seek, **{"firms.n": 60}), rng=3)
    assert min(check_units(model, 36)) > 0.0


def test_month_zero_holds_its_stock_within_the_given_margin():
    firms = al.AllianceModel(al.scenario(), rng=1).state.firms
    assert firms.stock == pytest.approx(1.65 * .1 * 2**.5 * firms.sales, rel=1e-12)
    held = .02 * firms.stock * firms.unit_cost
    fixed = firms.fixed_cost + firms.lead_cost * firms.leads + held
    assert firms.month_cost == pytest.approx(fixed, rel=1e-12)
    assert (1 - firms.unit_cost) * firms.revenue - fixed == pytest.approx(.12 * firms.revenue, rel=1e-9)
    assert (firms.fixed_cost > 0.0).all()


@pytest.mark.parametrize("more", [{}, {"stock.service_factor": 0.0}, {"stock.lead_time": 6.0, "stock.holding": .1}],
                         ids=str)
def test_a_silent_world_does_not_move(silent, more):
    model = al.AllianceModel(al.scenario(**ALONE, **silent, **more, **{"firms.n": 40}), rng=4)
    firms = model.state.firms
    columns = ("stock", "production", "output", "sales", "ebitda", "price", "unit_cost")
    start = {name: getattr(firms, name).copy() for name in columns}
    for _ in range(120):
        model.step()
        for name, before in start.items():
            assert getattr(firms, name) == pytest.approx(before, rel=1e-9), (model.month, name)
    assert firms.experience == pytest.approx(1 + 120 / 60, rel=1e-9)


def test_an_entrant_starts_with_its_stock_and_its_margin(silent):
    quiet = {key: value for key, value in silent.items() if key != "demography.exit_incumbent"}
    model = al.AllianceModel(al.scenario(**ALONE, **quiet, **{"firms.n": 40, "demography.exit_incumbent": .2}), rng=4)
    for _ in range(3):
        model.step()
    firms = model.state.firms
    new = (firms.founded == model.month) & (firms.generation > 0)
    assert new.any()
    assert firms.stock[new] == pytest.approx(1.65 * .1 * 2**.5 * firms.sales[new], rel=1e-12)
    held = .02 * firms.stock * firms.unit_cost
    assert (firms.fixed_cost + firms.lead_cost * firms.leads + held)[new] == pytest.approx(firms.month_cost[new])


def test_a_margin_that_leaves_nothing_to_hold_stock_is_refused(tmp_path):
    path = tmp_path / "own.csv"

    def made(margin):
        path.write_text(f"firm,revenue,ebitda_margin\nAsh,60,{margin:.9f}\n")
        return al.AllianceModel(al.scenario(**{"firms.path": str(path), "firms.background": 20}))

    cost = float(made(.12).state.firms.unit_cost[0])
    held = .02 * 1.65 * .1 * 2**.5 * cost
    assert made(1 - cost - held - 1e-6).state.firms.month_cost[0] == pytest.approx(60 * held, rel=1e-3)
    with pytest.raises(DataError, match=r"less 0\.00\d+ for holding stock; at most 0\.\d+ is allowed"):
        made(1 - cost - held / 2)


def test_holding_goes_to_the_warehouses():
    run = al.run(al.scenario(months=6, records="full", **{"firms.n": 20}), seed=1)
    held = run.ledger[run.ledger.purpose == "holding stock"]
    assert set(held.debit) == {"warehouses"} and len(held) >= 6 * 19
    model = al.AllianceModel(al.scenario(**{"firms.n": 20}), rng=1)
    for _ in range(6):
        model.step()
    assert model.state.world.outside[Outside.WAREHOUSES] == pytest.approx(held.amount.sum(), rel=1e-12)
    assert model.state.world.outside[Outside.WAREHOUSES] > 0.0


def test_off_there_is_no_stock_and_no_lever_of_it_is_felt():
    """With z = 0 all is made and delivered in its month; warehouses that hold nothing save nothing."""
    seek = {"strategy.seek": ["coopetition"], "background.strategy.seek": ["coopetition", "procurement"],
            "firms.n": 40, "stock.service_factor": 0.0, "months": 24}
    scope = {"strategy.scope": ["capacity", "warehousing"], "background.strategy.scope": ["capacity", "warehousing"]}
    capacity = {"strategy.scope": ["capacity"], "background.strategy.scope": ["capacity"]}
    series = []
    for more in (capacity, scope, scope | {"stock.holding": .5, "stock.sigma": 1.0, "stock.lead_time": 9.0,
                                           "stock.horizon": 2.0, "stock.sharing": 1.0}):
        model = al.AllianceModel(al.scenario("supply_stress", **seek, **more), rng=2)
        firms = model.state.firms
        for _ in range(24):
            model.step()
            assert not firms.stock.any() and not firms.holding_saved.any()
            assert (firms.production == firms.output).all()
        assert model.state.world.outside[Outside.WAREHOUSES] == 0.0
        series.append(model.results().series)
    assert series[0].equals(series[1]) and series[0].equals(series[2])


def test_a_stock_given_up_is_run_down():
    """A lever moved: the stock that is not wanted any more is sold before anything is made."""
    run = al.run(al.scenario(months=12, **{"firms.n": 10}, **ALONE), seed=1)
    model = al.AllianceModel(run.scenario, rng=1)
    for _ in range(4):
        model.step()
    model.move({"stock.service_factor": 0.0})
    for _ in range(6):
        model.step()
    assert not model.state.firms.stock.any()


def test_stock_keeps_deliveries_up_and_costs_what_it_costs():
    """Direct consequences, on the same luck: fewer orders are late, and holding is paid for."""
    late = {}
    for factor in (0.0, 1.65):
        model = al.AllianceModel(al.scenario(**{"stock.service_factor": factor}), rng=5)
        late[factor] = 0.0
        for _ in range(60):
            model.step()
            late[factor] += (model.state.firms.sales - model.state.firms.output).sum()
    assert late[1.65] < .7 * late[0.0]
