"""R&D in full: radical sprints, whose research helps whom, and what leavers give back: engine and twin agree."""

import pytest

import allysim as al
from allysim.config import presets
from allysim.rules import BUILT_IN
from twin.agreement import ByHand, follow
from twin.test_agreement import POPULATIONS, TURMOIL

RADICAL = {"strategy.research": "radical", "background.strategy.research": "radical"}
RESEARCH = {"strategy.seek": ["rnd", "infrastructure"], "background.strategy.seek": ["rnd", "procurement"]}
FERTILE = {"pilot.stop": .02, "choice.search_months": 1, "research.sprint": 1, "research.gain": .15,
           "demography.exit_incumbent": .02, "separation.scale": 40.0, "governance.notice": 1, "firms.large_share": .3}
"""Sprints are short and alliances many and ended soon, by all causes there are."""
OWNED = {"ip_protection.owner": "each_own", **FERTILE}

VARIANTS = {
    "radical": {**FERTILE, **RADICAL},
    "radical and each its own, in turmoil": {**TURMOIL, **OWNED, **RADICAL},
    "radical focal firms only": {**FERTILE, "strategy.research": "radical", "firms.focal": 12},
    "radical, without spread": {**FERTILE, **RADICAL, "research.radical_spread": 0.0},
    "radical, of wild spread": {**FERTILE, **RADICAL, "research.radical_spread": 3.0, "research.gain": .3},
    "radical, beyond the ceiling": {**FERTILE, **RADICAL, "research.gain": 1.0, "research.radical_intensity": .05},
    "radical, no gain": {**FERTILE, **RADICAL, "research.gain": 0.0, "ip_protection.owner": "lead"},
    "radical, no more rare than others": {**FERTILE, **RADICAL, "research.radical_intensity": 1.0},
    "radical, short of patience": {**FERTILE, **RADICAL, "research.radical_patience": 2},
    "the lead owns all": {**FERTILE, "ip_protection.owner": "lead", "research.ceded": 1.0},
    "the lead owns, of many": {**OWNED, "ip_protection.owner": "lead", "pilot.members": 5, "firms.large_share": 1.0},
    "each its own, no outsiders": {**OWNED, "research.outside": 0.0},
    "each its own, in a breach": {**OWNED, "conduct.temptation_rnd": 20.0, "governance.dispute_clause": False},
    "each its own, quickly forgotten": {**OWNED, "capability.depreciation": .3},
    "each its own, with admissions": {**OWNED, "scaling.reviews": 1, "scaling.trust": 0.0, "scaling.months": 0,
                                      "pilot.review": 1, "rules.gate": "never_stop", "firms.large_share": 1.0},
    "compartments close all": {**OWNED, "ip_protection.compartments": 1.0, "research.tacit": 1.0,
                               "leaks.control": 1e6},
    "compartments as far as can be": {**FERTILE, "ip_protection.compartments": .8, "research.tacit": .5,
                                      "leaks.control": .7, **RADICAL},
    "outsiders help as much as partners": {**OWNED, "research.outside": 1.0, "firms.large_share": 1.0},
    "nobody helps": {**OWNED, "research.outside": 0.0, "research.spillover": 0.0},
    "off": {**FERTILE, "research.outside": 0.0, "research.tacit": 0.0},
}
SEEN: dict[str, set[tuple[str, str]]] = {}


def hold(name, scenario, seed=1, months=36, by_hand=()):
    twin, turned = follow(scenario, seed, months, by_hand=by_hand)
    SEEN[name] = {(event.event, event.cause) for event in twin.events}
    assert not turned
    return twin


@pytest.mark.parametrize("variant", VARIANTS)
def test_levers_away_from_their_defaults(variant):
    hold(variant, al.scenario("supply_stress", **{"firms.n": 30, **RESEARCH, **VARIANTS[variant]}), months=24)


@pytest.mark.parametrize("owner", ["joint", "each_own", "lead"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations(population, owner):
    world = {**POPULATIONS[population], **RESEARCH, "ip_protection.owner": owner, "strategy.research": "radical",
             "pilot.stop": .02, "choice.search_months": 1}
    hold(f"{population} {owner}", al.scenario("supply_stress", **world), months=36 if population != "crowded" else 18)


@pytest.mark.parametrize("effort", BUILT_IN["effort"])
@pytest.mark.parametrize("preset", presets.names("ip_protection"))
def test_every_preset_of_protection_and_every_rule_of_effort(preset, effort):
    world = {"firms.n": 24, **RESEARCH, **FERTILE, "ip_protection": preset, "rules.effort": effort,
             "ip_protection.owner": "each_own"}
    hold(f"{preset} {effort}", al.scenario(**world), months=18)


@pytest.mark.parametrize("stage", ["pilot", "running"])
def test_founded_by_hand(stage):
    by_hand = [ByHand(month, [3 * month, 3 * month + 1, 3 * month + 2], stage, "rnd") for month in (0, 1, 2, 5)]
    hold(stage, al.scenario(**{"firms.n": 20, **OWNED, **RADICAL, "strategy.seek": [], "background.strategy.seek": []}),
         by_hand=by_hand)


def test_everything_that_can_happen_did():
    """Runs after the worlds above, which between them show every event."""
    if len(SEEN) < len(VARIANTS):
        pytest.skip("needs the worlds above")
    seen = set().union(*SEEN.values())
    assert seen >= {("success", ""), ("success", "radical"), ("handed back", "each own"), ("handed back", "lead")}
    assert not any(event == "handed back" for event, _ in SEEN["off"])
