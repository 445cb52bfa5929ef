"""Lots let by tender: engine and twin agree where they are let, by default levers and far from them."""

from collections import Counter

import pytest

import allysim as al
from allysim.config.yields import SCOPES
from twin.agreement import ByHand, follow
from twin.test_agreement import MONTHS, OWN, POPULATIONS, TURMOIL
from twin.test_types import EVERYTHING, LASTING, sought


def doing(*scope, rate=1.0):
    """Return settings by which rivals do this together where so many lots are let."""
    return {**sought("coopetition"), "strategy.scope": list(scope), "background.strategy.scope": list(scope),
            "tendering.rate": rate}


EXTREMES = {
    "three lots, every bid good": {"tendering.rate": 3.0, "tendering.chance": 1.0},
    "many tiny lots": {"tendering.rate": 3.0, "tendering.size": .01, "tendering.chance": 1.0},
    "huge lots": {"tendering.rate": 3.0, "tendering.size": 40.0, "tendering.chance": 1.0},
    "many tiny lots, seldom won": {"tendering.rate": 50.0, "tendering.size": .01, "tendering.chance": .01},
    "no bid is good": {"tendering.chance": 0.0},
    "lots below most costs": {"tendering.price": .6, "tendering.rate": 2.0},
    "dear lots": {"tendering.price": 3.0, "tendering.size": .1, "tendering.rate": 2.0},
    "little capacity": {"customers.capacity": 1.02, "tendering.size": .05},
    "much capacity": {"customers.capacity": 4.0, "tendering.size": 2.0},
    "many disruptions, no stock": {"environment.disruption_rate": .4, "stock.service_factor": 0.0,
                                   "environment.disruption_loss": .9},
    "fines": {"legal.rate": 1.0, "governance.completeness": 0.0, "legal.fine": .1},
    "Cournot": {"rules.market": "cournot"},
    "scaled": {"scaling.reviews": 1, "scaling.months": 1, "scaling.trust": .3, "rules.gate": "never_stop"},
    "lagging, no control": {"pilot.kpi": "lagging", "pilot.control": False, "pilot.baseline": 1},
}

SEEN: Counter = Counter()


def hold(scenario, seed=1, months=MONTHS, by_hand=()):
    """Follow a world, no decision of which may be too close to call, and count who won."""
    twin, turned = follow(scenario, seed, months, by_hand=by_hand)
    assert not turned
    won = Counter(event.cause for event in twin.events if event.event == "won a lot")
    SEEN.update(won)
    return twin, won


@pytest.mark.parametrize("mood", [{}, LASTING, TURMOIL], ids=["as_it_is", "lasting", "turmoil"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations(population, mood):
    settings = {**POPULATIONS[population], **mood, **doing(*SCOPES)}
    months = 12 if population == "crowded" and mood is LASTING else MONTHS
    assert hold(al.scenario("supply_stress", **settings), months=months)[1]


@pytest.mark.parametrize("scope", [["tendering"], ["capacity", "tendering"], ["marketing", "tendering"],
                                   ["warehousing", "tendering"], ["marketing"]], ids=" ".join)
def test_scopes(scope):
    won = hold(al.scenario(**{"firms.n": 30, **LASTING, **doing(*scope)}))[1]
    assert won["alone"] and bool(won["together"]) == ("tendering" in scope)


@pytest.mark.parametrize("extreme", EXTREMES)
def test_extreme_settings(extreme):
    hold(al.scenario("supply_stress", **{"firms.n": 24, **TURMOIL, **doing(*SCOPES), **EXTREMES[extreme]}))


def test_among_all_types():
    scope = {"strategy.scope": list(SCOPES), "background.strategy.scope": ["tendering"], "tendering.rate": 2.0}
    assert hold(al.scenario("supply_stress", **{"firms.n": 40, **TURMOIL, **EVERYTHING, **scope}))[1]["together"]


def test_nobody_bids_together_where_nothing_is_let():
    assert not hold(al.scenario(**{"firms.n": 24, **TURMOIL, **doing(*SCOPES, rate=0.0)}))[1]


@pytest.mark.parametrize("stage", ["pilot", "running"])
def test_founded_by_hand_before_any_lot(stage):
    by_hand = [ByHand(0, [3, 0, 7], stage, "coopetition"), ByHand(5, [1, 2], stage, "coopetition")]
    hold(al.scenario(**{"firms.n": 20, **LASTING, **doing("tendering", rate=3.0), "choice.search_months": 60}),
         by_hand=by_hand)


def test_a_users_own_firms(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN)
    hold(al.scenario(**{"firms.path": path, "firms.background": 20, **LASTING, **doing(*SCOPES)}))


def test_lots_were_won_alone_and_together():
    """Runs after the worlds above."""
    if len(SEEN) < 2:
        pytest.skip("needs the worlds above")
    assert SEEN["alone"] > 50 and SEEN["together"] > 500
