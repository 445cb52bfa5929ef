"""In whole runs, levers of R&D move what they directly act on: paired runs of three fixed populations, z > 4.

All firms are put in R&D alliances of three at month 0 that nothing but their firms' ends breaks up, so that two runs
of a seed differ in what sprints add and in what follows from it. What these levers do to profit is a finding.
"""

import functools
import math

import numpy as np
import pytest

import allysim as al

pytestmark = pytest.mark.slow

SEEDS = range(1, 17)
POPULATIONS = {
    "small": {"firms.n": 24, "firms.focal": 8, "firms.large_share": 0.0},
    "default": {"firms.n": 42},
    "skewed": {"firms.n": 42, "firms.large_share": .3, "firms.small_spread": 1.2, "firms.large_spread": 1.0},
}
TOGETHER = {
    "strategy": "stand_alone", "background.strategy": "stand_alone", "rules.gate": "never_stop",
    "conduct.temptation_rnd": 0.0, "administration.scale": 0.0, "research.intensity": 1.0, "research.budget": .001,
    "separation.rnd": 0.0, "disputes.conflict": 0.0, "demography.ruin": False, "demography.exit_incumbent": 0.0,
    "governance.notice": 0,
}
MONTHS = 24


@functools.cache
def played(scenario, seed):
    model = al.AllianceModel(scenario, rng=seed, records="series")
    for first in range(0, len(model.state.firms.key) - 2, 3):
        model.form_alliance(range(first, first + 3), type="rnd")
    for _ in range(MONTHS):
        model.step()
    return model


def learning(model):
    """Capability that sprints added and that is still there, over all members."""
    return model.state.memberships.learned[:model.state.world.n_memberships].sum()


def developed(model):
    """Capability that firms have beyond what they were born with."""
    return model.state.firms.developed.sum()


def leaks(model):
    return sum(np.size(part[2]) for part in model.events.parts if part[1] == "leak")


def successes(model):
    return model.state.alliances.successes[:model.state.world.n_alliances].sum()


def size_of_success(model):
    """Mean of what a success added to an alliance, roughly: what is still there."""
    return learning(model) / max(1, successes(model))


FREQUENT = {"leaks.hazard": .1, "leaks.closes": 0.0, "trust.bad": 0.0}
PARTED = {"separation.rnd": 1.8, "separation.scale": 12.0}
CLAIMS = {
    "compartments lower leaks": (leaks, -1, FREQUENT, {"ip_protection.compartments": 1}),
    "compartments lower learning": (learning, -1, {"leaks.hazard": 0.0}, {"ip_protection.compartments": 1}),
    "compartments lower learning where leaks are many too": (learning, -1, FREQUENT, {"ip_protection.compartments": 1}),
    "the more tacit, the more compartments lower learning": (
        learning, -1, {"ip_protection.compartments": 1}, {"research.tacit": .5}),
    "outsiders' research raises learning": (learning, +1, {"research.outside": 0.0}, {"research.outside": .2}),
    "who leaves keeps less where each owns its own": (developed, -1, PARTED, {"ip_protection.owner": "each_own"}),
    "who leaves keeps less where the lead owns all": (developed, -1, PARTED, {"ip_protection.owner": "lead"}),
    "radical research succeeds less often": (successes, -1, {}, {"strategy.research": "radical",
                                                                 "background.strategy.research": "radical"}),
    "a radical success adds more": (size_of_success, +1, {}, {"strategy.research": "radical",
                                                              "background.strategy.research": "radical"}),
}


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_lever_of_research_moves_what_it_acts_on(claim, population):
    measure, sign, given, lever = CLAIMS[claim]
    without = al.scenario(**{**TOGETHER, **POPULATIONS[population], **given})
    moved = without.replace(lever)
    gain = np.array([sign * (measure(played(moved, seed)) - measure(played(without, seed))) for seed in SEEDS], float)
    z = gain.mean() / (gain.std(ddof=1) / math.sqrt(len(gain)))
    assert z > 4.0, f"{claim}, {population}: z = {z:.1f}, {gain}"
