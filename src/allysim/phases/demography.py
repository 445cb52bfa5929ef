"""Phase 11: exit and entry (F25).

Reads ruined, generation, founded; an exit liquidates the firm, ends its memberships and forgets its ties;
an entrant takes the slot with the next generation and fresh draws, calibrated to this month's market.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.draws import Purpose, firm_key, normal, stream, uniform
from allysim.jit import kernel
from allysim.mechanisms.demand import appeal_for_sales, squared_share, turned
from allysim.mechanisms.learning import learning_factor
from allysim.mechanisms.names import CAPABILITIES, SEGMENTS, WEIGHTS
from allysim.mechanisms.purchasing import list_spend, price_rung
from allysim.mechanisms.separation import exit_hazard
from allysim.mechanisms.stock import holding_cost, safety_stock
from allysim.phases.gates import release
from allysim.phases.sprints import hand_back
from allysim.population import BACKGROUND, REVENUE, draw_misjudgement, draw_traits, set_search_phase
from allysim.rules.market import usual_margin
from allysim.state import BANKRUPTCY, CAUSES, CLOSURE, ENDED
from allysim.ties import forget

if TYPE_CHECKING:
    from allysim.model import AllianceModel

LEAST_COST = 0.05
HALVINGS = 60  # of an entrant's revenue; prices so wild that even these do not do fail in the next market
COUNTS = ("ruined", "alliances", "breaches", "leaks", "own_infrastructure", "own_research", "research_since",
          "research_target", "unit", "reviewed")
FLOWS = ("breach_flow", "breach_cost", "leak_cost", "lost_appeal", "saving", "fixed_saved", "replaced",
         "holding_saved", "research_cost", "joint_appeal", "alliance_flow", "governance_cost", "setup_cost",
         "pool_discount", "own_replaced", "own_rent", "own_research_cost", "economic_profit", "ebitda", "revenue",
         "process_effort", "process_cost", "spare", "lots", "lot_revenue", "lot_margin", "lines_saved", "cuts", "harm",
         "growth_budget", "growth_rate", "modularised", "modular_left", "unit_capital", "profit_then", "result",
         "result_before")


def demography(model: AllianceModel) -> None:
    """Let firms exit, ruined or for reasons of their own, and entrants take their slots."""
    state, firms = model.state, model.state.firms
    slots, causes = np.empty(len(firms.key), dtype=np.int64), np.empty(len(firms.key), dtype=np.int8)
    count = who_exits(model.stream(Purpose.EXIT), model.month, firms.key, firms.generation, firms.founded,
                      firms.ruined, model.config.demography, slots, causes)
    if not count:
        return
    slots, causes = slots[:count].copy(), causes[:count]
    _end_memberships(model, slots, causes)
    _liquidate(model, slots, causes)
    state.world.free_tie = forget(firms, state.ties, slots, state.world.free_tie)
    _enter(model, slots)


@kernel
def who_exits(luck, month, key, generation, founded, ruined, demography, slots, causes):
    """Fill the slots of the firms that exit this month and why they do; returns how many there are."""
    count = 0
    for i in range(key.size):
        if demography.ruin and ruined[i] >= demography.ruin_patience:
            causes[count] = BANKRUPTCY
        elif uniform(luck, key[i], 0) < exit_hazard(generation[i], month - founded[i], demography):
            causes[count] = CLOSURE
        else:
            continue
        slots[count] = i
        count += 1
    return count


def _end_memberships(model: AllianceModel, slots: Any, causes: Any) -> None:
    """End every membership of the firms that exit, and alliances left with fewer than two members."""
    world, members, alliances = model.state.world, model.state.memberships, model.state.alliances
    listed = model.state.roster.rows
    gone = np.empty(listed.size + world.n_memberships - world.n_listed, dtype=np.int32)
    count = break_up(slots, causes, model.month, listed, world.n_listed, world.n_memberships,
                     model.state.firms.alliances, members.firm, members.alliance, members.left, members.cause,
                     alliances.members, alliances.stage, alliances.ended, alliances.cause, gone)
    if count:
        hand_back(model, gone[:count], slots)
        release(model, gone[:count])


@kernel
def break_up(slots, causes, month, listed, first, end, alliances, member, alliance, left, cause, size, stage, ended,
             why, gone):
    """Fill the memberships that end: those of firms that exit, then those of members left alone by them.

    Living memberships are among `listed` and those from `first` to `end`; returns how many end.
    """
    count, leaver = 0, np.zeros(alliances.size, dtype=np.int8)
    for k in range(slots.size):
        count += alliances[slots[k]]
        leaver[slots[k]] = causes[k]
    if count == 0:
        return 0
    count, last = 0, 0
    for alone in (False, True):
        for m in range(listed.size + end - first):
            r = listed[m] if m < listed.size else first + m - listed.size
            a = alliance[r]
            if left[r] >= 0:
                continue
            if not alone and leaver[member[r]]:
                left[r], cause[r] = month, leaver[member[r]]
                size[a] -= 1
            elif alone and ended[a] == month:
                left[r], cause[r] = month, why[a]
            else:
                continue
            gone[count] = r
            count += 1
        for r in gone[last:count]:
            if size[alliance[r]] < 2:
                stage[alliance[r]], ended[alliance[r]], why[alliance[r]] = ENDED, month, cause[r]
        last = count
    return count


def _liquidate(model: AllianceModel, slots: Any, causes: Any) -> None:
    """Pay out or write off what is left, and keep the figures of the firms that go."""
    firms, world, ledger = model.state.firms, model.state.world, model.ledger
    key, cash = firms.key[slots], firms.cash[slots]
    world.outside[Outside.LIQUIDATION] += np.add.reduce(cash)
    if ledger.kept:
        ledger.post("liquidation", Outside.LIQUIDATION, key, np.maximum(cash, 0.0))
        ledger.post("liquidation", key, Outside.LIQUIDATION, np.maximum(-cash, 0.0))
    model.events.add("exit", firm=key, cause=[CAUSES[c] for c in causes], amount=cash)
    firms.cash[slots] = 0.0
    firms.template[slots] = 0
    firms.outside_option[slots] = 0.0
    firms.audited[slots] = firms.mapped[slots] = firms.prepared[slots] = -1
    firms.lesson[slots], firms.lessons[slots] = 1.0, 0
    model.recorder.leave(model.state, slots)
    wind_up(slots, firms.focal, firms.economic_profit, firms.breaches, firms.breach_cost, firms.leaks,
            firms.leak_cost, world.departed,
            tuple(getattr(firms, name) for name in COUNTS), tuple(getattr(firms, name) for name in FLOWS))


@kernel
def wind_up(slots, focal, profit, breaches, breach_cost, leaks, leak_cost, departed, counts, flows):
    """Add the cumulative figures of the firms that exit to those `departed` (2, 5), and begin anew at 0."""
    total = np.zeros(departed.shape)
    for i in slots:
        for g in range(0 if focal[i] else 1, 2):
            total[g, 0] += profit[i]
            total[g, 1] += breaches[i]
            total[g, 2] += breach_cost[i]
            total[g, 3] += leaks[i]
            total[g, 4] += leak_cost[i]
        for column in counts:
            column[i] = 0
        for column in flows:
            column[i] = 0.0
    departed += total


def _enter(model: AllianceModel, slots: Any) -> None:
    """Fill the slots with entrants: fresh draws, small, priced at the market's mean, never focal."""
    state, scenario, month = model.state, model.config, model.month
    firms, world = state.firms, state.world
    taste, strength = np.empty((slots.size, len(SEGMENTS))), np.empty((slots.size, len(CAPABILITIES)))
    luck = stream(model.luck, Purpose.POPULATION, 0)
    bear(slots, luck, stream(model.luck, Purpose.SEARCH, 0), month, scenario.choice.search_months,
         scenario.firms.attention_small, scenario.trust.disposition,
         (scenario.firms.risk_aversion, scenario.firms.risk_spread), scenario.customers,
         scenario.market.taste_spread, firms.generation, firms.key, firms.founded, firms.focal,
         firms.large, firms.strategy, firms.procurement, firms.attention, firms.disposition, firms.on_time,
         firms.churn, firms.search_phase, firms.capability, firms.culture, firms.modularity, firms.api_readiness,
         firms.risk_aversion, firms.honesty, firms.launch_age, firms.launched, taste,
         scenario.market.capability_weight, strength)
    draw_misjudgement(stream(model.luck, Purpose.SELF_ASSESSMENT, 0), slots, firms.key, firms.misjudged)
    size = math.exp(world.common_demand) * world.market_size * world.demand_factor
    drawn_to = np.exp(taste + strength @ WEIGHTS.T)  # the very functions of month 0, down to the last bit
    price = firms.price[firms.founded < month]  # of those that stay
    price = price if price.size else firms.price
    place(luck, slots, firms.key, (scenario.demography.entrant_revenue, scenario.firms.small_spread),
          np.add.reduce(price) / price.size, world.price_sensitivity,
          turned(world.price_sensitivity, scenario.market.price_sensitivity), size, month, firms.founded,
          world.intercept, drawn_to, firms.attraction, firms.own_demand, firms.launched, firms.joint_appeal,
          firms.appeal, firms.price, firms.unit_cost, firms.target, firms.home)
    firms.born[slots], firms.native_attraction[slots] = firms.capability[slots], firms.attraction[slots]
    firms.developed[slots], firms.advanced[slots] = 0.0, False
    firms.subscriptions[slots] = firms.missed[slots] = firms.compensation[slots] = 0.0
    market = model.rules["market"]
    asked, wanted = firms.price[slots], firms.target[slots] / np.exp(firms.own_demand[slots])
    if hasattr(market, "cost_behind"):  # not the logit mark-up
        firms.unit_cost[slots] = np.maximum(market.cost_behind(asked, wanted, size), LEAST_COST * asked)
    behind = firms.unit_cost[slots] / asked
    margin = usual_margin(scenario, market, 1.0 - behind,
                          holding_cost(safety_stock(scenario.stock), behind, scenario.stock))
    equip(slots, margin, scenario.firms.input_share, scenario.firms.cash_months, scenario.customers, scenario.stock,
          scenario.learning, scenario.purchasing, world.experience, firms.home, firms.price, firms.unit_cost,
          firms.target, firms.input_index, firms.experience, firms.experience_unit, firms.learning, firms.rung,
          firms.list_price, firms.other_cost, firms.month_cost, firms.fixed_cost, firms.lead_cost, firms.leads,
          firms.cash, firms.sales, firms.production, firms.output, firms.stock, firms.stock_share, firms.capacity,
          firms.margin, firms.bare_margin)
    firms.full_cost[slots] = firms.fixed_cost[slots]
    firms.dropped[slots], firms.lines[slots], firms.platform[slots] = False, len(CAPABILITIES), False
    firms.launch_pace[slots] = firms.thrift[slots] = 1.0
    key, capital = firms.key[slots], firms.cash[slots]
    world.outside[Outside.ENTRANTS_CAPITAL] -= np.add.reduce(capital)
    model.ledger.post("capital", key, Outside.ENTRANTS_CAPITAL, capital)
    model.events.add("entry", firm=key, amount=capital)


@kernel
def bear(slots, luck, luck_search, month, search_months, attention_small, trust, risk, customers, taste_spread,
         generation, key, founded, focal, large, strategy, procurement, attention, disposition, on_time, churn,
         search_phase, capability, culture, modularity, readiness, risk_aversion, honesty, launch_age, launched, taste,
         weight, strength):
    """Give each slot to an entrant: its identity, what all entrants share, and its traits (`draw_traits`).

    `strength` (k, 8) is its capability times `weight`.
    """
    for i in slots:
        generation[i] += 1
        key[i] = firm_key(i, generation[i])
        founded[i], focal[i], large[i], strategy[i], procurement[i] = month, False, False, BACKGROUND, -1
        attention[i], disposition[i], on_time[i], churn[i] = attention_small, trust, 1.0, customers.churn
    set_search_phase(luck_search, slots, key, search_months, search_phase)
    draw_traits(luck, slots, key, risk, customers, taste_spread, capability, culture, modularity, readiness,
                risk_aversion, honesty, launch_age, launched, taste)
    for k in range(slots.size):
        for c in range(strength.shape[1]):
            strength[k, c] = weight * capability[slots[k], c]


@kernel
def inclusive_value(month, founded, attraction, appeal, launched, joint, price, price_sensitivity, turned):
    """Return sum of exp(u) over the firms founded before `month`, by segment (S,)."""
    total = np.zeros(attraction.shape[1])
    for i in range(founded.size):
        if founded[i] < month:
            utility = math.exp(appeal[i] + launched[i] + joint[i] + turned - price_sensitivity * price[i])
            for s in range(total.size):
                total[s] += attraction[i, s] * utility
    return total


@kernel
def place(luck, slots, key, drawn, mean_price, price_sensitivity, turned, market_size, month, founded, intercept,
          drawn_to, attraction, own_demand, launched, joint, appeal, price, unit_cost, target, home):
    """Set attraction, price, appeal, unit cost and demand of each entrant: its drawn revenue, sold on this market.

    `drawn_to` (k, S) is how segments are drawn to it, and `drawn` is (median, log sd) of revenue. Entrants of one
    month see those of lower slots; a revenue that the market cannot bear is halved until it can. `turned` is
    `mechanisms.demand.turned`.
    """
    median, spread = drawn
    others = inclusive_value(month, founded, attraction, appeal, launched, joint, price, price_sensitivity, turned)
    for k in range(slots.size):
        i = slots[k]
        for s in range(others.size):
            attraction[i, s] = intercept[s] * drawn_to[k, s]
        sales = median * math.exp(spread * normal(luck, key[i], REVENUE)) / mean_price
        total = appeal_for_sales(attraction[i], others, market_size, sales / math.exp(own_demand[i]), mean_price,
                                 price_sensitivity)
        for _ in range(HALVINGS):
            if not math.isnan(total):
                break
            sales *= 0.5
            total = appeal_for_sales(attraction[i], others, market_size, sales / math.exp(own_demand[i]), mean_price,
                                     price_sensitivity)
        price[i], target[i], appeal[i] = mean_price, sales, total - launched[i] - turned
        utility = math.exp(total - price_sensitivity * mean_price)
        best = 0.0
        for s in range(others.size):
            others[s] += attraction[i, s] * utility
        for s in range(others.size):
            sold = market_size[s] * attraction[i, s] * utility / (1.0 + others[s])
            if sold > best:
                best, home[i] = sold, s
        share, _ = squared_share(attraction[i], utility, market_size, others)
        # a mark-up above the market's price leaves no cost: such an entrant starts nearly without, and reprices
        unit_cost[i] = max(mean_price - 1.0 / (price_sensitivity * (1.0 - share)), LEAST_COST * mean_price)


@kernel
def equip(slots, ebitda_margin, input_share, cash_months, customers, stock, learning, purchasing, experience_mean, home,
          price, unit_cost, target, input_index, experience, experience_unit, learned, rung, list_price, other_cost,
          month_cost, fixed_cost, lead_cost, leads, cash, sales, production, output, in_stock, stock_share, capacity,
          margin, bare_margin):
    """Divide each entrant's cost and start its processes at rest, as at month 0; `ebitda_margin` is (k,)."""
    months = safety_stock(stock)
    for k in range(slots.size):
        i = slots[k]
        experience[i] = learning.entrant * experience_mean[home[i]]
        experience_unit[i] = learning.experience_months * target[i]
        learned[i] = learning_factor(experience[i], experience_mean[home[i]], learning)
        bought = input_share * unit_cost[i] / (learned[i] * input_index[i])
        rung[i] = price_rung(list_spend(bought * target[i], purchasing), purchasing)
        list_price[i] = bought / rung[i]
        other_cost[i] = (1.0 - input_share) * unit_cost[i] / learned[i]
        revenue = price[i] * target[i]
        margin[i] = (price[i] - unit_cost[i]) * target[i]
        in_stock[i], stock_share[i] = months * target[i], 1.0
        held = holding_cost(in_stock[i], unit_cost[i], stock)
        month_cost[i] = max(held, margin[i] - ebitda_margin[k] * revenue)
        marketing = min(customers.marketing_share * revenue, month_cost[i] - held)
        leads[i] = customers.churn * target[i]
        lead_cost[i] = marketing / leads[i] if leads[i] > 0.0 else 0.0
        fixed_cost[i] = max(month_cost[i] - lead_cost[i] * leads[i] - held, 0.0)
        cash[i] = cash_months * month_cost[i]
        sales[i] = production[i] = output[i] = target[i]
        capacity[i] = customers.capacity * target[i]
        for m in range(bare_margin.shape[1]):
            bare_margin[i, m] = margin[i]
