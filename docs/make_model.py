"""Make docs/model.md and docs/model/*.md, the model description: prose of *.jinja, tables and numbers from the code."""

import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import jinja2
import numpy as np
import yaml
from make_api import comment, key_figures
from make_levers import doc, numbers, off, swept
from make_rules import first
from markup import modules, prose, read, table

from allysim import state
from allysim.accounts import Outside
from allysim.cli.listing import shown_number
from allysim.config import presets
from allysim.config.catalogue import LABELS, default_fields, section_of
from allysim.draws import Purpose
from allysim.mechanisms.names import CAPABILITIES, SEGMENT_SHARES, SEGMENTS, WEIGHTS
from allysim.phases import SCHEDULE
from allysim.rules import BUILT_IN

HERE = Path(__file__).parent
WORDS: dict[str, dict[str, str]] = yaml.safe_load((HERE / "model" / "words.yaml").read_text(encoding="utf-8"))
"""What draws, events and outside accounts are, which the code only names."""
MARK = "<!-- Written by `python docs/make.py` from {template} and the code; do not edit. -->"
EVENT = re.compile(r'events\.add\(\s*"([^"]+)"')
ENTITIES = {name: getattr(state, name) for name in ("Firms", "Ties", "Alliances", "Memberships", "Former")}
TYPES = {"f": "real", "i": "whole", "u": "key", "b": "yes/no"}


def templates() -> list[Path]:
    """Return the templates of the pages."""
    return [HERE / "model.jinja", *sorted((HERE / "model").glob("*.jinja"))]


@functools.cache
def fields() -> dict:
    """Return every field by its key, with the default of the default presets."""
    return default_fields()


def value(key: str) -> str:
    """Return a default as a user would write it."""
    return shown_number(fields()[key].default)


def parameters(*sections: str) -> str:
    """Return the table of the parameters of some sections, names and texts of presets left out.

    A source is the parameter's own; where it has none, the equations of its section.
    """
    rows = []
    for field in fields().values():
        if section_of(field.key) in sections and field.key.rpartition(".")[2] not in LABELS:
            parameter, shown = field.parameter, shown_number(field.default)
            rows.append([f"`{field.key}`", prose(parameter.about), f"`{shown}`" if shown else "", parameter.unit,
                         parameter.tag, swept(field), off(field, fields()),
                         parameter.source or "; ".join(numbers(doc(section_of(field.key))))])
    return table(["parameter", "meaning", "default", "unit", "tag", "range", "off", "source"], rows)


def preset_table(group: str) -> str:
    """Return the presets of a group, a column for each value they set."""
    loaded = {name: presets.load(group, name) for name in presets.names(group)}
    columns = list(dict.fromkeys(key for preset in loaded.values() for key in preset if key not in LABELS))
    default = presets.default_choices()[group]
    return table(["preset", "about", *columns], (
        [f"`{name}`" + (" (default)" if name == default else ""), prose(presets.about(group, name)),
         *(shown_number(preset[key]) if key in preset else "" for key in columns)] for name, preset in loaded.items()))


def variables(entity: str) -> str:
    """Return the table of the state variables of an entity, a table of `allysim.state`."""
    rows = []
    for field in dataclasses.fields(ENTITIES[entity]):
        meta = field.metadata
        width = f" ({meta['width']})" if meta["width"] else ""
        kind = TYPES[np.dtype(meta["dtype"]).kind]
        rows.append([f"`{field.name}`", prose(meta["about"]), meta["unit"], kind + width])
    return table(["variable", "meaning", "unit", "type"], rows)


def world() -> str:
    """Return the table of what all firms share."""
    held = read("state").classes["World"]
    return table(["variable", "meaning"], (
        [f"`{name}`", prose(comment(field)) or "see name"] for name, field in held.attributes.items()
        if field.annotation is not None))


def counts() -> dict[str, int]:
    """Return how many state variables each entity has."""
    return {name: len(dataclasses.fields(entity)) for name, entity in ENTITIES.items()}


def sentences(text: str) -> tuple[str, str, str]:
    """Return what a phase's docstring says it is, reads and writes."""
    words = " ".join(text.split())
    head, _, rest = words.partition(". ")
    head = re.sub(r"^(Phase \d+|Part of [^:]*): ", "", head.rstrip("."))
    reads, _, writes = rest[rest.index("Reads "):].partition("; ") if "Reads " in rest else ("", "", "")
    return head, reads.removeprefix("Reads "), re.sub(r"^writes ", "", writes.partition(". ")[0]).rstrip(".")


def schedule() -> str:
    """Return the table of the phases of a month with what they read and write, parts of a phase behind it."""
    rows, order = [], [phase.__name__ for phase in SCHEDULE]
    parts = {module: re.search(r"[Pp]art of phase (\d+)", read(f"phases.{module}").docstring.value)
             for module in phase_modules() if module not in order}
    for number, name in enumerate(order, 1):
        for module in [name, *(part for part, found in parts.items() if found and int(found[1]) == number)]:
            said, reads, writes = sentences(read(f"phases.{module}").docstring.value)
            shown = f"`phases.{module}`"
            rows.append([str(number) if module == name else "", shown, prose(said), prose(reads), prose(writes)])
    return table(["", "phase", "what happens", "reads", "writes"], rows)


def phase_modules() -> list[str]:
    """Return the modules of phases/, the package itself left out."""
    return [name.rpartition(".")[2] for name in modules("phases") if name != "phases"]


def mechanism_modules() -> list[str]:
    """Return the modules of mechanisms/, the package itself left out."""
    return [name.rpartition(".")[2] for name in modules("mechanisms") if name != "mechanisms"]


def rule_table(*seams: str) -> str:
    """Return the built-in rules of some seams."""
    rows = []
    for seam in seams:
        classes = read(f"rules.{seam}").classes
        for name, target in BUILT_IN[seam].items():
            rows.append([f"`rules.{seam}={name}`" + (" (default)" if value(f"rules.{seam}") == name else ""),
                         first(classes[target.rpartition(":")[2]])])
    return table(["rule", "what it does"], rows)


def events() -> list[str]:
    """Return the names of all events that the sources can note, in alphabetical order."""
    found = set()
    for name in modules():
        found |= set(EVENT.findall(Path(str(read(name).filepath)).read_text(encoding="utf-8")))
    told = {entry for folder in ("phases", "dealings") for name in modules(folder) for entry in told_by(name)}
    return sorted(found | told)


def told_by(module: str) -> Iterable[str]:
    """Return the events that a module tells by number, its tuple `TOLD`."""
    attribute = read(module).attributes.get("TOLD")
    return [entry.strip("'\"") for entry in map(str, attribute.value.elements)] if attribute else []


def users_of(purpose: str) -> str:
    """Return the modules that draw for a purpose."""
    used = [name for name in modules() if name != "draws"
            and re.search(rf"\bPurpose\.{purpose}\b", Path(str(read(name).filepath)).read_text(encoding="utf-8"))]
    return ", ".join(f"`{name}`" for name in used)


def worded(kind: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each name with the words for it."""
    yield from ((name, prose(WORDS[kind].get(name, ""))) for name in names)


def draw_table() -> str:
    """Return the table of what is drawn, with the number of the purpose in the key, and where."""
    return table(["purpose", "no.", "what is drawn", "in"], (
        [f"`{name}`", str(int(Purpose[name])), said, users_of(name)]
        for name, said in worded("draws", Purpose.__members__)))


def event_table() -> str:
    """Return the table of events."""
    return table(["event", "what happened; cause; amount"], ([f"`{name}`", said] for name, said in
                                                               worded("events", events())))


def account_table() -> str:
    """Return the table of outside accounts."""
    names = [account.name.lower().replace("_", " ") for account in Outside]
    return table(["account", "what it gives or receives"], ([f"`{name}`", said] for name, said in
                                                             worded("accounts", names)))


def weight_table() -> str:
    """Return the importance of capabilities by segment, and the segments' shares of demand."""
    return table(["segment", "share of demand at month 0", *CAPABILITIES], (
        [segment, f"{share:g}", *(f"{weight:g}" if weight else "" for weight in row)]
        for segment, share, row in zip(SEGMENTS, SEGMENT_SHARES, WEIGHTS, strict=True)))


def tags() -> dict[str, int]:
    """Return how many parameters bear each tag."""
    found: dict[str, int] = {}
    for field in fields().values():
        found[field.parameter.tag] = found.get(field.parameter.tag, 0) + 1
    return found


def render() -> dict[Path, str]:
    """Return the pages."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), undefined=jinja2.StrictUndefined,
                                     trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    tools = {"v": value, "parameters": parameters, "presets": preset_table, "variables": variables, "world": world,
             "counts": counts(), "schedule": schedule, "rules": rule_table, "draws": draw_table, "events": event_table,
             "accounts": account_table, "weights": weight_table, "kpis": key_figures, "tags": tags(),
             "phases": len(SCHEDULE), "preset_names": ", ".join(f"`{name}`" for name in presets.names("scenario"))}
    pages = {}
    for template in templates():
        name = template.relative_to(HERE).as_posix()
        text = environment.get_template(name).render(tools, mark=MARK.format(template=f"docs/{name}"))
        pages[template.with_suffix(".md")] = text.rstrip("\n") + "\n"
    return pages
