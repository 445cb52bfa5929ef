"""Draw up the charter of a pilot on two pages, from an alliance of a simulated run.

  allysim charter DIR --alliance 12                      of the run in DIR
  allysim charter DIR                                    of the pilot that brought the focal firms most
  allysim charter DIR strategy=balanced scenario=calm    of a variant of the comparison in DIR, in its median run
  allysim charter DIR seed=7                             of another of its runs

It has the objective, partners, measure with baseline and threshold, months and budget, data and know-how, decisions,
the go or no-go rule with its chance of being wrong, and exit; what people must decide is left blank. Written into DIR:
charter.html (prints on two pages) and charter.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from allysim.errors import ConfigError, nearest
from allysim.study import store
from allysim.study.simulate import Task

ALLIANCE = "--alliance"
KEYS = ("scenario", "strategy", "seed")


def main(args: list[str]) -> int:
    """Write the charter that ``args`` ask for."""
    folder, name, asked = _read(args)
    manifest = store.read_manifest(folder)
    if manifest["verb"] not in ("run", "compare"):
        raise ConfigError(f"{folder} holds the result of 'allysim {manifest['verb']}': a charter is drawn up from that "
                          "of 'allysim run' or 'allysim compare'")
    task, called = _task(folder, manifest, asked)
    from allysim.model import warm
    from allysim.report import pilot_charter

    warm()
    draft = pilot_charter.drafted(task, name, called)
    if draft is None:
        raise ConfigError("in this run no focal firm took part in a pilot: choose another strategy= or seed=, or name "
                          f"one of the other alliances by {ALLIANCE}")
    pilot_charter.save(draft, folder)
    print(f"{draft.title}\n{draft.source}\n\nOpen:  {folder / 'charter.html'}  (as text: {folder / 'charter.md'})")
    return 0


def _read(args: list[str]) -> tuple[Path, str | None, dict[str, str]]:
    """Return the folder, the alliance that is named, and what is chosen by key."""
    rest, name, asked = list(args), None, {}
    if ALLIANCE in rest:
        place = rest.index(ALLIANCE)
        if place + 1 == len(rest):
            raise ConfigError(f"{ALLIANCE} takes the number or name of an alliance, as in '{ALLIANCE} 12'")
        name = rest[place + 1]
        del rest[place:place + 2]
    folders = []
    for text in rest:
        key, is_set, value = text.partition("=")
        if not is_set:
            folders.append(text)
        elif key.strip() in KEYS:
            asked[key.strip()] = value.strip()
        else:
            raise ConfigError(f"'{text}' is not allowed: {', '.join(KEYS)} may be set{nearest(key.strip(), KEYS)}")
    if len(folders) != 1 or folders[0].startswith("-"):
        raise ConfigError("'allysim charter' takes one folder of results, as in 'allysim charter allysim_out/NAME "
                          f"{ALLIANCE} 12'")
    return Path(folders[0]).expanduser(), name, asked


def _task(folder: Path, manifest: dict[str, Any], asked: dict[str, str]) -> tuple[Task, str]:
    """Return the run that is meant and what its strategy is called: of a comparison the median run of the variant to
    choose, if none is named."""
    from allysim.study import stored

    fits = [variant for variant in manifest["variants"]
            if all(variant[key] == asked[key] for key in ("scenario", "strategy") if key in asked)]
    if not fits:
        known = [variant[key] for variant in manifest["variants"] for key in ("scenario", "strategy")]
        wrong = next(asked[key] for key in ("scenario", "strategy") if key in asked)
        raise ConfigError(f"{folder} has no variant with {' and '.join(f'{key}={asked[key]}' for key in asked)}"
                          f"{nearest(wrong, known)}")
    seeds = [str(seed) for seed in manifest["seeds"]]
    if "seed" in asked and asked["seed"] not in seeds:
        raise ConfigError(f"seed={asked['seed']} is none of this result's: they are {seeds[0]} to {seeds[-1]}")
    variant, seed = fits[0], int(asked.get("seed", seeds[0]))
    if manifest["verb"] == "compare":
        from allysim.report.networks import median_seed
        from allysim.study.reversal import leaders

        comparison = stored.comparison(folder)
        position = manifest["variants"].index(variant) if len(fits) < len(manifest["variants"]) else \
            leaders(comparison)[0][0]
        variant = manifest["variants"][position]
        seed = seed if "seed" in asked else median_seed(comparison, position)
    config = stored.scenario_of(folder, manifest, variant["config"])
    history = tuple((until, stored.scenario_of(folder, manifest, earlier))
                    for until, earlier in variant.get("history", []))
    return Task(config, seed, "full", history), str(variant["strategy"])
