"""What assumptions make of a comparison: on the page, in its tables and in its first sentence."""

import json

import duckdb
import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.cli import main
from allysim.report.choice import _often, choice
from allysim.report.finding import finding
from allysim.report.hangs import moves
from allysim.study.comparison import Spread, Variant

POINTS = 16
ASKED = ["compare", "strategy=stand_alone,procurement_first", "scenario=calm,supply_stress", "firms.n=12",
         "firms.focal=4", "months=5", "replications=3", f"points={POINTS}", "jobs=1", "pilot.months=2"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("compared") / "out"
    assert main([*ASKED, f"out={out}"]) == 0
    return out


def test_what_is_said_of_assumptions_is_in_the_store(folder):
    """Recomputed from the runs by DuckDB: quantiles and shares of every difference over the points."""
    told = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    names = [row["kpi"] for row in told["table"] if row["group"] == "focal" and row["verdict"] != "reference"]
    assert len(names) > 40
    for row in told["table"]:
        if row["verdict"] == "reference":
            assert row["assumption_low"] is None
            continue
        figure = f'"{row["group"]}.{row["kpi"]}"'
        low, high, above, points = duckdb.sql(f"""
            with cases as (select scenario, strategy, point, {figure} as value
                           from '{folder}/assumptions/runs/*.parquet')
            select quantile_cont(a.value - b.value, .1), quantile_cont(a.value - b.value, .9),
                   avg(cast(a.value > b.value as int)), count(a.value - b.value)
            from cases a join cases b using (scenario, point)
            where a.strategy = '{row["strategy"]}' and b.strategy = 'stand_alone'
              and scenario = '{row["scenario"]}'""").fetchall()[0]
        assert points == POINTS
        assert (row["assumption_low"], row["assumption_high"]) == pytest.approx((low, high), rel=1e-12, abs=1e-12)
        assert row["assumption_above"] == above
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"{POINTS} points in " in page and "in 8 of 10 draws of all assumptions" in page
    assert told["finding"] in page.replace("\u00a0", " ").replace("\u2212", "-")


def test_the_choice_is_that_of_the_store(folder):
    """Regret, worst tenth and who is ahead over points, recomputed from the runs by DuckDB."""
    told = pd.read_csv(folder / "choice.csv").set_index("strategy")
    figure = '"focal.economic_profit"'
    means = duckdb.sql(f"""pivot (select scenario, strategy, {figure} as v from '{folder}/runs/*.parquet')
                           on strategy using avg(v)""").df().set_index("scenario")
    short = -means.sub(means.max(axis=1), axis=0)
    ahead = duckdb.sql(f"""
        with of as (select scenario, point, strategy,
                           {figure} = max({figure}) over (partition by scenario, point) as best
                    from '{folder}/assumptions/runs/*.parquet'),
             shared as (select strategy, best, sum(cast(best as int)) over (partition by scenario, point) as n from of)
        select strategy, count(*) filter (best and n = 1) as n from shared group by strategy
        """).df().set_index("strategy")["n"]
    for name in ("stand_alone", "procurement_first"):
        values = duckdb.sql(f"""select {figure} as v from '{folder}/runs/*.parquet' where strategy = '{name}'
                                order by v""").df()["v"].to_numpy()
        assert told.loc[name, "mean"] == pytest.approx(values.mean(), rel=1e-12)
        assert told.loc[name, "tail"] == pytest.approx(values[0], rel=1e-12)  # a tenth of six runs is a part of one
        assert told.loc[name, "lowest"] == values[0]
        assert told.loc[name, "regret_maximum"] == pytest.approx(short[name].max(), rel=1e-9, abs=1e-9)
        assert told.loc[name, "regret_mean"] == pytest.approx(short[name].mean(), rel=1e-9, abs=1e-9)
        assert told.loc[name, "ahead"] == pytest.approx(ahead[name] / (2 * POINTS))
    assert told["by_maximum"].sum() == pytest.approx(1)


def test_what_was_set_is_not_varied_and_every_point_has_its_own_luck(folder):
    runs = duckdb.sql(f"select * from '{folder}/assumptions/runs/*.parquet'").df()
    assert "pilot.months" not in runs and "purchasing.fit_spread" in runs
    assert runs["purchasing.fit_spread"].nunique() == POINTS
    assert (runs.groupby("point")["seed"].nunique() == 1).all() and runs["seed"].nunique() == POINTS


def test_the_folder_is_reproduced_with_its_points(folder, capsys):
    assert main(["reproduce", str(folder)]) == 0
    assert capsys.readouterr().out.count("are the same to the last bit") == 2


def test_without_points_nothing_is_said_of_them(tmp_path):
    assert main([*ASKED[:-3], "jobs=1", f"out={tmp_path / 'out'}"]) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "none was varied" in page and "What it hangs on" not in page and not (tmp_path / "out/assumptions").exists()


@pytest.mark.parametrize(("profit", "said"), [
    ([[5, 9], [5, 9]], "Allied leaves least to regret, at most and on average: it is the best in every scenario"),
    ([[5, 9], [5, 3]], "Allied leaves least to regret, at most and on average: it is at most 2.0 k€ per firm short of "
                       "the best in any of 2 scenarios"),
    ([[5, 1], [5, 3]], "Alone leaves least to regret, at most and on average: it is the best in every scenario"),
])
def test_the_choice_in_words(profit, said):
    worlds = [al.scenario(name, months=1, **{"firms.n": 8, "firms.focal": 3}) for name in ("calm", "supply_stress")]
    variants = [Variant(world.scenario.name, name, world, 2 * k, {}) for k, world in enumerate(worlds)
                for name in ("alone", "allied")]
    comparison = al.Comparison(variants, replications=6, jobs=1).run()
    luck = np.array([-.1, .1, -.05, .05, -.02, .02])
    comparison._values["focal.economic_profit"] = np.array(profit, dtype=float).reshape(4, 1) + luck
    assert choice(comparison).said == [f"{said} (in 100 % of resamples of the luck)."]


@pytest.mark.parametrize(("gain", "spread", "said"), [
    (9.0, (3.0, 12.0), "allied beats alone"), (-9.0, (-12.0, -3.0), "allied falls behind alone"),
    (9.0, (-3.0, 12.0), "allied beats alone at our default guesses, and at 50 % of points in the assumptions"),
    (-9.0, (-12.0, 3.0),
     "allied falls behind alone at our default guesses, but ahead at 50 % of points in the assumptions"),
    (0.0, (3.0, 12.0), "no clear difference between allied and alone"),
    (0.0, (-3.0, 3.0), "no clear difference between allied and alone"),
])
def test_the_first_sentence_is_honest(gain, spread, said, monkeypatch):
    """Allying is better or worse, nothing differs, or only what assumptions make of it contains zero."""
    alone = al.scenario(strategy="stand_alone", months=2, **{"firms.n": 8, "firms.focal": 3})
    comparison = al.Comparison({"alone": alone, "allied": alone.replace(strategy="balanced")}, replications=6, jobs=1)
    comparison.run()
    luck = np.array([-1.0, 1.0, -.5, .5, -.2, .2])
    comparison._values["focal.economic_profit"] = np.stack([luck, luck + gain + .1 * luck[::-1]])
    monkeypatch.setattr(comparison, "spread", lambda *_: Spread(*spread, .5, 64))
    assert finding(comparison).lower() == said.lower() or \
        finding(comparison).lower() == f"in a calm world, {said}".lower()


def test_what_stands_out_is_named_and_chance_is_not():
    """Of 100 sets of 200 numbers that move nothing about five may name one (risk 5 %): 6 did here, and 12 may."""
    rng = np.random.default_rng(11)
    keys = [f"section.number_{k}" for k in range(200)]
    x = rng.random((64, 200))
    named = 0
    for _ in range(100):
        named += moves(x, rng.normal(size=(64, 1)), keys, "it") is not None
    assert named <= 12
    said, table = moves(x, (3 * x[:, [7]] - 2 * x[:, [9]] + .3 * rng.normal(size=(64, 1))), keys, "it")
    assert set(table["key"]) == {"section.number_7", "section.number_9"}
    assert "stand out in moving it" in said


@pytest.mark.parametrize(("first", "second", "said"), [
    (.27, .27, "it is open which is ahead more often: a at 27 %"), (.50, .25, "a is ahead most often, at 50 % of"),
    (.30, .24, "it is open which is ahead more often"), (1.0, 0.0, "a is ahead most often, at 100 % of points"),
])
def test_a_tie_over_the_points_is_no_lead(first, second, said):
    text = _often(pd.Series([first, second], index=["a", "b"]), "a", 64)
    assert said in text and ("the best are equal" in text) == (first + second < 1)
