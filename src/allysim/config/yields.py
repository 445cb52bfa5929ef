"""What alliances of each type yield: the sections of F3, F7, F10, F11, F15, F16 and F24."""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P

SCOPES = ("capacity", "marketing", "warehousing", "tendering", "automation")
"""What a co-opetition alliance may do together; the k-th is bit 2^k of its scope."""


class Contract(NamedTuple):
    """F15 contract with trust: what they multiply benefits by (Poppo & Zenger 2002)."""

    completeness: Annotated[float, P("log benefit of a complete contract", "", "A", (-5, 5), .1, .3, 0.,
                                     "F15")] = .2
    trust: Annotated[float, P("log benefit per unit of trust above .5", "", "A", (-5, 5), .3, .9, 0., "F15")] = .6
    both: Annotated[float, P("log benefit of contract and trust together", "", "S", (-5, 5), .2, .6, 0.,
                             "F15; Poppo & Zenger 2002")] = .4
    burden: Annotated[float, P("log benefit lost per square of completeness", "", "A", (0, 5), .15, .35, 0.,
                               "F15")] = .25


class Culture(NamedTuple):
    """F16 culture: what its distance takes from benefits (Lavie, Haunschild & Khanna 2012)."""

    distance: Annotated[float, P("log benefit lost per unit of cultural distance", "", "A", (0, 5), .3, 1.1, 0.,
                                 "F16")] = .7


class Fit(NamedTuple):
    """F7 technology fit: an inverted U in technology distance (Nooteboom et al. 2007)."""

    best: Annotated[float, P("technology distance of the best fit", "", "A", (0, 1), .3, .6, source="F7")] = .45
    scale: Annotated[float, P("distance of profiles (per square root of their number) that counts as 1", "", "A",
                              (.05, 2), .4, .8, source="F7")] = .6
    coopetition: Annotated[float, P("psi of co-opetition, benefit lost per squared distance from the best", "", "A",
                                    (0, 50), .5, 2, 0., "F7")] = 1.
    rnd: Annotated[float, P("psi of R&D", "", "S", (0, 50), 2, 6, 0., "F7; Nooteboom et al. 2007")] = 4.
    infrastructure: Annotated[float, P("psi of infrastructure", "", "A", (0, 50), .5, 2, 0., "F7")] = 1.


class Coopetition(NamedTuple):
    """F3, joint marketing, automation: what rivals gain by pooling reserves and selling together (Eppen 1979).

    Rivals who sell under one name share a reputation (Tirole 1996), that of the weakest link (Hirshleifer 1983).
    """

    capacity_cost: Annotated[float, P("share of fixed cost that capacity takes", "", "A", (0, 1), .2, .4, 0.,
                                      "F3")] = .30
    correlation: Annotated[float, P("rho, correlation of members' demand", "", "A", (0, 1), .1, .6, 1.,
                                    "F3; Eppen 1979")] = .3
    marketing: Annotated[float, P("appeal added by joint marketing, times the root of n - 1 and by what is not "
                                  "shared of the market", "utility", "A", (0, 2), .02, .08, 0.)] = .05
    lead_exponent: Annotated[float, P("how fast joint marketing lowers the cost of a lead with n", "", "A", (0, 2), .1,
                                      .4, 0.)] = .2
    reputation: Annotated[float, P("rho, part of a member's name that is that of the worst in joint marketing", "", "A",
                                   (0, 1), .2, .8, 0., "F22; Tirole 1996; Hirshleifer 1983")] = .5
    quality_floor: Annotated[float, P("phi, on-time delivery that joint marketing promises customers: what falls short "
                                      "is made good to them by the member that fails; 0 promises nothing", "", "L",
                                      (0, 1), 0, .98, 0.)] = 0.
    compensation: Annotated[float, P("what is paid for a unit short of the promise, over its price", "", "A", (0, 5),
                                     .1, .5)] = .25
    automation: Annotated[float, P("share of fixed cost that shared machines in the office replace", "", "A", (0, 1),
                                   .05, .2, 0.)] = .10
    automation_fee: Annotated[float, P("fee for shared office machines by one member alone, over its revenue",
                                       "", "A", (0, 1), .01, .04, 0.)] = .022
    automation_exponent: Annotated[float, P("how fast that fee falls with n", "", "A", (0, 2), .1, .4, 0.)] = .2


class Infrastructure(NamedTuple):
    """F24 shared infrastructure: rented by the pilot, bought once it pays; common outages (Fleming 1975)."""

    replaces: Annotated[float, P("share of a user's fixed cost replaced", "", "A", (0, 1), .05, .2, 0., "F24")] = .10
    replaceable: Annotated[float, P("share of fixed cost that can be replaced in all", "", "A", (.01, 1), .1, .5,
                                    source="F24")] = .30
    capital: Annotated[float, P("capital for all users of the size of a median small firm", "k€", "A", (0, 1e6), 75,
                                300, source="F24")] = 150.
    user_cost: Annotated[float, P("fixed cost of such a user; a larger one needs more capital in proportion",
                                  "k€/month", "A", (.1, 1e6), 10, 30)] = 17.
    users: Annotated[int, P("users the capital is for", "firms", "A", (1, 100), 6, 12, source="F24")] = 8
    rent: Annotated[float, P("rent of a user's part of the capital", "1/month", "A", (0, 1), .02, .06, 0.)] = .04
    own: Annotated[bool, P("whether a standardised alliance buys what it rents, once that pays and all can pay", "",
                           "L", off=False, source="F20, F24")] = True
    life: Annotated[float, P("life of capital that is owned, straight-line", "months", "A", (1, 1200), 60, 180)] = 120.
    upkeep: Annotated[float, P("running cost of capital that is owned, over what it costs new", "1/month", "A", (0, 1),
                               .005, .02, 0.)] = .010
    user_fee: Annotated[float, P("what a user pays into a joint venture, over the capital it needs", "1/month", "A",
                                 (0, 1), .010, .020)] = .012
    reserve: Annotated[float, P("upkeep that a joint venture keeps in its account", "months", "A", (0, 120), 3,
                                12)] = 6.
    keeps: Annotated[float, P("cash a member must keep to pay its part, in months of fixed cost", "months", "A",
                              (0, 120), 1, 6, source="F13")] = 3.
    buyout: Annotated[float, P("share of the book value of its part that a member gets when it leaves; 0 forfeits it",
                               "", "L", (0, 1), 0, 1)] = .7
    salvage: Annotated[float, P("share of book value got back for capital when the alliance ends; 0 strands it", "",
                                "A", (0, 1), 0, .5, 0., "F24")] = 0.
    outage: Annotated[float, P("lambda_o, outages of a user", "1/month", "A", (0, 1), .01, .04, 0., "F24")] = .02
    outage_common: Annotated[float, P("beta_cc, share of outages common to all users", "", "S", (0, 1), .05, .2, 0.,
                                      "F24; Fleming 1975")] = .10
    outage_loss: Annotated[float, P("output lost in the month of an outage", "", "A", (0, 1), .05, .2, 0.)] = .10
    recovery: Annotated[bool, P("whether there is a recovery plan", "", "L")] = False
    recovery_time: Annotated[float, P("restore time saved by a recovery plan", "", "A", (0, 1), .4, .8, 0.,
                                      "F24")] = .6
    recovery_common: Annotated[float, P("common outages prevented by a recovery plan", "", "A", (0, 1), .3, .7, 0.,
                                        "F24")] = .5


class Research(NamedTuple):
    """F10 and F11 R&D in sprints, with spillovers among members (Cohen & Levinthal 1989)."""

    budget: Annotated[float, P("share of revenue spent on all sprints together", "", "A", (0, .5), .01, .04,
                               source="F10")] = .02
    sprint: Annotated[int, P("length of a sprint", "months", "L", (1, 24), 2, 6)] = 3
    intensity: Annotated[float, P("lambda_s, successes per sprint at full benefit", "", "A", (0, 10), .15, .6, 0.,
                                  "F10")] = .30
    gain: Annotated[float, P("capability added by a success at a capability of one half", "", "A", (0, 1), .04, .10,
                             0., "F10")] = .07
    spillover: Annotated[float, P("phi, part of a partner's research that helps one's own", "", "T", (0, 1), .05, .6,
                                  0., "F11; Cohen & Levinthal 1989")] = .25
    patience: Annotated[int, P("sprints without success that fail a review", "sprints", "A", (1, 40), 2, 8)] = 4
    outside: Annotated[float, P("phi of outsiders: part of their mean research, of firms of one's own home segment on "
                                "the same capability, that helps one's own", "", "T", (0, 1), 0, .2, 0.,
                                "F11; Jaffe 1986; Cohen & Levinthal 1989")] = .05
    tacit: Annotated[float, P("part of what a partner's research helps that its full compartments withhold", "", "A",
                              (0, 1), .1, .5, 0., "F11")] = .25
    radical_intensity: Annotated[float, P("lambda_s of radical research over that of incremental", "", "A", (.01, 1),
                                          .2, .5, source="F10")] = 1 / 3
    radical_spread: Annotated[float, P("log standard deviation of what a radical success adds", "", "A", (0, 3), .5,
                                       1.3, 0., "F10; Scherer & Harhoff 2000")] = .9
    radical_patience: Annotated[int, P("sprints without success that fail a review of radical research", "sprints",
                                       "A", (1, 40), 8, 16, source="F10")] = 12
    ceded: Annotated[float, P("part of what sprints added that a leaver which is not the lead loses, where the lead "
                              "owns it", "", "A", (0, 1), .25, .75, 0., "F10")] = .5
