"""Worlds that start from a real network: engine and twin agree on month 0 and on every month after it."""

from collections import Counter
from pathlib import Path

import pytest

import allysim as al
from allysim import AllianceModel
from allysim.config.yields import SCOPES
from twin.agreement import Disagreement, compare, follow
from twin.model import TwinModel
from twin.test_agreement import MONTHS, TURMOIL
from twin.words import ENDED, KINDS, RUNNING

SMALL = """\
alliance,firm,share,joined,left
old,Alder,.5,1990-01-31,
old,Birch,.5,1990-01-01,
young,Cedar,.25,1994-01-01,
Young,Birch,.25,1992-12-31,
young,Dogwood,.3,1992-12-31,1996-01-01
big,Elm,1,1994-07-01,
big,alder,1,1994-07-01,
big,Cedar,.5,1993-07-02,1994-12-31
big,Cedar,.5,1994-12-31,
ended,Fir,.5,1980-01-01,1995-01-15
ended,Elm,.5,1980-01-01,
left,Fir,.5,1980-01-01,1985-01-01
left,Elm,.5,1980-01-01,
coming,Alder,.5,1995-01-16,
coming,Gorse,.5,1995-01-16,
"""
DATE = "1995-01-15"
"""On it three alliances run; two have one firm left, one of them since this very day, and one begins tomorrow."""

FIRMS = """\
firm,revenue,segment,trust,strategy
Cedar,400,electric,.8,
Yew,55,,,
birch,900,services,,stand_alone
Alder,60,,,
"""

CROWD = "ABCDEFGHIJKLMNOP"
"""Firms of a network in which each is in four alliances of four, begun in different months of a year."""


@pytest.fixture
def small(tmp_path):
    """Write the small network and return its settings."""
    path = tmp_path / "small.csv"
    path.write_text(SMALL)
    return {"alliances.path": path, "alliances.date": DATE, "alliances.type": "procurement"}


@pytest.fixture
def mine(tmp_path):
    """Write a user's firms, all but two of the network's and one beside it, and return their settings."""
    path = tmp_path / "mine.csv"
    path.write_text(FIRMS)
    return {"firms.path": path, "alliances.unknown": "draw"}


@pytest.fixture
def crowd(tmp_path):
    """Write the network of many memberships and return its settings."""
    path = tmp_path / "crowd.csv"
    rows = [f"{name}-pool,firm {CROWD[(5 * k + 3 * step) % len(CROWD)]},{.1 + .2 * step:.1f},1994-{1 + k % 12:02}-01,"
            for k, name in enumerate(CROWD) for step in range(4)]
    path.write_text("\n".join(["alliance,firm,share,joined,left", *rows]))
    return {"alliances.path": path, "alliances.date": "1995-06-30", "alliances.unknown": "draw", "firms.n": 30}


WORLDS = {
    "as it is": {},
    "turmoil": TURMOIL,
    "no governance": {"governance": "none", "administration.scale": 0.0},
    "heavy governance, long notice": {"governance": "heavy", "governance.notice": 12},
    "each its own saving, no control": {"rules.value_split": "own_saving", "pilot.control": False,
                                        "governance.notice": 9},
    "nobody else allies, lagging": {"strategy": "stand_alone", "background.strategy": "stand_alone",
                                    "pilot.kpi": "lagging", "governance.notice": 12},
    "no attention": {"firms.attention_small": 0, "firms.attention_large": 0, "governance.notice": 0},
}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("around", [None, 0, 12])
def test_three_alliances(small, mine, around, world):
    """All firms drawn, then a user's own with two drawn under their names, alone and among others."""
    firms = {"alliances.unknown": "draw", "firms.n": 25} if around is None else mine | {"firms.background": around}
    scenario = al.scenario("supply_stress", **small, **firms, **WORLDS[world])
    _, turned = follow(scenario, 1, MONTHS)
    assert not turned


def test_a_users_own_firms_are_all_that_the_network_needs(small, tmp_path):
    path = tmp_path / "all.csv"
    path.write_text(FIRMS + "Elm,30,,.2,\nDogwood,70,,,\n")
    assert follow(al.scenario(**small, **{"firms.path": path}), 1, MONTHS)[1] == set()


def test_month_zero_of_the_twin(small, mine):
    """What the page of choices says about month 0, of the small network."""
    twin = TwinModel(al.scenario(**small, **mine, **{"firms.background": 0, "firms.attention_small": 1}), 1)
    assert twin.month == 0 and not twin.events and not twin.outside and len(twin.firms) == 6
    assert [a.go for a in twin.alliances] == [-60, -24, -18] and {a.stage for a in twin.alliances} == {RUNNING}
    assert [[m.firm.slot for m in a.members] for a in twin.alliances] == [[2, 3], [2, 4, 0], [5, 3, 0]]
    assert [m.joined for m in twin.memberships] == [-60, -59, -24, -24, -12, -6, -6, 0]
    assert [m.share for m in twin.alliances[1].members] == pytest.approx([.3125, .375, .3125])
    assert [m.alliance.number if (m := f.oldest("procurement")) else None for f in twin.firms] == [1, None, 0, 0, 1, 2]
    assert [f.attention for f in twin.firms] == [20 if f.large else max(1, len(f.memberships)) for f in twin.firms]
    assert [f.focal for f in twin.firms] == [True] * 4 + [False] * 2
    assert all(not tie.good and not tie.bad for f in twin.firms for tie in f.ties.values())


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("split", ["equal", "own_saving"])
def test_firms_that_leave_a_pool_buy_through_the_next(crowd, split, seed):
    """Firms have four alliances each, breaches and exits are frequent, and notice is long enough to see it."""
    breaking = {**TURMOIL, "governance.notice": 10, "governance.dashboard": 1.0, "rules.value_split": split,
                "governance.dispute_clause": False,
                "conduct.temptation": 40.0, "demography.exit_incumbent": .03}
    twin, turned = follow(al.scenario("supply_stress", **crowd, **breaking), seed, MONTHS)
    assert not turned
    told = {event.event for event in twin.events} | {event.cause for event in twin.events}
    assert told >= {"founded", "breach", "seen", "left", "ended", "exit", "entry", "closure", "no gain"}
    imported = [m for m in twin.memberships if m.joined <= 0]
    assert set(Counter(m.firm_key for m in imported).values()) == {4}
    bought = Counter(m.firm_key for m in imported if m.fee > 0.0)  # a fee, once owed, is owed until it leaves
    assert sum(pools > 1 for pools in bought.values()) >= 3
    assert all(a.stage == ENDED for a in twin.alliances if a.founded < 0)


EVERYTHING = {"strategy.seek": list(KINDS), "background.strategy.seek": list(KINDS), "research.sprint": 2,
              "strategy.scope": list(SCOPES), "background.strategy.scope": ["warehousing"]}
LONG = {"governance.notice": 10, "administration.scale": .1, "research.budget": .002}


@pytest.fixture
def mixed(crowd, tmp_path):
    """Give the alliances of the crowd types, by turns, one of them by default."""
    path = tmp_path / "mixed.csv"
    head, *rows = crowd["alliances.path"].read_text().splitlines()
    kinds = {name: ("procurement", "coopetition", "", "infrastructure")[k % 4] for k, name in enumerate(CROWD)}
    path.write_text("\n".join([f"{head},type", *(f"{row},{kinds[row[0]]}" for row in rows)]))
    return crowd | {"alliances.path": path, "alliances.type": "rnd"}


@pytest.mark.parametrize("mood", [{}, LONG, TURMOIL | EVERYTHING, TURMOIL | LONG | EVERYTHING],
                         ids=["as it is", "long", "turmoil", "long turmoil"])
def test_a_network_of_all_types(mixed, mood):
    twin, turned = follow(al.scenario("supply_stress", **mixed, **mood), 1, MONTHS)
    assert not turned
    imported = twin.alliances[:len(CROWD)]
    assert Counter(a.founded_as for a in imported) == dict.fromkeys(KINDS, 4)
    scopes = {a.scope for a in imported if a.founded_as == "coopetition"}
    assert scopes - {("marketing",)} == {twin.config.strategy.scope}  # marketing alone is left of those that fell back
    if "administration.scale" in mood:
        assert sum(a.successes for a in imported) > 0
        saved = {m.alliance.kind for m in twin.memberships if m.joined <= 0 and m.booked["saving"] > 0.0}
        assert saved == set(KINDS) - {"rnd"}


@pytest.mark.parametrize("kind", KINDS)
def test_three_alliances_of_one_type(small, mine, kind):
    scenario = al.scenario(**{**small, **mine, "firms.background": 12, "alliances.type": kind, **LONG, **EVERYTHING})
    twin, turned = follow(scenario, 1, MONTHS)
    assert not turned and {a.founded_as for a in twin.alliances[:3]} == {kind}  # some have fallen back since


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3, 8))
def test_ten_years_of_more_luck(crowd, seed):
    world = WORLDS[list(WORLDS)[seed % len(WORLDS)]]
    assert len(follow(al.scenario("supply_stress", **crowd, **world), seed, months=120)[1]) <= 1


# Whether the comparison itself can be relied on.

@pytest.mark.parametrize(("before", "after"), [
    ("old,Alder,.5", "old,Alder,.4"), ("1990-01-31", "1990-01-01"), ("1992-12-31,\n", "1993-02-01,\n"),
    ("1993-07-02", "1993-08-02"), ("1996-01-01", "1995-01-15"), ("1995-01-16", "1995-01-15"), ("old,", "aged,"),
    ("big,alder", "big,Yew"), ("Fir,.5,1980-01-01,1995-01-15", "Fir,.5,1980-01-01,"),
])
def test_no_cell_can_be_changed_unnoticed(small, mine, tmp_path, before, after):
    """With a cell changed in the twin alone, where month 0 hangs on it, they part in month 0."""
    scenario = al.scenario(**small, **mine)
    path = tmp_path / "changed.csv"
    path.write_text(SMALL.replace(before, after))
    assert path.read_text() != SMALL
    with pytest.raises(Disagreement, match="month 0, "):
        compare(AllianceModel(scenario, rng=1), TwinModel(scenario.replace({"alliances.path": path}), 1))


@pytest.mark.parametrize("date", ["1995-01-14", "1995-01-31", "1994-12-30", "1996-01-01"])
def test_the_date_cannot_be_moved_unnoticed(small, mine, date):
    scenario = al.scenario(**small, **mine)
    with pytest.raises(Disagreement, match="month 0, "):
        compare(AllianceModel(scenario, rng=1), TwinModel(scenario.replace({"alliances.date": date}), 1))


NORWAY = Path(__file__).parents[3] / "shared" / "data" / "norway_joint_ventures_1965_1995.csv"


@pytest.mark.skipif(not NORWAY.is_file(), reason="the file is not beside this repository")
@pytest.mark.parametrize("mood", [{}, TURMOIL | {"governance.notice": 6}, {"alliances.type": "infrastructure"}],
                         ids=["as_it_is", "turmoil", "infrastructure"])
def test_norway_in_1995(mood):
    """131 ventures of 33 firms with 520 memberships, all firms drawn, two years on."""
    network = {"alliances.path": NORWAY, "alliances.date": "1995-01-01", "alliances.unknown": "draw",
               "alliances.type": "procurement"}
    twin, turned = follow(al.scenario(**{**network, **mood}), 1, months=24)
    assert not turned
    assert sum(m.joined <= 0 for m in twin.memberships) == 520
    assert sum(a.founded <= 0 for a in twin.alliances) == 131
