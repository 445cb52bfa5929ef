"""Wired: every lever moved alone, in a fork, moves first the column that config/first_seen.yaml names.

Worlds in which everything happens are kept as they were after each phase of each month. A lever is moved after some
month and the next one is done again: the first phase after which a table differs must have moved the column that is
named, in some month of some world. A lever that moves nothing in any of them fails, and so does one that has no
entry: what to add is said.
"""

import dataclasses
import functools
import typing
from pathlib import Path

import numpy as np
import pytest
import yaml

import allysim as al
from allysim.config import catalogue
from allysim.config.parameters import ALLIANCE_TYPES, SECTIONS
from allysim.config.scenario import settable
from allysim.config.yields import SCOPES
from allysim.errors import AllysimError
from allysim.fork import NO_LEVERS, moved
from allysim.phases import SCHEDULE
from allysim.roster import call_roll
from allysim.rules import BUILT_IN
from allysim.state import State

NAMED = yaml.safe_load(Path(catalogue.__file__).with_name("first_seen.yaml").read_text(encoding="utf-8"))
HELD = {table: [field.name for field in dataclasses.fields(typing.get_type_hints(State)[table])]
        for table in ("firms", "ties", "alliances", "memberships", "former", "world")}
USED = {"ties": "n_ties", "alliances": "n_alliances", "memberships": "n_memberships", "former": "n_former"}
STAND_FOR = {"firms": "key", "ties": "to", "alliances": "key", "memberships": "firm", "former": "first"}
"""Whom or what a row stands for, by table; a decision to found, join or leave shows there."""
MONTHS = 40
NOTHING = "nothing, "
PHASES = [*(phase.__name__ for phase in SCHEDULE), "roll"]

LIVELY = {
    "firms.n": 40, "firms.focal": 12, "firms.large_share": .2, "firms.cash_months": 1.0, "choice.visible": 16,
    "background.strategy": "procurement_first",  # but for what a world says of it
    "choice.search_months": 2, "pilot.months": 2, "pilot.review": 1, "pilot.members": 4, "scaling.reviews": 1,
    "scaling.trust": .3, "scaling.months": 2, "trust.lapse": .4, "conduct.temptation": 6.0, "separation.scale": 40.0,
    "leaks.hazard": .1, "leaks.exposure_procurement": .5, "sharing.misuse": .1, "ip_protection": "full",
    "data_sharing.anonymised": .5, "disputes.conflict": .2, "demography.exit_incumbent": .01,
    "demography.exit_entrant": .05, "demography.exit_newness": .1, "demography.ruin_months": .5,
    "environment.jump_rate": .2, "scenario.disruption_until": 20, "rules.value_split": "contribution",
    "governance.adaptive": True, "scaling.heavy_above": 4, "terms.resentment": 3.0, "terms.separation": 5.0,
}
EVERYTHING = {"strategy.seek": list(ALLIANCE_TYPES), "background.strategy.seek": list(ALLIANCE_TYPES),
              "strategy.scope": list(SCOPES), "background.strategy.scope": list(SCOPES)}
RESTRUCTURED = {f"{group}.{lever}": value for group in ("strategy", "background.strategy") for lever, value in (
    ("focus", True), ("cut", .08), ("reinvest", .5), ("modularise", True), ("unit", "spin_off"))}
WORLDS = {
    "all types": {**EVERYTHING, "infrastructure.outage": .3, "infrastructure.outage_common": .5,
                  "infrastructure.recovery": True, "research.sprint": 1},
    "pools": {"scenario.electric": .046, "scenario.software": .03, "scenario.regimes": True,
              "environment.regime_rate": .3, "scenario.price_cycle": .2, "scenario.slump": .2,
              "scenario.price_war": 1.2},
    "rivals": {**EVERYTHING, "strategy.seek": ["coopetition"], "background.strategy.seek": ["coopetition"],
               "pilot.threshold_coopetition": .1, "legal.rate": 1.0, "governance.completeness": .1,
               "tendering.rate": 1.5, "tendering.size": 1.0},
    "laboratories": {**EVERYTHING, "strategy.seek": ["rnd"], "background.strategy.seek": ["rnd"],
                     "research.gain": .2, "conduct.temptation_rnd": 9.0},
    "utilities": {**EVERYTHING, "strategy.seek": ["infrastructure"], "background.strategy.seek": ["infrastructure"],
                  "infrastructure.outage": .3, "infrastructure.outage_common": .5, "infrastructure.recovery": True,
                  "firms.cash_months": 6.0, "conduct.temptation": 0.0, "environment.disruption_rate": 0.0,
                  "separation.scale": 1000.0, "scaling.months": 0, "scaling.trust": .1, "disputes.conflict": 0.0},
    "inventors": {**EVERYTHING, "strategy.seek": ["rnd"], "background.strategy.seek": ["rnd"],
                  "strategy.research": "radical", "background.strategy.research": "radical", "research.gain": .2,
                  "ip_protection.owner": "lead", "research.intensity": 2.0, "research.sprint": 1},
    "quantities": {**EVERYTHING, "strategy.seek": ["rnd"], "background.strategy.seek": ["rnd"],
                   "rules.market": "cournot", "process.effort": "joint", "research.gain": .2,
                   "administration.scale": .1, "administration.setup": 0.0},
    "alternatives": {**EVERYTHING, "alternatives.build": True, "alternatives.buy": True, "firms.cash_months": 6.0},
    "reformers": {**EVERYTHING, **RESTRUCTURED, "firms.cash_months": 6.0, "latency.months": 6.0,
                  "restructuring.modular_months": 6, "restructuring.unit_capital": 1.0, "restructuring.review": 6},
    "explorers": {**EVERYTHING, "background.strategy.audit": True, "background.strategy.map": True,
                  "background.strategy.ladder": True, "background.strategy.learn": True, "strategy.prepare": True,
                  "strategy.opportunities": "quick_wins", "strategy.partners": "non_rivals", "strategy.learn": True,
                  "ecosystem.delay": 1, "ecosystem.rival_overlap": .9,
                  "ecosystem.ladder_trust": .55, "governance.adaptive": False, "conduct.temptation": 2.0,
                  "conduct.temptation_rnd": 1.0, "firms.small_spread": .2,
                  "alternatives.build": True, "alternatives.laboratory": 5.0, "research.gain": .2},
    "failing": {**EVERYTHING, "conduct.temptation": 0.0, "pilot.stop": .02, "pilot.noise": .3},
    "portfolios": {**EVERYTHING, "firms.attention_small": 1, "strategy.portfolio": "moonshot", "strategy.stretch": 3.0,
                   "strategy.rebalance": True, "strategy.partners": "focal", "portfolio.barbell": 0.0,
                   "background.strategy.portfolio": "barbell", "background.strategy.stretch": 3.0,
                   "background.strategy.rebalance": True, "conduct.temptation_rnd": 0.0, "research.sprint": 1,
                   "research.patience": 1, "research.intensity": .6},
    "promises": {**EVERYTHING, "strategy.seek": ["coopetition"], "background.strategy.seek": ["coopetition"],
                 "firms.path": Path(__file__).parents[2] / "experiments" / "ev_charging" / "firms.csv",
                 "coopetition.quality_floor": .9, "environment.disruption_rate": .2},
    "changing": {"strategy": "stand_alone", "rules.strategy": "satisfice", "restructuring.review": 3},
    "lawless": {**EVERYTHING, "governance.dispute_clause": False, "governance.completeness": 0.0,
                "ip_protection": "none", "data_sharing": "none", "rules.gate": "never_stop",
                "rules.value_split": "flat_fee", "latency.months": 2.0, "administration.scale": .1},
}
"""Worlds in which, between them, everything happens; a mechanism that happens in none of them needs one."""

ORDER = list(WORLDS)
"""Worlds in the order in which they are looked at: the one that settled the last lever may well settle the next."""

FILES = {"scenario.path": str(Path(__file__).with_name("drivers.csv"))}
"""Files that a run may be moved to in its midst."""

OWN = "firm,revenue,segment,strategy\nA,400,electric,\nB,505,,stand_alone\nC,90,legacy,\nD,20,,\n"
NETWORK = """alliance,firm,share,joined,left
P,A,.5,1994-01-01,
P,B,.5,1994-02-01,
Q,B,.5,1994-03-01,
Q,D,.5,1995-03-01,
"""
SAMPLE = ("purchasing.fee", "customers.churn", "trust.memory", "leaks.exclusivity", "conduct.temptation",
          "governance.penalty", "contract.trust", "administration.scale", "latency.months", "separation.scale",
          "stock.sharing", "research.gain", "scaling.months", "restructuring.harm", "firms.large_share")
"""Levers that are tried in the fast tests too."""

PARTS = {
    "firms and markets": ("run", "firms", "alliances", "market", "customers", "subscriptions", "stock", "learning"),
    "environment": ("scenario", "environment", "demography", "legal"),
    "focal firms": ("strategy", "restructuring", "course", "rules"),
    "background": ("background", "ecosystem", "portfolio", "choice"),
    "contracts": ("governance", "ip_protection", "data_sharing", "pilot", "contract", "culture", "terms", "latency"),
    "yields": ("purchasing", "coopetition", "tendering", "infrastructure", "fit", "process"),
    "knowledge": ("research", "leaks", "sharing", "capability", "alternatives"),
    "getting on": ("trust", "conduct", "disputes", "administration", "separation", "scaling"),
}
"""Sections whose levers are tried in one slow test, about as many in each."""
BY_PART = pytest.mark.parametrize("part", PARTS, ids="part {}".format)
"""Parts are handed to workers one by one (tests/conftest.py)."""


def section_of(key):
    return next((name for name in SECTIONS if key.startswith(f"{name}.")), "run")


def levers_of(part):
    """Return the keys of all settings in a part's sections."""
    return [key for key in settable() if section_of(key) in PARTS[part]]


def named(key):
    """Return the column that a parameter is said to move first, or why it moves nothing; None if nothing is said."""
    said = NAMED.get(section_of(key))
    return said if said is None or isinstance(said, str) else said.get(key.rpartition(".")[2])


def columns(state, kept=np.asarray):
    """Return all columns by name, as far as their rows are in use, and by table whom or what its rows stand for."""
    found = {}
    for table, names in HELD.items():
        held, rows = getattr(state, table), getattr(state.world, USED.get(table, ""), None)
        for name in names:
            value = getattr(held, name)
            found[f"{table}.{name}"] = kept(value[:rows] if isinstance(value, np.ndarray) else value)
    found |= {table: found[f"{table}.{column}"] for table, column in STAND_FOR.items()}
    found["memberships"] = found["memberships.firm_key"] ^ found["alliances.key"][found["memberships.alliance"]]
    return found


def differing(one, other):
    """Return the names of the columns in which two sets differ.

    Rows are held against each other that stand for the same; where some do not, the column that says so differs.
    """
    found, same = set(), {}
    for table, column in STAND_FOR.items():
        n = min(len(one[table]), len(other[table]))
        same[table] = one[table][:n] == other[table][:n]
        if not (len(one[table]) == len(other[table]) == same[table].sum()):
            found.add(f"{table}.{column}")
    for name in one:
        if one[name].tobytes() != other[name].tobytes():
            table, _, column = name.partition(".")
            rows = same.get(table)
            if rows is None:
                found.add(name)
            elif column:
                before, after = one[name][:rows.size][rows], other[name][:rows.size][rows]
                if before.tobytes() != after.tobytes():
                    found.add(name)
    return found


def month_of(model):
    """Do a month phase by phase; yields the name of each that is done."""
    world = model.state.world
    world.month = model.events.month = model.ledger.month = world.month + 1
    with np.errstate(over="ignore"):
        for phase in model.phases:
            phase(model)
            yield phase.__name__
        call_roll(model.state, model.config)
        yield "roll"


class Kept:
    """A world as it was after each month, and its columns after each phase of the month that follows."""

    def __init__(self, settings):
        self.config = al.scenario("supply_stress", **{**LIVELY, **settings})
        self.model = al.AllianceModel(self.config, rng=1, records="outcomes")
        self.states, self.phases = [], []
        for _ in range(MONTHS):
            self.states.append(self.model.state.copy())
            self.phases.append({name: columns(self.model.state, np.array) for name in month_of(self.model)})

    def first(self, month, config):
        """Return the phase and the columns that differ first in the month after `month` with another configuration."""
        self.model.state = self.states[month].copy()
        self.model._follow(config)
        try:
            for phase in month_of(self.model):
                if found := differing(self.phases[month][phase], columns(self.model.state)):
                    return phase, found
        except AllysimError:  # a market that this value leaves without an answer
            pass
        return None, set()


@functools.cache
def kept(world):
    return Kept(WORLDS[world])


def others(known, value):
    """Return allowed values of a setting other than `value`: its off-value, the ends of its sweep, its bounds."""
    parameter, seam = known.parameter, known.key.removeprefix("rules.")
    if known.key.startswith("rules."):
        tried = list(BUILT_IN[seam])
    elif known.key in FILES:
        tried = [FILES[known.key]]
    elif known.kind is bool:
        tried = [not value]
    elif known.kind is tuple:
        tried = [(), tuple(parameter.allowed), *((one,) for one in parameter.allowed)]
    elif known.kind is str:
        tried = list(parameter.allowed or ("another",))
    else:
        further = [] if value is None else [value + 1]
        tried = [parameter.off, parameter.low, parameter.high, *further, *(parameter.allowed or ())]
        tried = [v for v in tried if v is not None and abs(v) <= 1e6]
    return [v for v in dict.fromkeys(tried) if v != value]


def wrong(key):
    """Return what is wrong with what is said of a lever, None if nothing is.

    A sample of moves shows in which phase of the month it acts first, world after world until what is said is seen;
    more are made where it is not. What is said to move nothing is tried in all worlds.
    """
    seen, nothing = {}, named(key).startswith(NOTHING)
    for months in (range(2, MONTHS, 5), range(MONTHS)):
        for name in list(ORDER):
            for phase, found in moves(key, kept(name), months):
                seen.setdefault(phase, set()).update(found)
                if months.step == 1 and judge(key, seen) is None:
                    return None
            if not nothing and judge(key, seen) is None:
                ORDER.remove(name)
                ORDER.insert(0, name)
                return None
        if judge(key, seen) is None:
            return None
    return judge(key, seen)


def moves(key, base, months):
    """Yield the phase and the columns that differ first in a world, for every value, after each of some months."""
    for value in others(settable()[key], base.config.flat()[key]):
        try:
            config = moved(base.config, {key: value}, 0)
        except AllysimError:  # not allowed together with another setting of this world
            continue
        for month in months:
            phase, found = base.first(month, config)
            if phase:
                yield phase, found


def judge(key, seen):
    """Say what is wrong where a lever moves first, by phase, what is `seen`, and not what it is said to; None if right.

    The first column that is named must be among those moved in the earliest phase, the others in some other.
    """
    said = named(key)
    if said.startswith(NOTHING):
        return f"{key} is said to move {said}, and moves {seen}" if seen else None
    if not seen:
        return f"{key} moves nothing in any world of this test: it is not wired, or add a world in which it counts"
    first, *then = said.split(", ")
    phase = min(seen, key=PHASES.index)
    if first in seen[phase] and all(any(column in seen[p] for p in seen if p != phase) for column in then):
        return None
    moved = "; ".join(f"{p}: {', '.join(sorted(seen[p]))}" for p in PHASES if p in seen)
    return f"{key} is said to move {said} first, and moves, by phase, {moved}"


def wrong_at_the_start(key, folder):
    """The same of a setting that shapes month 0 only."""
    own, network, other = (folder / f"{name}.csv" for name in ("own", "network", "other"))
    own.write_text(OWN)
    network.write_text(NETWORK)
    other.write_text(NETWORK.replace("D", "C"))
    worlds = (
        {}, {"firms.path": own}, {"rules.market": "cournot"},
        {"firms.path": own, "alliances.path": network, "alliances.date": "1995-06-30"},
    )
    files = {"firms.path": own, "alliances.path": other, "alliances.date": "1994-06-30", "firms.background": 5}
    seen = {}
    for settings in worlds:
        config = al.scenario(**{**LIVELY, **settings})
        for value in [files[key]] if key in files else others(settable()[key], config.flat()[key]):
            try:
                after = config.replace({key: value})
                start = [al.AllianceModel(c, rng=1, records="outcomes").state for c in (config, after)]
            except AllysimError:
                continue
            if found := differing(*map(columns, start)):
                seen.setdefault(PHASES[0], set()).update(found)
    return judge(key, seen)


def test_every_parameter_names_a_column():
    """Fast, and the first to fail where a mechanism has come."""
    held = {f"{table}.{column}" for table, columns in HELD.items() for column in columns}
    silent = [key for key in settable() if named(key) is None]
    assert not silent, f"say in config/first_seen.yaml which column each of these moves first: {', '.join(silent)}"
    unknown = {key: named(key) for key in settable()
               if not named(key).startswith(NOTHING) and not held.issuperset(named(key).split(", "))}
    assert not unknown, f"config/first_seen.yaml names columns that state.py does not have: {unknown}"
    stale = [f"{section}.{field}" for section, said in NAMED.items() if isinstance(said, dict) for field in said
             if settable().keys().isdisjoint((f"{section}.{field}", f"{section}.strategy.{field}"))]
    assert not stale, f"config/first_seen.yaml tells of what there is not: {stale}"


@pytest.mark.parametrize("key", SAMPLE)
def test_some_levers(key, tmp_path):
    assert (wrong_at_the_start(key, tmp_path) if key in NO_LEVERS else wrong(key)) is None


@pytest.mark.parametrize(("key", "claim", "said"), [
    ("customers.churn", "firms.cash", "and moves, by phase, operations: firms.churn, firms.leads"),
    ("customers.churn", "nothing, a label", "is said to move nothing, a label, and moves"),
    ("governance.name", "alliances.mode", "moves nothing in any world of this test: it is not wired, or add a world"),
])
def test_what_is_said_amiss_is_found(key, claim, said, monkeypatch):
    section, _, field = key.partition(".")
    monkeypatch.setitem(NAMED[section], field, claim)
    assert said in wrong(key)


def test_parts_are_all_levers():
    assert sorted(key for part in PARTS for key in levers_of(part)) == sorted(settable()), "put each section in a part"


@pytest.mark.slow
@BY_PART
def test_every_lever_moves_first_what_is_said(part, tmp_path):
    found = [wrong_at_the_start(key, tmp_path) if key in NO_LEVERS else wrong(key) for key in levers_of(part)
             if key not in SAMPLE]
    found = [text for text in found if text]
    assert not found, "\n".join(found)
