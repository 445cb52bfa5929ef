"""Joint tendering: the section of what is let in lots."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Tendering(NamedTuple):
    """Lots that buyers let by tender, to firms alone and to rivals that bid together (scope `tendering`).

    None are let by default: the market of month 0 is calibrated without them, a scenario or a user turns them on.
    """

    rate: Annotated[float, P("lots let by a segment; none by default, since the market is calibrated without them",
                             "1/month", "A", (0, 50), 0, 1, 0., "none: a rate of one's own market")] = 0.
    size: Annotated[float, P("volume of a lot, over what a median small firm sells in a month; of effect only where "
                             "lots are let", "months", "A", (.001, 10_000), .25, 4)] = .5
    price: Annotated[float, P("price of a lot, over the mean price of the firms at home in its segment; of effect only "
                              "where lots are let", "", "A", (.01, 10), .8, 1.1)] = .95
    chance: Annotated[float, P("w, chance that the bid of one firm is good; of effect only where lots are let", "", "A",
                               (0, 1), .1, .5, 0., "form: first success of independent bids")] = .25
