"""Stories of joint ventures: every event has its words, every figure is in the tables."""

import re

import pytest

import allysim as al
from allysim.analysis.telling import EVENTS, STRUCTURE
from analysis.test_explain import all_names, check_figures
from engine.test_joint_ventures import SEEKING

LIVELY = {**SEEKING, "firms.n": 24, "months": 48, "separation.scale": 12.0, "demography.exit_incumbent": .01,
          "infrastructure.life": 20.0, "infrastructure.capital": 40.0, "infrastructure.rent": .12,
          "infrastructure.user_fee": .009, "pilot.members": 4}


@pytest.fixture(scope="module")
def ventures():
    return al.run(al.scenario(**LIVELY), seed=7)


def test_every_figure_is_in_the_tables(ventures):
    for name in all_names(ventures)[::2]:
        check_figures(ventures, name)


def test_there_are_words_for_all_there_is(ventures):
    told = {*ventures.events.event}
    assert told >= {"capital bought", "bought out", "stranded", "capital called", "worn out"}
    assert told <= {name.partition(":")[0] for name in EVENTS} | set(STRUCTURE)
    for event, words in (("capital bought", "bought what they had rented"), ("stranded", "was lost to them"),
                         ("worn out", "was worn out"), ("bought out", "was bought out of what the members owned")):
        number = ventures.events[ventures.events.event == event].alliance.iloc[0]
        assert words in re.sub(r"\s+", " ", ventures.explain(f"alliance {number}"))
