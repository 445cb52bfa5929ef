"""An alliance: what it yields, how members behave, what it costs, what they see and decide.

Phases 4 to 8 of the month, for procurement alliances.
"""

from __future__ import annotations

import math
from itertools import permutations
from typing import Any

from twin.firm import TwinFirm, introduce, price_rung
from twin.market import overlap
from twin.membership import TwinMembership
from twin.terms import NOTABLE, agree, relative, template_setup
from twin.words import (
    AS_AGREED,
    ENDED,
    KIND,
    KIND_NAME,
    LAPSED,
    PILOT,
    RUNNING,
    SCALED,
    SEEN,
    STANDARDISED,
    UNSEEN,
    Purpose,
)

GAIN_MONTHS = 6       # over which a booked gain is smoothed
DISTRESS_MONTHS = 3   # a firm with less fixed cost in cash looks less far ahead
BASELINE_MONTHS = 12  # after which a baseline is renewed
FAILED_REVIEWS = 2    # in a row, that end an alliance


class TwinAlliance:
    """A procurement alliance from its pilot to its end."""

    def __init__(self, model: Any, key: int, founded: int, gate_month: int) -> None:
        config, month = model.config, model.month
        self.model, self.key, self.number = model, key, len(model.alliances)
        self.stage, self.cause = PILOT, ""
        self.founded, self.gate_month = founded, gate_month
        self.go: int | None = None
        self.standardised: int | None = None
        self.scaled: int | None = None
        self.ending: int | None = None  # the month in which notice runs out
        self.ended: int | None = None
        self.governance = self.governance_signed = config.governance
        self.level = 0  # of adaptive governance
        spread = config.purchasing.fit_spread
        self.fit = math.exp(spread * model.luck.normals(Purpose.FIT, month)[key, 0] - 0.5 * spread**2)
        self.leverage = model.luck.uniforms(Purpose.LEVERAGE, month)[key, 0] >= config.purchasing.no_leverage
        self.prior_mean, self.prior_variance = config.pilot.prior_mean, config.pilot.prior_sd**2
        self.belief, self.belief_sd = config.pilot.prior_mean, config.pilot.prior_sd
        self.signals, self.signal_sum, self.signal = 0, 0.0, 0.0
        self.extended, self.good_reviews, self.low_reviews = False, 0, 0
        self.trust, self.overlap = 0.5, 0.0  # until the month's end
        self.spent = self.budget = 0.0
        self.founders = 0
        self.members: list[TwinMembership] = []
        model.alliances.append(self)
        model.living.append(self)

    @classmethod
    def found(cls, model: Any, founders: list[TwinFirm], gains: list[float]) -> None:
        """Sign a charter and set out on its pilot."""
        month, size = model.month, len(founders)
        alliance = cls(model, identity(model.luck, month, founders), month, month + model.config.pilot.months)
        alliance.founders = size
        terms = agree(model, founders)  # before anybody has paid
        for firm, gain, agreed in zip(founders, gains, terms, strict=True):
            TwinMembership(firm, alliance, 1.0 / size, month, gain).terms = agreed
        introduce(founders)
        alliance.set_up(founders)

    def set_up(self, founders: list[TwinFirm]) -> None:
        """Pay for the set-up (F18), and set the charter's budget."""
        config, size = self.model.config, len(founders)
        self.spent = template_setup(self.model, founders[0])
        cost = self.spent / size
        for firm in founders:
            firm.pay_setup(cost)
            firm.memberships[-1].booked["set-up"] -= cost
            self.model.tell("founded", firm.key, self.number, amount=cost)
        trust = sum(one.trust_in(other) for one, other in permutations(founders, 2)) / (size * (size - 1))
        rate = governance_rate(self.governance, size, trust, config.administration)
        monthly = rate * sum(size_factor(firm.revenue, config.administration) for firm in founders)
        self.budget = self.spent + config.pilot.budget_months * monthly

        used = founders[0].template
        if used.get(KIND_NAME):
            used[KIND_NAME] += 1

    def strike(self, told: bool = False) -> None:
        """F19: agree on terms anew."""
        before = relative([m.terms.agreed for m in self.members]), [m.terms.flat for m in self.members]
        for m, terms in zip(self.members, agree(self.model, [m.firm for m in self.members]), strict=True):
            m.terms = terms
        after = relative([m.terms.agreed for m in self.members]), [m.terms.flat for m in self.members]
        change, moved = (max(abs(x - y) for x, y in zip(one, other, strict=True))
                         for one, other in zip(before, after, strict=True))
        if told and (self.model.above(change, NOTABLE, "share") or self.model.above(moved, NOTABLE, "flat fee")):
            self.model.tell("renegotiated", alliance=self.number, amount=change)

    def describe(self) -> None:
        """Set mean trust and mean market overlap over all ordered pairs of members."""
        pairs = list(permutations((m.firm for m in self.members), 2))
        self.trust = sum(one.trust_in(other) for one, other in pairs) / len(pairs)
        self.overlap = sum(overlap(one, other, self.model.pull) for one, other in pairs) / len(pairs)

    # Phase 2 and 4: buying together

    def buy_together(self, purchasing: Any) -> None:
        """F1: climb the schedule with the pooled volume of last month, as far as the hidden fit lets it."""
        buyers = [m.firm for m in self.members if m.buys]
        pooled = price_rung(sum(firm.list_price * firm.output for firm in buyers), purchasing)
        for firm in buyers:
            if self.leverage:
                saving = (firm.rung - pooled) * self.fit
                firm.pool_discount = min(saving, firm.rung - (1.0 - purchasing.discount))

    def save(self, fee: float) -> None:
        """F1: book what each member that buys here saved on its own invoices, and the fee it owes."""
        for m in self.members:
            if not m.buys:
                continue
            firm = m.firm
            volume = firm.list_price * firm.input_index * firm.learning * firm.output
            m.saving = volume * firm.pool_discount
            m.fee = fee * volume * (firm.rung - firm.pool_discount)
            firm.saving += m.saving

    # Phase 5: conduct

    def hazard(self) -> float:
        """F17: the residual hazard of separation a month, log-logistic in the months since go."""
        rules = self.model.config.separation
        months = self.model.month - self.go
        if months <= 0:
            return 0.0
        odds = (months / rules.scale) ** rules.shape
        crowd = rules.per_member ** max(0, len(self.members) - 2)
        factor = rules.type_factor * rules.rivalry**self.overlap * crowd
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
            taken = -math.log(temptations[key]) * mean_temptation(gain, len(self.members), conduct)
            if self._takes(m, taken, stay, detected, rule):
                self._breach(m, taken, detections[key] < detected)

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
        culprit.conduct = SEEN if seen else UNSEEN
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

    # Phase 6: accounting

    def settle(self) -> None:
        """F19, F14: split the saving among those that buy here, charge governance and fee, update expected gains."""
        model = self.model
        administration = model.config.administration
        rate = governance_rate(self.governance, len(self.members), self.trust, administration)
        buyers = [m for m in self.members if m.buys]
        rest = sum(m.saving for m in buyers) - sum(m.terms.flat for m in buyers)
        for m, part in zip(buyers, relative([m.terms.agreed for m in buyers]), strict=True):
            m.split = m.terms.flat + part * rest - m.saving
        for m in self.members:
            firm = m.firm
            m.governance = rate * size_factor(firm.price * firm.output, administration)
            self.spent += m.governance
            firm.governance_cost += m.governance
            firm.alliance_flow += m.split - m.fee - m.governance
            model.outside["purchasing agents"] += m.fee
            model.outside["governance services"] += m.governance
            m.gain_months += 1
            m.booked["saving"] += m.saving
            m.booked["split"] += m.split
            m.booked["fee"] -= m.fee
            m.booked["governance"] -= m.governance
            booked = m.saving + m.split - m.fee - m.governance
            m.gain += (booked - m.gain) / min(m.gain_months, GAIN_MONTHS)

    # Phase 7: assessment

    def assess(self) -> None:
        """F20: take the month's signal, update the belief in q, renew the baselines after twelve months."""
        model, pilot = self.model, self.model.config.pilot
        gains = []
        for m in self.members:
            own = m.firm.margin if m.buys else m.firm.bare_margins[-1]  # gains by another alliance taken out
            usual = m.baseline * model.control[m.firm.home, m.firm.large] / m.control_base
            gains.append(own / usual - 1.0 if usual > 0.0 else 0.0)
        noise = model.luck.normals(Purpose.MEASUREMENT, model.month)[self.key, 0]
        self.signal = sum(gains) / len(gains) + pilot.noise * noise
        self.signals += 1
        self.signal_sum += self.signal
        error = pilot.persistent**2 + pilot.noise**2 / self.signals
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
        trust, pilot, terms = self.model.config.trust, self.model.config.pilot, self.model.config.terms
        disappointed = self.model.above(pilot.threshold, self.signal, "disappointing signal")
        inside = {m.firm for m in self.members}
        for m in self.members:
            for other in inside - {m.firm}:
                m.firm.ties[other].bad += terms.resentment * m.terms.unfairness
        for m in self.members:
            outcome = trust.disappointing if disappointed else 1.0
            if m.conduct in (LAPSED, SEEN):
                outcome = 0.0
            for other in inside - {m.firm}:
                tie = other.ties[m.firm]
                tie.good += trust.good * outcome
                tie.bad += trust.bad * (1.0 - outcome)
                tie.together = self.model.month
                if m.conduct in (LAPSED, SEEN):
                    tie.failed = self.model.month
            if m.conduct == SEEN:
                for third in m.firm.ties:
                    if third not in inside:
                        third.ties[m.firm].bad += trust.public * trust.bad

    # Phase 8: gates

    def chance(self) -> float:
        """F20: Pr(q > threshold) under the belief."""
        over = self.belief - self.model.config.pilot.threshold
        if self.belief_sd <= 0.0:
            return 1.0 if over > 0.0 else 0.0
        return normal_cdf(over / self.belief_sd)

    def pass_gate(self) -> None:
        """F20: end of the pilot: go, extend it once, or stop."""
        model, pilot = self.model, self.model.config.pilot
        chance = self.chance()
        broke = model.above(self.spent, self.budget, "budget")
        doubtful = model.above(pilot.stop, chance, "gate: stop")
        rule = model.config.rules.gate
        if rule == "threshold":
            goes = model.above(self.belief, pilot.threshold, "gate: threshold")
        else:
            goes = rule == "never_stop" or model.above(chance, pilot.go, "gate: go")
        if goes:
            self.stage, self.go, self.gate_month = RUNNING, model.month, model.month + pilot.review
            event = "go"
        elif rule == "threshold" or doubtful or broke or self.extended:
            self.ending, self.cause = model.month, "budget" if broke and not doubtful else "stopped"
            event = "stopped"
        else:
            self.extended, self.gate_month = True, model.month + pilot.months
            event = "extended"
        model.tell(event, alliance=self.number, amount=self.belief)

    def review(self) -> None:
        """F20: a review of a running alliance; two that fail in a row end it, after notice, and good ones raise it."""
        model, pilot = self.model, self.model.config.pilot
        self.gate_month = model.month + pilot.review
        rule = model.config.rules.gate
        if rule == "threshold":
            go = model.above(self.belief, pilot.threshold, "review")
            failed = not go
        else:
            go = rule == "never_stop" or model.above(self.chance(), pilot.go, "review: go")
            failed = not go and model.above(pilot.stop, self.chance(), "review")
        self.good_reviews = self.good_reviews + 1 if go else 0
        self.low_reviews = self.low_reviews + 1 if failed else 0
        if failed:
            model.tell("failed review", alliance=self.number, amount=self.belief)
        if self.low_reviews >= FAILED_REVIEWS and self.ending is None:
            self.ending, self.cause = model.month + self.governance.notice, "kpi"
        if model.config.scaling.standardise and self.ending is None:
            self.move_up(failed)

    def move_up(self, failed: bool) -> None:
        """F20: standardise after good reviews among members that trust each other, scale some months later."""
        model, scaling = self.model, self.model.config.scaling
        if self.stage == RUNNING:
            trusted = not model.above(scaling.trust, self.trust, "trust to be standardised")
            if self.good_reviews >= scaling.reviews and trusted:
                self.stage, self.standardised = STANDARDISED, model.month
                for m in self.members:
                    m.firm.template[KIND_NAME] = max(1, m.firm.template.get(KIND_NAME, 0))
                model.tell("standardised", alliance=self.number, amount=self.belief)
        elif self.stage == STANDARDISED and not failed and model.month - self.standardised >= scaling.months:
            self.stage, self.scaled = SCALED, model.month
            model.tell("scaled", alliance=self.number, amount=self.belief)

    def part(self) -> None:
        """F17: give notice by the residual hazard or for want of gain, and carry out what is due.

        A breach that was seen expels the culprit at once; the rest go on while two remain.
        """
        model, month, notice = self.model, self.model.month, self.governance.notice
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
                last = "no gain"
                m.leave(month, last)
        if len(self.members) < 2:
            self.end(last)
        elif self.ending is not None and self.ending <= month:
            self.end(self.cause)

    def end(self, cause: str) -> None:
        """End the alliance now, and with it every membership."""
        self.stage, self.ended, self.cause = ENDED, self.model.month, cause
        for m in list(self.members):
            m.leave(self.model.month, cause)
        self.model.living.remove(self)
        self.model.tell("ended", alliance=self.number, cause=cause)


def identity(luck: Any, month: int, founders: list[TwinFirm]) -> int:
    """Return the identity of an alliance: the hash of its type, founding month and sorted founders."""
    found = 0
    for part in (KIND, month, *sorted(firm.key for firm in founders)):
        found = luck.folded[found, part]
    return found


def governance_rate(governance: Any, members: int, trust: float, administration: Any) -> float:
    """F14: what governing an alliance costs a member with a revenue of 60 k€ a month."""
    if governance.mode == "shared":
        base = 0.15 + 0.15 * (members - 1) / 2
    elif governance.mode == "lead":
        base = 0.15 + 1 / members + 0.25 * (members - 1) / members
    else:
        base = 0.25 + 3 / members
    friction = (0.5 + governance.completeness) * math.exp(-administration.trust_slope * (trust - 0.5))
    return administration.scale * base * friction


def size_factor(revenue: float, administration: Any) -> float:
    """F14: how much more governance costs a member with this revenue."""
    return (revenue / 60.0) ** administration.size_exponent


def detection(dashboard: float, conduct: Any) -> float:
    """F13: the chance that a breach is seen."""
    return min(1.0, conduct.detection + conduct.detection_dashboard * dashboard)


def mean_temptation(gain: float, members: int, conduct: Any) -> float:
    """F13: the mean of what can be taken in a month."""
    return conduct.temptation * gain * (1.0 + conduct.per_member * (members - 2))


def discount(delta: float, hazard: float, conduct: Any) -> float:
    """F13: dh, the discount factor of a partnership that may end."""
    return delta * max(0.0, 1.0 - hazard - conduct.other_hazard)


def worth_of_honesty(gain: float, dh: float, detected: float, penalty: float, trust: float, honesty: float,
                     conduct: Any) -> float:
    """F13: (pi_C - pi_P) dh / (1 - dh) + q_det P + 4 T honesty pi_C, above which a temptation is taken."""
    future = (1.0 - conduct.punished_gain) * gain * dh / (1.0 - dh)
    return future + detected * penalty + conduct.loyalty * trust * honesty * gain


def normal_cdf(x: float) -> float:
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
