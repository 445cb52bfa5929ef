"""What firms make of themselves (F27, F18) is told in words with figures of the tables."""

import re

import pytest

import allysim as al
from allysim.analysis.telling import EVENTS
from allysim.phases.strategy import TOLD
from analysis.test_explain import all_names, check_figures

WORLD = {
    "firms.n": 24, "months": 40, "firms.focal": 12, "strategy.focus": True, "strategy.cut": .08,
    "strategy.reinvest": .5, "strategy.modularise": True, "strategy.unit": "spin_off",
    "background.strategy.invest": .05, "background.strategy.unit": "dedicated", "restructuring.unit_capital": .05,
    "conduct.temptation": 40.0,
}


@pytest.fixture(scope="module")
def told():
    return al.run(al.scenario(**WORLD), seed=2)


def test_every_event_has_its_words(told):
    seen = told.events[told.events.event.isin(TOLD)]
    assert set(seen.event) == set(TOLD) and set(TOLD) <= {one.partition(":")[0] for one in EVENTS}
    founded = {f"unit founded: {cause}" for cause in seen.cause[seen.event == "unit founded"]}
    assert founded == {"unit founded: dedicated", "unit founded: spin-off"} <= set(EVENTS)


def test_stories_read_well_and_every_figure_is_in_the_tables(told):
    for name in all_names(told)[::2]:
        check_figures(told, name)
        flat = re.sub(r"\s+", " ", told.explain(name))
        assert not re.search(r"\bnan\b|None|<NA>|_|[{}\[\]]| ,|\.\.|there was this", flat), flat


def test_a_story_says_what_a_firm_did(told):
    story = re.sub(r"\s+", " ", told.explain("Firm 3"))
    assert all(text in story for text in ("gave up its line in", "cut its fixed cost", "set money aside for growth",
                                          "more modular", "spun off a unit")), story
    print(story)


def test_restructuring_in_an_electric_shift_is_told():
    world = al.scenario("electric_shift", strategy="two_track_restructurer", months=60, **{
        "firms.n": 60, "firms.focal": 10})
    run = al.run(world, seed=1)
    stories = {name: re.sub(r"\s+", " ", run.explain(name)) for name in run.focal["firm"]}
    for name, story in stories.items():
        check_figures(run, name)
        assert "strategy two track restructurer" in story and "happens in a shift to electric demand" in story
    assert any("founded an" in story for story in stories.values())
