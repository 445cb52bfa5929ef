"""What a comparison hangs on: which assumptions move its differences, from the points at which they were varied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from allysim.analysis import effects
from allysim.analysis.words import kpi_of
from allysim.errors import AllysimError
from allysim.report import study_figures
from allysim.report.study_findings import tornado_finding
from allysim.study.comparison import HEADLINE, Comparison

if TYPE_CHECKING:
    import pandas as pd

MOST = 3
"""Differences of which a page shows what they hang on: the largest."""
ROWS = 10


class Hang(NamedTuple):
    """What moves one difference: the finding in a sentence, its file, and the table of `effects.tornado`."""

    finding: str
    name: str
    table: pd.DataFrame
    what: str

    def draw(self) -> Any:
        """Return axes of its picture."""
        return study_figures.tornado_figure(self.table.head(ROWS), self.what, kpi_of(HEADLINE).unit)


def tornados(comparison: Comparison) -> list[Hang]:
    """Return what moves the largest differences in the headline figure; none where too few points are whole."""
    space = comparison.space
    if space is None:
        return []
    found: list[Hang] = []
    outcome = f"{comparison.group}.{HEADLINE}"
    values = space.values(outcome)
    sizes = {position: abs(float(comparison.difference(position, outcome)[1].mean)) for position in comparison.pairs()}
    for position in sorted(sizes, key=lambda at: -sizes[at])[:MOST]:
        world, one, other = comparison.names(position)
        what = f"what {one} gains over {other}{' ' + world.removesuffix(', ') if world else ''}"
        try:
            of = effects.tornado(space.plan.values, values[position] - values[comparison.variants[position].reference],
                                 space.plan.keys)
        except AllysimError:
            continue
        said = tornado_finding(of.table, what, kpi_of(HEADLINE).unit)
        found.append(Hang(said, f"hangs_on_{len(found) + 1}", of.table, what))
    return found
