"""What a comparison hangs on: which assumptions move its differences, from the points at which they were varied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from allysim.analysis import effects
from allysim.analysis.verdict import standing_out
from allysim.analysis.words import joined, kpi_of
from allysim.report import study_figures
from allysim.study.comparison import HEADLINE, Comparison

if TYPE_CHECKING:
    import pandas as pd

MOST = 3
"""Differences of which a page shows what they hang on: the largest."""
NAMED = 3


class Hang(NamedTuple):
    """What moves one difference: a sentence, and the table of `effects.tornado` for what stands out, if anything."""

    said: str
    name: str
    table: pd.DataFrame | None
    what: str

    def draw(self) -> Any:
        """Return axes of its picture."""
        return study_figures.tornado_figure(self.table, self.what, kpi_of(HEADLINE).unit)


def hangs(comparison: Comparison) -> list[Hang]:
    """Return what moves the largest differences in the headline figure; none where assumptions were not varied."""
    space = comparison.space
    if space is None:
        return []
    found: list[Hang] = []
    values = space.values(f"{comparison.group}.{HEADLINE}")
    sizes = {position: abs(float(comparison.difference(position, f"{comparison.group}.{HEADLINE}")[1].mean))
             for position in comparison.pairs()}
    for position in sorted(sizes, key=lambda at: -sizes[at])[:MOST]:
        world, one, other = comparison.names(position)
        what = f"what {one} gains over {other}{' ' + world.removesuffix(', ') if world else ''}"
        difference = values[position] - values[comparison.variants[position].reference]
        found.append(_hang(space.plan.values, difference, space.plan.keys, what, f"hangs_on_{len(found) + 1}"))
    return found


def _hang(x: Any, difference: Any, keys: list[str], what: str, name: str) -> Hang:
    """Say what moves a difference, of points (points, seeds), beyond what chance would show among so many numbers."""
    mean = difference.mean(axis=1)
    clear = standing_out(x, mean, keys)
    if not clear or len(mean) < effects.LEAST:
        return Hang(f"Of {len(keys)} numbers that were varied none stands out beyond chance in moving {what}: "
                    f"{len(mean)} points are too few for any that do not move it strongly", name, None, what)
    named = joined([f"{key} (correlation of ranks {value:+.2f})" for key, value in clear[:NAMED]])
    more = f", and {len(clear) - NAMED} more" if len(clear) > NAMED else ""
    chosen = [key for key, _ in clear]
    table = effects.tornado(x[:, [keys.index(key) for key in chosen]], difference, chosen).table
    return Hang(f"Of {len(keys)} numbers that were varied, these stand out in moving {what}: {named}{more}", name,
                table, what)
