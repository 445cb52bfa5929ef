"""One page of verdicts: a row per claim, its parts with both intervals and a small picture, the method at the foot."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from allysim.analysis.verdict import FAILS, HOLDS, MOST, ONLY_WHERE, UNDETERMINED, Verdict
from allysim.analysis.words import decimals, joined, kpi_of, number, spread
from allysim.report.markup import environment
from allysim.study.claims import UNTESTABLE

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
    share: str
    difference: str
    where: str
    hangs_on: str
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
            lines.append(f"{'':<5}{view.word:<14}- {view.says}: {view.share} {view.difference}".rstrip())
            lines += [f"{'':<21}{text}" for text in (view.where, view.hangs_on) if text]
    return lines


def views(trial: Trial, claim: Claim) -> list[PartView]:
    """Return what the page shows of the parts of a claim."""
    return [_view(part, found) for part, found in zip(claim.parts, trial.verdicts[claim.name], strict=True)]


def _view(part: Part, found: Verdict | str) -> PartView:
    if isinstance(found, str):
        return PartView(part.says, UNDETERMINED, found, "", "", "", "")
    kpi = kpi_of(part.figure.rpartition(".")[2])
    across, places = found.found, decimals(found.found.low, found.found.high)
    luck = f" (luck {spread(across.low, across.high, places)}" if math.isfinite(across.low) else " ("
    difference = (f"{kpi.label} {number(across.mean, places, sign=True)} {kpi.unit}".rstrip()
                  + f"{luck}{'; ' if luck.strip() != '(' else ''}assumptions "
                  f"{spread(across.point_low, across.point_high, places)})")
    share = (f"{number(100 * found.share, 0)} % of the space ({number(100 * found.share_low, 0)} to "
             f"{number(100 * found.share_high, 0)}; seeds agree at {number(100 * found.agree, 0)} %)")
    where = f"{found.box.claim('bear it out')}. {found.box.evidence('bear it out')}" \
        if found.box and found.box.confirmed else ""
    hangs = f"It {'falls' if found.correlation < 0 else 'rises'} most clearly with {found.hangs_on} (correlation of " \
        f"ranks {number(found.correlation, 2, sign=True)})." if found.hangs_on else ""
    return PartView(part.says, found.word, share, difference, where, hangs, strip(part, found))


def strip(part: Part, found: Verdict) -> str:
    """Return a small picture: where the middle 95 % of points lie, the mean with its luck, and the margin."""
    across = found.found
    ends = [across.point_low, across.point_high, across.low, across.high, 2 * part.margin, -2 * part.margin]
    most = max(abs(end) for end in ends if math.isfinite(end)) * 1.05 or 1.0
    middle = TALL / 2

    def x(value: float) -> str:
        return f"{WIDE / 2 * (1 + value / most):.1f}"

    low, high = (across.low, across.high) if math.isfinite(across.low) else (across.mean, across.mean)
    colour = {HOLDS: "#0072B2", FAILS: "#D55E00"}.get(found.word, "#5c636b")
    band = (f'<rect x="{x(-part.margin)}" y="3" width="{WIDE * part.margin / most:.1f}" height="{TALL - 6}" '
            'fill="#e8eaed"/>')
    places = decimals(-most / 1.05, most / 1.05)
    labels = "".join(f'<text x="{at}" y="{TALL + LABELS - 2}" text-anchor="{anchor}">{text}</text>'
                     for at, anchor, text in ((0, "start", number(-most, places, sign=True)), (WIDE / 2, "middle", "0"),
                                              (WIDE, "end", number(most, places, sign=True))))
    return (f'<svg viewBox="0 0 {WIDE} {TALL + LABELS}" width="{WIDE}" height="{TALL + LABELS}" role="img" '
            f'aria-label="{part.figure}">{labels}'
            f'{band}<line x1="{x(0)}" x2="{x(0)}" y1="0" y2="{TALL}" stroke="#9aa0a6"/>'
            f'<line x1="{x(across.point_low)}" x2="{x(across.point_high)}" y1="{middle}" y2="{middle}" '
            f'stroke="{colour}" stroke-width="1.5"/>'
            f'<line x1="{x(low)}" x2="{x(high)}" y1="{middle}" y2="{middle}" stroke="{colour}" stroke-width="6"/>'
            f'<circle cx="{x(across.mean)}" cy="{middle}" r="4.5" fill="{colour}" stroke="#fff"/></svg>')


def render(trial: Trial, manifest: dict[str, Any]) -> str:
    """Return the page as HTML that asks for nothing from anywhere."""
    claims = [ClaimView(claim.name, claim.guide, claim.text, trial.word(claim), views(trial, claim), claim.untestable)
              for claim in trial.claims]
    first = next(iter(trial.studies.values()), None)
    return str(environment().get_template("claims.html").render(
        headline=headline(trial), claims=claims, runs=trial.total,
        failed=sum(study.failed for study in trial.studies.values()), points=trial.points, most=f"{100 * MOST:.0f}",
        least=f"{100 * (1 - MOST):.0f}", seeds=len(first.plan.seeds) if first else 0,
        parameters=len(first.plan.keys) if first else 0, base=trial.shared, manifest=manifest,
        scenarios=list(dict.fromkeys(" and ".join(claim.scenarios) for claim in trial.claims if claim.parts))))


def save(trial: Trial, manifest: dict[str, Any], folder: Path) -> None:
    """Write ``claims.html`` and ``claims.csv`` into a folder."""
    (folder / "claims.html").write_text(render(trial, manifest), encoding="utf-8")
    trial.table.to_csv(folder / "claims.csv", index=False)
