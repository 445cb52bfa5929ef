"""Phase 2: unit cost, prices and the demand they meet (F1, F2, F22).

Reads last month's production, experience, price, process_effort, thrift, roster of alliances, and this month's shocks
and drivers; writes rung, pool_discount, learning, unit_cost, price, target, inclusive_value, pull, consumer_surplus.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from allysim.dealings.process import cut_costs
from allysim.jit import equation, kernel, routine
from allysim.mechanisms.coopetition import joint_appeal
from allysim.mechanisms.coopetition import lead_factor as lead_factor_of
from allysim.mechanisms.demand import turned
from allysim.mechanisms.kinds import COOPETITION
from allysim.mechanisms.learning import learning_factor
from allysim.mechanisms.purchasing import pool_discount, price_rung
from allysim.phases.strategy import lighten
from allysim.rules.market import Offers
from allysim.state import MARKETING

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def market(model: AllianceModel) -> None:
    """Let every firm learn its unit cost of the month, alone or pooled, and clear the market."""
    state, scenario = model.state, model.config
    firms, alliances, roster, world = state.firms, state.alliances, state.roster, state.world
    reckon(roster.alliances, roster.start, roster.rows, state.memberships.firm, firms.procurement, alliances.benefit,
           alliances.leverage, firms.list_price, firms.input_index, firms.other_cost, firms.production, firms.home,
           firms.experience, scenario.purchasing, scenario.learning, world.experience, firms.rung, firms.pool_discount,
           firms.learning, firms.unit_cost, alliances.type, alliances.scope, alliances.overlap, firms.coopetition,
           scenario.coopetition, state.memberships.match, firms.joint_appeal, firms.lead_factor, firms.launched,
           firms.custom)
    lighten(model)
    if scenario.process.effort != "none":
        cut_costs(model)
    size = world.market_size * math.exp(world.common_demand) * world.demand_factor
    custom, usual = firms.custom, scenario.market.price_sensitivity
    if shift := turned(getattr(model.rules["market"], "price_sensitivity", usual), usual):
        custom = custom + shift  # of a rule that feels the war
    cleared = model.ask("market", Offers(firms.attraction, firms.appeal, custom, firms.unit_cost,
                                         firms.own_demand, size, firms.price, firms.capacity))
    settle(cleared.price, cleared.target, cleared.inclusive_value, size, firms.price, firms.target,
           world.inclusive_value, world.pull)
    world.consumer_surplus = cleared.consumer_surplus


@kernel
def reckon(alliances, start, rows, member, bought_through, benefit, leverage, list_price, input_index, other_cost,
           production, home, experience, purchasing, learning, mean_experience, rung, discount, factor, unit_cost,
           kind, scope, overlap, sells_with, coopetition, match, joint, lead_factor, launched, custom):
    """Set the unit cost of the month of each firm (n,) and what it comes from: rung, pool discount and learning.

    Sets too what joint marketing does, and `custom`, what it and launches add to appeal.
    """
    buy_alone(list_price, production, purchasing, rung, discount)
    buy_together(alliances, start, rows, member, bought_through, benefit, leverage, list_price, production, rung,
                 purchasing, discount)
    learn(home, experience, learning, mean_experience, factor)
    cost(list_price, input_index, rung, discount, other_cost, factor, unit_cost)
    sell_together(alliances, start, rows, member, kind, scope, benefit, overlap, sells_with, coopetition, match, joint,
                  lead_factor)
    for i in range(custom.size):
        custom[i] = launched[i] + joint[i]


@kernel
def buy_alone(list_price, production, purchasing, rung, pool_discount):
    """Set each firm's own rung of the price schedule from last month's volume, and no pool discount."""
    for i in range(rung.size):
        rung[i] = price_rung(list_price[i] * production[i], purchasing)
        pool_discount[i] = 0.0


@equation
def buy_together(alliances, start, rows, member, bought_through, benefit, leverage, list_price, production, rung,
                 purchasing, discount):
    """Set the further discount of each firm from last month's volume of all that buy through its pool."""
    for k in range(alliances.size):
        a = alliances[k]
        spend = 0.0
        for r in rows[start[k]:start[k + 1]]:
            if bought_through[member[r]] != a:
                continue  # a member that buys through an older pool
            spend += list_price[member[r]] * production[member[r]]
        pooled = price_rung(spend, purchasing)
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            if bought_through[i] == a:
                discount[i] = pool_discount(rung[i], pooled, benefit[a], leverage[a], purchasing)


@equation
def sell_together(alliances, start, rows, member, kind, scope, benefit, overlap, sells_with, coopetition, match, joint,
                  lead_factor):
    """Set what joint marketing adds to the appeal of members of co-opetition, and leaves of the cost of a lead.

    Both as far as its partners match a member.
    """
    joint[:] = 0.0
    lead_factor[:] = 1.0
    for k in range(alliances.size):
        a, size = alliances[k], start[k + 1] - start[k]
        if kind[a] == COOPETITION and scope[a] & MARKETING:
            added, left = benefit[a] * joint_appeal(size, overlap[a], coopetition), lead_factor_of(size, coopetition)
            for r in rows[start[k]:start[k + 1]]:
                if sells_with[member[r]] == a:
                    joint[member[r]] = match[r] * added
                    lead_factor[member[r]] = 1.0 - match[r] * (1.0 - left)


@routine
def learn(home, experience, learning, mean, factor):
    """Set the segments' mean experience (S,) and each firm's factor of learning (n,)."""
    count = np.zeros(mean.size)
    mean[:] = 0.0
    for i in range(home.size):
        mean[home[i]] += experience[i]
        count[home[i]] += 1.0
    for s in range(mean.size):
        mean[s] = mean[s] / count[s] if count[s] > 0.0 else 1.0
    for i in range(home.size):
        factor[i] = learning_factor(experience[i], mean[home[i]], learning)


@equation
def cost(list_price, input_index, rung, discount, other_cost, learning, unit_cost):
    """Set unit cost: inputs at the discounted price of the month, and the rest, both times learning."""
    for i in range(unit_cost.size):
        inputs = list_price[i] * input_index[i] * (rung[i] - discount[i])
        unit_cost[i] = (inputs + other_cost[i]) * learning[i]


@kernel
def settle(cleared_price, cleared_target, cleared_value, size, price, target, inclusive_value, pull):
    """Take over the market's answer, and set what is left of each segment to the outside good."""
    price[:] = cleared_price
    target[:] = cleared_target
    inclusive_value[:] = cleared_value
    for s in range(pull.size):
        pull[s] = size[s] / (1.0 + cleared_value[s])
