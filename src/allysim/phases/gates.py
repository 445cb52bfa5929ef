"""Phase 8: pilots' gates, reviews, notice and separation (F20, F17).

Reads belief, belief_sd, spent, budget, memberships' gain and conduct; writes alliances' stage, go,
gate_month, extended, low_reviews, ending, ended, cause, and memberships' leaving, left, cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.draws import Purpose, stream, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.belief import chance_above
from allysim.mechanisms.separation import separation_hazard
from allysim.phases.conduct import SEEN
from allysim.rules.gate import EXTEND, GO, STOP, Gates
from allysim.state import BREACH, BUDGET, CAUSES, ENDED, KPI_FAILURE, NO_GAIN, PILOT, RESIDUAL, RUNNING, STOPPED

if TYPE_CHECKING:
    from allysim.model import AllianceModel

FAILED_REVIEWS = 2


def gates(model: AllianceModel) -> None:
    """Decide on every alliance whose gate or review is due, then let go whoever leaves."""
    state, month = model.state, model.month
    alliances, members, roster = state.alliances, state.memberships, state.roster
    live = roster.alliances
    if not live.size:
        return
    due = live[alliances.gate_month[live] <= month]
    pilots, running = due[alliances.stage[due] == PILOT], due[alliances.stage[due] == RUNNING]
    _pilots(model, pilots)
    _reviews(model, running)  # not of pilots that went on just now
    part(live, roster.start, roster.rows, month, stream(model.luck, Purpose.SEPARATION, month), model.config.separation,
         alliances.key, alliances.stage, alliances.go, alliances.overlap, alliances.notice, alliances.ending,
         alliances.ended, alliances.cause, alliances.members, members.gain, members.gain_months, members.conduct,
         members.leaving, members.left, members.cause)
    release(model, roster.rows[members.left[roster.rows] == month])


@kernel
def chances(asked, rows, belief, belief_sd):
    """Return each alliance's chance that its gain beats what the charter asked for (k,)."""
    out = np.empty(rows.size)
    for k in range(rows.size):
        out[k] = chance_above(asked, belief[rows[k]], belief_sd[rows[k]])
    return out


def _pilots(model: AllianceModel, due: Any) -> None:
    """Pass each pilot through its gate."""
    alliances, pilot, month = model.state.alliances, model.config.pilot, model.month
    if not due.size:
        return
    spent, budget = alliances.spent[due], alliances.budget[due]
    chance = chances(pilot.threshold, due, alliances.belief, alliances.belief_sd)
    seen = Gates(chance, alliances.belief[due], alliances.belief_sd[due], spent, budget, alliances.extended[due],
                 np.zeros(due.size, dtype=np.bool_))
    verdict = model.ask("gate", seen)
    go, extend, stop = due[verdict == GO], due[verdict == EXTEND], due[verdict == STOP]
    alliances.stage[go], alliances.go[go] = RUNNING, month
    alliances.gate_month[go] = month + pilot.review
    alliances.extended[extend] = True
    alliances.gate_month[extend] = month + pilot.months
    alliances.ending[stop] = month
    broke = (spent > budget) & (chance >= pilot.stop)
    alliances.cause[stop] = np.where(broke[verdict == STOP], BUDGET, STOPPED)
    for event, rows in (("go", go), ("extended", extend), ("stopped", stop)):
        model.events.add(event, alliance=rows, amount=alliances.belief[rows])


def _reviews(model: AllianceModel, due: Any) -> None:
    """Review each running alliance; two failed reviews in a row end it, after notice."""
    alliances, pilot, month = model.state.alliances, model.config.pilot, model.month
    if not due.size:
        return
    free = np.zeros(due.size)
    chance = chances(pilot.threshold, due, alliances.belief, alliances.belief_sd)
    running = np.ones(due.size, dtype=np.bool_)
    seen = Gates(chance, alliances.belief[due], alliances.belief_sd[due], free, free + np.inf, ~running, running)
    failed = model.ask("gate", seen) == STOP
    alliances.low_reviews[due] = np.where(failed, alliances.low_reviews[due] + 1, 0)
    alliances.gate_month[due] = month + pilot.review
    end = due[(alliances.low_reviews[due] >= FAILED_REVIEWS) & (alliances.ending[due] < 0)]
    alliances.ending[end] = month + alliances.notice[end]
    alliances.cause[end] = KPI_FAILURE
    model.events.add("failed review", alliance=due[failed], amount=alliances.belief[due[failed]])


@equation
def _leave(r, month, why, left, cause):
    if left[r] < 0:
        left[r] = month
        cause[r] = why


@kernel
def part(alliances, start, rows, month, luck, separation, key, stage, go, overlap, notice, ending, ended, cause,
         members, gain, gain_months, behaviour, leaving, left, member_cause):
    """Give notice where a member gains nothing or the residual hazard strikes, and carry out what is due.

    A breach that was seen expels the culprit at once; an alliance goes on while two members remain.
    """
    for k in range(alliances.size):
        a = alliances[k]
        if stage[a] == RUNNING and ending[a] < 0:
            hazard = separation_hazard(month - go[a], overlap[a], members[a], separation)
            if uniform(luck, key[a], 0) < hazard:
                ending[a] = month + notice[a]
                cause[a] = RESIDUAL
        last = cause[a]
        remain = 0
        for r in rows[start[k]:start[k + 1]]:
            if behaviour[r] == SEEN:
                _leave(r, month, BREACH, left, member_cause)
                last = BREACH
            elif stage[a] == RUNNING and gain[r] <= 0.0 and gain_months[r] > 0 and leaving[r] < 0:
                leaving[r] = month + notice[a]
            if left[r] < 0 and 0 <= leaving[r] <= month:
                _leave(r, month, NO_GAIN, left, member_cause)
                last = NO_GAIN
            if left[r] < 0:
                remain += 1
        members[a] = remain
        if remain < 2 or 0 <= ending[a] <= month:
            stage[a], ended[a], cause[a] = ENDED, month, last if remain < 2 else cause[a]
            for r in rows[start[k]:start[k + 1]]:
                _leave(r, month, cause[a], left, member_cause)


def release(model: AllianceModel, rows: Any) -> None:
    """Free the firms whose memberships in `rows` ended this month, and tell the events."""
    if not rows.size:
        return
    state = model.state
    members, alliances, firms = state.memberships, state.alliances, state.firms
    slots = members.firm[rows]
    firms.procurement[slots] = -1
    np.subtract.at(firms.alliances, slots, 1)
    model.events.add("left", firm=members.firm_key[rows], alliance=members.alliance[rows],
                     cause=[CAUSES[c] for c in members.cause[rows]])
    touched = np.unique(members.alliance[rows])
    over = touched[alliances.ended[touched] == model.month]
    alliances.members[over] = 0
    model.events.add("ended", alliance=over, cause=[CAUSES[c] for c in alliances.cause[over]])
