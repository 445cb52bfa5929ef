"""The firms of month 0: a user's own and drawn ones, calibrated so that given revenues are met.

Draws are keyed by slot, and size class and stratum come from the slot's number, so that one more firm
leaves the draws of all others as they were.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim import rules
from allysim.accounts import OUTSIDE
from allysim.draws import Purpose, normal, normal_quantile, stream, uniform
from allysim.errors import ConfigError, ConvergenceError, DataError
from allysim.jit import equation, kernel
from allysim.mechanisms import demand
from allysim.mechanisms.environment import launched_appeal
from allysim.mechanisms.names import CAPABILITIES, CULTURE, SEGMENT_SHARES, SEGMENTS, WEIGHTS
from allysim.mechanisms.purchasing import list_spend, price_rung
from allysim.mechanisms.recurring import unbound
from allysim.mechanisms.stock import holding_cost, safety_stock
from allysim.rules.market import Offers, usual_margin
from allysim.state import BASELINE_MONTHS, Alliances, Firms, Former, Memberships, Roster, State, Ties, World
from allysim.ties import introduce

if TYPE_CHECKING:
    from allysim.config import Scenario

STRATA = 10
ACQUAINTED = 25  # firms of a user's file no longer than this have met each other before month 0
FOCAL, BACKGROUND = 0, 1  # rows of the scenario's strategies; named ones follow
REVENUE, RISK, HONESTY, LAUNCH_AGE, MODULARITY, CULTURE_0, CAPABILITY_0, TASTE_0 = 0, 1, 2, 3, 4, 5, 10, 20
READINESS = 30


@kernel
def draw_traits(state, rows, key, risk, customers, taste_spread, capability, culture, modularity, readiness,
                risk_aversion, honesty, launch_age, launched, taste):
    """Draw what a firm is born with, for each slot in `rows`, keyed by identity.

    `risk` is (median, log sd) of risk aversion. `capability` (n, 8), `culture` (n, 3) and the rest (n,) are filled,
    and `taste` (k, 4) in the order of `rows`; capabilities, culture, modularity and API readiness are
    Beta(2, 2), taste is N(0, taste_spread), honesty is uniform.
    """
    for k in range(rows.size):
        i = rows[k]
        for c in range(capability.shape[1]):
            capability[i, c] = _beta22(uniform(state, key[i], CAPABILITY_0 + c))
        for c in range(culture.shape[1]):
            culture[i, c] = _beta22(uniform(state, key[i], CULTURE_0 + c))
        modularity[i] = _beta22(uniform(state, key[i], MODULARITY))
        readiness[i] = _beta22(uniform(state, key[i], READINESS))
        risk_aversion[i] = risk[0] * math.exp(risk[1] * normal(state, key[i], RISK))
        honesty[i] = uniform(state, key[i], HONESTY)
        launch_age[i] = int(customers.launch_months * uniform(state, key[i], LAUNCH_AGE))
        launched[i] = launched_appeal(launch_age[i], customers)
        for s in range(taste.shape[1]):
            taste[k, s] = taste_spread * normal(state, key[i], TASTE_0 + s)


@equation
def _beta22(p):
    """Return the quantile of Beta(2, 2) at p: the root of 3 x^2 - 2 x^3 = p."""
    return 0.5 - math.sin(math.asin(1.0 - 2.0 * p) / 3.0)


@kernel
def draw_revenue(state, rows, key, share, small, big, revenue, large):
    """Draw size class and revenue (k€/month) of the slots in `rows` from the slot's number.

    `share` of all slots are large; `small` and `big` are (median, log sd). Each class is stratified in ten
    by the slot's number in it, so that any ten in a row cover its distribution.
    """
    for i in rows:
        before = int(i * share + 1e-9)
        large[i] = int((i + 1) * share + 1e-9) > before
        number = before if large[i] else i - before
        p = ((3 * number) % STRATA + uniform(state, key[i], REVENUE)) / STRATA
        median, spread = big if large[i] else small
        revenue[i] = median * math.exp(spread * normal_quantile(p))


@kernel
def draw_misjudgement(state, rows, key, misjudged):
    """Draw what the firm in each slot of `rows` misjudges of each of its capabilities, ~ N(0, 1) (n, 8) (F28)."""
    for i in rows:
        for c in range(misjudged.shape[1]):
            misjudged[i, c] = normal(state, key[i], c)


def initial_state(scenario: Scenario, seed: int) -> State:
    """Draw and calibrate the world of month 0.

    Raises
    ------
    DataError
        A firm of the user's file whose margin or input share cannot be met.
    ConvergenceError
        The calibration to the given revenues did not settle.
    """
    own = scenario.own
    first = own.n if own else 0
    n = scenario.n_firms
    firms = Firms.allocate(n)
    slots = np.arange(n, dtype=np.int64)
    firms.key[:] = slots.astype(np.uint64)
    luck = stream(seed, Purpose.POPULATION, 0)
    taste = np.zeros((n, len(SEGMENTS)))
    drawn = scenario.firms
    draw_traits(luck, slots, firms.key, (drawn.risk_aversion, drawn.risk_spread), scenario.customers,
                scenario.market.taste_spread, firms.capability, firms.culture, firms.modularity,
                firms.api_readiness, firms.risk_aversion, firms.honesty, firms.launch_age, firms.launched, taste)
    draw_misjudgement(stream(seed, Purpose.SELF_ASSESSMENT, 0), slots, firms.key, firms.misjudged)
    draw_revenue(luck, slots[first:], firms.key, drawn.large_share, (drawn.small_revenue, drawn.small_spread),
                 (drawn.large_revenue, drawn.large_spread), firms.revenue, firms.large)
    firms.disposition[:] = scenario.trust.disposition
    names = [s.name for s in scenario.strategies]
    firms.strategy[:] = BACKGROUND
    margin, cash, inputs = np.full((3, n), np.nan)
    home = np.full(n, -1)
    if own:
        firms.focal[:first] = True
        firms.strategy[:first] = FOCAL
        _take_own(own, firms, taste, margin, cash, inputs, home, names, scenario)
    else:
        studied = slice(scenario.n_focal) if scenario.network else np.flatnonzero(~firms.large)[: scenario.n_focal]
        firms.focal[studied] = True
        firms.strategy[firms.focal] = FOCAL
    firms.attention[:] = np.where(firms.large, scenario.firms.attention_large, scenario.firms.attention_small)
    set_search_phase(stream(seed, Purpose.SEARCH, 0), slots, firms.key, scenario.choice.search_months,
                     firms.search_phase)
    market = rules.load("market", scenario.rules.market, scenario)
    world = _calibrate(scenario, firms, taste, home, market)
    held = holding_cost(safety_stock(scenario.stock), firms.unit_cost, scenario.stock)
    margin = np.where(np.isnan(margin), usual_margin(scenario, market, 1.0 - firms.unit_cost, held), margin)
    _set_costs(scenario, firms, margin, cash, inputs)
    empty = np.empty(0, dtype=np.int32)
    roster = Roster(empty, np.zeros(1, dtype=np.int32), empty, empty)
    state = State(firms, Ties.allocate(64), Alliances.allocate(16), Memberships.allocate(64), Former.allocate(64),
                  roster, world)
    if 1 < first <= ACQUAINTED:
        introduce(state, *np.triu_indices(first, 1))
    return state


@kernel
def set_search_phase(state, rows, key, months, search_phase):
    """Fix the month of the quarter in which each of the slots in `rows` looks for partners, by its identity."""
    for i in rows:
        search_phase[i] = int(uniform(state, key[i], 0) * months)


def _take_own(own: Any, firms: Firms, taste: Any, margin: Any, cash: Any, inputs: Any, home: Any,
              names: list[str], scenario: Scenario) -> None:
    """Put what the user's file says over what was drawn."""
    targets: dict[str, Any] = {
        "revenue": firms.revenue, "risk_aversion": firms.risk_aversion, "trust": firms.disposition,
        "modularity": firms.modularity, "api_readiness": firms.api_readiness, "ebitda_margin": margin, "cash": cash,
        "input_share": inputs, "subscriptions": firms.subscriptions,
    }
    targets |= {c: firms.capability[:, k] for k, c in enumerate(CAPABILITIES)}
    targets |= {f"culture_{c}": firms.culture[:, k] for k, c in enumerate(CULTURE)}
    for name, target in targets.items():
        for i, value in enumerate(own.column(name)):
            if value is not None:
                target[i] = value
    for i, segment in enumerate(own.column("segment")):
        if segment is not None:
            home[i] = SEGMENTS.index(segment)
            taste[i, home[i]] += scenario.market.home_taste
    for i, strategy in enumerate(own.column("strategy")):
        if strategy is not None:
            firms.strategy[i] = names.index(strategy, 2)
    firms.large[: own.n] = firms.revenue[: own.n] >= scenario.firms.large_from


def _calibrate(scenario: Scenario, firms: Firms, taste: Any, home: Any, market: Any) -> World:
    """Set attraction, appeal, price, unit cost and sales so that given revenues are met at a price of 1."""
    alpha, outside = scenario.market.price_sensitivity, scenario.market.outside_share
    firms.attraction[:] = np.exp(taste + scenario.market.capability_weight * firms.capability @ WEIGHTS.T)
    total = float(firms.revenue.sum())
    size = total * np.array(SEGMENT_SHARES) / (1.0 - outside)
    raw = firms.attraction[0].copy()
    if demand.calibrate(firms.attraction, firms.revenue, size, 1.0 - outside, alpha, firms.appeal) < 0:
        raise ConvergenceError("the given revenues could not be met: some firm's share of the market is too extreme")
    firms.born[:], firms.native_attraction[:] = firms.capability, firms.attraction
    firms.price[:] = 1.0
    firms.target[:] = firms.revenue
    utility = np.exp(firms.appeal - alpha)
    segment_share = firms.attraction * utility[:, None]
    inclusive = segment_share.sum(axis=0)
    share = segment_share / (1.0 + inclusive)
    mean_share = (size * share**2).sum(axis=1) / (size * share).sum(axis=1)
    firms.unit_cost[:] = 1.0 - 1.0 / (alpha * (1.0 - mean_share))
    lever, surplus = f"market.price_sensitivity={alpha:g}", float((size * np.log1p(inclusive)).sum() / alpha)
    if hasattr(market, "cost_behind"):  # not the logit mark-up
        firms.unit_cost[:] = market.cost_behind(firms.price, firms.target, size)
        lever = f"market.elasticity={scenario.market.elasticity:g}"
    if np.min(firms.unit_cost) <= 0.0:
        i = int(np.argmin(firms.unit_cost))
        raise ConfigError(
            f"{lever} leaves the firm in slot {i} (revenue {firms.revenue[i]:.4g} k€/month) "
            f"no positive unit cost: its mark-up alone is {1.0 - firms.unit_cost[i]:.2f} of the price; raise it"
        )
    firms.appeal -= firms.launched
    if hasattr(market, "cost_behind"):
        surplus = market.clear(Offers(
            firms.attraction, firms.appeal, firms.launched, firms.unit_cost, firms.own_demand, size, firms.price,
            scenario.customers.capacity * firms.target)).consumer_surplus
    firms.home[:] = np.where(home >= 0, home, (size * share).argmax(axis=1))
    segments = len(SEGMENTS)
    size_of_groups = np.array([firms.focal.sum(), len(firms.focal)], dtype=np.float64)
    return World(
        month=0, market_size=size, intercept=firms.attraction[0] / raw, inclusive_value=inclusive,
        pull=size / (1.0 + inclusive), common_demand=0.0,
        common_price=0.0, experience=np.ones(segments), control=np.ones((segments, 2)),
        control_past=np.ones((BASELINE_MONTHS, segments, 2)), outside=np.zeros(len(OUTSIDE)),
        consumer_surplus=surplus, departed=np.zeros((2, 5)),
        group_size=size_of_groups, small_sales=scenario.firms.small_revenue, price_sensitivity=alpha,
    )


def _set_costs(scenario: Scenario, firms: Firms, margin: Any, cash: Any, inputs: Any) -> None:
    """Divide each firm's cost into inputs, other variable and fixed cost, and start its processes at rest."""
    customers, n = scenario.customers, len(firms.key)
    months = safety_stock(scenario.stock)
    firms.stock[:] = months * firms.target
    storage = holding_cost(months, firms.unit_cost, scenario.stock)  # over revenue; in a month's fixed cost
    held, gross = storage * firms.revenue, 1.0 - firms.unit_cost
    most = gross - storage
    bought = np.where(np.isnan(inputs), scenario.firms.input_share * firms.unit_cost, inputs)
    for i in np.flatnonzero((margin > most) | (bought > firms.unit_cost)).tolist():
        if margin[i] > most[i]:
            less = f" less {storage[i]:.2g} for holding stock" if storage[i] > 0.0 else ""
            raise DataError(
                f"{_who(scenario, i)}: ebitda_margin {margin[i]:.3g} is above its gross margin of {gross[i]:.3g} "
                f"(price 1 less unit cost {firms.unit_cost[i]:.3g} by the mark-up){less}; at most {most[i]:.3g} is "
                f"allowed"
            )
        raise DataError(
            f"{_who(scenario, i)}: input_share {bought[i]:.3g} of revenue is above its variable cost of "
            f"{firms.unit_cost[i]:.3g} of revenue; at most that is allowed"
        )
    own_rung(bought * firms.revenue, scenario.purchasing, firms.rung)
    firms.list_price[:] = bought / firms.rung
    firms.other_cost[:] = firms.unit_cost - bought
    firms.month_cost[:] = (gross - margin) * firms.revenue
    marketing = np.minimum(customers.marketing_share * firms.revenue, np.maximum(firms.month_cost - held, 0.0))
    usual = customers.churn * firms.target  # leads where nobody subscribes, at which a lead costs what it does
    firms.lead_cost[:] = np.divide(marketing, usual, out=np.zeros(n), where=usual > 0.0)
    firms.churn[:] = customers.churn * unbound(firms.subscriptions, scenario.subscriptions.churn)
    firms.leads[:] = firms.churn * firms.target
    firms.fixed_cost[:] = np.maximum(firms.month_cost - firms.lead_cost * firms.leads - held, 0.0)  # not a hair below
    firms.full_cost[:] = firms.fixed_cost
    firms.cash[:] = np.where(np.isnan(cash), scenario.firms.cash_months * firms.month_cost, cash)
    firms.sales[:] = firms.production[:] = firms.output[:] = firms.target
    firms.capacity[:] = customers.capacity * firms.output
    firms.experience_unit[:] = scenario.learning.experience_months * firms.output
    firms.ebitda[:] = margin * firms.revenue
    firms.margin[:] = gross * firms.revenue
    firms.bare_margin[:] = firms.margin[:, None]


@kernel
def own_rung(paid, purchasing, rung):
    """Set each firm's rung of the price schedule from what it pays for inputs, k€/month (n,)."""
    for i in range(paid.size):
        rung[i] = price_rung(list_spend(paid[i], purchasing), purchasing)


def _who(scenario: Scenario, slot: int) -> str:
    """Name a firm in a sentence to the user."""
    if scenario.own and slot < scenario.own.n:
        return f"firm '{scenario.own.names[slot]}' in {scenario.firms.path}"
    return f"the drawn firm in slot {slot}"
