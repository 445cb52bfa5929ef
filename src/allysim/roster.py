"""The roster: living memberships grouped by alliance, and what members of an alliance have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.jit import kernel
from allysim.mechanisms.benefit import contract_and_trust, cultural_discount, matched, profile_distance, technology_fit
from allysim.mechanisms.demand import overlap
from allysim.mechanisms.kinds import COOPETITION, PROCUREMENT
from allysim.mechanisms.portfolio import thinning
from allysim.state import Ints, Roster, State
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.config import Scenario


def live_memberships(state: State) -> Ints:
    """Return the rows of all memberships that have not ended: the roster's and those joined since."""
    world, members = state.world, state.memberships
    joined = np.arange(world.n_listed, world.n_memberships, dtype=np.int32)
    rows = np.concatenate([state.roster.rows, joined])
    return rows[members.left[rows] < 0]


def next_pool(state: State, slots: Any) -> None:
    """Let firms with further memberships buy, and sell, through the oldest of them."""
    firms, members, world = state.firms, state.memberships, state.world
    pool_next(np.asarray(slots), state.roster.rows, world.n_listed, world.n_memberships, members.left, members.firm,
              members.alliance, state.alliances.type, firms.procurement, firms.coopetition)


def call_roll(state: State, settings: Scenario) -> None:
    """Make the roster anew, and set mean trust, overlap, cultural distance and benefit of every living alliance."""
    world, members, firms, ties, alliances = state.world, state.memberships, state.firms, state.ties, state.alliances
    last = state.roster.rows
    room = last.size + world.n_memberships - world.n_listed
    rows, group, living, start = np.empty((4, room + 1), dtype=np.int32)
    listed, count = muster(last, world.n_listed, world.n_memberships, members.left, members.alliance, rows, group,
                           living, start)
    world.n_listed = world.n_memberships
    roster = state.roster = Roster(living[:count], start[:count + 1], rows[:listed], group[:listed])
    share_trust(roster.alliances, roster.start, roster.rows, members.firm, firms.disposition,
                settings.trust.prior_weight, firms.ties, ties.to, ties.next, ties.good, ties.bad, alliances.trust)
    share_markets(roster.alliances, roster.start, roster.rows, members.firm, firms.attraction, world.pull,
                  alliances.overlap)
    share_culture(roster.alliances, roster.start, roster.rows, members.firm, firms.culture, settings.disputes,
                  alliances.culture_distance)
    if world.restructured:
        share_units(roster.alliances, roster.start, roster.rows, members.firm, firms.unit, alliances.units)
    share_benefit(roster.alliances, roster.start, roster.rows, members.firm, alliances.type, alliances.fit,
                  alliances.completeness, alliances.trust, alliances.culture_distance, firms.capability, settings.fit,
                  settings.contract, settings.culture, firms.attention, firms.alliances, settings.portfolio.thinning,
                  firms.month_cost, alliances.benefit, members.match)


@kernel
def pool_next(slots, listed, first, end, left, member, alliance, kind, procurement, coopetition):
    """Let each of `slots` buy, and sell, through the oldest of its live memberships, of those listed and new."""
    bought, sold = np.full(procurement.size, end), np.full(procurement.size, end)
    bought[slots] = sold[slots] = -1  # row of the oldest so far; -1 where any is older than none
    for m in range(listed.size + end - first):
        r = listed[m] if m < listed.size else first + m - listed.size
        i = member[r]
        if left[r] >= 0:
            continue
        if kind[alliance[r]] == PROCUREMENT and (bought[i] < 0 or r < bought[i] < end):
            procurement[i], bought[i] = alliance[r], r
        elif kind[alliance[r]] == COOPETITION and (sold[i] < 0 or r < sold[i] < end):
            sold[i], coopetition[i] = r, alliance[r]


@kernel
def muster(last, first, end, left, alliance, rows, group, living, start):
    """Fill the rows that have not ended of the `last` roster and of memberships `first` to `end`, by alliance.

    Fills too each one's number of alliance, the living alliances and where each begins; returns how many
    memberships and alliances there are.
    """
    listed = 0
    for m in range(last.size + end - first):
        r = last[m] if m < last.size else first + m - last.size
        if left[r] >= 0:
            continue
        place = listed  # they come in order but for a network of month 0
        while place > 0 and alliance[rows[place - 1]] > alliance[r]:
            rows[place] = rows[place - 1]
            place -= 1
        rows[place] = r
        listed += 1
    count = 0
    for m in range(listed):
        a = alliance[rows[m]]
        if count == 0 or living[count - 1] != a:
            living[count], start[count] = a, m
            count += 1
        group[m] = count - 1
    start[count] = listed
    return listed, count


@kernel
def share_trust(alliances, start, rows, member, disposition, prior_weight, head, to, following, good, bad, trust):
    """Set the mean trust over all pairs of members of each alliance, both ways."""
    for k in range(alliances.size):
        confidence, size = 0.0, start[k + 1] - start[k]
        for q in range(start[k], start[k + 1]):
            i = member[rows[q]]
            for r in range(start[k], q):
                j = member[rows[r]]
                confidence += trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
                confidence += trust_in(j, i, disposition[j], prior_weight, head, to, following, good, bad)
        trust[alliances[k]] = confidence / (size * (size - 1))


@kernel
def share_markets(alliances, start, rows, member, attraction, pull, shared):
    """Set the mean market overlap over all pairs of members of each alliance.

    A kernel of its own, since both in one take four times as long: the compiler then calls what it inlines here.
    """
    for k in range(alliances.size):
        likeness, size = 0.0, start[k + 1] - start[k]
        for q in range(start[k], start[k + 1]):
            for r in range(start[k], q):
                likeness += overlap(attraction[member[rows[q]]], attraction[member[rows[r]]], pull)
        shared[alliances[k]] = likeness / (size * (size - 1) // 2)


@kernel
def share_culture(alliances, start, rows, member, culture, disputes, distance):
    """Set the mean cultural distance over all pairs of members of each alliance."""
    for k in range(alliances.size):
        apart, size = 0.0, start[k + 1] - start[k]
        for q in range(start[k], start[k + 1]):
            for r in range(start[k], q):
                apart += profile_distance(culture[member[rows[q]]], culture[member[rows[r]]], disputes.culture_scale)
        distance[alliances[k]] = apart / (size * (size - 1) // 2)


@kernel
def share_units(alliances, start, rows, member, unit, units):
    """Set the share of members of each alliance that have a unit for their alliances."""
    for k in range(alliances.size):
        count = 0.0
        for r in rows[start[k]:start[k + 1]]:
            count += 1.0 if unit[member[r]] > 0 else 0.0
        units[alliances[k]] = count / (start[k + 1] - start[k])


@kernel
def share_benefit(alliances, start, rows, member, kind, hidden, completeness, trust, distance, capability, fit,
                  contract, culture, attention, alliances_of, exponent, month_cost, benefit, match):
    """Set what the benefits of each alliance are multiplied by: hidden fit, h, Pi and exp(-.7 dk) (F7, F15, F16).

    And, where members are in more than they can run well, the mean attention that they give each (F26). Sets too what
    part of each member's own its partners match.
    """
    for k in range(alliances.size):
        a, size, near = alliances[k], start[k + 1] - start[k], 1.0
        if kind[a] != PROCUREMENT:
            close = 0.0
            for q in range(start[k], start[k + 1]):
                for r in range(start[k], q):
                    apart = profile_distance(capability[member[rows[q]]], capability[member[rows[r]]], fit.scale)
                    close += technology_fit(apart, kind[a], fit)
            near = close / (size * (size - 1) // 2)
        worked, together = 0.0, 0.0
        for q in range(start[k], start[k + 1]):
            i = member[rows[q]]
            worked += thinning(attention[i], alliances_of[i], exponent)
            together += month_cost[i]
        for r in rows[start[k]:start[k + 1]]:
            match[r] = matched(month_cost[member[r]], together, size)
        benefit[a] = (hidden[a] * near * contract_and_trust(completeness[a], trust[a], contract)
                      * cultural_discount(distance[a], culture)) * (worked / size)
