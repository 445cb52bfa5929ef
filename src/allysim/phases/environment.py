"""Phase 1: trends and shocks of demand, input prices and delivery (F23).

Reads (last month's) market_size, own_demand, own_price, disrupted, common_demand, common_price and home; writes all
of these but home, and input_index. Shocks are keyed by slot, so exits leave them alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from allysim.draws import Purpose, fold_levels, normal, uniform
from allysim.jit import kernel
from allysim.mechanisms.environment import autoregress, digitise, disruption_months, electrify, regime_factor
from allysim.mechanisms.names import SEGMENTS

if TYPE_CHECKING:
    from allysim.model import AllianceModel

COMMON = np.uint64(1 << 63)  # identity of what is drawn for all; segments follow it


def environment(model: AllianceModel) -> None:
    """Move the world's and each firm's shocks one month on."""
    state, scenario, month = model.state, model.config, model.month
    drivers, noise = scenario.scenario, scenario.environment
    step = drivers.price_step if month == drivers.price_step_month else 0.0
    window = drivers.disruption_from <= month <= drivers.disruption_until
    rate = noise.disruption_rate * (drivers.disruption_factor if window else 1.0)
    firms, world = state.firms, state.world
    if drivers.electric > 0.0 or drivers.software > 0.0 or drivers.regimes:
        shifted, change = transform(model.stream(Purpose.REGIME), drivers.electric, drivers.software, drivers.regimes,
                                    noise, world.market_size)
        if shifted >= 0:
            model.events.add("regime shift", cause=SEGMENTS[shifted], amount=change)
    world.common_demand, world.common_price = shock(
        model.luck, month, noise, drivers.jumps, step, min(rate, 1.0), world.common_demand, world.common_price,
        firms.home, firms.own_demand, firms.own_price, firms.input_index, firms.disrupted, world.market_size.size,
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
def shock(seed, month, noise, jumps, step, rate, common_demand, common_price, home, own_demand, own_price, input_index,
          disrupted, segments):
    """Draw a month of shocks; returns log common demand and log common input price."""
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
        input_index[i] = math.exp(common_price + own_price[i])
        left = max(disrupted[i] - 1, struck[home[i]])
        if uniform(luck_disruption, slot, 0) < rate * (1.0 - noise.disruption_common):
            left = max(left, disruption_months(uniform(luck_disruption, slot, 1), noise.disruption_months))
        disrupted[i] = left
    return common_demand, common_price
