"""The firms of month 0 (calibrated to given revenues), and phase 11: exit and entry (F22, F25)."""

from __future__ import annotations

import math
from typing import Any

from allysim.draws import normal_quantile
from twin.firm import TwinFirm, introduce
from twin.market import consumer_surplus, demand_now, inverse_demand, turned
from twin.networks import names
from twin.sprints import hand_back
from twin.stock import safety_months
from twin.words import CAPABILITIES, CULTURE, DEMAND_SHARE, REVENUE, SEGMENTS, Purpose

STRATA = 10
ACQUAINTED = 25      # firms of a file no longer than this know each other
LEAST_COST = 0.05    # of the price, for an entrant whose mark-up would leave nothing
HALVINGS = 60        # of an entrant's revenue, if the market cannot bear it
GREATEST_APPEAL = 60.0


def populate(model: Any) -> None:
    """Draw and calibrate the firms of month 0: a user's own first, then those of a network, then others."""
    config, own, named = model.config, model.config.own, names(model.config)
    first = own.n if own else 0
    n = max(len(named), config.firms.n if config.firms.background is None else first + config.firms.background)
    model.firms = [TwinFirm(model, slot) for slot in range(n)]
    for firm in model.firms[first:]:
        _draw_size(firm, config.firms)
    given = [_take_own(firm, own, config) for firm in model.firms[:first]]
    if own is None:
        small = [firm for firm in model.firms if not firm.large]
        for firm in model.firms[:len(named)] if named else small[:config.firms.focal]:
            firm.focal, firm.strategy = True, config.strategy
    for firm in model.firms:
        firm.attention = config.firms.attention_large if firm.large else config.firms.attention_small
    _calibrate(model)
    for firm, row in zip(model.firms, given + [{}] * (n - first), strict=True):
        inputs = row.get("input_share", config.firms.input_share * firm.unit_cost)
        margin = row.get("ebitda_margin", usual_margin(firm, 1.0))
        firm.start(firm.revenue, 1.0, margin, inputs, row.get("cash"))
        firm.ebitda = margin * firm.revenue
    if first <= ACQUAINTED:
        introduce(model.firms[:first])


def _draw_size(firm: TwinFirm, drawn: Any) -> None:
    """Draw size class and revenue; class and stratum come from the slot's number, so one more firm changes none."""
    before = int(firm.slot * drawn.large_share + 1e-9)  # large firms in lower slots
    firm.large = int((firm.slot + 1) * drawn.large_share + 1e-9) > before
    number = before if firm.large else firm.slot - before
    stratum = 3 * number % STRATA
    luck = firm.model.luck
    p = (stratum + luck.uniforms(Purpose.POPULATION)[firm.key, REVENUE]) / STRATA
    median, spread = ((drawn.large_revenue, drawn.large_spread) if firm.large
                      else (drawn.small_revenue, drawn.small_spread))
    firm.revenue = median * math.exp(spread * float(normal_quantile(p)))


def _take_own(firm: TwinFirm, own: Any, config: Any) -> dict[str, float]:
    """Put what the user's file says over what was drawn; return what is about its costs and cash."""
    given = {name: own.column(name)[firm.slot] for name in own.to_dict()}
    given = {name: value for name, value in given.items() if value is not None}
    firm.focal, firm.revenue = True, given["revenue"]
    firm.large = firm.revenue >= config.firms.large_from
    firm.strategy = config.named[given["strategy"]] if "strategy" in given else config.strategy
    firm.risk_aversion = given.get("risk_aversion", firm.risk_aversion)
    firm.disposition = given.get("trust", firm.disposition)
    firm.modularity = given.get("modularity", firm.modularity)
    firm.api_readiness = given.get("api_readiness", firm.api_readiness)
    firm.subscriptions = given.get("subscriptions", 0.0)
    firm.born |= {name: given[name] for name in CAPABILITIES if name in given}
    firm.culture |= {name: given[name] for name in CULTURE if name in given}
    if "segment" in given:
        firm.home = SEGMENTS.index(given["segment"])
        firm.taste[firm.home] += config.market.home_taste
    return {name: given[name] for name in ("ebitda_margin", "input_share", "cash") if name in given}


def _calibrate(model: Any) -> None:
    """F22: find A and B at which every firm sells its revenue at a price of 1, and the outside good its share.

    Alternating: each segment's B from the firms' A, each firm's A from the segments' B. B of the first segment
    is 0.
    """
    config, firms = model.config, model.firms
    alpha, outside = config.market.price_sensitivity, config.market.outside_share
    total = sum(firm.revenue for firm in firms)
    model.market_size = [total * share / (1.0 - outside) for share in DEMAND_SHARE]
    odds = (1.0 - outside) / outside  # of buying inside
    for firm in firms:
        firm.attract([1.0] * len(SEGMENTS))
        firm.utility = firm.revenue / total
    worst = 1.0
    while worst > 1e-13:
        value = [sum(firm.attraction[s] * firm.utility for firm in firms) for s in range(len(SEGMENTS))]
        intercept = [odds / v for v in value]
        demand = [m * outside * b for m, b in zip(model.market_size, intercept, strict=True)]
        last, worst = worst, 0.0
        for firm in firms:
            utility = firm.revenue / sum(d * a for d, a in zip(demand, firm.attraction, strict=True))
            worst = max(worst, abs(firm.utility / utility - 1.0))
            firm.utility = utility
        if last < 1e-11 and worst >= last:  # rounding is all that is left
            break
    model.intercept = [b / intercept[0] for b in intercept]
    model.inclusive_value = [0.0] * len(SEGMENTS)
    for firm in firms:
        firm.attract(model.intercept)
        firm.utility *= intercept[0]
        firm.appeal = math.log(firm.utility) + alpha - firm.launched
        for s, attraction in enumerate(firm.attraction):
            model.inclusive_value[s] += attraction * firm.utility
    for firm in firms:
        sbar, best = mean_share(firm, model.market_size, model.inclusive_value)
        firm.unit_cost = 1.0 - 1.0 / (alpha * (1.0 - sbar))
        firm.home = firm.home if firm.home >= 0 else best
        if config.rules.market == "cournot":
            firm.unit_cost = 1.0 - inverse_demand(model)[1] * firm.revenue
    model.pull = [m / (1.0 + value) for m, value in zip(model.market_size, model.inclusive_value, strict=True)]
    model.consumer_surplus = consumer_surplus(model.market_size, model.inclusive_value, alpha)
    if config.rules.market == "cournot":
        model.consumer_surplus = 0.5 * inverse_demand(model)[1] * total**2


def usual_margin(firm: TwinFirm, price: float) -> float:
    """Return EBITDA over revenue where not given; under Cournot as much of gross margin as for a small logit firm,
    or what holding stock leaves of it."""
    config = firm.model.config
    if config.rules.market == "cournot":
        part = min(1.0, config.firms.ebitda_margin * config.market.price_sensitivity)
        gross = price - firm.unit_cost
        held = config.stock.holding * safety_months(config.stock) * firm.unit_cost
        return min(part * gross, gross - held) / price
    return config.firms.ebitda_margin


def mean_share(firm: TwinFirm, size: list[float], inclusive: list[float]) -> tuple[float, int]:
    """Return sbar, the mean of a firm's market shares weighted by its sales, and the segment it sells most in."""
    shares = [a * firm.utility / (1.0 + value) for a, value in zip(firm.attraction, inclusive, strict=True)]
    sales = [m * share for m, share in zip(size, shares, strict=True)]
    sbar = sum(sold * share for sold, share in zip(sales, shares, strict=True)) / sum(sales)
    return sbar, sales.index(max(sales))


def demography(model: Any) -> None:
    """F25: let firms exit, ruined or for reasons of their own, and entrants take their slots."""
    rules, month = model.config.demography, model.month
    luck = model.luck.uniforms(Purpose.EXIT, month)
    leaving = {}
    for firm in model.firms:
        if rules.ruin and firm.ruined >= rules.ruin_patience:
            leaving[firm] = "bankruptcy"
        elif model.above(_exit_hazard(firm, month, rules), luck[firm.key, 0], "exit"):
            leaving[firm] = "closure"
    if not leaving:
        return
    _leave_alliances(model, leaving)
    for firm, cause in leaving.items():
        _exit(model, firm, cause)
    _enter(model, leaving)


def _exit_hazard(firm: TwinFirm, month: int, rules: Any) -> float:
    """F25: the residual hazard a month; that of an entrant falls with age."""
    if firm.generation == 0:
        return rules.exit_incumbent
    age = month - firm.founded
    return min(1.0, rules.exit_entrant + rules.exit_newness * math.exp(-age / rules.exit_fading))


def _leave_alliances(model: Any, leaving: dict[TwinFirm, str]) -> None:
    """End the memberships of the firms that exit, and alliances left with fewer than two members."""
    for alliance in list(model.living):
        gone = [m for m in alliance.members if m.firm in leaving]
        stay = [m for m in alliance.members if m not in gone]
        for m in gone:
            m.leave(model.month, leaving[m.firm])
        if gone and len(alliance.members) < 2:
            alliance.end(gone[-1].cause)
            hand_back(stay)
        if alliance.venture:
            alliance.venture.let_go(gone)


def _exit(model: Any, firm: TwinFirm, cause: str) -> None:
    """Pay out or write off what is left; everybody forgets the firm."""
    model.tell("exit", firm.key, cause=cause, amount=firm.cash)
    model.outside["liquidation"] += firm.cash
    for other in firm.ties:
        del other.ties[firm]
    firm.remove()
    model.gone.append(firm)


def _enter(model: Any, leaving: dict[TwinFirm, str]) -> None:
    """Fill the slots with entrants: fresh draws, small, at the market's mean price, with the shocks of the slot.

    Entrants of one month see those of lower slots.
    """
    alpha = model.price_sensitivity
    stayed = [firm for firm in model.firms if firm not in leaving]
    price = sum(firm.price for firm in stayed or model.firms) / len(stayed or model.firms)
    others = [0.0] * len(SEGMENTS)
    for firm in stayed:
        utility = math.exp(firm.appeal + firm.launched + firm.joint_appeal + turned(model) - alpha * firm.price)
        for s, attraction in enumerate(firm.attraction):
            others[s] += attraction * utility
    for old in leaving:
        entrant = TwinFirm(model, old.slot, old.generation + 1)
        entrant.own_demand, entrant.own_price = old.own_demand, old.own_price
        entrant.input_index, entrant.disrupted = old.input_index, old.disrupted
        entrant.attract(model.intercept)
        _place(entrant, price, others)
        model.firms[old.slot] = entrant
        model.outside["entrants capital"] -= entrant.cash
        model.tell("entry", entrant.key, amount=entrant.cash)


def _place(firm: TwinFirm, price: float, others: list[float]) -> None:
    """Give an entrant the appeal at which it sells what it drew, and costs at which that is its mark-up."""
    model, config = firm.model, firm.model.config
    alpha, size = model.price_sensitivity, demand_now(model)
    luck = model.luck.normals(Purpose.POPULATION)[firm.key, REVENUE]
    sales = config.demography.entrant_revenue * math.exp(config.firms.small_spread * luck) / price
    for _ in range(HALVINGS + 1):
        value = _value_for_sales(firm.attraction, others, size, sales / math.exp(firm.own_demand))
        if value is not None:
            break
        sales *= 0.5
    firm.appeal = value + alpha * price - turned(model) - firm.launched
    firm.utility = math.exp(value)
    for s, attraction in enumerate(firm.attraction):
        others[s] += attraction * firm.utility
    sbar, firm.home = mean_share(firm, size, others)
    cost = price - 1.0 / (alpha * (1.0 - sbar))
    if config.rules.market == "cournot":
        cost = price - inverse_demand(model)[1] * sales / math.exp(firm.own_demand)
    firm.unit_cost = max(cost, LEAST_COST * price)
    firm.experience = config.learning.entrant * model.experience[firm.home]
    firm.learning = config.learning.entrant ** math.log2(config.learning.progress_ratio)
    firm.start(sales, price, usual_margin(firm, price), config.firms.input_share * firm.unit_cost)


def _value_for_sales(attraction: list[float], others: list[float], size: list[float], sales: float) -> float | None:
    """Return the log utility (appeal less alpha p) that sells `sales`, by bisection; None if none below 60 does."""
    low, high = -GREATEST_APPEAL, GREATEST_APPEAL
    while low < (middle := 0.5 * (low + high)) < high:
        utility = math.exp(middle)
        sold = sum(m * a * utility / (1.0 + o + a * utility) for m, a, o in zip(size, attraction, others, strict=True))
        if sold < sales:
            low = middle
        else:
            high = middle
    return middle if high < GREATEST_APPEAL else None
