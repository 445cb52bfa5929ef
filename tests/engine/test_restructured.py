"""Restructuring (F27, F18) in the engine: known answers in a world at rest, money, entrants, forks and saved runs."""

import numpy as np
import pytest

import allysim as al
from allysim.mechanisms.names import CAPABILITIES, WEIGHTS
from engine.test_money import run_checked

REST = {
    "firms.n": 12, "firms.focal": 12, "firms.large_share": 0.0, "strategy.seek": [], "background.strategy.seek": [],
    "environment.demand_noise": 0.0, "environment.price_noise": 0.0, "environment.disruption_rate": 0.0,
    "demography.exit_incumbent": 0.0, "demography.exit_entrant": 0.0, "demography.exit_newness": 0.0,
    "learning.progress_ratio": 1.0,
}
ALL = {"strategy.focus": True, "strategy.cut": .08, "strategy.reinvest": .5, "strategy.invest": .02,
       "strategy.modularise": True, "strategy.unit": "spin_off"}


def after(months, seed=1, **settings):
    model = al.AllianceModel(al.scenario(**{**REST, **settings}), rng=seed)
    for _ in range(months):
        model.step()
    return model


def test_a_cut_saves_from_the_month_after_the_review_and_its_effect_decays():
    model = after(0, **{"strategy.cut": .05})
    firms = model.state.firms
    start, year = firms.fixed_cost.copy(), np.full(12, -1)
    for month in range(1, 13):
        before = firms.cuts.copy()
        model.step()
        new = firms.cuts > before
        assert (year[new] == -1).all() and firms.cuts[new] == pytest.approx(.05, rel=1e-14)
        year[new] = month
    assert (year > 0).all() and len(set(year.tolist())) > 5  # not all in the same month
    run = model.results()
    paid = run.ledger[run.ledger.purpose == "severance"].set_index("credit").amount
    assert sorted(paid) == pytest.approx(sorted(.025 * 12 * firms.month_cost), rel=1e-12)
    late = year == 12
    assert firms.fixed_cost[~late] == pytest.approx(
        (start - firms.month_cost * .05 * .7 ** ((12 - year) / 12))[~late], rel=1e-12)
    first = year == year.min()
    for _ in range(int(year.min())):
        model.step()
    assert firms.cuts[first] == pytest.approx(.035 + .05, rel=1e-12)


def test_focus_drops_the_line_that_counts_least():
    model = after(0, **{"strategy.focus": True})
    firms = model.state.firms
    for _ in range(12):
        kept, z, attraction = firms.dropped.copy(), firms.capability.copy(), firms.attraction.copy()
        cost = firms.fixed_cost.copy()
        model.step()
        pull = model.state.world.pull
        for i in np.flatnonzero((firms.dropped != kept).any(axis=1)):
            sold = attraction[i] * pull
            counts = sold @ WEIGHTS / sold.sum()
            c = int(np.argmin(np.where(kept[i], np.inf, counts * z[i])))
            assert firms.dropped[i, c] and firms.capability[i, c] == 0.0 and firms.lines[i] == 7
            share = .5 * (.5 / 8 + .5 * counts[c])
            assert cost[i] - firms.fixed_cost[i] == pytest.approx(share * firms.month_cost[i], rel=1e-9)
            assert firms.attraction[i] == pytest.approx(attraction[i] * np.exp(-3.0 * WEIGHTS[:, c] * z[i, c]))
    assert (firms.lines == 7).all()
    for _ in range(60):
        model.step()
    assert (firms.lines == 4).all() and (firms.dropped.sum(axis=1) == 4).all()


def test_growth_is_spent_within_a_year_on_a_line_that_is_kept():
    model = after(12, **{"strategy.invest": .05, "customers.launch_gain": 0.0})
    firms = model.state.firms
    left = firms.growth_budget.copy()
    assert (left >= 0.0).all() and (left <= .05 * 12 * firms.month_cost + 1e-9).all()
    run = model.results()
    spent = run.ledger[run.ledger.purpose == "growth"].amount.sum()
    assert spent + left.sum() == pytest.approx(.05 * 12 * firms.month_cost.sum(), rel=1e-12)
    assert (firms.developed.max(axis=1) > 0.0).sum() > 8


def test_modularity_costs_four_months_of_fixed_cost_and_shortens_launches():
    model = after(0, **{"strategy.modularise": True, "firms.cash_months": 12.0})
    firms = model.state.firms
    start = firms.modularity.copy()
    for _ in range(48):
        model.step()
    assert firms.modularity == pytest.approx(1.0) and firms.modularised == pytest.approx(1.0 - start)
    run = model.results()
    paid = run.ledger[run.ledger.purpose == "modularisation"].amount.sum()
    assert paid == pytest.approx((8.0 * firms.month_cost * (1.0 - start)).sum(), rel=1e-9)
    done = ~firms.platform
    assert firms.launch_pace[done] == pytest.approx((.7 / (1 - .3 * start))[done], rel=1e-9) and done.any()
    assert firms.thrift == pytest.approx(1.0 - .05 * (1.0 - start), rel=1e-9)
    series = run.series["population.time_to_market"]
    assert series.iloc[0] == 18.0 and series.iloc[-1] < 18.0 and series.max() > series.iloc[0]


def test_nothing_is_spent_on_credit():
    model = after(24, **{"strategy.invest": 1.0, "strategy.modularise": True, "firms.cash_months": 0.0,
                         "demography.payout_months": 0.0, "demography.payout_share": 1.0})
    assert (model.state.firms.cash >= 0.0).all() and (model.state.firms.growth_budget > 0.0).any()


def test_a_unit_halves_latency_and_what_it_gains_is_the_firms_own():
    settings = {"strategy.unit": "dedicated"}
    model = after(12, **settings)
    firms = model.state.firms
    assert (firms.unit == 1).all() and (firms.unit_capital == 0.0).all()
    assert firms.fixed_cost == pytest.approx(firms.full_cost + .02 * firms.month_cost, rel=1e-12)
    assert np.std(firms.thrift) > 0.0 and np.array_equal(firms.thrift, after(12, **settings).state.firms.thrift)
    alliance = model.form_alliance([0, 1, 2])
    assert alliance.units == 1.0 and after(12).form_alliance([0, 1, 2]).units == 0.0


def test_creditors_bear_what_a_unit_loses_beyond_its_capital():
    model = after(12, **{"strategy.unit": "spin_off"})
    firms = model.state.firms
    capital = firms.unit_capital.copy()
    assert capital == pytest.approx(1.2 * firms.month_cost, rel=1e-12)
    strategy = next(phase for phase in model.phases if phase.__name__ == "strategy")
    firms.saving[:], firms.alliance_flow[:] = 0.0, 0.0
    firms.breach_flow[:] = 0.0
    firms.breach_flow[:2] = -.5 * capital[0], -3.0 * capital[1]
    cash, profit = firms.cash.copy(), firms.economic_profit.copy()
    model.events.month = model.state.world.month = 13 + 12 * 50 + 6  # whose review is due does not matter here
    strategy(model)
    closed = model.results().events
    closed = closed[closed.event == "unit closed"]
    assert closed.firm.tolist() == ["Firm 1"] and closed.amount.iloc[0] == pytest.approx(2.0 * capital[1], rel=1e-12)
    assert firms.unit_capital[0] == pytest.approx(.5 * capital[0], rel=1e-12)
    assert firms.cash[0] == cash[0] and firms.cash[1] - cash[1] == pytest.approx(2.0 * capital[1], rel=1e-12)
    assert firms.economic_profit[1] - profit[1] == pytest.approx(2.0 * capital[1], rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_money_is_conserved_while_all_restructure(seed):
    levers = {key.replace("strategy", group): value for group in ("strategy", "background.strategy")
              for key, value in ALL.items()}
    model = al.AllianceModel(al.scenario("supply_stress", months=40, **{
        "firms.n": 24, "firms.focal": 8, "conduct.temptation": 60.0, "demography.exit_incumbent": .02,
        "restructuring.review": 4, "restructuring.unit_capital": .1, **levers}), rng=seed)
    run_checked(model)
    assert {"severance", "growth", "modularisation"} <= set(model.results().ledger.purpose)


def test_an_entrant_starts_without_any_of_it():
    model = after(0, **{**ALL, "firms.focal": 6, "demography.exit_incumbent": .1})
    for _ in range(40):
        model.step()
    firms = model.state.firms
    new = firms.generation > 0
    assert new.any() and (firms.lines[new] == len(CAPABILITIES)).all() and not firms.dropped[new].any()
    for name in ("cuts", "lines_saved", "harm", "growth_budget", "growth_rate", "modularised", "modular_left", "unit",
                 "unit_capital", "platform"):
        assert not getattr(firms, name)[new].any(), name
    assert (firms.thrift[new] == 1.0).all() and (firms.launch_pace[new] == 1.0).all()
    assert np.array_equal(firms.full_cost[new], firms.fixed_cost[new])


def test_forks_and_saved_runs_go_on_as_they_would(tmp_path):
    config = al.scenario(months=30, **{**REST, **ALL})
    run = al.run(config, seed=2)
    assert run.fork(18).series.equals(run.series)
    forked = run.fork(18, **{"strategy.focus": False, "strategy.cut": 0.0})
    assert forked.series[:19].equals(run.series[:19]) and not forked.series.equals(run.series)
    run.save(tmp_path / "saved", 18)
    model = al.AllianceModel.load(tmp_path / "saved")
    while model.running:
        model.step()
    assert model.results().series.equals(run.series)
    assert {"lines", "growth_budget"} <= set(run.firms.columns) and (run.firms.lines < len(CAPABILITIES)).all()


def test_what_was_begun_goes_on_once_levers_are_off():
    model = after(12, **ALL)
    model.move({"strategy.cut": 0.0, "strategy.reinvest": 0.0, "strategy.invest": 0.0, "strategy.focus": False,
                "strategy.modularise": False, "strategy.unit": "none"})
    firms = model.state.firms
    cuts, lines = firms.cuts.copy(), firms.lines.copy()
    for _ in range(24):
        model.step()
    assert firms.cuts == pytest.approx(.49 * cuts, rel=1e-12) and np.array_equal(firms.lines, lines)
    assert not firms.growth_budget.any() and not firms.modular_left.any() and (firms.unit == 2).all()
