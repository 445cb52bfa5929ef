"""The folder of a study while it grows: parts that are whole or absent, and nothing run twice.

``manifest.json`` comes first and says what is asked; ``runs/`` has a row per run (name, status, labels, point, values,
seed, error, seconds, memory, outcomes) and ``series/`` and so on the records that were asked for, all as Parquet in
parts. A part is written beside its place, flushed to disk and renamed. The part of ``runs/`` comes last: a record part
without it belongs to runs that are not known to be done, and is removed when the study is taken up again. All parts of
``runs/`` have the same columns: an outcome that earlier parts do not know, since their runs failed, is put into them.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.errors import StoreError
from allysim.study import store
from allysim.study.chunks import Done
from allysim.study.plan import Plan
from allysim.version import code_version

if TYPE_CHECKING:
    import pandas as pd

FLUSH_SECONDS, FLUSH_SHARE = 2.0, .02
"""A part is written after so many seconds, or such a share of the time the study has taken: a longer study loses
more at a crash, and has fewer files."""

MOST_WAITING = 100_000
"""Runs that wait for a part at most."""


class Tally(NamedTuple):
    """How far a study is: runs that succeeded, failed and are left, seconds they took and may take, memory in MB."""

    succeeded: int
    failed: int
    left: int
    seconds: float
    seconds_left: float
    memory: float


class Archive:
    """A study's folder, or its place in memory; use it as a context manager.

    Parameters
    ----------
    plan : Plan
    out : Path or None
        None keeps everything in memory.
    args : list of str, optional
        What followed ``allysim sweep``.

    Raises
    ------
    StoreError
        The folder holds something else, was made by other code, cannot be written, or another process is at it.
    """

    def __init__(self, plan: Plan, out: Path | None, args: list[str] | None = None) -> None:
        self.plan, self.out = plan, out
        self.done = np.zeros(plan.total, dtype=bool)
        self.frames: list[pd.DataFrame] = []
        self._waiting: list[Done] = []
        self._bytes = self._count = 0
        self._started = self._flushed = time.monotonic()
        self._part, self._lock = 0, -1
        self._outcomes: list[str] = []
        self._manifest: dict[str, Any] = {}
        if out is not None:
            self._open(out, args)

    def _open(self, out: Path, args: list[str] | None) -> None:
        manifest = store.describe("sweep", [], self.plan.seeds, self.plan.records, args) | self.plan.to_dict()
        earlier = store.read_manifest(out) if (out / "manifest.json").is_file() else None
        if earlier:
            check_same(earlier, manifest, out)
        elif not _just_begun(out):
            store.check_free(out, manifest)
            out.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(out)
        self._part = clean(out)
        if earlier:
            manifest["created"], manifest["inputs"] = earlier["created"], earlier.get("inputs", {})
        else:
            manifest["inputs"] = store.copy_inputs([cell.config for cell in self.plan.cells], out)
        self._manifest = manifest
        store.write_json(manifest, out / "manifest.json")
        if self._part:
            self._outcomes = list(dict.fromkeys(name for part in _parts(out) for name in _outcomes_in(_columns(part))))
            self._widen(out)
            rows = store.read_table(out, "runs", ["cell", "point", "seed"])
            known = self.plan.place(rows["cell"], rows["point"], rows["seed"])
            self.done[known[known < self.plan.total]] = True

    def add(self, done: Done) -> None:
        """Take in what a chunk left; a part is written when it is time to.

        Raises
        ------
        StoreError
            The worker ran other code than this.
        """
        if done.code != code_version():
            raise StoreError(f"a worker runs allysim's code {done.code} and not {code_version()}: install the same "
                             "version everywhere")
        self._waiting.append(done)
        self._count += len(done.names)
        self._bytes += sum(int(table.memory_usage(index=False).sum()) for table in done.tables.values())
        self.done[self.plan.place(done.cell, done.points, done.seeds)] = True
        now = time.monotonic()
        if now - self._flushed > max(FLUSH_SECONDS, FLUSH_SHARE * (now - self._started)) \
                or self._bytes > store.PART_BYTES or self._count >= MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting as a part, or keep it in memory."""
        import pandas as pd

        waiting, self._waiting, self._bytes, self._count, self._flushed = self._waiting, [], 0, 0, time.monotonic()
        if not waiting:
            return
        rows = self._rows(waiting)
        if self.out is None:
            self.frames.append(rows)
            return
        kinds = list(dict.fromkeys(kind for done in waiting for kind in done.tables))
        try:
            for kind in kinds:
                tables = [done.tables[kind] for done in waiting if kind in done.tables]
                store.write_part(_single(pd.concat(tables, ignore_index=True)), self.out / kind, self._part)
            if new := [name for name in _outcomes_in(rows.columns) if name not in self._outcomes]:
                self._outcomes += new
                self._widen(self.out)
            store.write_part(_widened(rows, self._outcomes), self.out / "runs", self._part)
        except OSError as error:
            raise StoreError(f"the results could not be written to {self.out}: {error.strerror or error}") from error
        self._part += 1

    def _widen(self, out: Path) -> None:
        """Put outcomes that the parts of the run table lack into them."""
        import pandas as pd

        for part in _parts(out):
            if _outcomes_in(_columns(part)) != self._outcomes:
                store.write_part(_widened(pd.read_parquet(part), self._outcomes), out / "runs", _number(part))

    def _rows(self, waiting: list[Done]) -> pd.DataFrame:
        """Return the rows of the run table that some chunks give."""
        import pandas as pd

        sizes = [len(done.names) for done in waiting]
        cell = np.repeat([done.cell for done in waiting], sizes)
        points = np.concatenate([done.points for done in waiting])
        errors = [error for done in waiting for error in done.errors]
        first = {"run": [name for done in waiting for name in done.names],
                 "status": [store.FAILED if error else store.SUCCEEDED for error in errors],
                 "cell": cell.astype(np.int32)}
        for key in self.plan.cells[0].labels:
            first[key] = np.array([one.labels[key] for one in self.plan.cells], dtype=object)[cell]
        values = pd.DataFrame(self.plan.values[points], columns=self.plan.keys)
        whole = {dimension.key: np.int64 for dimension in self.plan.dimensions if dimension.whole}
        then = {"seed": np.concatenate([done.seeds for done in waiting]), "error": errors,
                "seconds": np.concatenate([done.seconds for done in waiting]),
                "memory_mb": np.repeat([done.memory for done in waiting], sizes)}
        outcomes = pd.DataFrame([one for done in waiting for one in done.outcomes], dtype=float)
        return pd.concat([pd.DataFrame({**first, "point": points.astype(np.int32)}), values.astype(whole),
                          pd.DataFrame(then), outcomes], axis=1)

    def shared_by(self, workers: int) -> None:
        """Take note of how many work on the study side by side, for whoever asks how long it will take."""
        if self.out is not None and self._manifest.get("workers") != workers:
            self._manifest["workers"] = workers
            store.write_json(self._manifest, self.out / "manifest.json")

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: object) -> None:
        """Keep what is finished, whatever ended the study."""
        try:
            self.flush()
        finally:
            if self._lock >= 0:
                os.close(self._lock)


def check_same(earlier: dict[str, Any], manifest: dict[str, Any], out: Path) -> None:
    """Raise `StoreError` unless a folder's study is this one, with other points, replications or workers at most."""
    another = f"choose another folder, as in out={out}-2"
    if earlier["verb"] != "sweep":
        raise StoreError(f"out={out} holds the result of 'allysim {earlier['verb']}'; {another}")
    if _asked(earlier) != _asked(manifest):
        made = f"'{earlier['command']}'" if earlier.get("command") else f"of {earlier.get('created', 'an earlier day')}"
        raise StoreError(f"out={out} holds another study, {made}; {another}")
    if earlier["code_version"] != manifest["code_version"]:
        raise StoreError(f"out={out} was begun by allysim's code {earlier['code_version']} and this is "
                         f"{manifest['code_version']}: runs of both would stand side by side; {another}")
    before, now = earlier["sweep"], manifest["sweep"]
    if before["points"] != now["points"] and now["design"] == "lhs":
        raise StoreError(f"out={out} has {before['points']} points of design=lhs, which cannot be extended: they are "
                         f"made for their number (sobol can); {another}")
    for what, old, new in (("points", before["points"], now["points"]),
                           ("replications", len(earlier["seeds"]), len(manifest["seeds"]))):
        if new < old:
            raise StoreError(f"out={out} has {what}={old} already, more than {new}: nothing is to be run; {another}")


def _asked(manifest: dict[str, Any]) -> Any:
    """Return what a study asks, whatever its number of points and replications."""
    return [store.question({**manifest, "seeds": manifest["seeds"][:1]}), manifest["records"],
            manifest.get("own_luck", False)]


def _just_begun(folder: Path) -> bool:
    """Return whether a folder holds only what a study that was killed before it had a manifest leaves."""
    names = {file.name for file in folder.iterdir()} if folder.is_dir() else set()
    return ".lock" in names and all(name in (".lock", "inputs") or name.startswith(".manifest.json.") for name in names)


def _parts(folder: Path) -> list[Path]:
    """Return the parts of a study's run table."""
    return sorted((folder / "runs").glob("part-*.parquet"))


def _number(part: Path) -> int:
    return int(part.stem.removeprefix("part-"))


def _columns(part: Path) -> list[str]:
    """Return the columns of a part."""
    import pyarrow.parquet as pq

    return list(pq.read_schema(part).names)


def _outcomes_in(columns: Iterable[str]) -> list[str]:
    """Return the outcomes among the columns of a run table, which stand at its end."""
    names = list(columns)
    return names[names.index("memory_mb") + 1:]


def _widened(rows: pd.DataFrame, outcomes: list[str]) -> pd.DataFrame:
    """Return rows of a run table with all these outcomes."""
    others = [name for name in rows.columns if name not in _outcomes_in(rows.columns)]
    return rows.reindex(columns=[*others, *outcomes])


def clean(folder: Path) -> int:
    """Remove what an interrupted study left half, and return the number of the next part."""
    for file in (*folder.glob("*/.part-*"), *folder.glob(".manifest.json.*")):
        file.unlink()
    whole = {file.name for file in _parts(folder)}
    for kind in store.RECORDS["full"]:
        for file in (folder / kind).glob("part-*.parquet"):
            if file.name not in whole:
                file.unlink()
    return max(map(_number, _parts(folder)), default=-1) + 1


def tally(folder: Path) -> Tally:
    """Return how far the study in a folder is, whether somebody is at work on it or not.

    Raises
    ------
    StoreError
        The folder holds no study.
    """
    plan = read_plan(folder)
    if not _parts(folder):
        return Tally(0, 0, plan.total, 0.0, float("nan"), 0.0)
    rows = store.read_table(folder, "runs", ["status", "cell", "seconds", "memory_mb"])
    failed = int((rows["status"] == store.FAILED).sum())
    made = rows.groupby("cell")["seconds"].agg(["size", "mean"]).reindex(range(len(plan.cells)))
    left = plan.total // len(plan.cells) - made["size"].fillna(0)
    seconds = float((left * made["mean"].fillna(rows["seconds"].mean())).sum())
    return Tally(len(rows) - failed, failed, plan.total - len(rows), float(rows["seconds"].sum()), seconds,
                 float(rows["memory_mb"].max()))


def made(folder: Path) -> int:
    """Return how many runs of a study are in a folder; 0 where there is none."""
    return len(store.read_table(folder, "runs", ["cell"])) if _parts(folder) else 0


def repeat(out: Path, run: str) -> str:
    """Return the command that makes one run of the study in a folder again, by its name."""
    return f"allysim run --repeat {shlex.quote(str(out))} {run}"


def failures(rows: pd.DataFrame, out: Path, most: int, elsewhere: str = "") -> list[str]:
    """Return, for `most` of the failed ones of some rows, the command that repeats each and its error, and where the
    others are: in the run table, or `elsewhere`."""
    failed, lines = rows[rows["status"] == store.FAILED], list[str]()
    for name, error in failed[["run", "error"]].head(most).itertuples(index=False):
        lines += [f"  {repeat(out, name)}", f"    {error}"]
    if len(failed) > most:
        lines.append(f"  {len(failed) - most} more: "
                     f"{elsewhere or f'run and error of the rows of {out}/runs/*.parquet whose status is FAILED'}")
    return lines


def go_on(out: Path) -> str:
    """Return the command that goes on with the study in a folder."""
    return f"allysim sweep --resume {shlex.quote(str(out))}"


def _single(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of records in single precision: pictures of months need no more, and half the bytes do."""
    wide = [name for name, kind in table.dtypes.items() if kind == np.float64]
    return table.astype(dict.fromkeys(wide, np.float32))


def _locked(folder: Path) -> int:
    """Take the lock of a folder, which ends with this process; `StoreError` if another one has it."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
    try:
        import fcntl
    except ImportError:  # Windows: two processes at one folder are the user's own care
        return handle
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StoreError(f"another process is at work on {folder} ('allysim status {folder}' shows how far)") from error
    return handle


def busy(folder: Path) -> bool:
    """Return whether a process is at work on the study in a folder; False where the system does not say."""
    try:
        os.close(_locked(folder))
    except StoreError:
        return True
    return False


def read_plan(folder: Path, **changed: Any) -> Plan:
    """Return the plan of the study in a folder, with settings `changed`; errors as `tally` and `Plan.from_dict`."""
    manifest = store.read_manifest(folder)
    if manifest["verb"] != "sweep":
        raise StoreError(f"{folder} holds the result of 'allysim {manifest['verb']}'; a study comes from "
                         "'allysim sweep'")
    return Plan.from_dict(manifest, **changed)

