"""What a study found: ``findings.md`` with its sentences, tables and pictures, every word computed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from allysim.analysis import boxes, effects, sensitivity, survival, variance
from allysim.analysis.across import Across, across
from allysim.analysis.design import complete, left_out, whole
from allysim.analysis.words import GROUP_NAMES, decimals, joined, kpi_of, number, sentence, spread
from allysim.errors import AllysimError
from allysim.report import figures, study_figures, study_findings, study_worlds, world_figures
from allysim.report.study_cells import label, pairs
from allysim.study import archive, store
from allysim.study.design import LEVELS
from allysim.study.study import Study

LEAST_POINTS, INTERACTING = 16, 10
"""Points from which parameters are analysed, and points for each parameter from which pairs of them are."""


MOST = 6
"""Differences that are analysed one by one, on average over scenarios where there are more; the rest is in tables."""

MOST_SAID = 24
"""Differences up to which each has a sentence of its own."""

MOST_FAILED = 100
"""Failed runs that are listed with the command that repeats each; the rest is in the run table alone."""

STRONGEST = 10
FAILS = "lose by it"


class Target(NamedTuple):
    """What is analysed: its name in a sentence and in a file name, its unit, and values (points, replications)."""

    what: str
    slug: str
    unit: str
    values: np.ndarray
    paired: bool


class Page:
    """Findings as they come: headings, sentences and pictures of ``findings.md``; `said` are those told at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.lines, self.said = folder, list[str](), list[str]()

    def say(self, *lines: str) -> None:
        """Add lines."""
        self.lines += [*filter(None, lines), ""]

    def tell(self, text: str) -> None:
        """Add a sentence that the command line tells as well."""
        self.said.append(text)
        self.say(text)

    def show(self, axes: Any, data: pd.DataFrame, name: str, alt: str) -> None:
        """Add a picture with its data beside it."""
        figures.save(axes, data, self.folder / f"{name}.svg")
        self.say(f"![{alt}](analysis/{name}.svg)")

    def attempt(self, analysis: Callable[[], None]) -> None:
        """Add an analysis, or why there is none."""
        try:
            analysis()
        except AllysimError as problem:
            self.say(sentence(f"not done: {problem}") + ".")


def save(study: Study, out: Path) -> list[str]:
    """Write ``findings.md`` and ``analysis/`` into the study's folder; returns the sentences that lead it."""
    folder = out / "analysis"
    folder.mkdir(exist_ok=True)
    page, table, said = Page(folder), differences(study), statements(study)
    page.say(f"# {heading(study)}")
    if len(said) > MOST_SAID:
        said = [f"{len(said)} differences are too many for sentences of their own, and are in the table."]
    page.say(*(f"- {text}" for text in said))
    if len(table):
        table.to_csv(folder / "differences.csv", index=False)
        page.say("Every figure with both intervals: [differences.csv](analysis/differences.csv). Luck is what other "
                 "seeds would change; the spread over points is what the varied parameters change.")
    said += study_worlds.worlds(study, page)
    chosen = targets(study)
    if study.plan.points == 1:
        page.say("One point, so there is nothing to say of parameters.")
    for target in chosen[:MOST] if study.plan.points > 1 else ():
        page.say(f"## {sentence(target.what)}")
        if missing := _missing(study, target):
            page.say(missing)
        before = len(page.lines)
        _analyse(study, target, page)
        if len(page.lines) == before:
            page.say("Nothing more can be said with so few points.")
    if len(chosen) > MOST and study.plan.points > 1:
        page.say(f"{len(chosen) - MOST} more are in the tables alone.")
    page.attempt(lambda: _lifetimes(study, page))
    if study.failed:
        page.say("## Runs that failed")
        page.say("Each is a row of the run table with its error. To run one alone:")
        page.say("```", *archive.failures(study.runs, out, MOST_FAILED), "```")
    (out / "findings.md").write_text("\n".join(page.lines).rstrip() + "\n", encoding="utf-8")
    return said


def heading(study: Study) -> str:
    """Return what was run, in a line."""
    plan = study.plan
    varied = [f"{key} ({', '.join(values)})" for key, values in plan.factors.items() if len(values) > 1]
    spanned = f"{len(plan.keys)} parameters by design={plan.sweep.design}" if plan.keys else ""
    over = joined([*varied, *([spanned] if spanned else [])]) or "luck alone"
    return f"A study of {len(study.runs)} runs over {over}"


def targets(study: Study) -> list[Target]:
    """Return what is analysed: each difference from a reference, or the figure itself where nothing is compared."""
    values, outcome = study.values(), study.figure()
    info = kpi_of(outcome.partition(".")[2])
    several = len(study.plan.factors["scenario"]) > 1
    compared, found, pooled = pairs(study), [], dict[tuple[str, str], list[np.ndarray]]()
    for cell, reference in compared:
        world = study.plan.cells[cell].labels["scenario"]
        one, other = label(study, cell), label(study, reference)
        under, end = (f" under {world}", f"_{world}") if several else ("", "")
        difference = values[cell] - values[reference]
        found.append(Target(f"what {one} gains over {other}{under}", _slug(f"{one}_less_{other}{end}"), info.unit,
                            difference, True))
        pooled.setdefault((one, other), []).append(difference)
    if several and len(found) > MOST and len(pooled) < len(found):
        found = [Target(f"what {one} gains over {other} on average over scenarios", _slug(f"{one}_less_{other}"),
                        info.unit, np.mean(each, axis=0), True) for (one, other), each in pooled.items()]
    if not found:
        name = info.label[0].lower() + info.label[1:]
        found = [Target(name, _slug(outcome), info.unit, values[0], False)]
    return found


def _analyse(study: Study, target: Target, page: Page) -> None:
    """Add what the design allows to say of a difference."""
    plan = study.plan
    bounds = np.array([(d.low, d.high) for d in plan.dimensions]).reshape(-1, 2)
    x, y = plan.values[plan.rows], target.values[plan.rows]
    if plan.sweep.design == "morris":
        page.attempt(lambda: _screening(plan.keys, bounds, x, y, target, page))
    elif plan.sweep.design == "saltelli":
        page.attempt(lambda: _indices(plan.keys, bounds, x, y, target, page))
    elif plan.keys and plan.points >= LEAST_POINTS:
        page.attempt(lambda: _space(plan.keys, plan.values, target, page))
    if plan.sweep.design in ("random", "lhs", "sobol") and plan.points >= LEAST_POINTS and len(plan.seeds) >= 3:
        page.attempt(lambda: _split(target, page))
    if plan.sweep.design in ("random", "lhs", "sobol") and target.paired and plan.points >= 40:
        page.attempt(lambda: _box(plan.keys, plan.values, target, page))


def _missing(study: Study, target: Target) -> str:
    """Say which points (trajectories, blocks) and seeds are left out of the analyses of a target."""
    plan, values = study.plan, target.values
    what, size = {"morris": ("trajectories", len(plan.keys) + 1), "saltelli": ("blocks", 2 * len(plan.keys) + 2)}.get(
        plan.sweep.design or "", ("points", 1))
    if size > 1:
        values = values[plan.rows].reshape(-1, size, values.shape[1]).sum(axis=1)
    return left_out(*complete(values), what)


def _screening(keys: list[str], bounds: np.ndarray, x: np.ndarray, y: np.ndarray, target: Target, page: Page) -> None:
    found = sensitivity.screening(x, y, bounds, keys, LEVELS)
    page.say(study_findings.screening_finding(found.table, target.what, target.unit) + ".")
    page.show(study_figures.screening_figure(found.table, target.what, target.unit), found.table,
              f"screening_{target.slug}", f"Effect of each parameter on {target.what}")


def _indices(keys: list[str], bounds: np.ndarray, x: np.ndarray, y: np.ndarray, target: Target, page: Page) -> None:
    found = sensitivity.indices(x, y, bounds, keys)
    page.say(study_findings.indices_finding(found.table, target.what) + ".")
    page.show(study_figures.indices_figure(found.table, target.what), found.table, f"indices_{target.slug}",
              f"Sobol indices of {target.what}")
    if len(keys) > 1:
        page.say(study_findings.pairs_finding(found.pairs, "second", target.what) + ".")
        page.show(study_figures.pairs_figure(found.pairs, target.what), found.pairs, f"pairs_{target.slug}",
                  f"Interactions in {target.what}")


def _space(keys: list[str], x: np.ndarray, target: Target, page: Page) -> None:
    found = effects.tornado(x, target.values, keys)
    page.say(study_findings.tornado_finding(found.table, target.what, target.unit) + ".")
    page.show(study_figures.tornado_figure(found.table, target.what, target.unit), found.table,
              f"tornado_{target.slug}", f"Lowest against highest fifth of each parameter, {target.what}")
    strongest = list(found.table["key"][:STRONGEST])
    chosen = [keys.index(key) for key in strongest]
    shares = effects.first_order(x[:, chosen], target.values, strongest)
    shares.table.to_csv(page.folder / f"first_order_{target.slug}.csv", index=False)
    page.show(study_figures.main_effects_figure(x[:, chosen], target.values, strongest, shares.table, target.what,
                                                target.unit), shares.table, f"effects_{target.slug}",
              f"Main effects on {target.what}")
    if len(strongest) > 1 and len(x) >= INTERACTING * len(strongest):
        both = effects.interactions(x[:, chosen], target.values, strongest)
        page.say(study_findings.pairs_finding(both.table, "share", target.what) + ".")
        page.show(study_figures.pairs_figure(both.table, target.what), both.table, f"interactions_{target.slug}",
                  f"Interactions in {target.what}")


def _split(target: Target, page: Page) -> None:
    found = {target.what: variance.split(target.values)}
    page.say(study_findings.split_finding(found) + ".")
    data = pd.DataFrame([found[target.what]._asdict()])
    page.show(world_figures.split_figure(found), data, f"split_{target.slug}", f"Luck and assumptions in {target.what}")


def _box(keys: list[str], x: np.ndarray, target: Target, page: Page) -> None:
    x, values, _ = whole(x, target.values, 1)
    mean = values.mean(axis=1)
    failing = mean < 0
    if not failing.any() or failing.all():
        page.say(f"At {'all' if failing.all() else 'none'} of {len(mean)} points {target.what} is below zero.")
        return
    found = boxes.box(x, failing, keys)
    page.say(found.sentence(FAILS))
    if found.limits:
        page.show(world_figures.box_figure(x, failing, keys, found, FAILS), found.table(), f"box_{target.slug}",
                  f"Where points {FAILS}")


def _lifetimes(study: Study, page: Page) -> None:
    """Add how long alliances lasted, by strategy, where records were kept."""
    if study.folder is None or study.plan.records == "outcomes":
        return
    alliances = store.read_table(study.folder, "alliances")
    labels = study.runs.set_index("run")["strategy"]
    found = survival.survival(survival.lifetimes(alliances.assign(strategy=alliances["run"].map(labels)),
                                                 study.plan.months), "strategy")
    page.say("## How long alliances last")
    page.say(study_findings.survival_finding(found) + ".")
    page.show(world_figures.survival_figure(found), found.table, "survival", "Survival of alliances by strategy")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def differences(study: Study) -> pd.DataFrame:
    """Return paired differences from the reference over all points, a row per cell, with both intervals.

    Columns: the labels, reference, kpi, then the fields of `allysim.analysis.across.Across`.
    """
    import pandas as pd

    rows = []
    for name in study.outcomes:
        values = study.values(name)
        for cell, reference in pairs(study):
            labels = study.plan.cells[cell].labels
            rows.append({**labels, "reference": label(study, reference), "kpi": name,
                         **across(values[cell] - values[reference])._asdict()})
    return pd.DataFrame(rows)


def statements(study: Study) -> list[str]:
    """Say of every cell how it differs from its reference, by luck and over the points."""
    values = study.values()
    return [_statement(study, cell, reference, across(values[cell] - values[reference]))
            for cell, reference in pairs(study)]


def _statement(study: Study, cell: int, reference: int, found: Across) -> str:
    outcome = study.figure()
    group, _, kpi = outcome.partition(".")
    info = kpi_of(kpi)
    what = info.label[0].lower() + info.label[1:] + (f" of {GROUP_NAMES[group]}" if group in GROUP_NAMES else "")
    unit = f" {info.unit}" if info.unit else ""
    scenarios = study.plan.factors["scenario"]
    world = f"under {study.plan.cells[cell].labels['scenario']}, " if len(scenarios) > 1 else ""
    one, other = label(study, cell), label(study, reference)
    seeds, total = len(study.plan.seeds), study.plan.points * len(study.plan.seeds)
    if not found.points or (seeds > 1 and not np.isfinite(found.low)):
        return sentence(f"{world}too few runs succeeded to compare {one} with {other}.")
    places = decimals(*((found.low, found.high) if seeds > 1 else (found.point_low, found.point_high)))
    over = (f"; over {found.points} points of the design it goes from "
            f"{spread(found.point_low, found.point_high, places)} (middle 95 %), and is above zero at "
            f"{100 * found.positive:.0f} % of them") if found.points > 1 else ""
    if missing := total - found.points * found.seeds:
        over += f"; {missing} of {total} pairs of runs are left out, since runs failed"
    if seeds == 1:
        return sentence(f"{world}the difference in {what}, {one} less {other}, is "
                        f"{number(found.mean, places, sign=True)}{unit} on average under one seed, which tells nothing "
                        f"of luck{over}.")
    luck = f"95 % interval of luck {spread(found.low, found.high, places)}; {found.seeds} seeds"
    if found.low <= 0 <= found.high:
        said = (f"{world}there is no clear difference in {what} between {one} and {other} on average: "
                f"{number(found.mean, places, sign=True)}{unit} ({luck})")
    else:
        more = "higher" if found.mean > 0 else "lower"
        said = f"{world}{what} is {number(abs(found.mean), places)}{unit} {more} with {one} than with {other} ({luck})"
    return sentence(said + over + ".")


def next_steps(study: Study, out: Path) -> list[str]:
    """Return what to do next, as a command with its reason."""
    plan = study.plan
    folder = shlex.quote(str(out))
    if plan.sweep.design == "morris" and len(plan.keys) > STRONGEST:
        table = pd.read_csv(out / "analysis" / f"screening_{targets(study)[0].slug}.csv")
        kept = [text for text in plan.texts if "interval(" not in text
                and text.partition("=")[0] not in ("design", "points", "uncertainties", "out")]
        ten = ",".join(table["key"][:STRONGEST])
        return [f"allysim sweep {shlex.join(kept)} uncertainties={ten} design=saltelli points=64\n"
                "         (what part of the variance the strongest ten have, alone and together)"]
    if plan.sweep.design in ("sobol", "random", "saltelli", "morris"):
        return [f"allysim sweep --resume {folder} points={2 * plan.sweep.points}\n"
                "         (the next points: narrower intervals over parameters; nothing is run twice)"]
    return [f"allysim sweep --resume {folder} replications={2 * len(plan.seeds)}\n"
            "         (more luck: narrower intervals; nothing is run twice)"]

