"""Terms in the engine (F19), and the life of an alliance after its pilot (F20): stages, members admitted, templates."""

from types import SimpleNamespace

import numpy as np
import pytest

import allysim as al
from allysim.rules import BUILT_IN
from allysim.rules.gate import EXTEND, GO, STOP
from allysim.state import NEVER, RUNNING, SCALED, STAGES, STANDARDISED
from engine.test_alliances import PLAIN, culprit, steps
from engine.test_money import run_checked

PROVEN = {**PLAIN, "scaling.standardise": True, "firms.large_share": 0.0, "firms.small_spread": .2,
          "administration.setup_modularity": 0.0, "administration.setup_readiness": 0.0, "firms.risk_aversion": 0.0,
          "trust.disposition": .6}
"""A world in which an alliance stays and every review says go; nobody looks for partners."""
WILLING = {**PROVEN, "strategy": "procurement_first", "background.strategy": "procurement_first",
           "choice.search_months": 60, "choice.visible": 20, "choice.explore": 0.0, "choice.logit_scale": .001}


def made(members=3, seed=1, settings=PROVEN, **more):
    model = al.AllianceModel(al.scenario(**{**settings, **more}), rng=seed, records="full")
    model.form_alliance(range(members), stage="running")
    return model


def told(model, *events):
    frame = model.results().events
    return [tuple(row) for row in frame[frame.event.isin(events)][["month", "event"]].itertuples(index=False)]


def stage(model, row=0):
    return STAGES[model.state.alliances.stage[row]]


# Terms (F19)

def split_of(model):
    members, rows = model.state.memberships, model.state.roster.rows
    return {int(members.firm[r]): members.split[r] + members.saving[r] for r in rows}


def test_the_equal_split_is_to_the_last_bit_what_one_over_the_number_of_members_gives():
    """In 24 lively months, with members that leave after terms were struck; so it was when split anew every month."""
    model = al.AllianceModel(al.scenario("supply_stress", **{"conduct.temptation": 20, "pilot.members": 5,
                                                             "demography.exit_incumbent": .02}), rng=2)
    checked = left = 0
    for _ in range(24):
        state = model.state
        live, start, rows = state.roster.alliances, state.roster.start.copy(), state.roster.rows.copy()
        founders = state.alliances.founders[live].copy()
        model.step()
        members = model.state.memberships
        for k in range(live.size):
            mine = rows[start[k]:start[k + 1]]
            total = 0.0
            for r in mine:
                total += members.saving[r]
            assert (members.split[mine] == (1.0 / mine.size) * total - members.saving[mine]).all()
            checked += 1
            left += mine.size < founders[k]
    assert checked > 100 and left > 10


def test_shares_are_agreed_at_signing_and_stand_until_go():
    model = made(**{"rules.value_split": "gross_margin", "pilot.months": 6, "rules.gate": "bayes"})
    firms, agreed = model.state.firms, model.state.memberships.agreed
    margin = (firms.price - firms.unit_cost)[:3] * firms.output[:3]
    assert agreed[:3] == pytest.approx(margin / margin.sum())
    before = agreed[:3].copy()
    firms.sales[0] *= 3  # who sells more does not get more until terms are struck again
    firms.capacity[0] *= 9
    steps(model, 2)
    assert (agreed[:3] == before).all()
    total = sum(split_of(model).values())
    assert [split_of(model)[i] for i in range(3)] == pytest.approx(before * total)


@pytest.mark.parametrize("reopen", [True, False])
def test_terms_are_reopened_after_the_pilot(reopen):
    settings = {**PROVEN, "rules.value_split": "contribution", "terms.reopen": reopen}
    model = al.AllianceModel(al.scenario(**settings), rng=1, records="full")
    model.form_alliance(range(3), stage="pilot")
    before = model.state.memberships.agreed[:3].copy()
    model.state.firms.cash[1] += 1000.0
    steps(model, 3)
    after = model.state.memberships.agreed[:3]
    assert model.state.alliances.go[0] == 3
    assert (after[1] > before[1] + .1) is np.True_ if reopen else (after == before).all()
    assert told(model, "renegotiated") == ([(3, "renegotiated")] if reopen else [])


def test_those_who_stay_share_in_proportion_when_a_member_leaves():
    model = made(**{"rules.value_split": "gross_margin", "conduct.detection": 1.0, "scaling.standardise": False})
    agreed = model.state.memberships.agreed[:3].copy()
    culprit(model, 1)
    model.step()
    model.rules["conduct"] = SimpleNamespace(defects=lambda faced: np.zeros(faced.gain.size, dtype=bool))
    model.step()
    total = sum(split_of(model).values())
    assert split_of(model) == pytest.approx({i: agreed[i] / (agreed[0] + agreed[2]) * total for i in (0, 2)})


def test_a_flat_fee_is_fixed_and_the_largest_buyer_bears_the_rest():
    model = made(**{"rules.value_split": "flat_fee"})
    members, firms = model.state.memberships, model.state.firms
    lead = int(np.argmax(firms.list_price[:3] * firms.output[:3]))
    flat = members.flat[:3].copy()
    assert flat[lead] == 0.0 and (np.delete(flat, lead) > 0.0).all()
    for _ in range(3):
        model.step()
        got = split_of(model)
        assert [got[i] for i in range(3) if i != lead] == pytest.approx(np.delete(flat, lead))
        assert sum(got.values()) == pytest.approx(members.saving[:3].sum())


def test_who_is_short_of_its_shapley_value_holds_it_against_its_partners():
    resent, calm = (made(**{"firms.small_spread": 1.5, "terms.resentment": w}) for w in (2.0, 0.0))
    short = resent.state.memberships.unfairness[:3].copy()
    assert (short > 0.0).any() and (short == 0.0).any() and (calm.state.memberships.unfairness[:3] == 0.0).all()
    for model in (resent, calm):
        steps(model, 4)
    for i in range(3):
        for j in range(3):
            if i != j:
                gap = calm.firm(i).trust_in(j) - resent.firm(i).trust_in(j)
                assert gap > 0.0 if short[i] > 0.0 else gap == pytest.approx(0.0)


# Standardise and scale (F20)

def test_two_reviews_that_say_go_standardise_and_a_year_later_it_is_scaled():
    model = made()
    steps(model, 5)
    assert stage(model) == "running" and model.state.alliances.good_reviews[0] == 1
    steps(model, 1)
    assert stage(model) == "standardised" and model.state.alliances.standardised[0] == 6
    steps(model, 11)
    assert stage(model) == "standardised"
    steps(model, 1)
    assert stage(model) == "scaled" and model.state.alliances.scaled[0] == 18
    assert told(model, "standardised", "scaled") == [(6, "standardised"), (18, "scaled")]
    assert model.results().alliances[["standardised", "scaled"]].iloc[0].tolist() == [6, 18]


def test_reviews_must_say_go_in_a_row_and_a_failed_one_delays_scaling():
    model = made(**{"scaling.months": 3})
    answers = [GO, EXTEND, GO, GO, STOP, GO]
    model.rules["gate"] = SimpleNamespace(decide=lambda gates: np.full(gates.chance.size, answers.pop(0)))
    assert stage(steps(model, 9)) == "running"
    assert stage(steps(model, 3)) == "standardised"
    assert stage(steps(model, 3)) == "standardised"
    assert stage(steps(model, 3)) == "scaled"


def test_without_trust_nothing_is_standardised():
    model = made(**{"scaling.trust": .95})
    assert stage(steps(model, 12)) == "running" and model.state.alliances.trust[0] < .95
    assert stage(steps(made(**{"scaling.trust": .5}), 12)) == "standardised"


def test_switched_off_none_of_it_happens():
    settings = {"scaling.standardise": False, "terms.resentment": 0.0, "terms.separation": 0.0, "months": 36}
    model = al.AllianceModel(al.scenario(**settings), rng=1)
    steps(model, 36)
    state = model.state
    assert (state.alliances.standardised == NEVER).all() and (state.alliances.scaled == NEVER).all()
    assert not np.isin(state.alliances.stage[:state.world.n_alliances], (STANDARDISED, SCALED)).any()
    assert (state.firms.template == 0).all() and (state.memberships.unfairness == 0).all()
    assert not set(model.results().events.event) & {"standardised", "scaled", "admitted", "governance changed",
                                                     "renegotiated"}
    for key, value in {"scaling.trust": 0.0, "scaling.cap_procurement": 50, "terms.reopen": False,
                       "scaling.reuse": .9, "terms.cash": 1.0}.items():
        other = al.run(al.scenario(**settings, **{key: value}), seed=1)
        assert other.series.equals(model.results().series), key


@pytest.mark.parametrize("given", ["separation.scale", "gain"])
def test_what_is_scaled_separates_as_before(given):
    """A standardised or scaled alliance is a running one for hazard, want of gain and failed reviews."""
    model = steps(made(**{"scaling.cap_procurement": 0}), 18)
    assert stage(model) == "scaled"
    if given == "gain":
        model.state.memberships.gain[:3] = -1e6
        assert stage(steps(model, 3)) == "ended"
    else:
        model.rules["gate"] = SimpleNamespace(decide=lambda gates: np.full(gates.chance.size, STOP))
        assert stage(steps(model, 6 + 2)) == "ended"


# Members admitted (F20)

def test_a_scaled_alliance_admits_one_a_quarter_up_to_its_cap():
    model = made(settings=WILLING, **{"scaling.months": 0, "scaling.cap_procurement": 5, "firms.n": 12})
    model.state.firms.search_phase[:] = 1  # nobody founds anything else before month 59
    sizes = []
    for _ in range(30):
        model.step()
        sizes.append(int(model.state.alliances.members[0]))
    events = model.results().events
    admitted = events.month[(events.event == "admitted") & (events.alliance == 0)].tolist()
    assert len(admitted) == 2 and max(sizes) == 5 and sizes[-1] == 5
    assert all(month % 3 == 0 and month >= 9 for month in admitted) and len(set(admitted)) == 2


def test_an_entrant_pays_its_part_gets_terms_and_a_baseline_and_meets_all():
    model = made(settings=WILLING, **{"scaling.months": 0, "rules.value_split": "gross_margin", "scaling.reuse": 0.0})
    while not told(model, "admitted"):
        assert model.month < 30
        model.step()
    state, results = model.state, model.results()
    members = state.memberships
    rows = state.roster.rows[members.alliance[state.roster.rows] == 0]
    row = rows[-1]
    entrant = int(members.firm[row])
    event = results.events[results.events.event == "admitted"].iloc[0]
    assert (event.firm, event.amount) == (f"Firm {entrant}", pytest.approx(10.0 / 4))
    paid = results.ledger[(results.ledger.purpose == "set-up") & (results.ledger.credit == f"Firm {entrant}")]
    assert paid.amount.tolist() == pytest.approx([2.5]) and paid.month.tolist() == [model.month]
    assert rows.size == 4 and members.agreed[rows].sum() == pytest.approx(1.0)
    margin = ((state.firms.price - state.firms.unit_cost) * state.firms.output)[members.firm[rows]]
    assert members.agreed[rows] == pytest.approx(margin / margin.sum())
    assert members.share[rows] == pytest.approx([.25] * 4)
    assert members.baseline[row] != 1.0 and members.gain[row] > 0.0
    assert len(model.firm(entrant).partners) == 3 and state.firms.procurement[entrant] == 0
    model.step()
    assert members.saving[row] > 0.0


def test_one_who_is_against_it_keeps_a_firm_out():
    model = made(settings=WILLING, **{"scaling.months": 0})
    choose = model.rules["partner_choice"].choose

    def stubborn(options):
        answer = choose(options)
        if options.allowed.shape[1] == 2:
            answer[0] = 0
        return answer

    model.rules["partner_choice"] = SimpleNamespace(choose=stubborn)
    steps(model, 18)
    assert stage(model) == "scaled" and not told(model, "admitted")
    declined = model.results().events
    assert (declined[declined.event == "declined"].alliance == 0).all() and (declined.event == "declined").sum() >= 3


# Adaptive governance and templates (F20)

def test_adaptive_governance_moves_up_and_down():
    model = made(6, **{"governance": "adaptive", "scaling.months": 3, "scaling.cap_procurement": 0})
    alliances = model.state.alliances

    def held():
        return (alliances.completeness[0], alliances.dashboard[0], alliances.penalty[0], alliances.notice[0])

    assert held() == (.2, 0, 0, 1)
    steps(model, 6)
    assert held() == (.5, .5, 10, 2)
    steps(model, 3)
    assert stage(model) == "scaled" and held() == (.9, 1, 20, 3) and alliances.mode[0] == 2
    model.state.memberships.left[0] = 9  # one is gone
    model.state.alliances.members[0] = 5
    model.state.firms.procurement[0], model.state.firms.alliances[0] = -1, 0
    steps(model, 3)
    assert held() == (.5, .5, 10, 2)
    events = model.results().events
    assert events[events.event == "governance changed"].cause.tolist() == ["standard", "heavy", "standard"]


def test_other_presets_never_change():
    model = steps(made(6, **{"governance": "light", "scaling.months": 0}), 18)
    assert stage(model) == "scaled" and model.state.alliances.completeness[0] == .2
    assert not told(model, "governance changed")


def test_a_template_makes_the_next_alliance_of_its_owner_cheaper():
    model = steps(made(), 6)
    template = model.state.firms.template[:, 0]
    assert template[:4].tolist() == [1, 1, 1, 0]
    for use, cost in ((2, 7.0), (3, 4.9), (4, 3.43), (5, 3.43)):
        for row in np.flatnonzero(model.state.alliances.ended[:model.state.world.n_alliances] < 0):
            model.state.alliances.ending[row], model.state.alliances.cause[row] = model.month + 1, 4
        model.step()
        model.form_alliance([0, 5])
        assert template[[0, 5]].tolist() == [use, 0]
        assert model.state.firms.setup_cost[[0, 5]] == pytest.approx(cost / 2)
        assert model.state.alliances.spent[model.state.world.n_alliances - 1] == pytest.approx(cost)
    model.step()
    assert model.state.alliances.stage[0] != RUNNING


@pytest.mark.parametrize("split", BUILT_IN["value_split"])
def test_money_and_tables_where_alliances_come_grow_and_go(split):
    """Every account, membership and number of 36 months in which members are admitted and leave all the time."""
    model = al.AllianceModel(al.scenario("supply_stress", **{
        "months": 36, "firms.n": 40, "scaling.reviews": 1, "scaling.trust": .2, "scaling.months": 1, "pilot.review": 1,
        "pilot.months": 1, "choice.search_months": 1, "conduct.temptation": 8.0, "demography.exit_incumbent": .005,
        "governance": "adaptive", "governance.notice": 1, "rules.gate": "never_stop", "rules.value_split": split,
    }), rng=3, records="full")
    run_checked(model)
    events = set(model.results().events.event)
    assert events >= {"admitted", "scaled", "left", "ended", "exit", "breach", "governance changed"}
    members, rows = model.state.memberships, model.state.roster.rows
    assert (members.flat >= 0.0).all() and (members.agreed[rows] >= 0.0).all() and (members.unfairness >= 0.0).all()
