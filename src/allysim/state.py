"""The state of the world as tables of column arrays: firms, ties, alliances, memberships, world.

Every column is one contiguous NumPy array, so that a kernel takes only the columns it uses. Rows of
firms are slots: an entrant takes the slot of the firm that left, with the next generation. Rows of
alliances and memberships are only ever added, so nothing is lost when an alliance ends.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allysim.config.parameters import ALLIANCE_TYPES
from allysim.mechanisms.names import CAPABILITIES, CULTURE, SEGMENTS
from allysim.table import Table, column, count, flag

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bytes = NDArray[np.int8]
Keys = NDArray[np.uint64]
Flags = NDArray[np.bool_]

PILOT, RUNNING, STANDARDISED, SCALED, ENDED = range(5)
CAPACITY, MARKETING, WAREHOUSING, TENDERING, AUTOMATION = 1, 2, 4, 8, 16  # scopes of co-opetition, added
STAGES = ("pilot", "running", "standardised", "scaled", "ended")
MODES = ("shared", "lead", "administrative")
CAUSES = ("", "budget", "stopped", "kpi", "residual", "no gain", "breach", "bankruptcy", "closure",
          "portfolio")
NO_CAUSE, BUDGET, STOPPED, KPI_FAILURE, RESIDUAL, NO_GAIN, BREACH, BANKRUPTCY, CLOSURE, WITHDRAWN = range(len(CAUSES))
AS_AGREED, LAPSED, UNSEEN, SEEN, SETTLED, AT_FAULT = range(6)  # a member's conduct in a month
BASELINE_MONTHS = 12
BOOKED = ("saving", "split", "fee", "governance", "breaches", "set_up", "fines", "capital", "lots", "compensation")
"""What is summed for each membership in `Memberships.booked`; a mechanism with money of its own adds to the end."""
SET_UP = BOOKED.index("set_up")
BREACHES = BOOKED.index("breaches")
FINES = BOOKED.index("fines")
CAPITAL = BOOKED.index("capital")
LOTS = BOOKED.index("lots")
COMPENSATION = BOOKED.index("compensation")
NEVER = -1_000_000  # month of go of an alliance that has not gone on; months before the run are below 0 too


@dataclass
class Firms(Table):
    """One row per slot."""

    key: Keys = column("identity: slot and generation", dtype=np.uint64)
    generation: Ints = count("how many firms held the slot before")
    founded: Ints = count("month of entry", "month")
    focal: Flags = flag("one of the firms under study")
    large: Flags = flag("size class")
    strategy: Ints = count("row of the scenario's strategies")
    home: Ints = count("segment of largest revenue at month 0 or entry")
    capability: Floats = column("z, born with and developed", "0-1", width=len(CAPABILITIES))
    born: Floats = column("z at birth", "0-1", width=len(CAPABILITIES))
    developed: Floats = column("what was added to z and has not depreciated", "0-1", width=len(CAPABILITIES))
    advanced: Flags = flag("whether it ever developed a capability")
    culture: Floats = column("k: speed, risk, compliance", "0-1", width=len(CULTURE))
    modularity: Floats = column("m", "0-1")
    api_readiness: Floats = column("u", "0-1")
    subscriptions: Floats = column("s, share of its customers that subscribe", "0-1")
    risk_aversion: Floats = column("r, relative risk aversion")
    disposition: Floats = column("tau, trust in strangers", "0-1")
    honesty: Floats = column("honesty", "0-1")
    search_phase: Ints = count("its months of search are those with month + this divisible by choice.search_months")
    attention: Ints = count("kappa, alliances it can run well", "alliances")
    attraction: Floats = column("exp of taste, capability fit and segment intercept", width=len(SEGMENTS))
    native_attraction: Floats = column("the same by what it was born with", width=len(SEGMENTS))
    appeal: Floats = column("A less what launches add", "utility")
    lost_appeal: Floats = column("A lost by leaks and misuse, or taken, that has not come back", "utility")
    launched: Floats = column("what launches add to A", "utility")
    launch_age: Ints = count("months since the last launch", "months")
    price: Floats = column("p", "k€/unit")
    unit_cost: Floats = column("c, variable cost", "k€/unit")
    list_price: Floats = column("bought inputs of a unit at month-0 list price", "k€/unit")
    other_cost: Floats = column("other variable cost of a unit at month 0", "k€/unit")
    fixed_cost: Floats = column("fixed cost without its marketing part", "k€/month")
    full_cost: Floats = column("the same before restructuring", "k€/month")
    lead_cost: Floats = column("cost of a lead", "k€/unit")
    month_cost: Floats = column("F, fixed cost with its marketing part at month 0", "k€/month")
    target: Floats = column("Q, sales the market is moving to", "units/month")
    sales: Floats = column("S, orders of the month", "units/month")
    production: Floats = column("units made", "units/month")
    output: Floats = column("units delivered", "units/month")
    stock: Floats = column("units in stock", "units")
    stock_share: Floats = column("part of its own safety stock that it keeps in a shared warehouse", "0-1", fill=1.0)
    capacity: Floats = column("greatest output", "units/month")
    spare: Floats = column("capacity it could spare for lots, where any are let", "units/month")
    lots: Floats = column("units made for lots won by tender, beside those for the market", "units/month")
    lot_revenue: Floats = column("their part of revenue", "k€/month")
    lot_margin: Floats = column("gross margin of lots won with its alliance", "k€/month")
    on_time: Floats = column("output over orders", "0-1", fill=1.0)
    missed: Floats = column("share of orders not delivered, as its customers see it", "0-1")
    compensation: Floats = column("paid to customers where joint marketing promises delivery", "k€/month")
    leads: Floats = column("leads won", "units/month")
    churn: Floats = column("share of sales lost", "1/month")
    experience: Floats = column("X/X0", fill=1.0)
    experience_unit: Floats = column("X0", "units", fill=1.0)
    learning: Floats = column("factor of learning, of process R&D and of thrift on unit cost", fill=1.0)
    process_effort: Floats = column("x, cut of its unit cost by its own process R&D, from next month on", "k€/unit")
    process_cost: Floats = column("spent on process R&D", "k€/month")
    own_demand: Floats = column("firm's own part of log demand")
    own_price: Floats = column("firm's own part of log input price")
    input_index: Floats = column("input price over month 0", fill=1.0)
    disrupted: Ints = count("months of disruption left, this one included", "months")
    rung: Floats = column("price over list price, buying alone", fill=1.0)
    pool_discount: Floats = column("further discount off list price, buying together")
    revenue: Floats = column("revenue", "k€/month")
    ebitda: Floats = column("EBITDA after alliance costs", "k€/month")
    cash: Floats = column("W", "k€")
    economic_profit: Floats = column("cumulative economic profit", "k€")
    ruined: Ints = count("months in ruin", "months")
    reviewed: Ints = count("month in which it last reviewed its strategy; 0 where it never did", "month")
    profit_then: Floats = column("its cumulative economic profit then", "k€")
    result: Floats = column("economic profit a month before that over fixed cost")
    result_before: Floats = column("the same at the review before, if there was one")
    procurement: Ints = count("the procurement alliance it buys through, its oldest, or -1", fill=-1)
    coopetition: Ints = count("the co-opetition alliance it pools reserves and sells with, its oldest, or -1", fill=-1)
    rnd: Ints = count("its live R&D alliances", "alliances")
    alliances: Ints = count("its live alliances", "alliances")
    margin: Floats = column("gross margin as the KPI counts it", "k€/month")
    bare_margin: Floats = column("the same less booked gains of alliances, by month mod 12", "k€/month",
                                 width=BASELINE_MONTHS)
    breaches: Ints = count("breaches suffered, cumulative")
    breach_flow: Floats = column("net flow of this month's breaches, misuses and fines", "k€/month")
    breach_cost: Floats = column("net loss by breaches, cumulative", "k€")
    leaks: Ints = count("leaks and misuses of data suffered, cumulative")
    leak_cost: Floats = column("margin lost with appeal, less penalties received, cumulative", "k€")
    saving: Floats = column("saved by alliances, before what they cost", "k€/month")
    fixed_saved: Floats = column("fixed cost saved by alliances", "k€/month")
    replaced: Floats = column("of it by shared infrastructure", "k€/month")
    holding_saved: Floats = column("cost of holding stock saved by a shared warehouse", "k€/month")
    custom: Floats = column("what launches and joint marketing add to A", "utility")
    joint_appeal: Floats = column("what joint marketing adds to A", "utility")
    lead_factor: Floats = column("what joint marketing leaves of the cost of a lead", fill=1.0)
    outage: Floats = column("output lost in outages of shared infrastructure", "0-1")
    research_cost: Floats = column("spent on R&D sprints", "k€/month")
    alliance_flow: Floats = column("split less fee, governance and R&D", "k€/month")
    governance_cost: Floats = column("governance cost", "k€/month")
    setup_cost: Floats = column("set-up cost of the month", "k€/month")
    own_infrastructure: Ints = count("infrastructure beside alliances: 0 none, 1 built, 2 rented on the market")
    own_replaced: Floats = column("fixed cost it replaces", "k€/month")
    own_rent: Floats = column("its upkeep or rent", "k€/month")
    own_research: Ints = count("R&D beside alliances: 0 none, 1 alone, 2 by contract")
    own_research_cost: Floats = column("spent on it", "k€/month")
    research_since: Ints = count("month in which it began", "month")
    research_target: Ints = count("capability it works on")
    outside_option: Floats = column("what an alliance of each type must beat: built alone or bought", "k€",
                                    width=len(ALLIANCE_TYPES))
    dropped: Flags = column("capability lines that it has dropped", fill=False, dtype=np.bool_, width=len(CAPABILITIES))
    lines: Ints = count("capability lines that it keeps", "lines", len(CAPABILITIES))
    lines_saved: Floats = column("share of F that lines dropped took")
    cuts: Floats = column("share of F that cuts save")
    harm: Floats = column("A lost by them", "utility")
    growth_budget: Floats = column("to be spent on growth", "k€")
    growth_rate: Floats = column("spent of it in a month", "k€/month")
    modularised: Floats = column("m added since month 0 or entry", "0-1")
    modular_left: Floats = column("m that its programme still adds", "0-1")
    platform: Flags = flag("whether the launch under way is the first on a new platform")
    launch_pace: Floats = column("time to market over that of month 0 or entry", fill=1.0)
    thrift: Floats = column("factor of modularity and of a unit on unit cost", fill=1.0)
    unit: Ints = count("unit that runs its alliances: 0 none, 1 dedicated, 2 spun off")
    unit_capital: Floats = column("what it can still lose by a unit that was spun off", "k€")
    template: Ints = count("number of its next alliance from a template, by type; 0 without one",
                           width=len(ALLIANCE_TYPES))
    misjudged: Floats = column("what it misjudges of its capabilities, in standard deviations, hidden",
                               width=len(CAPABILITIES))
    audited: Ints = count("month in which its audit is done, or -1", "month", -1)
    mapped: Ints = count("month in which its map of the ecosystem is done, or -1", "month", -1)
    prepared: Ints = count("month in which it had prepared, or -1", "month", -1)
    lesson: Floats = column("what it multiplies promises of alliances of each type by", fill=1.0,
                            width=len(ALLIANCE_TYPES))
    lessons: Ints = count("lessons of each type it has noted", "lessons", width=len(ALLIANCE_TYPES))
    ties: Ints = count("first of its ties, or -1", fill=-1)


@dataclass
class Ties(Table):
    """What firms that met know of each other; the tie back is always the row ``t ^ 1``."""

    to: Ints = count("slot of the firm known", fill=-1)
    next: Ints = count("next tie of the same firm, or -1", fill=-1)
    good: Floats = column("g, good evidence", "months")
    bad: Floats = column("b, bad evidence", "months")
    together: Ints = count("last month in which both were in an alliance, or -1", "month", -1)
    failed: Ints = count("last month in which it lapsed, was seen to breach or was at fault in an alliance of both, or "
                         "-1", "month", -1)


@dataclass
class Alliances(Table):
    """One row per alliance ever founded."""

    key: Keys = column("identity: hash of founders, type and month", dtype=np.uint64)
    type: Bytes = column("type of alliance", fill=0, dtype=np.int8)
    founded_as: Bytes = column("type it was founded as, before it may have fallen back", fill=0, dtype=np.int8)
    stage: Bytes = column("pilot, running, standardised, scaled or ended", fill=0, dtype=np.int8)
    cause: Bytes = column("why it ends or ended", fill=0, dtype=np.int8)
    founded: Ints = count("month, below 0 before the run", "month")
    go: Ints = count("month of go, below 0 before the run, or NEVER", "month", NEVER)
    standardised: Ints = count("month in which it was standardised, or NEVER", "month", NEVER)
    scaled: Ints = count("month in which it was scaled, or NEVER", "month", NEVER)
    ending: Ints = count("month in which notice runs out, or -1", "month", -1)
    ended: Ints = count("month of its end, or -1", "month", -1)
    founders: Ints = count("members at the start", "firms")
    members: Ints = count("members now", "firms")
    mode: Bytes = column("who governs", fill=0, dtype=np.int8)
    adaptive: Flags = flag("whether its governance moves up as it is standardised and grows")
    level: Bytes = column("its governance: 0 as signed, 1 standard, 2 heavy", fill=0, dtype=np.int8)
    completeness: Floats = column("C", "0-1")
    dashboard: Floats = column("dashboard", "0-1")
    penalty: Floats = column("P", "k€")
    decision_rights: Floats = column("G", "0-1")
    dispute_clause: Flags = flag("whether the contract says how disputes are settled")
    notice: Ints = count("notice", "months")
    nda: Floats = column("non-disclosure agreement", "0-1")
    compartments: Floats = column("s_K", "0-1")
    access: Floats = column("s_X of know-how", "0-1")
    hr: Floats = column("HR controls", "0-1")
    non_solicit: Floats = column("non-solicit clause", "0-1")
    data_shared: Floats = column("s_D", "0-1")
    data_anonymised: Floats = column("s_V", "0-1")
    data_access: Floats = column("s_X of shared data", "0-1")
    fit: Floats = column("exp(xi - sd^2/2), hidden")
    leverage: Flags = flag("whether pooling has leverage in its category, hidden", True)
    scope: Bytes = column("what a co-opetition alliance does: 1 capacity, 2 marketing, 4 warehousing, 8 tendering, "
                          "16 automation, added", fill=0, dtype=np.int8)
    target: Bytes = column("capability an R&D alliance works on", fill=0, dtype=np.int8)
    radical: Flags = flag("whether it is after few large steps rather than many small ones")
    owner: Bytes = column("who owns what sprints added: 0 all members, 1 each its own, 2 the lead", fill=0,
                          dtype=np.int8)
    sprints: Ints = count("sprints done")
    successes: Ints = count("sprints that succeeded")
    last_success: Ints = count("number of the last sprint that succeeded")
    seen_successes: Ints = count("sprints that had succeeded at its last gate or review")
    installed: Floats = column("what the capital it owns costs new; 0 where it owns none", "k€")
    capital: Floats = column("book value of that", "k€")
    cash: Floats = column("its account, where it owns capital", "k€")
    benefit: Floats = column("what its benefits are multiplied by: fit, technology, contract with trust, culture",
                             fill=1.0)
    trust: Floats = column("mean trust among members", "0-1", fill=0.5)
    overlap: Floats = column("omega, mean market overlap among members", "0-1")
    culture_distance: Floats = column("dk, mean cultural distance among members", "0-1")
    units: Floats = column("share of members with a unit for their alliances", "0-1")
    prior_mean: Floats = column("belief in q when the baseline was set")
    prior_variance: Floats = column("variance of that belief")
    signals: Ints = count("signals since the baseline was set")
    signal_sum: Floats = column("their sum")
    signal: Floats = column("this month's KPI signal, relative gain in gross margin")
    belief: Floats = column("mean of the belief in q")
    belief_sd: Floats = column("standard deviation of that belief")
    gate_month: Ints = count("month of the next gate or review, or in which a verdict takes effect", "month")
    verdict: Bytes = column("verdict of a gate that is still to take effect (0 stop, 1 extend, 2 go), or -1", fill=-1,
                            dtype=np.int8)
    pilot_months: Ints = count("length of its pilot, and of an extension; 0 where it had none", "months")
    extended: Flags = flag("whether the pilot was extended")
    good_reviews: Ints = count("reviews in a row that said go")
    low_reviews: Ints = count("reviews in a row that failed")
    spent: Floats = column("governance cost so far", "k€")
    budget: Floats = column("what the charter allows", "k€")


@dataclass
class Memberships(Table):
    """One row per firm that ever joined an alliance."""

    firm: Ints = count("slot")
    firm_key: Keys = column("identity of the firm", dtype=np.uint64)
    alliance: Ints = count("row of the alliance")
    share: Floats = column("share of losses and costs", "0-1")
    agreed: Floats = column("share of what the alliance yields beyond flat fees, agreed when terms were struck")
    flat: Floats = column("flat fee agreed when terms were struck", "k€/month")
    part: Floats = column("part of what the alliance owns", "0-1")
    match: Floats = column("part of its own fixed cost that its partners match", "0-1", fill=1.0)
    unfairness: Floats = column("what its share fell short of its Shapley value when terms were struck")
    joined: Ints = count("month, below 0 before the run", "month")
    left: Ints = count("month, or -1", "month", -1)
    cause: Bytes = column("why it left, or is to leave to rebalance a portfolio", fill=0, dtype=np.int8)
    leaving: Ints = count("month in which notice runs out, or -1", "month", -1)
    gain: Floats = column("expected monthly gain from staying: mean of the last months", "k€/month")
    gain_months: Ints = count("months of gains seen", "months")
    expected: Floats = column("monthly gain expected at signing, 0 where nobody knows", "k€/month")
    booked: Floats = column("so far, received above 0 and paid below: see BOOKED", "k€", width=len(BOOKED))
    baseline: Floats = column("gross margin the KPI is compared with", "k€/month", fill=1.0)
    control_base: Floats = column("control index at the baseline", fill=1.0)
    saving: Floats = column("saved this month by itself", "k€/month")
    fee: Floats = column("fee, rent or R&D paid this month", "k€/month")
    effort: Floats = column("its R&D spending over its budget", "0-2", fill=1.0)
    effective: Floats = column("research that works for it: its own effort and what helps of others'", fill=1.0)
    helped: Floats = column("of it, what its partners' research does")
    learned: Floats = column("what sprints added to its capability and has not depreciated", "0-1")
    borrowed: Floats = column("of it, what came from its partners' research", "0-1")
    worth: Floats = column("gained this month beyond what is booked: custom, knowledge", "k€/month")
    split: Floats = column("received from the split of savings, or paid", "k€/month")
    governance: Floats = column("governance cost this month", "k€/month")
    conduct: Bytes = column("0 as agreed, 1 lapsed, 2 breached unseen, 3 breached and seen, 4 the same but settled, 5 "
                            "at fault in a conflict", fill=0, dtype=np.int8)


@dataclass
class Former(Table):
    """Pairs of firms that were partners not long ago, in the order of parting; rows are reused month by month."""

    first: Ints = count("slot")
    second: Ints = count("slot")
    first_key: Keys = column("identity", dtype=np.uint64)
    second_key: Keys = column("identity", dtype=np.uint64)
    alliance: Ints = count("row of the alliance they were in")
    parted: Ints = count("month", "month")


@dataclass
class Roster:
    """The living memberships grouped by alliance, made anew at the end of each month.

    ``alliances`` (a,) are rows of the alliances; members of the k-th are
    ``rows[start[k]:start[k + 1]]``, rows of the memberships; ``group`` (m,) is k for each.
    """

    alliances: Ints
    start: Ints
    rows: Ints
    group: Ints


@dataclass
class World:
    """What all firms share."""

    month: int
    market_size: Floats            # M_s but for common demand and demand_factor, units/month (S,)
    intercept: Floats              # exp(B_s) (S,)
    inclusive_value: Floats        # I_s, sum of exp(u) over firms (S,)
    pull: Floats                   # M_s / (1 + I_s), for overlap (S,)
    common_demand: float           # log
    common_price: float            # log
    experience: Floats             # mean X/X0 by home segment (S,)
    control: Floats                # index of unallied firms' gross margin, by segment and size (S, 2)
    control_past: Floats           # the same by month mod 12 (12, S, 2)
    outside: Floats                # balances of the outside accounts, k€
    consumer_surplus: float        # k€/month
    departed: Floats               # cumulative figures of firms that left: (group, figure), see demography
    group_size: Floats             # firms at month 0: focal, population
    small_sales: float             # of a median small firm at month 0, units/month
    price_sensitivity: float       # alpha, in a price war higher than the setting, 1/price
    demand_factor: Floats = dataclasses.field(default_factory=lambda: np.ones(len(SEGMENTS)))  # of the scenario (S,)
    n_ties: int = 0                # rows of ties in use, freed ones included
    free_tie: int = -1             # first pair of freed tie rows, or -1
    n_alliances: int = 0
    n_memberships: int = 0
    n_listed: int = 0              # memberships the roster has been made from
    n_ventures: int = 0            # living alliances that own capital
    n_former: int = 0              # rows of former partners in use
    restructured: bool = False     # whether any strategy has had firms restructure
    lots_let: bool = False         # whether lots were let by tender this month
    lot_price: Floats = dataclasses.field(default_factory=lambda: np.zeros(len(SEGMENTS)))  # k€/unit (S,)
    lot_bids: Floats = dataclasses.field(default_factory=lambda: np.zeros(len(SEGMENTS)))   # good ones expected (S,)


@dataclass
class State:
    """Everything that changes during a run."""

    firms: Firms
    ties: Ties
    alliances: Alliances
    memberships: Memberships
    former: Former
    roster: Roster
    world: World

    def copy(self) -> State:
        """Return an independent copy."""
        return copy.deepcopy(self)
