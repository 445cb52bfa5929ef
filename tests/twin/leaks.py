"""What leaks between partners and former partners, and what members do with shared data (F12, F21).

A part of phase 5; what firms developed and what they lost fades in phase 3.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from twin.firm import TwinFirm
from twin.market import overlap
from twin.words import CAPABILITIES, IMPORTANCE, Purpose

FULL_EXPOSURE = 0.5
LEAST_LEAD = 1e-6  # a smaller one is rounding


class Parted(NamedTuple):
    """Two firms that were partners in an alliance until some month."""

    first: TwinFirm
    second: TwinFirm
    alliance: Any
    month: int


def exposure(kind: str, leaks: Any) -> float:
    """F12: x, how much a type of alliance lays open."""
    return getattr(leaks, f"exposure_{kind}")


def technical_control(firm: TwinFirm, leaks: Any) -> float:
    """F12: how far a firm can enforce compartments and access control."""
    skill = (firm.capability["software"] + firm.capability["data"]) / 2
    return min(1.0, leaks.control * skill)


def hazard(x: float, omega: float, trust: float, mbar: float, s_k: float, leaks: Any) -> float:
    """F12: the hazard of a leak a month with all channels open."""
    return (leaks.hazard * (x / FULL_EXPOSURE) * math.exp(leaks.overlap_slope * omega)
            * math.exp(-leaks.trust_slope * (trust - 0.5)) * (1.0 + leaks.modular * mbar * (1.0 - s_k)))


def open_channels(protection: Any, s_k: float, s_x: float, s_hr: float, mbar: float, leaks: Any) -> dict[str, float]:
    """F12: what of the hazard comes by each channel; `other` is protected by nothing."""
    compartments = 1.0 - (leaks.compartments + leaks.compartments_modular * mbar) * s_k
    access = 1.0 - leaks.access * s_x
    return {
        "staff": leaks.staff * compartments * access * (1.0 - leaks.hr * s_hr),
        "partner": leaks.partner * compartments * access * (1.0 - leaks.nda * protection.nda),
        "other": leaks.other,
    }


def largest_lead(sender: TwinFirm, receiver: TwinFirm) -> tuple[str, float]:
    """Return the capability in which the sender leads most, and by how much."""
    mine, theirs = sender.capability, receiver.capability
    leads = {c: mine[c] - theirs[c] for c in CAPABILITIES}
    best = max(leads, key=leads.__getitem__)  # the first of equals
    return best, leads[best]


def utility_gain(firm: TwinFirm, capability: str, gain: float) -> float:
    """F22: the utility that a gain in one capability gives a firm's buyers, weighed by its sales by segment."""
    model = firm.model
    sales = [attraction * pull for attraction, pull in zip(firm.attraction, model.pull, strict=True)]
    worth = sum(sold * importance.get(capability, 0.0) for sold, importance in zip(sales, IMPORTANCE, strict=True))
    return model.config.market.capability_weight * gain * worth / sum(sales)


def lost_by(sender: TwinFirm, receiver: TwinFirm, capability: str, gain: float) -> float:
    """F12: the appeal that the sender loses, which is no longer alone with what it knows."""
    model = sender.model
    return model.config.leaks.exclusivity * overlap(sender, receiver, model.pull) * utility_gain(receiver, capability,
                                                                                                 gain)


def leak(model: Any) -> None:
    """F12, F21: leaks between members, then by staff between former partners, then misuse of shared data."""
    leaks = model.config.leaks
    for alliance in model.living:
        mbar = sum(m.firm.modularity for m in alliance.members) / len(alliance.members)
        for one in alliance.members:
            for other in alliance.members:
                if one is not other:
                    _between(one.firm, other.firm, alliance, mbar, parted=False)
    model.parted = [pair for pair in model.parted if model.month - pair.month <= leaks.after_months
                    and all(model.firms[firm.slot] is firm for firm in (pair.first, pair.second))]
    for pair in model.parted:
        mbar = (pair.first.modularity + pair.second.modularity) / 2
        _between(pair.first, pair.second, pair.alliance, mbar, parted=True)
        _between(pair.second, pair.first, pair.alliance, mbar, parted=True)
    for alliance in model.living:
        for m in alliance.members:
            _misuse(m)


def _between(sender: TwinFirm, receiver: TwinFirm, alliance: Any, mbar: float, parted: bool) -> None:
    """F12: let something leak from one to the other, if it so happens; staff only once they have parted."""
    model, contract = sender.model, alliance.protection
    leaks = model.config.leaks
    pair = model.luck.folded[sender.key, receiver.key], alliance.key
    luck = model.luck.uniforms(Purpose.LEAK, model.month)[pair]
    control = technical_control(sender, leaks)
    s_k, s_x = min(contract.compartments, control), min(contract.access, control)
    s_hr = contract.hr * leaks.non_solicit * contract.non_solicit if parted else contract.hr
    ways = open_channels(contract, s_k, s_x, s_hr, mbar, leaks)
    if parted:
        ways = {"staff": ways["staff"]}
    total = sum(ways.values())
    omega = overlap(sender, receiver, model.pull)
    rate = hazard(exposure(alliance.kind, leaks), omega, sender.trust_in(receiver), mbar, s_k, leaks) * total
    if not model.above(rate, luck, "leak"):
        return
    capability, lead = largest_lead(sender, receiver)
    if not model.above(lead, LEAST_LEAD, "lead"):
        return
    way = model.luck.uniforms(Purpose.LEAK_CHANNEL, model.month)[pair] * total
    if model.above(ways["staff"], way, "channel"):
        channel = "staff"
    else:
        channel = "partner" if model.above(ways["staff"] + ways["partner"], way, "channel") else "other"
    logs = 0.0 if parted else s_x
    seen = model.luck.uniforms(Purpose.LEAK_SEEN, model.month)[pair] < leaks.detection + leaks.detection_logs * logs
    gain = leaks.closes * lead
    lost = lost_by(sender, receiver, capability, gain)
    receiver.develop(capability, gain)
    sender.lose_appeal(lost)
    sender.leaks += 1
    if seen and channel == "partner":
        denounce(sender, receiver)
    cost = lost * sender.target / model.price_sensitivity
    model.tell("leak", sender.key, alliance.number, f"{channel}, {'seen' if seen else 'unseen'}", cost)


def denounce(victim: TwinFirm, culprit: TwinFirm) -> None:
    """F5: bad evidence of the culprit for the victim, and a part of it for all others who know the culprit."""
    trust = victim.model.config.trust
    for firm in culprit.ties:
        firm.ties[culprit].bad += trust.bad * (1.0 if firm is victim else trust.public)


def misuse_hazard(data: Any, penalty: float, sharing: Any) -> float:
    """F21: how often a member misuses what the others show it, a month."""
    guarded = (1.0 - sharing.anonymised * data.anonymised) * (1.0 - sharing.access * data.access)
    return sharing.misuse * data.shared * guarded / (1.0 + penalty / sharing.deterrence)


def _misuse(m: Any) -> None:
    """F21: let a member win customers of the partner most like itself, and pay the penalty if that is seen."""
    culprit, alliance, model = m.firm, m.alliance, m.firm.model
    config, penalty, key = model.config, alliance.governance.penalty, (m.firm_key, alliance.key)
    rate = misuse_hazard(alliance.data, penalty, config.sharing)
    if not model.above(rate, model.luck.uniforms(Purpose.MISUSE, model.month)[key], "misuse"):
        return
    victim, omega, loser = None, -1.0, None
    for other in alliance.members:
        if other is not m:
            likeness = overlap(culprit, other.firm, model.pull)
            if model.above(likeness, omega, "nearest partner"):
                victim, omega, loser = other.firm, likeness, other
    lost = config.sharing.taken * omega
    culprit.lose_appeal(-lost)
    victim.lose_appeal(lost)
    victim.leaks += 1
    rules = config.conduct
    detected = min(1.0, rules.detection + rules.detection_dashboard * alliance.governance.dashboard)
    seen = model.luck.uniforms(Purpose.MISUSE_SEEN, model.month)[key] < detected
    if seen:
        culprit.breach_flow -= penalty
        culprit.leak_cost += penalty
        victim.breach_flow += penalty
        m.booked["breaches"] -= penalty
        loser.booked["breaches"] += penalty
        victim.leak_cost -= penalty
        denounce(victim, culprit)
    model.tell("misuse", culprit.key, alliance.number, "seen" if seen else "unseen",
               lost * victim.target / victim.model.price_sensitivity)


def remember(alliance: Any, before: list[Any]) -> None:
    """Note as former partners those who left this month, and those who were with them until then."""
    model = alliance.model
    if model.config.leaks.after_months == 0 or model.config.leaks.hazard == 0.0:
        return
    for k, m in enumerate(before):
        if m.left is None:
            continue
        for n, other in enumerate(before):
            if other is not m and (other.left is None or n > k):
                model.parted.append(Parted(m.firm, other.firm, alliance, model.month))


def measurement_noise(noise: float, data: Any, sharing: Any) -> float:
    """F21: the sd of a month's measurement noise, smaller where more data are shared."""
    precision = max(data.shared, sharing.floor)**sharing.precision * (1.0 - sharing.blur * data.anonymised)
    return noise / math.sqrt(precision)


def expected_leaks(sender: TwinFirm, receiver: TwinFirm, kind: str, mbar: float, life: float) -> float:
    """F6: what leaks to a partner are expected to cost over the life of an alliance of a type, at today's terms."""
    config = sender.model.config
    leaks, contract = config.leaks, config.ip_protection
    control = technical_control(sender, leaks)
    s_k, s_x = min(contract.compartments, control), min(contract.access, control)
    ways = open_channels(contract, s_k, s_x, contract.hr, mbar, leaks)
    capability, lead = largest_lead(sender, receiver)
    if lead <= LEAST_LEAD:
        return 0.0
    omega, trust = overlap(sender, receiver, sender.model.pull), sender.trust_in(receiver)
    rate = hazard(exposure(kind, leaks), omega, trust, mbar, s_k, leaks) * sum(ways.values())
    lost = lost_by(sender, receiver, capability, leaks.closes * lead)
    a_month = lost * sender.target / sender.model.price_sensitivity
    delta = config.conduct.delta
    return min(1.0, rate) * life * a_month * delta / (1.0 - delta * (1.0 - leaks.fade))
