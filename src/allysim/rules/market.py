"""Seam `market`: how prices and quantities are found."""

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allysim.errors import ConvergenceError
from allysim.mechanisms import cournot, demand

Floats = NDArray[np.float64]


class Offers(NamedTuple):
    """What a market sees: n firms, S segments."""

    attraction: Floats      # (n, S)
    appeal: Floats          # (n,) utility, lasting
    custom: Floats          # (n,) utility that passes: launches, joint marketing, in a price war what `turned` adds
    unit_cost: Floats       # (n,) k€/unit
    own_demand: Floats      # (n,) log, the firm's own demand shock
    market_size: Floats     # (S,) units/month
    price: Floats           # (n,) last month's, k€/unit
    capacity: Floats        # (n,) units/month, greatest output


class Clearing(NamedTuple):
    """What a market answers."""

    price: Floats            # (n,) k€/unit
    target: Floats           # (n,) units/month sales move to
    inclusive_value: Floats  # (S,)
    consumer_surplus: float  # k€/month


@dataclass(frozen=True)
class Logit:
    """F22: logit demand, each firm one line at one price, mark-up pricing against all others."""

    price_sensitivity: float

    reads: ClassVar[tuple[str, ...]] = (
        "attraction", "appeal", "custom", "unit_cost", "own_demand", "market_size", "price")

    def clear(self, offers: Offers) -> Clearing:
        """Solve the first-order conditions of all firms; raises `ConvergenceError` if they do not settle."""
        price, target = offers.price.copy(), np.empty(offers.price.size)
        inclusive = np.empty(offers.market_size.size)
        rounds, worst = demand.clear_logit(
            offers.attraction, offers.appeal, offers.custom, offers.unit_cost, offers.own_demand,
            offers.market_size, self.price_sensitivity, price, target, inclusive,
        )
        if rounds < 0:
            raise ConvergenceError(
                f"prices did not settle in {demand.ROUNDS} rounds; the firm in slot {worst} moved most, to "
                f"{price[worst]:.4g} at a unit cost of {offers.unit_cost[worst]:.4g}"
            )
        surplus = float((offers.market_size * np.log1p(inclusive)).sum()) / self.price_sensitivity
        return Clearing(price, target, inclusive, surplus)


@dataclass(frozen=True)
class Cournot:
    """Linear Cournot: firms set quantities of one homogeneous good, P = a - b Q (Cournot 1838).

    Nobody offers more than its capacity. Demand is scaled so that at month 0 the price is 1, every firm sells its
    revenue and total demand has the price elasticity `elasticity`. Tastes, capabilities, appeal, launches and
    segments do not move this demand; shocks do.
    """

    elasticity: float
    outside_share: float

    reads: ClassVar[tuple[str, ...]] = ("unit_cost", "own_demand", "market_size", "capacity")

    def clear(self, offers: Offers) -> Clearing:
        """Return the one equilibrium: each firm's quantity is its best against all others'."""
        intercept, slope = self.inverse_demand(offers.market_size)
        quantity = np.empty(offers.unit_cost.size)
        price = cournot.clear_cournot(offers.unit_cost, offers.capacity, intercept, slope, quantity)
        odds = np.full(offers.market_size.size, 1.0 / self.outside_share - 1.0)
        surplus = cournot.consumer_surplus(quantity.sum(), slope)
        return Clearing(np.full(quantity.size, price), np.exp(offers.own_demand) * quantity, odds, surplus)

    def cost_behind(self, price: Floats, sales: Floats, market_size: Floats) -> Floats:
        """Return the unit costs (n,), k€/unit, at which `sales` (n,) are best at `price` (n,)."""
        return cournot.marginal_cost(price, sales, self.inverse_demand(market_size)[1])

    def inverse_demand(self, market_size: Floats) -> tuple[float, float]:
        """Return a (k€/unit) and b (k€/unit per unit/month) of P = a - b Q."""
        sold = (1.0 - self.outside_share) * float(market_size.sum())
        return cournot.inverse_demand(sold, self.elasticity)


def in_month(rule: Any, market: Any, factor: float) -> Any:
    """Return a market rule with price sensitivity and elasticity, where it has them, `factor` times the settings'."""
    held = {f.name for f in fields(rule) if f.init}
    now = {name: factor * getattr(market, name) for name in ("price_sensitivity", "elasticity") if name in held}
    return rule if all(getattr(rule, name) == value for name, value in now.items()) else replace(rule, **now)


def usual_margin(scenario: Any, market: Any, gross: Any, held: Any) -> Any:
    """Return EBITDA over revenue where it is not given, for gross margins and cost of stock over revenue (k,).

    In a market that sets costs by itself margins may be thin: there it is the part of the gross margin that it
    is for a small firm under logit, or what holding stock leaves.
    """
    usual = scenario.firms.ebitda_margin
    if not hasattr(market, "cost_behind"):
        return np.full(gross.shape, usual)
    return np.minimum(min(1.0, usual * scenario.market.price_sensitivity) * gross, gross - held)
