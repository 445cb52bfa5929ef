"""Phase 3: sales, delivery, customers, experience, launches, outages, capabilities (F22, F2, F24, F10).

Reads target, last month's sales and on_time, capacity, disrupted; writes outage, sales, churn, leads, output,
on_time, experience, launched, launch_age, and what fades of developed and lost_appeal (`phases.leaks.ebb`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allysim.draws import Purpose, fold, fold_levels, uniform
from allysim.jit import kernel
from allysim.mechanisms.infrastructure import outage_loss, outage_rates
from allysim.mechanisms.kinds import INFRASTRUCTURE
from allysim.phases.leaks import ebb

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def operations(model: AllianceModel) -> None:
    """Let every firm sell, deliver, learn and launch for a month."""
    state, scenario = model.state, model.config
    firms, roster = state.firms, state.roster
    break_down(model.luck, model.month, roster.alliances, roster.start, roster.rows, state.memberships.firm,
               state.alliances.type, state.alliances.key, firms.key, scenario.infrastructure, firms.outage)
    operate(firms.target, firms.capacity, firms.disrupted, firms.experience_unit, scenario.customers,
            scenario.environment.disruption_loss, firms.outage, firms.sales, firms.churn, firms.leads, firms.output,
            firms.on_time,
            firms.experience, firms.launched, firms.launch_age)
    ebb(model)


@kernel
def break_down(seed, month, alliances, start, rows, member, kind, alliance_key, key, infrastructure, outage):
    """Set the share of output each user of shared infrastructure loses to outages, its own or of all users (F24)."""
    luck, loss = fold_levels(seed, Purpose.OUTAGE, month), outage_loss(infrastructure)
    own, common = outage_rates(infrastructure)
    outage[:] = 0.0
    for k in range(alliances.size):
        a = alliances[k]
        if kind[a] == INFRASTRUCTURE:
            all_down = uniform(luck, alliance_key[a], 0) < common
            for r in rows[start[k]:start[k + 1]]:
                i = member[r]
                if all_down or uniform(luck, fold(key[i], alliance_key[a]), 1) < own:
                    outage[i] = loss


@kernel
def operate(target, capacity, disrupted, experience_unit, customers, loss, outage, sales, churn, leads, output, on_time,
            experience, launched, launch_age):
    """Move sales toward demand, make good churn with leads, deliver what capacity and disruption allow.

    What is not delivered in a month is lost, and adds to next month's churn.
    """
    for i in range(target.size):
        before = sales[i]
        sales[i] = before + customers.adjustment * (target[i] - before)
        churn[i] = customers.churn + customers.churn_undelivered * (1.0 - on_time[i])
        leads[i] = max(0.0, sales[i] - before + churn[i] * before)
        output[i] = min(sales[i], capacity[i]) * (1.0 - loss if disrupted[i] > 0 else 1.0) * (1.0 - outage[i])
        on_time[i] = output[i] / sales[i] if sales[i] > 0.0 else 1.0
        experience[i] += output[i] / experience_unit[i]
        launched[i] *= 1.0 - customers.launch_fade
        launch_age[i] += 1
        if launch_age[i] >= customers.launch_months:
            launched[i] += customers.launch_gain
            launch_age[i] = 0
