"""Alliances as a portfolio and pilots as levers of a strategy (F26, F20): engine and twin agree."""

from collections import Counter
from itertools import cycle

import pytest

import allysim as al
from allysim.config.portfolio import PORTFOLIOS
from twin.agreement import ByHand, follow
from twin.test_agreement import MONTHS, POPULATIONS, TURMOIL
from twin.test_types import EVERYTHING


def both(**levers):
    """Return settings by which all firms play by some levers."""
    return {f"{whose}.{lever}": value for lever, value in levers.items()
            for whose in ("strategy", "background.strategy")}


BUSY = {**EVERYTHING, "choice.search_months": 1, "pilot.noise": .03, "pilot.months": 2, "pilot.review": 1,
        "firms.attention_small": 2, "firms.attention_large": 3, "governance.notice": 1, "scaling.reviews": 1,
        "scaling.trust": .3, "scaling.months": 1}
"""Firms search each month, have little attention, and alliances are soon proven."""
RICH = {"firms.cash_months": 6.0, "choice.expected_life": 90.0}
DOUBTFUL = {"pilot.noise": .15, "pilot.stop": .45, "pilot.go": .5}
FAST = {"portfolio.review": 1, "portfolio.tolerance": .05}

LEVERS = {
    "overreach": both(stretch=2.5),
    "weights": both(portfolio="seventy_twenty_ten"),
    "rebalanced": both(portfolio="barbell", rebalance=True),
    "nobody prunes": {**both(prune=False), **DOUBTFUL},
    "long pilots": both(pilot_months=5),
    "large pilots": both(pilot_members=5),
    "capital at once": {**both(commit="at_once"), **RICH},
    "no templates": both(templates=False),
    "all": {**both(stretch=2.0, portfolio="seventy_twenty_ten", rebalance=True, prune=False, pilot_months=4,
                   pilot_members=4, commit="at_once", templates=False), **RICH, **FAST, **DOUBTFUL},
}
"""Each lever alone, and all together, for all firms."""
VARIANTS = {
    **{f"portfolio {name}": {**both(portfolio=name, rebalance=True, stretch=3.0), **FAST} for name in PORTFOLIOS},
    "focal firms alone": {"strategy.portfolio": "moonshot", "strategy.rebalance": True, "strategy.stretch": 3.0,
                          "strategy.prune": False, "strategy.pilot_months": 12, "strategy.pilot_members": 2,
                          "strategy.commit": "at_once", "strategy.templates": False, **RICH, **DOUBTFUL},
    "the others alone": {"background.strategy.portfolio": "steady", "background.strategy.rebalance": True,
                         "background.strategy.prune": False, "background.strategy.pilot_months": 1,
                         "background.strategy.pilot_members": 6, "background.strategy.commit": "at_once",
                         "background.strategy.templates": False, "choice.visible": 20, **RICH, **DOUBTFUL},
    "co-marketing is steady": {**both(portfolio="seventy_twenty_ten", scope=["marketing"], rebalance=True, stretch=2.0),
                               **FAST},
    "what is sought has no weight": {**both(portfolio="moonshot", seek=["procurement", "infrastructure"],
                                            rebalance=True), **FAST},
    "two classes are sought": {**both(portfolio="seventy_twenty_ten", seek=["rnd", "infrastructure"], rebalance=True,
                                      stretch=3.0), **FAST},
    "no tolerance, long notice": {**both(portfolio="barbell", rebalance=True), "portfolio.tolerance": 0.0,
                                  "portfolio.review": 2, "portfolio.barbell": .5, "governance.notice": 6},
    "no notice": {**both(portfolio="barbell", rebalance=True), **FAST, "governance.notice": 0},
    "attention thins at once": {**both(stretch=3.0), "portfolio.thinning": 10.0, "firms.attention_small": 1},
    "attention does not matter": {**both(stretch=3.0), "portfolio.thinning": 0.0},
    "turmoil": {**TURMOIL, **both(portfolio="barbell", rebalance=True, prune=False, stretch=2.0, commit="at_once",
                                  pilot_members=4), **FAST, "firms.cash_months": 6.0},
    "capital that is stranded": {**both(commit="at_once", seek=["infrastructure"], pilot_months=6), **RICH, **DOUBTFUL,
                                 "pilot.threshold": .2},
    "capital nobody can pay": {**both(commit="at_once"), **RICH, "infrastructure.keeps": 120.0},
    "never owned": {**both(commit="at_once"), **RICH, "infrastructure.own": False},
}
SEEN: dict[str, Counter] = {}


def hold(name, settings, months=MONTHS, by_hand=()):
    twin, turned = follow(al.scenario("supply_stress", **settings), 1, months, by_hand=by_hand)
    assert not turned
    SEEN[name] = Counter(event.event for event in twin.events)
    SEEN[name].update(f"{event.event}: {event.cause}" for event in twin.events if event.cause)
    return twin


@pytest.mark.parametrize(("lever", "population"), [
    *zip(LEVERS, cycle(["crowded", "skewed", "small"])), ("all", "crowded"), ("all", "skewed")])
def test_three_populations(lever, population):
    hold(f"{population} {lever}", {**POPULATIONS[population], **BUSY, **LEVERS[lever]})


@pytest.mark.parametrize("variant", VARIANTS)
def test_levers_away_from_their_defaults(variant):
    hold(variant, {"firms.n": 30, "firms.large_share": .2, **BUSY, **VARIANTS[variant]})


def test_founded_by_hand_beyond_all_attention():
    by_hand = [ByHand(k, [0, 1 + k, 5 + k], "running", kind)
               for k, kind in enumerate(("procurement", "infrastructure", "rnd", "infrastructure"))]
    still = {"firms.n": 20, "firms.attention_small": 1, "conduct.temptation": 0.0, **both(seek=[]), **RICH,
             "firms.focal": 4, "strategy.commit": "at_once", "strategy.pilot_months": 7}
    hold("by hand", still, months=12, by_hand=by_hand)
    assert SEEN["by hand"]["capital bought: at founding"] == 2


@pytest.mark.parametrize("weights", PORTFOLIOS[1:])
def test_weights_that_come_late(weights):
    """Firms that are in far too much of one class, founded by hand, withdraw from the least of it."""
    many = [("rnd", [0, 1, 2]), ("rnd", [0, 1, 3]), ("rnd", [0, 4, 5]), ("infrastructure", [0, 6, 7]),
            ("infrastructure", [0, 6, 8]), ("infrastructure", [6, 7, 8]), ("procurement", [0, 1, 6])]
    by_hand = [ByHand(k, slots, "running", kind) for k, (kind, slots) in enumerate(many)]
    late = {"firms.n": 20, "conduct.temptation": 0.0, "rules.gate": "never_stop", "firms.attention_small": 20,
            **both(portfolio=weights, rebalance=True, seek=[]), "portfolio.review": 2}
    hold(f"late {weights}", {**BUSY, **late}, months=18, by_hand=by_hand)


def test_everything_that_can_happen_did():
    """Runs after the worlds above."""
    if len(SEEN) < len(VARIANTS) + len(LEVERS) + len(PORTFOLIOS):
        pytest.skip("needs the worlds above")
    total = sum(SEEN.values(), Counter())
    told = {"withdrew: steady", "withdrew: between", "withdrew: moonshot", "left: portfolio", "ended: portfolio",
            "capital bought: at founding", "capital bought", "stranded", "failed review"}
    assert not told - set(total), total
    assert SEEN["crowded nobody prunes"]["failed review"] and not SEEN["crowded nobody prunes"]["ended: kpi"]
    assert all(SEEN[f"late {weights}"]["withdrew"] for weights in PORTFOLIOS[1:])
    for name in ("portfolio none", "skewed weights"):
        assert not SEEN[name]["withdrew"]
    for name in ("capital nobody can pay", "never owned"):
        assert not SEEN[name]["capital bought: at founding"]
