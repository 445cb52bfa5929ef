"""Run one world and keep what it leaves.

  allysim run                                            the default world
  allysim run scenario=supply_stress governance=light    another world, other rules
  allysim run firms.path=mine.csv months=60 seed=7       your own firms

Settings are written key=value ('allysim list' shows all). Useful ones: scenario strategy governance
firms.path firms.n months seed records=outcomes|series|full outcome=file.py:function out=FOLDER.
The folder holds a picture with its data, tables as Parquet, and a manifest for 'allysim reproduce'.
"""

from pathlib import Path
from typing import Any

from allysim.analysis.words import kpi_of, plain
from allysim.config import scenario_from
from allysim.study import store
from allysim.study.simulate import load_own

HEADS = {"focal": "focal firms", "population": "all firms"}


def main(args: list[str]) -> int:
    """Run the world that ``args`` describe; print its headline figures and where the rest is."""
    scenario = scenario_from(args)
    load_own([scenario])
    level = "full" if scenario.run.records == "auto" else scenario.run.records
    labels = {"scenario": scenario.scenario.name, "strategy": scenario.strategy.name}
    manifest = store.describe("run", [{**labels, "config": scenario.to_dict()}], [scenario.run.seed], level, args)
    out = Path(scenario.run.out).expanduser() if scenario.run.out else store.default_out(manifest)
    with store.Store(out, manifest, store.inputs_of([scenario])) as folder:
        from allysim.model import warm

        warm()
        outcomes = _run(scenario, level, labels | {"governance": scenario.governance.name}, folder)
    print(_summary(scenario, outcomes))
    print(f"\nResults: {out}" + ("" if level == "outcomes" else f"  (picture: {out / 'run.svg'})"))
    print(f"Next:    {_next(scenario, args)}\n         (what the alliances are worth, with intervals)")
    return 0


def _run(scenario: Any, level: str, labels: dict[str, Any], folder: store.Store) -> dict[str, float]:
    """Run month by month, keep the records and draw the picture."""
    import time

    from tqdm import tqdm

    from allysim.model import AllianceModel
    from allysim.study.executors import Result
    from allysim.study.simulate import Task, record_of, row_of

    started = time.perf_counter()
    model = AllianceModel(scenario, records=level)
    for _ in tqdm(range(scenario.run.months), desc="months", unit="month", delay=2, disable=None, leave=False):
        model.step()
    run = model.results()
    record = record_of(run)
    result = Result(record, "", time.perf_counter() - started)
    folder.add(row_of(Task(scenario, run.seed, level), result, labels), record.tables)
    if level != "outcomes":
        from allysim.report import figures

        figures.save(figures.plot_run(run), figures.run_data(run), folder.folder / "run.svg")
    return record.outcomes


def _summary(scenario: Any, outcomes: dict[str, float]) -> str:
    from allysim.report.page import HEADLINES, drawn

    groups = [group for group in HEADS if f"{group}.economic_profit" in outcomes]
    head = f"After {scenario.run.months} months"
    lines = [*drawn(scenario), "", f"{head:<58}" + "".join(f"{HEADS[group]:>14}" for group in groups)]
    for kpi in (*HEADLINES, "allied", "saving", "governance_cost", "on_time_delivery"):
        values = [plain(outcomes[f"{g}.{kpi}"]) if f"{g}.{kpi}" in outcomes else "" for g in groups]
        label = f"{kpi_of(kpi).label}, {kpi_of(kpi).unit}"
        lines.append(f"  {label:<56}" + "".join(f"{value:>14}" for value in values))
    lines += [f"  {name.removeprefix('own.'):<56}{plain(value):>14}" for name, value in outcomes.items()
              if name.startswith("own.")]
    return "\n".join(lines)


def _next(scenario: Any, args: list[str]) -> str:
    from allysim.report.suggest import compare

    kept = [arg for arg in args if arg.partition("=")[0] not in ("records", "jobs")]
    name = scenario.strategy.name
    return compare(kept, "strategy", f"stand_alone,{name if name != 'stand_alone' else 'procurement_first'}")
