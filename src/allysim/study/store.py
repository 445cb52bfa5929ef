"""Folders of results: Parquet in parts, and a manifest that can run them again.

A result folder holds ``manifest.json`` (what was asked, with which code), ``runs/`` (a row per run with
its outcomes), one folder per kind of record that was kept (``series/``, ``events/``, ``firms/`` ...,
with a ``run`` column), ``inputs/`` (copies of the files that were read), and what a command adds, such
as pictures. It is put together beside its place and renamed into it when complete, so that an
interrupted command leaves nothing half.

Series are kept in double precision: an outcome is the last or the mean value of its series, and so can
be recomputed to the last bit. Splitting the bytes of numbers (``BYTE_STREAM_SPLIT``) before zstd makes
up for most of what single precision would have saved.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allysim.config.scenario import WITHOUT_EFFECT
from allysim.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd

    from allysim.config import Scenario

FORMAT = 1
PART_BYTES = 64_000_000
"""Rows in memory before they are written as a part."""

RECORDS: dict[str, tuple[str, ...]] = {
    "outcomes": (), "series": ("series", "events", "alliances", "memberships", "focal", "flows")}
RECORDS["full"] = (*RECORDS["series"], "initial", "firms", "ledger")
"""Record level to the tables of a run that are kept at it; a row per firm or booking is for `full`."""

SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"
ASSUMPTIONS = "assumptions"
"""Folder of a comparison's runs at points in all assumptions, which is a study of its own."""
REVERSAL = "reversal"
"""Folder of its runs with one assumption changed, and name of the file that says what came of them."""
OWN_NAMES = {"manifest.json", "runs", "inputs", ASSUMPTIONS, REVERSAL, f"{REVERSAL}.json", *RECORDS["full"]}


class Store:
    """A result folder while it is being filled; use it as a context manager.

    Parameters
    ----------
    out : Path
        The folder; made when the context ends without an error.
    manifest : dict
        From `allysim.study.manifest.describe`; written last, with the counts of runs added.
    inputs : dict
        Files to be copied, by their name in ``inputs/`` (`inputs_of`).

    Raises
    ------
    StoreError
        The folder cannot be used; found before anything is run or written.
    """

    def __init__(self, out: Path, manifest: dict[str, Any], inputs: dict[str, Path] | None = None) -> None:
        check_free(out, manifest)
        self.out = out
        self.manifest = manifest
        self.inputs = _contents(inputs or {})
        self.counts = {SUCCEEDED: 0, FAILED: 0}
        self._partial = out.parent / f".{out.name}.{os.getpid()}.partial"
        self._rows: dict[str, list[Any]] = {}
        self._bytes: dict[str, int] = {}
        self._parts: dict[str, int] = {}

    @property
    def folder(self) -> Path:
        """Where files are put until the context ends; made when first asked for."""
        self._partial.mkdir(parents=True, exist_ok=True)
        return self._partial

    def add(self, row: dict[str, Any], tables: dict[str, pd.DataFrame]) -> None:
        """Add one run: its row of the run table, and its records by name."""
        self.counts[row["status"]] += 1
        self._keep("runs", row, 1000)
        for name, table in tables.items():
            self._keep(name, table.assign(run=row["run"]), int(table.memory_usage(index=False).sum()))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._finish()
        except OSError as error:
            raise StoreError(f"the results could not be written to {self.out}: {error.strerror or error}") from error
        finally:
            shutil.rmtree(self._partial, ignore_errors=True)

    def _keep(self, name: str, rows: Any, size: int) -> None:
        self._rows.setdefault(name, []).append(rows)
        self._bytes[name] = self._bytes.get(name, 0) + size
        if self._bytes[name] >= PART_BYTES:
            self._flush(name)

    def _flush(self, name: str) -> None:
        import pandas as pd

        rows = self._rows.pop(name, [])
        if not rows:
            return
        frame = pd.DataFrame(rows) if name == "runs" else pd.concat(rows, ignore_index=True)
        part = self._parts.get(name, 0)
        self._parts[name], self._bytes[name] = part + 1, 0
        (self.folder / name).mkdir(exist_ok=True)
        _write_parquet(frame, self.folder / name / f"part-{part:05d}.parquet")

    def _finish(self) -> None:
        for name in list(self._rows):
            self._flush(name)
        self.manifest["inputs"] = write_inputs(self.inputs, self.folder)
        self.manifest["runs"] = {"total": sum(self.counts.values()), **self.counts}
        write_json(self.manifest, self.folder / "manifest.json")
        _put_in_place(self.folder, self.out)


def write_json(content: dict[str, Any], path: Path) -> None:
    """Write a file of JSON, whole or not at all."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    _sync(beside)
    beside.replace(path)
    _sync(path.parent)


def write_part(frame: pd.DataFrame, folder: Path, part: int) -> None:
    """Write one part of a table into its folder, whole or not at all."""
    folder.mkdir(exist_ok=True)
    write_whole(frame, folder / f"part-{part:05d}.parquet")


def write_whole(frame: pd.DataFrame, path: Path, about: dict[bytes, bytes] | None = None) -> None:
    """Write a table and what the file says `about` it, whole or not at all."""
    beside = path.with_name(f".{path.stem}")
    _write_parquet(frame, beside, about)
    _sync(beside)
    beside.replace(path)
    _sync(path.parent)


def copy_inputs(scenarios: list[Scenario], folder: Path) -> dict[str, Any]:
    """Copy the files that scenarios read into ``inputs/`` of a folder, and return what the manifest says of them."""
    return write_inputs(_contents(inputs_of(scenarios)), folder)


def write_inputs(inputs: dict[str, tuple[str, bytes]], folder: Path) -> dict[str, Any]:
    """Write the contents of files, by name, and return what the manifest says of them."""
    for name, (_, content) in inputs.items():
        (folder / "inputs").mkdir(exist_ok=True)
        (folder / "inputs" / name).write_bytes(content)
    return {name: {"path": path, "sha256": hashlib.sha256(content).hexdigest()}
            for name, (path, content) in inputs.items()}


def _contents(inputs: dict[str, Path]) -> dict[str, tuple[str, bytes]]:
    return {name: (str(path), path.read_bytes()) for name, path in inputs.items()}


def _write_parquet(frame: pd.DataFrame, path: Path, about: dict[bytes, bytes] | None = None) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame[sorted(frame.columns, key=lambda name: name != "run")], preserve_index=False)
    table = table.replace_schema_metadata(about) if about else table
    for i, field in enumerate(table.schema):  # a column of nothing has no type, and would clash with later parts
        if pa.types.is_null(field.type):
            table = table.set_column(i, field.name, table.column(i).cast(pa.string()))
    numbers = [f.name for f in table.schema if pa.types.is_floating(f.type)]
    others = [name for name in table.column_names if name not in numbers]
    pq.write_table(table, path, compression="zstd", use_dictionary=others, use_byte_stream_split=numbers)


def _put_in_place(partial: Path, out: Path) -> None:
    """Flush all files of `partial` to disk and rename it to `out`, keeping a user's own files there."""
    for file in partial.rglob("*"):
        if file.is_file():
            _sync(file)
    _sync(partial)
    old = out.parent / f".{out.name}.{os.getpid()}.old"
    if out.exists():
        out.rename(old)
    partial.rename(out)
    _sync(out.parent)
    if old.exists():
        for entry in old.iterdir():
            if entry.name not in OWN_NAMES and not (out / entry.name).exists():
                entry.rename(out / entry.name)
        shutil.rmtree(old)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows does not open folders
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_free(out: Path, manifest: dict[str, Any]) -> None:
    """Raise `StoreError` unless `out` is new, empty, or holds the same question's earlier result."""
    another = f"choose another folder, as in out={out}-2"
    if out.is_file():
        raise StoreError(f"out={out} is a file and not a folder; {another}")
    parent = next(p for p in (out, *out.absolute().parents) if p.is_dir())
    if not os.access(parent, os.W_OK):
        raise StoreError(f"out={out} cannot be written: no permission in {parent}")
    if not out.is_dir() or not any(out.iterdir()):
        return
    try:
        earlier = read_manifest(out)
    except StoreError:
        raise StoreError(f"out={out} is a folder of other files, which are left alone; {another}") from None
    if question(earlier) != question(manifest):
        made = f"'{earlier['command']}'" if earlier.get("command") else f"of {earlier.get('created', 'an earlier day')}"
        raise StoreError(f"out={out} holds the result of another question, {made}; {another}")


def question(manifest: dict[str, Any]) -> Any:
    """Return what a result answers: variants, seeds and design, whatever the code, folder or workers."""
    variants = []
    for variant in manifest["variants"]:
        earlier = [[until, _with_effect(config)] for until, config in variant.get("history", [])]
        moved = {"history": earlier} if earlier else {}
        variants.append({**variant, "config": _with_effect(variant["config"]), **moved})
    sweep = manifest.get("sweep")
    design = [manifest["dimensions"], sweep["design"], sweep.get("first", 0)] if sweep else []
    return json.loads(json.dumps([manifest["verb"], variants, manifest["seeds"], *design]))


def _with_effect(config: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in config["settings"].items() if key not in WITHOUT_EFFECT}
    return {**config, "settings": kept}


def default_out(manifest: dict[str, Any]) -> Path:
    """Return the folder for a question whose asker named none: the same for the same question and code."""
    text = json.dumps([question(manifest), manifest["code_version"]], sort_keys=True)
    return Path("allysim_out") / f"{manifest['verb']}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a folder's manifest.

    Raises
    ------
    StoreError
        There is none, or it is not an allysim manifest of a format this version reads.
    """
    path = folder / "manifest.json"
    if not folder.is_dir():
        raise StoreError(f"there is no folder {folder}")
    if not path.is_file():
        raise StoreError(f"{folder} is not a result of allysim: it has no manifest.json")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise StoreError(f"{path} has format {manifest['format']}, but this version reads format {FORMAT}")
        for key in ("verb", "records", "code_version", "versions"):
            manifest[key]
        for variant in manifest["variants"]:
            variant["scenario"], variant["strategy"], dict(variant["config"]["settings"])
        [int(seed) for seed in manifest["seeds"]]
    except (KeyError, TypeError, ValueError, OSError) as problem:
        cause = f"it lacks {problem}" if isinstance(problem, KeyError) else problem
        raise StoreError(f"{path} cannot be read as a manifest of allysim ({cause})") from problem
    return manifest


def read_table(folder: Path, name: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Read all parts of one table, such as ``runs`` or ``series``, in the order they were written; some `columns`.

    Raises
    ------
    StoreError
        The folder has no such table, or a part cannot be read.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = sorted((folder / name).glob("part-*.parquet"))
    if not parts:
        raise StoreError(f"{folder} has no {name}/: its records are of level '{read_manifest(folder)['records']}'")
    try:
        return pd.concat([pq.read_table(part, columns=columns).to_pandas() for part in parts], ignore_index=True)
    except (OSError, pa.ArrowException) as problem:
        raise StoreError(f"a part of {folder / name} cannot be read ({problem})") from problem


def describe(verb: str, variants: list[dict[str, Any]], seeds: list[int], records: str,
             arguments: list[str] | None = None) -> dict[str, Any]:
    """Return the manifest of a question: everything needed to ask it again.

    Parameters
    ----------
    verb : str
        The command that asks.
    variants : list of dict
        ``scenario`` and ``strategy`` (the labels in the run table), ``config`` (`Scenario.to_dict`) and, where
        levers were moved on the way, ``history`` (last month and ``config`` of what was in force before).
    seeds : list of int
        One per replication.
    records : str
        Level of the records kept.
    arguments : list of str, optional
        What followed the command, where there was a command line.
    """
    from allysim.version import code_version, versions

    return {
        "format": FORMAT, "verb": verb, "arguments": arguments,
        "command": None if arguments is None else shlex.join(["allysim", verb, *arguments]),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_version": code_version(), "git": git_commit(), "versions": versions(),
        "records": records, "seeds": seeds, "variants": variants,
    }


def inputs_of(scenarios: list[Scenario]) -> dict[str, Path]:
    """Return the files that scenarios read, by a name of their own in ``inputs/``.

    One that is gone is left out: a saved run goes on without it, and what it said is in the manifest.
    """
    found: dict[str, Path] = {}
    for scenario in scenarios:
        code = (file_of(value) for _, value in code_settings(scenario))
        given = [scenario.firms.path, scenario.alliances.path, scenario.scenario.path, *code]
        for path in (Path(file).expanduser() for file in given if file):
            if path not in found.values() and path.is_file():
                name = path.name if path.name not in found else f"{len(found)}_{path.name}"
                found[name] = path
    return found


def code_settings(scenario: Scenario) -> list[tuple[str, str]]:
    """Return the settings that name a file of code, ``file.py:name``."""
    return [(key, value) for key, value in scenario.flat().items()
            if (key == "outcome" or key.startswith("rules.")) and file_of(value)]


def file_of(reference: str | None) -> str | None:
    """Return the file of ``file.py:name``; None for anything else."""
    file = (reference or "").rpartition(":")[0]
    return file if file.endswith(".py") else None


def git_commit() -> str | None:
    """Return the commit of the checkout this package runs from, with ``-dirty`` after edits; None elsewhere."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=True,
                              timeout=10).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", Path(__file__).name)  # another project's checkout does not know this file
        return git("rev-parse", "HEAD") + ("-dirty" if git("status", "--porcelain", str(here.parent)) else "")
    except (OSError, subprocess.SubprocessError):
        return None
