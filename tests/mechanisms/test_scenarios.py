"""What scenarios move, each driver by itself: numbers by hand, the sign of every lever, and no two worlds alike."""

import functools
import itertools
import math

import numpy as np
import pytest

import allysim as al
from allysim.config import presets
from allysim.config.world import Drivers
from allysim.mechanisms.demand import mark_up_price, turned
from allysim.mechanisms.environment import cycle_factor, slump_factor
from allysim.phases.environment import moves
from allysim.rules.market import Cournot, Logit, in_month

MONTHS = 36
QUIET = {
    "firms.n": 12, "firms.focal": 4, "environment.demand_noise": 0.0, "environment.price_noise": 0.0,
    "environment.disruption_rate": 0.0, "strategy": "stand_alone", "background.strategy": "stand_alone",
    "demography.exit_incumbent": 0.0, "demography.ruin": False, "customers.launch_gain": 0.0,
    "learning.progress_ratio": 1.0, "purchasing.discount": 0.0,
}
"""Nothing moves but what is said to."""


def lived(months, seen, **settings):
    """What is `seen` of the state of a quiet world after each month, month 0 first."""
    model = al.AllianceModel(al.scenario(**{**QUIET, **settings}), rng=1)
    found = [seen(model.state)]
    for _ in range(months):
        model.step()
        found.append(seen(model.state))
    return np.array(found)


# By hand

def test_a_slump_month_by_month():
    """Half is lost in 2 months from month 3 on; 1 month more at the bottom; back in 4."""
    rules = Drivers(slump=.5, slump_from=3, slump_fall=2, slump_stay=1, slump_recovery=4)
    found = [slump_factor(month, rules) for month in range(12)]
    assert found == pytest.approx([1, 1, 1, .75, .5, .5, .625, .75, .875, 1, 1, 1], abs=1e-15)


def test_a_cycle_month_by_month():
    """A quarter of its 8 months on it is at its height, half of them on where it began; from its height it falls."""
    rules = Drivers(price_cycle=.2, price_cycle_months=8)
    found = [cycle_factor(month, rules) for month in (0, 2, 4, 6, 8)]
    assert found == pytest.approx([1, math.exp(.2), 1, math.exp(-.2), 1], rel=1e-14)
    from_above = [cycle_factor(month, rules._replace(price_cycle_phase=2)) for month in (0, 2, 4, 6, 8)]
    assert from_above == pytest.approx([1, math.exp(-.2), math.exp(-.4), math.exp(-.2), 1], rel=1e-14)


def test_demand_in_the_world():
    """Demand of each month is the stated part of what it was, and where nothing is lost, all of it, to the bit."""
    found = lived(60, lambda state: state.world.demand_factor.copy(), scenario="demand_slump")
    fall, back = np.arange(1, 7) / 6, np.arange(1, 25) / 24
    expected = np.concatenate([np.ones(12), 1 - .25 * fall, np.full(6, .75), 1 - .25 * (1 - back), np.ones(13)])
    assert found == pytest.approx(np.tile(expected[:, None], 4), abs=1e-14)
    assert (found[:12] == 1.0).all() and (found[47:] == 1.0).all()


def test_what_firms_sell_falls_as_demand_does():
    """Costs and prices stand still, so that sales move to three quarters; no share of a market changes."""
    slump = {"scenario": "demand_slump", "scenario.slump_stay": 36}
    found = lived(40, lambda state: np.stack([state.firms.target, state.firms.price]), **slump)
    assert found[40, 0] == pytest.approx(.75 * found[0, 0], rel=1e-9)
    assert found[40, 1] == pytest.approx(found[0, 1], rel=1e-9)


def test_input_prices_in_the_world():
    """Every firm pays the stated index, in each month, at month 0 as given."""
    found = lived(MONTHS, lambda state: state.firms.input_index.copy(), scenario="commodity_cycle",
                  **{"scenario.jumps": False})
    expected = np.exp(.2 * np.sin(2 * np.pi * np.arange(MONTHS + 1) / 60))
    assert found == pytest.approx(np.tile(expected[:, None], 12), rel=1e-14)


def test_alpha_in_the_wars_months_only():
    found = lived(48, lambda state: state.world.price_sensitivity, scenario="price_war")
    assert (found[:12] == 2.5).all() and (found[12:36] == 1.3 * 2.5).all() and (found[36:] == 2.5).all()


def test_a_war_lowers_mark_ups_and_nobody_stays_away():
    """Prices are where the first-order condition at 1.3 alpha puts them; at month 0's price utility is what it was.

    With all small, mark-ups fall by 1 - 1/1.3, prices by about .4 x .23, and buyers buy more, not less.
    """
    small = {"scenario": "price_war", "firms.n": 60, "firms.large_share": 0.0}
    model = al.AllianceModel(al.scenario(**{**QUIET, **small}), rng=1)
    firms, world = model.state.firms, model.state.world
    before = firms.price.copy(), firms.target.copy()
    for _ in range(12):
        model.step()
    alpha = 1.3 * 2.5
    utility = np.exp(firms.appeal + turned(alpha, 2.5) - alpha * firms.price)
    share = firms.attraction * utility[:, None] / (1.0 + world.inclusive_value)
    sbar = (world.market_size * share**2).sum(axis=1) / (world.market_size * share).sum(axis=1)
    assert firms.price == pytest.approx([mark_up_price(*each) for each in zip(
        firms.unit_cost, np.full(60, alpha), sbar, strict=True)], rel=1e-9)
    assert firms.target == pytest.approx((world.market_size * share).sum(axis=1), rel=1e-9)
    assert (firms.price - firms.unit_cost).mean() == pytest.approx(.4 / 1.3, rel=.05)
    assert (firms.price < before[0]).all() and firms.target.sum() > 1.1 * before[1].sum()
    assert turned(alpha, 2.5) - alpha == -2.5, "a price of 1 is worth what it was"


def test_the_month_after_a_war_is_as_if_there_had_been_none():
    """Prices and what they sell come back at once where nothing else was moved by it."""
    peace, war = (lived(40, lambda state: np.stack([state.firms.price, state.firms.target]), scenario=world)
                  for world in ("calm", "price_war"))
    assert war[36:] == pytest.approx(peace[36:], rel=1e-9) and not np.allclose(war[12:36], peace[12:36])


def test_a_war_under_cournot_turns_demand_about_month_zero():
    """P = a - b Q at 1.3 times the elasticity still goes through price 1 and what was sold then."""
    market = al.scenario(**{"rules.market": "cournot"}).market
    peace = Cournot(market.elasticity, market.outside_share)
    war = in_month(peace, market, 1.3)
    size = np.array([60.0, 20.0, 10.0, 30.0])
    (a, b), sold = war.inverse_demand(size), .5 * size.sum()
    assert a - b * sold == pytest.approx(1.0, rel=1e-14)
    assert (b * sold) == pytest.approx(1 / (1.3 * market.elasticity), rel=1e-14)
    assert in_month(war, market, 1.0) == peace and in_month(peace, market, 1.0) is peace
    assert in_month(Logit(2.5), market, 1.3) == Logit(3.25)


RULE = """
from dataclasses import dataclass
from allysim.rules.market import Logit, Clearing

@dataclass(frozen=True)
class Feels:
    price_sensitivity: float

    def clear(self, offers):
        return Logit(self.price_sensitivity).clear(offers)

@dataclass(frozen=True)
class Deaf:
    alpha: float = 2.5

    def clear(self, offers):
        return Logit(self.alpha).clear(offers)
"""


def test_a_users_market_is_at_war_where_it_has_a_price_sensitivity(tmp_path):
    """A rule with the field is the built-in one month by month; to one without it nothing happens."""
    path = tmp_path / "mine.py"
    path.write_text(RULE)
    feels, deaf, war, peace = (lived(15, lambda state: np.stack([state.firms.price, state.firms.target]), **settings)
                               for settings in (
        {"scenario": "price_war", "rules.market": f"{path}:Feels"},
        {"scenario": "price_war", "rules.market": f"{path}:Deaf"}, {"scenario": "price_war"}, {}))
    assert np.array_equal(feels, war) and np.array_equal(deaf, peace) and not np.array_equal(war, peace)


def test_a_users_series_takes_the_place_of_its_driver_only(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("month,driver,value\n20,price_sensitivity,1.1\n30,input_price,2\n")
    storm, own = (al.scenario("perfect_storm", **more) for more in ({}, {"scenario.path": path}))
    for month in (12, 19, 20, 29, 30, 31):
        found = moves(own, month)
        assert found.price_sensitivity == (1.1 if month >= 20 else 1.0)
        assert found.input_price == (2.0 if month >= 30 else 1.0)
        assert (found.jumps, found.price_step) == (False, 0.0)
        kept = {"price_sensitivity": 1.0, "input_price": 1.0, "jumps": False, "price_step": 0.0}
        assert found._replace(**kept) == moves(storm, month)._replace(**kept)
    path.write_text("month,driver,value\n2,demand.software,3\n")
    found = moves(al.scenario("perfect_storm", **{"scenario.path": path}), 24)
    assert found.demand == (.75, .75, 3 * .75, .75)
    assert (found.electric, found.software, found.regimes) == (0.0, 0.0, False)


# All eight

def test_calm_moves_nothing():
    calm, still = al.scenario("calm"), ((1.0,) * 4, 1.0, 1.0, 1.0, 0.0, False, 0.0, 0.0, False)
    assert {moves(calm, month) for month in range(1, 121)} == {still}


def test_there_are_eight():
    assert presets.names("scenario") == ("calm", "commodity_cycle", "demand_slump", "electric_shift", "perfect_storm",
                                         "price_war", "software_defined", "supply_stress")


@functools.cache
def driven(name):
    """What moves a world in each month, by its drivers and as its firms see it."""
    seen = lived(MONTHS, lambda state: np.concatenate([
        state.world.market_size * state.world.demand_factor, [state.world.price_sensitivity], state.firms.input_index,
        state.firms.disrupted]), scenario=name, **{"environment.disruption_rate": 1 / 44.4})
    scenario = al.scenario(name)
    return [moves(scenario, month) for month in range(1, MONTHS + 1)], seen


@pytest.mark.parametrize("pair", list(itertools.combinations(presets.names("scenario"), 2)), ids="-".join)
def test_no_two_scenarios_are_alike(pair):
    """Their drivers differ within 36 months, and so does what firms see of the world, on the same luck."""
    (one, seen), (other, also) = map(driven, pair)
    assert one != other and not np.array_equal(seen, also)


@pytest.mark.parametrize("name", [name for name in presets.names("scenario") if name != "calm"])
def test_what_a_scenario_is_about_names_what_it_moves(name):
    """Each driver by a word, its size, and the months in which it begins and ends."""
    about, set_to = presets.about("scenario", name), presets.load("scenario", name)
    words = {"electric": "lectric", "software": "oftware", "jumps": "jump", "price_step": "nput prices",
             "price_cycle": "cycle", "disruption_factor": "disruptions", "slump": "quarter",
             "price_war": "price sensitivity", "regimes": "for good"}
    assert [word for lever, word in words.items() if lever in set_to and word not in about] == []
    for lever in ("price_step_month", "disruption_from", "disruption_until", "slump_from", "price_war_from",
                  "price_war_until", "price_cycle_months"):
        assert lever not in set_to or str(set_to[lever]) in about, lever
    for lever in ("price_step", "price_cycle", "price_war"):
        assert lever not in set_to or f"{set_to[lever]:g}".lstrip("0") in about, lever


# Signs: a lever, what it moves, and which way

def slump(month=20, **settings):
    return slump_factor(month, Drivers(**{"slump": .3, **settings}))


def cycle(month=10, **settings):
    return cycle_factor(month, Drivers(**{"price_cycle": .2, **settings}))


def war(**settings):
    return mark_up_price(.6, moves(al.scenario(**{f"scenario.{k}": v for k, v in settings.items()}),
                                   20).price_sensitivity * 2.5, 0.0)


SIGNS = [
    ("scenario.slump lowers demand", -1, lambda: slump(slump=.1), lambda: slump(slump=.5)),
    ("scenario.slump_from puts it off", 1, lambda: slump(15, slump_from=12), lambda: slump(15, slump_from=14)),
    ("scenario.slump_fall slows it", 1, lambda: slump(14, slump_fall=1), lambda: slump(14, slump_fall=12)),
    ("scenario.slump_stay prolongs it", -1, lambda: slump(30, slump_stay=0), lambda: slump(30, slump_stay=24)),
    ("scenario.slump_recovery too", -1, lambda: slump(30, slump_recovery=6), lambda: slump(30, slump_recovery=60)),
    ("scenario.price_cycle makes prices swing", 1, lambda: cycle(price_cycle=.1), lambda: cycle(price_cycle=.4)),
    ("scenario.price_cycle_months slows them", -1, lambda: cycle(8, price_cycle_months=36),
     lambda: cycle(8, price_cycle_months=96)),
    ("scenario.price_cycle_phase sets out from a height", -1, lambda: cycle(price_cycle_phase=0),
     lambda: cycle(price_cycle_phase=15)),
    ("scenario.price_war lowers prices", -1, lambda: war(price_war=1.1), lambda: war(price_war=1.6)),
    ("scenario.price_war_from puts that off", 1, lambda: war(price_war=1.3, price_war_from=20),
     lambda: war(price_war=1.3, price_war_from=21)),
    ("scenario.price_war_until prolongs it", -1, lambda: war(price_war=1.3, price_war_until=19),
     lambda: war(price_war=1.3, price_war_until=20)),
]


@pytest.mark.parametrize(("sign", "low", "high"), [row[1:] for row in SIGNS], ids=[row[0] for row in SIGNS])
def test_sign(sign, low, high):
    assert sign * (high() - low()) > 0.0
