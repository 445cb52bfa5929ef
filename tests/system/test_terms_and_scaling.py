"""Paired runs on the same luck: terms (F19) and scaling (F20) move what they directly act on, in the cited direction.

Three fixed populations, fixed seeds, and z > 4 in each: were there no effect, a row would pass all three about once in
3e13 times. What these levers do to profit or survival is a finding and is not tested here.
"""

import numpy as np
import pytest

import allysim as al
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.dealings.terms import relative, strike
from allysim.state import ENDED, PILOT, RESIDUAL, SCALED

pytestmark = pytest.mark.slow

POPULATIONS = {
    "default": {},
    "skewed": {"firms.n": 60, "firms.large_share": .3, "firms.small_spread": 1.2, "firms.large_spread": 1.0},
    "crowded": {"firms.n": 80, "choice.visible": 25, "pilot.members": 5},
}
LIVELY = {"scaling.reviews": 1, "scaling.months": 3, "scaling.trust": .5, "administration.scale": .2}


ALLIED = {"strategy": "stand_alone", "background.strategy": "stand_alone", "rules.gate": "never_stop",
          "conduct.temptation": 0.0, "administration.scale": 0.0, "purchasing.fee": 0.0}
"""All firms are put in alliances of three at month 0, and only what a row is about ends them."""


def played(months, seed, settings):
    model = al.AllianceModel(al.scenario(**settings), rng=seed, records="series")
    if settings.keys() >= ALLIED.keys():
        for first in range(0, len(model.state.firms.key) - 2, 3):
            model.form_alliance(range(first, first + 3))
    for _ in range(months):
        model.step()
    return model


def members_of_scaled(model):
    alliances = model.state.alliances
    scaled = alliances.stage[:model.state.world.n_alliances] == SCALED
    return alliances.members[:model.state.world.n_alliances][scaled].mean()


def short_today(model):
    """Share of all members past their pilot who get a thousandth less than they would by today's Shapley value."""
    state = model.state
    members, roster, short = state.memberships, state.roster, []
    for k, a in enumerate(roster.alliances):
        if state.alliances.stage[a] == PILOT:
            continue
        rows = roster.rows[roster.start[k]:roster.start[k + 1]]
        today = strike(model, members.firm[rows][None, :], np.array([rows.size]), np.array([a]), rows)
        short += (today.agreed - relative(rows, members.agreed) > .001).tolist()
    return np.mean(short) if short else 0.0


def separations(model):
    """Share of alliances past their pilot that the residual hazard ended."""
    n, alliances = model.state.world.n_alliances, model.state.alliances
    went = alliances.go[:n] >= 0
    return ((alliances.stage[:n] == ENDED) & (alliances.cause[:n] == RESIDUAL) & went).sum() / went.sum()


def setup_paid(model):
    """Mean set-up cost of the alliances founded, k€ each."""
    n = model.state.world.n_alliances
    events = model.results().events
    return events[events.event == "founded"].amount.sum() / n


UP, DOWN = 1, -1
ROWS = {
    # what is measured, sign, the lever with two values, months, seeds, and what makes much of it happen
    "a larger cap: more members per scaled alliance (F20)": (
        members_of_scaled, UP, "scaling.cap_procurement", 3, 10, 60, 24,
        {**LIVELY, "pilot.members": 3, "conduct.temptation": 3.5}),
    "terms reopened after the pilot: fewer are short (F19)": (
        short_today, DOWN, "terms.reopen", False, True, 13, 24,
        {**ALLIED, "rules.value_split": "shapley", "pilot.months": 12, "environment.disruption_rate": 0.0}),
    "more weight of unfairness: more separation (F19, F17)": (
        separations, UP, "terms.separation", 0.0, 30.0, 36, 12,
        {**ALLIED, "separation.scale": 120.0}),
    "a reuse that saves more: cheaper set-up (F20)": (
        setup_paid, DOWN, "scaling.reuse", 0.0, .5, 84, 12, {**LIVELY, "separation.scale": 40.0}),
}


def z_of(row, population):
    measured, sign, lever, low, high, months, seeds, settings = row
    world = {**POPULATIONS[population], **settings}
    change = [measured(played(months, seed, {**world, lever: high}))
              - measured(played(months, seed, {**world, lever: low})) for seed in range(1, seeds + 1)]
    return sign * np.mean(change) / (np.std(change, ddof=1) / np.sqrt(seeds))


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("row", ROWS)
def test_direct_consequence(row, population):
    assert z_of(ROWS[row], population) > 4.0


def largest_ever(founders, cap, population):
    settings = {**POPULATIONS[population], **LIVELY, "pilot.members": founders,
                **{f"scaling.cap_{kind}": cap for kind in ALLIANCE_TYPES}}
    largest = 0
    for seed in range(1, 5):
        model = al.AllianceModel(al.scenario(**settings), rng=seed, records="series")
        for _ in range(60):
            model.step()
            largest = max(largest, int(model.state.alliances.members[:model.state.world.n_alliances].max(initial=0)))
    return largest


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize(("founders", "cap"), [(2, 0), (2, 3), (3, 3), (3, 4)])
def test_caps_bind(population, founders, cap):
    """Charters admit up to the cap and nobody beyond it."""
    assert largest_ever(founders, cap, population) == max(founders, cap)
