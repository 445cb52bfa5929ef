"""Phase 10: firms with attention to spare look for partners, propose charters, and found what all accept (F6, F8).

All searches of a month see the same world; proposals are then taken up in a keyed order.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from twin.ecosystem import consider, lesson, places, self_image, would_have
from twin.equations import (
    compatibility,
    contract_and_trust,
    detection,
    discount,
    governance_rate,
    mean_temptation,
    normal_cdf,
    size_factor,
    stakes,
    worth_of_honesty,
)
from twin.firm import TwinFirm, price_rung
from twin.kinds import TYPES, Research, Yield
from twin.leaks import expected_leaks
from twin.market import overlap
from twin.portfolio import has_time, pilot_members, within
from twin.terms import shares, template_setup
from twin.words import KINDS, RUNNING, Purpose

ATTEMPTS = 8       # draws for each place in view
DRAWS_BY_TYPE = 16 # numbers of draws set aside for each type


class Worth(NamedTuple):
    """What a charter is worth to one of its members: certainty equivalent, value before risk (k€), k€ a month."""

    certainty: float
    value: float
    monthly: float


class Option(NamedTuple):
    """One thing a firm may choose: to add a partner in a charter of some type, or to stay as it is."""

    kind: Any
    partner: TwinFirm | None
    certainty: float
    value: float
    luck: float  # U(0, 1)


class Brings(NamedTuple):
    """What a firm brings to any charter of the month."""

    spend: float   # at month-0 list price, k€
    alone: float   # the rung of the price schedule that it reaches by itself
    volume: float  # its bought inputs at the list price of the month, k€
    revenue: float
    size: float    # what its revenue makes of its governance cost
    stakes: dict[str, float]  # what it has at stake in each capability, k€; empty where nobody seeks R&D


class Search:
    """What all searches of a month have in common."""

    def __init__(self, model: Any, open_to: dict[TwinFirm, list[Any]]) -> None:
        config = model.config
        self.model, self.open_to = model, open_to
        self.visible = model.luck.stream(Purpose.VISIBLE, model.month)
        delta = config.conduct.delta
        self.detected = detection(config.governance.dashboard, config.conduct)
        self.life = annuity(config.choice.expected_life, delta)
        self.pilot_life = annuity(config.pilot.months, delta)
        self.delay = delta**config.pilot.months
        self.after = (self.life - self.pilot_life) / self.delay
        self.dh = discount(delta, 1.0 / config.choice.expected_life, config.conduct)
        self.highest = 1
        while self.highest < len(model.firms):
            self.highest *= 2
        research = any(Research in types for types in open_to.values())
        self.brings = {firm: self._brings(firm, research) for firm in open_to}

    def _brings(self, firm: TwinFirm, research: bool) -> Brings:
        config, spend, revenue = self.model.config, firm.list_price * firm.production, firm.price * firm.output
        return Brings(spend, price_rung(spend, config.purchasing), spend * firm.input_index * firm.learning, revenue,
                      size_factor(revenue, config.administration),
                      stakes(firm, self.model.pull, self_image(firm)) if research else {})

    def look_around(self, firm: TwinFirm, stream: int | None = None, free: Any = None) -> list[TwinFirm]:
        """Return the firms it sees that are free: up to half it has met, latest first, and others by keyed numbers.

        Numbers are drawn below the next power of two and again beyond the last slot, so that one more firm
        hardly changes a view. Firms that are not free take up a place in it.
        """
        model, room = self.model, places(firm)
        seen = list(firm.ties)[-(room // 2):][::-1] if room > 1 else []
        state = model.luck.folded[self.visible if stream is None else stream, firm.key]
        for attempt in range(ATTEMPTS * room):
            if len(seen) == room:
                break
            slot = model.luck.folded[state, attempt] % self.highest
            if slot < len(model.firms) and model.firms[slot] is not firm and model.firms[slot] not in seen:
                seen.append(model.firms[slot])
        return [other for other in seen if other in (self.brings if free is None else free)]

    def propose(self, firm: TwinFirm) -> tuple[Any, list[TwinFirm]]:
        """Grow a charter partner by partner, each the best of those in view, until staying as one is is best.

        The first partner is chosen together with the type.
        """
        model = self.model
        luck = model.luck.uniforms(Purpose.PARTNER, model.month)
        explore = model.luck.uniforms(Purpose.EXPLORE, model.month)
        candidates = self.look_around(firm)
        if firm.strategy.partners == "focal":
            candidates = [other for other in candidates if other.focal]
        types, charter, certainty, value = self.open_to[firm], [firm], 0.0, 0.0
        for step in range(1, pilot_members(firm)):
            options = [Option(None, None, certainty, value, luck[firm.key, step])]
            for kind in types:
                number = step + DRAWS_BY_TYPE * KINDS.index(kind.kind)
                for other in candidates:
                    if kind not in self.open_to[other] or not would_have(firm, other, kind.kind):
                        continue
                    worth = self.appraise(kind, [*charter, other])[0]
                    if model.above(worth.monthly, 0.0, "a charter must pay"):
                        pair = model.luck.folded[firm.key, other.key]
                        options.append(Option(kind, other, worth.certainty, worth.value, luck[pair, number]))
            if step == 1:
                options = consider(self, firm, options)
            chosen = self.choose(firm, options, explore[firm.key, step])
            if chosen.partner is None:
                break
            types = [chosen.kind]
            charter.append(chosen.partner)
            candidates.remove(chosen.partner)
            certainty, value = chosen.certainty, chosen.value
        return types[0], charter

    def ask(self, kind: Any, charter: list[TwinFirm]) -> tuple[TwinFirm | None, list[float]]:
        """Ask the invited firms of a charter; return the first that declines, and what each expects to gain."""
        model, proposer = self.model, charter[0]
        luck, number = model.luck.uniforms(Purpose.CONSENT, model.month), DRAWS_BY_TYPE * KINDS.index(kind.kind)
        worths = self.appraise(kind, charter, all_members=True)
        for firm, worth in zip(charter[1:], worths[1:], strict=True):
            pair = model.luck.folded[firm.key, proposer.key]
            options = [Option(None, None, 0.0, 0.0, luck[pair, number])]
            content = all(would_have(firm, other, kind.kind) for other in charter if other is not firm)
            among_its_own = firm.strategy.partners != "focal" or all(other.focal for other in charter)
            if content and among_its_own and model.above(worth.monthly, 0.0, "a charter must pay"):
                options.append(Option(kind, proposer, worth.certainty, worth.value, luck[pair, number + 1]))
            if self.choose(firm, options).partner is None:
                return firm, []
        return None, [worth.monthly for worth in worths]

    def appraise(self, kind: Any, charter: list[TwinFirm], all_members: bool = False,
                 alliance: Any = None) -> list[Worth]:
        """Return what a charter, perhaps of a living alliance, is worth to its first or, in order, all members (F6)."""
        config = self.model.config
        promised = kind.expect(config, charter, [self.brings[firm] for firm in charter], self.model.pull,
                               alliance)
        savings = [y.saving for y in promised]
        total = sum(savings)
        parts = [Yield(share * total, y.own, y.fee, y.lots)
                 for share, y in zip(shares(self.model, kind, charter, savings), promised, strict=True)]
        fitting = compatibility(charter, kind.psi(config), config)
        return [self.value(firm, kind, charter, parts, fitting) for firm in (charter if all_members else charter[:1])]

    def value(self, chooser: TwinFirm, kind: Any, charter: list[TwinFirm], parts: list[Yield], fitting: float) -> Worth:
        """F6, F8: what `chooser` gains and may lose, as a pilot that is an option, less the price of its risk.

        It takes others to gain their part, times the benefit at its own trust, less the governance cost at that
        trust, and each partner to take its temptations as F13 says at the trust of the tie and a stranger's honesty.
        """
        config, size = self.model.config, len(charter)
        trust = {firm: chooser.trust_in(firm) for firm in charter if firm is not chooser}
        mean_trust = sum(trust.values()) / (size - 1)
        rate = governance_rate(kind.kind, config.governance, size, mean_trust, config.administration)
        mbar = sum(firm.modularity for firm in charter) / size
        benefit = fitting * contract_and_trust(config.governance.completeness, mean_trust, config.contract)
        realised = kind.realised(benefit, config)
        own = loss = 0.0
        for firm, part in zip(charter, parts, strict=True):
            monthly = realised * (part.saving + part.own) + part.lots - part.fee - rate * self.brings[firm].size
            if firm is chooser:
                own = monthly
            else:
                taken = self.expected_loss(kind.kind, monthly, size, trust[firm]) / (size - 1)
                leaked = expected_leaks(chooser, firm, kind.kind, mbar, self.life)
                loss += (1.0 - trust[firm]) * (taken + leaked)
        wealth = max(chooser.cash, config.choice.reserve_months * chooser.month_cost, 1e-9)
        counted = own * lesson(chooser, kind.kind)
        mean, variance = option_on(counted * self.after - loss / self.delay,
                                   config.pilot.prior_sd * chooser.margin * self.after)
        gross = counted * self.pilot_life + self.delay * mean
        risk = chooser.risk_aversion / (2.0 * wealth) * self.delay**2 * variance
        forgone = chooser.forgone.get(kind.kind, 0.0)
        return Worth(gross - template_setup(self.model, kind, charter) / size - risk - forgone, gross, own)

    def expected_loss(self, kind: str, gain: float, members: int, trust: float) -> float:
        """F6: L = 1.25 E[M if defecting] times its chance, over the life of the alliance; M is exponential."""
        conduct, choice = self.model.config.conduct, self.model.config.choice
        mean = mean_temptation(kind, gain, members, conduct)
        if mean <= 0.0:
            return 0.0
        least = worth_of_honesty(gain, self.dh, self.detected, self.model.config.governance.penalty, trust,
                                 choice.honesty, conduct)
        return conduct.damage * (least + mean) * math.exp(-least / mean) * self.life

    def choose(self, firm: TwinFirm, options: list[Option], explore: float = 1.0) -> Option:
        """F6: choose with probability proportional to exp(utility), as the rule has it, by a Gumbel draw of each."""
        choice, rule = self.model.config.choice, self.model.config.rules.partner_choice
        utility = [0.0] * len(options)  # rule `random`
        if rule == "homophily":
            likeness = [overlap(firm, o.partner, self.model.pull) if o.partner else 0.0 for o in options]
            utility = [(like - 0.5) / choice.logit_scale for like in likeness]
        elif rule == "expected_value" and not explore < choice.explore:
            offered = [option.value for option in options[1:]]
            mean = abs(sum(offered) / len(offered)) if offered else 0.0
            utility = [option.certainty / (choice.logit_scale * max(mean, 1e-9)) for option in options]
        best, most = options[0], -math.inf
        for option, worth in zip(options, utility, strict=True):
            score = worth - math.log(-math.log(option.luck))
            if self.model.above(score, most, f"partner choice: {rule}"):
                best, most = option, score
        return best


def sought(firm: TwinFirm) -> list[Any]:
    """Return the types of alliance a firm is open to: one live of procurement and co-opetition, of R&D if small.

    With weights, those of the class that its portfolio lacks most.
    """
    if firm.ruined or not has_time(firm):
        return []
    several = ("infrastructure", "rnd") if firm.large else ("infrastructure",)
    return within(firm, [kind for kind in TYPES if kind.kind in firm.strategy.seek
                         and (kind.kind in several or firm.oldest(kind.kind) is None)])


def formation(model: Any) -> dict[TwinFirm, str]:
    """Let firms whose search is due look for partners and found alliances all members accept; return who asked."""
    open_to = {firm: types for firm in model.firms if (types := sought(firm))}
    due = [firm for firm in open_to if (model.month + firm.search_phase) % model.config.choice.search_months == 0]
    if not due or len(open_to) < 2:
        return {}
    search = Search(model, open_to)
    charters = [(kind, charter) for kind, charter in map(search.propose, due) if len(charter) > 1]
    order = model.luck.uniforms(Purpose.PRIORITY, model.month)
    charters.sort(key=lambda proposal: order[proposal[1][0].key, 0])
    taken: set[TwinFirm] = set()
    founding = []
    for kind, charter in charters:
        if taken.intersection(charter):
            continue
        declines, gains = search.ask(kind, charter)
        if declines is not None:
            model.tell("declined", declines.key)
        else:
            taken.update(charter)
            founding.append((kind, charter, gains))
    for kind, charter, gains in founding:  # only now: set-up costs and new ties change no choice of the month
        kind.found(model, charter, gains)
    return {charter[0]: kind.kind for kind, charter in charters}


def found_by_hand(model: Any, firms: list[TwinFirm], stage: str, name: str) -> None:
    """Found an alliance of a type without asking; members expect what they would have been told."""
    kind = TYPES[KINDS.index(name)]
    worths = Search(model, {firm: [kind] for firm in firms}).appraise(kind, firms, all_members=True)
    alliance = kind.found(model, firms, [worth.monthly for worth in worths])
    if stage == RUNNING:
        alliance.stage, alliance.go = RUNNING, model.month
        alliance.gate_month = model.month + model.config.pilot.review


def annuity(months: float, delta: float) -> float:
    """Return the present value of 1 k€ at the end of each of `months` months."""
    return delta * (1.0 - delta**months) / (1.0 - delta)


def option_on(mean: float, sd: float) -> tuple[float, float]:
    """F8: mean and variance of max(V, 0), V normal: what comes after the pilot is taken only if worth having."""
    if sd <= 0.0:
        return max(mean, 0.0), 0.0
    x = mean / sd
    above, density = normal_cdf(x), math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    first = mean * above + sd * density
    second = (mean**2 + sd**2) * above + mean * sd * density
    return first, max(0.0, second - first**2)
