"""Phase 10: searching for partners, charters and consent of all (F6, F8, F9), and admission to scaled alliances (F20).

Reads strategy, procurement, attention, ruined, ties, last month's costs and output, alliances' stage; writes new
alliances and memberships with their terms, ties of firms that meet, cash and setup_cost of those who join.

All firms that search this month look at the same world. Each grows a charter partner by partner through
the rule `partner_choice`; then proposals are taken up in a keyed order, and one fails if a firm in it is
taken already or declines. What firms could build or buy instead is weighed first and taken up last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.config.parameters import ALLIANCE_TYPES
from allysim.dealings.alternatives import take_up, weigh_alternatives
from allysim.dealings.appraisal import grow, hear
from allysim.dealings.brought import brings
from allysim.dealings.ecosystem import get_ready, look_around, views
from allysim.dealings.founding import found
from allysim.dealings.opportunities import narrow, rank
from allysim.dealings.portfolio import in_portfolio, reach
from allysim.dealings.scaling import admit, set_tables
from allysim.dealings.ventures import leave_out_poor
from allysim.draws import Purpose, uniform
from allysim.jit import kernel
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def formation(model: AllianceModel) -> None:
    """Let firms whose search is due look for partners and found alliances all members accept."""
    get_ready(model)
    firms, own = model.state.firms, weigh_alternatives(model)
    n = len(firms.key)
    free, open_to = np.empty(n, dtype=np.bool_), np.empty((n, len(ALLIANCE_TYPES)), dtype=np.bool_)
    searchers, attention = np.empty(n, dtype=np.int32), reach(model)
    searching = who_searches(model.month, model.config.choice.search_months, model.strategies.seek, firms.strategy,
                             firms.procurement, firms.coopetition, firms.rnd, firms.large, firms.alliances,
                             attention, firms.ruined, firms.search_phase, free, open_to, searchers)
    if searching:
        _search(model, searchers[:searching], free, in_portfolio(model, open_to), own)
    tables = set_tables(model)
    if tables is not None:
        who_is_left(firms.procurement, firms.coopetition, firms.rnd, firms.large, firms.alliances, attention,
                    open_to)
        _admit(model, tables, in_portfolio(model, open_to))
    if own is not None:
        take_up(model, own)


def _search(model: AllianceModel, searchers: Any, free: Any, open_to: Any, own: Any) -> None:
    """Let the searchers propose, and found what all accept; who proposed what is noted in its alternatives."""
    firms = model.state.firms
    brought = brings(model, free, model.kinds)
    groups, size, kinds = propose(model, brought, searchers, free, open_to)
    proposals = line_up(model.stream(Purpose.PRIORITY), firms.key, groups, size, kinds)
    if proposals:
        if own is not None:
            own.asked[groups[:proposals, 0]] = kinds[:proposals]
        _take_up(model, brought, groups[:proposals], size[:proposals], kinds[:proposals])


def _admit(model: AllianceModel, tables: Any, open_to: Any) -> None:
    """Let a member of each alliance that may admit one look around among the firms still open to its type."""
    firms, ties, k = model.state.firms, model.state.ties, tables.size.size
    anybody, view = np.ones(len(firms.key), np.bool_), views(model, tables.groups[:, 0])
    candidates = np.empty((k, view.max()), dtype=np.int32)
    look_around(model.stream(Purpose.ADMIT), tables.groups[:, 0], view, anybody, firms.key, firms.ties, ties.to,
                ties.next, candidates, np.empty((k, 1), dtype=np.int32), *np.empty((2, k), dtype=np.int64),
                np.empty((2, k)))
    leave_out(tables.groups, tables.kinds, open_to, candidates)
    if model.state.world.n_ventures:
        leave_out_poor(model, tables.alliances, tables.groups, candidates)
    if (candidates >= 0).any():
        admit(model, tables, candidates)


def propose(model: AllianceModel, brought: Any, searchers: Any, free: Any, open_to: Any) -> tuple[Any, Any, Any]:
    """Grow a charter for each searcher; returns members (k, s), -1 where none, sizes and types (k,).

    It has up to as many members as the searcher's strategy gives its pilots.
    """
    firms, ties, view = model.state.firms, model.state.ties, views(model, searchers)
    limit = model.strategies.pilot_members[firms.strategy[searchers]]
    k, most = searchers.size, int(limit.max())
    candidates, groups = np.empty((k, view.max()), dtype=np.int32), np.empty((k, most), dtype=np.int32)
    (size, growing), kinds = np.empty((2, k), dtype=np.int64), np.empty(k, dtype=np.int8)
    current = np.empty((2, k))  # certainty equivalent and value of the charter as it stands
    look_around(model.stream(Purpose.VISIBLE), searchers, view, free, firms.key, firms.ties, ties.to, ties.next,
                candidates, groups, size, growing, current)
    for step in range(1, most):
        growing = growing[limit[growing] > step]
        if not growing.size:
            break
        options = grow(model, brought, open_to, groups, kinds, growing, step, candidates, current)
        narrow(model, groups, kinds, growing, step, candidates, options)
        if step == 1:
            rank(model, brought, groups, candidates, options)
        grown = adopt(growing, model.ask("partner_choice", options), step, model.kinds, options.certainty_equivalent,
                      options.value, candidates, groups, size, kinds, current)
        if not grown:
            break
        growing = growing[:grown]
    return groups, size, kinds


def _take_up(model: AllianceModel, brought: Any, groups: Any, size: Any, kinds: Any) -> None:
    """Ask the invited firms, in keyed order, and found the alliances that all accept."""
    firms, k = model.state.firms, len(groups)
    options, monthly = hear(model, brought, groups, size, kinds)
    gain, won, declined = np.empty(groups.shape), np.empty(k, dtype=np.int64), np.empty(k, dtype=np.int64)
    taken, refused = settle(groups, size, model.ask("partner_choice", options), monthly, len(firms.key), gain, won,
                            declined)
    if refused:
        model.events.add("declined", firm=firms.key[declined[:refused]])
    if taken:
        won = won[:taken]
        found(model, groups[won], size[won], kinds[won], gain[won], brought.stakes)


@kernel
def who_searches(month, every, seek, strategy, procurement, coopetition, rnd, large, alliances, attention, ruined,
                 phase, free, open_to, searchers):
    """Mark the firms free to join and the types they are open to, and fill those that search.

    A firm has one live procurement and one live co-opetition alliance, a small one one of R&D. Whoever is in ruin
    may be gone next month and founds nothing. Returns how many search, 0 where fewer than two are free.
    """
    ready, count = 0, 0
    for i in range(free.size):
        able, seeking = alliances[i] < attention[i] and ruined[i] == 0, seek[strategy[i]]
        open_to[i, PROCUREMENT] = able and seeking >> PROCUREMENT & 1 and procurement[i] < 0
        open_to[i, COOPETITION] = able and seeking >> COOPETITION & 1 and coopetition[i] < 0
        open_to[i, RND] = able and seeking >> RND & 1 and (large[i] or rnd[i] == 0)
        open_to[i, INFRASTRUCTURE] = able and seeking >> INFRASTRUCTURE & 1
        free[i] = open_to[i].any()
        if free[i]:
            ready += 1
            if (month + phase[i]) % every == 0:
                searchers[count] = i
                count += 1
    return count if ready >= 2 else 0


@kernel
def who_is_left(procurement, coopetition, rnd, large, alliances, attention, open_to):
    """Take from `open_to` (n, types) the firms that have joined an alliance since, as far as they may join no more."""
    for i in range(alliances.size):
        able = alliances[i] < attention[i]
        open_to[i, PROCUREMENT] = open_to[i, PROCUREMENT] and able and procurement[i] < 0
        open_to[i, COOPETITION] = open_to[i, COOPETITION] and able and coopetition[i] < 0
        open_to[i, RND] = open_to[i, RND] and able and (large[i] or rnd[i] == 0)
        open_to[i, INFRASTRUCTURE] = open_to[i, INFRASTRUCTURE] and able


@kernel
def leave_out(groups, kinds, open_to, candidates):
    """Put -1 for the firms seen that are members already or not open to the alliance's type."""
    for k in range(kinds.size):
        for c in range(candidates.shape[1]):
            j = candidates[k, c]
            if j < 0:
                continue
            keep = open_to[j, kinds[k]]
            for i in groups[k]:
                keep = keep and i != j
            if not keep:
                candidates[k, c] = -1


@kernel
def adopt(growing, chosen, step, choices, certainty_equivalent, value, candidates, groups, size, kinds, current):
    """Add to each growing charter the candidate its searcher chose, and keep in `growing` those that go on.

    The first step chooses its type too, of `choices`.
    """
    grown, view = 0, candidates.shape[1]
    for row in range(growing.size):
        k, option = growing[row], chosen[row]
        if option > 0:
            c = (option - 1) % view
            groups[k, step] = candidates[k, c]
            candidates[k, c] = -1
            if step == 1:
                kinds[k] = choices[(option - 1) // view]
            size[k] += 1
            current[0, k], current[1, k] = certainty_equivalent[row, option], value[row, option]
            growing[grown] = k
            grown += 1
    return grown


@kernel
def line_up(luck, key, groups, size, kinds):
    """Bring the charters of two and more to the front, in a keyed order; returns how many there are."""
    proposed = np.flatnonzero(size >= 2)
    rank = np.empty(proposed.size)
    for k in range(proposed.size):
        rank[k] = uniform(luck, key[groups[proposed[k], 0]], 0)
    order = proposed[np.argsort(rank, kind="mergesort")]
    groups[:order.size], size[:order.size], kinds[:order.size] = groups[order], size[order], kinds[order]
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
