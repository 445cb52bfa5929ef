"""Compare strategies, scenarios or settings on the same luck, and say how sure one can be.

  allysim compare strategy=stand_alone,procurement_first
  allysim compare strategy=stand_alone,procurement_first scenario=calm,supply_stress
  allysim compare governance=none,light,standard firms.path=mine.csv replications=200

A comma list makes variants. Within each scenario they are compared with the first one, replication by
replication under the same seed; then every variant is run once more at points that fill the ranges of all
assumptions, and fresh runs look for the smallest change of one assumption that reverses the answer. budget=5min (90s,
1h ...; 5min by default) is the time that all this shares; replications=200 and points=64 set the size instead, and
with replications= alone no assumption is varied.
Useful settings: seed months firms.path firms.n jobs outcome=file.py:function records=outcomes|series|full
out=FOLDER ('allysim list' shows all).
The folder holds report.html (open this one), charter.html (a pilot's), every picture and table with its data,
report.json, every run as Parquet (those at points in assumptions/), and a manifest for 'allysim reproduce' and
'allysim report'. The exit code is 1 if a run failed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from allysim.config.parameters import GROUPS
from allysim.config.scenario import settable, unknown_key
from allysim.errors import ConfigError, nearest
from allysim.study import reversal, store
from allysim.study.budget import LEAST_POINTS, Size, affordable, seconds_of
from allysim.study.comparison import Comparison

BUDGET, OWN = "5min", ("budget", "points")

SHOWN = ("economic_profit", "survival", "trust_mean", "consumer_surplus", "ebitda", "unit_cost", "saving",
         "governance_cost", "on_time_delivery")
BRIEF = ("economic_profit", "survival")


def main(args: list[str]) -> int:
    """Run the comparison that ``args`` describe; print the finding and where the page is."""
    own, rest = _own(args)
    comparison, out, points = _explicit(rest, own) if "budget" not in own else _afforded(rest, own["budget"])
    asked = [*rest, f"replications={len(comparison.seeds)}", f"points={points}"] if "budget" in own else args
    if points:
        comparison.space_at(points)  # what cannot be varied is refused before anything is run
    manifest = _manifest(comparison, asked) | {"budget": own.get("budget"), "points": points}
    out = out or store.default_out(manifest)
    with store.Store(out, manifest, store.inputs_of([v.config for v in comparison.variants])) as folder:
        from allysim.model import warm

        warm()
        parts = 4 if points else 2
        _tell(f"1 of {parts}: the variants under {len(comparison.seeds)} lucks")
        comparison.run(keep=folder.add)
        if points:
            _tell(f"2 of {parts}: the same at {points} points in all assumptions")
            comparison.vary(points, folder.folder / store.ASSUMPTIONS)
            _tell(f"3 of {parts}: what would reverse the answer")
            reversal.look(comparison, folder.folder)
        from allysim.report.page import Page

        _tell(f"{parts} of {parts}: the page")
        Page(comparison, manifest).save(folder.folder)
    print(_summary(comparison))
    print(f"\nOpen:  {out / 'report.html'}")
    from allysim.report.suggest import suggestions

    for suggestion in suggestions(comparison, asked, most=1):
        print(f"Next:  {suggestion.command}\n       ({suggestion.why})")
    return 1 if comparison.failed or (comparison.space and comparison.space.failed) else 0


def _tell(part: str) -> None:
    """Say on the error stream which part begins, since each may be silent for a while."""
    print(part, file=sys.stderr, flush=True)


def _own(args: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return budget and points as given, the budget by default where nothing says how much to run, and the rest."""
    own, rest = {}, []
    for text in args:
        key, _, value = (part.strip() for part in text.partition("="))
        if key in own:
            raise ConfigError(f"{key} is set twice; keep one")
        if key in OWN:
            own[key] = value
        elif nearest(key, OWN, .7) and key not in (*GROUPS, *settable()):
            raise unknown_key(key, OWN)
        else:
            rest.append(text)
    fixed = [key for key in ("replications", "points")
             if key in own or any(text.partition("=")[0].strip() == key for text in rest)]
    if "budget" in own and fixed:
        raise ConfigError(f"budget={own['budget']} decides on replications and points, so {fixed[0]} cannot be set "
                          "beside it: leave out one of the two")
    points = own.get("points", "0")
    if points != "0" and (not points.isdigit() or int(points) < LEAST_POINTS):
        raise ConfigError(f"points={points} is not allowed: it takes a whole number from {LEAST_POINTS}, or 0 "
                          "for none")
    if not fixed:
        seconds_of(own.setdefault("budget", BUDGET))
    return own, rest


def _manifest(comparison: Comparison, args: list[str]) -> dict[str, Any]:
    variants = [{"scenario": v.scenario, "strategy": v.strategy, "config": v.config.to_dict()}
                for v in comparison.variants]
    return store.describe("compare", variants, comparison.seeds, comparison.records, args)


def _folder(comparison: Comparison) -> Path | None:
    given = comparison.variants[0].config.run.out
    return Path(given).expanduser() if given else None


def _explicit(args: list[str], own: dict[str, str]) -> tuple[Comparison, Path | None, int]:
    """Return the comparison, its folder if one is named, and the points in assumptions."""
    comparison = Comparison.grid(args)
    return comparison, _folder(comparison), int(own.get("points", 0))


def _afforded(args: list[str], budget: str) -> tuple[Comparison, Path, int]:
    """Return the same for a time; the size of an earlier answer to the same question in that time is kept."""
    comparison = Comparison.grid(args)
    first = _manifest(comparison, args) | {"seeds": comparison.seeds[:1]}
    out = _folder(comparison) or store.default_out(first | {"code_version": f"{first['code_version']} {budget}"})
    earlier = store.read_manifest(out) if (out / "manifest.json").is_file() else {}
    if earlier.get("budget") == budget and store.question(earlier | {"seeds": first["seeds"]}) == store.question(first):
        size = Size(len(earlier["seeds"]), earlier["points"])
    else:
        store.check_free(out, first)
        size = affordable(comparison, seconds_of(budget))
    return Comparison.grid([*args, f"replications={size.replications}"]), out, size.points


def _summary(comparison: Comparison) -> str:
    """Return what was drawn, the statements, and headline differences of each variant: blocks, or lines if many."""
    from allysim.report.answer import drawn
    from allysim.report.differences import MANY, MARKS

    lines = drawn(comparison.variants[0].config)
    if len(comparison.pairs()) > MANY:
        lines += _overview(comparison)
    else:
        lines += ["", *comparison.statements(), *_blocks(comparison)]
    lines += ["", "95 % intervals of luck: " + ", ".join(f"{mark} {word}" for word, mark in MARKS.items())]
    if comparison.failed:
        lines.append(f"{comparison.failed} of {len(comparison.runs)} runs failed; runs/ holds their errors")
    return "\n".join(lines)


def _overview(comparison: Comparison) -> list[str]:
    """Return a line for each variant, since blocks for so many would not be read: the page has them."""
    from allysim.analysis.words import kpi_of, sentence
    from allysim.report.differences import cell

    lines, last = [], None
    for position in comparison.pairs():
        world, one, other = comparison.names(position)
        if (world, other) != last:
            last = world, other
            heads = [f"{kpi_of(kpi).label}, {kpi_of(kpi).unit}" for kpi in BRIEF]
            lines += ["", f"{sentence(world)}less {other}",
                      (f"  {'':<30}" + "".join(f"{head:<48}" for head in heads)).rstrip()]
        cells = [cell(comparison, position, f"{comparison.group}.{kpi}") for kpi in BRIEF]
        words = "".join(f"{f'{c.difference} ({c.interval}) {c.mark}':<48}" for c in cells)
        lines.append(f"  {one:<30}{words}".rstrip())
    return lines


def _blocks(comparison: Comparison) -> list[str]:
    """Return a block of headline differences for each variant."""
    from allysim.analysis.words import kpi_of, sentence
    from allysim.report.differences import cell

    lines: list[str] = []
    outcomes = set(comparison.table["group"] + "." + comparison.table["kpi"])
    groups = {"focal": "focal firms", "population": "all firms"} if comparison.group == "focal" else \
        {"population": "all firms"}
    for position in comparison.pairs():
        world, one, other = comparison.names(position)
        lines += ["", f"{sentence(world)}{one} less {other}",
                  f"  {'':<52}" + "".join(f"{head:<42}" for head in groups.values()).rstrip()]
        for kpi in SHOWN:
            cells = [cell(comparison, position, f"{g}.{kpi}") if f"{g}.{kpi}" in outcomes else None for g in groups]
            words = [f"{c.difference} ({c.interval}) {c.mark}" if c else "" for c in cells]
            label = f"{kpi_of(kpi).label}, {kpi_of(kpi).unit}"
            lines.append(f"  {label:<52}" + "".join(f"{word:<42}" for word in words).rstrip())
        for outcome in sorted(name for name in outcomes if name.startswith("own.")):
            found = cell(comparison, position, outcome)
            lines.append(f"  {outcome.removeprefix('own.'):<52}{found.difference} ({found.interval}) {found.mark}")
    return lines
