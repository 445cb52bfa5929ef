"""What a validation found: its table, its picture and its sentences."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from allysim.analysis.words import joined, number
from allysim.report import figures
from allysim.report.canvas import BLUE, ORANGE, ROW, canvas, margin, name_rows
from allysim.report.figures import STYLE
from allysim.report.labels import GREY, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from allysim.study.validation import Validation

LABELS = {"free": "neither put in nor fitted, so only these validate", "fitted": "fitted by calibration",
          "encoded": "put in by an input"}
"""Label of a pattern to what it means, those that count most first."""

WIDEST = 1.6
"""Widths of its band that a value may lie outside it in the picture; one that lies further is an arrow at the edge."""


def headline(table: pd.DataFrame) -> str:
    """Return hits by label."""
    parts = []
    for label in LABELS:
        rows = table[table["label"] == label]
        if len(rows):
            parts.append(f"{int(rows['hit'].sum())} of {len(rows)} {label}")
    return f"In their band: {joined(parts)} patterns"


def shown(row: Any) -> tuple[str, str]:
    """Return a pattern's value with its interval, and its band, as words."""
    value, low, high = row["value"], row["value_low"], row["value_high"]
    places = 0 if row["unit"] == "months" else 3 if row["band_low"] < .1 else 2
    least, most = number(row["band_low"], places), number(row["band_high"], places)
    band = f"above {least}" if math.isinf(row["band_high"]) else f"{least} to {most}"
    if math.isnan(value):
        return "not there", band
    return f"{_or_beyond(value, places)} ({_or_beyond(low, places)} to {_or_beyond(high, places)})", band


def _or_beyond(value: float, places: int) -> str:
    return "beyond" if math.isinf(value) else number(value, places)


def misses(table: pd.DataFrame, followed: bool) -> list[str]:
    """Return a sentence for each pattern that was missed, with what it hangs on if it was `followed` up."""
    lines = []
    for _, row in table[~table["hit"]].iterrows():
        value, band = shown(row)
        side = "not to be seen" if math.isnan(row["value"]) else value
        text = f"Missed: {row['what']} ({row['label']}): {side} against {band}"
        if row["hangs_on"]:
            way = "falls" if row["correlation"] < 0 else "rises"
            text += f"; it {way} most clearly with {row['hangs_on']} (correlation of ranks {row['correlation']:+.2f})"
        elif followed:
            text += "; no single assumption stands out in moving it"
        lines.append(text.replace("-0.", "−.").replace("+0.", "+."))
    return lines


def as_text(table: pd.DataFrame) -> list[str]:
    """Return the table for a terminal, by label."""
    lines = []
    wide = max(map(len, table["what"])) + 2
    for label, meaning in LABELS.items():
        rows = table[table["label"] == label]
        if not len(rows):
            continue
        lines += ["", f"{label.capitalize()}: {meaning}"]
        for _, row in rows.iterrows():
            value, band = shown(row)
            mark = "hit " if row["hit"] else "MISS"
            lines.append(f"  {mark}  {row['what']:<{wide}}{value:<26}{band:<18}{row['unit']}")
    return lines


def picture(table: pd.DataFrame) -> Axes:
    """Draw every pattern against its band: bands have one width, values and intervals are measured in it."""
    rows = pd.concat([table[table["label"] == label] for label in LABELS])
    high = rows["band_high"].where(np.isfinite(rows["band_high"]), rows["band_low"] + rows["band_low"].abs().clip(.1))
    width = high - rows["band_low"]
    place = {name: ((rows[name] - rows["band_low"]) / width).to_numpy(dtype=float)
             for name in ("value", "value_low", "value_high")}
    labels = [f"{row['what']}" for _, row in rows.iterrows()]
    note = ("Grey: the band real alliances lie in, drawn equally wide for all. Dots: the model, with the 95 % interval "
            "over seeds; open where it misses, an arrow where it lies further out than is drawn, none where it cannot "
            "be measured. Right: the model, and the band.")
    with mpl.rc_context(STYLE):
        (ax,) = canvas(ROW * len(rows), headline(table), note, margin(labels), (3.6,), right=4.0, below=.35)
        ax.axvspan(0, 1, color="#e3e6ea", zorder=0, linewidth=0)
        low, top = -WIDEST, 1 + WIDEST
        for k, (_, row) in enumerate(rows.iterrows()):
            value = place["value"][k]
            colour = BLUE if row["hit"] else ORANGE
            if not math.isnan(value):
                ends = np.clip(np.nan_to_num([place["value_low"][k], place["value_high"][k]], nan=value), low, top)
                ax.plot(ends, [k, k], color=colour, linewidth=1.5, solid_capstyle="butt")
                marker = "o" if low <= value <= top else "<" if value < low else ">"
                ax.plot(np.clip(value, low, top), k, marker, color=colour, markersize=6,
                        markerfacecolor=colour if row["hit"] else "white", markeredgewidth=1.5, clip_on=False)
            model, band = shown(row)
            ax.text(top + .12, k, model, va="center", fontsize=8.5, color=INK)
            ax.text(top + 2.15, k, f"{band} {row['unit']}".rstrip(), va="center", fontsize=8.5, color=GREY)
        name_rows(ax, labels)
        ax.grid(visible=False)
        ax.set_xlim(low, top)
        ax.set_xticks([0, 1], ["least", "most"])
        edges = np.flatnonzero(rows["label"].to_numpy()[1:] != rows["label"].to_numpy()[:-1]) + .5
        for edge in edges:
            ax.axhline(edge, color=GREY, linewidth=.6, clip_on=False)
        for at, label in zip([-.5, *edges], rows["label"].unique(), strict=True):
            ax.text(low + .03, at + .5, label, va="center", fontsize=8.5, color=GREY, style="italic")
    return ax


def save(validation: Validation, folder: Path) -> list[str]:
    """Write the table, the picture and ``validation.md`` into a folder; returns the sentences that lead it."""
    table = validation.table
    figures.save(picture(table), table, folder / "patterns.svg")
    said, seeds = [headline(table), *misses(table, validation.points > 0)], validation.seeds
    lines = [f"# Patterns of real alliances, over {len(seeds)} seeds ({seeds[0]} to {seeds[-1]})", "",
             *(f"- {text}" for text in said)]
    lines += ["", "![Patterns against their bands](patterns.svg)", ""]
    for label, meaning in LABELS.items():
        rows = table[table["label"] == label]
        if not len(rows):
            continue
        lines += [f"## {label.capitalize()}: {meaning}", ""]
        lines += ["| | pattern | model (95 % interval of luck) | band | unit | source |", "|---|---|---|---|---|---|"]
        for _, row in rows.iterrows():
            model, band = shown(row)
            mark = "hit" if row["hit"] else "**miss**"
            lines.append(f"| {mark} | {row['what']} | {model} | {band} | {row['unit']} | {row['source']} |")
        lines.append("")
    (folder / "validation.md").write_text("\n".join(lines), encoding="utf-8")
    return said
