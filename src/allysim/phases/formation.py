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
from allysim.draws import Purpose, fold, stream, uniforms
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
    state, settings, month = model.state, model.config, model.month
    firms, ties, choice = state.firms, state.ties, settings.choice
    k, most = searchers.size, settings.pilot.members
    candidates = np.full((k, choice.visible), -1, dtype=np.int32)
    look_around(stream(model.luck, Purpose.VISIBLE, month), searchers, free, firms.key, firms.ties, ties.to, ties.next,
                candidates)
    groups = np.full((k, most), -1, dtype=np.int32)
    groups[:, 0] = searchers
    size = np.ones(k, dtype=np.int64)
    keys, pairs = firms.key[searchers], np.zeros(candidates.shape, dtype=np.uint64)
    fold_pairs(firms.key, searchers, candidates, pairs)
    current = np.zeros((2, k))  # certainty equivalent and value of the charter as it stands
    for step in range(1, most):
        growing = np.flatnonzero(size == step)
        options = _options(model, groups[growing], step, candidates[growing], current[:, growing])
        options = options._replace(
            luck=_luck(model, pairs[growing], keys[growing], step),
            explore=uniforms(stream(model.luck, Purpose.EXPLORE, month), keys[growing], step),
        )
        chosen = model.ask("partner_choice", options)
        joins = np.flatnonzero(chosen > 0)
        rows, column = growing[joins], chosen[joins] - 1
        groups[rows, step] = candidates[rows, column]
        candidates[rows, column] = -1
        size[rows] += 1
        current[0, rows] = options.certainty_equivalent[joins, chosen[joins]]
        current[1, rows] = options.value[joins, chosen[joins]]
        if not joins.size:
            break
    return groups, size


def _luck(model: AllianceModel, pairs: Any, keys: Any, step: int) -> Any:
    """Draw the luck of each option; option 0 is keyed by the chooser alone."""
    state = stream(model.luck, Purpose.PARTNER, model.month)
    luck = np.empty((pairs.shape[0], pairs.shape[1] + 1))
    luck[:, 0] = uniforms(state, keys, step)
    luck[:, 1:] = uniforms(state, pairs.ravel(), step).reshape(pairs.shape)
    return luck


def _blank_options(k: int, m: int) -> Options:
    """Make options of which only staying as one is has been filled in; no one explores."""
    ce, value, trust, likeness, luck = (np.zeros((k, m)) for _ in range(5))
    return Options(ce, value, trust, likeness, np.ones((k, m), dtype=np.bool_), luck, np.ones(k))


def _options(model: AllianceModel, groups: Any, step: int, candidates: Any, current: Any) -> Options:
    """Value every way of adding one candidate to each charter of `step` members."""
    k, m = candidates.shape
    charters = np.repeat(groups[:, :step + 1], m, axis=0)
    charters[:, step] = candidates.ravel()
    allowed = candidates.ravel() >= 0
    worth = appraise(model, charters[allowed], np.zeros(int(allowed.sum()), dtype=np.int64))
    out = _blank_options(k, m + 1)
    out.certainty_equivalent[:, 0], out.value[:, 0] = current
    mask = allowed.reshape(k, m)
    firms = model.state.firms
    closed = model.focal_only[firms.strategy[groups[:, 0]]][:, None] & ~firms.focal[candidates]
    out.allowed[:, 1:][mask] = worth.monthly > 0.0
    out.allowed[:, 1:] &= mask & ~closed
    out.certainty_equivalent[:, 1:][mask] = worth.certainty_equivalent
    out.value[:, 1:][mask] = worth.value
    met = _acquaintance(model, charters[allowed, 0], charters[allowed, step])
    out.trust[:, 1:][mask], out.likeness[:, 1:][mask] = met
    return out


def _acquaintance(model: AllianceModel, first: Any, second: Any) -> tuple[Any, Any]:
    """Return the trust of slots `first` in slots `second` and their market overlap, (k,) each."""
    state, prior_weight = model.state, model.config.trust.prior_weight
    firms, ties = state.firms, state.ties
    confidence, likeness = np.empty(first.size), np.empty(first.size)
    acquaint(first, second, firms.attraction, state.world.pull, firms.disposition, prior_weight, firms.ties, ties.to,
             ties.next, ties.good, ties.bad, confidence, likeness)
    return confidence, likeness


def _take_up(model: AllianceModel, searchers: Any, groups: Any, size: Any) -> None:
    """Ask the invited firms and found the alliances that all accept, in keyed order."""
    firms, month = model.state.firms, model.month
    order = np.argsort(uniforms(stream(model.luck, Purpose.PRIORITY, month), firms.key[searchers]), kind="stable")
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
    firms, luck = model.state.firms, stream(model.luck, Purpose.CONSENT, model.month)
    accepts, gain = np.ones(groups.shape, dtype=np.bool_), np.zeros(groups.shape)
    row, column = np.nonzero(groups >= 0)
    asked, charters = groups[row, column], groups[row]
    worth = appraise(model, charters, column)
    gain[row, column] = worth.monthly
    pairs = np.empty((row.size, 1), dtype=np.uint64)
    fold_pairs(firms.key, asked, charters[:, :1], pairs)
    outsiders = ((charters >= 0) & ~firms.focal[charters]).any(axis=1)
    options = _blank_options(row.size, 2)
    options.luck[:] = np.stack([uniforms(luck, pairs[:, 0], 0), uniforms(luck, pairs[:, 0], 1)], axis=1)
    options.certainty_equivalent[:, 1], options.value[:, 1] = worth.certainty_equivalent, worth.value
    options.trust[:, 1], options.likeness[:, 1] = _acquaintance(model, asked, charters[:, 0].copy())
    options.allowed[:, 1] = (worth.monthly > 0.0) & ~(model.focal_only[firms.strategy[asked]] & outsiders)
    accepts[row, column] = (model.ask("partner_choice", options) == 1) | (column == 0)
    return accepts, gain


@kernel
def fold_pairs(key, chooser, candidates, out):
    """Fill `out` (k, m) with keys of (chooser, candidate) pairs."""
    for i in range(candidates.shape[0]):
        for c in range(candidates.shape[1]):
            if candidates[i, c] >= 0:
                out[i, c] = fold(key[chooser[i]], key[candidates[i, c]])


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
def acquaint(first, second, attraction, pull, disposition, prior_weight, head, to, following, good, bad, confidence,
             likeness):
    """Fill the trust of `first` in `second` and their market overlap, (k,) each."""
    for k in range(first.size):
        i, j = first[k], second[k]
        confidence[k] = trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
        likeness[k] = overlap(attraction[i], attraction[j], pull)


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
