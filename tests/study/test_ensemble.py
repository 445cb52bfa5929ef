"""Ensembles: what luck alone does to one scenario, on made-up runs and on real ones."""

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim import kpis
from allysim.errors import AllysimError, ConfigError, RunError
from allysim.report import figures

SMALL = {"firms.n": 12, "firms.focal": 4, "months": 6, "jobs": 1}


@pytest.fixture
def done(made_up):
    return al.Ensemble(al.scenario(months=12, jobs=1, **{"firms.n": 20}), replications=50).run()


def test_table(done):
    table = done.table
    assert list(table.columns) == ["group", "kpi", "mean", "sd", "low", "high", "p10", "p50", "p90", "replications"]
    assert len(table) == len(kpis.figures()) and (table["replications"] == 50).all()
    values, row = done.runs["focal.economic_profit"], table.iloc[0]
    assert (row["group"], row["kpi"]) == ("focal", "economic_profit")
    assert row["mean"] == pytest.approx(values.mean()) and row["sd"] == pytest.approx(values.std())
    assert [row["p10"], row["p50"], row["p90"]] == pytest.approx(list(np.quantile(values, (.1, .5, .9))))
    assert row["high"] - row["mean"] == pytest.approx(2.00958 * values.std() / 50**.5, rel=1e-4)
    assert row["low"] < 105 < row["high"]  # the made-up runs end at 100 + 5 on average


def test_bands_end_at_the_table(done):
    end = done.bands("focal.economic_profit")
    row = done.table.iloc[0]
    assert [getattr(end, name)[-1] for name in ("mean", "low", "high", "p10", "p50", "p90")] == pytest.approx(
        [row[name] for name in ("mean", "low", "high", "p10", "p50", "p90")])
    assert (end.p10 <= end.p50).all() and (end.p50 <= end.p90).all() and list(end.month) == list(range(13))
    assert len(done.series) == len(kpis.figures()) * 13
    assert list(done.series.columns) == ["group", "kpi", "month", "mean", "low", "high", "p10", "p50", "p90"]


def test_sentences_are_computed(done):
    first, second = done.statements()
    row = done.table.iloc[0]
    assert first.startswith(f"Cumulative economic profit of the focal firms is {row['mean']:.1f} k€ per firm on ")
    assert first.endswith(f"(95 % interval {row['low']:.1f} to {row['high']:.1f}; 50 replications, 12 months).")
    assert second.startswith("Half of all runs are below ") and "the middle 80 % lie from " in second


def test_the_picture_says_what_it_found_and_has_its_data(done, tmp_path):
    axes = al.plot(done)
    figures.save(axes, figures.ensemble_data(done), tmp_path / "fan.svg")
    text = (tmp_path / "fan.svg").read_text()
    assert "Cumulative economic profit of the focal firms is" in text and "half of all runs" in text
    data = pd.read_csv(tmp_path / "fan.csv")
    assert len(data) == 13
    line = next(line for line in axes.lines if len(line.get_xdata()) == 13)
    assert np.allclose(line.get_ydata(), data["p50"])


def test_replication_k_is_the_run_with_seed_plus_k():
    scenario = al.scenario(seed=40, **SMALL)
    done = al.Ensemble(scenario, replications=3).run()
    assert done.seeds == [40, 41, 42]
    for seed, row in zip(done.seeds, done.runs.to_dict("records"), strict=True):
        outcomes = al.run(scenario, seed=seed, records="outcomes").outcomes
        assert {name: row[name] for name in outcomes} == outcomes


def test_a_failed_run_costs_itself_only(made_up):
    made_up.fails = {3}
    done = al.Ensemble(al.scenario(**SMALL), replications=5).run()
    assert done.failed == 1 and set(done.table["replications"]) == {4}
    assert np.isfinite(done.series["mean"]).all()
    made_up.fails = set(range(100))
    with pytest.raises(RunError, match="all 5 runs failed"):
        al.Ensemble(al.scenario(**SMALL), replications=5).run()


def test_what_is_refused(made_up):
    with pytest.raises(AllysimError, match=r"this ensemble has not been run: call its run\(\) first"):
        al.Ensemble(al.scenario(**SMALL)).table  # noqa: B018
    with pytest.raises(ConfigError, match="replications=1 is not allowed"):
        al.Ensemble(al.scenario(**SMALL), replications=1)
    bare = al.Ensemble(al.scenario(**SMALL), replications=3, records="outcomes").run()
    assert len(bare.table) == len(kpis.figures())
    with pytest.raises(AllysimError, match="records=series"):
        al.plot(bare)
    with pytest.raises(AllysimError, match="there is no outcome"):
        bare.statements("own_goal")
