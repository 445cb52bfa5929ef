"""Terms of every split (F19) and the life of alliances after their pilot (F20): engine and twin agree."""

import pytest

import allysim as al
from allysim.rules import BUILT_IN
from twin.agreement import follow
from twin.test_agreement import POPULATIONS, TURMOIL

QUICK = {
    "scaling.reviews": 1, "scaling.trust": 0.0, "scaling.months": 0, "pilot.months": 1, "pilot.review": 1,
    "choice.search_months": 2, "pilot.members": 3, "rules.gate": "never_stop", "governance.notice": 1,
    "conduct.temptation": 6.0, "demography.exit_incumbent": .004,
}
"""Alliances are standardised and scaled as soon as can be, and admit a member a month."""
VARIANTS = {
    "one member a month": QUICK,
    "adaptive": {**QUICK, "governance": "adaptive", "scaling.heavy_above": 4, "governance.notice": 1},
    "adaptive in turmoil": {**TURMOIL, **QUICK, "governance.adaptive": True, "rules.gate": "bayes", "pilot.go": .5,
                            "pilot.stop": .1, "scaling.heavy_above": 2},
    "focal firms among themselves": {**QUICK, "strategy.partners": "focal", "firms.focal": 16},
    "homophily": {**QUICK, "rules.partner_choice": "homophily"},
    "at random, caps of four": {**QUICK, "rules.partner_choice": "random", "scaling.cap_procurement": 4},
    "terms stand": {**QUICK, "rules.value_split": "contribution", "terms.reopen": False},
    "nobody minds": {**QUICK, "rules.value_split": "gross_margin", "terms.resentment": 0.0, "terms.separation": 0.0},
    "everybody minds": {**QUICK, "terms.resentment": 20.0, "terms.separation": 20.0, "separation.scale": 40.0},
    "templates": {**TURMOIL, **QUICK, "scaling.reuse": .5, "scaling.reuse_cap": 2, "separation.scale": 10.0},
    "cash alone counts": {**QUICK, "rules.value_split": "contribution", "terms.capability": 0.0,
                          "terms.customers": 0.0},
    "nothing counts": {**QUICK, "rules.value_split": "contribution", "terms.cash": 0.0, "terms.capability": 0.0,
                       "terms.customers": 0.0},
    "the whole saving as a fee": {**QUICK, "rules.value_split": "flat_fee", "terms.licence": 1.0},
    "switched off": {**QUICK, "scaling.standardise": False, "terms.resentment": 0.0, "terms.separation": 0.0},
}
EVENTS = {"standardised", "scaled", "admitted", "governance changed", "renegotiated"}
SEEN: dict[str, set[str]] = {}


def hold(name, scenario, months=36):
    twin, turned = follow(scenario, 1, months)
    SEEN[name] = {event.event for event in twin.events}
    return len(turned)


@pytest.mark.parametrize("variant", VARIANTS)
def test_levers_away_from_their_defaults(variant):
    assert hold(variant, al.scenario(**{"firms.n": 40, "firms.large_share": .3, **VARIANTS[variant]})) == 0


@pytest.mark.parametrize("split", BUILT_IN["value_split"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_every_split(population, split):
    scenario = al.scenario("supply_stress", **{**POPULATIONS[population], **QUICK, "rules.value_split": split})
    assert hold(f"{population} {split}", scenario, months=24) == 0


def test_everything_that_can_happen_did():
    """Runs after the worlds above, which between them show every event."""
    if len(SEEN) < len(VARIANTS) + len(POPULATIONS) * len(BUILT_IN["value_split"]):
        pytest.skip("needs the worlds above")
    assert set().union(*SEEN.values()) >= EVENTS
    assert not SEEN["switched off"] & EVENTS
