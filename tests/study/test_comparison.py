"""Comparisons: pairing, labels, tables and sentences, on made-up runs and on real ones."""

import numpy as np
import pytest

from allysim.config import scenario
from allysim.errors import AllysimError, ConfigError, RunError
from allysim.kpis import figures
from allysim.study import executors
from allysim.study.comparison import Comparison

SMALL = {"firms.n": 12, "firms.focal": 4, "months": 6, "jobs": 1}


def row(comparison, scenario, strategy, group="focal", kpi="economic_profit"):
    table = comparison.table.set_index(["scenario", "strategy", "group", "kpi"])
    return table.loc[(scenario, strategy, group, kpi)]


def test_a_known_difference_is_found_in_its_own_scenario(made_up, grid):
    done = grid("scenario=calm,supply_stress").run()
    found = row(done, "calm", "procurement_first")
    assert found.low < 5 < found.high
    assert found.difference == pytest.approx(5, abs=1)
    assert (found.verdict, found.replications) == ("better", 20)
    assert row(done, "supply_stress", "procurement_first").verdict == "no clear difference"
    assert tuple(row(done, "calm", "stand_alone")[["difference", "low", "high", "verdict"]]) == (0, 0, 0, "reference")


def test_without_noise_the_interval_shrinks_to_the_difference(made_up, grid):
    made_up.noise = 0.0
    found = row(grid().run(), "calm", "procurement_first")
    assert found.difference == pytest.approx(5, abs=1e-10)
    assert found.high - found.low < 1e-10


def test_table_has_the_columns_that_others_rely_on(made_up, grid):
    table = grid("scenario=calm,supply_stress").run().table
    assert list(table.columns) == ["scenario", "strategy", "group", "kpi", "mean", "difference", "low", "high",
                                   "standard_error", "variance_reduction", "replications", "verdict",
                                   "assumption_low", "assumption_high", "assumption_above", "points"]
    assert len(table) == 4 * len(figures())


def test_sentences_are_computed(made_up, grid):
    done = grid("scenario=calm,supply_stress").run()
    clear, unclear = done.statements()
    assert clear.startswith("In a calm world, cumulative economic profit of the focal firms is ")
    assert " k€ per firm higher with buying together than with standing alone (95 % interval +" in clear
    assert clear.endswith("; 20 paired replications, 12 months).")
    assert unclear.startswith("Under supply stress, there is no clear difference in cumulative economic profit")
    made_up.gain["calm"] = -5
    assert " lower with buying together than with standing alone" in grid().run().statements()[0]


def test_identical_variants_differ_by_exactly_nothing_in_the_engine():
    base = scenario(strategy="procurement_first", **SMALL)
    done = Comparison({"one": base, "other": base}, replications=3).run()
    assert (done.table[["difference", "low", "high"]] == 0).all(axis=None)
    assert set(done.table["verdict"]) == {"reference", "no clear difference"}
    assert "exactly none" in done.statements()[0]


def test_workers_give_the_same_bits(monkeypatch):
    variants = {name: scenario(strategy=name, **SMALL) for name in ("stand_alone", "procurement_first")}
    alone = Comparison(variants, replications=4, jobs=1).run()
    monkeypatch.setattr(executors, "START_SECONDS", -1.0)
    together = Comparison(variants, replications=4, jobs=2).run()
    assert alone.table.equals(together.table)
    assert alone.series.equals(together.series)


def test_seeds_count_up_from_the_first_scenarios_seed():
    base = scenario(seed=40, **SMALL)
    assert Comparison({"a": base, "b": base}, replications=3).seeds == [40, 41, 42]


def test_a_failed_run_costs_its_pair_only(made_up, grid):
    made_up.fails = {3}
    done = grid().run()
    assert done.failed == 2
    assert row(done, "calm", "procurement_first").replications == 19
    failed = done.runs[done.runs["status"] == "FAILED"]
    assert set(failed["seed"]) == {3}
    assert failed["error"].str.contains("ArithmeticError in conftest.py line .*: seed 3 is unlucky").all()


def test_all_runs_failing_is_an_error(made_up, grid):
    made_up.fails = set(range(100))
    with pytest.raises(RunError, match="all 40 runs failed, the first with: ArithmeticError"):
        grid().run()


def test_bands_follow_the_months_and_end_at_the_outcome(made_up, grid):
    done = grid().run()
    bands = done.bands(1, "focal.economic_profit")
    assert list(bands.month) == list(range(13))
    assert bands.difference[0] == bands.sure_low[0] == bands.sure_high[0] == 0
    found = row(done, "calm", "procurement_first")
    assert (bands.difference[-1], bands.sure_low[-1], bands.sure_high[-1]) == (found.difference, found.low, found.high)
    assert (bands.difference_low <= bands.difference).all()
    assert len(done.series) == 2 * len(figures()) * 13
    assert np.isfinite(done.series["mean"]).all()


def test_without_series_there_is_a_table_but_no_bands(made_up, grid):
    done = grid("records=outcomes").run()
    assert len(done.table) == 2 * len(figures())
    with pytest.raises(AllysimError, match="records=series"):
        done.bands(1, "focal.economic_profit")
    with pytest.raises(AllysimError, match="records=series"):
        done.series  # noqa: B018


def test_results_are_asked_for_too_early(grid):
    with pytest.raises(AllysimError, match="has not been run"):
        grid().table  # noqa: B018


@pytest.mark.parametrize(("overrides", "labels", "references"), [
    (["governance=light,heavy", "strategy=procurement_first"], ["governance=light", "governance=heavy"], [0, 0]),
    (["scenario=calm,supply_stress", "strategy=stand_alone"], ["calm", "supply_stress"], [0, 0]),
    (["scenario=calm,supply_stress"], ["stand_alone", "stand_alone", "procurement_first", "procurement_first"],
     [0, 1, 0, 1]),
    (["pilot.months=3,6"], ["stand_alone pilot.months=3", "stand_alone pilot.months=6",
                            "procurement_first pilot.months=3", "procurement_first pilot.months=6"], [0, 0, 0, 0]),
])
def test_labels_and_references(grid, overrides, labels, references):
    variants = grid(*overrides).variants
    assert [variant.strategy for variant in variants] == labels
    assert [variant.reference for variant in variants] == references


def test_unlike_worlds_are_compared_with_the_first(made_up):
    variants = {"mild": scenario("calm", **SMALL), "rough": scenario("supply_stress", **SMALL)}
    done = Comparison(variants, replications=5).run()
    assert done.worlds() == {"": [1]}
    assert "between rough under supply stress and mild in a calm world" in done.statements()[0] \
        or "with rough under supply stress than with mild in a calm world" in done.statements()[0]


@pytest.mark.parametrize(("variants", "replications", "said"), [
    ({"a": {}}, 3, "two or more variants, not 1"),
    ({"a": {}, "b": {"months": 7}}, 3, "months is 6 and 7"),
    ({"a": {}, "b": {}}, 1, "replications=1 is not allowed"),
    ({"a": {}, "b": {}}, 2.5, "replications=2.5 is not allowed"),
])
def test_what_cannot_be_compared(variants, replications, said):
    scenarios = {label: scenario(**(SMALL | more)) for label, more in variants.items()}
    with pytest.raises(ConfigError, match=said):
        Comparison(scenarios, replications=replications)


def test_nothing_to_compare():
    with pytest.raises(ConfigError, match="give a comma list, as in 'allysim compare strategy="):
        Comparison.grid(["strategy=stand_alone", "months=12"])


def test_standard_error_and_what_pairing_gains(made_up, grid):
    done = grid().run()
    values = {name: group["focal.economic_profit"].to_numpy() for name, group in done.runs.groupby("strategy")}
    one, other = values["procurement_first"], values["stand_alone"]
    found = row(done, "calm", "procurement_first")
    assert found.standard_error == pytest.approx((one - other).std(ddof=1) / 20**.5)
    assert found.variance_reduction == pytest.approx(1 - (one - other).var(ddof=1)
                                                     / (one.var(ddof=1) + other.var(ddof=1)))
    assert found.variance_reduction > .9  # the made-up luck is ten times the noise that pairs do not share
    assert np.isnan(row(done, "calm", "stand_alone").variance_reduction)


def test_replications_for_a_wanted_half_width(made_up, grid):
    done = grid("scenario=calm,supply_stress").run()
    halves = [(row(done, w, "procurement_first").high - row(done, w, "procurement_first").low) / 2
              for w in ("calm", "supply_stress")]
    assert done.replications_for(max(halves) * 1.000001) == 20  # what the wider one has
    assert done.replications_for(max(halves) / 10) == pytest.approx(2000 * (1.96 / 2.093)**2, rel=.01)
    assert done.replications_for(1e6) == 2
    more = grid("scenario=calm,supply_stress", replications=done.replications_for(.3)).run()
    assert row(more, "calm", "procurement_first").high - row(more, "calm", "procurement_first").low < .8
    for bad in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match="half_width="):
            done.replications_for(bad)
    with pytest.raises(AllysimError, match=r"there is no outcome 'focal.ebita'; did you mean 'focal.ebitda'"):
        done.replications_for(1, kpi="ebita")
    made_up.fails = set(range(2, 100))
    with pytest.raises(AllysimError, match="too few pairs succeeded"):
        grid().run().replications_for(1)
