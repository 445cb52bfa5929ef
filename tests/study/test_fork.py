"""Taking a run up again: the same luck, levers moved from a month on, and nothing changed before."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

import allysim as al
from allysim.config.scenario import settable
from allysim.errors import AllysimError, ConfigError
from allysim.fork import NO_LEVERS, rerun

SMALL = {"months": 18, "firms.n": 30, "demography.exit_incumbent": .01}
TABLES = ("series", "events", "initial", "firms", "alliances", "memberships", "ledger")

# Lever, its new value, the phase of the next month in which something first differs, and all columns that do.
FIRST = [
    # a fee on pooled spend is charged where pools are settled, and shapes nothing before it is booked
    ("purchasing.fee", .05, "collaboration", {"memberships.fee"}),
    # base churn is lost by every firm in the month itself, and made good with leads at once
    ("customers.churn", .06, "operations", {"firms.churn", "firms.leads"}),
    # the charge on capital is an imputed cost: it enters economic profit and no flow of money
    ("demography.capital_charge", .02, "accounting", {"firms.economic_profit"}),
    # memory is how much of last month's evidence is kept, on both sides of the ledger of trust
    ("trust.memory", .9, "assessment", {"ties.good", "ties.bad"}),
    # noise of the input price moves every firm's own and the common price, and hence the index paid
    ("environment.price_noise", .08, "environment",
     {"firms.own_price", "firms.input_index", "world.common_price"}),
    # a charter's governance binds those who sign it: what was signed before stays as it is
    ("governance", "heavy", "formation", None),
]


def world(**more):
    return al.scenario("supply_stress", **{**SMALL, **more})


def same(one, other, tables=TABLES):
    return one.outcomes == other.outcomes and all(getattr(one, t).equals(getattr(other, t)) for t in tables)


def columns(state):
    return {f"{table}.{field.name}": getattr(getattr(state, table), field.name)
            for table in ("firms", "ties", "alliances", "memberships", "roster", "world")
            for field in dataclasses.fields(getattr(state, table))}


def differing(one, other):
    one, other = columns(one), columns(other)
    return {name for name in one if not np.array_equal(one[name], other[name], equal_nan=one[name].dtype.kind == "f"
                                                       if isinstance(one[name], np.ndarray) else False)}


@pytest.fixture(scope="module")
def base():
    return al.run(world(), seed=3)


@pytest.mark.parametrize("seed", range(1, 21))
def test_a_fork_without_change_is_the_run_itself(seed):
    run = al.run(world(), seed=seed)
    for month in (0, 7, 18):
        forked = run.fork(month)
        assert same(run, forked)
        assert (forked.seed, forked.scenario, forked.history) == (run.seed, run.scenario, ())


def test_a_lever_leaves_the_months_before_as_they_were(base):
    forked = base.fork(9, governance="light", **{"pilot.members": 5})
    assert forked.series.iloc[:10].equals(base.series.iloc[:10])
    assert not forked.series.iloc[10:].equals(base.series.iloc[10:])
    assert forked.initial.equals(base.initial)
    assert [(month, config) for month, config in forked.history] == [(9, base.scenario)]
    assert forked.scenario.pilot.members == 5


def test_a_fork_of_a_fork_keeps_what_was_moved(base):
    light = base.fork(9, governance="light")
    for month in (4, 9, 14):
        assert same(light, light.fork(month)), month
    later = light.fork(14, **{"purchasing.fee": .1})
    assert [month for month, _ in later.history] == [9, 14]
    assert later.series.iloc[:15].equals(light.series.iloc[:15])
    sooner = light.fork(4, **{"purchasing.fee": .1})
    assert [(month, config.governance.name, config.purchasing.fee) for month, config in sooner.history] == [
        (4, "standard", .02), (9, "standard", .1)]
    assert (sooner.scenario.governance.name, sooner.scenario.purchasing.fee) == ("light", .1)


def test_more_months_are_the_longer_run(base):
    assert same(base.fork(18, months=24), al.run(world(months=24), seed=3))
    assert base.fork(5, months=24).history == ()


def test_focal_firms_take_up_another_strategy(base):
    forked = base.fork(6, strategy="stand_alone")
    assert set(forked.initial.loc[forked.initial["focal"], "strategy"]) == {"procurement_first"}
    assert set(forked.firms.loc[forked.firms["focal"] & forked.firms["alive"], "strategy"]) == {"stand_alone"}


def stepped(lever=None, value=None, month=12):
    """Return the state after each phase of the month that follows.

    Firms only buy together: what could fall back on a pool weighs fees and governance before they are charged.
    """
    model = rerun(world(**{"background.strategy": "procurement_first"}), (), 3, "outcomes", month)
    if lever:
        model.move({lever: value})
    seen = []

    def watched(phase):
        def call(model):
            phase(model)
            seen.append((phase.__name__, model.state.copy()))
        return call

    model.phases = tuple(watched(phase) for phase in model.phases)
    model.step()
    return seen


@pytest.mark.parametrize(("lever", "value", "phase", "expected"), FIRST, ids=[row[0] for row in FIRST])
def test_what_differs_first_is_what_the_lever_names(lever, value, phase, expected):
    pairs = zip(stepped(), stepped(lever, value), strict=True)
    found = {name: differing(before, after) for (name, before), (_, after) in pairs}
    first, columns = next((name, columns) for name, columns in found.items() if columns)
    assert first == phase
    assert expected is None or columns == expected


def test_contracts_that_were_signed_stay(base):
    model = rerun(base.scenario, (), 5, "outcomes", 12)
    signed = model.state.world.n_alliances
    model.move(governance="light")
    for _ in range(6):
        model.step()
    alliances, governance = model.state.alliances, model.config.governance
    assert signed > 0 and model.state.world.n_alliances > signed
    assert set(alliances.completeness[:signed]) == {base.scenario.governance.completeness}
    assert set(alliances.completeness[signed:model.state.world.n_alliances]) == {governance.completeness}


def another(known):
    """Return an allowed value of a lever that is not its default, or None."""
    allowed, default = known.parameter.allowed, known.default
    if isinstance(default, bool):
        return not default
    if allowed is None or default is None or isinstance(default, tuple):
        return None
    if isinstance(default, str):
        return next((name for name in allowed if name != default), None)
    up = default + min(allowed[1] - default, .25 * default + 1) / 4
    return min(default + 1, allowed[1]) if isinstance(default, int) else up


def test_moving_a_lever_changes_nothing_by_itself():
    """No lever rebuilds or rewrites a column: it takes effect through the phases of later months only."""
    model = rerun(world(), (), 3, "outcomes", 6)
    before, copied, tried = columns(model.state), columns(model.state.copy()), 0
    for key, known in settable().items():
        value = another(known)
        if key in NO_LEVERS or value is None or key == "months":
            continue
        now = model.config
        model.move({key: value} | ({"rules.market": "cournot"} if key == "process.effort" else {}))
        tried += 1
        after = columns(model.state)
        assert all(after[name] is before[name] for name in before), key
        model.change_to(now)
    assert tried > 80
    assert all(np.array_equal(before[name], copied[name]) for name in before)


def test_levers_that_are_refused_are_those_that_are_read_for_month_zero_only():
    source = Path(al.__file__).parent
    months = [*source.glob("phases/*.py"), *source.glob("rules/*.py"), *source.glob("mechanisms/*.py"),
              *source.glob("dealings/*.py"), *(source / f"{name}.py" for name in ("roster", "records", "agents"))]
    text = "\n".join(file.read_text() for file in months)
    for section in ("firms", "market", "alliances"):
        for key in (key for key in settable() if key.startswith(f"{section}.")):
            field = key.partition(".")[2]
            read = re.search(rf"\b(scenario|settings|config|drawn)\.{section}\.{field}\b", text)
            assert (key in NO_LEVERS) == (read is None), key
    assert {key.partition(".")[0] for key in NO_LEVERS if "." in key} == {"firms", "market", "alliances"}
    assert set(NO_LEVERS) <= set(settable())


@pytest.mark.parametrize(("month", "levers", "said"), [
    (6, {"firms.n": 40}, r"firms.n cannot be moved after month 6: it shapes the world of month 0 only"),
    (6, {"market.outside_share": .4}, r"market.outside_share cannot be moved after month 6"),
    (6, {"seed": 9}, r"seed cannot be moved after month 6: a fork keeps the luck of its run"),
    (6, {"records": "series"}, r"records cannot be moved"),
    (6, {"pilot.month": 4}, r"unknown key 'pilot.month'; did you mean 'pilot.months'"),
    (6, {"pilot.months": 13}, r"pilot.months=13 is not allowed"),
    (6, {"months": 5}, r"months=5 is before month 6"),
    (19, {}, r"month=19 is not allowed: this run has the months 0 to 18"),
    (2.5, {}, r"month=2.5 is not allowed"),
])
def test_what_cannot_be_forked(base, month, levers, said):
    with pytest.raises(ConfigError, match=said):
        base.fork(month, levers)


def test_a_run_with_alliances_founded_by_hand_is_not_run_again():
    alone = dict.fromkeys(("background.strategy", "strategy"), "stand_alone")
    model = al.AllianceModel(world(months=6, **alone), rng=3)
    model.form_alliance([0, 1, 2], stage="running")
    model.run_model()
    with pytest.raises(AllysimError, match="month 1 comes out otherwise"):
        model.results().fork(4)


def test_a_run_of_outcomes_can_be_forked():
    short = al.run(world(), seed=3, records="outcomes")
    assert short.fork(9, governance="light").outcomes == al.run(world(), seed=3).fork(9, governance="light").outcomes
