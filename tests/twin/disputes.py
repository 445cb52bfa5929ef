"""F16 conflicts and disputes, F14 latency, and fines: what members of an alliance do not agree on."""

from __future__ import annotations

import math
from typing import Any

from twin.words import AT_FAULT, COOPETITION, SEEN, SETTLED, Purpose

RESTRAINING = ("capacity", "marketing", "tendering")  # what the law looks at; two of them are all
ROUNDING = 1e-9  # a latency this much above a whole number of months is that number


def latency(alliance: Any) -> int:
    """F14: .5 (1 + .15 (n - 2)) (1 + C) (1 + dk) (1 - .4 G), rounded up: months from a verdict to its effect."""
    rules, governance = alliance.model.config.latency, alliance.governance
    months = rules.months * (1.0 - rules.rights * governance.decision_rights)
    months *= 1.0 + rules.culture * alliance.culture_distance
    months *= 1.0 + rules.completeness * governance.completeness
    months *= 1.0 + rules.per_member * max(0, len(alliance.members) - 2)
    months *= 1.0 - alliance.units * (1.0 - alliance.model.config.restructuring.unit_latency)  # F27
    return math.ceil(months - ROUNDING)


def is_resolved(alliance: Any, chance: float, who: int, what: int) -> bool:
    """Return whether a dispute is resolved, by a draw keyed by `who` and `what` it is about."""
    model = alliance.model
    return model.above(chance, model.luck.uniforms(Purpose.RESOLVE, model.month)[who, what], "resolution")


def quarrel(alliance: Any) -> None:
    """F16: .03 (1 + 2 dk) (1 - .4 G) a month; where it is not resolved the one with the lowest draw is at fault."""
    model, rules, governance = alliance.model, alliance.model.config.disputes, alliance.governance
    hazard = rules.conflict * (1.0 + rules.culture * alliance.culture_distance)
    hazard = min(1.0, hazard * (1.0 - rules.rights * governance.decision_rights))
    if not model.above(hazard, model.luck.uniforms(Purpose.CONFLICT, model.month)[alliance.key, 0], "conflict"):
        return
    chance = rules.resolved_clause if governance.dispute_clause else rules.resolved
    if is_resolved(alliance, chance, alliance.key, 0):
        model.tell("conflict", alliance=alliance.number, cause="resolved")
        return
    fault = model.luck.uniforms(Purpose.FAULT, model.month)
    blamed = min(alliance.members, key=lambda m: fault[m.firm_key, alliance.key])
    model.tell("conflict", blamed.firm_key, alliance.number, "unresolved")
    if blamed.conduct not in (SEEN, SETTLED):
        blamed.conduct = AT_FAULT


def dispute(alliance: Any, culprit: Any, penalty: float) -> None:
    """F13: a breach that was seen is disputed; a dispute clause can settle it, so that the culprit may stay."""
    chance = alliance.model.config.disputes.resolved_clause if alliance.governance.dispute_clause else 0.0
    settled = chance > 0.0 and is_resolved(alliance, chance, culprit.firm_key, alliance.key)
    culprit.conduct = SETTLED if settled else SEEN
    alliance.model.tell("dispute", culprit.firm_key, alliance.number, "resolved" if settled else "unresolved", penalty)


def prosecute(alliance: Any) -> None:
    """Fine each member of a co-opetition alliance: rate x overlap x scope x (1 - C) x share of the market."""
    model, rules = alliance.model, alliance.model.config.legal
    if alliance.kind != COOPETITION:
        return
    share = sum(m.firm.revenue for m in alliance.members) / sum(firm.revenue for firm in model.firms)
    breadth = min(1.0, sum(name in alliance.scope for name in RESTRAINING) / 2)
    hazard = rules.rate * alliance.overlap * breadth * (1.0 - alliance.governance.completeness) * share
    if model.above(hazard, model.luck.uniforms(Purpose.LEGAL, model.month)[alliance.key, 0], "fine"):
        for m in alliance.members:
            amount = rules.fine * 12 * m.firm.revenue
            m.firm.breach_flow -= amount
            m.booked["fines"] -= amount
            model.outside["fines"] += amount
            model.tell("fine", m.firm_key, alliance.number, amount=amount)
