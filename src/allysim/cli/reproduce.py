"""Run a folder of results again and say what differs, to the last bit.

  allysim reproduce allysim_out/compare-0123abcd

Configuration, seeds and firms come from the folder itself. The exit code is 0 if every outcome is the
same, and 1 if anything differs; versions that have changed since are named.
"""

import hashlib
import math
import struct
from pathlib import Path
from typing import Any

from allysim.errors import ConfigError, StoreError
from allysim.study import store

SHOWN = 10


def main(args: list[str]) -> int:
    """Run the folder in ``args`` again; print what differs."""
    if len(args) != 1 or args[0].startswith("-"):
        raise ConfigError("'allysim reproduce' takes one folder of results, as in 'allysim reproduce allysim_out/NAME'")
    folder = Path(args[0]).expanduser()
    manifest = store.read_manifest(folder)
    stored = store.read_table(folder, "runs").to_dict("records")
    variants = [(v["scenario"], v["strategy"], _scenario(folder, manifest, v["config"]),
                 tuple((until, _scenario(folder, manifest, config)) for until, config in v.get("history", [])))
                for v in manifest["variants"]]
    from allysim.model import warm

    warm()
    again = _run_again(variants, manifest)
    differences = [text for row in stored for text in _differences(row, again)]
    missing = len(again) - len(stored)
    print("\n".join(_report(folder, stored, differences, missing, manifest)))
    return 1 if differences or missing else 0


def _scenario(folder: Path, manifest: dict[str, Any], config: dict[str, Any]) -> Any:
    """Return a variant's scenario; code it named by file is taken from the folder's own copy."""
    from allysim.config import Scenario

    scenario = Scenario.from_dict(config)
    copies = {kept["path"]: (name, kept["sha256"]) for name, kept in manifest.get("inputs", {}).items()}
    changed = {}
    for key, value in store.code_settings(scenario):
        file, _, name = value.rpartition(":")
        kept, sha256 = copies.get(str(Path(file).expanduser()), ("", ""))
        copy = folder / "inputs" / kept
        if not kept or not copy.is_file() or hashlib.sha256(copy.read_bytes()).hexdigest() != sha256:
            raise StoreError(f"{folder / 'inputs'} does not hold the file of {key}={value} as it was run")
        changed[key] = f"{copy}:{name}"
    return scenario.replace(changed) if changed else scenario


def _run_again(variants: list[tuple[str, str, Any, Any]], manifest: dict[str, Any]) -> dict[Any, dict[str, Any]]:
    """Return the run table's rows by (scenario, strategy, seed)."""
    from allysim.study.executors import run_all
    from allysim.study.simulate import Task, row_of, simulate

    cells = [(*variant, seed) for variant in variants for seed in manifest["seeds"]]
    level = manifest["records"] if variants[0][2].run.outcome else "outcomes"
    tasks = [Task(config, seed, level, history) for _, _, config, history, seed in cells]
    results = run_all(tasks, simulate, variants[0][2].run.jobs)
    return {(world, label, seed): row_of(task, result, {})
            for (world, label, _, _, seed), task, result in zip(cells, tasks, results, strict=True)}


def _differences(row: dict[str, Any], again: dict[Any, dict[str, Any]]) -> list[str]:
    """Say what of one stored run came out otherwise."""
    where = f"{row['scenario']}, {row['strategy']}, seed {row['seed']}"
    now = again.get((row["scenario"], row["strategy"], row["seed"]))
    if now is None:
        return [f"{where}: stored, but not among the manifest's runs"]
    if row["status"] != now["status"]:
        return [f"{where}: was {row['status']}, now {now['status']} {now['error']}".rstrip()]
    found = []
    for name, value in row.items():
        if not isinstance(value, float) or name == "seconds":
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
    outcomes = sum(isinstance(value, float) for value in stored[0].values()) - 1
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
