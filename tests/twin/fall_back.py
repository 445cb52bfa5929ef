"""F17: a failing alliance may go on as a procurement pool or as co-marketing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from twin.formation import Search
from twin.kinds import Coopetition, Procurement
from twin.terms import agree
from twin.words import PILOT, RUNNING, SEEN

LESSER = ((Procurement, (), "procurement"), (Coopetition, ("marketing",), "marketing"))


def why_it_ends(alliance: Any) -> str | None:
    """Return why an alliance would end this month, if that is for its results."""
    model, month = alliance.model, alliance.model.month
    if alliance.stage == PILOT or alliance.venture or any(m.conduct == SEEN for m in alliance.members):
        return None
    remain = 0
    for m in alliance.members:
        goes = m.leaving
        if goes is None and m.gain_months and not model.above(m.gain, 0.0, "gain from staying"):
            goes = month + alliance.governance.notice
        stays = goes is None or goes > month
        if not stays and m.cause == "portfolio":
            return None
        remain += stays
    if alliance.ending is not None and alliance.ending <= month:
        return "kpi" if alliance.cause == "kpi" else None
    return "no gain" if remain < 2 else None


def fall_back(alliance: Any) -> None:
    """Let those members that seek a lesser form of alliance and are in no other go on in it, if all of them gain."""
    model, cause = alliance.model, why_it_ends(alliance)
    if cause is None:
        return
    best = None
    for kind, scope, name in LESSER:
        if alliance.kind == kind.kind and alliance.scope == scope:
            continue
        staying = [m for m in alliance.members if kind.kind in m.firm.strategy.seek
                   and m.firm.oldest(kind.kind) in (None, m)]
        if len(staying) < 2:
            continue
        firms = [m.firm for m in staying]
        plan = SimpleNamespace(scope=scope, members=[])
        search = Search(model, {firm: [kind] for firm in firms})
        gains = [worth.monthly for worth in search.appraise(kind, firms, all_members=True, alliance=plan)]
        if all(model.above(gain, 0.0, "fall back") for gain in gains):
            total = sum(gains)
            if best is None or model.above(total, best[0], "fall back on which"):
                best = total, kind, scope, name, staying, gains
    if best is not None:
        model.tell("fell back", alliance=alliance.number, cause=f"{cause}, {best[3]}", amount=best[0])
        turn(alliance, *best[1:3], *best[4:])


def turn(alliance: Any, kind: type, scope: tuple[str, ...], staying: list[Any], gains: list[float]) -> None:
    """Make another type of an alliance for those who stay; the others leave now."""
    model, pilot = alliance.model, alliance.model.config.pilot
    alliance.__class__ = kind
    alliance.scope, alliance.stage = scope, RUNNING
    alliance.standardised = alliance.scaled = alliance.ending = None
    alliance.cause, alliance.good_reviews, alliance.low_reviews = "", 0, 0
    alliance.gate_month = model.month + pilot.review
    alliance.prior_mean, alliance.prior_variance = pilot.prior_mean, pilot.prior_sd**2
    alliance.belief, alliance.belief_sd = pilot.prior_mean, pilot.prior_sd
    alliance.signals, alliance.signal_sum = 0, 0.0
    for m in alliance.members:
        m.leaving = None if m in staying else model.month
    plan = SimpleNamespace(scope=scope, members=[])
    agreed = agree(model, kind, [m.firm for m in staying], plan)
    for m, gain, terms in zip(staying, gains, agreed, strict=True):
        m.gain, m.gain_months, m.terms, m.cause = gain, 0, terms, ""
        m.renew_baseline()
