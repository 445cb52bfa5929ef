"""Process R&D in the month (F11): what last month's research cuts from costs, what is spent, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.mechanisms import process
from allysim.mechanisms.kinds import RND

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def partners(model: AllianceModel) -> tuple[Any, Any]:
    """Return the slots of partners in R&D alliances (p,) and (p,): each pair both ways, and once."""
    state, roster = model.state, model.state.roster
    n, pairs = len(state.firms.key), [np.empty(0, dtype=np.int64)]
    for k in np.flatnonzero(state.alliances.type[roster.alliances] == RND):
        slots = state.memberships.firm[roster.rows[roster.start[k]:roster.start[k + 1]]].astype(np.int64)
        pairs.append((slots[:, None] * n + slots).ravel())
    first, second = np.divmod(np.unique(np.concatenate(pairs)), n)
    return first[first != second], second[first != second]


def cut_costs(model: AllianceModel) -> None:
    """Cut unit costs by what firms and their rivals spent last month; all that makes up a unit costs less."""
    firms = model.state.firms
    off = process.cut(firms.process_effort, firms.unit_cost, *partners(model), model.config.process)
    firms.learning *= 1.0 - off / firms.unit_cost
    firms.unit_cost -= off


def choose_efforts(model: AllianceModel) -> None:
    """Let each firm spend what pays best if rivals sell next month what they sell now."""
    firms, settings = model.state.firms, model.config.process
    slope = model.rules["market"].inverse_demand(model.state.world.market_size)[1]
    gain = process.marginal_gain(firms.target / np.exp(firms.own_demand), firms.capacity, *partners(model),
                                 settings.effort == "joint", settings)
    firms.process_effort[:] = process.best_effort(gain, slope, settings)
    firms.process_cost[:] = process.cost_of(firms.process_effort, slope, settings)


def pay(model: AllianceModel) -> None:
    """Pay for the month's research, before owners are paid."""
    firms = model.state.firms
    firms.cash -= firms.process_cost
    model.state.world.outside[Outside.RESEARCH] += np.add.reduce(firms.process_cost)
    model.ledger.post("process R&D", Outside.RESEARCH, firms.key, firms.process_cost)


def book(model: AllianceModel) -> None:
    """Count what was paid against the month's earnings."""
    firms = model.state.firms
    firms.ebitda -= firms.process_cost
    firms.economic_profit -= firms.process_cost
