"""Phase 9: firms restructure (F27) and make themselves modular (F18), each by itself.

Money that restructuring takes moves cash and economic profit when it is paid. F is a month's fixed cost at the start.
"""

from __future__ import annotations

from typing import Any

from twin.course import choose_course
from twin.equations import importances
from twin.firm import TwinFirm
from twin.words import CAPABILITIES, Purpose

MONTHS_OF_A_YEAR = 12
AT_ONCE = .5    # a programme adds half a unit of modularity at most
CRUMB = 1e-9


def strategy(model: Any) -> None:
    """Let every firm go on with what it has begun, and choose its course and restructure if its review is due."""
    choose_course(model)
    every = model.config.restructuring.review
    draws = model.luck.uniforms(Purpose.REVIEW)
    for firm in model.firms:
        _bear_losses(firm)
        _grow(firm)
        _modularise(firm)
        firm.structure.cuts *= (1.0 - model.config.restructuring.decay) ** (1 / MONTHS_OF_A_YEAR)
        if (model.month + int(draws[firm.key, 0] * every)) % every == 0:
            _review(firm)
        _settle(firm)


def _bear_losses(firm: TwinFirm) -> None:
    """Charge what alliances lose to the unit that was spun off; creditors bear what is beyond its capital."""
    own, model = firm.structure, firm.model
    if own.unit != "spin_off":
        return
    own.capital -= max(0.0, -(firm.saving + firm.alliance_flow + firm.breach_flow))
    if model.above(0.0, own.capital, "ring fence"):
        firm.invest(own.capital, "creditors")
        model.tell("unit closed", firm.key, amount=-own.capital)
        own.unit, own.capital = None, 0.0


def _grow(firm: TwinFirm) -> None:
    """Spend an instalment of the growth budget on what pays best among the lines kept."""
    own, model = firm.structure, firm.model
    rules = model.config.restructuring
    if not own.budget:
        return
    spent = own.budget if own.budget < own.rate + CRUMB else own.rate
    if model.above(firm.cash, spent, "means to grow"):
        own.budget = own.budget - spent if spent < own.budget else 0.0
        firm.invest(spent, "development")
        counts = importances(firm, model.pull)
        lacking = {c: counts[c] * (1.0 - firm.capability[c]) for c in own.lines}
        best = max(own.lines, key=lacking.__getitem__)
        firm.develop(best, 2.0 * (1.0 - firm.capability[best]) * rules.building * spent / firm.month_cost)


def _modularise(firm: TwinFirm) -> None:
    """F18: pay for a month of the programme and get what it adds."""
    own, model = firm.structure, firm.model
    rules = model.config.restructuring
    if not own.to_come:
        return
    month = AT_ONCE / rules.modular_months
    added = own.to_come if own.to_come < month + CRUMB else month
    price = rules.modular_cost * firm.month_cost * added / AT_ONCE
    if model.above(firm.cash, price, "means to modularise"):
        own.to_come = own.to_come - added if added < own.to_come else 0.0
        own.gained += added
        firm.modularity = min(1.0, firm.modularity + added)
        firm.api_readiness = min(1.0, firm.api_readiness + rules.modular_readiness * added)
        firm.invest(price, "development")


def _review(firm: TwinFirm) -> None:
    """Do what the strategy has a firm do at its yearly review."""
    own, model, levers = firm.structure, firm.model, firm.strategy
    rules, year = model.config.restructuring, MONTHS_OF_A_YEAR * firm.month_cost
    if levers.focus and len(own.lines) > rules.lines:
        _drop(firm, rules)
    cut = max(0.0, min(levers.cut, 1.0 - own.cuts - own.line_share))
    if cut:
        own.cuts += cut
        firm.invest(rules.severance * cut * year, "staff let go")
        model.tell("cut", firm.key, amount=cut * firm.month_cost)
    granted = levers.reinvest * cut * year + levers.invest * year
    if granted:
        own.budget += granted
        own.rate = own.budget / rules.review
        model.tell("invested", firm.key, amount=granted)
    if levers.modularise and not own.to_come and firm.modularity < 1.0 - CRUMB:
        own.to_come, own.new_platform = min(AT_ONCE, 1.0 - firm.modularity), True
        model.tell("modularised", firm.key, amount=rules.modular_cost * firm.month_cost * own.to_come / AT_ONCE)
    if levers.unit != "none" and own.unit is None:
        own.unit = levers.unit
        part = rules.unit_part * firm.month_cost
        own.capital = rules.unit_capital * part if own.unit == "spin_off" else 0.0
        model.tell("unit founded", firm.key, cause=own.unit.replace("_", "-"), amount=rules.unit_overhead * part)


def _drop(firm: TwinFirm, rules: Any) -> None:
    """Give up the line that counts least; what was known of it is lost."""
    own = firm.structure
    counts = importances(firm, firm.model.pull)
    least = min(own.lines, key=lambda c: counts[c] * firm.capability[c])
    own.lines.remove(least)
    alike, by_importance = rules.line_even / len(CAPABILITIES), (1.0 - rules.line_even) * counts[least]
    share = rules.line_cost * (alike + by_importance)
    own.line_share += share
    firm.born[least] = firm.developed[least] = 0.0
    firm.attract(firm.model.intercept)
    firm.model.tell("focused", firm.key, cause=least, amount=share * firm.month_cost)


def _settle(firm: TwinFirm) -> None:
    """Set the fixed cost, appeal, pace of launches and thrift that follow."""
    own, model = firm.structure, firm.model
    rules = model.config.restructuring
    saved = (own.cuts + own.line_share) * firm.month_cost
    firm.fixed_cost = max(0.0, firm.full_cost - saved)
    gain = 0.0
    if own.unit is not None:
        gain = max(-1.0, min(1.0, rules.unit_spread * model.luck.normals(Purpose.UNIT)[firm.key, 0]))
        firm.fixed_cost += rules.unit_overhead * rules.unit_part * firm.month_cost
    before, own.harm = own.harm, rules.harm * max(0.0, own.cuts - rules.harmless)
    firm.appeal -= own.harm - before
    start = firm.modularity - own.gained
    own.launch_pace = (1.0 - rules.modular_speed * firm.modularity) / (1.0 - rules.modular_speed * start)
    if own.new_platform:
        own.launch_pace *= 1.0 + rules.platform
    own.thrift = (1.0 - rules.modular_saving * own.gained) * (1.0 - rules.unit_part * gain)
