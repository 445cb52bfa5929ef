"""F11 process R&D of Cournot rivals: who cuts whose cost, and what it pays to spend."""

from __future__ import annotations

import math
from typing import Any

from twin.firm import TwinFirm
from twin.words import RND

ALL_IT_CAN = 1.0 - 1e-9  # of capacity
GREATEST_CUT = 0.9       # of unit cost


def part_of(one: TwinFirm, other: TwinFirm, rules: Any) -> float:
    """Return the part of a firm's own cut that is cut from another's cost, or its own."""
    if one is other:
        return 1.0
    return rules.inside if other in partners(one) else rules.outside


def partners(firm: TwinFirm) -> set[TwinFirm]:
    """Return the other members of a firm's R&D alliances."""
    return {m.firm for mine in firm.memberships if mine.alliance.kind == RND
            for m in mine.alliance.members} - {firm}


def cut_costs(model: Any) -> None:
    """Take off unit costs what the research of last month does; inputs and the rest become cheaper alike."""
    rules = model.config.process
    if rules.effort == "none":
        return
    for firm in model.firms:
        cut = sum(part_of(other, firm, rules) * other.process_effort for other in model.firms)
        cut = min(cut, GREATEST_CUT * firm.unit_cost)
        firm.learning *= 1.0 - cut / firm.unit_cost
        firm.unit_cost -= cut


def choose_efforts(model: Any, slope: float) -> None:
    """Spend up to where gamma x is what a little more would earn, alone or with partners; `slope` is b."""
    rules = model.config.process
    if rules.effort == "none":
        return
    sold = {firm: firm.target / math.exp(firm.own_demand) for firm in model.firms}
    full = {firm for firm in model.firms if sold[firm] >= ALL_IT_CAN * firm.capacity}
    free = {firm for firm in model.firms if sold[firm] > 0.0} - full
    for firm in model.firms:
        fall = sum(part_of(firm, other, rules) for other in free) / (len(free) + 1)  # of the price
        whose = {firm} | (partners(firm) if rules.effort == "joint" else set())
        gain = sum((part_of(firm, one, rules) - fall) * sold[one] * (1.0 if one in full else 2.0) for one in whose)
        firm.process_effort = max(0.0, gain) * slope / rules.cost
        firm.process_cost = 0.5 * rules.cost / slope * firm.process_effort**2
