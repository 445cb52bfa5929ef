"""A network of 79 firms and 210 ventures over thirty years, where its file lies beside the repository."""

import time
from pathlib import Path

import pytest

import allysim as al
from allysim.network import read_network

FILE = Path(__file__).parents[3] / "shared" / "data" / "norway_joint_ventures_1965_1995.csv"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the file is not beside this repository")


@pytest.fixture(scope="module")
def scenario():
    """Return the world of 1995, all firms drawn."""
    return al.scenario(**{"alliances.path": FILE, "alliances.date": "1995-01-01", "alliances.unknown": "draw"})


def test_it_loads_in_under_a_second():
    started = time.perf_counter()
    network = read_network(FILE)
    start = network.on("1995-01-01")
    assert time.perf_counter() - started < 1.0
    assert len({spell.alliance for spell in network.spells}) == 210
    assert len({spell.firm for spell in network.spells}) == 79
    assert (len(start.alliances) + start.lone, len(start.alliances), len(start.firms)) == (140, 131, 33)
    assert start.scaled == 48 and network.unused == ("firm_name", "operator")


def test_ten_years_forward(scenario):
    model = al.AllianceModel(scenario, rng=1)
    assert len(model.alliances) == 131 and scenario.n_focal == 33
    for _ in range(120):
        model.step()
    assert model.results().series.drop(columns="month").notna().to_numpy().all()
