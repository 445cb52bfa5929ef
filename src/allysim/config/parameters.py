"""Everything that can be set, section by section, with unit, allowed values, range, tag and source.

The sections are plain ``NamedTuple`` classes: the defaults stand here and nowhere else, presets in
``configs/`` override them, and kernels receive a section as one argument. Equation numbers (F1 ...)
are those of the model description. See `allysim.config.schema.TAGS` for the tags.
"""

from typing import Annotated, NamedTuple

from allysim.config import bargain, governing, supply, tendering, yields
from allysim.config.alternatives import Alternatives
from allysim.config.ecosystem import Ecosystem
from allysim.config.portfolio import Portfolio
from allysim.config.process import Process
from allysim.config.protection import Capability, DataSharing, IpProtection, Leaks, Sharing
from allysim.config.recurring import Subscriptions
from allysim.config.restructuring import Restructuring
from allysim.config.schema import Parameter as P
from allysim.config.strategy import ALLIANCE_TYPES, Strategy
from allysim.config.world import Drivers, Environment

RECORD_LEVELS = ("auto", "outcomes", "series", "full")


class Run(NamedTuple):
    """How long and how often to run, and what to keep."""

    seed: Annotated[int, P("seed of the first replication; replication k uses seed + k", "", "L", (0, 2**62))] = 1
    months: Annotated[int, P("length of a run", "months", "L", (1, 1200))] = 120
    replications: Annotated[int, P("runs with different luck; a comparison takes two or more", "runs", "L",
                                   (1, 1_000_000))] = 100
    records: Annotated[str, P("what a run leaves; auto: full for one run, series for a comparison", "", "L",
                              RECORD_LEVELS)] = "auto"
    out: Annotated[str | None, P("folder for the results; null: a new one under allysim_out/", "", "L")] = None
    outcome: Annotated[str | None, P("your own outcome, file.py:function of a run", "", "L")] = None
    jobs: Annotated[int, P("processes working side by side; 0: one per core", "", "L", (0, 1024))] = 0


class Firms(NamedTuple):
    """The population: a user's firms (focal) among drawn background firms."""

    n: Annotated[int, P("firms in all", "firms", "L", (1, 10_000_000))] = 100
    focal: Annotated[int, P("focal small firms when no file is given, stratified by size", "firms", "L",
                            (0, 1_000_000))] = 10
    path: Annotated[str | None, P("CSV of your own firms, which become the focal ones", "", "L")] = None
    background: Annotated[int | None, P("drawn firms around them; null: up to firms.n; 0: none", "firms", "L",
                                        (0, 10_000_000))] = None
    large_share: Annotated[float, P("share of large firms among those drawn", "", "A", (0, 1), .05, .2)] = .1
    small_revenue: Annotated[float, P("median revenue of a small firm", "k€/month", "A", (.1, 1e6), 30, 120)] = 60.
    small_spread: Annotated[float, P("log standard deviation of small firms' revenue", "", "A", (0, 3), .3, .9)] = .6
    large_revenue: Annotated[float, P("median revenue of a large firm", "k€/month", "A", (.1, 1e7), 1e3, 6e3)] = 3000.
    large_spread: Annotated[float, P("log standard deviation of large firms' revenue", "", "A", (0, 3), .2, .6)] = .4
    large_from: Annotated[float, P("revenue from which a firm of yours counts as large", "k€/month", "A",
                                   (0, 1e9), 250, 1000)] = 500.
    ebitda_margin: Annotated[float, P("EBITDA over revenue at month 0 where not given", "", "A", (-1, .6), .06,
                                      .18)] = .12
    input_share: Annotated[float, P("bought inputs over variable cost (a file of yours gives them over revenue)", "",
                                    "A", (0, 1), .6, .95)] = 5 / 6
    cash_months: Annotated[float, P("starting cash in months of fixed cost", "months", "A", (0, 120), 1, 6,
                                    source="F25")] = 3.
    risk_aversion: Annotated[float, P("median relative risk aversion", "", "A", (0, 50), 1, 4, 0., "F8")] = 2.
    risk_spread: Annotated[float, P("log standard deviation of risk aversion", "", "A", (0, 2), .2, .8)] = .5
    attention_small: Annotated[int, P("alliances a small firm can run well", "alliances", "A", (0, 1000), 2, 6,
                                      source="F26")] = 4
    attention_large: Annotated[int, P("alliances a large firm can run well", "alliances", "A", (0, 1000), 10, 30,
                                      source="F26")] = 20


class Alliances(NamedTuple):
    """Start from a real network: alliances that run already at month 0."""

    path: Annotated[str | None, P("CSV with the columns alliance, firm, share, joined, left; null: none run at the "
                                  "start", "", "L")] = None
    date: Annotated[str | None, P("ISO date that is month 0; null: the one on which all spells begin", "", "L")] = None
    unknown: Annotated[str, P("firms of the network that are not in firms.path: refused, or drawn under their names",
                              "", "L", ("refuse", "draw"))] = "refuse"
    type: Annotated[str, P("type of the alliances whose rows do not say theirs", "", "L",
                           ALLIANCE_TYPES)] = "infrastructure"


class Market(NamedTuple):
    """F22 demand and price: logit with an outside good, single-product mark-up (Berry 1994); or linear Cournot."""

    price_sensitivity: Annotated[float, P("alpha, utility lost per unit of price", "1/price", "T", (.5, 20), 1.5, 4,
                                          source="F22; Berry, Levinsohn & Pakes 1995")] = 2.5
    capability_weight: Annotated[float, P("utility of a perfect capability profile", "utility", "A", (0, 20), 1.5, 4,
                                          0., "F22")] = 3.
    taste_spread: Annotated[float, P("standard deviation of fixed firm-by-segment taste", "utility", "A", (0, 5),
                                     .5, 1.2, 0., "F22")] = .8
    home_taste: Annotated[float, P("added taste in the segment a user's file names", "utility", "A", (0, 10), .5, 3,
                                   0., "F22")] = 1.5
    outside_share: Annotated[float, P("share of the outside good in each segment at month 0", "", "A", (.01, .99),
                                      .3, .7, source="F22")] = .5
    elasticity: Annotated[float, P("price elasticity of total demand at month 0 under rules.market=cournot (the "
                                   "default is that of logit: alpha times the outside share)", "", "A", (.01, 100),
                                   .75, 2.5, source="F22; Cournot 1838")] = 1.25


class Customers(NamedTuple):
    """F22 customers, delivery and launches: the processes behind the KPIs."""

    adjustment: Annotated[float, P("share of the gap between demand and sales closed in a month", "1/month", "A",
                                   (.01, 1), .1, .5, 1.)] = .25
    churn: Annotated[float, P("customers lost in a month when all is delivered", "1/month", "A", (0, 1), .01, .06,
                              0.)] = .03
    churn_undelivered: Annotated[float, P("added churn per share of last month's orders not delivered", "1/month",
                                          "A",
                                          (0, 1), .05, .4, 0.)] = .2
    marketing_share: Annotated[float, P("marketing part of fixed cost, over revenue at month 0", "", "A", (0, .5),
                                        .01, .08, 0.)] = .03
    capacity: Annotated[float, P("capacity over output at month 0", "", "A", (1, 10), 1.1, 1.5, source="F3")] = 1.25
    launch_months: Annotated[int, P("length of a launch, hence time to market", "months", "A", (1, 120), 12, 36)] = 18
    launch_gain: Annotated[float, P("appeal added by a launch", "utility", "A", (0, 5), .05, .2, 0.)] = .10
    launch_fade: Annotated[float, P("share of the launched appeal lost in a month", "1/month", "A", (.001, 1), .01,
                                    .04)] = .02


class Governance(NamedTuple):
    """Group `governance`: the rules an alliance is run by (F13, F14, F16, F17)."""

    name: Annotated[str, P("name of the preset", "", "L")] = "standard"
    mode: Annotated[str, P("who governs", "", "L", ("shared", "lead", "administrative"),
                           source="F14; Provan & Kenis 2008")] = "shared"
    completeness: Annotated[float, P("C, how much the contract spells out", "", "L", (0, 1), 0, 1)] = .5
    dashboard: Annotated[float, P("how much of each other's conduct members see", "", "L", (0, 1), 0, 1)] = .5
    notice: Annotated[int, P("months between giving notice and leaving", "months", "L", (0, 60), 0, 6)] = 2
    penalty: Annotated[float, P("P, paid to the partners when a breach is seen", "k€", "L", (0, 1e6), 0, 20,
                                0.)] = 10.
    decision_rights: Annotated[float, P("G, how clearly it is settled who decides what", "", "L", (0, 1), 0, 1,
                                        0.)] = .4
    dispute_clause: Annotated[bool, P("whether the contract says how disputes are settled", "", "L",
                                      off=False)] = True
    adaptive: Annotated[bool, P("whether it becomes standard once the alliance is standardised, and heavy once that is "
                                "scaled and large", "", "L", off=False, source="F20")] = False


class Pilot(NamedTuple):
    """F20 the pilot and its gate: Bayesian belief in the alliance's relative gain q."""

    months: Annotated[int, P("length of a pilot", "months", "L", (1, 12), 1, 12)] = 3
    members: Annotated[int, P("members of a charter, all counted", "firms", "L", (2, 8), 2, 8)] = 3
    kpi: Annotated[str, P("gross margin at the sales the market is moving to, or at those of the month", "", "L",
                          ("leading", "lagging"))] = "leading"
    control: Annotated[bool, P("whether unallied firms of like segment and size are differenced out", "", "L")] = True
    threshold: Annotated[float, P("theta, gain in gross margin the charter asks for", "", "L", (-1, 1), 0, .05)] = .02
    threshold_coopetition: Annotated[float, P("the same of a co-opetition charter", "", "L", (-1, 1), 0, .05)] = .005
    go: Annotated[float, P("go when the belief that q beats the threshold exceeds this", "", "A", (.5, 1), .7,
                           .95)] = .8
    stop: Annotated[float, P("stop when it falls below this", "", "A", (0, .5), .05, .3, 0.)] = .2
    prior_mean: Annotated[float, P("mean of the prior belief in q", "", "A", (-1, 1), 0, .1)] = .05
    prior_sd: Annotated[float, P("standard deviation of the prior belief in q", "", "A", (.001, 1), .04, .12)] = .08
    noise: Annotated[float, P("standard deviation of a month's measurement noise", "", "A", (0, 1), .05, .15,
                              0.)] = .10
    persistent: Annotated[float, P("standard deviation of the signal's persistent error, as believed", "", "A",
                                   (0, 1),
                                   .03, .1, 0.)] = .06
    baseline: Annotated[int, P("months before that the KPI is compared with", "months", "A", (1, 12), 3, 12)] = 6
    review: Annotated[int, P("months between reviews of a running alliance", "months", "A", (1, 24), 3, 6)] = 3
    budget_months: Annotated[float, P("governance months the charter's budget covers beside set-up", "months", "A",
                                      (0, 120), 3, 12)] = 6.


class Purchasing(NamedTuple):
    """F1 pooled purchasing: one price schedule for all, alone or pooled."""

    discount: Annotated[float, P("D, greatest discount off list price", "", "T", (0, .9), .10, .30, 0.,
                                 "F1; Schotanus, Telgen & de Boer 2009")] = .20
    steepness: Annotated[float, P("eta, how fast the discount comes with volume", "", "T", (.01, 3), .3, 1.,
                                  source="F1")] = .6
    first_rung: Annotated[float, P("Q1, spend at which discounts begin", "k€/month", "A", (.01, 1e6), 15, 60,
                                   source="F1")] = 30.
    fee: Annotated[float, P("fee on pooled spend", "", "A", (0, .5), 0, .05, 0., "F1")] = .02
    no_leverage: Annotated[float, P("chance that a category gives a pool no leverage", "", "S", (0, 1), .05, .3, 0.,
                                    "F1; US GAO 2002 for the contrary")] = .15
    fit_spread: Annotated[float, P("standard deviation of the hidden fit xi", "", "A", (0, 2), .15, .5, 0.)] = .3


class Learning(NamedTuple):
    """F2 learning by doing (Wright 1936)."""

    progress_ratio: Annotated[float, P("unit cost after a doubling of experience", "", "S", (.5, 1), .75, .95, 1.,
                                       "F2; Argote & Epple 1990")] = .85
    experience_months: Annotated[float, P("experience at month 0 in months of own output", "months", "A", (1, 1200),
                                          24, 120)] = 60.
    entrant: Annotated[float, P("an entrant's experience over its segment's mean", "", "A", (.01, 2), .5, 1.)] = .8


class Trust(NamedTuple):
    """F5 trust as a beta reputation with forgetting and negativity (Jøsang & Ismail 2002)."""

    memory: Annotated[float, P("lambda, evidence kept from one month to the next", "1/month", "A", (.5, 1), .95,
                               .995, source="F5")] = .98
    good: Annotated[float, P("weight of good evidence", "", "T", (0, 100), .5, 2, source="F5")] = 1.
    bad: Annotated[float, P("weight of bad evidence", "", "S", (0, 100), 2, 5, source="F5; Slovic 1993")] = 3.
    disposition: Annotated[float, P("tau, trust in a stranger", "", "A", (0, 1), .3, .7)] = .5
    prior_weight: Annotated[float, P("months of evidence the disposition counts for", "months", "T", (.1, 100), 2,
                                     8)] = 4.
    public: Annotated[float, P("weight of events seen by third parties", "", "A", (0, 1), .05, .5, 0.)] = .2
    lapse: Annotated[float, P("chance of a lapse of a wholly dishonest firm", "1/month", "A", (0, 1), .1, .4,
                              0.)] = .25
    disappointing: Annotated[float, P("outcome credited for a month of disappointing results", "", "A", (0, 1), .9,
                                      1., 1.)] = .95


class Conduct(NamedTuple):
    """F13 defection under temptation (folk theorem: Friedman 1971)."""

    temptation: Annotated[float, P("mean temptation over expected monthly gain, two members; 0: nothing to take", "",
                                   "A", (0, 100), 4.1, 7.5, 0., "F13, fitted")] = 6.7
    temptation_rnd: Annotated[float, P("mean temptation in R&D alliances", "", "A", (0, 100), 2.4, 4.3, 0.,
                                       "F13, fitted")] = 3.8
    per_member: Annotated[float, P("growth of the mean per member above two", "", "A", (0, 2), 0, .3, 0.)] = .1
    punished_gain: Annotated[float, P("pi_P over pi_C, gain left once trust is gone", "", "A", (0, 1), 0, .6)] = .3
    damage: Annotated[float, P("what partners lose per k€ taken", "", "A", (1, 10), 1, 2)] = 1.25
    detection: Annotated[float, P("chance that a breach is seen without a dashboard", "", "A", (0, 1), .1, .5)] = .3
    detection_dashboard: Annotated[float, P("chance added by a full dashboard", "", "A", (0, 1), .2, .6, 0.)] = .4
    loyalty: Annotated[float, P("weight of trust times honesty against temptation", "months", "A", (0, 100), 2, 8,
                                0.)] = 4.
    delta: Annotated[float, P("monthly discount factor", "1/month", "T", (.5, .9999), .98, .995)] = .99
    delta_distressed: Annotated[float, P("discount factor with less than three months of fixed cost in cash",
                                         "1/month", "A", (.5, .9999), .96, .99)] = .98
    other_hazard: Annotated[float, P("other ways an alliance may end, as members see it", "1/month", "A", (0, 1),
                                     .003, .012)] = .006


class Administration(NamedTuple):
    """F14 what governing an alliance costs a member (Provan & Kenis 2008; Dyer & Chu 2003); F18 set-up."""

    scale: Annotated[float, P("multiplies every governance cost", "", "A", (0, 100), .5, 2, 0., "F14")] = 1.
    trust_slope: Annotated[float, P("how fast trust lowers the cost", "", "S", (0, 20), 3, 6, 0.,
                                    "F14; Dyer & Chu 2003")] = 4.5
    size_exponent: Annotated[float, P("growth of the cost with a member's revenue", "", "A", (0, 2), .3, .8, 0.)] = .5
    setup: Annotated[float, P("I0, setting an alliance up, shared by the members", "k€", "A", (0, 1e5), 3, 30, 0.,
                              "F18")] = 10.
    setup_modularity: Annotated[float, P("share of set-up saved where the least modular member is wholly modular", "",
                                         "A", (0, 1), .2, .8, 0., "F18")] = .5
    setup_readiness: Annotated[float, P("share of set-up saved where the least ready member has all its APIs", "",
                                        "A", (0, 1), .1, .5, 0., "F18")] = .3
    procurement: Annotated[float, P("governance cost factor of procurement alliances", "", "A", (0, 20), .7, 1.5,
                                    source="F14")] = 1.
    coopetition: Annotated[float, P("governance cost factor of co-opetition", "", "A", (0, 20), 1, 2.5,
                                    source="F14")] = 1.5
    rnd: Annotated[float, P("governance cost factor of R&D alliances", "", "A", (0, 20), 2, 4, source="F14")] = 3.
    infrastructure: Annotated[float, P("governance cost factor of infrastructure alliances", "", "A", (0, 20), 1, 3,
                                       source="F14")] = 2.


class Choice(NamedTuple):
    """F6 and F8 choosing partners: certainty equivalent of a pilot as an option."""

    visible: Annotated[int, P("possible partners a searching firm sees", "firms", "A", (1, 200), 4, 25,
                              source="F28")] = 8
    search_months: Annotated[int, P("months between a firm's searches", "months", "A", (1, 60), 1, 12)] = 3
    logit_scale: Annotated[float, P("scale of choice errors over the mean value on offer", "", "T", (.001, 10), .05,
                                    .4)] = .15
    explore: Annotated[float, P("chance of choosing at random", "", "T", (0, 1), 0, .1, 0.)] = .05
    expected_life: Annotated[float, P("months an alliance is expected to last", "months", "A", (1, 600), 30,
                                      90)] = 60.
    reserve_months: Annotated[float, P("least wealth in risk terms, in months of fixed cost", "months", "A",
                                       (.1, 120), 1, 12, source="F8")] = 3.
    honesty: Annotated[float, P("honesty expected of a stranger", "", "A", (0, 1), .3, .7)] = .5


class Separation(NamedTuple):
    """F17 residual hazard of separation after go: log-logistic (scale fitted)."""

    scale: Annotated[float, P("months at which half would have separated, type factor 1", "months", "A", (1, 1e6),
                              97, 500, 1e6, "F17, fitted")] = 340.
    shape: Annotated[float, P("shape of the log-logistic hazard", "", "A", (.2, 10), 1.2, 2.2)] = 1.6
    procurement: Annotated[float, P("hazard factor of procurement alliances", "", "A", (0, 10), .4, 1.2, 0.)] = .7
    coopetition: Annotated[float, P("hazard factor of co-opetition", "", "A", (0, 10), .8, 2., 0.)] = 1.2
    rnd: Annotated[float, P("hazard factor of R&D alliances", "", "A", (0, 10), 1, 3, 0., "F17, fitted")] = 1.3
    infrastructure: Annotated[float, P("hazard factor of infrastructure alliances", "", "A", (0, 10), .3, .9, 0.)] = .5
    rivalry: Annotated[float, P("hazard factor of full market overlap", "", "S", (1, 10), 1.3, 2.5, 1.,
                                "F17; Park & Russo 1996")] = 1.8
    per_member: Annotated[float, P("hazard factor per member above two", "", "A", (1, 3), 1, 1.3, 1.)] = 1.10
    fall_back: Annotated[bool, P("whether a failing alliance may go on as a procurement pool or as co-marketing, as "
                                 "far as its members seek that", "", "L", off=False, source="F17")] = True


class Demography(NamedTuple):
    """F25 exit and entry (two hazards of entrants fitted)."""

    ruin_months: Annotated[float, P("debt at which a firm is ruined, in months of fixed cost", "months", "A",
                                    (0, 1200), 1, 6)] = 3.
    ruin_patience: Annotated[int, P("months in ruin before it exits", "months", "A", (1, 60), 1, 6)] = 2
    payout_months: Annotated[float, P("cash kept before owners are paid, in months of fixed cost", "months", "A",
                                      (0, 1200), 4, 12)] = 6.
    payout_share: Annotated[float, P("share of the excess paid out in a month", "1/month", "A", (0, 1), .25, 1.,
                                     0.)] = .5
    exit_incumbent: Annotated[float, P("residual exit hazard of an incumbent", "1/month", "A", (0, 1), .0009, .0036,
                                       0., "F25")] = .0018
    exit_entrant: Annotated[float, P("residual exit hazard of an old entrant", "1/month", "A", (0, 1), .002, .0091,
                                     0., "F25, fitted")] = .006
    exit_newness: Annotated[float, P("added exit hazard of a new entrant", "1/month", "A", (0, 1), .006, .033, 0.,
                                     "F25, fitted to establishment statistics")] = .017
    exit_fading: Annotated[float, P("months in which the added hazard fades", "months", "A", (1, 600), 10, 40)] = 20.
    ruin: Annotated[bool, P("whether ruin makes a firm exit", "", "L", off=False)] = True
    entrant_revenue: Annotated[float, P("median revenue of an entrant", "k€/month", "A", (.1, 1e6), 15, 60)] = 30.
    capital_charge: Annotated[float, P("monthly charge on capital in economic profit", "1/month", "A", (0, .1), .005,
                                       .015)] = .01
    capital_months: Annotated[float, P("capital employed, in months of fixed cost", "months", "A", (0, 120), 1,
                                       6)] = 3.


class Rules(NamedTuple):
    """Which rule stands behind each seam: a built-in name or file.py:Class."""

    market: Annotated[str, P("how prices and quantities are found", "", "L")] = "logit"
    partner_choice: Annotated[str, P("how a charter is chosen and accepted", "", "L")] = "expected_value"
    conduct: Annotated[str, P("when a member takes the temptation", "", "L")] = "temptation"
    gate: Annotated[str, P("when a pilot goes on, is extended or stops", "", "L")] = "bayes"
    effort: Annotated[str, P("how much of its R&D budget a member spends", "", "L")] = "equal"
    value_split: Annotated[str, P("how members share what their alliance yields", "", "L")] = "equal"
    strategy: Annotated[str, P("which strategy a firm goes on with at its review", "", "L")] = "levers"


SECTIONS: dict[str, type] = {
    "run": Run, "firms": Firms, "alliances": Alliances, "scenario": Drivers, "strategy": Strategy,
    "background": Strategy,
    "governance": Governance, "ip_protection": IpProtection, "data_sharing": DataSharing, "pilot": Pilot,
    "rules": Rules, "market": Market, "customers": Customers, "subscriptions": Subscriptions,
    "environment": Environment, "stock": supply.Stock,
    "purchasing": Purchasing, "coopetition": yields.Coopetition, "tendering": tendering.Tendering,
    "infrastructure": yields.Infrastructure, "research": yields.Research, "fit": yields.Fit,
    "contract": yields.Contract, "culture": yields.Culture, "learning": Learning, "trust": Trust, "conduct": Conduct,
    "leaks": Leaks, "sharing": Sharing,
    "process": Process, "capability": Capability, "disputes": governing.Disputes, "legal": governing.Legal,
    "administration": Administration, "latency": governing.Latency, "choice": Choice, "ecosystem": Ecosystem,
    "alternatives": Alternatives, "restructuring": Restructuring, "course": governing.Course,
    "separation": Separation, "demography": Demography, "terms": bargain.Terms, "scaling": bargain.Scaling,
    "portfolio": Portfolio,
}
"""Section name to class. `run` fields are set without a prefix (``months=60``), `background` is
``background.strategy``, all others by ``section.field``."""

GROUPS = {"scenario": "scenario", "strategy": "strategy", "background.strategy": "strategy",
          "governance": "governance", "ip_protection": "ip_protection", "data_sharing": "data_sharing"}
"""Hydra groups: the key a user sets, and the folder of ``configs/`` its presets stand in."""
