"""R&D in large steps, whose research helps whom and who keeps what: known answers and signs, each called by itself."""

import math

import numpy as np
import pytest

from allysim.config.protection import OWNERS, Capability, Leaks
from allysim.config.yields import Research
from allysim.draws import normal_quantile
from allysim.mechanisms import ownership, radical, research
from allysim.phases.sprints import do_research, lose

LUCK = [normal_quantile((k + .5) / 2000) for k in range(2000)]
"""As good as N(0, 1) to take a mean over."""


def mean_gain(capability=.5, effective=1.5, benefit=1.0, effort=1.0, **settings):
    """Return what a radical sprint adds on average, over success and the size of it."""
    rules = Research(**settings)
    often = radical.odds(benefit, effort, rules)
    gains = [radical.radical_gain(capability, effective, often, luck, rules) for luck in LUCK]
    return radical.radical_chance(benefit, effort, rules) * np.mean(gains)


# F10 radical R&D

def test_a_radical_sprint_by_hand():
    assert radical.radical_chance(1.0, 1.0, Research()) == pytest.approx(1 - math.exp(-.1), rel=1e-14)
    assert radical.odds(1.0, 1.0, Research()) == pytest.approx((1 - math.exp(-.3)) / (1 - math.exp(-.1)), rel=1e-14)
    alike = Research(radical_intensity=1.0, radical_spread=0.0)
    assert radical.odds(1.3, .7, alike) == 1.0
    assert radical.radical_gain(.4, 1.5, 1.0, 2.0, alike) == pytest.approx(
        research.capability_gain(.4, 1.5, alike), rel=1e-14)
    assert radical.radical_gain(.4, 0.0, 2.7, 1.0, Research()) == 0.0
    assert radical.radical_gain(.4, 99.0, 2.7, -3.0, Research()) == .6  # all that it lacks, and no more


@pytest.mark.parametrize("spread", [.05, .5, .9, 3.0])
@pytest.mark.parametrize("mu", [-8.0, -1.0, 0.0, 1.5])
def test_expected_part_is_the_mean_of_a_lognormal_with_a_ceiling(mu, spread):
    z = np.linspace(-12, 12, 400_001)
    density = np.exp(-.5 * z**2) / math.sqrt(2 * math.pi)
    mean = np.trapezoid(np.minimum(1.0, np.exp(mu + spread * z)) * density, z)
    assert radical.expected_part(mu, spread) == pytest.approx(mean, rel=1e-7)


@pytest.mark.parametrize("part", [1e-6, .02, .3, .57, .9, .9999])
@pytest.mark.parametrize("spread", [.05, .9, 3.0])
def test_the_median_gives_back_the_mean(part, spread):
    assert radical.expected_part(radical.log_median(part, spread), spread) == pytest.approx(part, rel=1e-11)


@pytest.mark.parametrize("capability", [.1, .5, .95])
@pytest.mark.parametrize(("benefit", "effort"), [(1.0, 1.0), (.4, 1.0), (1.6, .5)])
def test_a_sprint_adds_as_much_on_average_in_large_steps_as_in_small_ones(capability, benefit, effort):
    rules = Research()
    small = (research.success_chance(benefit, effort, rules) * research.capability_gain(capability, 1.5, rules))
    assert mean_gain(capability, benefit=benefit, effort=effort) == pytest.approx(small, rel=2e-3)


def test_z_is_one_at_most():
    assert radical.radical_gain(.5, 1.5, 2.7, 8.0, Research()) == .5


@pytest.mark.parametrize(("sprints", "successes", "last", "running", "chance"), [
    (0, 0, 0, False, .5), (1, 0, 0, False, 1.0), (1, 1, 1, False, 1.0), (11, 0, 0, True, .5), (12, 0, 0, True, 0.0),
    (13, 1, 2, True, .5)])
def test_milestones_of_radical_research(sprints, successes, last, running, chance):
    assert research.milestones(sprints, successes, last, successes, True, running, Research()) == chance


# F11 whose research helps whom

def test_effective_research_by_hand():
    rules = Research()
    assert research.effective_research(1.0, 2.0, 1.0, rules) == pytest.approx(1.0 + .25 * 2 + .05, rel=1e-14)
    assert research.effective_research(.7, 2.0, 1.0, Research(spillover=0.0, outside=0.0)) == .7
    assert research.openness(1.0, .6, rules) == pytest.approx(1 - .25 * .6, rel=1e-14)
    assert research.openness(.5, .6, rules) == pytest.approx(1 - .25 * .5, rel=1e-14)
    assert research.openness(1.0, 1.0, Research(tacit=0.0)) == research.openness(0.0, 1.0, rules) == 1.0


def at_work(teams, homes, targets, efforts=None, compartments=0.0, leaks=None, **settings):
    """Return effective and helped by membership of R&D alliances: the `teams` of firms at work on `targets`."""
    member = np.concatenate([np.array(team) for team in teams]).astype(np.int32)
    group = np.repeat(np.arange(len(teams)), [len(team) for team in teams]).astype(np.int32)
    m, n = member.size, len(homes)
    efforts = np.ones(m) if efforts is None else np.array(efforts, dtype=float)
    rnd = np.bincount(member, minlength=n).astype(np.int32)
    effort, effective, helped, learned, borrowed = np.zeros((5, m))
    do_research(efforts, np.arange(m, dtype=np.int32), group, len(teams), Research(**settings), leaks or Leaks(),
                Capability(), member, group, np.array(targets, dtype=np.int8), np.full(len(teams), compartments),
                np.array(homes, dtype=np.int32), rnd, np.full((n, 8), .4), effort, effective, helped, learned, borrowed)
    return effective, helped


def test_outsiders_are_of_ones_home_at_work_on_the_same():
    """Firms 0 and 1, 2 and 3, 4 and 5, 6 and 7 are partners; all work on capability 2 but the last two."""
    homes = [0, 0, 0, 1, 0, 1, 0, 1]
    effective, _ = at_work([(0, 1), (2, 3), (4, 5), (6, 7)], homes, [2, 2, 2, 3],
                           efforts=[1, 1, .5, 1, 1.5, 2, 1, 1])
    phi, out = .25, .05
    assert effective == pytest.approx([
        1 + phi + out * (.5 + 1.5) / 2, 1 + phi + out * (.5 + 1.5) / 2,
        .5 + phi + out * (1 + 1 + 1.5) / 3, 1 + phi * .5 + out * 2,
        1.5 + phi * 2 + out * (1 + 1 + .5) / 3, 2 + phi * 1.5 + out * 1, 1 + phi, 1 + phi], rel=1e-13)


def test_one_firm_more_outside_is_no_more_research():
    few = at_work([(0, 1), (2, 3)], [0] * 4, [1, 1])[0]
    many = at_work([(0, 1), *((k, k + 1) for k in range(2, 40, 2))], [0] * 40, [1] * 20)[0]
    assert many[0] == pytest.approx(few[0], rel=1e-13) and few[0] == pytest.approx(1.3, rel=1e-13)


def test_what_a_firm_does_in_two_alliances_is_its_own_and_no_outsiders():
    """Firm 0 divides its budget between two alliances: neither it nor partners there are outsiders to each other."""
    effective, _ = at_work([(0, 1), (0, 2)], [0, 0, 0], [4, 4])
    assert effective[0] == pytest.approx(1 + .25 + .05 * 1, rel=1e-13)   # firm 2, no partner in the first alliance
    assert effective[1] == pytest.approx(1 + .25 + .05 * 1, rel=1e-13)   # the same: firm 0 is its partner
    third = at_work([(0, 1), (0, 2), (3, 4)], [0] * 5, [4, 4, 4])[0]
    assert third[4] == pytest.approx(1 + .25 + .05 * (.5 + .5 + 1 + 1) / 3, rel=1e-13)  # firm 0 is one firm


def test_compartments_are_no_stronger_than_technical_control():
    able = 1.5 * .4
    _, helped = at_work([(0, 1, 2)], [0] * 3, [0], compartments=1.0)
    assert helped == pytest.approx([.25 * 2 * (1 - .25 * able)] * 3, rel=1e-13)
    _, helped = at_work([(0, 1, 2)], [0] * 3, [0], compartments=1.0, leaks=Leaks(control=1e6))
    assert helped == pytest.approx([.25 * 2 * .75] * 3, rel=1e-13)


# F10 the owner rule

@pytest.mark.parametrize(("owner", "leads", "lost"), [
    ("joint", False, 0.0), ("each_own", False, .03), ("each_own", True, .03), ("lead", False, .05),
    ("lead", True, 0.0)])
def test_what_a_leaver_loses(owner, leads, lost):
    assert ownership.lost_on_leaving(OWNERS.index(owner), leads, .1, .03, Research()) == pytest.approx(lost, rel=1e-14)


def leave(owner, rows=(0, 1, 2), developed=.1, **settings):
    """Let members of an alliance of firms 0 to 2 leave; return what they have then, who lost, and what it is worth."""
    n = 3
    table, born = np.zeros((n, 8)), np.full((n, 8), .5)
    table[:, 1] = developed
    capability, native = born + table, np.ones((n, 4))
    losers, worth = np.empty(n, dtype=np.int32), np.empty(n)
    count = lose(np.array(rows, dtype=np.int32), np.arange(n, dtype=np.int32), np.zeros(n, dtype=np.int32),
                 np.zeros(n, dtype=np.int32), np.full(n, .1), np.full(n, .03), np.zeros(1, dtype=np.int32),
                 np.array([OWNERS.index(owner)], dtype=np.int8), np.ones(1, dtype=np.int8), Research(**settings), 3.0,
                 2.5, np.ones(4), np.full(n, 50.0), born, table, capability, native, native.copy(),
                 np.zeros(n, dtype=np.bool_), losers, worth)
    return table[:, 1], losers[:count].tolist(), worth[:count]


def test_who_loses_what_on_leaving():
    kept, losers, worth = leave("each_own")
    assert kept == pytest.approx([.07] * 3) and losers == [0, 1, 2] and (worth > 0.0).all()
    kept, losers, _ = leave("lead")
    assert kept == pytest.approx([.1, .05, .05]) and losers == [1, 2]  # the first proposed it
    kept, losers, _ = leave("joint")
    assert kept == pytest.approx([.1] * 3) and not losers
    kept, losers, _ = leave("each_own", rows=[2])
    assert kept == pytest.approx([.1, .1, .07]) and losers == [2]
    kept, *_ = leave("lead", developed=.02)  # never below what it was born with
    assert kept == pytest.approx([.02, 0.0, 0.0])


# The direct effect of each lever has the sign its source gives it.

def surprises(**settings):
    """Standard deviation of what a radical success adds."""
    rules = Research(**settings)
    often = radical.odds(1.0, 1.0, rules)
    draws = [radical.radical_gain(.5, 1.5, often, z, rules) for z in np.linspace(-3, 3, 301)]
    return np.std(draws)


def mean_success(**settings):
    """What a radical success adds on average."""
    rules = Research(**settings)
    return mean_gain(**settings) / radical.radical_chance(1.0, 1.0, rules)


def helped(compartments=1.0, **settings):
    return at_work([(0, 1, 2)], [0] * 3, [0], compartments=compartments, **settings)[1][0]


def outside(effort=1.0, **settings):
    return at_work([(0, 1), (2, 3)], [0] * 4, [0, 0], efforts=[1, 1, effort, effort], **settings)[0][0]


def lost(owner="lead", leads=False, **settings):
    return ownership.lost_on_leaving(OWNERS.index(owner), leads, .1, .03, Research(**settings))


UP, DOWN = 1, -1
SIGNS = {
    # Scherer & Harhoff 2000: few large outcomes
    "radical research succeeds less often (F10)": (DOWN, lambda x: [research.success_chance, radical.radical_chance][x](
        1.0, 1.0, Research()), 0, 1),
    "a lambda_s less far off makes it succeed more often (F10)": (
        UP, lambda x: radical.radical_chance(1.0, 1.0, Research(radical_intensity=x)), .2, .5),
    "the rarer success is, the more it adds (F10)": (DOWN, lambda x: mean_success(radical_intensity=x), .2, .5),
    "spread makes what it adds uncertain (F10)": (UP, lambda x: surprises(radical_spread=x), .5, 1.3),
    "spread lowers its median (F10)": (
        DOWN, lambda x: radical.radical_gain(.5, 1.5, 2.7, 0.0, Research(radical_spread=x)), .5, 1.3),
    "luck raises what it adds (F10)": (UP, lambda x: radical.radical_gain(.5, 1.5, 2.7, x, Research()), -1.0, 1.0),
    "effective research raises what it adds (F10, F11)": (
        UP, lambda x: radical.radical_gain(.5, x, 2.7, 0.0, Research()), 1.0, 1.5),
    "patience with radical R&D lets it pass reviews (F20)": (
        UP, lambda x: research.milestones(9, 0, 0, 0, True, True, Research(radical_patience=x)), 8, 16),
    "a pilot of radical R&D need not have succeeded (F20)": (
        UP, lambda x: research.milestones(1, 0, 0, 0, x, False, Research()), False, True),
    # Cohen & Levinthal 1989, Jaffe 1986
    "compartments slow learning (F11)": (DOWN, lambda x: helped(compartments=x), 0.0, 1.0),
    "the more tacit, the more they slow it (F11)": (DOWN, lambda x: helped(tacit=x), .1, .5),
    "outsiders' research helps (F11)": (UP, lambda x: outside(effort=x), .5, 1.5),
    "outside spillovers raise what it helps (F11)": (UP, lambda x: outside(outside=x), 0.0, .2),
    # Aghion & Tirole 1994
    "what partners added is lost where each owns its own (F10)": (UP, lambda x: lost(["joint", "each_own"][x]), 0, 1),
    "what sprints added is lost where the lead owns it (F10)": (UP, lambda x: lost(["joint", "lead"][x]), 0, 1),
    "the lead itself loses nothing (F10)": (DOWN, lambda x: lost(leads=x), False, True),
    "what is ceded to the lead is lost (F10)": (UP, lambda x: lost(ceded=x), .25, .75),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
