"""Part of phase 5, conduct: know-how that leaks and data that are misused, and in phase 3 how both fade (F12, F21).

Reads the roster, alliances' protections, ties, capability, attraction; writes developed, capability, attraction,
appeal, lost_appeal, leaks, leak_cost, breach_flow, the evidence of ties and the list of former partners.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.draws import Purpose, fold, fold_levels, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.capability import develop, kept, show
from allysim.mechanisms.conduct import detection
from allysim.mechanisms.demand import overlap
from allysim.mechanisms.leaks import (
    CHANNELS,
    LEAST_LEAD,
    OTHER,
    PARTNER,
    STAFF,
    channels,
    greatest_hazard,
    hr_after,
    largest_lead,
    leak_detection,
    leak_hazard,
    margin_of_appeal,
    technical_control,
    utility_gain,
)
from allysim.mechanisms.sharing import misuse_hazard
from allysim.state import BREACHES
from allysim.ties import find_tie, trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def leak(model: AllianceModel) -> None:
    """Let know-how leak between partners, and by staff between former ones; let members misuse shared data."""
    state, settings = model.state, model.config
    roster, former = state.roster, state.former
    if settings.leaks.hazard == 0.0 and settings.sharing.misuse == 0.0:
        return
    if not roster.rows.size and not state.world.n_former:
        return
    alliances, members, firms = state.alliances, state.memberships, state.firms
    pairs, modularity, misusers, state.world.n_former = listen(
        model.luck, model.month, settings.leaks, settings.sharing, roster.alliances, roster.start, roster.rows,
        members.firm, firms.key, firms.modularity, alliances.key, alliances.type, alliances.penalty,
        alliances.data_shared, alliances.data_anonymised, alliances.data_access, state.world.n_former, former.first,
        former.second, former.first_key, former.second_key, former.alliance, former.parted)
    if pairs.size:
        _leak(model, pairs, modularity)
    if misusers.size:
        _misuse(model, misusers)


def _leak(model: AllianceModel, pairs: Any, modularity: Any) -> None:
    """Let leak what may leak between `pairs` (k, 4), and tell the events."""
    state, settings = model.state, model.config
    alliances, firms, ties = state.alliances, state.firms, state.ties
    what, cost = np.empty((len(pairs), 4), dtype=np.int32), np.empty(len(pairs))
    count = carry_over(
        model.luck, model.month, pairs, modularity, settings.leaks, settings.market.capability_weight,
        state.world.price_sensitivity, settings.trust.prior_weight, settings.trust.bad, settings.trust.public,
        state.world.pull, alliances.key, alliances.type, alliances.nda, alliances.compartments, alliances.access,
        alliances.hr, alliances.non_solicit, firms.key, firms.disposition, firms.ties, ties.to, ties.next, ties.good,
        ties.bad, firms.born, firms.developed, firms.capability, firms.native_attraction, firms.attraction,
        firms.advanced, firms.target, firms.appeal, firms.lost_appeal, firms.leaks, what, cost)
    if count and model.events.kept:
        sender, alliance, channel, seen = what[:count].T
        cause = [f"{CHANNELS[c]}, {'seen' if s else 'unseen'}" for c, s in zip(channel, seen, strict=True)]
        model.events.add("leak", firm=firms.key[sender], alliance=alliance, cause=cause, amount=cost[:count])


def _misuse(model: AllianceModel, misusers: Any) -> None:
    """Let `misusers` (k,), places in the roster, take customers of a partner, and tell the events."""
    state, settings = model.state, model.config
    alliances, members, firms, ties, roster = state.alliances, state.memberships, state.firms, state.ties, state.roster
    what, cost, fine = np.empty((3, misusers.size), dtype=np.int32), *np.empty((2, misusers.size))
    misuse(
        model.luck, model.month, misusers, roster.start, roster.rows, roster.group, members.firm, members.alliance,
        settings.conduct, settings.sharing.taken, state.world.price_sensitivity, settings.trust.bad,
        settings.trust.public, state.world.pull, alliances.key, alliances.dashboard, alliances.penalty, firms.key,
        firms.ties, ties.to, ties.next, ties.bad, firms.attraction, firms.target, firms.appeal, firms.lost_appeal,
        firms.leaks, firms.leak_cost, firms.breach_flow, members.booked, what, cost, fine)
    culprit, victim, seen = what
    if model.events.kept:
        allied = members.alliance[roster.rows[misusers]]
        model.events.add("misuse", firm=firms.key[culprit], alliance=allied,
                         cause=["seen" if s else "unseen" for s in seen], amount=cost)
    model.ledger.post("penalty", firms.key[victim], firms.key[culprit], fine)


def ebb(model: AllianceModel) -> None:
    """Let developed capabilities depreciate and lost appeal come back, and book what it cost this month."""
    firms, settings = model.state.firms, model.config
    recover(settings.capability, settings.leaks.fade, settings.market.capability_weight,
            model.state.world.price_sensitivity, firms.target, firms.born, firms.developed, firms.capability,
            firms.native_attraction, firms.attraction, firms.advanced, firms.lost_appeal, firms.appeal,
            firms.leak_cost)


def remember(model: AllianceModel, gone: Any) -> None:
    """Note as former partners those whose memberships in `gone`, rows in the order of the roster, end this month."""
    state = model.state
    if model.config.leaks.after_months == 0 or model.config.leaks.hazard == 0.0:
        return
    roster, former, members, world = state.roster, state.former, state.memberships, state.world
    former.reserve(world.n_former + gone.size * int(np.diff(roster.start).max()))
    world.n_former = part_ways(
        gone, model.month, roster.alliances, roster.start, roster.rows, members.firm, members.firm_key,
        members.alliance, members.left, world.n_former, former.first, former.second, former.first_key,
        former.second_key, former.alliance, former.parted)


@kernel
def listen(seed, month, leaks, sharing, alliances, start, rows, member, key, modularity, alliance_key, kind, penalty,
           shared, anonymised, guarded, n_former, first, second, first_key, second_key, former_alliance, parted):
    """Draw for whom this month may bring a leak or a misuse; drop former partners whose time is over.

    Returns pairs (k, 4) of sender, receiver, alliance and whether they are former partners, with the mean
    modularity (k,) of those concerned; the places of misusers; and the rows of former partners kept. What is
    drawn for a pair is held against a bound, so that most pairs cost a draw and nothing else.
    """
    luck, luck_misuse = fold_levels(seed, Purpose.LEAK, month), fold_levels(seed, Purpose.MISUSE, month)
    most = 0
    if leaks.hazard > 0.0:
        most = 2 * n_former
        for k in range(alliances.size):
            most += (start[k + 1] - start[k]) * (start[k + 1] - start[k] - 1)
    pairs, modular = np.empty((most, 4), dtype=np.int32), np.empty(most)
    misusers = np.empty(rows.size, dtype=np.int32)
    count, caught = 0, 0
    for k in range(alliances.size):
        a = alliances[k]
        least = greatest_hazard(kind[a], leaks) if most > 0 else 0.0
        mean = 0.0
        for r in rows[start[k]:start[k + 1]]:
            mean += modularity[member[r]]
        mean /= start[k + 1] - start[k]
        if least > 0.0:
            for r in rows[start[k]:start[k + 1]]:
                for q in rows[start[k]:start[k + 1]]:
                    i, j = member[r], member[q]
                    if q != r and uniform(luck, fold(key[i], key[j]), alliance_key[a]) < least:
                        pairs[count, 0], pairs[count, 1], pairs[count, 2], pairs[count, 3] = i, j, a, False
                        modular[count] = mean
                        count += 1
        hazard = misuse_hazard(shared[a], anonymised[a], guarded[a], penalty[a], sharing)
        if hazard > 0.0:
            for m in range(start[k], start[k + 1]):
                if uniform(luck_misuse, key[member[rows[m]]], alliance_key[a]) < hazard:
                    misusers[caught] = m
                    caught += 1
    kept_rows = 0
    for f in range(n_former):
        i, j, a = first[f], second[f], former_alliance[f]
        if month - parted[f] > leaks.after_months or key[i] != first_key[f] or key[j] != second_key[f]:
            continue
        first[kept_rows], second[kept_rows], former_alliance[kept_rows] = i, j, a
        first_key[kept_rows], second_key[kept_rows], parted[kept_rows] = key[i], key[j], parted[f]
        kept_rows += 1
        least = greatest_hazard(kind[a], leaks) if most > 0 else 0.0
        for back in (False, True):
            x, y = (j, i) if back else (i, j)
            if uniform(luck, fold(key[x], key[y]), alliance_key[a]) < least:
                pairs[count, 0], pairs[count, 1], pairs[count, 2], pairs[count, 3] = x, y, a, True
                modular[count] = 0.5 * (modularity[i] + modularity[j])
                count += 1
    return pairs[:count], modular[:count], misusers[:caught], kept_rows


@kernel
def carry_over(seed, month, pairs, modularity, leaks, weight, price_sensitivity, prior_weight, bad_weight, public, pull,
               alliance_key, kind, nda, compartments, access, hr, non_solicit, key, disposition, head, to, following,
               good, bad, born, developed, capability, native, attraction, advanced, target, appeal, lost_appeal,
               suffered, what, cost):
    """Decide for each pair whether it leaks, by which channel and whether that is seen, and carry it over.

    The receiver closes part of the gap in the capability in which the sender leads most; the sender loses appeal.
    One that is seen to come by the partner is bad evidence to the sender, and in part to all who know the receiver.
    Fills `what` (sender, alliance, channel, seen) and `cost` (k€/month) of each leak; returns how many there are.
    """
    luck, luck_seen = fold_levels(seed, Purpose.LEAK, month), fold_levels(seed, Purpose.LEAK_SEEN, month)
    luck_channel = fold_levels(seed, Purpose.LEAK_CHANNEL, month)
    count = 0
    for p in range(len(pairs)):
        i, j, a, over = pairs[p, 0], pairs[p, 1], pairs[p, 2], pairs[p, 3]
        pair = fold(key[i], key[j])
        c, lead = largest_lead(capability[i], capability[j])
        if lead <= LEAST_LEAD:
            continue
        control = technical_control(capability[i], leaks)
        closed, guarded = min(compartments[a], control), min(access[a], control)
        moves = hr_after(hr[a], non_solicit[a], leaks) if over else hr[a]
        staff, partner, other = channels(modularity[p], nda[a], closed, guarded, moves, leaks)
        if over:
            partner = other = 0.0
        omega = overlap(attraction[i], attraction[j], pull)
        confidence = trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
        hazard = leak_hazard(kind[a], omega, confidence, modularity[p], closed, leaks)
        if not uniform(luck, pair, alliance_key[a]) < hazard * (staff + partner + other):
            continue
        way = uniform(luck_channel, pair, alliance_key[a]) * (staff + partner + other)
        channel = STAFF if way < staff else PARTNER if way < staff + partner else OTHER
        seen = uniform(luck_seen, pair, alliance_key[a]) < leak_detection(0.0 if over else guarded, leaks)
        gain = leaks.closes * lead
        lost = leaks.exclusivity * omega * utility_gain(c, gain, attraction[j], pull, weight)
        develop(j, c, gain, weight, born, developed, capability, native, attraction, advanced)
        appeal[i] -= lost
        lost_appeal[i] += lost
        suffered[i] += 1
        if seen and channel == PARTNER:
            denounce(i, j, bad_weight, public, head, to, following, bad)
        what[count, 0], what[count, 1], what[count, 2], what[count, 3] = i, a, channel, seen
        cost[count] = lost * margin_of_appeal(target[i], price_sensitivity)
        count += 1
    return count


@equation
def denounce(victim, culprit, bad_weight, public, head, to, following, bad):
    """Give the victim bad evidence of the culprit, and others who know the culprit a part of it (F5)."""
    bad[find_tie(victim, culprit, head, to, following)] += bad_weight
    t = head[culprit]
    while t >= 0:
        if to[t] != victim:
            bad[t ^ 1] += public * bad_weight
        t = following[t]


@kernel
def misuse(seed, month, misusers, start, rows, group, member, alliance, conduct, taken, price_sensitivity, bad_weight,
           public, pull, alliance_key, dashboard, penalty, key, head, to, following, bad, attraction, target, appeal,
           lost_appeal, suffered, leak_cost, flow, booked, what, cost, fine):
    """Let each misuser win customers of the partner whose market is most like its own, and pay if it is seen.

    Fills `what` (culprit, victim, seen; each (k,)), `cost` to the victim (k€/month) and the `fine` paid (k€).
    """
    luck = fold_levels(seed, Purpose.MISUSE_SEEN, month)
    for p in range(misusers.size):
        r = rows[misusers[p]]
        i, a, k = member[r], alliance[r], group[misusers[p]]
        j, omega, row = -1, -1.0, -1
        for q in rows[start[k]:start[k + 1]]:
            if q != r:
                likeness = overlap(attraction[i], attraction[member[q]], pull)
                if likeness > omega:
                    j, omega, row = member[q], likeness, q
        lost = taken * omega
        appeal[i] += lost
        lost_appeal[i] -= lost
        appeal[j] -= lost
        lost_appeal[j] += lost
        suffered[j] += 1
        seen = uniform(luck, key[i], alliance_key[a]) < detection(dashboard[a], conduct)
        fine[p] = 0.0
        if seen:
            fine[p] = penalty[a]
            flow[i] -= fine[p]
            flow[j] += fine[p]
            booked[r, BREACHES] -= fine[p]
            booked[row, BREACHES] += fine[p]
            leak_cost[i] += fine[p]
            leak_cost[j] -= fine[p]
            denounce(j, i, bad_weight, public, head, to, following, bad)
        what[0, p], what[1, p], what[2, p] = i, j, seen
        cost[p] = lost * margin_of_appeal(target[j], price_sensitivity)


@kernel
def recover(rules, fade, weight, price_sensitivity, target, born, developed, capability, native, attraction, advanced,
            lost_appeal, appeal, leak_cost):
    """Take a month off what each firm developed and off the appeal it lost, after the market of the month."""
    for i in range(target.size):
        if lost_appeal[i] != 0.0:
            leak_cost[i] += lost_appeal[i] * margin_of_appeal(target[i], price_sensitivity)
            back = fade * lost_appeal[i]
            lost_appeal[i] -= back
            appeal[i] += back
        if advanced[i]:
            for c in range(developed.shape[1]):
                developed[i, c] = kept(developed[i, c], rules)
            show(i, weight, born, developed, capability, native, attraction)


@kernel
def part_ways(gone, month, alliances, start, rows, member, member_key, alliance, left, used, first, second, first_key,
              second_key, former_alliance, parted):
    """Append each pair of former partners of which one left this month, once; returns the rows used."""
    k = 0
    for r in gone:
        while alliances[k] != alliance[r]:
            k += 1
        after = False
        for q in rows[start[k]:start[k + 1]]:
            if q == r:
                after = True
            elif left[q] < 0 or after:
                first[used], second[used], former_alliance[used] = member[r], member[q], alliance[r]
                first_key[used], second_key[used], parted[used] = member_key[r], member_key[q], month
                used += 1
    return used
