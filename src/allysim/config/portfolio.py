"""F26 alliances as a portfolio: what attention is worth, and how classes of alliance are weighted."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P

PORTFOLIOS = ("none", "steady", "seventy_twenty_ten", "barbell", "moonshot")
COMMITS = ("validated", "at_once")


class Portfolio(NamedTuple):
    """F26 alliances as a portfolio: attention that thins, weights of steady ones and moonshots, and their review."""

    thinning: Annotated[float, P("how fast a firm with more alliances than it can run well loses of the benefit of "
                                 "each", "", "A", (0, 10), 1, 2, 0., "F26; Deeds & Hill 1996")] = 1.5
    barbell: Annotated[float, P("share of steady alliances under the weights barbell, the rest being moonshots", "",
                                "A", (0, 1), .6, .95, source="F26")] = .8
    tolerance: Annotated[float, P("how far a class may be above its share before a firm that rebalances withdraws",
                                  "", "A", (0, 1), .05, .3, 1., "F26")] = .15
    review: Annotated[int, P("months between a firm's reviews of its portfolio", "months", "A", (1, 60), 1, 12,
                             source="F26")] = 3
