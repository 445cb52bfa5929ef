"""What a study says of its choices over all scenarios: differences, their signs, return against risk, and regret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from allysim.analysis import regret
from allysim.analysis.across import across
from allysim.analysis.design import complete, left_out
from allysim.analysis.frontier import LEAST, frontier
from allysim.analysis.signs import LEAST_POINTS, signs
from allysim.analysis.words import joined, kpi_of, number
from allysim.report import choice_figures, choice_findings, study_findings, world_figures
from allysim.report.study_cells import grid
from allysim.report.study_earlier import at_defaults, other_world
from allysim.study.study import Study

if TYPE_CHECKING:
    from allysim.report.study_page import Page

POOLED = "all"
"""What scenarios are called where all of them are taken together."""


class Choices:
    """The choices of a study by scenario: values (scenarios, choices, points, seeds), the reference first.

    `kept` says which points and seeds are `complete` in all of them.
    """

    def __init__(self, study: Study) -> None:
        self.study, self.plan = study, study.plan
        self.scenarios, self.names, self.order = grid(study)
        self.info = kpi_of(study.figure().partition(".")[2])
        self.what = self.info.label[0].lower() + self.info.label[1:]
        if self.order:
            self.values = study.values()[np.array(self.order)]
            self.kept = complete(self.values.sum(axis=(0, 1)))

    @property
    def reference(self) -> str:
        """Return the name of the choice that all others are compared with."""
        return self.names[0]


def worlds(study: Study, page: Page) -> list[str]:
    """Add what can be said of three choices or more, and of two over several scenarios; returns the sentences."""
    choices, plan, before = Choices(study), study.plan, len(page.said)
    several, many = len(choices.scenarios) > 1, len(choices.names) > 2
    judged = choices.info.better != 0 and plan.sweep.design not in ("morris", "saltelli")  # of points that lie evenly
    lucky = len(plan.seeds) > 1  # one seed tells nothing of luck
    if several and many and lucky:
        _differences(choices, page)
    wanted = (several and many) or plan.sweep.earlier
    if wanted and judged and plan.points >= LEAST_POINTS and len(choices.names) > 1:
        page.attempt(lambda: _signs(choices, page))
    elif plan.sweep.earlier:
        page.say(f"Not done: what survives of {plan.sweep.earlier} takes {LEAST_POINTS} points or more of an even "
                 "design, cells that are compared within each scenario, and a figure with a better side.")
    if judged and many and len(choices.scenarios) * plan.points * len(plan.seeds) >= LEAST:
        page.attempt(lambda: _frontier(choices, page))
    if several and len(choices.names) > 1 and lucky:
        page.attempt(lambda: _regret(choices, page))
    return page.said[before:]


def _differences(choices: Choices, page: Page) -> None:
    found = [[across(cell - row[0]) for cell in row[1:]] for row in choices.values]
    mean, low, high = (np.array([[getattr(a, name) for a in row] for row in found]) for name in ("mean", "low", "high"))
    table = pd.DataFrame(mean, index=choices.scenarios, columns=choices.names[1:]).rename_axis("scenario").reset_index()
    axes = world_figures.differences_figure(mean, low, high, choices.scenarios, choices.names[1:], choices.reference,
                                            choices.what, choices.info.unit, choices.info.better)
    page.show(axes, table, "worlds", "Paired differences by strategy and scenario")


def _signs(choices: Choices, page: Page) -> None:
    """Add at what share of points each choice is ahead of the reference, and what that leaves of a comparison."""
    earlier, other = None, ""
    if choices.plan.sweep.earlier:
        folder = Path(choices.plan.sweep.earlier).expanduser()
        earlier, other = at_defaults(choices.study, choices.order, folder), other_world(choices.study, folder)
    table = signs(choices.values[:, 1:] - choices.values[:, :1], choices.scenarios, choices.names[1:],
                  choices.info.better, earlier)
    page.say("## What keeps its sign")
    page.tell(choice_findings.signs_finding(table, choices.reference) + ".")
    for text in choice_findings.survivors(table, choices.reference, choices.info.better):
        page.tell(text)
    if other:
        page.say(other)
    page.show(choice_figures.signs_figure(table, choices.reference, choices.what), table, "signs",
              "Share of points at which each strategy is ahead, by scenario")


def _frontier(choices: Choices, page: Page) -> None:
    """Add return against the worst tenth: over all scenarios, and in each."""
    unit, better = choices.info.unit, choices.info.better
    points, seeds = (int(one.sum()) for one in choices.kept)
    found = {POOLED: frontier(choices.values, choices.names, better=better)}
    if len(choices.scenarios) > 1 and points * seeds >= LEAST:
        found |= {world: frontier(values[None], choices.names, better=better)
                  for world, values in zip(choices.scenarios, choices.values, strict=True)}
    pooled = found[POOLED].table
    page.say("## Return against risk")
    page.tell(choice_findings.frontier_finding(pooled) + ".")
    page.tell(choice_findings.gains_finding(pooled, choices.reference, better) + ".")
    page.say(*(f"- {text}" for text in choice_findings.gains(pooled, choices.reference, unit, better)))
    sizes = {"scenario": len(choices.scenarios), "point": points, "seed": seeds}
    basis = f"{number(found[POOLED].draws, 0)} draws each: {joined(_count(n, what) for what, n in sizes.items())}"
    if sizes["seed"] == 1:
        page.say("One seed tells nothing of luck: what is clear is so over assumptions alone.")
    if not all(one.all() for one in choices.kept):
        page.say(left_out(*choices.kept))
    table = pd.concat([one.table.assign(scenario=world) for world, one in found.items()], ignore_index=True)
    table.insert(0, "scenario", table.pop("scenario"))
    page.show(choice_figures.frontier_figure(pooled, choices.reference, choices.what, unit, basis, better), table,
              "frontier", "Mean against the mean of the worst tenth, by choice")
    if len(found) > 1:
        shares = table.pivot(index="scenario", columns="choice", values="chosen").loc[list(found), choices.names]
        efficient = table.pivot(index="scenario", columns="choice", values="efficient").loc[list(found), choices.names]
        page.show(choice_figures.frontier_worlds_figure(shares, efficient), shares.reset_index(), "frontier_worlds",
                  "How often each choice is on the frontier, by scenario")


def _regret(choices: Choices, page: Page) -> None:
    points = choices.kept[0] if choices.kept[0].any() else ~choices.kept[0]
    values = choices.values[:, :, points].mean(axis=2)
    found = regret.regret(values, choices.scenarios, choices.names, choices.info.better or 1)
    page.tell(study_findings.regret_finding(found, choices.info.unit) + ".")
    page.show(world_figures.regret_figure(found, choices.info.unit), found.summary, "regret",
              "Regret by strategy and scenario")


def _count(n: int, what: str) -> str:
    return f"{n} {what}" + ("" if n == 1 else "s")
