"""Portfolios and pilots as levers of a strategy (F26, F20): numbers by hand, and the sign of each lever by itself."""

import numpy as np
import pytest

import allysim as al
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.portfolio import PORTFOLIOS, Portfolio
from allysim.config.yields import Research
from allysim.mechanisms import portfolio
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND
from allysim.mechanisms.portfolio import BETWEEN, MOONSHOT, STEADY
from allysim.mechanisms.radical import radical_chance
from allysim.mechanisms.research import success_chance
from allysim.state import KPI_FAILURE, WITHDRAWN
from mechanisms.test_levers_alone import REST

UP, DOWN = 1, -1
STEADILY, SEVENTY, BARBELL, MOON = (PORTFOLIOS.index(name) for name in PORTFOLIOS[1:])
ALL = np.ones(3, dtype=np.bool_)


def lacks(weights, of, counts, sought=ALL, **settings):
    return portfolio.gap(weights, of, np.array(counts), np.array(sought), Portfolio(**settings).barbell)


def seeks(weights, counts, welcome=ALL, sought=ALL, **settings):
    return portfolio.class_to_seek(weights, np.array(counts), np.array(sought), np.array(welcome),
                                   Portfolio(**settings).barbell)


def leaves(weights, counts, sought=ALL, **settings):
    rules = Portfolio(**settings)
    return portfolio.class_to_leave(weights, np.array(counts), np.array(sought), rules.barbell, rules.tolerance)


# F26 attention

@pytest.mark.parametrize(("alliances", "part"), [(0, 1.0), (4, 1.0), (5, .8**1.5), (8, .35355), (12, 3**-1.5)])
def test_attention_thins_by_hand(alliances, part):
    assert portfolio.thinning(4, alliances, 1.5) == pytest.approx(part, abs=1e-5)
    assert portfolio.thinning(4, alliances, 0.0) == 1.0


def test_no_attention_no_benefit():
    assert portfolio.thinning(0, 2, 1.5) == 0.0


# F26 weights

@pytest.mark.parametrize(("kind", "alone", "of"), [
    (PROCUREMENT, False, STEADY), (COOPETITION, True, STEADY), (COOPETITION, False, BETWEEN),
    (INFRASTRUCTURE, False, BETWEEN), (RND, False, MOONSHOT)])
def test_labels(kind, alone, of):
    assert portfolio.alliance_class(kind, alone) == of


def spread_of_a_year(chance, sprints=4, sizes=0.0):
    """Standard deviation over mean of what so many sprints add, sizes having this squared one by themselves."""
    return ((1.0 - chance + sizes) / (chance * sprints))**.5


def test_moonshots_are_what_the_formulas_say_varies_most():
    """Of a year: hidden fit .3 (F6), no leverage .15 (F1); sprints that succeed or do not (F10)."""
    fit = np.exp(.3**2) - 1.0
    pool, shared = ((fit + 1.0) / .85 - 1.0)**.5, fit**.5
    research = Research()
    steps, leaps = success_chance(1.0, 1.0, research), radical_chance(1.0, 1.0, research)
    incremental = spread_of_a_year(steps)
    radical = spread_of_a_year(leaps, sizes=np.exp(research.radical_spread**2) - 1.0)
    print(f"pool {pool:.2f}, shared {shared:.2f}, R&D {incremental:.2f}, radical {radical:.2f}")
    assert shared < pool < incremental < radical


@pytest.mark.parametrize("weights", [STEADILY, SEVENTY, BARBELL, MOON])
def test_targets_come_to_one(weights):
    assert sum(portfolio.target_share(weights, of, .8) for of in range(3)) == pytest.approx(1.0)


@pytest.mark.parametrize(("weights", "counts", "of"), [
    (STEADILY, [0, 0, 0], STEADY), (STEADILY, [3, 0, 0], STEADY), (MOON, [1, 0, 2], MOONSHOT),
    (SEVENTY, [0, 0, 0], STEADY), (SEVENTY, [1, 0, 0], BETWEEN), (SEVENTY, [1, 1, 0], STEADY),
    (SEVENTY, [7, 2, 0], MOONSHOT), (SEVENTY, [7, 2, 1], STEADY), (BARBELL, [1, 0, 0], MOONSHOT),
    (BARBELL, [3, 2, 0], STEADY)])
def test_which_class_is_sought(weights, counts, of):
    assert seeks(weights, counts) == of


def test_what_is_not_welcome_or_above_its_target_is_not_sought():
    assert seeks(SEVENTY, [1, 1, 0], welcome=[False, True, True]) == MOONSHOT
    assert seeks(SEVENTY, [1, 1, 1], welcome=[False, True, True]) == -1
    assert seeks(STEADILY, [0, 0, 0], welcome=[False, True, True]) == -1
    assert seeks(MOON, [0, 0, 0], welcome=[True, True, False]) == -1


def test_targets_are_shared_among_what_is_sought():
    assert lacks(SEVENTY, BETWEEN, [0, 0, 0], sought=[False, True, True]) == pytest.approx(2 / 3)
    assert lacks(SEVENTY, STEADY, [0, 0, 0], sought=[False, True, True]) == 0.0
    assert lacks(MOON, STEADY, [2, 0, 0], sought=[True, True, False]) == -1.0  # nothing it seeks has a target


@pytest.mark.parametrize(("weights", "counts", "of"), [
    (SEVENTY, [1, 0, 0], -1), (SEVENTY, [4, 0, 0], STEADY), (SEVENTY, [1, 1, 0], -1), (SEVENTY, [1, 2, 0], BETWEEN),
    (MOON, [1, 0, 3], STEADY), (STEADILY, [3, 0, 0], -1), (BARBELL, [4, 0, 1], -1), (STEADILY, [0, 0, 0], -1)])
def test_which_class_is_left(weights, counts, of):
    assert leaves(weights, counts) == of


SIGNS = {
    # Deeds & Hill 1996
    "alliances thin attention": (DOWN, lambda x: portfolio.thinning(4, x, 1.5), 5, 10),
    "attention keeps benefits up": (UP, lambda x: portfolio.thinning(x, 12, 1.5), 4, 10),
    "the exponent thins attention": (DOWN, lambda x: portfolio.thinning(4, 8, Portfolio(thinning=x).thinning), 1.0,
                                     2.0),
    "a barbell has more that is steady": (UP, lambda x: lacks(BARBELL, STEADY, [1, 0, 1], barbell=x), .6, .95),
    "tolerance keeps alliances": (DOWN, lambda x: leaves(SEVENTY, [8, 0, 1], tolerance=x), .05, .3),
    "who looks less often withdraws from less": (DOWN, lambda x: under_notice(x), 1, 12),
    "what there is of a class is lacked less": (DOWN, lambda x: lacks(SEVENTY, STEADY, [x, 1, 1]), 1, 4),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0


# Levers of a strategy, each in a world of a few firms

OPEN = {**REST, "firms.n": 30, "background.strategy": "procurement_first", "background.strategy.seek":
        list(ALLIANCE_TYPES), "choice.search_months": 1, "firms.attention_small": 2, "firms.attention_large": 2,
        "governance.notice": 1, "latency.months": 0.0, "separation.fall_back": False}


def lived(months=8, **levers):
    """A world whose firms play by some levers, after some months; other settings by their own key."""
    moved = {key if "." in key else f"background.strategy.{key}": value for key, value in levers.items()}
    model = al.AllianceModel(al.scenario(**{**OPEN, **moved}), rng=1)
    for _ in range(months):
        model.step()
    return model


def signed(**levers):
    """The first alliances firms propose by some levers."""
    model = lived(1, **levers)
    assert model.alliances
    return model.alliances


def under_notice(every, **levers):
    """Memberships in which notice was given in three months to rebalance, where firms were in three of a class."""
    model = lived(0, **{"administration.scale": 0.0, "infrastructure.rent": 0.0})
    for first in range(0, 24, 3):
        for _ in range(3):
            model.form_alliance(range(first, first + 3), "running", "infrastructure")
    model.move({"background.strategy.portfolio": "seventy_twenty_ten", "background.strategy.rebalance": True,
                "portfolio.review": every, **levers})
    for _ in range(3):
        model.step()
    return (model.state.memberships.cause == WITHDRAWN).sum()


def test_a_stretched_firm_takes_on_more_and_thins():
    most = [lived(12, stretch=stretch, **{"demography.exit_incumbent": 0.0}).state.firms.alliances.max()
            for stretch in (1.0, 2.0, 3.0)]
    assert most[0] == 2 < most[1] <= 4 and most[1] < most[2] <= 6


def test_attention_enters_the_benefit_of_all_who_are_in():
    """Of two firms one is in twice as much as it can run well: half of the alliance is worked at .354."""
    model = al.AllianceModel(al.scenario(**{**REST, "firms.attention_small": 1, "firms.large_share": 0.0}), rng=1)
    first = model.form_alliance([0, 1], "running")
    alone = first.benefit
    model.form_alliance([0, 2], "running", "infrastructure")
    assert first.benefit == pytest.approx(alone * (1.0 + .5**1.5) / 2.0, rel=1e-12)


@pytest.mark.parametrize(("name", "types"), [
    ("steady", {"procurement"}), ("moonshot", {"rnd"}), ("barbell", {"procurement", "rnd"}),
    ("seventy_twenty_ten", set(ALLIANCE_TYPES))])
def test_weights_say_what_is_founded(name, types):
    found = lived(12, portfolio=name).results().alliances.type
    assert len(found) > 3 and set(found) <= types
    first = {"rnd"} if name == "moonshot" else {"procurement"}
    assert set(lived(1, portfolio=name).results().alliances.type) == first


def test_who_rebalances_withdraws():
    assert under_notice(1) >= under_notice(2) > 0
    assert under_notice(1, **{"background.strategy.rebalance": False}) == 0
    assert under_notice(1, **{"portfolio.tolerance": 1.0}) == 0


def test_a_firm_withdraws_from_what_it_believes_in_least():
    model = al.AllianceModel(al.scenario(**{**OPEN, "background.strategy.seek": ["infrastructure", "procurement"],
                                            "choice.search_months": 60, "portfolio.review": 1}), rng=1)
    for k in range(4):
        model.form_alliance([0, 1 + k], "running", "infrastructure")
    model.form_alliance([0, 9], "pilot", "infrastructure")
    model.move({"background.strategy.portfolio": "seventy_twenty_ten", "background.strategy.rebalance": True})
    model.step()
    state = model.state
    mine = np.flatnonzero((state.memberships.firm == 0) & (state.memberships.cause == WITHDRAWN))
    belief = state.alliances.belief[:4]
    assert state.memberships.alliance[mine].tolist() == [belief.argmin()]
    assert state.memberships.leaving[mine].tolist() == [2]
    model.step()
    assert state.memberships.left[mine].tolist() == [2] and state.alliances.ended[belief.argmin()] == 2


@pytest.mark.parametrize("prune", [True, False])
def test_where_nobody_prunes_failed_reviews_end_nothing(prune):
    failing = {"rules.gate": "threshold", "pilot.threshold": 1.0}
    model = al.AllianceModel(al.scenario(**{**OPEN, **failing, "background.strategy.seek": [],
                                            "background.strategy.prune": prune}), rng=1)
    model.form_alliance([0, 1, 2], "running")
    for _ in range(5):
        model.step()
    assert (model.state.alliances.cause[0] == KPI_FAILURE) == prune
    assert bool(model.alliances) != prune and model.state.alliances.low_reviews[0] >= 2


@pytest.mark.parametrize("months", [2, 7])
def test_the_proposer_says_how_long_a_pilot_runs_and_what_it_may_cost(months):
    usual, own = signed(), signed(pilot_months=months)
    assert {a.pilot_months for a in usual} == {1} and {a.pilot_months for a in own} == {months}
    assert {a.gate_month - a.founded for a in own} == {months}
    for one, other in zip(usual, own, strict=True):  # of the same charters
        assert one.key == other.key and other.budget - other.spent == pytest.approx(months * (one.budget - one.spent))


def test_the_proposer_says_how_many_a_pilot_has():
    eager = {"seek": ["procurement"], "administration.scale": 0.0, "administration.setup": 0.0, "choice.visible": 20,
             "choice.search_months": 6}
    usual, pairs, crowds = (lived(12, **eager, **levers).results().alliances.founders
                            for levers in ({}, {"pilot_members": 2}, {"pilot_members": 6}))
    assert pairs.max() == 2 < usual.max() == 3 < crowds.max() <= 6


@pytest.mark.parametrize(("commit", "owned"), [("validated", 0), ("at_once", 1)])
def test_capital_may_be_bought_before_anything_is_proven(commit, owned):
    rich = {"infrastructure.own": True, "firms.cash_months": 6.0, "choice.expected_life": 90.0, "commit": commit,
            "seek": ["infrastructure"]}
    bought = [a.installed > 0.0 for a in signed(**rich)]
    assert any(bought) == owned
    assert not any(a.installed > 0.0 for a in signed(**{**rich, "infrastructure.own": False}))
    assert not any(a.installed > 0.0 for a in signed(**{**rich, "choice.expected_life": 12.0}))  # it would not pay


def test_capital_bought_too_soon_is_stranded_when_the_pilot_fails():
    model = al.AllianceModel(al.scenario(**{
        **OPEN, "infrastructure.own": True, "firms.cash_months": 6.0, "choice.expected_life": 90.0,
        "background.strategy.seek": [], "background.strategy.commit": "at_once", "rules.gate": "threshold",
        "pilot.threshold": 1.0}), rng=1)
    venture = model.form_alliance([0, 1, 2], "pilot", "infrastructure")
    assert venture.stage == "pilot" and venture.capital == venture.installed > 0.0
    for _ in range(2):
        model.step()
    told = model.results().events
    assert venture.stage == "ended" and told[told.event == "stranded"].amount.sum() > 0.0


@pytest.mark.parametrize("templates", [True, False])
def test_a_firm_without_templates_pays_the_whole_set_up_each_time(templates):
    model = lived(6, templates=templates, **{"scaling.standardise": True, "scaling.reviews": 1, "scaling.trust": 0.0})
    assert (model.state.alliances.standardised >= 0).any()
    assert (model.state.firms.template > 0).any() == templates
