"""F20 beyond the pilot: how scaled alliances admit members, and what governs adaptive ones."""

from __future__ import annotations

from typing import Any

from allysim.config import presets
from allysim.config.parameters import Governance
from twin.ecosystem import would_have
from twin.firm import TwinFirm
from twin.formation import Option, Search, sought
from twin.kinds import TYPES
from twin.membership import TwinMembership
from twin.terms import agree, template_setup
from twin.words import SCALED, STANDARDISED, Purpose

LEVELS = ("as signed", "standard", "heavy")


def befitting_level(alliance: Any) -> int:
    """Return how an adaptive alliance is to be governed at its stage and size, as a place in `LEVELS`."""
    if alliance.stage == SCALED and len(alliance.members) > alliance.model.config.scaling.heavy_above:
        return 2
    return 1 if alliance.stage in (STANDARDISED, SCALED) else 0


def govern(alliance: Any) -> None:
    """Change the governance of an adaptive alliance where another level befits it."""
    level = befitting_level(alliance)
    if alliance.governance_signed.adaptive and level not in (0, alliance.level):
        alliance.level = level
        alliance.governance = Governance(**presets.load("governance", LEVELS[level]))
        alliance.model.tell("governance changed", alliance=alliance.number, cause=LEVELS[level],
                            amount=float(len(alliance.members)))


def admissions(model: Any) -> None:
    """Let scaled alliances that were reviewed this month admit a firm that all want, one each."""
    scaling, pilot = model.config.scaling, model.config.pilot
    due = [a for a in model.living if a.stage == SCALED and a.gate_month == model.month + pilot.review
           and a.ending is None and len(a.members) < getattr(scaling, f"cap_{a.kind}")]
    if not due or not scaling.standardise:
        return
    open_to = {firm: sought(firm) for firm in model.firms}
    search = Search(model, dict.fromkeys(model.firms, TYPES))
    luck = model.luck.uniforms(Purpose.ADMIT, model.month)
    wanted: list[tuple[Any, list[TwinFirm], list[Any], TwinFirm]] = []
    for alliance in due:
        firms = [m.firm for m in alliance.members]
        first = firms.pop(int(luck[alliance.key, 0] * len(firms)))
        table = [first, *firms]
        current = [_kept(search, alliance, table, worth)
                   for worth in search.appraise(alliance, table, all_members=True, alliance=alliance)]
        entrant = _propose(search, alliance, table, current[0],
                           [firm for firm in model.firms if type(alliance) in open_to[firm] and firm not in table
                            and (not alliance.venture or alliance.venture.affordable(firm))])
        if entrant is not None and all(entrant is not other for *_, other in wanted):
            wanted.append((alliance, table, current, entrant))
    joining = []
    for alliance, table, current, entrant in wanted:
        gain = _ask_all(search, alliance, table, current, entrant)
        if gain is not None:
            joining.append((alliance, table, entrant, gain, agree(model, alliance, [*table, entrant], alliance)))
    for alliance, table, entrant, gain, terms in joining:
        _take_in(alliance, table, entrant, gain, terms)


def _kept(search: Search, alliance: Any, charter: list[TwinFirm], worth: Any) -> Any:
    """Return a charter's worth to one who has paid for its set-up long ago; nothing where it gains nothing."""
    if not search.model.above(worth.monthly, 0.0, "a charter must pay"):
        return worth._replace(certainty=0.0, value=0.0)
    return worth._replace(certainty=worth.certainty + template_setup(search.model, alliance, charter) / len(charter))


def _propose(search: Search, alliance: Any, table: list[TwinFirm], current: Any,
             free: list[TwinFirm]) -> TwinFirm | None:
    """Return whom the member that looks around would like to admit."""
    model, firm = search.model, table[0]
    luck = model.luck.uniforms(Purpose.ADMIT, model.month)
    view = search.look_around(firm, model.luck.stream(Purpose.ADMIT, model.month), free)
    if firm.strategy.partners == "focal":
        view = [other for other in view if other.focal]
    view = [other for other in view if would_have(firm, other, alliance.kind)]
    own = model.luck.folded[alliance.key, firm.key]
    options = [Option(None, None, current.certainty, current.value, luck[own, 0])]
    for other in view:
        worth = search.appraise(alliance, [*table, other], alliance=alliance)[0]
        if model.above(worth.monthly, 0.0, "a charter must pay"):
            worth = _kept(search, alliance, [*table, other], worth)
            pair = model.luck.folded[firm.key, other.key]
            options.append(Option(None, other, worth.certainty, worth.value, luck[pair, 2]))
    return search.choose(firm, options, luck[own, 1]).partner


def _ask_all(search: Search, alliance: Any, table: list[TwinFirm], current: list[Any],
             entrant: TwinFirm) -> float | None:
    """Ask the other members and the entrant; return what it expects to gain a month, None if somebody declines."""
    model, charter = search.model, [*table, entrant]
    luck = model.luck.uniforms(Purpose.ADMIT, model.month)
    worths = search.appraise(alliance, charter, all_members=True, alliance=alliance)
    for k, firm in enumerate(charter[1:], 1):
        partner, worth = table[0], worths[k]
        if firm is not entrant:
            partner, worth = entrant, _kept(search, alliance, charter, worth)
        stay = (0.0, 0.0) if firm is entrant else (current[k].certainty, current[k].value)
        pair = model.luck.folded[firm.key, partner.key]
        options = [Option(None, None, *stay, luck[pair, 0])]
        among_its_own = firm.strategy.partners != "focal" or all(other.focal for other in charter)
        at_issue = [other for other in charter if other is not firm] if firm is entrant else [entrant]
        content = among_its_own and all(would_have(firm, other, alliance.kind) for other in at_issue)
        if content and model.above(worth.monthly, 0.0, "a charter must pay"):
            options.append(Option(None, partner, worth.certainty, worth.value, luck[pair, 1]))
        if search.choose(firm, options).partner is None:
            model.tell("declined", firm.key, alliance.number)
            return None
    return worths[-1].monthly


def _take_in(alliance: Any, table: list[TwinFirm], entrant: TwinFirm, gain: float, terms: list[Any]) -> None:
    """Make a firm a member, for its part of the set-up, on terms that are new for all."""
    model, size = alliance.model, len(table) + 1
    cost = template_setup(model, alliance, [*table, entrant]) / size
    entrant.pay_setup(cost)
    alliance.spent += cost
    whole = sum(m.share for m in alliance.members)
    for m in alliance.members:
        m.share *= (size - 1) / size
    TwinMembership(entrant, alliance, whole / size, model.month, gain).booked["set-up"] -= cost
    by_firm = dict(zip([*table, entrant], terms, strict=True))
    for m in alliance.members:
        m.terms = by_firm[m.firm]
    for firm in table:
        entrant.meet(firm)
    if alliance.venture:
        alliance.venture.take_in(alliance.members[-1])
    model.tell("admitted", entrant.key, alliance.number, amount=cost)
