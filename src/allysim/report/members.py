"""Who wins and who loses: firm by firm, what alliances brought each, and what it means for everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from allysim.analysis import paired
from allysim.analysis.words import decimals, kpi_of, number, sentence, spread
from allysim.report.section import Grid, Section
from allysim.study import remains
from allysim.study.comparison import HEADLINE, Comparison

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDING = 1e-6
"""k€ per firm below which there is nothing to say."""
MOST = 12
"""Firms of which a page shows all; of more, the half of this that gain most and the half that gain least."""
EXPOSURE = ("fine", "penalty")


def by_firm(comparison: Comparison, position: int) -> pd.DataFrame:
    """Return what a variant means for each focal firm, on the same luck.

    A row per firm: firm, difference, low, high (in cumulative economic profit, k€; 95 % interval, luck), verdict,
    survival and reference_survival (shares of runs), alliances (a run, that it was in), net and share (what its
    alliances brought it after all costs of them, k€ a run, and its part of what they brought all these firms).
    """
    runs, reference = (comparison.remains(at) for at in (position, comparison.variants[position].reference))
    both = [(one, other) for one, other in zip(runs, reference, strict=True) if one and other]
    firms = list(both[0][0]["focal"]["firm"]) if both else []
    shape = (len(both), 2, len(firms))
    profit, alive = (np.array([[run["focal"].set_index("firm")[column].reindex(firms) for run in pair]
                               for pair in both], dtype=float).reshape(shape)
                     for column in ("economic_profit", "alive"))
    sums = [run["memberships"].groupby("firm")["net"].agg(["size", "sum"]).reindex(firms, fill_value=0)
            for run, _ in both]
    rows = []
    for k, firm in enumerate(firms):
        found = paired.paired_difference(profit[:, 0, k], profit[:, 1, k])
        rows.append((firm, float(found.mean), float(found.low), float(found.high),
                     paired.verdict(float(found.low), float(found.high), +1), *alive[:, :, k].mean(axis=0),
                     *(float(np.mean([of[column].iloc[k] for of in sums])) for column in ("size", "sum"))))
    table = pd.DataFrame(rows, columns=["firm", "difference", "low", "high", "verdict", "survival",
                                        "reference_survival", "alliances", "net"])
    total = table["net"].sum()
    table["share"] = table["net"] / total if total > 0 and (table["net"] >= 0).all() else np.nan
    return table


def others(comparison: Comparison, position: int) -> tuple[float, float, float]:
    """Return the difference for a firm that is not focal, k€ over the run, with its 95 % interval of luck.

    NaN where all firms are focal.
    """
    config = comparison.variants[position].config
    n, focal = config.n_firms, config.n_focal
    if n == focal or not focal:
        return (float("nan"),) * 3
    values = [n * comparison.values(f"population.{HEADLINE}")[at] - focal * comparison.values(f"focal.{HEADLINE}")[at]
              for at in (position, comparison.variants[position].reference)]
    found = paired.paired_difference(values[0] / (n - focal), values[1] / (n - focal))
    return float(found.mean), float(found.low), float(found.high)


def exposure(comparison: Comparison, position: int) -> tuple[float, float, float]:
    """Return what focal firms pay more in fines and penalties, k€ a firm over the run, with its interval of luck."""
    sums = [-remains.amounts(comparison.remains(at), EXPOSURE).sum(axis=1)
            for at in (position, comparison.variants[position].reference)]
    config = comparison.variants[position].config
    size = config.n_focal or config.n_firms
    found = paired.paired_difference(sums[0] / size, sums[1] / size)
    return float(found.mean), float(found.low), float(found.high)


def members(comparison: Comparison, positions: Sequence[int]) -> Section | None:
    """Return who wins and loses by some variants; None without records."""
    tables = {position: by_firm(comparison, position) for position in positions}
    if not any(any(comparison.remains(position)) for position in positions):
        return None
    said = [_said(comparison, position, tables[position]) for position in positions]
    said = [text for text in said if text]
    if not any(len(table) for table in tables.values()):
        return Section("Who wins and who loses", said)
    data = pd.concat([table.assign(scenario=comparison.variants[position].scenario,
                                   strategy=comparison.variants[position].strategy)
                      for position, table in tables.items()], ignore_index=True)
    return Section("Who wins and who loses", said, grid=_grid(comparison, tables, data))


def _said(comparison: Comparison, position: int, table: pd.DataFrame) -> str:
    """Say how many firms gain, how alike their parts are, and what it means for all others."""
    world, one, other = comparison.names(position)
    unit = kpi_of(HEADLINE).unit
    said = []
    if len(table):
        gain, lose = int((table["verdict"] == "better").sum()), int((table["verdict"] == "worse").sum())
        text = (f"{world}with {one} in place of {other}, {gain} of {len(table)} focal firms clearly gain and {lose} "
                f"clearly lose")
        if not table["difference"].any():
            text = f"{world}with {one} in place of {other}, nothing changes for any of {len(table)} focal firms"
        elif len(table) > 1:
            best, worst = (table.loc[getattr(table["difference"], f"idx{end}")()] for end in ("max", "min"))
            text += f"; {best.firm} fares best ({_size(best)}) and {worst.firm} worst ({_size(worst)})"
        said.append(text + ".")
        if len(table) > 1 and table["share"].notna().all():
            first = table.loc[table["share"].idxmax()]
            said.append(f"of what their alliances brought them, {first.firm} has the largest part, "
                        f"{100 * first.share:.0f} %, where equal parts would be {100 / len(table):.0f} %.")
    parts = []
    for what, found, per in (("a firm that is not focal", others(comparison, position), unit),
                             ("fines and penalties", exposure(comparison, position), unit)):
        if np.isfinite(found[1]) and max(map(abs, found)) > ROUNDING:
            clear = paired.verdict(found[1], found[2]) != paired.NO_CLEAR_DIFFERENCE
            places = decimals(found[1], found[2])
            size = f"{number(found[0], places, sign=True)} {per} ({spread(found[1], found[2], places)})"
            parts.append(f"{what} {size}" + ("" if clear else ", no clear difference"))
    surplus = comparison.difference(position, "population.consumer_surplus")[1]
    low, high = float(surplus.low), float(surplus.high)
    if np.isfinite(low):
        places, info = decimals(low, high), kpi_of("consumer_surplus")
        open_ = "" if paired.verdict(low, high) != paired.NO_CLEAR_DIFFERENCE else ", no clear difference"
        parts.append(f"{info.label[0].lower()}{info.label[1:]} {number(float(surplus.mean), places, sign=True)} "
                     f"{info.unit} ({spread(low, high, places)}){open_}")
    if parts:
        said.append(f"{'' if said else world}what it means beyond them: {'; '.join(parts)}.")
    return " ".join(sentence(text) for text in said)


def _size(row: pd.Series) -> str:
    """Return what a firm gains in words, and that luck leaves it open where it does."""
    unclear = "" if row.verdict in ("better", "worse") else f", {row.verdict}"
    size = number(row.difference, decimals(row.low, row.high), sign=True)
    return f"{size} {kpi_of(HEADLINE).unit.split()[0]}{unclear}"


def _grid(comparison: Comparison, tables: dict[int, pd.DataFrame], data: pd.DataFrame) -> Grid:
    """Lay the firms out in rows, a block of them for each variant."""
    first = next(iter(tables.values()))
    firms = list(first.sort_values("difference", ascending=False)["firm"])
    note = "The same numbers are in members.csv."
    if len(firms) > MOST:
        note = (f"Shown are the {MOST // 2} that gain most and the {MOST // 2} that gain least of {len(firms)}; all "
                "are in members.csv.")
        firms = firms[:MOST // 2] + firms[-MOST // 2:]
    blocks: list[tuple[str, int]] = []
    cells: list[list[str]] = []
    for position, table in tables.items():
        world, one, _ = comparison.names(position)
        blocks.append((sentence(f"{one} {world.removesuffix(', ')}".strip()), len(firms)))
        rows = table.set_index("firm")
        for firm in firms:
            row = rows.loc[firm]
            places = decimals(row.low, row.high)
            mark = "" if row.verdict in ("better", "worse") else " ○"
            size = number(row.difference, places, sign=True)
            cells.append([firm, f"{size} ({spread(row.low, row.high, places)}){mark}",
                          f"{100 * row.reference_survival:.0f} → {100 * row.survival:.0f} %", f"{row.alliances:.1f}",
                          number(row.net, 0, sign=True)])
    heads = ["", "gain, k€", "there at the end", "alliances a run", "what they brought it, k€"]
    return Grid(heads, cells, f"Gain: difference in cumulative economic profit with its 95 % interval of luck (○ no "
                f"clear difference). There at the end: share of runs, with the reference and with the variant. What "
                f"its alliances brought it: over the run, after their costs. {note}", "members", data, blocks)
