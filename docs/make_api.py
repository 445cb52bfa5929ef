"""Make docs/api.md from the sources of the package: signatures as written, docstrings as Markdown."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import griffe
from markup import prose, read, table

import allysim
from allysim.agents import Alliance, Firm
from allysim.config.parameters import SECTIONS
from allysim.kpis import KPIS
from allysim.rules import BUILT_IN, METHOD, SECTION
from allysim.state import Alliances, Firms

PAGE = Path(__file__).parent / "api.md"
Kind = griffe.DocstringSectionKind

INTRODUCTION = """\
# Reference

<!-- Written by `python docs/make.py` from the docstrings; do not edit. -->

`import allysim as al` gives the names of this page that stand behind `al.`; a module is named where something must be
imported from it. Everything is typed, and what allysim refuses it refuses with one of its [errors](#errors). All that
can be set is in [levers.md](levers.md); the examples below are run by a test.
"""
TOPICS: dict[str, dict[str, tuple[str, ...]]] = {
    "Scenarios": {"config.compose": ("scenario", "scenario_from"), "config.scenario": ("Scenario",)},
    "A run": {"model": ("run",), "records": ("Run",)},
    "The model": {"model": ("AllianceModel",), "agents": ("Firm", "Alliance"), "collect": ("reporters",)},
    "Many runs": {
        "study.ensemble": ("Ensemble", "Fan"),
        "study.comparison": ("Comparison", "Variant", "Bands"),
        "study.replications": ("Replications",),
        "study.study": ("Study",),
        "analysis.paired": ("Interval",),
    },
    "Checking a rule": {"testing": ("check_rule", "Report")},
    "Pictures": {"report.figures": ("plot", "plot_run", "plot_ensemble", "plot_comparison"),
                 "viewer.notebook": ("view", "View")},
    "Errors": {"errors": ("AllysimError", "ConfigError", "DataError", "RuleError", "StoreError", "ConvergenceError",
                          "RunError")},
}
"""Heading to modules and what of them is described there, in this order."""


class Entry:
    """A class or function of the page and what it is called there."""

    def __init__(self, module: str, thing: griffe.Object) -> None:
        public = thing.name in allysim.__all__
        self.thing = thing
        self.call = f"al.{thing.name}" if public else thing.name
        self.heading = self.call if thing.is_function else thing.name
        self.home = "" if public else f"In `allysim.{module}`."
        self.members = {name: member for name, member in thing.members.items() if _documented(member)}

    def headings(self) -> Iterator[str]:
        """Yield the heading and those of the members."""
        yield self.heading
        yield from (f"{self.heading}.{name}" for name in self.members)


def _documented(member: griffe.Object) -> bool:
    return not member.name.startswith("_") and bool(member.docstring) and (member.is_function or
                                                                           "property" in member.labels)


def anchor(heading: str) -> str:
    """Return the name by which a heading is linked."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


class Page:
    """All entries, and links between them."""

    def __init__(self) -> None:
        self.topics: dict[str, list[Entry]] = {}
        for topic, modules in TOPICS.items():
            self.topics[topic] = [Entry(name, read(name)[wanted]) for name, all_of in modules.items()
                                  for wanted in all_of]
        for seam in BUILT_IN:
            module = read(f"rules.{seam}")
            self.topics[f"Rules: {seam}"] = [Entry(f"rules.{seam}", thing) for thing in module.classes.values()
                                             if not thing.name.startswith("_")]
        entries = [entry for topic in self.topics.values() for entry in topic]
        if missing := set(allysim.__all__) - {entry.thing.name for entry in entries}:
            raise ValueError(f"public names without a place in TOPICS of docs/make_api.py: {', '.join(missing)}")
        self.anchors = {"KPIS": "key-figures"}
        for entry in entries:
            for heading in entry.headings():
                self.anchors[heading.removeprefix("al.")] = anchor(heading)
        self.words = {name: value for entry in entries for name, value in constants(entry.thing.module).items()}

    def link(self, name: str, within: str = "") -> str | None:
        """Return the anchor of what a docstring calls `name`, where `within` is the class that says so."""
        short = name.removesuffix("()").removeprefix("allysim.").removeprefix("al.")
        for candidate in (f"{within}.{short}", short, ".".join(short.split(".")[-2:]), short.rpartition(".")[2]):
            if candidate in self.anchors:
                return self.anchors[candidate]
        return None

    def text(self, text: str, within: str) -> str:
        """Return a docstring's text with links."""
        return prose(text, lambda name: self.link(name, within))

    def render(self) -> str:
        """Return the page."""
        contents = []
        for topic, entries in self.topics.items():
            links = ", ".join(f"[`{entry.call}`](#{anchor(entry.heading)})" for entry in entries)
            contents.append(f"- [{topic}](#{anchor(topic)}): {links}")
        blocks = [INTRODUCTION + "\n" + "\n".join([*contents, "- [Key figures](#key-figures)"])]
        for topic, entries in self.topics.items():
            blocks.append(f"## {topic}")
            if topic.startswith("Rules: "):
                blocks.append(self.seam(topic.removeprefix("Rules: ")))
            for entry in entries:
                blocks += self.entry(entry)
        blocks += ["## Key figures", self.text(read("kpis").docstring.value, ""), key_figures()]
        return "\n\n".join(blocks) + "\n"

    def seam(self, seam: str) -> str:
        """Return what is common to the rules of a seam."""
        about = self.text(read(f"rules.{seam}").docstring.value.partition(": ")[2], "")
        names = ", ".join(f"`{name}` (`{target.rpartition(':')[2]}`)" for name, target in BUILT_IN[seam].items())
        filled = f" Fields are filled from the section [{SECTION[seam]}](levers.md#{SECTION[seam]})." if SECTION[seam] \
            else ""
        return f"Setting `rules.{seam}`: {about} The method is `{METHOD[seam]}`; built in are {names}.{filled}"

    def entry(self, entry: Entry) -> Iterator[str]:
        """Yield the blocks of a class with its members, or of a function."""
        thing = entry.thing
        yield f"### {entry.heading}"
        if thing.is_function:
            yield from filter(None, [entry.home])
            yield self.signature(thing, entry.call)
            yield from self.docstring(thing, "")
            return
        bases = [self.typed(str(base)) for base in thing.bases if str(base) not in ("NamedTuple", "View")]
        kind = f"A kind of {', '.join(bases)}." if bases else ""
        yield from filter(None, [" ".join(filter(None, [entry.home, kind]))])
        if "__init__" in thing.members and lists(thing, Kind.parameters):
            yield self.signature(thing["__init__"], entry.call)
        yield from self.docstring(thing, thing.name)
        if is_record(thing) and not lists(thing, Kind.parameters, Kind.attributes):
            yield from self.fields(thing)
        if thing.name in COLUMNS:
            yield columns(*COLUMNS[thing.name])
        for name, member in entry.members.items():
            yield f"#### {entry.heading}.{name}"
            yield self.signature(member, f"{thing.name}.{name}")
            yield from self.docstring(member, thing.name)

    def signature(self, thing: griffe.Object, name: str) -> str:
        """Return how a function is called, or the type of a property."""
        if not thing.is_function:
            return fenced(f"{name}: {thing.annotation}")
        made = thing.name == "__init__"
        code = thing.signature(return_type=not made, name=name)
        return fenced(re.sub(r"\b[A-Z]\w+\b", lambda found: self.words.get(found[0], found[0]), code))

    def fields(self, thing: griffe.Class) -> Iterator[str]:
        """Yield the fields of a dataclass or tuple, with the docstrings or comments behind them."""
        items = []
        for name, field in thing.attributes.items():
            if name.startswith("_") or "property" in field.labels or field.annotation is None:
                continue
            typed = self.words.get(str(field.annotation), str(field.annotation))
            remark = field.docstring.value if field.docstring else comment(field)
            if typed.startswith("p.") and name in SECTIONS:
                items.append(f"- `{name}`: section [{name}](levers.md#{name})")
            else:
                items.append(f"- `{name}` (`{typed}`)" + (f": {self.text(remark, thing.name)}" if remark else ""))
        if items:
            yield "Fields:"
            yield "\n".join(items)

    def docstring(self, thing: griffe.Object, within: str) -> Iterator[str]:
        """Yield the blocks of a docstring."""
        for part in thing.docstring.parsed if thing.docstring else ():
            if part.kind is Kind.text:
                yield self.text(part.value, within)
            elif part.kind is Kind.examples:
                yield from (fenced(text) if kind is Kind.examples else self.text(text, within)
                            for kind, text in part.value)
            elif part.kind is Kind.admonition:
                yield f"**{part.title}.** " + self.text(part.value.description, within)
            else:
                yield f"{part.kind.value.capitalize()}:"
                yield "\n".join(self.items(part, within))

    def items(self, part: griffe.DocstringSection, within: str) -> Iterator[str]:
        """Yield parameters, attributes, results or errors as items of a list; names that share a text share an item."""
        for said, group in itertools.groupby(part.value, lambda item: item.description or item.name):
            together = list(group)
            names = ", ".join(f"`{item.name}`" for item in together if getattr(item, "name", ""))
            types = self.typed(str(together[0].annotation or "").strip("()")) if len(together) == 1 else ""
            text = self.text(together[0].description or "", within).replace("\n", "\n  ")
            head = names + (f" ({types})" if names and types else types)
            yield f"- {head}" + (f": {text}" if said and text else "")

    def typed(self, types: str) -> str:
        """Return a type as a docstring or signature writes it, names of this page linked."""
        if re.search(r"[\[\]|]", types):
            return f"`{types}`"

        def linked(found: re.Match[str]) -> str:
            target = self.anchors.get(found[0].rpartition(".")[2])
            return f"[`{found[0]}`](#{target})" if target else f"`{found[0]}`"

        return "" if types == "Any" else re.sub(r"[\w.]*\b[A-Z]\w+", linked, types)


COLUMNS = {"Firm": (Firm, Firms), "Alliance": (Alliance, Alliances)}
"""Views of the model, with the tables whose columns they show."""


def columns(view: type, held_in: type) -> str:
    """Return the table of columns that a view shows under the names they have in their table."""
    return table(["column", "what it is", "unit"], (
        [f"`{column.name}`", prose(column.metadata["about"]), column.metadata["unit"]]
        for column in fields(held_in) if column.name in view._columns and not hasattr(view, column.name)))


def constants(module: griffe.Module) -> dict[str, str]:
    """Return names of types and of texts that signatures of a module use, with what they stand for."""
    return {name: str(attribute.value) for name, attribute in module.attributes.items()
            if str(attribute.value).startswith(("NDArray[", "'"))}


def lists(thing: griffe.Object, *kinds: griffe.DocstringSectionKind) -> bool:
    """Return whether a docstring has a section of one of these kinds."""
    return bool(thing.docstring) and any(part.kind in kinds for part in thing.docstring.parsed)


def is_record(thing: griffe.Class) -> bool:
    """Return whether a class is a dataclass or a named tuple."""
    return "dataclass" in thing.labels or any(str(base) == "NamedTuple" for base in thing.bases)


def fenced(code: str) -> str:
    """Return code in a block, a long signature with a line for each argument."""
    if "\n" not in code and len(code) > 100:
        start, end = code.index("(") + 1, code.rindex(")")
        arguments, depth = [""], 0
        for letter in code[start:end]:
            depth += (letter in "([") - (letter in ")]")
            if letter == "," and depth == 0:
                arguments.append("")
            else:
                arguments[-1] += letter
        code = code[:start] + "".join(f"\n    {argument.strip()}," for argument in arguments) + "\n" + code[end:]
    return "```python\n" + re.sub("  # doctest:.*", "", code) + "\n```"


def comment(field: griffe.Attribute) -> str:
    """Return the comment behind a field in its source line."""
    line = field.filepath.read_text(encoding="utf-8").splitlines()[field.lineno - 1]
    return line.partition("# ")[2].strip()


def key_figures() -> str:
    """Return the table of key figures."""
    better = {1: "more", -1: "less", 0: ""}
    return table(["kpi", "label", "unit", "outcome of a run", "better", "about"], (
        [f"`{name}`", kpi.label, kpi.unit, {"last": "last month", "mean": "mean of months"}[kpi.over],
         better[kpi.better], prose(kpi.about)] for name, kpi in KPIS.items()))


def render() -> str:
    """Return the page."""
    return Page().render()
