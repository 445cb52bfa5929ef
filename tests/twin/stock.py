"""F4 stock: what a firm keeps, makes and pays to hold, by itself or in a warehouse shared among rivals."""

from __future__ import annotations

import math
from typing import Any


def safety_months(rules: Any) -> float:
    """F4: safety stock z sigma sqrt(L + 1) in months of sales; sigma is given at L = 1 and H = 6."""
    return rules.service_factor * sigma(rules) * math.sqrt(rules.lead_time + 1.0)


def sigma(rules: Any) -> float:
    """F4: the standard deviation of sales as forecast, in proportion to that of orders."""
    return rules.sigma * math.sqrt(bullwhip(rules.lead_time, rules.horizon) / bullwhip(1.0, 6.0))


def bullwhip(lead_time: float, horizon: float) -> float:
    """F4: the variance of orders over that of sales."""
    return 1.0 + 2.0 * lead_time / horizon + 2.0 * lead_time**2 / horizon**2


def make_and_deliver(firm: Any, rules: Any, works: float) -> None:
    """F4: make what sells and what the stock lacks, as far as capacity goes and a share `works` of it; deliver."""
    wanted = max(0.0, firm.sales + safety_months(rules) * firm.stock_share * firm.sales - firm.stock)
    firm.production = min(wanted, firm.capacity) * works
    firm.output = min(firm.sales, firm.production + firm.stock)
    firm.stock = firm.stock + firm.production - firm.output


def hold(firm: Any, rules: Any) -> float:
    """F4: what it costs a month to hold what is in stock."""
    return rules.holding * firm.stock * firm.unit_cost


def own_holding(firm: Any, rules: Any) -> float:
    """F4: what it would cost a month to hold all of its own safety stock."""
    return rules.holding * safety_months(rules) * firm.sales * firm.unit_cost


def kept_in_common(pooled: float, shared: float, rules: Any) -> float:
    """F3, F4: the part of its own safety stock that a member keeps where `pooled` is saved, with data `shared`."""
    return (1.0 - min(1.0, pooled)) * (1.0 - rules.sharing * shared)
