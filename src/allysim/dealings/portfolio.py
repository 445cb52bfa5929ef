"""A firm's alliances as a portfolio (F26): which class it is open to, what it withdraws from, who ends what failed.

Classes are labels by type (`allysim.mechanisms.portfolio`); shares are by number, of the alliances in which no notice
has been given. A firm with weights is open, as one that searches and as one that is asked, to the class furthest
below its target only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.config.parameters import ALLIANCE_TYPES
from allysim.jit import kernel
from allysim.mechanisms.portfolio import CLASSES, NONE, alliance_class, class_to_leave, class_to_seek
from allysim.roster import live_memberships
from allysim.state import MARKETING, PILOT, WITHDRAWN

if TYPE_CHECKING:
    from allysim.model import AllianceModel

TYPES = len(ALLIANCE_TYPES)


def reach(model: AllianceModel) -> Any:
    """Return how many alliances each firm fills its attention with, (n,)."""
    firms = model.state.firms
    return firms.attention * model.strategies.stretch[firms.strategy]


def in_portfolio(model: AllianceModel, open_to: Any) -> Any:
    """Return the types (n, types) each firm is open to by the weights of its portfolio as well; those given stay."""
    levers = model.strategies
    if not levers.portfolio.any():
        return open_to
    weighted = open_to.copy()
    keep_to_class(levers.seek, levers.scope, levers.portfolio, model.state.firms.strategy,
                  _by_class(model, live_memberships(model.state)), model.config.portfolio.barbell, weighted)
    return weighted


def rebalance(model: AllianceModel) -> None:
    """Let firms whose portfolio is reviewed give notice where a class is far above its share, in one alliance each."""
    levers, state, rules = model.strategies, model.state, model.config.portfolio
    if not (levers.rebalance & (levers.portfolio != NONE)).any():
        return
    firms, members, alliances, rows = state.firms, state.memberships, state.alliances, state.roster.rows
    found, classes = np.empty(len(firms.key), dtype=np.int32), np.empty(len(firms.key), dtype=np.int8)
    count = who_withdraws(
        model.month, rules.review, firms.search_phase, levers.rebalance, levers.seek, levers.scope, levers.portfolio,
        firms.strategy, _by_class(model, rows), rules.barbell, rules.tolerance, rows, members.firm, members.alliance,
        members.leaving, alliances.type, alliances.scope, alliances.stage, alliances.ending, alliances.belief, found,
        classes)
    if not count:
        return
    found, allied = found[:count], members.alliance[found[:count]]
    members.leaving[found], members.cause[found] = model.month + alliances.notice[allied], WITHDRAWN
    model.events.add("withdrew", firm=members.firm_key[found], alliance=allied,
                     cause=[CLASSES[of] for of in classes[:count].tolist()], amount=alliances.belief[allied])


def anyone_prunes(model: AllianceModel, due: Any) -> Any:
    """Return for each alliance in `due` (k,) whether one of its members ends what failed two reviews."""
    state, pruned = model.state, np.ones(due.size, dtype=np.bool_)
    if not model.strategies.prune.all():
        roster = state.roster
        ask_members(due, roster.alliances, roster.start, roster.rows, state.memberships.firm, state.firms.strategy,
                    model.strategies.prune, pruned)
    return pruned


def _by_class(model: AllianceModel, rows: Any) -> Any:
    """Return how many alliances of each class each firm is in by the memberships in `rows`, (n, 3)."""
    state, counts = model.state, np.zeros((len(model.state.firms.key), len(CLASSES)), dtype=np.int64)
    count_classes(rows, state.memberships.firm, state.memberships.alliance, state.memberships.leaving,
                  state.alliances.type, state.alliances.scope, state.alliances.ending, counts)
    return counts


@kernel
def count_classes(rows, member, alliance, leaving, kind, scope, ending, counts):
    """Count the memberships in `rows` by firm and class, as far as no notice has been given."""
    for r in rows:
        a = alliance[r]
        if leaving[r] < 0 and ending[a] < 0:
            counts[member[r], alliance_class(kind[a], scope[a] == MARKETING)] += 1


@kernel
def keep_to_class(seek, scope, weights, strategy, counts, barbell, open_to):
    """Take from `open_to` (n, types) all types but those of the class each firm with weights is to seek."""
    sought, welcome = np.empty((2, 3), dtype=np.bool_)
    for i in range(strategy.size):
        s = strategy[i]
        if weights[s] == NONE:
            continue
        alone = scope[s] == MARKETING
        sought[:] = False
        welcome[:] = False
        for t in range(TYPES):
            of = alliance_class(t, alone)
            sought[of] = sought[of] or seek[s] >> t & 1
            welcome[of] = welcome[of] or open_to[i, t]
        chosen = class_to_seek(weights[s], counts[i], sought, welcome, barbell)
        for t in range(TYPES):
            open_to[i, t] = open_to[i, t] and alliance_class(t, alone) == chosen


@kernel
def who_withdraws(month, every, phase, rebalances, seek, scope, weights, strategy, counts, barbell, tolerance, rows,
                  member, alliance, leaving, kind, scopes, stage, ending, belief, found, classes):
    """Fill the memberships in which notice is to be given, and their class, a firm at most one; returns how many.

    It is the running alliance, of the class furthest above its share, of which least is believed; the first of equals.
    """
    sought = np.empty(3, dtype=np.bool_)
    leaves, worst = np.full(strategy.size, -1, dtype=np.int8), np.full(strategy.size, -1, dtype=np.int32)
    for i in range(strategy.size):
        s = strategy[i]
        if rebalances[s] and weights[s] != NONE and (month + phase[i]) % every == 0:
            sought[:] = False
            for t in range(TYPES):
                of = alliance_class(t, scope[s] == MARKETING)
                sought[of] = sought[of] or seek[s] >> t & 1
            leaves[i] = class_to_leave(weights[s], counts[i], sought, barbell, tolerance)
    for r in rows:
        i, a = member[r], alliance[r]
        if leaving[r] >= 0 or ending[a] >= 0 or stage[a] == PILOT:
            continue
        if alliance_class(kind[a], scopes[a] == MARKETING) == leaves[i] and (
                worst[i] < 0 or belief[a] < belief[alliance[worst[i]]]):
            worst[i] = r
    count = 0
    for i in range(strategy.size):
        if worst[i] >= 0:
            found[count], classes[count] = worst[i], leaves[i]
            count += 1
    return count


@kernel
def ask_members(due, alliances, start, rows, member, strategy, prunes, pruned):
    """Fill whether a member of each of the alliances `due` prunes."""
    for k in range(due.size):
        place = np.searchsorted(alliances, due[k])
        pruned[k] = False
        for r in rows[start[place]:start[place + 1]]:
            pruned[k] = pruned[k] or prunes[strategy[member[r]]]
