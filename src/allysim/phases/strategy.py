"""Phase 9: restructuring, each firm by itself and as its strategy has it (F27, F18).

Reads strategy, month_cost, full_cost, attraction, capability, cash, and saving, alliance_flow and breach_flow of the
month; writes cuts, lines_saved, dropped, lines, fixed_cost, harm, growth_budget, growth_rate, modular_left,
modularised, platform, launch_pace, thrift, unit, unit_capital, and modularity, api_readiness, capabilities, attraction,
appeal, cash, economic_profit.

What is decided at a firm's review works from the next month on: money is spent in instalments, and none on credit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.config.strategy import UNITS
from allysim.dealings.course import choose_course
from allysim.draws import Purpose, normal, stream, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms import restructuring as f27
from allysim.mechanisms.capability import develop, drop
from allysim.mechanisms.demand import importance
from allysim.mechanisms.names import CAPABILITIES, WEIGHTS

if TYPE_CHECKING:
    from allysim.model import AllianceModel

TOLD = ("unit closed", "focused", "cut", "invested", "modularised", "unit founded")
CLOSED, FOCUSED, CUT, INVESTED, MODULARISED, FOUNDED = range(len(TOLD))
PAID = {"severance": Outside.STAFF_LET_GO, "growth": Outside.DEVELOPMENT, "modularisation": Outside.DEVELOPMENT}
"""What is paid for, and to whom."""
SEVERANCE, GROWTH, MODULARISATION = range(len(PAID))


def strategy(model: AllianceModel) -> None:
    """Let firms carry on with what they have begun; those whose review is due choose their course and restructure."""
    choose_course(model)
    state, rules, levers = model.state, model.config.restructuring, model.strategies
    firms, world, n = state.firms, state.world, len(state.firms.key)
    if not world.restructured:
        world.restructured = bool((levers.focus | levers.modularise | (levers.cut > 0.0) | (levers.invest > 0.0)
                                   | (levers.unit > f27.NO_UNIT)).any())
        if not world.restructured:
            return
    told, paid, borne, line = np.full((len(TOLD), n), np.nan), np.zeros((len(PAID), n)), np.zeros(n), np.zeros(n, int)
    weight = model.config.market.capability_weight
    fence(firms.saving, firms.alliance_flow, firms.breach_flow, firms.unit, firms.unit_capital, firms.cash,
          firms.economic_profit, world.outside, borne, told)
    spend(rules, weight, world.pull, firms.month_cost, firms.dropped, firms.born, firms.developed, firms.capability,
          firms.native_attraction, firms.attraction, firms.advanced, firms.growth_rate, firms.growth_budget,
          firms.modular_left, firms.modularity, firms.modularised, firms.api_readiness, firms.cash,
          firms.economic_profit, world.outside, paid)
    review(stream(model.luck, Purpose.REVIEW, 0), model.month, rules, weight, world.pull, levers.focus, levers.cut,
           levers.reinvest, levers.invest, levers.modularise, levers.unit, firms.strategy, firms.key, firms.month_cost,
           firms.modularity, firms.born, firms.developed, firms.capability, firms.native_attraction, firms.attraction,
           firms.dropped, firms.lines, firms.lines_saved, firms.cuts, firms.growth_budget, firms.growth_rate,
           firms.modular_left, firms.platform, firms.unit, firms.unit_capital, firms.cash, firms.economic_profit,
           world.outside, paid, line, told)
    take_effect(stream(model.luck, Purpose.UNIT, 0), rules, firms.key, firms.month_cost, firms.full_cost,
                firms.lines_saved, firms.cuts, firms.unit, firms.modularity, firms.modularised, firms.platform,
                firms.fixed_cost, firms.harm, firms.appeal, firms.launch_pace, firms.thrift)
    for (purpose, account), amount in zip(PAID.items(), paid, strict=True):
        model.ledger.post(purpose, account, firms.key, amount)
    model.ledger.post("loss of a unit", firms.key, Outside.CREDITORS, borne)
    if model.events.kept:
        _tell(model, told, line)


def lighten(model: AllianceModel) -> None:
    """Let modularity, and what units gain by focus, make all cheaper or dearer that goes into a unit of output."""
    firms = model.state.firms
    if model.state.world.restructured:
        firms.learning *= firms.thrift
        firms.unit_cost *= firms.thrift


def _tell(model: AllianceModel, told: Any, line: Any) -> None:
    """Tell what firms did: `told` is the amount of each event (event, n), NaN without; `line` what was dropped (n,)."""
    firms = model.state.firms
    for number, event in enumerate(TOLD):
        slots = np.flatnonzero(~np.isnan(told[number]))
        cause: Any = ""
        if number == FOCUSED:
            cause = [CAPABILITIES[c] for c in line[slots].tolist()]
        elif number == FOUNDED:
            cause = [UNITS[u].replace("_", "-") for u in firms.unit[slots].tolist()]
        model.events.add(event, firm=firms.key[slots], cause=cause, amount=told[number, slots])


@equation
def _pay(i, amount, account, cash, profit, outside):
    """Move cash of the firm in slot `i` to an outside account, k€; economic profit bears it at once."""
    cash[i] -= amount
    profit[i] -= amount
    outside[account] += amount


@kernel
def fence(saving, alliance_flow, breach_flow, unit, capital, cash, profit, outside, borne, told):
    """Charge what a firm loses by its alliances to the capital of its unit that was spun off.

    What the loss exceeds it by is `borne` by the unit's creditors (n,), and the unit is no more.
    """
    for i in range(unit.size):
        if unit[i] != f27.SPIN_OFF:
            continue
        left = capital[i] + min(0.0, saving[i] + alliance_flow[i] + breach_flow[i])
        capital[i] = max(0.0, left)
        if left < 0.0:
            borne[i], unit[i], told[CLOSED, i] = -left, f27.NO_UNIT, -left
            _pay(i, left, Outside.CREDITORS, cash, profit, outside)


@kernel
def spend(rules, weight, pull, month_cost, dropped, born, developed, capability, native, attraction, advanced,
          growth_rate, growth_budget, modular_left, modularity, modularised, readiness, cash, profit, outside, paid):
    """Pay this month's instalments of growth and of modularity, out of cash, and add what they buy.

    Growth goes into the capability with most at stake among the lines that were kept.
    """
    for i in range(cash.size):
        if growth_budget[i] > 0.0:
            spent = f27.instalment(growth_budget[i], growth_rate[i])
            if cash[i] > spent:
                growth_budget[i] -= spent
                paid[GROWTH, i] = spent
                _pay(i, spent, Outside.DEVELOPMENT, cash, profit, outside)
                c = _weakest(i, pull, dropped, capability, attraction)
                gain = f27.built(spent, month_cost[i], capability[i, c], rules)
                develop(i, c, gain, weight, born, developed, capability, native, attraction, advanced)
        if modular_left[i] > 0.0:
            added = f27.instalment(modular_left[i], f27.modular_pace(rules))
            price = f27.modular_price(added, month_cost[i], rules)
            if cash[i] > price:
                modular_left[i] -= added
                modularity[i] = min(1.0, modularity[i] + added)
                modularised[i] += added
                readiness[i] = f27.made_ready(readiness[i], added, rules)
                paid[MODULARISATION, i] = price
                _pay(i, price, Outside.DEVELOPMENT, cash, profit, outside)


@equation
def _weakest(i, pull, dropped, capability, attraction):
    """Return the capability that is kept with the greatest importance x (1 - z), the first of equals."""
    best, found = -1.0, 0
    for c in range(dropped.shape[1]):
        if not dropped[i, c]:
            stake = importance(attraction[i], pull, WEIGHTS, c) * (1.0 - capability[i, c])
            if stake > best:
                best, found = stake, c
    return found


@equation
def _least(i, pull, dropped, capability, attraction):
    """Return the capability that is kept with the least importance x score, the first of equals, and its importance."""
    best, found, weight = 2.0, 0, 0.0
    for c in range(dropped.shape[1]):
        if not dropped[i, c]:
            counts = importance(attraction[i], pull, WEIGHTS, c)
            if counts * capability[i, c] < best:
                best, found, weight = counts * capability[i, c], c, counts
    return found, weight


@kernel
def review(luck, month, rules, weight, pull, focus, cut, reinvest, invest, modularise, wanted, strategy, key,
           month_cost, modularity, born, developed, capability, native, attraction, dropped, lines, lines_saved, cuts,
           growth_budget, growth_rate, modular_left, platform, unit, unit_capital, cash, profit, outside, paid, line,
           told):
    """Let cuts lose a month of their effect, and firms whose review is due do what their strategy has them do."""
    for i in range(key.size):
        cuts[i] = f27.kept_of_cuts(cuts[i], rules)
        if not f27.is_due(month, uniform(luck, key[i], 0), rules.review):
            continue
        of, fixed = strategy[i], month_cost[i]
        if focus[of] and f27.may_drop(lines[i], rules):
            c, counts = _least(i, pull, dropped, capability, attraction)
            share = f27.line_share(counts, born.shape[1], rules)
            drop(i, c, weight, born, developed, capability, native, attraction)
            dropped[i, c], line[i] = True, c
            lines[i] -= 1
            lines_saved[i] += share
            told[FOCUSED, i] = share * fixed
        share = f27.cut_share(cut[of], cuts[i], lines_saved[i])
        if share > 0.0:
            cuts[i] += share
            paid[SEVERANCE, i] = f27.severance(share, fixed, rules)
            _pay(i, paid[SEVERANCE, i], Outside.STAFF_LET_GO, cash, profit, outside)
            told[CUT, i] = share * fixed
        granted = f27.growth(share, reinvest[of], invest[of], fixed)
        if granted > 0.0:
            growth_budget[i] += granted
            growth_rate[i] = growth_budget[i] / rules.review
            told[INVESTED, i] = granted
        if modularise[of] and modular_left[i] == 0.0:
            modular_left[i] = f27.to_modularise(modularity[i])
            if modular_left[i] > 0.0:
                platform[i] = True
                told[MODULARISED, i] = f27.modular_price(modular_left[i], fixed, rules)
        if wanted[of] != f27.NO_UNIT and unit[i] == f27.NO_UNIT:
            unit[i] = wanted[of]
            unit_capital[i] = f27.unit_capital(fixed, rules) if wanted[of] == f27.SPIN_OFF else 0.0
            told[FOUNDED, i] = f27.unit_overhead(fixed, rules)


@kernel
def take_effect(luck, rules, key, month_cost, full_cost, lines_saved, cuts, unit, modularity, modularised, platform,
                fixed_cost, harm, appeal, launch_pace, thrift):
    """Set what follows for fixed cost, appeal, launches and unit cost.

    The first launch after a firm begins to make itself modular is the one that takes longer.
    """
    for i in range(key.size):
        gain, overhead = 0.0, 0.0
        if unit[i] != f27.NO_UNIT:
            gain = f27.focus_gain(normal(luck, key[i], 0), rules)
            overhead = f27.unit_overhead(month_cost[i], rules)
        fixed_cost[i] = max(0.0, full_cost[i] - month_cost[i] * (lines_saved[i] + cuts[i])) + overhead
        now = f27.harm(cuts[i], rules)
        if now != harm[i]:
            appeal[i] += harm[i] - now
            harm[i] = now
        launch_pace[i] = f27.launch_pace(modularity[i], modularised[i], platform[i], rules)
        thrift[i] = f27.thrift(modularised[i], gain, rules)
