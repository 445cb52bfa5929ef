"""The life of an alliance in the engine: trust, breaches, gates, reviews, notice, and how long it lasts."""

from types import SimpleNamespace

import numpy as np
import pytest

import allysim as al
from allysim.rules.gate import EXTEND, GO, STOP
from allysim.state import BANKRUPTCY, BREACH, BUDGET, KPI_FAILURE, NEVER, NO_GAIN, RESIDUAL, STOPPED
from allysim.ties import find_tie, introduce

PLAIN = {
    "strategy": "stand_alone", "background.strategy": "stand_alone", "firms.n": 12, "firms.focal": 0,
    "purchasing.no_leverage": 0.0, "purchasing.fit_spread": 0.0, "purchasing.fee": 0.0, "administration.scale": 0.0,
    "conduct.temptation": 0.0, "trust.lapse": 0.0, "trust.disappointing": 1.0, "rules.gate": "never_stop",
    "separation.procurement": 0.0, "demography.exit_incumbent": 0.0, "demography.ruin": False, "governance": "standard",
    "disputes.conflict": 0.0, "latency.months": 0.0, "governance.dispute_clause": False,
    "leaks.hazard": 0.0, "sharing.misuse": 0.0, "sharing.precision": 0.0, "sharing.blur": 0.0,
    "scaling.standardise": False, "terms.resentment": 0.0, "terms.separation": 0.0,
}


def made(members=3, stage="running", seed=1, **more):
    """Return a model in which nothing but what a test adds ends the alliance of the first firms."""
    model = al.AllianceModel(al.scenario(**{**PLAIN, **more}), rng=seed)
    model.form_alliance(range(members), stage=stage)
    return model


def steps(model, months):
    for _ in range(months):
        model.step()
    return model


def culprit(model, slot, taken=5.0):
    """Let the member in `slot` take `taken` k€ in every coming month, and nobody else."""
    members, rows = model.state.memberships, model.state.roster.rows

    def defects(faced):
        strikes = members.firm[rows] == slot
        faced.temptation[strikes] = taken
        return strikes

    model.rules["conduct"] = SimpleNamespace(defects=defects)


def verdicts(model, *answers):
    """Let the gates give these verdicts, one after another."""
    left = list(answers)
    model.rules["gate"] = SimpleNamespace(decide=lambda gates: np.full(gates.chance.size, left.pop(0)))
    return left


def cause_of(model):
    alliances = model.state.alliances
    return (int(alliances.ended[0]), int(alliances.cause[0])) if alliances.ended[0] >= 0 else None


# Trust (F5)

def trusts(model, i, j):
    return model.firm(i).trust_in(model.firm(j))


def test_three_good_months_take_trust_from_50_to_71():
    model = made()
    assert trusts(model, 0, 1) == .5
    steps(model, 3)
    for i, j in ((0, 1), (1, 0), (2, 0)):
        assert trusts(model, i, j) == pytest.approx(.71, abs=.005)
    assert trusts(model, 0, 5) == .5


def test_a_breach_in_month_13_is_regained_in_20_months():
    model = steps(made(2, **{"conduct.detection": 1.0}), 12)
    assert trusts(model, 0, 1) == pytest.approx(.865, abs=5e-4)
    culprit(model, 1)
    model.step()
    assert trusts(model, 0, 1) == pytest.approx(.715, abs=5e-4)
    assert trusts(model, 1, 0) > .865  # the victim kept its word
    model.rules["conduct"] = SimpleNamespace(defects=lambda faced: np.zeros(faced.gain.size, dtype=bool))
    model.form_alliance([0, 1], stage="running")
    steps(model, 19)
    assert trusts(model, 0, 1) < .8645
    assert trusts(steps(model, 1), 0, 1) >= .8645


def test_lapses_lower_the_trust_in_those_who_lapse():
    """With wholly dishonest and wholly honest partners side by side for two years (a quarter of months late)."""
    model = made(**{"trust.lapse": .25})
    model.state.firms.honesty[:3] = (1.0, 1.0, 0.0)
    steps(model, 24)
    assert trusts(model, 0, 1) == trusts(model, 2, 1) > .9
    assert trusts(model, 0, 2) == trusts(model, 1, 2) < .75


def test_third_parties_hear_of_a_breach_at_a_fifth():
    model = made(2, **{"conduct.detection": 1.0})
    introduce(model.state, np.array([5], dtype=np.int32), np.array([1], dtype=np.int32))
    culprit(model, 1)
    model.step()
    firms, ties = model.state.firms, model.state.ties
    t = find_tie(5, 1, firms.ties, ties.to, ties.next)
    assert (ties.good[t], ties.bad[t], ties.bad[t ^ 1]) == pytest.approx((0.0, .2 * 3, 0.0))


# Breaches (F13)

@pytest.mark.parametrize("seen", [True, False])
def test_a_breach_moves_what_the_equation_says(seen):
    """It takes M, the partners lose 1.25 M by share; seen, it pays P to the partners and the culprit is out."""
    settings = {"conduct.detection": float(seen), "conduct.detection_dashboard": 0.0}
    honest, model = made(**settings), made(**settings)
    culprit(model, 1)
    for each in (honest, model):
        each.step()
    change = model.state.firms.cash - honest.state.firms.cash
    penalty = 10.0 if seen else 0.0
    assert change[:3] == pytest.approx([penalty / 2 - 3.125, 5 - penalty, penalty / 2 - 3.125], abs=1e-9)
    assert change[3:] == pytest.approx(0.0, abs=1e-9)
    assert model.state.firms.breaches[:3].tolist() == [1, 0, 1]
    assert model.state.firms.breach_cost[:3] == pytest.approx(-change[:3], abs=1e-9)
    assert model.state.firms.procurement[:3].tolist() == ([0, -1, 0] if seen else [0, 0, 0])
    assert cause_of(model) is None


def test_an_alliance_of_two_ends_with_a_breach_that_is_seen():
    model = made(2, **{"conduct.detection": 1.0})
    culprit(model, 0)
    model.step()
    assert cause_of(model) == (1, BREACH)
    assert model.state.firms.procurement[:2].tolist() == [-1, -1]


def test_temptation_defects_as_often_as_the_equation_says():
    """Share of member-months with a breach against exp(-threshold/mean), 4 standard errors (error rate 6e-5)."""
    met = []
    settings = {"conduct.temptation": 20.0, "conduct.detection": 0.0, "conduct.detection_dashboard": 0.0}
    conduct = al.scenario(**{**PLAIN, **settings}).conduct

    def defects(faced):
        met.append(np.stack([faced.temptation > faced.threshold, np.exp(-faced.threshold / (20 * 1.1 * faced.gain))]))
        return np.zeros(faced.gain.size, dtype=bool)

    for seed in range(12):
        model = steps(made(seed=seed, **settings), 1)
        model.rules["conduct"] = SimpleNamespace(defects=defects)
        steps(model, 24)
    struck, chance = np.concatenate(met, axis=1)
    assert conduct.per_member == .1 and len(struck) == 12 * 24 * 3
    assert .02 < chance.mean() < .5
    assert struck.mean() == pytest.approx(chance.mean(), abs=4 * np.sqrt((chance * (1 - chance)).sum()) / len(struck))


# Gates (F20) and separation (F17)

def test_a_pilot_meets_its_gate_when_its_months_are_over():
    for months in (1, 3, 7):
        model = made(stage="pilot", **{"pilot.months": months})
        assert steps(model, months - 1).state.alliances.go[0] == NEVER
        assert steps(model, 1).state.alliances.go[0] == months


def test_a_pilot_is_extended_by_its_own_length_and_may_then_be_stopped():
    model = made(stage="pilot")
    left = verdicts(model, EXTEND, STOP)
    steps(model, 5)
    assert left == [STOP] and cause_of(model) is None and model.state.alliances.extended[0]
    model.step()
    assert cause_of(model) == (6, STOPPED)


def test_a_pilot_that_goes_on_is_not_reviewed_in_the_same_month():
    model = made(stage="pilot")
    left = verdicts(model, GO, STOP, GO)
    steps(model, 5)
    assert left == [STOP, GO] and model.state.alliances.low_reviews[0] == 0
    model.step()
    assert left == [GO] and model.state.alliances.low_reviews[0] == 1


def test_a_pilot_over_its_budget_is_stopped_for_that():
    model = made(stage="pilot", **{"rules.gate": "bayes", "pilot.noise": 0.0, "administration.scale": 1.0,
                                   "pilot.budget_months": 1.0, "pilot.threshold": .03, "pilot.go": 1.0})
    steps(model, 3)
    assert cause_of(model) == (3, BUDGET)


def test_two_failed_reviews_in_a_row_end_an_alliance_after_notice():
    model = made(**{"governance.notice": 4})
    verdicts(model, STOP, GO, STOP, STOP, *[GO] * 9)
    steps(model, 15)
    assert model.state.alliances.ending[0] == 16 and cause_of(model) is None
    model.step()
    assert cause_of(model) == (16, KPI_FAILURE)
    assert model.state.roster.alliances.size == 0


@pytest.mark.parametrize("notice", [0, 3])
def test_the_residual_hazard_ends_an_alliance_after_notice(notice):
    model = made(**{"separation.procurement": 10.0, "separation.scale": 1.0, "governance.notice": notice})
    steps(model, notice)
    assert cause_of(model) is None
    model.step()
    assert cause_of(model) == (1 + notice, RESIDUAL)


def test_a_member_without_gain_leaves_after_notice_and_the_others_go_on():
    model = made(4, **{"rules.value_split": "own_saving", "governance.notice": 2})
    steps(model, 6)
    model.state.memberships.gain[3] = -100.0
    steps(model, 2)
    assert model.state.memberships.left[:4].tolist() == [-1] * 4
    model.step()
    assert model.state.memberships.left[:4].tolist() == [-1, -1, -1, 9]
    assert model.state.memberships.cause[3] == NO_GAIN
    assert model.state.alliances.members[0] == 3 and cause_of(model) is None


def test_the_signal_is_the_gain_in_margin_over_the_control_group(silent):
    """A silent world without measurement noise: the first signal is what the pool adds to gross margin."""
    model = made(**silent, **{"pilot.noise": 0.0})
    before = model.state.firms.margin.copy()
    model.step()
    firms = model.state.firms
    gross = (firms.price - firms.unit_cost) * firms.target
    gross[:3] += model.state.memberships.split[:3]
    unallied = np.log(gross / before)[3:]
    same = [[not firms.large[i] and firms.home[i] == firms.home[j] for i in range(3, 12)] for j in range(3)]
    control = [np.exp(unallied[s].mean()) if sum(s) >= 3 else 1.0 for s in same]
    gain = np.mean(gross[:3] / before[:3] / control) - 1
    assert model.state.alliances.signal[0] == pytest.approx(gain, rel=1e-9)
    assert gain > .02


def test_belief_follows_bayes_month_by_month():
    model = made(stage="pilot")
    alliances, signals = model.state.alliances, []
    for month in range(1, 13):
        model.step()
        signals.append(alliances.signal[0])
        error = .06**2 + .1**2 / month
        weight = .08**2 / (.08**2 + error)
        assert alliances.belief[0] == pytest.approx(.05 + weight * (np.mean(signals) - .05), rel=1e-9)
        assert alliances.belief_sd[0] == pytest.approx(np.sqrt(weight * error), rel=1e-9)
    mean, variance = alliances.belief[0], alliances.belief_sd[0] ** 2
    model.step()  # the baseline is new after a year, and what was learned is the prior
    error = .06**2 + .1**2
    assert alliances.belief[0] == pytest.approx(mean + variance / (variance + error) * (alliances.signal[0] - mean))


def test_what_remains_separates_by_the_log_logistic():
    """300 pairs with every endogenous exit off against 1 / (1 + (t/36)^1.6), by Kolmogorov (error rate 1e-4).

    Monthly steps blur the closed form by up to .012 here, which is allowed on top.
    """
    settings = {"firms.n": 60, "separation.procurement": 1.0, "separation.rivalry": 1.0, "separation.scale": 36.0,
                "governance": "none"}
    lives = []
    for seed in range(10):
        model = al.AllianceModel(al.scenario(**{**PLAIN, **settings}), rng=seed)
        for first in range(0, 60, 2):
            model.form_alliance([first, first + 1], stage="running")
        steps(model, 120)
        ended = model.state.alliances.ended[:30]
        lives += np.where(ended < 0, 999, ended).tolist()
    months = np.arange(1, 121)
    alive = np.array([(np.array(lives) > t).mean() for t in months])
    assert np.abs(alive - 1 / (1 + (months / 36) ** 1.6)).max() < 2.225 / np.sqrt(300) + .012


# Exits (F25)

@pytest.mark.parametrize("members", [2, 3])
def test_ruin_takes_two_months_and_leaves_the_others_together(members):
    model = steps(made(members, **{"demography.ruin": True}), 2)
    state = model.state
    state.firms.cash[1] = -1e6
    model.step()
    assert state.firms.ruined[1] == 1 and state.firms.generation[1] == 0
    model.step()
    assert state.firms.generation[1] == 1 and state.firms.ties[1] == -1 and state.firms.cash[1] > 0
    assert state.memberships.cause[1] == BANKRUPTCY and state.memberships.left[1] == 4
    assert cause_of(model) == ((4, BANKRUPTCY) if members == 2 else None)
    assert state.firms.procurement[:3].tolist() == ([-1, -1, -1] if members == 2 else [0, -1, 0])
