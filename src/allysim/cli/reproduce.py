"""Run a folder of results again and say what differs, to the last bit.

  allysim reproduce allysim_out/compare-0123abcd

Configuration, seeds and firms come from the folder itself. The exit code is 0 if every outcome is the
same, and 1 if anything differs; versions that have changed since are named.
"""

import math
import struct
from pathlib import Path
from typing import Any

from allysim.config.scenario import settable
from allysim.errors import ConfigError
from allysim.kpis import GROUPS
from allysim.study import store
from allysim.study.outcome import GROUP as OWN
from allysim.study.plan import Plan
from allysim.study.stored import scenario_of, with_own_copies

SHOWN = 10


def main(args: list[str]) -> int:
    """Run the folder in ``args`` again; print what differs."""
    if len(args) != 1 or args[0].startswith("-"):
        raise ConfigError("'allysim reproduce' takes one folder of results, as in 'allysim reproduce allysim_out/NAME'")
    folder = Path(args[0]).expanduser()
    manifest = store.read_manifest(folder)
    if manifest["verb"] == "validate":
        raise ConfigError(f"{folder} is a validation, which keeps no runs: its own command makes it again, "
                          f"'{manifest['command']}'")
    within = [folder / store.ASSUMPTIONS] if (folder / store.ASSUMPTIONS).is_dir() else []
    changed = [store.REVERSAL] if (folder / store.REVERSAL).is_dir() else []
    return max(*(_again(part) for part in (folder, *within)), *(_again(folder, table) for table in changed), 0)


def _again(folder: Path, table: str = "runs") -> int:
    """Run one folder again, or its runs with one assumption changed, and print what differs; returns the exit code."""
    from allysim.model import warm

    manifest = store.read_manifest(folder)
    stored = store.read_table(folder, table).to_dict("records")
    warm()
    again = _run_again(_tasks(folder, manifest) if table == "runs" else _changed(folder, manifest, stored))
    differences = [text for row in stored for text in _differences(row, again)]
    missing = len(again) - len(stored)
    print("\n".join(_report(folder, stored, differences, missing, manifest)))
    return 1 if differences or missing else 0


def _tasks(folder: Path, manifest: dict[str, Any]) -> dict[Any, Any]:
    """Return the runs of a manifest by scenario, strategy and seed; those of a study by cell, point and seed."""
    from allysim.study.simulate import Task

    def level(scenario: Any) -> str:
        return str(manifest["records"]) if scenario.run.outcome else "outcomes"

    if manifest["verb"] == "sweep":
        plan = Plan.from_dict(manifest)
        plan.cells = [cell._replace(config=with_own_copies(folder, manifest, cell.config)) for cell in plan.cells]
        return {tuple(row): Task(plan.scenario(row), row.seed, level(plan.cells[row.cell].config))
                for row in map(plan.row, range(plan.total))}
    found = {}
    for variant in manifest["variants"]:
        config = scenario_of(folder, manifest, variant["config"])
        history = tuple((until, scenario_of(folder, manifest, earlier))
                        for until, earlier in variant.get("history", []))
        for seed in manifest["seeds"]:
            found[variant["scenario"], variant["strategy"], seed] = Task(config, seed, level(config), history)
    return found


def _changed(folder: Path, manifest: dict[str, Any], rows: list[dict[str, Any]]) -> dict[Any, Any]:
    """Return the runs that had one assumption changed, by what `_key` says of their rows."""
    from allysim.study.simulate import Task

    configs = {(variant["scenario"], variant["strategy"]): scenario_of(folder, manifest, variant["config"])
               for variant in manifest["variants"]}
    return {_key(row): Task(configs[row["scenario"], row["strategy"]].with_values({row["key"]: row["value"]}),
                            row["seed"], "outcomes") for row in rows}


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a stored run is known by: of a study, with one assumption changed, or neither."""
    if "cell" in row:
        return row["cell"], row["point"], row["seed"]
    return (row["scenario"], row["strategy"], *((row["key"], row["value"]) if "key" in row else ()), row["seed"])


def _run_again(tasks: dict[Any, Any]) -> dict[Any, dict[str, Any]]:
    """Return the run table's rows by the same keys."""
    from allysim.study.executors import run_all
    from allysim.study.simulate import row_of, simulate

    every = list(tasks.values())
    results = run_all(every, simulate, every[0].scenario.run.jobs)
    return {key: row_of(task, result, {}) for (key, task), result in zip(tasks.items(), results, strict=True)}


def _differences(row: dict[str, Any], again: dict[Any, dict[str, Any]]) -> list[str]:
    """Say what of one stored run came out otherwise."""
    point = f", point {row['point']}" if "cell" in row else f", {row['key']}={row['value']:g}" if "key" in row else ""
    where = f"{row['scenario']}, {row['strategy']}{point}, seed {row['seed']}"
    now = again.get(_key(row))
    if now is None:
        return [f"{where}: stored, but not among the manifest's runs"]
    if row["status"] != now["status"]:
        return [f"{where}: was {row['status']}, now {now['status']} {now['error']}".rstrip()]
    found = []
    for name, value in row.items():
        if not isinstance(value, float) or name in ("seconds", "memory_mb", "value") or name in settable():
            continue
        other = now.get(name, math.nan)
        if struct.pack("d", value) != struct.pack("d", other) and not (math.isnan(value) and math.isnan(other)):
            found.append(f"{where}: {name} was {value!r}, now {other!r}")
    return found


def _report(folder: Path, stored: list[dict[str, Any]], differences: list[str], missing: int,
            manifest: dict[str, Any]) -> list[str]:
    from allysim.version import code_version, versions

    changed = [f"{name} {manifest['versions'].get(name, 'absent')} -> {version}"
               for name, version in versions().items() if manifest["versions"].get(name) != version]
    if manifest["code_version"] != code_version():
        changed.insert(0, f"allysim's code {manifest['code_version']} -> {code_version()}")
    outcomes = sum(isinstance(value, float) and name.partition(".")[0] in (*GROUPS, OWN) and name not in settable()
                   for name, value in stored[0].items())
    if not differences and not missing:
        lines = [f"Reproduced: {len(stored)} runs with {outcomes} outcomes each are the same to the last bit."]
    else:
        count = f"{len(differences)} outcome{'s differ' if len(differences) != 1 else ' differs'}"
        lines = [f"Not the same as {folder}: {count} in {len(stored)} runs with {outcomes} outcomes each.",
                 *(f"  {text}" for text in differences[:SHOWN])]
        if len(differences) > SHOWN:
            lines.append(f"  ... and {len(differences) - SHOWN} more")
        if missing > 0:
            lines.append(f"  {missing} runs of the manifest are not in {folder / 'runs'}")
    lines.append("Changed since: " + "; ".join(changed) if changed else "Code and versions are the same.")
    return lines
