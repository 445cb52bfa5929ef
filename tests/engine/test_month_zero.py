"""Month 0 is the state that was given, it is an equilibrium, and prices stay one when the world moves."""

import numpy as np
import pytest

import allysim as al

ALONE = {"strategy": "stand_alone", "background.strategy": "stand_alone"}
ALL_ALONE = {"firms.n": 1, "firms.focal": 0}
OWN = "firm,revenue,segment\nAlder,35,electric\nBirch,420.5,\nCedar,0.9,legacy\nDogwood,60,services\n"


def demanded(model):
    """Return each firm's demand at the given prices and its sbar, written anew from F22."""
    firms, world, alpha = model.state.firms, model.state.world, model.config.market.price_sensitivity
    appeal = firms.appeal + firms.launched + firms.joint_appeal
    utility = firms.attraction * np.exp(appeal - alpha * firms.price)[:, None]
    size = world.market_size * np.exp(world.common_demand)
    share = utility / (1 + utility.sum(axis=0))
    return share @ size, (share**2 @ size) / (share @ size), share.sum(axis=0)


def gap_of_the_mark_up(model):
    firms, alpha = model.state.firms, model.config.market.price_sensitivity
    _, sbar, _ = demanded(model)
    return np.abs(firms.price - firms.unit_cost - 1 / (alpha * (1 - sbar))).max()


@pytest.mark.parametrize("settings", [
    {}, {"firms.n": 400}, {"firms.n": 2, "firms.focal": 1}, ALL_ALONE, {"firms.large_spread": 1.5},
    {"market.outside_share": .3, "market.price_sensitivity": 4.0}, {"market.taste_spread": 2.0},
], ids=str)
@pytest.mark.parametrize("seed", [1, 2])
def test_drawn_revenues_are_met(settings, seed):
    model = al.AllianceModel(al.scenario(**settings), rng=seed)
    firms, outside = model.state.firms, model.config.market.outside_share
    sold, _, inside = demanded(model)
    assert (firms.price == 1.0).all()
    assert firms.price * firms.target == pytest.approx(firms.revenue, rel=1e-9)
    assert sold == pytest.approx(firms.revenue, rel=1e-9)
    assert 1 - inside == pytest.approx(outside, rel=1e-9)
    assert gap_of_the_mark_up(model) < 1e-9
    run = model.results()
    assert run.initial.revenue.to_numpy() == pytest.approx(firms.revenue, rel=1e-12)
    assert run.series["population.revenue"][0] == pytest.approx(firms.revenue.mean(), rel=1e-9)


@pytest.mark.parametrize("background", [0, 96])
def test_given_revenues_are_met(tmp_path, background):
    (tmp_path / "own.csv").write_text(OWN)
    scenario = al.scenario(**{"firms.path": str(tmp_path / "own.csv"), "firms.background": background})
    model = al.AllianceModel(scenario, rng=1)
    sold, _, inside = demanded(model)
    assert sold[:4] == pytest.approx([35, 420.5, .9, 60], rel=1e-9)
    assert 1 - inside == pytest.approx(.5, rel=1e-9)
    run = al.run(scenario.replace(months=1), seed=1)
    assert run.initial.revenue[:4].tolist() == pytest.approx([35, 420.5, .9, 60], rel=1e-9)


def test_margins_and_cash_are_those_given():
    model = al.AllianceModel(al.scenario(), rng=1)
    firms = model.state.firms
    inputs = firms.list_price * firms.rung * firms.output
    other = firms.other_cost * firms.output
    fixed = firms.fixed_cost + firms.lead_cost * firms.leads + .02 * firms.stock * firms.unit_cost
    assert firms.revenue - inputs - other - fixed == pytest.approx(.12 * firms.revenue, rel=1e-9)
    assert inputs == pytest.approx(5 * other, rel=1e-9)
    assert firms.list_price * firms.rung + firms.other_cost == pytest.approx(firms.unit_cost, rel=1e-12)
    assert firms.cash == pytest.approx(3 * fixed, rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_prices_meet_the_first_order_condition_in_a_stressed_month(seed):
    """Right after the market has cleared, of firms that sell together, lose appeal and learn from research too."""
    model = al.AllianceModel(al.scenario("supply_stress"), rng=seed)
    gaps, firms = [], model.state.firms
    after = 1 + [phase.__name__ for phase in model.phases].index("market")
    model.phases = (*model.phases[:after], lambda model: gaps.append(gap_of_the_mark_up(model)), *model.phases[after:])
    for _ in range(20):
        model.step()
    assert len(gaps) == 20 and max(gaps) < 1e-9
    assert firms.joint_appeal.any() and firms.lost_appeal.any() and firms.advanced.any()
    assert abs(firms.input_index.mean() - 1) > .05  # the step of month 12, and jumps up or down
    assert model.state.roster.alliances.size > 0


@pytest.mark.parametrize("more", [
    {}, ALL_ALONE, {"scenario": "supply_stress", "scenario.jumps": False, "scenario.price_step": 0.0},
], ids=str)
def test_nothing_moves_in_a_silent_world(silent, more):
    """No shocks, exits, launches, alliances: 120 months of the same prices, sales, costs and profits."""
    model = al.AllianceModel(al.scenario(**ALONE, **silent, **more), rng=4)
    firms = model.state.firms
    columns = ("price", "target", "sales", "output", "unit_cost", "ebitda", "margin", "revenue", "leads", "on_time")
    start = {name: getattr(firms, name).copy() for name in columns}
    for _ in range(120):
        model.step()
        for name, before in start.items():
            assert getattr(firms, name) == pytest.approx(before, rel=1e-9), (model.month, name)
    series = model.results().series.drop(columns=["month"])
    still = [name for name in series if not name.endswith("economic_profit")]
    assert series[still].to_numpy() == pytest.approx(np.tile(series[still].iloc[0], (121, 1)), rel=1e-9)


def test_launches_alone_move_each_firm_little_and_all_together_not_at_all(silent):
    """Phases drawn at month 0: mean price and sales stay where they were while single firms come and go."""
    model = al.AllianceModel(al.scenario(**ALONE, **silent | {"customers.launch_gain": .1}, **{"firms.n": 300}), rng=4)
    before = model.state.firms.target.copy()
    moved = []
    for _ in range(36):
        model.step()
        moved.append(model.state.firms.target / before - 1)
    assert .02 < np.abs(moved).max() < .15
    assert np.abs(np.mean(moved, axis=1)).max() < .01
