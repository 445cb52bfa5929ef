"""Firms that follow others' strategies or look for a better one: engine and twin agree."""

import pytest

import allysim as al
from twin.agreement import follow
from twin.test_agreement import POPULATIONS, TURMOIL

MONTHS = 48
CHANGING = {"strategy": "stand_alone", "restructuring.review": 6, "background.strategy.seek": ["procurement", "rnd"]}


@pytest.mark.parametrize("rule", ["imitate", "satisfice"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations(population, rule):
    settings = {**POPULATIONS[population], **CHANGING, "rules.strategy": rule}
    months = 24 if population == "crowded" else MONTHS
    twin, turned = follow(al.scenario("supply_stress", **settings), 1, months)
    assert not turned
    assert any(event.event == "strategy changed" for event in twin.events)


@pytest.mark.parametrize("more", [{"course.own_past": 0.0}, {"course.own_past": 1.0}, {"choice.visible": 1}, TURMOIL],
                         ids=["peers only", "own past only", "one in view", "turmoil"])
def test_far_from_the_defaults(more):
    settings = {"firms.n": 30, **CHANGING, "rules.strategy": "satisfice", **more}
    twin, turned = follow(al.scenario(**settings), 3, MONTHS)
    assert not turned
    assert any(event.event == "strategy changed" for event in twin.events)
