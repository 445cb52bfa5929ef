"""F23 trends of demand, and shifts that stay."""

from __future__ import annotations

import math
from typing import Any

from twin.drivers import still
from twin.words import EVERYONE, SEGMENTS, Purpose


def transform(model: Any, driven: dict[str, float]) -> None:
    """Let electric replace legacy demand, let software's share of all grow, and shift a segment now and then.

    A user's series of segments take the place of all that.
    """
    if not all(still(driven, f"demand.{name}") for name in SEGMENTS):
        return
    drivers, rules = model.config.scenario, model.config.environment
    size = dict(zip(SEGMENTS, model.market_size, strict=True))
    if drivers.electric:
        cars = size["legacy"] + size["electric"]
        share = grow(size["electric"] / cars, rules.electric_ceiling, drivers.electric)
        size |= {"electric": share * cars, "legacy": (1.0 - share) * cars}
    if drivers.software:
        whole = sum(size.values())
        share = grow(size["software"] / whole, rules.software_ceiling, drivers.software)
        rest = whole - size["software"]
        size = {name: m / rest * (1.0 - share) * whole for name, m in size.items()} | {"software": share * whole}
    luck = model.luck.uniforms(Purpose.REGIME, model.month)
    if drivers.regimes and luck[EVERYONE, 0] < rules.regime_rate:
        shifted = SEGMENTS[int(len(SEGMENTS) * luck[EVERYONE, 1])]
        by = rules.regime_least + luck[EVERYONE, 2] * (rules.regime_most - rules.regime_least)
        by = by if luck[EVERYONE, 3] < 0.5 else -by
        size[shifted] *= 1.0 + by
        model.tell("regime shift", cause=shifted, amount=by)
    model.market_size = list(size.values())


def grow(share: float, ceiling: float, slope: float) -> float:
    """Return the share a month later: its odds against the rest of the ceiling grow by the slope."""
    odds = share / (ceiling - share) * math.exp(slope)
    return ceiling * odds / (1.0 + odds)
