"""Make docs/scenarios.md and its picture, docs/scenarios.svg: what every scenario moves, by how much and when."""

import math
from pathlib import Path
from typing import NamedTuple

import jinja2
import numpy as np
from markup import table
from small_multiples import Line, Panel, draw

from allysim.config import Scenario, presets, scenario
from allysim.drivers import COLUMNS, DRIVERS
from allysim.mechanisms.environment import digitise, electrify
from allysim.mechanisms.names import SEGMENT_SHARES, SEGMENTS
from allysim.phases.environment import Moves, moves

HERE = Path(__file__).parent
PAGE, PICTURE = HERE / "scenarios.md", HERE / "scenarios.svg"
MONTHS = 120
LEGACY, ELECTRIC, SOFTWARE = (SEGMENTS.index(name) for name in ("legacy", "electric", "software"))


class World(NamedTuple):
    """A scenario, what its drivers do in the months 1 to `MONTHS`, and where what they add up to goes."""

    name: str
    config: Scenario
    months: list[Moves]
    sizes: np.ndarray       # of segments (MONTHS + 1, S), parts of all demand at month 0, but for regimes
    input_price: list[float]  # over month 0, but for noise and jumps

    @classmethod
    def of(cls, name: str) -> "World":
        """Return the scenario of a preset."""
        config = scenario(name)
        months = [moves(config, month) for month in range(1, MONTHS + 1)]
        size, level, noise = np.array(SEGMENT_SHARES), 0.0, config.environment
        sizes, prices = [size.copy()], [1.0]
        for now in months:
            electrify(size, noise.electric_ceiling, now.electric)
            digitise(size, noise.software_ceiling, now.software)
            level = noise.price_persistence * level + now.price_step
            sizes.append(size.copy())
            prices.append(now.input_price * math.exp(level))
        return cls(name, config, months, np.array(sizes), prices)

    def factor(self, driver: str) -> list[float]:
        """A driver's factor by month, 1 at month 0."""
        values = [getattr(now, driver) for now in self.months]
        return [1.0, *(value[0] if isinstance(value, tuple) else value for value in values)]

    def electric(self) -> np.ndarray:
        """Electric's share of legacy and electric demand, by month."""
        return self.sizes[:, ELECTRIC] / (self.sizes[:, ELECTRIC] + self.sizes[:, LEGACY])

    def software(self) -> np.ndarray:
        """Software's share of all demand, by month."""
        return self.sizes[:, SOFTWARE] / self.sizes.sum(axis=1)


def window(values: list[float]) -> tuple[int, int]:
    """Return the first and the last month in which a factor is not 1."""
    moved = [month for month, value in enumerate(values) if value != 1.0]
    return moved[0], moved[-1]


def percent(factor: float) -> str:
    """Write a factor as a change in per cent."""
    return f"{factor - 1.0:+.0%}".replace("-", "−").replace("%", " %")


def demand(world: World) -> str:
    """Say what happens to the demand of all segments."""
    values = world.factor("demand")
    if min(values) == 1.0:
        return ""
    first, last = window(values)
    bottom = [month for month, value in enumerate(values) if value == min(values)]
    return (f"falls by {1 - min(values):.0%} in months {first} to {bottom[0]}, stays there to {bottom[-1]}, is whole "
            f"again in {last + 1}").replace("%", " %")


def segments(world: World) -> str:
    """Say what happens to the demand of single segments."""
    said, noise = [], world.config.environment
    for now, share, ceiling, of in (
            (world.months[0].electric, world.electric(), noise.electric_ceiling, "legacy and electric demand"),
            (world.months[0].software, world.software(), noise.software_ceiling, "all demand")):
        if now:
            name = "electric" if of.startswith("legacy") else "software"
            half = int(np.argmax(share >= ceiling / 2))
            said.append(f"{name}, of {of}: {share[0]:.0%} at month 0, {share[half]:.0%} in {half}, {share[-1]:.0%} in "
                        f"{MONTHS}, {ceiling:.0%} in the end")
    if world.months[0].regimes:
        said.append(f"one of all shifts for good by {noise.regime_least:.0%} to {noise.regime_most:.0%}, up or down, "
                    f"one month in {1 / noise.regime_rate:.0f}")
    return "; ".join(said).replace("%", " %")


def input_price(world: World) -> str:
    """Say what happens to the prices of bought inputs."""
    said, drivers, noise = [], world.config.scenario, world.config.environment
    if drivers.price_cycle:
        cycle = world.factor("input_price")
        top, low = int(np.argmax(cycle)), int(np.argmin(cycle))
        said.append(f"a cycle of {drivers.price_cycle_months} months, {percent(cycle[top])} in month {top}, "
                    f"{percent(cycle[low])} in month {low}")
    if drivers.price_step:
        half = math.log(.5) / math.log(noise.price_persistence)
        said.append(f"{percent(math.exp(drivers.price_step))} in month {drivers.price_step_month}, half of it gone "
                    f"after {half:.0f} months")
    if drivers.jumps:
        said.append(f"jumps of {percent(math.exp(noise.jump_size))} or {percent(math.exp(-noise.jump_size))}, one "
                    f"month in {1 / noise.jump_rate:.0f}, fading likewise")
    return "; ".join(said)


def disruptions(world: World) -> str:
    """Say what happens to the rates of disruptions."""
    values = world.factor("disruption")
    if max(values) == 1.0:
        return ""
    first, last = window(values)
    usual = 1 / world.config.environment.disruption_rate
    return (f"{max(values):g} times as often in months {first} to {last}: one in {usual / max(values):.0f} months a "
            f"firm, not {usual:.0f}")


def price_sensitivity(world: World) -> str:
    """Say what happens to how much buyers feel prices."""
    values = world.factor("price_sensitivity")
    if max(values) == 1.0:
        return ""
    first, last = window(values)
    return (f"{max(values):g} times the usual in months {first} to {last}, so that mark-ups are "
            f"{1 / max(values):.0%} of what they were").replace("%", " %")


DRIVEN = {"demand of all": demand, "demand by segment": segments, "input prices": input_price,
          "disruptions": disruptions, "price sensitivity": price_sensitivity}


def worlds() -> list[World]:
    """Return all scenarios, those that move least first."""
    found = [World.of(name) for name in presets.names("scenario")]
    return sorted(found, key=lambda world: (sum(bool(say(world)) for say in DRIVEN.values()), world.name))


def scenario_table(found: list[World]) -> str:
    """Return the table of what each scenario moves."""
    return table(["scenario", *DRIVEN], ([f"`{world.name}`", *(say(world) for say in DRIVEN.values())]
                                         for world in found))


def panel(found: list[World], title: str, unit: str, path, ticks: list[float], steps: bool = False) -> Panel:
    """Return a panel with a line for every scenario that moves this, and one for those that do not."""
    paths = {world.name: [float(value) for value in path(world)] for world in found}
    still = paths["calm"]
    moved = {name: values for name, values in paths.items() if not np.allclose(values, still)}
    return Panel(title.replace("%", " %"), unit,
                 [Line("all others", still, ""), *(Line(name, values, name) for name, values in moved.items())], ticks,
                 "{:g}", steps)


def panels(found: list[World]) -> list[Panel]:
    """Return the panels of the picture."""
    of = {world.name: world for world in found}
    slump, war = min(of["demand_slump"].factor("demand")), max(of["price_war"].factor("price_sensitivity"))
    stress, step = max(of["supply_stress"].factor("disruption")), max(of["supply_stress"].input_price)
    usual = 12 * of["calm"].config.environment.disruption_rate
    electric, software = of["electric_shift"].electric(), of["software_defined"].software()
    return [
        panel(found, f"A slump takes {1 - slump:.0%} of all demand, for a while",
              "demand of all segments, % of what it would be",
              lambda world: 100 * np.array(world.factor("demand")), [60, 70, 80, 90, 100]),
        panel(found, f"In a price war buyers feel prices {war:g} times as much", "price sensitivity, times the usual",
              lambda world: world.factor("price_sensitivity"), [1, 1.1, 1.2, 1.3, 1.4], True),
        panel(found, f"Inputs cost {step - 1:.0%} more at a stroke, or swing in a cycle",
              "price of bought inputs, % of month 0", lambda world: 100 * np.array(world.input_price),
              [80, 90, 100, 110, 120, 130]),
        panel(found, f"Disruptions come {stress:g} times as often", "disruptions of a firm, a year",
              lambda world: usual * np.array(world.factor("disruption")), [0, .25, .5, .75, 1], True),
        panel(found, f"Electric grows from {electric[0]:.0%} to {electric[-1]:.0%}",
              "electric, % of legacy and electric demand", lambda world: 100 * world.electric(), [0, 20, 40, 60, 80]),
        panel(found, f"Software grows from {software[0]:.0%} to {software[-1]:.0%}", "software, % of all demand",
              lambda world: 100 * world.software(), [0, 10, 20, 30, 40]),
    ]


def chance(found: list[World]) -> list[str]:
    """Say what comes by chance besides, and is not in the picture."""
    noise = found[0].config.environment
    jumping = [world.name for world in found if world.months[0].jumps]
    shifting = [world.name for world in found if world.months[0].regimes]
    return [
        f"By chance besides: jumps of input prices by {percent(math.exp(noise.jump_size))} or "
        f"{percent(math.exp(-noise.jump_size))}, one month in {1 / noise.jump_rate:.0f} ({', '.join(jumping)});",
        f"segments that shift for good by {noise.regime_least:.0%} to {noise.regime_most:.0%}, one month in "
        f"{1 / noise.regime_rate:.0f} ({', '.join(shifting)}); ordinary noise (all).".replace("%", " %")]


def driver_table() -> str:
    """Return the table of the drivers a user's file may name."""
    return table(["driver", "multiplies", "values", "takes the place of the scenario's"], (
        [f"`{name}`", driver.about, "{:g} to {:g}".format(*driver.allowed), driver.instead_of]
        for name, driver in DRIVERS.items()))


def render() -> dict[Path, str]:
    """Return the page and its picture."""
    found = worlds()
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                                     keep_trailing_newline=True)
    template = environment.from_string((HERE / "scenarios.jinja").read_text(encoding="utf-8"))
    page = template.render(scenarios=scenario_table(found), drivers=driver_table(), columns=", ".join(COLUMNS),
                           count=len(found), months=MONTHS)
    title = "What scenarios move, by month"
    return {PAGE: page, PICTURE: draw(title, panels(found), MONTHS, chance(found))}
