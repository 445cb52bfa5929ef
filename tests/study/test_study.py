"""Studies: the same rows whatever the executor, nothing lost, nothing run twice, and known answers found again."""

import os
import re
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky import get_reusable_executor

import allysim as al
from allysim.analysis.sensitivity import indices
from allysim.analysis.variance import split
from allysim.cli import main
from allysim.errors import AllysimError, ConfigError, StoreError
from allysim.study import archive, store
from allysim.study.chunks import Chunks, work
from allysim.study.executors import executor

OUTCOMES = Path(__file__).with_name("outcomes.py")
TINY = ["months=1", "firms.n=2", "firms.focal=1", "strategy.seek=[]", "background.strategy.seek=[]"]
SMALL = ["months=6", "firms.n=12", "firms.focal=4"]


def small(*more):
    texts = [*SMALL, "strategy=stand_alone,procurement_first", "pilot.months=interval(1,12)", "points=4",
             "replications=3", *more]
    return al.Study.asked({text.partition("=")[0]: text for text in texts}.values())


def plain(runs):
    return runs.drop(columns=["seconds", "memory_mb"])


def test_rows_are_cells_by_points_by_seeds():
    study = small().run(executor="serial")
    runs = study.to_pandas()
    assert len(runs) == study.plan.total == 24 and study.failed == study.left == 0
    assert runs["run"].is_unique and set(runs["status"]) == {"SUCCEEDED"}
    assert runs["pilot.months"].between(1, 12).all() and runs["pilot.months"].dtype == np.int64
    row = runs.iloc[17]
    config = study.plan.cells[row.cell].config.replace(**{"pilot.months": int(row["pilot.months"])})
    assert al.run(config, seed=int(row.seed), records="outcomes").outcomes["focal.economic_profit"] == \
        row["focal.economic_profit"]
    values = study.values("ebitda")
    assert values.shape == (2, 4, 3)
    assert values[row.cell, row.point, row.seed - 1] == row["focal.ebitda"]


def test_all_executors_give_the_same_rows(tmp_path):
    one = small().run(executor="serial").runs
    for kind in ("loky", "dask"):
        other = small().run(executor=kind, out=tmp_path / kind).runs
        pd.testing.assert_frame_equal(plain(one), plain(other), check_exact=True)


def test_a_study_that_was_stopped_goes_on(tmp_path, monkeypatch):
    whole = small().run(executor="serial").runs
    made = []

    def some(chunk):
        if len(made) >= 5:
            raise KeyboardInterrupt
        made.append(chunk)
        return work(chunk)

    monkeypatch.setattr("allysim.study.study.work", some)
    with pytest.raises(KeyboardInterrupt):
        small().run(executor="serial", out=tmp_path / "s")
    kept = archive.tally(tmp_path / "s")
    assert 0 < kept.succeeded < 24 and kept.left == 24 - kept.succeeded
    monkeypatch.undo()
    study = al.Study.open(tmp_path / "s").run(executor="serial")
    pd.testing.assert_frame_equal(plain(whole), plain(study.runs), check_exact=True)
    assert archive.tally(tmp_path / "s").left == 0


def test_more_points_and_more_luck_use_what_is_there(tmp_path, monkeypatch):
    small().run(executor="serial", out=tmp_path / "s")
    counted = []
    monkeypatch.setattr("allysim.study.study.work", lambda chunk: counted.append(len(chunk.seeds)) or work(chunk))
    al.Study.open(tmp_path / "s", points=8).run(executor="serial")
    study = al.Study.open(tmp_path / "s", replications=4).run(executor="serial")
    direct = al.Study.asked([*SMALL, "strategy=stand_alone,procurement_first", "pilot.months=interval(1,12)",
                             "points=8", "replications=4"]).run(executor="serial")
    assert sum(counted) == study.plan.total - 24 + direct.plan.total, "what was there was not run again"
    pd.testing.assert_frame_equal(plain(direct.runs), plain(study.runs), check_exact=True)


def test_a_point_that_a_design_names_twice_is_run_once():
    study = al.Study.asked([*TINY, "pilot.months=interval(1,2)", "points=16", "replications=2"]).run(executor="serial")
    assert len(study.runs) == 4 and study.runs["run"].is_unique
    assert study.values()[:, study.plan.rows].shape == (1, 16, 2)


@pytest.mark.parametrize(("change", "said"), [
    (["seed=5"], "holds another study"), (["firms.n=13"], "holds another study"),
    (["design=random"], "holds another study"), (["points=2"], "points=4 already"),
    (["replications=2"], "replications=3 already")])
def test_a_folder_is_not_used_for_another_study(tmp_path, change, said):
    small().run(executor="serial", out=tmp_path)
    given = [text for text in ("points=4", "replications=3") if text.partition("=")[0] != change[0].partition("=")[0]]
    texts = [*SMALL, "strategy=stand_alone,procurement_first", "pilot.months=interval(1,12)", *given, *change]
    texts = list({text.partition("=")[0]: text for text in texts}.values())
    with pytest.raises(StoreError, match=said):
        al.Study.asked(texts).run(executor="serial", out=tmp_path)
    assert len(al.Study.open(tmp_path).runs) == 24, "nothing is lost"


def test_other_code_does_not_go_on(tmp_path, monkeypatch):
    small().run(executor="serial", out=tmp_path)
    monkeypatch.setattr("allysim.study.store.question", lambda manifest: 0)  # not what this is about
    manifest = store.read_manifest(tmp_path)
    store.write_json(manifest | {"code_version": "0" * 12}, tmp_path / "manifest.json")
    with pytest.raises(StoreError, match="begun by allysim's code"):
        al.Study.open(tmp_path).run(executor="serial")


def test_two_processes_do_not_work_on_one_study(tmp_path):
    study = small()
    with archive.Archive(study.plan, tmp_path / "s"):
        assert archive.busy(tmp_path / "s")
        with pytest.raises(StoreError, match="another process"):
            small().run(executor="serial", out=tmp_path / "s")
    assert not archive.busy(tmp_path / "s")


def test_records_without_their_runs_are_removed(tmp_path):
    small("records=series").run(executor="serial", out=tmp_path)
    parts = sorted((tmp_path / "runs").glob("part-*"))
    last = parts[-1].name
    parts[-1].unlink()
    (tmp_path / "runs" / ".part-00099").write_text("half")
    archive.clean(tmp_path)
    assert not (tmp_path / "series" / last).exists() and not (tmp_path / "runs" / ".part-00099").exists()
    study = al.Study.open(tmp_path).run(executor="serial")
    series = store.read_table(tmp_path, "series")
    assert len(series) == 7 * len(study.runs) == 7 * 24 and not series.duplicated(["run", "month"]).any()
    assert series["focal.revenue"].dtype == np.float32


def test_duckdb_reads_the_store_as_it_is(tmp_path):
    study = small().run(executor="serial", out=tmp_path)
    found = duckdb.sql(f"select strategy, avg(\"focal.economic_profit\") as mean, count(*) as runs "
                       f"from '{tmp_path}/runs/*.parquet' where status = 'SUCCEEDED' group by strategy").df()
    assert found["runs"].tolist() == [12, 12]
    means = study.runs.groupby("strategy")["focal.economic_profit"].mean()
    assert found.set_index("strategy")["mean"][means.index].to_numpy() == pytest.approx(means.to_numpy(), rel=1e-12)


def test_a_failing_run_is_a_row_and_runs_alone(tmp_path, monkeypatch):
    study = al.Study.asked([*TINY, f"outcome={OUTCOMES}:fails", "replications=40", "uncertainties=trust.lapse",
                            "points=2"]).run(executor="serial", out=tmp_path / "s")
    assert study.failed == 4 and len(study.runs) == 80 and study.left == 0
    failed = study.runs[study.runs["status"] == "FAILED"]
    assert set(failed["seed"] % 20) == {7} and failed["error"].str.contains("is not liked").all()
    assert np.isnan(study.values("own.fails")).sum() == 4
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--repeat", str(tmp_path / "s"), failed["run"].iloc[0]]) != 0
    good = study.runs[study.runs["status"] == "SUCCEEDED"].iloc[0]
    assert main(["run", "--repeat", str(tmp_path / "s"), good["run"], f"out={tmp_path / 'one'}"]) == 0
    again = store.read_table(tmp_path / "one", "runs").iloc[0]
    assert again["population.revenue"] == good["population.revenue"] and again["seed"] == good["seed"]


@pytest.mark.parametrize("kind", ["loky", "dask"])
def test_a_worker_that_is_killed_loses_nothing(tmp_path, monkeypatch, kind):
    mark = tmp_path / "mark"
    monkeypatch.setenv("ALLYSIM_TEST_MARK", str(mark))
    asked = [*TINY, f"outcome={OUTCOMES}:dies", "replications=40", "jobs=2"]
    mark.touch()
    calm = al.Study.asked(asked).run(executor="serial").runs
    mark.unlink()
    get_reusable_executor().shutdown(wait=True)  # workers of earlier tests do not know where the mark is
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joblib tells of its worker
        study = al.Study.asked(asked).run(executor=kind, out=tmp_path / kind)
    assert mark.exists(), "no worker was killed"
    pd.testing.assert_frame_equal(plain(calm), plain(study.runs), check_exact=True)


def test_a_run_that_kills_every_worker_is_left_and_said_so(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = al.Study.asked([*TINY, f"outcome={OUTCOMES}:kills", "replications=12", "jobs=2"]).run(
            out=tmp_path / "s")
    assert 0 < study.left <= 12 and study.failed == 0 and 5 not in set(study.runs["seed"])


def test_chunks_hold_every_open_run_once():
    plan = small("points=16").plan
    done = np.zeros(plan.total, dtype=bool)
    done[::5] = True
    chunks = Chunks(plan, done, 2)
    found = np.concatenate([plan.place(chunk.cell, chunk.points, chunk.seeds) for chunk in chunks])
    assert sorted(found.tolist()) == np.flatnonzero(~done).tolist()


def test_chunks_take_some_seconds_each():
    plan = small("points=12", "replications=1000").plan
    chunks = Chunks(plan, np.zeros(plan.total, dtype=bool), 2)
    first = next(chunks)
    assert len(first.seeds) == 1, "nothing is known of what a run costs"
    from allysim.study.chunks import Done

    chunks.learn(Done(first.cell, first.points, first.seeds, ["a"], [""], np.array([.01]), 0.0, [{}], {}, ""))
    sizes = [len(chunk.seeds) for chunk in chunks]
    assert max(sizes) == 200 and sizes[-1] < 20, "2 s of work, less near the end"


def test_what_is_given_is_not_varied():
    study = al.Study.asked([*TINY, "uncertainties=purchasing", "purchasing.fee=.02", "points=2"])
    assert "purchasing.fee" not in study.plan.keys and len(study.plan.keys) == 2
    assert all(study.plan.scenario(study.plan.row(k)).purchasing.fee == .02 for k in range(study.plan.total))


def test_ranges_in_the_users_file_are_varied(tmp_path):
    (tmp_path / "own.csv").write_text("firm,revenue,revenue_low,revenue_high,trust\nA,,50,70,.4\nB,80,,,.5\n")
    (tmp_path / "other.csv").write_text("firm,revenue\nA,60\nB,80\n")
    base = al.scenario(months=2, **{"firms.path": tmp_path / "own.csv", "firms.n": 8})
    study = al.Study(base, {"strategy": ["stand_alone", "balanced"]}, points=4, replications=1).run("serial")
    assert study.plan.keys == ["revenue of A"] and study.plan.sweep.design == "sobol" and not study.failed
    given = study.runs["revenue of A"].to_numpy()
    assert ((given > 50) & (given < 70)).all() and np.unique(given).size == 4
    first = study.plan.scenario(study.plan.row(0))
    assert first.own.column("revenue") == (given[0], 80.0)
    assert al.run(first, seed=study.plan.row(0).seed).outcomes["focal.economic_profit"] == \
        study.runs["focal.economic_profit"].iloc[0]
    with pytest.raises(ConfigError, match=r"firms\.path names files whose columns NAME_low and NAME_high differ"):
        al.Study(base, {"firms.path": [str(tmp_path / "own.csv"), str(tmp_path / "other.csv")]})


def test_studies_over_other_parameters_have_other_folders():
    def folder(*texts):
        plan = al.Study.asked([*TINY, *texts, "points=4", "replications=2"]).plan
        return store.default_out(store.describe("sweep", [], plan.seeds, plan.records) | plan.to_dict())

    assert len({folder("pilot.months=interval(1,12)"), folder("pilot.go=interval(.5,.9)"), folder("seed=2",
                "pilot.go=interval(.5,.9)"), folder("design=random", "pilot.go=interval(.5,.9)")}) == 4


def test_fresh_points_are_the_next_of_the_sequence(tmp_path):
    asked = [*SMALL, "pilot.go=interval(.5,.9)", "replications=2"]
    for design in ("sobol", "random"):
        whole = al.Study.asked([*asked, f"design={design}", "points=8"]).plan
        fresh = al.Study.asked([*asked, f"design={design}", "points=4", "first=4"]).plan
        assert np.array_equal(fresh.values, whole.values[4:])
    names = {whole.name(whole.row(place)) for place in range(whole.total)}
    assert {fresh.name(fresh.row(place)) for place in range(fresh.total)} < names
    with pytest.raises(ConfigError, match="first=4 is not allowed with design=lhs"):
        al.Study.asked([*asked, "design=lhs", "points=4", "first=4"])


@pytest.mark.parametrize(("args", "said"), [
    (["--resume"], "takes the folder of a study"), (["--resume", "{}", "points=0"], "points=0 is not allowed"),
    (["--resume", "{}", "points=many"], "points=many is not allowed"), (["--resume", "{}", "months=3"], "keeps its"),
    (["--resume", "{}", "replications=x"], "takes a whole number"), (["--resume", "nowhere"], "no folder"),
    (["pilot.months=interval(3,1)"], "from a lower to a higher"), (["executor=lokky", *TINY], "lokky"),
    (["design=sobol"], "has nothing to fill"), (["experiment=none"], "unknown experiment"),
    (["kpi=profit", "pilot.months=interval(1,3)"], "kpi=profit is not allowed")])
def test_bad_input_is_one_sentence_and_loses_nothing(tmp_path, capsys, args, said):
    small().run(executor="serial", out=tmp_path / "s")
    before = (tmp_path / "s" / "manifest.json").read_text()
    code = main(["sweep", *(arg.format(tmp_path / "s") for arg in args), *(
        [f"out={tmp_path / 'new'}"] if "--resume" not in args else [])])
    error = capsys.readouterr().err
    assert code == 2 and said in error and error.count("\n") == 1
    assert (tmp_path / "s" / "manifest.json").read_text() == before and not (tmp_path / "new").exists()


def test_from_the_command_line(tmp_path, capsys):
    asked = [*SMALL, "strategy=stand_alone,procurement_first", "pilot.months=interval(1,12)", "replications=3",
             "executor=serial"]
    assert main(["run", "-m", *asked, "points=4", f"out={tmp_path}"]) == 0
    said = capsys.readouterr().out
    assert "24 runs: 2 cells x 4 points x 3 seeds\n" in said and f"--resume {tmp_path} points=8" in said
    assert main(["sweep", "--resume", str(tmp_path), "points=8"]) == 0
    more = store.read_table(tmp_path, "runs")
    assert f"{len(more)} runs: 2 cells" in (said := capsys.readouterr().out) and "24 were there already" in said
    assert main(["status", str(tmp_path)]) == 0
    assert f"{len(more)} of {len(more)} runs (100 %)" in capsys.readouterr().out
    assert (tmp_path / "findings.md").read_text().startswith(f"# A study of {len(more)} runs")
    assert main(["reproduce", str(tmp_path)]) == 0
    assert f"Reproduced: {len(more)} runs" in capsys.readouterr().out
    part = next((tmp_path / "runs").glob("part-*"))
    rows = pd.read_parquet(part)
    rows.loc[0, "focal.revenue"] += 1e-9
    rows.to_parquet(part)
    assert main(["reproduce", str(tmp_path)]) == 1
    assert "focal.revenue was" in capsys.readouterr().out


@pytest.mark.parametrize("more", [
    ["uncertainties=purchasing,pilot", "points=48"], ["uncertainties=purchasing", "design=morris", "points=4"],
    ["purchasing.fee=interval(0,.05)", "pilot.go=interval(.5,.9)", "design=saltelli", "points=4"],
    ["purchasing.fee=interval(0,.05)", "pilot.go=interval(.5,.9)", "design=lhs", "points=40"],
    ["scenario=calm,supply_stress,price_war", "records=series"]])
def test_each_design_ends_in_findings(tmp_path, more):
    texts = {text.partition("=")[0]: text for text in [
        *SMALL, "strategy=stand_alone,procurement_first,coopetition_hub", "replications=3", "executor=serial", *more]}
    assert main(["sweep", *texts.values(), f"out={tmp_path}"]) == 0
    text = (tmp_path / "findings.md").read_text()
    pictures = re.findall(r"\]\((analysis/[^)]+)\)", text)
    assert pictures and all((tmp_path / picture).is_file() for picture in pictures)
    assert any("interactions_" in picture for picture in pictures) == ("points=40" in more)
    assert "not done" not in text.lower() and "nan" not in text


def test_executors_are_named():
    assert executor("tcp://127.0.0.1:8786").address == "tcp://127.0.0.1:8786"
    assert executor("scheduler.json").kind == "dask" and executor("serial", 4).workers == 1
    with pytest.raises(ConfigError, match="did you mean 'loky'"):
        executor("lokky")


def test_ema_has_a_row_for_each_run_that_succeeded():
    study = small().run(executor="serial")
    experiments, outcomes = study.to_ema()
    assert list(experiments.columns) == ["pilot.months", "scenario", "policy", "seed", "model"]
    assert len(experiments) == len(outcomes["focal.ebitda"]) == 24


def test_levers_of_python_are_those_of_the_command_line():
    base = al.scenario(months=6, replications=3, **{"firms.n": 12, "firms.focal": 4})
    study = al.Study(base, {"strategy": ["stand_alone", "procurement_first"], "pilot.months": (1, 12)}, points=4)
    assert [study.plan.name(study.plan.row(k)) for k in range(24)] == \
        [small().plan.name(small().plan.row(k)) for k in range(24)]
    with pytest.raises(ConfigError, match="a list of values or a pair"):
        al.Study(base, {"strategy": "balanced"})
    with pytest.raises(ConfigError, match="did you mean 'economic_profit'"):
        al.Study(base, {"pilot.months": (1, 12)}, kpi="economic_profits")
    with pytest.raises(AllysimError, match="has not been run"):
        study.to_pandas()


CUBE = ["customers.launch_gain=interval(0,1)", "firms.ebitda_margin=interval(0,.5)",
        "firms.cash_months=interval(0,100)"]


@pytest.mark.slow
def test_ishigami_is_found_again():
    """Sobol indices of a known function, through the whole pipeline; the design is fixed, so this is no chance."""
    study = al.Study.asked([*TINY, *CUBE, f"outcome={OUTCOMES}:function", "kpi=own.function", "design=saltelli",
                            "points=1024", "replications=2"])
    study.plan.seeds = study.plan.seeds[:1]
    study.run(executor="loky")
    bounds = np.array([(d.low, d.high) for d in study.plan.dimensions])
    rows = study.plan.rows
    found = indices(study.plan.values[rows], study.values()[0][rows], bounds, study.plan.keys).table.set_index("key")
    known = {"customers.launch_gain": (.3139, .5576), "firms.ebitda_margin": (.4424, .4424),
             "firms.cash_months": (0.0, .2437)}
    for key, (first, total) in known.items():
        assert found.loc[key, "first"] == pytest.approx(first, abs=.02)
        assert found.loc[key, "total"] == pytest.approx(total, abs=.02)


@pytest.mark.slow
def test_luck_and_assumption_are_told_apart():
    """A known split, 256 points by 10 seeds: all 95 % intervals hold the truth under these fixed seeds."""
    study = al.Study.asked([*TINY, *CUBE, f"outcome={OUTCOMES}:noisy", "kpi=own.noisy", "points=256",
                            "replications=10"]).run(executor="loky")
    found, truth = split(study.values()[0]), 7**2 / 8 + .1 * np.pi**4 / 5 + .01 * np.pi**8 / 18 + .5
    assert found.assumption_low < truth < found.assumption_high
    assert found.luck_low < 9.0 < found.luck_high
    assert found.low < truth / (truth + 9.0) < found.high


@pytest.mark.slow
def test_killed_three_times():
    """As benchmarks/kills.py says: the main process killed before the study is done, and every run there once."""
    script = Path(__file__).parents[2] / "benchmarks" / "kills.py"
    done = subprocess.run([sys.executable, str(script), "--kills", "3"], capture_output=True,
                          text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("3 kills before the study was done") and "each there once" in done.stdout


@pytest.mark.slow
def test_an_interrupt_keeps_what_is_finished(tmp_path):
    words = [sys.executable, "-m", "allysim", "sweep", "strategy=stand_alone,procurement_first", "months=24",
             "firms.n=20", "firms.focal=5", "replications=4000", f"out={tmp_path / 's'}"]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    until = time.monotonic() + 300
    while not list((tmp_path / "s" / "runs").glob("part-*")) and time.monotonic() < until:
        time.sleep(.5)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the command
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130 and "--resume" in said and "Traceback" not in said
    assert archive.tally(tmp_path / "s").succeeded > 0
