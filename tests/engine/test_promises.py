"""One name for rivals with a promise, a shared office, and subscriptions, in the engine: by hand, and off."""

import numpy as np
import pytest

import allysim as al
from allysim.accounts import Outside
from allysim.config.yields import SCOPES, Coopetition
from allysim.mechanisms.coopetition import automated, automation_fee
from engine.conftest import PLAIN_POOL, SILENT
from engine.test_off import after, differing

TOGETHER = {**SILENT, **PLAIN_POOL, "firms.n": 12, "firms.focal": 0, "strategy": "stand_alone",
            "background.strategy": "stand_alone", "separation.coopetition": 0.0}


def allied(*scope, months=1, late=(), **settings):
    """A world at rest in which the first three firms do this together, and some of them are disrupted all the time."""
    model = al.AllianceModel(al.scenario(**{**TOGETHER, **settings}), rng=1)
    model.form_alliance([0, 1, 2], "running", "coopetition")
    model.state.alliances.scope[0] = sum(1 << SCOPES.index(name) for name in scope)
    for _ in range(months):
        model.state.firms.disrupted[list(late)] = 2
        model.step()
    return model


def test_customers_of_all_see_the_worst_and_churn():
    firms = allied("marketing", months=2, late=[1]).state.firms
    late = 1.0 - firms.on_time
    assert late[1] == pytest.approx(.4, abs=.02) and late[0] == late[2] == 0.0
    assert firms.missed[:4] == pytest.approx([late[1] / 2, late[1], late[1] / 2, 0.0], rel=1e-12)
    assert firms.churn[:4] == pytest.approx([.03 + .2 * .2, .03 + .2 * .4, .03 + .2 * .2, .03], abs=.005)
    assert firms.leads[0] / firms.sales[0] > 1.5 * firms.leads[3] / firms.sales[3]


def test_a_promise_costs_who_fails_and_shields_the_others():
    without, promised = (allied("marketing", months=3, late=[1], **{"coopetition.quality_floor": x}) for x in (0.0, .9))
    one, other = without.state.firms, promised.state.firms
    assert (other.missed[:3] == pytest.approx([.05, .1, .05], rel=1e-9)) and (one.missed[:3] > .19).all()
    assert other.churn[0] < one.churn[0] and not one.compensation.any()
    paid = .25 * other.price * other.sales * np.maximum(0.0, 1.0 - other.on_time - .1)
    assert other.compensation[:3] == pytest.approx(paid[:3] * [0, 1, 0], rel=1e-12) and other.compensation[1] > 1.0
    members = promised.results().memberships.sort_values("firm").reset_index()
    assert (members.compensation < 0.0).tolist() == [False, True, False]
    assert members.net[1] < members[["saving", "split", "fee", "governance"]].sum(axis=1)[1]
    assert promised.state.memberships.gain[1] < without.state.memberships.gain[1] - 1.0
    ledger = promised.results().ledger.query("purpose == 'compensation'")
    assert set(ledger.debit) == {"customers"} and set(ledger.credit) == {"Firm 1"}
    assert other.margin[1] == pytest.approx(one.margin[1] - other.compensation[1], rel=1e-9)  # seen by the KPI


def test_a_shared_office_in_a_month_by_hand():
    """In the first month, with a benefit of 1 less the distance of technologies."""
    model = allied("automation")
    firms, members, rules = model.state.firms, model.state.memberships, Coopetition()
    cost, sold = firms.month_cost[:3], (firms.price * firms.output)[:3]
    match = np.minimum(1.0, (1.0 - cost / cost.sum()) * 3 / 2)
    assert match[0] == 1.0 > match.min()
    benefit = members.saving[0] / (.1 * cost[0])
    assert .5 < benefit <= 1.0
    assert members.saving[:3] == pytest.approx([automated(f, benefit, rules) for f in match * cost], rel=1e-12)
    assert members.fee[:3] == pytest.approx([automation_fee(r, 3, rules) for r in match * sold], rel=1e-12)
    assert firms.fixed_saved[:3] == pytest.approx(members.saving[:3], rel=1e-15)
    assert model.state.world.outside[Outside.EQUIPMENT] == pytest.approx(members.fee[:3].sum(), rel=1e-12)
    ledger = model.results().ledger
    assert ledger[ledger.purpose == "automation"].debit.unique().tolist() == ["equipment"]
    expected = firms.margin[:3] - (firms.price - firms.unit_cost)[:3] * firms.target[:3]
    assert expected == pytest.approx((members.saving + members.split - members.fee)[:3], rel=1e-9)


def test_an_office_replaces_no_more_than_there_is():
    firms = allied("automation", **{"coopetition.automation": 1.0, "fit.coopetition": 0.0}).state.firms
    cost = firms.month_cost[:3]
    matched = np.minimum(1.0, (1.0 - cost / cost.sum()) * 3 / 2) * cost
    assert firms.fixed_saved[:3] == pytest.approx(matched) and (firms.fixed_saved > firms.fixed_cost)[0]


def test_what_is_promised_to_an_office_is_what_it_yields():
    """A charter is weighed at the saving and the fee of the month."""
    sought = {"strategy.seek": ["coopetition"], "background.strategy.seek": ["coopetition"],
              "strategy.scope": ["automation"], "background.strategy.scope": ["automation"]}
    free = {"administration.scale": 0.0, "administration.setup": 0.0, "choice.search_months": 1}
    model = al.AllianceModel(al.scenario(**{**TOGETHER, **sought, **free}), rng=1)
    dear = al.AllianceModel(al.scenario(**{**TOGETHER, **sought, **free, "coopetition.automation_fee": .2}), rng=1)
    for _ in range(6):
        model.step()
        dear.step()
    assert model.state.world.n_alliances > 0 == dear.state.world.n_alliances
    members, n = model.state.memberships, model.state.world.n_memberships
    new = np.flatnonzero(members.joined[:n] < 6)
    booked = (members.saving + members.split - members.fee)[new]
    assert members.expected[new] == pytest.approx(booked, rel=.1)


RIVALS = {"strategy.seek": ["coopetition"], "background.strategy.seek": ["coopetition"], "firms.n": 40,
          "strategy.scope": list(SCOPES[:4]), "background.strategy.scope": list(SCOPES[:4]), "pilot.noise": .02}


def test_off_everyone_is_seen_as_it_is_and_pays_nothing():
    model = after({"scenario": "supply_stress", **RIVALS, "coopetition.reputation": 0.0})
    firms = model.state.firms
    assert firms.coopetition.max() >= 0 and (firms.missed == 1.0 - firms.on_time).all() and (firms.missed > 0.0).any()
    assert not firms.compensation.any()
    assert not differing(model, after({"scenario": "supply_stress", **RIVALS, "coopetition.reputation": 0.0,
                                       "coopetition.automation": .5, "coopetition.automation_fee": .5}))


def test_where_nobody_subscribes_subscriptions_are_of_no_account():
    settings = {"scenario": "supply_stress", "firms.n": 40}
    weights = {"subscriptions.churn": 1.0, "subscriptions.inertia": 1.0}
    assert not differing(after(settings), after(settings | weights))


def test_subscribers_make_revenue_steadier_and_churn_less(tmp_path):
    """Two firms of a file and 28 others, three years of the same luck; nobody allies."""
    plain, steady = (after({"scenario": "supply_stress", "firms.n": 30, "firms.path": path}, months=1)
                     for path in _two(tmp_path))
    found = []
    for model in (plain, steady):
        sales = []
        for _ in range(35):
            model.step()
            sales.append(model.state.firms.sales[0])
        found.append((np.abs(np.diff(np.log(sales))).mean(), model.state.firms.churn[0]))
    assert found[1][0] < .75 * found[0][0] and found[1][1] < .6 * found[0][1]


def _two(tmp_path):
    for share in (0, 1):
        path = tmp_path / f"own{share}.csv"
        path.write_text(f"firm,revenue,segment,subscriptions,strategy\nA,60,services,{share},stand_alone\n"
                        "B,60,services,0,stand_alone\n")
        yield path


def test_month_zero_is_at_rest_for_subscribers_too(tmp_path):
    """The same accounts, fewer leads at the same cost."""
    plain, steady = (al.AllianceModel(al.scenario(**{"firms.path": path, "firms.n": 10}), rng=1).state.firms
                     for path in _two(tmp_path))
    assert steady.subscriptions[:3].tolist() == [1.0, 0.0, 0.0]
    assert steady.churn[:2].tolist() == [.015, .03] and plain.churn[0] == .03
    assert (steady.lead_cost == plain.lead_cost).all() and (steady.month_cost == plain.month_cost).all()
    marketing, before = (firms.leads * firms.lead_cost for firms in (steady, plain))
    assert marketing[0] == pytest.approx(before[0] / 2, rel=1e-12)
    assert steady.fixed_cost + marketing == pytest.approx(plain.fixed_cost + before, rel=1e-12)
    assert (steady.ebitda == plain.ebitda).all()


def test_an_entrant_has_no_subscribers(tmp_path):
    path = list(_two(tmp_path))[1]
    model = after({"firms.path": path, "firms.n": 10, "demography.exit_incumbent": .5}, months=12)
    assert model.state.firms.generation[0] > 0 and not model.state.firms.subscriptions.any()
