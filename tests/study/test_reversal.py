"""The smallest change that reverses an answer: found where it is known, and not where there is none."""

from types import SimpleNamespace

import numpy as np
import pytest

import allysim as al
from allysim.config.sweeping import Dimension
from allysim.report.risks import reversal as part
from allysim.report.risks import reverses
from allysim.study import reversal
from allysim.study.comparison import Variant
from allysim.study.reversal import APART, NEEDED, Search, leaders, look, read
from allysim.study.simulate import Record

KEYS = {"purchasing.fee": (0.0, .05), "pilot.review": (3.0, 6.0), "trust.memory": (.9, .999)}
"""Assumptions of a world in which only the first counts: with it at its default allying gains 10 k€."""
DEFAULT, TURN = .02, .035
"""Value of the first that a scenario has, and that at which the gain is nothing."""


class Engine:
    """Stands in for the model: luck of the seed, and a gain of allying that falls with the fee."""

    def __init__(self, turn=TURN, scale=10.0):
        self.turn, self.scale, self.asked = turn, scale, []

    def gain(self, fee):
        return self.scale * (self.turn - fee) / (self.turn - DEFAULT)

    def __call__(self, task):
        self.asked.append(task)
        luck = np.random.default_rng(task.seed).normal(size=2)
        profit = 100 + 10 * luck[0]
        if task.scenario.strategy.seek:
            profit += self.gain(task.scenario.purchasing.fee) + luck[1]
        return Record({"focal.economic_profit": profit}, {})


@pytest.fixture
def world(monkeypatch):
    """A comparison in two scenarios, its points known, with an engine of its own."""
    def make(engine, points=64, replications=20):
        monkeypatch.setattr(reversal, "simulate", engine)
        worlds = [al.scenario(name, months=1, seed=3, **{"firms.n": 8, "firms.focal": 3})
                  for name in ("calm", "supply_stress")]
        variants = [Variant(one.scenario.name, strategy, one.replace({"strategy": strategy}), 2 * k, {})
                    for k, one in enumerate(worlds) for strategy in ("stand_alone", "procurement_first")]
        comparison = al.Comparison(variants, replications=replications, jobs=1)
        rows = [{"run": f"{k}-{seed}", "status": "SUCCEEDED", "error": "",
                 **engine(SimpleNamespace(scenario=variant.config, seed=seed)).outcomes}
                for k, variant in enumerate(variants) for seed in comparison.seeds]
        comparison.take_stored(rows, {})
        rng = np.random.default_rng(1)
        x = np.stack([rng.uniform(*bounds, size=points) for bounds in KEYS.values()], axis=1)
        profit = np.stack([np.zeros(points), engine.gain(x[:, 0])] * 2)[:, :, None]
        comparison.space = SimpleNamespace(
            plan=SimpleNamespace(dimensions=[Dimension(key, *bounds, key == "pilot.review")
                                             for key, bounds in KEYS.items()], keys=list(KEYS), points=points,
                                 values=x),
            values=lambda outcome: profit)
        engine.asked.clear()
        return comparison
    return make


def test_the_change_that_reverses_is_found_and_confirmed_by_fresh_seeds(world):
    """Ten pairs tell 10 k€ a unit of the way from none to within a few: the turn is at half of it."""
    engine = Engine()
    comparison = world(engine)
    found = Search(comparison, *leaders(comparison), runs=4000).run()
    half = (TURN - DEFAULT) / (KEYS["purchasing.fee"][1] - DEFAULT)
    assert (found.one, found.other, found.default) == ("procurement_first", "stand_alone", DEFAULT)
    assert found.least.key == "purchasing.fee" and half < found.least.way < half + .15
    assert found.least.value == pytest.approx(DEFAULT + found.least.way * (.05 - DEFAULT))
    assert found.least.found.high < 0 < found.start.low
    fresh = {task.seed for task in engine.asked if task.seed >= 3 + APART}
    assert len(fresh) == found.least.seeds and not fresh & {*comparison.seeds}
    assert "answer on buying together against standing alone: fee on pooled spend at" in said(comparison, found)


def said(comparison, found):
    comparison.reversal = found
    return reverses(comparison)


def test_what_does_nothing_costs_one_pair_and_is_counted(world):
    engine = Engine()
    comparison = world(engine)
    found = Search(comparison, *leaders(comparison), runs=4000).run()
    assert found.idle == 2 and [one.key for one in found.tried] == ["purchasing.fee"]
    assert sum(task.scenario.trust.memory != comparison.variants[0].config.trust.memory for task in engine.asked) == 4


def test_where_none_reverses_that_is_said(world):
    comparison = world(Engine(turn=.5))
    found = Search(comparison, *leaders(comparison), runs=4000).run()
    assert found.least is None and [one.key for one in found.tried] == ["purchasing.fee"]
    text = said(comparison, found)
    assert "Of the 3 assumptions" in text and "none turns the answer round" in text and "2 change nothing" in text
    assert part(comparison).grid.rows[0][0].startswith("fee on pooled spend (purchasing.fee)")


def test_an_unclear_answer_is_not_turned_round(world):
    engine = Engine(scale=0.0)
    comparison = world(engine)
    found = Search(comparison, *leaders(comparison), runs=4000).run()
    assert not engine.asked and found.tried == [] and found.least is None
    assert "luck leaves it open" in said(comparison, found) and part(comparison) is None


def test_a_small_budget_is_kept_to(world):
    engine = Engine()
    comparison = world(engine)
    search = Search(comparison, *leaders(comparison), runs=4 * 10 * NEEDED)
    found = search.run()
    assert found.tried and len(engine.asked) <= 4 * 10 * (NEEDED + 1)
    tiny = Search(comparison, *leaders(comparison), runs=8).run()
    assert not tiny.tried and not tiny.idle
    assert "a larger budget is needed" in said(comparison, tiny)


def test_losing_is_reversed_as_well(world):
    """Where allying loses, standing alone is the choice, set against the best of the others."""
    comparison = world(Engine(turn=.005, scale=-10.0))
    one, other = leaders(comparison)
    names = [comparison.variants[at[0]].strategy for at in (one, other)]
    assert names == ["stand_alone", "procurement_first"]
    found = Search(comparison, one, other, runs=4000).run()
    assert found.start.low > 0 and found.least is not None
    assert found.least.value < .005 and found.least.found.high < 0


def test_it_is_kept_and_read_again(world, tmp_path):
    comparison = world(Engine(), replications=60, points=60)
    found = look(comparison, tmp_path)
    again = read(tmp_path)
    assert again.least._replace(found=None) == found.least._replace(found=None)
    assert again.start == found.start and again.idle == found.idle
    assert comparison.reversal is found and read(tmp_path / "elsewhere") is None
    (tmp_path / "reversal.json").write_text("{}", encoding="utf-8")
    with pytest.raises(al.errors.StoreError, match=r"reversal\.json cannot be read"):
        read(tmp_path)
