"""Whose research helps whom (F11), what radical sprints add, and what those who leave give back (F10)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from twin.equations import normal_cdf, success_chance
from twin.firm import TwinFirm
from twin.leaks import technical_control, utility_gain
from twin.membership import TwinMembership


def shown(firm: TwinFirm, effort: float, protection: Any) -> float:
    """F11: what a firm's research is to each of its partners: compartments withhold a part, as far as it has them."""
    config = firm.model.config
    s_k = min(protection.compartments, technical_control(firm, config.leaks))
    return effort * (1.0 - config.research.tacit * s_k)


def from_partners(firms: list[TwinFirm], efforts: list[float], protection: Any) -> list[float]:
    """F11: phi of what the others put in, for each of some partners."""
    parts = [shown(firm, effort, protection) for firm, effort in zip(firms, efforts, strict=True)]
    return [firm.model.config.research.spillover * sum(part for n, part in enumerate(parts) if n != k)
            for k, firm in enumerate(firms)]


def from_outsiders(model: Any) -> dict[TwinMembership, float]:
    """F11: phi of the mean research of firms of the same home on the same capability that are no partners."""
    alliances = [alliance for alliance in model.living if alliance.kind == "rnd"]
    at_work: dict[str, dict[TwinFirm, float]] = defaultdict(lambda: defaultdict(float))  # by capability
    for alliance in alliances:
        for m in alliance.members:
            both = sum(other.alliance.kind == "rnd" for other in m.firm.memberships)
            at_work[alliance.target][m.firm] += m.effort / both
    helps = {}
    for alliance in alliances:
        partners = {m.firm for m in alliance.members}
        for m in alliance.members:
            others = [research for firm, research in at_work[alliance.target].items()
                      if firm.home == m.firm.home and firm not in partners]
            helps[m] = model.config.research.outside * (sum(others) / len(others) if others else 0.0)
    return helps


def do_research(model: Any) -> None:
    """F11: set what research works for each member of an R&D alliance; what it learned fades."""
    outsiders = from_outsiders(model)
    kept = 1.0 - model.config.capability.depreciation
    for alliance in model.living:
        if alliance.kind == "rnd":
            helped = from_partners([m.firm for m in alliance.members], [m.effort for m in alliance.members],
                                   alliance.protection)
            for m, help_ in zip(alliance.members, helped, strict=True):
                m.helped, m.effective = help_, m.effort + help_ + outsiders[m]
                m.learned *= kept
                m.borrowed *= kept


def chance(benefit: float, effort: float, radical: bool, research: Any) -> float:
    """F10: the chance that a sprint succeeds; a radical one at a third of lambda_s."""
    return success_chance(benefit, effort * research.radical_intensity if radical else effort, research)


def radical_part(expected: float, luck: float, spread: float) -> float:
    """F10: the part of what it lacks that a member gains, `expected` on average; a lognormal one, cut at all of it.

    The mean of min(1, X) is 1 less a put on X at 1 (Black 1976).
    """
    if expected >= 1.0 or expected <= 0.0 or spread == 0.0:
        return min(1.0, expected)
    low, high = -200.0, 200.0
    for _ in range(200):
        middle = (low + high) / 2.0
        forward = middle + spread**2 / 2.0  # log of the mean of X
        d1 = (forward + spread**2 / 2.0) / spread
        put = normal_cdf(spread - d1) - math.exp(forward) * normal_cdf(-d1)
        low, high = (middle, high) if 1.0 - put < expected else (low, middle)
    return min(1.0, math.exp(low + spread * luck))


def learn(m: TwinMembership, capability: str, gain: float) -> None:
    """F10: add a gain to a capability, and note what sprints added, and partners of that."""
    before = m.firm.developed[capability]
    m.firm.develop(capability, gain)
    added = m.firm.developed[capability] - before
    m.learned += added
    m.borrowed += added * (m.helped / m.effective if m.effective > 0.0 else 0.0)


def hand_back(members: Iterable[TwinMembership]) -> None:
    """F10: by the owner rule, those who have left lose what is not their own of what sprints added."""
    for m in members:
        alliance, firm = m.alliance, m.firm
        model, rule = firm.model, m.alliance.protection.owner
        if alliance.founded_as != "rnd" or rule == "joint":
            continue
        lost = m.borrowed
        if rule == "lead":
            lost = 0.0 if m is alliance.lead else model.config.research.ceded * m.learned
        if lost > 0.0:
            worth = utility_gain(firm, alliance.target, lost) * firm.target / model.price_sensitivity
            model.tell("handed back", m.firm_key, alliance.number, rule.replace("_", " "), worth)
            firm.develop(alliance.target, -min(lost, firm.developed[alliance.target]))
