"""Holding the engine against its twin, month by month and number by number.

`follow` steps both and raises `Disagreement` with the first month, the first number (in the order in which a
month writes them), whose it is, and both values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from allysim import AllianceModel
from allysim.accounts import OUTSIDE
from allysim.config import Scenario
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.protection import OWNERS
from allysim.kpis import GROUPS, KPIS
from allysim.state import AUTOMATION, CAPACITY, CAUSES, MARKETING, MODES, NEVER, STAGES, TENDERING, WAREHOUSING
from twin.ecosystem import lesson
from twin.figures import figures
from twin.firm import TwinFirm
from twin.luck import Luck
from twin.model import CloseCall, TwinModel
from twin.words import AS_AGREED, AT_FAULT, CAPABILITIES, KINDS, LAPSED, SEEN, SETTLED, UNSEEN

RELATIVE, ABSOLUTE = 1e-9, 1e-12
CONDUCT = (AS_AGREED, LAPSED, UNSEEN, SEEN, SETTLED, AT_FAULT)
SCOPES = {"capacity": CAPACITY, "marketing": MARKETING, "warehousing": WAREHOUSING,
          "tendering": TENDERING, "automation": AUTOMATION}
VERDICTS = ("stopped", "extended", "go")
WAYS = (None, "built", "bought")  # of having alone what an alliance would give

UNITS = (None, "dedicated", "spin_off")
STRUCTURE = {"lines_saved": "line_share", "cuts": "cuts", "harm": "harm", "growth_budget": "budget",
             "growth_rate": "rate", "modularised": "gained", "modular_left": "to_come", "platform": "new_platform",
             "launch_pace": "launch_pace", "thrift": "thrift", "unit_capital": "capital"}
"""Columns of restructuring by what the twin calls them."""

BALANCES = ("ebitda", "cash", "economic_profit", "breach_flow", "breach_cost", "alliance_flow", "leak_cost", "worth",
            "stock", "split", "leads", "compensation")
"""What large flows cancel in, or the last of what a capability lacks: it may differ by as much of revenue.

Outside accounts likewise, of the revenue of all.
"""

Column = tuple[str, Callable[[Any], Any]]


def same(name: str) -> Column:
    """Return a column that the twin calls by the engine's name."""
    return name, lambda entity: getattr(entity, name)


def month_or_none(name: str, none: int = -1) -> Column:
    """Return a column of months: `none` in the engine and None in the twin where they have not come."""
    return name, lambda entity: none if getattr(entity, name) is None else getattr(entity, name)


# In the order in which a month writes them; so the first that differs is near the cause.
WORLD: tuple[Column, ...] = tuple(map(same, (
    "demand_factor", "price_sensitivity", "common_demand", "common_price", "market_size", "intercept", "experience",
    "inclusive_value", "pull", "consumer_surplus", "lot_price", "lot_bids")))
FIRMS: dict[str, tuple[Column, ...]] = {
    "identity": (
        *map(same, (
            "key", "generation", "founded", "focal", "large", "home", "honesty", "risk_aversion", "disposition",
            "subscriptions", "search_phase", "attention")),
        ("born", lambda f: [f.born[c] for c in CAPABILITIES]),
        ("culture", lambda f: list(f.culture.values()))),
    "environment": tuple(map(same, ("own_demand", "own_price", "input_index", "disrupted"))),
    "market": tuple(map(same, (
        "list_price", "other_cost", "fixed_cost", "lead_cost", "month_cost", "capacity", "experience_unit", "rung",
        "pool_discount", "joint_appeal", "learning", "unit_cost", "appeal", "price", "target"))),
    "operations": tuple(map(same, (
        "sales", "churn", "leads", "stock_share", "production", "output", "stock", "on_time", "missed",
        "compensation", "experience", "launched", "launch_age"))),
    "collaboration": tuple(map(same, (
        "saving", "fixed_saved", "replaced", "holding_saved", "research_cost", "process_effort", "process_cost",
        "own_research_cost", "spare", "lots", "lot_revenue", "lot_margin"))),
    "conduct": (
        *map(same, ("breach_flow", "breach_cost", "breaches", "leaks", "leak_cost", "lost_appeal", "attraction")),
        ("developed", lambda f: [f.developed[c] for c in CAPABILITIES]),
        ("capability", lambda f: [f.capability[c] for c in CAPABILITIES])),
    "accounting": tuple(map(same, (
        "alliance_flow", "governance_cost", "revenue", "ebitda", "cash", "economic_profit", "ruined", "setup_cost"))),
    "assessment": (same("margin"),),
    "gates": (
        ("lesson", lambda f: [lesson(f, kind) for kind in ALLIANCE_TYPES]),
        ("lessons", lambda f: [len(f.lessons.get(kind, [])) for kind in ALLIANCE_TYPES])),
    "strategy": (
        *map(same, ("modularity", "api_readiness", "full_cost", "reviewed", "profit_then")),
        ("result", lambda f: f.results[-1] if f.results else 0.0),
        ("result_before", lambda f: f.results[-2:][0] if f.results else 0.0),
        *((name, lambda f, of=of: getattr(f.structure, of)) for name, of in STRUCTURE.items()),
        ("dropped", lambda f: [c not in f.structure.lines for c in CAPABILITIES]),
        ("lines", lambda f: len(f.structure.lines)),
        ("unit", lambda f: UNITS.index(f.structure.unit))),
    "formation": (
        ("alliances", lambda f: len(f.memberships)),
        *((kind, lambda f, kind=kind: m.alliance.number if (m := f.oldest(kind)) else -1)
          for kind in ("procurement", "coopetition")),
        ("rnd", lambda f: sum(m.alliance.kind == "rnd" for m in f.memberships)),
        ("own_infrastructure", lambda f: WAYS.index(f.own_infrastructure)),
        ("own_research", lambda f: WAYS.index(f.own_research)),
        ("research_since", lambda f: f.research_since),
        ("research_target", lambda f: CAPABILITIES.index(f.research_target) if f.research_target else 0),
        *map(same, ("own_replaced", "own_rent")),
        ("outside_option", lambda f: [f.forgone.get(kind, 0.0) for kind in ALLIANCE_TYPES]),
        ("template", lambda f: [f.template.get(kind, 0) for kind in ALLIANCE_TYPES]),
        *map(month_or_none, ("audited", "mapped", "prepared"))),
}
MEMBERSHIPS: dict[str, tuple[Column, ...]] = {
    "identity": (
        ("alliance", lambda m: m.alliance.number), ("firm", lambda m: m.firm.slot), same("firm_key"), same("share"),
        same("joined")),
    "collaboration": tuple(map(same, (
        "effort", "effective", "helped", "learned", "borrowed", "saving", "fee", "worth"))),
    "conduct": (("conduct", lambda m: CONDUCT.index(m.conduct)),),
    "accounting": (
        *map(same, ("split", "governance", "gain", "gain_months", "expected")),
        ("booked", lambda m: list(m.booked.values())),
        ("part", lambda m: m.alliance.venture.parts.get(m, 0.0) if m.alliance.venture else 0.0)),
    "assessment": (same("baseline"), same("control_base")),
    "gates": (
        ("cause", lambda m: CAUSES.index(m.cause)), month_or_none("leaving"), month_or_none("left"),
        ("agreed", lambda m: m.terms.agreed), ("flat", lambda m: m.terms.flat),
        ("unfairness", lambda m: m.terms.unfairness)),
}
ALLIANCES: dict[str, tuple[Column, ...]] = {
    "identity": (
        ("type", lambda a: KINDS.index(a.kind)),
        ("founded_as", lambda a: KINDS.index(a.founded_as)),
        *map(same, ("key", "founded", "founders", "fit", "leverage", "budget", "pilot_months")),
        ("scope", lambda a: sum(SCOPES[name] for name in a.scope)),
        same("radical"), ("owner", lambda a: OWNERS.index(a.protection.owner)),
        ("target", lambda a: CAPABILITIES.index(a.target) if a.target else 0),
        ("mode", lambda a: MODES.index(a.governance.mode)), ("adaptive", lambda a: a.governance_signed.adaptive),
        ("completeness", lambda a: a.governance.completeness), ("dashboard", lambda a: a.governance.dashboard),
        ("penalty", lambda a: a.governance.penalty), ("notice", lambda a: a.governance.notice),
        ("decision_rights", lambda a: a.governance.decision_rights),
        ("dispute_clause", lambda a: a.governance.dispute_clause),
        *((name, lambda a, name=name: getattr(a.protection, name))
          for name in ("nda", "compartments", "access", "hr", "non_solicit")),
        *((f"data_{name}", lambda a, name=name: getattr(a.data, name)) for name in ("shared", "anonymised", "access"))),
    "collaboration": (same("sprints"), same("successes"), same("last_success")),
    "accounting": (
        same("spent"),
        *((name, lambda a, name=name: getattr(a.venture, name) if a.venture else 0.0)
          for name in ("installed", "capital", "cash"))),
    "assessment": tuple(map(same, (
        "signal", "signals", "signal_sum", "belief", "belief_sd", "prior_mean", "prior_variance"))),
    "gates": (
        ("stage", lambda a: STAGES.index(a.stage)), ("cause", lambda a: CAUSES.index(a.cause)),
        month_or_none("go", NEVER), month_or_none("standardised", NEVER), month_or_none("scaled", NEVER),
        same("good_reviews"), same("seen_successes"), same("level"), month_or_none("ending"), month_or_none("ended"),
        same("gate_month"), ("verdict", lambda a: -1 if a.verdict is None else VERDICTS.index(a.verdict)),
        same("extended"), same("low_reviews"),
        ("members", lambda a: len(a.members))),
    "at the month's end": (same("trust"), same("overlap"), same("culture_distance"), same("units"), same("benefit")),
}
PHASES = ("identity", "environment", "market", "operations", "collaboration", "conduct", "accounting", "assessment",
          "gates", "strategy", "formation", "at the month's end")


class Disagreement(AssertionError):
    """The first number in which engine and twin differ."""

    def __init__(self, month: int, what: str, engine: Any, twin: Any) -> None:
        self.month = month
        apart = ""
        if isinstance(engine, float) and isinstance(twin, float):
            apart = f", {abs(engine - twin) / max(abs(engine), abs(twin), 1e-300):.1e} apart"
        super().__init__(f"month {month}, {what}: engine {engine!r}, twin {twin!r}{apart}")


class ByHand(NamedTuple):
    """An alliance to be founded by hand after some month."""

    month: int
    slots: list[int]
    stage: str
    kind: str


def follow(scenario: Scenario, seed: int, months: int, luck: Luck | None = None,
           by_hand: Sequence[ByHand] = ()) -> tuple[TwinModel, set[int]]:
    """Step engine and twin side by side; return the twin at the end and the close calls in which it gave way.

    Where the two part in a month with decisions too close to call, the twin takes one of them the other way, in
    turn, and keeps to the one with which it agrees: the numbers of those calls are what is returned.
    """
    luck, turned, tried = luck or Luck(seed), set[int](), list[int]()
    parted: Disagreement | None = None
    while True:
        calls: list[CloseCall] = []

        def oracle(call: CloseCall, calls: list[CloseCall] = calls) -> bool:
            calls.append(call)
            return (call.left > call.right) != (len(calls) - 1 in turned)

        twin = TwinModel(scenario, seed, luck, oracle)
        try:
            step_together(AllianceModel(scenario, rng=seed, records="series"), twin, months, by_hand)
            return twin, turned
        except Disagreement as found:
            if parted is None or found.month > parted.month:
                parted, tried = found, []
            elif tried:
                turned.remove(tried[-1])  # that was not it
            open_to_doubt = [k for k, call in enumerate(calls)
                             if call.month == parted.month and k not in turned and k not in tried]
            if not open_to_doubt:
                raise parted from None
            tried.append(open_to_doubt[0])
            turned.add(open_to_doubt[0])


def step_together(engine: AllianceModel, twin: TwinModel, months: int, by_hand: Sequence[ByHand] = ()) -> None:
    """Step both for some months; raises `Disagreement` at the first number in which they differ."""
    compare(engine, twin)
    compare_figures(engine, twin)
    for month in range(months):
        told = len(twin.events)
        heard = len(engine.events.parts)
        for one in by_hand:
            if one.month == month:
                engine.form_alliance(one.slots, one.stage, one.kind)
                twin.form_alliance(one.slots, one.stage, one.kind)
                compare(engine, twin)
        engine.step()
        twin.step()
        compare(engine, twin)
        compare_events(engine, heard, twin, told)
        compare_figures(engine, twin)


def compare(engine: AllianceModel, twin: TwinModel) -> None:
    """Compare everything that engine and twin hold at the end of a month, in the order of the month."""
    state, month = engine.state, twin.month
    world = state.world
    for name, get in WORLD:
        _compare_columns(month, f"market, {name}", np.atleast_1d(getattr(world, name)), np.atleast_1d(get(twin)),
                         "segment {}".format)
    listed = (  # as far as the engine's tables go; how many there are comes last, in the order of the month
        ("firm {}", FIRMS, state.firms, twin.firms),
        ("membership {}", MEMBERSHIPS, state.memberships, twin.memberships[:len(state.memberships.firm)]),
        ("alliance {}", ALLIANCES, state.alliances, twin.alliances[:len(state.alliances.key)]),
    )
    revenue = {"firm {}": state.firms.revenue, "alliance {}": 0.0,
               "membership {}": state.firms.revenue[state.memberships.firm[:len(listed[1][3])]]}
    for phase in PHASES:
        for whose, columns, table, entities in listed:
            for name, get in columns.get(phase, ()):
                scale = revenue[whose] if name in BALANCES else 0.0
                held = getattr(table, name)[:len(entities)]
                _compare_columns(month, f"{phase}, {name}", held,
                                 np.array([get(e) for e in entities]).reshape(held.shape), whose.format, scale)
        if phase == "assessment":
            _compare_control(month, world, twin)
            _compare_margins(month, state.firms, twin)
            _compare_ties(month, state, twin)
        if phase == "accounting":
            _compare_columns(month, "accounting, balance", world.outside, np.array([twin.outside[a] for a in OUTSIDE]),
                             lambda k: OUTSIDE[k], state.firms.revenue.sum())
    for name, held, known in (("memberships", world.n_memberships, len(twin.memberships)),
                              ("alliances", world.n_alliances, len(twin.alliances))):
        if held != known:
            raise Disagreement(month, f"formation, number of {name}", held, known)


def compare_figures(engine: AllianceModel, twin: TwinModel) -> None:
    """Compare the key figures of the month."""
    for group in engine.recorder.groups:
        noted, found = engine.recorder.series[-1][GROUPS.index(group)], figures(twin, group)
        _compare_columns(twin.month, f"figures of the {group}", noted, np.array([found[name] for name in KPIS]),
                         list(KPIS).__getitem__)


def _compare_columns(month: int, what: str, engine: Any, twin: Any, whose: Callable[[int], str],
                     scale: Any = 0.0) -> None:
    """Compare one number of each entity; those that are not numbers with a fraction must be equal."""
    if engine.dtype.kind == "f":
        size = np.maximum(np.maximum(np.abs(engine), np.abs(twin)), scale)
        apart = np.abs(engine - twin) > ABSOLUTE + RELATIVE * size
        differs = apart | (np.isnan(engine) != np.isnan(twin))
    else:
        differs = engine != twin
    if differs.any():
        place = tuple(int(k) for k in np.argwhere(differs)[0])
        inner = f"[{place[1]}]" if len(place) > 1 else ""
        raise Disagreement(month, f"{what}{inner} of {whose(place[0])}", engine[place].item(), twin[place].item())


def _compare_control(month: int, world: Any, twin: TwinModel) -> None:
    groups = [[twin.control[s, large] for large in (False, True)] for s in range(len(world.control))]
    _compare_columns(month, "assessment, control index", world.control, np.array(groups), "segment {}".format)


def _compare_margins(month: int, firms: Any, twin: TwinModel) -> None:
    order = [(month - back) % firms.bare_margin.shape[1] for back in range(firms.bare_margin.shape[1])]
    backwards = np.array([list(firm.bare_margins)[::-1] for firm in twin.firms])
    _compare_columns(month, "assessment, bare margin so many months ago", firms.bare_margin[:, order], backwards,
                     "firm {}".format)


def _compare_ties(month: int, state: Any, twin: TwinModel) -> None:
    """Compare who knows whom, latest met first, and the evidence they have."""
    for firm in twin.firms:
        rows = list(_chain(state, firm))
        known = [other.slot for other in reversed(firm.ties)]
        if (met := state.ties.to[rows].tolist()) != known:
            raise Disagreement(month, f"formation, firms known to firm {firm.slot}", met, known)
        months = [[-1 if m is None else m for m in (tie.together, tie.failed)] for tie in reversed(firm.ties.values())]
        noted = np.stack([state.ties.together[rows], state.ties.failed[rows]], axis=1)
        _compare_columns(month, f"assessment, months together and failed of firm {firm.slot}", noted,
                         np.array(months, dtype=np.int32).reshape(-1, 2), lambda k, known=known: f"firm {known[k]}")
        evidence = np.array([(tie.good, tie.bad) for tie in reversed(firm.ties.values())]).reshape(-1, 2)
        held = np.stack([state.ties.good[rows], state.ties.bad[rows]], axis=1)
        _compare_columns(month, f"assessment, good and bad evidence of firm {firm.slot}", held, evidence,
                         lambda k, known=known: f"firm {known[k]}")


def _chain(state: Any, firm: TwinFirm) -> Iterable[int]:
    row = int(state.firms.ties[firm.slot])
    while row >= 0:
        yield row
        row = int(state.ties.next[row])


def compare_events(engine: AllianceModel, heard: int, twin: TwinModel, told: int) -> None:
    """Compare the events of a month one by one, in the order of name, firm and alliance."""
    ours = sorted((event, *row) for _, event, *columns in engine.events.parts[heard:]
                  for row in zip(*(c.tolist() for c in columns), strict=True))
    theirs = sorted((e.event, e.firm, e.alliance, e.cause, e.amount) for e in twin.events[told:])
    for one, other in zip(ours + [None] * len(theirs), theirs + [None] * len(ours), strict=True):
        if one is None and other is None:
            return
        same_amount = one and other and (math.isclose(one[-1], other[-1], rel_tol=RELATIVE, abs_tol=ABSOLUTE)
                                         or (math.isnan(one[-1]) and math.isnan(other[-1])))
        if not same_amount or one[:-1] != other[:-1]:
            raise Disagreement(twin.month, "events (event, firm, alliance, cause, amount)", one, other)
