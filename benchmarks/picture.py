"""The picture of what `engine.py` measured: the ratio to the twin, and the cost of a firm-month."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from allysim.report.figures import COLOURS, GREY, STYLE

LOOKS = {"engine": (COLOURS[0], "o", "engine"), "twin": (COLOURS[1], "s", "twin")}


def data(found: dict[str, Any]) -> pd.DataFrame:
    """Return what is drawn: a row per number of firms, medians with their least and greatest value."""
    rows = []
    for n, ratio in found["ratio"].items():
        row = {"firms": n, "months": found["months_against_twin"][n], "ratio": ratio}
        row["ratio_least"], row["ratio_greatest"] = found["ratio_spread"][n]
        for name in LOOKS:
            row[f"{name}_us"] = found["microseconds_per_firm_month"][name][n]
            row[f"{name}_us_least"], row[f"{name}_us_greatest"] = found["microseconds_spread"][name][n]
        rows.append(row)
    return pd.DataFrame(rows)


def title(table: pd.DataFrame) -> str:
    """Say what was found."""
    low, high = table.ratio.min(), table.ratio.max()
    fastest = table.loc[table.engine_us.idxmin()]
    return (f"The engine runs {low:.0f} to {high:.0f} times as fast as its twin of plain Mesa objects;\n"
            f"a month of a firm costs it {fastest.engine_us:.2g} µs at {fastest.firms:,.0f} firms")


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the picture to `path` and its data beside it as CSV."""
    table = data(found)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.6, 3.6))
        left, right = figure.subplots(1, 2)
        figure.text(.02, .975, title(table), va="top", fontsize=11.5, fontweight="bold", linespacing=1.3)
        _draw_ratio(left, table)
        _draw_cost(right, table)
        for axes in (left, right):
            axes.set_xscale("log")
            axes.set_xticks(table.firms, [f"{n:,}" for n in table.firms])
            axes.minorticks_off()
            axes.set_xlim(table.firms.min() / 2, table.firms.max() * 2)
            axes.set_xlabel("number of firms")
        note = f"Medians, bars from least to greatest. Twin's draws made beforehand. {found['machine']}."
        figure.text(.02, .02, note, fontsize=7.5, color=GREY)
        figure.subplots_adjust(left=.08, right=.98, top=.72, bottom=.22, wspace=.22)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=150)
    table.to_csv(path.with_suffix(".csv"), index=False, float_format="%.4g")


def _draw_ratio(axes: Any, table: pd.DataFrame) -> None:
    bars = [table.ratio - table.ratio_least, table.ratio_greatest - table.ratio]
    axes.errorbar(table.firms, table.ratio, yerr=bars, color=COLOURS[0], marker="o", capsize=3, elinewidth=1)
    for row in table.itertuples():
        axes.annotate(f"{row.ratio:.0f}", (row.firms, row.ratio), (-7, 5), textcoords="offset points", ha="right",
                      color=COLOURS[0])
    axes.set_ylim(0, 1.15 * table.ratio_greatest.max())
    axes.set_title("twin's time / engine's time", loc="left", fontsize=10)
    axes.set_ylabel("ratio")


def _draw_cost(axes: Any, table: pd.DataFrame) -> None:
    for name, (colour, marker, label) in LOOKS.items():
        cost, low, high = (table[f"{name}_us{end}"] for end in ("", "_least", "_greatest"))
        axes.errorbar(table.firms, cost, yerr=[cost - low, high - cost], color=colour, marker=marker, capsize=3,
                      elinewidth=1)
        middle = len(table) // 2
        axes.annotate(label, (table.firms[middle], cost[middle]), (0, 10), textcoords="offset points", color=colour,
                      ha="center")
    axes.set_yscale("log")
    axes.set_ylim(.5 * table.engine_us_least.min(), 2.5 * table.twin_us_greatest.max())
    axes.set_title("cost of a firm-month", loc="left", fontsize=10)
    axes.set_ylabel("µs per firm-month")
    axes.yaxis.set_major_formatter("{x:g}")
