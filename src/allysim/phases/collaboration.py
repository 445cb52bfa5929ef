"""Phase 4: what alliances yield this month (F1, F3, F10, F11, F24).

Lots are let first (`phases.tendering`). Reads the roster, alliances' benefit, pool_discount, rung, production, output,
sales, stock_share, price, unit_cost, input_index, learning, month_cost, margin; writes firms' saving, fixed_saved,
replaced, holding_saved and research_cost, capabilities where a sprint of R&D succeeds, alliances' sprints, successes
and last_success and, for each membership, effort, saving, fee and worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from allysim.brought import lasting
from allysim.draws import Purpose, uniform
from allysim.jit import kernel
from allysim.mechanisms.capability import develop
from allysim.mechanisms.coopetition import joint_appeal, pooling_ratio, reserve_cost
from allysim.mechanisms.demand import importance
from allysim.mechanisms.infrastructure import rent, replaced
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND
from allysim.mechanisms.names import WEIGHTS
from allysim.mechanisms.research import capability_gain, effective_research, monthly_worth, success_chance
from allysim.mechanisms.stock import holding_cost, safety_stock
from allysim.mechanisms.tendering import gain_by_bidding
from allysim.phases.tendering import tender
from allysim.rules.effort import Efforts
from allysim.state import CAPACITY, MARKETING, TENDERING
from allysim.tenders import lots_ahead

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def collaboration(model: AllianceModel) -> None:
    """Let lots, run the sprints of R&D, then book what each member saved by itself, owes, and gained beyond that."""
    state, scenario = model.state, model.config
    firms, members, alliances, roster = state.firms, state.memberships, state.alliances, state.roster
    tender(model)
    _sprint(model)
    collaborate(
        roster.alliances, roster.start, roster.rows, members.firm, alliances.type, alliances.scope, alliances.benefit,
        alliances.overlap, alliances.target, firms.procurement, firms.coopetition, firms.rnd, firms.list_price,
        firms.input_index, firms.learning, firms.production, firms.output, firms.sales, firms.stock_share, firms.price,
        firms.unit_cost, firms.rung, firms.pool_discount, firms.month_cost, firms.margin, firms.attraction,
        state.world.pull, firms.capability, WEIGHTS, scenario.purchasing.fee,
        scenario.coopetition, lots_ahead(model), scenario.stock, scenario.infrastructure, scenario.research,
        scenario.customers.capacity,
        lasting(scenario), scenario.market.capability_weight, firms.saving, firms.fixed_saved, firms.replaced,
        firms.holding_saved, firms.research_cost, members.effort, members.saving, members.fee, members.worth)


def _sprint(model: AllianceModel) -> None:
    """Let members of R&D alliances choose their effort, and end the sprints that are due."""
    state, settings = model.state, model.config
    firms, members, alliances, roster, research = (state.firms, state.memberships, state.alliances, state.roster,
                                                   settings.research)
    rows, group, known = *np.empty((2, roster.rows.size), dtype=np.int32), np.empty((5, roster.rows.size))
    m, groups = gather(roster.alliances, roster.start, roster.rows, members.firm, alliances.type, alliances.target,
                       alliances.benefit, firms.rnd, firms.price, firms.output, firms.margin, firms.attraction,
                       state.world.pull, firms.capability, WEIGHTS, research, lasting(settings),
                       settings.market.capability_weight, rows, group, known)
    if not m:
        return
    norm, worth, intensity, size, gap = known[:, :m]
    efforts = model.ask("effort", Efforts(norm, worth, intensity, size, gap, group[:m], groups))
    over = np.empty(roster.alliances.size, dtype=np.int32)
    succeeded = end_sprints(
        model.stream(Purpose.SPRINT), model.month, efforts, rows[:m], roster.alliances, roster.start, roster.rows,
        members.firm, members.effort, alliances.type, alliances.key, alliances.founded, alliances.target,
        alliances.benefit, research, settings.market.capability_weight, firms.born, firms.developed,
        firms.capability, firms.native_attraction, firms.attraction, firms.advanced, alliances.sprints,
        alliances.successes, alliances.last_success, over)
    if succeeded:
        over = over[:succeeded]
        model.events.add("success", alliance=over, amount=alliances.sprints[over].astype(np.float64))


@kernel
def gather(alliances, start, rows, member, kind, target, benefit, rnd, price, output, margin, attraction, pull,
           capability, weights, research, kept, capability_weight, found, group, known):
    """Fill what members of R&D alliances know, the columns of `Efforts`; returns members and alliances (k)."""
    m, groups = 0, 0
    for k in range(alliances.size):
        a, size = alliances[k], start[k + 1] - start[k]
        if kind[a] != RND:
            continue
        effective = effective_research(1.0, size - 1.0, research.spillover)
        for r in rows[start[k]:start[k + 1]]:
            i, gap = member[r], 1.0 - capability[member[r], target[a]]
            stake = margin[i] * importance(attraction[i], pull, weights, target[a]) * gap
            known[0, m] = research.budget * price[i] * output[i] / rnd[i]
            known[1, m] = monthly_worth(stake, effective, kept, capability_weight, research)
            known[2, m], known[3, m], known[4, m] = research.intensity * benefit[a], size, gap
            found[m], group[m] = r, groups
            m += 1
        groups += 1
    return m, groups


@kernel
def end_sprints(luck, month, efforts, found, alliances, start, rows, member, effort, kind, key, founded, target,
                benefit, research, capability_weight, born, developed, capability, native, attraction, advanced,
                sprints, successes, last_success, over):
    """Write down efforts, and let each sprint that is over succeed or not; returns how many succeeded.

    A success adds to the capability the alliance works on, for each member as much as its effective research
    gives; `over` is filled with the alliances that succeeded.
    """
    for m in range(found.size):
        effort[found[m]] = efforts[m]
    count = 0
    for k in range(alliances.size):
        a, size = alliances[k], start[k + 1] - start[k]
        if kind[a] != RND or (month - founded[a]) % research.sprint != 0:
            continue
        total, c = 0.0, target[a]
        for r in rows[start[k]:start[k + 1]]:
            total += effort[r]
        sprints[a] += 1
        if uniform(luck, key[a], sprints[a]) >= success_chance(benefit[a], total / size, research):
            continue
        successes[a], last_success[a] = successes[a] + 1, sprints[a]
        over[count] = a
        count += 1
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            effective = effective_research(effort[r], total - effort[r], research.spillover)
            develop(i, c, capability_gain(capability[i, c], effective, research), capability_weight, born, developed,
                    capability, native, attraction, advanced)
    return count


@kernel
def collaborate(alliances, start, rows, member, kind, scope, benefit, overlap, target, bought_through, sells_with, rnd,
                list_price, input_index, learning, production, output, sales, stock_share, price, unit_cost, rung,
                discount, month_cost, margin, attraction, pull, capability, weights, fee_rate, coopetition, lots, stock,
                infrastructure, research, capacity, kept, capability_weight, saving, fixed_saved, replaced_cost,
                holding_saved, research_cost, effort, member_saving, fee, worth):
    """Set saving, fee and worth (k€) of each living membership; oldest alliances first."""
    saving[:] = 0.0
    fixed_saved[:] = 0.0
    replaced_cost[:] = 0.0
    holding_saved[:] = 0.0
    research_cost[:] = 0.0
    months = safety_stock(stock)
    for k in range(alliances.size):
        a, size = alliances[k], start[k + 1] - start[k]
        of = kind[a]
        if of == COOPETITION:
            pooling = 1.0 - pooling_ratio(size, coopetition.correlation) if scope[a] & CAPACITY else 0.0
            appeal = joint_appeal(size, overlap[a], coopetition) if scope[a] & MARKETING else 0.0
        elif of == RND:
            total = 0.0
            for r in rows[start[k]:start[k + 1]]:
                total += effort[r]
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            member_saving[r] = fee[r] = worth[r] = 0.0
            if of == PROCUREMENT and bought_through[i] == a:
                volume = list_price[i] * input_index[i] * learning[i] * production[i]
                member_saving[r] = volume * discount[i]
                fee[r] = fee_rate * volume * (rung[i] - discount[i])
            elif of == COOPETITION and sells_with[i] == a:
                member_saving[r] = min(1.0, pooling * benefit[a]) * reserve_cost(month_cost[i], capacity, coopetition)
                worth[r] = appeal * benefit[a] * margin[i]
                if scope[a] & TENDERING and lots.rate > 0.0:
                    worth[r] += gain_by_bidding(member[rows[start[k]:start[k + 1]]], i, lots)
                fixed_saved[i] += member_saving[r]
                own = holding_cost(months * sales[i], unit_cost[i], stock)
                holding_saved[i] = own * (1.0 - stock_share[i])
                member_saving[r] += holding_saved[i]
            elif of == INFRASTRUCTURE:
                member_saving[r] = replaced(month_cost[i], replaced_cost[i], benefit[a], infrastructure)
                fee[r] = rent(month_cost[i], infrastructure)
                replaced_cost[i] += member_saving[r]
                fixed_saved[i] += member_saving[r]
            elif of == RND:
                fee[r] = effort[r] * research.budget * price[i] * output[i] / rnd[i]
                stake = (margin[i] * importance(attraction[i], pull, weights, target[a])
                         * (1.0 - capability[i, target[a]]))
                effective = effective_research(effort[r], total - effort[r], research.spillover)
                worth[r] = (success_chance(benefit[a], total / size, research)
                            * monthly_worth(stake, effective, kept, capability_weight, research))
                research_cost[i] += fee[r]
            saving[i] += member_saving[r]
