"""How firms see their ecosystem (F28): engine and twin agree, each lever alone and all of them together."""

from collections import Counter
from itertools import cycle

import pytest

import allysim as al
from allysim.rules import BUILT_IN
from twin.agreement import ByHand, follow
from twin.test_agreement import MONTHS, POPULATIONS, TURMOIL
from twin.test_alternatives import FALLING
from twin.test_types import EVERYTHING, LASTING, sought


def both(**levers):
    """Levers of focal and background firms."""
    return {f"{whose}.{lever}": value for lever, value in levers.items()
            for whose in ("strategy", "background.strategy")}


SOON = {"ecosystem.delay": 2}
ADMITTING = {"scaling.reviews": 1, "scaling.trust": 0.0, "scaling.months": 0, "pilot.review": 1,
             "rules.gate": "never_stop", "choice.search_months": 2, "administration.scale": .2, "trust.lapse": 0.0}
LEVERS = {
    "audit": {**both(audit=True), **SOON},
    "map": {**both(map=True), **SOON},
    "prepare": both(prepare=True),
    "quick wins": both(opportunities="quick_wins"),
    "impact first": both(opportunities="impact_first"),
    "any one": both(opportunities="random"),
    "ladder": {**both(ladder=True), "ecosystem.ladder_trust": .55},
    "non-rivals": both(partners="non_rivals"),
    "learn": both(learn=True),
}
ALL = {**both(audit=True, map=True, opportunities="quick_wins", ladder=True, learn=True), **SOON,
       "strategy.prepare": True, "background.strategy.partners": "non_rivals", "ecosystem.rival_overlap": .9,
       "ecosystem.ladder_trust": .5}
VARIANTS = {
    "no noise": {"ecosystem.self_noise": 0.0, "ecosystem.audited_noise": 0.0, "ecosystem.matrix_noise": 0.0, **ALL},
    "much noise": {"ecosystem.self_noise": 1.0, "ecosystem.audited_noise": .5, "ecosystem.matrix_noise": 2.0, **ALL},
    "audits and maps at once": {**both(audit=True, map=True), "ecosystem.delay": 0},
    "a map of fewer than are seen": {**both(map=True), **SOON, "choice.visible": 12, "ecosystem.mapped": 5},
    "a dashboard worse than the preset": {**both(prepare=True), "governance": "heavy", "ecosystem.dashboard": .1},
    "adaptive governance of the prepared": {**both(prepare=True), "governance": "adaptive", **ADMITTING},
    "alternatives of the misjudged": {**both(audit=True), **SOON, "alternatives.build": True, "alternatives.buy": True,
                                      "alternatives.laboratory": 5.0, "research.gain": .2},
    "lessons of the failing": {**both(learn=True), **FALLING, "ecosystem.lesson_weight": .5},
    "lessons that last": {**both(learn=True, opportunities="impact_first"), **LASTING,
                          "ecosystem.lesson_weight": 1.0},
    "admission by the picky": {**both(ladder=True, partners="non_rivals", map=True), **SOON, **ADMITTING,
                               "ecosystem.ladder_trust": .52, "ecosystem.rival_overlap": .95},
    "pairs by quick wins": {**both(opportunities="quick_wins"), "pilot.members": 2},
    "cournot": {**ALL, "rules.market": "cournot"},
}
SEEN: Counter = Counter()


def hold(scenario, months=MONTHS, by_hand=()):
    twin, turned = follow(scenario, 1, months, by_hand=by_hand)
    assert not turned
    SEEN.update(["worlds", *(event.event for event in twin.events)])
    SEEN["lesson"] += sum(len(noted) for firm in twin.firms for noted in firm.lessons.values())
    return twin


@pytest.mark.parametrize(("lever", "population"), list(zip(LEVERS, cycle(POPULATIONS), strict=False)))
def test_each_lever_on_one_of_three_populations(lever, population):
    hold(al.scenario("supply_stress", **{**POPULATIONS[population], **EVERYTHING, **LEVERS[lever]}))


@pytest.mark.parametrize("mood", [{}, TURMOIL], ids=["as_it_is", "turmoil"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_all_levers_on_three_populations(population, mood):
    hold(al.scenario("supply_stress", **{**POPULATIONS[population], **EVERYTHING, **mood, **ALL}))


@pytest.mark.parametrize("lever", LEVERS)
def test_each_lever_in_turmoil(lever):
    hold(al.scenario(**{"firms.n": 30, **EVERYTHING, **TURMOIL, **LEVERS[lever]}))


@pytest.mark.parametrize("variant", VARIANTS)
def test_sizes_away_from_their_defaults(variant):
    hold(al.scenario(**{"firms.n": 30, "firms.large_share": .2, **EVERYTHING, **VARIANTS[variant]}))


@pytest.mark.parametrize("choice", BUILT_IN["partner_choice"])
def test_rules(choice):
    hold(al.scenario(**{"firms.n": 24, **EVERYTHING, **ALL, "rules.partner_choice": choice}), months=24)


def test_alliances_founded_by_hand_are_no_exception():
    levers = both(prepare=True, learn=True, ladder=True)
    twin = hold(al.scenario(**{"firms.n": 20, **sought("procurement", "infrastructure"), **levers}),
                by_hand=[ByHand(3, [4, 0, 7], "running", "rnd"), ByHand(9, [1, 2], "pilot", "coopetition")])
    assert {alliance.governance_signed.dashboard for alliance in twin.alliances} == {.5}
    assert {alliance.governance.dashboard for alliance in twin.alliances} == {.8}


def test_everything_that_can_happen_did():
    """Runs after the worlds above."""
    if SEEN["worlds"] < 2 * (len(LEVERS) + len(POPULATIONS)) + len(VARIANTS):
        pytest.skip("needs the worlds above")
    assert min(SEEN[what] for what in ("audited", "mapped", "prepared", "lesson", "admitted", "fell back", "built")) > 0
