"""Phase 10: searching for partners, charters and consent of all (F6, F8).

Reads strategy, procurement, attention, ties, last month's costs and output; writes new alliances and
memberships, ties of firms that meet, cash and setup_cost of founders.

All firms that search this month look at the same world. Each grows a charter partner by partner through
the rule `partner_choice`; then proposals are taken up in a keyed order, and one fails if a firm in it is
taken already or declines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.appraisal import appraise
from allysim.draws import Purpose, fold, uniform, uniforms
from allysim.founding import found
from allysim.jit import kernel
from allysim.mechanisms.demand import overlap
from allysim.rules.partner_choice import Options
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def formation(model: AllianceModel) -> None:
    """Let firms whose search is due look for partners and found alliances all members accept."""
    state, settings, month = model.state, model.config, model.month
    firms = state.firms
    free = model.seeks_procurement[firms.strategy] & (firms.procurement < 0) & (firms.alliances < firms.attention)
    free &= firms.ruined == 0  # whoever may be gone next month founds nothing
    due = free & ((month + firms.search_phase) % settings.choice.search_months == 0)
    searchers = np.flatnonzero(due).astype(np.int32)
    if not searchers.size or free.sum() < 2:
        return
    groups, size = propose(model, searchers, free)
    proposed = np.flatnonzero(size >= 2)
    if proposed.size:
        _take_up(model, searchers[proposed], groups[proposed], size[proposed])


def propose(model: AllianceModel, searchers: Any, free: Any) -> tuple[Any, Any]:
    """Grow a charter for each searcher; returns members (k, pilot.members), -1 where none, and sizes (k,)."""
    state, settings = model.state, model.config
    firms, ties, choice = state.firms, state.ties, settings.choice
    k, most = searchers.size, settings.pilot.members
    candidates = np.full((k, choice.visible), -1, dtype=np.int32)
    look_around(model.stream(Purpose.VISIBLE), searchers, free, firms.key, firms.ties, ties.to,
                ties.next, candidates)
    groups = np.full((k, most), -1, dtype=np.int32)
    groups[:, 0] = searchers
    size = np.ones(k, dtype=np.int64)
    current = np.zeros((2, k))  # certainty equivalent and value of the charter as it stands
    for step in range(1, most):
        growing = np.flatnonzero(size == step)
        if not growing.size:
            break
        options = _options(model, groups, growing, step, candidates, current)
        adopt(growing, model.ask("partner_choice", options), step, options.certainty_equivalent, options.value,
              candidates, groups, size, current)
    return groups, size


def _blank_options(k: int, m: int) -> Options:
    """Make room for what k firms may choose from, m options each; no one explores."""
    ce, value, trust, likeness, luck = (np.zeros((k, m)) for _ in range(5))
    return Options(ce, value, trust, likeness, np.zeros((k, m), dtype=np.bool_), luck, np.ones(k))


def _options(model: AllianceModel, groups: Any, growing: Any, step: int, candidates: Any, current: Any) -> Options:
    """Value every way of adding one candidate to each growing charter of `step` members."""
    state, ties = model.state, model.state.ties
    firms = state.firms
    k, m = growing.size, candidates.shape[1]
    charters = np.empty((k * m, step + 1), dtype=np.int32)
    charters = charters[:lay_out(groups, growing, step, candidates, charters)]
    worth = appraise(model, charters, np.zeros(len(charters), dtype=np.int64))
    options = _blank_options(k, m + 1)
    fill_options(
        model.stream(Purpose.PARTNER), model.stream(Purpose.EXPLORE), growing, step, groups,
        candidates, current, worth, firms.key, firms.focal, firms.strategy, model.focal_only, firms.attraction,
        state.world.pull, firms.disposition, model.config.trust.prior_weight, firms.ties, ties.to, ties.next, ties.good,
        ties.bad, options,
    )
    return options


def _take_up(model: AllianceModel, searchers: Any, groups: Any, size: Any) -> None:
    """Ask the invited firms and found the alliances that all accept, in keyed order."""
    firms = model.state.firms
    order = np.argsort(uniforms(model.stream(Purpose.PRIORITY), firms.key[searchers]), kind="stable")
    searchers, groups, size = searchers[order], groups[order], size[order]
    accepts, gain = _consent(model, groups)
    won = settle(groups, size, accepts, len(firms.key))
    taken, declined = np.flatnonzero(won == 1), np.flatnonzero(won == 0)
    if declined.size:
        first = np.argmin(accepts[declined], axis=1)
        model.events.add("declined", firm=firms.key[groups[declined, first]])
    if taken.size:
        found(model, groups[taken], size[taken], gain[taken])


def _consent(model: AllianceModel, groups: Any) -> tuple[Any, Any]:
    """Ask every member of every charter; returns accepts (k, s) and expected monthly gains (k, s), k€."""
    firms, ties = model.state.firms, model.state.ties
    accepts, gain = np.ones(groups.shape, dtype=np.bool_), np.zeros(groups.shape)
    row, column = np.nonzero(groups >= 0)
    charters = groups[row]
    worth = appraise(model, charters, column)
    gain[row, column] = worth.monthly
    options = _blank_options(row.size, 2)
    fill_consent(
        model.stream(Purpose.CONSENT), charters, column, worth, firms.key, firms.focal,
        firms.strategy, model.focal_only, firms.attraction, model.state.world.pull, firms.disposition,
        model.config.trust.prior_weight, firms.ties, ties.to, ties.next, ties.good, ties.bad, options,
    )
    accepts[row, column] = (model.ask("partner_choice", options) == 1) | (column == 0)
    return accepts, gain


@kernel
def lay_out(groups, growing, step, candidates, charters):
    """Fill every charter that adds one candidate to a growing one (k, step + 1); returns how many there are."""
    count = 0
    for k in growing:
        for c in range(candidates.shape[1]):
            if candidates[k, c] >= 0:
                for m in range(step):
                    charters[count, m] = groups[k, m]
                charters[count, step] = candidates[k, c]
                count += 1
    return count


@kernel
def fill_options(luck, luck_explore, growing, step, groups, candidates, current, worth, key, focal, strategy,
                 focal_only, attraction, pull, disposition, prior_weight, head, to, following, good, bad, options):
    """Fill what each searcher may choose from: to stay as it is, or a charter laid out for it, in that order.

    The luck of an option is keyed by chooser and partner, that of staying by the chooser alone.
    """
    count = 0
    for row in range(growing.size):
        k = growing[row]
        i = groups[k, 0]
        options.certainty_equivalent[row, 0], options.value[row, 0] = current[0, k], current[1, k]
        options.allowed[row, 0] = True
        options.luck[row, 0] = uniform(luck, key[i], step)
        options.explore[row] = uniform(luck_explore, key[i], step)
        for c in range(candidates.shape[1]):
            j = candidates[k, c]
            if j < 0:
                options.luck[row, c + 1] = 0.5
                continue
            options.certainty_equivalent[row, c + 1] = worth.certainty_equivalent[count]
            options.value[row, c + 1] = worth.value[count]
            options.allowed[row, c + 1] = worth.monthly[count] > 0.0 and (focal[j] or not focal_only[strategy[i]])
            options.trust[row, c + 1] = trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
            options.likeness[row, c + 1] = overlap(attraction[i], attraction[j], pull)
            options.luck[row, c + 1] = uniform(luck, fold(key[i], key[j]), step)
            count += 1


@kernel
def fill_consent(luck, charters, column, worth, key, focal, strategy, focal_only, attraction, pull, disposition,
                 prior_weight, head, to, following, good, bad, options):
    """Fill what each member of a charter chooses between: to stay as it is, or to join with its proposer."""
    for k in range(column.size):
        i, first = charters[k, column[k]], charters[k, 0]
        open_to_it = True
        if focal_only[strategy[i]]:
            for j in charters[k]:
                open_to_it = open_to_it and (j < 0 or focal[j])
        pair = fold(key[i], key[first])
        options.certainty_equivalent[k, 1], options.value[k, 1] = worth.certainty_equivalent[k], worth.value[k]
        options.allowed[k, 0], options.allowed[k, 1] = True, worth.monthly[k] > 0.0 and open_to_it
        options.trust[k, 1] = trust_in(i, first, disposition[i], prior_weight, head, to, following, good, bad)
        options.likeness[k, 1] = overlap(attraction[i], attraction[first], pull)
        options.luck[k, 0], options.luck[k, 1] = uniform(luck, pair, 0), uniform(luck, pair, 1)


@kernel
def adopt(growing, chosen, step, certainty_equivalent, value, candidates, groups, size, current):
    """Add to each growing charter the candidate its searcher chose."""
    for row in range(growing.size):
        k, option = growing[row], chosen[row]
        if option > 0:
            groups[k, step] = candidates[k, option - 1]
            candidates[k, option - 1] = -1
            size[k] += 1
            current[0, k], current[1, k] = certainty_equivalent[row, option], value[row, option]


@kernel
def look_around(luck, searchers, free, key, head, to, following, candidates):
    """Fill the firms each searcher sees (k, v) that are free to join; -1 where it sees none.

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
    for k in range(searchers.size):
        i = searchers[k]
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
        for c in range(count):
            if free[seen[c]]:
                candidates[k, c] = seen[c]


@kernel
def settle(groups, size, accepts, firms):
    """Go through the charters in order: 1 founded, 0 declined, -1 a member was taken already (k,)."""
    taken = np.zeros(firms, dtype=np.bool_)
    won = np.ones(groups.shape[0], dtype=np.int64)
    for k in range(groups.shape[0]):
        for c in range(size[k]):
            if taken[groups[k, c]]:
                won[k] = -1
        if won[k] == 1:
            for c in range(size[k]):
                if not accepts[k, c]:
                    won[k] = 0
        if won[k] == 1:
            for c in range(size[k]):
                taken[groups[k, c]] = True
    return won
