"""Phases 1 to 3: shocks, costs and prices, and the operations they lead to (F23, F1, F2, F22)."""

from __future__ import annotations

import math
from typing import Any

from twin.drivers import drive, still
from twin.firm import TwinFirm, price_rung
from twin.process import cut_costs
from twin.trends import transform
from twin.words import EVERYONE, SEGMENTS, Purpose

MOST_ROUNDS, SETTLED = 200, 1e-12


def environment(model: Any) -> None:
    """F23: demand and input prices drift back to normal under new shocks; disruptions come and go.

    Shocks are keyed by slot and segment, so exits leave them alone.
    """
    noise, drivers, month, luck = model.config.environment, model.config.scenario, model.month, model.luck
    driven = drive(model)
    transform(model, driven)
    demand, prices = luck.normals(Purpose.DEMAND, month), luck.normals(Purpose.INPUT_PRICE, month)
    shared, own = math.sqrt(noise.common_share), math.sqrt(1.0 - noise.common_share)
    stepped = month == drivers.price_step_month and still(driven, "input_price")
    jump = drivers.price_step if stepped else 0.0
    leaps = luck.uniforms(Purpose.JUMP, month)
    if drivers.jumps and still(driven, "input_price") and leaps[EVERYONE, 0] < noise.jump_rate:
        jump += noise.jump_size if leaps[EVERYONE, 1] < 0.5 else -noise.jump_size
    model.common_demand = (noise.demand_persistence * model.common_demand
                           + shared * noise.demand_noise * demand[EVERYONE, 0])
    model.common_price = (noise.price_persistence * model.common_price
                          + shared * noise.price_noise * prices[EVERYONE, 0] + jump)
    strikes = luck.uniforms(Purpose.DISRUPTION, month)
    rate = min(1.0, noise.disruption_rate * driven["disruption"])
    struck = [_disruption(strikes, EVERYONE + 1 + s, rate * noise.disruption_common, noise)
              for s in range(len(SEGMENTS))]
    for firm in model.firms:
        slot = firm.slot
        firm.own_demand = noise.demand_persistence * firm.own_demand + own * noise.demand_noise * demand[slot, 0]
        firm.own_price = noise.price_persistence * firm.own_price + own * noise.price_noise * prices[slot, 0]
        firm.input_index = math.exp(model.common_price + firm.own_price) * driven["input_price"]
        firm.disrupted = max(firm.disrupted - 1, struck[firm.home],
                             _disruption(strikes, slot, rate * (1.0 - noise.disruption_common), noise))


def _disruption(strikes: Any, who: int, rate: float, noise: Any) -> int:
    """Return the months of a disruption that begins now: geometric, at least 1; 0 if none begins."""
    if not strikes[who, 0] < rate:
        return 0
    if noise.disruption_months <= 1.0:
        return 1
    return 1 + int(math.log(1.0 - strikes[who, 1]) / math.log(1.0 - 1.0 / noise.disruption_months))


def market(model: Any) -> None:
    """Let every firm learn its unit cost of the month, alone or pooled, and clear the market."""
    purchasing = model.config.purchasing
    for firm in model.firms:
        firm.rung = price_rung(firm.list_price * firm.production, purchasing)
        firm.pool_discount = firm.joint_appeal = 0.0
        firm.lead_factor = 1.0
    for alliance in model.living:
        alliance.join_forces()
    _learn(model)
    for firm in model.firms:
        inputs = firm.list_price * firm.input_index * (firm.rung - firm.pool_discount)
        firm.learning *= firm.structure.thrift  # all that goes into a unit costs less
        firm.unit_cost = (inputs + firm.other_cost) * firm.learning
    cut_costs(model)
    clear(model)


def _learn(model: Any) -> None:
    """F2: unit cost falls with experience over the mean experience of the firms at home in the segment."""
    exponent = math.log2(model.config.learning.progress_ratio)
    total, count = [0.0] * len(SEGMENTS), [0] * len(SEGMENTS)
    for firm in model.firms:
        total[firm.home] += firm.experience
        count[firm.home] += 1
    model.experience = [t / c if c else 1.0 for t, c in zip(total, count, strict=True)]
    for firm in model.firms:
        firm.learning = (firm.experience / model.experience[firm.home]) ** exponent


def clear(model: Any) -> None:
    """F22: find the prices at which each firm's first-order condition holds, and the demand they meet.

    The mark-up is p = c + 1 / [alpha (1 - sbar)], sbar the firm's mean market share. In each round every firm
    answers the prices of the last; (1 - sbar) damps its step, or a firm with most of the market would swing.
    """
    if model.config.rules.market == "cournot":
        clear_cournot(model)
        return
    alpha, size = model.price_sensitivity, demand_now(model)
    pull = {firm: math.exp(firm.appeal + firm.launched + firm.joint_appeal + turned(model)) for firm in model.firms}
    for _ in range(MOST_ROUNDS):
        inclusive = _inclusive_value(pull, alpha)
        outside = [1.0 / (1.0 + value) for value in inclusive]
        moved = 0.0
        for firm in pull:
            sold = weighted = 0.0
            for attraction, market_size, left in zip(firm.attraction, size, outside, strict=True):
                share = attraction * firm.utility * left
                sold += market_size * share
                weighted += market_size * share * share
            sbar = weighted / sold if sold > 0.0 else 0.0
            step = (1.0 - sbar) * (firm.unit_cost + 1.0 / (alpha * (1.0 - sbar)) - firm.price)
            firm.price += step
            moved = max(moved, abs(step))
        if moved < SETTLED:
            break
    else:
        raise ArithmeticError(f"prices did not settle in {MOST_ROUNDS} rounds in month {model.month}")
    inclusive = _inclusive_value(pull, alpha)
    model.pull = [m / (1.0 + value) for m, value in zip(size, inclusive, strict=True)]
    for firm in pull:
        sold = sum(attraction * m for attraction, m in zip(firm.attraction, model.pull, strict=True)) * firm.utility
        firm.target = math.exp(firm.own_demand) * sold
    model.inclusive_value = inclusive
    model.consumer_surplus = consumer_surplus(size, inclusive, alpha)


def clear_cournot(model: Any) -> None:
    """F22: one good at one price P = a - b Q; each firm sells what is best for it, (P - c) / b, if it has it.

    Firms that sell nothing, and those that sell all they can make, are found by taking them out one after the
    other: at the price that the rest would make, from above.
    """
    intercept, slope = inverse_demand(model)
    selling = sorted(model.firms, key=lambda firm: firm.unit_cost)
    full: list[TwinFirm] = []
    while True:
        left = intercept - slope * sum(firm.capacity for firm in full)
        for k in range(len(selling), -1, -1):  # firms that lose by selling: the dearest first
            price = (left + sum(firm.unit_cost for firm in selling[:k])) / (k + 1)
            if k == 0 or selling[k - 1].unit_cost < price:
                break
        over = [firm for firm in selling[:k] if (price - firm.unit_cost) / slope >= firm.capacity]
        if not over:
            break
        full += over  # with them at capacity the price is higher, so they stay there
        selling = [firm for firm in selling if firm not in over]
    for firm in model.firms:
        wanted = firm.capacity if firm in full else max(0.0, price - firm.unit_cost) / slope
        firm.price, firm.target = price, math.exp(firm.own_demand) * wanted
    odds = 1.0 / model.config.market.outside_share - 1.0
    model.inclusive_value = [odds] * len(SEGMENTS)
    model.pull = [m / (1.0 + odds) for m in demand_now(model)]
    sold = sum(firm.target / math.exp(firm.own_demand) for firm in model.firms)
    model.consumer_surplus = 0.5 * slope * sold**2


def inverse_demand(model: Any, shocks: bool = True) -> tuple[float, float]:
    """Return a and b of P = a - b Q: through price 1 and what was sold at month 0, with the elasticity given."""
    market = model.config.market
    elasticity = model.war * market.elasticity
    sold = sum(demand_now(model) if shocks else model.market_size) * (1.0 - market.outside_share)
    return 1.0 + 1.0 / elasticity, 1.0 / (elasticity * sold)


def demand_now(model: Any) -> list[float]:
    """Return the sizes of the segments with the shock common to all and what the scenario makes of them."""
    return [m * f * math.exp(model.common_demand) for m, f in zip(model.market_size, model.demand_factor, strict=True)]


def turned(model: Any) -> float:
    """Return what keeps a utility at the price of month 0, which is 1, as it is without a price war."""
    return model.price_sensitivity * (1.0 - 1.0 / model.war)


def _inclusive_value(pull: dict[TwinFirm, float], alpha: float) -> list[float]:
    """Return I_s, the sum of exp(u) over firms, by segment, and set each firm's exp(A - alpha p)."""
    legacy = electric = software = services = 0.0
    for firm, strength in pull.items():
        firm.utility = utility = strength * math.exp(-alpha * firm.price)
        a, b, c, d = firm.attraction
        legacy += a * utility
        electric += b * utility
        software += c * utility
        services += d * utility
    return [legacy, electric, software, services]


def consumer_surplus(size: list[float], inclusive: list[float], alpha: float) -> float:
    """Return what buyers gain over buying nothing: sum of M_s log(1 + I_s), in money."""
    return sum(m * math.log1p(value) for m, value in zip(size, inclusive, strict=True)) / alpha


def overlap(first: TwinFirm, second: TwinFirm, pull: list[float]) -> float:
    """Return omega, the cosine of two firms' revenues over segments; each is proportional to attraction M/(1+I)."""
    both = one = two = 0.0
    for a, b, m in zip(first.attraction, second.attraction, pull, strict=True):
        both += a * m * b * m
        one += (a * m) ** 2
        two += (b * m) ** 2
    return both / math.sqrt(one * two)


def operations(model: Any) -> None:
    """Let every firm sell, make, deliver, learn and launch for a month, as far as outages let it."""
    config = model.config
    shared, luck = config.infrastructure, model.luck.uniforms(Purpose.OUTAGE, model.month)
    for firm in model.firms:
        firm.outage, firm.stock_share = 0.0, 1.0
        if firm.own_infrastructure and luck[firm.key, 2] < shared.outage:  # as likely as in an alliance
            firm.outage = shared.outage_loss * (1.0 - shared.recovery_time if shared.recovery else 1.0)
    for alliance in model.living:
        alliance.break_down()
        alliance.share_stores()
    for firm in model.firms:
        firm.operate(config.customers, config.subscriptions, config.stock, config.environment.disruption_loss)
    for alliance in model.living:
        alliance.face_customers()
