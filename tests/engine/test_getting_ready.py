"""Getting ready, seeing more and choosing otherwise (F28) in a run: what it costs, when it counts, who is chosen."""

import dataclasses

import numpy as np
import pytest

import allysim as al
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.dealings.appraisal import hear
from allysim.dealings.brought import best_target, brings
from allysim.mechanisms.demand import overlap
from allysim.mechanisms.kinds import COOPETITION, RND
from engine.test_money import run_checked

SEEK = {"strategy.seek": list(ALLIANCE_TYPES), "background.strategy.seek": list(ALLIANCE_TYPES)}
WORLD = {"firms.n": 30, "firms.large_share": .2, "demography.exit_incumbent": .01, "pilot.months": 1,
         "background.strategy": "procurement_first", **SEEK}
"""Nobody gets ready unless a test says so: of its strategy a background firm keeps no more than the name."""


def both(**levers):
    return {f"{whose}.{lever}": value for lever, value in levers.items()
            for whose in ("strategy", "background.strategy")}


def after(months=18, seed=2, **settings):
    model = al.AllianceModel(al.scenario("supply_stress", **{**WORLD, **settings}), rng=seed, records="full")
    for _ in range(months):
        model.step()
    return model


def dates(model, event):
    """Month of an event by firm."""
    events = model.results().events
    found = events[events.event == event]
    return dict(zip(found.firm, found.month, strict=True))


def same(one, other):
    """Whether two models are alike in all tables, bit for bit."""
    return all(np.asarray(getattr(getattr(one.state, table), field.name)).tobytes()
               == np.asarray(getattr(getattr(other.state, table), field.name)).tobytes()
               for table in ("firms", "ties", "alliances", "memberships", "world")
               for field in dataclasses.fields(getattr(one.state, table)))


def test_an_audit_comes_half_a_year_later_and_is_paid_for_once():
    model = after(**both(audit=True), **{"ecosystem.audit_cost": 7.0})
    firms, run = model.state.firms, model.results()
    born = dict(zip(run.firms.firm, run.firms.founded, strict=True))
    audits = dates(model, "audited")
    assert audits and len(audits) == (run.events.event == "audited").sum()
    assert all(month >= born[firm] + 7 for firm, month in audits.items())
    assert {month for firm, month in audits.items() if born[firm] == 0} == {7}
    assert (firms.mapped == -1).all() and (firms.prepared == -1).all()
    paid = run.ledger[run.ledger.purpose == "preparation"]
    assert set(paid.amount) == {7.0} and len(paid) == len(audits) and set(paid.debit) == {"setup services"}


def test_whoever_prepares_is_ready_after_the_first_month():
    model = after(**both(prepare=True, audit=True))
    run = model.results()
    born = dict(zip(run.firms.firm, run.firms.founded, strict=True))
    for event in ("audited", "mapped", "prepared"):
        assert {month - born[firm] for firm, month in dates(model, event).items()} <= {1, 2}  # 2: in ruin at first
        assert len(dates(model, event)) > 30
    alliances = model.state.alliances
    assert (alliances.dashboard[:model.state.world.n_alliances] == .8).all()


def test_money_is_conserved_while_firms_get_ready():
    model = al.AllianceModel(al.scenario(**{**WORLD, **both(audit=True, map=True, learn=True), "strategy.prepare": True,
                                            "months": 18, "ecosystem.delay": 1}), rng=4)
    run_checked(model)
    assert {"audited", "mapped", "prepared"} <= {*model.results().events.event}


def test_without_a_lever_its_sizes_are_of_no_account():
    """Noise of self-assessment is the only one that needs no lever; at 0, and without R&D, it is none either."""
    still = {"ecosystem.mapped": 40, "ecosystem.delay": 1, "ecosystem.audit_cost": 99.0, "ecosystem.map_cost": 99.0,
             "ecosystem.dashboard": 1.0, "ecosystem.dashboard_cost": 99.0, "ecosystem.matrix_noise": 2.0,
             "ecosystem.ladder_trust": 1.0, "ecosystem.rival_overlap": 0.0, "ecosystem.lesson_weight": .1,
             "ecosystem.audited_noise": 1.0}
    assert same(after(12), after(12, **still))
    assert not same(after(12), after(12, **{"ecosystem.self_noise": 0.0}))
    pools = {"strategy.seek": ["procurement"], "background.strategy.seek": ["procurement"]}
    assert same(after(12, **pools), after(12, **pools, **{"ecosystem.self_noise": 2.0}))


@pytest.mark.parametrize("lever", [{"audit": True}, {"map": True}])
def test_what_takes_time_changes_nothing_until_then(lever):
    free = {"ecosystem.audit_cost": 0.0, "ecosystem.map_cost": 0.0}
    early, without = after(6, **free, **both(**lever)), after(6, **free)
    for model in (early, without):
        model.state.firms.audited[:] = model.state.firms.mapped[:] = -1  # but for the date itself
    assert same(early, without)
    assert not same(after(12, **free, **both(**lever)), after(12, **free))


def test_an_audit_brings_the_target_of_research_nearer_to_what_lacks_most():
    """What three firms in a row would lose of what they have at stake by working on what they think best."""
    def lost(audited, **settings):
        model = al.AllianceModel(al.scenario(**{**WORLD, "firms.n": 90, **settings}), rng=2)
        everybody, kinds = np.ones(90, dtype=np.bool_), np.array([RND], dtype=np.int8)
        model.state.firms.audited[:] = audited
        seen = brings(model, everybody, kinds).stakes.copy()
        model.state.firms.misjudged[:] = 0.0
        true = brings(model, everybody, kinds).stakes
        groups = np.arange(90, dtype=np.int32).reshape(30, 3)
        return np.mean([1.0 - true[g].sum(axis=0)[best_target(g, seen)] / true[g].sum(axis=0).max() for g in groups])

    assert lost(-1, **{"ecosystem.self_noise": 0.0}) == 0.0
    assert 0.0 < lost(0) < lost(-1)


def test_nobody_founds_with_rivals_and_big_ventures_take_earned_trust():
    model = after(**both(partners="non_rivals"), **{"ecosystem.rival_overlap": .9, "leaks.hazard": 0.0, "months": 60,
                                                    "demography.exit_incumbent": 0.0, "demography.ruin": False})
    state, founded = model.state, 0
    for a in range(state.world.n_alliances):
        rows = np.flatnonzero(state.memberships.alliance[:state.world.n_memberships] == a)
        slots = state.memberships.firm[rows]
        if state.alliances.founded[a] == model.month:  # attractions are those of then
            founded += 1
            assert all(overlap(state.firms.attraction[i], state.firms.attraction[j], state.world.pull) <= .9
                       for i in slots for j in slots if i < j)
    assert state.world.n_alliances > 0
    ladder = after(**both(ladder=True), **{"ecosystem.ladder_trust": .55})
    run = ladder.results()
    allied = run.memberships.merge(run.alliances[["alliance", "founded_as", "founded"]], on="alliance")
    big = allied[allied.founded_as.isin(["rnd", "infrastructure"])]
    for firm, month in zip(big.firm, big.founded, strict=True):
        before = allied[(allied.firm == firm) & (allied.founded < month)]
        assert (~before.founded_as.isin(["rnd", "infrastructure"])).any()


def test_lessons_correct_what_a_charter_is_worth_and_not_what_it_promises():
    model = al.AllianceModel(al.scenario(**{**WORLD, "administration.scale": .02}), rng=5)
    group, kinds = np.array([[0, 1, 2]], dtype=np.int32), np.array([COOPETITION], dtype=np.int8)
    brought = brings(model, np.isin(np.arange(30), group), kinds)
    found = []
    for delivered in (1.0, .5, 1.5):
        model.state.firms.lesson[:, COOPETITION] = delivered
        found.append(hear(model, brought, group, np.array([3]), kinds))
    (options, monthly), *others = found
    assert (monthly > 0.0).all()
    for (other, promised), sign in zip(others, (-1, 1), strict=True):
        assert promised.tolist() == monthly.tolist()
        assert (sign * (other.value[:, 1] - options.value[:, 1]) > 0.0).all()
        assert (other.certainty_equivalent[:, 1] != options.certainty_equivalent[:, 1]).all()
        assert other.allowed.tolist() == options.allowed.tolist()
