"""The twin: the month of the engine as plain Mesa objects and obvious loops, to hold the engine against.

It is written from the model's description and shares nothing with the engine but the configuration and the
draws. What the engine keeps in columns is here an attribute of a firm, an alliance or a membership; a month
that has not come is None. Start reading at `SCHEDULE`.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

import mesa

from allysim.config import Scenario
from twin.alliances import BASELINE_MONTHS, PILOT, TwinAlliance
from twin.alternatives import research_alone, take_up, weigh
from twin.demography import demography, populate
from twin.ecosystem import get_ready, learn_at_review
from twin.fall_back import fall_back
from twin.firm import TwinFirm
from twin.formation import annuity, found_by_hand
from twin.formation import formation as found_new
from twin.leaks import Parted, leak
from twin.luck import Luck
from twin.market import environment, inverse_demand, market, operations
from twin.membership import TwinMembership
from twin.networks import embed
from twin.portfolio import rebalance
from twin.process import choose_efforts
from twin.restructuring import strategy
from twin.scaling import admissions, govern
from twin.sprints import do_research, hand_back
from twin.tendering import tender
from twin.words import SEGMENTS

CLOSE = 1e-9
CONTROLS = 3  # fewer unallied firms of like segment and size are no control group


class CloseCall(NamedTuple):
    """A decision whose two sides are closer than 1e-9: whether `left` is above `right`."""

    month: int
    question: str
    left: float
    right: float


class Event(NamedTuple):
    """Something that happened; `firm` is an identity and `alliance` a number, -1 where none is meant."""

    month: int
    event: str
    firm: int
    alliance: int
    cause: str
    amount: float


class TwinModel(mesa.Model):
    """A world of firms and their alliances.

    `luck` may be that of a run before, so that nothing needs to be drawn. `oracle` is asked where a decision
    is too close to call in floating point; by default it decides as the numbers stand.

    Attributes
    ----------
    firms, gone : the living firms by slot, and those that exited
    alliances, living : all alliances there ever were, by number, and those that have not ended
    memberships : all there ever were, in the order of joining
    control, control_past : index of unallied firms' margin by (segment, large), now and in the last 12 months
    parted : former partners, of whom staff may still leak
    outside : balances of those who stand beyond the firms, k€
    """

    def __init__(self, config: Scenario, seed: int, luck: Luck | None = None,
                 oracle: Callable[[CloseCall], bool] = lambda call: call.left > call.right) -> None:
        super().__init__(rng=seed)
        self.config, self.month = config, 0
        self.luck = luck or Luck(seed)
        self.numbers = count(1)  # of Mesa agents
        self.oracle, self.close_calls = oracle, 0
        self.firms: list[TwinFirm] = []
        self.gone: list[TwinFirm] = []
        self.alliances: list[TwinAlliance] = []
        self.living: list[TwinAlliance] = []
        self.memberships: list[TwinMembership] = []
        self.events: list[Event] = []
        self.parted: list[Parted] = []
        self.outside: dict[str, float] = defaultdict(float)
        self.common_demand = self.common_price = 0.0
        self.price_sensitivity, self.demand_factor = config.market.price_sensitivity, [1.0] * len(SEGMENTS)
        self.war = 1.0  # what price sensitivity is multiplied by
        self.experience = [1.0] * len(SEGMENTS)
        self.control = {(s, large): 1.0 for s in range(len(SEGMENTS)) for large in (False, True)}
        self.lot_price = self.lot_bids = [0.0] * len(SEGMENTS)  # by segment
        self.control_past = deque([dict(self.control)] * BASELINE_MONTHS, maxlen=BASELINE_MONTHS)
        populate(self)
        if config.network:
            embed(self)

    def step(self) -> None:
        """Run one month, phase by phase."""
        self.month += 1
        for phase in SCHEDULE:
            phase(self)
        self.call_roll()

    def call_roll(self) -> None:
        """See what the members of every alliance have in common."""
        for alliance in self.living:
            alliance.describe()

    def form_alliance(self, slots: list[int], stage: str = PILOT, kind: str = "procurement") -> None:
        """Found an alliance of the firms in some slots now, whether they would have chosen it or not."""
        found_by_hand(self, [self.firms[slot] for slot in slots], stage, kind)
        self.call_roll()

    def above(self, left: float, right: float, question: str) -> bool:
        """Return whether `left` > `right`; the oracle's word where they are too close to tell."""
        if 0.0 < abs(left - right) < CLOSE * max(1.0, abs(left), abs(right)):
            self.close_calls += 1
            return self.oracle(CloseCall(self.month, question, left, right))
        return left > right

    def tell(self, event: str, firm: int = -1, alliance: int = -1, cause: str = "", amount: float = math.nan) -> None:
        """Note what happened."""
        self.events.append(Event(self.month, event, firm, alliance, cause, amount))


def collaboration(model: TwinModel) -> None:
    """Let lots, end the sprints that are due, then book what members of alliances saved, gained and owe."""
    research_alone(model)
    tender(model)
    for alliance in model.living:
        alliance.choose_effort()
    do_research(model)
    for alliance in model.living:
        alliance.sprint()
    choose_efforts(model, inverse_demand(model, shocks=False)[1])
    for alliance in model.living:
        alliance.collaborate()


def conduct(model: TwinModel) -> None:
    """Let each member keep its word, be late, or take what it can; let secrets leak."""
    for alliance in model.living:
        alliance.tempt()
    leak(model)


def accounting(model: TwinModel) -> None:
    """Split what alliances yield, pay what they cost, and close every firm's month."""
    for alliance in model.living:
        alliance.settle()
    for firm in model.firms:
        firm.close_month(model.config.demography, model.outside)
    for alliance in model.living:
        if alliance.venture:
            alliance.venture.close_month()


def assessment(model: TwinModel) -> None:
    """Measure KPIs against baseline and control group, update beliefs, then trust."""
    leading, memory = model.config.pilot.kpi == "leading", model.config.trust.memory
    for firm in model.firms:
        firm.measure(leading)
    if model.config.pilot.control:
        _chain_control(model)
    model.control_past.append(dict(model.control))
    for firm in model.firms:
        for tie in firm.ties.values():
            tie.good *= memory
            tie.bad *= memory
    for alliance in model.living:
        alliance.assess()
        alliance.witness()


def _chain_control(model: TwinModel) -> None:
    """F20: chain the index of unallied firms' margins by their mean log growth, by segment and size class."""
    growth: dict[tuple[int, bool], list[float]] = defaultdict(list)
    for firm in model.firms:
        if not firm.memberships:
            before, now = firm.bare_margins[-2], firm.bare_margins[-1]
            if now > 0.0 and before > 0.0:
                growth[firm.home, firm.large].append(math.log(now / before))
    for group, logs in growth.items():
        if len(logs) >= CONTROLS:
            model.control[group] *= math.exp(sum(logs) / len(logs))


def gates(model: TwinModel) -> None:
    """Decide on every alliance whose gate or review is due, then let go whoever leaves."""
    before = {alliance: list(alliance.members) for alliance in model.living}
    for alliance in before:
        if alliance.gate_month <= model.month:
            if alliance.stage == PILOT:
                if alliance.verdict is None:
                    alliance.pass_gate()
                if alliance.gate_month <= model.month:
                    alliance.carry_out()
            else:
                learn_at_review(alliance)
                alliance.review()
            govern(alliance)
    rebalance(model)
    if model.config.separation.fall_back:
        for alliance in model.living:
            fall_back(alliance)
    for alliance in before:
        alliance.part()
    for alliance, members in before.items():
        left = [m for m in members if m.left is not None]
        hand_back(left)
        if alliance.venture:
            alliance.venture.let_go(left)
    for alliance in before:
        if alliance.go == model.month and alliance.ended is None and model.config.terms.reopen:
            alliance.strike(told=True)


def formation(model: TwinModel) -> None:
    """Let firms found alliances, and scaled ones admit members among those who are open to it after that."""
    get_ready(model)
    found = weigh(model, annuity(model.config.choice.expected_life, model.config.conduct.delta))
    asked = found_new(model)
    admissions(model)
    if found is not None:
        take_up(model, found, asked)


SCHEDULE = (environment, market, operations, collaboration, conduct, accounting, assessment, gates, strategy,
            formation, demography)
"""The phases of a month, in order."""
