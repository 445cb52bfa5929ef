"""One page of verdicts: a row per claim, its parts with both intervals and a small picture, the method at the foot."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from allysim.analysis.verdict import (
    FAILS,
    FEW,
    HOLDS,
    LEAST_POINTS,
    LEAST_SHARE,
    MOST,
    ONLY_WHERE,
    UNDETERMINED,
    Verdict,
    plainly,
)
from allysim.analysis.words import decimals, joined, kpi_of, number, spread
from allysim.config.scenario import settable
from allysim.report.markup import environment, pretty
from allysim.study.claims import UNTESTABLE, WORLD, where

if TYPE_CHECKING:
    from allysim.study.claims import Claim, Part, Trial

SAID = {HOLDS: ("holds", "hold"), ONLY_WHERE: ("holds only where", "hold only where"),
        UNDETERMINED: ("is undetermined", "are undetermined"), FAILS: ("fails", "fail"),
        UNTESTABLE: ("cannot be tested here", "cannot be tested here")}
"""Verdicts as they are said of one claim, and of several."""

WIDE, TALL, LABELS = 220, 30, 13
"""Pixels of a small picture, and of the line of numbers below it."""


class PartView(NamedTuple):
    """What the page shows of a part."""

    says: str
    word: str
    short: str          # share of points borne out, in percent
    lines: list[str]    # sentences: share, size, where, what it hangs on
    picture: str


class ClaimView(NamedTuple):
    """What the page shows of a claim."""

    name: str
    guide: str
    text: str
    word: str
    parts: list[PartView]
    why: str


def headline(trial: Trial) -> str:
    """Return how many claims got which verdict."""
    counts = Counter(trial.word(claim) for claim in trial.claims)
    if len(trial.claims) == 1:
        return f"{trial.claims[0].name} {SAID[trial.word(trial.claims[0])][0]}"
    parts = [f"{counts[word]} {SAID[word][counts[word] > 1]}" for word in SAID if counts[word]]
    return f"Of {len(trial.claims)} claims {joined(parts)}"


def as_text(trial: Trial) -> list[str]:
    """Return the verdicts for a terminal: a line per claim, and one per part."""
    lines = []
    for claim in trial.claims:
        lines.append(f"{claim.name:<5}{trial.word(claim):<14}{claim.text}")
        if claim.untestable:
            lines.append(f"{'':<19}{claim.untestable}")
        for view in views(trial, claim):
            lines.append(f"{'':<5}{view.word:<14}- {view.says}")
            lines += [f"{'':<21}{text}" for text in view.lines]
    return lines


def views(trial: Trial, claim: Claim) -> list[PartView]:
    """Return what the page shows of the parts of a claim."""
    return [_view(trial, claim, part, found)
            for part, found in zip(claim.parts, trial.verdicts[claim.name], strict=True)]


def _view(trial: Trial, claim: Claim, part: Part, found: Verdict) -> PartView:
    lines = [f"No verdict: {found.why}."] if found.why else []
    if found.found.points:
        lines += [share(found), size(found, *called(trial, part.figure)), *_box(found, claim.scenarios),
                  flips(found, claim.scenarios)]
    return PartView(part.says, found.word, "" if found.why else f"{_percent(found.share)} %",
                    [pretty(line) for line in lines], strip(part, found) if found.found.points else "")


def _percent(value: float) -> str:
    return number(100 * value, 0)


def called(trial: Trial, figure: str) -> tuple[str, str]:
    """Return what a figure is called, and its unit."""
    kpi = kpi_of(figure.rpartition(".")[2])
    return trial.book.names.get(figure, (kpi.label, kpi.unit))


def share(found: Verdict) -> str:
    """Say at what share of the points a part is borne out, and how many of them have a figure."""
    return (f"Borne out at {_percent(found.share)} % of {_points(found)} ({_percent(found.share_low)} to "
            f"{_percent(found.share_high)} %); seeds agree at {_percent(found.agree)} %.")


def _points(found: Verdict) -> str:
    known = found.found.points
    return f"all {known} points" if known == found.of else f"the {known} of {found.of} points with a figure"


def size(found: Verdict, label: str, unit: str) -> str:
    """Say how large the difference is, with both intervals, in as many digits as its spread over points carries."""
    across = found.found
    places = decimals(across.point_low, across.point_high)
    luck = f"luck {spread(across.low, across.high, places)}; " if math.isfinite(across.low) else ""
    scale = {"": "", "0-1": ", 0 to 1"}.get(unit, f", {unit}")
    return (f"{label}{scale}: {number(across.mean, places, sign=True)} ({luck}assumptions "
            f"{spread(across.point_low, across.point_high, places)}).")


def _box(found: Verdict, scenarios: tuple[str, ...]) -> list[str]:
    """Say where a part holds, with what each assumption is."""
    text = where(found, scenarios)
    if not text or not found.box:
        return []
    for limit in found.box.limits:
        text = text.replace(f"{limit.key} is", f"{meaning(limit.key)} is")
    said = found.box.claim("bear it out").replace(found.box.where, text)
    return [f"{said}. {found.box.evidence('bear it out')}"]


def meaning(key: str) -> str:
    """Return an assumption's key with what it is, as in "purchasing.fee (fee of a purchasing alliance)"."""
    return f"{key} ({settable()[key].parameter.about})" if key in settable() else key


def flips(found: Verdict, scenarios: tuple[str, ...]) -> str:
    """Say what a part hangs on most, how it fares at both ends of that, and whether either end changes the verdict."""
    if not found.hangs_on:
        return "No single assumption stands out in moving it."
    if found.hangs_on == WORLD:
        text, ends = "It hangs most clearly on the scenario", (f"in {scenarios[0]}", f"in {scenarios[-1]}")
    else:
        way = "falls" if found.correlation < 0 else "rises"
        text = (f"It {way} most clearly with {meaning(found.hangs_on)}, correlation of ranks "
                f"{number(found.correlation, 2, sign=True)}")
        ends = "in its lowest fifth", "in its highest"
    shares = found.least, found.most
    text += f": borne out at {_percent(found.least)} % of points {ends[0]}, at {_percent(found.most)} % {ends[1]}"
    words = [plainly(value) for value in shares]
    changed = [f"{end} alone {THERE[word]}" for end, word in zip(ends, words, strict=True)
               if word != plainly(found.share)]
    return f"{text}; {joined(changed) if changed else 'neither alone changes the verdict'}."


THERE = {HOLDS: "it holds", FAILS: "it fails", UNDETERMINED: "it neither holds nor fails"}


def strip(part: Part, found: Verdict) -> str:
    """Return a small picture: where the middle 95 % of points lie, the mean with its luck, and the margin."""
    across = found.found
    ends = [across.point_low, across.point_high, across.low, across.high, 2 * part.margin, -2 * part.margin]
    most = max(abs(end) for end in ends if math.isfinite(end)) * 1.05 or 1.0
    middle = TALL / 2

    def x(value: float) -> str:
        return f"{WIDE / 2 * (1 + value / most):.1f}"

    low, high = (across.low, across.high) if math.isfinite(across.low) else (across.mean, across.mean)
    colour = {HOLDS: "var(--c0)", FAILS: "var(--c1)"}.get(found.word, "var(--grey)")
    band = (f'<rect x="{x(-part.margin)}" y="3" width="{WIDE * part.margin / most:.1f}" height="{TALL - 6}" '
            'fill="var(--line)"/>')
    places = decimals(-most / 1.05, most / 1.05)
    labels = "".join(f'<text x="{at}" y="{TALL + LABELS - 2}" text-anchor="{anchor}">{text}</text>'
                     for at, anchor, text in ((0, "start", number(-most, places, sign=True)), (WIDE / 2, "middle", "0"),
                                              (WIDE, "end", number(most, places, sign=True))))
    labels = pretty(labels)
    return (f'<svg viewBox="0 0 {WIDE} {TALL + LABELS}" width="{WIDE}" height="{TALL + LABELS}" role="img" '
            f'aria-label="{part.says}">{labels}'
            f'{band}<line x1="{x(0)}" x2="{x(0)}" y1="0" y2="{TALL}" stroke="var(--grey)"/>'
            f'<line x1="{x(across.point_low)}" x2="{x(across.point_high)}" y1="{middle}" y2="{middle}" '
            f'stroke="{colour}" stroke-width="1.5"/>'
            f'<line x1="{x(low)}" x2="{x(high)}" y1="{middle}" y2="{middle}" stroke="{colour}" stroke-width="6"/>'
            f'<circle cx="{x(across.mean)}" cy="{middle}" r="4.5" fill="{colour}" stroke="var(--paper)"/></svg>')


def render(trial: Trial, manifest: dict[str, Any]) -> str:
    """Return the page as HTML that asks for nothing from anywhere."""
    claims = [ClaimView(claim.name, claim.guide, claim.text, trial.word(claim), views(trial, claim), claim.untestable)
              for claim in trial.claims]
    runs, first = trial.runs, next(iter(trial.studies.values()), None)
    varied = sorted({len(study.plan.keys) for study in trial.studies.values()})
    return str(environment().get_template("claims.html").render(
        headline=headline(trial), claims=claims, runs=number(len(runs), 0), failed=int(runs["failed"].sum()),
        minutes=number(math.ceil(runs["seconds"].sum() / 60), 0), points=trial.points, most=_percent(MOST),
        least=_percent(FEW), share=_percent(LEAST_SHARE), few=LEAST_POINTS, seeds=len(first.plan.seeds) if first else 0,
        parameters=" or ".join(map(str, varied)), base=trial.shared, manifest=manifest, makers=makers(trial),
        scenarios=list(dict.fromkeys(" and ".join(claim.scenarios) for claim in trial.claims if claim.parts))))


def makers(trial: Trial) -> str:
    """Say which version of the code made the runs of which claims, and when."""
    by: dict[tuple[str, str], list[str]] = {}
    for name, kept in trial.kept.items():
        by.setdefault((kept.code, kept.day), []).append(name)
    return "; ".join(f"{names[0]}{f' to {names[-1]}' if len(names) > 1 else ''} by code {code}, {day}"
                     for (code, day), names in by.items())


def save(trial: Trial, manifest: dict[str, Any], folder: Path) -> None:
    """Write ``claims.html`` and ``claims.csv`` into a folder."""
    (folder / "claims.html").write_text(render(trial, manifest), encoding="utf-8")
    trial.table.to_csv(folder / "claims.csv", index=False)
