"""What becomes of alliances that have proven themselves (F20): templates, adaptive governance, new members.

A scaled alliance may admit a member a quarter, at its review. A member drawn for it looks around and proposes
the firm it thinks best; that firm and all other members must want it, each by the rule `partner_choice` and
against the alliance as it is. The entrant pays its part of what setting up would cost, and terms are reopened.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.accounts import Outside
from allysim.appraisal import brings, judge
from allysim.config import presets
from allysim.config.parameters import Governance
from allysim.draws import Purpose, fold, uniform
from allysim.founding import introduce_all, set_baseline
from allysim.jit import kernel
from allysim.mechanisms.scaling import governance_level, member_cap, template_setup
from allysim.rules.partner_choice import Options
from allysim.state import MODES, SCALED, STANDARDISED
from allysim.terms import strike, write

if TYPE_CHECKING:
    from allysim.model import AllianceModel

LEVELS = ("as signed", "standard", "heavy")
STAY, JOIN, PROPOSE = 0, 1, 2  # numbers of a firm's draws


class Tables(NamedTuple):
    """Alliances that may admit a member this month: their members, with room for one more."""

    alliances: Any  # int32 (k,)
    groups: Any     # int32 (k, s), slots, the member that looks around first; -1 where none
    rows: Any       # int32 (k, s), their memberships
    size: Any       # int64 (k,), members


def keep_templates(model: AllianceModel, standardised: Any) -> None:
    """Give the members of alliances just standardised a template for alliances of that type."""
    state = model.state
    for a in standardised:
        k = np.searchsorted(state.roster.alliances, a)
        slots = state.memberships.firm[state.roster.rows[state.roster.start[k]:state.roster.start[k + 1]]]
        kept = state.firms.template[slots, state.alliances.type[a]]
        state.firms.template[slots, state.alliances.type[a]] = np.maximum(kept, 1)


@functools.cache
def _preset(name: str) -> Governance:
    return Governance(**presets.load("governance", name))


def set_governance(model: AllianceModel, reviewed: Any) -> None:
    """Govern those of the alliances `reviewed` this month that are adaptive as befits their stage and size."""
    alliances, scaling = model.state.alliances, model.config.scaling
    for a in reviewed[alliances.adaptive[reviewed]]:
        stage = alliances.stage[a]
        level = governance_level(stage == STANDARDISED, stage == SCALED, alliances.members[a], scaling)
        if level == alliances.level[a]:
            continue
        governance = _preset(LEVELS[level])
        alliances.level[a], alliances.mode[a] = level, MODES.index(governance.mode)
        for column in ("completeness", "dashboard", "penalty", "notice"):
            getattr(alliances, column)[a] = getattr(governance, column)
        model.events.add("governance changed", alliance=int(a), cause=LEVELS[level], amount=float(alliances.members[a]))


def set_tables(model: AllianceModel) -> Tables | None:
    """Return the alliances that may admit a member this month, None where there is none."""
    state = model.state
    alliances, members, roster = state.alliances, state.memberships, state.roster
    found = np.empty(roster.alliances.size, dtype=np.int32)
    k = who_admits(model.month + model.config.pilot.review, roster.alliances, alliances.stage, alliances.gate_month,
                   alliances.ending, alliances.members, alliances.type, model.config.scaling, found)
    if not k:
        return None
    found, most = found[:k], int(alliances.members[found[:k]].max())
    groups, rows = np.empty((2, k, most + 1), dtype=np.int32)
    size = np.empty(k, dtype=np.int64)
    sit_down(model.stream(Purpose.ADMIT), found, roster.alliances, roster.start, roster.rows, members.firm, members.left,
             alliances.key, groups, rows, size)
    return Tables(found, groups, rows, size)


def admit(model: AllianceModel, tables: Tables, free: Any, candidates: Any) -> None:
    """Let each of the alliances admit one of the firms (k, v) seen, -1 where none, if all want it."""
    allowed = free.copy()
    allowed[tables.groups[tables.groups >= 0]] = True
    brought = brings(model, allowed)
    current = _as_it_is(model, brought, tables)
    chosen = _propose(model, brought, tables, candidates, current)
    won, gain = _ask_all(model, brought, tables, chosen, current)
    if won.size:
        _take_in(model, Tables(*(column[won] for column in tables)), chosen[won], gain)


def _as_it_is(model: AllianceModel, brought: Any, tables: Tables) -> Any:
    """Return what its alliance is worth to each member as it is: certainty equivalent and value (2, k, s), k€."""
    k, width = tables.groups.shape
    alliance, place = np.nonzero(tables.groups >= 0)
    seat = tables.groups[alliance, place]
    worth = judge(model, brought, tables.groups[alliance], place, seat, model.stream(Purpose.ADMIT), STAY)
    current = np.zeros((2, k, width))
    current[0, alliance, place] = worth.certainty_equivalent[0] + _sunk(model, tables, worth.allowed[0], alliance, 0)
    current[1, alliance, place] = worth.value[0]
    return current


def _sunk(model: AllianceModel, tables: Tables, allowed: Any, alliance: Any, more: int) -> Any:
    """Return the part of set-up that the appraisal charges each of some members, who paid for theirs long ago, k€."""
    settings, firms = model.config, model.state.firms
    setup = np.empty(tables.size.size)
    price_entry(tables.groups, tables.size + more, settings.administration.setup, firms.template,
                model.state.alliances.type[tables.alliances], settings.scaling, setup)
    return np.where(allowed, setup[alliance], 0.0)


def _propose(model: AllianceModel, brought: Any, tables: Tables, candidates: Any, current: Any) -> Any:
    """Return the slot of the firm each alliance would like to admit (k,), -1 where none; each is asked by one only."""
    firms, luck = model.state.firms, model.stream(Purpose.ADMIT)
    k, v = candidates.shape
    options = Options(*np.zeros((4, k, v + 1)), np.zeros((k, v + 1), dtype=np.bool_), np.full((k, v + 1), .5),
                      np.empty(k))
    alliance, c = np.nonzero(candidates >= 0)
    groups, partner = tables.groups[alliance], candidates[alliance, c]
    groups[np.arange(alliance.size), tables.size[alliance]] = partner
    if alliance.size:
        worth = judge(model, brought, groups, np.zeros(alliance.size, dtype=np.int64), partner, luck, PROPOSE)
        for column, of in zip(options[:6], worth[:6], strict=True):
            column[alliance, c + 1] = of[0]
        options.certainty_equivalent[alliance, c + 1] += _sunk(model, tables, worth.allowed[0], alliance, 1)
        own = model.focal_only[firms.strategy[tables.groups[alliance, 0]]]
        options.allowed[alliance, c + 1] &= firms.focal[partner] | ~own
    options.certainty_equivalent[:, 0], options.value[:, 0] = current[0, :, 0], current[1, :, 0]
    options.allowed[:, 0] = True
    draw(luck, model.state.alliances.key[tables.alliances], firms.key[tables.groups[:, 0]], options.luck, options.explore)
    answer = model.ask("partner_choice", options)
    chosen = np.where(answer > 0, candidates[np.arange(k), np.maximum(answer, 1) - 1], -1)
    first = np.zeros(k, dtype=np.bool_)
    first[np.unique(chosen, return_index=True)[1]] = True
    return np.where(first, chosen, -1).astype(np.int32)


def _ask_all(model: AllianceModel, brought: Any, tables: Tables, chosen: Any, current: Any) -> tuple[Any, Any]:
    """Ask the other members and the firm itself; returns the alliances in which all agree and what it expects, k€."""
    firms, luck = model.state.firms, model.stream(Purpose.ADMIT)
    asked = np.flatnonzero(chosen >= 0)
    if not asked.size:
        return asked, np.empty(0)
    groups, size = tables.groups.copy(), tables.size
    groups[asked, size[asked]] = chosen[asked]
    alliance, place = np.nonzero((groups >= 0) & (chosen >= 0)[:, None])
    others = place > 0
    alliance, place = alliance[others], place[others]
    entrant = place == size[alliance]
    partner = np.where(entrant, groups[alliance, 0], chosen[alliance])
    worth = judge(model, brought, groups[alliance], place, partner, luck, JOIN)
    options = Options(*np.zeros((4, alliance.size, 2)), np.ones((alliance.size, 2), dtype=np.bool_),
                      np.empty((alliance.size, 2)), np.ones(alliance.size))  # no one explores
    for column, of in zip(options[:6], worth[:6], strict=True):
        column[:, 1] = of[0]
    options.certainty_equivalent[:, 0] = np.where(entrant, 0.0, current[0, alliance, place])
    options.value[:, 0] = np.where(entrant, 0.0, current[1, alliance, place])
    options.certainty_equivalent[:, 1] += np.where(entrant, 0.0, _sunk(model, tables, worth.allowed[0], alliance, 1))
    seat = groups[alliance, place]
    focal = np.where(groups >= 0, firms.focal[groups], True).all(axis=1)
    options.allowed[:, 1] &= focal[alliance] | ~model.focal_only[firms.strategy[seat]]
    draw_stay(luck, firms.key[seat], firms.key[partner], options.luck)
    agrees = model.ask("partner_choice", options) == 1
    refused = np.unique(alliance[~agrees], return_index=True)[1]
    if refused.size:
        against = np.flatnonzero(~agrees)[refused]
        model.events.add("declined", firm=firms.key[seat[against]], alliance=tables.alliances[alliance[against]])
    won = np.setdiff1d(asked, alliance[~agrees])
    return won, worth.monthly[entrant & np.isin(alliance, won)]


def _take_in(model: AllianceModel, tables: Tables, entrants: Any, gain: Any) -> None:
    """Make the entrants members: they pay their part, get a baseline, meet the others, and terms are reopened."""
    state, settings = model.state, model.config
    world, firms, alliances, members = state.world, state.firms, state.alliances, state.memberships
    k, first = entrants.size, world.n_memberships
    members.reserve(first + k)
    groups, rows, size = tables.groups, tables.rows, tables.size + 1
    new = np.arange(first, first + k, dtype=np.int32)
    groups[np.arange(k), tables.size], rows[np.arange(k), tables.size] = entrants, new
    cost = np.empty(k)
    price_entry(groups, size, settings.administration.setup, firms.template, alliances.type[tables.alliances],
                settings.scaling, cost)
    terms = strike(model, groups, size)
    world.outside[Outside.SETUP_SERVICES] += enrol(
        tables.alliances, groups, rows, size, gain, cost, model.month, firms.key, firms.procurement, firms.alliances,
        firms.cash, firms.ebitda, firms.economic_profit, firms.setup_cost, members.firm, members.firm_key,
        members.alliance, members.joined, members.share, members.gain, alliances.members, alliances.spent)
    write(model, rows[groups >= 0], terms)
    set_baseline(new, members.firm, model.month, settings.pilot.baseline, firms.bare_margin, firms.home, firms.large,
                 world.control_past, members.baseline, members.control_base)
    introduce_all(state, groups, size)
    world.n_memberships += k
    keys = members.firm_key[new]
    model.ledger.post("set-up", Outside.SETUP_SERVICES, keys, cost)
    model.events.add("admitted", firm=keys, alliance=tables.alliances, amount=cost)


@kernel
def who_admits(next_review, alliances, stage, gate_month, ending, members, kind, scaling, found):
    """Fill the scaled alliances that were reviewed this month and have room for a member; returns how many."""
    k = 0
    for a in alliances:
        if (stage[a] == SCALED and gate_month[a] == next_review and ending[a] < 0
                and members[a] < member_cap(kind[a], scaling)):
            found[k] = a
            k += 1
    return k


@kernel
def sit_down(luck, found, alliances, start, listed, member, left, key, groups, rows, size):
    """Fill the members of each alliance (slots and rows): the one drawn to look around, then the others in order."""
    groups[:] = -1
    rows[:] = -1
    place = 0
    for k in range(found.size):
        while alliances[place] != found[k]:
            place += 1
        n = 0
        for r in listed[start[place]:start[place + 1]]:
            if left[r] < 0:
                groups[k, n], rows[k, n] = member[r], r
                n += 1
        size[k] = n
        drawn = int(uniform(luck, key[found[k]], 0) * n)
        slot, row = groups[k, drawn], rows[k, drawn]
        for c in range(drawn, 0, -1):
            groups[k, c], rows[k, c] = groups[k, c - 1], rows[k, c - 1]
        groups[k, 0], rows[k, 0] = slot, row


@kernel
def price_entry(groups, size, setup, template, kind, scaling, cost):
    """Fill each member's part of what setting the alliance up from its template would cost now (k,), k€."""
    for k in range(size.size):
        cost[k] = template_setup(setup, template[groups[k, 0], kind[k]], scaling) / size[k]


@kernel
def draw(luck, alliance, member, lucks, explore):
    """Fill the luck of staying as it is (k, first) and of exploring (k,), by alliance and member that looks around."""
    for k in range(alliance.size):
        who = fold(alliance[k], member[k])
        lucks[k, 0], explore[k] = uniform(luck, who, 0), uniform(luck, who, 1)


@kernel
def draw_stay(luck, one, other, lucks):
    """Fill the luck of staying as it is of each firm asked (k, first), by it and the firm it is to accept or join."""
    for k in range(one.size):
        lucks[k, 0] = uniform(luck, fold(one[k], other[k]), STAY)


@kernel
def enrol(alliances, groups, rows, size, gain, cost, month, key, procurement, in_alliances, cash, ebitda, profit,
          setup_cost, member, member_key, alliance, joined, share, expected, members, spent):
    """Write the membership of each entrant, the last of its group, and charge it; returns what all paid, k€.

    It takes over an equal part of the losses and costs that are still shared, the others' parts in proportion.
    """
    paid = 0.0
    for k in range(size.size):
        n = size[k]
        i, r, a = groups[k, n - 1], rows[k, n - 1], alliances[k]
        whole = 0.0
        for q in rows[k, :n - 1]:
            whole += share[q]
            share[q] *= (n - 1.0) / n
        member[r], member_key[r], alliance[r], joined[r] = i, key[i], a, month
        share[r], expected[r] = whole / n, gain[k]
        procurement[i] = a
        in_alliances[i] += 1
        members[a] += 1
        spent[a] += cost[k]
        paid += cost[k]
        cash[i] -= cost[k]
        ebitda[i] -= cost[k]
        profit[i] -= cost[k]
        setup_cost[i] += cost[k]
    return paid
