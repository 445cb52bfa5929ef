"""Ties between firms that met: chained rows, always in pairs, so that the tie back is ``t ^ 1``."""

from __future__ import annotations

import numpy as np

from allysim.jit import equation, kernel
from allysim.mechanisms.trust import trust
from allysim.state import Firms, State, Ties


@equation
def find_tie(i, j, head, to, following):
    """Return the row of the tie from slot i to slot j, or -1 if they never met."""
    t = head[i]
    while t >= 0 and to[t] != j:
        t = following[t]
    return t


@equation
def trust_in(i, j, disposition, prior_weight, head, to, following, good, bad):
    """Return the trust T_ij of slot i in slot j (F5); i's disposition where they never met."""
    t = find_tie(i, j, head, to, following)
    if t < 0:
        return disposition
    return trust(good[t], bad[t], disposition, prior_weight)


def introduce(state: State, first: object, second: object) -> None:
    """Tie each pair of slots in `first` and `second` (int32, (k,)) to each other, if they had not met."""
    pairs = len(first)  # type: ignore[arg-type]
    state.ties.reserve(state.world.n_ties + 2 * pairs)
    ties, world = state.ties, state.world
    world.n_ties, world.free_tie = link(first, second, world.n_ties, world.free_tie, state.firms.ties, ties.to,
                                        ties.next, ties.good, ties.bad)


@kernel
def link(first, second, used, free, head, to, following, good, bad):
    """Chain a pair of ties for each pair of slots that had not met; returns rows used and first freed pair."""
    for k in range(first.size):
        i, j = first[k], second[k]
        if find_tie(i, j, head, to, following) >= 0:
            continue
        if free >= 0:
            t = free
            free = following[t + 1]
        else:
            t = used
            used += 2
        to[t], to[t + 1] = j, i
        following[t], following[t + 1] = head[i], head[j]
        head[i], head[j] = t, t + 1
        good[t] = bad[t] = good[t + 1] = bad[t + 1] = 0.0
    return used, free


@kernel
def link_groups(groups, size, used, free, head, to, following, good, bad):
    """Chain a pair of ties for each pair of members of each group (k, s), in the order of `link`'s pairs.

    Pairs go column by column over all groups, so that the order in which firms met is that of one pair after
    the other; returns rows used and first freed pair.
    """
    one, other = np.empty(1, dtype=np.int32), np.empty(1, dtype=np.int32)
    for a in range(groups.shape[1]):
        for b in range(a):
            for k in range(groups.shape[0]):
                if a < size[k]:
                    one[0], other[0] = groups[k, b], groups[k, a]
                    used, free = link(one, other, used, free, head, to, following, good, bad)
    return used, free


def forget(firms: Firms, ties: Ties, slots: object, free: int) -> int:
    """Drop all ties from and to each of `slots`; returns the first freed pair."""
    return int(unlink(slots, free, firms.ties, ties.to, ties.next, ties.good, ties.bad, ties.together, ties.failed))


@kernel
def unlink(slots, free, head, to, following, good, bad, together, failed):
    """Unchain every tie of each slot, both ways, and chain the freed pairs."""
    for i in slots:
        t = head[i]
        while t >= 0:
            after, back, j = following[t], t ^ 1, to[t]
            if head[j] == back:
                head[j] = following[back]
            else:
                before = head[j]
                while following[before] != back:
                    before = following[before]
                following[before] = following[back]
            pair = t & ~1
            to[pair] = to[pair + 1] = -1
            good[pair] = bad[pair] = good[pair + 1] = bad[pair + 1] = 0.0
            together[pair] = failed[pair] = together[pair + 1] = failed[pair + 1] = -1
            following[pair], following[pair + 1] = -1, free
            free = pair
            t = after
        head[i] = -1
    return free
