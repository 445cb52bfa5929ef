"""What an alliance is worth to a firm before it joins (F6, F8): its part of the yield, less what it may cost.

A charter is a row of slots, -1 where no member, of one type. Those who grow charters and those who are asked
to join them face the options of the rule `partner_choice`; the luck of an option is keyed by chooser,
partner and type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.config.strategy import FOCAL_ONLY
from allysim.dealings.alternatives import forgo
from allysim.dealings.brought import Brought, best_target, foresight, lasting
from allysim.dealings.opportunities import EVERYONE, object_to
from allysim.dealings.tenders import lots_ahead
from allysim.dealings.terms import looked_at, question
from allysim.draws import Purpose, fold, uniform
from allysim.jit import inlined, kernel
from allysim.mechanisms.administration import common_rate, setup_cost, type_factor
from allysim.mechanisms.benefit import contract_and_trust, cultural_discount, matched, profile_distance, technology_fit
from allysim.mechanisms.choice import annuity, certainty_equivalent
from allysim.mechanisms.conduct import detection, expected_loss
from allysim.mechanisms.coopetition import automated, automation_fee, joint_appeal, pooling_ratio
from allysim.mechanisms.demand import overlap
from allysim.mechanisms.infrastructure import rent, replaced
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND
from allysim.mechanisms.leaks import expected_leaks, prospect_of_leaks
from allysim.mechanisms.purchasing import price_rung
from allysim.mechanisms.research import effective_research, monthly_worth, openness, success_chance
from allysim.mechanisms.scaling import template_setup
from allysim.mechanisms.stock import kept_in_common
from allysim.mechanisms.tendering import gain_by_bidding
from allysim.rules.partner_choice import Options
from allysim.state import AUTOMATION, CAPACITY, MARKETING, MODES, TENDERING, WAREHOUSING
from allysim.table import Space
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel

UNSET = -1    # target of a charter that has not been signed
KIND_STRIDE = 16  # numbers of draws a type has: more than the steps of the largest charter


class Charters(NamedTuple):
    """Charters to be weighed, each by one of its members, with room for what members yield."""

    members: Any  # int32 (c, s)
    place: Any    # int64 (c,), column of the member that weighs
    partner: Any  # int32 (c,), slot of the partner the luck is shared with
    option: Any   # int64 (c,), entry of the options, counted through
    kind: Any     # int8 (c,), type of alliance
    group: Any    # int32 (c * s,), number of the charter, members one after the other
    saving: Any   # float64 (c * s,), k€/month each would save by itself, to be shared
    own: Any      # float64 (c * s,), k€/month each would gain beyond that
    fee: Any      # float64 (c * s,), k€/month, less what it would gain by lots, whatever the benefit
    factor: Any   # float64 (c * s,), of size in governance cost


def grow(model: AllianceModel, brought: Brought, open_to: Any, groups: Any, kinds: Any, growing: Any, step: int,
         candidates: Any, current: Any) -> Options:
    """Weigh every way of adding one of its candidates (k, v) to each growing charter of `step` members.

    Option 0 is to stay as it is, at the certainty equivalent and value in `current` (2, k). The first step
    chooses the type as well: candidates come once for each type of `model.kinds`.
    """
    firms, settings = model.state.firms, model.config
    choices = model.kinds if step == 1 else model.kinds[:1]
    k, m = growing.size, candidates.shape[1] * choices.size
    charters, options = room(k * m, step + 1, model.space), blank_options(k, m + 1, model.space)
    count, members = lay_out(
        model.stream(Purpose.PARTNER), model.stream(Purpose.EXPLORE), choices, open_to, groups, kinds, growing, step,
        candidates, current, firms.key, firms.focal, firms.strategy, model.strategies.partners, model.strategies.scope,
        firms.attraction, model.state.world.pull, *brought, settings.purchasing, settings.coopetition,
        foresight(settings), lots_ahead(model), settings.infrastructure, settings.research,
        settings.ip_protection.compartments, lasting(settings), settings.market.capability_weight, *charters, *options)
    weigh_all(model, charters, count, members, options)
    return options


def hear(model: AllianceModel, brought: Brought, groups: Any, size: Any, kinds: Any) -> tuple[Options, Any]:
    """Weigh for each member of each charter (k, s), one after the other, to stay as it is (0) or to join (1).

    Returns the options and the monthly gain each expects, k€.
    """
    firms, settings, invited = model.state.firms, model.config, int(size.sum())
    charters, options = room(invited, groups.shape[1]), blank_options(invited, 2)
    members = invite(
        model.stream(Purpose.CONSENT), groups, size, kinds, firms.key, firms.focal, firms.strategy,
        model.strategies.partners, model.strategies.scope, firms.attraction, model.state.world.pull, *brought,
        settings.purchasing, settings.coopetition, foresight(settings), lots_ahead(model), settings.infrastructure,
        settings.research, settings.ip_protection.compartments, lasting(settings), settings.market.capability_weight,
        *charters, *options)
    monthly = weigh_all(model, charters, invited, members, options)
    object_to(model, charters.members, charters.place, charters.kind, np.full(invited, EVERYONE), options)
    return options, monthly


def room(charters: int, size: int, space: Space | None = None) -> Charters:
    """Return room for charters of up to `size` members each; in a `space`, where there are many month after month."""
    empty = (space or Space()).empty
    place, option = empty("place and option", (2, charters), np.int64)
    return Charters(empty("members", (charters, size), np.int32), place, empty("partner", (charters,), np.int32),
                    option, empty("kind", (charters,), np.int8), empty("group", (charters * size,), np.int32),
                    *empty("yields", (4, charters * size)))


def blank_options(k: int, m: int, space: Space | None = None) -> Options:
    """Return room for m options of each of k firms, in a `space` if given."""
    empty = (space or Space()).empty
    ce, value, trust, likeness, luck = empty("options", (5, k, m))
    return Options(ce, value, trust, likeness, empty("allowed", (k, m), np.bool_), luck, np.empty(k))


def weigh_all(model: AllianceModel, charters: Charters, count: int, members: int, options: Options) -> Any:
    """Put what `count` charters are worth into their options; returns the monthly gain of each, k€."""
    state, settings = model.state, model.config
    firms, ties, governance, protection = state.firms, state.ties, settings.governance, settings.ip_protection
    shield = (protection.nda, protection.compartments, protection.access, protection.hr)
    shares = model.ask("value_split", question(model, charters.members[:count], charters.kind[:count],
                                               charters.saving[:members], charters.group[:members], looked_at(model)))
    monthly = np.empty(count)
    weigh(
        charters.members, charters.place, charters.partner, charters.option, charters.kind, charters.saving,
        charters.own, charters.fee, charters.factor, shares, MODES.index(governance.mode), governance.completeness,
        governance.dashboard, governance.penalty, settings.pilot.months, settings.pilot.prior_sd,
        settings.administration, settings.conduct, settings.choice, settings.fit, settings.contract, settings.culture,
        settings.disputes.culture_scale, settings.research, settings.trust.prior_weight, shield, settings.leaks,
        settings.market.capability_weight, state.world.price_sensitivity, firms.modularity, firms.api_readiness,
        settings.scaling, firms.template, firms.target, firms.attraction, state.world.pull, firms.capability,
        firms.culture, firms.lesson, firms.risk_aversion, firms.cash, firms.month_cost, firms.margin, firms.disposition,
        firms.ties, ties.to, ties.next, ties.good, ties.bad, options.certainty_equivalent, options.value,
        options.trust, options.likeness, options.allowed, monthly)
    forgo(model, charters, count, options)
    return monthly


@inlined
def expect(charter, k, kind, scope, target, attraction, pull, figures, stakes, purchasing, coopetition, known,
           lots, infrastructure, research, compartments, kept, capability_weight, at, group, saving, own, fee, factor):
    """Fill what each member of charter `k` would save and gain by itself and its fee, k€/month, and its size factor.

    All before benefit, R&D as if every sprint succeeded; one member after the other from entry `at` to that returned.
    """
    size, spend, together = 0, 0.0, 0.0
    for i in charter:
        if i >= 0:
            size += 1
            spend += figures[i, 0]
            together += figures[i, 8]
    pooled = price_rung(spend, purchasing) if kind == PROCUREMENT else 1.0
    pooling = 1.0 - pooling_ratio(size, coopetition.correlation)
    idle = pooling if scope & CAPACITY else 0.0
    stored = 1.0 - kept_in_common(pooling, 1.0, known) if scope & WAREHOUSING else 0.0
    appeal = joint_appeal(size, mean_overlap(charter, attraction, pull), coopetition) if scope & MARKETING else 0.0
    open_to_all = 0.0
    if kind == RND:
        target = best_target(charter, stakes) if target < 0 else target
        for i in charter:
            if i >= 0:
                open_to_all += openness(compartments, figures[i, 10], research)
    for i in charter:
        if i < 0:
            continue
        saving[at] = own[at] = fee[at] = 0.0
        match = matched(figures[i, 8], together, size)
        if kind == PROCUREMENT:
            alone, volume = figures[i, 1], figures[i, 2]
            saving[at] = (1.0 - purchasing.no_leverage) * (alone - pooled) * volume
            fee[at] = purchasing.fee * (alone * volume - saving[at])
        elif kind == COOPETITION:
            saving[at] = match * (idle * figures[i, 5] + stored * figures[i, 9])
            own[at] = match * appeal * figures[i, 7]
            if scope & AUTOMATION:
                saving[at] += automated(match * figures[i, 8], 1.0, coopetition)
                fee[at] += match * automation_fee(figures[i, 3], size, coopetition)
            if scope & TENDERING and lots.rate > 0.0:
                fee[at] -= gain_by_bidding(charter, i, lots)
        elif kind == INFRASTRUCTURE:
            saving[at] = match * replaced(figures[i, 8], figures[i, 6], 1.0, infrastructure)
            fee[at] = rent(match * figures[i, 8], infrastructure)
        else:
            partners = open_to_all - openness(compartments, figures[i, 10], research)
            effective = effective_research(1.0, partners, 0.0, research)
            own[at] = monthly_worth(stakes[i, target], effective, kept, capability_weight, research)
            fee[at] = research.budget * figures[i, 3]
        factor[at], group[at] = figures[i, 4], k
        at += 1
    return at


@inlined
def mean_overlap(charter, attraction, pull):
    """Return the mean market overlap over pairs of members."""
    total, pairs = 0.0, 0
    for a in range(charter.size):
        for b in range(a):
            if charter[a] >= 0:
                total += overlap(attraction[charter[a]], attraction[charter[b]], pull)
                pairs += 1
    return total / pairs


@inlined
def stay(row, ce, value, luck, ces, values, trust, likeness, allowed, lucks):
    """Fill option 0 of a chooser: to stay as it is."""
    ces[row, 0], values[row, 0], lucks[row, 0] = ce, value, luck
    trust[row, 0] = likeness[row, 0] = 0.0
    allowed[row, 0] = True


@kernel
def lay_out(luck, luck_explore, choices, open_to, groups, kinds, growing, step, candidates, current, key, focal,
            strategy, partners, scopes, attraction, pull, figures, stakes, purchasing, coopetition, known,
            lots, infrastructure, research, compartments, kept, capability_weight, members, place, partner, option,
            kind, group, saving, own, fee, factor, ces, values, trust, likeness, allowed, lucks, explore):
    """Lay out every charter that adds one candidate to a growing one; returns their number and that of members.

    The luck of staying is keyed by the chooser alone.
    """
    count, at, view = 0, 0, candidates.shape[1]
    for row in range(growing.size):
        k = growing[row]
        i = groups[k, 0]
        stay(row, current[0, k], current[1, k], uniform(luck, key[i], step), ces, values, trust, likeness, allowed,
             lucks)
        explore[row] = uniform(luck_explore, key[i], step)
        for c in range(view):  # types of one candidate one after the other, as `weigh` likes it
            j = candidates[k, c]
            welcome = j >= 0 and (focal[j] or partners[strategy[i]] != FOCAL_ONLY)
            if welcome:
                pair = fold(key[i], key[j])
            for t in range(choices.size):
                of, o = choices[t] if step == 1 else kinds[k], 1 + t * view + c
                allowed[row, o] = welcome and open_to[i, of] and open_to[j, of]
                if not allowed[row, o]:
                    ces[row, o] = values[row, o] = trust[row, o] = likeness[row, o] = 0.0
                    lucks[row, o] = 0.5
                    continue
                members[count, :step], members[count, step] = groups[k, :step], j
                place[count], partner[count], kind[count] = 0, j, of
                option[count] = row * allowed.shape[1] + o
                lucks[row, o] = uniform(luck, pair, step + KIND_STRIDE * of)
                scope = scopes[strategy[i]] if of == COOPETITION else 0
                at = expect(members[count], count, of, scope, UNSET, attraction, pull, figures, stakes, purchasing,
                            coopetition, known, lots, infrastructure, research, compartments, kept, capability_weight,
                            at, group, saving, own, fee, factor)
                count += 1
    return count, at


@kernel
def invite(luck, groups, size, kinds, key, focal, strategy, partners, scopes, attraction, pull, figures, stakes,
           purchasing, coopetition, known, lots, infrastructure, research, compartments, kept, capability_weight,
           members, place, partner, option, kind, group, saving, own, fee, factor, ces, values, trust,
           likeness, allowed, lucks, explore):
    """Lay out each charter once for each of its members; returns the number of members laid out."""
    count, at = 0, 0
    for k in range(size.size):
        proposer, of = groups[k, 0], kinds[k]
        scope = scopes[strategy[proposer]] if of == COOPETITION else 0
        for c in range(size[k]):
            i = groups[k, c]
            pair, first = fold(key[i], key[proposer]), KIND_STRIDE * of
            stay(count, 0.0, 0.0, uniform(luck, pair, first), ces, values, trust, likeness, allowed, lucks)
            explore[count] = 1.0  # no one explores
            allowed[count, 1], lucks[count, 1] = True, uniform(luck, pair, first + 1)
            if partners[strategy[i]] == FOCAL_ONLY:
                for j in groups[k, :size[k]]:
                    allowed[count, 1] = allowed[count, 1] and focal[j]
            members[count], place[count], partner[count], option[count] = groups[k], c, proposer, 2 * count + 1
            kind[count] = of
            at = expect(members[count], count, of, scope, UNSET, attraction, pull, figures, stakes, purchasing,
                        coopetition, known, lots, infrastructure, research, compartments, kept, capability_weight, at,
                        group, saving, own, fee, factor)
            count += 1
    return at


@inlined
def distances(charter, profile, scale, out):
    """Fill the distance of each pair of members by a profile of theirs, cut at 1; returns their mean."""
    pairs, total = 0, 0.0
    for a in range(charter.size):
        if charter[a] < 0:
            break
        for b in range(a):
            out[pairs] = profile_distance(profile[charter[a]], profile[charter[b]], scale)
            total += out[pairs]
            pairs += 1
    return total / pairs


@inlined
def as_before(charters, place, k):
    """Whether charter `k` is of the same members as the one before, weighed by the same."""
    same = k > 0 and place[k] == place[k - 1]
    for c in range(charters.shape[1]):
        same = same and charters[k, c] == charters[k - 1, c]
    return same


@kernel
def weigh(charters, place, partner, option, kind, saving, own, fee, factor, shares, mode, completeness, dashboard,
          penalty, pilot_months, prior_sd, administration, conduct, choice, fit, contract, culture, culture_scale,
          research, prior_weight, shield, leaks, weight, price_sensitivity, modularity, readiness, scaling, template,
          target, attraction, pull, capability, character, lesson, risk_aversion, cash, month_cost, margin, disposition,
          head, to, following, good, bad, ces, values, trust, likeness, allowed, monthly):
    """Fill the option of each charter and the monthly gain of the member in column `place`.

    `saving`, `own`, `fee`, `factor` and `shares` hold members one after the other. Members are taken to gain their
    share of the saving and their own gain, times the benefit the chooser expects, less fee and governance cost at
    the chooser's trust; what yields no gain is not allowed, and valued at 0. What is promised counts as what earlier
    alliances of the type delivered (`lesson`).
    """
    ces, values, trust, likeness = ces.ravel(), values.ravel(), trust.ravel(), likeness.ravel()
    allowed = allowed.ravel()
    detected = detection(dashboard, conduct)
    life = annuity(choice.expected_life, conduct.delta)
    first = annuity(pilot_months, conduct.delta)
    delay = conduct.delta**pilot_months
    width, at = charters.shape[1], 0
    (tie, gain, exposed, at_stake), apart = np.empty((4, width)), np.empty(width * (width - 1) // 2)
    for k in range(monthly.size):
        i, o, j = charters[k, place[k]], option[k], partner[k]
        if not as_before(charters, place, k):  # what is the same for all types
            size, confidence, modular, near = 0, 0.0, 0.0, disposition[i]  # where the proposer itself weighs
            for other in charters[k]:
                if other >= 0:
                    if other != i:
                        tie[size] = trust_in(i, other, disposition[i], prior_weight, head, to, following, good, bad)
                        confidence += tie[size]
                        if other == j:
                            near = tie[size]
                    modular += modularity[other]
                    size += 1
            confidence, modular = confidence / (size - 1), modular / size
            pairs, foreign = size * (size - 1) // 2, distances(charters[k], character, culture_scale, apart)
            common = contract_and_trust(completeness, confidence, contract) * cultural_discount(foreign, culture)
            everyday = common_rate(mode, size, completeness, confidence, administration)
            alike = overlap(attraction[i], attraction[j], pull)
            compared = foreseen = False
        trust[o], likeness[o], benefit = near, alike, common
        if kind[k] != PROCUREMENT:
            if not compared:
                distances(charters[k], capability, fit.scale, apart)
                compared = True
            close = 0.0
            for p in range(pairs):
                close += technology_fit(apart[p], kind[k], fit)
            benefit *= close / pairs
        benefit = success_chance(benefit, 1.0, research) if kind[k] == RND else benefit
        rate = everyday * type_factor(kind[k], administration)
        total, mine = 0.0, 0.0
        for m in range(at, at + size):
            total += saving[m]
        m = at
        for other in charters[k]:
            if other >= 0:
                gain[m - at] = benefit * (shares[m] * total + own[m]) - fee[m] - rate * factor[m]
                if other == i:
                    mine = gain[m - at]
                m += 1
        at = m
        monthly[k], allowed[o] = mine, allowed[o] and mine > 0.0
        ces[o] = values[o] = 0.0
        if not allowed[o]:
            continue
        if not foreseen:
            m = 0
            for other in charters[k]:
                if other >= 0:
                    if other != i:
                        exposed[m], at_stake[m] = prospect_of_leaks(
                            i, other, tie[m], modular, shield, capability, attraction, pull, weight, target,
                            price_sensitivity, life, conduct.delta, leaks)
                    m += 1
            foreseen = True
        loss, m = 0.0, 0
        for other in charters[k]:
            if other >= 0:
                if other != i:
                    taken = expected_loss(kind[k], gain[m], size, detected, penalty, tie[m], life, conduct, choice)
                    loss += (1.0 - tie[m]) * taken / (size - 1)
                    loss += (1.0 - tie[m]) * expected_leaks(kind[k], exposed[m], at_stake[m], leaks)
                m += 1
        after = (life - first) / delay
        wealth = max(cash[i], choice.reserve_months * month_cost[i], 1e-9)
        risk = prior_sd * margin[i] * after
        whole = setup_cost(charters[k], modularity, readiness, administration)
        setup = template_setup(whole, template[charters[k, 0], kind[k]], scaling)
        counted = mine * lesson[i, kind[k]]
        ces[o], values[o] = certainty_equivalent(
            setup / size, counted * first, counted * after - loss / delay, risk, delay, risk_aversion[i], wealth)
