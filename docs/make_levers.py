"""Make docs/levers.md from the sections of the configuration and the docstrings of mechanisms/."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import griffe
import yaml
from markup import about, modules, prose, read, table

from allysim.cli.listing import accepted, shown_number
from allysim.config import presets
from allysim.config.catalogue import LABELS, default_fields, moves_first, section_of
from allysim.config.parameters import GROUPS, SECTIONS
from allysim.config.schema import TAGS, Field

HERE = Path(__file__).parent
PAGE = HERE / "levers.md"
WHY_NONE: dict[str, str | list[str]] = yaml.safe_load((HERE / "levers.yaml").read_text(encoding="utf-8"))
"""Key or section to why it has no off-value: switches that, once off, leave it without effect, or words."""

NUMBER = re.compile(r"\bF\d+\b")
CITATION = re.compile(r"\(([^()]*[A-Z][^()]* (?:1[89]|20)\d\d\b[^()]*)\)")
INTRODUCTION = """\
# Levers and parameters

<!-- Written by `python docs/make.py` from the configuration and the docstrings of mechanisms/; do not edit. -->

Everything that can be set: `allysim run pilot.months=6` on a command line, `al.scenario(**{"pilot.months": 6})` in
Python, and `allysim list pilot.months` shows a key in full. F1 ... are equations of the model. "First seen in" is the
column of the tables that a parameter moves first where it alone is moved in the midst of a run. The tag says what kind
of number a default is:

"""
OFF = """\
## Off-values

Every mechanism can be switched off, by itself or with others, with nothing but these settings. What is left once all
are off is the market of F22.

"""


def numbers(text: str) -> list[str]:
    """Return the numbers of equations in a text, each once."""
    return list(dict.fromkeys(NUMBER.findall(text)))


def doc(section: str) -> str:
    """Return what the docstring of a section says."""
    return inspect.cleandoc(SECTIONS[section].__doc__ or "")


def why_none(key: str) -> str | list[str] | None:
    """Return why a parameter has no off-value of its own, None if nobody says."""
    return WHY_NONE.get(key, WHY_NONE.get(section_of(key)))


def homes() -> dict[str, str]:
    """Return module of mechanisms/ with equations to the section it is shown in.

    That is the one it is named after, else the first that has an equation number in common with it.
    """
    found = {}
    for name in modules("mechanisms"):
        module = read(name)
        if equations(module):
            own = set(numbers(module.docstring.value))
            near = [section for section in SECTIONS if own & set(numbers(doc(section)))]
            stem = name.rpartition(".")[2]
            found[name] = stem if stem in SECTIONS else near[0]
    return found


def equations(module: griffe.Module) -> list[griffe.Function]:
    """Return the public functions of a module."""
    return [function for function in module.functions.values() if not function.name.startswith("_")]


def literature() -> dict[str, list[str]]:
    """Return number of an equation to the citations beside it in docstrings of sections and of mechanisms/."""
    found: dict[str, list[str]] = {}
    for text in [*map(doc, SECTIONS), *(read(name).docstring.value for name in modules("mechanisms"))]:
        for number in numbers(text):
            found.setdefault(number, []).extend(CITATION.findall(text))
    return found


def source(field: Field, cited: dict[str, list[str]]) -> str:
    """Return equation and literature of a mechanism: a parameter's own source, else what is cited for its equation."""
    own = field.parameter.source
    if own and not NUMBER.fullmatch(own):
        return own
    equation = numbers(own) or numbers(doc(section_of(field.key)))
    return "; ".join(dict.fromkeys([*equation, *(text for number in equation for text in cited.get(number, []))]))


def setting(field: Field) -> str:
    """Return the setting that switches a parameter's mechanism off."""
    return f"`{field.key}={shown_number(field.parameter.off)}`"


def off(field: Field, fields: dict[str, Field]) -> str:
    """Return the off-value of a parameter, or where it has none why."""
    if field.parameter.off is not None:
        return f"`{shown_number(field.parameter.off)}`"
    reason = WHY_NONE.get(field.key, "")
    return reason if isinstance(reason, str) else f"with {switches(reason, fields)}"


def switches(keys: list[str], fields: dict[str, Field]) -> str:
    """Return the settings that switch several mechanisms off."""
    return " and ".join(setting(fields[key]) for key in keys)


def swept(field: Field) -> str:
    """Return the range over which a parameter is swept."""
    low, high = field.parameter.low, field.parameter.high
    return "" if low is None or high is None else f"{shown_number(low)} to {shown_number(high)}"


def off_values(fields: dict[str, Field]) -> str:
    """Return the table of off-values, a row for each."""
    rows, before, cited = [], "", literature()
    for field in fields.values():
        if field.parameter.off is not None:
            section = section_of(field.key)
            rows.append(["" if section == before else f"[{section}](#{section})", setting(field),
                         prose(field.parameter.about), source(field, cited)])
            before = section
    return table(["section", "switched off by", "what then does nothing", "source"], rows)


def preset_table(group: str) -> str:
    """Return the presets of a group with what each sets."""
    rows = []
    for name in presets.names(group):
        values = {of: value for of, value in presets.load(group, name).items() if of not in LABELS}
        default = " (default)" if presets.default_choices()[group] == name else ""
        rows.append([f"`{group}={name}`{default}", prose(presets.about(group, name)),
                     ", ".join(f"`{of}={shown_number(value)}`" for of, value in values.items()) or "all as by default"])
    return table(["preset", "about", "sets"], rows)


def equation_list(name: str) -> str:
    """Return what a module of mechanisms/ says of itself and of each equation."""
    module = read(name)
    items = []
    for function in equations(module):
        said = prose(about(function).removeprefix("Return "))
        items.append(f"- `{function.name}`: " + "\n".join(line and "  " + line for line in said.split("\n")).strip())
    return prose(about(module)) + "\n\n" + "\n".join(items)


def section_of_page(section: str, shown_in: dict[str, str], fields: dict[str, Field]) -> Iterator[str]:
    """Yield the blocks of one section: docstring, presets, equations, values."""
    yield f"## {section}"
    yield prose(doc(section))
    for group in GROUPS:
        if group.partition(".")[0] == section:
            yield preset_table(group)
    own = set(numbers(doc(section)))
    yield from (equation_list(name) for name, home in shown_in.items() if home == section)
    elsewhere = {home for name, home in shown_in.items() if home != section and own & set(numbers(about(read(name))))}
    if elsewhere and section not in shown_in.values():
        yield "Equations: see " + ", ".join(f"[{home}](#{home})" for home in SECTIONS if home in elsewhere) + "."
    if reason := WHY_NONE.get(section):
        why = reason if isinstance(reason, str) else f"without effect with {switches(reason, fields)}"
        yield f"Parameters that have no off-value here: {why}."
    rows = []
    for field in fields.values():
        if section_of(field.key) == section:
            shown, parameter = shown_number(field.default), field.parameter
            text = isinstance(field.default, str) and len(shown) > 30
            default = "text of the preset" if text else f"`{shown}`"
            first = ", ".join(f"`{column}`" for column in moves_first(field.key))
            rows.append([f"`{field.key}`", prose(parameter.about), default if shown else "", parameter.unit,
                         accepted(field), swept(field), parameter.tag, off(field, fields), first, parameter.source])
    yield table(["key", "what it is", "default", "unit", "allowed", "swept over", "tag", "off", "first seen in",
                 "source"], rows)


def render() -> str:
    """Return the page."""
    fields, shown_in = default_fields(), homes()
    blocks = [INTRODUCTION + "\n".join(f"- **{tag}** {meaning}" for tag, meaning in TAGS.items()),
              OFF + off_values(fields)]
    for section in SECTIONS:
        blocks += section_of_page(section, shown_in, fields)
    return "\n\n".join(blocks) + "\n"
