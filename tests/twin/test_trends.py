"""Trends of demand and regimes: engine and twin agree on every number."""

import pytest

import allysim as al
from allysim.config.scenario import settable
from twin.agreement import follow
from twin.luck import Luck
from twin.test_agreement import MONTHS, POPULATIONS, TURMOIL, moved, parts

TRENDS = {
    "electric": {"scenario": "electric_shift"},
    "software": {"scenario": "software_defined"},
    "steep, to other ceilings": {"scenario.electric": .3, "scenario.software": .2, "environment.electric_ceiling": .3,
                                 "environment.software_ceiling": .05},
    "regimes": {"scenario.regimes": True, "environment.regime_rate": .3},
    "all": {"scenario.electric": .1, "scenario.software": .1, "scenario.regimes": True,
            "environment.regime_rate": 1.0, "environment.regime_least": 0.0, "environment.regime_most": .9},
}


@pytest.mark.parametrize("mood", [{}, TURMOIL, {"rules.market": "cournot", **TURMOIL}],
                         ids=["as it is", "turmoil", "cournot"])
@pytest.mark.parametrize("trend", TRENDS)
def test_small(trend, mood):
    scenario = al.scenario(**POPULATIONS["small"], **TRENDS[trend], **mood)
    twin, turned = follow(scenario, 1, MONTHS)
    assert not turned
    start = [.55, .15, .10, .20]
    assert any(abs(m / sum(twin.market_size) - s) > .01 for m, s in zip(twin.market_size, start, strict=True))


@pytest.mark.parametrize("population", ["skewed", "crowded"])
def test_other_populations(population):
    scenario = al.scenario("electric_shift", **POPULATIONS[population], **TURMOIL, **{
        "scenario.software": .03, "scenario.regimes": True})
    assert follow(scenario, 1, MONTHS)[1] == set()


@pytest.mark.parametrize("key", [
    "scenario.electric", "scenario.software", "scenario.regimes", "environment.electric_ceiling",
    "environment.software_ceiling", "environment.regime_rate", "environment.regime_least", "environment.regime_most"])
def test_no_lever_can_be_moved_unnoticed(key):
    scenario = al.scenario(**POPULATIONS["small"], **{"scenario.electric": .05, "scenario.software": .03,
                                                      "scenario.regimes": True, "environment.regime_rate": .3})
    assert parts(scenario, Luck(1), key, moved(settable()[key], scenario.flat()[key]))
