"""One self-contained page about a comparison: the answer, the picture, the numbers, and how to repeat it."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from allysim.analysis import paired
from allysim.analysis.words import GROUP_NAMES, decimals, joined, kpi_of, number, plain, sentence, spread
from allysim.kpis import KPIS
from allysim.report.choice import choice, choice_table
from allysim.report.finding import finding
from allysim.report.hangs import hangs
from allysim.report.suggest import Suggestion, suggestions
from allysim.study.comparison import HEADLINE, Comparison
from allysim.study.store import write_json

if TYPE_CHECKING:
    import pandas as pd

    from allysim.config import Scenario

HEADLINES = (HEADLINE, "survival", "trust_mean", "trust_least", "trust_spread", "consumer_surplus")
"""Figures that stand first in every table."""

MANY = 8
"""Differences beyond which one picture shows them all as a table, in place of a panel for each."""

MARKS = {"better": "✓", "worse": "✗", "higher": "↑", "lower": "↓", paired.NO_CLEAR_DIFFERENCE: "○", paired.TOO_FEW: "–"}


class Cell(NamedTuple):
    """One difference in a table: its size, interval, verdict, the verdict's sign, and what assumptions make of it."""

    difference: str
    interval: str
    verdict: str
    mark: str
    assumptions: str = ""


def save(comparison: Comparison, manifest: dict[str, Any], folder: Path) -> None:
    """Write ``report.html``, ``comparison.svg`` with ``comparison.csv``, and ``table.csv`` into a folder.

    Parameters
    ----------
    comparison : Comparison
        One that has been run.
    manifest : dict
        Of the result the page stands in (`allysim.study.store.describe`).
    folder : Path
        An existing folder, usually `Store.folder`.
    """
    from allysim.report import figures

    if len(comparison.pairs()) > MANY:
        figures.save(_overview(comparison), _headline(comparison), folder / "comparison.svg")
    else:
        figures.save(figures.plot_comparison(comparison), figures.comparison_data(comparison),
                     folder / "comparison.svg")
    comparison.table.to_csv(folder / "table.csv", index=False)
    if found := choice(comparison):
        found.table.to_csv(folder / "choice.csv", index=False)
    for hang in hangs(comparison):
        if hang.table is not None:
            hang.table.to_csv(folder / f"{hang.name}.csv", index=False)
    (folder / "report.html").write_text(render(comparison, manifest), encoding="utf-8")
    write_json(as_dict(comparison, manifest), folder / "report.json")


def as_dict(comparison: Comparison, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says and shows, ready for JSON; numbers that there are not are null."""
    table = comparison.table.astype(object).where(comparison.table.notna(), None)
    return {
        "question": question(comparison), "finding": _finding(comparison), "statements": comparison.statements(),
        "basis": _basis(comparison), "cautions": cautions(comparison),
        "drawn": drawn(comparison.variants[0].config), "method": _method(comparison),
        "choice": (found.said if (found := choice(comparison)) else None),
        "hangs_on": [hang.said for hang in hangs(comparison)],
        "command": manifest["command"], "code_version": manifest["code_version"], "versions": manifest["versions"],
        "table": table.to_dict("records"),
    }


def render(comparison: Comparison, manifest: dict[str, Any]) -> str:
    """Return the page as HTML that asks for nothing from anywhere."""
    import jinja2

    from allysim.report import figures

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters["pretty"] = _pretty
    return environment.get_template("page.html").render(
        question=question(comparison), finding=_finding(comparison),
        statements=[] if len(comparison.pairs()) > MANY else comparison.statements(),
        choice=choice_table(choice(comparison)), whole=_whole(comparison), varied=comparison.space is not None,
        basis=_basis(comparison), pictures=_pictures(comparison),
        caption="" if len(comparison.pairs()) > MANY else figures.caption(comparison),
        tables=[_table(comparison, group) for group in _groups(comparison)], cautions=cautions(comparison),
        hangs=[(hang.said, "" if hang.table is None else _inlined(hang.draw(), hang.name, hang.said), hang.name)
               for hang in hangs(comparison)],
        drawn=drawn(comparison.variants[0].config), method=_method(comparison), next=_next(comparison, manifest),
        manifest=manifest, seeds=f"{comparison.seeds[0]} to {comparison.seeds[-1]}",
        variants=[(_named(v.scenario, v.strategy), v.config.digest(comparison.seeds[0])) for v in comparison.variants])


def question(comparison: Comparison) -> str:
    """Return what the comparison asks."""
    asked: dict[str, list[str]] = {}
    for position in comparison.pairs():
        _, one, other = comparison.names(position)
        asked.setdefault(other, [])
        asked[other] += [one] if one not in asked[other] else []
    whom = GROUP_NAMES[comparison.group]
    parts = [f"What do {whom} gain or lose by {joined(names)} instead of {other}?" for other, names in asked.items()]
    return " ".join(parts)


def cautions(comparison: Comparison) -> list[str]:
    """Return what the intervals do not say, with the counts."""
    from allysim.config.scenario import settable

    tags = [field.parameter.tag for field in settable().values()]
    compared = comparison.table[comparison.table["verdict"] != "reference"]
    clear = int((~compared["verdict"].isin([paired.NO_CLEAR_DIFFERENCE, paired.TOO_FEW])).sum())
    space = comparison.space
    luck = "Intervals named 95 % contain luck only: what other seeds would give. "
    found = [
        f"{luck}{tags.count('A')} settings of the model are assumptions (tagged A), 'allysim list' shows each with its "
        f"range, and " + ("none was varied." if space is None else
                          f"{len(space.plan.keys)} numbers were varied at once at {space.plan.points} points: what "
                          f"these make of a difference, with luck of their own, stands beside it, the middle 80 % of "
                          f"the points."),
        f"{clear} of the {len(compared)} differences below are clear; about {max(1, round(len(compared) / 20))} of "
        f"them would seem so by chance if nothing differed at all.",
    ]
    if comparison.failed:
        found.append(f"{comparison.failed} of {len(comparison.runs)} runs failed and are left out with their pairs; "
                     f"runs/ holds the errors.")
    return found


def drawn(scenario: Scenario) -> list[str]:
    """Return what the model filled in because nobody gave it."""
    network = list(scenario.start.notes) if scenario.start else []
    if scenario.network and scenario.network.unused:
        network.append(f"Columns of the network that are not used: {', '.join(scenario.network.unused)}.")
    driven = scenario.driven.notes if scenario.driven else ()
    if scenario.own is not None:
        rest = scenario.n_firms - scenario.own.n
        around = f"{rest:,} firms around them are drawn." if rest else "No other firms stand around them."
        return [*scenario.own.notes, around, *network, *driven]
    if network:
        return [f"No file of firms was given, so all {scenario.n_firms:,} firms are drawn; the {scenario.n_focal} of "
                f"the network are the focal firms.", *network, *driven]
    focal = f"{scenario.firms.focal} small ones, spread over the sizes, are the focal firms" if scenario.firms.focal \
        else "none of them is focal"
    return [f"No file of firms was given, so all {scenario.n_firms:,} firms are drawn; {focal}.", *driven]


def kpi_order(names: list[str]) -> list[str]:
    """Return figures in the order of tables: headlines, the rest as declared, own outcomes."""
    order = [*HEADLINES, *(name for name in KPIS if name not in HEADLINES)]
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def cell(comparison: Comparison, position: int, outcome: str) -> Cell:
    """Return one difference in words."""
    _, found = comparison.difference(position, outcome)
    low, high = float(found.low), float(found.high)
    places = decimals(low, high)
    said = paired.verdict(low, high, kpi_of(outcome.partition(".")[2]).better)
    if said == paired.TOO_FEW:
        return Cell("n/a", "", said, MARKS[said])
    if low == high == 0:
        return Cell("0", "in every pair", said, MARKS[said])
    over = comparison.spread(position, outcome)
    between = spread(over.low, over.high, decimals(over.low, over.high)) if over else ""
    return Cell(number(float(found.mean), places, sign=True), spread(low, high, places), said, MARKS[said], between)


def _groups(comparison: Comparison) -> list[str]:
    return list(dict.fromkeys(comparison.table["group"]))


def _table(comparison: Comparison, group: str) -> dict[str, Any]:
    """Lay out the differences of one group: a row per figure; per scenario the reference's mean, then differences."""
    worlds = comparison.worlds()
    table = comparison.table
    columns = [(comparison.variants[positions[0]].reference, positions) for positions in worlds.values()]
    rows = []
    for kpi in kpi_order(list(dict.fromkeys(table.loc[table["group"] == group, "kpi"]))):
        cells: list[Any] = []
        for reference, positions in columns:
            cells.append(plain(comparison.difference(reference, f"{group}.{kpi}")[0]))
            cells += [cell(comparison, position, f"{group}.{kpi}") for position in positions]
        rows.append({"label": kpi_of(kpi).label, "unit": kpi_of(kpi).unit, "about": kpi_of(kpi).about, "cells": cells,
                     "headline": kpi in HEADLINES})
    heads = [(world or "all scenarios", [comparison.names(positions[0])[2],
                                         *(comparison.names(position)[1] for position in positions)])
             for world, positions in worlds.items()]
    return {"title": sentence(GROUP_NAMES.get(group, "your own outcome")), "heads": heads, "rows": rows}


def _basis(comparison: Comparison) -> list[str]:
    """Return the size of the experiment in a few words each."""
    config = comparison.variants[0].config
    space = [f"{comparison.space.plan.points:,} points in {len(comparison.space.plan.keys)} assumptions"] \
        if comparison.space else []
    return [f"{config.n_focal:,} focal firms among {config.n_firms:,}", f"{comparison.months} months",
            f"{len(comparison.seeds):,} paired replications", *space, f"{len(comparison.variants)} variants"]


def _whole(comparison: Comparison) -> str:
    """Return the same finding for all firms in brief; empty where they are the group in question."""
    if comparison.group == "population":
        return ""
    if len(comparison.pairs()) > 4:
        return "What it means for all firms stands in the second table."
    parts = []
    for position in comparison.pairs():
        world, one, _ = comparison.names(position)
        found = cell(comparison, position, f"population.{HEADLINE}")
        several = len(comparison.pairs()) > len(comparison.worlds())
        start = f"{world}{one} " if several or not world else world.replace(", ", " ")
        unclear = f"{found.verdict}, " if found.verdict in (paired.NO_CLEAR_DIFFERENCE, paired.TOO_FEW) else ""
        parts.append(f"{start}{unclear}{found.difference} {kpi_of(HEADLINE).unit} ({found.interval})")
    return f"The same for all firms: {'; '.join(parts)}."


def _headline(comparison: Comparison) -> pd.DataFrame:
    """Return the rows of the table that hold the headline figure of the group in question."""
    table = comparison.table
    return table[(table["group"] == comparison.group) & (table["kpi"] == HEADLINE)]


def _finding(comparison: Comparison) -> str:
    """Return the headline: of each world, or what to choose where there are many differences."""
    if len(comparison.pairs()) <= MANY:
        return finding(comparison)
    if found := choice(comparison):
        return found.said[0].removesuffix(".")
    from allysim.report.study_findings import differences_finding

    _, low, high, _, labels, references = _matrix(comparison)
    return differences_finding(low, high, labels, references, kpi_of(HEADLINE).better)


def _matrix(comparison: Comparison) -> tuple[Any, Any, Any, list[str], list[str], str]:
    """Return differences in the headline figure and their intervals (worlds, variants), and the names of all."""
    import numpy as np

    rows = {position: comparison.names(position) for position in comparison.pairs()}
    worlds = list(comparison.worlds())
    labels = list(dict.fromkeys(one for _, one, _ in rows.values()))
    found = np.full((3, len(worlds), len(labels)), np.nan)
    for k, positions in enumerate(comparison.worlds().values()):
        for position in positions:
            _, sure = comparison.difference(position, f"{comparison.group}.{HEADLINE}")
            found[:, k, labels.index(rows[position][1])] = sure.mean, sure.low, sure.high
    references = joined(dict.fromkeys(other for _, _, other in rows.values()))
    mean, low, high = found
    return mean, low, high, [world or "all scenarios" for world in worlds], labels, references


def _overview(comparison: Comparison) -> Any:
    """Draw all differences in the headline figure as a table of worlds and variants."""
    from allysim.report.world_figures import differences_figure

    info = kpi_of(HEADLINE)
    return differences_figure(*_matrix(comparison), info.label[0].lower() + info.label[1:], info.unit, info.better)


def _pictures(comparison: Comparison) -> list[str]:
    from allysim.report import figures

    drawings = [_overview(comparison)] if len(comparison.pairs()) > MANY else \
        [figures.plot_comparison(comparison, worlds=[world]) for world in comparison.worlds()]
    return [_inlined(axes, f"panel{index}") for index, axes in enumerate(drawings)]


def _inlined(axes: Any, salt: str, title: str = "") -> str:
    """Return a picture to stand in the page, named by its title or by the caption."""
    from allysim.report import figures

    drawing = figures.svg(axes, salt=salt)
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", drawing)
    width = re.search(r'\bwidth="([\d.]+)pt"', drawing)
    drawing = re.sub(r'(<svg[^>]*?)\swidth="[^"]*"', r"\1", drawing, count=1)
    drawing = re.sub(r'(<svg[^>]*?)\sheight="[^"]*"', r"\1", drawing, count=1)
    size = f'style="max-width:{float(width[1]) * 1.25:.0f}px" ' if width else ""
    name = f'aria-label="{html.escape(title)}"' if title else 'aria-labelledby="caption"'
    return drawing.replace("<svg", f'<svg role="img" {name} {size}', 1)


def _method(comparison: Comparison) -> list[str]:
    references = joined(dict.fromkeys(comparison.names(position)[2] for position in comparison.pairs()))
    return [
        f"Every variant is a world of {comparison.variants[0].config.n_firms:,} firms, simulated month by month "
        f"for {comparison.months} months; money is kept in a double-entry ledger.",
        f"Replication k of every variant has seed {comparison.seeds[0]} + k: the same drawn firms, shocks and chances, "
        f"so that variants differ by what was varied and what follows from it.",
        f"A difference is the mean over replications of variant less {references}; its 95 % interval is Student's t "
        f"over the {len(comparison.seeds)} pairs.{_gained(comparison)}",
        *_varied(comparison),
        "“No clear difference” stands wherever that interval contains zero.",
        "Figures are means over the firms a group had at month 0; a firm that has left counts with 0 in money and is "
        "left out of rates.",
    ]


def _varied(comparison: Comparison) -> list[str]:
    """Say how assumptions were varied, if they were."""
    space = comparison.space
    if space is None:
        return []
    failed = f" {space.failed} of {len(space.runs)} of these runs failed and are left out." if space.failed else ""
    return [f"Every variant was run once more at each of {space.plan.points} points of a Sobol sequence in "
            f"{len(space.plan.keys)} numbers: all assumptions that were not set, over the ranges of their tags, and "
            f"those that your file gives a range. Point k has seed {space.plan.seeds[0]} + k in every variant.{failed}"]


def _gained(comparison: Comparison) -> str:
    """Say how much of the variance the shared luck takes away; nothing where that cannot be told."""
    gained = [f"{100 * share:.0f} %" for share in sorted(_headline(comparison)["variance_reduction"].dropna())]
    if not gained:
        return ""
    size = gained[0] if gained[0] == gained[-1] else f"{gained[0]} to {gained[-1]}"
    return (f" In {kpi_of(HEADLINE).label.lower()}, sharing the luck takes away {size} of the variance that the "
            "difference of unpaired runs would have.")


def _next(comparison: Comparison, manifest: dict[str, Any]) -> list[Suggestion]:
    return suggestions(comparison, manifest.get("arguments") or [])


def _named(scenario: str, strategy: str) -> str:
    return strategy if strategy == scenario else f"{strategy} under {scenario}"


def _pretty(text: str) -> str:
    """Set true minus signs and keep numbers and their units on one line."""
    text = re.sub(r"(?<![\w-])-(?=\d)", "−", text)
    return re.sub(r"(?<=\d) (?=%|k€|\d{3}\b)", "\u00a0", text)
