"""Rules of conduct: what they are asked of the past, and what each makes of it."""

import numpy as np
import pytest

import allysim as al
from allysim.rules.conduct import GrimTrigger, Opportunist, Temptation, Temptations, TitForTat

CHEAT = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Cheat:
    def defects(self, faced):
        return faced.honesty == faced.honesty.max()
"""
QUIET = {
    "firms.n": 12, "firms.focal": 4, "strategy": "stand_alone", "background.strategy": "stand_alone",
    "rules.gate": "never_stop", "separation.procurement": 0.0, "conduct.detection": 1.0, "governance": "none",
    "administration.scale": 0.0, "purchasing.fee": 0.0, "purchasing.first_rung": .01, "purchasing.no_leverage": 0.0,
    "demography.exit_incumbent": 0.0, "demography.ruin": False, "governance.notice": 12,
}


class Listening(al.AllianceModel):
    """A model that keeps what its rule of conduct was asked last."""

    def ask(self, seam, question):
        if seam == "conduct":
            self.faced = Temptations(*map(np.copy, question))
        return super().ask(seam, question)


def test_what_partners_did_is_remembered_until_they_do_better(tmp_path):
    """One of three breaches in month 2, is expelled, and is back with one of the others from month 3 on."""
    path = tmp_path / "cheat.py"
    path.write_text(CHEAT)
    model = Listening(**QUIET, **{"trust.lapse": 0.0, "rules.conduct": "never"}, rng=1)
    model.form_alliance([0, 1, 2], stage="running")
    model.step()
    assert not model.faced.failed_ever.any()
    model.move({"rules.conduct": f"{path}:Cheat"})
    model.step()
    culprit = int(model.faced.honesty.argmax())
    left = [slot for slot in range(3) if slot != culprit]
    model.move({"rules.conduct": "never"})
    model.step()
    assert [firm.slot for firm in model.alliances[0].firms] == left
    assert not model.faced.failed_ever.any()  # the two that are left never failed each other
    model.state.alliances.ending[0] = model.month + 1  # they part, and one takes the culprit back
    model.step()
    model.form_alliance([left[0], culprit], stage="running")
    model.step()
    assert (model.faced.failed_last.tolist(), model.faced.failed_ever.tolist()) == ([1.0, 0.0], [1.0, 0.0])
    answers = [rule().defects(model.faced).tolist() for rule in (GrimTrigger, TitForTat)]
    assert answers == [[True, False]] * 2
    model.step()
    assert (model.faced.failed_last.tolist(), model.faced.failed_ever.tolist()) == ([0.0, 0.0], [1.0, 0.0])
    assert GrimTrigger().defects(model.faced).tolist() == [True, False]
    assert not TitForTat().defects(model.faced).any()


def test_a_lapse_counts_as_a_failure():
    """Firms that always lapse are seen to fail every month, and are still there in the next."""
    model = Listening(**QUIET, **{"trust.lapse": 1.0, "rules.conduct": "never"}, rng=1)
    model.form_alliance([0, 1, 2], stage="running")
    model.state.firms.honesty[:3] = 0.0
    model.step()
    assert not model.faced.failed_last.any()
    model.step()
    assert model.faced.failed_last.tolist() == model.faced.failed_ever.tolist() == [2.0] * 3


@pytest.mark.parametrize("rule", ["grim_trigger", "tit_for_tat"])
def test_among_themselves_and_without_lapses_nice_rules_never_begin(rule):
    world = al.scenario(months=36, **{"firms.n": 30, "trust.lapse": 0.0, "conduct.temptation": 20.0})
    nice, never = (al.run(world.replace({"rules.conduct": name})) for name in (rule, "never"))
    assert nice.series.equals(never.series) and not (nice.events.event == "breach").any()


def test_breaches_by_rule():
    """With lapses nice rules begin; an opportunist takes whatever F13 lets a member take, and more."""
    world = al.scenario(months=36, **{"firms.n": 60, "choice.search_months": 1})
    names = ("never", "temptation", "tit_for_tat", "grim_trigger", "opportunist")
    breaches = {}
    for name in names:
        events = al.run(world.replace({"rules.conduct": name})).events
        breaches[name] = int((events.event == "breach").sum())
    print(breaches)
    assert breaches["never"] == 0 < min(breaches[name] for name in names[2:])
    assert breaches["temptation"] < breaches["opportunist"]


def test_who_gives_in_by_calculation_gives_in_as_an_opportunist():
    random = np.random.default_rng(1)
    faced = Temptations(*random.exponential(2.0, (len(Temptations._fields), 1000)))
    fine = faced.detection * faced.penalty
    faced = faced._replace(threshold=fine + random.exponential(1.0, 1000))  # F13: the fine and what the future is worth
    both = Temptation().defects(faced), Opportunist().defects(faced)
    assert (both[0] <= both[1]).all() and both[0].sum() < both[1].sum()
