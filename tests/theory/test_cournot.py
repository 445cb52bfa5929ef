"""Limits 4 and 5, as far as they are about quantities: textbook cases of linear Cournot, P = a - b Q (Cournot 1838)."""

import numpy as np
import pytest

import allysim as al
from allysim.rules.market import Offers

ROOM = {"rules.market": "cournot", "customers.capacity": 10.0}


@pytest.fixture
def cournot(firms, quiet):
    """Return a function: a model of firms of some revenues after some months, and a, b, costs, prices, quantities."""
    def run(*revenues, months=1, elasticity=2.0, **settings):
        model = al.AllianceModel(**{**quiet, **ROOM, **firms(*revenues), "market.elasticity": elasticity, **settings})
        for _ in range(months):
            model.step()
        held = model.state.firms
        a, b = 1 + 1 / elasticity, 1 / (elasticity * sum(revenues))
        return model, a, b, held.unit_cost.copy(), held.price.copy(), held.target.copy()
    return run


@pytest.mark.parametrize("n", [1, 2, 3, 8, 40])
def test_equal_firms(cournot, n):
    """q = (a - c) / [b (n + 1)], P = (a + n c) / (n + 1): from monopoly towards price equal to cost."""
    _, a, b, cost, price, sold = cournot(*[60.0] * n)
    c = cost[0]
    print(f"n={n}: c {c:.4f}, P {price[0]:.9f}, q {sold[0]:.6f}, mark-up {price[0] - c:.4f} = 1 / (n elasticity)")
    assert sold == pytest.approx(np.full(n, (a - c) / (b * (n + 1))), rel=1e-9)
    assert price == pytest.approx(np.full(n, (a + n * c) / (n + 1)), rel=1e-9)
    assert price - c == pytest.approx(np.full(n, 1 / (2 * n)), rel=1e-9)
    assert sold == pytest.approx(np.full(n, 60.0), rel=1e-9)


def test_the_duopoly_of_the_research_limits(cournot):
    """a = 100, b = 1, c = 50 in units in which the price of month 0 is 1: q = 50/3 each, P = 200/3."""
    _, a, b, cost, price, sold = cournot(1.0, 1.0)
    unit = 200 / 3
    assert (a * unit, cost[0] * unit, price[0] * unit) == pytest.approx((100, 50, 200 / 3), rel=1e-9)
    quantity = sold * b * unit  # in units of b = 1
    print(f"a {a * unit:.6f}, c {cost[0] * unit:.6f}, P {price[0] * unit:.6f}, q {quantity[0]:.6f}")
    assert quantity == pytest.approx([50 / 3, 50 / 3], rel=1e-9)


def test_unequal_duopoly(cournot):
    """q_1 = (a - 2 c_1 + c_2) / 3b and the other way round; the larger firm has the lower cost."""
    _, a, b, (one, two), price, sold = cournot(100.0, 50.0)
    assert one < two
    assert sold == pytest.approx([(a - 2 * one + two) / (3 * b), (a - 2 * two + one) / (3 * b)], rel=1e-9)
    assert price == pytest.approx([(a + one + two) / 3] * 2, rel=1e-9)
    print(f"costs {one:.6f} and {two:.6f}: q {sold[0]:.6f} and {sold[1]:.6f}, P {price[0]:.9f}")


def test_a_cost_shock_is_passed_on_by_n_over_n_plus_one(cournot):
    """All costs up by d: the price rises by n d / (n + 1)."""
    step = {"scenario.price_step": np.log(1.12), "scenario.price_step_month": 1}
    for n in (1, 2, 5):
        _, _, _, before, low, _ = cournot(*[60.0] * n)
        _, _, _, after, high, _ = cournot(*[60.0] * n, **step)
        rise = after[0] - before[0]
        print(f"n={n}: cost {rise:+.6f}, price {high[0] - low[0]:+.6f}")
        assert rise == pytest.approx(.1 * before[0], rel=1e-9)
        assert high[0] - low[0] == pytest.approx(n / (n + 1) * rise, rel=1e-9)


def market(model, cost, capacity):
    """Clear a model's market for given costs and capacities."""
    n, held, world = len(cost), model.state.firms, model.state.world
    return model.rules["market"].clear(Offers(
        held.attraction, held.appeal, held.launched, np.array(cost), np.zeros(n), world.market_size, held.price,
        np.array(capacity)))


def test_a_firm_that_would_lose_sells_nothing_and_a_full_one_sells_all_it_can(cournot):
    model, a, b, *_ = cournot(60.0, 60.0, 60.0)  # a = 1.5, b = 1 / 360
    out = market(model, [.5, .5, .95], [1e9] * 3)
    assert out.price[0] == pytest.approx((a + 1.0) / 3, rel=1e-12)  # a duopoly, below .95
    assert out.target == pytest.approx([(a - .5) / (3 * b)] * 2 + [0.0], rel=1e-12)
    full = market(model, [.5, .5, .5], [10.0, 1e9, 1e9])
    left = a - 10.0 * b  # a duopoly on what the full firm leaves
    assert full.price[0] == pytest.approx((left + 1.0) / 3, rel=1e-12)
    assert full.target == pytest.approx([10.0] + [(left - .5) / (3 * b)] * 2, rel=1e-12)
    nobody = market(model, [2.0, 2.0, 2.0], [1e9] * 3)
    assert nobody.price == pytest.approx([a] * 3, rel=1e-12) and not nobody.target.any()


def test_no_firm_would_rather_sell_another_quantity():
    """In an ordinary world of 100 firms under shocks, some of them without sales and some at capacity."""
    model = al.AllianceModel(**{"rules.market": "cournot"}, rng=1)
    for _ in range(3):
        model.step()
    held, size = model.state.firms, model.state.world.market_size
    cost = held.unit_cost
    cleared = market(model, cost, held.capacity)
    a, b = model.rules["market"].inverse_demand(size)
    others = cleared.target.sum() - cleared.target
    best = np.clip((a - cost - b * others) / (2 * b), 0.0, held.capacity)
    off = np.abs(cleared.target - best).max() / cleared.target.sum()
    idle, full = (cleared.target == 0).sum(), (cleared.target == held.capacity).sum()
    print(f"{idle} firms sell nothing, {full} all they can; largest miss of a best answer {off:.1e} of all sales")
    assert idle > 5 and full > 5 and off < 1e-12
    assert cleared.price == pytest.approx(np.full(100, a - b * cleared.target.sum()), rel=1e-12)
    assert cleared.consumer_surplus == pytest.approx(b * cleared.target.sum()**2 / 2, rel=1e-12)


def test_sixty_months_of_an_ordinary_world():
    """Entrants, exits, shocks and alliances: nothing is lost, nothing undefined."""
    model = al.AllianceModel("supply_stress", **{"rules.market": "cournot", "months": 60}, rng=1)
    assert model.state.firms.price == pytest.approx(np.ones(100)) and model.state.firms.unit_cost.max() < 1
    total = model.state.firms.target.sum()
    for _ in range(60):
        model.step()
        for name, column in vars(model.state.firms).items():
            assert column.dtype.kind != "f" or np.isfinite(column).all(), name
        assert model.state.firms.price.min() > 0
    run = model.results()
    sold = model.state.firms.target.sum() / total
    entries = (run.events.event == "entry").sum()
    print(f"price {model.state.firms.price[0]:.3f}, output {sold:.2f} of month 0, {entries} entrants, "
          f"{(run.events.event == 'founded').sum()} firms joined an alliance")
    assert np.isfinite(run.series.to_numpy()).all() and entries > 20 and .5 < sold < 1.5
