"""What firms build, buy and give up, and what alliances fall back on, is told in words with figures of the tables."""

import re

import pytest

import allysim as al
from allysim.analysis.telling import EVENTS, TYPES
from analysis.test_explain import all_names, check_figures

SEEK = ["procurement", "coopetition", "infrastructure"]
WORLD = {
    "firms.n": 40, "months": 48, "alternatives.build": True, "alternatives.buy": True, "strategy.seek": SEEK,
    "background.strategy.seek": SEEK, "pilot.review": 1, "rules.gate": "threshold", "pilot.threshold": .1,
    "pilot.threshold_coopetition": .1, "administration.scale": .3, "governance.notice": 1, "research.gain": .05,
    "ecosystem.self_noise": 0.0,
}


@pytest.fixture(scope="module")
def told():
    return al.run(al.scenario(**WORLD), seed=2)


def test_every_event_has_its_words(told):
    seen = {f"{event}: {cause}" for event, cause in zip(told.events.event, told.events.cause, strict=True)
            if event in ("built", "bought", "gave up", "developed", "fell back")}
    assert seen <= set(EVENTS)
    assert {one.partition(":")[0] for one in seen} == {"built", "bought", "gave up", "developed", "fell back"}


def test_stories_read_well_and_every_figure_is_in_the_tables(told):
    for name in all_names(told)[::2]:
        check_figures(told, name)
        flat = re.sub(r"\s+", " ", told.explain(name))
        assert not re.search(r"\bnan\b|None|<NA>|_|[{}\[\]]| ,|\.\.|there was this", flat), flat


def test_an_alliance_is_called_what_it_was_founded_as(told):
    fallen = told.events[told.events.event == "fell back"].alliance.iloc[0]
    row = told.alliances[told.alliances.alliance == fallen].iloc[0]
    assert row["founded_as"] != row["type"] or row["type"] == "coopetition"
    story = re.sub(r"\s+", " ", told.explain(f"alliance {int(fallen)}"))
    assert "went on" in story and f"alliance {int(fallen)}, {TYPES[row['founded_as']][0]}." in story
