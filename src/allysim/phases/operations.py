"""Phase 3: sales, production, stock, delivery, customers, experience, launches, outages, capabilities.

F22, F4, F2, F24, F10. Reads target, last month's sales, stock and missed, capacity, disrupted, subscriptions, price,
launch_pace, the roster and alliances' benefit; writes outage, stock_share, sales, churn, leads, production, output,
stock, on_time, missed, compensation, experience, launched, launch_age, platform, and what fades of developed and
lost_appeal (`phases.leaks.ebb`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allysim.draws import Purpose, fold, fold_levels, uniform
from allysim.jit import kernel
from allysim.mechanisms.coopetition import let_through, made_good, pooling_ratio, under_one_name
from allysim.mechanisms.infrastructure import outage_loss, outage_rates
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE
from allysim.mechanisms.recurring import unbound
from allysim.mechanisms.stock import foreseen, kept_in_common, planned, safety_stock
from allysim.phases.leaks import ebb
from allysim.state import MARKETING, WAREHOUSING

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def operations(model: AllianceModel) -> None:
    """Let every firm sell, make, deliver, learn and launch for a month."""
    state, scenario = model.state, model.config
    firms, roster = state.firms, state.roster
    break_down(model.luck, model.month, roster.alliances, roster.start, roster.rows, state.memberships.firm,
               state.alliances.type, state.alliances.key, firms.key, firms.own_infrastructure, scenario.infrastructure,
               firms.outage)
    if scenario.stock.service_factor > 0.0:
        store_together(roster.alliances, roster.start, roster.rows, state.memberships.firm, state.alliances.type,
                       state.alliances.scope, state.alliances.benefit, state.alliances.data_shared, firms.coopetition,
                       scenario.coopetition.correlation, scenario.stock, state.memberships.match, firms.stock_share)
    operate(firms.target, firms.capacity, firms.disrupted, firms.experience_unit, scenario.customers, scenario.stock,
            scenario.environment.disruption_loss, firms.outage, firms.stock_share, firms.missed, firms.subscriptions,
            scenario.subscriptions, firms.sales, firms.churn, firms.leads, firms.production, firms.output, firms.stock,
            firms.on_time, firms.experience, firms.launched, firms.launch_age, firms.launch_pace, firms.platform)
    face_customers(roster.alliances, roster.start, roster.rows, state.memberships.firm, state.alliances.type,
                   state.alliances.scope, firms.coopetition, firms.on_time, firms.sales, firms.price,
                   scenario.coopetition, firms.missed, firms.compensation)
    ebb(model)


@kernel
def break_down(seed, month, alliances, start, rows, member, kind, alliance_key, key, own_infrastructure,
               infrastructure, outage):
    """Set the share of output each user of infrastructure loses to outages, its own or of all who share it (F24)."""
    luck, loss = fold_levels(seed, Purpose.OUTAGE, month), outage_loss(infrastructure)
    own, common = outage_rates(infrastructure)
    outage[:] = 0.0
    for i in range(key.size):
        if own_infrastructure[i] > 0 and uniform(luck, key[i], 2) < infrastructure.outage:
            outage[i] = loss
    for k in range(alliances.size):
        a = alliances[k]
        if kind[a] == INFRASTRUCTURE:
            all_down = uniform(luck, alliance_key[a], 0) < common
            for r in rows[start[k]:start[k + 1]]:
                i = member[r]
                if all_down or uniform(luck, fold(key[i], alliance_key[a]), 1) < own:
                    outage[i] = loss


@kernel
def store_together(alliances, start, rows, member, kind, scope, benefit, shared, sells_with, correlation, stock,
                   match, stock_share):
    """Set what each firm keeps of its own safety stock: less in a shared warehouse, as far as matched (F3, F4)."""
    stock_share[:] = 1.0
    for k in range(alliances.size):
        a, size = alliances[k], start[k + 1] - start[k]
        if kind[a] == COOPETITION and scope[a] & WAREHOUSING:
            kept = kept_in_common(1.0 - pooling_ratio(size, correlation), benefit[a],
                                  foreseen(shared[a], stock))
            for r in rows[start[k]:start[k + 1]]:
                if sells_with[member[r]] == a:
                    stock_share[member[r]] = 1.0 - match[r] * (1.0 - kept)


@kernel
def operate(target, capacity, disrupted, experience_unit, customers, stock, loss, outage, stock_share, missed,
            subscriptions, recurring, sales, churn, leads, production, output, in_stock, on_time, experience, launched,
            launch_age, launch_pace, platform):
    """Move sales toward demand, make good churn with leads, make what capacity and disruption allow, and deliver.

    A firm sets out to make its sales and what its stock lacks, and delivers from both. What is not delivered in a
    month is lost, and as far as customers see it adds to next month's churn. Subscriptions slow sales and churn.
    """
    months = safety_stock(stock)
    for i in range(target.size):
        before = sales[i]
        adjustment = customers.adjustment * unbound(subscriptions[i], recurring.inertia)
        sales[i] = before + adjustment * (target[i] - before)
        churn[i] = ((customers.churn + customers.churn_undelivered * missed[i])
                    * unbound(subscriptions[i], recurring.churn))
        leads[i] = max(0.0, sales[i] - before + churn[i] * before)
        plan = planned(sales[i], in_stock[i], months * stock_share[i] * sales[i])
        production[i] = min(plan, capacity[i]) * (1.0 - loss if disrupted[i] > 0 else 1.0) * (1.0 - outage[i])
        at_hand = in_stock[i] + production[i]
        output[i] = min(sales[i], at_hand)
        in_stock[i] = at_hand - output[i]
        on_time[i] = output[i] / sales[i] if sales[i] > 0.0 else 1.0
        experience[i] += production[i] / experience_unit[i]
        launched[i] *= 1.0 - customers.launch_fade
        launch_age[i] += 1
        if launch_age[i] >= customers.launch_months * launch_pace[i]:
            launched[i] += customers.launch_gain
            launch_age[i], platform[i] = 0, False


@kernel
def face_customers(alliances, start, rows, member, kind, scope, sells_with, on_time, sales, price, coopetition, missed,
                   compensation):
    """Set the share of orders not delivered as each firm's customers see it, and what it pays them for it (F22).

    Under one name they see that of its worst member, as far as a promise lets any through.
    """
    for i in range(missed.size):
        missed[i], compensation[i] = 1.0 - on_time[i], 0.0
    for k in range(alliances.size):
        a, worst = alliances[k], 0.0
        if kind[a] == COOPETITION and scope[a] & MARKETING:
            for r in rows[start[k]:start[k + 1]]:
                i = member[r]
                if sells_with[i] == a:
                    compensation[i] = made_good(missed[i], sales[i], price[i], coopetition)
                    missed[i] = let_through(missed[i], coopetition)
                    worst = max(worst, missed[i])
            for r in rows[start[k]:start[k + 1]]:
                i = member[r]
                if sells_with[i] == a:
                    missed[i] = under_one_name(missed[i], worst, coopetition)
