"""What an alliance is worth to a firm before it joins (F6, F8): its part of the saving, less what it may cost.

Used when firms choose and accept charters, and for alliances founded by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.jit import kernel
from allysim.mechanisms.administration import governance_cost
from allysim.mechanisms.choice import annuity, certainty_equivalent
from allysim.mechanisms.conduct import detection, expected_loss
from allysim.mechanisms.purchasing import price_rung
from allysim.rules.value_split import Yields
from allysim.state import MODES
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel


class Worth(NamedTuple):
    """What joining charters is worth to some of their members, one value each."""

    certainty_equivalent: Any  # (k,) k€
    value: Any                 # (k,) k€
    monthly: Any               # (k,) k€/month


def appraise(model: AllianceModel, charters: Any, place: Any) -> Worth:
    """Return what each charter (k, s), -1 where no member, is worth to the member in column `place` (k,)."""
    state, settings = model.state, model.config
    firms, ties = state.firms, state.ties
    saving, fee, revenue = (np.empty(charters.size) for _ in range(3))
    group = np.empty(charters.size, dtype=np.int32)
    m = expect_saving(charters, firms.list_price, firms.input_index, firms.learning, firms.output, firms.price,
                      settings.purchasing, saving, fee, revenue, group)
    yields = Yields(saving[:m], revenue[:m], group[:m], len(charters))
    shares = np.asarray(model.ask("value_split", yields), dtype=np.float64)
    governance, pilot = settings.governance, settings.pilot
    out = Worth(*(np.empty(len(charters)) for _ in Worth._fields))
    value_charters(
        charters, place, saving, fee, revenue, shares, MODES.index(governance.mode), governance.completeness,
        governance.dashboard, governance.penalty, pilot.months, pilot.prior_sd, settings.administration,
        settings.conduct, settings.choice, settings.trust.prior_weight, firms.risk_aversion, firms.cash,
        firms.month_cost, firms.margin, firms.disposition, firms.ties, ties.to, ties.next, ties.good, ties.bad, out,
    )
    return out


@kernel
def expect_saving(charters, list_price, input_index, learning, output, price, purchasing, saving, fee, revenue, group):
    """Fill what each member of each charter (k, s) would save by itself, its fee and its revenue, k€/month.

    Members stand one after the other, charter by charter, with the number of their charter in `group`; returns
    how many there are.
    """
    count = 0
    for k in range(charters.shape[0]):
        spend = 0.0
        for i in charters[k]:
            if i >= 0:
                spend += list_price[i] * output[i]
        pooled = price_rung(spend, purchasing)
        for i in charters[k]:
            if i < 0:
                continue
            alone = price_rung(list_price[i] * output[i], purchasing)
            volume = list_price[i] * input_index[i] * learning[i] * output[i]
            saving[count] = (1.0 - purchasing.no_leverage) * (alone - pooled) * volume
            fee[count] = purchasing.fee * (alone * volume - saving[count])
            revenue[count] = price[i] * output[i]
            group[count] = k
            count += 1
    return count


@kernel
def value_charters(charters, place, saving, fee, revenue, shares, mode, completeness, dashboard, penalty, pilot_months,
                   prior_sd, administration, conduct, choice, prior_weight, risk_aversion, cash, month_cost, margin,
                   disposition, head, to, following, good, bad, out):
    """Fill certainty equivalent, value and monthly gain of each charter for the member in column `place`.

    `saving`, `fee`, `revenue` and `shares` hold members one after the other, as `expect_saving` leaves them.
    Members are taken to gain their share of the saving less fee and governance cost at the chooser's trust.
    """
    detected = detection(dashboard, conduct)
    life = annuity(choice.expected_life, conduct.delta)
    first = annuity(pilot_months, conduct.delta)
    delay = conduct.delta**pilot_months
    at = 0
    for k in range(charters.shape[0]):
        i = charters[k, place[k]]
        size, confidence = 0, 0.0
        for j in charters[k]:
            if j >= 0:
                size += 1
                if j != i:
                    confidence += trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
        confidence /= size - 1
        loss, own, total = 0.0, 0.0, 0.0
        for m in range(at, at + size):
            total += saving[m]
        for j in charters[k]:
            if j < 0:
                continue
            cost = governance_cost(mode, size, completeness, confidence, revenue[at], administration)
            monthly = shares[at] * total - fee[at] - cost
            at += 1
            if j == i:
                own = monthly
            else:
                tie = trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
                taken = expected_loss(monthly, size, detected, penalty, tie, life, conduct, choice)
                loss += (1.0 - tie) * taken / (size - 1)
        after = (life - first) / delay
        wealth = max(cash[i], choice.reserve_months * month_cost[i], 1e-9)
        risk = prior_sd * margin[i] * after
        out.certainty_equivalent[k], out.value[k] = certainty_equivalent(
            administration.setup / size, own * first, own * after - loss / delay, risk, delay, risk_aversion[i], wealth)
        out.monthly[k] = own
