"""Patterns against answers known otherwise: lifelines, networkx, numpy, and worlds made up for the purpose."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.analysis import patterns as p
from allysim.analysis import ties

SMALL = {"firms.n": 40, "firms.focal": 5}


@pytest.fixture(scope="module")
def seen() -> dict[str, list[p.Seen]]:
    """What three small runs of each world left."""
    base = al.scenario(**SMALL)
    return {world: [p.witness(base.replace(levers), seed) for seed in range(3)] for world, levers in p.WORLDS.items()}


def test_survival_is_kaplan_and_meier_s() -> None:
    """Counts by age give the curve that lifelines gives, with those still running as censored."""
    lifelines = pytest.importorskip("lifelines")
    luck = np.random.default_rng(3)
    life, seen_for = luck.geometric(.03, 300), luck.integers(1, 110, 300)
    age, over = np.minimum(life, seen_for), life <= seen_for
    ours = p.kaplan_meier(*p._by_age(age, over))
    theirs = lifelines.KaplanMeierFitter().fit(age, over)
    there = np.arange(int(age.max()) + 1)
    assert ours[there] == pytest.approx(theirs.predict(there).to_numpy(), abs=1e-12)


def test_clustering_is_that_of_networkx() -> None:
    """Transitivity of a graph drawn at random, and of none."""
    luck = np.random.default_rng(5)
    members = luck.random((30, 20)) < .1
    graph = nx.from_numpy_array(ties.linked(members).astype(int))
    assert ties.transitivity(ties.linked(members)) == pytest.approx(nx.transitivity(graph), abs=1e-12)
    assert ties.transitivity(np.zeros((4, 4), dtype=bool)) == 0.0


def test_shuffled_memberships_cluster_like_random_ones() -> None:
    """Memberships drawn at random cluster as their shuffled selves do; three closed circles of firms far more."""
    luck = np.random.default_rng(6)
    loose = luck.random((60, 40)) < .05
    real, mixed = ties.clustering(loose, luck)
    assert real == pytest.approx(mixed, rel=.25)  # fixed seed
    closed = np.zeros((60, 60), dtype=bool)
    for k in range(60):  # alliances of three, all within one of six circles
        closed[luck.choice(10, 3, replace=False) + 10 * (k % 6), k] = True
    real, mixed = ties.clustering(closed, luck)
    assert real > 1.5 * mixed


def test_rivals_with_twice_the_hazard() -> None:
    """The ratio within ages and types finds a planted factor of two, though types differ in hazard and share."""
    luck = np.random.default_rng(8)
    risk, ends = np.zeros((2, 4, 2, p.AGES))
    for kind, (base, n_rivals, n_others) in enumerate([(.01, 4000, 1000), (.04, 1000, 4000)]):
        for rival, n in enumerate((n_rivals, n_others)):
            life = luck.geometric(base * (2 if rival == 0 else 1), n)
            risk[kind, rival], ends[kind, rival] = p._by_age(np.minimum(life, 100), life <= 100)
    found = p.PATTERNS["rivalry"].measure({"default": {"risk": risk, "ends": ends}})
    assert found == pytest.approx(2.0, abs=.12)  # about three standard errors, fixed seed


def test_hazard_peaks_where_it_was_planted() -> None:
    """A hazard that rises to month 30 and falls is found to peak there, and one without a peak at neither end of it."""
    ages = np.arange(p.AGES)
    rate = .02 * np.exp(-.5 * ((ages - 30) / 15)**2) + .003
    risk, ends = np.zeros((2, 4, 2, p.AGES))
    risk[0, 0] = 1e5 * np.concatenate([[1.0], np.cumprod(1 - rate)[:-1]])
    ends[0, 0] = risk[0, 0] * rate
    assert p.PATTERNS["hazard_peak"].measure({"default": {"risk": risk, "ends": ends}}) == pytest.approx(30, abs=1)


def test_correlation_from_sums() -> None:
    """Sums that add up over runs give numpy's correlation of all alliances."""
    luck = np.random.default_rng(9)
    trust = luck.random(200)
    completeness = .5 * trust + luck.random(200)
    table = pd.DataFrame({"completeness": completeness, "trust": trust})
    sums = p._contracts(table[:80]) + p._contracts(table[80:])
    found = p.PATTERNS["contract_trust"].measure({"adaptive": {"contracts": sums}})
    assert found == pytest.approx(np.corrcoef(completeness, trust)[0, 1], abs=1e-9)
    same = p._contracts(table.assign(completeness=.5))
    assert np.isnan(p.PATTERNS["contract_trust"].measure({"adaptive": {"contracts": same}}))


def test_every_pattern_is_measured(seen: dict[str, list[p.Seen]]) -> None:
    """All rows are there, shares are shares, intervals contain values, and hits are what the bands say."""
    table = p.measure(seen)
    assert list(table["pattern"]) == list(p.PATTERNS)
    there = table[table["value"].notna()]
    assert len(there) >= len(table) - 3  # three small runs may have seen no breach
    shares = there[there["unit"] == "share"]
    assert shares["value"].between(0, 1).all()
    assert ((there["value_low"] <= there["value"]) & (there["value"] <= there["value_high"])).all()
    assert (table["hit"] == table["value"].between(table["band_low"], table["band_high"])).all()


def test_counts_of_a_run_are_those_of_its_tables() -> None:
    """Alliances, entrants, pools and disruptions of one run, counted again from its tables in another way."""
    base = al.scenario(**SMALL).replace(months=p.MONTHS)
    run = al.run(base, seed=2, records="full")
    seen = p.observe(run)
    go = run.alliances["go"].dropna().astype(int)
    assert seen["risk"].sum(axis=(0, 1))[0] == (go > p.BURN_IN).sum()
    ended = run.alliances[run.alliances["go"].notna()].dropna(subset=["ended"])
    assert seen["ends"].sum() == (ended["go"].astype(int) > p.BURN_IN).sum()
    newcomers = run.firms[(run.firms["generation"] > 0) & (run.firms["founded"] > p.BURN_IN)]
    assert seen["entrants"][0, 0] == len(newcomers)
    assert seen["entrants"][1].sum() == (~newcomers["alive"]).sum()
    pools = run.alliances[(run.alliances["founded_as"] == "procurement") & (run.alliances["founded"] > p.BURN_IN)]
    assert seen["pools"].tolist() == [len(pools), (~pools["leverage"].astype(bool)).sum()]
    graph = nx.Graph()
    graph.add_nodes_from(run.firms["firm"][run.firms["alive"]])
    for _, members in run.memberships[run.memberships["left"].isna()].groupby("alliance")["firm"]:
        firms = [firm for firm in members if firm in graph]
        graph.add_edges_from((one, other) for one in firms for other in firms if one < other)
    degree = sorted((d for _, d in graph.degree), reverse=True)
    assert seen["network"][1] == pytest.approx(sum(degree[:round(len(degree) / 10)]) / sum(degree))
    assert seen["network"][2] == pytest.approx(nx.transitivity(graph))
