"""F9: what firms do instead of allying: infrastructure built or rented, R&D alone or by contract."""

from __future__ import annotations

from typing import Any, NamedTuple

from twin.ecosystem import self_image
from twin.equations import capability_gain, rent, stakes, success_chance, value_of_sprinting
from twin.firm import TwinFirm
from twin.words import INFRASTRUCTURE, RND, Purpose

BUILT, BOUGHT = "built", "bought"


class Choice(NamedTuple):
    """What a firm would best have of one kind, and what an alliance for it must be worth to be better, k€."""

    way: str | None
    forgone: float = 0.0


def market_price(cost: float, specificity: float, rules: Any) -> float:
    """F9: what a provider asks for what costs it so much."""
    return cost * (1.0 + rules.markup) * (1.0 + rules.hold_up * specificity)


def capital(firm: TwinFirm, config: Any) -> float:
    """F9: what infrastructure of its own costs a firm; it cannot be had in any size."""
    shared = config.infrastructure
    part = firm.month_cost / shared.user_cost / shared.users
    return shared.capital * max(config.alternatives.smallest, part)


def replaced_alone(firm: TwinFirm, config: Any) -> float:
    """F9, F24: the fixed cost that infrastructure of its own replaces, as that of a first alliance."""
    rules = config.infrastructure
    saved = rules.replaceable * firm.month_cost * min(1.0, rules.replaces / rules.replaceable)
    return min(saved, firm.fixed_cost)


def market_rent(firm: TwinFirm, config: Any) -> float:
    """F9: what renting the same on the market costs a month."""
    rules = config.alternatives
    return market_price(rent(firm, 1.0, config.infrastructure), rules.specificity_infrastructure, rules)


def budget(firm: TwinFirm, config: Any) -> float:
    """F10: what a firm means to spend on R&D a month."""
    return config.research.budget * firm.price * firm.output


def contract_price(firm: TwinFirm, config: Any) -> float:
    """F9: what a contractor asks for as much R&D as the firm would do itself."""
    return market_price(budget(firm, config), config.alternatives.specificity_rnd, config.alternatives)


def most_at_stake(firm: TwinFirm) -> tuple[str, float]:
    """F10: the capability in which a firm has most at stake, and how much."""
    found = stakes(firm, firm.model.pull, self_image(firm))
    target = max(found, key=lambda c: found[c])
    return target, found[target]


def has_means(firm: TwinFirm, outlay: float) -> bool:
    """Whether a firm can pay so much and keep enough."""
    reserve = firm.model.config.alternatives.reserve * firm.month_cost
    return not firm.model.above(reserve, firm.cash - outlay, "means to build")


def is_user(firm: TwinFirm) -> bool:
    """Whether a firm is in an alliance for infrastructure."""
    return firm.oldest(INFRASTRUCTURE) is not None


def best_infrastructure(firm: TwinFirm, life: float) -> Choice:
    """F9: build, rent, or have none; who has built or is in an alliance has nothing to weigh."""
    model, config, own = firm.model, firm.model.config, firm.own_infrastructure
    rules = config.alternatives
    if own == BUILT or is_user(firm):
        return Choice(own)
    way, worth, saved = own, 0.0, replaced_alone(firm, config)
    if own == BOUGHT:
        worth = (firm.own_replaced - firm.own_rent) * life
    elif rules.buy and model.above(market := (saved - market_rent(firm, config)) * life, 0.0, "rent"):
        way, worth = BOUGHT, market
    outlay = capital(firm, config)
    built = (saved - rules.upkeep * outlay) * life - outlay
    if rules.build and model.above(built, worth, "build") and has_means(firm, outlay):
        way, worth = BUILT, built
    return Choice(way, 0.0 if own else worth)


def best_research(firm: TwinFirm, life: float) -> Choice:
    """F9: R&D alone, by contract or none."""
    model, config, own = firm.model, firm.model.config, firm.own_research
    rules = config.alternatives
    if firm.oldest(RND) is not None:
        return Choice(None)
    gained = success_chance(1.0, 1.0, config.research) * value_of_sprinting(most_at_stake(firm)[1], 1.0, config)
    way, worth = None, 0.0
    if own == BUILT:
        alone, possible = (gained - budget(firm, config)) * life, True
    else:
        alone = (gained - budget(firm, config)) * life - rules.laboratory
        possible = rules.build and has_means(firm, rules.laboratory)
    if possible and model.above(alone, worth, "R&D alone"):
        way, worth = BUILT, alone
    if own == BOUGHT or (rules.buy and own is None):
        contract = (gained - contract_price(firm, config)) * life
        if model.above(contract, worth, "contract research"):
            way, worth = BOUGHT, contract
    return Choice(way, worth)


def weigh(model: Any, life: float) -> dict[TwinFirm, dict[str, Choice]] | None:
    """Let every firm see what it could do instead of allying; None where nothing can be built or bought."""
    rules = model.config.alternatives
    if not rules.build and not rules.buy:
        return None
    found = {}
    for firm in model.firms:
        found[firm] = {}
        if rules.infrastructure:
            found[firm][INFRASTRUCTURE] = best_infrastructure(firm, life)
        if rules.rnd:
            found[firm][RND] = best_research(firm, life)
        firm.forgone = {kind: choice.forgone for kind, choice in found[firm].items()}
    return found


def take_up(model: Any, found: dict[TwinFirm, dict[str, Choice]], asked: dict[TwinFirm, str]) -> None:
    """Let firms whose search is due build or buy, but for what they asked others to do together; give up R&D alone."""
    config, month = model.config, model.month
    for firm, choices in found.items():
        due = (month + firm.search_phase) % config.choice.search_months == 0 and not firm.ruined
        if INFRASTRUCTURE in choices and due and not is_user(firm) and asked.get(firm) != INFRASTRUCTURE:
            way = choices[INFRASTRUCTURE].way
            outlay = capital(firm, config)
            if way == BUILT != firm.own_infrastructure and has_means(firm, outlay):
                firm.invest(outlay, "equipment")
                firm.own_rent = config.alternatives.upkeep * outlay
                model.tell("built", firm.key, cause=INFRASTRUCTURE, amount=outlay)
                firm.own_infrastructure, firm.own_replaced = way, replaced_alone(firm, config)
            elif way == BOUGHT and firm.own_infrastructure is None:
                firm.own_rent = market_rent(firm, config)
                model.tell("bought", firm.key, cause=INFRASTRUCTURE, amount=firm.own_rent)
                firm.own_infrastructure, firm.own_replaced = way, replaced_alone(firm, config)
        if firm.own_research and firm.oldest(RND) is not None:
            firm.own_research = None
            model.tell("gave up", firm.key, cause="rnd, allied")
        elif RND in choices and due and firm.oldest(RND) is None and asked.get(firm) != RND:
            _change_research(firm, choices[RND].way)


def _change_research(firm: TwinFirm, way: str | None) -> None:
    """Begin, give up or change the way in which R&D is done outside alliances."""
    model, config, before = firm.model, firm.model.config, firm.own_research
    outlay = config.alternatives.laboratory
    if way == before or (way == BUILT and not has_means(firm, outlay)):
        return
    if before is None:
        firm.research_since, firm.research_target = model.month, most_at_stake(firm)[0]
    firm.own_research = way
    if way == BUILT:
        firm.invest(outlay, "research")
        model.tell("built", firm.key, cause=RND, amount=outlay)
    elif way == BOUGHT:
        model.tell("bought", firm.key, cause=RND, amount=contract_price(firm, config))
    else:
        model.tell("gave up", firm.key, cause="rnd, no gain")


def research_alone(model: Any) -> None:
    """F10: pay for R&D alone or by contract, and end the sprints that are due; then turn to what lacks most."""
    config, luck = model.config, model.luck.uniforms(Purpose.ALONE, model.month)
    for firm in model.firms:
        firm.own_research_cost = 0.0
        if firm.own_research is None or firm.oldest(RND) is not None:
            continue
        alone = firm.own_research == BUILT
        firm.own_research_cost = budget(firm, config) if alone else contract_price(firm, config)
        if (model.month - firm.research_since) % config.research.sprint:
            continue
        if luck[firm.key, 0] < success_chance(1.0, 1.0, config.research):
            gain = capability_gain(firm.capability[firm.research_target], 1.0, config.research)
            firm.develop(firm.research_target, gain)
            model.tell("developed", firm.key, cause="alone" if alone else "bought", amount=gain)
        firm.research_target = most_at_stake(firm)[0]
