"""What subscriptions change in the customers of F22: the section of recurring revenue."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Subscriptions(NamedTuple):
    """F22 recurring revenue of firms whose customers subscribe: the column `subscriptions` of a user's file.

    Contracts keep customers and let sales follow demand more slowly, up and down.
    """

    churn: Annotated[float, P("part of churn that a subscription prevents", "", "A", (0, 1), .2, .8, 0.,
                              "F22")] = .5
    inertia: Annotated[float, P("part of the monthly adjustment of sales that a subscription prevents", "", "A", (0, 1),
                                .2, .8, 0., "F22")] = .5
