"""Scenarios and a user's own drivers: engine and twin agree on every number."""

from pathlib import Path

import pytest

import allysim as al
from allysim.config import presets
from allysim.config.scenario import settable
from twin.agreement import follow
from twin.luck import Luck
from twin.test_agreement import MONTHS, POPULATIONS, TURMOIL, moved, parts

OWN = Path(__file__).parents[1] / "study" / "drivers.csv"
MOODS = {"as it is": {}, "turmoil": TURMOIL, "cournot": {"rules.market": "cournot", **TURMOIL}}
WILD = {
    "scenario.price_cycle": .5, "scenario.price_cycle_months": 7, "scenario.price_cycle_phase": 3,
    "scenario.slump": .6, "scenario.slump_from": 2, "scenario.slump_fall": 1, "scenario.slump_stay": 0,
    "scenario.slump_recovery": 9, "scenario.price_war": 1.8, "scenario.price_war_from": 1,
    "scenario.price_war_until": 30, "scenario.jumps": True, "environment.jump_rate": .3,
}


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("world", [name for name in presets.names("scenario") if name != "calm"])
def test_every_scenario(world, mood):
    _, turned = follow(al.scenario(world, **POPULATIONS["small"], **MOODS[mood]), 1, MONTHS)
    assert not turned


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("world", ["calm", "perfect_storm"])
def test_a_users_series(world, mood):
    """In place of what the scenario does with the same drivers."""
    settings = {**POPULATIONS["small"], **MOODS[mood], "scenario.path": OWN}
    twin, turned = follow(al.scenario(world, **settings), 1, MONTHS)
    assert not turned
    assert twin.price_sensitivity == pytest.approx(.9 * 2.5)
    assert twin.demand_factor == pytest.approx([1.15 * f for f in (.95, 2.5, .7, 1.2)])


@pytest.mark.parametrize("mood", MOODS)
def test_wild(mood):
    assert follow(al.scenario(**POPULATIONS["small"], **MOODS[mood], **WILD), 1, MONTHS)[1] == set()


@pytest.mark.slow
@pytest.mark.parametrize("population", ["skewed", "crowded"])
@pytest.mark.parametrize("world", ["price_war", "perfect_storm", "own"])
def test_other_populations(population, world):
    own = {"scenario.path": OWN} if world == "own" else {"scenario": world}
    assert follow(al.scenario(**own, **POPULATIONS[population], **TURMOIL), 1, MONTHS)[1] == set()


@pytest.mark.parametrize("key", [key for key in settable() if key.startswith((
    "scenario.price_cycle", "scenario.slump", "scenario.price_war", "scenario.disruption"))])
def test_no_lever_can_be_moved_unnoticed(key):
    scenario = al.scenario(**POPULATIONS["small"], **WILD, **{"scenario.disruption_factor": 9.0,
                                                             "scenario.disruption_until": 20})
    assert parts(scenario, Luck(1), key, moved(settable()[key], scenario.flat()[key]))
