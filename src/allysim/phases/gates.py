"""Phase 8: pilots' gates, reviews, notice and separation (F20, F17).

Reads belief, belief_sd, spent, budget, memberships' gain and conduct; writes alliances' stage, go,
gate_month, extended, low_reviews, ending, ended, cause, and memberships' leaving, left, cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.draws import Purpose, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.belief import chance_above
from allysim.mechanisms.separation import separation_hazard
from allysim.phases.conduct import SEEN
from allysim.roster import live_memberships
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
    pilots, running = np.empty(live.size, dtype=np.int32), np.empty(live.size, dtype=np.int32)
    some, more = due_now(live, month, alliances.gate_month, alliances.stage, pilots, running)
    _pilots(model, pilots[:some])
    _reviews(model, running[:more])  # not of pilots that went on just now
    left = part(live, roster.start, roster.rows, month, model.stream(Purpose.SEPARATION), model.config.separation,
                alliances.key, alliances.stage, alliances.go, alliances.overlap, alliances.notice, alliances.ending,
                alliances.ended, alliances.cause, alliances.members, members.gain, members.gain_months,
                members.conduct, members.leaving, members.left, members.cause)
    if left:
        release(model, roster.rows[members.left[roster.rows] == month])


def _question(model: AllianceModel, due: Any, running: bool) -> Gates:
    """Return what alliances know at their gate or, if `running`, at their review."""
    alliances, k = model.state.alliances, due.size
    seen = Gates(np.empty(k), np.empty(k), np.empty(k), np.empty(k), np.empty(k), np.empty(k, dtype=np.bool_),
                 np.full(k, running))
    fill_gates(model.config.pilot.threshold, due, alliances.belief, alliances.belief_sd, alliances.spent,
               alliances.budget, alliances.extended, seen)
    return seen


def _pilots(model: AllianceModel, due: Any) -> None:
    """Pass each pilot through its gate."""
    alliances, pilot = model.state.alliances, model.config.pilot
    if not due.size:
        return
    seen = _question(model, due, running=False)
    verdict = model.ask("gate", seen)
    pass_pilots(due, verdict, model.month, pilot.months, pilot.review, pilot.stop, seen, alliances.stage, alliances.go,
                alliances.gate_month, alliances.extended, alliances.ending, alliances.cause)
    for event, which in (("go", GO), ("extended", EXTEND), ("stopped", STOP)):
        rows = due[verdict == which]
        model.events.add(event, alliance=rows, amount=alliances.belief[rows])


def _reviews(model: AllianceModel, due: Any) -> None:
    """Review each running alliance; two failed reviews in a row end it, after notice."""
    alliances = model.state.alliances
    if not due.size:
        return
    failed = model.ask("gate", _question(model, due, running=True)) == STOP
    review(due, failed, model.month, model.config.pilot.review, alliances.notice, alliances.low_reviews,
           alliances.gate_month, alliances.ending, alliances.cause)
    if failed.any():
        model.events.add("failed review", alliance=due[failed], amount=alliances.belief[due[failed]])


@kernel
def due_now(live, month, gate_month, stage, pilots, running):
    """Fill the rows of pilots and of running alliances whose gate or review is due; returns how many of each."""
    some, more = 0, 0
    for a in live:
        if gate_month[a] <= month:
            if stage[a] == PILOT:
                pilots[some] = a
                some += 1
            elif stage[a] == RUNNING:
                running[more] = a
                more += 1
    return some, more


@kernel
def fill_gates(asked, rows, belief, belief_sd, spent, budget, extended, seen):
    """Fill what each alliance in `rows` knows; a running one has no budget left to overrun."""
    for k in range(rows.size):
        a, running = rows[k], seen.running[k]
        seen.chance[k] = chance_above(asked, belief[a], belief_sd[a])
        seen.mean[k], seen.sd[k] = belief[a], belief_sd[a]
        seen.spent[k], seen.budget[k] = 0.0 if running else spent[a], np.inf if running else budget[a]
        seen.extended[k] = extended[a] and not running


@kernel
def pass_pilots(rows, verdict, month, months, review_months, stop, seen, stage, go, gate_month, extended, ending,
                cause):
    """Carry out the verdict on each pilot."""
    for k in range(rows.size):
        a = rows[k]
        if verdict[k] == GO:
            stage[a], go[a], gate_month[a] = RUNNING, month, month + review_months
        elif verdict[k] == EXTEND:
            extended[a], gate_month[a] = True, month + months
        else:
            ending[a] = month
            cause[a] = BUDGET if seen.spent[k] > seen.budget[k] and seen.chance[k] >= stop else STOPPED


@kernel
def review(rows, failed, month, months, notice, low_reviews, gate_month, ending, cause):
    """Count failed reviews in a row and give notice after the second."""
    for k in range(rows.size):
        a = rows[k]
        low_reviews[a] = low_reviews[a] + 1 if failed[k] else 0
        gate_month[a] = month + months
        if low_reviews[a] >= FAILED_REVIEWS and ending[a] < 0:
            ending[a], cause[a] = month + notice[a], KPI_FAILURE


@equation
def _leave(r, month, why, left, cause):
    if left[r] < 0:
        left[r] = month
        cause[r] = why


@kernel
def part(alliances, start, rows, month, luck, separation, key, stage, go, overlap, notice, ending, ended, cause,
         members, gain, gain_months, behaviour, leaving, left, member_cause):
    """Give notice where a member gains nothing or the residual hazard strikes, and carry out what is due.

    A breach that was seen expels the culprit at once; an alliance goes on while two members remain. Returns how
    many members left.
    """
    gone = 0
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
        for r in rows[start[k]:start[k + 1]]:
            gone += left[r] == month
    return gone


def _next_pool(model: AllianceModel, slots: Any) -> None:
    """Let firms with further memberships buy through the oldest of them."""
    firms, members = model.state.firms, model.state.memberships
    live = live_memberships(model.state)
    theirs = np.sort(live[np.isin(members.firm[live], slots)])[::-1]  # so that the oldest is written last
    firms.procurement[members.firm[theirs]] = members.alliance[theirs]


def release(model: AllianceModel, rows: Any) -> None:
    """Free the firms whose memberships in `rows` ended this month, and tell the events."""
    if not rows.size:
        return
    state = model.state
    members, alliances, firms = state.memberships, state.alliances, state.firms
    slots = members.firm[rows]
    firms.procurement[slots] = -1
    np.subtract.at(firms.alliances, slots, 1)
    if firms.alliances[slots].any():
        _next_pool(model, slots)
    model.events.add("left", firm=members.firm_key[rows], alliance=members.alliance[rows],
                     cause=[CAUSES[c] for c in members.cause[rows]])
    touched = np.unique(members.alliance[rows])
    over = touched[alliances.ended[touched] == model.month]
    alliances.members[over] = 0
    model.events.add("ended", alliance=over, cause=[CAUSES[c] for c in alliances.cause[over]])
