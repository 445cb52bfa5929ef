"""Restructuring (F27) and modularity of one's own (F18): engine and twin agree."""

from collections import Counter

import pytest

import allysim as al
from twin.agreement import follow
from twin.test_agreement import MONTHS, POPULATIONS, TURMOIL
from twin.test_types import EVERYTHING

LEVERS = {"focus": True, "cut": .08, "reinvest": .5, "invest": .05, "modularise": True, "unit": "spin_off"}
WITH = {"reinvest": {"cut": .08}}
EARLY = {"restructuring.review": 6}
"""Six reviews in three years."""
FENCED = {"restructuring.unit_capital": .2, "conduct.temptation": 60.0, "purchasing.no_leverage": 0.0}
"""Units that were spun off soon lose their capital."""
VARIANTS = {
    "by default": {},
    "poor": {"firms.cash_months": .2, "firms.ebitda_margin": .02, "restructuring.building": .2},
    "a review a month": {"restructuring.review": 1, "restructuring.modular_months": 1, "restructuring.lines": 1},
    "fenced in turmoil": {**TURMOIL, **FENCED},
    "slow decisions": {"latency.months": 4.0, "restructuring.unit_latency": .1},
    "all that F was": {"strategy.cut": .9, "background.strategy.cut": .4, "restructuring.decay": .05,
                       "restructuring.line_cost": 1.0, **EARLY},
    "cournot": {"rules.market": "cournot", "process.effort": "separate", **EARLY},
    "beside alternatives": {"alternatives.build": True, "alternatives.buy": True, **EARLY},
}
SEEN: Counter = Counter()


def both(**levers):
    """Return levers for focal and background firms alike."""
    return {f"{group}.{lever}": value for group in ("strategy", "background.strategy")
            for lever, value in levers.items()}


def hold(settings, world="supply_stress", months=MONTHS):
    twin, turned = follow(al.scenario(world, **settings), 1, months)
    assert not turned
    found = Counter(event.event for event in twin.events)
    SEEN.update(found)
    return found


@pytest.mark.parametrize("population", POPULATIONS)
def test_all_levers_in_three_populations(population):
    hold({**POPULATIONS[population], **EVERYTHING, **both(**LEVERS), "background.strategy.unit": "dedicated"})


@pytest.mark.parametrize("lever", LEVERS)
def test_each_lever_alone(lever):
    settings = {lever: LEVERS[lever], **WITH.get(lever, {})}
    hold({"firms.n": 24, **EVERYTHING, **TURMOIL, **both(**settings)}, "calm")


@pytest.mark.parametrize("variant", VARIANTS)
def test_sizes_away_from_their_defaults(variant):
    hold({"firms.n": 24, **EVERYTHING, **both(**LEVERS), **VARIANTS[variant]}, months=24)


def test_focal_firms_alone_restructure():
    found = hold({"firms.n": 24, "firms.focal": 8, **TURMOIL,
                  **{f"strategy.{lever}": value for lever, value in LEVERS.items()}})
    assert found["entry"] > 0  # of firms that have not been restructured


def test_everything_that_can_happen_did():
    """Runs after the worlds above."""
    if len(SEEN) < 20:
        pytest.skip("needs the worlds above")
    assert {"unit closed", "focused", "cut", "invested", "modularised", "unit founded"} <= set(SEEN)
