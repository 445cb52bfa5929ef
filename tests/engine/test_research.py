"""R&D in the engine: what is signed stays, leavers give back what is not theirs, those who exit take all, z <= 1."""

import numpy as np
import pytest

import allysim as al
from allysim.state import BANKRUPTCY

QUIET = {
    "strategy.seek": [], "background.strategy.seek": [], "firms.n": 12, "firms.large_share": 0.0,
    "rules.gate": "never_stop", "conduct.temptation_rnd": 0.0, "separation.rnd": 0.0, "governance.notice": 0,
    "demography.exit_incumbent": 0.0, "demography.ruin": False, "disputes.conflict": 0.0, "leaks.hazard": 0.0,
    "research.intensity": 10.0, "administration.scale": 0.0, "research.budget": 0.0,
}
"""Firms are put in R&D alliances that always succeed and never end by themselves."""


def made(teams=((0, 1, 2),), **more):
    model = al.AllianceModel(al.scenario(**{**QUIET, **more}), rng=1, records="full")
    for team in teams:
        model.form_alliance(team, stage="running", type="rnd")
    return model


def steps(model, months):
    for _ in range(months):
        model.step()
    return model


def told(model, event):
    events = model.results().events
    return events[events.event == event]


def part(model, member=2):
    """Let one member want to leave."""
    model.state.memberships.gain[member] = -1e6
    model.state.memberships.gain_months[member] = 1000
    return steps(model, 1)


def test_what_was_signed_stays():
    model = made(**{"strategy.research": "radical", "background.strategy.research": "radical",
                    "ip_protection.owner": "lead"})
    model.move({"strategy.research": "incremental", "background.strategy.research": "incremental",
                "ip_protection.owner": "joint"})
    model.form_alliance((3, 4), type="rnd")
    model.form_alliance((5, 6), type="procurement")
    alliances = model.state.alliances
    assert alliances.radical[:3].tolist() == [True, False, False]
    assert alliances.owner[:3].tolist() == [2, 0, 0]


def test_only_rnd_is_radical():
    model = made(**{"strategy.research": "radical", "background.strategy.research": "radical"})
    model.form_alliance((3, 4), type="coopetition")
    assert model.state.alliances.radical[:2].tolist() == [True, False]


@pytest.mark.parametrize(("owner", "kept"), [("joint", 1.0), ("each_own", 1 / 1.5), ("lead", .5)])
def test_what_is_left_to_a_leaver(owner, kept):
    """Of three partners alike each did two thirds of its effective research itself: 1 of 1 + .25 x 2."""
    model, alone = (made(**{"ip_protection.owner": rule}) for rule in (owner, "joint"))
    target = int(model.state.alliances.target[0])
    for one in (model, alone):
        part(steps(one, 12))
    assert model.state.memberships.left[2] == 13
    had, has = (one.state.firms.developed[:3, target] for one in (alone, model))
    assert (had > 0.0).all()
    assert has == pytest.approx(had * [1.0, 1.0, kept], rel=1e-12)
    back = told(model, "handed back")
    assert back.firm.tolist() == ([] if owner == "joint" else ["Firm 2"])
    assert (back.amount > 0.0).all()
    lost = model.state.firms.capability[2] - alone.state.firms.capability[2]
    assert lost[target] == pytest.approx((kept - 1.0) * had[2], rel=1e-9, abs=1e-15)
    assert (np.delete(lost, target) == 0.0).all()


def test_at_the_end_all_hand_back_but_the_lead():
    model = made(teams=((0, 1),), **{"ip_protection.owner": "lead"})
    part(steps(model, 6), member=0)
    assert model.state.alliances.ended[0] == 7
    assert told(model, "handed back").firm.tolist() == ["Firm 1"]


def test_a_firm_that_exits_takes_everything_with_it():
    model = made(teams=((0, 1),), **{"ip_protection.owner": "each_own", "demography.ruin": True})
    steps(model, 6)
    model.state.firms.cash[0] = -1e9
    steps(model, 3)
    assert model.state.memberships.cause[0] == BANKRUPTCY
    assert told(model, "handed back").firm.tolist() == ["Firm 1"]
    assert (model.state.firms.developed[0] == 0.0).all()  # of the entrant


def test_what_was_learned_fades_as_the_capability_does():
    model = steps(made(), 12)
    members, target = model.state.memberships, int(model.state.alliances.target[0])
    assert members.learned[:3] == pytest.approx(model.state.firms.developed[:3, target], rel=1e-12)
    assert (members.borrowed[:3] < members.learned[:3]).all()


@pytest.mark.parametrize("gain", [.07, 1.0])
@pytest.mark.parametrize("owner", ["joint", "each_own", "lead"])
def test_knowledge_stays_within_its_bounds(owner, gain):
    radical = {"strategy.research": "radical", "background.strategy.research": "radical", "research.sprint": 1}
    model = made(teams=((0, 1, 2), (3, 4, 5), (6, 7, 8)), **radical, **{
        "ip_protection.owner": owner, "research.gain": gain, "separation.rnd": 5.0, "separation.scale": 6.0})
    for _ in range(24):
        model.step()
        firms, members = model.state.firms, model.state.memberships
        assert (firms.capability <= 1.0).all() and (firms.developed >= 0.0).all()
        assert (members.borrowed <= members.learned + 1e-15).all() and (members.borrowed >= 0.0).all()
    assert told(model, "ended").size


def test_a_radical_pilot_goes_on_without_a_success_and_lasts_its_horizon():
    model = made(teams=(), **{"strategy.research": "radical", "background.strategy.research": "radical",
                              "rules.gate": "bayes", "research.intensity": 1e-9, "latency.months": 0.0,
                              "research.radical_patience": 8})
    model.form_alliance((0, 1, 2), type="rnd")
    steps(model, 40)
    alliances = model.state.alliances
    assert alliances.go[0] == 3
    assert alliances.ended[0] == 27  # 8 sprints are done in month 24, and two reviews fail
    assert alliances.cause[0] == 3   # kpi
