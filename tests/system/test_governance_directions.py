"""What rules of governance do at once, in whole runs: paired on the same luck, in three fixed populations.

Each test moves one lever in runs with the same seeds and asks that the mean difference is more than four standard
errors in the direction its source gives (error rate 3e-5 each where the lever does nothing; seeds are fixed). Only
direct consequences are asserted; what firms earn by them is a finding.
"""

import math

import numpy as np
import pytest

import allysim as al

MONTHS = 48
POPULATIONS = {
    "few": ({"firms.n": 20, "firms.focal": 5}, 32),
    "skewed": ({"firms.n": 60, "firms.large_share": .3, "firms.small_spread": 1.2}, 12),
    "crowded": ({"firms.n": 100, "choice.visible": 16, "pilot.members": 5}, 8),
}
"""Settings and number of seeds."""

LIVELY = {"choice.search_months": 1, "administration.scale": .1, "pilot.stop": .05, "conduct.temptation": 12.0}
"""Enough alliances, conflicts and breaches to count; governance costs little, so that no lever prices alliances out."""


def runs(population, prepare, settings):
    """Yield what runs of a population left, seed by seed; `prepare` may change its firms at month 0."""
    drawn, seeds = POPULATIONS[population]
    scenario = al.scenario(months=MONTHS, **{**drawn, **LIVELY, **settings})
    for seed in range(1, seeds + 1):
        model = al.AllianceModel(scenario, rng=seed, records="series")
        prepare(model.state.firms)
        for _ in range(MONTHS):
            model.step()
        yield model.results()


def alliance_months(left):
    """Return how many months alliances lived."""
    ended = left.alliances.ended.astype("float").fillna(MONTHS)
    return (ended - left.alliances.founded).sum()


def conflicts(left, cause=("resolved", "unresolved")):
    """Return conflicts per alliance and month."""
    found = left.events[(left.events.event == "conflict") & left.events.cause.isin(cause)]
    return len(found) / alliance_months(left)


def months_to_effect(left):
    """Return the mean months from a verdict to its effect, over those that took effect."""
    events = left.events[left.events.event.isin(["verdict", "go", "extended", "stopped"])]
    waits = []
    for _, own in events.groupby("alliance"):
        months, names = own.month.to_numpy(), own.event.tolist()
        waits += [months[k + 1] - months[k] for k in range(len(own) - 1) if names[k] == "verdict"]
    return np.mean(waits)


def ended_within(left, months=12):
    """Return the share of alliances that end within some months of go, among those watched as long."""
    gone = left.alliances.dropna(subset="go")
    gone = gone[gone.go <= MONTHS - months]
    return (gone.ended.astype("float").fillna(math.inf) - gone.go.astype("float") <= months).mean()


def setup(left):
    """Return the mean cost of setting an alliance up, k€."""
    return left.events[left.events.event == "founded"].amount.sum() / len(left.alliances)


def seen(left):
    """Return the share of breaches that are seen."""
    return (left.events[left.events.event == "breach"].cause == "seen").mean()


def as_they_are(firms):
    """Change nothing."""


def modular(share):
    """Return what makes all firms of month 0 as modular as that."""
    def prepare(firms):
        firms.modularity[:] = share
    return prepare


DOWN, UP = -1, +1
LEVERS = {
    # Mohr & Spekman 1994: how conflicts are resolved; the settings, what is measured and which way it moves
    "a dispute clause leaves fewer conflicts unresolved": (
        DOWN, lambda left: conflicts(left, ("unresolved",)), as_they_are, {"governance.dispute_clause": False},
        as_they_are, {"governance.dispute_clause": True}),
    "decision rights lower conflicts": (
        DOWN, conflicts, as_they_are, {"governance.decision_rights": 0.0},
        as_they_are, {"governance.decision_rights": 1.0}),
    # Provan & Kenis 2008
    "decision rights lower latency": (
        DOWN, months_to_effect, as_they_are, {"governance.decision_rights": 0.0},
        as_they_are, {"governance.decision_rights": 1.0}),
    "completeness raises latency": (
        UP, months_to_effect, as_they_are, {"governance.completeness": 0.0},
        as_they_are, {"governance.completeness": 1.0}),
    "notice delays ends": (
        DOWN, ended_within, as_they_are, {"governance.notice": 0, "separation.scale": 10.0},
        as_they_are, {"governance.notice": 12, "separation.scale": 10.0}),
    # Sanchez & Mahoney 1996
    "modularity lowers set-up": (DOWN, setup, modular(.2), {}, modular(.8), {}),
    # Friedman 1971: what is seen
    "dashboards raise the share of breaches that are seen": (
        UP, seen, as_they_are, {"governance.dashboard": 0.0}, as_they_are, {"governance.dashboard": 1.0}),
}


@pytest.mark.slow
@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("lever", LEVERS)
def test_direction(lever, population):
    sign, measure, prepare, low, prepare_high, high = LEVERS[lever]
    gaps = np.array([measure(more) - measure(less) for more, less in
                     zip(runs(population, prepare_high, high), runs(population, prepare, low), strict=True)])
    gaps = gaps[~np.isnan(gaps)]
    assert len(gaps) >= .8 * POPULATIONS[population][1]
    z = gaps.mean() / (gaps.std(ddof=1) / math.sqrt(len(gaps)))
    print(f"{lever} ({population}): {gaps.mean():+.4f}, z = {z:+.1f}")
    assert sign * z > 4
