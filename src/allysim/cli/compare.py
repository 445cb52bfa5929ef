"""Compare strategies, scenarios or settings on the same luck, and say how sure one can be.

  allysim compare strategy=stand_alone,procurement_first
  allysim compare strategy=stand_alone,procurement_first scenario=calm,supply_stress
  allysim compare governance=none,light,standard firms.path=mine.csv replications=200

A comma list makes variants. Within each scenario they are compared with the first one, replication by
replication under the same seed. Useful settings: replications seed months firms.path firms.n jobs
outcome=file.py:function records=outcomes|series|full out=FOLDER ('allysim list' shows all).
The folder holds report.html (open this one), the picture and the table with their data, every run as
Parquet, and a manifest for 'allysim reproduce'. The exit code is 1 if a run failed.
"""

from pathlib import Path

from allysim.study import store
from allysim.study.comparison import Comparison

SHOWN = ("economic_profit", "survival", "trust_mean", "consumer_surplus", "ebitda", "unit_cost", "saving",
         "governance_cost", "on_time_delivery")
BRIEF = ("economic_profit", "survival")


def main(args: list[str]) -> int:
    """Run the comparison that ``args`` describe; print the finding and where the page is."""
    comparison = Comparison.grid(args)
    config = comparison.variants[0].config
    variants = [{"scenario": v.scenario, "strategy": v.strategy, "config": v.config.to_dict()}
                for v in comparison.variants]
    manifest = store.describe("compare", variants, comparison.seeds, comparison.records, args)
    out = Path(config.run.out).expanduser() if config.run.out else store.default_out(manifest)
    with store.Store(out, manifest, store.inputs_of([v.config for v in comparison.variants])) as folder:
        from allysim.model import warm

        warm()
        comparison.run(keep=folder.add)
        from allysim.report import page

        page.save(comparison, manifest, folder.folder)
    print(_summary(comparison))
    print(f"\nOpen:  {out / 'report.html'}")
    from allysim.report.suggest import suggestions

    for suggestion in suggestions(comparison, args, most=1):
        print(f"Next:  {suggestion.command}\n       ({suggestion.why})")
    return 1 if comparison.failed else 0


def _summary(comparison: Comparison) -> str:
    """Return what was drawn, the statements, and headline differences of each variant: blocks, or lines if many."""
    from allysim.report.page import MANY, MARKS, drawn

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
    from allysim.report.page import cell

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
    from allysim.report.page import cell

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
