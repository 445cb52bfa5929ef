"""Sections of the configuration about the world that firms live in: its noise, and what a scenario adds to it."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Environment(NamedTuple):
    """F23 the noise of a calm world: demand, input prices, disruptions."""

    demand_persistence: Annotated[float, P("monthly autocorrelation of log demand", "", "A", (0, .999), .8,
                                           .97)] = .90
    demand_noise: Annotated[float, P("standard deviation of a month's innovation of log demand", "", "A", (0, .3),
                                     .01, .06, 0.)] = .03
    price_persistence: Annotated[float, P("monthly autocorrelation of log input price", "", "A", (0, .999), .85,
                                          .98)] = .92
    price_noise: Annotated[float, P("standard deviation of a month's innovation of log input price", "", "A", (0, .3),
                                    .02, .08, 0.)] = .04
    common_share: Annotated[float, P("share of an innovation's variance that is common to all", "", "A", (0, 1), .4,
                                     .9)] = .7
    jump_rate: Annotated[float, P("chance of a jump of the input price, where the scenario has jumps", "1/month", "A",
                                  (0, 1), 1 / 120, 1 / 30, 0.)] = 1 / 60
    jump_size: Annotated[float, P("size of a jump of the log input price, up or down", "", "A", (0, 1), .1, .4,
                                  0.)] = .25
    disruption_rate: Annotated[float, P("disruptions of a firm, its own and its segment's together", "1/month", "S",
                                        (0, .5), 1 / 54, 1 / 36, 0., "F23; McKinsey Global Institute 2020")] = 1 / 44.4
    disruption_common: Annotated[float, P("share of disruptions that hit a whole segment", "", "A", (0, 1), .1,
                                          .6)] = .3
    disruption_months: Annotated[float, P("mean length of a disruption (geometric, at least 1)", "months", "A",
                                          (1, 60),
                                          1, 3)] = 1.5
    disruption_loss: Annotated[float, P("output lost while disrupted", "", "A", (0, 1), .2, .6, 0.)] = .40
    electric_ceiling: Annotated[float, P("electric's share of legacy and electric demand in the end, where it grows",
                                         "", "A", (.01, .99), .6, .95, source="F23; Fisher & Pry 1971")] = .8
    software_ceiling: Annotated[float, P("software's share of all demand in the end, where it grows", "", "A",
                                         (.01, .99), .2, .5, source="F23; Fisher & Pry 1971")] = .35
    regime_rate: Annotated[float, P("chance that a segment's demand shifts for good, where the scenario has regimes",
                                    "1/month", "A", (0, 1), 1 / 120, 1 / 30, 0.)] = 1 / 60
    regime_least: Annotated[float, P("least size of such a shift, up or down", "", "A", (0, .9), .1, .25)] = .15
    regime_most: Annotated[float, P("greatest size of it", "", "A", (0, .9), .25, .5)] = .30


class Drivers(NamedTuple):
    """Group `scenario`: what the world does beyond its calm noise; a file of yours may take its place."""

    name: Annotated[str, P("name of the scenario", "", "L")] = "calm"
    about: Annotated[str, P("what the scenario stands for", "", "L")] = ""
    path: Annotated[str | None, P("CSV of drivers of your own, with columns month, driver, value; each takes the place "
                                  "of the scenario's; null: none", "", "L")] = None
    jumps: Annotated[bool, P("whether input prices jump", "", "L", off=False, source="F23")] = False
    price_step: Annotated[float, P("step of the log input price, fading like any other innovation", "", "L", (-2, 2),
                                   0, .4, 0., "F23")] = 0.
    price_step_month: Annotated[int, P("month of that step", "month", "L", (1, 1200), source="F23")] = 12
    price_cycle: Annotated[float, P("amplitude of a cycle of the log input price", "", "L", (0, 2), 0, .4, 0.,
                                    "F23")] = 0.
    price_cycle_months: Annotated[int, P("length of that cycle", "months", "L", (2, 1200), 36, 96, source="F23")] = 60
    price_cycle_phase: Annotated[int, P("months of the cycle gone by at month 0; at 0 prices rise first", "months", "L",
                                        (0, 1200), 0, 60, source="F23")] = 0
    disruption_factor: Annotated[float, P("multiplies disruption rates in the window below", "", "L", (0, 20), 1,
                                          5, 1., "F23")] = 1.
    disruption_from: Annotated[int, P("first month of the window", "month", "L", (1, 1200), source="F23")] = 12
    disruption_until: Annotated[int, P("last month of the window", "month", "L", (1, 1200), source="F23")] = 47
    slump: Annotated[float, P("share of all demand lost at the bottom of a slump", "", "L", (0, .95), 0, .5, 0.,
                              "F23")] = 0.
    slump_from: Annotated[int, P("first month of the slump", "month", "L", (1, 1200), source="F23")] = 12
    slump_fall: Annotated[int, P("months in which demand falls, along a line", "months", "L", (1, 1200), 1, 12,
                                 source="F23")] = 6
    slump_stay: Annotated[int, P("further months at the bottom", "months", "L", (0, 1200), 0, 24, source="F23")] = 6
    slump_recovery: Annotated[int, P("months in which demand comes back, along a line", "months", "L", (1, 1200), 6,
                                     60, source="F23")] = 24
    price_war: Annotated[float, P("multiplies price sensitivity in the window below", "", "L", (.5, 4), 1, 1.6, 1.,
                                  "F22")] = 1.
    price_war_from: Annotated[int, P("first month of the price war", "month", "L", (1, 1200), source="F22")] = 12
    price_war_until: Annotated[int, P("last month of the price war", "month", "L", (1, 1200), source="F22")] = 35
    electric: Annotated[float, P("slope of the logistic curve along which electric replaces legacy demand", "1/month",
                                 "L", (0, 1), 0, .08, 0., "F23; Fisher & Pry 1971")] = 0.
    software: Annotated[float, P("slope of that along which software's share of all demand grows", "1/month", "L",
                                 (0, 1), 0, .06, 0., "F23; Fisher & Pry 1971")] = 0.
    regimes: Annotated[bool, P("whether the demand of segments shifts for good now and then", "", "L",
                               off=False, source="F23")] = False
