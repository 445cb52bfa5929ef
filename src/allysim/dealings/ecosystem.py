"""How firms get ready (F28): audits, maps and dashboards, what they cost, and what alliances have taught them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.draws import fold
from allysim.jit import kernel
from allysim.mechanisms.ecosystem import is_done, lesson
from allysim.state import PILOT

if TYPE_CHECKING:
    from allysim.model import AllianceModel

AUDITED, MAPPED, PREPARED = range(3)
LEVERS = ("audit", "map", "prepare")


def get_ready(model: AllianceModel) -> None:
    """Let firms whose strategy wants it audit their capabilities, map their ecosystem, or prepare all at once."""
    levers, firms, settings, month = model.strategies, model.state.firms, model.config.ecosystem, model.month
    under_way = not levers.uses.isdisjoint(LEVERS) or (firms.audited >= month).any() or (firms.mapped >= month).any()
    if not under_way:
        return
    who, counts = np.empty((3, len(firms.key)), dtype=np.int32), np.zeros(3, dtype=np.int64)
    set_out(month, levers.audit, levers.map, levers.prepare, firms.strategy, firms.ruined, settings.delay,
            firms.audited, firms.mapped, firms.prepared, who, counts)
    done = [slots[:count] for slots, count in zip(who, counts.tolist(), strict=True)]
    for slots, cost in zip(done, (settings.audit_cost, settings.map_cost, settings.dashboard_cost), strict=True):
        if slots.size:
            _pay(model, slots, cost)
    keys = [firms.key[slots] for slots in done]
    model.events.add("audited", firm=keys[AUDITED], amount=settings.audit_cost)
    model.events.add("mapped", firm=keys[MAPPED], amount=settings.map_cost)
    model.events.add("prepared", firm=keys[PREPARED], amount=settings.dashboard_cost)


def _pay(model: AllianceModel, slots: Any, cost: float) -> None:
    """Charge each of `slots` a cost of getting ready (k€), as part of setting alliances up."""
    firms = model.state.firms
    firms.cash[slots] -= cost
    firms.ebitda[slots] -= cost
    firms.economic_profit[slots] -= cost
    firms.setup_cost[slots] += cost
    model.state.world.outside[Outside.SETUP_SERVICES] += cost * slots.size
    model.ledger.post("preparation", Outside.SETUP_SERVICES, firms.key[slots], np.full(slots.size, cost))


def views(model: AllianceModel, looking: Any) -> Any:
    """Return how many firms each of those `looking` (k,) sees: more, where it has mapped its ecosystem."""
    visible, mapped = model.config.choice.visible, model.state.firms.mapped[looking]
    return np.where((mapped >= 0) & (mapped <= model.month), max(visible, model.config.ecosystem.mapped), visible)


def learn_at_reviews(model: AllianceModel) -> None:
    """Let members of running alliances that are reviewed this month note what these delivered."""
    if "learn" not in model.strategies.uses:
        return
    alliances, roster = model.state.alliances, model.state.roster
    rows = np.empty(roster.rows.size, dtype=np.int32)
    count = reviewed(model.month, roster.alliances, roster.start, roster.rows, alliances.stage, alliances.gate_month,
                     rows)
    learn(model, rows[:count])


def learn(model: AllianceModel, rows: Any) -> None:
    """Let the firms behind some memberships, as far as they learn, note what these delivered."""
    if "learn" not in model.strategies.uses:
        return
    firms, alliances, members = model.state.firms, model.state.alliances, model.state.memberships
    note(rows, model.config.ecosystem.lesson_weight, model.strategies.learn, firms.strategy, members.firm,
         members.alliance, members.gain, members.gain_months, members.expected, alliances.type, alliances.founded_as,
         firms.lesson, firms.lessons)


@kernel
def set_out(month, audit, maps, prepare, strategy, ruined, delay, audited, mapped, prepared, who, counts):
    """Set when audits and maps are done, and fill who has them, and a dashboard, done this month (3, n).

    Who prepares has all three in the month it begins; else an audit or a map takes `delay` months. Firms in ruin
    begin nothing.
    """
    for i in range(strategy.size):
        s = strategy[i]
        if ruined[i] == 0 and prepare[s]:
            if prepared[i] < 0:
                prepared[i] = month
                who[PREPARED, counts[PREPARED]] = i
                counts[PREPARED] += 1
                if not is_done(audited[i], month):
                    audited[i] = month
                if not is_done(mapped[i], month):
                    mapped[i] = month
        elif ruined[i] == 0:
            if audit[s] and audited[i] < 0:
                audited[i] = month + delay
            if maps[s] and mapped[i] < 0:
                mapped[i] = month + delay
        if audited[i] == month:
            who[AUDITED, counts[AUDITED]] = i
            counts[AUDITED] += 1
        if mapped[i] == month:
            who[MAPPED, counts[MAPPED]] = i
            counts[MAPPED] += 1


@kernel
def reviewed(month, alliances, start, listed, stage, gate_month, rows):
    """Fill the memberships in running alliances whose review is due; returns how many."""
    count = 0
    for k in range(alliances.size):
        a = alliances[k]
        if stage[a] != PILOT and gate_month[a] <= month:
            for r in listed[start[k]:start[k + 1]]:
                rows[count] = r
                count += 1
    return count


@kernel
def note(rows, weight, learns, strategy, member, alliance, gain, gain_months, expected, kind, founded_as, lessons,
         numbers):
    """Add a lesson of its type to the firm of each membership, where something was expected and months have passed.

    An alliance that has fallen back to another type has not been promised and teaches nothing.
    """
    for r in rows:
        i, of = member[r], kind[alliance[r]]
        if learns[strategy[i]] and of == founded_as[alliance[r]] and gain_months[r] > 0 and expected[r] > 0.0:
            numbers[i, of] += 1
            lessons[i, of] = lesson(lessons[i, of], numbers[i, of], gain[r], expected[r], weight)


@kernel
def look_around(luck, searchers, view, free, key, head, to, following, candidates, groups, size, growing, current):
    """Fill the firms each searcher sees (k, v) that are free to join, -1 where it sees none; begin its charter.

    Each sees as many as `view` (k,) says. Up to half are firms it has met, latest first; the rest are drawn among all
    slots by keyed numbers below the next power of two, numbers beyond the last slot being drawn again, so that one
    more firm changes the view of hardly anyone, unless their number passes a power of two. Firms that are not free
    take up a place in view, as in life.
    """
    n = key.size
    mask = np.uint64(1)
    while mask < np.uint64(n):
        mask = mask << np.uint64(1)
    mask -= np.uint64(1)
    seen = np.empty(candidates.shape[1], dtype=np.int32)
    groups[:] = -1
    current[:] = 0.0
    for k in range(searchers.size):
        i, places = searchers[k], view[k]
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
        for c in range(seen.size):
            candidates[k, c] = seen[c] if c < count and free[seen[c]] else -1
