"""A page with a film inside: one world, or two on the same luck, with the band of other lucks."""

from __future__ import annotations

from typing import Any

from allysim.analysis.words import sentence
from allysim.report.markup import pretty
from allysim.study.comparison import Comparison
from allysim.study.ensemble import Ensemble
from allysim.viewer import page as pages
from allysim.viewer.film import film
from allysim.viewer.lucks import bands_of


def page(study: Comparison | Ensemble, manifest: dict[str, Any]) -> str:
    """Return the film of a study's first luck as a page.

    Parameters
    ----------
    study : Comparison or Ensemble
        Of one or two scenarios, run with series.
    manifest : dict
        Of the folder the page stands in.
    """
    worlds, around = filmed(study)
    packed = pages.packed(worlds, around)
    months = f"{study.months} months"
    if isinstance(study, Comparison):
        from allysim.report.finding import finding

        title, lead = sentence(finding(study)), study.statements()
        foot = f"Two worlds on the same luck (seed {study.seeds[0]}), {months}; band of {len(study.seeds)} lucks."
    else:
        title, lead = f"{sentence(worlds[0]['name'])}: {months} of one luck", study.statements()
        foot = f"The luck of seed {study.seeds[0]}, {months}; band of {len(study.seeds)} lucks."
    shown = pages.fragment(packed, len(worlds) == 2, ended=True)
    return pages.render("replay.html", title=pretty(title), lead=[pretty(line) for line in lead], viewer=shown,
                        script=pages.script("replay"), foot=foot, command=manifest["command"] or "",
                        version=manifest["versions"]["allysim"])


def filmed(study: Comparison | Ensemble) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Return the films of a study's first luck, with their names, and the bands of all its lucks."""
    worlds = [{**film(scenario, study.seeds[0]), "name": name}
              for scenario, name in zip(study.scenarios, named(study), strict=True)]
    return worlds, bands_of(study, range(len(worlds)))


def named(study: Comparison | Ensemble) -> list[str]:
    """Return what each world is called."""
    if isinstance(study, Ensemble):
        return [f"{study.scenario.strategy.name} under {study.scenario.scenario.name}"]
    shared = len({variant.scenario for variant in study.variants}) == 1
    return [variant.strategy if shared or variant.strategy == variant.scenario else
            f"{variant.strategy} under {variant.scenario}" for variant in study.variants]
