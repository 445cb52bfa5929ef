"""Make a film of one world, or of two on the same luck, that plays in any browser.

  allysim replay                                                     the default world
  allysim replay strategy=stand_alone,balanced scenario=electric_shift
  allysim replay governance=none,standard firms.path=mine.csv seed=3
  allysim replay replications=50                                     a band of more lucks around it

The film is of the luck of seed=; other lucks, 20 unless replications= says otherwise, make the band around each key
figure and around the difference, so that nobody takes one luck for a proof. The folder holds replay.html, one file
that needs nothing else and may be mailed, every run as Parquet, and a manifest for 'allysim reproduce'.
Useful settings: scenario strategy governance firms.path firms.n months seed replications jobs out=FOLDER.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from allysim.errors import ConfigError
from allysim.study import store
from allysim.study.comparison import Comparison
from allysim.study.ensemble import Ensemble

LUCKS = 20
MOST = 2
LARGEST = 5_000_000
"""Numbers in a film beyond which a browser would labour: firms times months, of both worlds."""


def main(args: list[str]) -> int:
    """Run what ``args`` describe and write its film."""
    from allysim.config import scenario_from, split_variants

    if not any(arg.partition("=")[0].strip() == "replications" for arg in args):
        args = [*args, f"replications={LUCKS}"]
    cells = split_variants(args)
    if len(cells) > MOST:
        raise ConfigError(f"these settings describe {len(cells)} worlds, and a film shows one or two: keep one comma "
                          "list of two")
    study: Comparison | Ensemble = Comparison.grid(args) if len(cells) == MOST else Ensemble(scenario_from(cells[0][1]))
    scenarios = study.scenarios
    size = sum(scenario.n_firms * scenario.run.months for scenario in scenarios)
    if size > LARGEST:
        raise ConfigError(f"a film of {size:,} firm-months is more than a browser can play: firms.n times months, of "
                          f"both worlds, may be {LARGEST:,} at most".replace(",", " "))
    manifest = store.describe("replay", _variants(study), study.seeds, study.records, args)
    given = scenarios[0].run.out
    out = Path(given).expanduser() if given else store.default_out(manifest)
    with store.Store(out, manifest, store.inputs_of([*scenarios])) as folder:
        from allysim.model import warm
        from allysim.viewer.replay import page

        warm()
        study.run(keep=folder.add)
        text = page(study, manifest)
        (folder.folder / "replay.html").write_text(text, encoding="utf-8")
    for line in study.statements():
        print(line)
    print(f"\nOpen:  {out / 'replay.html'}  ({len(text.encode()) / 1000:.0f} kB, needs nothing else)")
    failed = sum(map(bool, study.runs["error"]))
    if failed:
        print(f"{failed} of {len(study.runs)} runs failed; runs/ holds their errors")
    return 1 if failed else 0


def _variants(study: Any) -> list[dict[str, Any]]:
    if isinstance(study, Comparison):
        return [{"scenario": v.scenario, "strategy": v.strategy, "config": v.config.to_dict()} for v in study.variants]
    scenario = study.scenario
    return [{"scenario": scenario.scenario.name, "strategy": scenario.strategy.name, "config": scenario.to_dict()}]
