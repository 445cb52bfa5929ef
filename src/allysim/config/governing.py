"""How partners get on and decide: the sections of F14 (latency), F16 (conflict) and of competition law."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Disputes(NamedTuple):
    """F16 conflict between cultures, and disputes over it and over F13 breaches that were seen."""

    conflict: Annotated[float, P("chance of a conflict between members of one culture, without decision rights",
                                 "1/month", "A", (0, 1), .01, .06, 0., "F16")] = .03
    culture: Annotated[float, P("growth of that chance at full cultural distance", "", "A", (0, 20), 1, 4, 0.,
                                "F16")] = 2.
    culture_scale: Annotated[float, P("distance of two cultures (per square root of their figures) that counts as 1",
                                      "", "A", (.05, 2), .4, .8, source="F16")] = .6
    rights: Annotated[float, P("share of that chance that full decision rights take away", "", "A", (0, 1), .2, .6,
                               0., "F16")] = .4
    resolved: Annotated[float, P("chance that a conflict is resolved", "", "A", (0, 1), .3, .7, 1., "F16")] = .5
    resolved_clause: Annotated[float, P("chance that a conflict, or a dispute over a breach, is resolved under a "
                                        "dispute clause", "", "A", (0, 1), .6, .95, source="F16")] = .8


class Latency(NamedTuple):
    """F14 decision latency: how much later verdicts of gates and reviews take effect."""

    months: Annotated[float, P("latency of two members of one culture without contract or decision rights", "months",
                               "A", (0, 24), .25, 1., 0., "F14")] = .5
    per_member: Annotated[float, P("its growth per member above two", "", "A", (0, 5), .05, .3, 0., "F14")] = .15
    completeness: Annotated[float, P("its growth at a complete contract", "", "A", (0, 10), .5, 1.5, 0., "F14")] = 1.
    culture: Annotated[float, P("its growth at full cultural distance", "", "A", (0, 10), .5, 1.5, 0., "F14")] = 1.
    rights: Annotated[float, P("share of it that full decision rights take away", "", "A", (0, 1), .2, .6, 0.,
                               "F14")] = .4


class Legal(NamedTuple):
    """Competition law: fines on co-opetition among rivals (Council Regulation (EC) No 1/2003)."""

    rate: Annotated[float, P("chance of a fine where rivals that hold the whole market do all together without a "
                             "contract", "1/month", "A", (0, 1), .005, .05, 0.,
                             "what it grows with: European Commission 2023/C 259/01")] = .02
    fine: Annotated[float, P("fine over a year's revenue; the law's limit is .10", "", "A", (0, 1), .005, .10, 0.,
                             "the limit: Council Regulation (EC) No 1/2003, Article 23")] = .03


class Course(NamedTuple):
    """How firms judge the strategy they follow, where the rule `strategy` lets them change it."""

    own_past: Annotated[float, P("weight of one's own past in what one aspires to; the rest is what peers have", "",
                                 "A", (0, 1), .2, .8, source="Cyert & March 1963")] = .5
