"""A firm, what it knows of others, and what it does by itself each month: operations and books."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import mesa

from twin.stock import hold, make_and_deliver, safety_months
from twin.words import (
    CAPABILITIES,
    CULTURE,
    FIRST_CAPABILITY,
    FIRST_CULTURE,
    FIRST_TASTE,
    HONESTY,
    IMPORTANCE,
    LAUNCH_AGE,
    MODULARITY,
    READINESS,
    RISK,
    SEGMENTS,
    Purpose,
)

REMEMBERED = 12  # months of margins a firm can look back on


@dataclass(slots=True)
class TwinTie:
    """What one firm knows of another: evidence in months, fading (F5), and what it did last."""

    good: float = 0.0
    bad: float = 0.0
    together: int | None = None  # last month in which both were in an alliance
    failed: int | None = None    # last month in which the other was seen to fail in one of both


@dataclass(slots=True)
class Structure:
    """What a firm has made of itself (F27, F18); of F, a month's fixed cost at the start, where shares are meant."""

    lines: list[str] = field(default_factory=lambda: list(CAPABILITIES))  # capability lines it keeps
    line_share: float = 0.0     # of F, that lines dropped took
    cuts: float = 0.0           # share of F that cuts save
    harm: float = 0.0           # appeal lost by them
    budget: float = 0.0         # k€ to be spent on growth
    rate: float = 0.0           # of it in a month
    gained: float = 0.0         # modularity added since the start
    to_come: float = 0.0        # modularity that the programme under way still adds
    new_platform: bool = False  # whether the next launch is the first on its platform
    launch_pace: float = 1.0    # time to market over that at the start
    thrift: float = 1.0         # factor on unit cost
    unit: str | None = None     # who runs its alliances: dedicated or spin_off
    capital: float = 0.0        # k€ that it may still lose by a unit spun off


class _Numbers:
    """Stands in for the counters by which Mesa 3.3 numbers agents, which keep every model alive for good."""

    def __getitem__(self, model: Any) -> Iterator[int]:
        return model.numbers


class TwinFirm(mesa.Agent):
    """One firm in its slot; `generation` counts the firms that held the slot before.

    Money is in k€ a month, quantities in units a month; at month 0 a unit is what costs 1 k€.
    """

    _ids = _Numbers()

    def __init__(self, model: Any, slot: int, generation: int = 0) -> None:
        super().__init__(model)
        config = model.config
        self.slot, self.generation, self.key = slot, generation, (generation << 32) + slot
        self.founded = model.month
        self.focal = self.large = False
        self.strategy = config.background
        self.disposition = config.trust.disposition  # trust in strangers
        self.attention = config.firms.attention_small
        self.ties: dict[TwinFirm, TwinTie] = {}  # in the order of meeting
        self.template: dict[str, int] = {}  # number of its next alliance from a template, by type
        self.memberships: list[Any] = []  # in alliances that have not ended, oldest first
        self.home = -1
        self.own_demand = self.own_price = 0.0  # logs
        self.input_index, self.disrupted = 1.0, 0
        self.learning = self.experience = 1.0
        self.revenue = self.ebitda = self.economic_profit = 0.0
        self.saving = self.alliance_flow = self.governance_cost = self.setup_cost = 0.0
        self.breach_flow = self.breach_cost = 0.0
        self.breaches = self.ruined = 0
        self.leaks, self.leak_cost = 0, 0.0
        self.lost_appeal = 0.0  # by leaks and misuse, not yet come back
        self.developed = dict.fromkeys(CAPABILITIES, 0.0)  # what was added to the capabilities it was born with
        self.pool_discount = self.joint_appeal = self.outage = 0.0
        self.process_effort = self.process_cost = 0.0  # cut of its own unit cost, and what it spends on it
        self.subscriptions = 0.0  # share of its customers that subscribe; a user's file may say more
        self.missed = self.compensation = 0.0  # what customers see of late delivery, and what they get for it
        self.spare = self.lots = self.lot_revenue = self.lot_margin = 0.0
        self.lead_factor = self.stock_share = 1.0
        self.fixed_saved = self.replaced = self.holding_saved = self.research_cost = 0.0  # of this month
        self.own_infrastructure: str | None = None  # built or bought, beside alliances
        self.own_research: str | None = None
        self.research_since, self.research_target = 0, ""
        self.own_replaced = self.own_rent = self.own_research_cost = 0.0
        self.structure = Structure()
        self.forgone: dict[str, float] = {}  # what alliances of a type must beat, k€
        self.reviewed, self.profit_then = 0, 0.0  # month of its last review, and what it had earned by then
        self.results: list[float] = []  # of its reviews: economic profit a month over fixed cost
        self.audited: int | None = None  # the month in which its audit is done
        self.mapped: int | None = None
        self.prepared: int | None = None
        self.lessons: dict[str, list[float]] = {}  # what alliances delivered of what they promised, by type
        self._draw_traits(config)

    def look_back(self) -> None:
        """Note what the months since its last review have given it."""
        months = self.model.month - (self.reviewed or self.founded)
        earned = (self.economic_profit - self.profit_then) / months
        self.results.append(earned / self.month_cost if self.month_cost > 0.0 else 0.0)
        self.reviewed, self.profit_then = self.model.month, self.economic_profit

    def _draw_traits(self, config: Any) -> None:
        """Draw what a firm is born with."""
        uniform, normal = (draws(Purpose.POPULATION) for draws in (self.model.luck.uniforms, self.model.luck.normals))
        key, drawn = self.key, config.firms
        self.born = {c: beta22(uniform[key, FIRST_CAPABILITY + k]) for k, c in enumerate(CAPABILITIES)}
        self.culture = {c: beta22(uniform[key, FIRST_CULTURE + k]) for k, c in enumerate(CULTURE)}
        self.modularity = beta22(uniform[key, MODULARITY])
        self.api_readiness = beta22(uniform[key, READINESS])
        self.risk_aversion = drawn.risk_aversion * math.exp(drawn.risk_spread * normal[key, RISK])
        self.honesty = uniform[key, HONESTY]
        self.taste = [config.market.taste_spread * normal[key, FIRST_TASTE + s] for s in range(len(SEGMENTS))]
        self.launch_age = int(config.customers.launch_months * uniform[key, LAUNCH_AGE])
        self.launched = steady_launches(self.launch_age, config.customers)
        every = config.choice.search_months
        self.search_phase = int(self.model.luck.uniforms(Purpose.SEARCH)[key, 0] * every)

    def develop(self, capability: str, gain: float) -> None:
        """F10, F12: add to a capability, to 1 at most."""
        self.developed[capability] = min(self.developed[capability] + gain, 1.0 - self.born[capability])
        self.attract(self.model.intercept)

    def lose_appeal(self, lost: float) -> None:
        """F12, F21: lose appeal, or win it; it comes back with time."""
        self.appeal -= lost
        self.lost_appeal += lost

    def attract(self, intercept: list[float]) -> None:
        """F22: set capabilities, born with and developed, and exp(B_s + e_is + 3 sum_c w_sc z_ic), what follows."""
        self.capability = {c: self.born[c] + self.developed[c] for c in CAPABILITIES}
        weight = self.model.config.market.capability_weight
        self.attraction = []
        for s, importance in enumerate(IMPORTANCE):
            fit = sum(importance[c] * self.capability[c] for c in importance)
            self.attraction.append(intercept[s] * math.exp(self.taste[s] + weight * fit))

    def start(self, sales: float, price: float, ebitda_margin: float, inputs: float, cash: float | None = None) -> None:
        """Divide costs so that the firm earns its margin, and start all its processes at rest.

        `inputs` is what it pays for the inputs of a unit; its price and unit cost are set already.
        """
        config = self.model.config
        customers = config.customers
        self.sales = self.production = self.output = self.target = sales
        self.stock = safety_months(config.stock) * sales
        self.price = price
        revenue = price * sales
        bought = inputs / (self.learning * self.input_index)  # at the input price and experience of month 0
        self.rung = price_rung(list_spend(bought * sales, config.purchasing), config.purchasing)
        self.list_price = bought / self.rung
        self.other_cost = (self.unit_cost - inputs) / self.learning
        self.margin = (price - self.unit_cost) * sales
        self.bare_margins = deque([self.margin] * REMEMBERED, maxlen=REMEMBERED)
        held = hold(self, config.stock)  # in the fixed cost of a month like this one
        self.month_cost = max(held, self.margin - ebitda_margin * revenue)
        marketing = min(customers.marketing_share * revenue, self.month_cost - held)
        usual = customers.churn * sales  # leads of a firm without subscribers, whose price per lead it pays
        self.lead_cost = marketing / usual if usual > 0.0 else 0.0
        self.churn, self.on_time = customers.churn * (1.0 - config.subscriptions.churn * self.subscriptions), 1.0
        self.leads = self.churn * sales
        self.fixed_cost = max(0.0, self.month_cost - self.lead_cost * self.leads - held)
        self.full_cost = self.fixed_cost  # before restructuring
        self.cash = config.firms.cash_months * self.month_cost if cash is None else cash
        self.capacity = customers.capacity * sales
        self.experience_unit = config.learning.experience_months * sales

    def meet(self, other: TwinFirm) -> None:
        """Get to know another firm, and it this one, unless they met before."""
        if other not in self.ties:
            self.ties[other], other.ties[self] = TwinTie(), TwinTie()

    def oldest(self, kind: str) -> Any:
        """Return its membership in the oldest alliance of a type; None where it is in none."""
        return next((m for m in self.memberships if m.alliance.kind == kind), None)

    def pay_setup(self, cost: float) -> None:
        """Pay a part of what setting an alliance up costs."""
        self.cash -= cost
        self.ebitda -= cost
        self.economic_profit -= cost
        self.setup_cost += cost
        self.model.outside["setup services"] += cost

    def invest(self, outlay: float, whom: str) -> None:
        """Pay for capital of its own."""
        self.cash -= outlay
        self.economic_profit -= outlay
        self.model.outside[whom] += outlay

    def trust_in(self, other: TwinFirm) -> float:
        """F5: T = (g + 4 tau) / (g + b + 4); the disposition tau towards a stranger."""
        tie = self.ties.get(other)
        if tie is None:
            return self.disposition
        prior = self.model.config.trust.prior_weight
        return (tie.good + prior * self.disposition) / (tie.good + tie.bad + prior)

    def operate(self, customers: Any, subscribing: Any, stock: Any, disruption_loss: float) -> None:
        """F22, F4, F2: sell, make, deliver, make good churn with leads, learn and launch for a month."""
        self.saving = self.alliance_flow = self.governance_cost = self.setup_cost = self.breach_flow = 0.0
        self.fixed_saved = self.replaced = self.own_replaced
        self.holding_saved = self.research_cost = 0.0
        before = self.sales
        moves = customers.adjustment * (1.0 - subscribing.inertia * self.subscriptions)
        self.sales = before + moves * (self.target - before)
        lost = customers.churn + customers.churn_undelivered * self.missed
        self.churn = lost * (1.0 - subscribing.churn * self.subscriptions)
        self.leads = max(0.0, self.sales - before + self.churn * before)
        make_and_deliver(self, stock, (1.0 - disruption_loss if self.disrupted > 0 else 1.0) * (1.0 - self.outage))
        self.on_time = self.output / self.sales if self.sales > 0.0 else 1.0
        self.missed, self.compensation = 1.0 - self.on_time, 0.0
        self.experience += self.production / self.experience_unit
        self.launched *= 1.0 - customers.launch_fade
        self.launch_age += 1
        if not self.model.above(customers.launch_months * self.structure.launch_pace, self.launch_age, "launch"):
            self.launched += customers.launch_gain
            self.launch_age, self.structure.new_platform = 0, False
        self._recover()

    def _recover(self) -> None:
        """F10, F12: book what lost appeal costs, and let it come back and what was developed depreciate."""
        config = self.model.config
        self.leak_cost += self.lost_appeal * self.target / self.model.price_sensitivity
        self.lose_appeal(-config.leaks.fade * self.lost_appeal)
        if any(self.developed.values()):
            for c in CAPABILITIES:
                self.developed[c] *= 1.0 - config.capability.depreciation
            self.attract(self.model.intercept)

    def close_month(self, rules: Any, outside: dict[str, float]) -> None:
        """F25: book the month, pay the owners out of what is plenty, and see whether the firm is in ruin."""
        made = self.production * self.learning
        inputs = made * self.list_price * self.input_index * (self.rung - self.pool_discount)
        production = made * self.other_cost
        marketing = self.leads * self.lead_cost * self.lead_factor
        fixed = max(0.0, self.fixed_cost - self.fixed_saved)
        held = hold(self, self.model.config.stock)
        self.revenue = self.price * self.output + self.lot_revenue
        self.ebitda = (self.revenue - inputs - production - fixed - marketing - held - self.own_rent
                       - self.own_research_cost - self.compensation + self.alliance_flow + self.breach_flow
                       - self.process_cost)
        self.cash += self.ebitda
        payout = rules.payout_share * max(0.0, self.cash - rules.payout_months * self.month_cost)
        self.cash -= payout
        self.economic_profit += self.ebitda - rules.capital_charge * rules.capital_months * self.month_cost
        ruined = rules.ruin and self.model.above(-rules.ruin_months * self.month_cost, self.cash, "ruin")
        self.ruined = self.ruined + 1 if ruined else 0
        outside["customers"] += self.compensation - self.revenue
        outside["suppliers"] += inputs
        outside["production"] += production
        outside["overheads"] += fixed
        outside["warehouses"] += held
        outside["equipment"] += self.own_rent
        outside["research"] += self.own_research_cost + self.process_cost
        outside["marketing"] += marketing
        outside["owners"] += payout

    def measure(self, leading: bool) -> None:
        """F20: margin as the KPI counts it, and gross margin with all that alliances did to it taken out as rates."""
        sales = self.target if leading else self.sales
        self.gross_margin = gross = (self.price - self.unit_cost) * sales
        self.margin = (gross + self.fixed_saved + self.holding_saved + self.alliance_flow + self.governance_cost
                       + self.research_cost - self.own_rent - self.compensation)
        self.joint_lift = math.exp(self.joint_appeal)
        saved = self.list_price * self.input_index * self.learning * self.pool_discount * sales
        self.bare_margins.append(gross * math.exp(-saved / gross) / self.joint_lift if gross > 0.0 else gross)

    @property
    def bare_margin(self) -> float:
        """Its margin of the month without what alliances did to it."""
        return self.bare_margins[-1]


def introduce(firms: list[TwinFirm]) -> None:
    """Let firms that have not met get to know each other, one after the other in the order given."""
    for k, firm in enumerate(firms):
        for earlier in firms[:k]:
            earlier.meet(firm)


def recent_mean(values: Any, months: int) -> float:
    """Return the mean of the last `months` of some values."""
    return sum(values[-1 - back] for back in range(months)) / months


def beta22(p: float) -> float:
    """Return the quantile of Beta(2, 2): with x = 1/2 + cos t, its law 3 x^2 - 2 x^3 = p is cos 3t = 1 - 2p."""
    return 0.5 + math.cos((math.acos(1.0 - 2.0 * p) + 4.0 * math.pi) / 3.0)


def steady_launches(age: int, customers: Any) -> float:
    """F22: what launches every so many months add to appeal, `age` months after the last, each fading."""
    kept = 1.0 - customers.launch_fade
    return customers.launch_gain * kept**age / (1.0 - kept**customers.launch_months)


def price_rung(spend: float, purchasing: Any) -> float:
    """F1: price over list price when `spend` k€ a month at list price is bought, alone or together."""
    if spend <= purchasing.first_rung:
        return 1.0
    return 1.0 - purchasing.discount * (1.0 - (spend / purchasing.first_rung) ** -purchasing.steepness)


def list_spend(paid: float, purchasing: Any) -> float:
    """Return the spend at list price for which `paid` is the price after discount, rung by rung from below."""
    spend, last = paid, 0.0
    for _ in range(200):
        spend, last = paid / price_rung(spend, purchasing), spend
        if spend - last <= 1e-15 * spend:
            break
    return spend
