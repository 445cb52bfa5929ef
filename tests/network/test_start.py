"""Worlds that start from a network: what the tables say at month 0, what moves, and that money is conserved."""

import numpy as np
import pytest

import allysim as al
from allysim.config import Scenario
from allysim.errors import ConfigError, DataError
from allysim.state import RESIDUAL, RUNNING
from allysim.ties import find_tie
from engine.conftest import PLAIN_POOL, SILENT
from engine.test_money import check_memberships, check_ties, run_checked

NETWORK = """alliance,firm,share,joined,left
old,Alder,0.5,1990-01-01,
old,Birch,0.5,1990-01-01,
young,Cedar,0.25,1994-01-01,
young,Birch,0.25,1993-01-01,
young,Dogwood,0.5,1993-01-01,1996-01-01
big,Alder,1,1994-07-01,
big,Birch,1,1994-07-01,
big,Cedar,1,1994-07-01,
big,Dogwood,1,1994-07-01,
big,Elm,1,1994-07-01,
gone,Fir,0.5,1980-01-01,1985-01-01
gone,Elm,0.5,1980-01-01,
"""
FIRMS = "firm,revenue\nCedar,400\nElm,50\nBirch,900\nAlder,60\nDogwood,120\n"
DATE = {"alliances.date": "1995-01-01", "alliances.type": "procurement"}


@pytest.fixture
def network(tmp_path):
    """Write the network and return its setting."""
    path = tmp_path / "net.csv"
    path.write_text(NETWORK)
    return {"alliances.path": str(path), **DATE}


@pytest.fixture
def own(tmp_path):
    """Write the firms and return their setting."""
    path = tmp_path / "firms.csv"
    path.write_text(FIRMS)
    return {"firms.path": str(path), "firms.n": 30}


def pools(model):
    """Return the number of the alliance each named firm buys through."""
    return {name: int(model.state.firms.procurement[model.slot_of(name)]) for name in
            ("Alder", "Birch", "Cedar", "Dogwood", "Elm")}


def test_month_zero(network, own):
    model = al.AllianceModel(**network, **own, **{"firms.attention_small": 1})
    state = model.state
    alliances, firms = state.alliances, state.firms
    assert model.config.start.alliances == ("old", "young", "big")
    assert (alliances.stage[:3] == RUNNING).all() and alliances.go[:3].tolist() == [-60, -24, -6]
    assert alliances.members[:3].tolist() == [2, 3, 5], "no cap on size"
    assert pools(model) == {"Alder": 0, "Birch": 0, "Cedar": 1, "Dogwood": 1, "Elm": 2}
    assert firms.alliances[:5].tolist() == [2, 1, 3, 2, 2] and (firms.attention >= firms.alliances).all()
    assert len(np.unique(alliances.key[:3])) == 3
    ties = state.ties
    i, j = model.slot_of("Alder"), model.slot_of("Elm")
    tie = find_tie(i, j, firms.ties, ties.to, ties.next)
    assert tie >= 0 and ties.good[tie] == ties.bad[tie] == 0.0
    check_memberships(state, most=3)
    check_ties(state)
    assert (firms.cash == al.AllianceModel(**own).state.firms.cash).all(), "a network costs nothing to have"
    frame = model.results().alliances
    assert frame["name"].tolist() == ["old", "young", "big"] and frame["go"].tolist() == [-60, -24, -6]
    assert model.results().memberships["joined"].tolist() == [-60, -60, -24, -24, -12, *[-6] * 5]


def test_savings_come_from_the_oldest_pool_alone(network, own):
    model = al.AllianceModel(**network, **own, **SILENT, **PLAIN_POOL, records="full")
    model.step()
    state = model.state
    firms, members, rows = state.firms, state.memberships, state.roster.rows
    buys = firms.procurement[members.firm[rows]] == members.alliance[rows]
    named = np.isin(members.alliance[rows], (0, 1, 2))
    aside = rows[named & ~buys]
    assert aside.size == 5
    for column in ("saving", "fee", "split"):
        assert (getattr(members, column)[aside] == 0.0).all()
    assert (members.governance[rows] > 0.0).all()
    assert np.bincount(members.firm[rows], members.saving[rows], len(firms.key)) == pytest.approx(firms.saving)
    assert firms.saving[model.slot_of("Alder")] > 0.0
    assert firms.saving[model.slot_of("Elm")] == 0.0, "it buys through its pool alone"


def test_a_firm_that_leaves_a_pool_buys_through_the_next_oldest(network, own):
    model = al.AllianceModel(**network, **own, **SILENT, **PLAIN_POOL, **{"governance.notice": 0})
    state = model.state
    state.alliances.ending[0], state.alliances.cause[0] = 1, RESIDUAL
    state.memberships.gain[:] = state.memberships.gain_months[:] = 1000  # no one leaves for want of gain
    model.step()
    assert state.alliances.ended[0] == 1
    assert (state.memberships.cause[:2] == RESIDUAL).all()
    check_memberships(state, most=3)
    assert pools(model) == {"Alder": 2, "Birch": 1, "Cedar": 1, "Dogwood": 1, "Elm": 2}


@pytest.mark.parametrize("more", [
    {}, {"rules.value_split": "own_saving", "conduct.temptation": 40.0, "demography.exit_incumbent": .1},
    {"administration.scale": 0.0, "governance.notice": 0, "trust.lapse": 1.0, "separation.scale": 10.0},
    {"administration.scale": 0.0, "rules.gate": "never_stop", "purchasing.fee": 0.0},
])
@pytest.mark.parametrize("mine", [True, False])
def test_money_and_tables_with_a_network(network, own, mine, more):
    world = own if mine else {"alliances.unknown": "draw", "firms.n": 20}
    model = al.AllianceModel(**network, **world, **more, months=36, records="full")
    run_checked(model, most=3)


def test_age_counts_for_separation(tmp_path):
    """A hazard that has passed its peak is lower for an old alliance than for a young one."""
    def ended(joined):
        path = tmp_path / "net.csv"
        lines = [f"N{k},{side}{k},0.5,{joined},\n" for k in range(100) for side in "AB"]
        path.write_text("alliance,firm,share,joined,left\n" + "".join(lines) + "Z,A0,1,1960-01-01,1961-01-01\n")
        model = al.AllianceModel(**{
            "alliances.path": str(path), **DATE, "alliances.unknown": "draw", "strategy": "stand_alone",
            "background.strategy": "stand_alone", "administration.scale": 0.0, "purchasing.fee": 0.0,
            "purchasing.no_leverage": 0.0, "rules.gate": "never_stop", "governance.notice": 0, "separation.scale": 20.0,
            "separation.shape": 2.0, "demography.exit_incumbent": 0.0})
        for _ in range(6):
            model.step()
        return int((model.state.alliances.ended[:100] >= 0).sum())

    assert ended("1993-05-01") > 1.5 * ended("1965-01-01")


def test_firms_that_are_not_known_are_refused_by_line(network, own, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("firm,revenue\nAlder,50\nbirch,50\nCedars,50\n")
    with pytest.raises(DataError) as caught:
        al.scenario(**network, **own | {"firms.path": str(path)})
    assert "net.csv, line 4, column firm: 'Cedar' is not in" in str(caught.value)
    assert "did you mean 'Cedars'? (and 2 more of its firms); alliances.unknown=draw" in str(caught.value)
    with pytest.raises(DataError, match=r"net\.csv, line 2, column firm: 'Alder' is unknown: firms\.path is not set"):
        al.scenario(**network)


def test_firms_that_are_not_known_are_drawn_after_the_users_own(network, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("firm,revenue\nAlder,50\nbirch,50\nYew,50\n")
    base = {**network, "firms.path": str(path), "alliances.unknown": "draw"}
    model = al.AllianceModel(**base, **{"firms.background": 0})
    assert [firm.name for firm in model.agents] == ["Alder", "birch", "Yew", "Cedar", "Dogwood", "Elm"]
    assert model.state.firms.focal.tolist() == [True] * 3 + [False] * 3
    assert model.firm("birch").alliances
    assert al.scenario(**base, **{"firms.n": 4}).n_firms == 6
    assert al.scenario(**base, **{"firms.background": 10}).n_firms == 13


def test_without_firms_those_of_the_network_are_focal(network):
    model = al.AllianceModel(**network, **{"alliances.unknown": "draw", "firms.n": 12, "firms.focal": 3})
    assert [firm.name for firm in model.agents][:6] == ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Firm 5"]
    assert np.flatnonzero(model.state.firms.focal).tolist() == [0, 1, 2, 3, 4]


def test_kept_in_a_scenario_by_content(network, own, tmp_path):
    scenario = al.scenario(**network, **own)
    again = Scenario.from_dict(scenario.to_dict())
    assert again == scenario and again.digest(1) == scenario.digest(1) and again.start == scenario.start
    moved = tmp_path / "elsewhere.csv"
    moved.write_text(NETWORK)
    other = scenario.replace({"alliances.path": str(moved)})
    assert other.digest(1) == scenario.digest(1)
    assert scenario.replace({"alliances.date": "1994-08-01"}).digest(1) != scenario.digest(1)
    moved.write_text(NETWORK.replace("0.25", "0.2"))
    assert scenario.replace({"alliances.path": str(moved)}).digest(1) != scenario.digest(1)
    assert scenario.replace({"alliances.path": None, "alliances.date": None}).network is None


def test_a_date_needs_a_network():
    with pytest.raises(ConfigError, match=r"alliances\.date=1995-01-01 needs alliances\.path"):
        al.scenario(**DATE)


def test_the_same_world_twice(network, own):
    one, two = (al.run(al.scenario(**network, **own, months=24), seed=3).series for _ in range(2))
    assert one.equals(two)


def test_taken_up_in_the_middle(network, own, tmp_path):
    model = al.AllianceModel(**network, **own, months=12, records="series", rng=2)
    for _ in range(5):
        model.step()
    model.save(tmp_path / "five.ally")
    again = al.AllianceModel.load(tmp_path / "five.ally")
    for each in (model, again):
        while each.running:
            each.step()
    assert model.results().series.equals(again.results().series)
    assert model.names(0) == again.names(0) == "Cedar"
    with pytest.raises(ConfigError, match=r"alliances\.date cannot be moved"):
        again.move({"alliances.date": "1994-08-01"})
