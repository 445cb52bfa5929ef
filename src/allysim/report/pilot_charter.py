"""A pilot's charter on two pages: what was agreed in one alliance of a run, its gate, and what became of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from allysim.analysis.book import Book
from allysim.analysis.gate import chances
from allysim.analysis.words import joined, named, number, place, sentence
from allysim.charter import OWNED, Charter, charter_of
from allysim.errors import AllysimError, ConfigError
from allysim.fork import rerun
from allysim.mechanisms.sharing import measurement_noise
from allysim.report.markup import environment
from allysim.report.section import Grid, Section

if TYPE_CHECKING:
    from allysim.model import AllianceModel
    from allysim.records import Run
    from allysim.study.simulate import Task

BLANK = "________________"
DECIDED = ("Who answers for it in each firm", "First day", "Who measures the KPI, and from which accounts",
           "Which data exactly, and where they are kept", "Who may sign for each firm at the gate",
           "Law that applies, and the place of dispute")
"""What a model cannot know and people must decide."""
CLAUSES = {"nda": "a non-disclosure agreement", "compartments": "know-how kept in compartments",
           "access": "access control", "hr": "rules on changing employer",
           "non_solicit": "no soliciting of partners' customers"}
"""Clause on know-how to its words."""


class Item(NamedTuple):
    """A heading of the charter and what stands under it, line by line."""

    title: str
    lines: list[str]


class Draft(NamedTuple):
    """A charter in words: its title, a line on where it comes from, its items, and what became of it.

    That is paragraphs of one entry, or lists of what happened from month to month.
    """

    title: str
    source: str
    entries: list[Item]
    story: list[list[str]]


def drafted(task: Task, name: str | None = None, called: str | None = None) -> Draft | None:
    """Return the charter of an alliance of a run, which is run again for it.

    Parameters
    ----------
    task : Task
        The run.
    name : str, optional
        ``12``, ``alliance 12`` or its name; by default the one with a pilot that brought focal firms most.
    called : str, optional
        What a comparison calls the run's strategy; the strategy's own name by default.

    Raises
    ------
    ConfigError
        There is no such alliance, or it had no pilot.

    Returns
    -------
    Draft or None
        None where no name is given and no focal firm was in a pilot.
    """
    model = rerun(task.scenario, task.history, task.seed, "full", task.scenario.run.months)
    run = model.results()
    row = _chosen(run) if name is None else _found(run, name)
    if row is None:
        return None
    founded = int(run.alliances["founded"][row])
    if founded <= 0:
        raise ConfigError(f"alliance {row} was there before the run, without a pilot: it has no pilot charter")
    then = rerun(task.scenario, task.history, task.seed, "full", founded)
    return _draft(then, run, row, task.seed, called or task.scenario.strategy.name, name is None and len(run.focal) > 0)


def _chosen(run: Run) -> int | None:
    """Return the alliance with a pilot that brought the focal firms most, of all firms where none is focal."""
    alliances, memberships, focal = run.alliances, run.memberships, run.focal["firm"]
    pilots = alliances["alliance"][(alliances["pilot_months"] > 0) & (alliances["founded"] > 0)]
    mine = memberships[memberships["alliance"].isin(pilots)]
    mine = mine[mine["firm"].isin(focal)] if len(focal) else mine
    return int(mine.groupby("alliance")["net"].sum().idxmax()) if len(mine) else None


def _found(run: Run, name: str) -> int:
    """Return the number of the alliance of a name."""
    found = Book(run).find(f"alliance {name}" if name.strip().isdigit() else name)
    if isinstance(found, str):
        raise ConfigError(f"'{name}' is a firm: a charter is of an alliance, given by its number or name")
    return found


def _draft(model: AllianceModel, run: Run, row: int, seed: int, called: str, best: bool) -> Draft:
    """Return the charter of a row of the tables, as a model holds it at the end of its first month."""
    charter = charter_of(model, row)
    scenario = model.config
    items = [
        Item("Objective", [sentence(charter.objective) + ".", *_brings(model, row)]),
        Item("Partners", [_partner(one) for one in charter.partners]),
        Item("Measure", _measure(model, row, charter)),
        Item("Pilot", [f"{charter.pilot_months} months from signing; it may cost up to {charter.budget:.1f} k€ of "
                       "joint administration."]),
        Item("Data", _data(charter)),
        Item("Know-how", _know_how(charter)),
        Item("Decisions", _decisions(charter)),
        Item("Go or no-go", _gate(model, row, charter)),
        Item("Exit", [f"{charter.notice} months of notice; {charter.penalty:g} k€ for a breach that is seen."]),
        Item("To be decided by people", [f"{what}: {BLANK}" for what in DECIDED]),
    ]
    source = (f"Alliance {row} of a simulated run: {place(scenario.scenario.name)}, {named(called)}, seed {seed}; "
              f"signed in month {charter.signed}."
              + (" Of the pilots of that run it brought the focal firms most." if best else ""))
    try:
        story = [_by_month(" ".join(text.split())) for text in run.explain(f"alliance {row}").split("\n\n")]
    except AllysimError:
        story = []
    return Draft(f"Pilot charter: {charter.objective}", source, items, story)


def _by_month(text: str) -> list[str]:
    """Return a paragraph, parted where it goes from month to month more than once."""
    parts = re.split(r"(?<=\.) (?=In month \d|At the end|In the end)", text)
    return parts if len(parts) > 2 else [text]


def _partner(one: Any) -> str:
    flat = f" and {one.flat:.2f} k€ a month" if one.flat else ""
    return (f"{one.firm} ({one.role}): {100 * one.share:.0f} % of what is shared{flat}, {100 * one.liability:.0f} % of "
            "shared losses.")


def _brings(model: AllianceModel, row: int) -> list[str]:
    """Return what its members expect a month of it at signing; nothing where nobody can tell, as in R&D."""
    members = model.state.memberships
    mine = [k for k in range(model.state.world.n_memberships) if members.alliance[k] == row]
    if not any(members.expected[k] for k in mine):
        return []
    parts = [f"{model.names(members.firm_key[k])} {number(float(members.expected[k]), 2)}" for k in mine]
    whole = number(float(sum(members.expected[k] for k in mine)), 2)
    return [f"What it is to bring, as its members expect at signing: {whole} k€ a month in all, {joined(parts)}."]


def _measure(model: AllianceModel, row: int, charter: Charter) -> list[str]:
    """Return the KPI, its baseline firm by firm, and the threshold."""
    lines = [sentence(charter.kpi) + "."]
    members = model.state.memberships
    mine = [k for k in range(model.state.world.n_memberships) if members.alliance[k] == row]
    if charter.threshold is None:
        return [*lines, "Asked for: that milestone."]
    bases = [f"{model.names(members.firm_key[k])} {number(float(members.baseline[k]), 1)} k€ a month" for k in mine]
    return [*lines, f"Baseline of gross margin: {joined(bases)}.",
            f"Asked for: a gain of {100 * charter.threshold:.1f} % at least."]


def _data(charter: Charter) -> list[str]:
    data = charter.data
    if not data["shared"]:
        return ["None is shared beyond what working together shows."]
    return [f"{100 * data['shared']:.0f} % of demand and cost data are shared, {_how_far(data['anonymised'])} "
            f"anonymised; who may see them is {_how_far(data['access'])} controlled."]


def _how_far(value: float) -> str:
    """Return in words how far a safeguard that goes from 0 to 1 is taken."""
    if value in (0.0, 1.0):
        return "fully" if value else "not"
    return f"{'largely' if value >= .65 else 'partly' if value >= .35 else 'slightly'} ({100 * value:.0f} %)"


def _know_how(charter: Charter) -> list[str]:
    clauses = [CLAUSES[name] + ("" if value == 1.0 else f", {_how_far(value)} enforced")
               for name, value in charter.protection.items() if value > 0]
    first = f"Protected by {joined(clauses)}." if clauses else "No clause protects know-how."
    return [first, sentence(OWNED[charter.owner]) + "."] if charter.type == "rnd" else [first]


def _decisions(charter: Charter) -> list[str]:
    disputes = "a dispute clause" if charter.dispute_clause else "no dispute clause"
    board = "a shared dashboard" if charter.dashboard else "no shared dashboard"
    return [f"Governance: {charter.mode.replace('_', ' ')}; the contract settles {100 * charter.completeness:.0f} % "
            f"of what may come, decision rights are clear in {100 * charter.decision_rights:.0f} % of matters; {board} "
            f"and {disputes}."]


def _gate(model: AllianceModel, row: int, charter: Charter) -> list[str]:
    """Return the rule of the gate and its chances of being wrong, where they are known."""
    rule, pilot, of = model.config.rules.gate, model.config.pilot, model.state.alliances
    if charter.threshold is None:
        return ["Go after a milestone in the pilot; judged by its sprints, so that no chance of error is worked out."]
    if rule == "never_stop":
        return ["The pilot goes on whatever is measured."]
    if rule not in ("bayes", "threshold"):
        return [f"By a rule of your own, {rule}."]
    asked = f"a gain above {100 * charter.threshold:.1f} %"
    if rule == "bayes":
        bars = (pilot.go, pilot.stop)
        lines = [f"Go when the belief in {asked} is over {100 * pilot.go:.0f} %; stop when it is under "
                 f"{100 * pilot.stop:.0f} % or the budget is spent; else go on once for as long again, then decide."]
    else:
        bars = (.5, .5)
        lines = [f"Go when {asked} is expected, else stop."]
    noise = float(measurement_noise(pilot.noise, float(of.data_shared[row]), float(of.data_anonymised[row]),
                                    model.config.sharing))
    prior = float(of.prior_mean[row]), float(of.prior_variance[row]) ** .5
    good = max(2 * charter.threshold, charter.threshold + .05)
    wrong, right = (chances(gain, charter.threshold, charter.pilot_months, prior, (pilot.persistent, noise), bars)
                    for gain in (0.0, good))
    return [*lines, f"How often that is wrong after {charter.pilot_months} months, by what partners believe at "
                    f"signing and can measure: go in {100 * wrong.go:.0f} % of pilots that gain nothing; stop in "
                    f"{100 * right.stop:.0f} % of those that gain {100 * good:.0f} %, of which {100 * right.go:.0f} % "
                    "get the go at once."]


def as_markdown(draft: Draft) -> str:
    """Return a charter as Markdown."""
    parts = [f"# {draft.title}", f"*{draft.source}*"]
    parts += [f"## {item.title}\n\n" + "\n".join(f"- {line}" for line in item.lines) for item in draft.entries]
    if draft.story:
        told = ["\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0] for lines in draft.story]
        parts.append("## What became of it in the simulation\n\n" + "\n\n".join(told))
    return "\n\n".join(parts) + "\n"


def charter_section(draft: Draft) -> Section:
    """Return a charter as a part of a page."""
    import pandas as pd

    rows = [[item.title, "\n".join(item.lines)] for item in draft.entries]
    note = ("Filled in from that run; blanks are for people. On two pages to print: charter.html; as text: charter.md. "
            "'allysim charter' draws up that of another alliance.")
    return Section(draft.title, [draft.source], grid=Grid(["", "agreed"], rows, note, "charter",
                                                          pd.DataFrame(rows, columns=["item", "agreed"])))


def save(draft: Draft, folder: Path) -> None:
    """Write ``charter.html`` and ``charter.md`` into a folder."""
    (folder / "charter.html").write_text(environment().get_template("charter.html").render(draft=draft),
                                         encoding="utf-8")
    (folder / "charter.md").write_text(as_markdown(draft), encoding="utf-8")
