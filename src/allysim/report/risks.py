"""What may go wrong: return against risk, where the choice fails, and the smallest change that reverses the answer."""

from __future__ import annotations

import numpy as np

from allysim.analysis.boxes import box
from allysim.analysis.frontier import frontier
from allysim.analysis.paired import Interval
from allysim.analysis.words import decimals, joined, kpi_of, number, plain, sentence, spread
from allysim.config.scenario import settable
from allysim.errors import AllysimError
from allysim.report import choice_findings
from allysim.report.choice_figures import frontier_figure
from allysim.report.section import Grid, Picture, Section
from allysim.report.world_figures import box_figure
from allysim.study.comparison import HEADLINE, Comparison
from allysim.study.reversal import leaders

LEAST_CHOICES = 3
SHOWN = 6


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
    axes = frontier_figure(table, names[0], info.label[0].lower() + info.label[1:], info.unit, basis, info.better)
    said = [f"{sentence(text).removesuffix('.')}."
            for text in choice_findings.gains(table, names[0], info.unit, info.better)]
    return Section("Return and risk", said,
                   [Picture(axes, sentence(choice_findings.frontier_finding(table)), "frontier", table)])


def where_it_fails(comparison: Comparison) -> Section | None:
    """Return where in the assumptions the choice gains nothing over what it is set against; None without points."""
    space = comparison.space
    if space is None:
        return None
    ones, others = leaders(comparison)
    values = space.values(f"{comparison.group}.{HEADLINE}")[:, :, 0]
    difference = np.mean([values[one] - values[other] for one, other in zip(ones, others, strict=True)], axis=0)
    known = np.isfinite(difference)
    one, other = (comparison.variants[of[0]].strategy for of in (ones, others))
    fails, x = difference[known] <= 0, space.plan.values[known]
    words = f"see {one} gain nothing over {other}"
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
    text = sentence(found.sentence(words).replace("`", "").removesuffix(".") + ".")
    axes = box_figure(x, fails, space.plan.keys, found, words)
    return Section("Where it fails", said, [Picture(axes, text, "where_it_fails", found.table())])


def reverses(comparison: Comparison) -> str:
    """Say which smallest change of one assumption reverses the answer, or that none was found; "" if not looked for."""
    found = comparison.reversal
    if found is None:
        return ""
    start = f"{found.one} against {found.other}"
    if not found.tried and not found.idle:
        clear = found.start.low > 0 or found.start.high < 0
        return (f"What would reverse the answer on {start} was not looked for: a larger budget is needed." if clear
                else f"No change of an assumption is needed to reverse the answer on {start}: luck leaves it open.")
    if found.least is None:
        tried = len(found.tried) + found.idle
        others = " and others" if len(found.tried) > SHOWN else ""
        named = f" ({joined(one.key for one in found.tried[:SHOWN])}{others})"
        idle = f"{found.idle or 'none'} {'changes' if found.idle < 2 else 'change'} nothing there"
        do = "does" if len(found.tried) == 1 else "do"
        return (f"Of the {tried} assumptions that seem to move {start} most, none clearly reverses the answer when it "
                f"alone is moved to the end of its range: {idle}, and {len(found.tried)} {do} not change enough"
                f"{named if found.tried else ''}; the others were not tried.")
    least = found.least
    return (f"The smallest change found that reverses the answer on {start}: {_named(least.key)} at "
            f"{plain(least.value)} in place of {plain(found.default)}, {100 * least.way:.0f} % of the way to the end "
            f"of its range; there it is {_size(least.found)} on {least.seeds} fresh seeds.")


def reversal(comparison: Comparison) -> Section | None:
    """Return what was tried to reverse the answer; None if nothing was."""
    import pandas as pd

    found = comparison.reversal
    if found is None or not (found.tried or found.idle):
        return None
    values = [*found.tried, *([found.least] if found.least else [])]
    rows = [[_told(one.key), plain(one.value), f"{100 * one.way:.0f} %", _size(one.found),
             "fresh" if one is found.least else "the first"] for one in values]
    data = pd.DataFrame([(one.key, one.value, one.way, float(one.found.mean), float(one.found.low),
                          float(one.found.high), one.seeds, one is found.least) for one in values],
                        columns=["key", "value", "way", "difference", "low", "high", "seeds", "fresh"])
    note = (f"{found.one} less {found.other} in cumulative economic profit, a mean over the scenarios, with its 95 % "
            f"interval of luck; {_size(found.start)} where nothing is changed. Each assumption is moved alone, towards "
            f"the end of its range that works against the answer, those that move it most over the points first; "
            f"{found.idle} of them, not shown, change nothing there. The same numbers are in reversal.csv.")
    heads = ["", "value", "of the way to the end of its range", "difference", "seeds"]
    return Section("What would reverse it", [reverses(comparison)],
                   grid=Grid(heads, rows, note, "reversal", data) if rows else None)


def _named(key: str) -> str:
    """Return the key of an assumption with its unit."""
    known = settable().get(key)
    return f"{key} ({known.parameter.unit})" if known and known.parameter.unit else key


def _told(key: str) -> str:
    """Return the key of an assumption with what it is, as 'allysim list' says."""
    known = settable().get(key)
    return f"{key}: {known.parameter.about}" + (f", {known.parameter.unit}" if known.parameter.unit else "") \
        if known else key


def _size(found: Interval) -> str:
    """Return a difference with its interval in words."""
    low, high = float(found.low), float(found.high)
    places = decimals(low, high)
    return f"{number(float(found.mean), places, sign=True)} {kpi_of(HEADLINE).unit} ({spread(low, high, places)})"
