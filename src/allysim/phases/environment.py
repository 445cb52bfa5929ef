"""Phase 1: drivers and shocks of demand, input prices, delivery and price sensitivity (F23, F22).

Reads (last month's) market_size, own_demand, own_price, disrupted, common_demand, common_price and home; writes all
of these but home, and demand_factor, price_sensitivity and input_index. Shocks are keyed by slot, so exits leave them
alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from allysim.draws import Purpose, fold_levels, normal, uniform
from allysim.jit import kernel
from allysim.mechanisms.environment import (
    autoregress,
    cycle_factor,
    digitise,
    disruption_months,
    electrify,
    regime_factor,
    slump_factor,
)
from allysim.mechanisms.names import SEGMENTS
from allysim.rules.market import in_month

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.model import AllianceModel

COMMON = np.uint64(1 << 63)  # identity of what is drawn for all; segments follow it


class Moves(NamedTuple):
    """What the drivers do in one month: factors over month 0, and what changes from the month before."""

    demand: tuple[float, ...]   # by segment, beside trends and regimes
    input_price: float
    disruption: float           # of rates
    price_sensitivity: float
    price_step: float           # of the log input price
    jumps: bool
    electric: float             # slopes of trends, 1/month
    software: float
    regimes: bool


def moves(scenario: Scenario, month: int) -> Moves:
    """Return what the drivers of a scenario do in a month; a series of the user's own takes the place of a driver."""
    drivers, own = scenario.scenario, scenario.driven
    factor = {
        "demand": slump_factor(month, drivers), "input_price": cycle_factor(month, drivers),
        "disruption": _within(month, drivers.disruption_from, drivers.disruption_until, drivers.disruption_factor),
        "price_sensitivity": _within(month, drivers.price_war_from, drivers.price_war_until, drivers.price_war),
    }
    given = own.at(month) if own else {}
    factor |= given
    demand = tuple(factor["demand"] * given.get(f"demand.{segment}", 1.0) for segment in SEGMENTS)
    priced = "input_price" in given
    shaped = any(f"demand.{segment}" in given for segment in SEGMENTS)
    return Moves(
        demand, factor["input_price"], factor["disruption"], factor["price_sensitivity"],
        drivers.price_step if month == drivers.price_step_month and not priced else 0.0, drivers.jumps and not priced,
        0.0 if shaped else drivers.electric, 0.0 if shaped else drivers.software, drivers.regimes and not shaped)


def _within(month: int, first: int, last: int, factor: float) -> float:
    """Return the factor in the months of a window, and 1 outside."""
    return factor if first <= month <= last else 1.0


def environment(model: AllianceModel) -> None:
    """Move the world's drivers and each firm's shocks one month on."""
    state, scenario, month = model.state, model.config, model.month
    now, noise = moves(scenario, month), scenario.environment
    firms, world = state.firms, state.world
    world.demand_factor[:] = now.demand
    world.price_sensitivity = now.price_sensitivity * scenario.market.price_sensitivity
    model.rules["market"] = in_month(model.rules["market"], scenario.market, now.price_sensitivity)
    if now.electric > 0.0 or now.software > 0.0 or now.regimes:
        shifted, change = transform(model.stream(Purpose.REGIME), now.electric, now.software, now.regimes, noise,
                                    world.market_size)
        if shifted >= 0:
            model.events.add("regime shift", cause=SEGMENTS[shifted], amount=change)
    world.common_demand, world.common_price = shock(
        model.luck, month, noise, now.jumps, now.price_step, min(noise.disruption_rate * now.disruption, 1.0),
        now.input_price, world.common_demand, world.common_price, firms.home, firms.own_demand, firms.own_price,
        firms.input_index, firms.disrupted, world.market_size.size,
    )


@kernel
def transform(luck, electric, software, regimes, noise, size):
    """Move the sizes of segments (S,), units/month, along their trends, and let one of them shift for good.

    Returns which one, or -1, and by which part of itself.
    """
    if electric > 0.0:
        electrify(size, noise.electric_ceiling, electric)
    if software > 0.0:
        digitise(size, noise.software_ceiling, software)
    if regimes and uniform(luck, COMMON, 0) < noise.regime_rate:
        s = int(uniform(luck, COMMON, 1) * size.size)
        factor = regime_factor(uniform(luck, COMMON, 2), uniform(luck, COMMON, 3) < 0.5, noise.regime_least,
                               noise.regime_most)
        size[s] *= factor
        return s, factor - 1.0
    return -1, 0.0


@kernel
def shock(seed, month, noise, jumps, step, rate, input_factor, common_demand, common_price, home, own_demand, own_price,
          input_index, disrupted, segments):
    """Draw a month of shocks; returns log common demand and log common input price.

    `input_factor` is what the scenario multiplies every input price by.
    """
    luck_demand, luck_price = fold_levels(seed, Purpose.DEMAND, month), fold_levels(seed, Purpose.INPUT_PRICE, month)
    luck_jump, luck_disruption = fold_levels(seed, Purpose.JUMP, month), fold_levels(seed, Purpose.DISRUPTION, month)
    shared, own = math.sqrt(noise.common_share), math.sqrt(1.0 - noise.common_share)
    common_demand = autoregress(common_demand, noise.demand_persistence,
                                shared * noise.demand_noise * normal(luck_demand, COMMON, 0))
    jump = step
    if jumps and uniform(luck_jump, COMMON, 0) < noise.jump_rate:
        jump += noise.jump_size if uniform(luck_jump, COMMON, 1) < 0.5 else -noise.jump_size
    common_price = autoregress(common_price, noise.price_persistence,
                               shared * noise.price_noise * normal(luck_price, COMMON, 0) + jump)
    struck = np.zeros(segments, dtype=np.int64)
    for s in range(segments):
        if uniform(luck_disruption, COMMON + np.uint64(1 + s), 0) < rate * noise.disruption_common:
            struck[s] = disruption_months(uniform(luck_disruption, COMMON + np.uint64(1 + s), 1),
                                          noise.disruption_months)
    for i in range(home.size):
        slot = np.uint64(i)
        own_demand[i] = autoregress(own_demand[i], noise.demand_persistence,
                                    own * noise.demand_noise * normal(luck_demand, slot, 0))
        own_price[i] = autoregress(own_price[i], noise.price_persistence,
                                   own * noise.price_noise * normal(luck_price, slot, 0))
        input_index[i] = input_factor * math.exp(common_price + own_price[i])
        left = max(disrupted[i] - 1, struck[home[i]])
        if uniform(luck_disruption, slot, 0) < rate * (1.0 - noise.disruption_common):
            left = max(left, disruption_months(uniform(luck_disruption, slot, 1), noise.disruption_months))
        disrupted[i] = left
    return common_demand, common_price
