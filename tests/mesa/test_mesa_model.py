"""AllianceModel as a mesa.Model, Firm as a mesa.Agent: views that follow the tables, and models that go away."""

import copy
import dataclasses
import gc
import pickle
import weakref

import mesa
import numpy as np
import pytest

import allysim as al
from allysim.agents import LEVERS
from allysim.config.scenario import settable
from allysim.state import Alliances, Firms

pytestmark = pytest.mark.smoke
EXITS = {"demography.exit_incumbent": .05, "demography.exit_entrant": .05}


def made(months=0, n=30, rng=3, **settings):
    """Return a small model after some months."""
    model = al.AllianceModel(al.scenario(months=60, **{"firms.n": n, **settings}), rng=rng)
    for _ in range(months):
        model.step()
    return model


@pytest.fixture(scope="module")
def seasoned():
    """A model after 18 months, to be read only."""
    return made(18)


def test_is_what_a_mesa_user_expects(seasoned):
    model = seasoned
    assert isinstance(model, mesa.Model) and all(isinstance(firm, mesa.Agent) for firm in model.agents)
    assert len(model.agents) == 30 and model.month == 18
    large = model.agents.select(lambda firm: firm.size == "large")
    assert 0 < len(large) < 30
    assert model.agents.agg("cash", sum) == pytest.approx(model.state.firms.cash.sum())
    assert model.agents.get(["slot", "price"])[5] == [5, model.state.firms.price[5]]
    assert model.agents.groupby("segment").count().keys() <= {"legacy", "electric", "software", "services"}
    assert model.agents.map("trust_in", model.firm(0)) == [firm.trust_in("Firm 0") for firm in model.agents]
    assert model.agents.do("step") is not None
    assert model.agents_by_type[al.Firm] == model.agents and model.agent_types == [al.Firm]


def test_a_dropped_model_is_collected():
    model = made(2, n=12)
    assert len(model.agents) == 12 and model.alliances is not None
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_agents_are_always_the_living_firms():
    model, seen = made(n=25, **EXITS), {}
    for _ in range(30):
        model.step()
        firms = list(model.agents)
        assert [firm.key for firm in firms] == model.state.firms.key.tolist()
        assert [firm.slot for firm in firms] == list(range(25)) and all(firm.alive for firm in firms)
        assert model.agents.get("cash") == model.state.firms.cash.tolist()
        for firm in firms:
            assert seen.setdefault(firm.key, firm) is firm
    assert len(seen) > 40 and len({firm.unique_id for firm in seen.values()}) == len(seen)


def test_who_a_firm_is_does_not_hang_on_when_one_asks():
    early, late = made(n=25, **EXITS), made(20, n=25, **EXITS)
    for _ in range(20):
        early.step()
        assert len(early.agents) == 25
    assert [firm.unique_id for firm in early.agents] == [firm.unique_id for firm in late.agents]
    assert max(firm.unique_id for firm in early.agents) > 25


def test_looking_changes_nothing():
    model = made(0)
    for _ in range(12):
        model.random.random(), model.rng.random()
        model.agents.shuffle_do(lambda firm: firm.partners)
        model.step()
    assert model.results().series.equals(made(12).results().series)


def test_a_firm_that_left_says_so():
    model = made(n=25, **EXITS)
    before = list(model.agents)
    for _ in range(10):
        model.step()
    left = next(firm for firm in before if not firm.alive)
    assert repr(left) == f"<{left.name}: left the market>" and left not in model.agents
    for read in (lambda: left.cash, lambda: left.segment, lambda: left.strategy, lambda: left.partners,
                 lambda: left.trust_in(model.firm(0))):
        with pytest.raises(al.AllysimError, match=r"has left the market; its last figures are in model\.results"):
            read()
    with pytest.raises(al.ConfigError, match="has left the market"):
        model.form_alliance([left, model.firm(0)])


@pytest.mark.parametrize("table", [Firms, Alliances])
def test_views_give_python_scalars(seasoned, table):
    view = seasoned.firm(4) if table is Firms else seasoned.alliances[0]
    for column in dataclasses.fields(table):
        if column.name != "ties":
            value = getattr(view, column.name)
            assert type(value) in (bool, int, float, str, type(None), list), column.name
            assert column.name in dir(view)


def test_views_say_what_the_tables_of_a_run_say(seasoned):
    firms, alliances = seasoned.results().firms.set_index("firm"), seasoned.results().alliances
    for firm in seasoned.agents:
        for column in ("segment", "size", "strategy", "revenue", "cash", "alliances", "slot", "generation"):
            assert getattr(firm, column) == firms.loc[firm.name, column]
        assert firm.capabilities["battery"] == firms.loc[firm.name, "battery"]
    for alliance in seasoned.alliances:
        for column in ("type", "stage", "cause", "founded", "members", "trust"):
            assert getattr(alliance, column) == alliances.loc[alliance.row, column]
        assert alliance.ended is None and len(alliance.firms) == alliance.members


def test_partners_and_trust(seasoned):
    alliance = seasoned.alliances[0]
    one, other = alliance.firms[:2]
    assert other in one.partners and one not in one.partners and alliance in one.memberships
    assert alliance == seasoned.alliances[0] and len({alliance, seasoned.alliances[0]}) == 1
    pairs = [a.trust_in(b) for a in alliance.firms for b in alliance.firms if a is not b]
    assert np.mean(pairs) == pytest.approx(alliance.trust)
    stranger = next(firm for firm in seasoned.agents if seasoned.state.firms.ties[firm.slot] < 0)
    assert stranger.trust_in(one) == one.trust_in(stranger) == .5 and stranger.partners == []


@pytest.mark.parametrize(("write", "said"), [
    (lambda m: setattr(m.firm(1), "cash", 5), "'cash' of a firm is a view .* levers are firms.cash_months, infra"),
    (lambda m: setattr(m.firm(1), "stock", 5), "the lever is stock.service_factor"),
    (lambda m: m.agents.set("strategy", "none"), "the lever is strategy"),
    (lambda m: setattr(m.firm(1), "slot", 5), "cannot be set; change the configuration"),
    (lambda m: setattr(m.firm(1), "cahs", 5), "a firm has no 'cahs' to set; did you mean 'cash'?"),
    (lambda m: setattr(m.alliances[0], "notice", 1), "of an alliance is a view .* governance.notice"),
    (lambda m: m.firm(1).remove(), "Firm 1 cannot be removed by hand"),
    (lambda m: al.Firm(m), "firms cannot be added by hand; firms.n sets how many"),
    (lambda m: al.Firm(m, 3), "firms cannot be added by hand"),
    (lambda m: al.Firm.create_agents(m, 2), "firms cannot be added by hand"),
    (lambda m: m.firm("Firm7"), "there is no living firm 'Firm7'; did you mean 'Firm 7'?"),
    (lambda m: m.firm(30), "there is no firm 30: give a name or a slot number from 0 to 29"),
    (lambda m: m.firm(1).trust_in(2.5), "there is no firm 2.5"),
    (lambda m: m.form_alliance([1]), "two or more different firms"),
    (lambda m: m.form_alliance(m.alliances[0].firms), "already in a procurement alliance"),
    (lambda m: al.AllianceModel(rng=2.5), "rng=2.5 is not allowed"),
    (lambda m: al.AllianceModel(rng=-1), "seed=-1 is not allowed"),
    (lambda m: al.AllianceModel(records="ful"), "did you mean 'full'"),
    (lambda m: al.AllianceModel("supply_stres"), "did you mean 'supply_stress'"),
    (lambda m: al.AllianceModel(monts=3), "did you mean 'months'"),
    (lambda m: al.reporters("focal.edbita"), "did you mean 'focal.ebitda'"),
])
def test_refusals(seasoned, write, said):
    with pytest.raises(al.AllysimError, match=said) as caught:
        write(seasoned)
    assert "\n" not in str(caught.value) and seasoned.state.firms.cash[1] != 5


def test_unknown_attributes_are_attribute_errors(seasoned):
    with pytest.raises(AttributeError, match="a firm has no 'csh'; did you mean 'cash'"):
        _ = seasoned.firm(1).csh
    assert not hasattr(seasoned.alliances[0], "colour")


def test_levers_that_refusals_name_exist():
    groups = ("strategy",)
    for lever in LEVERS.values():
        assert lever.partition(" ")[0] in (*settable(), *groups)


def test_how_things_print(seasoned):
    assert repr(seasoned).startswith("<AllianceModel: month 18 of 60, 30 firms, ")
    firm = seasoned.firm(3)
    assert repr(firm) == f"<Firm 3: {firm.size}, {firm.segment}, {firm.revenue:,.0f} k€/month>"
    pool = next(alliance for alliance in seasoned.alliances if alliance.type == "procurement")
    assert repr(pool).startswith(f"<Alliance {pool.row}: procurement, ")
    lines = seasoned.schedule().splitlines()
    assert len(lines) == len(seasoned.phases) == 11 and lines[1].startswith(" 2  market ")


def test_an_alliance_by_hand_until_it_ends():
    model = made(**{"strategy": "stand_alone", "background.strategy": "stand_alone"})
    alliance = model.form_alliance(["Firm 1", 2, model.firm(5)], stage="running")
    assert [firm.slot for firm in alliance.firms] == [1, 2, 5] and alliance.stage == "running" and alliance.go == 0
    assert model.firm(1).partners == [model.firm(2), model.firm(5)]
    model.step()
    assert model.firm(2).saving >= 0 and model.alliances == [alliance]
    model.state.alliances.ending[alliance.row] = 2
    model.step()
    assert model.alliances == [] and alliance.stage == "ended" and alliance.ended == 2 and alliance.firms == []


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_goes_on_with_the_same_luck(copied):
    model = made(6, **EXITS)
    assert model.agents
    twin = copied(model)
    for _ in range(12):
        twin.step()
    assert (model.month, twin.month) == (6, 18)
    assert all(firm.model is twin and firm.alive for firm in twin.agents)
    for _ in range(12):
        model.step()
    assert twin.results().series.equals(model.results().series)


def test_run_model_ends_with_the_scenario():
    model = al.AllianceModel("supply_stress", months=5, **{"firms.n": 12})
    model.run_model()
    assert model.month == 5 and not model.running
    assert set(model.time_phases(1)) == {phase.__name__ for phase in model.phases} | {"rest"} and model.month == 6


def test_a_collector_sees_month_0_and_every_month():
    collector = mesa.DataCollector({**al.reporters(), "month": "month"}, {"cash": "cash"})
    model = al.AllianceModel(months=6, rng=2, datacollector=collector, **{"firms.n": 12, "firms.focal": 4})
    model.run_model()
    found, series = collector.get_model_vars_dataframe(), model.results().series
    assert list(found["month"]) == list(range(7))
    assert found[series.columns].astype(float).equals(series.astype(float))
    assert len(collector.get_agent_vars_dataframe()) == 7 * 12


def test_without_a_collector_there_is_none(seasoned):
    assert seasoned.datacollector is None


def test_a_subclass_may_collect_by_itself():
    class Mine(al.AllianceModel):
        def __init__(self):
            super().__init__(months=4, **{"firms.n": 12})
            self.datacollector = mesa.DataCollector({"alliances": lambda m: len(m.alliances)})

        def step(self):
            super().step()
            self.datacollector.collect(self)

    model = Mine()
    model.run_model()
    assert len(model.datacollector.get_model_vars_dataframe()) == 4


def test_reporters_of_a_model_without_focal_firms():
    reporters = al.reporters("focal.survival", "population.survival")
    collector = mesa.DataCollector(reporters)
    al.AllianceModel(datacollector=collector, **{"firms.n": 8, "firms.focal": 0})
    found = collector.get_model_vars_dataframe()
    assert np.isnan(found["focal.survival"][0]) and found["population.survival"][0] == 1
