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
from allysim.appraisal import blank_options, brings, judge
from allysim.config import presets
from allysim.config.parameters import Governance
from allysim.draws import Purpose, fold, uniform
from allysim.founding import introduce_all, set_baseline
from allysim.jit import kernel
from allysim.mechanisms.scaling import governance_level, member_cap, template_setup
from allysim.state import MODES, SCALED, SET_UP, STANDARDISED
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
    return Tables(found, groups, rows, size)


def admit(model: AllianceModel, tables: Tables, free: Any, candidates: Any) -> None:
    """Let each of the alliances admit one of the firms (k, v) seen, -1 where none, if all want it."""
    firms, luck = model.state.firms, model.stream(Purpose.ADMIT)
    k, v = candidates.shape
    present, width = free.copy(), tables.groups.shape[1]
    laid = _lay(k * (width + v), width)
    count = lay_proposals(tables.groups, tables.size, candidates, present, *laid)
    brought = brings(model, present)
    groups, place, partner = (part[:count] for part in laid)
    worth = judge(model, brought, groups, place, partner, luck, PROPOSE)
    prices = (model.config.administration.setup, firms.template, model.state.alliances.type[tables.alliances],
              model.config.scaling)
    options, current = blank_options(k, v + 1), np.zeros((2, k, width))
    compare_firms(luck, tables.groups, tables.size, candidates, model.state.alliances.key[tables.alliances], firms.key,
                  firms.focal, firms.strategy, model.focal_only, *prices, *worth[:6], current, *options)
    chosen, laid, alliance = np.empty(k, dtype=np.int32), _lay(k * width, width), np.empty(k * width, dtype=np.int64)
    count = lay_invitations(model.ask("partner_choice", options), candidates, tables.groups, tables.size, chosen,
                            alliance, *laid)
    if not count:
        return
    groups, place, partner = (part[:count] for part in laid)
    worth, options = judge(model, brought, groups, place, partner, luck, JOIN), blank_options(count, 2)
    compare_seats(luck, groups, place, partner, alliance, tables.size, firms.key, firms.focal, firms.strategy,
                  model.focal_only, *prices, current, *worth[:6], *options)
    won, against = np.empty((2, k), dtype=np.int64)
    gain = np.empty(k)
    agreed, declined = count_votes(model.ask("partner_choice", options), alliance[:count], place, tables.size,
                                   worth.monthly, won, gain, against)
    if declined:
        voices = against[:declined]
        model.events.add("declined", firm=firms.key[groups[voices, place[voices]]],
                         alliance=tables.alliances[alliance[voices]])
    if agreed:
        won = won[:agreed]
        _take_in(model, Tables(*(column[won] for column in tables)), chosen[won], gain[:agreed])


def _lay(count: int, width: int) -> tuple[Any, Any, Any]:
    """Return room for some charters: members, who weighs, and whom its luck is shared with."""
    return (np.empty((count, width), dtype=np.int32), np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int32))


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
    members.expected[new], members.booked[new, SET_UP] = members.gain[new], -cost
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
def lay_proposals(tables, size, candidates, present, groups, place, partner):
    """Lay out each alliance as it is, for each member, then with each of its candidates, for the one that looks around.

    Marks all members in `present` (n,); returns the number of charters.
    """
    count = 0
    for k in range(size.size):
        for c in range(size[k]):
            groups[count], place[count], partner[count] = tables[k], c, tables[k, c]
            present[tables[k, c]] = True
            count += 1
        for j in candidates[k]:
            if j >= 0:
                groups[count], place[count], partner[count] = tables[k], 0, j
                groups[count, size[k]] = j
                count += 1
    return count


@kernel
def compare_firms(luck, tables, size, candidates, alliance_key, key, focal, strategy, focal_only, setup, template, kind,
                  scaling, ce, value, trust, likeness, allowed, lucks, current, ces, values, trusts, likenesses,
                  open_to, draws, explore):
    """Fill what alliances are worth to members as they are (2, k, s), and the options of those that look around.

    The appraisal charges everybody set-up; members paid for theirs long ago.
    """
    at = 0
    for k in range(size.size):
        i, whole = tables[k, 0], template_setup(setup, template[tables[k, 0], kind[k]], scaling)
        for c in range(size[k]):
            if allowed[0, at]:
                current[0, k, c], current[1, k, c] = ce[0, at] + whole / size[k], value[0, at]
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
            ces[k, o] = ce[0, at] + whole / (size[k] + 1) if allowed[0, at] else 0.0
            values[k, o], trusts[k, o], likenesses[k, o] = value[0, at], trust[0, at], likeness[0, at]
            open_to[k, o] = allowed[0, at] and (focal[j] or not focal_only[strategy[i]])
            draws[k, o] = lucks[0, at]
            at += 1


@kernel
def lay_invitations(answer, candidates, tables, size, chosen, alliance, groups, place, partner):
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
            groups[count], place[count], alliance[count] = tables[k], c, k
            groups[count, size[k]] = chosen[k]
            partner[count] = tables[k, 0] if c == size[k] else chosen[k]
            count += 1
    return count


@kernel
def compare_seats(luck, groups, place, partner, alliance, size, key, focal, strategy, focal_only, setup, template, kind,
                  scaling, current, ce, value, trust, likeness, allowed, lucks, ces, values, trusts, likenesses,
                  open_to, draws, explore):
    """Fill the options of each firm asked: the alliance as it is, or nothing for the entrant (0), and with it (1)."""
    for m in range(place.size):
        k, c = alliance[m], place[m]
        i, entrant = groups[m, c], place[m] == size[alliance[m]]
        ces[m, 0] = 0.0 if entrant else current[0, k, c]
        values[m, 0] = 0.0 if entrant else current[1, k, c]
        trusts[m, 0] = likenesses[m, 0] = 0.0
        open_to[m, 0], draws[m, 0] = True, uniform(luck, fold(key[i], key[partner[m]]), STAY)
        ces[m, 1], values[m, 1], trusts[m, 1], likenesses[m, 1] = ce[0, m], value[0, m], trust[0, m], likeness[0, m]
        if allowed[0, m] and not entrant:
            ces[m, 1] += template_setup(setup, template[groups[m, 0], kind[k]], scaling) / (size[k] + 1)
        open_to[m, 1], draws[m, 1] = allowed[0, m], lucks[0, m]
        if focal_only[strategy[i]]:
            for j in groups[m, :size[k] + 1]:
                open_to[m, 1] = open_to[m, 1] and focal[j]
        explore[m] = 1.0  # no one explores


@kernel
def count_votes(answer, alliance, place, size, monthly, won, gain, against):
    """Fill the alliances whose members and entrant all agree, what that expects to gain, and the first to decline.

    Returns how many agree and how many do not.
    """
    agreed, declined, refused = 0, 0, -1
    for m in range(place.size):
        k = alliance[m]
        if answer[m] != 1 and refused != k:
            refused = k
            against[declined] = m
            declined += 1
        if place[m] == size[k] and refused != k:
            won[agreed], gain[agreed] = k, monthly[m]
            agreed += 1
    return agreed, declined


@kernel
def price_entry(groups, size, setup, template, kind, scaling, cost):
    """Fill each member's part of what setting the alliance up from its template would cost now (k,), k€."""
    for k in range(size.size):
        cost[k] = template_setup(setup, template[groups[k, 0], kind[k]], scaling) / size[k]


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
