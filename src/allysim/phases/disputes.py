"""Part of phase 5: conflicts between members (F16), and fines for what rivals do together.

Reads alliances' type, scope, governance, overlap and culture_distance, firms' revenue of last month; writes
memberships' conduct and booked, firms' breach_flow and the outside accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from allysim.accounts import Outside
from allysim.draws import Purpose, fold_levels, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.conflict import conflict_hazard, resolution
from allysim.mechanisms.kinds import COOPETITION
from allysim.mechanisms.legal import fine, legal_hazard
from allysim.state import AT_FAULT, CAPACITY, FINES, MARKETING, SEEN, SETTLED, TENDERING

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def quarrel(model: AllianceModel) -> None:
    """Let members of alliances fall out; if they do not make up, one of them is at fault and behaved badly."""
    state, roster = model.state, model.state.roster
    alliances, members = state.alliances, state.memberships
    if model.config.disputes.conflict == 0.0:
        return
    over, blamed = np.empty((2, roster.alliances.size), dtype=np.int32)
    count = clash(model.luck, model.month, roster.alliances, roster.start, roster.rows, model.config.disputes,
                  alliances.key, alliances.culture_distance, alliances.decision_rights, alliances.dispute_clause,
                  members.firm_key, members.conduct, over, blamed)
    if count and model.events.kept:
        over, blamed = over[:count], blamed[:count]
        model.events.add("conflict", firm=np.where(blamed < 0, -1, members.firm_key[blamed].astype(np.int64)),
                         alliance=over, cause=["resolved" if row < 0 else "unresolved" for row in blamed.tolist()])


def prosecute(model: AllianceModel) -> None:
    """Fine members of co-opetition alliances, as competition law may."""
    state, roster = model.state, model.state.roster
    alliances, members, firms = state.alliances, state.memberships, state.firms
    if model.config.legal.rate == 0.0:
        return
    fined, amount = np.empty(roster.rows.size, dtype=np.int32), np.empty(roster.rows.size)
    count = sentence(model.luck, model.month, roster.alliances, roster.start, roster.rows, model.config.legal,
                     alliances.key, alliances.type, alliances.scope, alliances.overlap, alliances.completeness,
                     members.firm, firms.revenue, firms.breach_flow, fined, amount)
    if count:
        rows, amount = fined[:count], amount[:count]
        keys = members.firm_key[rows]
        members.booked[rows, FINES] -= amount
        state.world.outside[Outside.FINES] += amount.sum()
        model.events.add("fine", firm=keys, alliance=members.alliance[rows], amount=amount)
        model.ledger.post("fine", Outside.FINES, keys, amount)


@kernel
def clash(seed, month, alliances, start, rows, disputes, key, distance, rights, clause, member_key, behaviour, over,
          blamed):
    """Fill the alliances with a conflict this month and the membership at fault, -1 where it is resolved.

    Returns how many there are. Who is at fault is the member with the lowest draw; a breach that was seen weighs
    more.
    """
    luck = fold_levels(seed, Purpose.CONFLICT, month)
    count = 0
    for k in range(alliances.size):
        a = alliances[k]
        if uniform(luck, key[a], 0) >= conflict_hazard(distance[a], rights[a], disputes):
            continue
        over[count], blamed[count] = a, -1
        if uniform(fold_levels(seed, Purpose.RESOLVE, month), key[a], 0) >= resolution(clause[a], disputes):
            blame, lowest = fold_levels(seed, Purpose.FAULT, month), 1.0
            for r in rows[start[k]:start[k + 1]]:
                drawn = uniform(blame, member_key[r], key[a])
                if drawn < lowest:
                    blamed[count], lowest = r, drawn
            r = blamed[count]
            if behaviour[r] != SEEN and behaviour[r] != SETTLED:
                behaviour[r] = AT_FAULT
        count += 1
    return count


@kernel
def settles(seed, month, culprit, alliance, clause, disputes):
    """Return whether the dispute over a breach that was seen is resolved, so that the culprit may stay (F13)."""
    luck = fold_levels(seed, Purpose.RESOLVE, month)
    return clause and uniform(luck, culprit, alliance) < resolution(True, disputes)


@equation
def breadth(scope):
    """Return how much of what the law looks at rivals do together: capacity, marketing and tendering, half each.

    Two of them are all; a shared warehouse or office restrains no competition. What was agreed on counts, done or not.
    """
    return min(1.0, 0.5 * ((1 if scope & CAPACITY else 0) + (1 if scope & MARKETING else 0)
                           + (1 if scope & TENDERING else 0)))


@kernel
def sentence(seed, month, alliances, start, rows, legal, key, kind, scope, overlap, completeness, member, revenue, flow,
             fined, amount):
    """Fill the memberships that are fined and what each pays (k€), charge it, and return how many there are."""
    count, market = 0, -1.0
    for k in range(alliances.size):
        a = alliances[k]
        if kind[a] != COOPETITION:
            continue
        if market < 0.0:
            market = revenue.sum()
        joint = 0.0
        for r in rows[start[k]:start[k + 1]]:
            joint += revenue[member[r]]
        share = joint / market if market > 0.0 else 0.0
        hazard = legal_hazard(overlap[a], breadth(scope[a]), completeness[a], share, legal)
        if uniform(fold_levels(seed, Purpose.LEGAL, month), key[a], 0) >= hazard:
            continue
        for r in rows[start[k]:start[k + 1]]:
            fined[count], amount[count] = r, fine(revenue[member[r]], legal)
            flow[member[r]] -= amount[count]
            count += 1
    return count
