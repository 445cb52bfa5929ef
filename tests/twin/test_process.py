"""Process R&D of Cournot rivals: engine and twin agree on every number."""

from collections import Counter
from itertools import combinations

import pytest

import allysim as al
from twin.agreement import follow
from twin.luck import Luck
from twin.test_agreement import MONTHS, POPULATIONS, TURMOIL, parts

LABS = {"strategy.seek": ["rnd"], "background.strategy": "procurement_first",
        "background.strategy.seek": ["rnd", "procurement"], "research.sprint": 1}
MOODS = {"as it is": {}, "turmoil": TURMOIL,
         "spread": {"process.inside": 1.0, "process.outside": .3, "process.cost": 6.0},
         "outdone": {"process.cost": .5, "process.outside": 0.0, "customers.capacity": 3.0}}


def hold(**settings):
    """Follow a world and return its twin; no decision may be too close to call."""
    twin, turned = follow(al.scenario("supply_stress", **{"rules.market": "cournot", **LABS, **settings}), 1, MONTHS)
    assert not turned
    return twin


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("effort", ["separate", "joint"])
@pytest.mark.parametrize("population", ["small", "skewed"])
def test_populations(population, effort, mood):
    twin = hold(**POPULATIONS[population], **{"process.effort": effort}, **MOODS[mood])
    assert any(a.kind == "rnd" for a in twin.alliances) or population == "small"
    assert max(firm.process_effort for firm in twin.firms) > .001


def test_crowded():
    hold(**POPULATIONS["crowded"], **TURMOIL, **{"process.effort": "joint", "process.inside": .8})


@pytest.mark.parametrize("effort", ["separate", "joint"])
def test_partners_in_several_alliances(effort, tmp_path):
    """A partner counts once, however many alliances they share."""
    path = tmp_path / "net.csv"
    rows = [f"lab {k},firm {name},.25,1994-01-01,," for k in range(8) for name in "ABCDEFGH"[k % 5:k % 5 + 3]]
    path.write_text("\n".join(["alliance,firm,share,joined,left,type", *rows]))
    twin = hold(**{"alliances.path": path, "alliances.date": "1995-06-30", "alliances.unknown": "draw",
                   "alliances.type": "rnd", "firms.n": 15, "process.effort": effort, "process.inside": 1.0,
                   "governance.notice": 12, "research.budget": 0.0, "rules.gate": "never_stop"})
    shared = Counter(pair for a in twin.alliances if a.founded < 0
                     for pair in combinations(sorted(m.firm.slot for m in twin.memberships if m.alliance is a), 2))
    assert max(shared.values()) > 2


@pytest.mark.parametrize(("key", "other"), [
    ("process.effort", "separate"), ("process.cost", 4.2), ("process.inside", .3), ("process.outside", .06),
    ("market.elasticity", 1.3)])
def test_no_lever_can_be_moved_unnoticed(key, other):
    scenario = al.scenario(**{**POPULATIONS["skewed"], **LABS, "rules.market": "cournot", "process.effort": "joint"})
    assert parts(scenario, Luck(1), key, other)
