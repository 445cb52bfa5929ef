"""Sections of the configuration: how members share (F19), and what becomes of proven alliances (F20)."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P


class Terms(NamedTuple):
    """F19 terms: who gets what, agreed at signing, and what an unfair share does (Shapley 1953)."""

    cash: Annotated[float, P("weight of cash in the split by contribution", "", "A", (0, 1), .2, .6,
                             source="F19")] = .4
    capability: Annotated[float, P("weight of capability in the split by contribution", "", "A", (0, 1), .1, .5,
                                   source="F19")] = .3
    customers: Annotated[float, P("weight of customers in the split by contribution", "", "A", (0, 1), .1, .5,
                                  source="F19")] = .3
    licence: Annotated[float, P("flat fee over what a member was expected to save by itself, in the split flat_fee",
                                "", "A", (0, 1), .25, .9, source="F19")] = .5
    reopen: Annotated[bool, P("whether terms are reopened after the pilot", "", "L", off=False, source="F19")] = True
    resentment: Annotated[float, P("bad evidence of its partners a month, per share that a member is short of its "
                                   "Shapley value", "months", "A", (0, 100), .3, 3, 0., "F19")] = 1.
    separation: Annotated[float, P("growth of the log hazard of separation with the greatest such shortfall", "", "A",
                                   (0, 100), .3, 3, 0., "F19; F17")] = 1.


class Scaling(NamedTuple):
    """F20 after the pilot: standardise, scale, admit members, use the template again."""

    standardise: Annotated[bool, P("whether proven alliances are standardised, scaled and admit members", "", "L",
                                   off=False, source="F20")] = True
    reviews: Annotated[int, P("reviews in a row that say go before an alliance is standardised", "reviews", "A",
                              (1, 24), 1, 4)] = 2
    trust: Annotated[float, P("mean trust it takes besides", "", "A", (0, 1), .5, .75)] = .6
    months: Annotated[int, P("months from standardised to scaled", "months", "A", (0, 240), 6, 24)] = 12
    cap_procurement: Annotated[int, P("members up to which a scaled procurement alliance admits; 0: none", "firms",
                                      "A", (0, 50), 5, 15, 0, "F20")] = 10
    cap_coopetition: Annotated[int, P("members up to which a scaled co-opetition alliance admits",
                                      "firms", "A", (0, 50), 3, 8, 0, "F20")] = 5
    cap_rnd: Annotated[int, P("members up to which a scaled R&D alliance admits",
                              "firms", "A", (0, 50), 3, 6, 0, "F20")] = 4
    cap_infrastructure: Annotated[int, P("members up to which a scaled infrastructure alliance admits",
                                         "firms", "A", (0, 50), 5, 12, 0, "F20")] = 8
    heavy_above: Annotated[int, P("members above which a scaled alliance under adaptive governance is run heavily",
                                  "firms", "A", (2, 50), 3, 8, source="F20")] = 5
    reuse: Annotated[float, P("share of set-up saved by each reuse of a template", "", "A", (0, 1), .1, .5, 0.,
                              "F20")] = .3
    reuse_cap: Annotated[int, P("reuses that still save more", "reuses", "A", (1, 20), 1, 5)] = 3
