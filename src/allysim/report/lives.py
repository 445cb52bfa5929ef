"""The life of alliances: how many get how far, how long they last, and what ends them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from allysim.analysis.survival import lifetimes, survival
from allysim.analysis.words import joined, named, place, sentence
from allysim.errors import AllysimError
from allysim.report.section import Grid, Picture, Section
from allysim.report.world_figures import survival_figure
from allysim.study import remains
from allysim.study.comparison import Comparison

ENDS = {"budget": "budget spent", "stopped": "stopped at the gate", "kpi": "reviews failed", "residual": "other causes",
        "no gain": "no gain left", "breach": "breach", "bankruptcy": "bankruptcy of a member",
        "closure": "closure of a member", "portfolio": "weeded out of a portfolio"}
"""Cause of an alliance's end to its words."""
STAGES = {"go": "got the go", "standardised": "standardised", "scaled": "scaled"}
MOST = 6
"""Variants whose curves one picture shows."""
NAMED = 3


def funnel(comparison: Comparison, positions: Sequence[int]) -> pd.DataFrame:
    """Return how far the alliances of focal firms get, of all firms where none is focal.

    A row per variant: scenario, strategy, runs, founded, go, standardised, scaled and ended (alliances a run; those of
    month 0 count as founded), and causes (shares of those that ended, by name).
    """
    rows = []
    for position in positions:
        kept, variant = comparison.remains(position), comparison.variants[position]
        runs, alliances = sum(map(bool, kept)), remains.together(kept, "alliances")
        causes = alliances["cause"][alliances["ended"].notna()].value_counts(normalize=True)
        rows.append({"scenario": variant.scenario, "strategy": variant.strategy, "runs": runs,
                     "founded": len(alliances) / max(runs, 1),
                     **{name: float(alliances[name].notna().sum()) / max(runs, 1) for name in (*STAGES, "ended")},
                     "causes": {str(cause): float(share) for cause, share in causes.items()}})
    return pd.DataFrame(rows)


def lives(comparison: Comparison) -> Section | None:
    """Return the life of alliances in all variants that have any; None where there are none."""
    table = funnel(comparison, range(len(comparison.variants)))
    there = [position for position, founded in enumerate(table["founded"]) if founded > 0]
    if not there:
        return None
    shown = table.iloc[there]
    names = {position: _name(comparison, position) for position in there}
    said, pictures = [_said(row, names[position]) for position, row in zip(there, shown.to_dict("records"), strict=True)
                      ][:MOST], []
    chosen = there[:MOST]
    lasting = pd.concat([lifetimes(remains.together(comparison.remains(position), "alliances"), comparison.months)
                         .assign(variant=names[position]) for position in chosen], ignore_index=True)
    try:
        found = survival(lasting, "variant")
        pictures.append(Picture(survival_figure(found), "How long alliances last", "lasting", found.curves))
    except AllysimError as problem:
        said.append(sentence(f"how long they last is not shown: {problem}."))
    rows = [[names[position], *(f"{row[name]:.1f}" for name in ("founded", *STAGES, "ended")), _causes(row["causes"])]
            for position, row in zip(there, shown.to_dict("records"), strict=True)]
    data = shown.assign(causes=[joined(f"{cause} {share:.4f}" for cause, share in of.items()) if of else ""
                                for of in shown["causes"]])
    whose = "the focal firms" if comparison.group == "focal" else "all firms"
    grid = Grid(["", "founded", *STAGES.values(), "ended", "what ended them"], rows,
                f"Alliances of {whose}, a run on average over {comparison.months} months; of those that ended, the "
                "share of each cause. The same numbers are in alliances_lives.csv.", "alliances_lives", data)
    return Section("The life of the alliances", said, pictures, grid)


def _said(row: dict[str, object], name: str) -> str:
    """Say how far the alliances of one variant get."""
    founded, go, scaled = (float(row[key]) for key in ("founded", "go", "scaled"))  # type: ignore[arg-type]
    text = f"with {name}: of {founded:.1f} alliances a run, {100 * go / founded:.0f} % got the go"
    if scaled:
        text += f" and {100 * scaled / founded:.0f} % were scaled"
    causes: dict[str, float] = row["causes"]  # type: ignore[assignment]
    if causes:
        first, share = max(causes.items(), key=lambda one: one[1])
        text += f"; {100 * share:.0f} % of those that ended: {ENDS[first]}"
    return sentence(text + ".")


def _causes(causes: dict[str, float]) -> str:
    """Return the commonest causes of ending with their shares."""
    first = sorted(causes.items(), key=lambda one: -one[1])[:NAMED]
    rest = 1.0 - sum(share for _, share in first)
    named = [f"{ENDS[cause]} {100 * share:.0f} %" for cause, share in first]
    return ", ".join([*named, *([f"all else {100 * rest:.0f} %"] if len(causes) > NAMED else [])]) or "none ended"


def _name(comparison: Comparison, position: int) -> str:
    """Return a variant's name, with its scenario where there are several."""
    variant = comparison.variants[position]
    several = len({one.scenario for one in comparison.variants}) > 1 and variant.strategy != variant.scenario
    return f"{named(variant.strategy)} {place(variant.scenario)}" if several else named(variant.strategy)
