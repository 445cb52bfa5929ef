"""Phase 6: value split, governance cost, cash (F14, F19, F25).

Reads price, output, costs, memberships' saving, fee, agreed and flat, breach_flow; writes revenue, ebitda, cash,
economic_profit, ruined, alliance_flow, governance_cost, memberships' split, governance, gain and booked,
alliances' spent and the outside accounts, and clears setup_cost. Every flow is posted to the ledger, where one is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.jit import equation, kernel
from allysim.mechanisms.administration import governance_rate, size_factor
from allysim.terms import NOTHING

if TYPE_CHECKING:
    from allysim.model import AllianceModel

GAIN_MONTHS = 6


def accounting(model: AllianceModel) -> None:
    """Split what alliances yield, pay what they cost, and close every firm's month."""
    state, scenario = model.state, model.config
    firms, members, alliances, roster = state.firms, state.memberships, state.alliances, state.roster
    paid = np.empty((4, len(firms.key)))
    settle(
        roster.alliances, roster.start, roster.rows, members.firm, firms.procurement, members.agreed, members.flat,
        scenario.administration, alliances.mode, alliances.completeness, alliances.trust, firms.price,
        members.saving, members.split, members.fee, members.governance, members.gain, members.gain_months,
        members.booked, alliances.spent, firms.list_price, firms.input_index, firms.rung, firms.pool_discount,
        firms.learning, firms.other_cost, firms.output, firms.revenue, firms.fixed_cost, firms.leads, firms.lead_cost,
        firms.alliance_flow, firms.governance_cost, firms.breach_flow, firms.setup_cost, firms.month_cost,
        scenario.demography, firms.ebitda, firms.cash, firms.economic_profit, firms.ruined, paid, state.world.outside,
    )
    if model.ledger.kept:
        _post(model, *paid)


def _post(model: AllianceModel, inputs: Any, other: Any, marketing: Any, payout: Any) -> None:
    """Post the month's flows of memberships and of firms (n,)."""
    state, ledger = model.state, model.ledger
    firms, members, rows = state.firms, state.memberships, state.roster.rows
    keys, split = firms.key[members.firm[rows]], members.split[rows]
    clearing = ledger.alliance_accounts(members.alliance[rows])
    ledger.post("pool fee", Outside.PURCHASING_AGENTS, keys, members.fee[rows])
    ledger.post("governance", Outside.GOVERNANCE_SERVICES, keys, members.governance[rows])
    ledger.post("split of savings", keys, clearing, np.maximum(split, 0.0))
    ledger.post("split of savings", clearing, keys, np.maximum(-split, 0.0))
    ledger.post("sales", firms.key, Outside.CUSTOMERS, firms.revenue)
    ledger.post("inputs", Outside.SUPPLIERS, firms.key, inputs)
    ledger.post("production", Outside.PRODUCTION, firms.key, other)
    ledger.post("fixed cost", Outside.OVERHEADS, firms.key, firms.fixed_cost)
    ledger.post("marketing", Outside.MARKETING, firms.key, marketing)
    ledger.post("payout", Outside.OWNERS, firms.key, payout)


@kernel
def settle(alliances, start, rows, member, bought_through, agreed, flat, administration, mode, completeness, trust,
           price, saving, split, fee, governance, gain, gain_months, booked, spent, list_price, input_index, rung,
           discount, learning, other_cost, output, revenue, fixed_cost, leads, lead_cost, alliance_flow,
           governance_total, breach_flow, setup_cost, month_cost, demography, ebitda, cash, economic_profit, ruined,
           paid, outside):
    """Take in revenue, split what each pool saved as agreed, charge every membership, and close the month."""
    for i in range(revenue.size):
        revenue[i] = price[i] * output[i]
    for k in range(alliances.size):
        share_out(alliances[k], rows[start[k]:start[k + 1]], member, bought_through, agreed, flat, saving, split)
    alliance_flow[:] = 0.0
    governance_total[:] = 0.0
    administer(alliances, start, rows, member, revenue, administration, mode, completeness, trust, saving, split, fee,
               governance, gain, gain_months, booked, spent, alliance_flow, governance_total, outside)
    close(list_price, input_index, rung, discount, learning, other_cost, output, revenue, fixed_cost, leads, lead_cost,
          alliance_flow, breach_flow, month_cost, demography, ebitda, cash, economic_profit, ruined, paid, outside)
    setup_cost[:] = 0.0


@equation
def share_out(a, rows, member, bought_through, agreed, flat, saving, split):
    """Split what those who buy through their pool saved: flat fees first, and the rest by the agreed shares (F19).

    Shares stay in proportion, whoever has left since they were agreed, and are equal where they come to nothing;
    they are set against the greatest first, so that equal ones are exactly equal parts. Members that do not buy
    here have no part in it.
    """
    count, total, fixed, top, whole = 0, 0.0, 0.0, 0.0, 0.0
    for r in rows:
        split[r] = 0.0
        if bought_through[member[r]] == a:
            count += 1
            total += saving[r]
            fixed += flat[r]
            top = max(top, agreed[r])
    for r in rows:
        if top > 0.0 and bought_through[member[r]] == a:
            whole += agreed[r] / top
    for r in rows:
        if bought_through[member[r]] == a:
            part = agreed[r] / top / whole if whole > NOTHING else 1.0 / count
            split[r] = flat[r] + part * (total - fixed) - saving[r]


@equation
def administer(alliances, start, rows, member, revenue, administration, mode, completeness, trust, saving, split, fee,
               governance, gain, gain_months, booked, spent, alliance_flow, governance_total, outside):
    """Charge each membership its governance cost and its fee, and update what it expects to gain a month."""
    for k in range(alliances.size):
        a = alliances[k]
        rate = governance_rate(mode[a], start[k + 1] - start[k], completeness[a], trust[a], administration)
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            governance[r] = rate * size_factor(revenue[i], administration)
            spent[a] += governance[r]
            governance_total[i] += governance[r]
            alliance_flow[i] += split[r] - fee[r] - governance[r]
            outside[Outside.PURCHASING_AGENTS] += fee[r]
            outside[Outside.GOVERNANCE_SERVICES] += governance[r]
            gain_months[r] += 1
            net = saving[r] + split[r] - fee[r] - governance[r]
            booked[r, 0] += saving[r]
            booked[r, 1] += split[r]
            booked[r, 2] -= fee[r]
            booked[r, 3] -= governance[r]
            gain[r] += (net - gain[r]) / min(gain_months[r], GAIN_MONTHS)


@equation
def close(list_price, input_index, rung, discount, learning, other_cost, output, revenue, fixed_cost, leads, lead_cost,
          alliance_flow, breach_flow, month_cost, demography, ebitda, cash, economic_profit, ruined, paid, outside):
    """Close each firm's month: EBITDA, cash after pay-out, economic profit, months in ruin.

    `paid` (4, n) is filled with what each firm paid for inputs, other production, marketing and to its owners.
    """
    inputs, other, marketing, payout = paid[0], paid[1], paid[2], paid[3]
    for i in range(cash.size):
        made = output[i] * learning[i]
        inputs[i] = made * list_price[i] * input_index[i] * (rung[i] - discount[i])
        other[i] = made * other_cost[i]
        marketing[i] = leads[i] * lead_cost[i]
        costs = inputs[i] + other[i] + fixed_cost[i] + marketing[i]
        ebitda[i] = revenue[i] - costs + alliance_flow[i] + breach_flow[i]
        cash[i] += ebitda[i]
        payout[i] = demography.payout_share * max(0.0, cash[i] - demography.payout_months * month_cost[i])
        cash[i] -= payout[i]
        economic_profit[i] += ebitda[i] - demography.capital_charge * demography.capital_months * month_cost[i]
        if cash[i] < -demography.ruin_months * month_cost[i]:
            ruined[i] += 1
        else:
            ruined[i] = 0
        outside[Outside.CUSTOMERS] -= revenue[i]
        outside[Outside.SUPPLIERS] += inputs[i]
        outside[Outside.PRODUCTION] += other[i]
        outside[Outside.OVERHEADS] += fixed_cost[i]
        outside[Outside.MARKETING] += marketing[i]
        outside[Outside.OWNERS] += payout[i]
