"""What firms bring to any charter of the month, and what they know of the future when they weigh one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.jit import equation, kernel
from allysim.mechanisms.administration import size_factor
from allysim.mechanisms.coopetition import reserve_cost
from allysim.mechanisms.demand import importance
from allysim.mechanisms.ecosystem import seen_capability, self_noise
from allysim.mechanisms.kinds import RND
from allysim.mechanisms.leaks import technical_control
from allysim.mechanisms.names import WEIGHTS
from allysim.mechanisms.purchasing import price_rung
from allysim.mechanisms.stock import foreseen, holding_cost, safety_stock

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.model import AllianceModel


class Brought(NamedTuple):
    """What firms bring to any charter of the month."""

    figures: Any  # float64 (n, 11), columns of `take_stock`
    stakes: Any   # float64 (n, capabilities), margin times importance times what it thinks is lacking, k€/month


def lasting(settings: Scenario) -> float:
    """Return what a month leaves of what was developed, discounted."""
    return settings.conduct.delta * (1.0 - settings.capability.depreciation)


def foresight(settings: Scenario) -> float:
    """Return what a shared warehouse would know of its members' sales by the data they would share (F4)."""
    return float(foreseen(settings.data_sharing.shared, settings.stock))


def brings(model: AllianceModel, free: Any, kinds: Any) -> Brought:
    """Return what each of the firms marked in `free` (n,) brings to a charter of one of the types in `kinds`."""
    state, settings = model.state, model.config
    firms = state.firms
    brought = Brought(np.empty((free.size, 11)), np.empty_like(firms.capability))
    take_stock(free, firms.list_price, firms.input_index, firms.learning, firms.production, firms.output, firms.sales,
               firms.price, firms.unit_cost, settings.purchasing, settings.administration, firms.month_cost,
               firms.replaced, firms.margin, settings.customers.capacity, settings.coopetition, settings.stock,
               firms.capability, settings.leaks, brought.figures)
    if RND in kinds:
        set_stakes(free, firms.margin, firms.attraction, state.world.pull, firms.capability, firms.misjudged,
                   firms.audited, model.month, settings.ecosystem, WEIGHTS, brought.stakes)
    return brought


@kernel
def take_stock(free, list_price, input_index, learning, production, output, sales, price, unit_cost, purchasing,
               administration, month_cost, replaced, margin, capacity, coopetition, stock, capability,
               leaks, figures):
    """Fill what each free firm brings (n, 11), k€/month unless said otherwise.

    Columns are its spend at list price, the rung it has alone, its volume at this month's prices, its revenue,
    the factor of its size in governance cost, the cost of its reserve capacity, what shared infrastructure
    replaces, its gross margin, its fixed cost, what holding its own safety stock costs, and its technical control.
    """
    months = safety_stock(stock)
    for i in range(free.size):
        if free[i]:
            figures[i, 0] = list_price[i] * production[i]
            figures[i, 1] = price_rung(figures[i, 0], purchasing)
            figures[i, 2] = list_price[i] * input_index[i] * learning[i] * production[i]
            figures[i, 3] = price[i] * output[i]
            figures[i, 4] = size_factor(figures[i, 3], administration)
            figures[i, 5] = reserve_cost(month_cost[i], capacity, coopetition)
            figures[i, 6], figures[i, 7], figures[i, 8] = replaced[i], margin[i], month_cost[i]
            figures[i, 9] = holding_cost(months * sales[i], unit_cost[i], stock)
            figures[i, 10] = technical_control(capability[i], leaks)


@kernel
def set_stakes(free, margin, attraction, pull, capability, misjudged, audited, month, ecosystem, weights, stakes):
    """Fill what each free firm has at stake in each capability: margin times importance times 1 - z, k€/month.

    z is what the firm takes it to be (F28).
    """
    for i in range(free.size):
        if free[i]:
            noise = self_noise(audited[i], month, ecosystem)
            for c in range(capability.shape[1]):
                lacking = 1.0 - seen_capability(capability[i, c], misjudged[i, c], noise)
                stakes[i, c] = margin[i] * importance(attraction[i], pull, weights, c) * lacking


@equation
def best_target(charter, stakes):
    """Return the capability in which the members of a charter together have most at stake; the first of equals."""
    best, target = -np.inf, 0
    for c in range(stakes.shape[1]):
        total = 0.0
        for i in charter:
            if i >= 0:
                total += stakes[i, c]
        if total > best:
            best, target = total, c
    return target
