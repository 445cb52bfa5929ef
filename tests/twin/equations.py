"""The equations of alliances that need no alliance to be written down: conduct, cost, shares, benefits and yields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from twin.firm import TwinFirm
from twin.market import overlap
from twin.words import CAPABILITIES, IMPORTANCE, RND

# F13, F14, F19, F20: conduct, governance, split, belief


def governance_rate(kind: str, governance: Any, members: int, trust: float, administration: Any) -> float:
    """F14: what governing an alliance costs a member with a revenue of 60 k€ a month."""
    if governance.mode == "shared":
        base = 0.15 + 0.15 * (members - 1) / 2
    elif governance.mode == "lead":
        base = 0.15 + 1 / members + 0.25 * (members - 1) / members
    else:
        base = 0.25 + 3 / members
    friction = (0.5 + governance.completeness) * math.exp(-administration.trust_slope * (trust - 0.5))
    return administration.scale * base * friction * getattr(administration, kind)


def setup_cost(members: Sequence[TwinFirm], administration: Any) -> float:
    """F18: I0 (1 - .5 min m) (1 - .3 min u), what setting an alliance up costs in all."""
    modular = 1.0 - administration.setup_modularity * min(firm.modularity for firm in members)
    ready = 1.0 - administration.setup_readiness * min(firm.api_readiness for firm in members)
    return administration.setup * modular * ready


def size_factor(revenue: float, administration: Any) -> float:
    """F14: how much more governance costs a member with this revenue."""
    return (revenue / 60.0) ** administration.size_exponent


def detection(dashboard: float, conduct: Any) -> float:
    """F13: the chance that a breach is seen."""
    return min(1.0, conduct.detection + conduct.detection_dashboard * dashboard)


def mean_temptation(kind: str, gain: float, members: int, conduct: Any) -> float:
    """F13: the mean of what can be taken in a month."""
    months = conduct.temptation_rnd if kind == RND else conduct.temptation
    return months * gain * (1.0 + conduct.per_member * (members - 2))


def discount(delta: float, hazard: float, conduct: Any) -> float:
    """F13: dh, the discount factor of a partnership that may end."""
    return delta * max(0.0, 1.0 - hazard - conduct.other_hazard)


def worth_of_honesty(gain: float, dh: float, detected: float, penalty: float, trust: float, honesty: float,
                     conduct: Any) -> float:
    """F13: (pi_C - pi_P) dh / (1 - dh) + q_det P + 4 T honesty pi_C, above which a temptation is taken."""
    future = (1.0 - conduct.punished_gain) * gain * dh / (1.0 - dh)
    return future + detected * penalty + conduct.loyalty * trust * honesty * gain


def normal_cdf(x: float) -> float:
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


# F7, F15, F16: what benefits are multiplied by


def distance(first: dict[str, float], second: dict[str, float], scale: float) -> float:
    """Return how far apart two profiles are: the root of the mean square over `scale`, at most 1."""
    square = sum((figure - second[name]) ** 2 for name, figure in first.items()) / len(first)
    return min(1.0, math.sqrt(square) / scale)


def cultural_distance(firms: Sequence[TwinFirm], disputes: Any) -> float:
    """F16: the mean of dk over pairs of firms."""
    apart = [distance(one.culture, other.culture, disputes.culture_scale) for one, other in combinations(firms, 2)]
    return sum(apart) / len(apart)


def compatibility(firms: Sequence[TwinFirm], psi: float, config: Any) -> float:
    """F7, F16: the mean of h over pairs of firms, and the discount at the mean of their cultural distance."""
    fit, discounted = config.fit, math.exp(-config.culture.distance * cultural_distance(firms, config.disputes))
    if psi == 0.0:
        return discounted
    apart = [distance(one.capability, other.capability, fit.scale) for one, other in combinations(firms, 2)]
    return discounted * sum(max(0.0, 1.0 - psi * (d - fit.best) ** 2) for d in apart) / len(apart)


def contract_and_trust(completeness: float, trust: float, contract: Any) -> float:
    """F15: Pi."""
    over = trust - 0.5
    return math.exp((contract.completeness + contract.both * over) * completeness + contract.trust * over
                    - contract.burden * completeness**2)


# F3, F24, F10: what co-opetition, shared infrastructure and R&D yield


def mean_overlap(firms: Sequence[TwinFirm], pull: list[float]) -> float:
    """Return the mean market overlap over pairs of firms."""
    shared = [overlap(one, other, pull) for one, other in combinations(firms, 2)]
    return sum(shared) / len(shared)


def pooled_away(members: int, coopetition: Any) -> float:
    """F3: the part of their reserves that members who pool them can do without."""
    return 1.0 - math.sqrt(members * (1.0 + (members - 1) * coopetition.correlation)) / members


def matched(firm: TwinFirm, members: Sequence[TwinFirm]) -> float:
    """F3, F24: the part of its own fixed cost that the other members match, whole where all are as large."""
    everybody = sum(member.month_cost for member in members)
    others = everybody - firm.month_cost
    if len(members) < 2 or everybody <= 0.0:
        return 1.0
    return min(1.0, others / everybody * len(members) / (len(members) - 1))


def reserve_cost(firm: TwinFirm, config: Any) -> float:
    """F3: what the capacity that a firm holds in reserve costs it a month, k€."""
    return config.coopetition.capacity_cost * firm.month_cost * (1.0 - 1.0 / config.customers.capacity)


def joint_appeal(members: int, omega: float, coopetition: Any) -> float:
    """Return what joint marketing adds to the appeal of each, before the benefit."""
    return coopetition.marketing * math.sqrt(members - 1) * (1.0 - omega)


def replaced(firm: TwinFirm, benefit: float, infrastructure: Any, here: float = 0.0) -> float:
    """F24: fixed cost that one more shared infrastructure replaces, of what others have left to replace."""
    left = infrastructure.replaceable * firm.month_cost - (firm.replaced - here)
    return max(0.0, left) * min(1.0, benefit * infrastructure.replaces / infrastructure.replaceable)


def rent(firm: TwinFirm, match: float, infrastructure: Any) -> float:
    """F24: the rent of a user's part of the capital, in proportion to the fixed cost that others match."""
    part = infrastructure.capital / infrastructure.users
    return infrastructure.rent * part * match * firm.month_cost / infrastructure.user_cost


def stakes(firm: TwinFirm, pull: list[float], known: dict[str, float]) -> dict[str, float]:
    """F6: margin times the importance of each capability to the firm's customers times what it lacks of it.

    `known` are its capabilities, as they are or as it sees them.
    """
    counts = importances(firm, pull)
    return {c: firm.margin * counts[c] * (1.0 - known[c]) for c in CAPABILITIES}


def importances(firm: TwinFirm, pull: list[float]) -> dict[str, float]:
    """F22: the importance of each capability to a firm's customers, by what they buy in each segment."""
    weights = [a * m for a, m in zip(firm.attraction, pull, strict=True)]
    whole = sum(weights)
    return {c: sum(w * asked.get(c, 0.0) for w, asked in zip(weights, IMPORTANCE, strict=True)) / whole
            for c in CAPABILITIES}


def best_target(staked: Sequence[dict[str, float]]) -> str:
    """F10: the capability in which firms together have most at stake, the first of equals."""
    return max(CAPABILITIES, key=lambda c: sum(one[c] for one in staked))


def value_of_sprinting(stake: float, effective: float, config: Any) -> float:
    """F10, F6: present value, a month, of what sprints add to a capability, if all succeeded, k€."""
    research = config.research
    kept = config.conduct.delta * (1.0 - config.capability.depreciation)
    added = research.gain * 2.0 * stake * effective
    return config.market.capability_weight * added * kept / (1.0 - kept) / research.sprint


def success_chance(benefit: float, effort: float, research: Any) -> float:
    """F10: the chance that a sprint succeeds, into which members put `effort` of their budgets on average."""
    return 1.0 - math.exp(-research.intensity * benefit * effort)


def capability_gain(capability: float, effective: float, research: Any) -> float:
    """F10, F11: what a success adds to the capability of a member."""
    return min(1.0 - capability, research.gain * 2.0 * (1.0 - capability) * effective)


def choose_efforts(budgets: list[float], worths: list[float], intensity: float, rule: str) -> list[float]:
    """F10: how much of its budget each member spends, twice as much at most.

    `worths` are values of a month of sprinting at full effort of all; `intensity` is that of the alliance.
    """
    if rule == "proportional":  # as each stands to gain for its money, against the mean
        stake = [worth / max(budget, 1e-9) for worth, budget in zip(worths, budgets, strict=True)]
        mean = sum(stake) / len(stake)
        return [min(2.0, max(0.0, s / mean)) if mean > 0.0 else 1.0 for s in stake]
    if rule == "free_riding":  # up to where its own part of what more effort yields no longer pays
        marginal = [worth * intensity / (len(budgets) * max(budget, 1e-9))
                    for worth, budget in zip(worths, budgets, strict=True)]
        return [min(2.0, max(0.0, math.log(max(m, 1e-9)) / max(intensity, 1e-9))) for m in marginal]
    return [1.0 for _ in budgets]
