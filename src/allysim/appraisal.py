"""What an alliance is worth to a firm before it joins (F6, F8): its part of the saving, less what it may cost.

A charter is a row of slots, -1 where no member. Those who grow charters and those who are asked to join
them face the options of the rule `partner_choice`; the luck of an option is keyed by chooser and partner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.draws import Purpose, fold, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.administration import governance_rate, size_factor
from allysim.mechanisms.choice import annuity, certainty_equivalent
from allysim.mechanisms.conduct import detection, expected_loss
from allysim.mechanisms.demand import overlap
from allysim.mechanisms.purchasing import price_rung
from allysim.mechanisms.scaling import template_setup
from allysim.rules.partner_choice import Options
from allysim.state import MODES, PROCUREMENT
from allysim.terms import looked_at, question
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel


class Charters(NamedTuple):
    """Charters to be weighed, each by one of its members, with room for what members yield."""

    members: Any  # int32 (c, s)
    place: Any    # int64 (c,), column of the member that weighs
    partner: Any  # int32 (c,), slot of the partner the luck is shared with
    option: Any   # int64 (c,), entry of the options, counted through
    group: Any    # int32 (c * s,), number of the charter, members one after the other
    saving: Any   # float64 (c * s,), k€/month each would save by itself
    fee: Any      # float64 (c * s,), k€/month
    revenue: Any  # float64 (c * s,), k€/month
    factor: Any   # float64 (c * s,), of size in governance cost


def brings(model: AllianceModel, free: Any) -> Any:
    """Return what each of the firms marked in `free` (n,) brings to a charter, (n, 5)."""
    firms, settings = model.state.firms, model.config
    buyer = np.empty((free.size, 5))
    take_stock(free, firms.list_price, firms.input_index, firms.learning, firms.output, firms.price,
               settings.purchasing, settings.administration, buyer)
    return buyer


def grow(model: AllianceModel, buyer: Any, groups: Any, growing: Any, step: int, candidates: Any,
         current: Any) -> Options:
    """Weigh every way of adding one of its candidates (k, v) to each growing charter of `step` members.

    Option 0 is to stay as it is, at the certainty equivalent and value in `current` (2, k).
    """
    firms = model.state.firms
    k, m = growing.size, candidates.shape[1]
    charters, options = _room(k * m, step + 1), blank_options(k, m + 1)
    count, members = lay_out(
        model.stream(Purpose.PARTNER), model.stream(Purpose.EXPLORE), groups, growing, step, candidates, current,
        firms.key, firms.focal, firms.strategy, model.focal_only, buyer, model.config.purchasing, *charters, *options)
    _weigh(model, charters, count, members, model.stream(Purpose.PARTNER), step, options)
    return options


def hear(model: AllianceModel, buyer: Any, groups: Any, size: Any) -> tuple[Options, Any]:
    """Weigh for each member of each charter (k, s), one after the other, to stay as it is (0) or to join (1).

    Returns the options and the monthly gain each expects, k€.
    """
    firms, invited = model.state.firms, int(size.sum())
    charters, options = _room(invited, groups.shape[1]), blank_options(invited, 2)
    members = invite(
        model.stream(Purpose.CONSENT), groups, size, firms.key, firms.focal, firms.strategy, model.focal_only, buyer,
        model.config.purchasing, *charters, *options)
    return options, _weigh(model, charters, invited, members, model.stream(Purpose.CONSENT), 1, options)


class Judged(NamedTuple):
    """What c charters are worth, each to one of its members; columns as those of `Options`."""

    certainty_equivalent: Any  # (1, c)
    value: Any                 # (1, c)
    trust: Any                 # (1, c)
    likeness: Any              # (1, c)
    allowed: Any               # (1, c)
    luck: Any                  # (1, c)
    monthly: Any               # (c,) k€/month the member expects to gain


def judge(model: AllianceModel, buyer: Any, groups: Any, place: Any, partner: Any, luck: Any, what: int) -> Judged:
    """Weigh given charters (c, s), each by its member in column `place` (c,), its luck shared with `partner` (c,)."""
    charters, options = _room(*groups.shape), blank_options(1, len(groups))
    charters = charters._replace(members=groups, place=place, partner=partner, option=np.arange(len(groups)))
    options.allowed.fill(True)
    members = expect_all(groups, buyer, model.config.purchasing, charters.group, charters.saving, charters.fee,
                         charters.revenue, charters.factor)
    monthly = _weigh(model, charters, len(groups), members, luck, what, options)
    return Judged(*options[:6], monthly)


def _room(charters: int, size: int) -> Charters:
    members = np.empty((charters, size), dtype=np.int32)
    place, option = np.empty((2, charters), dtype=np.int64)
    return Charters(members, place, np.empty(charters, dtype=np.int32), option,
                    np.empty(charters * size, dtype=np.int32), *np.empty((4, charters * size)))


def blank_options(k: int, m: int) -> Options:
    """Return room for m options of each of k firms."""
    ce, value, trust, likeness, luck = np.empty((5, k, m))
    return Options(ce, value, trust, likeness, np.empty((k, m), dtype=np.bool_), luck, np.empty(k))


def _weigh(model: AllianceModel, charters: Charters, count: int, members: int, luck: Any, what: int,
           options: Options) -> Any:
    """Put what `count` charters are worth into their options; returns the monthly gain of each, k€."""
    state, settings = model.state, model.config
    firms, ties, governance = state.firms, state.ties, settings.governance
    shares = model.ask("value_split", question(model, charters.members[:count], charters.saving[:members],
                                               charters.group[:members], looked_at(model)))
    monthly = np.empty(count)
    weigh(
        charters.members, charters.place, charters.partner, charters.option, charters.saving, charters.fee,
        charters.factor, shares, luck, what, MODES.index(governance.mode), governance.completeness,
        governance.dashboard, governance.penalty, settings.pilot.months, settings.pilot.prior_sd,
        settings.administration, settings.scaling, firms.template, settings.conduct, settings.choice,
        settings.trust.prior_weight, firms.key,
        firms.attraction, state.world.pull, firms.risk_aversion, firms.cash, firms.month_cost, firms.margin,
        firms.disposition, firms.ties, ties.to, ties.next, ties.good, ties.bad, options.certainty_equivalent,
        options.value, options.trust, options.likeness, options.allowed, options.luck, monthly)
    return monthly


@kernel
def take_stock(free, list_price, input_index, learning, output, price, purchasing, administration, buyer):
    """Fill what each free firm brings (n, 5).

    Columns are its spend at list price, the rung it has alone, its volume at this month's prices, its revenue
    (k€/month) and the factor of its size in governance cost.
    """
    for i in range(free.size):
        if free[i]:
            buyer[i, 0] = list_price[i] * output[i]
            buyer[i, 1] = price_rung(buyer[i, 0], purchasing)
            buyer[i, 2] = list_price[i] * input_index[i] * learning[i] * output[i]
            buyer[i, 3] = price[i] * output[i]
            buyer[i, 4] = size_factor(buyer[i, 3], administration)


@equation
def expect_saving(charter, k, buyer, purchasing, at, group, saving, fee, revenue, factor):
    """Fill what each member of charter `k` would save by itself, its fee and revenue, k€/month.

    Members stand one after the other from entry `at` on; returns the entry after the last.
    """
    spend = 0.0
    for i in charter:
        if i >= 0:
            spend += buyer[i, 0]
    pooled = price_rung(spend, purchasing)
    for i in charter:
        if i >= 0:
            alone, volume = buyer[i, 1], buyer[i, 2]
            saving[at] = (1.0 - purchasing.no_leverage) * (alone - pooled) * volume
            fee[at] = purchasing.fee * (alone * volume - saving[at])
            revenue[at], factor[at], group[at] = buyer[i, 3], buyer[i, 4], k
            at += 1
    return at


@kernel
def expect_all(groups, buyer, purchasing, group, saving, fee, revenue, factor):
    """Fill what each member of each charter would save by itself; returns the number of members."""
    at = 0
    for k in range(groups.shape[0]):
        at = expect_saving(groups[k], k, buyer, purchasing, at, group, saving, fee, revenue, factor)
    return at


@equation
def stay(row, ce, value, luck, ces, values, trust, likeness, allowed, lucks):
    """Fill option 0 of a chooser: to stay as it is."""
    ces[row, 0], values[row, 0], lucks[row, 0] = ce, value, luck
    trust[row, 0] = likeness[row, 0] = 0.0
    allowed[row, 0] = True


@kernel
def lay_out(luck, luck_explore, groups, growing, step, candidates, current, key, focal, strategy, focal_only, buyer,
            purchasing, members, place, partner, option, group, saving, fee, revenue, factor, ces, values, trust,
            likeness, allowed, lucks, explore):
    """Lay out every charter that adds one candidate to a growing one; returns their number and that of members.

    The luck of staying is keyed by the chooser alone.
    """
    count, at = 0, 0
    for row in range(growing.size):
        k = growing[row]
        i = groups[k, 0]
        stay(row, current[0, k], current[1, k], uniform(luck, key[i], step), ces, values, trust, likeness, allowed,
             lucks)
        explore[row] = uniform(luck_explore, key[i], step)
        for c in range(candidates.shape[1]):
            j, o = candidates[k, c], c + 1
            allowed[row, o] = j >= 0 and (focal[j] or not focal_only[strategy[i]])
            if j < 0:
                ces[row, o] = values[row, o] = trust[row, o] = likeness[row, o] = 0.0
                lucks[row, o] = 0.5
                continue
            members[count, :step], members[count, step] = groups[k, :step], j
            place[count], partner[count], option[count] = 0, j, row * (candidates.shape[1] + 1) + o
            at = expect_saving(members[count], count, buyer, purchasing, at, group, saving, fee, revenue, factor)
            count += 1
    return count, at


@kernel
def invite(luck, groups, size, key, focal, strategy, focal_only, buyer, purchasing, members, place, partner, option,
           group, saving, fee, revenue, factor, ces, values, trust, likeness, allowed, lucks, explore):
    """Lay out each charter once for each of its members; returns the number of members laid out."""
    count, at = 0, 0
    for k in range(size.size):
        proposer = groups[k, 0]
        for c in range(size[k]):
            i = groups[k, c]
            stay(count, 0.0, 0.0, uniform(luck, fold(key[i], key[proposer]), 0), ces, values, trust, likeness, allowed,
                 lucks)
            explore[count] = 1.0  # no one explores
            allowed[count, 1] = True
            if focal_only[strategy[i]]:
                for j in groups[k, :size[k]]:
                    allowed[count, 1] = allowed[count, 1] and focal[j]
            members[count], place[count], partner[count], option[count] = groups[k], c, proposer, 2 * count + 1
            at = expect_saving(members[count], count, buyer, purchasing, at, group, saving, fee, revenue, factor)
            count += 1
    return at


@kernel
def weigh(charters, place, partner, option, saving, fee, factor, shares, luck, what, mode, completeness, dashboard,
          penalty, pilot_months, prior_sd, administration, scaling, template, conduct, choice, prior_weight, key,
          attraction, pull, risk_aversion, cash, month_cost, margin, disposition, head, to, following, good, bad, ces,
          values, trust, likeness, allowed, lucks, monthly):
    """Fill the option of each charter and the monthly gain of the member in column `place`.

    `saving`, `fee`, `factor` and `shares` hold members one after the other. Members are taken to gain their
    share of the saving less fee and governance cost at the chooser's trust; what yields no gain is not allowed, and
    valued at 0.
    """
    ces, values, trust, likeness = ces.ravel(), values.ravel(), trust.ravel(), likeness.ravel()
    allowed, lucks = allowed.ravel(), lucks.ravel()
    detected = detection(dashboard, conduct)
    life = annuity(choice.expected_life, conduct.delta)
    first = annuity(pilot_months, conduct.delta)
    delay = conduct.delta**pilot_months
    at, tie, gain = 0, np.empty(charters.shape[1]), np.empty(charters.shape[1])
    for k in range(monthly.size):
        i, o, j = charters[k, place[k]], option[k], partner[k]
        size, confidence = 0, 0.0
        trust[o] = disposition[i]  # where the proposer itself weighs
        for other in charters[k]:
            if other >= 0:
                if other != i:
                    tie[size] = trust_in(i, other, disposition[i], prior_weight, head, to, following, good, bad)
                    confidence += tie[size]
                    if other == j:
                        trust[o] = tie[size]
                size += 1
        confidence /= size - 1
        rate = governance_rate(mode, size, completeness, confidence, administration)
        own, total = 0.0, 0.0
        for m in range(at, at + size):
            total += saving[m]
        m = at
        for other in charters[k]:
            if other >= 0:
                gain[m - at] = shares[m] * total - fee[m] - rate * factor[m]
                if other == i:
                    own = gain[m - at]
                m += 1
        at = m
        monthly[k], allowed[o] = own, allowed[o] and own > 0.0
        lucks[o] = uniform(luck, fold(key[i], key[j]), what)
        likeness[o] = overlap(attraction[i], attraction[j], pull)
        ces[o] = values[o] = 0.0
        if not allowed[o]:
            continue
        loss, m = 0.0, 0
        for other in charters[k]:
            if other >= 0:
                if other != i:
                    taken = expected_loss(gain[m], size, detected, penalty, tie[m], life, conduct, choice)
                    loss += (1.0 - tie[m]) * taken / (size - 1)
                m += 1
        after = (life - first) / delay
        wealth = max(cash[i], choice.reserve_months * month_cost[i], 1e-9)
        risk = prior_sd * margin[i] * after
        setup = template_setup(administration.setup, template[charters[k, 0], PROCUREMENT], scaling)
        ces[o], values[o] = certainty_equivalent(
            setup / size, own * first, own * after - loss / delay, risk, delay, risk_aversion[i], wealth)
