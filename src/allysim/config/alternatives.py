"""Section of the configuration: what a firm may do instead of allying (F9)."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Alternatives(NamedTuple):
    """F9 make, buy or ally: build alone, or buy on the market; all of it acts only with build or buy on."""

    build: Annotated[bool, P("whether firms may build alone what an alliance would give them", "", "L", off=False,
                             source="F9; Coase 1937")] = False
    buy: Annotated[bool, P("whether they may buy it on the market", "", "L", off=False,
                           source="F9; Williamson 1985")] = False
    infrastructure: Annotated[bool, P("whether there is infrastructure to build or to rent", "", "L", off=False)] = True
    rnd: Annotated[bool, P("whether there is R&D to be done alone or by contract", "", "L", off=False)] = True
    markup: Annotated[float, P("what a provider on the market takes on top of its cost", "", "A", (0, 10), .1, .5,
                               0., "F9")] = .25
    hold_up: Annotated[float, P("what it takes besides, per unit of specificity, once it is depended on", "", "A",
                                (0, 10), .2, 1, 0., "F9; Klein, Crawford & Alchian 1978")] = .5
    specificity_infrastructure: Annotated[float, P("specificity of infrastructure", "", "A", (0, 1), .3, .7, 0.,
                                                   "F9; Williamson 1985")] = .5
    specificity_rnd: Annotated[float, P("specificity of R&D", "", "A", (0, 1), .4, .8, 0.,
                                        "F9; Williamson 1985")] = .6
    smallest: Annotated[float, P("least part of the capital for all users that can be built", "", "A", (0, 1), .25, 1,
                                 0.)] = .5
    upkeep: Annotated[float, P("upkeep of infrastructure built alone, over its capital", "1/month", "A", (0, 1), .005,
                               .02, 0.)] = .01
    laboratory: Annotated[float, P("laboratory that R&D alone takes, whatever the firm's size", "k€", "A", (0, 1e6), 10,
                                   100, 0.)] = 30.
    reserve: Annotated[float, P("fixed cost that must be left in cash after building", "months", "A", (0, 120), 1,
                                4)] = 2.
