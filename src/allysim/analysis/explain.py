"""The story of one firm or one alliance of a run, in plain sentences from its tables, events and ledger.

Every figure is in the tables or a sum of what is. `telling` holds the words, `book` what is looked up.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from allysim.analysis.alliance_story import alliance_story
from allysim.analysis.book import Book, unknown
from allysim.analysis.firm_story import firm_story
from allysim.analysis.telling import SPACE
from allysim.errors import AllysimError
from allysim.records import LEVELS

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.records import Run

WIDTH = 100


def explain(run: Run, name: str) -> str:
    """Return the story of a firm or an alliance, see `Run.explain`."""
    if run.level != LEVELS[-1]:
        raise AllysimError(f"the story of {name} is told from tables, events and ledger: this run has "
                           f"records={run.level}, run it with records={LEVELS[-1]}")
    book = Book(run)
    found = book.find(name)
    paragraphs = firm_story(book, found) if isinstance(found, str) else alliance_story(book, found)
    told = ["\n".join(textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
                      for line in text.split("\n")) for text in paragraphs if text]
    return "\n\n".join(told).replace(SPACE, " ")


def check_names(asked: Iterable[str], scenario: Scenario) -> None:
    """Refuse a name that no firm or alliance of a scenario can have, before it is run.

    Which entrants and alliances there are shows after a run only.

    Raises
    ------
    ConfigError
        With the nearest name.
    """
    drawn = (f"Firm {slot}" for slot in range(len(scenario.names), scenario.n_firms))
    known = [*scenario.names, *drawn, *(scenario.start.alliances if scenario.start else ())]
    folded = {name.casefold() for name in known}
    for name in asked:
        text = " ".join(name.split())
        later = re.fullmatch(r"alliance \d+|firm (\d+)\.[1-9]\d*", text, re.IGNORECASE)
        possible = later and (later[1] is None or int(later[1]) < scenario.n_firms)
        if text.casefold() not in folded and not possible:
            raise unknown(name, known)
