"""Phase 8: pilots' gates, reviews, notice and separation (F20, F17).

Reads belief, belief_sd, spent, budget, memberships' gain and conduct; writes alliances' stage, go,
gate_month, extended, low_reviews, ending, ended, cause, and memberships' leaving, left, cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.draws import Purpose, fold_levels, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.belief import chance_above
from allysim.mechanisms.kinds import COOPETITION, PROCUREMENT, RND, by_type
from allysim.mechanisms.research import milestones
from allysim.mechanisms.separation import separation_hazard
from allysim.phases.conduct import SEEN
from allysim.phases.leaks import remember
from allysim.roster import live_memberships
from allysim.rules.gate import EXTEND, GO, STOP, Gates
from allysim.state import BREACH, BUDGET, CAUSES, ENDED, KPI_FAILURE, NO_GAIN, PILOT, RESIDUAL, RUNNING, STOPPED

if TYPE_CHECKING:
    from allysim.model import AllianceModel

FAILED_REVIEWS = 2
TOLD = ("go", "extended", "stopped", "failed review")


def gates(model: AllianceModel) -> None:
    """Decide on every alliance whose gate or review is due, then let go whoever leaves."""
    state, month = model.state, model.month
    alliances, members, roster = state.alliances, state.memberships, state.roster
    live = roster.alliances
    if not live.size:
        return
    _decide(model, live)
    gone = np.empty(roster.rows.size, dtype=np.int32)
    left = part(model.luck, month, live, roster.start, roster.rows, model.config.separation, alliances.key,
                alliances.stage, alliances.go, alliances.overlap, alliances.notice, alliances.ending, alliances.ended,
                alliances.cause, alliances.members, members.gain, members.gain_months, members.conduct,
                members.leaving, members.left, members.cause, gone)
    if left:
        remember(model, gone[:left])
        release(model, gone[:left])


def _decide(model: AllianceModel, live: Any) -> None:
    """Pass pilots through their gates and review running alliances, as far as they are due."""
    alliances, pilot, month = model.state.alliances, model.config.pilot, model.month
    due, known, flags = np.empty(live.size, np.int32), np.empty((6, live.size)), np.empty((2, live.size), np.bool_)
    k = come_due(live, month, pilot.threshold, pilot.threshold_coopetition, model.config.research.patience,
                 alliances.type, alliances.sprints, alliances.successes, alliances.last_success, alliances.gate_month,
                 alliances.stage, alliances.belief,
                 alliances.belief_sd, alliances.spent, alliances.budget, alliances.extended, due, known, flags)
    if not k:
        return
    seen = Gates(*known[:, :k], *flags[:, :k])
    told = np.empty((len(TOLD), k), dtype=np.int32)
    counts = carry_out(due, model.ask("gate", seen), month, pilot.months, pilot.review, pilot.stop, seen.chance,
                       alliances.spent, alliances.budget, alliances.notice, alliances.stage, alliances.go,
                       alliances.gate_month, alliances.extended, alliances.low_reviews, alliances.ending,
                       alliances.cause, told)
    if any(counts) and model.events.kept:
        for event, count, rows in zip(TOLD, counts, told, strict=True):
            if count:
                model.events.add(event, alliance=rows[:count], amount=alliances.belief[rows[:count]])


@kernel
def come_due(live, month, asked, asked_coopetition, patience, kind, sprints, successes, last_success, gate_month,
             stage, belief, belief_sd, spent, budget, extended, due, known, flags):
    """Fill the rows of alliances whose gate or review is due, and what they know; returns how many.

    R&D is judged by its milestones,
    since its cost comes first. Pilots come first. `known` and `flags` hold the columns of `Gates`,
    in its order; a running alliance has no
    budget left to overrun.
    """
    k = 0
    for at in (PILOT, RUNNING):
        running = at == RUNNING
        for a in live:
            if stage[a] == at and gate_month[a] <= month:
                due[k] = a
                theta = by_type(kind[a], asked, asked_coopetition, asked, asked)
                known[0, k] = chance_above(theta, belief[a], belief_sd[a])
                known[1, k], known[2, k], known[5, k] = belief[a], belief_sd[a], theta
                if kind[a] == RND:
                    made = milestones(sprints[a], successes[a], last_success[a], patience, running)
                    known[0, k], known[1, k], known[2, k], known[5, k] = made, made, 0.0, 0.25 if running else 0.5
                known[3, k], known[4, k] = 0.0 if running else spent[a], np.inf if running else budget[a]
                flags[0, k], flags[1, k] = extended[a] and not running, running
                k += 1
    return k


@kernel
def carry_out(due, verdict, month, pilot_months, review_months, stop, chance, spent, budget, notice, stage, go,
              gate_month, extended, low_reviews, ending, cause, told):
    """Carry out the verdict on each alliance; fills the rows to tell of each event of `TOLD`, and returns how many.

    The second failed review in a row ends a running alliance, after notice.
    """
    went, longer, stopped, failed = 0, 0, 0, 0
    for k in range(verdict.size):
        a = due[k]
        if stage[a] == RUNNING:
            gate_month[a] = month + review_months
            low_reviews[a] = low_reviews[a] + 1 if verdict[k] == STOP else 0
            if low_reviews[a] >= FAILED_REVIEWS and ending[a] < 0:
                ending[a], cause[a] = month + notice[a], KPI_FAILURE
            if verdict[k] == STOP:
                told[3, failed] = a
                failed += 1
        elif verdict[k] == GO:
            stage[a], go[a], gate_month[a] = RUNNING, month, month + review_months
            told[0, went] = a
            went += 1
        elif verdict[k] == EXTEND:
            extended[a], gate_month[a] = True, month + pilot_months
            told[1, longer] = a
            longer += 1
        else:
            ending[a] = month
            cause[a] = BUDGET if spent[a] > budget[a] and chance[k] >= stop else STOPPED
            told[2, stopped] = a
            stopped += 1
    return went, longer, stopped, failed


@equation
def _leave(r, month, why, left, cause):
    if left[r] < 0:
        left[r] = month
        cause[r] = why


@kernel
def part(seed, month, alliances, start, rows, separation, key, stage, go, overlap, notice, ending, ended, cause,
         members, gain, gain_months, behaviour, leaving, left, member_cause, gone):
    """Give notice where a member gains nothing or the residual hazard strikes, and carry out what is due.

    A breach that was seen expels the culprit at once; an alliance goes on while two members remain. Fills the
    memberships that are `gone` and returns how many.
    """
    luck = fold_levels(seed, Purpose.SEPARATION, month)
    count = 0
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
            if left[r] == month:
                gone[count] = r
                count += 1
    return count


def _next_pool(model: AllianceModel, slots: Any) -> None:
    """Let firms with further memberships buy, and sell, through the oldest of them."""
    firms, members = model.state.firms, model.state.memberships
    live = live_memberships(model.state)
    theirs = np.sort(live[np.isin(members.firm[live], slots)])[::-1]  # so that the oldest is written last
    kind = model.state.alliances.type[members.alliance[theirs]]
    for of, through in ((PROCUREMENT, firms.procurement), (COOPETITION, firms.coopetition)):
        through[members.firm[theirs[kind == of]]] = members.alliance[theirs[kind == of]]


def release(model: AllianceModel, rows: Any) -> None:
    """Free the firms whose memberships in `rows` ended this month, and tell the events."""
    if not rows.size:
        return
    state = model.state
    members, alliances, firms = state.memberships, state.alliances, state.firms
    slots, allied, over = members.firm[rows], members.alliance[rows], np.empty(rows.size, dtype=np.int32)
    count, more = free(slots, allied, model.month, alliances.type, firms.procurement, firms.coopetition, firms.rnd,
                       firms.alliances, alliances.ended,
                       alliances.members, over)
    if more:
        _next_pool(model, slots)
    if model.events.kept:
        over = np.sort(over[:count])
        model.events.add("left", firm=members.firm_key[rows], alliance=allied,
                         cause=[CAUSES[c] for c in members.cause[rows].tolist()])
        model.events.add("ended", alliance=over, cause=[CAUSES[c] for c in alliances.cause[over].tolist()])


@kernel
def free(slots, allied, month, kind, bought_through, sells_with, rnd, alliances, ended, members, over):
    """Take a membership, and its pool, from each of `slots`, and fill the alliances that are over, each once.

    Returns how many are over, and whether one of the firms has a further membership.
    """
    for k in range(slots.size):
        i, of = slots[k], kind[allied[k]]
        if of == PROCUREMENT:
            bought_through[i] = -1
        elif of == COOPETITION:
            sells_with[i] = -1
        elif of == RND:
            rnd[i] -= 1
        alliances[i] -= 1
        if ended[allied[k]] == month:
            members[allied[k]] = -1  # not yet among those filled
    count, more = 0, False
    for k in range(slots.size):
        more = more or alliances[slots[k]] > 0
        if members[allied[k]] < 0:
            members[allied[k]] = 0
            over[count] = allied[k]
            count += 1
    return count, more
