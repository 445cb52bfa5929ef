"""Benefits and yields by type of alliance: numbers by hand, and the cited sign of each lever, each by itself."""

import math

import numpy as np
import pytest

from allysim.config.parameters import Governance
from allysim.config.yields import Contract, Coopetition, Culture, Fit, Infrastructure, Research
from allysim.mechanisms import benefit, coopetition, infrastructure, research
from allysim.mechanisms.demand import importance
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND, by_type
from allysim.mechanisms.names import CAPABILITIES, SEGMENTS, WEIGHTS

TYPES = (PROCUREMENT, COOPETITION, RND, INFRASTRUCTURE)
DELTA, DEPRECIATION = .99, .0135
KEPT = DELTA * (1 - DEPRECIATION)


def test_types_by_number():
    assert [by_type(kind, 10.0, 11.0, 12.0, 13.0) for kind in TYPES] == [10.0, 11.0, 12.0, 13.0]


# F7 technology fit

@pytest.mark.parametrize(("first", "second", "far"), [
    ([.5, .5], [.5, .5], 0.0), ([.8, .1], [.2, .9], 1.0), ([.3] * 8, [.6] * 8, .5), ([.0, .3], [.0, .0], .5 / 2**.5)])
def test_distance_of_profiles(first, second, far):
    assert benefit.profile_distance(np.array(first), np.array(second), .6) == pytest.approx(far, rel=1e-14)


@pytest.mark.parametrize(("kind", "near", "far"), [
    (PROCUREMENT, 1.0, 1.0), (COOPETITION, 1 - .45**2, 1 - .55**2), (RND, 1 - 4 * .45**2, 0.0),
    (INFRASTRUCTURE, 1 - .45**2, 1 - .55**2)])
def test_the_inverted_u_of_technology_distance(kind, near, far):
    assert benefit.technology_fit(.45, kind, Fit()) == 1.0
    assert benefit.technology_fit(0.0, kind, Fit()) == pytest.approx(near, rel=1e-14)
    assert benefit.technology_fit(1.0, kind, Fit()) == pytest.approx(far, rel=1e-14, abs=1e-14)
    assert benefit.technology_fit(.2, kind, Fit(coopetition=0.0, rnd=0.0, infrastructure=0.0)) == 1.0


# F15 contract with trust, F16 culture

@pytest.mark.parametrize(("trust", "best"), [(.2, .16), (.5, .40), (.8, .64)])
def test_the_best_contract_is_more_complete_the_more_members_trust(trust, best):
    found = max(np.linspace(0, 1, 101), key=lambda c: benefit.contract_and_trust(c, trust, Contract()))
    assert found == pytest.approx(best, abs=.005)


def test_contract_and_trust_by_hand():
    assert benefit.contract_and_trust(0.0, .5, Contract()) == 1.0
    assert benefit.contract_and_trust(.5, .75, Contract()) == pytest.approx(
        math.exp(.2 * .5 + .6 * .25 + .4 * .5 * .25 - .25 * .25), rel=1e-14)
    off = Contract(completeness=0.0, trust=0.0, both=0.0, burden=0.0)
    assert benefit.contract_and_trust(Governance().completeness, .9, off) == 1.0


def test_cultural_discount_by_hand():
    assert benefit.cultural_discount(0.0, Culture()) == 1.0
    assert benefit.cultural_discount(1.0, Culture()) == pytest.approx(math.exp(-.7), rel=1e-14)
    assert benefit.cultural_discount(1.0, Culture(distance=0.0)) == 1.0


# F3, F24 what partners match of a member's own

@pytest.mark.parametrize("members", [2, 3, 8])
def test_equals_match_each_other_whole(members):
    assert benefit.matched(17.0, 17.0 * members, members) == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize(("costs", "parts"), [
    ([1.0, 100.0], [1.0, 2 / 101]), ([1.0, 1.0, 100.0], [1.0, 1.0, 3 / 2 * 2 / 102]), ([2.0, 3.0], [1.0, .8]),
    ([0.0, 5.0], [1.0, 0.0]), ([0.0, 0.0], [1.0, 1.0]), ([7.0], [1.0])])
def test_what_partners_match_by_hand(costs, parts):
    assert [benefit.matched(cost, sum(costs), len(costs)) for cost in costs] == pytest.approx(parts, rel=1e-14)


@pytest.mark.parametrize("rho", [0.0, .3, .8])
@pytest.mark.parametrize("costs", [[1.0, 1.0], [1.0, 2.0], [1.0, 10.0], [1.0, 1000.0], [1.0, 1.0, 50.0],
                                   [1.0, 20.0, 50.0], [3.0, 4.0, 5.0, 6.0]])
def test_unequal_members_save_about_what_pooling_their_reserves_can(costs, rho):
    """The standard deviation of a sum is what Eppen (1979) allows; matching stays close to it, and mostly below."""
    sizes = np.array(costs)
    together = np.full((sizes.size, sizes.size), rho) + (1 - rho) * np.eye(sizes.size)
    possible = sizes.sum() - (sizes @ together @ sizes)**.5
    part = 1 - coopetition.pooling_ratio(sizes.size, rho)
    saved = sum(benefit.matched(size, sizes.sum(), sizes.size) * part * size for size in sizes)
    assert .6 * possible <= saved <= 1.1 * possible


# F3 co-opetition

@pytest.mark.parametrize(("members", "rho", "left"), [(3, .3, .7303), (2, 0.0, 2**-.5), (4, 0.0, .5), (5, 1.0, 1.0)])
def test_pooled_reserves(members, rho, left):
    assert coopetition.pooling_ratio(members, rho) == pytest.approx(left, abs=5e-5)


@pytest.mark.parametrize("members", [2, 3, 5])
def test_pooling_is_that_of_the_standard_deviation_of_a_sum(members):
    rho = .3
    together = np.full((members, members), rho) + (1 - rho) * np.eye(members)
    assert coopetition.pooling_ratio(members, rho) == pytest.approx(together.sum()**.5 / members, rel=1e-14)


def test_reserve_cost_by_hand():
    assert coopetition.reserve_cost(100.0, 1.25, Coopetition()) == pytest.approx(30 * .2, rel=1e-14)
    assert coopetition.reserve_cost(100.0, 1.0, Coopetition()) == 0.0


def test_joint_marketing_by_hand():
    assert coopetition.joint_appeal(5, 0.0, Coopetition()) == pytest.approx(.10, rel=1e-14)
    assert coopetition.joint_appeal(5, 1.0, Coopetition()) == 0.0
    assert coopetition.lead_factor(3, Coopetition()) == pytest.approx(3**-.2, rel=1e-14)
    assert coopetition.lead_factor(3, Coopetition(lead_exponent=0.0)) == 1.0


# F24 shared infrastructure

def test_what_infrastructure_replaces():
    rules = Infrastructure()
    assert infrastructure.replaced(100.0, 0.0, 1.0, rules) == pytest.approx(10.0, rel=1e-14)
    assert infrastructure.replaced(100.0, 10.0, 1.0, rules) == pytest.approx(20 / 3, rel=1e-14)
    assert infrastructure.replaced(100.0, 0.0, 99.0, rules) == pytest.approx(30.0, rel=1e-14)  # never more than that
    assert infrastructure.replaced(100.0, 31.0, 1.0, rules) == 0.0
    assert infrastructure.replaced(100.0, 0.0, 1.0, Infrastructure(replaces=0.0)) == 0.0
    before = 0.0
    for _ in range(60):
        before += infrastructure.replaced(100.0, before, 1.0, rules)
    assert before == pytest.approx(30.0, rel=1e-9)


def test_rent_is_in_proportion_to_fixed_cost():
    assert infrastructure.rent(17.0, Infrastructure()) == pytest.approx(.04 * 150 / 8, rel=1e-14)
    assert infrastructure.rent(170.0, Infrastructure()) == pytest.approx(.4 * 150 / 8, rel=1e-14)


def test_outages_with_and_without_a_recovery_plan():
    assert infrastructure.outage_rates(Infrastructure()) == pytest.approx((.018, .002), rel=1e-13)
    planned = Infrastructure(recovery=True)
    assert infrastructure.outage_rates(planned) == pytest.approx((.018, .001), rel=1e-13)
    assert infrastructure.outage_loss(Infrastructure()) == pytest.approx(.10, rel=1e-14)
    assert infrastructure.outage_loss(planned) == pytest.approx(.04, rel=1e-13)


# F10, F11 R&D

def test_a_sprint_by_hand():
    assert research.success_chance(1.0, 1.0, Research()) == pytest.approx(1 - math.exp(-.3), rel=1e-14)
    assert research.success_chance(1.0, 0.0, Research()) == 0.0
    assert research.effective_research(1.0, 2.0, 0.0, Research()) == pytest.approx(1.5, rel=1e-14)
    assert research.capability_gain(.5, 1.0, Research()) == pytest.approx(.07, rel=1e-14)
    assert research.capability_gain(.9, 1.5, Research()) == pytest.approx(.07 * .2 * 1.5, rel=1e-13)
    assert research.capability_gain(.5, 1.0, Research(gain=1.0)) == .5  # z is 1 at most
    assert research.capability_gain(1.0, 1.0, Research()) == 0.0


def test_the_worth_of_sprinting_is_the_present_value_of_what_fades():
    stake, weight, rules = 12.0, 3.0, Research()
    added = rules.gain * 2 * stake * 1.5 * weight  # k€ a month, a success
    by_month = sum(added * KEPT**month for month in range(1, 3000))
    assert research.monthly_worth(stake, 1.5, KEPT, weight, rules) == pytest.approx(by_month / rules.sprint, rel=1e-12)


@pytest.mark.parametrize(("sprints", "successes", "last", "seen", "running", "chance"), [
    (0, 0, 0, 0, False, .5), (2, 1, 1, 0, False, 1.0), (2, 1, 1, 1, False, 1.0), (4, 0, 0, 0, False, .5),
    (4, 0, 0, 0, True, 0.0), (7, 1, 4, 1, True, .5), (8, 1, 4, 1, True, 0.0), (7, 1, 4, 0, True, 1.0),
    (5, 3, 5, 2, True, 1.0)])
def test_milestones(sprints, successes, last, seen, running, chance):
    assert research.milestones(sprints, successes, last, seen, False, running, Research()) == chance


def test_importance_of_a_capability_is_its_weight_where_a_firm_sells():
    hardware = CAPABILITIES.index("hardware")
    for s in range(len(SEGMENTS)):
        there = np.eye(len(SEGMENTS))[s]
        assert importance(there, np.full(4, 50.0), WEIGHTS, hardware) == pytest.approx(WEIGHTS[s, hardware], rel=1e-14)
    half = importance(np.array([1.0, 3.0, 0.0, 0.0]), np.array([3.0, 1.0, 9.0, 9.0]), WEIGHTS, hardware)
    assert half == pytest.approx((.45 + .20) / 2, rel=1e-14)


# The direct effect of each lever has the sign its source gives it.

def fitting(distance=.2, kind=COOPETITION, **settings):
    return benefit.technology_fit(distance, kind, Fit(**settings))


def contracted(completeness=.5, trust=.8, **settings):
    return benefit.contract_and_trust(completeness, trust, Contract(**settings))


def pooled(members=3, **settings):
    """k€ a month that a firm with a fixed cost of 100 saves by pooling its reserves."""
    rules = Coopetition(**settings)
    saved = 1.0 - coopetition.pooling_ratio(members, rules.correlation)
    return saved * coopetition.reserve_cost(100.0, 1.25, rules)


def sold(members=3, omega=.3, **settings):
    return coopetition.joint_appeal(members, omega, Coopetition(**settings))


def shared(before=0.0, good=1.0, **settings):
    return infrastructure.replaced(100.0, before, good, Infrastructure(**settings))


def rented(**settings):
    return infrastructure.rent(100.0, Infrastructure(**settings))


def outages(which, **settings):
    """Own (0) or common (1) outages a month."""
    return infrastructure.outage_rates(Infrastructure(**settings))[which]


def lost(**settings):
    return infrastructure.outage_loss(Infrastructure(**settings))


def success(good=1.0, effort=1.0, **settings):
    return research.success_chance(good, effort, Research(**settings))


def learned(capability=.5, others=2.0, **settings):
    rules = Research(**settings)
    return research.capability_gain(capability, research.effective_research(1.0, others, 0.0, rules), rules)


def worth(stake=10.0, effective=1.5, delta=DELTA, depreciation=DEPRECIATION, **settings):
    return research.monthly_worth(stake, effective, delta * (1 - depreciation), 3.0, Research(**settings))


UP, DOWN = 1, -1
SIGNS = {
    # Nooteboom et al. 2007: partners learn most at a middle distance, and in R&D most of all
    "distance first raises the fit (F7)": (UP, fitting, .0, .4),
    "distance then lowers the fit (F7)": (DOWN, fitting, .5, 1.0),
    "a best distance farther off lowers a near fit (F7)": (DOWN, lambda x: fitting(best=x), .3, .6),
    "psi of co-opetition lowers its fit (F7)": (DOWN, lambda x: fitting(coopetition=x), .5, 2.0),
    "psi of R&D lowers its fit (F7)": (DOWN, lambda x: fitting(kind=RND, rnd=x), 2.0, 6.0),
    "psi of infrastructure lowers its fit (F7)": (DOWN, lambda x: fitting(kind=INFRASTRUCTURE, infrastructure=x), .5,
                                                  2.0),
    "scale brings profiles closer (F7)": (
        DOWN, lambda x: benefit.profile_distance(np.array([.1, .2]), np.array([.3, .4]), x), .4, .8),
    # Poppo & Zenger 2002: contracts and trust are complements
    "trust raises benefits (F15)": (UP, lambda x: contracted(trust=x), .2, .8),
    "a contract helps the more, the more trust (F15)": (
        UP, lambda x: contracted(trust=x) / contracted(completeness=0.0, trust=x), .2, .8),
    "a contract that spells out too much burdens (F15)": (DOWN, contracted, .7, 1.0),
    "worth of completeness raises benefits (F15)": (
        UP, lambda x: benefit.contract_and_trust(.5, .8, Contract(completeness=x)), .1, .3),
    "worth of trust raises benefits (F15)": (UP, lambda x: benefit.contract_and_trust(.5, .8, Contract(trust=x)), .3,
                                             .9),
    "worth of both raises benefits (F15)": (UP, lambda x: contracted(both=x), .2, .6),
    "burden of a contract lowers benefits (F15)": (DOWN, lambda x: contracted(burden=x), .15, .35),
    # Lavie, Haunschild & Khanna 2012
    "cultural distance lowers benefits (F16)": (DOWN, lambda x: benefit.cultural_discount(x, Culture()), .1, .6),
    "cost of cultural distance lowers benefits (F16)": (
        DOWN, lambda x: benefit.cultural_discount(.4, Culture(distance=x)), .3, 1.1),
    # Eppen 1979
    "members raise what pooled reserves save (F3)": (UP, lambda x: pooled(members=x), 2, 5),
    "correlation lowers what pooled reserves save (F3)": (DOWN, lambda x: pooled(correlation=x), .1, .6),
    "cost of capacity raises what pooled reserves save (F3)": (UP, lambda x: pooled(capacity_cost=x), .2, .4),
    "members raise joint appeal": (UP, lambda x: sold(members=x), 2, 5),
    "the next member adds less appeal": (DOWN, lambda x: sold(members=x + 1) - sold(members=x), 2, 5),
    "overlap lowers joint appeal": (DOWN, lambda x: sold(omega=x), .1, .9),
    "joint marketing raises joint appeal": (UP, lambda x: sold(marketing=x), .02, .08),
    "members make leads cheaper": (DOWN, lambda x: coopetition.lead_factor(x, Coopetition()), 2, 5),
    "the exponent makes leads cheaper": (
        DOWN, lambda x: coopetition.lead_factor(3, Coopetition(lead_exponent=x)), .1, .4),
    # Fleming 1975 for the common cause
    "what is replaced saves (F24)": (UP, lambda x: shared(replaces=x), .05, .2),
    "benefit raises what is replaced (F24)": (UP, lambda x: shared(good=x), .5, 1.5),
    "what others replaced leaves less (F24)": (DOWN, lambda x: shared(before=x), .0, 20.0),
    "what can be replaced leaves more for a second (F24)": (UP, lambda x: shared(before=10.0, replaceable=x), .2, .5),
    "capital raises rent (F24)": (UP, lambda x: rented(capital=x), 75, 300),
    "users lower rent (F24)": (DOWN, lambda x: rented(users=x), 6, 12),
    "rent rate raises rent": (UP, lambda x: rented(rent=x), .02, .06),
    "a larger user to build for lowers rent": (DOWN, lambda x: rented(user_cost=x), 10, 30),
    "outages come more often (F24)": (UP, lambda x: sum(outages(k, outage=x) for k in (0, 1)), .01, .04),
    "a common cause takes from own outages (F24)": (DOWN, lambda x: outages(0, outage_common=x), .05, .2),
    "a common cause adds common outages (F24)": (UP, lambda x: outages(1, outage_common=x), .05, .2),
    "a recovery plan prevents common outages (F24)": (DOWN, lambda x: outages(1, recovery=x), False, True),
    "a better plan prevents more of them (F24)": (DOWN, lambda x: outages(1, recovery=True, recovery_common=x), .3, .7),
    "a recovery plan makes outages shorter (F24)": (DOWN, lambda x: lost(recovery=x), False, True),
    "a faster plan makes them shorter still (F24)": (DOWN, lambda x: lost(recovery=True, recovery_time=x), .4, .8),
    "an outage costs output": (UP, lambda x: lost(outage_loss=x), .05, .2),
    # Loury 1979: a Poisson race; Cohen & Levinthal 1989: absorption of others' research
    "intensity raises the chance of success (F10)": (UP, lambda x: success(intensity=x), .15, .6),
    "benefit raises the chance of success (F10)": (UP, lambda x: success(good=x), .5, 1.5),
    "effort raises the chance of success (F10)": (UP, lambda x: success(effort=x), .5, 1.5),
    "the next effort raises it less (F10)": (DOWN, lambda x: success(effort=x + 1) - success(effort=x), 0.0, 1.0),
    "gain raises what a success adds (F10)": (UP, lambda x: learned(gain=x), .04, .10),
    "who knows much already learns less (F10)": (DOWN, learned, .3, .8),
    "spillovers raise what a success adds (F11)": (UP, lambda x: learned(spillover=x), .05, .6),
    "partners' research raises what a success adds (F11)": (UP, lambda x: learned(others=x), 1.0, 4.0),
    "stake raises the worth of sprints (F6)": (UP, lambda x: worth(stake=x), 5.0, 20.0),
    "depreciation lowers the worth of sprints (F10)": (DOWN, lambda x: worth(depreciation=x), .008, .03),
    "patience raises the worth of sprints (F6)": (UP, lambda x: worth(delta=x), .98, .995),
    "longer sprints are worth less a month (F10)": (DOWN, lambda x: worth(sprint=x), 2, 6),
    "patience with R&D lets it pass reviews (F20)": (
        UP, lambda x: research.milestones(4, 0, 0, 0, False, True, Research(patience=x)), 2, 8),
    "a success since the last review is a go (F20)": (
        UP, lambda x: research.milestones(4, x, 1, 1, False, True, Research()), 1, 2),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
