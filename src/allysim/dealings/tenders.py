"""What is known of lots let by tender when an alliance is weighed or its month is booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from allysim.mechanisms.tendering import lot_volume

if TYPE_CHECKING:
    from allysim.model import AllianceModel


class Lots(NamedTuple):
    """What lots there are to expect, and what firms have to serve them with."""

    rate: float     # lots a segment lets a month
    volume: float   # units
    chance: float   # w
    price: Any      # float64 (S,), k€/unit; 0 where nobody is at home
    bids: Any       # float64 (S,), good bids to be expected for a lot
    spare: Any      # float64 (n,), capacity to spare before the month's lots, units
    unit_cost: Any  # float64 (n,), k€/unit
    home: Any       # int32 (n,)


def lots_ahead(model: AllianceModel) -> Lots:
    """Return the lots that firms expect, by what they saw this month."""
    rules, firms, world = model.config.tendering, model.state.firms, model.state.world
    return Lots(rules.rate, lot_volume(rules.size, world.small_sales), rules.chance, world.lot_price,
                world.lot_bids, firms.spare, firms.unit_cost, firms.home)
