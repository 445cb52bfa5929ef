"""What becomes of a failing alliance (F17): its members may go on together in a lesser form instead of parting.

An alliance that would end for its reviews, or since members gain nothing, is weighed as a procurement pool and as
co-marketing by those members that seek such an alliance and are in none. If all of them, two at least, expect to
gain, it becomes what promises most in all; the others leave. After a breach, an exit, a failed pilot or for reasons
that no figure shows, members part, and so do those who own capital together. Partners, hidden fit, governance and
age stay; terms, baseline, reviews and the belief in its gain begin anew, at no cost of set-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.dealings.brought import brings
from allysim.dealings.founding import set_baseline
from allysim.dealings.judgement import judge
from allysim.dealings.terms import strike, write
from allysim.draws import Purpose
from allysim.jit import kernel
from allysim.mechanisms.kinds import COOPETITION, PROCUREMENT, RND
from allysim.roster import next_pool
from allysim.state import CAUSES, KPI_FAILURE, MARKETING, NEVER, NO_CAUSE, NO_GAIN, PILOT, RUNNING, SEEN

if TYPE_CHECKING:
    from allysim.model import AllianceModel

LESSER = ((PROCUREMENT, 0), (COOPETITION, MARKETING))
"""Type and scope of what an alliance may become; the first of equals."""
NAMES = {PROCUREMENT: "procurement", COOPETITION: "marketing"}


def fall_back(model: AllianceModel) -> None:
    """Let alliances that would end this month for want of results go on in a lesser form, one after the other."""
    state = model.state
    alliances, members, roster = state.alliances, state.memberships, state.roster
    places, why = np.empty(roster.alliances.size, dtype=np.int32), np.empty(roster.alliances.size, dtype=np.int8)
    count = find_failing(
        model.month, roster.alliances, roster.start, roster.rows, alliances.stage, alliances.ending, alliances.cause,
        alliances.notice, alliances.installed, members.gain, members.gain_months, members.conduct, members.leaving,
        places, why)
    for k, cause in zip(places[:count].tolist(), why[:count].tolist(), strict=True):
        _weigh(model, int(roster.alliances[k]), roster.rows[roster.start[k]:roster.start[k + 1]], CAUSES[cause])


def _weigh(model: AllianceModel, a: int, rows: Any, cause: str) -> None:
    """Let the members in `rows` choose what becomes of alliance `a`, and change it if all who stay gain."""
    firms, alliances, slots = model.state.firms, model.state.alliances, model.state.memberships.firm[rows]
    best: tuple[float, int, int, Any, Any] | None = None
    for kind, scope in LESSER:
        if alliances.type[a] == kind and alliances.scope[a] == scope:
            continue
        through = (firms.procurement if kind == PROCUREMENT else firms.coopetition)[slots]
        stays = (model.strategies.seek[firms.strategy[slots]] >> kind & 1 == 1) & ((through < 0) | (through == a))
        if stays.sum() < 2:
            continue
        gains = _gains(model, a, rows[stays], kind, scope)
        if (gains > 0.0).all() and (best is None or gains.sum() > best[0]):
            best = float(gains.sum()), kind, scope, stays, gains
    if best is not None:
        model.events.add("fell back", alliance=a, cause=f"{cause}, {NAMES[best[1]]}", amount=best[0])
        _change(model, a, rows, *best[1:])


def _gains(model: AllianceModel, a: int, rows: Any, kind: int, scope: int) -> Any:
    """Return what each member in `rows` (m,) expects to gain a month if they go on as another type, k€."""
    slots, m = model.state.memberships.firm[rows], rows.size
    present = np.zeros(len(model.state.firms.key), dtype=np.bool_)
    present[slots] = True
    kinds = np.full(m, kind, dtype=np.int8)
    return judge(model, brings(model, present, kinds), np.full(m, a), np.tile(slots, (m, 1)), np.tile(rows, (m, 1)),
                 np.arange(m), slots, model.stream(Purpose.ADMIT), 0, (kinds, np.full(m, scope, dtype=np.int8))).monthly


def _change(model: AllianceModel, a: int, rows: Any, kind: int, scope: int, stays: Any, gains: Any) -> None:
    """Turn alliance `a` into another type for the members in `rows` that stay; the others are to leave now."""
    state, settings, month = model.state, model.config, model.month
    firms, alliances, members = state.firms, state.alliances, state.memberships
    slots, staying = members.firm[rows], rows[stays]
    if alliances.type[a] == RND:
        firms.rnd[slots] -= 1
    alliances.type[a], alliances.scope[a], alliances.stage[a] = kind, scope, RUNNING
    alliances.standardised[a] = alliances.scaled[a] = NEVER
    alliances.ending[a], alliances.cause[a] = -1, NO_CAUSE
    alliances.good_reviews[a] = alliances.low_reviews[a] = 0
    alliances.gate_month[a] = month + settings.pilot.review
    alliances.prior_mean[a] = alliances.belief[a] = settings.pilot.prior_mean
    alliances.prior_variance[a], alliances.belief_sd[a] = settings.pilot.prior_sd**2, settings.pilot.prior_sd
    alliances.signals[a], alliances.signal_sum[a] = 0, 0.0
    members.leaving[rows] = np.where(stays, -1, month)
    members.gain[staying], members.gain_months[staying] = gains, 0
    firms.procurement[slots] = firms.coopetition[slots] = -1
    next_pool(state, slots)
    write(model, staying, strike(model, slots[None, stays], np.array([staying.size]), np.array([a]), staying))
    set_baseline(staying, members.firm, month, settings.pilot.baseline, firms.bare_margin, firms.home, firms.large,
                 state.world.control_past, members.baseline, members.control_base)


@kernel
def find_failing(month, alliances, start, rows, stage, ending, cause, notice, installed, gain, gain_months, behaviour,
                 leaving, places, why):
    """Fill the places of alliances that would end this month by failed reviews or want of gain; returns how many."""
    count = 0
    for k in range(alliances.size):
        a = alliances[k]
        if stage[a] == PILOT or installed[a] > 0.0:
            continue
        remain, breached = 0, False
        for r in rows[start[k]:start[k + 1]]:
            breached = breached or behaviour[r] == SEEN
            goes = leaving[r]
            if goes < 0 and gain[r] <= 0.0 and gain_months[r] > 0:
                goes = month + notice[a]
            if goes < 0 or goes > month:
                remain += 1
        ends = 0 <= ending[a] <= month
        if breached or (cause[a] != KPI_FAILURE if ends else remain >= 2):
            continue
        places[count], why[count] = k, KPI_FAILURE if ends else NO_GAIN
        count += 1
    return count
