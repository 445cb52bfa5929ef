"""One name with a promise, a shared office, subscriptions: engine and twin agree, each alone and all together."""

from collections import Counter

import pytest

import allysim as al
from allysim.config.yields import SCOPES
from twin.agreement import ByHand, follow
from twin.test_agreement import MONTHS, POPULATIONS, TURMOIL
from twin.test_types import EVERYTHING, LASTING, sought

UNRELIABLE = {"environment.disruption_rate": .2}


def doing(*scope):
    """Return settings by which rivals do this together."""
    return {**sought("coopetition"), "strategy.scope": list(scope), "background.strategy.scope": list(scope)}


ALONE = {
    "one name": {**doing("marketing"), **UNRELIABLE},
    "one name, a promise": {**doing("marketing"), **UNRELIABLE, "coopetition.quality_floor": .95},
    "a promise without one name": {**doing("marketing"), **UNRELIABLE, "coopetition.quality_floor": .9,
                                   "coopetition.reputation": 0.0},
    "a shared office": doing("automation"),
    "subscriptions": sought(),
}
TOGETHER = {**EVERYTHING, **UNRELIABLE, "strategy.scope": list(SCOPES), "background.strategy.scope": list(SCOPES),
            "coopetition.quality_floor": .95, "tendering.rate": 1.0}
EXTREMES = {
    "the worst is all, promised nothing": {"coopetition.reputation": 1.0, "coopetition.quality_floor": 0.0},
    "everything is promised, dear": {"coopetition.quality_floor": 1.0, "coopetition.compensation": 5.0},
    "late deliveries, no stock": {"environment.disruption_rate": .5, "environment.disruption_loss": .9,
                                  "stock.service_factor": 0.0, "customers.capacity": 1.02},
    "the office replaces all": {"coopetition.automation": 1.0, "coopetition.automation_fee": 0.0},
    "the office costs more than it saves": {"coopetition.automation_fee": .2, "pilot.prior_mean": .5},
    "subscribers never move": {"subscriptions.churn": 1.0, "subscriptions.inertia": 1.0},
    "lagging, no control": {"pilot.kpi": "lagging", "pilot.control": False, "pilot.baseline": 1},
    "Cournot": {"rules.market": "cournot"},
    "shares by Shapley, scaled": {"rules.value_split": "shapley", "scaling.reviews": 1, "scaling.months": 1,
                                  "scaling.trust": .3, "rules.gate": "never_stop"},
    "flat fees": {"rules.value_split": "flat_fee"},
}
SEEN: Counter = Counter()


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("firm,revenue,segment,subscriptions,strategy\nA,90,electric,.8,\nB,60,,1,\nC,90,legacy,,\n"
                    "D,40,services,30 %,\nE,520,software,.5,stand_alone\n")
    return {"firms.path": path}


def hold(settings, months=MONTHS, by_hand=()):
    """Follow a world, no decision of which may be too close to call, and count what was paid and saved."""
    twin, turned = follow(al.scenario("supply_stress", **settings), 1, months, by_hand=by_hand)
    assert not turned
    SEEN["paid to customers"] += sum(m.booked["compensation"] < 0.0 for m in twin.memberships)
    SEEN["fees"] += sum(m.alliance.kind == "coopetition" and m.booked["fee"] < 0.0 for m in twin.memberships)
    SEEN["subscribers"] += sum(firm.subscriptions > 0.0 for firm in twin.firms)
    SEEN["subscribers gone"] += sum(firm.subscriptions > 0.0 for firm in twin.gone)
    SEEN["under another's name"] += sum(firm.missed > 1.0 - firm.on_time for firm in twin.firms)


@pytest.mark.parametrize("mechanism", ALONE)
@pytest.mark.parametrize("population", POPULATIONS)
def test_each_alone(population, mechanism, own):
    hold({**POPULATIONS[population], **TURMOIL, **own, **ALONE[mechanism]})


@pytest.mark.parametrize("mood", [{}, TURMOIL], ids=["as_it_is", "turmoil"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_all_together_in_all_types_and_scopes(population, mood, own):
    hold({**POPULATIONS[population], **mood, **own, **TOGETHER})


@pytest.mark.parametrize("extreme", EXTREMES)
def test_extreme_settings(extreme, own):
    hold({"firms.n": 20, **LASTING, **own, **TOGETHER, **sought("coopetition"), **EXTREMES[extreme]})


@pytest.mark.parametrize("stage", ["pilot", "running"])
def test_founded_by_hand(stage, own):
    by_hand = [ByHand(0, [3, 0, 7], stage, "coopetition"), ByHand(5, [1, 2], stage, "coopetition")]
    hold({"firms.n": 16, **LASTING, **own, **doing("marketing", "automation"), "choice.search_months": 60,
          "coopetition.quality_floor": .9, **UNRELIABLE}, by_hand=by_hand)


def test_it_all_happened():
    """Runs after the worlds above."""
    if len(SEEN) < 5:
        pytest.skip("needs the worlds above")
    assert min(SEEN.values()) > 0 and SEEN["paid to customers"] > 50 and SEEN["fees"] > 50
