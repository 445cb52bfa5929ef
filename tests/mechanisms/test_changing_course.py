"""F27's neighbour: what a firm aspires to when it judges its strategy, by itself."""

import numpy as np
import pytest

from allysim.config.scenario import settable
from allysim.rules.strategy import Courses, Satisfice

N = 200


def dissatisfied(own_past):
    """Firms that do worse than they aspire to, where they once did well and their peers do badly."""
    result = np.linspace(0.0, 1.0, N)
    courses = Courses(np.zeros(N, dtype=np.int32), result, np.ones(N), np.zeros(N), np.zeros(N, dtype=np.int32), result,
                      np.full(N, .9), 2)
    return Satisfice(own_past).pursue(courses).sum()


ROWS = {"course.own_past": (1, dissatisfied)}


@pytest.mark.parametrize("key", ROWS)
def test_sign(key):
    sign, effect = ROWS[key]
    parameter = settable()[key].parameter
    assert sign * (effect(parameter.high) - effect(parameter.low)) > 0


def test_between_the_two_it_is_the_weighted_mean():
    assert dissatisfied(.5) == N / 2
    assert dissatisfied(0.0) == 0
    assert dissatisfied(1.0) == N - 1
