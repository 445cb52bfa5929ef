"""What becomes of a failing alliance (F17): its members may go on together in a lesser form instead of parting.

An alliance that would end for its reviews, or since members gain nothing, is weighed as a procurement pool and as
co-marketing by those members that seek such an alliance and are in none. If all of them, two at least, expect to
gain, it becomes what promises most in all; the others leave. After a breach, an exit, a failed pilot, where a
member withdraws to rebalance its portfolio, or for reasons that no figure shows, members part, and so do those who
own capital together. Partners, hidden fit, governance and age stay; terms, baseline, reviews and the belief in its
gain begin anew, at no cost of set-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.dealings.brought import brings
from allysim.dealings.founding import set_baseline
from allysim.dealings.judgement import judge
from allysim.dealings.terms import strike, write
from allysim.draws import Purpose
from allysim.jit import kernel
from allysim.mechanisms.kinds import COOPETITION, PROCUREMENT, RND
from allysim.roster import next_pool
from allysim.state import CAUSES, KPI_FAILURE, MARKETING, NEVER, NO_CAUSE, NO_GAIN, PILOT, RUNNING, SEEN, WITHDRAWN

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
        members.cause, places, why)
    if not count:
        return
    forms, moved = _weigh(model, places[:count]), np.zeros(len(state.firms.key), dtype=np.bool_)
    for f, (k, cause) in enumerate(zip(places[:count].tolist(), why[:count].tolist(), strict=True)):
        a, rows = int(roster.alliances[k]), roster.rows[roster.start[k]:roster.start[k + 1]]
        stays, gains = forms.stays[f], forms.gains[f]
        if moved[members.firm[rows]].any():  # a member has gone on elsewhere this month, and may stay no more
            again = _weigh(model, places[f:f + 1])
            stays, gains = again.stays[0], again.gains[0]
        best = _best(stays[:, :rows.size], gains[:, :rows.size])
        if best is not None:
            total, form = best
            model.events.add("fell back", alliance=a, cause=f"{CAUSES[cause]}, {NAMES[LESSER[form][0]]}", amount=total)
            _change(model, a, rows, *LESSER[form], stays[form, :rows.size], gains[form, stays[form]])
            moved[members.firm[rows]] = True


class Forms(NamedTuple):
    """What f failing alliances of up to s members may become."""

    stays: Any  # bool (f, forms, s), whether each member would stay in each of `LESSER`
    gains: Any  # float64 (f, forms, s), what it then expects to gain a month, k€; of no meaning where it would not


def _weigh(model: AllianceModel, places: Any) -> Forms:
    """Let the members of the alliances at `places` of the roster weigh what these may become."""
    state, roster = model.state, model.state.roster
    alliances, members, firms = state.alliances, state.memberships, state.firms
    most = int((roster.start[places + 1] - roster.start[places]).max())
    forms = Forms(np.zeros((places.size, len(LESSER), most), dtype=np.bool_),
                  np.zeros((places.size, len(LESSER), most)))
    room = places.size * len(LESSER) * most
    groups, rows = np.empty((2, room, most), dtype=np.int32)
    place, seat = np.empty((2, room), dtype=np.int64)
    of, slots = np.empty((2, room), dtype=np.int32)
    kinds, scopes = np.empty((2, room), dtype=np.int8)
    present = np.zeros(len(firms.key), dtype=np.bool_)
    count = lay_forms(places, roster.alliances, roster.start, roster.rows, members.firm, alliances.type,
                      alliances.scope, model.strategies.seek, firms.strategy, firms.procurement, firms.coopetition,
                      LESSER, forms.stays, groups, rows, place, slots, of, kinds, scopes, seat, present)
    if count:
        turned = kinds[:count], scopes[:count]
        forms.gains.ravel()[seat[:count]] = judge(
            model, brings(model, present, kinds[:count]), of[:count], groups[:count], rows[:count], place[:count],
            slots[:count], model.stream(Purpose.ADMIT), 0, turned).monthly
    return forms


def _best(stays: Any, gains: Any) -> tuple[float, int] | None:
    """Return the sum of gains and the number of the form that promises most among those in which all gain; or None."""
    best: tuple[float, int] | None = None
    for form in range(len(LESSER)):
        theirs = gains[form, stays[form]]
        if theirs.size and (theirs > 0.0).all() and (best is None or theirs.sum() > best[0]):
            best = float(theirs.sum()), form
    return best


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
    members.gain[staying], members.gain_months[staying], members.cause[staying] = gains, 0, NO_CAUSE
    firms.procurement[slots] = firms.coopetition[slots] = -1
    next_pool(state, slots)
    write(model, staying, strike(model, slots[None, stays], np.array([staying.size]), np.array([a]), staying))
    set_baseline(staying, members.firm, month, settings.pilot.baseline, firms.bare_margin, firms.home, firms.large,
                 state.world.control_past, members.baseline, members.control_base)


@kernel
def find_failing(month, alliances, start, rows, stage, ending, cause, notice, installed, gain, gain_months, behaviour,
                 leaving, leaves_for, places, why):
    """Fill the places of alliances that would end this month by failed reviews or want of gain; returns how many."""
    count = 0
    for k in range(alliances.size):
        a = alliances[k]
        if stage[a] == PILOT or installed[a] > 0.0:
            continue
        remain, parted = 0, False
        for r in rows[start[k]:start[k + 1]]:
            parted = parted or behaviour[r] == SEEN
            goes = leaving[r]
            if goes < 0 and gain[r] <= 0.0 and gain_months[r] > 0:
                goes = month + notice[a]
            if goes < 0 or goes > month:
                remain += 1
            else:
                parted = parted or leaves_for[r] == WITHDRAWN
        ends = 0 <= ending[a] <= month
        if parted or (cause[a] != KPI_FAILURE if ends else remain >= 2):
            continue
        places[count], why[count] = k, KPI_FAILURE if ends else NO_GAIN
        count += 1
    return count


@kernel
def lay_forms(places, alliances, start, listed, member, kind, scope, seek, strategy, procurement, coopetition, lesser,
              stays, groups, rows, place, slots, of, kinds, scopes, seat, present):
    """Lay out a charter for each member that would stay in each form each failing alliance may take.

    They stay who seek such an alliance and are in no other; two or more make one. Marks them in `stays` (f, forms, s)
    and `present` (n,); `seat` is the entry of `stays`, counted through. Returns the number of charters.
    """
    count = 0
    for f in range(places.size):
        first, end = start[places[f]], start[places[f] + 1]
        a = alliances[places[f]]
        for form in range(len(lesser)):
            to, works = lesser[form]
            if kind[a] == to and scope[a] == works:
                continue
            staying = 0
            for r in listed[first:end]:
                i = member[r]
                through = procurement[i] if to == PROCUREMENT else coopetition[i]
                if seek[strategy[i]] >> to & 1 and (through < 0 or through == a):
                    staying += 1
            if staying < 2:
                continue
            groups[count], rows[count] = -1, -1
            n = 0
            for m in range(first, end):
                r = listed[m]
                i = member[r]
                through = procurement[i] if to == PROCUREMENT else coopetition[i]
                if seek[strategy[i]] >> to & 1 and (through < 0 or through == a):
                    stays[f, form, m - first] = present[i] = True
                    groups[count, n], rows[count, n] = i, r
                    seat[count + n] = (f * stays.shape[1] + form) * stays.shape[2] + m - first
                    n += 1
            for c in range(n):
                groups[count + c], rows[count + c] = groups[count], rows[count]
                place[count + c], slots[count + c], of[count + c] = c, groups[count, c], a
                kinds[count + c], scopes[count + c] = to, works
            count += n
    return count
