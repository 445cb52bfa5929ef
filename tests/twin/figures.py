"""The key figures of a month for a group of firms, as `allysim.kpis` defines them."""

from __future__ import annotations

import math
from typing import Any


def figures(model: Any, group: str) -> dict[str, float]:
    """Return each key figure of ``focal`` or ``population``; a firm that left counts with 0 in money."""
    living = [firm for firm in model.firms if firm.focal or group == "population"]
    ever = living + [firm for firm in model.gone if firm.focal or group == "population"]
    size = sum(firm.generation == 0 for firm in ever)  # firms at month 0

    def each(name: str, firms: list[Any] = living) -> float:
        return sum(getattr(firm, name) for firm in firms) / size

    def mean(values: Any) -> float:
        return sum(values) / len(living) if living else math.nan

    trust = [firm.trust_in(other) for firm in living for other in firm.ties] or [mean(f.disposition for f in living)]
    middle = sum(trust) / len(trust)
    orders = sum(firm.sales for firm in living)
    return {
        "economic_profit": each("economic_profit", ever),
        "survival": sum(firm.generation == 0 for firm in living) / size,
        "ebitda": each("ebitda"),
        "revenue": each("revenue"),
        "price": mean(firm.price for firm in living),
        "unit_cost": mean(firm.unit_cost for firm in living),
        "saving": each("saving"),
        "governance_cost": each("governance_cost"),
        "allied": mean(bool(firm.memberships) for firm in living),
        "on_time_delivery": sum(firm.output for firm in living) / orders if orders else math.nan,
        "leads": each("leads"),
        "churn": mean(firm.churn for firm in living),
        "time_to_market": (mean(firm.structure.launch_pace for firm in living) if living else 1.0)
        * model.config.customers.launch_months,
        "trust_mean": middle,
        "trust_least": min(trust),
        "trust_spread": math.sqrt(sum((t - middle) ** 2 for t in trust) / len(trust)),
        "breaches": each("breaches", ever),
        "breach_cost": each("breach_cost", ever),
        "leaks": each("leaks", ever),
        "leak_cost": each("leak_cost", ever),
        "capability_growth": mean(sum(firm.developed.values()) / len(firm.developed) for firm in living),
        "consumer_surplus": model.consumer_surplus,
        "lot_revenue": each("lot_revenue"),
    }
