"""Run one world and keep what it leaves.

  allysim run                                            the default world
  allysim run scenario=supply_stress governance=light    another world, other rules
  allysim run firms.path=mine.csv months=60 seed=7       your own firms
  allysim run scenario.path=drivers.csv                  your own drivers: demand, input prices ... by month

  allysim run --config world.yaml                        settings from a file, and moves: what changes on the way

  allysim run --from saved.run months=180                a run saved by run.save(path) in Python, taken up again
  allysim run --from saved.run governance=light          the same from there on under other rules

  allysim run --repeat DIR 1a2b3c4d                      one run of a study, by the beginning of its name

  allysim run --explain "Firm 7"                         with the story of a firm; several --explain are allowed
  allysim run --explain "alliance 12" --explain "Firm 3.1"

Settings are written key=value ('allysim list' shows all). Useful ones: scenario strategy governance
firms.path firms.n months seed records=outcomes|series|full outcome=file.py:function out=FOLDER.
A file of --config holds lines "key: value", and under "moves" a list of entries with "after: MONTH" and what is moved
then; what is given beside it comes before what it says.
The folder holds a picture with its data, tables as Parquet, and a manifest for 'allysim reproduce'.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from allysim.analysis.words import kpi_of, plain
from allysim.config import scenario_from, settings_from
from allysim.errors import ConfigError, RuleError, RunError
from allysim.study import store
from allysim.study.simulate import Task, load_own

if TYPE_CHECKING:
    from allysim.records import History

FROM, EXPLAIN, REPEAT, CONFIG = "--from", "--explain", "--repeat", "--config"
HEADS = {"focal": "focal firms", "population": "all firms"}


def main(args: list[str]) -> int:
    """Run the world that ``args`` describe; print its headline figures and where the rest is."""
    command, (args, stories) = args, _stories(args)
    task, model, given = _asked(args)
    scenario, level = task.scenario, task.records
    _check_stories(stories, scenario, level)
    labels = {"scenario": scenario.scenario.name, "strategy": scenario.strategy.name}
    variant: dict[str, Any] = {**labels, "config": scenario.to_dict()}
    if task.history:
        variant["history"] = [[until, config.to_dict()] for until, config in task.history]
    manifest = store.describe("run", [variant], [task.seed], level, command)
    out = Path(given).expanduser() if given else store.default_out(manifest)
    inputs = store.inputs_of([scenario, *(config for _, config in task.history)])
    with store.Store(out, manifest, inputs) as folder:
        from allysim.model import AllianceModel, warm

        warm()
        seen = "full" if scenario.run.outcome else level  # an outcome of one's own sees every table
        model = model or AllianceModel(task.history[0][1] if task.history else scenario, rng=task.seed, records=seen)
        try:
            run, outcomes = _run(model, task, labels | {"governance": scenario.governance.name}, folder)
        except RuleError as error:
            if REPEAT in args:  # code of the user's own that failed in the study too: no bad input, but a failed run
                raise RunError(str(error)) from error
            raise
    print(_summary(scenario, outcomes))
    print(f"\nResults: {out}" + ("" if level == "outcomes" else f"  (picture: {out / 'run.svg'})"))
    if not {FROM, REPEAT, CONFIG} & {*args}:
        print(f"Next:    {_next(scenario, args)}\n         (what the alliances are worth, with intervals)")
    _tell(run, stories)
    return 0


def _tell(run: Any, names: list[str]) -> None:
    """Print the stories there are, then refuse the first name that nobody has."""
    refused = None
    for name in names:
        try:
            print(f"\n{run.explain(name)}")
        except ConfigError as error:
            refused = refused or error
    if refused:
        raise refused


def _stories(args: list[str]) -> tuple[list[str], list[str]]:
    """Return the arguments without ``--explain NAME``, and the names."""
    rest, names = [], []
    given = iter(args)
    for arg in given:
        if arg != EXPLAIN:
            rest.append(arg)
            continue
        name = next(given, "").strip()
        if not name or name.startswith("--") or "=" in name:
            raise ConfigError(f"{EXPLAIN} takes the name of a firm or an alliance, as in 'allysim run {EXPLAIN} "
                              f"\"Firm 7\"'")
        names.append(name)
    return rest, list(dict.fromkeys(names))


def _check_stories(names: list[str], scenario: Any, level: str) -> None:
    """Refuse before the run what can have no story."""
    if not names:
        return
    if level != "full":
        raise ConfigError(f"{EXPLAIN} tells from tables, events and ledger: it needs records=full, not records={level}")
    from allysim.analysis.explain import check_names

    check_names(names, scenario)


def _asked(args: list[str]) -> tuple[Task, Any, str | None]:
    """Return what to run, the model that was saved where one is taken up again, and the folder that was named."""
    if REPEAT in args:
        return _repeated(args)
    if CONFIG in args:
        return _configured(args)
    if FROM not in args:
        scenario = scenario_from(args)
        load_own([scenario])
        level = "full" if scenario.run.records == "auto" else scenario.run.records
        return Task(scenario, scenario.run.seed, level), None, scenario.run.out
    place = args.index(FROM)
    path, settings = args[place + 1:place + 2], settings_from([*args[:place], *args[place + 2:]])
    if not path or "=" in path[0]:
        raise ConfigError(f"{FROM} takes a file that run.save(path) wrote, as in 'allysim run {FROM} my.run months=99'")
    given = settings.pop("out", None)
    from allysim.checkpoint import read
    from allysim.fork import moved

    saved = read(Path(path[0]).expanduser())
    config = moved(saved.config, settings, saved.month)
    if saved.month >= config.run.months:
        raise ConfigError(f"{path[0]} was saved at the end of its {saved.month} months: set more, as in "
                          f"months={saved.month + 12}")
    load_own([config])
    from allysim.model import AllianceModel, warm

    warm()
    model = saved.restore(AllianceModel)
    model.change_to(config)
    return Task(config, model.luck, model.recorder.level, model.history), model, given


def _configured(args: list[str]) -> tuple[Task, Any, str | None]:
    """Return the world that a file after ``--config`` describes, with what is given beside it."""
    from allysim.config import scenario
    from allysim.config.world_file import read_world
    from allysim.fork import moved

    place = args.index(CONFIG)
    path, given = args[place + 1:place + 2], settings_from([*args[:place], *args[place + 2:]])
    if not path or "=" in path[0] or path[0].startswith("--"):
        raise ConfigError(f"{CONFIG} takes a file of settings, as in 'allysim run {CONFIG} world.yaml'")
    settings, moves = read_world(Path(path[0]).expanduser())
    config = scenario(**{**settings, **given})
    history: History = ()
    for month, levers in moves:
        history = (*history, (month, config))
        config = moved(config, levers, month)
    load_own([config, *(before for _, before in history)])
    level = "full" if config.run.records == "auto" else config.run.records
    return Task(config, config.run.seed, level, history), None, config.run.out


def _repeated(args: list[str]) -> tuple[Task, Any, str | None]:
    """Return a run of a study, which is found by the folder and the name after ``--repeat``."""
    place = args.index(REPEAT)
    named, settings = args[place + 1:place + 3], settings_from([*args[:place], *args[place + 3:]])
    if len(named) < 2 or "=" in "".join(named):
        raise ConfigError(f"{REPEAT} takes the folder of a study and the name of a run, as in 'allysim run {REPEAT} "
                          "allysim_out/sweep-1a2b 3c4d5e6f'")
    for key in settings:
        if key not in ("out", "records"):
            raise ConfigError(f"{key} is not allowed with {REPEAT}: the run is as it was; out and records may be set")
    from allysim.study.study import Study

    study = Study.open(Path(named[0]).expanduser())
    row = study.find(named[1])
    scenario = study.plan.scenario(row).replace({"seed": row.seed, "replications": 2, "out": None, **settings})
    level = "full" if scenario.run.records == "auto" else scenario.run.records
    return Task(scenario, row.seed, level), None, scenario.run.out


def _run(model: Any, task: Task, labels: dict[str, Any], folder: store.Store) -> tuple[Any, dict[str, float]]:
    """Run month by month to the end, keep the records and draw the picture; returns the run and its outcomes."""
    import time

    from tqdm import tqdm

    from allysim.fork import moves_of
    from allysim.study.executors import Result
    from allysim.study.simulate import record_of, row_of

    started = time.perf_counter()
    left = range(task.scenario.run.months - model.month)
    moves = moves_of(task.scenario, task.history)
    for _ in tqdm(left, desc="months", unit="month", delay=2, disable=None, leave=False):
        if model.month in moves and model.config is not moves[model.month]:
            model.change_to(moves[model.month])
        model.step()
    run = model.results()
    record = record_of(run, task.records)
    result = Result(record, "", time.perf_counter() - started)
    folder.add(row_of(task, result, labels), record.tables)
    if task.records != "outcomes":
        from allysim.report import figures

        figures.save(figures.plot_run(run), figures.run_data(run), folder.folder / "run.svg")
    return run, record.outcomes


def _summary(scenario: Any, outcomes: dict[str, float]) -> str:
    from allysim.report.answer import drawn
    from allysim.report.differences import HEADLINES

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
