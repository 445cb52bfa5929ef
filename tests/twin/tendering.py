"""Lots let by tender: who bids, alone or together, who wins and makes them, and what bidding together is worth."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from twin.firm import TwinFirm
from twin.words import SEGMENTS, Purpose

GOOD, RANK = 0, 1
NUMBERED = 64  # lots a segment has numbers for


class Bid(NamedTuple):
    """What a firm or the members of an alliance offer for a lot."""

    key: int
    makers: list[Any]  # firms
    alliance: Any = None

    def chance(self, rules: Any) -> float:
        """Return the chance that it is good: that one of so many independent bids were."""
        return 1.0 - (1.0 - rules.chance) ** len(self.makers)


def tender(model: Any) -> None:
    """Let the month's lots, one segment after the other."""
    rules = model.config.tendering
    for firm in model.firms:
        firm.spare = firm.lots = firm.lot_revenue = firm.lot_margin = 0.0
    model.lot_price, model.lot_bids = [0.0] * len(SEGMENTS), [0.0] * len(SEGMENTS)
    if rules.rate == 0.0:
        return
    for firm in model.firms:
        works = (1.0 - model.config.environment.disruption_loss if firm.disrupted > 0 else 1.0) * (1.0 - firm.outage)
        firm.spare = max(0.0, firm.capacity * works - firm.production)
    left = {firm: firm.spare for firm in model.firms}
    for s in range(len(SEGMENTS)):
        prices = [firm.price for firm in model.firms if firm.home == s]
        model.lot_price[s] = rules.price * sum(prices) / len(prices) if prices else 0.0
        model.lot_bids[s] = sum(bid.chance(rules) for bid in bids_for(model, s, {f: f.spare for f in model.firms}))
    for s in range(len(SEGMENTS)):
        drawn = model.luck.uniforms(Purpose.TENDER, model.month)[s, 0]
        for number in range(int(rules.rate) + (drawn < rules.rate - int(rules.rate))):
            let(model, s, number, left)


def volume(config: Any) -> float:
    """Return the volume of a lot, in what a median small firm sells a month."""
    return config.tendering.size * config.firms.small_revenue


def serves(firm: TwinFirm, spare: float, price: float) -> bool:
    """Return whether a firm would make something of a lot: it can spare capacity and loses nothing by it."""
    return spare > 0.0 and price > firm.unit_cost


def bids_for(model: Any, segment: int, left: dict[TwinFirm, float]) -> list[Bid]:
    """Return the bids for a lot: of alliances, and of firms at home there whose alliance does not bid."""
    price, asked = model.lot_price[segment], volume(model.config)
    bids: list[Bid] = []
    for alliance in model.living:
        if "tendering" not in alliance.scope:
            continue
        makers = [m.firm for m in alliance.members if alliance.takes_part(m) and serves(m.firm, left[m.firm], price)]
        if len(makers) < 2 or all(firm.home != segment for firm in makers):
            continue
        if not model.above(asked, sum(left[firm] for firm in makers), "capacity for a lot, together"):
            bids.append(Bid(alliance.key, makers, alliance))
    bound = {m.firm for bid in bids for m in bid.alliance.members if bid.alliance.takes_part(m)}
    for firm in model.firms:
        able = firm.home == segment and firm not in bound and serves(firm, left[firm], price)
        if able and not model.above(asked, left[firm], "capacity for a lot, alone"):
            bids.append(Bid(firm.key, [firm]))
    return bids


def let(model: Any, segment: int, number: int, left: dict[TwinFirm, float]) -> None:
    """Let one lot to the bid with the lowest rank among those that are good, and have it made."""
    rules, price, asked = model.config.tendering, model.lot_price[segment], volume(model.config)
    luck = model.luck.uniforms(Purpose.TENDER_WIN, model.month)
    lot = NUMBERED * segment + number
    good = []
    for bid in bids_for(model, segment, left):
        who = model.luck.folded[bid.key, lot]
        if model.above(bid.chance(rules), luck[who, GOOD], "bid for a lot"):
            good.append((luck[who, RANK], bid))
    if not good:
        return
    winner = min(good, key=lambda pair: pair[0])[1]
    whole = sum(left[firm] for firm in winner.makers)
    parts = {firm: asked * left[firm] / whole for firm in winner.makers}
    for firm, part in parts.items():
        left[firm] = max(0.0, left[firm] - part)
        firm.production += part
        firm.experience += part / firm.experience_unit
        firm.lots += part
        firm.lot_revenue += part * price
        if winner.alliance:
            margin = part * (price - firm.unit_cost)
            firm.lot_margin += margin
            next(m for m in winner.alliance.members if m.firm is firm).booked["lots"] += margin
        model.tell("won a lot", firm.key, winner.alliance.number if winner.alliance else -1,
                   "together" if winner.alliance else "alone", part * price)


def gain_by_bidding(model: Any, firms: list[TwinFirm], firm: TwinFirm) -> float:
    """Return what a firm expects to gain a month by bidding with others: its part, less what it would win alone."""
    rules, asked, gain = model.config.tendering, volume(model.config), 0.0
    for s, price in enumerate(model.lot_price):
        makers = [other for other in firms if serves(other, other.spare, price)]
        spare = sum(other.spare for other in makers)
        if len(makers) < 2 or all(other.home != s for other in makers) or firm not in makers:
            continue
        if model.above(asked, spare, "capacity for lots to come, together"):
            continue
        rivals = max(0.0, model.lot_bids[s] - rules.chance)
        left_over = -math.expm1(-rivals) / rivals if rivals > 0.0 else 1.0
        margin = price - firm.unit_cost
        units = Bid(0, makers).chance(rules) * asked * firm.spare / spare
        if firm.home == s and not model.above(asked, firm.spare, "capacity for lots to come, alone"):
            units -= rules.chance * asked
        gain += rules.rate * left_over * units * margin
    return gain
