"""Claims on trial: what each says of the model, stated in a file, and a study of all of them in one space."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd
import yaml

from allysim.analysis.boxes import Limit, in_words
from allysim.analysis.design import optional
from allysim.analysis.verdict import ONLY_WHERE, WAYS, Verdict, judge, together
from allysim.analysis.words import joined
from allysim.config.compose import scenario
from allysim.config.sweeping import ASSUMPTIONS, Cell, Sweep, question
from allysim.errors import ConfigError, DataError, StoreError, nearest
from allysim.study import kept_runs, store
from allysim.study.kept_runs import RUN, Kept
from allysim.study.plan import Plan
from allysim.study.replications import check_luck
from allysim.study.study import Study
from allysim.version import code_version

if TYPE_CHECKING:
    from allysim.config import Scenario

UNTESTABLE = "not testable"
WORLD = "scenario"
"""Name of the coordinate of a point that says which scenario it lies in."""

PART_KEYS = ("says", "figure", "way", "with", "without")
CLAIM_KEYS = ("guide", "claim", "scenarios", "parts", "untestable")
BOOK_KEYS = ("base", "scenarios", "points", "replications", "margins", "claims")
NAMES = "names"


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
    """A file of claims: what all worlds share, how many points and seeds, and the claims by name.

    ``names`` has what figures that only claims ask for are called, and their unit.
    """

    base: dict[str, Any]
    points: int
    replications: int
    claims: dict[str, Claim]
    path: Path
    names: dict[str, tuple[str, str]]


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
    _known(content, (*BOOK_KEYS, NAMES), BOOK_KEYS, str(path))
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
    names = {key: (str(label), str(unit)) for key, (label, unit) in content.get(NAMES, {}).items()}
    return Book(content["base"], int(content["points"]), int(content["replications"]), claims, path, names)


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
    which follow one another in one Sobol sequence, so that scenario and assumptions are one space. It is that of the
    whole book, whichever claims are tried: what any claim of these scenarios sets is not varied.

    Parameters
    ----------
    book : Book
    names : iterable of str
        Of claims; all by default.
    points, replications : int, optional
        As the book says by default. Each point has seeds of its own, the same for all worlds.
    settings : mapping, optional
        Of `base` of the book, set otherwise.

    Attributes
    ----------
    studies : dict
        Scenarios of claims and one of these to the study of all their worlds.
    kept : dict of str to Kept
        Once it was run: claim to what is kept of its runs.
    verdicts : dict of str to list of Verdict
        Likewise: claim to the verdicts on its parts.

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
        self.studies = self._studies(self.claims)
        self.kept: dict[str, Kept] = {}

    def _studies(self, claims: Iterable[Claim]) -> dict[tuple[tuple[str, ...], str], Study]:
        """Return the studies of all worlds of some claims, by the claims' scenarios and the study's own."""
        arms: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
        for claim in claims:
            if claim.parts:
                arms.setdefault(claim.scenarios, {}).update(_arms(claim))
        studies = {}
        for scenarios, theirs in arms.items():
            moved = {key for claim in self.book.claims.values() if claim.scenarios == scenarios
                     for arm in _arms(claim).values() for key in arm}
            each = math.ceil(self.points / len(scenarios))
            for k, world in enumerate(scenarios):
                cells = [self._cell(world, name, arm) for name, arm in theirs.items()]
                sweep = Sweep(design="sobol", points=each, first=k * each, uncertainties=(ASSUMPTIONS,))
                studies[scenarios, world] = Study.of(Plan(question(cells, [], sweep, [], moved), own_luck=True))
        return studies

    def _cell(self, world: str, name: str, arm: Mapping[str, Any]) -> Cell:
        config: Scenario = self.base.replace({"scenario": world}).replace(arm)
        return Cell({"scenario": world, "strategy": config.strategy.name, "arm": name}, config)

    @property
    def total(self) -> int:
        """Number of runs."""
        return sum(study.plan.total for study in self.studies.values())

    def run(self, executor: str | None = None, out: Path | None = None) -> Self:
        """Make every run that is not there yet, and judge.

        Within `out` each claim keeps what its verdict takes of its runs in a file of its own
        (`allysim.study.kept_runs`): with it nothing of the claim is run again, also where another machine made it.
        Whole runs are in folders of studies beside these files.

        Raises
        ------
        StoreError
            A claim's file is of other worlds or points than those of this trial.
        AllysimError
            ema_workbench, which finds boxes, is missing.
        """
        optional("ema_workbench.analysis.prim")
        tried = [claim for claim in self.claims if claim.parts]
        self.kept = {claim.name: kept for claim in tried if out and (kept := self._there(claim, out))}
        left = [claim for claim in tried if claim.name not in self.kept]
        studies = self._studies(left)
        for (scenarios, world), study in studies.items():
            worlds = hashlib.sha256(json.dumps([cell.labels["arm"] for cell in study.plan.cells]).encode()).hexdigest()
            study.run(executor, out / f"{'+'.join(scenarios)}--{world}--{worlds[:6]}" if out else None)
        for claim in left:
            kept = self._cut(claim, studies)
            self.kept[claim.name] = kept
            if out and len(kept.runs) == self._size(claim):
                kept_runs.write(kept, kept_runs.path_of(claim.name, out))
        self.verdicts = {claim.name: [self.judge(claim, part) for part in claim.parts] for claim in self.claims}
        return self

    def _there(self, claim: Claim, out: Path) -> Kept | None:
        """Return what a folder keeps of a claim's runs, if anything."""
        path = kept_runs.path_of(claim.name, out)
        kept = kept_runs.read(path)
        if kept and (kept.mark != self._mark(claim) or len(kept.runs) != self._size(claim)):
            raise StoreError(f"{path} is of other worlds or points than this trial, or of other defaults or ranges: "
                             "remove it to run the claim again, or choose another folder with out=")
        return kept

    def _cut(self, claim: Claim, studies: Mapping[tuple[tuple[str, ...], str], Study]) -> Kept:
        """Return what is kept of the runs that a claim takes; a figure that there is not is missing everywhere."""
        frames = []
        for world in claim.scenarios:
            runs = studies[claim.scenarios, world].runs
            runs = runs[runs["arm"].isin(list(_arms(claim)))].sort_values(["cell", "point", "seed"])
            failed = runs["status"] == store.FAILED
            frame = runs[RUN[:-1]].assign(scenario=world, seconds=runs["seconds"].astype(np.float32), failed=failed)
            for figure in _figures(claim):
                frame[figure] = runs.get(figure if figure in runs else f"focal.{figure}", np.nan)
            frames.append(frame)
        return Kept(pd.concat(frames, ignore_index=True), self._mark(claim), code_version(),
                    datetime.now(UTC).date().isoformat())

    def _size(self, claim: Claim) -> int:
        """Return how many runs a claim takes."""
        plans = [self.studies[claim.scenarios, world].plan for world in claim.scenarios]
        return len(_arms(claim)) * sum(plan.points * len(plan.seeds) for plan in plans)

    def _mark(self, claim: Claim) -> str:
        """Return 16 digits that stand for a claim's worlds, figures, points and seeds, whatever the code and machine.

        Values at the points are taken in single precision, since machines may differ in the last bit.
        """
        whole = hashlib.sha256(json.dumps(_figures(claim)).encode())
        for world in claim.scenarios:
            plan = self.studies[claim.scenarios, world].plan
            shapes = {name: cell.config.shape for cell in plan.cells if (name := cell.labels["arm"]) in _arms(claim)}
            whole.update(json.dumps([plan.keys, plan.seeds, shapes], sort_keys=True).encode())
            whole.update(plan.values.astype(np.float32).tobytes())
        return whole.hexdigest()[:16]

    @property
    def runs(self) -> pd.DataFrame:
        """The columns `RUN` of all runs that verdicts rest on, each once, also where several claims take it."""
        frames = [kept.runs[RUN] for kept in self.kept.values()]
        return pd.concat(frames, ignore_index=True).drop_duplicates() if frames else pd.DataFrame(columns=RUN)

    def judge(self, claim: Claim, part: Part) -> Verdict:
        """Return the verdict on a part of a claim."""
        x, differences, runs = [], [], self.kept[claim.name].runs
        for world in claim.scenarios:
            plan = self.studies[claim.scenarios, world].plan
            there = runs[runs["scenario"] == world]
            given, against = (_values(there[there["arm"] == _name(arm)], part.figure, plan)
                              for arm in (part.given, part.against))
            differences.append(given - against)
            where = np.full((plan.points, 1), float(claim.scenarios.index(world)))
            x.append(np.concatenate([plan.values, where], axis=1))
        return judge(np.concatenate(x), np.concatenate(differences), [*plan.keys, WORLD], part.way, part.margin)

    def word(self, claim: Claim) -> str:
        """Return the verdict on a claim: that on the worst of its parts."""
        return together(one.word for one in self.verdicts[claim.name]) if claim.parts else UNTESTABLE

    @property
    def table(self) -> pd.DataFrame:
        """A row per part: claim, verdict on it, part and verdict on that, what it says, and every figure of it."""
        rows = []
        for claim in self.claims:
            for part, found in zip(claim.parts, self.verdicts[claim.name], strict=True):
                rows.append({
                    "claim": claim.name, "verdict": self.word(claim), "says": part.says, "figure": part.figure,
                    "way": part.way, "margin": part.margin, "scenarios": " ".join(claim.scenarios),
                    "part_verdict": found.word, "share": found.share, "share_low": found.share_low,
                    "share_high": found.share_high, "agree": found.agree, **found.found._asdict(), "of": found.of,
                    "where": where(found, claim.scenarios), "hangs_on": found.hangs_on,
                    "correlation": found.correlation, "least": found.least, "most": found.most, "why": found.why})
            if not claim.parts:
                rows.append({"claim": claim.name, "verdict": UNTESTABLE, "why": claim.untestable})
        return pd.DataFrame(rows)


def where(found: Verdict, scenarios: tuple[str, ...]) -> str:
    """Return the box in which a part holds, in words; "" where it does not hold only somewhere."""
    if found.word != ONLY_WHERE or not found.box:
        return ""
    return joined(_limit(limit, scenarios) for limit in found.box.limits)


def _limit(limit: Limit, scenarios: tuple[str, ...]) -> str:
    if limit.key != WORLD:
        return in_words(limit).replace("`", "")
    inside = [name for k, name in enumerate(scenarios) if not (k < limit.low or k > limit.high)]
    return f"the scenario is {' or '.join(inside)}"


def _arms(claim: Claim) -> dict[str, dict[str, Any]]:
    """Return what the worlds of a claim set, by name."""
    return {_name(arm): arm for part in claim.parts for arm in (part.given, part.against)}


def _figures(claim: Claim) -> list[str]:
    return sorted({part.figure for part in claim.parts})


def _values(runs: pd.DataFrame, figure: str, plan: Plan) -> np.ndarray:
    """Return a figure of one world, shape (points, replications); NaN where there is none."""
    found = np.full((plan.points, len(plan.seeds)), np.nan)
    point, seed = runs["point"].to_numpy(), runs["seed"].to_numpy()
    found[point, plan.place(0, point, seed) % len(plan.seeds)] = runs[figure].to_numpy(dtype=float)
    return found


def _name(world: Mapping[str, Any]) -> str:
    """Return what an arm is called: its settings."""
    return " ".join(f"{key}={','.join(value) if isinstance(value, list) else value}" for key, value in world.items()) \
        or "base"
