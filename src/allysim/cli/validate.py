"""How the model compares with patterns of real alliances, or with a real network that goes on from a date.

  allysim validate                                     the default population, 30 seeds from 10 001 on
  allysim validate replications=60 points=0            more seeds; misses are not followed up
  allysim validate governance=light firms.n=200        another population
  allysim validate alliances.path=network.csv alliances.date=1985-01-01 alliances.unknown=draw
                                                       a real network instead: what it became, against a forecast
  allysim validate --json                              the table for machines

Months 13 to 132 are looked at. A pattern is free, fitted or encoded: only the free ones validate, and calibration saw
none of the seeds. Each miss is followed up over a Latin hypercube of `points` points (256) over every parameter tagged
A: the assumption it moves with most.

With alliances.path the model starts from the network of alliances.date, and its moments are compared with those of the
file from a year later to the last whole year that the file knows, or up to month `months` after the date: sizes,
foundings, leaving by age, repeated partners, newcomers, clustering, largest shares. Two plain baselines know the file
before the date only, ten years of it: the rates of the past carried forward, and the same with partners at random.
Where the model loses to the better of them is said first. The model's alliances of the file's type (alliances.type,
or its column type) count, and nothing is fitted. It takes 10 seeds or more, and no points.

Other settings: seed jobs out=FOLDER. The folder holds validation.md or forecast.md, the picture with its data, and a
manifest.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from allysim.config import scenario_from
from allysim.errors import ConfigError
from allysim.study import store
from allysim.study.forecast import Forecast
from allysim.study.validation import FIRST_SEED, LEAST_SEEDS, Validation

JSON = "--json"
COLUMNS = ("pattern", "label", "band_low", "band_high", "value", "value_low", "value_high", "hit", "hangs_on",
           "correlation")
FORECAST_COLUMNS = ("moment", "what", "unit", "data", "model", "model_low", "model_high", "past", "random", "better",
                    "difference", "difference_low", "difference_high", "verdict")


def main(args: list[str]) -> int:
    """Measure every pattern on the population that ``args`` describe, or every moment of its network."""
    texts = [arg for arg in args if arg != JSON]
    given = {text.partition("=")[0].strip() for text in texts}
    points, rest = _points(texts)
    for key in ("records", "outcome"):
        if key in given:
            raise ConfigError(f"{key} is not allowed here: a validation keeps records of its own")
    scenario = scenario_from(rest)
    replications = scenario.run.replications if "replications" in given else LEAST_SEEDS
    study: Forecast | Validation
    if scenario.network:
        if "points" in given:
            raise ConfigError("points is not allowed with alliances.path: moments of a network are compared with "
                              "baselines, and none is followed up over the assumptions")
        study = Forecast(scenario, replications, scenario.run.months if "months" in given else None)
    elif "months" in given:
        raise ConfigError("months is not allowed here: patterns have a length of their own")
    else:
        scenario = scenario if "seed" in given else scenario.replace({"seed": FIRST_SEED})
        study = Validation(scenario, replications, points)
    labels = {"scenario": scenario.scenario.name, "strategy": scenario.strategy.name}
    variant = {**labels, "config": scenario.to_dict()}
    manifest = store.describe("validate", [variant], study.seeds, "outcomes", texts)
    manifest["points"] = 0 if scenario.network else points
    out = Path(scenario.run.out).expanduser() if scenario.run.out else store.default_out(manifest)
    with store.Store(out, manifest, store.inputs_of([scenario])) as folder:
        from allysim.model import warm

        warm()
        study.run(scenario.run.jobs)
        from allysim.report import forecast_page, validation_page

        page: Any = forecast_page if scenario.network else validation_page
        said = page.save(study, folder.folder)
    if JSON in args:
        columns = FORECAST_COLUMNS if scenario.network else COLUMNS
        rows = study.table[list(columns)].to_dict("records")
        print(json.dumps([{key: _plain(value) for key, value in row.items()} for row in rows], indent=2))
        return 0
    text, drawing = ("forecast.md", "forecast.svg") if scenario.network else ("validation.md", "patterns.svg")
    print("\n".join([*page.as_text(study.table), "", *said]))
    print(f"\nResults: {out}  (read {out / text}; picture: {out / drawing})")
    return 0


def _points(texts: list[str]) -> tuple[int, list[str]]:
    """Return how many points follow misses up, and the other settings."""
    mine = [text for text in texts if text.partition("=")[0].strip() == "points"]
    if len(mine) > 1:
        raise ConfigError(f"points is set twice: {mine[0]} and {mine[1]}; keep one")
    if not mine:
        return 256, texts
    value = mine[0].partition("=")[2].strip()
    if not value.isdigit() or 0 < int(value) < 32:
        raise ConfigError(f"{mine[0]} is not allowed: points takes 0 (misses are not followed up) or a whole number "
                          "from 32")
    return int(value), [text for text in texts if text not in mine]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; what is missing or beyond all numbers is null."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
