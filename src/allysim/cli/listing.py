"""Show everything that can be set: presets, and every value with default, unit, range, tag and source.

  allysim list                 all of it
  allysim list pilot           one section, or one group with its presets
  allysim list pilot.months    one value in full
  allysim list --json          the same for machines, also with a section, group or key

Columns: the key to set, its default and unit, what is allowed, its tag, and for assumptions the range
they are swept over; then what it is and where it comes from.
"""

import json
import re
import shlex
import shutil
import textwrap
from collections.abc import Iterable
from typing import Any

from allysim.config import presets
from allysim.config.parameters import GROUPS, SECTIONS
from allysim.config.scenario import settable, unknown_key
from allysim.config.schema import TAGS, Field, describe_allowed
from allysim.errors import ConfigError
from allysim.rules import BUILT_IN

LABELS = ("name", "about", "belief", "claim")


def main(args: list[str]) -> int:
    """Print the list, narrowed to the sections, groups and keys in ``args``."""
    wanted = [arg for arg in args if arg != "--json"]
    for name in wanted:
        if name.startswith("-"):
            raise ConfigError(f"unknown option '{name}': 'allysim list' takes --json and names of sections or keys")
        if name not in {*SECTIONS, *GROUPS, *settable()}:
            raise unknown_key(name)
    groups = [group for group in GROUPS if not wanted or group in wanted or group.partition(".")[0] in wanted]
    fields = {key: field for key, field in _defaults().items() if not wanted or _matches(key, wanted)}
    if "--json" in args:
        print(json.dumps(_as_json(groups, fields), indent=2, ensure_ascii=False))
    elif wanted and all(name in settable() for name in wanted):
        print("\n\n".join(_in_full(field) for field in fields.values()))
    else:
        width = max(80, min(120, shutil.get_terminal_size((120, 24)).columns))
        print("\n".join(_page(groups, fields, bool(wanted), width)))
    return 0


def _defaults() -> dict[str, Field]:
    """Return every field with the default it has once the default presets are chosen."""
    fields = dict(settable())
    for group, name in presets.default_choices().items():
        for of, value in presets.load(group, name).items():
            key = f"{group}.{of}"
            fields[key] = fields[key]._replace(default=value)
    return fields


def _section(key: str) -> str:
    return key.partition(".")[0] if "." in key else "run"


def _matches(key: str, wanted: Iterable[str]) -> bool:
    return any(name in (key, _section(key)) or key.startswith(f"{name}.") for name in wanted)


def _page(groups: list[str], fields: dict[str, Field], narrowed: bool, width: int) -> list[str]:
    lines = []
    if groups:
        lines += ["PRESETS   choose one by group=name; * is chosen where you say nothing", ""]
        for group in groups:
            lines += [*_presets(group, narrowed, width), ""]
    if fields:
        lines += ["VALUES    set one by key=value"]
        lines += ["          key, default, what is allowed, tag and range swept, what it is (source)", ""]
    for name in dict.fromkeys(map(_section, fields)):
        lines += [*_table(name, [field for key, field in fields.items() if _section(key) == name], width), ""]
    lines += [f"{tag}   {meaning}" for tag, meaning in TAGS.items()]
    lines += ["    The range behind an A is the one it is swept over; F1 ... are equations of the model.", ""]
    example = "pilot.months" if "pilot.months" in fields else next(key for key in fields if not key.endswith(LABELS))
    return [*lines, f"Next: allysim list {example} (one in full), or set it: {_set_by(fields[example])}"]


def _set_by(field: Field) -> str:
    value = "VALUE" if field.default in (None, "") else _number(field.default)
    return f"allysim run {shlex.quote(f'{field.key}={value}')}"


def _about(section: str) -> str:
    """Return the first sentence about a section."""
    about = (SECTIONS[section].__doc__ or "").partition("\n")[0].rstrip(".")
    about = re.sub("^Group `.*?`: ", "", about)
    return about + (", for firms that are not focal" if section == "background" else "")


def _presets(group: str, with_values: bool, width: int) -> list[str]:
    lines = [f"{group}   {_about(_section(f'{group}.name'))}"]
    chosen = presets.default_choices()[group]
    column = max(map(len, presets.names(group)))
    for name in presets.names(group):
        lines += _hang(f"  {'*' if name == chosen else ' '} {name:<{column}}  ", presets.about(group, name), width)
        if with_values:
            values = {of: value for of, value in presets.load(group, name).items() if of not in LABELS}
            shown = "  ".join(f"{of}={_number(value)}" for of, value in values.items()) or "all as by default"
            lines += _hang(" " * (column + 6), shown, width)
    return lines


def _table(section: str, fields: list[Field], width: int) -> list[str]:
    """Lay out one section; columns are as wide as their widest cell, and the last one takes the rest."""
    rows = [(field.key, _with_unit(field), _allowed(field), _tag(field)) for field in fields]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [f"{section}   {_about(section)}"]
    for row, field in zip(rows, fields, strict=True):
        left = "  " + "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)) + "  "
        source = f" ({field.parameter.source})" if field.parameter.source else ""
        lines += _hang(left, field.parameter.about + source, width)
    return lines


def _hang(left: str, text: str, width: int) -> list[str]:
    """Put text beside `left` and its further lines below itself."""
    wrapped = textwrap.wrap(text, max(24, width - len(left)), break_on_hyphens=False) or [""]
    return [(left if number == 0 else " " * len(left)) + line for number, line in enumerate(wrapped)]


def _number(value: Any) -> str:
    """Write a value briefly, in the form in which it can be set."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    if isinstance(value, (int, float)):
        return f"{value:.4g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return str(value)


def _with_unit(field: Field) -> str:
    value = _number(field.default) or '""'
    value = value if len(value) <= 20 else f"{value[:18]} …"
    return f"{value} {field.parameter.unit}".rstrip() if field.default is not None else value


def _allowed(field: Field) -> str:
    allowed, kind = field.parameter.allowed, field.kind
    if kind is bool:
        text = "true, false"
    elif kind is tuple:
        text = f"[{', '.join(allowed or ())}] or []"
    elif _section(field.key) == "rules":
        text = f"{', '.join(BUILT_IN[field.key.removeprefix('rules.')])}, file.py:Class"
    elif kind is str:
        text = ", ".join(allowed) if allowed else "text"
    else:
        text = f"{_number(allowed[0])} to {_number(allowed[1])}" if allowed else "any number"
    return text + (" or null" if field.optional else "")


def _tag(field: Field) -> str:
    parameter = field.parameter
    swept = parameter.tag == "A" and parameter.low is not None
    return f"{parameter.tag} {_number(parameter.low)} to {_number(parameter.high)}" if swept else parameter.tag


def _in_full(field: Field) -> str:
    """Describe one value with everything that is known about it."""
    parameter = field.parameter
    rows = {
        "default": f"{_number(field.default) or chr(34) * 2} {parameter.unit}".rstrip(),
        "takes": _allowed(field) if _section(field.key) == "rules" else describe_allowed(field),
        "swept over": f"{parameter.low:g} to {parameter.high:g}" if parameter.low is not None else "",
        "switched off by": f"{field.key}={_number(parameter.off)}" if parameter.off is not None else "",
        "tag": f"{parameter.tag}, {TAGS[parameter.tag]}",
        "source": parameter.source,
        "section": f"{_section(field.key)}: {_about(_section(field.key))}",
        "set it by": _set_by(field),
    }
    return "\n".join([field.key, f"  {parameter.about}", ""] + [f"  {n:<16}{text}" for n, text in rows.items() if text])


def _as_json(groups: list[str], fields: dict[str, Field]) -> dict[str, Any]:
    chosen = presets.default_choices()
    return {
        "tags": TAGS,
        "groups": {
            group: {
                "default": chosen[group],
                "presets": {name: {"about": presets.about(group, name), "values": presets.load(group, name)}
                            for name in presets.names(group)},
            }
            for group in groups
        },
        "parameters": [
            {"key": key, "section": _section(key), "type": field.kind.__name__, "optional": field.optional,
             "default": field.default, **vars(field.parameter)}
            for key, field in fields.items()
        ],
    }
