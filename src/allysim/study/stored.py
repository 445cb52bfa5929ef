"""What a folder of results holds, as objects again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allysim.errors import StoreError
from allysim.study import remains, reversal, store
from allysim.study.comparison import Comparison, set_against
from allysim.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from allysim.config import Scenario


def scenario_of(folder: Path, manifest: dict[str, Any], config: dict[str, Any]) -> Scenario:
    """Return a variant's scenario; code it named by file is taken from the folder's own copy (errors as there)."""
    from allysim.config import Scenario

    return with_own_copies(folder, manifest, Scenario.from_dict(config))


def with_own_copies(folder: Path, manifest: dict[str, Any], scenario: Scenario) -> Scenario:
    """Return a scenario with the folder's own copies of the code it names by file.

    Raises
    ------
    StoreError
        The folder does not hold one as it was run.
    """
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


def comparison(folder: Path) -> Comparison:
    """Return the comparison in a folder with all its runs, as it was when they had been made.

    Raises
    ------
    StoreError
        There is none, or it cannot be read.
    """
    manifest = store.read_manifest(folder)
    if manifest["verb"] != "compare":
        raise StoreError(f"{folder} holds the result of 'allysim {manifest['verb']}', not of 'allysim compare'")
    told = manifest["variants"]
    variants = set_against([of["scenario"] for of in told], [of["strategy"] for of in told],
                           [scenario_of(folder, manifest, of["config"]) for of in told])
    given = [text.partition("=")[0].strip() for text in manifest["arguments"] or []]
    found = Comparison(variants, len(manifest["seeds"]), records=manifest["records"], given=given)
    rows = store.read_table(folder, "runs").to_dict("records")
    if len(rows) != len(variants) * len(found.seeds):
        raise StoreError(f"{folder / 'runs'} holds {len(rows)} runs, and its manifest says "
                         f"{len(variants) * len(found.seeds)}")
    found.take_stored(rows, _tables(folder, manifest["records"]))
    if (folder / store.ASSUMPTIONS).is_dir():
        found.space = Study.open(folder / store.ASSUMPTIONS)
        found.reversal = reversal.read(folder)
    return found


def _tables(folder: Path, records: str) -> dict[str, dict[str, pd.DataFrame]]:
    """Return, for each run by its name, the tables that a page is made of; of an older result those it has."""
    columns = {"series": None, **{name: ["run", *columns] for name, columns in remains.COLUMNS.items()}}
    found: dict[str, dict[str, pd.DataFrame]] = {}
    for name in set(columns) & set(store.RECORDS[records]):
        if (folder / name).is_dir():
            table = store.read_table(folder, name, columns[name])
            for run, rows in table.groupby("run", sort=False):
                found.setdefault(str(run), {})[name] = rows.drop(columns="run")
    return found
