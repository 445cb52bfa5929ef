"""Joint ventures in the engine (F24, F20): money by hand, conserved to the cent, and nobody gains by booking."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import allysim as al
from allysim.accounts import Outside
from allysim.state import CAPITAL, ENDED
from engine.conftest import SILENT
from engine.test_alliances import PLAIN
from engine.test_money import cash_of, check_money, check_numbers, check_ties, flows, total_of

OWNED = {**PLAIN, "infrastructure.own": True, "scaling.standardise": True, "scaling.reviews": 1, "scaling.trust": 0.0,
         "scaling.months": 0, "separation.infrastructure": 0.0, "pilot.review": 1, "firms.cash_months": 5.0,
         "firms.large_share": 0.0, "demography.payout_share": 0.0}
"""A world in which an infrastructure alliance stays and is standardised at its first review; nobody looks for any."""
SEEKING = {**SILENT, **{f"{whose}.seek": ["infrastructure"] for whose in ("strategy", "background.strategy")},
           "infrastructure.own": True, "scaling.standardise": True, "scaling.reviews": 1, "scaling.trust": 0.0,
           "scaling.months": 0, "pilot.months": 1, "pilot.review": 1, "rules.gate": "never_stop",
           "choice.search_months": 2, "firms.attention_small": 6, "firms.cash_months": 6.0,
           "choice.expected_life": 90.0}


def made(members=3, **more):
    model = al.AllianceModel(al.scenario(**{**OWNED, **more}), rng=1, records="full")
    model.form_alliance(range(members), stage="running", type="infrastructure")
    return model


def needs(model, slots):
    """Return the capital of users, each for what the others match of its fixed cost."""
    cost = model.state.firms.month_cost[slots]
    matched = np.minimum(1.0, (1.0 - cost / cost.sum()) * len(cost) / (len(cost) - 1))
    return matched * cost / 17.0 * 150.0 / 8


def told(model, event):
    frame = model.results().events
    return frame[frame.event == event]


def test_members_pay_in_by_use_and_the_supplier_is_paid():
    model = made()
    slots, paid_for = np.arange(3), model.state.world.outside[Outside.EQUIPMENT]
    model.step()
    state, price = model.state, needs(model, np.arange(3)).sum()
    assert state.alliances.installed[0] == state.alliances.capital[0] == pytest.approx(price)
    assert state.memberships.part[:3] == pytest.approx(needs(model, slots) / price)
    assert state.memberships.booked[:3, CAPITAL] == pytest.approx(-needs(model, slots))
    rents = state.memberships.fee[:3].sum()
    assert state.world.outside[Outside.EQUIPMENT] - paid_for == pytest.approx(price + rents)
    assert told(model, "capital bought").amount.tolist() == pytest.approx([price])
    assert state.world.n_ventures == 1 and model.alliances[0].capital == state.alliances.capital[0]


def test_a_month_of_a_venture_by_hand():
    model = made()
    model.step()
    state = model.state
    price, parts = state.alliances.installed[0], state.memberships.part[:3].copy()
    profit = state.firms.economic_profit[:3].copy()
    model.step()
    fees = state.memberships.fee[:3]
    assert fees == pytest.approx(.012 * needs(model, np.arange(3)))
    assert state.alliances.cash[0] == pytest.approx(.002 * price) and state.alliances.capital[0] == price - price / 120
    firms = state.firms
    usual = firms.ebitda[:3] - .01 * 3 * firms.month_cost[:3]
    result = fees.sum() - .01 * price - price / 120 - .01 * price
    assert firms.economic_profit[:3] - profit == pytest.approx(usual + parts * result)


def test_what_is_beyond_the_reserve_is_paid_out_by_part():
    model = made(**{"infrastructure.reserve": 0.0})
    model.step()
    price, booked = model.state.alliances.installed[0], model.state.memberships.booked[:3, CAPITAL].copy()
    model.step()
    assert model.state.alliances.cash[0] == pytest.approx(0.0, abs=1e-12)
    assert model.state.memberships.booked[:3, CAPITAL] - booked == pytest.approx(
        .002 * price * model.state.memberships.part[:3])


def test_fees_below_upkeep_are_made_good_by_calls():
    model = made(**{"infrastructure.user_fee": .004})
    model.step()
    price = model.state.alliances.installed[0]
    model.step()
    assert model.state.alliances.cash[0] == pytest.approx(0.0, abs=1e-12)
    assert told(model, "capital called").amount.tolist() == pytest.approx([.006 * price])


@pytest.mark.parametrize(("levers", "bought"), [
    ({}, True), ({"infrastructure.own": False}, False), ({"choice.expected_life": 40.0}, False),
    ({"infrastructure.keeps": 9.0}, False), ({"infrastructure.rent": .03}, False),
    ({"scaling.standardise": False}, False)])
def test_when_capital_is_bought(levers, bought):
    model = made(**levers)
    for _ in range(3):
        model.step()
    assert (model.state.alliances.installed[0] > 0.0) == bought == (len(told(model, "capital bought")) == 1)


def test_it_asks_again_and_buys_when_all_have_the_cash():
    model = made(**{"infrastructure.keeps": 4.5})
    model.state.firms.cash[1] = 0.0
    for _ in range(3):
        model.step()
    assert model.state.alliances.installed[0] == 0.0
    model.state.firms.cash[1] = 500.0
    model.step()
    assert model.state.alliances.installed[0] > 0.0


@pytest.mark.parametrize("buyout", [0.0, .7, 1.0])
def test_a_leaver_is_bought_out_by_the_others(buyout):
    model = made(**{"infrastructure.buyout": buyout})
    for _ in range(2):
        model.step()
    state = model.state
    part, installed = state.memberships.part[:3].copy(), state.alliances.installed[0]
    state.memberships.leaving[1] = model.month + 1
    booked = state.memberships.booked[:3, CAPITAL].copy()
    model.step()
    equity = state.alliances.capital[0] + state.alliances.cash[0]
    price = buyout * part[1] * equity
    assert state.memberships.left[1] == model.month and state.alliances.members[0] == 2
    assert state.memberships.booked[1, CAPITAL] - booked[1] == pytest.approx(price)
    stay = np.array([0, 2])
    after = state.memberships.part[:3]
    assert after[stay] == pytest.approx(part[stay] / part[stay].sum()) and after[1] == 0.0
    assert state.memberships.booked[stay, CAPITAL] - booked[stay] == pytest.approx(-price * after[stay])
    assert state.alliances.installed[0] == installed, "capital stays, and its upkeep with it"
    event = told(model, "bought out").iloc[0]
    assert event.amount == pytest.approx(price) and event.cause == ("" if buyout else "forfeited")
    for _ in range(3):
        model.step()
    assert len(told(model, "capital called")), "two users do not pay the upkeep for three"


@pytest.mark.parametrize("salvage", [0.0, .4])
def test_at_the_end_capital_is_stranded_and_the_account_paid_out(salvage):
    model = made(**{"infrastructure.salvage": salvage})
    for _ in range(4):
        model.step()
    state = model.state
    parts, booked = state.memberships.part[:3].copy(), state.memberships.booked.copy()
    left = state.alliances.capital[0] - state.alliances.installed[0] / 120
    state.alliances.ending[0] = model.month + 1
    held = state.alliances.cash[0] + .002 * state.alliances.installed[0]
    model.step()
    assert state.alliances.stage[0] == ENDED
    assert (state.alliances.installed[0], state.alliances.capital[0], state.alliances.cash[0]) == (0.0, 0.0, 0.0)
    assert state.memberships.booked[:3, CAPITAL] - booked[:3, CAPITAL] == pytest.approx(parts * (held + salvage * left))
    assert told(model, "stranded").amount.tolist() == pytest.approx([(1 - salvage) * left])
    assert state.world.n_ventures == 0


def test_worn_out_it_is_rented_again():
    model = made(**{"infrastructure.life": 5.0, "infrastructure.rent": .3, "infrastructure.capital": 10.0,
                    "scaling.months": 100})
    for _ in range(6):
        model.step()
    state = model.state
    assert told(model, "worn out").month.tolist() == [6] and told(model, "capital bought").month.tolist() == [1, 6]
    assert state.alliances.capital[0] == state.alliances.installed[0] > 0.0, "bought again in the month it was worn out"


def test_economic_profit_is_cash_flow_less_charges_over_the_life_of_a_venture():
    """Clean surplus: what is paid in, depreciates and is lost adds up to what cash says, the charge on it aside."""
    worlds = [made(**{"infrastructure.salvage": .3, "demography.capital_charge": 0.0, "infrastructure.own": own})
              for own in (True, False)]
    for model in worlds:
        for _ in range(5):
            model.step()
        model.state.alliances.ending[0] = model.month + 1
        model.step()
    (owned, rented) = (model.state.firms for model in worlds)
    assert len(told(worlds[0], "stranded")) and not len(told(worlds[1], "stranded"))
    assert (owned.cash - rented.cash)[:3] == pytest.approx((owned.economic_profit - rented.economic_profit)[:3])
    assert np.abs(owned.cash - rented.cash)[:3].max() > 1.0


def test_an_entrant_buys_in_at_book_value():
    model = al.AllianceModel(al.scenario(**{**SEEKING, "firms.n": 30, "firms.large_share": 0.0}), rng=3, records="full")
    while not len(bought := told(model, "bought in")):
        before = model.state.copy()
        model.step()
        assert model.month < 60
    state, event = model.state, bought.iloc[0]
    a = int(event.alliance)
    entrant = int(np.flatnonzero((state.memberships.alliance[:state.world.n_memberships] == a)
                                 & (state.memberships.joined[:state.world.n_memberships] == model.month))[0])
    assert state.memberships.booked[entrant, CAPITAL] == -event.amount
    equity = state.alliances.capital[a] + state.alliances.cash[a]
    assert state.memberships.part[entrant] * equity == pytest.approx(event.amount), "worth what it paid"
    assert state.alliances.installed[a] > before.alliances.installed[a]


def check_ventures(state):
    """Parts of every venture are of the members it has and add up; nothing is left of those that are over."""
    world, rows = state.world, state.roster.rows
    n, members = world.n_alliances, state.memberships
    installed, capital, cash = (getattr(state.alliances, name)[:n] for name in ("installed", "capital", "cash"))
    assert world.n_ventures == (installed > 0).sum()
    whole = np.bincount(members.alliance[rows], members.part[rows], minlength=n)
    assert whole == pytest.approx((installed > 0).astype(float))
    assert members.part[:world.n_memberships].sum() == pytest.approx(members.part[rows].sum())
    assert (cash >= -1e-9).all() and (capital >= 0).all() and (capital <= installed + 1e-9).all()
    assert not cash[installed == 0].any() and not installed[state.alliances.stage[:n] == ENDED].any()


WILD = {
    "infrastructure.capital": st.sampled_from([0.0, .5, 5.0, 20.0]),
    "infrastructure.life": st.sampled_from([9.0, 14.0, 90.0]),
    "infrastructure.upkeep": st.floats(0, .03), "infrastructure.user_fee": st.floats(0, .05),
    "infrastructure.reserve": st.floats(0, 24), "infrastructure.keeps": st.sampled_from([0.0, 3.0]),
    "infrastructure.buyout": st.sampled_from([0.0, .5, 1.0]), "infrastructure.salvage": st.sampled_from([0.0, .5, 1.0]),
    "infrastructure.rent": st.floats(.15, .3), "demography.exit_incumbent": st.sampled_from([0.0, .01, .04]),
    "separation.scale": st.floats(8, 100), "conduct.temptation": st.sampled_from([0.0, 3.0, 60.0]),
    "demography.ruin": st.booleans(),
    "governance.notice": st.integers(0, 3), "customers.launch_gain": st.floats(0, .2), "seed": st.integers(0, 2**31),
}


def test_money_and_parts_in_any_configuration():
    lively = {**SEEKING, "firms.n": 20, "pilot.members": 4, "choice.expected_life": 300.0}
    base, seen = al.scenario(months=24, **lively), Counter()

    @settings(max_examples=40, deadline=None, derandomize=True, database=None,
              suppress_health_check=[HealthCheck.too_slow])
    @given(st.fixed_dictionaries(WILD))
    def check(chosen):
        model = al.AllianceModel(base.replace(chosen), records="full")
        total = total_of(model)
        for _ in range(model.config.run.months):
            before = cash_of(model)
            model.step()
            check_money(before, cash_of(model), flows(model))
            assert total_of(model) == pytest.approx(total, abs=1e-6)
            check_numbers(model.state)
            check_ties(model.state)
            check_ventures(model.state)
        run = model.results()
        owned = ("paid in", "buy-in", "buy-out", "venture payout", "capital call")
        for firm, booked in run.memberships.groupby("firm").capital.sum().items():
            lines = run.ledger[run.ledger.purpose.isin(owned)]
            moved = lines[lines.debit == firm].amount.sum() - lines[lines.credit == firm].amount.sum()
            assert booked == pytest.approx(moved, abs=1e-6)
        seen.update(event for _, event, *_ in model.events.parts)

    check()
    for event in ("capital bought", "bought in", "bought out", "stranded", "capital called", "worn out"):
        assert seen[event] >= 3, seen
