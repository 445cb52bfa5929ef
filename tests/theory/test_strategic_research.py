"""Limits 4 and 5: process R&D by Cournot rivals, alone, together, and in a network of partners (F11).

Prices, costs and efforts of a run are in units of the price of month 0, in which nobody has done research yet. The
textbook's are these times that price, and quantities are the same: revenues are given such that they are.
"""

import numpy as np
import pytest

import allysim as al

RIVALS = {
    "rules.market": "cournot", "customers.capacity": 10.0, "customers.adjustment": 1.0, "purchasing.discount": 0.0,
    "customers.marketing_share": 0.0, "stock.service_factor": 0.0, "research.budget": 0.0, "separation.rnd": 0.0,
}
MONTHS = 40  # in which best answers to last month's sales have settled to the last digit


@pytest.fixture
def rivals(firms, quiet, free):
    """Return a function: effort, price, quantity and profit (n,) of the textbook's n firms, once all have settled."""
    def run(n, intercept, cost, gamma, partners=(), effort="separate", inside=0.0, outside=0.0):
        quantity = (intercept - cost) / (n + 1)  # of month 0, b being 1
        price = intercept - n * quantity
        settings = {"market.elasticity": price / (n * quantity), "process.effort": effort, "process.cost": gamma,
                    "process.inside": inside, "process.outside": outside}
        model = al.AllianceModel(**{**quiet, **free, **firms(*[quantity] * n), **RIVALS, **settings})
        held = model.state.firms
        assert price * held.unit_cost == pytest.approx(np.full(n, cost), rel=1e-9)
        for pair in partners:
            model.form_alliance(pair, stage="running", type="rnd")
        for _ in range(MONTHS):
            model.step()
        assert len(model.alliances) == len(partners) and held.sales == pytest.approx(held.target, rel=1e-12)
        profit = held.ebitda + held.fixed_cost
        return price * held.process_effort, price * held.price, held.target.copy(), price * profit
    return run


A, COST, GAMMA = 100.0, 50.0, 4.0
BETA = (0.0, .25, .5, .75, 1.0)


def duopoly(beta, joint):
    """Return effort and profit of d'Aspremont & Jacquemin (1988), b = 1, K = 4.5 gamma."""
    rest = (1 + beta) ** 2 if joint else (2 - beta) * (1 + beta)
    effort = (A - COST) * (1 + beta if joint else 2 - beta) / (4.5 * GAMMA - rest)
    return effort, ((A - COST + (1 + beta) * effort) / 3) ** 2 - GAMMA * effort**2 / 2


@pytest.mark.parametrize("beta", BETA)
def test_two_rivals(rivals, beta):
    """Each for itself, (a-A)(2-beta) / [K - (2-beta)(1+beta)]; allied, (a-A)(1+beta) / [K - (1+beta)^2]."""
    found = {}
    for joint in (False, True):
        partners, kind = ([(0, 1)], "joint") if joint else ([], "separate")
        effort, price, sold, profit = rivals(2, A, COST, GAMMA, partners, kind, beta, beta)
        x, earned = duopoly(beta, joint)
        assert effort == pytest.approx([x, x], rel=1e-9)
        assert sold == pytest.approx(np.full(2, (A - COST + (1 + beta) * x) / 3), rel=1e-9)
        assert price == pytest.approx(A - sold.sum() * np.ones(2), rel=1e-9)
        assert profit == pytest.approx([earned, earned], rel=1e-9)
        found[joint] = effort[0], profit[0]
    (alone, apart), (together, allied) = found[False], found[True]
    print(f"beta {beta:.2f}: effort separate {alone:.6f}, joint {together:.6f}; profit {apart:.4f} and {allied:.4f}")
    assert (together > alone) == (beta > .5) or beta == .5
    assert allied >= apart - 1e-9
    known = {0.0: (6.25, 50 / 17), .5: (100 / 21, 100 / 21), 1.0: (3.125, 50 / 7)}  # 6.25 and 2.941, 4.762, 7.143
    if beta in known:
        assert (alone, together) == pytest.approx(known[beta], rel=1e-9)


def test_partners_who_decide_alone_do_as_rivals_do(rivals):
    """An alliance by itself changes nothing where as much spills over outside it as inside."""
    partners = rivals(2, A, COST, GAMMA, [(0, 1)], "separate", .3, .3)
    for one, other in zip(partners, rivals(2, A, COST, GAMMA, [], "separate", .9, .3), strict=True):
        assert one == pytest.approx(other, rel=1e-12)


N, ALPHA, C, G = 8, 100.0, 60.0, 10.0


def circle(k):
    """Return the pairs of a network in which each of N firms has k partners: its nearest on a circle."""
    steps = [*range(1, k // 2 + 1), *([N // 2] if k % 2 else [])]
    return sorted({tuple(sorted((i, (i + step) % N))) for i in range(N) for step in steps})


def network(k):
    """Return effort and profit of Goyal & Moraga-González (2001) in a regular network of degree k."""
    d = G * (N + 1) ** 2 - (N - k) * (k + 1)
    return (ALPHA - C) * (N - k) / d, (ALPHA - C) ** 2 * G * (G * (N + 1) ** 2 - (N - k) ** 2) / d**2


@pytest.mark.parametrize("k", range(N))
def test_partners_in_a_network(rivals, k):
    """e = (alpha - c)(n - k) / D; all that partners find is known to both, and nothing to anybody else.

    Their cost is gamma e^2, twice that of gamma e^2 / 2 for the same gamma.
    """
    pairs = circle(k)
    assert np.bincount(np.array(pairs, dtype=int).ravel(), minlength=N).tolist() == [k] * N
    effort, price, sold, profit = rivals(N, ALPHA, C, 2 * G, pairs, "separate", 1.0, 0.0)
    e, earned = network(k)
    print(f"degree {k}: effort {effort[0]:.6f}, price {price[0]:.6f}, profit {profit[0]:.6f}")
    assert effort == pytest.approx(np.full(N, e), rel=1e-9)
    assert sold == pytest.approx(np.full(N, (ALPHA - C + (k + 1) * e) / (N + 1)), rel=1e-9)
    assert price == pytest.approx(np.full(N, ALPHA - N * (ALPHA - C + (k + 1) * e) / (N + 1)), rel=1e-9)
    assert profit == pytest.approx(np.full(N, earned), rel=1e-9)
    if k in (0, N - 1):
        assert e == pytest.approx(.399 if k == 0 else .050, abs=5e-4)


def test_effort_falls_with_partners():
    assert np.all(np.diff([network(k)[0] for k in range(N)]) < 0)
