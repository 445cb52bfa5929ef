"""Phase 8: pilots' gates, reviews, terms reopened, notice and separation (F20, F19, F17).

Reads belief, belief_sd, spent, budget, trust, memberships' gain, conduct and unfairness; writes alliances' stage,
go, standardised, scaled, gate_month, extended, low_reviews, good_reviews, ending, ended, cause, governance of
adaptive ones, firms' template, memberships' leaving, left, cause, and, where terms are reopened, agreed and flat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.draws import Purpose, fold_levels, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.belief import chance_above
from allysim.mechanisms.separation import separation_hazard
from allysim.mechanisms.terms import aggrieved_hazard
from allysim.phases.conduct import SEEN
from allysim.roster import live_memberships
from allysim.rules.gate import EXTEND, GO, STOP, Gates
from allysim.scaling import keep_templates, set_governance
from allysim.state import (
    BREACH,
    BUDGET,
    CAUSES,
    ENDED,
    KPI_FAILURE,
    NO_GAIN,
    PILOT,
    RESIDUAL,
    RUNNING,
    SCALED,
    STANDARDISED,
    STOPPED,
)
from allysim.terms import reopen, shortfall

if TYPE_CHECKING:
    from allysim.model import AllianceModel

FAILED_REVIEWS = 2
TOLD = ("go", "extended", "stopped", "failed review", "standardised", "scaled")


def gates(model: AllianceModel) -> None:
    """Decide on every alliance whose gate or review is due, then let go whoever leaves."""
    state, month = model.state, model.month
    alliances, members, roster = state.alliances, state.memberships, state.roster
    live = roster.alliances
    if not live.size:
        return
    went = _decide(model, live)
    gone = np.empty(roster.rows.size, dtype=np.int32)
    left = part(model.luck, month, live, roster.start, roster.rows, model.config.separation, model.config.terms,
                alliances.key, alliances.stage, alliances.go, alliances.overlap, alliances.notice, alliances.ending,
                alliances.ended, alliances.cause, alliances.members, members.gain, members.gain_months, members.conduct,
                members.unfairness, members.leaving, members.left, members.cause, gone)
    if left:
        release(model, gone[:left])
    if went.size and model.config.terms.reopen:
        reopen(model, went)


def _decide(model: AllianceModel, live: Any) -> Any:
    """Pass pilots through their gates and review running alliances, as far as they are due; returns those that go."""
    alliances, pilot, scaling, month = model.state.alliances, model.config.pilot, model.config.scaling, model.month
    due, known, flags = np.empty(live.size, np.int32), np.empty((6, live.size)), np.empty((2, live.size), np.bool_)
    k = come_due(live, month, pilot.threshold, alliances.gate_month, alliances.stage, alliances.belief,
                 alliances.belief_sd, alliances.spent, alliances.budget, alliances.extended, due, known, flags)
    if not k:
        return due[:0]
    seen = Gates(*known[:, :k], *flags[:, :k])
    told = np.empty((len(TOLD), k), dtype=np.int32)
    counts = carry_out(due, model.ask("gate", seen), month, pilot.months, pilot.review, pilot.stop, scaling,
                       seen.chance, alliances.trust, alliances.spent, alliances.budget, alliances.notice,
                       alliances.stage, alliances.go, alliances.standardised, alliances.scaled, alliances.gate_month,
                       alliances.extended, alliances.good_reviews, alliances.low_reviews, alliances.ending,
                       alliances.cause, told)
    if any(counts) and model.events.kept:
        for event, count, rows in zip(TOLD, counts, told, strict=True):
            if count:
                model.events.add(event, alliance=rows[:count], amount=alliances.belief[rows[:count]])
    keep_templates(model, told[4, :counts[4]])
    set_governance(model, due[:k])
    return told[0, :counts[0]].copy()


@kernel
def come_due(live, month, asked, gate_month, stage, belief, belief_sd, spent, budget, extended, due, known, flags):
    """Fill the rows of alliances whose gate or review is due, and what they know; returns how many.

    Pilots come first. `known` and `flags` hold the columns of `Gates`, in its order; a running alliance has no
    budget left to overrun.
    """
    k = 0
    for running in (False, True):
        for a in live:
            if (stage[a] != PILOT) == running and gate_month[a] <= month:
                due[k] = a
                known[0, k] = chance_above(asked, belief[a], belief_sd[a])
                known[1, k], known[2, k] = belief[a], belief_sd[a]
                known[3, k], known[4, k] = 0.0 if running else spent[a], np.inf if running else budget[a]
                known[5, k] = asked
                flags[0, k], flags[1, k] = extended[a] and not running, running
                k += 1
    return k


@kernel
def carry_out(due, verdict, month, pilot_months, review_months, stop, scaling, chance, trust, spent, budget, notice,
              stage, go, standardised, scaled, gate_month, extended, good_reviews, low_reviews, ending, cause, told):
    """Carry out the verdict on each alliance; fills the rows to tell of each event of `TOLD`, and returns how many.

    The second failed review in a row ends a running alliance, after notice; one that has proven itself moves up.
    """
    went, longer, stopped, failed, proven, grown = 0, 0, 0, 0, 0, 0
    for k in range(verdict.size):
        a = due[k]
        if stage[a] != PILOT:
            gate_month[a] = month + review_months
            good_reviews[a] = good_reviews[a] + 1 if verdict[k] == GO else 0
            low_reviews[a] = low_reviews[a] + 1 if verdict[k] == STOP else 0
            if low_reviews[a] >= FAILED_REVIEWS and ending[a] < 0:
                ending[a], cause[a] = month + notice[a], KPI_FAILURE
            if verdict[k] == STOP:
                told[3, failed] = a
                failed += 1
            stays = scaling.standardise and ending[a] < 0
            if stays and stage[a] == RUNNING and good_reviews[a] >= scaling.reviews and trust[a] >= scaling.trust:
                stage[a], standardised[a] = STANDARDISED, month
                told[4, proven] = a
                proven += 1
            elif (stays and stage[a] == STANDARDISED and verdict[k] != STOP
                  and month - standardised[a] >= scaling.months):
                stage[a], scaled[a] = SCALED, month
                told[5, grown] = a
                grown += 1
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
    return went, longer, stopped, failed, proven, grown


@equation
def _leave(r, month, why, left, cause):
    if left[r] < 0:
        left[r] = month
        cause[r] = why


@kernel
def part(seed, month, alliances, start, rows, separation, terms, key, stage, go, overlap, notice, ending, ended, cause,
         members, gain, gain_months, behaviour, unfairness, leaving, left, member_cause, gone):
    """Give notice where a member gains nothing or the residual hazard strikes, and carry out what is due.

    A breach that was seen expels the culprit at once; an alliance goes on while two members remain. Fills the
    memberships that are `gone` and returns how many.
    """
    luck = fold_levels(seed, Purpose.SEPARATION, month)
    count = 0
    for k in range(alliances.size):
        a = alliances[k]
        if stage[a] != PILOT and ending[a] < 0:
            hazard = separation_hazard(month - go[a], overlap[a], members[a], separation)
            if terms.separation > 0.0:
                hazard = aggrieved_hazard(hazard, shortfall(unfairness, rows[start[k]:start[k + 1]]), terms)
            if uniform(luck, key[a], 0) < hazard:
                ending[a] = month + notice[a]
                cause[a] = RESIDUAL
        last = cause[a]
        remain = 0
        for r in rows[start[k]:start[k + 1]]:
            if behaviour[r] == SEEN:
                _leave(r, month, BREACH, left, member_cause)
                last = BREACH
            elif stage[a] != PILOT and gain[r] <= 0.0 and gain_months[r] > 0 and leaving[r] < 0:
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
    slots, allied, over = members.firm[rows], members.alliance[rows], np.empty(rows.size, dtype=np.int32)
    count, more = free(slots, allied, model.month, firms.procurement, firms.alliances, alliances.ended,
                       alliances.members, over)
    if more:
        _next_pool(model, slots)
    if model.events.kept:
        over = np.sort(over[:count])
        model.events.add("left", firm=members.firm_key[rows], alliance=allied,
                         cause=[CAUSES[c] for c in members.cause[rows].tolist()])
        model.events.add("ended", alliance=over, cause=[CAUSES[c] for c in alliances.cause[over].tolist()])


@kernel
def free(slots, allied, month, bought_through, alliances, ended, members, over):
    """Take a membership and its pool from each of `slots`, and fill the alliances that are over, each once.

    Returns how many are over, and whether one of the firms has a further membership.
    """
    for k in range(slots.size):
        bought_through[slots[k]] = -1
        alliances[slots[k]] -= 1
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
