"""Phase 8: pilots' gates, reviews, terms reopened, notice and separation (F20, F19, F17).

Reads belief, belief_sd, spent, budget, trust, memberships' gain, conduct and unfairness; writes alliances' stage,
go, verdict, standardised, scaled, gate_month, extended, low_reviews, good_reviews, ending, ended, cause, governance
of adaptive ones, firms' template, memberships' leaving, left, cause, and, where terms are reopened, agreed and flat.
Standardised infrastructure alliances may buy what they rent, and who leaves one that did is bought out
(`allysim.dealings.ventures`).

A verdict takes effect after the latency of decisions (F14), and `gate_month` is then the month in which it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.dealings.ecosystem import learn, learn_at_reviews
from allysim.dealings.fall_back import fall_back
from allysim.dealings.portfolio import anyone_prunes, rebalance
from allysim.dealings.scaling import keep_templates, set_governance
from allysim.dealings.terms import reopen, shortfall
from allysim.dealings.ventures import buy_capital, part_ways
from allysim.draws import Purpose, fold_levels, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.belief import chance_above
from allysim.mechanisms.kinds import COOPETITION, PROCUREMENT, RND, by_type
from allysim.mechanisms.latency import decision_latency
from allysim.mechanisms.research import milestones
from allysim.mechanisms.restructuring import haste
from allysim.mechanisms.separation import separation_hazard
from allysim.mechanisms.terms import aggrieved_hazard
from allysim.phases.leaks import remember
from allysim.phases.sprints import hand_back
from allysim.roster import next_pool
from allysim.rules.gate import EXTEND, GO, STOP, Gates
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
    SEEN,
    STANDARDISED,
    STOPPED,
    WITHDRAWN,
)

if TYPE_CHECKING:
    from allysim.model import AllianceModel

FAILED_REVIEWS = 2
TOLD = ("go", "extended", "stopped", "failed review", "verdict", "standardised", "scaled")  # first by GO less verdict
FAILED, VERDICT, PROVEN, GROWN = 3, 4, 5, 6
NO_VERDICT = -1


def gates(model: AllianceModel) -> None:
    """Decide on every alliance whose gate or review is due, then let go whoever leaves."""
    state, month = model.state, model.month
    alliances, members, roster = state.alliances, state.memberships, state.roster
    live = roster.alliances
    if not live.size:
        return
    learn_at_reviews(model)
    went = _decide(model, live)
    rebalance(model)
    if model.config.separation.fall_back:
        fall_back(model)
    gone = np.empty(roster.rows.size, dtype=np.int32)
    left = part(model.luck, month, live, roster.start, roster.rows, model.config.separation, model.config.terms,
                alliances.key, alliances.type, alliances.stage, alliances.go, alliances.overlap, alliances.notice,
                alliances.ending, alliances.ended, alliances.cause, alliances.members, members.gain,
                members.gain_months, members.conduct, members.unfairness, members.leaving, members.left, members.cause,
                gone)
    if left:
        remember(model, gone[:left])
        hand_back(model, gone[:left])
        release(model, gone[:left])
    if went.size and model.config.terms.reopen:
        reopen(model, went)


def _decide(model: AllianceModel, live: Any) -> Any:
    """Pass pilots through their gates, review running alliances, as far as they are due, and carry out verdicts.

    Returns the pilots that go on.
    """
    alliances, pilot, month = model.state.alliances, model.config.pilot, model.month
    due, known, flags = np.empty(live.size, np.int32), np.empty((6, live.size)), np.empty((2, live.size), np.bool_)
    k, ripe = come_due(live, month, pilot.threshold, pilot.threshold_coopetition, model.config.research, alliances.type,
                       alliances.radical, alliances.sprints, alliances.successes, alliances.last_success,
                       alliances.seen_successes, alliances.gate_month, alliances.verdict, alliances.stage,
                       alliances.belief, alliances.belief_sd, alliances.spent, alliances.budget, alliances.extended,
                       due, known, flags)
    if not k and not ripe:
        return due[:0]
    told = np.empty((len(TOLD), live.size), dtype=np.int32)
    counts = np.zeros(len(TOLD), dtype=np.int64)
    if k:
        seen = Gates(*known[:, :k], *flags[:, :k])
        decide(due, model.ask("gate", seen), month, pilot.review, pilot.stop, model.config.latency,
               model.config.restructuring, model.config.scaling, seen.chance, alliances.trust, alliances.members,
               alliances.completeness, alliances.culture_distance, alliances.decision_rights, alliances.units,
               alliances.spent, alliances.budget, anyone_prunes(model, due[:k]), alliances.notice, alliances.stage,
               alliances.standardised, alliances.scaled, alliances.verdict, alliances.gate_month,
               alliances.good_reviews, alliances.low_reviews, alliances.ending, alliances.cause, told, counts)
    carry_out(live, month, alliances.pilot_months, pilot.review, alliances.stage, alliances.go, alliances.verdict,
              alliances.gate_month, alliances.extended, alliances.ending, told, counts)
    if model.events.kept:
        for event, count, rows in zip(TOLD, counts.tolist(), told, strict=True):
            if count:
                rows = rows[:count]
                cause = [TOLD[GO - v] for v in alliances.verdict[rows].tolist()] if event == "verdict" else ""
                model.events.add(event, alliance=rows, cause=cause, amount=alliances.belief[rows])
    keep_templates(model, told[PROVEN, :counts[PROVEN]])
    set_governance(model, due[:k])
    buy_capital(model, due[:k])
    return told[0, :counts[0]].copy()


@kernel
def come_due(live, month, asked, asked_coopetition, research, kind, radical, sprints, successes, last_success, seen,
             gate_month, verdict, stage, belief, belief_sd, spent, budget, extended, due, known, flags):
    """Fill the rows of alliances whose gate or review is due, and what they know.

    Returns how many they are, and how many verdicts of earlier months take effect. R&D is judged by its milestones,
    since its cost comes first. Pilots come first. `known` and `flags` hold the columns of `Gates`, in its order; a
    running alliance has no budget left to overrun. Successes of R&D count as `seen` from now on.
    """
    k, ripe = 0, 0
    for running in (False, True):
        for a in live:
            if (stage[a] != PILOT) == running and gate_month[a] <= month:
                if verdict[a] >= 0:
                    ripe += 1
                    continue
                due[k] = a
                theta = by_type(kind[a], asked, asked_coopetition, asked, asked)
                known[0, k] = chance_above(theta, belief[a], belief_sd[a])
                known[1, k], known[2, k], known[5, k] = belief[a], belief_sd[a], theta
                if kind[a] == RND:
                    made = milestones(sprints[a], successes[a], last_success[a], seen[a], radical[a], running,
                                      research)
                    known[0, k], known[1, k], known[2, k], known[5, k] = made, made, 0.0, 0.25 if running else 0.5
                seen[a] = successes[a]
                known[3, k], known[4, k] = 0.0 if running else spent[a], np.inf if running else budget[a]
                flags[0, k], flags[1, k] = extended[a] and not running, running
                k += 1
    return k, ripe


@kernel
def decide(due, answer, month, review_months, stop, latency, restructuring, scaling, chance, trust, members,
           completeness, distance, rights, units, spent, budget, pruned, notice, stage, standardised, scaled, verdict,
           gate_month, good_reviews, low_reviews, ending, cause, told, counts):
    """Write down the verdict on each alliance and when it takes effect; fills `told` for each event of `TOLD`.

    The second failed review in a row ends a running alliance in which somebody prunes: notice begins once the decision
    has been made. One that has proven itself moves up.
    """
    for k in range(answer.size):
        a = due[k]
        wait = decision_latency(members[a], completeness[a], distance[a], rights[a], latency,
                                haste(units[a], restructuring))
        if stage[a] != PILOT:
            gate_month[a] = month + review_months
            good_reviews[a] = good_reviews[a] + 1 if answer[k] == GO else 0
            low_reviews[a] = low_reviews[a] + 1 if answer[k] == STOP else 0
            if low_reviews[a] >= FAILED_REVIEWS and ending[a] < 0 and pruned[k]:
                ending[a], cause[a] = month + wait + notice[a], KPI_FAILURE
            if answer[k] == STOP:
                _tell(FAILED, a, told, counts)
            stays = scaling.standardise and ending[a] < 0
            if stays and stage[a] == RUNNING and good_reviews[a] >= scaling.reviews and trust[a] >= scaling.trust:
                stage[a], standardised[a] = STANDARDISED, month
                _tell(PROVEN, a, told, counts)
            elif (stays and stage[a] == STANDARDISED and answer[k] != STOP
                  and month - standardised[a] >= scaling.months):
                stage[a], scaled[a] = SCALED, month
                _tell(GROWN, a, told, counts)
            continue
        verdict[a] = answer[k] if answer[k] == GO or answer[k] == EXTEND else STOP
        gate_month[a] = month + wait
        if verdict[a] == STOP:
            cause[a] = BUDGET if spent[a] > budget[a] and chance[k] >= stop else STOPPED
        if wait > 0:
            _tell(VERDICT, a, told, counts)


@kernel
def carry_out(live, month, pilot_months, review_months, stage, go, verdict, gate_month, extended, ending, told, counts):
    """Let the verdicts on pilots take effect whose month has come."""
    for a in live:
        if stage[a] != PILOT or verdict[a] < 0 or gate_month[a] > month:
            continue
        if verdict[a] == GO:
            stage[a], go[a], gate_month[a] = RUNNING, month, month + review_months
        elif verdict[a] == EXTEND:
            extended[a], gate_month[a] = True, month + pilot_months[a]
        else:
            ending[a] = month
        _tell(GO - verdict[a], a, told, counts)
        verdict[a] = NO_VERDICT


@equation
def _tell(event, alliance, told, counts):
    told[event, counts[event]] = alliance
    counts[event] += 1


@equation
def _leave(r, month, why, left, cause):
    if left[r] < 0:
        left[r] = month
        cause[r] = why


@kernel
def part(seed, month, alliances, start, rows, separation, terms, key, kind, stage, go, overlap, notice, ending, ended,
         cause, members, gain, gain_months, behaviour, unfairness, leaving, left, member_cause, gone):
    """Give notice where a member gains nothing or the residual hazard strikes, and carry out what is due.

    A breach that was seen expels the culprit at once, unless the dispute over it was settled; an alliance goes on
    while two members remain. Fills the memberships that are `gone` and returns how many.
    """
    luck = fold_levels(seed, Purpose.SEPARATION, month)
    count = 0
    for k in range(alliances.size):
        a = alliances[k]
        if stage[a] != PILOT and ending[a] < 0:
            hazard = separation_hazard(kind[a], month - go[a], overlap[a], members[a], separation)
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
                last = WITHDRAWN if member_cause[r] == WITHDRAWN else NO_GAIN
                _leave(r, month, last, left, member_cause)
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


def release(model: AllianceModel, rows: Any) -> None:
    """Free the firms whose memberships in `rows` ended this month, and tell the events."""
    if not rows.size:
        return
    state = model.state
    members, alliances, firms = state.memberships, state.alliances, state.firms
    learn(model, rows)
    if state.world.n_ventures:
        part_ways(model, rows)
    slots, allied, over = members.firm[rows], members.alliance[rows], np.empty(rows.size, dtype=np.int32)
    count, more = free(slots, allied, model.month, alliances.type, firms.procurement, firms.coopetition, firms.rnd,
                       firms.alliances, alliances.ended, alliances.members, over)
    if more:
        next_pool(state, slots)
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
