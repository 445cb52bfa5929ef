"""Lots in a run: units and money add up, draws are keyed, and nothing is left of tenders when they are off."""

import numpy as np
import pytest

import allysim as al
from allysim.accounts import Outside
from allysim.config.yields import SCOPES
from allysim.state import LOTS
from engine.test_money import cash_of, check_money, flows

RIVALS = {"strategy.seek": ["coopetition"], "background.strategy.seek": ["coopetition"]}
BIDDING = {**RIVALS, "strategy.scope": ["capacity", "tendering"],
           "background.strategy.scope": ["capacity", "tendering"], "firms.n": 40, "tendering.rate": 1.0}
ALONE = {"strategy": "stand_alone", "background.strategy": "stand_alone"}


@pytest.mark.parametrize("more", [
    {}, {"tendering.rate": 3.0, "tendering.chance": 1.0, "tendering.size": .01},
    {"tendering.rate": 3.0, "tendering.chance": 1.0, "tendering.size": 20.0, "customers.capacity": 2.0},
    {"environment.disruption_rate": .4, "demography.exit_incumbent": .02, "stock.service_factor": 0.0}], ids=str)
def test_units_and_money_add_up(more):
    model = al.AllianceModel(al.scenario("supply_stress", **BIDDING | more), rng=3, records="full")
    firms, world = model.state.firms, model.state.world
    total, won = firms.cash.sum() + world.outside.sum(), 0.0
    for _ in range(24):
        key, stock, experience = firms.key.copy(), firms.stock.copy(), firms.experience.copy()
        before = cash_of(model)
        model.step()
        check_money(before, cash_of(model), flows(model))
        assert firms.cash.sum() + world.outside.sum() == pytest.approx(total, abs=1e-6)
        stayed = firms.key == key
        assert (firms.stock - stock)[stayed] == pytest.approx((firms.production - firms.output - firms.lots)[stayed],
                                                              abs=1e-9 * firms.production.max())
        assert (firms.experience - experience)[stayed] == pytest.approx(
            (firms.production / firms.experience_unit)[stayed], rel=1e-9, abs=1e-12)
        assert (firms.lots <= firms.spare * (1 + 1e-9) + 1e-12).all() and (firms.lots >= 0.0).all()
        assert (firms.production <= firms.capacity * (1 + 1e-12)).all() and (firms.output <= firms.sales).all()
        assert firms.revenue[stayed] == pytest.approx((firms.price * firms.output + firms.lot_revenue)[stayed])
        lots = firms.lots.sum() / (model.config.tendering.size * 60)
        if stayed.all():
            assert lots == pytest.approx(round(lots), abs=1e-6)
        won += firms.lot_revenue.sum()
    assert won > 0.0
    ledger, events = model.results().ledger, model.results().events
    lots = events[events.event == "won a lot"]
    assert ledger[ledger.purpose == "lots"].amount.sum() == pytest.approx(lots.amount.sum(), rel=1e-9)
    assert (lots.alliance.notna() == (lots.cause == "together")).all()


def test_what_members_booked_is_the_margin_of_lots_won_together():
    model = al.AllianceModel(al.scenario(**BIDDING, **{"demography.exit_incumbent": 0.0}), rng=1)
    booked = 0.0
    for _ in range(24):
        model.step()
        booked += model.state.firms.lot_margin.sum()
    assert model.state.memberships.booked[:, LOTS].sum() == pytest.approx(booked, rel=1e-9) and booked > 0.0
    assert model.results().memberships.lots.sum() == pytest.approx(booked, rel=1e-9)


def test_small_firms_serve_together_what_none_of_them_could(silent):
    """Four small firms with 15 to spare each and no large one: nobody wins a lot of 30 but the two who bid together."""
    world = {**ALONE, **silent, "firms.n": 4, "firms.focal": 0, "firms.large_share": 0.0, "firms.small_spread": 0.0,
             "tendering.rate": 1.0, "tendering.chance": 1.0, "tendering.size": .45, "stock.service_factor": 0.0}
    model = al.AllianceModel(al.scenario(**world), rng=1)
    model.step()
    assert model.state.world.lots_let and not model.state.firms.lots.any()
    together = al.AllianceModel(al.scenario(**world | {"background.strategy.scope": ["tendering"]}), rng=1)
    together.form_alliance(["Firm 0", "Firm 1"], "running", "coopetition")
    together.step()
    firms = together.state.firms
    assert firms.spare == pytest.approx(15.0, rel=.1)
    assert firms.lots.sum() == pytest.approx(27.0) and not firms.lots[2:].any() and (firms.lots[:2] > 0.0).all()
    assert firms.lot_revenue[:2] == pytest.approx(firms.lots[:2] * together.state.world.lot_price[firms.home[0]])


def test_who_wins_does_not_hang_on_the_order_of_firms_or_on_other_segments():
    """With one more firm that cannot bid, everybody wins what it won before."""
    world = {**ALONE, "firms.large_share": .3, "tendering.rate": 1.0, "firms.focal": 0, "customers.capacity": 4.0}
    won = []
    for price in (.95, .96):
        model = al.AllianceModel(al.scenario(**world, **{"firms.n": 30, "tendering.price": price}), rng=5)
        winners = []
        for _ in range(12):
            model.step()
            winners.append(np.flatnonzero(model.state.firms.lots).tolist())
        won.append(winners)
    assert won[0] == won[1] and any(won[0])


def test_off_no_lever_of_it_is_felt():
    """With nothing let, neither levers nor the scope move a figure, but for the law; with lots and no chance too."""
    plain = {**RIVALS, "firms.n": 40, "months": 24, "legal.rate": 0.0, "strategy.scope": ["capacity"],
             "background.strategy.scope": ["capacity"]}
    scope = {"strategy.scope": ["capacity", "tendering"], "background.strategy.scope": ["capacity", "tendering"]}
    first = al.run(al.scenario("supply_stress", **plain), seed=2).series
    for more in (scope, scope | {"tendering.size": 5.0, "tendering.price": 2.0, "tendering.chance": 1.0},
                 scope | {"tendering.rate": 3.0, "tendering.chance": 0.0}):
        run = al.run(al.scenario("supply_stress", **plain | more), seed=2)
        assert run.series.equals(first) and not (run.events.event == "won a lot").any()


def test_tenders_that_are_over_leave_nothing():
    model = al.AllianceModel(al.scenario(**BIDDING), rng=1)
    for _ in range(6):
        model.step()
    assert model.state.firms.spare.any() and model.state.world.lot_bids.any()
    model.move({"tendering.rate": 0.0})
    model.step()
    state = model.state
    for column in (state.firms.spare, state.firms.lots, state.firms.lot_revenue, state.firms.lot_margin,
                   state.world.lot_price, state.world.lot_bids):
        assert not column.any()


def test_baselines_leave_lots_out_and_signals_count_those_won_together():
    """With scope and without, on the same luck, bare margins of the first month are the same."""
    models = []
    for scope in (["capacity"], ["capacity", "tendering"]):
        model = al.AllianceModel(al.scenario(**BIDDING | {
            "background.strategy.scope": scope, "tendering.chance": 1.0, "tendering.rate": 3.0, "tendering.size": .01,
            **ALONE, "background.strategy.seek": []}), rng=1)
        model.form_alliance(["Firm 0", "Firm 1", "Firm 3"], "running", "coopetition")
        model.state.alliances.scope[0] = sum(1 << SCOPES.index(name) for name in scope)
        model.step()
        models.append(model)
    one, other = models
    assert np.array_equal(one.state.firms.bare_margin, other.state.firms.bare_margin)
    assert np.array_equal(one.state.world.control, other.state.world.control)
    assert not one.state.firms.lot_margin.any() and other.state.firms.lot_margin.sum() > 0.0
    assert other.state.alliances.signal[0] > one.state.alliances.signal[0]


def test_customers_pay_for_lots():
    paid = {}
    for rate in (0.0, 1.0):
        model = al.AllianceModel(al.scenario(**ALONE, **{"firms.n": 40, "tendering.rate": rate}), rng=1)
        model.step()
        paid[rate] = -model.state.world.outside[Outside.CUSTOMERS] - model.state.firms.lot_revenue.sum()
        if rate:
            assert model.state.firms.lot_revenue.sum() > 0.0
    assert paid[1.0] == pytest.approx(paid[0.0], rel=1e-12)


def test_the_story_tells_of_lots():
    run = al.run(al.scenario(**BIDDING, months=24), seed=1, records="full")
    won = run.events[run.events.event == "won a lot"]
    assert set(won.cause) == {"alone", "together"}
    for cause, words in (("alone", "by a bid of its own"), ("together", "by bidding with its partners")):
        told = " ".join(run.explain(won[won.cause == cause].firm.iloc[0]).split())
        assert words in told

