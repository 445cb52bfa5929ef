"""What Cournot rivals do about their costs: the section of process R&D (F11)."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P

EFFORTS = ("none", "separate", "joint")


class Process(NamedTuple):
    """F11 process R&D under Cournot: cuts of unit cost that are paid for month by month, and spill over."""

    effort: Annotated[str, P("who cuts costs for whom: none at all, each firm for its own profit, or partners in R&D "
                             "alliances for that of all of them (with rules.market=cournot only)", "", "L", EFFORTS,
                             off="none", source="F11; d'Aspremont & Jacquemin 1988")] = "none"
    cost: Annotated[float, P("b gamma: a cut of x costs gamma x^2/2 a month, b the slope of demand; below 2 firms "
                             "outdo each other", "", "A", (.1, 1e9), 2.5, 10,
                             source="F11; d'Aspremont & Jacquemin 1988")] = 4.
    inside: Annotated[float, P("part of a partner's cut that is cut from one's own cost, in an R&D alliance", "", "T",
                               (0, 1), .05, 1, 0., "F11; Goyal & Moraga-González 2001")] = .25
    outside: Annotated[float, P("part of any other rival's cut that is", "", "T", (0, 1), 0, .5, 0.,
                                "F11; d'Aspremont & Jacquemin 1988")] = .05
