"""R&D within the phases: sprints and what they add (F10), whose research helps whom (F11), what leavers give back.

Sprints are a part of phase 4, leaving one of phases 8 and 10. Reads alliances' benefit, target, radical, compartments
and owner, price, output, rnd, home, margin; writes capabilities, alliances' sprints, successes and last_success, and
of memberships effort, effective, helped, learned and borrowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.config.protection import OWNERS
from allysim.dealings.brought import lasting
from allysim.draws import Purpose, normal, uniform
from allysim.jit import equation, kernel, routine
from allysim.mechanisms.capability import develop
from allysim.mechanisms.capability import kept as kept_of
from allysim.mechanisms.demand import importance
from allysim.mechanisms.kinds import RND
from allysim.mechanisms.leaks import margin_of_appeal, technical_control, utility_gain
from allysim.mechanisms.names import WEIGHTS
from allysim.mechanisms.ownership import lost_on_leaving
from allysim.mechanisms.radical import odds, radical_chance, radical_gain
from allysim.mechanisms.research import capability_gain, effective_research, monthly_worth, openness, success_chance
from allysim.rules.effort import Efforts

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def sprint(model: AllianceModel) -> None:
    """Let members of R&D alliances choose their effort and do research, and end the sprints that are due."""
    state, settings = model.state, model.config
    firms, members, alliances, roster, research = (state.firms, state.memberships, state.alliances, state.roster,
                                                   settings.research)
    rows, group, known = *np.empty((2, roster.rows.size), dtype=np.int32), np.empty((5, roster.rows.size))
    m, groups = gather(roster.alliances, roster.start, roster.rows, members.firm, alliances.type, alliances.target,
                       alliances.benefit, alliances.compartments, firms.rnd, firms.price, firms.output, firms.margin,
                       firms.attraction, state.world.pull, firms.capability, WEIGHTS, research, settings.leaks,
                       lasting(settings), settings.market.capability_weight, rows, group, known)
    if not m:
        return
    norm, worth, intensity, size, gap = known[:, :m]
    efforts = model.ask("effort", Efforts(norm, worth, intensity, size, gap, group[:m], groups))
    over = np.empty(roster.alliances.size, dtype=np.int32)
    do_research(efforts, rows[:m], group[:m], groups, research, settings.leaks, settings.capability, members.firm,
                members.alliance, alliances.target, alliances.compartments, firms.home, firms.rnd, firms.capability,
                members.effort, members.effective, members.helped, members.learned, members.borrowed)
    succeeded = end_sprints(
        model.stream(Purpose.SPRINT), model.stream(Purpose.GAIN), model.month, roster.alliances, roster.start,
        roster.rows, members.firm, members.effort, members.effective, members.helped, alliances.type, alliances.key,
        alliances.founded, alliances.target, alliances.benefit, alliances.radical, research,
        settings.market.capability_weight, firms.born, firms.developed, firms.capability, firms.native_attraction,
        firms.attraction, firms.advanced, members.learned, members.borrowed, alliances.sprints, alliances.successes,
        alliances.last_success, over)
    if succeeded:
        over = over[:succeeded]
        cause = ["radical" if large else "" for large in alliances.radical[over].tolist()]
        model.events.add("success", alliance=over, cause=cause, amount=alliances.sprints[over].astype(np.float64))


def hand_back(model: AllianceModel, rows: Any, exiting: Any = ()) -> None:
    """Take from leavers what the owner rule of their R&D alliance does not leave them, and tell the events.

    `rows` are their memberships; firms in the slots `exiting` take everything with them.
    """
    state, settings = model.state, model.config
    alliances, members, firms = state.alliances, state.memberships, state.firms
    if not alliances.owner[members.alliance[rows]].any():
        return
    rows = rows[~np.isin(members.firm[rows], exiting)]
    losers, worth = np.empty(rows.size, dtype=np.int32), np.empty(rows.size)
    count = lose(rows, members.firm, members.alliance, members.joined, members.learned, members.borrowed,
                 alliances.founded, alliances.owner, alliances.target, settings.research,
                 settings.market.capability_weight, state.world.price_sensitivity, state.world.pull, firms.target,
                 firms.born, firms.developed, firms.capability, firms.native_attraction, firms.attraction,
                 firms.advanced, losers, worth)
    if count:
        losers = losers[:count]
        allied = members.alliance[losers]
        cause = [OWNERS[owner].replace("_", " ") for owner in alliances.owner[allied].tolist()]
        model.events.add("handed back", firm=members.firm_key[losers], alliance=allied, cause=cause,
                         amount=worth[:count])


@equation
def shown(i, effort, compartments, capability, research, leaks):
    """Return what the research of the firm in slot `i` is to each of its partners (F11)."""
    return effort * openness(compartments, technical_control(capability[i], leaks), research)


@kernel
def gather(alliances, start, rows, member, kind, target, benefit, compartments, rnd, price, output, margin, attraction,
           pull, capability, weights, research, leaks, kept, capability_weight, found, group, known):
    """Fill what members of R&D alliances know, the columns of `Efforts`; returns members and alliances (k).

    They take their partners to spend as budgeted, and do not count on outsiders.
    """
    m, groups = 0, 0
    for k in range(alliances.size):
        a, size = alliances[k], start[k + 1] - start[k]
        if kind[a] != RND:
            continue
        usual = 0.0
        for r in rows[start[k]:start[k + 1]]:
            usual += shown(member[r], 1.0, compartments[a], capability, research, leaks)
        for r in rows[start[k]:start[k + 1]]:
            i, gap = member[r], 1.0 - capability[member[r], target[a]]
            partners = usual - shown(i, 1.0, compartments[a], capability, research, leaks)
            effective = effective_research(1.0, partners, 0.0, research)
            stake = margin[i] * importance(attraction[i], pull, weights, target[a]) * gap
            known[0, m] = research.budget * price[i] * output[i] / rnd[i]
            known[1, m] = monthly_worth(stake, effective, kept, capability_weight, research)
            known[2, m], known[3, m], known[4, m] = research.intensity * benefit[a], size, gap
            found[m], group[m] = r, groups
            m += 1
        groups += 1
    return m, groups


@kernel
def do_research(efforts, found, group, groups, research, leaks, rules, member, alliance, target, compartments, home,
                rnd, capability, effort, effective, helped, learned, borrowed):
    """Write down the efforts of a month and what research then works for each member; what was learned fades.

    The members in `found` (m,) stand alliance by alliance, numbered in `group` (m,).
    """
    inside, outsiders = np.zeros(groups), np.zeros(found.size)
    for m in range(found.size):
        r = found[m]
        effort[r] = efforts[m]
        learned[r], borrowed[r] = kept_of(learned[r], rules), kept_of(borrowed[r], rules)
        inside[group[m]] += shown(member[r], effort[r], compartments[alliance[r]], capability, research, leaks)
    if research.outside > 0.0 and groups > 1:
        look_outside(found, group, member, alliance, target, home, rnd, effort, capability.shape, outsiders)
    for m in range(found.size):
        r = found[m]
        partners = inside[group[m]] - shown(member[r], effort[r], compartments[alliance[r]], capability, research,
                                            leaks)
        helped[r] = research.spillover * partners
        effective[r] = effective_research(effort[r], partners, outsiders[m], research)


@routine
def look_outside(found, group, member, alliance, target, home, rnd, effort, shape, outsiders):
    """Fill the mean research of outsiders for each member (m,) in a time that grows with their number alone (F11).

    Outsiders are firms of the same home segment at work on the same capability that are not in this alliance, each
    with the part of its research budget that it puts into that capability.
    """
    research, counted, segments = np.zeros(shape), np.zeros(shape, dtype=np.bool_), 0
    for r in found:
        research[member[r], target[alliance[r]]] += effort[r] / rnd[member[r]]
        segments = max(segments, home[member[r]] + 1)
    total, number = np.zeros((segments, shape[1])), np.zeros((segments, shape[1]))
    for r in found:
        i, c = member[r], target[alliance[r]]
        if not counted[i, c]:
            total[home[i], c] += research[i, c]
            number[home[i], c] += 1.0
            counted[i, c] = True
    first = 0
    while first < found.size:
        end, c = first, target[alliance[found[first]]]
        while end < found.size and group[end] == group[first]:
            end += 1
        for m in range(first, end):
            s = home[member[found[m]]]
            rest, others = total[s, c], number[s, c]
            for r in found[first:end]:
                if home[member[r]] == s:
                    rest -= research[member[r], c]
                    others -= 1.0
            if others > 0.0:
                outsiders[m] = max(0.0, rest) / others
        first = end


@kernel
def end_sprints(luck, luck_gain, month, alliances, start, rows, member, effort, effective, helped, kind, key, founded,
                target, benefit, radical, research, capability_weight, born, developed, capability, native, attraction,
                advanced, learned, borrowed, sprints, successes, last_success, over):
    """Let each sprint that is over succeed or not; returns how many succeeded.

    A success adds to the capability the alliance works on, for each member as much as its effective research
    gives; `over` is filled with the alliances that succeeded.
    """
    count = 0
    for k in range(alliances.size):
        a, size = alliances[k], start[k + 1] - start[k]
        if kind[a] != RND or (month - founded[a]) % research.sprint != 0:
            continue
        total, c = 0.0, target[a]
        for r in rows[start[k]:start[k + 1]]:
            total += effort[r]
        mean = total / size
        sprints[a] += 1
        chance = radical_chance(benefit[a], mean, research) if radical[a] else success_chance(benefit[a], mean,
                                                                                             research)
        if uniform(luck, key[a], sprints[a]) >= chance:
            continue
        successes[a], last_success[a] = successes[a] + 1, sprints[a]
        over[count] = a
        count += 1
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            if radical[a]:
                gain = radical_gain(capability[i, c], effective[r], odds(benefit[a], mean, research),
                                    normal(luck_gain, key[a], sprints[a]), research)
            else:
                gain = capability_gain(capability[i, c], effective[r], research)
            before = developed[i, c]
            develop(i, c, gain, capability_weight, born, developed, capability, native, attraction, advanced)
            learned[r] += developed[i, c] - before
            if effective[r] > 0.0:
                borrowed[r] += (developed[i, c] - before) * helped[r] / effective[r]
    return count


@kernel
def lose(gone, member, alliance, joined, learned, borrowed, founded, owner, target, research, weight,
         price_sensitivity, pull, sales, born, developed, capability, native, attraction, advanced, losers, worth):
    """Take from each leaver what is not its own; fills who lost and what a month of that is worth, k€.

    The lead is who proposed the alliance, the first of its founders. Returns how many lost something.
    """
    count = 0
    for r in gone:
        a, i, c = alliance[r], member[r], target[alliance[r]]
        leads = joined[r] == founded[a] and (r == 0 or alliance[r - 1] != a)
        lost = min(developed[i, c], lost_on_leaving(owner[a], leads, learned[r], borrowed[r], research))
        if lost <= 0.0:
            continue
        losers[count] = r
        worth[count] = (utility_gain(c, lost, attraction[i], pull, weight)
                        * margin_of_appeal(sales[i], price_sensitivity))
        develop(i, c, -lost, weight, born, developed, capability, native, attraction, advanced)
        count += 1
    return count
