"""The viewer in a notebook: runs and studies to look at where they were made."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allysim.errors import AllysimError, ConfigError
from allysim.study.comparison import Comparison
from allysim.study.ensemble import Ensemble
from allysim.viewer import page as pages
from allysim.viewer.film import film
from allysim.viewer.replay import filmed, named

if TYPE_CHECKING:
    from allysim.records import Run


class View:
    """A film that a notebook shows and that can be saved as a page of its own.

    Attributes
    ----------
    page : str
        HTML that asks for nothing from anywhere.
    height : int
        Of the frame in a notebook, in pixels.
    """

    def __init__(self, page: str, height: int) -> None:
        self.page, self.height = page, height

    def _repr_html_(self) -> str:
        return (f'<iframe sandbox="allow-scripts" title="allysim: a film" style="width:100%;height:{self.height}px;'
                f'border:0" srcdoc="{html.escape(self.page)}"></iframe>')

    def __repr__(self) -> str:
        return f"<View of {len(self.page.encode()) / 1000:.0f} kB: shown in a notebook, or saved by .save(path)>"

    def save(self, path: str | Path) -> None:
        """Write the page into a file, to be opened in any browser."""
        Path(path).write_text(self.page, encoding="utf-8")


def view(shown: Run | Comparison | Ensemble, other: Run | None = None, /, height: int = 900) -> View:
    """Return a film of a run, of two runs side by side, or of a study of one or two scenarios with its bands.

    The months are run again from scenario and seed to be filmed, and compared with the run's.

    Parameters
    ----------
    shown : Run, Comparison of two variants, or Ensemble
        Studies are shown under their first seed, and were run with series.
    other : Run, optional
        A second run of the same length, such as a fork of the first.
    height : int
        Of the frame in a notebook, in pixels.

    Raises
    ------
    ConfigError
        More than two worlds, or runs of different length.
    AllysimError
        A run cannot be had again from scenario and seed, or a study kept no series.

    Examples
    --------
    >>> film = al.view(run, run.fork(12, governance="light"))
    >>> film
    <View of ... kB: shown in a notebook, or saved by .save(path)>
    """
    if isinstance(shown, (Comparison, Ensemble)):
        if len(shown.scenarios) > 2 or other is not None:
            raise ConfigError("a film shows one or two worlds: give a comparison of two variants, or two runs")
        worlds, bands = filmed(shown)
        title = " and ".join(named(shown))
    else:
        runs = [shown] if other is None else [shown, other]
        if len({len(run.series) for run in runs}) > 1:
            raise ConfigError("both runs of a film take the same number of months: "
                              f"these have {' and '.join(str(len(run.series) - 1) for run in runs)}")
        worlds = [{**_again(run), "name": name} for run, name in zip(runs, _called(runs), strict=True)]
        bands, title = None, " and ".join(_called(runs))
    shown_last = pages.fragment(pages.packed(worlds, bands), ended=True)
    text = pages.render("replay.html", title=title, lead=[], viewer=shown_last, script=pages.script("replay"),
                        foot=f"Seed {worlds[0]['seed']}.", command="", version="")
    return View(text, height)


def _again(run: Run) -> dict[str, Any]:
    """Return the film of a run, refused where its months do not come out again."""
    again = film(run.scenario, run.seed, run.history)
    group = run._records["groups"][0]
    figures = [one["key"] for one in again["kpis"]]
    for frame in (again["frames"][0], again["frames"][-1]):
        for key, value in zip(figures, frame["k"][0], strict=True):
            name = f"{group}.{key}"
            if name in run.series and value is not None and value != float(f"{run.series[name].iloc[frame['m']]:.4g}"):
                raise AllysimError("this run cannot be filmed: run anew from its scenario and seed it comes out "
                                   "otherwise (alliances founded by hand, or a rule or the code changed since)")
    return again


def _called(runs: list[Run]) -> list[str]:
    """Return what runs are called: by strategy and scenario, or by what the second has otherwise."""
    names = [f"{run.scenario.strategy.name} under {run.scenario.scenario.name}" for run in runs]
    if len(runs) == 2 and names[0] == names[1]:
        one, other = (run.scenario.flat() for run in runs)
        changed = [f"{key.removesuffix('.name')}={other[key]}" for key in one if one[key] != other[key]
                   and not key.endswith((".about", ".belief", ".claim"))]
        since = f" from month {runs[1].history[-1][0] + 1} on" if runs[1].history else ""
        if changed:
            more = f" and {len(changed) - 2} more" if len(changed) > 2 else ""
            names[1] = f"{', '.join(changed[:2])}{more}{since}"
        elif runs[0].seed != runs[1].seed:
            names = [f"{name}, seed {run.seed}" for name, run in zip(names, runs, strict=True)]
    return names
