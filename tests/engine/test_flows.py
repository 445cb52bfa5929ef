"""Sums of the ledger by firm and purpose: the same at every level of records, and what economic profit is made of."""

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.accounts import ALL_FIRMS, Outside
from allysim.flows import Flows
from allysim.report.drives import FINANCING

EVERYTHING = {"firms.n": 30, "firms.focal": 6, "months": 40, "infrastructure.own": True,
              "background.strategy.seek": ["procurement", "coopetition", "rnd", "infrastructure"]}


@pytest.fixture(scope="module")
def runs():
    world = al.scenario("supply_stress", strategy="balanced", **EVERYTHING)
    return {level: al.run(world, seed=5, records=level) for level in ("series", "full")}


def test_both_levels_have_the_same_sums_to_the_last_bit(runs):
    assert runs["series"].flows.equals(runs["full"].flows)
    assert len(runs["series"].flows) > 60


def test_they_are_the_sums_of_the_ledger(runs):
    ledger = runs["full"].ledger
    for row in runs["full"].flows.itertuples():
        lines = ledger[ledger["purpose"] == row.purpose]
        if row.firm == ALL_FIRMS:
            inside = set(runs["full"].firms["firm"])
            got, gave = (lines["amount"][lines[side].isin(inside)].sum() for side in ("debit", "credit"))
        else:
            got, gave = (lines["amount"][lines[side] == row.firm].sum() for side in ("debit", "credit"))
        assert row.amount == pytest.approx(got - gave, rel=1e-9, abs=1e-9), (row.firm, row.purpose)


def test_what_firms_pay_one_another_is_no_part_of_all(runs):
    """A split moves money within an alliance, so that it comes to nothing over all firms."""
    flows = runs["full"].flows
    split = flows[flows["purpose"] == "split of savings"].set_index("firm")["amount"]
    assert abs(split[ALL_FIRMS]) < 1e-9 < split.abs().max()


def test_operations_less_economic_profit_is_the_cost_of_capital(runs):
    """A firm that stayed pays it for every month: the charge on its capital of month 0. Nobody owns shared assets."""
    run = al.run(runs["full"].scenario.replace({"infrastructure.own": False}), seed=5, records="series")
    flows = run.flows[(run.flows["firm"] != ALL_FIRMS) & ~run.flows["purpose"].isin(FINANCING)]
    demography = run.scenario.demography
    charge = (demography.capital_charge * demography.capital_months
              * run.initial.set_index("firm")["month_cost"] * run.scenario.run.months)
    focal = run.focal.set_index("firm")
    stayed = focal.index[focal["alive"]]
    rest = flows.groupby("firm")["amount"].sum()[stayed] - focal["economic_profit"][stayed]
    assert len(stayed) >= 3
    assert rest.to_numpy() == pytest.approx(charge[stayed].to_numpy(), rel=1e-6)


def test_focal_firms_are_those_of_the_whole_table(runs):
    run = runs["full"]
    pd.testing.assert_frame_equal(run.focal, run.firms[run.firms["focal"]].reset_index(drop=True))
    assert runs["series"].focal.equals(run.focal)


def test_a_saved_run_goes_on_with_its_sums(runs, tmp_path):
    run = runs["series"]
    run.save(tmp_path / "half.run", 17)
    model = al.AllianceModel.load(tmp_path / "half.run")
    while model.running:
        model.step()
    assert model.results().flows.equals(run.flows)


def test_looking_on_the_way_changes_nothing(runs):
    model = al.AllianceModel(runs["series"].scenario, rng=5, records="series")
    while model.running:
        model.step()
        if model.month % 7 == 0:
            assert len(model.results().flows) > 0
    assert model.results().flows.equals(runs["series"].flows)


def test_an_heir_of_a_slot_is_not_the_focal_firm():
    heir = np.int64(1) << 32
    sums = Flows(np.array([0]), 3).plus([(1, np.array([0, heir, 2]), np.full(3, -1 - Outside.CUSTOMERS),
                                          np.array([1.0, 10.0, 100.0]), "sales")])
    told = sums.frame(["Mine"])
    assert told.values.tolist() == [["Mine", "sales", 1.0], [ALL_FIRMS, "sales", 111.0]]


def test_without_focal_firms_all_are_summed():
    run = al.run(al.scenario(months=3, **{"firms.n": 6, "firms.focal": 0}), records="series")
    assert set(run.flows["firm"]) == {ALL_FIRMS} and not len(run.focal)
