"""Phase 5: temptation, defection and lapses (F13, F5).

Reads memberships' gain, alliances' governance, ties, honesty, cash; writes memberships' conduct and
firms' breach_flow, breaches, breach_cost.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from allysim.accounts import Outside
from allysim.draws import Purpose, uniform
from allysim.jit import kernel
from allysim.mechanisms.conduct import detection, discount, mean_temptation, threshold
from allysim.mechanisms.separation import separation_hazard
from allysim.rules.conduct import Temptations
from allysim.state import NEVER
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel

AS_AGREED, LAPSED, UNSEEN, SEEN = 0, 1, 2, 3
DISTRESS_MONTHS = 3.0


def conduct(model: AllianceModel) -> None:
    """Let each member of an alliance keep its word, be late, or take what it can."""
    state, scenario, month = model.state, model.config, model.month
    firms, ties, alliances, members = state.firms, state.ties, state.alliances, state.memberships
    rows = state.roster.rows
    firms.breach_flow[:] = 0.0
    if not rows.size:
        return
    faced = Temptations(*(np.empty(rows.size) for _ in Temptations._fields))
    seen = np.empty(rows.size, dtype=np.bool_)
    face(
        state.roster.alliances, state.roster.start, rows, month, model.stream(Purpose.TEMPTATION),
        model.stream(Purpose.DETECTION), model.stream(Purpose.LAPSE), scenario.conduct,
        scenario.separation, scenario.trust, members.firm, members.firm_key, members.gain, alliances.key, alliances.go,
        alliances.overlap, alliances.dashboard, alliances.penalty, firms.honesty, firms.disposition, firms.cash,
        firms.month_cost, firms.ties, ties.to, ties.next, ties.good, ties.bad, faced, members.conduct, seen,
    )
    for k in np.flatnonzero(model.ask("conduct", faced)):
        _breach(model, int(rows[k]), float(faced.temptation[k]), bool(seen[k]))


def _breach(model: AllianceModel, row: int, taken: float, seen: bool) -> None:
    """Move what a defection takes, destroys and, if it is seen, costs as a penalty."""
    state, damage = model.state, model.config.conduct.damage
    firms, members, roster = state.firms, state.memberships, state.roster
    alliance, culprit = members.alliance[row], members.firm[row]
    members.conduct[row] = SEEN if seen else UNSEEN
    k = int(roster.group[np.flatnonzero(roster.rows == row)[0]])
    others = [r for r in roster.rows[roster.start[k]:roster.start[k + 1]] if r != row]
    weight = members.share[others] / members.share[others].sum()
    victims = members.firm[others]
    penalty = state.alliances.penalty[alliance] if seen else 0.0
    firms.breach_flow[culprit] += taken - penalty
    firms.breach_cost[culprit] -= taken - penalty
    firms.breach_flow[victims] -= weight * (damage * taken - penalty)
    firms.breach_cost[victims] += weight * (damage * taken - penalty)
    firms.breaches[victims] += 1
    state.world.outside[Outside.DESTROYED] += (damage - 1.0) * taken
    model.events.add("breach", firm=firms.key[culprit], alliance=alliance, cause="seen" if seen else "unseen",
                     amount=taken)
    keys, ledger = firms.key[victims], model.ledger
    ledger.post("breach", firms.key[culprit], keys, weight * taken)
    ledger.post("breach", Outside.DESTROYED, keys, weight * (damage - 1.0) * taken)
    ledger.post("penalty", keys, firms.key[culprit], weight * penalty)


@kernel
def face(alliances, start, rows, month, luck_temptation, luck_detection, luck_lapse, conduct, separation, trust, member,
         member_key, gain, alliance_key, go, overlap, dashboard, penalty, honesty, disposition, cash, month_cost, head,
         to, following, good, bad, faced, behaviour, seen):
    """Fill what each living membership faces (m,), whether it lapses, and whether a breach would be seen."""
    for k in range(alliances.size):
        a = alliances[k]
        size = start[k + 1] - start[k]
        hazard = separation_hazard(month - go[a], overlap[a], size, separation) if go[a] != NEVER else 0.0
        detected = detection(dashboard[a], conduct)
        for m in range(start[k], start[k + 1]):
            r = rows[m]
            i = member[r]
            confidence = 0.0
            for q in rows[start[k]:start[k + 1]]:
                if q != r:
                    confidence += trust_in(i, member[q], disposition[i], trust.prior_weight, head, to, following,
                                           good, bad)
            confidence /= size - 1
            worth = max(gain[r], 0.0)
            delta = conduct.delta_distressed if cash[i] < DISTRESS_MONTHS * month_cost[i] else conduct.delta
            u = uniform(luck_temptation, member_key[r], alliance_key[a])
            faced.temptation[m] = -math.log(u) * mean_temptation(worth, size, conduct)
            faced.threshold[m] = threshold(worth, discount(delta, hazard, conduct), detected, penalty[a], confidence,
                                           honesty[i], conduct)
            faced.gain[m], faced.trust[m], faced.honesty[m] = gain[r], confidence, honesty[i]
            faced.detection[m], faced.penalty[m] = detected, penalty[a]
            seen[m] = uniform(luck_detection, member_key[r], alliance_key[a]) < detected
            late = uniform(luck_lapse, member_key[r], alliance_key[a]) < trust.lapse * (1.0 - honesty[i])
            behaviour[r] = LAPSED if late else AS_AGREED
