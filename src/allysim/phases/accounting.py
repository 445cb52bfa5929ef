"""Phase 6: value split, governance cost, cash (F14, F19, F25).

Reads price, output, costs, memberships' saving and fee, breach_flow; writes revenue, ebitda, cash,
economic_profit, ruined, alliance_flow, governance_cost, memberships' split, governance and gain, and
alliances' spent. Every flow is posted to the ledger, where one is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.jit import kernel
from allysim.mechanisms.administration import governance_cost
from allysim.rules.value_split import Yields

if TYPE_CHECKING:
    from allysim.model import AllianceModel

GAIN_MONTHS = 6


def accounting(model: AllianceModel) -> None:
    """Split what alliances yield, pay what they cost, and close every firm's month."""
    state, scenario = model.state, model.config
    firms, world = state.firms, state.world
    np.multiply(firms.price, firms.output, out=firms.revenue)
    firms.alliance_flow[:] = 0.0
    firms.governance_cost[:] = 0.0
    if state.roster.rows.size:
        _settle_alliances(model)
    n = len(firms.key)
    inputs, other, marketing, payout = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    close(firms.list_price, firms.input_index, firms.rung, firms.pool_discount, firms.learning, firms.other_cost,
          firms.output, firms.revenue, firms.fixed_cost, firms.leads, firms.lead_cost, firms.alliance_flow,
          firms.breach_flow, firms.month_cost, scenario.demography, firms.ebitda, firms.cash, firms.economic_profit,
          firms.ruined, inputs, other, marketing, payout)
    firms.setup_cost[:] = 0.0
    outside, ledger = world.outside, model.ledger
    outside[Outside.CUSTOMERS] -= firms.revenue.sum()
    ledger.post("sales", firms.key, Outside.CUSTOMERS, firms.revenue)
    for account, purpose, amount in (
        (Outside.SUPPLIERS, "inputs", inputs), (Outside.PRODUCTION, "production", other),
        (Outside.OVERHEADS, "fixed cost", firms.fixed_cost), (Outside.MARKETING, "marketing", marketing),
        (Outside.OWNERS, "payout", payout),
    ):
        outside[account] += amount.sum()
        ledger.post(purpose, account, firms.key, amount)


def _settle_alliances(model: AllianceModel) -> None:
    """Split savings, charge governance, and take fees, for every living membership."""
    state, firms, members, roster = model.state, model.state.firms, model.state.memberships, model.state.roster
    rows = roster.rows
    slots = members.firm[rows]
    _split(model, rows, roster.group)
    alliances = state.alliances
    administer(roster.alliances, roster.start, rows, members.firm, firms.revenue, model.config.administration,
               alliances.mode, alliances.completeness, alliances.trust, members.saving, members.split, members.fee,
               members.governance, members.gain, members.gain_months, alliances.spent, firms.alliance_flow,
               firms.governance_cost)
    fee, governance, split = members.fee[rows], members.governance[rows], members.split[rows]
    state.world.outside[Outside.PURCHASING_AGENTS] += fee.sum()
    state.world.outside[Outside.GOVERNANCE_SERVICES] += governance.sum()
    ledger = model.ledger
    if not ledger.kept:
        return
    keys = firms.key[slots]
    ledger.post("pool fee", Outside.PURCHASING_AGENTS, keys, fee)
    ledger.post("governance", Outside.GOVERNANCE_SERVICES, keys, governance)
    clearing = ledger.alliance_accounts(members.alliance[rows])
    ledger.post("split of savings", keys, clearing, np.maximum(split, 0.0))
    ledger.post("split of savings", clearing, keys, np.maximum(-split, 0.0))


def _split(model: AllianceModel, rows: Any, group: Any) -> None:
    """Let those who buy through each pool share what it saved; other members have no part in it."""
    firms, members = model.state.firms, model.state.memberships
    buys = firms.procurement[members.firm[rows]] == members.alliance[rows]
    if not buys.all():
        members.split[rows] = 0.0
        rows, group = rows[buys], group[buys]
    yields = Yields(members.saving[rows], firms.revenue[members.firm[rows]], group,
                    model.state.roster.alliances.size)
    members.split[rows] = model.ask("value_split", yields) * yields.total(yields.saving) - yields.saving


@kernel
def administer(alliances, start, rows, member, revenue, administration, mode, completeness, trust, saving, split, fee,
               governance, gain, gain_months, spent, alliance_flow, governance_total):
    """Charge each membership its governance cost and update what it expects to gain a month."""
    for k in range(alliances.size):
        a = alliances[k]
        size = start[k + 1] - start[k]
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            governance[r] = governance_cost(mode[a], size, completeness[a], trust[a], revenue[i], administration)
            spent[a] += governance[r]
            governance_total[i] += governance[r]
            alliance_flow[i] += split[r] - fee[r] - governance[r]
            gain_months[r] += 1
            net = saving[r] + split[r] - fee[r] - governance[r]
            gain[r] += (net - gain[r]) / min(gain_months[r], GAIN_MONTHS)


@kernel
def close(list_price, input_index, rung, discount, learning, other_cost, output, revenue, fixed_cost, leads, lead_cost,
          alliance_flow, breach_flow, month_cost, demography, ebitda, cash, economic_profit, ruined, inputs, other,
          marketing, payout):
    """Close each firm's month: EBITDA, cash after pay-out, economic profit, months in ruin."""
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
