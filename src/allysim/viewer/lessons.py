"""Lessons: a prediction, one luck, many lucks, what explains them, and a question to go on with.

A lesson is a file of Markdown in ``docs/lessons/`` that begins with its two worlds as YAML. Its text on what is found
is written for each thing that a band may show, and the page takes the one that the band does show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from allysim.errors import ConfigError
from allysim.kpis import GROUPS, KPIS
from allysim.viewer.spec import Spec, spec_from

FINDINGS = ("above", "unclear", "below")
"""What the band of a difference may show at the last month: all above 0, on both sides of it, all below."""
PARTS = ("Predict", "One luck", "Many lucks", "Why", "Question")
ORDER = ("pooled_buying", "trust_and_breach", "rivals", "leaks", "pilots_and_gates", "electric_shift")


@dataclass(frozen=True)
class Lesson:
    """A lesson as read from its file.

    Attributes
    ----------
    name, title : str
    worlds : tuple of Spec
        A and B.
    names : tuple of str
        What they are called.
    seed, lucks : int
        The luck that is shown, and how many make the band.
    figure : str
        ``<group>.<kpi>`` that is predicted.
    finds : str
        One of `FINDINGS`: what the shipped band shows.
    because : tuple of (str, str)
        Further figures and what the same band shows of them.
    choices : tuple of str
        Predictions, in the order of `FINDINGS`.
    parts : dict
        Markdown by the names in `PARTS`, and by `FINDINGS` what is said of each.
    """

    name: str
    title: str
    worlds: tuple[Spec, Spec]
    names: tuple[str, str]
    seed: int
    lucks: int
    figure: str
    finds: str
    because: tuple[tuple[str, str], ...]
    choices: tuple[str, ...]
    parts: dict[str, str]

    def shown(self) -> dict[str, Any]:
        """Return what the page needs, texts as HTML."""
        worlds = {letter: {"settings": spec.settings, "moves": [list(move) for move in spec.moves], "plain": True,
                           "name": name}
                  for letter, spec, name in zip("ab", self.worlds, self.names, strict=True)}
        return {"name": self.name, "title": self.title, "worlds": worlds, "seed": self.seed, "lucks": self.lucks,
                "figure": self.figure, "because": [name for name, _ in self.because], "choices": self.choices,
                "findings": FINDINGS, "parts": {name: html(text) for name, text in self.parts.items()}}

    def sheet(self) -> str:
        """Return the teacher's sheet as HTML."""
        return html((folder() / f"{self.name}_sheet.md").read_text(encoding="utf-8"))


def folder() -> Path:
    """Return where lessons are: inside the installed package, or in the repository."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "lessons", package.parents[1] / "docs" / "lessons"):
        if place.is_dir():
            return place
    raise ConfigError(f"the folder of lessons is missing from {package}: install allysim again")


@cache
def all_lessons() -> tuple[Lesson, ...]:
    """Return all lessons in their order."""
    return tuple(read(folder() / f"{name}.md") for name in ORDER)


def read(path: Path) -> Lesson:
    """Return the lesson in a file; raises `ConfigError` naming what is wrong with it."""
    text = path.read_text(encoding="utf-8")
    found = re.fullmatch(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    if not found:
        raise ConfigError(f"{path}: a lesson begins with its worlds between two lines of ---")
    head, parts = yaml.safe_load(found[1]), _parts(found[2])
    try:
        lesson = Lesson(
            path.stem, head["title"], (_world(head["a"]), _world(head["b"])), (head["a"]["name"], head["b"]["name"]),
            int(head["seed"]), int(head["lucks"]), head["figure"], head["finds"], tuple(head["because"].items()),
            tuple(head["choices"]), parts)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ConfigError(f"{path}: its head cannot be used ({problem})") from None
    for name, finds in ((lesson.figure, lesson.finds), *lesson.because):
        group, _, kpi = name.partition(".")
        if group not in GROUPS or kpi not in KPIS or finds not in FINDINGS:
            raise ConfigError(f"{path}: '{name}: {finds}' is no figure with one of {', '.join(FINDINGS)}")
    missing = [part for part in (*PARTS, *FINDINGS) if part not in parts]
    if missing or len(lesson.choices) != len(FINDINGS):
        raise ConfigError(f"{path}: it lacks {', '.join(missing) or 'a choice for each finding'}")
    return lesson


def _world(given: dict[str, Any]) -> Spec:
    return spec_from({"settings": given.get("settings", {}), "moves": given.get("moves", []), "plain": True})


def _parts(text: str) -> dict[str, str]:
    """Return the text below each heading of the second level, and below those of the third that name a finding."""
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        heading = re.match(r"(##|###) (.*)", line)
        if heading:
            name = heading[2].strip()
            if heading[1] == "###":
                name = {"If it is higher": "above", "If there is no clear difference": "unclear",
                        "If it is lower": "below"}.get(name, name)
            current = parts.setdefault(name, [])
        else:
            current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in parts.items()}


def html(text: str) -> str:
    """Return Markdown as HTML; tags in it are shown as text."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))
