"""An alliance of any type: how members behave, what it costs, what they see and decide.

Phases 4 to 8 of the month; what differs by type stands in `twin.kinds`.
"""

from __future__ import annotations

import math
from itertools import permutations
from typing import Any

from twin.disputes import dispute, latency, prosecute, quarrel
from twin.equations import (
    compatibility,
    contract_and_trust,
    cultural_distance,
    detection,
    discount,
    governance_rate,
    matched,
    mean_overlap,
    mean_temptation,
    normal_cdf,
    size_factor,
    worth_of_honesty,
)
from twin.firm import TwinFirm, introduce
from twin.leaks import measurement_noise, remember
from twin.membership import TwinMembership
from twin.portfolio import budget_months, mean_attention, pilot_months, somebody_prunes
from twin.terms import NOTABLE, agree, relative, template_setup
from twin.ventures import Venture, commit_at_once, consider
from twin.words import (
    AS_AGREED,
    ENDED,
    KINDS,
    LAPSED,
    PILOT,
    RUNNING,
    SCALED,
    SEEN,
    SETTLED,
    STANDARDISED,
    UNSEEN,
    Purpose,
)

GAIN_MONTHS = 6       # over which a booked gain is smoothed
DISTRESS_MONTHS = 3   # a firm with less fixed cost in cash looks less far ahead
BASELINE_MONTHS = 12  # after which a baseline is renewed
FAILED_REVIEWS = 2    # in a row, that end an alliance


class TwinAlliance:
    """An alliance from its pilot to its end; each type is a class of its own."""

    kind = ""                       # the name of the type
    paid_to = "purchasing agents"   # who gets the fees

    def __init__(self, model: Any, key: int, founded: int, gate_month: int) -> None:
        config, month = model.config, model.month
        self.model, self.key, self.number = model, key, len(model.alliances)
        self.founded_as = self.kind
        self.stage, self.cause = PILOT, ""
        self.verdict: str | None = None  # of a gate, until it takes effect in `gate_month`
        self.founded, self.gate_month = founded, gate_month
        self.go: int | None = None
        self.standardised: int | None = None
        self.scaled: int | None = None
        self.ending: int | None = None  # the month in which notice runs out
        self.ended: int | None = None
        self.governance = self.governance_signed = config.governance
        self.level = 0  # of adaptive governance
        self.protection, self.data = config.ip_protection, config.data_sharing
        spread = config.purchasing.fit_spread
        self.fit = math.exp(spread * model.luck.normals(Purpose.FIT, month)[key, 0] - 0.5 * spread**2)
        self.leverage = model.luck.uniforms(Purpose.LEVERAGE, month)[key, 0] >= config.purchasing.no_leverage
        self.prior_mean, self.prior_variance = config.pilot.prior_mean, config.pilot.prior_sd**2
        self.belief, self.belief_sd = config.pilot.prior_mean, config.pilot.prior_sd
        self.signals, self.signal_sum, self.signal = 0, 0.0, 0.0
        self.extended, self.good_reviews, self.low_reviews = False, 0, 0
        self.trust, self.overlap, self.culture_distance, self.benefit = 0.5, 0.0, 0.0, 1.0  # until the month's end
        self.units = 0.0  # share of members with a unit for their alliances
        self.scope: tuple[str, ...] = ()  # of co-opetition
        self.target, self.sprints, self.successes, self.last_success = "", 0, 0, 0  # of R&D
        self.radical = False
        self.spent = self.budget = 0.0
        self.founders = 0
        self.pilot_months = 0  # signed
        self.members: list[TwinMembership] = []
        self.lead: TwinMembership | None = None  # who proposed it
        self.venture: Venture | None = None  # what it owns
        self.seen_successes = 0  # of R&D, at the last gate or review
        model.alliances.append(self)
        model.living.append(self)

    @classmethod
    def found(cls, model: Any, founders: list[TwinFirm], gains: list[float]) -> TwinAlliance:
        """Sign a charter and set out on its pilot."""
        month, size = model.month, len(founders)
        key = identity(model.luck, cls.kind, month, founders)
        alliance = cls(model, key, month, month + pilot_months(founders[0]))
        alliance.pilot_months = pilot_months(founders[0])
        if founders[0].prepared is not None:
            signed, least = alliance.governance, model.config.ecosystem.dashboard
            alliance.governance = signed._replace(dashboard=max(signed.dashboard, least))
        alliance.sign(founders)
        alliance.founders = size
        terms = agree(model, cls, founders)  # before anybody has paid
        for firm, gain, agreed in zip(founders, gains, terms, strict=True):
            TwinMembership(firm, alliance, 1.0 / size, month, gain).terms = agreed
        alliance.lead = alliance.members[0]
        introduce(founders)
        alliance.set_up(founders)
        return alliance

    def set_up(self, founders: list[TwinFirm]) -> None:
        """Pay for the set-up (F18), and set the charter's budget."""
        config, size = self.model.config, len(founders)
        self.spent = template_setup(self.model, self, founders)
        cost = self.spent / size
        for firm in founders:
            firm.pay_setup(cost)
            firm.memberships[-1].booked["set-up"] -= cost
            self.model.tell("founded", firm.key, self.number, amount=cost)
        trust = sum(one.trust_in(other) for one, other in permutations(founders, 2)) / (size * (size - 1))
        rate = governance_rate(self.kind, self.governance, size, trust, config.administration)
        monthly = rate * sum(size_factor(firm.price * firm.output, config.administration) for firm in founders)
        self.budget = self.spent + budget_months(founders[0]) * monthly
        used = founders[0].template
        if used.get(self.kind):
            used[self.kind] += 1
        commit_at_once(self)

    def strike(self, told: bool = False) -> None:
        """F19: agree on terms anew."""
        before = relative([m.terms.agreed for m in self.members]), [m.terms.flat for m in self.members]
        for m, terms in zip(self.members, agree(self.model, self, [m.firm for m in self.members], self), strict=True):
            m.terms = terms
        after = relative([m.terms.agreed for m in self.members]), [m.terms.flat for m in self.members]
        change, moved = (max(abs(x - y) for x, y in zip(one, other, strict=True))
                         for one, other in zip(before, after, strict=True))
        if told and (self.model.above(change, NOTABLE, "share") or self.model.above(moved, NOTABLE, "flat fee")):
            self.model.tell("renegotiated", alliance=self.number, amount=change)

    def describe(self) -> None:
        """Set mean trust, overlap and cultural distance of members, and what their benefits are multiplied by."""
        config, firms = self.model.config, [m.firm for m in self.members]
        self.trust = sum(one.trust_in(other) for one, other in permutations(firms, 2)) / (len(firms) * (len(firms) - 1))
        self.overlap = mean_overlap(firms, self.model.pull)
        self.culture_distance = cultural_distance(firms, config.disputes)
        for m in self.members:
            m.match = matched(m.firm, firms)
        self.units = sum(firm.structure.unit is not None for firm in firms) / len(firms)
        trusted = contract_and_trust(self.governance.completeness, self.trust, config.contract)
        self.benefit = self.fit * compatibility(firms, self.psi(config), config) * trusted
        self.benefit *= mean_attention(self.members)

    # What differs by type, as it is where nothing is said

    @classmethod
    def psi(cls, config: Any) -> float:
        """F7: benefit lost per squared distance from the best technology distance."""
        return 0.0

    @classmethod
    def realised(cls, benefit: float, config: Any) -> float:
        """Return the part of what is expected that comes with a benefit."""
        return benefit

    def sign(self, founders: list[TwinFirm]) -> None:
        """Write into the charter what only this type has."""

    def takes_part(self, m: TwinMembership) -> bool:
        """Whether a member has a part in what the alliance yields."""
        return True

    def join_forces(self) -> None:
        """Phase 2: change what members pay for inputs and leads, and how they appeal to customers."""

    def break_down(self) -> None:
        """Phase 3: take output from members."""

    def share_stores(self) -> None:
        """Phase 3: change what members keep in stock."""

    def face_customers(self) -> None:
        """Phase 3: change what customers see of late delivery."""

    def choose_effort(self) -> None:
        """Phase 4: let members decide how much to put in."""

    def sprint(self) -> None:
        """Phase 4: end a sprint that is due."""

    def book(self, m: TwinMembership) -> None:
        """Phase 4: set what a member that takes part saved, owes and gained otherwise."""
        raise NotImplementedError

    def compensated(self, m: TwinMembership) -> float:
        """Return what a member paid its customers this month for what the alliance promised them."""
        return 0.0

    def asked(self) -> float:
        """F20: theta, the gain that the charter asks for."""
        return self.model.config.pilot.threshold

    def mean_and_threshold(self) -> tuple[float, float]:
        """F20: what members expect, and what they ask for."""
        return self.belief, self.asked()

    def seen_margin(self, m: TwinMembership) -> float:
        """F20: the margin that a member compares with its baseline, gains of other alliances taken out."""
        return m.firm.bare_margin

    def disappoints(self) -> bool:
        """F5: whether the month disappoints."""
        return self.model.above(self.asked(), self.signal, "disappointing signal")

    def chance(self) -> float:
        """F20: Pr(q > theta) under the belief."""
        over = self.belief - self.asked()
        if self.belief_sd <= 0.0:
            return 1.0 if over > 0.0 else 0.0
        return normal_cdf(over / self.belief_sd)

    # Phase 4: collaboration

    def collaborate(self) -> None:
        """Book what each member that takes part saved by itself, the fee it owes, and its worth beside cash."""
        for m in self.members:
            m.saving = m.fee = m.worth = m.split = 0.0  # of last month, perhaps of another type
            if self.takes_part(m):
                self.book(m)
                m.firm.saving += m.saving

    # Phase 5: conduct

    def hazard(self) -> float:
        """F17: the residual hazard of separation a month, log-logistic in the months since go."""
        rules = self.model.config.separation
        months = self.model.month - self.go
        if months <= 0:
            return 0.0
        odds = (months / rules.scale) ** rules.shape
        crowd = rules.per_member ** max(0, len(self.members) - 2)
        factor = getattr(rules, self.kind) * rules.rivalry**self.overlap * crowd
        residual = min(1.0, rules.shape / months * odds / (1.0 + odds) * factor)
        short = max(m.terms.unfairness for m in self.members)
        return min(1.0, residual * math.exp(self.model.config.terms.separation * short))

    def tempt(self) -> None:
        """F13, F5: let each member keep its word, be late, or take what it can."""
        model, month = self.model, self.model.month
        conduct, trust = model.config.conduct, model.config.trust
        temptations, detections, lapses = (
            model.luck.uniforms(purpose, month) for purpose in (Purpose.TEMPTATION, Purpose.DETECTION, Purpose.LAPSE))
        hazard = 0.0 if self.go is None else self.hazard()
        detected = detection(self.governance.dashboard, conduct)
        for m in self.members:
            firm, key = m.firm, (m.firm_key, self.key)
            late = lapses[key] < trust.lapse * (1.0 - firm.honesty)
            m.conduct = LAPSED if late else AS_AGREED
            rule = model.config.rules.conduct
            if rule == "never":
                continue
            gain = max(0.0, m.gain)
            distressed = model.above(DISTRESS_MONTHS * firm.month_cost, firm.cash, "distress")
            delta = conduct.delta_distressed if distressed else conduct.delta
            stay = worth_of_honesty(gain, discount(delta, hazard, conduct), detected, self.governance.penalty,
                                    m.mean_trust(), firm.honesty, conduct)
            taken = -math.log(temptations[key]) * mean_temptation(self.kind, gain, len(self.members), conduct)
            if self._takes(m, taken, stay, detected, rule):
                self._breach(m, taken, detections[key] < detected)
        quarrel(self)
        prosecute(self)

    def _takes(self, m: TwinMembership, taken: float, stay: float, detected: float, rule: str) -> bool:
        """Whether a member breaks its word, by the rule of conduct; `stay` is what honesty is worth to it (F13)."""
        if rule == "temptation":
            return self.model.above(taken, stay, "temptation")
        if rule == "opportunist":
            return self.model.above(taken, detected * self.governance.penalty, "temptation")
        known = [m.firm.ties[other.firm] for other in self.members if other is not m]
        failures = [tie for tie in known if tie.failed is not None]
        if rule == "tit_for_tat":
            failures = [tie for tie in failures if tie.failed == tie.together]
        return bool(failures) and taken > 0.0

    def _breach(self, culprit: TwinMembership, taken: float, seen: bool) -> None:
        """F13: it takes M, the partners lose 1.25 M by share, and get the penalty if it is seen."""
        damage = self.model.config.conduct.damage
        culprit.conduct = UNSEEN
        penalty = self.governance.penalty if seen else 0.0
        culprit.firm.breach_flow += taken - penalty
        culprit.firm.breach_cost -= taken - penalty
        culprit.booked["breaches"] += taken - penalty
        victims = [m for m in self.members if m is not culprit]
        shares = sum(m.share for m in victims)
        for victim in victims:
            lost = victim.share / shares * (damage * taken - penalty)
            victim.firm.breach_flow -= lost
            victim.firm.breach_cost += lost
            victim.booked["breaches"] -= lost
            victim.firm.breaches += 1
        self.model.outside["destroyed"] += (damage - 1.0) * taken
        self.model.tell("breach", culprit.firm_key, self.number, "seen" if seen else "unseen", taken)
        if seen:
            dispute(self, culprit, penalty)

    # Phase 6: accounting

    def settle(self) -> None:
        """F19, F14: split the saving among those that take part, charge governance and fee, update gains."""
        model = self.model
        administration = model.config.administration
        rate = governance_rate(self.kind, self.governance, len(self.members), self.trust, administration)
        sharing = [m for m in self.members if self.takes_part(m)]
        rest = sum(m.saving for m in sharing) - sum(m.terms.flat for m in sharing)
        for m, part in zip(sharing, relative([m.terms.agreed for m in sharing]), strict=True):
            m.split = m.terms.flat + part * rest - m.saving
        for m in self.members:
            firm = m.firm
            m.governance = rate * size_factor(firm.price * firm.output + firm.lot_revenue, administration)
            self.spent += m.governance
            firm.governance_cost += m.governance
            firm.alliance_flow += m.split - m.fee - m.governance
            if self.venture:
                self.venture.cash += m.fee
            else:
                model.outside[self.paid_to] += m.fee
            model.outside["governance services"] += m.governance
            m.gain_months += 1
            m.booked["saving"] += m.saving
            m.booked["split"] += m.split
            m.booked["fee"] -= m.fee
            m.booked["governance"] -= m.governance
            booked = m.saving + m.worth + m.split - m.fee - m.governance - self.compensated(m)
            m.booked["compensation"] -= self.compensated(m)
            m.gain += (booked - m.gain) / min(m.gain_months, GAIN_MONTHS)

    # Phase 7: assessment

    def assess(self) -> None:
        """F20: take the month's signal, update the belief in q, renew the baselines after twelve months."""
        model, pilot = self.model, self.model.config.pilot
        gains = []
        for m in self.members:
            usual = m.baseline * model.control[m.firm.home, m.firm.large] / m.control_base
            gains.append(self.seen_margin(m) / usual - 1.0 if usual > 0.0 else 0.0)
        noise = measurement_noise(pilot.noise, self.data, model.config.sharing)
        luck = model.luck.normals(Purpose.MEASUREMENT, model.month)[self.key, 0]
        self.signal = sum(gains) / len(gains) + noise * luck
        self.signals += 1
        self.signal_sum += self.signal
        error = pilot.persistent**2 + noise**2 / self.signals
        whole = self.prior_variance + error
        weight = self.prior_variance / whole if whole > 0.0 else 0.0
        self.belief = self.prior_mean + weight * (self.signal_sum / self.signals - self.prior_mean)
        variance = weight * error
        self.belief_sd = math.sqrt(variance)
        if self.signals == BASELINE_MONTHS:
            self.prior_mean, self.prior_variance = self.belief, variance
            self.signals, self.signal_sum = 0, 0.0
            for m in self.members:
                m.renew_baseline()

    def witness(self) -> None:
        """F5: give every member evidence of every other, and third parties evidence of breaches that were seen."""
        trust, terms, disappointed = self.model.config.trust, self.model.config.terms, self.disappoints()
        inside = {m.firm for m in self.members}
        for m in self.members:
            for other in inside - {m.firm}:
                m.firm.ties[other].bad += terms.resentment * m.terms.unfairness
        for m in self.members:
            outcome = trust.disappointing if disappointed else 1.0
            if m.conduct not in (AS_AGREED, UNSEEN):
                outcome = 0.0
            for other in inside - {m.firm}:
                tie = other.ties[m.firm]
                tie.good += trust.good * outcome
                tie.bad += trust.bad * (1.0 - outcome)
                tie.together = self.model.month
                if m.conduct not in (AS_AGREED, UNSEEN):
                    tie.failed = self.model.month
            if m.conduct in (SEEN, SETTLED):
                for third in m.firm.ties:
                    if third not in inside:
                        third.ties[m.firm].bad += trust.public * trust.bad

    # Phase 8: gates

    def pass_gate(self) -> None:
        """F20: end of the pilot: go, extend it once, or stop, after the latency of decisions (F14)."""
        model, pilot = self.model, self.model.config.pilot
        chance = self.chance()
        broke = model.above(self.spent, self.budget, "budget")
        doubtful = model.above(pilot.stop, chance, "gate: stop")
        rule = model.config.rules.gate
        if rule == "threshold":
            goes = model.above(*self.mean_and_threshold(), "gate: threshold")
        else:
            goes = rule == "never_stop" or model.above(chance, pilot.go, "gate: go")
        if goes:
            self.verdict = "go"
        elif rule == "threshold" or doubtful or broke or self.extended:
            self.verdict, self.cause = "stopped", "budget" if broke and not doubtful else "stopped"
        else:
            self.verdict = "extended"
        self.seen_successes = self.successes
        self.gate_month = model.month + latency(self)
        if self.gate_month > model.month:
            model.tell("verdict", alliance=self.number, cause=self.verdict, amount=self.belief)

    def carry_out(self) -> None:
        """F20: let the verdict on the pilot take effect."""
        model, pilot = self.model, self.model.config.pilot
        model.tell(self.verdict, alliance=self.number, amount=self.belief)
        if self.verdict == "go":
            self.stage, self.go, self.gate_month = RUNNING, model.month, model.month + pilot.review
        elif self.verdict == "extended":
            self.extended, self.gate_month = True, model.month + self.pilot_months
        else:
            self.ending = model.month
        self.verdict = None

    def review(self) -> None:
        """F20: a review of a running alliance; two that fail in a row end it if somebody prunes, good ones raise it."""
        model, pilot = self.model, self.model.config.pilot
        self.gate_month = model.month + pilot.review
        rule = model.config.rules.gate
        if rule == "threshold":
            go = model.above(*self.mean_and_threshold(), "review")
            failed = not go
        else:
            go = rule == "never_stop" or model.above(self.chance(), pilot.go, "review: go")
            failed = not go and model.above(pilot.stop, self.chance(), "review")
        self.good_reviews = self.good_reviews + 1 if go else 0
        self.low_reviews = self.low_reviews + 1 if failed else 0
        if failed:
            model.tell("failed review", alliance=self.number, amount=self.belief)
        if self.low_reviews >= FAILED_REVIEWS and self.ending is None and somebody_prunes(self):
            self.ending, self.cause = model.month + latency(self) + self.governance.notice, "kpi"
        if model.config.scaling.standardise and self.ending is None:
            self.move_up(failed)
        self.seen_successes = self.successes
        consider(self)

    def move_up(self, failed: bool) -> None:
        """F20: standardise after good reviews among members that trust each other, scale some months later."""
        model, scaling = self.model, self.model.config.scaling
        if self.stage == RUNNING:
            trusted = not model.above(scaling.trust, self.trust, "trust to be standardised")
            if self.good_reviews >= scaling.reviews and trusted:
                self.stage, self.standardised = STANDARDISED, model.month
                for m in self.members:
                    if m.firm.strategy.templates:
                        m.firm.template[self.kind] = max(1, m.firm.template.get(self.kind, 0))
                model.tell("standardised", alliance=self.number, amount=self.belief)
        elif self.stage == STANDARDISED and not failed and model.month - self.standardised >= scaling.months:
            self.stage, self.scaled = SCALED, model.month
            model.tell("scaled", alliance=self.number, amount=self.belief)

    def part(self) -> None:
        """F17: give notice by the residual hazard or for want of gain, and carry out what is due.

        A breach that was seen expels the culprit at once if it is not settled; the rest go on while two remain.
        """
        model, month, notice, before = self.model, self.model.month, self.governance.notice, list(self.members)
        running = self.stage != PILOT
        if running and self.ending is None:
            luck = model.luck.uniforms(Purpose.SEPARATION, month)[self.key, 0]
            if model.above(self.hazard(), luck, "residual hazard"):
                self.ending, self.cause = month + notice, "residual"
        last = self.cause
        for m in list(self.members):
            if m.conduct == SEEN:
                last = "breach"
                m.leave(month, last)
                continue
            if running and m.leaving is None and not model.above(m.gain, 0.0, "gain from staying"):
                m.leaving = month + notice
            if m.leaving is not None and m.leaving <= month:
                last = "portfolio" if m.cause == "portfolio" else "no gain"
                m.leave(month, last)
        if len(self.members) < 2:
            self.end(last)
        elif self.ending is not None and self.ending <= month:
            self.end(self.cause)
        remember(self, before)

    def end(self, cause: str) -> None:
        """End the alliance now, and with it every membership."""
        self.stage, self.ended, self.cause = ENDED, self.model.month, cause
        for m in list(self.members):
            m.leave(self.model.month, cause)
        self.model.living.remove(self)
        self.model.tell("ended", alliance=self.number, cause=cause)


def identity(luck: Any, kind: str, month: int, founders: list[TwinFirm]) -> int:
    """Return the identity of an alliance: the hash of its type, founding month and sorted founders."""
    found = 0
    for part in (KINDS.index(kind), month, *sorted(firm.key for firm in founders)):
        found = luck.folded[found, part]
    return found
