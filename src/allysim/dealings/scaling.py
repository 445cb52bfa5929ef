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
from allysim.config import presets
from allysim.config.parameters import Governance
from allysim.config.strategy import FOCAL_ONLY
from allysim.dealings.appraisal import blank_options
from allysim.dealings.brought import brings
from allysim.dealings.founding import count_in, introduce_all, price_setup, set_baseline
from allysim.dealings.judgement import judge
from allysim.dealings.opportunities import EVERYONE, narrow, object_to
from allysim.dealings.terms import strike, write
from allysim.dealings.ventures import buy_in
from allysim.draws import Purpose, fold, uniform
from allysim.jit import kernel
from allysim.mechanisms.scaling import governance_level, member_cap
from allysim.state import MODES, SCALED, SET_UP, STANDARDISED

if TYPE_CHECKING:
    from allysim.model import AllianceModel

LEVELS = ("as signed", "standard", "heavy")
STAY, JOIN, PROPOSE = 0, 1, 2  # numbers of a firm's draws


class Tables(NamedTuple):
    """Alliances that may admit a member this month: their members, with room for one more."""

    alliances: Any  # int32 (k,)
    kinds: Any      # int8 (k,), their types
    groups: Any     # int32 (k, s), slots, the member that looks around first; -1 where none
    rows: Any       # int32 (k, s), their memberships
    size: Any       # int64 (k,), members


def keep_templates(model: AllianceModel, standardised: Any) -> None:
    """Give the members of alliances just standardised a template for alliances of that type."""
    state = model.state
    if standardised.size:
        lend_templates(standardised, state.roster.alliances, state.roster.start, state.roster.rows,
                       state.memberships.firm, state.alliances.type, state.firms.strategy, model.strategies.templates,
                       state.firms.template)


@functools.cache
def _preset(name: str) -> Governance:
    return Governance(**presets.load("governance", name))


def set_governance(model: AllianceModel, reviewed: Any) -> None:
    """Govern those of the alliances `reviewed` this month that are adaptive as befits their stage and size."""
    alliances, scaling = model.state.alliances, model.config.scaling
    for a in reviewed[alliances.adaptive[reviewed]]:
        stage = alliances.stage[a]
        level = governance_level(stage == STANDARDISED, stage == SCALED, alliances.members[a], scaling)
        if level in (0, alliances.level[a]):  # also after a fall-back what has been agreed on stands
            continue
        governance = _preset(LEVELS[level])
        alliances.level[a], alliances.mode[a] = level, MODES.index(governance.mode)
        for column in ("completeness", "dashboard", "penalty", "decision_rights", "dispute_clause", "notice"):
            getattr(alliances, column)[a] = getattr(governance, column)
        model.events.add("governance changed", alliance=int(a), cause=LEVELS[level], amount=float(alliances.members[a]))


def set_tables(model: AllianceModel) -> Tables | None:
    """Return the alliances that may admit a member this month, None where there is none."""
    state = model.state
    if not model.config.scaling.standardise:
        return None
    alliances, members, roster = state.alliances, state.memberships, state.roster
    found = np.empty(roster.alliances.size, dtype=np.int32)
    k = who_admits(model.month + model.config.pilot.review, roster.alliances, alliances.stage, alliances.gate_month,
                   alliances.ending, alliances.members, alliances.type, model.config.scaling, found)
    if not k:
        return None
    found, most = found[:k], int(alliances.members[found[:k]].max())
    groups, rows = np.empty((2, k, most + 1), dtype=np.int32)
    size = np.empty(k, dtype=np.int64)
    sit_down(model.stream(Purpose.ADMIT), found, roster.alliances, roster.start, roster.rows, members.firm,
             members.left, alliances.key, groups, rows, size)
    return Tables(found, alliances.type[found], groups, rows, size)


def admit(model: AllianceModel, tables: Tables, candidates: Any) -> None:
    """Let each of the alliances admit one of the firms (k, v) seen, -1 where none, if all want it."""
    firms, luck = model.state.firms, model.stream(Purpose.ADMIT)
    k, v = candidates.shape
    width = tables.groups.shape[1]
    present, laid = np.zeros(len(firms.key), dtype=np.bool_), _lay(k * (width + v), width)
    count = lay_proposals(tables.groups, tables.size, candidates, present, *laid)
    brought = brings(model, present, tables.kinds)
    table, groups, place, partner = (part[:count] for part in laid)
    worth = judge(model, brought, tables.alliances[table], groups, tables.rows[table], place, partner, luck, PROPOSE)
    parts = _setup_parts(model, tables, table, groups)
    options, current = blank_options(k, v + 1), np.zeros((2, k, width))
    compare_firms(luck, tables.groups, tables.size, candidates, model.state.alliances.key[tables.alliances], firms.key,
                  firms.focal, firms.strategy, model.strategies.partners, parts, *worth[:6], current, *options)
    narrow(model, tables.groups, tables.kinds, np.arange(k), int(tables.size.max()), candidates, options)
    chosen, laid = np.empty(k, dtype=np.int32), _lay(k * width, width)
    count = lay_invitations(model.ask("partner_choice", options), candidates, tables.groups, tables.size, chosen, *laid)
    if not count:
        return
    table, groups, place, partner = (part[:count] for part in laid)
    worth = judge(model, brought, tables.alliances[table], groups, tables.rows[table], place, partner, luck, JOIN)
    parts, options = _setup_parts(model, tables, table, groups), blank_options(count, 2)
    compare_seats(luck, groups, place, partner, table, tables.size, firms.key, firms.focal, firms.strategy,
                  model.strategies.partners, parts, current, *worth[:6], *options)
    seat = tables.size[table]  # of the firm that may be admitted: who sits at the table looks at nobody else
    object_to(model, groups, place, tables.kinds[table], np.where(place == seat, EVERYONE, seat), options)
    won, against = np.empty((2, k), dtype=np.int64)
    gain = np.empty(k)
    agreed, declined = count_votes(model.ask("partner_choice", options), table, place, tables.size,
                                   worth.monthly, won, gain, against)
    if declined:
        voices = against[:declined]
        model.events.add("declined", firm=firms.key[groups[voices, place[voices]]],
                         alliance=tables.alliances[table[voices]])
    if agreed:
        won = won[:agreed]
        _take_in(model, Tables(*(column[won] for column in tables)), chosen[won], gain[:agreed])


def _lay(count: int, width: int) -> tuple[Any, Any, Any, Any]:
    """Return room for some charters: place of the table, members, who weighs, and whom its luck is shared with."""
    table, place = np.empty((2, count), dtype=np.int64)
    return table, np.empty((count, width), dtype=np.int32), place, np.empty(count, dtype=np.int32)


def _setup_parts(model: AllianceModel, tables: Tables, table: Any, groups: Any) -> Any:
    """Return each member's part of what setting up `groups` (c, s) at the tables numbered would cost, (c,), k€."""
    firms, settings, cost = model.state.firms, model.config, np.empty(len(groups))
    price_setup(groups, tables.kinds[table], settings.administration, firms.modularity, firms.api_readiness,
                firms.template, settings.scaling, cost)
    return cost / (groups >= 0).sum(axis=1)


def _take_in(model: AllianceModel, tables: Tables, entrants: Any, gain: Any) -> None:
    """Make the entrants members: they pay their part, get a baseline, meet the others, and terms are reopened."""
    state, settings = model.state, model.config
    world, firms, alliances, members = state.world, state.firms, state.alliances, state.memberships
    k, first = entrants.size, world.n_memberships
    members.reserve(first + k)
    groups, rows, size, kinds = tables.groups, tables.rows, tables.size + 1, tables.kinds
    new = np.arange(first, first + k, dtype=np.int32)
    groups[np.arange(k), tables.size], rows[np.arange(k), tables.size] = entrants, new
    cost = _setup_parts(model, tables, np.arange(k), groups)
    terms = strike(model, groups, size, tables.alliances, rows[groups >= 0])
    world.outside[Outside.SETUP_SERVICES] += enrol(
        tables.alliances, kinds, groups, rows, size, gain, cost, model.month, firms.key, firms.procurement,
        firms.coopetition, firms.rnd, firms.alliances, firms.cash, firms.ebitda, firms.economic_profit,
        firms.setup_cost, members.firm, members.firm_key, members.alliance, members.joined, members.share,
        members.gain, alliances.members, alliances.spent)
    members.expected[new], members.booked[new, SET_UP] = members.gain[new], -cost
    write(model, rows[groups >= 0], terms)
    set_baseline(new, members.firm, model.month, settings.pilot.baseline, firms.bare_margin, firms.home, firms.large,
                 world.control_past, members.baseline, members.control_base)
    for row in range(k):  # one after the other, since a firm may sit at several tables
        introduce_all(state, groups[row:row + 1], size[row:row + 1])
    world.n_memberships += k
    if world.n_ventures:
        buy_in(model, tables.alliances, groups, rows, size)
    keys = members.firm_key[new]
    model.ledger.post("set-up", Outside.SETUP_SERVICES, keys, cost)
    model.events.add("admitted", firm=keys, alliance=tables.alliances, amount=cost)


@kernel
def lend_templates(standardised, alliances, start, rows, member, kind, strategy, keeps, template):
    """Give each member of the alliances `standardised` that keeps any a template of its type, if it has none."""
    for a in standardised:
        k = np.searchsorted(alliances, a)
        for r in rows[start[k]:start[k + 1]]:
            if keeps[strategy[member[r]]]:
                template[member[r], kind[a]] = max(template[member[r], kind[a]], 1)


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
def lay_proposals(tables, size, candidates, present, table, groups, place, partner):
    """Lay out each alliance as it is, for each member, then with each of its candidates, for the one that looks around.

    Marks all members in `present` (n,); returns the number of charters.
    """
    count = 0
    for k in range(size.size):
        for c in range(size[k]):
            table[count], groups[count], place[count], partner[count] = k, tables[k], c, tables[k, c]
            present[tables[k, c]] = True
            count += 1
        for j in candidates[k]:
            if j >= 0:
                table[count], groups[count], place[count], partner[count] = k, tables[k], 0, j
                groups[count, size[k]] = j
                present[j] = True
                count += 1
    return count


@kernel
def compare_firms(luck, tables, size, candidates, alliance_key, key, focal, strategy, partners, parts, ce, value,
                  trust, likeness, allowed, lucks, current, ces, values, trusts, likenesses, open_to, draws, explore):
    """Fill what alliances are worth to members as they are (2, k, s), and the options of those that look around.

    The appraisal charges everybody set-up; members paid for theirs long ago.
    """
    at = 0
    for k in range(size.size):
        i = tables[k, 0]
        for c in range(size[k]):
            if allowed[0, at]:
                current[0, k, c], current[1, k, c] = ce[0, at] + parts[at], value[0, at]
            at += 1
        who = fold(alliance_key[k], key[i])
        ces[k, 0], values[k, 0], draws[k, 0] = current[0, k, 0], current[1, k, 0], uniform(luck, who, 0)
        trusts[k, 0] = likenesses[k, 0] = 0.0
        open_to[k, 0], explore[k] = True, uniform(luck, who, 1)
        for c in range(candidates.shape[1]):
            j, o = candidates[k, c], c + 1
            if j < 0:
                ces[k, o] = values[k, o] = trusts[k, o] = likenesses[k, o] = 0.0
                open_to[k, o], draws[k, o] = False, 0.5
                continue
            ces[k, o] = ce[0, at] + parts[at] if allowed[0, at] else 0.0
            values[k, o], trusts[k, o], likenesses[k, o] = value[0, at], trust[0, at], likeness[0, at]
            open_to[k, o] = allowed[0, at] and (focal[j] or partners[strategy[i]] != FOCAL_ONLY)
            draws[k, o] = lucks[0, at]
            at += 1


@kernel
def lay_invitations(answer, candidates, tables, size, chosen, table, groups, place, partner):
    """Fill the firm that each alliance wants (k,), -1 where none or another wants it, and its charter for each asked.

    Asked are all members but the one that proposes, and the firm, the last. Returns the number of charters.
    """
    count = 0
    for k in range(size.size):
        chosen[k] = candidates[k, answer[k] - 1] if answer[k] > 0 else -1
        for earlier in range(k):
            if chosen[earlier] == chosen[k]:
                chosen[k] = -1
        if chosen[k] < 0:
            continue
        for c in range(1, size[k] + 1):
            table[count], groups[count], place[count] = k, tables[k], c
            groups[count, size[k]] = chosen[k]
            partner[count] = tables[k, 0] if c == size[k] else chosen[k]
            count += 1
    return count


@kernel
def compare_seats(luck, groups, place, partner, table, size, key, focal, strategy, partners, parts, current, ce,
                  value, trust, likeness, allowed, lucks, ces, values, trusts, likenesses, open_to, draws, explore):
    """Fill the options of each firm asked: the alliance as it is, or nothing for the entrant (0), and with it (1)."""
    for m in range(place.size):
        k, c = table[m], place[m]
        i, entrant = groups[m, c], c == size[k]
        ces[m, 0] = 0.0 if entrant else current[0, k, c]
        values[m, 0] = 0.0 if entrant else current[1, k, c]
        trusts[m, 0] = likenesses[m, 0] = 0.0
        open_to[m, 0], draws[m, 0] = True, uniform(luck, fold(key[i], key[partner[m]]), STAY)
        ces[m, 1], values[m, 1], trusts[m, 1], likenesses[m, 1] = ce[0, m], value[0, m], trust[0, m], likeness[0, m]
        if allowed[0, m] and not entrant:
            ces[m, 1] += parts[m]
        open_to[m, 1], draws[m, 1] = allowed[0, m], lucks[0, m]
        if partners[strategy[i]] == FOCAL_ONLY:
            for j in groups[m, :size[k] + 1]:
                open_to[m, 1] = open_to[m, 1] and focal[j]
        explore[m] = 1.0  # no one explores


@kernel
def count_votes(answer, table, place, size, monthly, won, gain, against):
    """Fill the alliances whose members and entrant all agree, what that expects to gain, and the first to decline.

    Returns how many agree and how many do not.
    """
    agreed, declined, refused = 0, 0, -1
    for m in range(place.size):
        k = table[m]
        if answer[m] != 1 and refused != k:
            refused = k
            against[declined] = m
            declined += 1
        if place[m] == size[k] and refused != k:
            won[agreed], gain[agreed] = k, monthly[m]
            agreed += 1
    return agreed, declined


@kernel
def enrol(alliances, kinds, groups, rows, size, gain, cost, month, key, procurement, coopetition, rnd, in_alliances,
          cash, ebitda, profit, paid_for, member, member_key, alliance, joined, share, expected, members, spent):
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
        count_in(i, a, kinds[k], procurement, coopetition, rnd, in_alliances)
        members[a] += 1
        spent[a] += cost[k]
        paid += cost[k]
        cash[i] -= cost[k]
        ebitda[i] -= cost[k]
        profit[i] -= cost[k]
        paid_for[i] += cost[k]
    return paid
