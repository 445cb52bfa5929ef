"""Limit 2: three good months take trust from .50 to .71; a breach takes .865 to .715; 20 good months regain it (F5)."""

import pytest

import allysim as al
from allysim.ties import trust_in

CHEAT = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Cheat:
    def defects(self, faced):
        return faced.honesty == faced.honesty.max()
"""


def trust(model, one, other):
    firms, ties = model.state.firms, model.state.ties
    return trust_in(one, other, firms.disposition[one], model.config.trust.prior_weight, firms.ties, ties.to, ties.next,
                    ties.good, ties.bad)


def test_trust_is_gained_slowly_and_lost_at_once(tmp_path, firms, quiet, free):
    """Two firms keep their word for a year; in month 13 one breaks it, is seen, and is taken back for 20 months."""
    path = tmp_path / "cheat.py"
    path.write_text(CHEAT)
    settings = {"trust.disappointing": 1.0, "conduct.detection": 1.0}
    model = al.AllianceModel(**quiet, **free, **settings, **firms(60.0, 60.0, 60.0, 60.0), rng=1)
    model.form_alliance([0, 1], stage="running")
    culprit = int(model.state.firms.honesty[1] > model.state.firms.honesty[0])
    found = {0: trust(model, 1 - culprit, culprit)}
    for month in range(1, 34):
        if month == 13:
            model.move({"rules.conduct": f"{path}:Cheat"})
        model.step()
        found[month] = trust(model, 1 - culprit, culprit)
        if month == 13:
            model.move({"rules.conduct": "never"})
            assert not model.alliances  # it was expelled, and of two one was left
            model.form_alliance([0, 1], stage="running")
    print("trust after month " + ", ".join(f"{m}: {found[m]:.4f}" for m in (0, 3, 12, 13, 32, 33)))
    assert (found[0], found[3]) == pytest.approx((.50, .71), abs=.005)
    assert (found[12], found[13]) == pytest.approx((.865, .715), abs=.001)
    assert found[32] < found[12] <= found[33]  # 20 good months, and no fewer
    good = [(1 - .98**n) / .02 for n in range(13)]  # by hand
    assert found[12] == pytest.approx((good[12] + 2) / (good[12] + 4), rel=1e-12)
    assert found[13] == pytest.approx((.98 * good[12] + 2) / (.98 * good[12] + 3 + 4), rel=1e-12)
