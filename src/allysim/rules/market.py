"""Seam `market`: how prices and quantities are found."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allysim.errors import ConvergenceError
from allysim.mechanisms import demand

Floats = NDArray[np.float64]


class Offers(NamedTuple):
    """What a market sees: n firms, S segments."""

    attraction: Floats      # (n, S)
    appeal: Floats          # (n,) utility, lasting
    custom: Floats          # (n,) utility, of launches and joint marketing
    unit_cost: Floats       # (n,) k€/unit
    own_demand: Floats      # (n,) log, the firm's own demand shock
    market_size: Floats     # (S,) units/month
    price: Floats           # (n,) last month's, k€/unit


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
