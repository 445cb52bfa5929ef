"""Networks of all four types: what a file may say of types, and what the tables then hold."""

import numpy as np
import pytest

import allysim as al
from allysim.config import Scenario
from allysim.errors import DataError
from allysim.network import Network, read_network
from allysim.state import CAPACITY, MARKETING, WAREHOUSING
from engine.test_money import check_memberships, check_ties, run_checked

NETWORK = """alliance,firm,share,joined,left,type
pool,Alder,.5,1990-01-01,,
pool,Birch,.5,1990-01-01,,
rivals,Alder,.5,1992-01-01,,coopetition
rivals,Cedar,.5,1992-01-01,,
others,Alder,.5,1993-01-01,,Coopetition
others,Birch,.5,1993-01-01,,
lab,Birch,.5,1993-01-01,,rnd
lab,Cedar,.5,1993-01-01,,rnd
bench,Birch,.5,1994-01-01,,
bench,Alder,.5,1994-01-01,,rnd
yard,Alder,.4,1991-01-01,,infrastructure
yard,Cedar,.6,1991-01-01,,infrastructure
dock,Alder,.4,1993-01-01,,infrastructure
dock,Birch,.6,1993-01-01,,infrastructure
"""
WORLD = {"alliances.type": "procurement", "alliances.date": "1995-01-01", "alliances.unknown": "draw", "firms.n": 20}


@pytest.fixture
def network(tmp_path):
    """Write the network and return its settings."""
    path = tmp_path / "net.csv"
    path.write_text(NETWORK)
    return {"alliances.path": str(path), **WORLD}


def test_a_row_says_it_for_its_alliance_and_the_settings_for_the_rest(network):
    scenario = al.scenario(**network)
    start = scenario.start
    assert dict(zip(start.alliances, start.types, strict=True)) == {
        "pool": "procurement", "rivals": "coopetition", "others": "coopetition", "lab": "rnd", "bench": "rnd",
        "yard": "infrastructure", "dock": "infrastructure"}
    assert start.notes[1:] == (
        "By type: 1 procurement, 2 coopetition, 2 rnd, 2 infrastructure.",
        "A firm sells with its oldest rivals: 1 further membership cost governance and save nothing, and members that "
        "gain nothing leave.")
    assert scenario.replace({"alliances.type": "infrastructure"}).start.types.count("infrastructure") == 3
    assert scenario.replace({"alliances.type": "rnd"}).digest(1) != scenario.digest(1)


def test_types_are_kept_in_a_scenario(network, tmp_path):
    scenario = al.scenario(**network)
    assert Scenario.from_dict(scenario.to_dict()) == scenario
    columns = read_network(network["alliances.path"]).to_dict()
    columns.pop("type")  # of an earlier version
    assert {spell.type for spell in Network.from_dict(columns).spells} == {None}


@pytest.mark.parametrize(("before", "after", "said"), [
    ("rnd\nlab", "rnd\nlab,Elm,.1,1993-01-01,,infrastructure\nlab",
     "line 9, column type: 'infrastructure' is not allowed; alliance 'lab' is of type rnd by line 8, and an alliance "
     "has one type"),
    ("Coopetition", "competition", "line 6, column type: 'competition' is not allowed; it takes procurement, "
     "coopetition, rnd, infrastructure or nothing; did you mean 'coopetition'?"),
])
def test_bad_types_are_said_in_one_sentence(tmp_path, before, after, said):
    path = tmp_path / "net.csv"
    path.write_text(NETWORK.replace(before, after, 1))
    with pytest.raises(DataError) as caught:
        read_network(path)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_month_zero(network):
    model = al.AllianceModel(**network, **{"strategy.scope": ["capacity", "warehousing"]})
    state = model.state
    firms, alliances = state.firms, state.alliances
    alder, birch, cedar = map(model.slot_of, ("Alder", "Birch", "Cedar"))
    number = {name: k for k, name in enumerate(model.config.start.alliances)}
    assert [a.type for a in model.alliances] == list(model.config.start.types)
    assert firms.procurement[[alder, birch, cedar]].tolist() == [number["pool"], number["pool"], -1]
    assert firms.coopetition[[alder, birch, cedar]].tolist() == [number["rivals"], number["others"], number["rivals"]]
    assert firms.rnd[[alder, birch, cedar]].tolist() == [1, 2, 1] and firms.alliances[alder] == 6
    assert alliances.scope[number["rivals"]] == CAPACITY | WAREHOUSING != MARKETING
    assert not alliances.scope[number["lab"]] and len(np.unique(alliances.key[:7])) == 7
    lacks = firms.margin[[birch, cedar], None] * (1 - firms.capability[[birch, cedar]])
    assert lacks[:, alliances.target[number["lab"]]].sum() > 0
    check_memberships(state, most=6)
    check_ties(state)


def test_every_type_yields_in_its_own_way(network):
    lasting = {"strategy": "stand_alone", "background.strategy": "stand_alone", "administration.scale": 0.0,
               "rules.gate": "never_stop", "rules.conduct": "never", "research.intensity": 10.0,
               "purchasing.no_leverage": 0.0, "research.budget": 0.0, "infrastructure.rent": 0.0,
               "governance.notice": 12}
    model = al.AllianceModel(**network, **lasting)
    for _ in range(6):
        model.step()
    state = model.state
    number = {name: k for k, name in enumerate(model.config.start.alliances)}
    rows = state.roster.rows
    saved = np.bincount(state.memberships.alliance[rows], state.memberships.saving[rows], 7)
    assert all(saved[number[name]] > 0 for name in ("pool", "rivals", "others", "yard", "dock"))
    assert state.alliances.successes[[number["lab"], number["bench"]]].min() > 0
    aside = [r for r in rows if state.memberships.alliance[r] == number["others"]
             and state.memberships.firm[r] == model.slot_of("Alder")]
    assert all(state.memberships.saving[r] == 0.0 for r in aside), "a firm sells with its oldest rivals alone"


@pytest.mark.parametrize("kind", ["procurement", "coopetition", "rnd", "infrastructure"])
def test_money_and_tables_with_a_network_of_one_type(network, kind, tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("\n".join(line.rpartition(",")[0] for line in NETWORK.splitlines()))
    model = al.AllianceModel(**{**network, "alliances.path": str(path), "alliances.type": kind, "months": 36,
                                "conduct.temptation": 20.0, "demography.exit_incumbent": .03}, records="full")
    run_checked(model, most=6)


def test_money_and_tables_with_a_network_of_all_types(network):
    model = al.AllianceModel(**network, months=36, records="full", **{"conduct.temptation": 20.0})
    run_checked(model, most=6)
