"""Latency, set-up, conflict and fines, each called by itself, give the numbers that the equations give by hand."""

import numpy as np
import pytest

from allysim.config.governing import Disputes, Latency, Legal
from allysim.config.parameters import Administration
from allysim.mechanisms import administration, benefit, conflict, latency, legal

# F14 latency

@pytest.mark.parametrize(("members", "completeness", "distance", "rights", "months"), [
    (2, 0.0, 0.0, 0.0, 1), (3, .5, .5, .4, 2), (2, 1.0, 0.0, 0.0, 1), (2, 1.0, 1.0, 0.0, 2), (10, .9, 1.0, .7, 4)])
def test_decision_latency_by_hand(members, completeness, distance, rights, months):
    """.5; .5 x 1.15 x 1.5 x 1.5 x .84 = 1.09; .5 x 2; .5 x 2 x 2; .5 x 2.2 x 1.9 x 2 x .72 = 3.01: rounded up."""
    assert latency.decision_latency(members, completeness, distance, rights, Latency()) == months
    assert latency.decision_latency(members, completeness, distance, rights, Latency(months=0.0)) == 0


# F18 set-up

def test_setting_up_by_hand():
    """The least modular has .4, the least ready .5: 10 (1 - .2) (1 - .15); slots below 0 are no members."""
    modularity, ready = np.array([.9, .4, .6, 0.0]), np.array([.5, .8, .7, 0.0])
    for members in ([0, 1, 2], [2, 1, 0, -1]):
        cost = administration.setup_cost(np.array(members), modularity, ready, Administration())
        assert cost == pytest.approx(6.8, rel=1e-14)
    flat = Administration(setup_modularity=0.0, setup_readiness=0.0)
    assert administration.setup_cost(np.array([0, 1]), modularity, ready, flat) == 10.0


# F16 conflict

def test_conflict_by_hand():
    """Cultures .3 apart in each figure are half of .6 apart: .03 x 2 x .84; opposite ones are 1 apart."""
    one, other = np.array([.2, .5, .8]), np.array([.5, .2, .5])
    assert benefit.profile_distance(one, other, .6) == pytest.approx(.5, rel=1e-14)
    assert benefit.profile_distance(np.zeros(3), np.ones(3), .6) == 1.0
    assert benefit.profile_distance(one, one, .6) == 0.0
    assert conflict.conflict_hazard(.5, .4, Disputes()) == pytest.approx(.03 * 2 * .84, rel=1e-14)
    assert conflict.conflict_hazard(1.0, 0.0, Disputes(conflict=.5)) == 1.0
    assert conflict.conflict_hazard(1.0, 0.0, Disputes(conflict=0.0)) == 0.0
    assert (conflict.resolution(False, Disputes()), conflict.resolution(True, Disputes())) == (.5, .8)


# Competition law

def test_legal_hazard_by_hand():
    """.02 x .5 x 1 x .5 x .1, and a fine of 3 % of twelve months of 60 k€."""
    assert legal.legal_hazard(.5, 1.0, .5, .1, Legal()) == pytest.approx(.0005, rel=1e-14)
    assert legal.legal_hazard(1.0, 1.0, 1.0, 1.0, Legal()) == 0.0
    assert legal.fine(60.0, Legal()) == pytest.approx(21.6, rel=1e-14)
