"""How firms get ready is told in words, with figures of the tables."""

import re

import pytest

import allysim as al
from allysim.analysis.telling import EVENTS
from analysis.test_explain import all_names, check_figures

WORLD = {"firms.n": 24, "months": 18, "strategy.prepare": True, "background.strategy.audit": True,
         "background.strategy.map": True, "ecosystem.audit_cost": 4.0}


@pytest.fixture(scope="module")
def told():
    return al.run(al.scenario(**WORLD), seed=2)


def test_what_got_ready_has_its_words(told):
    seen = {"audited", "mapped", "prepared"}
    assert seen <= {*told.events.event} and seen <= set(EVENTS)


def test_stories_say_so_and_every_figure_is_in_the_tables(told):
    for name in all_names(told)[::3]:
        check_figures(told, name)
    ready = told.firms[told.firms.focal & (told.firms.generation == 0)].firm.iloc[0]
    flat = re.sub(r"\s+", " ", told.explain(ready))
    assert "audited its capabilities, for 4 k€" in flat and "mapped its ecosystem" in flat
    assert "made itself a dashboard" in flat and "this: " not in flat
