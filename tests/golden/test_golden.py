"""One run's outcomes and events, as they were when last agreed on.

A change of these numbers is a change of the model: it is explained in CHANGELOG.md, and the numbers are
written anew by ``python tests/golden/test_golden.py``. The tolerance leaves room for another NumPy,
whose exp may differ in the last bit; anything larger is not noise.
"""

import json
from pathlib import Path

import pytest

import allysim as al

KEPT = Path(__file__).with_name("run.json")
SETTINGS = {"scenario": "supply_stress", "months": 60, "firms.n": 60, "conduct.temptation": 6.0}
SEED = 7

PLAIN = Path(__file__).with_name("plain.json")
OFF = {
    "disputes.conflict": 0.0, "latency.months": 0.0, "administration.setup_modularity": 0.0,
    "administration.setup_readiness": 0.0, "governance.dispute_clause": False,
    "contract.completeness": 0.0, "contract.trust": 0.0, "contract.both": 0.0, "contract.burden": 0.0,
    "culture.distance": 0.0, "leaks.hazard": 0.0, "sharing.misuse": 0.0, "sharing.precision": 0.0, "sharing.blur": 0.0,
    "scaling.standardise": False, "terms.resentment": 0.0, "terms.separation": 0.0, "terms.reopen": False,
    "stock.service_factor": 0.0, "research.outside": 0.0, "infrastructure.own": False, "separation.fall_back": False,
    "alternatives.build": False, "alternatives.buy": False, "tendering.rate": 0.0, "coopetition.reputation": 0.0,
    "subscriptions.churn": 0.0, "subscriptions.inertia": 0.0, "background.strategy": "procurement_first",
    "conduct.temptation_rnd": 2.0, "separation.scale": 170.0, "separation.rnd": 1.8, "demography.exit_entrant": .0045,
    "demography.exit_newness": .016,
}
"""Mechanisms that came after the run in plain.json was kept, switched off, and the defaults of then."""


def now(**settings):
    """Return the run's outcomes, and how often each event and each cause of an end was seen."""
    run = al.run(al.scenario(**SETTINGS | settings), seed=SEED)
    ends = run.events[run.events.event == "ended"].cause
    return {
        "outcomes": run.outcomes,
        "events": run.events.event.value_counts().sort_index().to_dict(),
        "ends": ends.value_counts().sort_index().to_dict(),
    }


@pytest.mark.smoke
def test_the_run_is_as_it_was():
    kept, found = json.loads(KEPT.read_text(encoding="utf-8")), now()
    assert found["events"] == kept["events"]
    assert found["ends"] == kept["ends"]
    assert found["outcomes"] == pytest.approx(kept["outcomes"], rel=1e-9)


def test_with_later_mechanisms_off_the_run_is_as_it_was_before_them():
    """But for disputes, which tell of what happened without a name, and key figures that there were not."""
    kept, found = json.loads(PLAIN.read_text(encoding="utf-8")), now(**OFF)
    assert found["events"].pop("dispute") > 0
    assert found["events"] == kept["events"]
    assert found["ends"] == kept["ends"]
    known = {name: found["outcomes"][name] for name in kept["outcomes"]}  # later key figures have no place in it
    assert known == pytest.approx(kept["outcomes"], rel=1e-9)


if __name__ == "__main__":
    KEPT.write_text(json.dumps(now(), indent=1) + "\n", encoding="utf-8")
    print(f"{KEPT.name} written anew: say in CHANGELOG.md why")
