"""Phase 10: firms with attention to spare look for partners, propose charters, and found what all accept (F6, F8).

All searches of a month see the same world; proposals are then taken up in a keyed order.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from twin.alliances import (
    TwinAlliance,
    detection,
    discount,
    governance_rate,
    mean_temptation,
    normal_cdf,
    size_factor,
    worth_of_honesty,
)
from twin.firm import TwinFirm, price_rung
from twin.market import overlap
from twin.terms import shares, template_setup
from twin.words import Purpose

ATTEMPTS = 8  # draws for each place in view


class Worth(NamedTuple):
    """What a charter is worth to one of its members: certainty equivalent, value before risk (k€), k€ a month."""

    certainty: float
    value: float
    monthly: float


class Option(NamedTuple):
    """One thing a firm may choose: to add a partner, or to stay as it is."""

    partner: TwinFirm | None
    certainty: float
    value: float
    luck: float  # U(0, 1)


class Brings(NamedTuple):
    """What a firm brings to any charter of the month."""

    spend: float   # at month-0 list price, k€
    alone: float   # the rung of the price schedule that it reaches by itself
    volume: float  # its bought inputs at the list price of the month, k€
    size: float    # what its revenue makes of its governance cost


class Search:
    """What all searches of a month have in common."""

    def __init__(self, model: Any, free: list[TwinFirm]) -> None:
        config = model.config
        self.model = model
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
        self.brings = {firm: self._brings(firm) for firm in free}

    def _brings(self, firm: TwinFirm) -> Brings:
        config, spend = self.model.config, firm.list_price * firm.output
        return Brings(spend, price_rung(spend, config.purchasing), spend * firm.input_index * firm.learning,
                      size_factor(firm.revenue, config.administration))

    def look_around(self, firm: TwinFirm, stream: int | None = None, free: Any = None) -> list[TwinFirm]:
        """Return the firms it sees that are free: up to half it has met, latest first, and others by keyed numbers.

        Numbers are drawn below the next power of two and again beyond the last slot, so that one more firm
        hardly changes a view. Firms that are not free take up a place in it.
        """
        model, places = self.model, self.model.config.choice.visible
        seen = list(firm.ties)[-(places // 2):][::-1] if places > 1 else []
        state = model.luck.folded[self.visible if stream is None else stream, firm.key]
        for attempt in range(ATTEMPTS * places):
            if len(seen) == places:
                break
            slot = model.luck.folded[state, attempt] % self.highest
            if slot < len(model.firms) and model.firms[slot] is not firm and model.firms[slot] not in seen:
                seen.append(model.firms[slot])
        return [other for other in seen if other in (self.brings if free is None else free)]

    def propose(self, firm: TwinFirm) -> list[TwinFirm]:
        """Grow a charter partner by partner, each the best of those in view, until staying as one is is best."""
        model, config = self.model, self.model.config
        luck = model.luck.uniforms(Purpose.PARTNER, model.month)
        explore = model.luck.uniforms(Purpose.EXPLORE, model.month)
        candidates = self.look_around(firm)
        if firm.strategy.partners == "focal":
            candidates = [other for other in candidates if other.focal]
        charter, certainty, value = [firm], 0.0, 0.0
        for step in range(1, config.pilot.members):
            options = [Option(None, certainty, value, luck[firm.key, step])]
            for other in candidates:
                worth = self.appraise([*charter, other])[0]
                if model.above(worth.monthly, 0.0, "a charter must pay"):
                    pair = model.luck.folded[firm.key, other.key]
                    options.append(Option(other, worth.certainty, worth.value, luck[pair, step]))
            chosen = self.choose(firm, options, explore[firm.key, step])
            if chosen.partner is None:
                break
            charter.append(chosen.partner)
            candidates.remove(chosen.partner)
            certainty, value = chosen.certainty, chosen.value
        return charter

    def ask(self, charter: list[TwinFirm]) -> tuple[TwinFirm | None, list[float]]:
        """Ask the invited firms of a charter; return the first that declines, and what each expects to gain."""
        model, proposer = self.model, charter[0]
        luck = model.luck.uniforms(Purpose.CONSENT, model.month)
        worths = self.appraise(charter, all_members=True)
        for firm, worth in zip(charter[1:], worths[1:], strict=True):
            pair = model.luck.folded[firm.key, proposer.key]
            options = [Option(None, 0.0, 0.0, luck[pair, 0])]
            among_its_own = firm.strategy.partners != "focal" or all(other.focal for other in charter)
            if among_its_own and model.above(worth.monthly, 0.0, "a charter must pay"):
                options.append(Option(proposer, worth.certainty, worth.value, luck[pair, 1]))
            if self.choose(firm, options).partner is None:
                return firm, []
        return None, [worth.monthly for worth in worths]

    def appraise(self, charter: list[TwinFirm], all_members: bool = False) -> list[Worth]:
        """Return what a charter is worth to its proposer or, in their order, to all its members (F6)."""
        purchasing = self.model.config.purchasing
        brings = [self.brings[firm] for firm in charter]
        pooled = price_rung(sum(b.spend for b in brings), purchasing)
        savings = [(1.0 - purchasing.no_leverage) * (b.alone - pooled) * b.volume for b in brings]
        fees = [purchasing.fee * (b.alone * b.volume - saving) for b, saving in zip(brings, savings, strict=True)]
        total = sum(savings)
        parts = [share * total - fee for share, fee in zip(shares(self.model, charter, savings), fees, strict=True)]
        return [self.value(firm, charter, parts) for firm in (charter if all_members else charter[:1])]

    def value(self, chooser: TwinFirm, charter: list[TwinFirm], parts: list[float]) -> Worth:
        """F6, F8: what `chooser` gains and may lose, as a pilot that is an option, less the price of its risk.

        It takes others to gain their part less the governance cost at its own trust, and each partner to take
        its temptations as F13 says at the trust of the tie and a stranger's honesty.
        """
        config, size = self.model.config, len(charter)
        trust = {firm: chooser.trust_in(firm) for firm in charter if firm is not chooser}
        mean_trust = sum(trust.values()) / (size - 1)
        rate = governance_rate(config.governance, size, mean_trust, config.administration)
        own = loss = 0.0
        for firm, part in zip(charter, parts, strict=True):
            monthly = part - rate * self.brings[firm].size
            if firm is chooser:
                own = monthly
            else:
                loss += (1.0 - trust[firm]) * self.expected_loss(monthly, size, trust[firm]) / (size - 1)
        wealth = max(chooser.cash, config.choice.reserve_months * chooser.month_cost, 1e-9)
        mean, variance = option_on(own * self.after - loss / self.delay,
                                   config.pilot.prior_sd * chooser.margin * self.after)
        gross = own * self.pilot_life + self.delay * mean
        risk = chooser.risk_aversion / (2.0 * wealth) * self.delay**2 * variance
        return Worth(gross - template_setup(self.model, charter[0]) / size - risk, gross, own)

    def expected_loss(self, gain: float, members: int, trust: float) -> float:
        """F6: L = 1.25 E[M if defecting] times its chance, over the life of the alliance; M is exponential."""
        conduct, choice = self.model.config.conduct, self.model.config.choice
        mean = mean_temptation(gain, members, conduct)
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


def formation(model: Any) -> list[TwinFirm]:
    """Let firms whose search is due look for partners and found what all accept; return who is still free."""
    free = [firm for firm in model.firms
            if "procurement" in firm.strategy.seek and firm.pool is None and firm.attention > 0 and firm.ruined == 0]
    due = [firm for firm in free if (model.month + firm.search_phase) % model.config.choice.search_months == 0]
    if due and len(free) >= 2:
        _search(model, free, due)
    return [firm for firm in free if firm.pool is None]


def _search(model: Any, free: list[TwinFirm], due: list[TwinFirm]) -> None:
    """Let the firms that are due propose charters, and found those that all accept."""
    search = Search(model, free)
    charters = [charter for charter in map(search.propose, due) if len(charter) > 1]
    order = model.luck.uniforms(Purpose.PRIORITY, model.month)
    charters.sort(key=lambda charter: order[charter[0].key, 0])
    taken: set[TwinFirm] = set()
    founding = []
    for charter in charters:
        if taken.intersection(charter):
            continue
        declines, gains = search.ask(charter)
        if declines is not None:
            model.tell("declined", declines.key)
        else:
            taken.update(charter)
            founding.append((charter, gains))
    for charter, gains in founding:  # only now: set-up costs and new ties change no choice of the month
        TwinAlliance.found(model, charter, gains)


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
