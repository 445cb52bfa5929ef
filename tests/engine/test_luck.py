"""Luck belongs to identities: not to the number of firms, to levers, to the order of runs or to the machine's cores."""

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.study import executors
from allysim.study.executors import run_all
from allysim.study.simulate import Task, simulate

TRAITS = ("key", "capability", "culture", "modularity", "risk_aversion", "honesty", "launch_age", "search_phase",
          "disposition")
OWN = "firm,revenue,hardware\nAlder,35,.7\nBirch,420.5,.2\nCedar,10,.4\n"
ONE_MORE = OWN + "Dogwood,60,.5\n"
SHOCKS = ("own_demand", "own_price", "input_index", "disrupted")
COMMON = ("common_demand", "common_price")
NO_EXITS = {"demography.exit_incumbent": 0.0, "demography.ruin": False}
LEVERS = [{"strategy": "stand_alone"}, {"background.strategy": "stand_alone"}, {"governance": "none"},
          {"governance": "heavy"}, {"purchasing.discount": .3}, {"conduct.temptation": 40.0}, {"pilot.members": 5}]


def made(*, seed=5, **settings):
    return al.AllianceModel(al.scenario("supply_stress", months=24, **{"firms.n": 40, **settings}), rng=seed)


def shocks(model, slots=slice(None), columns=SHOCKS, months=24):
    """Step through the months and return every shock of each."""
    seen = []
    for _ in range(months):
        model.step()
        own = [getattr(model.state.firms, name)[slots].copy() for name in columns]
        seen.append([*own, *(getattr(model.state.world, name) for name in COMMON)])
    return seen


def same(first, second):
    return all(np.array_equal(a, b) for x, y in zip(first, second, strict=True) for a, b in zip(x, y, strict=True))


def outcomes(scenario, seed):
    return al.run(scenario, seed=seed).outcomes


# One more firm

def test_one_more_firm_leaves_the_traits_of_all_others_as_they_were():
    few, many = made(**{"firms.n": 40}).state.firms, made(**{"firms.n": 41}).state.firms
    for name in (*TRAITS, "revenue", "large", "focal"):
        assert np.array_equal(getattr(few, name), getattr(many, name)[:40]), name


@pytest.mark.parametrize("n", [60, None])
def test_one_more_firm_of_ones_own_leaves_the_traits_of_all_others_as_they_were(tmp_path, n):
    """A row added to the file takes the place of one drawn firm, or with firms.background is one more in all."""
    worlds = []
    for name, text in (("three.csv", OWN), ("four.csv", ONE_MORE)):
        (tmp_path / name).write_text(text)
        size = {"firms.n": n} if n else {"firms.background": 50}
        worlds.append(made(**{"firms.path": str(tmp_path / name)}, **size).state.firms)
    few, many = worlds
    others = np.delete(np.arange(min(len(few.key), len(many.key))), 3)
    for name in (*TRAITS, "revenue", "large"):
        assert np.array_equal(getattr(few, name)[others], getattr(many, name)[others]), name


def test_one_more_firm_leaves_the_shocks_of_all_others_as_they_were():
    few, many = made(**NO_EXITS), made(**NO_EXITS, **{"firms.n": 41})
    few.state.firms.home[:] = many.state.firms.home[:40]  # a newcomer may change where a firm sells most
    assert same(shocks(few), shocks(many, slice(40)))


def test_another_seed_is_other_luck():
    one, two = made().state.firms, made(seed=6).state.firms
    for name in ("capability", "risk_aversion", "honesty", "revenue"):
        assert not np.isclose(getattr(one, name), getattr(two, name)).any(), name
    assert not same(shocks(made(), columns=("own_demand",), months=1), shocks(made(seed=6), columns=("own_demand",),
                                                                              months=1))


# Levers

@pytest.mark.parametrize("lever", LEVERS, ids=str)
def test_a_lever_leaves_all_shocks_as_they_were(lever):
    plain, moved = made(**NO_EXITS), made(**NO_EXITS, **lever)
    assert same(shocks(plain), shocks(moved))
    assert plain.results().outcomes != moved.results().outcomes


def test_exits_and_entries_leave_the_shocks_of_slots_as_they_were():
    """Disruptions of a segment strike whoever is at home there, so they are left out here."""
    columns = ("own_demand", "own_price", "input_index")
    calm, stormy = made(**NO_EXITS), made(**{"demography.exit_incumbent": .05, "demography.exit_entrant": .05})
    assert same(shocks(calm, columns=columns), shocks(stormy, columns=columns))
    assert stormy.state.firms.generation.max() >= 1


@pytest.mark.parametrize("lever", LEVERS[:3], ids=str)
def test_a_lever_does_not_shift_who_exits_by_chance_and_who_enters(lever):
    """Who a firm is hangs on slot and generation alone: honest (say) are the same entrants in both worlds.

    Capabilities are those it was born with: what research adds to them differs.
    """
    settings = {"demography.ruin": False, "demography.exit_incumbent": .03, "demography.exit_entrant": .05}
    found = []
    for more in ({}, lever):
        model = al.AllianceModel(al.scenario("supply_stress", months=36, **{"firms.n": 40}, **settings, **more), rng=5)
        firms, born = model.state.firms, {}
        for month in range(37):
            born.update(zip(firms.key.tolist(), firms.born.tolist(), strict=True))
            if month < 36:
                model.step()
        told = model.results().firms
        found.append((told[["firm", "slot", "generation", "founded", "honesty", "risk_aversion", "modularity"]], born))
    (first, born), (second, again) = found
    assert (first.generation > 0).sum() > 20
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert born == again and len(born) == len(first)


# Order, processes, machines

def test_the_same_seed_gives_the_same_bits_in_any_order():
    one = al.scenario("supply_stress", months=24, **{"firms.n": 30})
    two = one.replace(governance="none", **{"firms.n": 50})
    runs = {(name, seed): outcomes(s, seed) for name, s in (("one", one), ("two", two)) for seed in (1, 2)}
    for (name, seed), before in reversed(runs.items()):
        assert outcomes(one if name == "one" else two, seed) == before


def test_two_models_that_take_turns_do_not_meet():
    apart = [made(), made(governance="none")]
    for model in apart:
        shocks(model)
    turns = [made(), made(governance="none")]
    for _ in range(24):
        for model in turns:
            model.step()
    for a, b in zip(apart, turns, strict=True):
        assert a.results().outcomes == b.results().outcomes


def test_what_is_recorded_shapes_nothing():
    scenario = al.scenario("supply_stress", months=24, **{"firms.n": 30})
    full, series, least = (al.run(scenario, seed=3, records=level) for level in ("full", "series", "outcomes"))
    assert full.outcomes == series.outcomes == least.outcomes
    pd.testing.assert_frame_equal(full.series, series.series, check_exact=True)


def test_one_process_or_two(monkeypatch):
    monkeypatch.setattr(executors, "START_SECONDS", -1.0)
    scenario = al.scenario("supply_stress", months=12, **{"firms.n": 20})
    tasks = [Task(scenario, seed, "outcomes") for seed in range(6)]
    serial = [simulate(task).outcomes for task in tasks]
    assert [result.value.outcomes for result in run_all(tasks, simulate, jobs=2)] == serial


def test_a_strategy_against_itself_differs_by_nothing():
    """Paired runs share all luck: the same strategy under another name changes not one bit."""
    scenario = al.scenario("supply_stress", months=24, **{"firms.n": 30})
    renamed = scenario.replace({"strategy.name": "another", "strategy.belief": "the same"})
    assert outcomes(scenario, 4) == outcomes(renamed, 4)
