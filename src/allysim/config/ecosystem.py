"""F28 how firms see themselves and those around them, and what it takes to see better: the section `ecosystem`."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Ecosystem(NamedTuple):
    """F28 audit, map and matrix; F5, F6 a ladder of stakes; F20 lessons of earlier alliances."""

    self_noise: Annotated[float, P("standard deviation of what a firm misjudges of each of its own capabilities",
                                   "0-1", "A", (0, 2), .1, .4, 0., "F28")] = .25
    audited_noise: Annotated[float, P("standard deviation of what an audited firm misjudges of its capabilities",
                                      "0-1", "A", (0, 2), .05, .2, 0., "F28")] = .10
    audit_cost: Annotated[float, P("what an audit costs, once", "k€", "A", (0, 1e5), 1, 15, 0.)] = 5.
    mapped: Annotated[int, P("possible partners seen by a firm that has mapped its ecosystem, where that is more than "
                             "choice.visible", "firms", "A", (1, 200), 15, 40, 1, "F28")] = 25
    map_cost: Annotated[float, P("what mapping costs, once", "k€", "A", (0, 1e5), 1, 15, 0.)] = 5.
    delay: Annotated[int, P("months until an audit or a map that was not prepared for is done", "months", "A", (0, 60),
                            3, 12, 0)] = 6
    dashboard: Annotated[float, P("least dashboard of charters that a prepared firm proposes", "0-1", "A", (0, 1), .6,
                                  1., 0.)] = .8
    dashboard_cost: Annotated[float, P("what a dashboard of its own costs a firm that prepares, once", "k€", "A",
                                       (0, 1e5), 1, 15, 0.)] = 5.
    matrix_noise: Annotated[float, P("log standard deviation of how impact and effort of an opportunity are seen", "",
                                     "A", (0, 3), .1, .6, 0., "F28")] = .3
    ladder_trust: Annotated[float, P("trust a partner in R&D or infrastructure must have earned", "0-1", "A", (0, 1),
                                     .5, .8, 0., "F5, F6")] = .6
    rival_overlap: Annotated[float, P("market overlap above which a firm counts as a rival", "0-1", "A", (0, 1), .6,
                                      .95, 1., "F6")] = .8
    lesson_weight: Annotated[float, P("reviews for which the belief counts that alliances deliver what they promise",
                                      "reviews", "A", (.1, 1000), 2, 10)] = 4.
