"""Phase 4: what alliances yield this month (F1, F3, F10, F11, F24).

Lots are let first (`phases.tendering`). Reads the roster, alliances' benefit, pool_discount, rung, production, output,
sales, stock_share, price, unit_cost, input_index, learning, month_cost, margin; writes firms' saving, fixed_saved,
replaced, holding_saved and research_cost, process_effort and process_cost and, for each membership, saving, fee and
worth; what sprints of R&D write stands in `sprints`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allysim.dealings.alternatives import research_alone
from allysim.dealings.brought import lasting
from allysim.dealings.process import choose_efforts
from allysim.dealings.tenders import lots_ahead
from allysim.jit import kernel
from allysim.mechanisms.coopetition import automated, automation_fee, joint_appeal, pooling_ratio, reserve_cost
from allysim.mechanisms.demand import importance
from allysim.mechanisms.infrastructure import rent, replaced
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND
from allysim.mechanisms.names import WEIGHTS
from allysim.mechanisms.research import monthly_worth, success_chance
from allysim.mechanisms.stock import holding_cost, safety_stock
from allysim.mechanisms.tendering import gain_by_bidding
from allysim.mechanisms.ventures import user_fee
from allysim.phases.sprints import sprint
from allysim.phases.tendering import tender
from allysim.state import AUTOMATION, CAPACITY, MARKETING, TENDERING

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def collaboration(model: AllianceModel) -> None:
    """Let lots, run the sprints of R&D, then book what each member saved by itself, owes, and gained beyond that."""
    state, scenario = model.state, model.config
    firms, members, alliances, roster = state.firms, state.memberships, state.alliances, state.roster
    research_alone(model)
    tender(model)
    sprint(model)
    if scenario.process.effort != "none":
        choose_efforts(model)
    collaborate(
        roster.alliances, roster.start, roster.rows, members.firm, alliances.type, alliances.scope, alliances.benefit,
        alliances.installed, alliances.overlap, alliances.target, firms.procurement, firms.coopetition, firms.rnd,
        firms.list_price, firms.input_index, firms.learning, firms.production, firms.output, firms.lot_revenue,
        firms.sales, firms.stock_share, firms.price, firms.unit_cost, firms.rung, firms.pool_discount,
        firms.month_cost, firms.margin, firms.attraction, state.world.pull, firms.capability, WEIGHTS,
        scenario.purchasing.fee, scenario.coopetition, lots_ahead(model), scenario.stock, scenario.infrastructure,
        scenario.research, scenario.customers.capacity, lasting(scenario), scenario.market.capability_weight,
        firms.own_replaced, firms.saving, firms.fixed_saved, firms.replaced, firms.holding_saved, firms.research_cost,
        members.match, members.effort, members.effective, members.saving, members.fee, members.worth)


@kernel
def collaborate(alliances, start, rows, member, kind, scope, benefit, installed, overlap, target, bought_through,
                sells_with, rnd, list_price, input_index, learning, production, output, lot_revenue, sales, stock_share,
                price, unit_cost, rung, discount, month_cost, margin, attraction, pull, capability, weights, fee_rate,
                coopetition, lots, stock, infrastructure, research, capacity, kept, capability_weight, own_replaced,
                saving, fixed_saved, replaced_cost, holding_saved, research_cost, match, effort, effective,
                member_saving, fee, worth):
    """Set saving, fee and worth (k€) of each living membership; what firms have alone first, then oldest alliances."""
    saving[:] = 0.0
    fixed_saved[:] = own_replaced
    replaced_cost[:] = own_replaced
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
                shared = match[r] * month_cost[i]
                member_saving[r] = min(1.0, pooling * benefit[a]) * reserve_cost(shared, capacity, coopetition)
                if scope[a] & AUTOMATION:
                    member_saving[r] += automated(shared, benefit[a], coopetition)
                    fee[r] = match[r] * automation_fee(price[i] * output[i] + lot_revenue[i], size, coopetition)
                worth[r] = match[r] * appeal * benefit[a] * margin[i]
                if scope[a] & TENDERING and lots.rate > 0.0:
                    worth[r] += gain_by_bidding(member[rows[start[k]:start[k + 1]]], i, lots)
                fixed_saved[i] += member_saving[r]
                own = holding_cost(months * sales[i], unit_cost[i], stock)
                holding_saved[i] = own * (1.0 - stock_share[i])
                member_saving[r] += holding_saved[i]
            elif of == INFRASTRUCTURE:
                shared = match[r] * month_cost[i]
                member_saving[r] = match[r] * replaced(month_cost[i], replaced_cost[i], benefit[a], infrastructure)
                fee[r] = user_fee(shared, infrastructure) if installed[a] > 0.0 else rent(shared, infrastructure)
                replaced_cost[i] += member_saving[r]
                fixed_saved[i] += member_saving[r]
            elif of == RND:
                fee[r] = effort[r] * research.budget * price[i] * output[i] / rnd[i]
                stake = (margin[i] * importance(attraction[i], pull, weights, target[a])
                         * (1.0 - capability[i, target[a]]))
                worth[r] = (success_chance(benefit[a], total / size, research)  # radical research is worth the same
                            * monthly_worth(stake, effective[r], kept, capability_weight, research))
                research_cost[i] += fee[r]
            saving[i] += member_saving[r]
