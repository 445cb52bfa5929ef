"""The roster: living memberships grouped by alliance, and what members of an alliance have in common."""

from __future__ import annotations

import numpy as np

from allysim.jit import kernel
from allysim.mechanisms.demand import overlap
from allysim.state import Ints, Roster, State
from allysim.ties import trust_in


def live_memberships(state: State) -> Ints:
    """Return the rows of all memberships that have not ended: the roster's and those joined since."""
    world, members = state.world, state.memberships
    joined = np.arange(world.n_listed, world.n_memberships, dtype=np.int32)
    rows = np.concatenate([state.roster.rows, joined])
    return rows[members.left[rows] < 0]


def call_roll(state: State, prior_weight: float) -> None:
    """Make the roster anew, and set the mean trust and overlap of every living alliance."""
    rows = live_memberships(state)
    state.world.n_listed = state.world.n_memberships
    belongs = state.memberships.alliance[rows]
    order = np.argsort(belongs, kind="stable")
    rows, belongs = rows[order], belongs[order]
    living, start, group = (np.empty(rows.size + 1, dtype=np.int32) for _ in range(3))
    count = muster(belongs, living, start, group)
    state.roster = Roster(living[:count], start[:count + 1], rows, group[:rows.size])
    start = state.roster.start
    firms, ties, alliances = state.firms, state.ties, state.alliances
    describe(state.roster.alliances, start, rows, state.memberships.firm, firms.attraction, state.world.pull,
             firms.disposition, prior_weight, firms.ties, ties.to, ties.next, ties.good, ties.bad, alliances.trust,
             alliances.overlap)


@kernel
def muster(belongs, alliances, start, group):
    """Fill the alliances of sorted memberships, where each begins, and each one's number; returns how many."""
    count = 0
    for m in range(belongs.size):
        if m == 0 or belongs[m] != belongs[m - 1]:
            alliances[count], start[count] = belongs[m], m
            count += 1
        group[m] = count - 1
    start[count] = belongs.size
    return count


@kernel
def describe(alliances, start, rows, member, attraction, pull, disposition, prior_weight, head, to, following, good,
             bad, trust, shared):
    """Set mean trust and mean market overlap over all pairs of members of each alliance."""
    for k in range(alliances.size):
        confidence, likeness, pairs = 0.0, 0.0, 0
        for q in range(start[k], start[k + 1]):
            i = member[rows[q]]
            for r in range(start[k], q):
                j = member[rows[r]]
                confidence += trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
                confidence += trust_in(j, i, disposition[j], prior_weight, head, to, following, good, bad)
                likeness += overlap(attraction[i], attraction[j], pull)
                pairs += 1
        trust[alliances[k]], shared[alliances[k]] = confidence / (2 * pairs), likeness / pairs
