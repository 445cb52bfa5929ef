"""Every chance of a mechanism is one, whatever is allowed for its section and whatever firms and alliances are like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allysim.config.parameters import SECTIONS
from allysim.config.scenario import settable
from allysim.mechanisms import (
    belief,
    conduct,
    conflict,
    leaks,
    legal,
    radical,
    research,
    separation,
    sharing,
    tendering,
    terms,
)

PART, MANY = st.floats(0, 1), st.integers(1, 50)
KIND = st.integers(0, 3)


@st.composite
def section(draw, name):
    """A section of the configuration, each number of it anywhere in what is allowed."""
    values = {}
    for key, field in settable().items():
        if key.partition(".")[0] == name and field.kind in (int, float) and field.parameter.allowed:
            drawn = draw(st.floats(*map(float, field.parameter.allowed)))
            values[key.partition(".")[2]] = round(drawn) if field.kind is int else drawn
    return SECTIONS[name](**values)


CHANCES = {
    "conflict": (conflict.conflict_hazard, PART, PART, section("disputes")),
    "settling a conflict": (conflict.resolution, st.booleans(), section("disputes")),
    "a breach seen": (conduct.detection, PART, section("conduct")),
    "a fine": (legal.legal_hazard, PART, PART, PART, PART, section("legal")),
    "a leak seen": (leaks.leak_detection, PART, section("leaks")),
    "misuse": (sharing.misuse_hazard, PART, PART, PART, st.floats(0, 1e4), section("sharing")),
    "separation": (separation.separation_hazard, KIND, st.integers(0, 600), PART, MANY, section("separation")),
    "exit": (separation.exit_hazard, st.integers(0, 5), st.integers(0, 600), section("demography")),
    "a grievance": (terms.aggrieved_hazard, PART, PART, section("terms")),
    "a sprint": (research.success_chance, st.floats(0, 3), st.floats(0, 5), section("research")),
    "a radical sprint": (radical.radical_chance, st.floats(0, 3), st.floats(0, 5), section("research")),
    "a good bid": (tendering.winning_chance, MANY, PART),
    "winning against rivals": (tendering.left_by_rivals, st.floats(0, 100)),
    "a gain above the threshold": (belief.chance_above, st.floats(-1, 1), st.floats(-1, 1), st.floats(1e-6, 10)),
}


@pytest.mark.parametrize("what", CHANCES)
def test_a_chance_lies_between_0_and_1(what):
    equation, *given_by = CHANCES[what]

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(st.tuples(*given_by))
    def check(drawn):
        with np.errstate(all="ignore"):  # as in kernels
            assert 0.0 <= equation(*drawn) <= 1.0

    check()
