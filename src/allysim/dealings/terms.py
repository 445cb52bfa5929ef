"""Striking terms: what each member of an alliance is to get of what it yields, by the rule `value_split` (F19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.jit import equation, kernel
from allysim.mechanisms.benefit import matched
from allysim.mechanisms.coopetition import automated, pooling_ratio, reserve_cost
from allysim.mechanisms.infrastructure import replaced
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND
from allysim.mechanisms.purchasing import price_rung
from allysim.mechanisms.stock import foreseen, holding_cost, kept_in_common, safety_stock
from allysim.mechanisms.terms import unfairness
from allysim.rules.value_split import Shapley, Yields, leads
from allysim.state import AUTOMATION, CAPACITY, WAREHOUSING

if TYPE_CHECKING:
    from allysim.model import AllianceModel

NOTHING = 1e-9  # sum of shares, the greatest taken as 1, that leaves nothing to go by
NOTABLE = 1e-6  # change of a share, or of a flat fee in k€, that is told


class Struck(NamedTuple):
    """Terms of m members, one after the other."""

    agreed: Any      # (m,) share of what is left after flat fees
    flat: Any        # (m,) flat fee, k€/month
    unfairness: Any  # (m,) what the share falls short of the Shapley value; 0 where nobody minds


def looked_at(model: AllianceModel) -> bool:
    """Whether the rule looks at what members bring, and not just at who is with whom."""
    return not getattr(model.rules["value_split"], "blind", False)


def question(model: AllianceModel, groups: Any, kinds: Any, saving: Any, group: Any, looked: bool) -> Yields:
    """Return what the rule is asked for charters of `groups` (c, s), slots or -1, and fill `group` (m,).

    Charters are of types `kinds` (c,). `saving` (m,) is what members, one after the other, are expected to save by
    themselves, k€/month. What they bring is 0 where nobody looks at it, to save time, and what they buy where
    nothing is bought together.
    """
    firms = model.state.firms
    if not looked:
        fill_group(groups, group)
        brought: Any = (np.zeros(saving.size),) * 7
    else:
        brought = np.empty((7, saving.size))
        tabulate(groups, kinds, firms.price, firms.unit_cost, firms.output, firms.production, firms.sales, firms.cash,
                 firms.capability, firms.list_price, firms.input_index, firms.learning, brought, group)
    return Yields._make([saving, *brought, group, len(groups), model.config.purchasing])


def strike(model: AllianceModel, groups: Any, size: Any, alliances: Any, rows: Any) -> Struck:
    """Return the terms that members of `groups` (k, s), the first `size` (k,) of each row, agree on today.

    They are, or come to be, members of `alliances` (k,) by the memberships in `rows` (m,). In R&D there is no cash to
    share, and nobody minds.
    """
    state, settings, rule, m = model.state, model.config, model.rules["value_split"], int(size.sum())
    firms, kinds = state.firms, state.alliances.type[alliances]
    minded = settings.terms.resentment > 0.0 or settings.terms.separation > 0.0
    looked = minded or looked_at(model)
    asked = question(model, groups, kinds, np.zeros(m), np.empty(m, dtype=np.int32), looked)
    if looked:
        expect_savings(
            groups, size, kinds, state.alliances.scope[alliances], rows, state.memberships.saving, firms.month_cost,
            firms.replaced, firms.sales, firms.unit_cost, settings.customers.capacity, settings.purchasing,
            settings.coopetition, settings.infrastructure, settings.stock,
            float(foreseen(settings.data_sharing.shared, settings.stock)), asked.spend, asked.volume, asked.saving)
    shares = np.array(model.ask("value_split", asked))
    struck = Struck(shares, np.zeros(m), np.zeros(m))
    if minded:
        fall_short(Shapley().shares(asked), shares, struck.unfairness)
    if getattr(rule, "flat", False):
        lead = leads(asked.spend, asked.saving, asked.group, asked.groups)
        fix_fees(asked.saving, asked.group, asked.groups, lead, shares, struck.flat)
    if RND in kinds:
        agree_on_nothing(kinds, size, *struck)
    return struck


def write(model: AllianceModel, rows: Any, struck: Struck) -> None:
    """Put terms into the memberships in `rows` (m,)."""
    members = model.state.memberships
    members.agreed[rows], members.flat[rows], members.unfairness[rows] = struck


def reopen(model: AllianceModel, wanted: Any, told: bool = True) -> None:
    """Strike the terms of the alliances in `wanted` anew, as far as they live, among those who are still in."""
    state, members = model.state, model.state.memberships
    roster, most = state.roster, int(state.alliances.members[wanted].max())
    if not most:
        return
    groups, rows = np.empty((wanted.size, most), dtype=np.int32), np.empty(wanted.size * most, dtype=np.int32)
    size, living = np.empty(wanted.size, dtype=np.int64), np.empty(wanted.size, dtype=np.int32)
    k, m = take_seats(wanted, roster.alliances, roster.start, roster.rows, members.firm, members.left, groups, size,
                      rows, living)
    if not k:
        return
    groups, size, rows, living = groups[:k], size[:k], rows[:m], living[:k]
    struck, change, moved = strike(model, groups, size, living, rows), np.empty(k), np.empty(k, dtype=np.bool_)
    compare(size, rows, members.agreed, members.flat, struck.agreed, struck.flat, NOTABLE, change, moved)
    write(model, rows, struck)
    if told and moved.any():
        model.events.add("renegotiated", alliance=living[moved], amount=change[moved])


@kernel
def fill_group(groups, group):
    """Fill the charter of each member, one after the other."""
    m = 0
    for k in range(groups.shape[0]):
        for i in groups[k]:
            if i >= 0:
                group[m] = k
                m += 1


@kernel
def tabulate(groups, kinds, price, unit_cost, output, production, sales, cash, capability, list_price, input_index,
             learning, brought, group):
    """Fill what each member of each charter brings (7, m), in the order of the columns of `Yields`, and its charter."""
    m = 0
    for k in range(groups.shape[0]):
        for i in groups[k]:
            if i < 0:
                continue
            brought[0, m] = price[i] * output[i]
            brought[1, m] = (price[i] - unit_cost[i]) * output[i]
            brought[2, m] = max(0.0, cash[i])
            able = 0.0
            for c in range(capability.shape[1]):
                able += capability[i, c]
            brought[3, m] = able / capability.shape[1]
            brought[4, m] = sales[i]
            made = production[i] if kinds[k] == PROCUREMENT else 0.0  # others buy nothing together
            brought[5, m], brought[6, m] = list_price[i] * made, list_price[i] * input_index[i] * learning[i] * made
            group[m] = k
            m += 1


@kernel
def expect_savings(groups, size, kinds, scope, rows, saved, month_cost, replaced_by_all, sales, unit_cost, capacity,
                   purchasing, coopetition, infrastructure, stock, known, spend, volume, saving):
    """Fill what each member is expected to save by itself, before the benefit of the alliance, k€/month (m,).

    By pooled buying (F1), and as far as others match it by pooled reserves and stores (F3), automation, and shared
    infrastructure, where what the alliance itself has replaced counts as not replaced.
    """
    first, months = 0, safety_stock(stock)
    for k in range(size.size):
        end, joint, together = first + size[k], 0.0, 0.0
        for m in range(first, end):
            joint += spend[m]
            together += month_cost[groups[k, m - first]]
        pooling = 1.0 - pooling_ratio(size[k], coopetition.correlation)
        idle = pooling if scope[k] & CAPACITY else 0.0
        stored = 1.0 - kept_in_common(pooling, 1.0, known) if scope[k] & WAREHOUSING else 0.0
        for m in range(first, end):
            i = groups[k, m - first]
            match = matched(month_cost[i], together, size[k])
            if kinds[k] == PROCUREMENT:
                less = price_rung(spend[m], purchasing) - price_rung(joint, purchasing)
                saving[m] = (1.0 - purchasing.no_leverage) * less * volume[m]
            elif kinds[k] == COOPETITION:
                saving[m] = match * (idle * reserve_cost(month_cost[i], capacity, coopetition)
                                     + stored * holding_cost(months * sales[i], unit_cost[i], stock))
                if scope[k] & AUTOMATION:
                    saving[m] += automated(match * month_cost[i], 1.0, coopetition)
            elif kinds[k] == INFRASTRUCTURE:
                others = replaced_by_all[i] - saved[rows[m]]
                saving[m] = match * replaced(month_cost[i], others, 1.0, infrastructure)
        first = end


@kernel
def agree_on_nothing(kinds, size, agreed, flat, short):
    """Write equal shares of nothing for the members of R&D alliances."""
    first = 0
    for k in range(size.size):
        end = first + size[k]
        if kinds[k] == RND:
            agreed[first:end], flat[first:end], short[first:end] = 1.0 / size[k], 0.0, 0.0
        first = end


@kernel
def fall_short(fair, agreed, short):
    """Fill what each agreed share falls short of the fair one, (m,)."""
    for m in range(fair.size):
        short[m] = unfairness(fair[m], agreed[m])


@kernel
def fix_fees(saving, group, groups, lead, shares, flat):
    """Turn the expected shares of all but the lead of each alliance into flat fees (k€/month); it gets what is left."""
    total = np.zeros(groups)
    for m in range(group.size):
        total[group[m]] += saving[m]
    for m in range(group.size):
        leading = lead[group[m]] == m
        flat[m] = 0.0 if leading else shares[m] * total[group[m]]
        shares[m] = 1.0 if leading else 0.0


@kernel
def take_seats(wanted, alliances, start, listed, member, left, groups, size, rows, living):
    """Fill the members (slots and rows) of each wanted alliance in which two or more are left; returns k and m."""
    groups[:] = -1
    k, m, place = 0, 0, 0
    for a in np.sort(wanted):
        while alliances[place] != a:
            place += 1
        n = 0
        for r in listed[start[place]:start[place + 1]]:
            if left[r] < 0:
                groups[k, n], rows[m + n] = member[r], r
                n += 1
        if n >= 2:
            size[k], living[k] = n, a
            k, m = k + 1, m + n
        else:
            groups[k] = -1
    return k, m


@kernel
def relative(rows, agreed):
    """Return the shares that members in `rows` (m,) have agreed among them, as parts of 1.

    They are those agreed when terms were struck, in proportion, however many have left since; equal where they
    come to nothing.
    """
    top, whole = 0.0, 0.0
    for r in rows:
        top = max(top, agreed[r])
    parts = np.empty(rows.size)
    for m in range(rows.size):
        parts[m] = agreed[rows[m]] / top if top > 0.0 else 0.0
        whole += parts[m]
    for m in range(rows.size):
        parts[m] = parts[m] / whole if whole > NOTHING else 1.0 / rows.size
    return parts


@equation
def shortfall(unfairness, rows):
    """Return the greatest unfairness among the memberships in `rows`."""
    greatest = 0.0
    for r in rows:
        greatest = max(greatest, unfairness[r])
    return greatest


@kernel
def compare(size, rows, agreed, flat, new_agreed, new_flat, notable, change, moved):
    """Fill the greatest change of a share in each alliance (k,), and whether that or a change of a fee is notable."""
    first = 0
    for k in range(size.size):
        end = first + size[k]
        before, after = relative(rows[first:end], agreed), relative(np.arange(first, end), new_agreed)
        change[k], moved[k] = 0.0, False
        for m in range(first, end):
            change[k] = max(change[k], abs(after[m - first] - before[m - first]))
            moved[k] = moved[k] or abs(new_flat[m] - flat[rows[m]]) > notable
        moved[k] = moved[k] or change[k] > notable
        first = end
