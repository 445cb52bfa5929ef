"""The presets in ``configs/``: where the folder is, what is in it, and one preset read and checked."""

import functools
import re
from pathlib import Path
from typing import Any

import yaml

from allysim.config.parameters import GROUPS, SECTIONS
from allysim.config.schema import check, fields_of
from allysim.errors import ConfigError, nearest


def folder() -> Path:
    """Return the folder of presets: inside the installed package, or at the top of the repository."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "configs", package.parents[1] / "configs"):
        if (place / "config.yaml").is_file():
            return place
    raise ConfigError(f"the folder of presets is missing from {package}: install allysim again")


def names(group: str) -> tuple[str, ...]:
    """Return the names of a group's presets, in order; ``group`` is a key of `GROUPS`."""
    return tuple(sorted(file.stem for file in (folder() / GROUPS[group]).glob("*.yaml")))


def check_name(group: str, name: Any) -> str:
    """Return `name` if the group has such a preset, or raise `ConfigError` with the nearest one."""
    allowed = names(group)
    if name not in allowed:
        shown = "null" if name is None else str(name)
        raise ConfigError(f"unknown {group} '{shown}': there are {', '.join(allowed)}{nearest(shown, allowed)}")
    return str(name)


def load(group: str, name: str) -> dict[str, Any]:
    """Return what a preset sets, field by field, checked against the schema.

    Raises
    ------
    ConfigError
        For an unknown preset; or naming the file, for a field or value that is not allowed.
    """
    file = folder() / GROUPS[group] / f"{check_name(group, name)}.yaml"
    given = _read(file)
    fields = {field.key: field for field in fields_of(SECTIONS[GROUPS[group]])}
    for field in given:
        if field not in fields:
            raise ConfigError(f"{file}: unknown field '{field}'{nearest(str(field), fields)}")
    if given.get("name") != name:
        raise ConfigError(f"{file}: its field 'name' must be '{name}', like the file")
    try:
        return {field: check(fields[field], value) for field, value in given.items()}
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None


def about(group: str, name: str) -> str:
    """Return a preset's line of description: its ``about`` or ``belief``, else its first comment."""
    values = load(group, name)
    first = (folder() / GROUPS[group] / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")[0]
    return str(values.get("about") or values.get("belief") or first.lstrip("# "))


def default_choices() -> dict[str, str]:
    """Return the preset that each group has where none is chosen, as ``configs/config.yaml`` lists them."""
    file = folder() / "config.yaml"
    chosen = {}
    for entry in _read(file)["defaults"]:
        for key, name in entry.items() if isinstance(entry, dict) else ():
            chosen[key.rpartition("@")[2]] = name
    return chosen


def _read(file: Path) -> dict[Any, Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_loader())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" from line {mark.line + 1} on" if mark else ""
        raise ConfigError(f"{file} cannot be read as YAML{where}: {getattr(error, 'problem', error)}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{file} must hold lines of the form 'field: value'")
    return content


@functools.cache
def _loader() -> type[yaml.SafeLoader]:
    """Return a YAML loader that, like Hydra's, reads ``1e-3`` as a number and refuses a field given twice."""

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen = set()
            for key, _ in node.value:
                if str(key.value) in seen:
                    problem = f"'{key.value}' is given twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(str(key.value))
            return super().construct_mapping(node, deep)

    number = re.compile(r"[-+]?(\d[\d_]*(\.[\d_]*)?|\.\d[\d_]*)[eE][-+]?\d+$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", number, list("-+.0123456789"))
    return Loader
