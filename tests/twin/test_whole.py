"""Everything on at once: all types and scopes, every strategy, reform, portfolios and rules that change them."""

import re
from pathlib import Path

import pytest

import allysim as al
from allysim.config import presets
from allysim.config.yields import SCOPES
from twin.agreement import follow
from twin.test_agreement import POPULATIONS, TURMOIL
from twin.test_portfolio import BUSY, FAST, both
from twin.test_types import LASTING
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


RICH = {**BUSY, **FAST, **LASTING, **both(stretch=1.5, commit="at_once", opportunities="quick_wins", ladder=False)} | {
    "background.strategy.stretch": 3.0, "strategy.portfolio": "moonshot", "portfolio.tolerance": 0.0,
    "firms.cash_months": 24.0, "firms.large_share": .2, "firms.attention_small": 3, "choice.expected_life": 90.0,
    "alternatives.build": True, "alternatives.buy": False, "scaling.trust": 0.0, "scaling.months": 0, "pilot.months": 1,
    "pilot.go": .5, "conduct.temptation": 9.0, "separation.scale": 30.0, "separation.rnd": 5.0,
    "demography.exit_incumbent": .004, "legal.rate": 1.0, "governance.completeness": .1, "research.intensity": 1.5,
    "rules.value_split": "contribution", "ip_protection.owner": "lead", "scenario.software": .03,
    "scenario.price_cycle": .2, "infrastructure.capital": 10.0, "infrastructure.life": 24,
    "infrastructure.user_fee": .01, "infrastructure.upkeep": .01, "infrastructure.rent": .2,
    "infrastructure.outage": .3, "infrastructure.buyout": 1.0}
"""Firms have cash, alliances are proven at once, little is written down: ventures come and go, rivals are fined."""
MOODS = {"as it is": {}, "turmoil": TURMOIL, "rich": RICH}
SEEN: dict[tuple[str, str], set[str]] = {}


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations(population, mood):
    twin, turned = follow(al.scenario("perfect_storm", **{**POPULATIONS[population], **ALL, **MOODS[mood]}), 1, MONTHS)
    assert not turned
    SEEN[population, mood] = {event.event for event in twin.events}


def test_everything_that_can_happen_did():
    """Runs after the worlds above: between them all events happen that the documentation has."""
    if len(SEEN) < len(POPULATIONS) * len(MOODS):
        pytest.skip("needs the worlds above")
    text = (Path(__file__).parents[2] / "docs" / "model" / "concepts.md").read_text(encoding="utf-8")
    events = set(re.findall(r"^\| `([a-z ]+)` \|", text.partition("| event | what happened")[2], re.MULTILINE))
    assert len(events) > 40 and not events - set().union(*SEEN.values())


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
