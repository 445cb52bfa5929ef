"""Phase 10: searching for partners, charters and consent of all (F6, F8), and admission to scaled alliances (F20).

Reads strategy, procurement, attention, ruined, ties, last month's costs and output, alliances' stage; writes new
alliances and memberships with their terms, ties of firms that meet, cash and setup_cost of those who join.

All firms that search this month look at the same world. Each grows a charter partner by partner through
the rule `partner_choice`; then proposals are taken up in a keyed order, and one fails if a firm in it is
taken already or declines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.appraisal import brings, grow, hear
from allysim.draws import Purpose, fold, uniform
from allysim.founding import found
from allysim.jit import kernel
from allysim.scaling import admit, set_tables

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def formation(model: AllianceModel) -> None:
    """Let firms whose search is due look for partners and found alliances all members accept."""
    firms = model.state.firms
    free, searchers = np.empty(len(firms.key), dtype=np.bool_), np.empty(len(firms.key), dtype=np.int32)
    searching = who_searches(model.month, model.config.choice.search_months, model.seeks_procurement, firms.strategy,
                             firms.procurement, firms.alliances, firms.attention, firms.ruined, firms.search_phase,
                             free, searchers)
    if searching:
        _search(model, free, searchers[:searching])
    tables = set_tables(model)
    if tables is not None:
        _admit(model, tables, free & (firms.procurement < 0))


def _search(model: AllianceModel, free: Any, searchers: Any) -> None:
    """Let the searchers propose, and found what all accept."""
    firms = model.state.firms
    buyer = brings(model, free)
    groups, size = propose(model, buyer, searchers, free)
    proposals = line_up(model.stream(Purpose.PRIORITY), firms.key, groups, size)
    if proposals:
        _take_up(model, buyer, groups[:proposals], size[:proposals])


def _admit(model: AllianceModel, tables: Any, free: Any) -> None:
    """Let a member of each alliance that may admit one look around among the firms still free."""
    firms, ties, k = model.state.firms, model.state.ties, tables.size.size
    candidates = np.empty((k, model.config.choice.visible), dtype=np.int32)
    look_around(model.stream(Purpose.ADMIT), tables.groups[:, 0], free, firms.key, firms.ties, ties.to, ties.next,
                candidates, np.empty((k, 1), dtype=np.int32), *np.empty((2, k), dtype=np.int64), np.empty((2, k)))
    if (candidates >= 0).any():
        admit(model, tables, free, candidates)


def propose(model: AllianceModel, buyer: Any, searchers: Any, free: Any) -> tuple[Any, Any]:
    """Grow a charter for each searcher; returns members (k, pilot.members), -1 where none, and sizes (k,)."""
    firms, ties, choice = model.state.firms, model.state.ties, model.config.choice
    k, most = searchers.size, model.config.pilot.members
    candidates, groups = np.empty((k, choice.visible), dtype=np.int32), np.empty((k, most), dtype=np.int32)
    size, growing = np.empty(k, dtype=np.int64), np.empty(k, dtype=np.int64)
    current = np.empty((2, k))  # certainty equivalent and value of the charter as it stands
    look_around(model.stream(Purpose.VISIBLE), searchers, free, firms.key, firms.ties, ties.to, ties.next, candidates,
                groups, size, growing, current)
    for step in range(1, most):
        options = grow(model, buyer, groups, growing, step, candidates, current)
        grown = adopt(growing, model.ask("partner_choice", options), step, options.certainty_equivalent, options.value,
                      candidates, groups, size, current)
        if not grown:
            break
        growing = growing[:grown]
    return groups, size


def _take_up(model: AllianceModel, buyer: Any, groups: Any, size: Any) -> None:
    """Ask the invited firms, in keyed order, and found the alliances that all accept."""
    firms, k = model.state.firms, len(groups)
    options, monthly = hear(model, buyer, groups, size)
    gain, won, declined = np.empty(groups.shape), np.empty(k, dtype=np.int64), np.empty(k, dtype=np.int64)
    taken, refused = settle(groups, size, model.ask("partner_choice", options), monthly, len(firms.key), gain, won,
                            declined)
    if refused:
        model.events.add("declined", firm=firms.key[declined[:refused]])
    if taken:
        won = won[:taken]
        found(model, groups[won], size[won], gain[won])


@kernel
def who_searches(month, every, seeks, strategy, procurement, alliances, attention, ruined, phase, free, searchers):
    """Mark the firms free to join and fill those that search; returns how many search, 0 where fewer than two are free.

    Whoever is in ruin may be gone next month and founds nothing.
    """
    open_to_it, count = 0, 0
    for i in range(free.size):
        free[i] = seeks[strategy[i]] and procurement[i] < 0 and alliances[i] < attention[i] and ruined[i] == 0
        if free[i]:
            open_to_it += 1
            if (month + phase[i]) % every == 0:
                searchers[count] = i
                count += 1
    return count if open_to_it >= 2 else 0


@kernel
def adopt(growing, chosen, step, certainty_equivalent, value, candidates, groups, size, current):
    """Add to each growing charter the candidate its searcher chose, and keep in `growing` those that go on."""
    grown = 0
    for row in range(growing.size):
        k, option = growing[row], chosen[row]
        if option > 0:
            groups[k, step] = candidates[k, option - 1]
            candidates[k, option - 1] = -1
            size[k] += 1
            current[0, k], current[1, k] = certainty_equivalent[row, option], value[row, option]
            growing[grown] = k
            grown += 1
    return grown


@kernel
def look_around(luck, searchers, free, key, head, to, following, candidates, groups, size, growing, current):
    """Fill the firms each searcher sees (k, v) that are free to join, -1 where it sees none; begin its charter.

    Up to half are firms it has met, latest first; the rest are drawn among all slots by keyed numbers below
    the next power of two, numbers beyond the last slot being drawn again, so that one more firm changes the
    view of hardly anyone, unless their number passes a power of two. Firms that are not free take up a place
    in view, as in life.
    """
    n, places = key.size, candidates.shape[1]
    mask = np.uint64(1)
    while mask < np.uint64(n):
        mask = mask << np.uint64(1)
    mask -= np.uint64(1)
    seen = np.empty(places, dtype=np.int32)
    groups[:] = -1
    current[:] = 0.0
    for k in range(searchers.size):
        i = searchers[k]
        groups[k, 0], size[k], growing[k] = i, 1, k
        count = 0
        t = head[i]
        while t >= 0 and count < places // 2:
            seen[count] = to[t]
            count += 1
            t = following[t]
        state = fold(luck, key[i])
        for attempt in range(8 * places):
            if count == places:
                break
            j = np.int64(fold(state, np.uint64(attempt)) & mask)
            if j >= n or j == i:
                continue
            known = False
            for c in range(count):
                known = known or seen[c] == j
            if not known:
                seen[count] = j
                count += 1
        for c in range(places):
            candidates[k, c] = seen[c] if c < count and free[seen[c]] else -1


@kernel
def line_up(luck, key, groups, size):
    """Bring the charters of two and more to the front, in a keyed order; returns how many there are."""
    proposed = np.flatnonzero(size >= 2)
    rank = np.empty(proposed.size)
    for k in range(proposed.size):
        rank[k] = uniform(luck, key[groups[proposed[k], 0]], 0)
    order = proposed[np.argsort(rank, kind="mergesort")]
    groups[:order.size], size[:order.size] = groups[order], size[order]
    return order.size


@kernel
def settle(groups, size, chosen, monthly, firms, gain, won, declined):
    """Go through the charters in order: one is founded unless a member was taken already or declines.

    Fills the expected monthly gain of each member (k, s), k€, the rows of charters to be founded, and of each
    that somebody declined the first who did; returns how many were founded and declined.
    """
    taken = np.zeros(firms, dtype=np.bool_)
    founded, refused, at = 0, 0, 0
    gain[:] = 0.0
    for k in range(size.size):
        busy, against = False, -1
        for c in range(size[k]):
            i = groups[k, c]
            gain[k, c] = monthly[at]
            busy = busy or taken[i]
            if c > 0 and chosen[at] != 1 and against < 0:
                against = i
            at += 1
        if busy:
            continue
        if against >= 0:
            declined[refused] = against
            refused += 1
            continue
        won[founded] = k
        founded += 1
        for c in range(size[k]):
            taken[groups[k, c]] = True
    return founded, refused
