"""Off: with every mechanism at its off-value, and each section's on by itself, engine and twin agree.

Alliances of all types are founded by hand, since in such worlds hardly anybody has a reason to ally.
"""

import dataclasses
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import allysim as al
from allysim import AllianceModel
from allysim.config.parameters import SECTIONS
from allysim.config.scenario import settable
from twin.agreement import ByHand, follow
from twin.test_restructuring import LEVERS
from twin.words import KINDS

MONTHS = 24
OFF = {key: field.parameter.off for key, field in settable().items() if field.parameter.off is not None}
SWITCHED = [section for section in SECTIONS if any(key.startswith(f"{section}.") for key in OFF)]
POPULATION = {"firms.n": 24, "firms.focal": 5, "firms.large_share": .25, "pilot.months": 12, "rules.gate": "never_stop"}
ON = {
    "scenario": {"scenario.jumps": True, "scenario.price_step": .25, "scenario.disruption_factor": 3.0},
    "strategy": {"strategy.seek": list(KINDS), **{f"strategy.{lever}": value for lever, value in LEVERS.items()}},
    "background": {"background.strategy.seek": list(KINDS),
                   **{f"background.strategy.{lever}": value for lever, value in LEVERS.items()}},
    "governance": {"governance.adaptive": True},
    "ip_protection": {"ip_protection": "full"},
    "alternatives": {"alternatives.build": True, "alternatives.buy": True},
    "tendering": {"tendering.rate": 1.5, "strategy.scope": ["tendering"], "background.strategy.scope": ["tendering"]},
    "process": {"process.effort": "joint", "rules.market": "cournot"},
}
"""What switches a section on whose mechanisms are off by default."""

WITH = {
    "scenario": ("environment",), "learning": ("environment",), "capability": ("research",),
    "ip_protection": ("leaks",), "data_sharing": ("sharing",),
    "governance": ("conduct", "disputes", "purchasing", "scaling"),
    "contract": ("purchasing",), "culture": ("purchasing",), "fit": ("coopetition",), "terms": ("purchasing", "trust"),
    "strategy": ("purchasing", "research"), "background": ("coopetition", "infrastructure"),
    "conduct": ("purchasing",), "separation": ("purchasing", "research"), "latency": ("disputes",),
    "scaling": ("purchasing",), "choice": ("purchasing", "strategy", "background"),
    "alternatives": ("infrastructure", "research", "strategy", "background"),
    "restructuring": ("strategy", "background", "customers", "latency"),
    "portfolio": ("strategy", "background", "purchasing"),
    "market": ("environment",), "legal": ("coopetition",),
}
"""Sections that only act where others do, and which."""

WORLD = {
    "subscriptions": {"firms.path": Path(__file__).parents[2] / "experiments" / "ev_charging" / "firms.csv"},
    "portfolio": {"firms.attention_small": 1, "firms.attention_large": 1, "strategy.stretch": 3.0,
                  "background.strategy.stretch": 3.0},
}
"""Worlds, on and off, for sections that act on certain firms only: those of a file, those that do too much."""

OFTEN = {"leaks.hazard": .3, "sharing.misuse": .2, "disputes.conflict": .3, "legal.rate": 1.0, "trust.lapse": .5,
         "conduct.temptation": 60.0, "separation.scale": 20.0, "demography.exit_incumbent": .02, "choice.explore": .5}
"""What is rare by default happens often where it is on."""

BY_HAND = [ByHand(0, [first, first + 1, 23 - first // 2], stage, kind)
           for first, (stage, kind) in zip(range(0, 16, 2), product(("pilot", "running"), KINDS), strict=True)]


def scenario(*on, world=None):
    """Return the world with everything off but the sections in `on`."""
    off = {key: value for key, value in OFF.items() if key.partition(".")[0] not in on}
    often = {key: value for key, value in OFTEN.items() if key.partition(".")[0] in on}
    chosen = [ON[section] for section in on if section in ON]
    switched = {key: value for one in chosen for key, value in one.items()}
    return al.scenario(**POPULATION, **(world or {}), **off, **often, **switched)


def at_the_end(config):
    """Return all columns after some months as bytes."""
    model = AllianceModel(config, rng=1, records="outcomes")
    for one in BY_HAND:
        model.form_alliance(one.slots, one.stage, one.kind)
    for _ in range(MONTHS):
        model.step()
    return [np.asarray(getattr(getattr(model.state, table), field.name)).tobytes()
            for table in ("firms", "ties", "alliances", "memberships", "world")
            for field in dataclasses.fields(getattr(model.state, table))]


def test_everything_off():
    _, turned = follow(scenario(), 1, MONTHS, by_hand=BY_HAND)
    assert not turned


@pytest.mark.parametrize("section", SWITCHED)
def test_each_section_alone(section):
    """With those it acts through; that it makes a difference is seen in the engine."""
    through, world = WITH.get(section, ()), WORLD.get(section)
    _, turned = follow(scenario(section, *through, world=world), 1, MONTHS, by_hand=BY_HAND)
    assert not turned
    acts = at_the_end(scenario(section, *through, world=world)) != at_the_end(scenario(*through, world=world))
    assert acts, (
        f"the mechanisms of {section}, on by themselves, do nothing here: name in WITH the sections they act through, "
        "or in OFTEN what is rare")


def test_sections_are_named_rightly():
    assert set(ON) | set(WITH) | {name for names in WITH.values() for name in names} <= set(SWITCHED)
