"""Section of the configuration: what restructuring a firm costs and brings (F27, F18)."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Restructuring(NamedTuple):
    """F27 restructuring and F18 modularity of one's own; all of it acts only with levers of a strategy."""

    review: Annotated[int, P("months between a firm's reviews", "months", "L", (1, 60), 6, 24, source="F27")] = 12
    lines: Annotated[int, P("capability lines that focus leaves a firm at least", "lines", "A", (1, 8), 2, 6, 8,
                            "F27")] = 4
    line_cost: Annotated[float, P("share of fixed cost that all capability lines take", "", "A", (0, 1), .2, .8, 0.,
                                  "F27")] = .5
    line_even: Annotated[float, P("part of that which is alike for all lines, the rest being by importance", "", "A",
                                  (0, 1), 0, 1)] = .5
    decay: Annotated[float, P("part of what cuts save that is lost in a year", "1/year", "A", (0, 1), .15, .45,
                              source="F27")] = .30
    severance: Annotated[float, P("severance, over what a cut saves in its first year", "", "A", (0, 10), .25, 1., 0.,
                                  "F27")] = .5
    harmless: Annotated[float, P("cuts in force, over fixed cost, that do not lower appeal", "", "A", (0, 1), .05, .15,
                                 1., "F27")] = .10
    harm: Annotated[float, P("appeal lost per fixed cost cut beyond that", "utility", "A", (0, 20), 1, 4, 0.,
                             "F27; Guthrie & Datta 2008")] = 2.
    building: Annotated[float, P("capability added by growth spending of a month's fixed cost at a capability of one "
                                 "half", "", "A", (0, 1), .02, .08, 0., "F27")] = .04
    modular_cost: Annotated[float, P("cost of half a unit of modularity, in months of fixed cost", "months", "A",
                                     (0, 120), 2, 6, 0., "F18")] = 4.
    modular_months: Annotated[int, P("months in which half a unit of modularity is gained", "months", "A", (1, 120), 6,
                                     24)] = 12
    modular_readiness: Annotated[float, P("API readiness gained per unit of modularity", "", "A", (0, 1), .25, 1,
                                          0.)] = .5
    modular_saving: Annotated[float, P("share of unit cost saved per unit of modularity gained", "", "A", (0, .5), .02,
                                       .08, 0., "F18")] = .05
    modular_speed: Annotated[float, P("share of the time to market that full modularity saves", "", "A", (0, .9), .15,
                                      .45, 0., "F18")] = .3
    platform: Annotated[float, P("how much longer the first launch on a new platform takes", "", "A", (0, 2), .1, .4,
                                 0., "F18")] = .2
    unit_part: Annotated[float, P("part of a firm's business that its unit takes", "", "A", (0, .5), .1, .4, 0.)] = .2
    unit_latency: Annotated[float, P("what a unit in every member leaves of the latency of decisions", "", "A", (0, 1),
                                     .3, .8, 1., "F27")] = .5
    unit_overhead: Annotated[float, P("overhead of a unit, over the fixed cost of its part of the business", "", "A",
                                      (0, 1), .05, .2, 0., "F27")] = .10
    unit_spread: Annotated[float, P("standard deviation of the share of unit cost that a unit saves in its part by "
                                    "focus, or loses", "", "A", (0, .3), .05, .2, 0., "F27; Chemmanur, Krishnan & "
                                    "Nandy 2014")] = .10
    unit_capital: Annotated[float, P("capital of a unit that is spun off, in months of the fixed cost of its part",
                                     "months", "A", (0, 120), 3, 12)] = 6.
