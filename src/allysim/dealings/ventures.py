"""Joint ventures: infrastructure alliances that have bought what they rented (F24, F20).

A standardised infrastructure alliance buys the capital its members need as soon as that pays and all can pay. It
then has an account: users pay a fee into it, it pays the upkeep, keeps a reserve and pays out the rest by part;
where it cannot pay, it calls capital from its members. Who is admitted buys in, who leaves is bought out, and at
the end the capital is stranded. All its flows are posted to the ledger; its account is an account of the books.

Economic profit takes a member's part of the result after depreciation and the charge on its part of what the venture
holds, so that what is paid in and out is neither gain nor loss (clean surplus, Ohlson 1995); EBITDA has the fee alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.config.strategy import AT_ONCE
from allysim.jit import equation, kernel
from allysim.mechanisms.benefit import matched
from allysim.mechanisms.kinds import INFRASTRUCTURE
from allysim.mechanisms.ventures import (
    buyout_price,
    capital_needed,
    paid_out,
    part_issued,
    price_of_entry,
    value_of_owning,
    wear,
)
from allysim.roster import live_memberships
from allysim.state import CAPITAL, STANDARDISED

if TYPE_CHECKING:
    from allysim.model import AllianceModel

ROUNDING = 1e-9  # part of a sum up to which a rest of it is rounding


def buy_capital(model: AllianceModel, reviewed: Any) -> None:
    """Let infrastructure alliances `reviewed` this month that are proven buy what they rent."""
    settings, roster, of = model.config, model.state.roster, model.state.alliances
    renting = np.sort(reviewed[of.type[reviewed] == INFRASTRUCTURE]) if settings.infrastructure.own else reviewed[:0]
    renting = renting[(of.stage[renting] >= STANDARDISED) & (of.ending[renting] < 0) & (of.installed[renting] == 0.0)]
    outlook = np.maximum(0.0, settings.choice.expected_life - (model.month - of.go[renting]))
    _buy(model, renting, outlook, roster.alliances, roster.start, roster.rows, "")


def buy_at_once(model: AllianceModel, new: Any, size: Any, rows: Any) -> None:
    """Let those of the alliances `new` (k,), of `size` (k,) members in `rows` (m,), buy whose proposers do so at once.

    They share infrastructure, and nothing has been proven yet: the capital is stranded if the pilot fails.
    """
    state, settings = model.state, model.config
    if not (settings.infrastructure.own and (model.strategies.commit == AT_ONCE).any()):
        return
    start = np.zeros(new.size + 1, dtype=np.int32)
    start[1:] = np.cumsum(size)
    proposer = state.firms.strategy[state.memberships.firm[rows[start[:-1]]]]
    renting = new[(state.alliances.type[new] == INFRASTRUCTURE) & (model.strategies.commit[proposer] == AT_ONCE)]
    _buy(model, renting, np.full(renting.size, settings.choice.expected_life), new, start, rows, "at founding")


def _buy(model: AllianceModel, renting: Any, outlook: Any, alliances: Any, start: Any, rows: Any, when: str) -> None:
    """Let alliances that rent buy, where that pays over their `outlook` (months) and all can pay.

    Members of the k-th of `alliances` are in `rows[start[k]:start[k + 1]]`; `when` is the cause that is told.
    """
    if not renting.size:
        return
    state, settings, ledger = model.state, model.config, model.ledger
    members, firms = state.memberships, state.firms
    bought, payers, paid = np.empty(renting.size, np.int32), np.empty(rows.size, np.int32), np.empty(rows.size)
    count, m = buy(renting, outlook, alliances, start, rows, members.firm, members.leaving, firms.month_cost,
                   settings.infrastructure, settings.conduct.delta, state.alliances.installed, state.alliances.capital,
                   members.part, firms.cash, members.booked, state.world.outside, bought, paid, payers)
    if not count:
        return
    state.world.n_ventures += count
    bought, paid, payers = bought[:count], paid[:m], payers[:m]
    price = state.alliances.installed[bought]
    ledger.post("paid in", ledger.alliance_accounts(members.alliance[payers]), members.firm_key[payers], paid)
    ledger.post("infrastructure", Outside.EQUIPMENT, ledger.alliance_accounts(bought), price)
    model.events.add("capital bought", alliance=bought, cause=when, amount=price)


@kernel
def buy(renting, outlook, alliances, start, rows, member, leaving, month_cost, rules, delta, installed, capital, part,
        cash, booked, outside, bought, paid, payers):
    """Buy capital for each of the alliances that rent, where that pays over its outlook and all can pay.

    Fills the alliances that bought, and what each member, one after the other, paid; returns how many both are.
    """
    count, m, place = 0, 0, 0
    for k in range(renting.size):
        a = renting[k]
        while alliances[place] != a:
            place += 1
        mine = rows[start[place]:start[place + 1]]
        if value_of_owning(outlook[k], delta, rules) <= 1.0:
            continue
        whole, able, users = 0.0, True, member[mine]
        for r in mine:
            i = member[r]
            need = _needed(i, users, month_cost, rules)
            whole += need
            able = able and leaving[r] < 0 and cash[i] - need >= rules.keeps * month_cost[i]
        if not able or whole <= 0.0:
            continue
        for r in mine:
            i = member[r]
            need = _needed(i, users, month_cost, rules)
            part[r] = need / whole
            cash[i] -= need
            booked[r, CAPITAL] -= need
            paid[m], payers[m] = need, r
            m += 1
        installed[a] = capital[a] = whole
        outside[Outside.EQUIPMENT] += whole
        bought[count] = a
        count += 1
    return count, m


@equation
def _needed(i, users, month_cost, rules):
    """Return the capital (k€) that a firm needs among `users`, slots or -1, as one of them or beside them."""
    together, size, one_of_them = 0.0, 0, False
    for j in users:
        if j >= 0:
            together, size, one_of_them = together + month_cost[j], size + 1, one_of_them or j == i
    if not one_of_them:
        together, size = together + month_cost[i], size + 1
    return capital_needed(matched(month_cost[i], together, size) * month_cost[i], rules)


def run_ventures(model: AllianceModel) -> None:
    """Let every venture pay its upkeep, pay out or call capital, and write off what is worn."""
    state, settings = model.state, model.config
    alliances, members, firms, roster = state.alliances, state.memberships, state.firms, state.roster
    ledger, live = model.ledger, state.roster.alliances
    flow, (upkeep, called) = np.zeros(roster.rows.size), np.zeros((2, live.size))
    worn = np.zeros(live.size, dtype=np.bool_)
    ended = keep_books(
        live, roster.start, roster.rows, members.firm, members.fee, settings.infrastructure,
        settings.demography.capital_charge, alliances.installed, alliances.capital, alliances.cash, members.part,
        firms.cash, firms.economic_profit, members.booked, state.world.outside, flow, upkeep, called, worn)
    state.world.n_ventures -= ended
    if ledger.kept:
        accounts, keys = ledger.alliance_accounts(members.alliance[roster.rows]), members.firm_key[roster.rows]
        ledger.post("upkeep", Outside.MAINTENANCE, ledger.alliance_accounts(live), upkeep)
        ledger.post("venture payout", keys, accounts, np.maximum(flow, 0.0))
        ledger.post("capital call", accounts, keys, np.maximum(-flow, 0.0))
    told = called > ROUNDING * upkeep
    if told.any():
        model.events.add("capital called", alliance=live[told], amount=called[told])
    if ended:
        model.events.add("worn out", alliance=live[worn])


@kernel
def keep_books(alliances, start, rows, member, fee, rules, charge, installed, capital, account, part, cash, profit,
               booked, outside, flow, upkeep, called, worn):
    """Close the month of each venture: fees are in its account already; returns how many are worn out.

    Fills what members, one after the other, got (below 0: paid), what upkeep cost each alliance, what it called, and
    whether its capital is worn out; it then rents again.
    """
    ended = 0
    for k in range(alliances.size):
        a = alliances[k]
        if installed[a] <= 0.0:
            continue
        fees = 0.0
        for r in rows[start[k]:start[k + 1]]:
            fees += fee[r]
        before = capital[a] + account[a] - fees
        upkeep[k], lost = rules.upkeep * installed[a], wear(capital[a], installed[a], rules)
        outside[Outside.MAINTENANCE] += upkeep[k]
        capital[a] -= lost
        account[a] -= upkeep[k]
        worn[k] = capital[a] <= ROUNDING * installed[a]
        moved = account[a] if worn[k] else paid_out(account[a], upkeep[k], rules)
        account[a] -= moved
        called[k] = max(0.0, -moved)
        for m in range(start[k], start[k + 1]):
            r = rows[m]
            i = member[r]
            flow[m] = part[r] * moved
            cash[i] += flow[m]
            booked[r, CAPITAL] += flow[m]
            profit[i] += part[r] * (fees - upkeep[k] - lost - charge * before)
            if worn[k]:
                part[r] = 0.0
        if worn[k]:
            installed[a] = capital[a] = account[a] = 0.0
            ended += 1
    return ended


def leave_out_poor(model: AllianceModel, alliances: Any, groups: Any, candidates: Any) -> None:
    """Put -1 for those candidates (k, v) of alliances that own who cannot buy in, or to whom it is dearer than rent."""
    state, settings = model.state, model.config
    of, firms = state.alliances, state.firms
    leave_out(alliances, groups, candidates, firms.month_cost, firms.cash, settings.infrastructure,
              settings.choice.expected_life, settings.conduct.delta, of.installed, of.capital)


@kernel
def leave_out(alliances, groups, candidates, month_cost, cash, rules, expected_life, delta, installed, capital):
    """Do the work of `leave_out_poor`."""
    value = value_of_owning(expected_life, delta, rules)
    for k in range(alliances.size):
        a = alliances[k]
        if installed[a] <= 0.0:
            continue
        spare = installed[a]
        for i in groups[k]:
            if i >= 0:
                spare -= _needed(i, groups[k], month_cost, rules)
        for c in range(candidates.shape[1]):
            j = candidates[k, c]
            if j >= 0:
                need = _needed(j, groups[k], month_cost, rules)
                price, _ = price_of_entry(need, spare, capital[a], installed[a])
                if cash[j] - price < rules.keeps * month_cost[j] or value * need < price:
                    candidates[k, c] = -1


def buy_in(model: AllianceModel, allied: Any, groups: Any, rows: Any, size: Any) -> None:
    """Let the entrants of those of the alliances that own, the last of each of `groups` (k, s), buy in."""
    state, (price, new) = model.state, np.zeros((2, size.size))
    alliances, members, firms, ledger = state.alliances, state.memberships, state.firms, model.ledger
    issue(allied, groups, rows, size, firms.month_cost, model.config.infrastructure, alliances.installed,
          alliances.capital, alliances.cash, members.part, firms.cash, members.booked, state.world.outside, price, new)
    keys, owning = members.firm_key[rows[np.arange(size.size), size - 1]], alliances.installed[allied] > 0.0
    ledger.post("buy-in", ledger.alliance_accounts(allied), keys, price)
    ledger.post("infrastructure", Outside.EQUIPMENT, ledger.alliance_accounts(allied), new)
    if owning.any():
        model.events.add("bought in", firm=keys[owning], alliance=allied[owning], amount=price[owning])


@kernel
def issue(allied, groups, rows, size, month_cost, rules, installed, capital, account, part, cash, booked, outside,
          price, new):
    """Issue a part to each entrant at net asset value, and buy what the venture lacks for it."""
    for k in range(size.size):
        a, last = allied[k], size[k] - 1
        if installed[a] <= 0.0:
            continue
        spare = installed[a]
        for i in groups[k, :last]:
            spare -= _needed(i, groups[k, :last], month_cost, rules)
        i, r = groups[k, last], rows[k, last]
        need = _needed(i, groups[k, :last], month_cost, rules)
        price[k], new[k] = price_of_entry(need, spare, capital[a], installed[a])
        part[r] = part_issued(price[k], capital[a] + account[a])
        for q in rows[k, :last]:
            part[q] *= 1.0 - part[r]
        installed[a] += new[k]
        capital[a] += new[k]
        account[a] += price[k] - new[k]
        cash[i] -= price[k]
        booked[r, CAPITAL] -= price[k]
        outside[Outside.EQUIPMENT] += new[k]


def part_ways(model: AllianceModel, gone: Any) -> None:
    """Buy out the members of ventures whose memberships `gone` ended just now, and wind up ventures that ended."""
    state, rules, ledger = model.state, model.config.infrastructure, model.ledger
    alliances, members, firms = state.alliances, state.memberships, state.firms
    live, (got, price) = live_memberships(state), np.zeros((2, gone.size))
    gave, (sold, lost) = np.zeros(live.size), np.empty((2, gone.size))
    out, over = np.zeros(gone.size, dtype=np.bool_), np.empty(gone.size, dtype=np.int32)
    count = settle_parts(gone, live, members.firm, members.alliance, alliances.ended, rules, alliances.installed,
                         alliances.capital, alliances.cash, members.part, firms.cash, firms.economic_profit,
                         members.booked, state.world.outside, got, price, gave, out, over, sold, lost)
    state.world.n_ventures -= count
    keys, over, lost = members.firm_key[gone], over[:count], lost[:count]
    if ledger.kept:
        accounts = ledger.alliance_accounts(members.alliance[gone])
        ledger.post("buy-out", ledger.alliance_accounts(members.alliance[live]), members.firm_key[live], gave)
        ledger.post("buy-out", keys, accounts, price)
        ledger.post("salvage", ledger.alliance_accounts(over), Outside.EQUIPMENT, sold[:count])
        ledger.post("venture payout", keys, accounts, got)
    if out.any():
        model.events.add("bought out", firm=keys[out], alliance=members.alliance[gone[out]], amount=price[out],
                         cause="" if rules.buyout > 0.0 else "forfeited")
    if lost.any():
        model.events.add("stranded", alliance=over[lost > 0.0], amount=lost[lost > 0.0])


@kernel
def settle_parts(gone, live, member, alliance, ended, rules, installed, capital, account, part, cash, profit, booked,
                 outside, got, price, gave, out, over, sold, lost):
    """Settle with the memberships `gone` of each venture; returns how many ventures are over.

    Fills what each of them got of the account of one that is over, or the price it was bought out at, what each
    membership that goes on gave for that, and for ventures that are over what capital was sold for and lost.
    """
    count = 0
    for g in range(gone.size):
        a = alliance[gone[g]]
        settled = installed[a] <= 0.0
        for earlier in gone[:g]:
            settled = settled or alliance[earlier] == a
        if settled:
            continue
        equity, whole, rest, stay = capital[a] + account[a], 0.0, 0.0, 0
        for q in gone[g:]:
            whole += part[q] if alliance[q] == a else 0.0
        for q in live:
            if alliance[q] == a:
                rest, stay = rest + part[q], stay + 1
        if ended[a] >= 0:
            sold[count], over[count] = rules.salvage * capital[a], a
            lost[count] = capital[a] - sold[count]
            account[a] += sold[count]
            outside[Outside.EQUIPMENT] -= sold[count]
            for m in range(g, gone.size):
                if alliance[gone[m]] == a:
                    mine = part[gone[m]] / whole
                    got[m] = mine * account[a]
                    _receive(gone[m], got[m], mine * (account[a] - equity), member, cash, profit, booked)
                    part[gone[m]] = 0.0
            installed[a] = capital[a] = account[a] = 0.0
            count += 1
            continue
        for m in range(g, gone.size):
            r = gone[m]
            if alliance[r] == a:
                out[m], price[m] = True, buyout_price(part[r], equity, rules)
                _receive(r, price[m], price[m] - part[r] * equity, member, cash, profit, booked)
                part[r] = 0.0
        total = rules.buyout * whole * equity
        for m in range(live.size):
            if alliance[live[m]] == a:
                mine = part[live[m]] / rest if rest > 0.0 else 1.0 / stay
                gave[m] = mine * total
                _receive(live[m], -gave[m], mine * (whole * equity - total), member, cash, profit, booked)
                part[live[m]] = mine
    return count


@equation
def _receive(r, amount, gain, member, cash, profit, booked):
    """Pay the member of a row, below 0 let it pay, and note what it gains by that."""
    cash[member[r]] += amount
    booked[r, CAPITAL] += amount
    profit[member[r]] += gain
