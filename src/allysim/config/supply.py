"""What stands between making and selling: the section of F4."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Stock(NamedTuple):
    """F4 safety stock against uncertain sales, and what shared forecasts and warehouses take off it.

    The spread of forecasts grows with lead time as that of orders does: the bullwhip (Lee, Padmanabhan & Whang 1997;
    Chen, Drezner, Ryan & Simchi-Levi 2000).
    """

    service_factor: Annotated[float, P("z, standard deviations of sales that safety stock covers", "", "T", (0, 6), 1,
                                       2.4, 0., "F4")] = 1.65
    sigma: Annotated[float, P("standard deviation of monthly sales as forecast at a lead time of 1 and a horizon of 6 "
                              "months, over sales", "", "A", (0, 2), .05, .2, 0., "F4")] = .10
    lead_time: Annotated[float, P("L, months from order to delivery", "months", "L", (0, 24), .5, 3, source="F4")] = 1.
    horizon: Annotated[float, P("H, months of sales a forecast looks back on", "months", "L", (1, 60), 3, 12,
                                source="F4; Chen, Drezner, Ryan & Simchi-Levi 2000")] = 6.
    holding: Annotated[float, P("cost of holding a unit, over its unit cost", "1/month", "T", (0, 1), .01, .04, 0.,
                                "F4")] = .02
    sharing: Annotated[float, P("iota, part of sigma that sharing all data takes away in a shared warehouse", "", "S",
                                (0, 1), .02, .30, 0., "F4; Lee, Padmanabhan & Whang 1997")] = .12
