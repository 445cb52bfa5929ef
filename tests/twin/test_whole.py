"""Everything on at once: all types and scopes, every strategy, reform, portfolios and rules that change them."""

from collections import Counter

import pytest

import allysim as al
from allysim.config import presets
from allysim.config.yields import SCOPES
from twin.agreement import follow
from twin.test_agreement import POPULATIONS, TURMOIL
from twin.words import KINDS

MONTHS = 36
ALL = {f"{who}.{lever}": value for who in ("strategy", "background.strategy") for lever, value in {
    "seek": list(KINDS), "scope": list(SCOPES), "audit": True, "map": True, "learn": True, "ladder": True,
    "opportunities": "quick_wins", "portfolio": "seventy_twenty_ten", "rebalance": True, "stretch": 1.5, "focus": True,
    "cut": .05, "reinvest": .5, "modularise": True}.items()} | {
    "strategy.unit": "dedicated", "background.strategy.unit": "spin_off", "background.strategy.research": "radical",
    "strategy.commit": "at_once", "strategy.prepare": True, "strategy.pilot_months": 2, "strategy.pilot_members": 4,
    "governance": "adaptive", "ip_protection": "full", "tendering.rate": 1.0, "coopetition.quality_floor": .9,
    "alternatives.buy": True, "rules.strategy": "satisfice", "choice.visible": 6, "ecosystem.mapped": 9}


@pytest.mark.parametrize("mood", [{}, TURMOIL], ids=["as_it_is", "turmoil"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations(population, mood):
    months = 18 if population == "crowded" else MONTHS
    twin, turned = follow(al.scenario("perfect_storm", **{**POPULATIONS[population], **mood, **ALL}), 1, months)
    assert not turned
    told = Counter(event.event for event in twin.events)
    assert {"audited", "mapped", "founded", "focused", "cut", "modularised"} <= set(told)


@pytest.mark.parametrize("strategy", presets.names("strategy"))
def test_every_strategy(strategy):
    turned = follow(al.scenario("electric_shift", strategy=strategy, **{
        "background.strategy": "balanced", "firms.n": 30, "firms.focal": 15}), 2, 24)[1]
    assert not turned


@pytest.mark.parametrize("scenario", presets.names("scenario"))
def test_every_scenario(scenario):
    turned = follow(al.scenario(scenario, strategy="two_track_restructurer", **{
        "background.strategy": "coopetition_hub", "firms.n": 30}), 3, 24)[1]
    assert not turned
