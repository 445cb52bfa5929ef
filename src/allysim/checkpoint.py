"""One file that holds all there is of a model, so that another process can go on from it.

The file is a NumPy archive of the columns of all tables and of what was recorded so far, with one entry of
JSON text for the configuration and single values. It holds no code and no pickles, and is only read by the
very version of the code that wrote it, since another would go on otherwise.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_type_hints

import numpy as np

from allysim.config import Scenario
from allysim.errors import AllysimError, StoreError
from allysim.state import State
from allysim.version import code_version

if TYPE_CHECKING:
    from allysim.model import AllianceModel
    from allysim.records import History

    Model = TypeVar("Model", bound=AllianceModel)

FORMAT = 1
KIND = "allysim model"
TABLES: dict[str, Any] = get_type_hints(State)
TEXT = ":text"  # ends the name of an entry whose column holds Python strings
DAMAGE = (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, NotImplementedError,
          RuntimeError, zipfile.BadZipFile)
"""What reading a damaged or foreign file may raise; our own errors about its contents are among them."""


def save(model: AllianceModel, path: Path) -> None:
    """Write a model into one file, put in place when complete.

    Raises
    ------
    StoreError
        The file cannot be written, or there is another file that is no saved model.
    """
    path = path.expanduser()
    if path.exists() and not _is_saved(path):
        raise StoreError(f"{path} is not a saved run of allysim and is left alone; choose another file")
    entries, values = _flatten(model)
    about = {
        "kind": KIND, "format": FORMAT, "code_version": code_version(), "seed": model.luck,
        "digests": [config.digest(model.luck) for config in (*(c for _, c in model.history), model.config)],
        "history": [[month, config.to_dict()] for month, config in model.history], "config": model.config.to_dict(),
        "level": model.recorder.level, **values,
    }
    entries["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            np.savez(file, **entries)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


class Saved(NamedTuple):
    """What a file holds, read and checked."""

    path: Path
    about: dict[str, Any]
    entries: dict[str, Any]
    config: Scenario
    history: History

    @property
    def month(self) -> int:
        """Months done."""
        return int(self.about["world"]["month"])

    def restore(self, kind: type[Model]) -> Model:
        """Return the model as it was saved, made as an object of class `kind`."""
        with _named_damage(self.path):
            return _restore(kind, self)


def read(path: Path) -> Saved:
    """Read what `save` wrote; errors as `AllianceModel.load`."""
    if not path.is_file():
        raise StoreError(f"there is no file {path}")
    if not _is_saved(path):
        raise StoreError(f"{path} is not a saved run of allysim: Run.save and AllianceModel.save write them")
    with _named_damage(path), np.load(path, allow_pickle=False) as archive:
        if broken := archive.zip.testzip():  # NumPy itself does not look at the check sums
            raise ValueError(f"the check sum of {broken} is wrong")
        about = json.loads(archive["about"].tobytes())
        _check_version(path, about)
        entries = {name.removesuffix(TEXT): archive[name].astype(object) if name.endswith(TEXT) else archive[name]
                   for name in archive.files if name != "about"}
        history = tuple((month, Scenario.from_dict(content)) for month, content in about["history"])
        config = Scenario.from_dict(about["config"])
        digests = [each.digest(about["seed"]) for each in (*(earlier for _, earlier in history), config)]
        if digests != about["digests"]:
            raise StoreError(f"{path} was saved with a rule or outcome of your own whose file has changed since, and "
                             "would go on otherwise: bring the old file back, or run it again")
        return Saved(path, about, entries, config, history)


@contextlib.contextmanager
def _named_damage(path: Path) -> Iterator[None]:
    """Say of whatever a damaged file raises that it is damaged."""
    try:
        yield
    except AllysimError:
        raise
    except DAMAGE as problem:
        cause = " ".join(f"{type(problem).__name__}: {problem}".split())
        raise StoreError(f"{path} is damaged and cannot be read as a saved run of allysim ({cause:.120})") from problem


def _is_saved(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "about.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _check_version(path: Path, about: Any) -> None:
    if about["kind"] != KIND or about["format"] != FORMAT:
        raise StoreError(f"{path} has format {about['format']} of '{about['kind']}', but this version reads format "
                         f"{FORMAT} of '{KIND}'")
    if about["code_version"] != code_version():
        raise StoreError(f"{path} was saved by version {about['code_version']} of the code and this is "
                         f"{code_version()}, which would go on otherwise: run it again, or use that version")


def _flatten(model: AllianceModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return arrays by name of entry, and single values."""
    entries: dict[str, Any] = {}
    single: dict[str, Any] = {}  # of the world: all else are columns
    for table, kind in TABLES.items():
        for field in dataclasses.fields(kind):
            value = getattr(getattr(model.state, table), field.name)
            if isinstance(value, np.ndarray):
                entries[f"{table}.{field.name}"] = value
            else:
                single[field.name] = np.asarray(value).item()
    recorder = model.recorder
    entries["series"] = np.stack(recorder.series)
    if recorder.flows.sums:
        entries["flows"] = np.stack(list(recorder.flows.sums.values()))
    values = {"world": single, "events": _pack("events", model.events.parts, 2, entries),
              "ledger": _pack("ledger", [(*part[:1], part[4], *part[1:4]) for part in model.ledger.parts], 2, entries),
              "flows": list(recorder.flows.sums),
              "departed": _pack("departed", [tuple(part.values()) for part in recorder.departed], 0, entries)}
    named = {name: value for name, value in entries.items() if value.dtype != object}
    return named | {name + TEXT: value.astype(str) for name, value in entries.items() if value.dtype == object}, values


def _pack(name: str, parts: list[tuple[Any, ...]], heads: int, entries: dict[str, Any]) -> list[list[Any]]:
    """Put parts of a record end to end, an entry per column; return the single values and length of each part."""
    for column in range(heads, len(parts[0]) if parts else 0):
        entries[f"{name}.{column}"] = np.concatenate([part[column] for part in parts])
    return [[*part[:heads], len(part[heads])] for part in parts]


def _unpack(name: str, plan: list[list[Any]], heads: int, entries: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Undo `_pack`."""
    ends = np.cumsum([head[-1] for head in plan])[:-1]
    width = sum(entry.startswith(f"{name}.") for entry in entries)
    columns = [np.split(entries[f"{name}.{column}"], ends) for column in range(heads, heads + width)]
    return [(*head[:heads], *(column[k] for column in columns)) for k, head in enumerate(plan)]


def _restore(kind: type[Model], saved: Saved) -> Model:
    """Make the model of month 0 anew and put what was saved in the place of what it holds."""
    about, entries = saved.about, saved.entries
    first = saved.history[0][1] if saved.history else saved.config
    model = kind(first, rng=about["seed"], records=about["level"])
    model.state = State(**{
        table: of(**{field.name: about["world"][field.name] if field.name in about["world"]
                     and table == "world" else entries[f"{table}.{field.name}"] for field in dataclasses.fields(of)})
        for table, of in TABLES.items()
    })
    model.events.given = _unpack("events", about["events"], 2, entries)
    model.ledger.parts = [(month, debit, credit, amount, purpose) for month, purpose, debit, credit, amount
                          in _unpack("ledger", about["ledger"], 2, entries)]
    recorder = model.recorder
    recorder.series = list(entries["series"])
    recorder.flows.sums = dict(zip(about["flows"], entries.get("flows", ()), strict=True))
    recorder.departed = [dict(zip(recorder.initial, part, strict=True))
                         for part in _unpack("departed", about["departed"], 0, entries)]
    model.change_to(saved.config)
    model.history = saved.history
    return model
