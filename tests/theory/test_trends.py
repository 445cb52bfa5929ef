"""Limit 7, its other half: shares of demand against their logistic curves (F23)."""

import math

import numpy as np
import pytest

import allysim as al
from allysim.mechanisms.names import SEGMENT_SHARES, SEGMENTS

MONTHS = 120
LEGACY, ELECTRIC, SOFTWARE, SERVICES = range(len(SEGMENTS))


def sizes(scenario, months=MONTHS, **settings):
    """Return the sizes of segments (months + 1, S), units/month, by month."""
    model = al.AllianceModel(al.scenario(scenario, **{"firms.n": 8, "firms.focal": 2, **settings}), rng=1)
    found = [model.state.world.market_size.copy()]
    for _ in range(months):
        model.step()
        found.append(model.state.world.market_size.copy())
    return np.array(found)


def curve(start, ceiling, slope, months=MONTHS):
    """Return the logistic curve from a share at month 0, and its middle."""
    middle = math.log(ceiling / start - 1) / slope
    return ceiling / (1 + np.exp(-slope * (np.arange(months + 1) - middle))), middle


def test_electric_share():
    """Electric share of (legacy + electric): .8 / (1 + exp(-.046 (t - 21.9))), .21 at month 0."""
    size = sizes("electric_shift")
    share = size[:, ELECTRIC] / (size[:, ELECTRIC] + size[:, LEGACY])
    exact, middle = curve(.15 / .70, .8, .046)
    rounded = .8 / (1 + np.exp(-.046 * (np.arange(MONTHS + 1) - 21.9)))
    print(f"share at month 0 {share[0]:.4f}, 60 {share[60]:.4f}, 120 {share[120]:.4f}; half of .8 at {middle:.3f}; "
          f"largest miss of it {np.abs(share - exact).max():.1e}, of 21.9's {np.abs(share - rounded).max():.1e}")
    assert share == pytest.approx(exact, abs=1e-9) and share == pytest.approx(rounded, abs=4e-4)
    assert round(share[0], 2) == .21 and round(middle, 1) == 21.9
    assert size[:, [SOFTWARE, SERVICES]] == pytest.approx(np.tile(size[0, [SOFTWARE, SERVICES]], (MONTHS + 1, 1)))
    assert size.sum(axis=1) == pytest.approx(np.full(MONTHS + 1, size[0].sum()), rel=1e-9)


def test_software_share():
    """From .10 of all demand to .35 with slope .03; the others keep their proportions, and the whole stays."""
    size = sizes("software_defined")
    share = size / size.sum(axis=1, keepdims=True)
    exact, middle = curve(.10, .35, .03)
    print(f"share at month 0 {share[0, SOFTWARE]:.4f}, 60 {share[60, SOFTWARE]:.4f}, 120 {share[120, SOFTWARE]:.4f}; "
          f"half of .35 at {middle:.3f}; largest miss {np.abs(share[:, SOFTWARE] - exact).max():.1e}")
    assert share[:, SOFTWARE] == pytest.approx(exact, abs=1e-9)
    rest = np.array(SEGMENT_SHARES)[[LEGACY, ELECTRIC, SERVICES]] / (1 - .10)
    assert share[:, [LEGACY, ELECTRIC, SERVICES]] == pytest.approx((1 - exact)[:, None] * rest, rel=1e-9)
    assert size.sum(axis=1) == pytest.approx(np.full(MONTHS + 1, size[0].sum()), rel=1e-9)


def test_both_trends_at_once():
    """Each share follows its own curve."""
    size = sizes("electric_shift", **{"scenario.software": .03})
    assert size[:, SOFTWARE] / size.sum(axis=1) == pytest.approx(curve(.10, .35, .03)[0], abs=1e-9)
    share = size[:, ELECTRIC] / (size[:, ELECTRIC] + size[:, LEGACY])
    assert share == pytest.approx(curve(.15 / .70, .8, .046)[0], abs=1e-9)


def test_a_trend_begins_where_the_market_stands():
    """Set in motion by a fork it jumps nowhere, and stopped it stays where it is."""
    model = al.AllianceModel(al.scenario(**{"firms.n": 8, "firms.focal": 2}), rng=1)
    size = model.state.world.market_size
    for _ in range(12):
        model.step()
    assert size == pytest.approx(size.sum() * np.array(SEGMENT_SHARES), rel=1e-12)
    model.move({"scenario.electric": .046})
    for _ in range(12):
        model.step()
    reached = size.copy()
    assert size[ELECTRIC] / (size[ELECTRIC] + size[LEGACY]) == pytest.approx(curve(.15 / .70, .8, .046, 12)[0][-1])
    model.move({"scenario.electric": 0.0})
    model.step()
    assert (size == reached).all()


def test_regimes_shift_for_good():
    """One in 60 months, by 15 to 30 % up or down, of one segment: four standard errors of 4 000 months."""
    settings = {"strategy": "stand_alone", "background.strategy": "stand_alone", "months": 1000}
    steps = []
    for seed in range(4):
        model = al.AllianceModel(al.scenario(**{"firms.n": 4, "firms.focal": 0, "scenario.regimes": True, **settings}),
                                 rng=seed)
        before = model.state.world.market_size.copy()
        for _ in range(1000):
            model.phases[0](_month_on(model))
            now = model.state.world.market_size
            steps += [(s, now[s] / before[s] - 1) for s in np.flatnonzero(now != before)]
            before = now.copy()
    sizes, n = np.array([step for _, step in steps]), len(steps)
    print(f"{n} shifts in 4 000 months, {(sizes > 0).sum()} up, of segments "
          f"{np.bincount([s for s, _ in steps]).tolist()}, from {np.abs(sizes).min():.3f} to {np.abs(sizes).max():.3f}")
    assert abs(n - 4000 / 60) < 4 * math.sqrt(4000 / 60) and abs((sizes > 0).sum() - n / 2) < 2 * math.sqrt(n)
    assert np.abs(sizes).min() >= .15 and np.abs(sizes).max() <= .30
    assert len({s for s, _ in steps}) == len(SEGMENTS)


def _month_on(model):
    """Return the model a month later, for a phase called by itself."""
    model.state.world.month += 1
    return model
