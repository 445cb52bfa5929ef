"""What may go wrong: return against risk, where the choice fails, and the smallest change that reverses the answer."""

from __future__ import annotations

import numpy as np

from allysim.analysis.boxes import box
from allysim.analysis.frontier import frontier
from allysim.analysis.paired import Interval
from allysim.analysis.words import (
    about_of,
    assumption,
    decimals,
    joined,
    kpi_of,
    named,
    number,
    sentence,
    spread,
)
from allysim.config.scenario import settable
from allysim.errors import AllysimError
from allysim.report import choice_findings
from allysim.report.choice_figures import frontier_figure
from allysim.report.portfolio import portfolio, portfolio_grid, portfolio_said
from allysim.report.section import Grid, Picture, Section
from allysim.report.world_figures import box_figure
from allysim.study.comparison import HEADLINE, Comparison
from allysim.study.reversal import leaders

LEAST_CHOICES = 3
SHOWN = 3
LEAST = .005
"""k€ that are next to nothing."""


def return_and_risk(comparison: Comparison) -> Section | None:
    """Return the mean against the worst tenth of three or more variants; None for fewer, or for too few runs."""
    worlds, names, places = comparison.by_world()
    if len(names) < LEAST_CHOICES:
        return None
    outcome, info = f"{comparison.group}.{HEADLINE}", kpi_of(HEADLINE)
    basis = f"{len(comparison.seeds)} seeds"
    values = comparison.values(outcome)[places][:, :, None, :]
    if comparison.space is not None:
        values = comparison.space.values(outcome)[places]
        basis = f"{comparison.space.plan.points} points in all assumptions, each with luck of its own"
    try:
        found = frontier(values, names, better=info.better)
    except AllysimError:
        return None
    if len(worlds) > 1:
        basis += f", in {len(worlds)} scenarios that weigh alike"
    table = found.table
    words = table.assign(choice=table["choice"].map(named))
    what = info.label[0].lower() + info.label[1:]
    axes = frontier_figure(words, named(names[0]), what, info.unit, basis, info.better)
    said = [f"{sentence(text).removesuffix('.')}."
            for text in choice_findings.gains(words, named(names[0]), info.unit, info.better)]
    picture = Picture(axes, sentence(choice_findings.frontier_finding(words)), "frontier", table)
    held = portfolio(comparison, names, places)
    if not held.get("alliances", np.zeros(1)).any():
        return Section("Return and risk", said, [picture])
    said += portfolio_said(held, list(table["choice"][table["efficient"]]))
    return Section("Return and risk", said, [picture],
                   portfolio_grid(comparison, held, dict(zip(table["choice"], table["chosen"], strict=True))))


def where_it_fails(comparison: Comparison) -> Section | None:
    """Return where in the assumptions the choice gains nothing over what it is set against; None without points."""
    space = comparison.space
    if space is None:
        return None
    ones, others = leaders(comparison)
    values = space.values(f"{comparison.group}.{HEADLINE}")[:, :, 0]
    difference = np.mean([values[one] - values[other] for one, other in zip(ones, others, strict=True)], axis=0)
    known = np.isfinite(difference)
    one, other = (named(comparison.variants[of[0]].strategy) for of in (ones, others))
    fails, x = difference[known] <= 0, space.plan.values[known]
    words = "gain nothing"
    several = ", on average over the scenarios" if len(ones) > 1 else ""
    share = f"{100 * fails.mean():.0f} % of {len(fails)} points"
    said = [sentence(f"at {share} {one} gains nothing over {other}{several}.")]
    try:
        found = box(x, fails, space.plan.keys)
    except AllysimError as problem:
        return Section("Where it fails", [*said, sentence(f"no box of assumptions was looked for: {problem}.")])
    if not found.limits:
        return Section("Where it fails", [*said, "No part of the assumptions was found in which that is clearly more "
                                                 "frequent."])
    text = found.sentence(words)
    for limit in found.limits:
        text = text.replace(f"`{limit.key}`", assumption(limit.key))
    axes = box_figure(x, fails, space.plan.keys, found, words)
    return Section("Where it fails", said, [Picture(axes, text, "where_it_fails", found.table())])


def reverses(comparison: Comparison) -> str:
    """Say which smallest change of one assumption reverses the answer, or that none was found; "" if not looked for."""
    found = comparison.reversal
    if found is None:
        return ""
    start = f"{named(found.one)} against {named(found.other)}"
    if not found.tried and not found.idle:
        clear = found.start.low > 0 or found.start.high < 0
        return (f"What would reverse the answer on {start} was not looked for: a larger budget is needed." if clear
                else f"No change of an assumption is needed to reverse the answer on {start}: luck leaves it open.")
    if found.least is None:
        tried = len(found.tried) + found.idle
        gone = [one for one in found.tried if one.found.low <= 0 <= one.found.high]
        idle, kept = (f"{n or 'none'} {verb}{'s' if n < 2 else ''}" for n, verb in (
            (found.idle, "change"), (len(found.tried) - len(gone), "leave")))
        text = (f"Of the {tried} assumptions that seem to move {start} most, none turns the answer round when it alone "
                f"is moved to the end of its range: {idle} nothing there, and {kept} it clear; the others were not "
                "tried.")
        if not gone:
            return text
        ends = [f"{about_of(one.key)} at {one.value:.4g} ({_bare(one.found)})" for one in gone[:SHOWN]]
        more = [f"{len(gone) - SHOWN} more"] if len(gone) > SHOWN else []
        return f"{text} But no clear difference is left with {joined(ends + more)}."
    least = found.least
    how_far = f"the {'low' if least.value < found.default else 'high'} end of its range"
    how_far = how_far if least.way == 1.0 else f"{100 * least.way:.0f} % of the way to {how_far}"
    return (f"The smallest change found that reverses the answer on {start}: {about_of(least.key)} at "
            f"{least.value:.4g} in place of {found.default:.4g}{_unit(least.key)}, {how_far}; there the difference is "
            f"{_size(least.found)} on {least.seeds} fresh seeds.")


def reversal(comparison: Comparison) -> Section | None:
    """Return what was tried to reverse the answer; None if nothing was."""
    import pandas as pd

    found = comparison.reversal
    if found is None or not (found.tried or found.idle):
        return None
    values = [*found.tried, *([found.least] if found.least else [])]
    rows = [[assumption(one.key) + _unit(one.key), f"{one.value:.4g}", f"{100 * one.way:.0f} %", _marked(one.found),
             "fresh" if one is found.least else "the first"] for one in values]
    data = pd.DataFrame([(one.key, one.value, one.way, float(one.found.mean), float(one.found.low),
                          float(one.found.high), one.seeds, one is found.least) for one in values],
                        columns=["key", "value", "way", "difference", "low", "high", "seeds", "fresh"])
    note = (f"{sentence(named(found.one))} less {named(found.other)} in cumulative economic profit, a mean over the "
            f"scenarios, with its 95 % interval of luck (○ no clear difference); {_size(found.start)} where nothing is "
            f"changed. Each assumption is moved alone, towards the end of its range that works against the answer, "
            f"those that move it most over the points first; {found.idle} of them, not shown, change nothing there. "
            f"The same numbers are in reversal.csv.")
    heads = ["", "value", "of the way to the end of its range", "difference", "seeds"]
    return Section("What would reverse it", [reverses(comparison)],
                   grid=Grid(heads, rows, note, "reversal", data) if rows else None)


def _unit(key: str) -> str:
    """Return the unit of a settable number after a comma, "" where it has none."""
    known = settable().get(key)
    return f", {known.parameter.unit}" if known and known.parameter.unit else ""


def _size(found: Interval) -> str:
    """Return a difference with its unit and interval in words."""
    size, _, rest = _bare(found).partition(", ")
    return f"{size} {kpi_of(HEADLINE).unit} ({rest})" if rest else size


def _marked(found: Interval) -> str:
    """Return the same with a mark where luck leaves it open."""
    return _size(found) + (" ○" if found.low <= 0 <= found.high else "")


def _bare(found: Interval) -> str:
    """Return a difference and its interval in words, in k€ to the last ten euro."""
    low, high = float(found.low), float(found.high)
    places = min(2, decimals(low, high))
    if low == high == 0:
        return "exactly none"
    if max(abs(low), abs(high)) < LEAST:
        return "next to nothing"
    return f"{number(float(found.mean), places, sign=True)}, {spread(low, high, places)}"
