"""What a comparison hangs on: which assumptions move its differences, from the points at which they were varied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allysim.analysis import effects
from allysim.analysis.verdict import standing_out
from allysim.analysis.words import about_of, joined, kpi_of
from allysim.report import study_figures
from allysim.report.section import Picture, Section
from allysim.study.comparison import HEADLINE, Comparison

if TYPE_CHECKING:
    import pandas as pd

MOST = 3
"""Differences of which a page shows what they hang on: the largest."""
NAMED = 3


def hangs(comparison: Comparison) -> Section | None:
    """Return what moves the largest differences in the headline figure; None where assumptions were not varied."""
    space = comparison.space
    if space is None:
        return None
    values = space.values(f"{comparison.group}.{HEADLINE}")
    sizes = {position: abs(float(comparison.difference(position, f"{comparison.group}.{HEADLINE}")[1].mean))
             for position in comparison.pairs()}
    nothing: list[str] = []
    pictures: list[Picture] = []
    for position in sorted(sizes, key=lambda at: -sizes[at])[:MOST]:
        world, one, other = comparison.names(position)
        what = f"what {one} gains over {other}{' ' + world.removesuffix(', ') if world else ''}"
        difference = values[position] - values[comparison.variants[position].reference]
        if found := moves(space.plan.values, difference, space.plan.keys, what):
            text, table = found
            axes = study_figures.tornado_figure(table, what, kpi_of(HEADLINE).unit)
            pictures.append(Picture(axes, text, f"hangs_on_{len(pictures) + 1}", table))
        else:
            nothing.append(what)
    said = [f"Of {len(space.plan.keys)} numbers that were varied none stands out beyond chance in moving "
            f"{joined(nothing)}: {space.plan.points} points are too few for any that do not move it strongly."] \
        if nothing else []
    return Section("What it hangs on", said, pictures)


def moves(x: Any, difference: Any, keys: list[str], what: str) -> tuple[str, pd.DataFrame] | None:
    """Say what moves a difference, (points, seeds), beyond what chance would show among so many numbers.

    Returns the sentence, and the table of `effects.tornado` for what stands out; None if nothing does.
    """
    mean = difference.mean(axis=1)
    clear = standing_out(x, mean, keys)
    if not clear or len(mean) < effects.LEAST:
        return None
    named = joined([f"{about_of(key)} ({key}, correlation of ranks {value:+.2f})" for key, value in clear[:NAMED]])
    more = f", and {len(clear) - NAMED} more" if len(clear) > NAMED else ""
    chosen = [key for key, _ in clear]
    table = effects.tornado(x[:, [keys.index(key) for key in chosen]], difference, chosen).table
    stand = "this one stands" if len(clear) == 1 else "these stand"
    return f"Of {len(keys)} numbers that were varied, {stand} out in moving {what}: {named}{more}", table
