"""One self-contained page about a comparison: the answer, the picture, the numbers, and how to repeat it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allysim.report import answer, figures, pilot_charter
from allysim.report.choice import Choice, choice, choice_table
from allysim.report.differences import MANY, headline, overview, table_of
from allysim.report.drives import drives
from allysim.report.hangs import hangs
from allysim.report.lives import lives
from allysim.report.markup import environment, inlined, noted
from allysim.report.members import members
from allysim.report.networks import again, median_seed, network
from allysim.report.pilot_charter import Draft, charter_section, drafted
from allysim.report.risks import return_and_risk, reversal, where_it_fails
from allysim.report.section import Section
from allysim.report.suggest import suggestions
from allysim.study.comparison import Comparison
from allysim.study.reversal import leaders
from allysim.study.simulate import Task
from allysim.study.store import write_json
from allysim.viewer import page as viewer

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 4
"""Differences of which a page shows what drives them, where there are few; of many, those of the choice."""


class Page:
    """What there is to say and to show of a comparison, each worked out once.

    Parameters
    ----------
    comparison : Comparison
        One that has been run.
    manifest : dict
        Of the result the page stands in (`allysim.study.store.describe`).
    """

    def __init__(self, comparison: Comparison, manifest: dict[str, Any]) -> None:
        self.comparison, self.manifest = comparison, manifest
        self.many = len(comparison.pairs()) > MANY

    @cached_property
    def choice(self) -> Choice | None:
        """Which variant to choose, where that can be told."""
        return choice(self.comparison)

    @cached_property
    def sections(self) -> list[Section]:
        """All parts below the first picture, in their order; those that there is nothing to say in are left out."""
        comparison, shown, one = self.comparison, self._shown(), self.run_of_choice
        found = (drives(comparison, shown), hangs(comparison), where_it_fails(comparison), reversal(comparison),
                 members(comparison, shown), lives(comparison),
                 network(comparison, leaders(comparison)[0][0], one) if one else None,
                 return_and_risk(comparison), charter_section(self.charter) if self.charter else None)
        return [section for section in found if section]

    @cached_property
    def run_of_choice(self) -> dict[str, pd.DataFrame] | None:
        """The tables of the median run of what to choose; None where this version of the code runs it otherwise."""
        position = leaders(self.comparison)[0][0]
        return again(self.comparison, position) if any(self.comparison.remains(position)) else None

    @cached_property
    def charter(self) -> Draft | None:
        """The charter of a pilot in that run; None where there is none, as when it is best not to ally."""
        position = leaders(self.comparison)[0][0]
        if self.run_of_choice is None:
            return None
        variant = self.comparison.variants[position]
        return drafted(Task(variant.config, median_seed(self.comparison, position), "full"), called=variant.strategy)

    def _shown(self) -> list[int]:
        """Return positions whose differences are shown in detail."""
        comparison = self.comparison
        if len(comparison.pairs()) <= SHOWN:
            return comparison.pairs()
        ones = leaders(comparison)[0]
        if any(comparison.variants[one].reference == one for one in ones):  # the choice is what others are set against
            ones = leaders(comparison)[1]
        return [one for one in ones if comparison.variants[one].reference != one][:SHOWN]

    def save(self, folder: Path) -> None:
        """Write ``report.html`` with ``report.json``, ``comparison.svg``, and a CSV file of each picture and table.

        Parameters
        ----------
        folder : Path
            An existing folder, usually `Store.folder`.
        """
        comparison = self.comparison
        if self.many:
            figures.save(overview(comparison), headline(comparison), folder / "comparison.svg")
        else:
            figures.save(figures.plot_comparison(comparison), figures.comparison_data(comparison),
                         folder / "comparison.svg")
        comparison.table.to_csv(folder / "table.csv", index=False)
        if self.choice:
            self.choice.table.to_csv(folder / "choice.csv", index=False)
        for section in self.sections:
            for part in section.parts:
                part.data.to_csv(folder / f"{part.name}.csv", index=False)
        if self.charter:
            pilot_charter.save(self.charter, folder)
        (folder / "report.html").write_text(self.render(), encoding="utf-8")
        write_json(self.as_dict(), folder / "report.json")

    def as_dict(self) -> dict[str, Any]:
        """Return what the page says and shows, ready for JSON; numbers that there are not are null."""
        comparison, manifest = self.comparison, self.manifest
        table = comparison.table.astype(object).where(comparison.table.notna(), None)
        return {
            "question": answer.question(comparison), "finding": answer.headline_of(comparison, self.choice),
            "answer": answer.sentences(comparison, self.choice), "statements": comparison.statements(),
            "basis": answer.basis(comparison), "cautions": answer.cautions(comparison),
            "drawn": answer.drawn(comparison.variants[0].config), "method": answer.method(comparison),
            "choice": self.choice.said if self.choice else None,
            "sections": [{"title": section.title,
                          "said": [*section.said, *(picture.title for picture in section.pictures)],
                          "files": [f"{part.name}.csv" for part in section.parts]}
                         for section in self.sections],
            "command": manifest["command"], "code_version": manifest["code_version"], "versions": manifest["versions"],
            "table": table.to_dict("records"),
        }

    def render(self) -> str:
        """Return the page as HTML that asks for nothing from anywhere."""
        comparison = self.comparison
        groups = list(dict.fromkeys(comparison.table["group"]))
        sections = [(section, [(inlined(picture.axes, picture.name, picture.title), noted(picture.axes))
                               for picture in section.pictures]) for section in self.sections]
        filmed = any(section.film for section in self.sections)
        return str(environment().get_template("page.html").render(
            question=answer.question(comparison), finding=answer.headline_of(comparison, self.choice),
            answer=answer.sentences(comparison, self.choice), statements=[] if self.many else comparison.statements(),
            choice=choice_table(comparison, self.choice), whole=answer.whole(comparison),
            varied=comparison.space is not None, basis=answer.basis(comparison), pictures=self._fans(),
            caption="" if self.many else figures.caption(comparison), sections=sections,
            viewer_css=viewer.styles() if filmed else "", viewer_script=viewer.script("replay") if filmed else "",
            tables=[table_of(comparison, group) for group in groups], cautions=answer.cautions(comparison),
            meant=answer.meant(comparison), drawn=answer.drawn(comparison.variants[0].config),
            method=answer.method(comparison), next=suggestions(comparison, self.manifest.get("arguments") or []),
            manifest=self.manifest,
            seeds=f"{comparison.seeds[0]} to {comparison.seeds[-1]}",
            variants=[(variant.strategy if variant.strategy == variant.scenario else
                       f"{variant.strategy} under {variant.scenario}", variant.config.digest(comparison.seeds[0]))
                      for variant in comparison.variants]))

    def _fans(self) -> list[str]:
        """Return the first picture: differences by month, a panel for each scenario, or all as one table."""
        drawings = [overview(self.comparison)] if self.many else \
            [figures.plot_comparison(self.comparison, worlds=[world]) for world in self.comparison.worlds()]
        return [inlined(axes, f"panel{index}") for index, axes in enumerate(drawings)]
