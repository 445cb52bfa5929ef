"""Phase 6: value split, governance cost, cash (F14, F19, F25).

Reads price, output, lot_revenue, production, stock, costs, memberships' saving, fee, agreed and flat, breach_flow,
compensation, process_cost, own_rent, own_research_cost; writes revenue, ebitda, cash, economic_profit, ruined,
alliance_flow, governance_cost, memberships' split, governance, gain and booked, alliances' spent, the accounts of joint
ventures (see `allysim.dealings.ventures`) and the outside accounts, and clears setup_cost. Every flow is posted to the
ledger, where one is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.dealings import process
from allysim.dealings.terms import NOTHING
from allysim.dealings.ventures import run_ventures
from allysim.jit import equation, kernel
from allysim.mechanisms.administration import governance_rate, size_factor
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND, by_type
from allysim.mechanisms.stock import holding_cost
from allysim.state import COMPENSATION

if TYPE_CHECKING:
    from allysim.model import AllianceModel

GAIN_MONTHS = 6


def accounting(model: AllianceModel) -> None:
    """Split what alliances yield, pay what they cost, and close every firm's month."""
    state, scenario = model.state, model.config
    firms, members, alliances, roster = state.firms, state.memberships, state.alliances, state.roster
    paid, researching = np.empty((6, len(firms.key))), scenario.process.effort != "none"
    if researching:
        process.pay(model)
    settle(
        roster.alliances, roster.start, roster.rows, members.firm, firms.procurement, firms.coopetition, members.agreed,
        members.flat, scenario.administration, alliances.type, alliances.mode, alliances.completeness,
        alliances.trust, firms.price, firms.output, members.saving, members.split, members.fee, members.worth,
        members.governance, members.gain, members.gain_months, members.booked, alliances.spent, alliances.installed,
        alliances.cash, firms.list_price,
        firms.input_index, firms.rung, firms.pool_discount, firms.learning, firms.other_cost, firms.production,
        firms.stock, firms.unit_cost, scenario.stock, firms.lot_revenue, firms.revenue, firms.fixed_cost,
        firms.fixed_saved, firms.leads, firms.lead_cost, firms.lead_factor, firms.alliance_flow, firms.governance_cost,
        firms.breach_flow, firms.setup_cost, firms.own_rent, firms.own_research_cost, firms.compensation,
        firms.month_cost, scenario.demography, firms.ebitda, firms.cash, firms.economic_profit, firms.ruined, paid,
        state.world.outside)
    if researching:
        process.book(model)
    if model.ledger.kept:
        _post(model, *paid)
    if state.world.n_ventures:
        run_ventures(model)


def _post(model: AllianceModel, inputs: Any, other: Any, marketing: Any, payout: Any, fixed: Any, held: Any) -> None:
    """Post the month's flows of memberships and of firms (n,)."""
    state, ledger = model.state, model.ledger
    firms, members, rows = state.firms, state.memberships, state.roster.rows
    keys, split = firms.key[members.firm[rows]], members.split[rows]
    clearing = ledger.alliance_accounts(members.alliance[rows])
    kind, fee = state.alliances.type[members.alliance[rows]], members.fee[rows]
    if state.world.n_ventures:
        owns = state.alliances.installed[members.alliance[rows]] > 0.0
        ledger.post("user fee", clearing, keys, np.where(owns, fee, 0.0))
        fee = np.where(owns, 0.0, fee)
    for of, purpose, account in ((PROCUREMENT, "pool fee", Outside.PURCHASING_AGENTS),
                                 (COOPETITION, "automation", Outside.EQUIPMENT),
                                 (INFRASTRUCTURE, "rent", Outside.EQUIPMENT), (RND, "R&D", Outside.RESEARCH)):
        ledger.post(purpose, account, keys, np.where(kind == of, fee, 0.0))
    ledger.post("governance", Outside.GOVERNANCE_SERVICES, keys, members.governance[rows])
    ledger.post("split of savings", keys, clearing, np.maximum(split, 0.0))
    ledger.post("split of savings", clearing, keys, np.maximum(-split, 0.0))
    ledger.post("sales", firms.key, Outside.CUSTOMERS, firms.revenue - firms.lot_revenue)
    ledger.post("lots", firms.key, Outside.CUSTOMERS, firms.lot_revenue)
    ledger.post("compensation", Outside.CUSTOMERS, firms.key, firms.compensation)
    ledger.post("inputs", Outside.SUPPLIERS, firms.key, inputs)
    ledger.post("production", Outside.PRODUCTION, firms.key, other)
    ledger.post("holding stock", Outside.WAREHOUSES, firms.key, held)
    ledger.post("fixed cost", Outside.OVERHEADS, firms.key, fixed)
    ledger.post("marketing", Outside.MARKETING, firms.key, marketing)
    ledger.post("own infrastructure", Outside.EQUIPMENT, firms.key, firms.own_rent)
    ledger.post("own research", Outside.RESEARCH, firms.key, firms.own_research_cost)
    ledger.post("payout", Outside.OWNERS, firms.key, payout)


@kernel
def settle(alliances, start, rows, member, bought_through, sells_with, agreed, flat, administration, kind, mode,
           completeness, trust, price, output, saving, split, fee, worth, governance, gain, gain_months, booked, spent,
           installed, account, list_price, input_index, rung, discount, learning, other_cost, production, in_stock,
           unit_cost, stock, lot_revenue, revenue, fixed_cost, fixed_saved, leads, lead_cost, lead_factor,
           alliance_flow, governance_total, breach_flow, setup_cost, own_rent, own_research_cost, compensation,
           month_cost, demography, ebitda, cash, economic_profit, ruined, paid, outside):
    """Take in revenue, split what each alliance saved as agreed, charge every membership, and close the month."""
    for i in range(revenue.size):
        revenue[i] = price[i] * output[i] + lot_revenue[i]
    part = np.empty(rows.size, dtype=np.bool_)
    for k in range(alliances.size):
        a = alliances[k]
        share_out(a, kind[a], rows[start[k]:start[k + 1]], member, bought_through, sells_with, agreed, flat, saving,
                  split, part)
    alliance_flow[:] = 0.0
    governance_total[:] = 0.0
    administer(alliances, start, rows, member, sells_with, revenue, administration, kind, mode, completeness, trust,
               saving, split, fee, worth, compensation, governance, gain, gain_months, booked, spent, installed,
               account, alliance_flow, governance_total, outside)
    close(list_price, input_index, rung, discount, learning, other_cost, production, in_stock, unit_cost, stock,
          revenue, fixed_cost, fixed_saved, leads, lead_cost, lead_factor, alliance_flow, breach_flow, own_rent,
          own_research_cost, compensation, month_cost, demography, ebitda, cash, economic_profit, ruined, paid, outside)
    setup_cost[:] = 0.0


@equation
def share_out(a, kind, rows, member, bought_through, sells_with, agreed, flat, saving, split, part):
    """Split what those who take part in their alliance saved: flat fees first, the rest by agreed shares (F19).

    Who buys through another pool, or sells with another alliance, takes no part, and in R&D there is no cash to
    share. Shares stay in proportion, whoever has left since they were agreed, and are equal where they come to
    nothing; they are set against the greatest first, so that equal ones are exactly equal parts. `part` is room.
    """
    count, total, fixed, top, whole = 0, 0.0, 0.0, 0.0, 0.0
    for m in range(rows.size):
        r = rows[m]
        i = member[r]
        split[r] = 0.0
        part[m] = (kind == INFRASTRUCTURE or (kind == PROCUREMENT and bought_through[i] == a)
                   or (kind == COOPETITION and sells_with[i] == a))
        if part[m]:
            count += 1
            total += saving[r]
            fixed += flat[r]
            top = max(top, agreed[r])
    for m in range(rows.size):
        if top > 0.0 and part[m]:
            whole += agreed[rows[m]] / top
    for m in range(rows.size):
        if part[m]:
            r = rows[m]
            mine = agreed[r] / top / whole if whole > NOTHING else 1.0 / count
            split[r] = flat[r] + mine * (total - fixed) - saving[r]


@equation
def administer(alliances, start, rows, member, sells_with, revenue, administration, kind, mode, completeness, trust,
               saving, split, fee, worth, compensation, governance, gain, gain_months, booked, spent, installed,
               account, alliance_flow, governance_total, outside):
    """Charge each membership its governance cost and its fee, and update what it expects to gain a month."""
    for k in range(alliances.size):
        a = alliances[k]
        rate = governance_rate(kind[a], mode[a], start[k + 1] - start[k], completeness[a], trust[a], administration)
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            governance[r] = rate * size_factor(revenue[i], administration)
            spent[a] += governance[r]
            governance_total[i] += governance[r]
            alliance_flow[i] += split[r] - fee[r] - governance[r]
            if installed[a] > 0.0:
                account[a] += fee[r]
            else:
                outside[by_type(kind[a], Outside.PURCHASING_AGENTS, Outside.EQUIPMENT, Outside.RESEARCH,
                                Outside.EQUIPMENT)] += fee[r]
            outside[Outside.GOVERNANCE_SERVICES] += governance[r]
            gain_months[r] += 1
            net = saving[r] + worth[r] + split[r] - fee[r] - governance[r]
            booked[r, 0] += saving[r]
            booked[r, 1] += split[r]
            booked[r, 2] -= fee[r]
            booked[r, 3] -= governance[r]
            if kind[a] == COOPETITION and sells_with[i] == a:  # under whose name it promised, and pays itself
                booked[r, COMPENSATION] -= compensation[i]
                net -= compensation[i]
            gain[r] += (net - gain[r]) / min(gain_months[r], GAIN_MONTHS)


@equation
def close(list_price, input_index, rung, discount, learning, other_cost, production, in_stock, unit_cost, stock,
          revenue, fixed_cost, fixed_saved, leads, lead_cost, lead_factor, alliance_flow, breach_flow, own_rent,
          own_research_cost, compensation, month_cost, demography, ebitda, cash, economic_profit, ruined, paid,
          outside):
    """Close each firm's month: EBITDA, cash after pay-out, economic profit, months in ruin.

    `paid` (6, n) is filled with what each firm paid for inputs, other production, marketing, to its owners, for what
    is fixed and for holding stock.
    """
    inputs, other, marketing, payout, fixed, held = paid[0], paid[1], paid[2], paid[3], paid[4], paid[5]
    for i in range(cash.size):
        made = production[i] * learning[i]
        inputs[i] = made * list_price[i] * input_index[i] * (rung[i] - discount[i])
        other[i] = made * other_cost[i]
        marketing[i] = leads[i] * lead_cost[i] * lead_factor[i]
        fixed[i] = max(0.0, fixed_cost[i] - fixed_saved[i])  # nobody saves more than there is
        held[i] = holding_cost(in_stock[i], unit_cost[i], stock)
        costs = inputs[i] + other[i] + fixed[i] + marketing[i] + held[i] + own_rent[i] + own_research_cost[i]
        costs += compensation[i]
        ebitda[i] = revenue[i] - costs + alliance_flow[i] + breach_flow[i]
        cash[i] += ebitda[i]
        payout[i] = demography.payout_share * max(0.0, cash[i] - demography.payout_months * month_cost[i])
        cash[i] -= payout[i]
        economic_profit[i] += ebitda[i] - demography.capital_charge * demography.capital_months * month_cost[i]
        if demography.ruin and cash[i] < -demography.ruin_months * month_cost[i]:
            ruined[i] += 1
        else:
            ruined[i] = 0
        outside[Outside.CUSTOMERS] -= revenue[i] - compensation[i]
        outside[Outside.SUPPLIERS] += inputs[i]
        outside[Outside.PRODUCTION] += other[i]
        outside[Outside.OVERHEADS] += fixed[i]
        outside[Outside.WAREHOUSES] += held[i]
        outside[Outside.EQUIPMENT] += own_rent[i]
        outside[Outside.RESEARCH] += own_research_cost[i]
        outside[Outside.MARKETING] += marketing[i]
        outside[Outside.OWNERS] += payout[i]
