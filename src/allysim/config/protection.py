"""What protects know-how and data in an alliance, and what leaks all the same: sections of the configuration.

A part of `allysim.config.parameters`, where they are listed among all others.
"""

from typing import Annotated, NamedTuple

from allysim.config.schema import Parameter as P

OWNERS = ("joint", "each_own", "lead")
"""Who owns what sprints of R&D added; the place is the number of the rule."""


class IpProtection(NamedTuple):
    """Group `ip_protection`: what an alliance's contract says against leaks (F12)."""

    name: Annotated[str, P("name of the preset", "", "L")] = "nda"
    nda: Annotated[float, P("non-disclosure agreement, how strict", "", "L", (0, 1), 0, 1, 0.)] = 1.
    compartments: Annotated[float, P("s_K, how far knowledge is kept in compartments", "", "L", (0, 1), 0, 1, 0.)] = 0.
    access: Annotated[float, P("s_X, how far access to documents is controlled and logged", "", "L", (0, 1), 0, 1,
                               0.)] = 0.
    hr: Annotated[float, P("HR controls: exit interviews, moves of staff agreed", "", "L", (0, 1), 0, 1, 0.)] = 0.
    non_solicit: Annotated[float, P("non-solicit clause, how strict: HR controls outlive the alliance", "", "L", (0, 1),
                                    0, 1, 0.)] = 0.
    owner: Annotated[str, P("who may go on using what sprints of R&D added, once a member leaves: all of them (joint), "
                            "each what its own research added, or the lead, others losing a part", "", "L", OWNERS,
                            off="joint", source="F10; Aghion & Tirole 1994")] = "joint"


class DataSharing(NamedTuple):
    """Group `data_sharing`: what data the members of an alliance show each other (F21)."""

    name: Annotated[str, P("name of the preset", "", "L")] = "anonymised_dashboard"
    shared: Annotated[float, P("s_D, share of the data that is shared", "", "L", (0, 1), 0, 1)] = .6
    anonymised: Annotated[float, P("s_V, how far it is anonymised", "", "L", (0, 1), 0, 1, 0.)] = 1.
    access: Annotated[float, P("s_X, how far access to it is controlled", "", "L", (0, 1), 0, 1, 0.)] = .5


class Leaks(NamedTuple):
    """F12 leaks of know-how among partners, by channel (Kale, Singh & Perlmutter 2000; Norman 2002)."""

    hazard: Annotated[float, P("leaks from one member to another at full exposure, no market overlap, trust .5 and no "
                               "protection", "1/month", "A", (0, 1), .001, .012, 0., "F12")] = .004
    overlap_slope: Annotated[float, P("how fast market overlap raises the hazard", "", "A", (0, 10), .6, 2, 0.,
                                      "F12")] = 1.2
    trust_slope: Annotated[float, P("how fast the sender's trust lowers the hazard", "", "A", (0, 10), .5, 3, 0.,
                                    "F12")] = 1.5
    modular: Annotated[float, P("added hazard where members are wholly modular and nothing is in compartments", "", "A",
                                (0, 5), 0, 1, 0., "F12")] = .5
    staff: Annotated[float, P("weight of the channel staff", "", "A", (0, 1), .4, .8, 0., "F12")] = .6
    partner: Annotated[float, P("weight of the channel partner", "", "A", (0, 1), .1, .5, 0., "F12")] = .3
    other: Annotated[float, P("weight of other channels, that nothing protects", "", "A", (0, 1), .05, .2, 0.,
                              "F12")] = .1
    nda: Annotated[float, P("part of the channel partner that a full NDA closes", "", "A", (0, 1), 0, .8, 0.,
                            "F12")] = .25
    access: Annotated[float, P("part of staff and partner that full access control closes", "", "A", (0, 1), 0, .8, 0.,
                               "F12")] = .30
    hr: Annotated[float, P("part of the channel staff that full HR controls close", "", "A", (0, 1), 0, .8, 0.,
                           "F12")] = .10
    compartments: Annotated[float, P("part of staff and partner that full compartments close, nothing modular", "", "A",
                                     (0, .5), 0, .5, 0., "F12")] = .25
    compartments_modular: Annotated[float, P("part of staff and partner that full modularity adds to that",
                                             "", "A", (0, .5), 0, .5, 0., "F12")] = .30
    control: Annotated[float, P("a firm's technical control over the mean of its software and data capability; it "
                                "caps compartments and access control", "", "A", (0, 1e6), 1., 3., 1e6)] = 1.5
    exposure_procurement: Annotated[float, P("x, exposure of a procurement alliance; .5 counts as full", "", "A",
                                             (0, 2), .03, .3, 0., "F12")] = .1
    exposure_coopetition: Annotated[float, P("x of a co-opetition alliance", "", "A", (0, 2), .1, .6, 0., "F12")] = .3
    exposure_rnd: Annotated[float, P("x of an R&D alliance", "", "A", (0, 2), .2, 1., 0., "F12")] = .5
    exposure_infrastructure: Annotated[float, P("x of an infrastructure alliance", "", "A", (0, 2), .05, .4, 0.,
                                                "F12")] = .2
    after_months: Annotated[int, P("months in which staff still leak to former partners", "months", "A", (0, 120), 6,
                                   24, 0, "F12")] = 12
    non_solicit: Annotated[float, P("part of HR controls that a non-solicit clause keeps after the end", "", "A",
                                    (0, 1), .25, .75, 0., "F12")] = .5
    closes: Annotated[float, P("part of the gap in a capability that a leak closes", "", "A", (0, 1), .1, .6, 0.,
                               "F12")] = .3
    exclusivity: Annotated[float, P("appeal the sender loses at full overlap over the utility the receiver gains", "",
                                    "A", (0, 1), 0, 1, 0., "F12")] = .3
    fade: Annotated[float, P("part of the appeal lost by leaks and misuse that comes back in a month", "1/month", "A",
                             (.001, 1), .01, .05, source="F12")] = .02
    detection: Annotated[float, P("chance that a leak is seen without access logs", "", "A", (0, 1), .1, .5, 0.,
                                  "F12")] = .3
    detection_logs: Annotated[float, P("chance added by full access control, which logs", "", "A", (0, 1), .2, .6, 0.,
                                       "F12")] = .4


class Sharing(NamedTuple):
    """F21 what shared data do: a sharper view of the alliance's gain, and misuse (Lee, So & Tang 2000)."""

    precision: Annotated[float, P("how much sharing sharpens the KPI: exponent of s_D in its precision", "", "A",
                                  (0, 2), .25, 1, 0., "F21")] = .5
    blur: Annotated[float, P("precision lost where all data are anonymised", "", "A", (0, .9), .05, .4, 0.,
                             "F21")] = .15
    floor: Annotated[float, P("s_D that members get to see of each other anyway", "", "A", (.001, 1), .02, .2,
                              source="F21")] = .05
    misuse: Annotated[float, P("misuse by a member where all data are shared and nothing guards them", "1/month", "A",
                               (0, 1), .001, .01, 0., "F21")] = .003
    anonymised: Annotated[float, P("part of misuse that full anonymising prevents", "", "A", (0, 1), .2, .8, 0.,
                                   "F21")] = .5
    access: Annotated[float, P("part of misuse that full access control prevents", "", "A", (0, 1), .1, .6, 0.,
                               "F21")] = .3
    deterrence: Annotated[float, P("penalty that halves misuse", "k€", "A", (.01, 1e6), 10, 40, 1e6, "F21")] = 20.
    taken: Annotated[float, P("appeal that a misuse takes from a partner with the same customers", "utility", "A",
                              (0, 1), .02, .15, 0.)] = .05


class Capability(NamedTuple):
    """F10 capabilities: what was added to those a firm was born with depreciates (Hall, Mairesse & Mohnen 2010)."""

    depreciation: Annotated[float, P("share of added capability lost in a month", "1/month", "S", (0, 1), .008, .03, 0.,
                                     "F10; Hall, Mairesse & Mohnen 2010")] = .0135
