"""Make, buy or ally (F9) and falling back (F17) in the engine: what is built, bought, paid, left and given up."""

import numpy as np
import pytest

import allysim as al
from allysim import AllianceModel
from allysim.mechanisms.alternatives import BOUGHT, BUILT
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND

BOTH = {"alternatives.build": True, "alternatives.buy": True}
ALONE = {"strategy": "stand_alone", "background.strategy": "stand_alone"}
EVERYTHING = {"strategy.seek": ["procurement", "coopetition", "rnd", "infrastructure"],
              "background.strategy.seek": ["procurement", "coopetition", "rnd", "infrastructure"]}


def run_to(month, **settings):
    model = AllianceModel(al.scenario(**settings), rng=1)
    while model.month < month:
        model.step()
    return model


@pytest.fixture(scope="module")
def alone():
    """A world in which nobody allies, after a year."""
    return run_to(12, **{"firms.n": 40, **ALONE, **BOTH})


def test_nothing_happens_by_default():
    plain, named = (al.run(al.scenario(months=18, **{"firms.n": 30}, **more)) for more in ({}, {
        "alternatives.build": False, "alternatives.buy": False, "alternatives.markup": .1}))
    assert plain.series.equals(named.series)
    assert not set(plain.events.event) & {"built", "bought", "gave up", "developed"}


def test_large_firms_build_and_small_ones_rent(alone):
    firms = alone.state.firms
    assert (firms.own_infrastructure[firms.large] == BUILT).all()
    small = firms.own_infrastructure[~firms.large]
    assert (small == BOUGHT).sum() > (small == BUILT).sum() > 0
    assert (firms.own_replaced == pytest.approx(np.where(firms.own_infrastructure > 0, .1, 0) * firms.month_cost))
    assert (firms.own_rent[firms.own_infrastructure > 0] > 0).all()


def test_what_firms_have_alone_lowers_fixed_cost_and_raises_capability(alone):
    run, plain = alone.results(), run_to(12, **{"firms.n": 40, **ALONE}).results()
    paid = [results.ledger[(results.ledger.purpose == "fixed cost") & (results.ledger.month == 12)].amount.sum()
            for results in (run, plain)]
    assert 0 < paid[0] < .95 * paid[1]
    assert run.outcomes["population.capability_growth"] > plain.outcomes["population.capability_growth"] == 0.0


def test_every_payment_is_in_the_ledger(alone):
    run = alone.results()
    told = run.events[run.events.event == "built"].amount.sum()
    assert run.ledger[run.ledger.purpose == "own capital"].amount.sum() == pytest.approx(told)
    monthly = run.ledger[run.ledger.month == 12].groupby("purpose", observed=True).amount.sum()
    assert monthly["own infrastructure"] == pytest.approx(alone.state.firms.own_rent.sum())
    assert monthly["own research"] == pytest.approx(alone.state.firms.own_research_cost.sum())


def test_no_money_is_made_or_lost():
    model = AllianceModel(al.scenario("supply_stress", **{
        "firms.n": 40, **EVERYTHING, **BOTH, "demography.exit_incumbent": .01, "conduct.temptation": 9.0}), rng=2)
    total = model.state.firms.cash.sum() + model.state.world.outside.sum()
    for _ in range(36):
        model.step()
        now = model.state.firms.cash.sum() + model.state.world.outside.sum()
        assert now == pytest.approx(total, abs=1e-6 * np.abs(model.state.world.outside).max())
        assert all(np.isfinite(getattr(model.state.firms, name)).all()
                   for name in ("cash", "own_rent", "own_replaced", "own_research_cost", "outside_option"))


def test_an_entrant_begins_with_nothing_of_its_own():
    model = run_to(6, **{"firms.n": 40, **ALONE, **BOTH, "demography.exit_incumbent": .1})
    firms = model.state.firms
    new = firms.founded == 6
    assert new.any() and firms.own_infrastructure[~new].any()
    assert not firms.own_infrastructure[new].any() and not firms.own_research[new].any()
    assert not firms.own_rent[new].any() and not firms.outside_option[new].any()


def test_who_lacks_the_means_builds_nothing():
    model = run_to(6, **{"firms.n": 40, **ALONE, "alternatives.build": True, "alternatives.reserve": 100.0})
    assert not model.state.firms.own_infrastructure.any() and not model.state.firms.own_research.any()


def test_alliances_must_beat_what_can_be_had_alone():
    founded = [run_to(24, **{"firms.n": 40, "strategy.seek": ["rnd"], "background.strategy.seek": ["rnd"],
                             **more}).state.world.n_alliances for more in ({}, BOTH)]
    assert founded[1] < founded[0] / 3


def test_a_dear_market_sends_firms_back_to_allying():
    world = {"firms.n": 40, "strategy.seek": ["infrastructure"], "background.strategy.seek": ["infrastructure"],
             "alternatives.buy": True, "alternatives.rnd": False}
    founded = [run_to(24, **world, **{"alternatives.hold_up": rate}).state.world.n_alliances for rate in (0.0, 5.0)]
    assert founded[0] < founded[1]


def test_research_alone_ends_when_a_firm_comes_into_an_alliance():
    model = run_to(6, **{"firms.n": 20, **ALONE, **BOTH})
    slots = np.flatnonzero(model.state.firms.own_research)[:2].tolist()
    model.form_alliance(slots, "running", "rnd")
    model.step()
    assert not model.state.firms.own_research[slots].any()
    told = model.results().events
    assert (told[told.event == "gave up"].cause == "rnd, allied").sum() == 2
    model.step()
    assert not model.state.firms.own_research_cost[slots].any()


def test_a_fork_leaves_what_was_built():
    run = al.run(al.scenario(months=18, **{"firms.n": 20, **ALONE, **BOTH}))
    after = run.fork(12, **{"alternatives.build": False, "alternatives.buy": False, "alternatives.rnd": False})
    assert (after.ledger[after.ledger.purpose == "own infrastructure"].month == 18).any()


# F17 falling back

FALLING = {**EVERYTHING, "firms.n": 12, "governance.notice": 1, "pilot.noise": 0.0, "conduct.temptation": 0.0,
           "choice.search_months": 60, "separation.scale": 1e6, "disputes.conflict": 0.0}


def failing(kind, **settings):
    """Return a model with a running alliance of three large firms that gain nothing any more, and its row."""
    model = run_to(0, **{**FALLING, "firms.large_share": 1.0, **settings})
    alliance = model.form_alliance([0, 1, 2], "running", kind)
    model.step()
    row = alliance.row
    members = np.flatnonzero(model.state.memberships.alliance[:model.state.world.n_memberships] == row)
    model.state.memberships.leaving[members] = 2
    return model, row, members


@pytest.mark.parametrize(("kind", "number"), [("rnd", RND), ("infrastructure", INFRASTRUCTURE)])
def test_members_go_on_in_a_lesser_form(kind, number):
    model, row, members = failing(kind)
    model.step()
    state = model.state
    assert state.alliances.founded_as[row] == number
    assert state.alliances.type[row] in (PROCUREMENT, COOPETITION)
    assert state.alliances.ended[row] < 0 and (state.memberships.left[members] < 0).all()
    through = (state.firms.procurement if state.alliances.type[row] == PROCUREMENT else state.firms.coopetition)
    assert (through[:3] == row).all() and (state.firms.rnd[:3] == 0).all() and (state.firms.alliances[:3] == 1).all()
    told = model.results().events
    assert told[told.event == "fell back"].cause.str.startswith("no gain, ").all()
    model.step()  # and it yields
    assert (state.memberships.saving[members] + state.memberships.worth[members] > 0).any()


def test_switched_off_they_part():
    model, row, members = failing("rnd", **{"separation.fall_back": False})
    model.step()
    assert model.state.alliances.ended[row] == 2 and (model.state.memberships.left[members] == 2).all()


def test_only_what_a_strategy_seeks():
    seek = {f"{who}.seek": ["rnd", "coopetition"] for who in ("strategy", "background.strategy")}
    model, row, _ = failing("rnd", **seek)
    model.step()
    assert model.state.alliances.type[row] == COOPETITION
    model, row, _ = failing("rnd", **{key: ["rnd"] for key in seek})
    model.step()
    assert model.state.alliances.ended[row] == 2


def test_who_is_in_another_alliance_of_the_type_leaves():
    seek = {f"{who}.seek": ["rnd", "procurement"] for who in ("strategy", "background.strategy")}
    model, row, members = failing("rnd", **seek, **{"firms.large_share": 0.0, "administration.scale": 0.0,
                                                    "purchasing.first_rung": 10.0})
    other = model.form_alliance([2, 3], "running", "procurement")
    model.step()
    state = model.state
    assert state.alliances.type[row] == PROCUREMENT and state.alliances.members[row] == 2
    assert state.memberships.left[members].tolist() == [-1, -1, 2]
    assert state.firms.procurement[:4].tolist() == [row, row, other.row, other.row]


def test_not_after_a_breach():
    model, row, _ = failing("rnd", **{"conduct.temptation_rnd": 100.0, "conduct.detection": 1.0,
                                      "governance.dispute_clause": False, "governance.penalty": 0.0})
    told = model.results().events
    assert (told.event == "breach").any() and not (told.event == "fell back").any()
    assert model.state.alliances.ended[row] == 1
