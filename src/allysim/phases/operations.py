"""Phase 3: sales, delivery, customers, experience, launches and capabilities (F22, F2, F10).

Reads target, last month's sales and on_time, capacity, disrupted; writes sales, churn, leads, output,
on_time, experience, launched, launch_age, and what fades of developed and lost_appeal (`phases.leaks.ebb`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allysim.jit import kernel
from allysim.phases.leaks import ebb

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def operations(model: AllianceModel) -> None:
    """Let every firm sell, deliver, learn and launch for a month."""
    firms, scenario = model.state.firms, model.config
    operate(firms.target, firms.capacity, firms.disrupted, firms.experience_unit, scenario.customers,
            scenario.environment.disruption_loss, firms.sales, firms.churn, firms.leads, firms.output, firms.on_time,
            firms.experience, firms.launched, firms.launch_age)
    ebb(model)


@kernel
def operate(target, capacity, disrupted, experience_unit, customers, loss, sales, churn, leads, output, on_time,
            experience, launched, launch_age):
    """Move sales toward demand, make good churn with leads, deliver what capacity and disruption allow.

    What is not delivered in a month is lost, and adds to next month's churn.
    """
    for i in range(target.size):
        before = sales[i]
        sales[i] = before + customers.adjustment * (target[i] - before)
        churn[i] = customers.churn + customers.churn_undelivered * (1.0 - on_time[i])
        leads[i] = max(0.0, sales[i] - before + churn[i] * before)
        output[i] = min(sales[i], capacity[i]) * (1.0 - loss if disrupted[i] > 0 else 1.0)
        on_time[i] = output[i] / sales[i] if sales[i] > 0.0 else 1.0
        experience[i] += output[i] / experience_unit[i]
        launched[i] *= 1.0 - customers.launch_fade
        launch_age[i] += 1
        if launch_age[i] >= customers.launch_months:
            launched[i] += customers.launch_gain
            launch_age[i] = 0
