"""Part of phase 4: lots let by tender, to firms alone and to rivals that bid together.

Reads capacity, production, disrupted, outage, price, unit_cost, home, the roster and alliances' scope; writes firms'
spare, lots, lot_revenue and lot_margin, adds lots to production and experience, and writes the world's lot_price and
lot_bids and memberships' booked. A lot is made to order: it takes nothing from stock, and nothing from the orders of
the market, which come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from allysim.draws import Purpose, fold, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.kinds import COOPETITION
from allysim.mechanisms.tendering import can_serve, lot_volume, lots_let, spare_capacity, winning_chance
from allysim.state import LOTS, TENDERING

if TYPE_CHECKING:
    from allysim.model import AllianceModel

MOST = 64  # more than a segment lets in a month
GOOD, RANK = 0, 1  # numbers of a bidder's draws for a lot


def tender(model: AllianceModel) -> None:
    """Let the month's lots, each to one of those whose bid is good."""
    state, settings, world = model.state, model.config, model.state.world
    firms, members, alliances, roster, rules = (state.firms, state.memberships, state.alliances, state.roster,
                                                settings.tendering)
    if rules.rate == 0.0 and not world.lots_let:
        return
    world.lots_let = rules.rate > 0.0
    take_bearings(rules, settings.environment.disruption_loss, firms.capacity, firms.production, firms.disrupted,
                  firms.outage, firms.price, firms.home, firms.spare, firms.lots, firms.lot_revenue, firms.lot_margin,
                  world.lot_price, world.lot_bids)
    if not world.lots_let:
        return
    most = int(np.diff(roster.start).max(initial=1)) * (int(rules.rate) + 1) * world.lot_price.size
    slots, rows = np.empty((2, most), dtype=np.int32)
    paid = np.empty(most)
    count = award(
        model.stream(Purpose.TENDER), model.stream(Purpose.TENDER_WIN), rules,
        lot_volume(rules.size, world.small_sales), roster.alliances, roster.start, roster.rows,
        members.firm, alliances.key, alliances.type, alliances.scope, firms.coopetition, firms.key, firms.home,
        firms.unit_cost, firms.experience_unit, firms.spare, world.lot_price, world.lot_bids, firms.production,
        firms.experience, firms.lots, firms.lot_revenue, firms.lot_margin, members.booked, slots, rows, paid)
    if count:
        slots, rows = slots[:count], rows[:count]
        together = rows >= 0
        model.events.add("won a lot", firm=firms.key[slots].astype(np.int64),
                         alliance=np.where(together, members.alliance[rows], -1),
                         cause=["together" if joint else "alone" for joint in together.tolist()], amount=paid[:count])


@kernel
def take_bearings(rules, loss, capacity, production, disrupted, outage, price, home, spare, lots, revenue, margin,
                  lot_price, bids):
    """Begin the month's tenders: nobody has won, and each firm has what capacity it can spare; 0 if none are let.

    The price of a segment's lots follows the mean price of the firms at home there; 0 where there are none.
    """
    count = np.zeros(lot_price.size)
    lot_price[:] = 0.0
    bids[:] = 0.0
    for i in range(spare.size):
        spare[i] = lots[i] = revenue[i] = margin[i] = 0.0
        if rules.rate > 0.0:
            works = (1.0 - loss if disrupted[i] > 0 else 1.0) * (1.0 - outage[i])
            spare[i] = spare_capacity(capacity[i], works, production[i])
            lot_price[home[i]] += price[i]
            count[home[i]] += 1.0
    for s in range(lot_price.size):
        if count[s] > 0.0:
            lot_price[s] *= rules.price / count[s]


@kernel
def award(luck, luck_win, rules, volume, alliances, start, rows, member, alliance_key, kind, scope, sells_with, key,
          home, unit_cost, experience_unit, spare, price, bids, production, experience, lots, revenue, margin, booked,
          won, via, paid):
    """Let the lots of all segments, one after the other, and fill who won a part, as what member, and its revenue.

    The row of the membership is -1 where a firm won by itself. Sets `bids`, the good bids to be expected for a first
    lot; returns the number of parts won.
    """
    left, alone = spare.copy(), np.empty(spare.size, dtype=np.bool_)
    together = np.empty(alliances.size, dtype=np.int64)
    count = 0
    for s in range(price.size):
        call_for_bids(s, volume, price[s], alliances, start, rows, member, kind, scope, sells_with, home, unit_cost,
                      spare, together, alone)
        bids[s] = good_bids(rules.chance, together, alone)
        for number in range(lots_let(rules.rate, uniform(luck, np.uint64(s), 0))):
            call_for_bids(s, volume, price[s], alliances, start, rows, member, kind, scope, sells_with, home, unit_cost,
                          left, together, alone)
            k, i = choose(luck_win, np.uint64(MOST * s + number), rules.chance, together, alone, alliances,
                          alliance_key, key)
            if i >= 0:
                won[count], via[count], paid[count] = i, -1, volume * price[s]
                make(i, volume, price[s], experience_unit, left, production, experience, lots, revenue)
                count += 1
            if k < 0:
                continue
            whole = 0.0
            for r in rows[start[k]:start[k + 1]]:
                j = member[r]
                if sells_with[j] == alliances[k] and can_serve(left[j], unit_cost[j], price[s]):
                    whole += left[j]
            for r in rows[start[k]:start[k + 1]]:
                j = member[r]
                if sells_with[j] == alliances[k] and can_serve(left[j], unit_cost[j], price[s]):
                    part = volume * left[j] / whole
                    won[count], via[count], paid[count] = j, r, part * price[s]
                    make(j, part, price[s], experience_unit, left, production, experience, lots, revenue)
                    margin[j] += part * (price[s] - unit_cost[j])
                    booked[r, LOTS] += part * (price[s] - unit_cost[j])
                    count += 1
    return count


@equation
def call_for_bids(s, volume, price, alliances, start, rows, member, kind, scope, sells_with, home, unit_cost, left,
                  together, alone):
    """Fill how many firms bid together for a lot in each alliance (k,), 0 where it does not bid, and who bids alone.

    An alliance takes two members with capacity to spare, one of them at home in the segment, and enough of it
    together. Its members do not bid against it.
    """
    for i in range(left.size):
        alone[i] = home[i] == s and left[i] >= volume and can_serve(left[i], unit_cost[i], price)
    for k in range(alliances.size):
        a, whole, bidders, at_home = alliances[k], 0.0, 0, False
        together[k] = 0
        if kind[a] != COOPETITION or not scope[a] & TENDERING:
            continue
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            if sells_with[i] == a and can_serve(left[i], unit_cost[i], price):
                whole += left[i]
                bidders += 1
                at_home = at_home or home[i] == s
        if bidders >= 2 and at_home and whole >= volume:
            together[k] = bidders
            for r in rows[start[k]:start[k + 1]]:
                if sells_with[member[r]] == a:
                    alone[member[r]] = False


@equation
def good_bids(chance, together, alone):
    """Return how many of those who bid are expected to bid well."""
    total = 0.0
    for bidders in together:
        total += winning_chance(bidders, chance)
    for bids in alone:
        total += chance if bids else 0.0
    return total


@equation
def choose(luck, lot, chance, together, alone, alliances, alliance_key, key):
    """Return who wins a lot: the place of an alliance and -1, or -1 and the slot of a firm; -1 twice if nobody does.

    Among those whose bid is good it is the one with the lowest draw.
    """
    best, k_won, i_won = 2.0, -1, -1
    for k in range(together.size):
        if together[k] > 0:
            who = fold(alliance_key[alliances[k]], lot)
            if uniform(luck, who, GOOD) < winning_chance(together[k], chance) and uniform(luck, who, RANK) < best:
                best, k_won = uniform(luck, who, RANK), k
    for i in range(alone.size):
        if alone[i]:
            who = fold(key[i], lot)
            if uniform(luck, who, GOOD) < chance and uniform(luck, who, RANK) < best:
                best, k_won, i_won = uniform(luck, who, RANK), -1, i
    return k_won, i_won


@equation
def make(i, units, price, experience_unit, left, production, experience, lots, revenue):
    """Let the firm in slot `i` make so many units of a lot, learn by it, and be paid."""
    left[i] = max(0.0, left[i] - units)
    production[i] += units
    experience[i] += units / experience_unit[i]
    lots[i] += units
    revenue[i] += units * price
