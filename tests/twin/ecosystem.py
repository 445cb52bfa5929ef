"""F28: how firms see themselves and those around them, what they let themselves consider, and what they learn."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

from twin.equations import governance_rate
from twin.firm import TwinFirm
from twin.market import overlap
from twin.terms import template_setup
from twin.words import CAPABILITIES, INFRASTRUCTURE, KINDS, PILOT, RND, Purpose


def has(month: int | None, now: int) -> bool:
    """Whether something planned for a month, None for never, is there by now."""
    return month is not None and month <= now


def self_image(firm: TwinFirm) -> dict[str, float]:
    """What a firm takes its capabilities to be: always wrong in the same direction, less so after an audit."""
    model, rules = firm.model, firm.model.config.ecosystem
    noise = rules.audited_noise if has(firm.audited, model.month) else rules.self_noise
    errors = model.luck.normals(Purpose.SELF_ASSESSMENT)
    return {c: min(1.0, max(0.0, firm.capability[c] + noise * errors[firm.key, k]))
            for k, c in enumerate(CAPABILITIES)}


def places(firm: TwinFirm) -> int:
    """How many firms a firm sees."""
    config = firm.model.config
    return max(config.choice.visible, config.ecosystem.mapped if has(firm.mapped, firm.model.month) else 0)


def get_ready(model: Any) -> None:
    """Audit, map and prepare: all in the month a firm begins if it prepares, else each after a while; and pay."""
    rules, month = model.config.ecosystem, model.month
    for firm in model.firms:
        wants = firm.strategy
        if not firm.ruined and wants.prepare and firm.prepared is None:
            firm.prepared = month
            firm.audited = firm.audited if has(firm.audited, month) else month
            firm.mapped = firm.mapped if has(firm.mapped, month) else month
            _pay(firm, "prepared", rules.dashboard_cost)
        if not firm.ruined and not wants.prepare:
            if wants.audit and firm.audited is None:
                firm.audited = month + rules.delay
            if wants.map and firm.mapped is None:
                firm.mapped = month + rules.delay
        if firm.audited == month:
            _pay(firm, "audited", rules.audit_cost)
        if firm.mapped == month:
            _pay(firm, "mapped", rules.map_cost)


def _pay(firm: TwinFirm, event: str, cost: float) -> None:
    firm.pay_setup(cost)
    firm.model.tell(event, firm.key, amount=cost)


def would_have(firm: TwinFirm, other: TwinFirm, kind: str) -> bool:
    """Whether a firm is content with another in an alliance of some type: no rival, or one it trusts enough."""
    model, wants, rules = firm.model, firm.strategy, firm.model.config.ecosystem
    if wants.partners == "non_rivals" and model.above(overlap(firm, other, model.pull), rules.rival_overlap, "rival"):
        return False
    big = wants.ladder and kind in (RND, INFRASTRUCTURE)
    return not (big and model.above(rules.ladder_trust, firm.trust_in(other), "ladder of stakes"))


def consider(search: Any, firm: TwinFirm, options: list[Any]) -> list[Any]:
    """Of a firm's options to begin a charter, to stay first, leave those of the quadrant that it believes in."""
    stay, *chances = options
    policy = firm.strategy.opportunities
    if policy == "value" or not chances:
        return options
    model, rules = search.model, search.model.config.ecosystem
    seen, now = model.luck.normals(Purpose.OPPORTUNITY), model.luck.uniforms(Purpose.OPPORTUNITY, model.month)

    def key(option: Any) -> tuple[int, int]:
        return model.luck.folded[firm.key, option.partner.key], KINDS.index(option.kind.kind)

    if policy == "random":
        return [stay, max(chances, key=lambda option: now[key(option)])]

    def impact(option: Any) -> float:
        pair, number = key(option)
        return option.value * math.exp(rules.matrix_noise * seen[pair, 2 * number])

    def effort(option: Any) -> float:
        config, (pair, number) = model.config, key(option)
        setup = template_setup(model, option.kind, [firm, option.partner]) / 2
        rate = governance_rate(option.kind.kind, config.governance, 2, firm.trust_in(option.partner),
                               config.administration)
        whole = setup + rate * search.brings[firm].size * search.life
        return whole * math.exp(rules.matrix_noise * seen[pair, 2 * number + 1])

    if policy == "quick_wins":
        chances = _half(model, chances, lambda option: -effort(option))
    return [stay, *_half(model, chances, impact)]


def _half(model: Any, options: list[Any], of: Any) -> list[Any]:
    """Those of which `of` is at least the median."""
    values = [of(option) for option in options]
    middle = median(values)
    return [option for option, value in zip(options, values, strict=True)
            if not model.above(middle, value, "better half")]


def lesson(firm: TwinFirm, kind: str) -> float:
    """What a firm multiplies promises of a type by: what it was given for them, and some belief that all are kept."""
    noted, weight = firm.lessons.get(kind, []), firm.model.config.ecosystem.lesson_weight
    return (weight + sum(noted)) / (weight + len(noted))


def learn(m: Any) -> None:
    """Note what an alliance has delivered of what it promised."""
    firm, alliance = m.firm, m.alliance
    if (firm.strategy.learn and alliance.kind == alliance.founded_as and m.gain_months
            and firm.model.above(m.expected, 0.0, "promised")):
        delivered = min(2.0, max(0.0, m.gain / m.expected))
        firm.lessons.setdefault(alliance.kind, []).append(delivered)


def learn_at_review(alliance: Any) -> None:
    """Let all members of a running alliance learn at its review."""
    if alliance.stage != PILOT:
        for m in alliance.members:
            learn(m)
