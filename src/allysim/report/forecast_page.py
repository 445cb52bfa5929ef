"""What a forecast of a network found: its table, its picture and its sentences, losses first."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from allysim.analysis.baselines import BASELINES
from allysim.analysis.moments import MOMENTS
from allysim.analysis.words import joined, number, sentence
from allysim.report import figures
from allysim.report.canvas import BLUE, ORANGE, canvas, margin, name_rows
from allysim.report.figures import STYLE
from allysim.report.labels import GREY, INK
from allysim.study.forecast import ABSENT, LOSES, PAST, RUN_IN, UNCLEAR, WINS, date_after

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from allysim.study.forecast import Forecast

GROUPS = {LOSES: "the model loses", WINS: "the model wins", UNCLEAR: "no clear difference", ABSENT: "not in the data"}
"""Verdict to how a group of moments is headed, in the order in which they are told."""

FARTHEST = 8
"""Times the data, or part of it, at which a value becomes an arrow at the edge of the picture."""

HIGH = .4
"""Inches of a row of the picture: the model and two baselines, one below the other."""


def dates(forecast: Forecast) -> tuple[str, str]:
    """Return the first day of the window, and the first one after it."""
    begin, end = (date_after(forecast.start, month) for month in forecast.window)
    return begin, end


def headline(table: pd.DataFrame) -> str:
    """Return losses, wins and draws against the better baseline."""
    compared = table[table["verdict"] != ABSENT]
    loses, wins, unclear = (int((compared["verdict"] == verdict).sum()) for verdict in (LOSES, WINS, UNCLEAR))
    parts = [f"loses to the better baseline on {loses or 'none'} of {len(compared)} moments",
             f"wins on {wins or 'none'}"]
    if unclear:
        parts.append(f"shows no clear difference on {unclear}")
    return f"The model {joined(parts)}"


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by verdict, losses first, within one those that differ most in parts of the data."""
    gap = (table["difference"].abs() / table["data"].abs().where(table["data"] != 0)).fillna(np.inf)
    rank = table["verdict"].map(list(GROUPS).index)
    return table.assign(rank=rank, gap=-gap).sort_values(["rank", "gap"], kind="stable").drop(columns=["rank", "gap"])


def shown(row: Any, name: str) -> str:
    """Return a figure of a row in words; the model's with its interval."""
    places = MOMENTS[row["moment"]].places
    value = row[name]
    if math.isnan(value):
        return "none"
    text = number(value, places)
    if name == "model":
        text += f" ({number(row['model_low'], places)} to {number(row['model_high'], places)})"
    return text


def said_of(row: Any) -> str:
    """Return the sentence of a moment: the data, the model, how far off it is, and the better baseline."""
    places, head = MOMENTS[row["moment"]].places, GROUPS[row["verdict"]]
    unit = " a year" if row["unit"] == "1/year" else ""
    text = (f"{sentence(head)}: {row['what']}: {shown(row, 'data')}{unit} in the data, {shown(row, 'model')} in the "
            f"model")
    if row["verdict"] == ABSENT:
        return text
    if math.isfinite(row["model_error"]):
        text += f", off by {number(row['model_error'], places)}"
    error = row[f"{row['better']}_error"]
    off = f"is off by {number(error, places)}" if math.isfinite(error) else "has none"
    return f"{text}; {BASELINES[row['better']]} {off}"


def sentences(table: pd.DataFrame) -> list[str]:
    """Return the headline and a sentence per moment, losses first."""
    return [headline(table), *(said_of(row) for _, row in ordered(table).iterrows())]


def as_text(table: pd.DataFrame) -> list[str]:
    """Return the table for a terminal, by verdict."""
    wide = max(map(len, table["what"])) + 2
    lines = [f"  {'':<{wide}}{'data':<9}{'model (95 % of seeds)':<26}{'past':<9}{'random':<9}unit"]
    for verdict, rows in ordered(table).groupby("verdict", sort=False):
        lines += ["", sentence(GROUPS[str(verdict)])]
        lines += [f"  {row['what']:<{wide}}{shown(row, 'data'):<9}{shown(row, 'model'):<26}{shown(row, 'past'):<9}"
                  f"{shown(row, 'random'):<9}{row['unit']}" for _, row in rows.iterrows()]
    return lines


def picture(forecast: Forecast) -> Axes:
    """Draw every moment over the data's, on a scale of ratios: the model, its interval, and both baselines."""
    rows = ordered(forecast.table)
    begin, end = dates(forecast)
    lines = _lines(rows)
    labels = [line if isinstance(line, str) else line["what"] for line in lines]
    note = (f"Forecasts from {forecast.start} for {begin} to {end}, over what happened (the grey line). Circles: the "
            f"model with the 95 % interval over {len(forecast.seeds)} seeds, open where it loses. Squares: "
            f"{BASELINES['past']}. Triangles: {BASELINES['random']}. At the edge: farther out than is drawn, or 0.")
    farthest = math.log2(FARTHEST)
    with mpl.rc_context(STYLE):
        (ax,) = canvas(HIGH * len(lines), headline(rows), note, margin(labels) + .1, (3.6,), right=4.3, below=.4,
                       above=.35)
        ax.axvline(0, color="#9aa1a9", linewidth=5, alpha=.45, zorder=0)
        name_rows(ax, labels)
        ax.tick_params(axis="y", pad=8)  # room for an arrow at the edge
        places = {"data": farthest + .35, "model": farthest + 1.15, "past": farthest + 3.85, "random": farthest + 4.75,
                  "unit": farthest + 5.95}
        marks = {"model": "●", "past": "■", "random": "▲"}
        for name, at in places.items():
            ax.text(at, 0, f"{marks.get(name, '')} {name}".strip(), fontsize=8.5, color=GREY, va="center")
        for k, (line, label) in enumerate(zip(lines, ax.get_yticklabels(), strict=True)):
            if isinstance(line, str):
                label.set(color=GREY, style="italic")
                continue
            _draw_row(ax, k, line, farthest)
            for name, at in places.items():
                text = line["unit"] if name == "unit" else shown(line, name)
                ax.text(at, k, text, fontsize=8.5, va="center", color=INK if name in ("data", "model") else GREY)
        ax.set_xlim(-farthest, farthest)
        steps = np.arange(-int(farthest), int(farthest) + 1)
        ax.set_xticks(steps, ["data" if step == 0 else f"{'×' if step > 0 else '÷'}{2**abs(step)}" for step in steps])
    return ax


def _lines(rows: pd.DataFrame) -> list[Any]:
    """Return the lines of the picture from above: a heading for each verdict, and its rows below it."""
    lines: list[Any] = []
    for verdict, of in rows.groupby("verdict", sort=False):
        lines += [sentence(GROUPS[str(verdict)]), *(row for _, row in of.iterrows())]
    return lines


def _draw_row(ax: Axes, k: int, row: Any, farthest: float) -> None:
    """Draw a moment of the model between those of the two baselines."""
    colour = {LOSES: ORANGE, WINS: BLUE}.get(row["verdict"], INK)
    low, value, high = (_place(row[name], row["data"]) for name in ("model_low", "model", "model_high"))
    if not math.isnan(value):
        ax.plot(np.clip([low, high], -farthest, farthest), [k, k], color=colour, linewidth=1.5, solid_capstyle="butt")
    for name, marker, shift in (("past", "s", -.24), ("model", "o", 0), ("random", "^", .24)):
        at = _place(row[name], row["data"])
        if math.isnan(at):
            continue
        ink = colour if name == "model" else GREY
        shape = marker if abs(at) <= farthest else "<" if at < 0 else ">"
        ax.plot(np.clip(at, -farthest, farthest), k + shift, shape, color=ink, markersize=6 if name == "model" else 4.5,
                markeredgewidth=1.5 if name == "model" else 1, clip_on=False, zorder=4,
                markerfacecolor="white" if name == "model" and row["verdict"] == LOSES else ink)


def _place(value: float, data: float) -> float:
    """Return where a value stands over the data, in doublings; without end where one of the two is 0."""
    if math.isnan(value) or math.isnan(data):
        return math.nan
    if value == data:
        return 0.0
    if data == 0 or value <= 0:
        return math.inf if value > data else -math.inf
    return math.log2(value / data)


def notes(forecast: Forecast) -> list[str]:
    """Return what has to be known to read the table."""
    scenario, start = forecast.scenario, forecast.start
    begin, end = dates(forecast)
    past = date_after(start, forecast.past.start)
    return [
        f"Start: {start}, with the network of that date and {scenario.n_firms} firms. Looked at: {begin} to {end}; the "
        f"first {RUN_IN} months are left out, as firms of the model have yet to search; what is left of the first "
        f"network after them is a moment itself.",
        f"Of the model's alliances those of type {joined(forecast.types)} are compared, as those in the file are, "
        f"from their signing on: a file counts from the award too, whether or not anything comes of it.",
        f"Baselines know the file from {past} to {start} ({-forecast.past.start} months; {PAST} at most). Both found "
        f"alliances at that rate, with sizes and shares of those founded then, and end memberships at the hazards by "
        f"age of then. {sentence(BASELINES['past'])}: newcomers and former partners have their part of then. "
        f"{sentence(BASELINES['random'])}: all firms in an alliance are as likely.",
        "Nothing is fitted. The model is not told the rates of the past: it starts from who is in which alliance.",
        "The largest share at founding stands for the operator's, in the data too, since the model names no operator.",
        "An alliance is there while two firms are in it; a membership that began before the window is at risk in it at "
        "its own age.",
        "Intervals are of luck in the model and the baselines. The data are one history, whose own luck is in no "
        "interval.",
    ]


def save(forecast: Forecast, folder: Path) -> list[str]:
    """Write the table, the picture and ``forecast.md`` into a folder; returns the sentences that lead it."""
    table = forecast.table
    figures.save(picture(forecast), table, folder / "forecast.svg")
    said = sentences(table)
    begin, end = dates(forecast)
    lines = [f"# A network from {begin} to {end}, over {len(forecast.seeds)} seeds", "",
             *(f"- {text}" for text in said), "", "![Moments over the data](forecast.svg)", ""]
    for verdict, rows in ordered(table).groupby("verdict", sort=False):
        lines += [f"## {sentence(GROUPS[str(verdict)])}", "",
                  "| moment | unit | data | model (95 % interval of luck) | past | random | error of the model | of "
                  "past | of random |", "|---|---|---|---|---|---|---|---|---|"]
        lines += ["| " + " | ".join([row["what"], row["unit"], *(shown(row, name) for name in (
            "data", "model", "past", "random")), *(_off(row, name) for name in ("model", "past", "random"))]) + " |"
            for _, row in rows.iterrows()]
        lines.append("")
    lines += ["## How to read it", "", *(f"- {text}" for text in notes(forecast)), ""]
    (folder / "forecast.md").write_text("\n".join(lines), encoding="utf-8")
    return said


def _off(row: Any, name: str) -> str:
    """Return an error in units of the data, and as a part of it."""
    error, part = row[f"{name}_error"], row[f"{name}_relative"]
    if not math.isfinite(error):
        return "n/a"
    text = number(error, MOMENTS[row["moment"]].places)
    return f"{text} ({number(100 * part, 0)} %)" if math.isfinite(part) else text
