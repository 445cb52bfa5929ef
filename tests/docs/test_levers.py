"""What docs/levers.md and the configuration say of off-values and ranges holds."""

import pytest

import allysim as al
from allysim.config.parameters import SECTIONS
from allysim.config.scenario import settable
from allysim.config.schema import check

FIELDS = settable()
OFF = {key: field for key, field in FIELDS.items() if field.parameter.off is not None}
LIVELY = {"months": 48, "records": "series", "firms.n": 30, "firms.cash_months": 0.5, "conduct.temptation": 20,
          "separation.scale": 20, "demography.exit_incumbent": 0.03}


@pytest.mark.parametrize("key", [key for key, field in FIELDS.items() if field.parameter.tag == "A"])
def test_an_assumption_has_a_range_around_its_default(key):
    low, high = FIELDS[key].parameter.low, FIELDS[key].parameter.high
    assert low is not None and high is not None, f"{key} is an assumption and has no range"
    assert low < high and low <= FIELDS[key].default <= high
    assert check(FIELDS[key], low) == low and check(FIELDS[key], high) == high


@pytest.mark.parametrize("key", OFF)
def test_an_off_value_is_allowed(key):
    assert check(OFF[key], OFF[key].parameter.off) == OFF[key].parameter.off


def test_an_off_value_says_where_its_mechanism_comes_from(makers):
    table = makers["levers"].off_values(FIELDS)
    assert table.count("\n") > len(OFF)
    assert not [row for row in table.splitlines() if row.endswith("|  |")], "name an equation or a source for each"


def test_a_mechanism_without_off_value_says_why(makers):
    levers = makers["levers"]
    of_mechanisms = {key for key in FIELDS if levers.numbers(levers.doc(levers.section_of(key)))}
    silent = [key for key in sorted(of_mechanisms - OFF.keys()) if levers.why_none(key) is None]
    assert not silent, f"give these an off-value, or say in docs/levers.yaml why they have none: {', '.join(silent)}"


def test_reasons_are_of_use(makers):
    reasons = makers["levers"].WHY_NONE
    for name, reason in reasons.items():
        assert name in FIELDS or name in SECTIONS, f"docs/levers.yaml: there is no {name}"
        assert name not in OFF, f"docs/levers.yaml: {name} has an off-value"
        assert isinstance(reason, str) or set(reason) <= set(OFF), f"docs/levers.yaml: {name} names no switch"


def other_values(field):
    """Return values that a parameter may have beside its default."""
    parameter = field.parameter
    values = [parameter.low, parameter.high] if parameter.low is not None else list(parameter.allowed or (False, True))
    return [value for value in values if value != field.default]


def test_a_switch_leaves_what_depends_on_it_without_effect(makers):
    """Every parameter said to do nothing with a switch off is moved with it off, and no figure of a run changes."""
    world, runs, wired = al.scenario("supply_stress", **LIVELY), {}, []
    for key in sorted(FIELDS.keys() - OFF.keys()):
        switches = makers["levers"].why_none(key)
        if not isinstance(switches, list):
            continue
        off = {switch: OFF[switch].parameter.off for switch in switches}
        without = world.replace(off)
        if without not in runs:
            runs[without] = al.run(without).series
        for value in other_values(FIELDS[key]):
            if not al.run(without.replace({key: value})).series.equals(runs[without]):
                wired.append(f"{key}={value} with {off}")
    assert not wired, f"these do something all the same: {'; '.join(wired)}"
