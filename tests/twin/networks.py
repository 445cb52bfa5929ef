"""Month 0 of a world that starts from a real network: which alliances run on its date, and who is in them."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter, defaultdict
from typing import Any

from twin.alliances import TwinAlliance
from twin.firm import introduce
from twin.kinds import TYPES
from twin.membership import TwinMembership
from twin.words import KINDS, RUNNING


def names(config: Any) -> list[str]:
    """Return the names of firms that have one, by slot: the user's own, then others of the network as it runs."""
    found = list(config.own.names) if config.own else []
    known = {name.casefold() for name in found}
    for spell in running(config):
        if spell.firm.casefold() not in known:
            known.add(spell.firm.casefold())
            found.append(spell.firm)
    return found


def running(config: Any) -> list[Any]:
    """Return the spells of month 0 as the file has them, but for alliances that have one member on the date."""
    if config.network is None:
        return []
    today = month_zero(config)
    live = [spell for spell in config.network.spells
            if day(spell.joined) <= today and (spell.left is None or today < day(spell.left))]
    members = Counter(spell.alliance for spell in live)
    return [spell for spell in live if members[spell.alliance] > 1]


def embed(model: Any) -> None:
    """Let the alliances of month 0 run, as old as they are in life; no money flows, no one has evidence of another."""
    spells, today = running(model.config), month_zero(model.config)
    firms = {name.casefold(): firm for name, firm in zip(names(model.config), model.firms, strict=False)}
    begun = {}  # the first day of each alliance, by the first spell of all
    for spell in model.config.network.spells:
        begun[spell.alliance] = min(day(spell.joined), begun.get(spell.alliance, day(spell.joined)))
    whole: dict[str, float] = defaultdict(float)
    alliances: dict[str, TwinAlliance] = {}
    for spell in spells:
        whole[spell.alliance] += spell.share
        if spell.alliance not in alliances:
            kind = spell.type or model.config.alliances.type
            alliances[spell.alliance] = _resume(model, spell.alliance, kind,
                                                months_between(begun[spell.alliance], today))
    for spell in sorted(spells, key=lambda spell: day(spell.joined)):  # those of one day as in the file
        TwinMembership(firms[spell.firm.casefold()], alliances[spell.alliance], spell.share / whole[spell.alliance],
                       -months_between(day(spell.joined), today))
    for firm in firms.values():
        firm.attention = max(firm.attention, len(firm.memberships))
    for alliance in alliances.values():
        alliance.founders = len(alliance.members)
        alliance.sign([m.firm for m in alliance.members])
        introduce(sorted((m.firm for m in alliance.members), key=lambda firm: firm.slot))
        alliance.describe()
        alliance.strike()


def _resume(model: Any, name: str, kind: str, age: int) -> TwinAlliance:
    """Return an alliance past its pilot, with no member as yet; its hidden draws go by its type and name."""
    number = int.from_bytes(hashlib.blake2b(name.casefold().encode(), digest_size=8).digest(), "little")
    key = model.luck.folded[model.luck.folded[0, KINDS.index(kind)], number]
    alliance = TYPES[KINDS.index(kind)](model, key, -age, model.config.pilot.review)
    alliance.stage, alliance.go = RUNNING, -age
    return alliance


def month_zero(config: Any) -> datetime.date:
    """Return the date of month 0: the one given, or that on which all spells begin."""
    return day(config.alliances.date or config.network.spells[0].joined)


def day(text: str) -> datetime.date:
    """Return the date of an ISO text."""
    return datetime.date.fromisoformat(text)


def months_between(first: datetime.date, last: datetime.date) -> int:
    """Return the whole months from one date to a later one."""
    started = (last.year - first.year) * 12 + last.month - first.month
    return started if last.day >= first.day else started - 1
