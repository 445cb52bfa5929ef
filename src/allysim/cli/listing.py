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
from allysim.config.catalogue import LABELS, catalogue, default_fields, moves_first, section_of
from allysim.config.parameters import GROUPS, SECTIONS
from allysim.config.scenario import settable, unknown_key
from allysim.config.schema import TAGS, Field, describe_allowed
from allysim.errors import ConfigError
from allysim.rules import BUILT_IN

WIDEST = 32  # characters of what is allowed, on a line


def main(args: list[str]) -> int:
    """Print the list, narrowed to the sections, groups and keys in ``args``."""
    wanted = [arg for arg in args if arg != "--json"]
    for name in wanted:
        if name.startswith("-"):
            raise ConfigError(f"unknown option '{name}': 'allysim list' takes --json and names of sections or keys")
        if name not in {*SECTIONS, *GROUPS, *settable()}:
            raise unknown_key(name)
    groups = [group for group in GROUPS if not wanted or group in wanted or group.partition(".")[0] in wanted]
    fields = {key: field for key, field in default_fields().items() if not wanted or _matches(key, wanted)}
    if "--json" in args:
        print(json.dumps(catalogue(groups, fields), indent=2, ensure_ascii=False))
    elif wanted and all(name in settable() for name in wanted):
        print("\n\n".join(_in_full(field) for field in fields.values()))
    else:
        width = max(80, min(120, shutil.get_terminal_size((120, 24)).columns))
        print("\n".join(_page(groups, fields, bool(wanted), width)))
    return 0


def _matches(key: str, wanted: Iterable[str]) -> bool:
    return any(name in (key, section_of(key)) or key.startswith(f"{name}.") for name in wanted)


def _page(groups: list[str], fields: dict[str, Field], narrowed: bool, width: int) -> list[str]:
    lines = []
    if groups:
        lines += ["PRESETS   choose one by group=name; * is chosen where you say nothing", ""]
        for group in groups:
            lines += [*_presets(group, narrowed, width), ""]
    if fields:
        lines += ["VALUES    set one by key=value"]
        lines += ["          key, default, what is allowed, tag and range swept, what it is (source)", ""]
    for name in dict.fromkeys(map(section_of, fields)):
        lines += [*_table(name, [field for key, field in fields.items() if section_of(key) == name], width), ""]
    lines += [f"{tag}   {meaning}" for tag, meaning in TAGS.items()]
    lines += ["    The range behind an A is the one it is swept over; F1 ... are equations of the model.", ""]
    example = "pilot.months" if "pilot.months" in fields else next(key for key in fields if not key.endswith(LABELS))
    return [*lines, f"Next: allysim list {example} (one in full), or set it: {_set_by(fields[example])}"]


def _set_by(field: Field) -> str:
    value = "VALUE" if field.default in (None, "") else shown_number(field.default)
    return f"allysim run {shlex.quote(f'{field.key}={value}')}"


def _about(section: str) -> str:
    """Return the first sentence about a section."""
    about = (SECTIONS[section].__doc__ or "").partition("\n")[0].rstrip(".")
    about = re.sub("^Group `.*?`: ", "", about)
    return about + (", for firms that are not focal" if section == "background" else "")


def _presets(group: str, with_values: bool, width: int) -> list[str]:
    lines = [f"{group}   {_about(section_of(f'{group}.name'))}"]
    chosen = presets.default_choices()[group]
    column = max(map(len, presets.names(group)))
    for name in presets.names(group):
        lines += _hang(f"  {'*' if name == chosen else ' '} {name:<{column}}  ", presets.about(group, name), width)
        if with_values:
            values = {of: value for of, value in presets.load(group, name).items() if of not in LABELS}
            shown = "  ".join(f"{of}={shown_number(value)}" for of, value in values.items()) or "all as by default"
            lines += _hang(" " * (column + 6), shown, width)
    return lines


def _table(section: str, fields: list[Field], width: int) -> list[str]:
    """Lay out one section; columns are as wide as their widest cell, and the last one takes the rest."""
    rows = [(field.key, _with_unit(field), textwrap.wrap(accepted(field), WIDEST, break_on_hyphens=False) or [""],
             _tag(field)) for field in fields]
    widths = [max(len(row[0]) for row in rows), max(len(row[1]) for row in rows),
              max(len(part) for row in rows for part in row[2]), max(len(row[3]) for row in rows)]
    lines = [f"{section}   {_about(section)}"]
    for (key, default, allowed, tag), field in zip(rows, fields, strict=True):
        cells = zip((key, default, allowed[0], tag), widths, strict=True)
        left = "  " + "  ".join(cell.ljust(size) for cell, size in cells) + "  "
        source = f" ({field.parameter.source})" if field.parameter.source else ""
        hung = _hang(left, field.parameter.about + source, width)
        hung += [""] * (len(allowed) - len(hung))
        before = " " * (widths[0] + widths[1] + 6)
        for k, part in enumerate(allowed[1:], 1):  # what takes more than a line
            hung[k] = (before + part).ljust(len(left)) + hung[k][len(left):]
        lines += [line.rstrip() for line in hung]
    return lines


def _hang(left: str, text: str, width: int) -> list[str]:
    """Put text beside `left` and its further lines below itself."""
    wrapped = textwrap.wrap(text, max(24, width - len(left)), break_on_hyphens=False) or [""]
    return [(left if number == 0 else " " * len(left)) + line for number, line in enumerate(wrapped)]


def shown_number(value: Any) -> str:
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
    value = shown_number(field.default) or '""'
    value = value if len(value) <= 20 else f"{value[:18]} …"
    return f"{value} {field.parameter.unit}".rstrip() if field.default is not None else value


def accepted(field: Field) -> str:
    """Say briefly what a field accepts."""
    allowed, kind = field.parameter.allowed, field.kind
    if kind is bool:
        text = "true, false"
    elif kind is tuple:
        text = f"[{', '.join(allowed or ())}] or []"
    elif section_of(field.key) == "rules":
        text = f"{', '.join(BUILT_IN[field.key.removeprefix('rules.')])}, file.py:Class"
    elif kind is str:
        text = ", ".join(allowed) if allowed else "text"
    else:
        text = f"{shown_number(allowed[0])} to {shown_number(allowed[1])}" if allowed else "any number"
    return text + (" or null" if field.optional else "")


def _tag(field: Field) -> str:
    parameter = field.parameter
    swept = parameter.tag == "A" and parameter.low is not None
    low, high = shown_number(parameter.low), shown_number(parameter.high)
    return f"{parameter.tag} {low} to {high}" if swept else parameter.tag


def _in_full(field: Field) -> str:
    """Describe one value with everything that is known about it."""
    parameter = field.parameter
    rows = {
        "default": f"{shown_number(field.default) or chr(34) * 2} {parameter.unit}".rstrip(),
        "takes": accepted(field) if section_of(field.key) == "rules" else describe_allowed(field),
        "swept over": f"{parameter.low:g} to {parameter.high:g}" if parameter.low is not None else "",
        "switched off by": f"{field.key}={shown_number(parameter.off)}" if parameter.off is not None else "",
        "tag": f"{parameter.tag}, {TAGS[parameter.tag]}",
        "source": parameter.source,
        "moves first": ", then ".join(moves_first(field.key)),
        "section": f"{section_of(field.key)}: {_about(section_of(field.key))}",
        "set it by": _set_by(field),
    }
    return "\n".join([field.key, f"  {parameter.about}", ""] + [f"  {n:<16}{text}" for n, text in rows.items() if text])
