"""What a page about a comparison says in words: the question, the answer, its basis, and what it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allysim.analysis import paired
from allysim.analysis.words import GROUP_NAMES, about_of, joined, kpi_of, named, place, sentence
from allysim.config import presets
from allysim.config.parameters import GROUPS
from allysim.report.choice import Choice
from allysim.report.differences import MANY, cell, headline, matrix
from allysim.report.finding import finding
from allysim.report.risks import reverses
from allysim.study.comparison import HEADLINE, Comparison

if TYPE_CHECKING:
    from allysim.config import Scenario


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


def headline_of(comparison: Comparison, chosen: Choice | None) -> str:
    """Return the headline: of each world, or what to choose where there are many differences."""
    if len(comparison.pairs()) <= MANY:
        return finding(comparison)
    if chosen:
        return chosen.said[0].removesuffix(".")
    from allysim.report.study_findings import differences_finding

    _, low, high, _, labels, references = matrix(comparison)
    return differences_finding(low, high, labels, references, kpi_of(HEADLINE).better)


def sentences(comparison: Comparison, chosen: Choice | None) -> list[str]:
    """Return the answer in up to three sentences: what to choose, what assumptions make of it, what reverses it."""
    said = chosen.said[:2] if chosen else [finding(comparison) + "."]
    if chosen and len(comparison.pairs()) > MANY:  # the headline says the first
        said = said[1:]
    if len(comparison.pairs()) == 1 and chosen:
        said = [comparison.statements()[0], *said[1:]]
    return [text for text in (*said, reverses(comparison)) if text]


def whole(comparison: Comparison) -> str:
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
    for names, side, kind in zip(_beyond(comparison), ("above", "below"), ("less kind", "kinder"), strict=True):
        if names:
            found.append(f"At the defaults the gain of {joined(names)} lies {side} the middle 80 % of the points: nine "
                         f"in ten of them are {kind} to it.")
    if comparison.failed:
        found.append(f"{comparison.failed} of {len(comparison.runs)} runs failed and are left out with their pairs; "
                     f"runs/ holds the errors.")
    return found


def meant(comparison: Comparison) -> list[tuple[str, str]]:
    """Return what is compared, in words and by its key, with what each stands for: strategies, settings, scenarios."""
    found: dict[str, str] = {}
    for variant in comparison.variants:
        for word in variant.strategy.split():
            key, equals, value = word.partition("=")
            if word in presets.names("strategy"):
                found.setdefault(f"{named(word)} ({word})", presets.about("strategy", word))
            elif equals and named(word) != word:
                about = presets.about(key, value) if key in GROUPS else sentence(about_of(f"strategy.{key}")) + "."
                found.setdefault(f"{named(word)} ({word})", about)
    for variant in comparison.variants:
        name = variant.config.scenario.name
        if name in presets.names("scenario") and name == variant.scenario:
            found.setdefault(f"{place(name)} ({name})", presets.about("scenario", name))
    return list(found.items())


def _beyond(comparison: Comparison) -> tuple[list[str], list[str]]:
    """Return the variants whose difference at the defaults lies above, and below, the middle 80 % of the points."""
    outcome = f"{comparison.group}.{HEADLINE}"
    above: list[str] = []
    below: list[str] = []
    for position in comparison.pairs():
        over = comparison.spread(position, outcome)
        mean = float(comparison.difference(position, outcome)[1].mean)
        if over and not over.low <= mean <= over.high:
            world, one, _ = comparison.names(position)
            (above if mean > over.high else below).append(f"{one} {world.removesuffix(', ')}".strip())
    return above, below


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


def basis(comparison: Comparison) -> list[str]:
    """Return the size of the experiment in a few words each."""
    config = comparison.variants[0].config
    space = [f"{comparison.space.plan.points:,} points in {len(comparison.space.plan.keys)} assumptions"] \
        if comparison.space else []
    return [f"{config.n_focal:,} focal firms among {config.n_firms:,}", f"{comparison.months} months",
            f"{len(comparison.seeds):,} paired replications", *space, f"{len(comparison.variants)} variants"]


def method(comparison: Comparison) -> list[str]:
    """Return how it was done, step by step."""
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
    gained = [f"{100 * share:.0f} %" for share in sorted(headline(comparison)["variance_reduction"].dropna())]
    if not gained:
        return ""
    size = gained[0] if gained[0] == gained[-1] else f"{gained[0]} to {gained[-1]}"
    return (f" In {kpi_of(HEADLINE).label.lower()}, sharing the luck takes away {size} of the variance that the "
            "difference of unpaired runs would have.")
