"""Make, buy or ally (F9) and falling back (F17): engine and twin agree."""

from collections import Counter

import pytest

import allysim as al
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.rules import BUILT_IN
from twin.agreement import ByHand, follow
from twin.test_agreement import MONTHS, POPULATIONS, TURMOIL
from twin.test_types import EVERYTHING, LASTING, sought

BOTH = {"alternatives.build": True, "alternatives.buy": True}
CLOSE = {"research.gain": .2, "infrastructure.rent": .02, "purchasing.fit_spread": 0.0, "administration.scale": .2}
"""Allying is about as good as building or buying, so that firms go from one to the other."""
FALLING = {"pilot.review": 1, "governance.notice": 1, "pilot.noise": .05, "choice.search_months": 1,
           "rules.gate": "threshold", "pilot.threshold": .1, "pilot.threshold_coopetition": .1,
           "conduct.temptation": 1.0, "conduct.temptation_rnd": .5, "administration.scale": .3,
           "firms.attention_small": 6, "background.strategy": "procurement_first"}
"""Results hardly ever satisfy, so that alliances fail and fall back, and nobody withdraws from them before."""
VARIANTS = {
    "as it is": {**BOTH},
    "in turmoil": {**BOTH, **TURMOIL},
    "close": {**BOTH, **CLOSE, **LASTING},
    "build only": {"alternatives.build": True, **CLOSE},
    "buy only": {"alternatives.buy": True, **CLOSE, **LASTING},
    "no infrastructure": {**BOTH, "alternatives.infrastructure": False, **CLOSE},
    "no R&D": {**BOTH, "alternatives.rnd": False, **CLOSE},
    "dear market": {**BOTH, "alternatives.markup": .6, "alternatives.hold_up": 3.0, **LASTING},
    "free market": {**BOTH, "alternatives.markup": 0.0, "alternatives.hold_up": 0.0, **TURMOIL},
    "divisible, no reserve": {**BOTH, "alternatives.smallest": 0.0, "alternatives.reserve": 0.0,
                              "alternatives.laboratory": 0.0, **TURMOIL},
    "large only": {**BOTH, "alternatives.smallest": 1.0, "alternatives.laboratory": 300.0, **LASTING},
    "a sprint a month that pays at first": {**BOTH, "research.sprint": 1, "research.gain": 1.0,
                                            "capability.depreciation": 0.0, "research.intensity": .6},
    "frequent outages, recovery": {**BOTH, "infrastructure.outage": .5, "infrastructure.recovery": True},
    "cournot": {**BOTH, **TURMOIL, "rules.market": "cournot"},
    "stand alone": {**BOTH, "strategy": "stand_alone", "background.strategy": "stand_alone"},
    "admission": {**BOTH, **CLOSE, "scaling.reviews": 1, "scaling.trust": 0.0, "scaling.months": 0, "pilot.review": 1,
                  "rules.gate": "never_stop", "choice.search_months": 2},
    "falling back": {**FALLING},
    "failing in turmoil": {**TURMOIL, **FALLING},
    "falling back under notice and adaptive rules": {
        **FALLING, "governance": "adaptive", "governance.notice": 3, "scaling.reviews": 1, "scaling.trust": 0.0,
        "scaling.months": 0, "pilot.threshold": .03},
    "falling back at once": {**FALLING, "governance.notice": 0, "latency.months": 0.0, "separation.scale": 20.0},
    "falling back and building": {**FALLING, "alternatives.build": True, "alternatives.laboratory": 900.0,
                                  "alternatives.smallest": 1.0},
    "never falling back": {**FALLING, "separation.fall_back": False},
}
SEEN: Counter = Counter()


def hold(scenario, months=MONTHS, by_hand=()):
    twin, turned = follow(scenario, 1, months, by_hand=by_hand)
    assert not turned
    found = Counter((event.event, event.cause) for event in twin.events)
    SEEN.update(found)
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_levers_away_from_their_defaults(variant):
    settings = {"firms.n": 30, "firms.large_share": .2, **EVERYTHING, **VARIANTS[variant]}
    if "strategy" in VARIANTS[variant]:
        settings = {key: value for key, value in settings.items() if not key.endswith("seek")}
    found = hold(al.scenario("supply_stress", **settings))
    fell_back = any(event == "fell back" for event, _ in found)
    assert fell_back or not variant.startswith("falling back")
    assert not fell_back or not variant.startswith("never")


@pytest.mark.parametrize("mood", [{}, {**TURMOIL, **CLOSE}], ids=["as_it_is", "turmoil"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations(population, mood):
    hold(al.scenario("supply_stress", **{**POPULATIONS[population], **EVERYTHING, **mood, **BOTH}))


@pytest.mark.parametrize("kind", ALLIANCE_TYPES)
def test_each_type_alone(kind):
    hold(al.scenario(**{"firms.n": 30, **BOTH, **CLOSE, **sought(kind)}))


@pytest.mark.parametrize("kinds", [("rnd", "procurement"), ("infrastructure", "coopetition"),
                                   ("procurement", "coopetition")], ids=" ".join)
def test_falling_back_from_one_type_to_another(kinds):
    found = hold(al.scenario(**{"firms.n": 40, **FALLING, **sought(*kinds)}))
    assert any(event == "fell back" for event, _ in found)


@pytest.mark.parametrize("split", BUILT_IN["value_split"])
@pytest.mark.parametrize("choice", BUILT_IN["partner_choice"])
def test_rules(split, choice):
    rules = {"rules.value_split": split, "rules.partner_choice": choice}
    hold(al.scenario(**{"firms.n": 24, **EVERYTHING, **BOTH, **FALLING, **rules}), months=24)


@pytest.mark.parametrize("kind", ALLIANCE_TYPES)
def test_alliances_founded_by_hand(kind):
    """Whoever does R&D alone when it comes to be in an alliance gives that up."""
    several = kind in ("rnd", "infrastructure")
    by_hand = [ByHand(month, [3, 0, 7], "running", kind) for month in ((0, 9) if several else (9,))]
    others = ("procurement", "coopetition") if several else ("rnd", "infrastructure")
    hold(al.scenario(**{"firms.n": 20, **BOTH, **CLOSE, **sought(*others)}), by_hand=by_hand)


def test_a_network_whose_members_have_many_pools_falls_apart_and_back(tmp_path):
    path = tmp_path / "network.csv"
    rows = [f"pool {k},firm {name},.25,1994-01-01," for k in range(8) for name in "ABCDEFGH"[k % 3:k % 3 + 4]]
    path.write_text("\n".join(["alliance,firm,share,joined,left", *rows]))
    found = hold(al.scenario(**{**FALLING, "alliances.path": path, "alliances.date": "1995-06-30",
                                "alliances.unknown": "draw", "firms.n": 16, "firms.attention_small": 20, **EVERYTHING}))
    assert any(event == "fell back" for event, _ in found)


def test_everything_that_can_happen_did():
    """Runs after the worlds above."""
    if len(SEEN) < 20:
        pytest.skip("needs the worlds above")
    wanted = {(event, kind) for event in ("built", "bought") for kind in ("rnd", "infrastructure")}
    wanted |= {("developed", "alone"), ("developed", "bought"), ("gave up", "rnd, allied"), ("gave up", "rnd, no gain")}
    wanted |= {("fell back", f"{why}, {to}") for why in ("kpi", "no gain") for to in ("procurement", "marketing")}
    assert not wanted - set(SEEN)
