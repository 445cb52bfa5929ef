"""F23, F22: what a scenario does beyond noise: a slump, a cycle of input prices, more disruptions, a price war.

Or the user's own series of these, from `scenario.path`.
"""

from __future__ import annotations

import math
from typing import Any

from twin.words import SEGMENTS

OF_ALL = ("demand", "input_price", "disruption", "price_sensitivity")


class Driven(dict):
    """The factor of every driver in a month; `own` are those of the user's."""

    own: set[str]


def drive(model: Any) -> Driven:
    """Find what the drivers are in this month, and set what demand and price sensitivity are multiplied by."""
    rules, month = model.config.scenario, model.month
    found = Driven.fromkeys((*OF_ALL, *(f"demand.{name}" for name in SEGMENTS)), 1.0)
    found["demand"] -= rules.slump * lost(rules, month)
    found["input_price"] = math.exp(rules.price_cycle * (swing(rules, month) - swing(rules, 0)))
    if month in range(rules.disruption_from, rules.disruption_until + 1):
        found["disruption"] = rules.disruption_factor
    if month in range(rules.price_war_from, rules.price_war_until + 1):
        found["price_sensitivity"] = rules.price_war
    found.own = set()
    for since, name, value in model.config.driven.steps if model.config.driven else ():
        if name not in found.own:
            found[name] = 1.0  # until its first month
            found.own.add(name)
        if since <= month:
            found[name] = value
    model.demand_factor = [found["demand"] * found[f"demand.{name}"] for name in SEGMENTS]
    model.war = found["price_sensitivity"]
    model.price_sensitivity = model.config.market.price_sensitivity * model.war
    return found


def still(driven: Driven, name: str) -> bool:
    """Return whether a driver is left to the scenario."""
    return name not in driven.own


def lost(rules: Any, month: int) -> float:
    """Return how much of the slump's depth is lost in a month: month by month down, then the stay, then up."""
    part = 0.0
    for each in range(rules.slump_from, month + 1):
        if each < rules.slump_from + rules.slump_fall:
            part += 1.0 / rules.slump_fall
        elif each >= rules.slump_from + rules.slump_fall + rules.slump_stay:
            part -= 1.0 / rules.slump_recovery
    return max(part, 0.0)


def swing(rules: Any, month: int) -> float:
    """Return the sine of the cycle of input prices in a month."""
    return math.sin(2.0 * math.pi * (month + rules.price_cycle_phase) / rules.price_cycle_months)
