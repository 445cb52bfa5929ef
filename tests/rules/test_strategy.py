"""Seam strategy: who changes course, by hand and in a run."""

import numpy as np
import pytest

import allysim as al
from allysim.rules.strategy import Courses, Imitate, Levers, Satisfice
from allysim.testing import check_rule


def courses(**columns):
    """Three firms with strategies 0, 1 and 2; one in view follows 2 with a result of .3."""
    known = {"strategy": np.arange(3), "result": np.array([.1, .3, .5]), "before": np.full(3, .1),
             "norm": np.full(3, .4), "best": np.full(3, 2), "best_result": np.full(3, .3), "luck": np.full(3, .6)}
    return Courses(**known | columns, strategies=3)


def test_levers_never_change():
    assert Levers().pursue(courses()).tolist() == [0, 1, 2]


def test_imitators_follow_whoever_does_better():
    assert Imitate().pursue(courses()).tolist() == [2, 1, 2]  # no better is not enough
    assert Imitate().pursue(courses(best_result=np.full(3, .6))).tolist() == [2, 2, 2]


def test_satisficers_draw_a_strategy_only_below_what_they_aspire_to():
    assert Satisfice(.5).pursue(courses(luck=np.full(3, .7))).tolist() == [2, 1, 2]  # below .25; .7 of three
    assert Satisfice(0.0).pursue(courses(luck=np.full(3, .7))).tolist() == [2, 2, 2]  # peers have .4
    assert Satisfice(1.0).pursue(courses()).tolist() == [0, 1, 2]  # as good as before is good enough
    assert Satisfice(.5).pursue(courses(luck=np.full(3, .4))).tolist() == [1, 1, 2]
    assert Satisfice(0.0).pursue(courses()._replace(strategies=1, strategy=np.zeros(3, dtype=int))).tolist() == [0] * 3


@pytest.mark.parametrize("rule", [Levers, Imitate, Satisfice])
def test_they_keep_the_contract(rule):
    assert check_rule(rule).stochastic == (rule is Satisfice)


def test_a_result_is_profit_over_fixed_cost_since_the_last_review():
    model = al.AllianceModel(rng=1, **{"firms.n": 12, "strategy": "stand_alone", "rules.strategy": "imitate",
                                       "demography.exit_incumbent": 0.0})
    then, firms = {}, model.state.firms
    for month in range(1, 37):
        model.step()
        for i in np.flatnonzero(firms.reviewed == month):
            before = then.get(i, (0, 0.0))
            months, gain = month - before[0], firms.profit_then[i] - before[1]
            assert firms.profit_then[i] == pytest.approx(firms.economic_profit[i] + firms.setup_cost[i], rel=1e-12)
            assert firms.result[i] == pytest.approx(gain / months / firms.month_cost[i], rel=1e-12)
            assert months == 12 or before[0] == 0
            then[i] = month, firms.profit_then[i]
    assert set(then) == set(range(12))


def test_named_alike_is_no_change():
    """With one strategy for all nobody can change, however badly it goes."""
    alike = al.scenario(months=48, strategy="balanced", **{"firms.n": 30, "background.strategy": "balanced"})
    run = al.run(alike.replace({"rules.strategy": "satisfice"}), seed=2)
    assert not (run.events.event == "strategy changed").any()
    assert al.run(alike, seed=2).outcomes == run.outcomes


def test_the_summary_names_the_strategy_a_firm_ends_with():
    scenario = al.scenario(months=48, **{"firms.n": 30, "strategy": "stand_alone", "rules.strategy": "imitate"})
    run = al.run(scenario, seed=1)
    changed = run.events[run.events.event == "strategy changed"].drop_duplicates("firm", keep="last")
    assert len(changed) > 0
    ended = run.firms.set_index("firm").strategy
    assert all(ended[firm] == cause for firm, cause in zip(changed.firm, changed.cause, strict=True) if firm in ended)
