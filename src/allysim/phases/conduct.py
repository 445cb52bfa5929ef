"""Phase 5: temptation, defection, lapses, disputes and conflicts (F13, F5, F16), then leaks and misuse.

Reads memberships' gain, alliances' governance, ties, honesty, cash; writes memberships' conduct and
firms' breach_flow, breaches, breach_cost. Conflicts and fines stand in
`allysim.phases.disputes`, leaks and misuse in `allysim.phases.leaks`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from allysim.accounts import Outside
from allysim.dealings.terms import shortfall
from allysim.draws import Purpose, fold_levels, uniform
from allysim.jit import kernel
from allysim.mechanisms.conduct import detection, discount, mean_temptation, threshold
from allysim.mechanisms.separation import separation_hazard
from allysim.mechanisms.terms import aggrieved_hazard
from allysim.mechanisms.trust import trust
from allysim.phases.disputes import prosecute, quarrel, settles
from allysim.phases.leaks import leak
from allysim.rules.conduct import Temptations
from allysim.state import AS_AGREED, BREACHES, LAPSED, NEVER, SEEN, SETTLED, UNSEEN
from allysim.ties import find_tie

if TYPE_CHECKING:
    from allysim.model import AllianceModel

DISTRESS_MONTHS = 3.0


def conduct(model: AllianceModel) -> None:
    """Let each member of an alliance keep its word, be late, or take what it can; let secrets leak."""
    model.state.firms.breach_flow.fill(0.0)
    if model.state.roster.rows.size:
        _tempt(model)
    leak(model)


def _tempt(model: AllianceModel) -> None:
    """Let each member face its temptation, and carry out the breaches."""
    state, scenario, month = model.state, model.config, model.month
    firms, ties, alliances, members = state.firms, state.ties, state.alliances, state.memberships
    rows = state.roster.rows
    faced = Temptations(*np.empty((len(Temptations._fields), rows.size)))
    seen = np.empty(rows.size, dtype=np.bool_)
    face(
        model.luck, month, state.roster.alliances, state.roster.start, rows, scenario.conduct, scenario.separation,
        scenario.terms, scenario.trust.prior_weight, scenario.trust.lapse, members.firm, members.firm_key, members.gain,
        members.unfairness, alliances.key, alliances.type, alliances.go, alliances.overlap, alliances.dashboard,
        alliances.penalty, firms.honesty, firms.disposition, firms.cash, firms.month_cost, firms.ties, ties.to,
        ties.next, ties.good, ties.bad, ties.together, ties.failed, members.conduct, seen, *faced)
    for m in model.ask("conduct", faced).nonzero()[0]:
        _breach(model, int(m), float(faced.temptation[m]), bool(seen[m]))
    quarrel(model)
    prosecute(model)


def _breach(model: AllianceModel, place: int, taken: float, seen: bool) -> None:
    """Move what a defection takes, destroys and, if it is seen, costs as a penalty."""
    state, damage, events, ledger = model.state, model.config.conduct.damage, model.events, model.ledger
    firms, members, roster = state.firms, state.memberships, state.roster
    row, k = roster.rows[place], roster.group[place]
    alliance, culprit = members.alliance[row], members.firm[row]
    members.conduct[row] = UNSEEN
    others = roster.rows[roster.start[k]:roster.start[k + 1]]
    others = others[others != row]
    weight, victims = members.share[others], members.firm[others]
    weight /= weight.sum()
    penalty = float(state.alliances.penalty[alliance]) if seen else 0.0
    take(culprit, victims, weight, taken, damage, penalty, firms.breach_flow, firms.breach_cost, firms.breaches)
    members.booked[row, BREACHES] += taken - penalty
    members.booked[others, BREACHES] -= weight * (damage * taken - penalty)
    state.world.outside[Outside.DESTROYED] += (damage - 1.0) * taken
    events.add("breach", firm=firms.key[culprit], alliance=alliance, cause="seen" if seen else "unseen", amount=taken)
    if seen:
        settled = settles(model.luck, model.month, firms.key[culprit], state.alliances.key[alliance],
                          state.alliances.dispute_clause[alliance], model.config.disputes)
        members.conduct[row] = SETTLED if settled else SEEN
        events.add("dispute", firm=firms.key[culprit], alliance=alliance, cause="resolved" if settled else "unresolved",
                   amount=penalty)
    if ledger.kept:
        keys = firms.key[victims]
        ledger.post("breach", firms.key[culprit], keys, weight * taken)
        ledger.post("breach", Outside.DESTROYED, keys, weight * (damage - 1.0) * taken)
        ledger.post("penalty", keys, firms.key[culprit], weight * penalty)


@kernel
def take(culprit, victims, weight, taken, damage, penalty, flow, cost, breaches):
    """Charge the victims of a breach by weight, and give the culprit what it keeps."""
    flow[culprit] += taken - penalty
    cost[culprit] -= taken - penalty
    for v in range(victims.size):
        lost = weight[v] * (damage * taken - penalty)
        flow[victims[v]] -= lost
        cost[victims[v]] += lost
        breaches[victims[v]] += 1


@kernel
def face(seed, month, alliances, start, rows, conduct, separation, terms, prior_weight, lapse, member, member_key, gain,
         unfairness, alliance_key, kind, go, overlap, dashboard, penalty, honesty, disposition, cash, month_cost, head,
         to, following, good, bad, together, failed, behaviour, seen, temptation, least, expected, trusted, honest,
         detectable, fine, last, ever):
    """Fill what each living membership faces (m,), whether it lapses, and whether a breach would be seen."""
    luck_temptation = fold_levels(seed, Purpose.TEMPTATION, month)
    luck_detection, luck_lapse = fold_levels(seed, Purpose.DETECTION, month), fold_levels(seed, Purpose.LAPSE, month)
    for k in range(alliances.size):
        a = alliances[k]
        size = start[k + 1] - start[k]
        hazard = separation_hazard(kind[a], month - go[a], overlap[a], size, separation) if go[a] != NEVER else 0.0
        if terms.separation > 0.0:
            hazard = aggrieved_hazard(hazard, shortfall(unfairness, rows[start[k]:start[k + 1]]), terms)
        detected = detection(dashboard[a], conduct)
        for m in range(start[k], start[k + 1]):
            r = rows[m]
            i = member[r]
            confidence = last[m] = ever[m] = 0.0
            for q in rows[start[k]:start[k + 1]]:
                if q != r:
                    t = find_tie(i, member[q], head, to, following)  # members have met
                    confidence += trust(good[t], bad[t], disposition[i], prior_weight)
                    if failed[t] >= 0:
                        ever[m] += 1.0
                        last[m] += 1.0 if failed[t] == together[t] else 0.0
            confidence /= size - 1
            worth = max(gain[r], 0.0)
            delta = conduct.delta_distressed if cash[i] < DISTRESS_MONTHS * month_cost[i] else conduct.delta
            u = uniform(luck_temptation, member_key[r], alliance_key[a])
            temptation[m] = -math.log(u) * mean_temptation(kind[a], worth, size, conduct)
            least[m] = threshold(worth, discount(delta, hazard, conduct), detected, penalty[a], confidence, honesty[i],
                                 conduct)
            expected[m], trusted[m], honest[m] = gain[r], confidence, honesty[i]
            detectable[m], fine[m] = detected, penalty[a]
            seen[m] = uniform(luck_detection, member_key[r], alliance_key[a]) < detected
            late = uniform(luck_lapse, member_key[r], alliance_key[a]) < lapse * (1.0 - honesty[i])
            behaviour[r] = LAPSED if late else AS_AGREED
