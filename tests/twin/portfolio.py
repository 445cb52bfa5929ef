"""F26, F20: a firm's alliances as a portfolio, and what its strategy says of the pilots that it proposes."""

from __future__ import annotations

from typing import Any

from twin.words import COOPETITION, INFRASTRUCTURE, PILOT, PROCUREMENT, RND

STEADY, BETWEEN, MOONSHOT = "steady", "between", "moonshot"
CLASSES = (STEADY, BETWEEN, MOONSHOT)
SAME = 1e-9  # shares that differ by less are the same


def class_of(kind: str, scope: tuple[str, ...]) -> str:
    """Return the label of an alliance of some type, a co-opetition one of some scope."""
    if kind == COOPETITION and set(scope) == {"marketing"}:
        return STEADY
    return {PROCUREMENT: STEADY, COOPETITION: BETWEEN, INFRASTRUCTURE: BETWEEN, RND: MOONSHOT}[kind]


def attended(firm: Any) -> float:
    """F26: at what part of its benefit a firm works each of its alliances."""
    crowd = len(firm.memberships)
    if crowd <= firm.attention:
        return 1.0
    return (firm.attention / crowd) ** firm.model.config.portfolio.thinning


def mean_attention(members: list[Any]) -> float:
    """F26: what members' attention leaves of the benefit of their alliance."""
    return sum(attended(m.firm) for m in members) / len(members)


def has_time(firm: Any) -> bool:
    """F26: whether a firm takes on another alliance."""
    return len(firm.memberships) < firm.attention * firm.strategy.stretch


def targets(firm: Any) -> dict[str, float]:
    """F26: the share that each class is to have, among the classes that the firm's strategy seeks."""
    strategy, steady = firm.strategy, firm.model.config.portfolio.barbell
    wanted = {
        "steady": {STEADY: 1.0}, "moonshot": {MOONSHOT: 1.0}, "barbell": {STEADY: steady, MOONSHOT: 1.0 - steady},
        "seventy_twenty_ten": {STEADY: .7, BETWEEN: .2, MOONSHOT: .1},
    }[strategy.portfolio]
    wanted = {of: wanted.get(of, 0.0) for of in CLASSES}
    sought = {class_of(kind, strategy.scope) for kind in strategy.seek}
    whole = sum(wanted[of] for of in CLASSES if of in sought)
    if whole <= 0.0:
        return wanted
    return {of: wanted[of] / whole if of in sought else 0.0 for of in CLASSES}


def short(firm: Any) -> dict[str, float]:
    """F26: by how much each class is below its share of the alliances in which no notice runs."""
    lasting = [class_of(m.alliance.kind, m.alliance.scope) for m in firm.memberships
               if m.leaving is None and m.alliance.ending is None]
    held = {of: lasting.count(of) / len(lasting) if lasting else 0.0 for of in CLASSES}
    return {of: target - held[of] for of, target in targets(firm).items()}


def within(firm: Any, types: list[Any]) -> list[Any]:
    """F26: return those of the types that a firm may join which its portfolio lacks most."""
    if firm.strategy.portfolio == "none":
        return types
    open_to = {kind: class_of(kind.kind, firm.strategy.scope) for kind in types}
    lacking, aims = short(firm), targets(firm)
    chosen = None
    for of in CLASSES:
        at_all = of in open_to.values() and aims[of] > 0.0 and lacking[of] > -SAME
        if at_all and (chosen is None or lacking[of] > lacking[chosen] + SAME):
            chosen = of
    return [kind for kind in types if open_to[kind] == chosen]


def rebalance(model: Any) -> None:
    """F26: let firms at their review give notice in one alliance of the class they have far too many of."""
    rules = model.config.portfolio
    for firm in model.firms:
        strategy = firm.strategy
        if not strategy.rebalance or strategy.portfolio == "none" or (model.month + firm.search_phase) % rules.review:
            continue
        lasting = sum(m.leaving is None and m.alliance.ending is None for m in firm.memberships)
        over = {of: -lack for of, lack in short(firm).items()  # by a whole alliance at least
                if -lack > rules.tolerance + SAME and -lack * lasting > 1.0 - SAME}
        most = None
        for of, by in over.items():
            if most is None or by > over[most] + SAME:
                most = of
        worst = None
        for m in firm.memberships:
            alliance = m.alliance
            running = alliance.stage != PILOT and alliance.ending is None and m.leaving is None
            if running and class_of(alliance.kind, alliance.scope) == most and (
                    worst is None or model.above(worst.alliance.belief, alliance.belief, "least believed")):
                worst = m
        if worst is not None:
            worst.leaving, worst.cause = model.month + worst.alliance.governance.notice, "portfolio"
            model.tell("withdrew", firm.key, worst.alliance.number, most, worst.alliance.belief)


def somebody_prunes(alliance: Any) -> bool:
    """F26: whether a member ends the alliance once it has failed two reviews."""
    return any(m.firm.strategy.prune for m in alliance.members)


def pilot_members(firm: Any) -> int:
    """F20: up to how many members a charter has that a firm proposes."""
    return firm.strategy.pilot_members or firm.model.config.pilot.members


def pilot_months(firm: Any) -> int:
    """F20: how long a pilot runs that a firm proposes."""
    return firm.strategy.pilot_months or firm.model.config.pilot.months


def budget_months(firm: Any) -> float:
    """F20: for how many months of governance its budget lasts: in proportion to its length."""
    pilot = firm.model.config.pilot
    return pilot.budget_months * (pilot_months(firm) / pilot.months)
