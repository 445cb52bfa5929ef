"""Phase 4: what alliances yield this month (F1).

Reads the roster, pool_discount, rung, output, input_index, learning; writes firms' saving and, for each
membership, saving and fee.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allysim.jit import kernel

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def collaboration(model: AllianceModel) -> None:
    """Book what each member of a pool saved on its own invoices, and the fee it owes."""
    state, scenario = model.state, model.config
    firms, members = state.firms, state.memberships
    firms.saving.fill(0.0)
    pool(state.roster.rows, members.firm, members.alliance, firms.procurement, firms.list_price, firms.input_index,
         firms.learning, firms.output, firms.rung, firms.pool_discount, scenario.purchasing.fee, firms.saving,
         members.saving, members.fee)


@kernel
def pool(rows, member, alliance, bought_through, list_price, input_index, learning, output, rung, discount, fee_rate,
         saving, member_saving, fee):
    """Set saving and fee (k€) of each living membership from the month's output; none where the firm does not buy."""
    for r in rows:
        i = member[r]
        if bought_through[i] != alliance[r]:
            member_saving[r] = fee[r] = 0.0
            continue
        volume = list_price[i] * input_index[i] * learning[i] * output[i]
        member_saving[r] = volume * discount[i]
        fee[r] = fee_rate * volume * (rung[i] - discount[i])
        saving[i] += member_saving[r]
