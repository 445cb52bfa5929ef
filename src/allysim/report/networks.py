"""Who is allied with whom: the network of one run, in its first month with alliances and at the end."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from allysim.analysis.words import TYPE_NAMES, sentence
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.report.canvas import canvas
from allysim.report.figures import COLOURS, DASHES, STYLE
from allysim.report.labels import GREY, INK
from allysim.report.section import Picture, Section
from allysim.study.comparison import HEADLINE, Comparison
from allysim.study.simulate import Task, simulate

SEED = 7
MOST_NAMED = 12


def median_seed(comparison: Comparison, position: int) -> int:
    """Return the seed whose run of a variant has the median headline figure: one run that stands for the others."""
    values = comparison.values(f"{comparison.group}.{HEADLINE}")[position]
    known = np.flatnonzero(np.isfinite(values))
    return comparison.seeds[int(known[np.argmin(np.abs(values[known] - np.median(values[known])))])]


def again(comparison: Comparison, position: int) -> dict[str, pd.DataFrame] | None:
    """Return the tables of the run that `median_seed` names, run once more; None if it is another now.

    With another version of the code than the comparison was made with, the same seed may give another run.
    """
    seed = median_seed(comparison, position)
    outcome = f"{comparison.group}.{HEADLINE}"
    record = simulate(Task(comparison.variants[position].config, seed, "full"))
    stored = comparison.values(outcome)[position][comparison.seeds.index(seed)]
    return record.tables if record.outcomes[outcome] == stored else None


def ties(memberships: pd.DataFrame, alliances: pd.DataFrame, month: int) -> pd.DataFrame:
    """Return the pairs of firms that are allied at the end of a month: columns one, other, type and alliance."""
    left = memberships["left"].astype("Float64").fillna(np.inf)
    there = memberships[(memberships["joined"] <= month) & (left > month)]
    kinds = alliances.set_index("alliance")["type"]
    rows = [(*sorted(pair), kinds[alliance], alliance) for alliance, firms in there.groupby("alliance")["firm"]
            for pair in combinations(firms, 2)]
    return pd.DataFrame(rows, columns=["one", "other", "type", "alliance"])


def network(comparison: Comparison, position: int, tables: dict[str, pd.DataFrame]) -> Section | None:
    """Return the network of one run, early and at the end, from its `tables`; None where nobody is allied then."""
    memberships, alliances, last = tables["memberships"], tables["alliances"], comparison.months
    first = 0 if len(ties(memberships, alliances, 0)) else min(12, last // 2)
    pairs = {month: ties(memberships, alliances, month) for month in (first, last)}
    if not any(map(len, pairs.values())):
        return None
    world, one, _ = comparison.names(position)
    said = _said(pairs, f"{world}{one}", median_seed(comparison, position))
    data = pd.concat([table.assign(month=month) for month, table in pairs.items()], ignore_index=True)
    axes = network_figure(pairs, tables["initial"], tables["firms"], said)
    return Section("Who is allied with whom", [], [Picture(axes, said, "network", data)], note=(
        "Firms by revenue, focal ones filled; only those are drawn that are focal or allied. Lines: allied in an "
        "alliance of that type. One run, whose result is the median: other luck gives other partners."))


def _said(pairs: dict[int, pd.DataFrame], name: str, seed: int) -> str:
    """Say how many alliances there are, early and late."""
    (first, few), (last, many) = ((month, table["alliance"].nunique()) for month, table in pairs.items())
    return sentence(f"{name}: {few} alliances in month {first}, {many} in month {last} (the run of seed {seed})")


def packed(graph: Any) -> dict[str, np.ndarray]:
    """Return a place for every node of a graph: each connected part for itself, the parts beside one another.

    A spring layout of the whole would leave most of a panel empty between parts that nothing holds together.
    """
    import networkx as nx

    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    radii = [.5 + .55 * np.sqrt(len(part) - 1) for part in parts]
    wide = 1.15 * np.sqrt(sum(4 * radius**2 for radius in radii))
    place: dict[str, np.ndarray] = {}
    left, top, deep = 0.0, 0.0, 0.0
    for part, radius in zip(parts, radii, strict=True):
        if left > 0.0 and left + 2 * radius > wide:
            left, top, deep = 0.0, top - deep, 0.0
        inner = graph.subgraph(sorted(part))
        within = nx.spring_layout(inner, seed=SEED, iterations=150, scale=radius - .4, center=(0, 0)) \
            if len(part) > 1 else {next(iter(part)): np.zeros(2)}
        for node, at in within.items():
            place[node] = np.array([left + radius, top - radius]) + at
        left, deep = left + 2 * radius, max(deep, 2 * radius)
    return place


def network_figure(pairs: dict[int, pd.DataFrame], initial: pd.DataFrame, final: pd.DataFrame, title: str) -> Any:
    """Draw who is allied at the end of some months, a panel for each; firms keep their place.

    Parameters
    ----------
    pairs : dict of int to DataFrame
        Month to `ties`.
    initial, final : DataFrame
        `Run.initial` and `Run.firms`, for revenue and who is focal.
    title : str

    Returns
    -------
    array of Axes
    """
    import networkx as nx

    focal = list(initial["firm"][initial["focal"]])
    revenue = {**dict(zip(final["firm"], final["revenue"], strict=True)),
               **dict(zip(initial["firm"], initial["revenue"], strict=True))}
    graph = nx.Graph()
    graph.add_nodes_from(focal)
    for table in pairs.values():
        graph.add_edges_from(zip(table["one"], table["other"], strict=True))
    place = packed(graph)
    low, high = (end(list(place.values()), axis=0) for end in (np.min, np.max))
    kinds = [kind for kind in ALLIANCE_TYPES if any((table["type"] == kind).any() for table in pairs.values())]
    note = "Lines: " + ", ".join(TYPE_NAMES[kind] for kind in kinds) + ", each in its colour. Size: revenue at month 0."
    largest = max(revenue[firm] for firm in graph)
    with mpl.rc_context(STYLE):
        axes = canvas(3.3, title, note, .15, (3.5,) * len(pairs), below=.35)
        for ax, (month, table) in zip(axes, pairs.items(), strict=True):
            for row in table.itertuples():
                k = ALLIANCE_TYPES.index(row.type)
                ends = np.array([place[row.one], place[row.other]])
                ax.plot(*ends.T, color=COLOURS[k], linestyle=DASHES[k], linewidth=1.3, zorder=1)
            allied = {*table["one"], *table["other"]}
            for firm in graph:
                mine = firm in focal
                if not mine and firm not in allied:
                    continue
                size = 14 + 150 * np.sqrt(revenue[firm] / largest)
                ax.scatter(*place[firm], s=size, color=INK if mine else "white", edgecolor=INK if mine else GREY,
                           linewidth=.9, zorder=2)
                if mine and len(focal) <= MOST_NAMED:
                    label = firm if len(firm) <= 18 else f"{firm[:17]}…"
                    ax.annotate(label, place[firm], xytext=(6, 5), textcoords="offset points", fontsize=8.4, zorder=3,
                                color=INK, bbox={"facecolor": "white", "edgecolor": "none", "alpha": .75, "pad": .5})
            ax.set_title(f"month {month}", loc="left", fontsize=10, fontweight="bold")
            ax.set_xlim(low[0] - .8, high[0] + 1.2)
            ax.set_ylim(low[1] - .6, high[1] + .6)
            ax.axis("off")
        for k, kind in enumerate(kinds):
            c = ALLIANCE_TYPES.index(kind)
            axes[0].figure.text(.02 + .24 * k, .025, f"— {TYPE_NAMES[kind]}", color=COLOURS[c], fontsize=9,
                                fontweight="bold")
    return np.array(axes)
