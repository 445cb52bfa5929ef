"""Phase 11: exit and entry (F25).

Reads ruined, generation, founded; an exit liquidates the firm, ends its memberships and forgets its ties;
an entrant takes the slot with the next generation and fresh draws, calibrated to this month's market.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.draws import Purpose, normal, stream, uniform
from allysim.jit import kernel
from allysim.mechanisms.demand import appeal_for_sales, squared_share
from allysim.mechanisms.learning import learning_factor
from allysim.mechanisms.names import WEIGHTS
from allysim.mechanisms.purchasing import list_spend, price_rung
from allysim.mechanisms.separation import exit_hazard
from allysim.phases.gates import release
from allysim.population import BACKGROUND, REVENUE, draw_traits, set_search_phase
from allysim.roster import live_memberships
from allysim.state import BANKRUPTCY, CLOSURE, ENDED
from allysim.ties import forget

if TYPE_CHECKING:
    from allysim.model import AllianceModel

LEAST_COST = 0.05
HALVINGS = 60  # of an entrant's revenue; prices so wild that even these do not do fail in the next market
RESET = ("ruined", "alliances", "breaches", "breach_flow", "breach_cost", "saving", "alliance_flow", "governance_cost",
         "setup_cost", "pool_discount", "economic_profit", "ebitda", "revenue")


def demography(model: AllianceModel) -> None:
    """Let firms exit, ruined or for reasons of their own, and entrants take their slots."""
    state, month, settings = model.state, model.month, model.config.demography
    firms = state.firms
    leaving = np.zeros(len(firms.key), dtype=np.int8)
    who_exits(model.stream(Purpose.EXIT), month, firms.key, firms.generation, firms.founded, firms.ruined,
              settings, leaving)
    slots = np.flatnonzero(leaving)
    if not slots.size:
        return
    causes = leaving[slots]
    _end_memberships(model, slots, causes)
    _liquidate(model, slots, causes)
    state.world.free_tie = forget(firms, state.ties, slots, state.world.free_tie)
    _enter(model, slots)


@kernel
def who_exits(luck, month, key, generation, founded, ruined, demography, leaving):
    """Mark the firms that exit this month with the cause."""
    for i in range(key.size):
        if demography.ruin and ruined[i] >= demography.ruin_patience:
            leaving[i] = BANKRUPTCY
        elif uniform(luck, key[i], 0) < exit_hazard(generation[i], month - founded[i], demography):
            leaving[i] = CLOSURE


def _end_memberships(model: AllianceModel, slots: Any, causes: Any) -> None:
    """End every membership of the firms that exit, and alliances left with fewer than two members."""
    state, month = model.state, model.month
    members, alliances = state.memberships, state.alliances
    live = live_memberships(state)
    why = np.zeros(len(state.firms.key), dtype=np.int8)
    why[slots] = causes
    gone = live[why[members.firm[live]] > 0]
    if not gone.size:
        return
    members.left[gone], members.cause[gone] = month, why[members.firm[gone]]
    np.subtract.at(alliances.members, members.alliance[gone], 1)
    touched = np.unique(members.alliance[gone])
    over = touched[alliances.members[touched] < 2]
    alliances.stage[over], alliances.ended[over] = ENDED, month
    for row in gone:
        if alliances.ended[members.alliance[row]] == month:
            alliances.cause[members.alliance[row]] = members.cause[row]
    rest = live[(members.left[live] < 0) & np.isin(members.alliance[live], over)]
    members.left[rest], members.cause[rest] = month, alliances.cause[members.alliance[rest]]
    release(model, np.concatenate([gone, rest]))


def _liquidate(model: AllianceModel, slots: Any, causes: Any) -> None:
    """Pay out or write off what is left, and keep the figures of the firms that go."""
    firms, world = model.state.firms, model.state.world
    cash = firms.cash[slots]
    world.outside[Outside.LIQUIDATION] += cash.sum()
    model.ledger.post("liquidation", Outside.LIQUIDATION, firms.key[slots], np.maximum(cash, 0.0))
    model.ledger.post("liquidation", firms.key[slots], Outside.LIQUIDATION, np.maximum(-cash, 0.0))
    model.events.add("exit", firm=firms.key[slots], cause=np.where(causes == BANKRUPTCY, "bankruptcy", "closure"),
                     amount=cash)
    firms.cash[slots] = 0.0
    figures = np.stack([firms.economic_profit[slots], firms.breaches[slots], firms.breach_cost[slots]], axis=1)
    world.departed[0] += figures[firms.focal[slots]].sum(axis=0)
    world.departed[1] += figures.sum(axis=0)
    model.archive_firms(slots)


def _enter(model: AllianceModel, slots: Any) -> None:
    """Fill the slots with entrants: fresh draws, small, priced at the market's mean, never focal."""
    state, scenario, month = model.state, model.config, model.month
    firms, world = state.firms, state.world
    for name in RESET:
        getattr(firms, name)[slots] = 0
    firms.generation[slots] += 1
    firms.key[slots] = (firms.generation[slots].astype(np.uint64) << np.uint64(32)) | slots.astype(np.uint64)
    firms.founded[slots] = month
    firms.focal[slots] = firms.large[slots] = False
    firms.strategy[slots] = BACKGROUND
    firms.procurement[slots] = -1
    firms.attention[slots] = scenario.firms.attention_small
    firms.disposition[slots] = scenario.trust.disposition
    firms.on_time[slots] = 1.0
    firms.churn[slots] = scenario.customers.churn
    set_search_phase(firms, slots, model.luck, scenario.choice.search_months)
    stays = np.ones(len(firms.key), dtype=np.bool_)
    stays[slots] = False
    mean_price = float(firms.price[stays].mean()) if stays.any() else float(firms.price.mean())
    others = inclusive_value(stays, firms.attraction, firms.appeal, firms.launched, firms.price,
                             scenario.market.price_sensitivity)
    taste = np.empty_like(firms.attraction)
    luck = stream(model.luck, Purpose.POPULATION, 0)
    draw_traits(luck, slots, firms.key, (scenario.firms.risk_aversion, scenario.firms.risk_spread), scenario.customers,
                scenario.market.taste_spread, firms.capability, firms.culture, firms.modularity, firms.risk_aversion,
                firms.honesty, firms.launch_age, firms.launched, taste)
    fit = scenario.market.capability_weight * firms.capability[slots] @ WEIGHTS.T
    firms.attraction[slots] = world.intercept * np.exp(taste[slots] + fit)
    place(luck, slots, firms.key, (scenario.demography.entrant_revenue, scenario.firms.small_spread), mean_price,
          scenario.market.price_sensitivity, math.exp(world.common_demand) * world.market_size, others,
          firms.attraction, firms.own_demand, firms.launched, firms.appeal, firms.price, firms.unit_cost, firms.target,
          firms.home)
    equip(slots, scenario.firms.ebitda_margin, scenario.firms.input_share, scenario.firms.cash_months,
          scenario.customers, scenario.learning, scenario.purchasing, world.experience, firms.home, firms.price,
          firms.unit_cost, firms.target, firms.input_index, firms.experience, firms.experience_unit, firms.learning,
          firms.rung, firms.list_price, firms.other_cost, firms.month_cost, firms.fixed_cost, firms.lead_cost,
          firms.leads, firms.cash, firms.capacity, firms.margin, firms.bare_margin)
    firms.sales[slots] = firms.output[slots] = firms.target[slots]
    capital = firms.cash[slots]
    world.outside[Outside.ENTRANTS_CAPITAL] -= capital.sum()
    model.ledger.post("capital", firms.key[slots], Outside.ENTRANTS_CAPITAL, capital)
    model.events.add("entry", firm=firms.key[slots], amount=capital)


@kernel
def inclusive_value(stays, attraction, appeal, launched, price, price_sensitivity):
    """Return sum of exp(u) over the firms that stay, by segment (S,)."""
    total = np.zeros(attraction.shape[1])
    for i in range(stays.size):
        if stays[i]:
            utility = math.exp(appeal[i] + launched[i] - price_sensitivity * price[i])
            for s in range(total.size):
                total[s] += attraction[i, s] * utility
    return total


@kernel
def place(luck, slots, key, drawn, mean_price, price_sensitivity, market_size, others, attraction, own_demand, launched,
          appeal, price, unit_cost, target, home):
    """Set price, appeal, unit cost and demand of each entrant: its drawn revenue, sold on this month's market.

    `drawn` is (median, log sd) of revenue. Entrants of one month see those of lower slots; a revenue that the
    market cannot bear is halved until it can.
    """
    median, spread = drawn
    for i in slots:
        sales = median * math.exp(spread * normal(luck, key[i], REVENUE)) / mean_price
        total = appeal_for_sales(attraction[i], others, market_size, sales / math.exp(own_demand[i]), mean_price,
                                 price_sensitivity)
        for _ in range(HALVINGS):
            if not math.isnan(total):
                break
            sales *= 0.5
            total = appeal_for_sales(attraction[i], others, market_size, sales / math.exp(own_demand[i]), mean_price,
                                     price_sensitivity)
        price[i], target[i], appeal[i] = mean_price, sales, total - launched[i]
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
def equip(slots, ebitda_margin, input_share, cash_months, customers, learning, purchasing, experience_mean, home, price,
          unit_cost, target, input_index, experience, experience_unit, learned, rung, list_price, other_cost,
          month_cost, fixed_cost, lead_cost, leads, cash, capacity, margin, bare_margin):
    """Divide each entrant's cost and start its processes at rest, as at month 0."""
    for i in slots:
        experience[i] = learning.entrant * experience_mean[home[i]]
        experience_unit[i] = learning.experience_months * target[i]
        learned[i] = learning_factor(experience[i], experience_mean[home[i]], learning)
        bought = input_share * unit_cost[i] / (learned[i] * input_index[i])
        rung[i] = price_rung(list_spend(bought * target[i], purchasing), purchasing)
        list_price[i] = bought / rung[i]
        other_cost[i] = (1.0 - input_share) * unit_cost[i] / learned[i]
        revenue = price[i] * target[i]
        margin[i] = (price[i] - unit_cost[i]) * target[i]
        month_cost[i] = max(0.0, margin[i] - ebitda_margin * revenue)
        marketing = min(customers.marketing_share * revenue, month_cost[i])
        leads[i] = customers.churn * target[i]
        lead_cost[i] = marketing / leads[i] if leads[i] > 0.0 else 0.0
        fixed_cost[i] = month_cost[i] - lead_cost[i] * leads[i]
        cash[i] = cash_months * month_cost[i]
        capacity[i] = customers.capacity * target[i]
        for m in range(bare_margin.shape[1]):
            bare_margin[i, m] = margin[i]
