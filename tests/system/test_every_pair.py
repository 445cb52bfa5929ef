"""Eight scenarios and eleven strategies: all are there, no two are the same, and every pair runs."""

import itertools
import math

import pytest

import allysim as al
from allysim.config import presets

SCENARIOS = ("calm", "commodity_cycle", "demand_slump", "electric_shift", "perfect_storm", "price_war",
             "software_defined", "supply_stress")
STRATEGIES = ("balanced", "barbell", "coopetition_hub", "cut_only", "invest_only", "moonshot", "procurement_first",
              "quick_wins", "rnd_network", "stand_alone", "two_track_restructurer")
SMALL = {"firms.n": 40, "firms.focal": 20}


def test_all_are_there():
    assert presets.names("scenario") == SCENARIOS
    assert presets.names("strategy") == STRATEGIES


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_pair_runs_for_two_years(scenario, strategy):
    run = al.run(al.scenario(scenario, strategy=strategy, months=24, **SMALL), seed=3)
    assert len(run.series) == 25
    assert all(math.isfinite(value) for name, value in run.outcomes.items() if not name.startswith("focal.consumer"))


@pytest.fixture(scope="module")
def told():
    """What happened in three years on the same luck, by strategy."""
    runs = {name: al.run(al.scenario("electric_shift", strategy=name, months=36, **SMALL), seed=3)
            for name in STRATEGIES}
    return {name: run.events.drop(columns="amount").to_csv() for name, run in runs.items()}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(STRATEGIES, 2)))
def test_no_two_strategies_lead_to_the_same_events(told, one, other):
    assert told[one] != told[other]


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_says_what_it_believes_and_which_claim_it_stands_for(name):
    known = presets.load("strategy", name)
    assert known["belief"].endswith(".")
    assert known["claim"].startswith("C")
    assert 1 <= int(known["claim"][1:]) <= 45
