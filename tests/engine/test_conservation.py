"""Conservation: money, memberships, shares and the bounds of knowledge in 300 drawn configurations of 60 months.

Every setting of the configuration is drawn, each from what it is allowed and swept over, so that a new one takes part
without a word; alliances are of all types. What is checked each month is that of test_money.
"""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import allysim as al
from allysim.config import presets
from allysim.config.parameters import ALLIANCE_TYPES, GROUPS
from allysim.config.scenario import settable
from allysim.errors import ConfigError, ConvergenceError, DataError
from allysim.phases.gates import TOLD
from allysim.phases.strategy import TOLD as RESTRUCTURED
from allysim.rules import BUILT_IN
from engine.test_money import WILD, run_checked

WORLDS, DRAWN, MONTHS = 100, 200, 60
BASE = al.scenario()
NOT_DRAWN = {
    "seed", "months", "replications", "records", "out", "outcome", "jobs", "firms.n", "firms.focal", "firms.path",
    "firms.background", "alliances.path", "alliances.date", "alliances.unknown",
}
SENSIBLE = 1e3
"""Bounds beyond this are not drawn: nobody would set such numbers."""

COSTLY = {"choice.visible", "firms.attention_small", "firms.attention_large", "firms.small_revenue",
          "firms.large_revenue", "firms.large_spread", "firms.small_spread"}
"""Settings whose bounds would make a world of hundreds of alliances, or a market without an answer."""

EVENTS = {*TOLD, *RESTRUCTURED} | {event for file in Path(al.__file__).parent.rglob("*.py")
                      for event in re.findall(r'events\.add\(\s*"([^"]+)"', file.read_text(encoding="utf-8"))}
"""All that the engine ever tells."""


class Way(NamedTuple):
    """What a setting is drawn from: some values, or several of them at once, or a number between two bounds as well."""

    values: tuple
    several: bool = False
    bounds: tuple | None = None

    @property
    def strategy(self):
        """It as Hypothesis has it."""
        if self.several:
            return st.lists(st.sampled_from(self.values), unique=True)
        if self.bounds is None:
            return st.sampled_from(self.values)
        kind = st.integers if isinstance(self.bounds[0], int) else st.floats
        return st.sampled_from(self.values) | kind(*self.bounds)

    def draw(self, rng):
        """It by a generator of NumPy, the same wherever it runs: Hypothesis looks at what else is imported."""
        if self.several:
            return [value for value in self.values if rng.random() < .5]
        if self.bounds is None or rng.random() < .25:
            return self.values[rng.integers(len(self.values))]
        if isinstance(self.bounds[0], int):
            return int(rng.integers(self.bounds[0], self.bounds[1], endpoint=True))
        return float(rng.uniform(*self.bounds))


def ways(known):
    """Return what a setting is drawn from; None where it takes any text."""
    parameter, of = known.parameter, known.kind
    if known.key.startswith("rules."):
        return Way(tuple(sorted(BUILT_IN[known.key.removeprefix("rules.")])))
    if of is bool:
        return Way((False, True))
    if of is str:
        return Way(tuple(parameter.allowed)) if parameter.allowed else None
    if of is tuple:
        return Way(tuple(parameter.allowed), several=True)
    bounds = [bound for bound in parameter.allowed or () if abs(bound) <= SENSIBLE]
    low, high = WILD.get(known.key, (parameter.low, parameter.high))
    if low is None:
        low, high = (max(min(bound, MONTHS), -MONTHS) for bound in parameter.allowed)
    corners = [low, high, *([parameter.off] if parameter.off is not None else [])]
    corners += [] if known.key in WILD or known.key in COSTLY else bounds
    return Way(tuple(corners), bounds=(of(low), of(high)))


SINGLE = {key: drawn for key, known in settable().items()
          if key not in NOT_DRAWN and (drawn := ways(known)) is not None}
ALWAYS = [key for key in SINGLE if key.startswith("rules.") or settable()[key].kind is bool
          or key.endswith((".seek", ".scope", ".partners", ".opportunities", ".portfolio", ".stretch", ".commit"))]
ALWAYS += ["conduct.temptation", "demography.exit_incumbent", "administration.scale", "legal.rate", "leaks.hazard",
           "sharing.misuse", "tendering.rate", "background.strategy.unit", "background.strategy.invest",
           "restructuring.unit_capital", "coopetition.quality_floor"]
"""Settings that decide what happens at all, drawn for every world."""

LASTING = {
    "scaling.standardise": True, "scaling.reviews": 1, "scaling.trust": 0.0, "scaling.months": 0, "pilot.months": 1,
    "pilot.review": 1, "rules.gate": "never_stop", "conduct.temptation": 0.0, "separation.scale": 100.0,
    "firms.cash_months": 6.0, "infrastructure.own": True, "infrastructure.keeps": 0.0, "infrastructure.life": 24.0,
    "infrastructure.rent": .08, "infrastructure.user_fee": .005, "ip_protection.owner": "each_own", "pilot.members": 5,
    "terms.reopen": True, "background.strategy.seek": list(ALLIANCE_TYPES), "firms.small_spread": .1,
    "conduct.temptation_rnd": 0.0, "administration.scale": .3, "infrastructure.replaces": .25,
}
"""In every third world alliances last, and come to own what they use."""

HARSH = {
    "pilot.months": 1, "rules.gate": "never_stop", "governance.completeness": 0.0, "legal.rate": 1.0,
    "administration.scale": 3.0, "background.strategy.unit": "spin_off", "restructuring.unit_capital": .01,
    "restructuring.review": 6, "background.strategy.portfolio": "moonshot", "background.strategy.rebalance": True,
    "background.strategy.stretch": 3.0, "portfolio.tolerance": 0.0, "portfolio.review": 1,
    "background.strategy.seek": list(ALLIANCE_TYPES), "firms.focal": 0,
}
"""In another third the law is strict, units are poor, and portfolios are kept in order."""

USUAL = {"pilot.months": 2, "choice.search_months": 2, "background.strategy.seek": list(ALLIANCE_TYPES),
         "rules.gate": "bayes", "pilot.go": .9, "pilot.stop": .1, "pilot.review": 3}
"""The last third is of worlds in which firms look around often, and whose gates are often undecided."""

OWNING = {**LASTING, "background.strategy.commit": "at_once", "background.strategy.seek": ["infrastructure"],
          "background.strategy.partners": "anyone", "demography.exit_incumbent": .005, "coopetition.quality_floor": 0.0}
"""And in some firms own what they share, and exit one by one."""

KINDS = (LASTING, HARSH, USUAL, OWNING)
PRESETS = {group: Way(tuple(presets.names(folder))) for group, folder in GROUPS.items()}


@st.composite
def worlds(draw):
    """Draw presets, some fifty single settings and a seed for a small world."""
    firms = draw(st.integers(6, 24))
    some = draw(st.lists(st.sampled_from(sorted(SINGLE)), max_size=50, unique=True))
    return {"firms.n": firms, "firms.focal": draw(st.integers(0, firms)), "months": MONTHS,
            "seed": draw(st.integers(0, 2**62)), **{key: draw(way.strategy) for key, way in PRESETS.items()},
            **{key: draw(SINGLE[key].strategy) for key in dict.fromkeys([*ALWAYS, *some])},
            "background.strategy.seek": draw(st.lists(st.sampled_from(ALLIANCE_TYPES), min_size=1, unique=True)),
            **draw(st.sampled_from(KINDS))}


def drawn(k):
    """Return the same from the k-th of NumPy's generators, of each kind in turn."""
    rng = np.random.default_rng(k)
    firms, keys = int(rng.integers(6, 25)), sorted(SINGLE)
    some = rng.choice(keys, size=rng.integers(0, 26), replace=False).tolist()
    return {"firms.n": firms, "firms.focal": int(rng.integers(0, firms + 1)), "months": MONTHS,
            "seed": int(rng.integers(0, 2**62)), **{key: way.draw(rng) for key, way in PRESETS.items()},
            **{key: SINGLE[key].draw(rng) for key in dict.fromkeys([*ALWAYS, *some])},
            "background.strategy.seek": [str(rng.choice(ALLIANCE_TYPES))], **KINDS[k % len(KINDS)]}


def knowledge(model):
    """Hold what firms know, and what members spend and get, within its bounds: a last phase of the month."""
    firms = model.state.firms
    assert (firms.capability >= firms.born).all() and (firms.developed >= 0.0).all()
    assert np.allclose(firms.capability, np.minimum(1.0, firms.born + firms.developed), rtol=0.0, atol=1e-12)
    assert ((firms.developed == 0.0).all(axis=1) | firms.advanced).all()
    assert ((firms.lesson >= 0.0) & (firms.lesson <= 2.0)).all() and ((firms.lesson == 1.0) | (firms.lessons > 0)).all()
    assert ((firms.audited < 0) | (firms.audited >= firms.founded)).all()
    assert (firms.audited[firms.prepared >= 0] >= 0).all()  # it may have been before, under another strategy
    members, rows = model.state.memberships, model.state.roster.rows
    assert (members.effort[rows] >= 0.0).all() and (members.effort[rows] <= 2.0 + 1e-12).all()
    assert (members.unfairness[rows] >= 0.0).all() and (members.share[rows] >= 0.0).all()


def test_every_setting_takes_part():
    left_out = {key for key in settable() if key not in SINGLE} - NOT_DRAWN
    texts = {key for key in left_out if settable()[key].kind is str and not settable()[key].parameter.allowed}
    assert left_out == texts, f"draw these in test_conservation.ways: {left_out - texts}"


LEAN = {
    "months": 24, "firms.n": 9, "firms.focal": 0, "rules.market": "cournot", "administration.scale": 0.0,
    "firms.large_share": 0.0, "coopetition.capacity_cost": 1.0, "customers.capacity": 3.0,
    "background.strategy.seek": ["coopetition"], "background.strategy.scope": ["capacity"],
}
"""Firms whose fixed cost is next to nothing, and less than pooled reserves would save."""


def test_nobody_saves_more_fixed_cost_than_there_is():
    model = al.AllianceModel(al.scenario(**LEAN), rng=1)
    model.phases = (*model.phases, knowledge)
    run_checked(model)
    assert (model.state.firms.fixed_saved > model.state.firms.fixed_cost).any()


def checked(chosen):
    """Run a world month by month, looking at all that is conserved; returns its model, None if it is refused."""
    try:
        model = al.AllianceModel(BASE.replace(chosen))
    except (ConfigError, ConvergenceError, DataError):  # settings that do not go together
        return None
    model.phases = (*model.phases, knowledge)
    run_checked(model)
    return model


@pytest.mark.slow
def test_nothing_is_lost_in_any_configuration():
    run = Counter()

    @settings(max_examples=WORLDS, deadline=None, derandomize=True, database=None,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(worlds())
    def check(chosen):
        run[checked(chosen) is not None] += 1

    check()
    assert run[True] >= .7 * WORLDS


@pytest.mark.slow
def test_nothing_is_lost_where_everything_happens():
    seen = Counter()
    for k in range(DRAWN):
        if model := checked(drawn(k)):
            seen["run"] += 1
            seen.update(event for _, event, *_ in model.events.parts)
            seen.update(f"{kind} alliances" for kind in model.results().alliances.type.unique())
    assert seen["run"] >= .7 * DRAWN
    never = [what for what in (*sorted(EVENTS), *(f"{kind} alliances" for kind in ALLIANCE_TYPES)) if seen[what] < 3]
    assert not never, f"seen less than thrice in all of these worlds: {', '.join(never)}"
