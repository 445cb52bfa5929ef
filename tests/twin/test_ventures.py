"""Joint ventures (F24, F20), and R&D that comes to be standardised: engine and twin agree."""

from collections import Counter

import pytest

import allysim as al
from twin.agreement import ByHand, follow
from twin.test_agreement import POPULATIONS, TURMOIL
from twin.test_terms_and_scaling import QUICK
from twin.test_types import EVERYTHING, LASTING, sought

SHARED = {**sought("infrastructure"), **QUICK, **LASTING, "firms.cash_months": 6.0, "choice.expected_life": 90.0}
"""All seek infrastructure, firms have cash, and alliances are standardised at their first review."""
VARIANTS = {
    "as it is": {},
    "capital next to nothing": {"infrastructure.capital": .5, "infrastructure.keeps": 0.0, "firms.cash_months": .5},
    "capital for nothing": {"infrastructure.capital": 0.0},
    "more than anybody can pay": {"infrastructure.capital": 1e6},
    "parts are forfeited": {"infrastructure.buyout": 0.0, "separation.scale": 8.0, "demography.exit_incumbent": .02},
    "parts are paid in full": {"infrastructure.buyout": 1.0, "conduct.temptation": 30.0,
                               "demography.exit_incumbent": .03, "governance.dispute_clause": False},
    "much is got back": {"infrastructure.salvage": 1.0, "separation.scale": 8.0, "separation.infrastructure": 5.0},
    "soon worn out, and bought again": {"infrastructure.life": 9.0, "infrastructure.rent": .2,
                                        "infrastructure.upkeep": 0.0, "infrastructure.capital": 40.0},
    "fees below upkeep": {"infrastructure.user_fee": .002, "infrastructure.upkeep": .02, "infrastructure.rent": .06},
    "no fees, no reserve": {"infrastructure.user_fee": 0.0, "infrastructure.reserve": 0.0},
    "high fees, much in the account": {"infrastructure.user_fee": .05, "infrastructure.reserve": 120.0},
    "capital that lasts, fractions of months": {"infrastructure.life": 1200.0, "conduct.delta": .9999,
                                                "choice.expected_life": 59.5},
    "short outlook": {"choice.expected_life": 30.0},
    "owned with much salvage, short outlook": {"choice.expected_life": 30.0, "infrastructure.salvage": .9},
    "turmoil": {**TURMOIL, "rules.gate": "never_stop", "pilot.review": 1, "firms.cash_months": 6.0,
                "demography.ruin_months": 3.0},
    "contribution by cash": {"rules.value_split": "contribution", "terms.cash": 1.0, "separation.scale": 15.0},
    "never owned": {"infrastructure.own": False},
}
EVENTS = {"capital bought", "bought in", "bought out", "stranded", "capital called", "worn out"}
SEEN: dict[str, Counter] = {}


def hold(name, scenario, months=36, by_hand=()):
    twin, turned = follow(scenario, 1, months, by_hand=by_hand)
    SEEN[name] = Counter(event.event for event in twin.events)
    assert not turned
    return twin


@pytest.mark.parametrize("variant", VARIANTS)
def test_levers_away_from_their_defaults(variant):
    world = {"firms.n": 30, "firms.large_share": .2, **SHARED, **VARIANTS[variant]}
    hold(variant, al.scenario("supply_stress", **world))


@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations(population):
    hold(population, al.scenario(**{**POPULATIONS[population], **SHARED}))


def test_beside_alliances_of_every_type():
    world = {"firms.n": 40, **SHARED, **EVERYTHING, "rules.value_split": "shapley", "infrastructure.capital": 40.0}
    hold("everything", al.scenario(**world))


def test_founded_by_hand_between_firms_of_any_size():
    by_hand = [ByHand(0, [3, 19, 6], "running", "infrastructure"),
               ByHand(1, [3, 19, 17], "running", "infrastructure")]
    still = {"firms.n": 20, "strategy": "stand_alone", "background.strategy": "stand_alone", "scaling.trust": 0.0,
             "scaling.reviews": 1, "rules.gate": "never_stop", "conduct.temptation": 0.0}
    twin = hold("by hand", al.scenario(**still), by_hand=by_hand)
    assert {event.alliance for event in twin.events if event.event == "capital bought"} == {0, 1}


@pytest.mark.parametrize("gate", ["bayes", "threshold"])
def test_research_that_succeeds_is_standardised(gate):
    world = {"firms.n": 30, **sought("rnd"), **QUICK, "rules.gate": gate, "pilot.months": 3, "pilot.review": 3,
             "research.intensity": 1.5, "research.gain": .15}
    hold(f"research {gate}", al.scenario(**world))
    assert SEEN[f"research {gate}"]["standardised"]


def test_everything_that_can_happen_did():
    """Runs after the worlds above."""
    if len(SEEN) < len(VARIANTS) + len(POPULATIONS) + 2:
        pytest.skip("needs the worlds above")
    total = sum(SEEN.values(), Counter())
    assert not EVENTS - set(total), total
    for name in ("more than anybody can pay", "capital for nothing", "never owned", "short outlook"):
        assert not EVENTS & set(SEEN[name]), name
    assert SEEN["owned with much salvage, short outlook"]["capital bought"]
    assert SEEN["soon worn out, and bought again"]["worn out"]
