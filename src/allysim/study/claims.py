"""Claims on trial: what each says of the model, stated in a file, and a study of all of them in one space."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd
import yaml

from allysim.analysis.design import optional
from allysim.analysis.verdict import UNDETERMINED, WAYS, Verdict, judge, together
from allysim.config.compose import scenario
from allysim.config.sweeping import ASSUMPTIONS, Cell, Sweep, question
from allysim.errors import AllysimError, ConfigError, DataError, nearest
from allysim.study.plan import Plan
from allysim.study.replications import check_luck
from allysim.study.study import Study

if TYPE_CHECKING:
    from allysim.config import Scenario

UNTESTABLE = "not testable"
PART_KEYS = ("says", "figure", "way", "with", "without")
CLAIM_KEYS = ("guide", "claim", "scenarios", "parts", "untestable")
BOOK_KEYS = ("base", "scenarios", "points", "replications", "margins", "claims")


class Part(NamedTuple):
    """One thing a claim says: a figure moves that way, by more than a margin, from one world to another."""

    says: str
    figure: str
    way: str
    margin: float
    given: dict[str, Any]     # settings of the world with it
    against: dict[str, Any]   # and of the world without


class Claim(NamedTuple):
    """A claim, its place in the guide, and its parts; or why it cannot be tried."""

    name: str
    guide: str
    text: str
    parts: tuple[Part, ...]
    scenarios: tuple[str, ...]
    untestable: str


class Book(NamedTuple):
    """A file of claims: what all worlds share, how many points and seeds, and the claims by name."""

    base: dict[str, Any]
    points: int
    replications: int
    claims: dict[str, Claim]
    path: Path


def read(path: Path) -> Book:
    """Read a file of claims.

    Raises
    ------
    DataError
        It is missing or cannot be used; one sentence with the claim and what is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise DataError(f"{path} cannot be read ({problem.strerror})") from problem
    except yaml.YAMLError as problem:
        raise DataError(f"{path} is not YAML ({' '.join(str(problem).split())})") from problem
    _known(content, BOOK_KEYS, BOOK_KEYS, str(path))
    margins = content["margins"]
    claims = {}
    for name, claim in content["claims"].items():
        where = f"{path}: {name}"
        _known(claim, CLAIM_KEYS, ("claim",), where)
        parts = []
        for part in claim.get("parts", []):
            _known(part, PART_KEYS, PART_KEYS, where)
            if part["way"] not in WAYS:
                raise DataError(f"{where}: way is {', '.join(WAYS)}, not {part['way']}{nearest(part['way'], WAYS)}")
            if part["figure"] not in margins:
                raise DataError(f"{where}: there is no margin for {part['figure']}{nearest(part['figure'], margins)}")
            parts.append(Part(part["says"], part["figure"], part["way"], float(margins[part["figure"]]), part["with"],
                              part["without"]))
        if bool(parts) == bool(claim.get("untestable")):
            raise DataError(f"{where}: a claim has parts, or says why it is untestable")
        claims[name] = Claim(name, str(claim.get("guide", "")), claim["claim"], tuple(parts),
                             tuple(claim.get("scenarios", content["scenarios"])), claim.get("untestable", ""))
    return Book(content["base"], int(content["points"]), int(content["replications"]), claims, path)


def _known(content: Any, allowed: Iterable[str], needed: Iterable[str], where: str) -> None:
    if not isinstance(content, Mapping):
        raise DataError(f"{where}: lines of the form 'key: value' are wanted")
    for key in content:
        if key not in allowed:
            raise DataError(f"{where}: unknown key '{key}'{nearest(str(key), allowed)}")
    for key in needed:
        if key not in content:
            raise DataError(f"{where}: '{key}' is missing")


class Trial:
    """A study of some claims: all worlds that their parts compare, over every assumption, on the same luck.

    Claims tried in the same scenarios share worlds and points; each of these scenarios takes its part of the points,
    which follow one another in one Sobol sequence, so that scenario and assumptions are one space.

    Parameters
    ----------
    book : Book
    names : iterable of str
        Of claims; all by default.
    points, replications : int, optional
        As the book says by default. Each point has seeds of its own, the same for all worlds.
    settings : mapping, optional
        Of `base` of the book, set otherwise.

    Raises
    ------
    ConfigError
        There is no claim of that name, or a setting of the book is refused.
    """

    def __init__(self, book: Book, names: Iterable[str] = (), points: int | None = None,
                 replications: int | None = None, settings: Mapping[str, Any] | None = None) -> None:
        self.book, wanted = book, list(names) or list(book.claims)
        for name in wanted:
            if name not in book.claims:
                raise ConfigError(f"there is no claim '{name}'{nearest(name, book.claims)}")
        self.claims = [book.claims[name] for name in book.claims if name in wanted]
        self.points = points or book.points
        check_luck(replications or book.replications, "trial")
        code = Path(book.path).with_name("figures.py")
        own = {"outcome": f"{code}:figures"} if code.is_file() else {}
        self.base = scenario(**{**book.base, "replications": replications or book.replications, **own,
                                **(settings or {})})
        self.shared = {**book.base, **{key: value for key, value in (settings or {}).items() if key != "jobs"}}
        self.studies: dict[tuple[tuple[str, ...], str], Study] = {}
        self._arms: dict[tuple[str, ...], dict[str, int]] = {}
        for scenarios in dict.fromkeys(claim.scenarios for claim in self.claims if claim.parts):
            self._plan(scenarios)

    def _plan(self, scenarios: tuple[str, ...]) -> None:
        worlds = [world for claim in self.claims if claim.scenarios == scenarios for part in claim.parts
                  for world in (part.given, part.against)]
        arms = {_name(world): world for world in worlds}
        self._arms[scenarios] = {name: k for k, name in enumerate(arms)}
        moved = {key for world in arms.values() for key in world}
        each = math.ceil(self.points / len(scenarios))
        for k, world in enumerate(scenarios):
            cells = [self._cell(world, name, arm) for name, arm in arms.items()]
            sweep = Sweep(design="sobol", points=each, first=k * each, uncertainties=(ASSUMPTIONS,))
            self.studies[scenarios, world] = Study.of(Plan(question(cells, [], sweep, [], moved), own_luck=True))

    def _cell(self, world: str, name: str, arm: Mapping[str, Any]) -> Cell:
        config: Scenario = self.base.replace({"scenario": world}).replace(arm)
        return Cell({"scenario": world, "strategy": config.strategy.name, "arm": name}, config)

    @property
    def total(self) -> int:
        """Number of runs."""
        return sum(study.plan.total for study in self.studies.values())

    def run(self, executor: str | None = None, out: Path | None = None) -> Self:
        """Make every run that is not there yet, a study after the other in folders of their own within `out`.

        Raises
        ------
        AllysimError
            ema_workbench, which finds boxes, is missing.
        """
        optional("ema_workbench.analysis.prim")
        for (scenarios, world), study in self.studies.items():
            study.run(executor, out / f"{'+'.join(scenarios)}--{world}" if out else None)
        self.verdicts = {claim.name: [self.judge(claim, part) for part in claim.parts] for claim in self.claims}
        return self

    def judge(self, claim: Claim, part: Part) -> Verdict | str:
        """Return the verdict on a part of a claim, or why there is none."""
        x, differences = [], []
        for world in claim.scenarios:
            study = self.studies[claim.scenarios, world]
            arms, values = self._arms[claim.scenarios], study.values(part.figure)
            differences.append(values[arms[_name(part.given)]] - values[arms[_name(part.against)]])
            where = np.full((study.plan.points, 1), float(claim.scenarios.index(world)))
            x.append(np.concatenate([study.plan.values, where], axis=1))
        keys = [*study.plan.keys, f"scenario ({', '.join(claim.scenarios)})"]
        try:
            return judge(np.concatenate(x), np.concatenate(differences), keys, part.way, part.margin)
        except AllysimError as problem:
            return str(problem)

    def word(self, claim: Claim) -> str:
        """Return the verdict on a claim: that on the worst of its parts."""
        if not claim.parts:
            return UNTESTABLE
        return together(UNDETERMINED if isinstance(one, str) else one.word for one in self.verdicts[claim.name])

    @property
    def table(self) -> pd.DataFrame:
        """A row per part: claim, verdict on it, part and verdict on that, what it says, and every figure of it."""
        rows = []
        for claim in self.claims:
            for part, found in zip(claim.parts, self.verdicts[claim.name], strict=True):
                row = {"claim": claim.name, "verdict": self.word(claim), "says": part.says, "figure": part.figure,
                       "way": part.way, "margin": part.margin, "scenarios": " ".join(claim.scenarios)}
                if isinstance(found, str):
                    rows.append(row | {"part_verdict": UNDETERMINED, "why": found})
                    continue
                rows.append(row | {
                    "part_verdict": found.word, "share": found.share, "share_low": found.share_low,
                    "share_high": found.share_high, "agree": found.agree, **found.found._asdict(),
                    "where": found.box.where if found.box and found.box.confirmed else "",
                    "hangs_on": found.hangs_on, "correlation": found.correlation, "why": ""})
            if not claim.parts:
                rows.append({"claim": claim.name, "verdict": UNTESTABLE, "why": claim.untestable})
        return pd.DataFrame(rows)


def _name(world: Mapping[str, Any]) -> str:
    """Return what an arm is called: its settings."""
    return " ".join(f"{key}={','.join(value) if isinstance(value, list) else value}" for key, value in world.items()) \
        or "base"
