"""How members decide and fall out in the engine: conflicts, disputes, latency, set-up, fines, and none of it."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import allysim as al
from allysim.accounts import Outside
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.mechanisms.benefit import profile_distance
from allysim.phases.disputes import breadth
from allysim.rules.gate import EXTEND, GO, STOP
from allysim.state import BREACH, KPI_FAILURE, NEVER, SETTLED, STOPPED

ALONE = {"strategy": "stand_alone", "background.strategy": "stand_alone", "firms.focal": 0}
CALM = {"disputes.conflict": 0.0, "latency.months": 0.0, "administration.setup_modularity": 0.0,
        "administration.setup_readiness": 0.0, "governance.dispute_clause": False}
"""Everything this file is about, switched off."""


@pytest.fixture
def made(plain_pool):
    """Make a model in which nothing but what a test adds happens to the alliance of the first firms."""
    def make(members=3, stage="running", seed=1, kind="procurement", **more):
        settings = {**ALONE, "firms.n": 12, "trust.disappointing": 1.0, "demography.exit_incumbent": 0.0,
                    "demography.ruin": False, **plain_pool}
        model = al.AllianceModel(al.scenario(**{**settings, **more}), rng=seed)
        model.form_alliance(range(members), stage=stage, type=kind)
        return model
    return make


def steps(model, months):
    for _ in range(months):
        model.step()
    return model


def told(model, *names):
    """Return (month, event, cause) of the events of some names."""
    events = model.results().events
    return list(events[events.event.isin(names)][["month", "event", "cause"]].itertuples(index=False, name=None))


def verdicts(model, *answers):
    """Let the gates give these verdicts, one after another."""
    left = list(answers)
    model.rules["gate"] = SimpleNamespace(decide=lambda gates: np.full(gates.chance.size, left.pop(0)))


def breach(model, slot=1, taken=5.0):
    """Let the member in `slot` take `taken` k€ this month."""
    members, rows = model.state.memberships, model.state.roster.rows

    def defects(faced):
        strikes = members.firm[rows] == slot
        faced.temptation[strikes] = taken
        return strikes

    model.rules["conduct"] = SimpleNamespace(defects=defects)
    model.step()


# Conflict (F16)

def test_cultural_distance_is_the_mean_over_pairs(made):
    model = made(4)
    culture = model.state.firms.culture
    pairs = [profile_distance(culture[i], culture[j], .6) for i in range(4) for j in range(i)]
    assert model.state.alliances.culture_distance[0] == pytest.approx(np.mean(pairs), rel=1e-12)


@pytest.mark.parametrize("rights", [0.0, 1.0])
def test_conflicts_are_as_frequent_as_the_equation_says(made, rights):
    """Conflicts and those unresolved in 40 x 60 alliance-months, to 4 standard errors (error rate 6e-5 each)."""
    seen, chances = [], []
    for seed in range(40):
        model = steps(made(seed=seed, **{"disputes.conflict": .1, "governance.decision_rights": rights}), 60)
        distance = model.state.alliances.culture_distance[0]
        chances += [.1 * (1 + 2 * distance) * (1 - .4 * rights)] * 60
        seen += [cause for *_, cause in told(model, "conflict")]
    chances = np.array(chances)
    assert len(seen) == pytest.approx(chances.sum(), abs=4 * np.sqrt((chances * (1 - chances)).sum()))
    assert seen.count("unresolved") == pytest.approx(.5 * len(seen), abs=4 * np.sqrt(.25 * len(seen)))


def test_an_unresolved_conflict_costs_one_member_its_partners_trust(made):
    """No money moves and nobody leaves."""
    quiet, model = made(), made(**{"disputes.conflict": 1.0, "disputes.resolved": 0.0})
    for each in (quiet, model):
        each.step()
    assert told(model, "conflict", "breach", "left") == [(1, "conflict", "unresolved")]
    blamed = model.results().events.query("event == 'conflict'").firm.item()
    trust = {i: [model.firm(j).trust_in(model.firm(i)) for j in range(3) if j != i] for i in range(3)}
    at_fault = [i for i in range(3) if max(trust[i]) < .5]
    assert [model.firm(i).name for i in at_fault] == [blamed]
    assert all(min(trust[i]) > .5 for i in range(3) if i not in at_fault)
    assert (model.state.firms.cash == quiet.state.firms.cash).all()


def test_a_resolved_conflict_leaves_no_trace_but_the_event(made):
    quiet, model = made(), made(**{"disputes.conflict": 1.0, "disputes.resolved": 1.0})
    for each in (quiet, model):
        steps(each, 6)
    assert told(model, "conflict") == [(month, "conflict", "resolved") for month in range(1, 7)]
    assert model.results().series.equals(quiet.results().series)


# Disputes (F13)

@pytest.mark.parametrize("resolved", [True, False])
def test_a_dispute_clause_can_keep_the_culprit_of_a_breach(made, resolved):
    """The penalty is paid and trust is lost all the same."""
    model = made(**{"conduct.detection": 1.0, "governance.dispute_clause": True,
                    "disputes.resolved_clause": float(resolved)})
    breach(model)
    assert told(model, "dispute") == [(1, "dispute", "resolved" if resolved else "unresolved")]
    members = model.state.memberships
    assert model.firm(0).trust_in(model.firm(1)) < .5
    assert model.state.firms.breach_cost[1] == 10.0 - 5.0
    assert (members.conduct[1] == SETTLED, members.left[1], members.cause[1] == BREACH) == (
        (True, -1, False) if resolved else (False, 1, True))


def test_without_a_dispute_clause_the_culprit_is_out(made):
    model = made(**{"conduct.detection": 1.0, "disputes.resolved_clause": 1.0})
    breach(model)
    assert told(model, "dispute") == [(1, "dispute", "unresolved")]
    assert model.state.memberships.left[1] == 1


# Decision latency (F14)

SLOW = {"latency.months": 2.0, "latency.per_member": 0.0, "latency.completeness": 0.0, "latency.culture": 0.0,
        "latency.rights": 0.0}
"""Every decision takes two months."""


def test_go_takes_effect_after_the_latency(made):
    model = made(stage="pilot", **SLOW)
    verdicts(model, GO, GO)
    alliances = model.state.alliances
    steps(model, 4)
    assert (alliances.go[0], alliances.verdict[0], alliances.gate_month[0]) == (NEVER, GO, 5)
    assert told(model, "verdict", "go") == [(3, "verdict", "go")]
    assert alliances.signals[0] == 4  # signals go on meanwhile
    model.step()
    assert (alliances.go[0], alliances.verdict[0], alliances.gate_month[0]) == (5, -1, 8)
    assert told(model, "verdict", "go") == [(3, "verdict", "go"), (5, "go", "")]


def test_an_extension_and_a_stop_take_effect_after_the_latency(made):
    model = made(stage="pilot", **SLOW)
    verdicts(model, EXTEND, STOP)
    steps(model, 10)
    assert told(model, "verdict", "extended", "stopped", "ended") == [
        (3, "verdict", "extended"), (5, "extended", ""), (8, "verdict", "stopped"), (10, "stopped", ""),
        (10, "ended", "stopped")]
    assert (model.state.alliances.ended[0], model.state.alliances.cause[0]) == (10, STOPPED)


def test_notice_begins_after_the_latency(made):
    model = made(**SLOW, **{"governance.notice": 4})
    verdicts(model, STOP, STOP, *[GO] * 9)
    steps(model, 12)
    alliances = model.state.alliances
    assert (alliances.ending[0], alliances.cause[0]) == (6 + 2 + 4, KPI_FAILURE)
    assert alliances.ended[0] == 12
    assert told(model, "failed review") == [(3, "failed review", ""), (6, "failed review", "")]


def test_the_latency_is_that_of_the_charter(made):
    """Three members under the standard preset, as far apart as they are: rounded up."""
    model = made(stage="pilot", **{"latency.months": .5})
    verdicts(model, GO)
    steps(model, 3)
    alliances = model.state.alliances
    months = .5 * 1.15 * 1.5 * (1 + alliances.culture_distance[0]) * (1 - .4 * .4)
    assert alliances.gate_month[0] == 3 + np.ceil(months)


# Set-up (F18)

def test_members_share_what_set_up_costs_by_the_least_ready(made):
    model = al.AllianceModel(al.scenario(**ALONE, **{"firms.n": 12}), rng=1)
    firms = model.state.firms
    before = firms.cash.copy()
    model.form_alliance([0, 1, 2])
    cost = 10 * (1 - .5 * firms.modularity[:3].min()) * (1 - .3 * firms.api_readiness[:3].min())
    assert before[:3] - firms.cash[:3] == pytest.approx([cost / 3] * 3, rel=1e-12)
    assert model.state.world.outside[Outside.SETUP_SERVICES] == pytest.approx(cost, rel=1e-12)
    assert model.state.alliances.spent[0] == pytest.approx(cost, rel=1e-12)


# Competition law

@pytest.mark.parametrize("kind", ALLIANCE_TYPES)
def test_members_of_co_opetition_may_be_fined(made, kind):
    """With rate 1, no contract, one market and all firms in the alliance a fine is certain; others see none."""
    settings = {"firms.n": 3, "governance.completeness": 0.0, "legal.rate": 1.0}
    free, model = (made(kind=kind, **settings) for _ in range(2))
    for each in (free, model):
        each.state.alliances.overlap[0] = 1.0
    free.change_to(free.config.replace({"legal.fine": 0.0}))
    for each in (free, model):
        each.step()
    events = model.results().events.query("event == 'fine'")
    if kind != "coopetition":
        assert events.empty and model.state.world.outside[Outside.FINES] == 0.0
        return
    revenue = model.results().initial.revenue.to_numpy()
    assert events.amount.to_numpy() == pytest.approx(.03 * 12 * revenue, rel=1e-12)
    assert model.state.world.outside[Outside.FINES] == pytest.approx(events.amount.sum(), rel=1e-12)
    assert free.state.firms.ebitda - model.state.firms.ebitda == pytest.approx(events.amount.to_numpy(), rel=1e-9)
    ledger = model.results().ledger.query("purpose == 'fine'")
    assert set(ledger.debit) == {"fines"} and ledger.amount.sum() == pytest.approx(events.amount.sum())


@pytest.mark.parametrize(("scope", "share"), [([], 0.0), (["capacity"], .5), (["marketing"], .5),
                                              (["capacity", "marketing"], 1.0)])
def test_the_legal_hazard_grows_with_scope(made, scope, share):
    model = made(kind="coopetition", **{"background.strategy.scope": scope})
    assert breadth(model.state.alliances.scope[0]) == share


# Off

def test_switched_off_the_month_is_the_one_without(monkeypatch):
    """24 months of a lively world, bit for bit: off by settings, and with the steps themselves taken out."""
    lively = {"conduct.temptation": 9.0, "choice.search_months": 1, "separation.scale": 30.0, "firms.n": 60}
    scenario = al.scenario("supply_stress", months=24, **lively, **CALM, **{"legal.rate": 0.0})
    off = al.run(scenario, seed=3)
    for step in ("quarrel", "prosecute"):
        monkeypatch.setattr(sys.modules["allysim.phases.conduct"], step, lambda model: None)
    without = al.run(scenario, seed=3)
    for table in ("series", "events", "firms", "alliances", "memberships", "ledger"):
        assert getattr(off, table).equals(getattr(without, table)), table
    assert not set(off.events.event) & {"conflict", "verdict", "fine"}
    assert {"dispute", "go"} <= set(off.events.event)
