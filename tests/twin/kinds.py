"""The four types of alliance: what each yields and costs, shows its members, and promises before it is founded."""

from __future__ import annotations

from typing import Any, NamedTuple

from twin.alliances import TwinAlliance
from twin.ecosystem import self_image
from twin.equations import (
    best_target,
    capability_gain,
    choose_efforts,
    joint_appeal,
    matched,
    mean_overlap,
    pooled_away,
    rent,
    replaced,
    reserve_cost,
    stakes,
    success_chance,
    value_of_sprinting,
)
from twin.firm import TwinFirm, price_rung
from twin.membership import TwinMembership
from twin.sprints import chance, from_partners, learn, radical_part
from twin.stock import kept_in_common, own_holding
from twin.tendering import gain_by_bidding
from twin.words import PILOT, Purpose


class Yield(NamedTuple):
    """What a charter is expected to yield a member before its benefit, k€ a month."""

    saving: float = 0.0  # shared among the members
    own: float = 0.0     # nobody else's
    fee: float = 0.0
    lots: float = 0.0    # gained by bidding together, whatever the benefit


class Procurement(TwinAlliance):
    """F1: buying together."""

    kind = "procurement"

    @classmethod
    def expect(cls, config: Any, charter: list[TwinFirm], brings: list[Any], pull: list[float],
               alliance: Any = None) -> list[Yield]:
        """Pool this month's spend; whether the category has leverage is not known."""
        purchasing = config.purchasing
        pooled = price_rung(sum(b.spend for b in brings), purchasing)
        savings = [(1.0 - purchasing.no_leverage) * (b.alone - pooled) * b.volume for b in brings]
        return [Yield(saving, fee=purchasing.fee * (b.alone * b.volume - saving))
                for b, saving in zip(brings, savings, strict=True)]

    def takes_part(self, m: TwinMembership) -> bool:
        """A firm buys through the oldest pool it is in."""
        return m.oldest_of_its_kind

    def join_forces(self) -> None:
        """F1: climb the schedule with the pooled volume of last month, as far as the benefit lets it."""
        purchasing = self.model.config.purchasing
        buyers = [m.firm for m in self.members if self.takes_part(m)]
        pooled = price_rung(sum(firm.list_price * firm.production for firm in buyers), purchasing)
        for firm in buyers:
            if self.leverage:
                saving = (firm.rung - pooled) * self.benefit
                firm.pool_discount = min(saving, firm.rung - (1.0 - purchasing.discount))

    def book(self, m: TwinMembership) -> None:
        """F1: what it saved on its own invoices, and the fee on the rest."""
        firm = m.firm
        volume = firm.list_price * firm.input_index * firm.learning * firm.production
        m.saving = volume * firm.pool_discount
        m.fee = self.model.config.purchasing.fee * volume * (firm.rung - firm.pool_discount)

    def seen_margin(self, m: TwinMembership) -> float:
        """The saving is in the gross margin; what joint marketing did is taken out."""
        return m.firm.gross_margin / m.firm.joint_lift + m.split - m.fee if self.takes_part(m) else m.firm.bare_margin


class Coopetition(TwinAlliance):
    """F3 and joint marketing: reserves pooled and customers won together, as the proposer's strategy has it."""

    kind = "coopetition"
    paid_to = "equipment"

    @classmethod
    def psi(cls, config: Any) -> float:
        """F7: psi."""
        return config.fit.coopetition

    @classmethod
    def expect(cls, config: Any, charter: list[TwinFirm], brings: list[Any], pull: list[float],
               alliance: Any = None) -> list[Yield]:
        """Pool reserve capacity and stock, and win customers from those who are no members."""
        size, coopetition = len(charter), config.coopetition
        scope = alliance.scope if alliance else charter[0].strategy.scope
        saved = pooled_away(size, coopetition) if "capacity" in scope else 0.0
        appeal = joint_appeal(size, mean_overlap(charter, pull), coopetition) if "marketing" in scope else 0.0
        stored = 0.0
        if "warehousing" in scope:
            stored = 1.0 - kept_in_common(pooled_away(size, coopetition), config.data_sharing.shared, config.stock)
        office, fee = 0.0, 0.0
        if "automation" in scope:
            office, fee = coopetition.automation, office_fee(size, coopetition)
        return [Yield(matched(firm, charter) * (saved * reserve_cost(firm, config)
                                                + stored * own_holding(firm, config.stock)
                                                + min(1.0, office) * firm.month_cost),
                      matched(firm, charter) * appeal * firm.margin,
                      fee=matched(firm, charter) * fee * firm.price * firm.output,
                      lots=gain_by_bidding(firm.model, charter, firm) if "tendering" in scope else 0.0)
                for firm in charter]

    def sign(self, founders: list[TwinFirm]) -> None:
        """Take over the scope that its proposer has in mind."""
        self.scope = founders[0].strategy.scope

    def asked(self) -> float:
        """F20: theta of co-opetition."""
        return self.model.config.pilot.threshold_coopetition

    def takes_part(self, m: TwinMembership) -> bool:
        """A firm shares its reserves once."""
        return m.oldest_of_its_kind

    def _appeal(self) -> float:
        """Return what joint marketing adds to A."""
        coopetition = self.model.config.coopetition
        return joint_appeal(len(self.members), self.overlap, coopetition) * self.benefit

    def join_forces(self) -> None:
        """Win customers together: more appeal, and leads that cost less."""
        if "marketing" not in self.scope:
            return
        appeal, size = self._appeal(), len(self.members)
        for m in self.members:
            if self.takes_part(m):
                m.firm.joint_appeal = m.match * appeal
                cheaper = 1.0 - size ** -self.model.config.coopetition.lead_exponent
                m.firm.lead_factor = 1.0 - m.match * cheaper

    def share_stores(self) -> None:
        """F3, F4: keep less stock in a common warehouse."""
        config = self.model.config
        if "warehousing" not in self.scope or config.stock.service_factor == 0.0:
            return
        pooled = pooled_away(len(self.members), config.coopetition) * self.benefit
        for m in self.members:
            if self.takes_part(m):
                spared = 1.0 - kept_in_common(pooled, self.data.shared, config.stock)
                m.firm.stock_share = 1.0 - m.match * spared

    def face_customers(self) -> None:
        """F22: one name for all: make good what is below the standard, and be seen as the worst in part."""
        coopetition = self.model.config.coopetition
        sellers = [m.firm for m in self.members if self.takes_part(m)]
        if "marketing" not in self.scope or not sellers:
            return
        allowed = 1.0 - coopetition.quality_floor
        for firm in sellers:
            late = firm.sales - firm.output if firm.sales > 0.0 else 0.0
            firm.compensation = coopetition.compensation * firm.price * max(0.0, late - allowed * firm.sales)
            firm.missed = min(allowed, firm.missed)
        worst = max(firm.missed for firm in sellers)
        for firm in sellers:
            firm.missed = (1.0 - coopetition.reputation) * firm.missed + coopetition.reputation * worst

    def compensated(self, m: TwinMembership) -> float:
        """F22: by the member itself."""
        return m.firm.compensation if self.takes_part(m) else 0.0

    def book(self, m: TwinMembership) -> None:
        """F3: the cost of reserves and stock not needed any more, and what custom won together is worth."""
        config, firm = self.model.config, m.firm
        m.saving = m.worth = 0.0
        if "capacity" in self.scope:
            saved = min(1.0, pooled_away(len(self.members), config.coopetition) * self.benefit)
            m.saving = m.match * saved * reserve_cost(firm, config)
        if "automation" in self.scope:
            m.saving += m.match * min(1.0, config.coopetition.automation * self.benefit) * firm.month_cost
            sold = firm.price * firm.output + firm.lot_revenue
            m.fee = m.match * office_fee(len(self.members), config.coopetition) * sold
        firm.fixed_saved += m.saving
        if "warehousing" in self.scope:  # cash has it already, since less is held
            firm.holding_saved = own_holding(firm, config.stock) * (1.0 - firm.stock_share)
            m.saving += firm.holding_saved
        if "marketing" in self.scope:
            m.worth = m.match * self._appeal() * firm.margin
        if "tendering" in self.scope:
            m.worth += gain_by_bidding(self.model, [other.firm for other in self.members], firm)

    def seen_margin(self, m: TwinMembership) -> float:
        """What marketing did, fixed cost saved, its fee, and lots won together are beside the bare margin."""
        firm = m.firm
        if not self.takes_part(m):
            return firm.bare_margin
        lifted = firm.bare_margin * firm.joint_lift
        return lifted + m.saving + m.split - m.fee + firm.lot_margin - firm.compensation


def office_fee(members: int, coopetition: Any) -> float:
    """Return what each of some members pays for machines in the office, over its revenue."""
    return coopetition.automation_fee / members**coopetition.automation_exponent


class Research(TwinAlliance):
    """F10, F11: sprints that may add to one capability of all members."""

    kind = "rnd"
    paid_to = "research"

    @classmethod
    def psi(cls, config: Any) -> float:
        """F7: psi."""
        return config.fit.rnd

    @classmethod
    def realised(cls, benefit: float, config: Any) -> float:
        """F10: the chance that a sprint succeeds."""
        return success_chance(benefit, 1.0, config.research)

    @classmethod
    def expect(cls, config: Any, charter: list[TwinFirm], brings: list[Any], pull: list[float],
               alliance: Any = None) -> list[Yield]:
        """Work on the capability in which the members have most at stake, all of the budget on it."""
        research = config.research
        target = alliance.target if alliance else best_target([b.stakes for b in brings])
        helped = from_partners(charter, [1.0] * len(charter), alliance.protection if alliance else config.ip_protection)
        return [Yield(own=value_of_sprinting(b.stakes[target], 1.0 + help_, config), fee=research.budget * b.revenue)
                for b, help_ in zip(brings, helped, strict=True)]

    def sign(self, founders: list[TwinFirm]) -> None:
        """Agree on the capability to work on; it is the proposer's strategy that says in what steps."""
        self.radical = founders[0].strategy.research == "radical"
        self.target = best_target([stakes(firm, self.model.pull, self_image(firm)) for firm in founders])

    def _budget(self, firm: TwinFirm) -> float:
        """F10: what a firm means to spend here: its part of revenue over all its sprints."""
        at_once = sum(m.alliance.kind == self.kind for m in firm.memberships)
        return self.model.config.research.budget * firm.price * firm.output / at_once

    def _worths(self, effective: list[float]) -> list[float]:
        """F10: the value of a month of sprinting to each member, if every sprint succeeded."""
        return [value_of_sprinting(stakes(m.firm, self.model.pull, m.firm.capability)[self.target], research,
                                   self.model.config)
                for m, research in zip(self.members, effective, strict=True)]

    def choose_effort(self) -> None:
        """F10: how much of its budget each puts in."""
        config = self.model.config
        firms = [m.firm for m in self.members]
        budgets = [self._budget(firm) for firm in firms]
        worths = self._worths([1.0 + help_ for help_ in from_partners(firms, [1.0] * len(firms), self.protection)])
        efforts = choose_efforts(budgets, worths, config.research.intensity * self.benefit, config.rules.effort)
        for m, effort in zip(self.members, efforts, strict=True):
            m.effort = effort

    def _chance_of_success(self, radical: bool) -> float:
        """F10: of a sprint with the efforts of the month."""
        effort = sum(m.effort for m in self.members) / len(self.members)
        return chance(self.benefit, effort, radical, self.model.config.research)

    def sprint(self) -> None:
        """F10: at the end of a sprint a success adds to the capability of every member."""
        model, research = self.model, self.model.config.research
        if (model.month - self.founded) % research.sprint:
            return
        self.sprints += 1
        luck = model.luck.uniforms(Purpose.SPRINT, model.month)[self.key, self.sprints]
        if not model.above(self._chance_of_success(self.radical), luck, "success"):
            return
        self.successes += 1
        self.last_success = self.sprints
        model.tell("success", alliance=self.number, cause="radical" if self.radical else "", amount=float(self.sprints))
        for m in self.members:
            z = m.firm.capability[self.target]
            gain = capability_gain(z, m.effective, research)
            if self.radical:  # as much in expectation as an incremental sprint, and so the more, the rarer
                rarer = self._chance_of_success(False) / self._chance_of_success(True)
                surprise = model.luck.normals(Purpose.GAIN, model.month)[self.key, self.sprints]
                gain = (1.0 - z) * radical_part(2.0 * research.gain * m.effective * rarer, surprise,
                                                research.radical_spread)
            learn(m, self.target, gain)

    def collaborate(self) -> None:
        """F10: book each member's spending, and what the month's sprinting is worth, known later."""
        likely, worths = self._chance_of_success(False), self._worths([m.effective for m in self.members])
        for m, worth in zip(self.members, worths, strict=True):
            m.fee = m.effort * self._budget(m.firm)
            m.worth = likely * worth
            m.firm.research_cost += m.fee

    def mean_and_threshold(self) -> tuple[float, float]:
        """F20: milestones stand for the mean; an undecided pilot fails, running R&D does not."""
        return self.chance(), 0.5 if self.stage == PILOT else 0.25

    def chance(self) -> float:
        """F20: R&D passes by its milestones, since its cost comes first; of radical R&D a sprint done is enough."""
        if self.stage == PILOT:
            return 1.0 if self.successes or (self.radical and self.sprints) else 0.5
        if self.successes > self.seen_successes:
            return 1.0
        return 0.0 if self.disappoints() else 0.5

    def disappoints(self) -> bool:
        """F20: too many sprints without success."""
        research = self.model.config.research
        return self.sprints - self.last_success >= (research.radical_patience if self.radical else research.patience)


class Infrastructure(TwinAlliance):
    """F24: shared infrastructure, rented, or owned once proven; a firm may use several."""

    kind = "infrastructure"
    paid_to = "equipment"

    @classmethod
    def psi(cls, config: Any) -> float:
        """F7: psi."""
        return config.fit.infrastructure

    @classmethod
    def expect(cls, config: Any, charter: list[TwinFirm], brings: list[Any], pull: list[float],
               alliance: Any = None) -> list[Yield]:
        """Replace a part of what is left to replace, for a rent."""
        rules = config.infrastructure
        here = {m.firm: m.saving for m in alliance.members} if alliance else {}
        parts = [matched(firm, charter) for firm in charter]
        return [Yield(part * replaced(firm, 1.0, rules, here.get(firm, 0.0)), fee=rent(firm, part, rules))
                for firm, part in zip(charter, parts, strict=True)]

    def break_down(self) -> None:
        """F24: an outage of one user, or of all by a common cause; two in a month are as bad as one."""
        model, rules = self.model, self.model.config.infrastructure
        luck = model.luck.uniforms(Purpose.OUTAGE, model.month)
        common, own = rules.outage * rules.outage_common, rules.outage * (1.0 - rules.outage_common)
        loss = rules.outage_loss
        if rules.recovery:
            common, loss = common * (1.0 - rules.recovery_common), loss * (1.0 - rules.recovery_time)
        for m in self.members:
            if luck[self.key, 0] < common or luck[model.luck.folded[m.firm_key, self.key], 1] < own:
                m.firm.outage = loss

    def book(self, m: TwinMembership) -> None:
        """F24: the fixed cost it replaces after older ones, and the rent, or the fee to what users own together."""
        rules, firm = self.model.config.infrastructure, m.firm
        m.saving, m.fee = m.match * replaced(firm, self.benefit, rules), rent(firm, m.match, rules)
        if self.venture:
            m.fee = rules.user_fee * m.match * rules.capital / rules.users * firm.month_cost / rules.user_cost
        firm.replaced += m.saving
        firm.fixed_saved += m.saving

    def seen_margin(self, m: TwinMembership) -> float:
        """Saving and rent are beside the bare margin."""
        return m.firm.bare_margin + m.saving + m.split - m.fee


TYPES = (Procurement, Coopetition, Research, Infrastructure)
"""In the order of their numbers."""
