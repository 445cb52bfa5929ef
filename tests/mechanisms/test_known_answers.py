"""Each mechanism called by itself gives the numbers that the equations give by hand, or by another method."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from allysim.config.parameters import (
    Administration,
    Choice,
    Conduct,
    Customers,
    Demography,
    Learning,
    Purchasing,
    Separation,
)
from allysim.mechanisms import (
    administration,
    belief,
    choice,
    conduct,
    demand,
    environment,
    kinds,
    learning,
    separation,
)
from allysim.mechanisms.purchasing import list_spend, pool_discount, price_rung
from allysim.mechanisms.trust import trust
from allysim.phases.assessment import fade

Q1 = Purchasing().first_rung


# F1 pooled purchasing

@pytest.mark.parametrize(("members", "saving"), [(2, .068), (3, .097), (5, .124), (10, .150)])
def test_equal_members_at_the_first_rung_save(members, saving):
    alone, pooled = price_rung(Q1, Purchasing()), price_rung(members * Q1, Purchasing())
    assert alone == 1.0
    assert pool_discount(alone, pooled, 1.0, True, Purchasing()) == pytest.approx(saving, abs=5e-4)


def test_the_price_schedule_by_hand():
    assert price_rung(Q1 / 2, Purchasing()) == 1.0
    assert price_rung(4 * Q1, Purchasing(discount=.2, steepness=.5)) == pytest.approx(1 - .2 * (1 - 1 / 2), rel=1e-15)


@pytest.mark.parametrize("spend", [.1, 29.9, 30., 30.1, 45., 300., 1e6])
def test_list_spend_undoes_the_discount(spend):
    paid = spend * price_rung(spend, Purchasing())
    assert list_spend(paid, Purchasing()) == pytest.approx(spend, rel=1e-13)


def test_a_pool_saves_nothing_without_leverage_and_never_more_than_the_greatest_discount():
    assert pool_discount(.95, .85, 1.3, False, Purchasing()) == 0.0
    assert pool_discount(.95, .85, 1.3, True, Purchasing()) == pytest.approx(.13, rel=1e-12)
    assert pool_discount(.95, .85, 9.0, True, Purchasing()) == pytest.approx(.15, rel=1e-12)


# F2 learning

def test_learning_by_hand():
    assert learning.learning_factor(1.7, 1.7, Learning()) == 1.0
    assert learning.learning_factor(2.0, 1.0, Learning(progress_ratio=.85)) == pytest.approx(.85, rel=1e-14)
    assert learning.learning_factor(4.0, 1.0, Learning(progress_ratio=.85)) == pytest.approx(.85**2, rel=1e-14)
    assert learning.learning_factor(.8, 1.0, Learning(progress_ratio=1.0)) == 1.0


# F5 trust

def after(months, good=0.0, bad=0.0, outcome=1.0):
    """Evidence after some more months of one outcome, faded by the engine's own kernel."""
    g, b = np.array([good]), np.array([bad])
    for _ in range(months):
        fade(1, .98, g, b)
        g += outcome
        b += 3 * (1 - outcome)
    return g[0], b[0]


def test_three_good_months_and_a_breach():
    assert trust(0.0, 0.0, .5, 4.0) == .5
    assert trust(*after(3), .5, 4.0) == pytest.approx(.71, abs=.005)
    assert trust(*after(12), .5, 4.0) == pytest.approx(.865, abs=5e-4)
    breached = after(1, *after(12), outcome=0.0)
    assert trust(*breached, .5, 4.0) == pytest.approx(.715, abs=5e-4)
    again = [trust(*after(months, *breached), .5, 4.0) for months in range(25)]
    assert next(months for months, x in enumerate(again) if x >= .8645) == 20


# F8 and F6 choice

@pytest.mark.parametrize(("mean", "sd"), [(3.0, 2.0), (-1.0, 2.0), (0.0, 1.0), (50.0, .5), (-8.0, 3.0)])
def test_moments_of_an_option_against_integration(mean, sd):
    def moment(k):
        weighed = lambda v: v**k * stats.norm.pdf(v, mean, sd)  # noqa: E731
        return integrate.quad(weighed, max(0.0, mean - 12 * sd), max(0.0, mean) + 12 * sd, epsabs=1e-13)[0]

    first, variance = choice.option_moments(mean, sd)
    assert first == pytest.approx(moment(1), abs=1e-9)
    assert variance == pytest.approx(moment(2) - moment(1) ** 2, abs=1e-8)


def test_an_option_without_risk_is_taken_or_left():
    assert choice.option_moments(3.0, 0.0) == (3.0, 0.0)
    assert choice.option_moments(-3.0, 0.0) == (0.0, 0.0)


def test_annuity():
    assert choice.annuity(3, .99) == pytest.approx(.99 + .99**2 + .99**3, rel=1e-14)
    assert choice.annuity(60.0, 1.0) == 60.0


def test_certainty_equivalent_by_hand():
    """A sure thing is worth its present value; risk costs r / 2W of its variance."""
    sure, gross = choice.certainty_equivalent(5.0, 2.0, 40.0, 0.0, .9, 2.0, 100.0)
    assert (sure, gross) == pytest.approx((2 + .9 * 40 - 5, 2 + .9 * 40))
    risky, _ = choice.certainty_equivalent(5.0, 2.0, 40.0, 1.0, .9, 2.0, 100.0)
    assert sure - risky == pytest.approx(2 / (2 * 100) * .9**2 * 1.0, rel=1e-6)


# F13 conduct

def test_threshold_of_defection_by_hand():
    """(2 - .6) .98/.02 + .5 x 10 + 4 x .6 x .5 x 2 = 68.6 + 5 + 2.4."""
    assert conduct.threshold(2.0, .98, .5, 10.0, .6, .5, Conduct()) == pytest.approx(76.0, rel=1e-12)
    assert conduct.mean_temptation(0, 2.0, 3, Conduct()) == pytest.approx(6.7 * 2 * 1.1, rel=1e-14)
    assert conduct.detection(.5, Conduct()) == pytest.approx(.5, rel=1e-14)
    assert conduct.detection(1.0, Conduct(detection=.9)) == 1.0
    assert conduct.discount(.99, .004, Conduct()) == pytest.approx(.99 * .99, rel=1e-14)
    assert conduct.discount(.99, 1.0, Conduct()) == 0.0


@pytest.mark.parametrize(("discounted", "low", "high"), [(.975, .03, .07), (.97, .14, .22), (.95, .5, 1.0)])
def test_defection_is_very_sensitive_to_the_discount_factor(discounted, low, high):
    """Three members, 36 months, no penalty, trust .8, honesty .5, temptation 3.5: 5 %, 18 %, most see a defection."""
    rules = Conduct(temptation=3.5)
    least = conduct.threshold(1.0, discounted, .3, 0.0, .8, .5, Conduct())
    monthly = math.exp(-least / conduct.mean_temptation(0, 1.0, 3, rules))
    assert low < 1 - (1 - monthly) ** (3 * 36) < high


def test_grim_trigger_of_the_payoffs_72_64_57():
    """Temptation over reward beats the future where delta < 8/15: the threshold's own algebra, pi_P = 57/64."""
    settings = Conduct(punished_gain=57 / 64, loyalty=0.0)
    for delta, sustained in ((8 / 15 - 1e-9, False), (8 / 15 + 1e-9, True)):
        assert (conduct.threshold(64.0, delta, 0.0, 0.0, .5, .5, settings) > 72 - 64) is sustained


def test_expected_loss_against_simulation():
    """1.25 E[M; M > threshold] x life by 10^6 exponential draws, to four standard errors (error rate 6e-5)."""
    settings, plan = Conduct(temptation=20.0), Choice()
    dh = conduct.discount(settings.delta, 1 / plan.expected_life, settings)
    least = conduct.threshold(1.0, dh, .5, 2.0, .6, plan.honesty, settings)
    m = np.random.default_rng(1).exponential(conduct.mean_temptation(0, 1.0, 3, settings), 1_000_000)
    taken = np.where(m > least, m, 0.0) * 1.25 * 40.0
    loss = conduct.expected_loss(0, 1.0, 3, .5, 2.0, .6, 40.0, settings, plan)
    assert loss == pytest.approx(taken.mean(), abs=4 * taken.std() / 1000)
    assert conduct.expected_loss(0, -1.0, 3, .5, 2.0, .6, 40.0, settings, plan) == 0.0


# F14 governance

def cost(mode, members, trusted=.5, revenue=60.0, completeness=.5):
    return administration.governance_cost(0, mode, members, completeness, trusted, revenue, Administration())


def test_modes_of_governance_cost_the_same_at_six_and_fifteen():
    assert cost(0, 6) == pytest.approx(cost(1, 6), rel=1e-14)
    assert cost(1, 15) == pytest.approx(cost(2, 15), rel=1e-14)
    assert cost(0, 5) < cost(1, 5) and cost(1, 14) < cost(2, 14) and cost(2, 16) < cost(1, 16)


def test_governance_cost_by_hand():
    """Shared, three members: (.15 + .15) (.5 + .5) exp(-4.5 x .1) sqrt(240/60)."""
    assert cost(0, 3, .6, 240.0) == pytest.approx(.3 * math.exp(-.45) * 2, rel=1e-14)


def test_governance_cost_by_type():
    costs = [administration.governance_cost(kind, 0, 3, .5, .5, 60.0, Administration()) for kind in range(4)]
    assert costs == pytest.approx([.3 * factor for factor in (1.0, 1.5, 3.0, 2.0)], rel=1e-14)


def test_what_differs_by_type():
    assert [kinds.by_type(kind, 1.0, 2.0, 3.0, 4.0) for kind in range(4)] == [1.0, 2.0, 3.0, 4.0]
    assert [conduct.mean_temptation(kind, 1.0, 2, Conduct()) for kind in range(4)] == [6.7, 6.7, 3.8, 6.7]
    base = separation.loglogistic_hazard(24, Separation().scale, Separation().shape)
    hazards = [separation.separation_hazard(kind, 24, 0.0, 2, Separation()) for kind in range(4)]
    assert hazards == pytest.approx([base * factor for factor in (.7, 1.2, 1.3, .5)], rel=1e-13)


# F17 and F25 hazards

def test_log_logistic_survival_against_its_closed_form():
    """Monthly steps of the hazard against 1 / (1 + (t/scale)^shape), which they approach to .01."""
    scale, shape = 60.0, 1.6
    alive = np.cumprod([1 - separation.loglogistic_hazard(t - .5, scale, shape) for t in range(1, 241)])
    months = np.arange(1, 241)
    assert np.abs(alive - 1 / (1 + (months / scale) ** shape)).max() < .01
    assert separation.loglogistic_hazard(0, scale, shape) == 0.0


def test_factors_of_the_separation_hazard():
    settings = Separation()
    base = separation.loglogistic_hazard(24, settings.scale, settings.shape)
    assert separation.separation_hazard(0, 24, 0.0, 2, settings) == pytest.approx(.7 * base, rel=1e-13)
    assert separation.separation_hazard(0, 24, 1.0, 4, settings) == pytest.approx(.7 * base * 1.8 * 1.1**2, rel=1e-13)


def test_exit_hazard_by_hand():
    assert separation.exit_hazard(0, 500, Demography()) == .0018
    assert separation.exit_hazard(1, 0, Demography()) == pytest.approx(.006 + .017)
    assert separation.exit_hazard(3, 20, Demography()) == pytest.approx(.006 + .017 * math.exp(-1))


# F20 belief

def test_posterior_by_hand():
    """Prior .05, .08^2; three signals of mean .10 with variance .06^2 + .1^2/3 = .0069333: weight .48."""
    mean, variance = belief.posterior(.05, .0064, .3, 3, .06, .1)
    assert (mean, variance) == pytest.approx((.05 + .48 * .05, .48 * .0208 / 3), rel=1e-12)
    assert belief.posterior(.05, .0064, 0.0, 0, .06, .1) == (.05, .0064)
    assert belief.posterior(.05, 0.0, .3, 3, 0.0, 0.0) == (.05, 0.0)


def test_signals_never_tell_more_than_their_persistent_error():
    _, variance = belief.posterior(.05, .0064, .1 * 10**6, 10**6, .06, .1)
    assert variance == pytest.approx(1 / (1 / .0064 + 1 / .0036), rel=1e-3)


def test_chance_above():
    assert belief.chance_above(.02, .02, .1) == .5
    assert belief.chance_above(.02, .15, .1) == pytest.approx(stats.norm.cdf(1.3), abs=1e-14)
    assert (belief.chance_above(.02, .03, 0.0), belief.chance_above(.02, .02, 0.0)) == (1.0, 0.0)


# F22 demand

def market(seed, n=40, segments=4):
    """Random attractions and revenues, and the market they are calibrated to."""
    random = np.random.default_rng(seed)
    revenue = np.exp(random.normal(4, 1, n))
    attraction = np.exp(random.normal(0, 1.5, (n, segments)))
    size = revenue.sum() * np.array([.55, .15, .10, .20])[:segments] / .5
    appeal = np.empty(n)
    assert demand.calibrate(attraction, revenue, size, .5, 2.5, appeal) > 0
    return attraction, appeal, size, revenue


def shares(attraction, appeal, price):
    utility = attraction * np.exp(appeal - 2.5 * price)[:, None]
    return utility / (1 + utility.sum(axis=0))


@pytest.mark.parametrize("seed", range(5))
def test_calibration_returns_revenues_and_the_outside_share(seed):
    attraction, appeal, size, revenue = market(seed)
    share = shares(attraction, appeal, 1.0)
    assert share @ size == pytest.approx(revenue, rel=1e-9)
    assert share.sum(axis=0) == pytest.approx(.5, rel=1e-9)


def clear(attraction, appeal, size, unit_cost, price=1.0, own_demand=0.0):
    n = len(unit_cost)
    price, target, inclusive = np.full(n, price), np.empty(n), np.empty(len(size))
    rounds, _ = demand.clear_logit(attraction, appeal, np.zeros(n), unit_cost, np.full(n, own_demand), size, 2.5,
                                   price, target, inclusive)
    return rounds, price, target


@pytest.mark.parametrize("seed", range(5))
def test_prices_meet_the_first_order_condition_of_profit(seed):
    """The mark-up's own form, and the derivative of profit in the firm's price by central differences."""
    attraction, appeal, size, _ = market(seed)
    unit_cost = np.random.default_rng(seed + 100).uniform(.3, .8, len(appeal))
    rounds, price, target = clear(attraction, appeal, size, unit_cost)
    share = shares(attraction, appeal, price)
    assert 0 < rounds <= 20
    assert target == pytest.approx(share @ size, rel=1e-12)
    squared = (share**2 @ size) / (share @ size)
    assert price - unit_cost == pytest.approx(1 / (2.5 * (1 - squared)), abs=1e-9)
    for i in (0, 7):
        profit = []
        for step in (-1e-5, 1e-5):
            moved = price.copy()
            moved[i] += step
            profit.append((moved[i] - unit_cost[i]) * (shares(attraction, appeal, moved) @ size)[i])
        assert (profit[1] - profit[0]) / 2e-5 == pytest.approx(0.0, abs=1e-6 * target[i])


@pytest.mark.parametrize("firms", [1, 2, 3])
def test_a_firm_that_dominates_its_market_finds_its_price(firms):
    """Where sbar is above 1/2 the bare mark-up iteration swings for ever; the price exists all the same."""
    attraction, appeal = np.ones((firms, 1)), np.zeros(firms)
    appeal[0] = 8.0
    rounds, price, _ = clear(attraction, appeal, np.array([100.0]), np.full(firms, .5))
    share = shares(attraction, appeal, price)[0, 0]
    assert share > .6
    assert 0 < rounds <= 60
    assert price[0] == pytest.approx(.5 + 1 / (2.5 * (1 - share)), abs=1e-9)


def test_a_firm_priced_out_of_sight_sells_nothing():
    _, price, target = clear(np.ones((2, 1)), np.zeros(2), np.array([100.0]), np.array([.5, 1e4]))
    assert np.isfinite(price).all()
    assert target[1] == 0.0 < target[0]


def test_a_cost_rise_for_all_is_passed_on_in_part():
    """10 % on everyone's cost raises prices by about 6 % and lowers output by about 7 % (100 firms)."""
    attraction, appeal, size, revenue = market(1, n=100)
    share = shares(attraction, appeal, 1.0)
    unit_cost = 1 - 1 / (2.5 * (1 - (share**2 @ size) / (share @ size)))
    _, price, target = clear(attraction, appeal, size, unit_cost)
    assert price == pytest.approx(1.0, abs=1e-9) and target == pytest.approx(revenue, rel=1e-9)
    _, dearer, less = clear(attraction, appeal, size, 1.1 * unit_cost)
    assert .055 < dearer.mean() - 1 < .065
    assert -.08 < less.sum() / target.sum() - 1 < -.06


def test_an_entrants_appeal_sells_what_it_is_to_sell():
    attraction, appeal, size, _ = market(2)
    others = (attraction * np.exp(appeal - 2.5)[:, None]).sum(axis=0)
    own = np.array([2.0, .5, .1, 1.0])
    for price in (1.0, 300.0):
        found = demand.appeal_for_sales(own, others, size, 30.0, price, 2.5)
        utility = own * math.exp(found - 2.5 * price)
        assert (size * utility / (1 + others + utility)).sum() == pytest.approx(30.0, rel=1e-9)
    assert math.isnan(demand.appeal_for_sales(own, others, size, size.sum() * 1.01, 1.0, 2.5))


def test_overlap_of_markets():
    attraction, _, size, _ = market(3)
    values = [demand.overlap(a, b, size) for a, b in pairwise(attraction)]
    assert all(0 <= x <= 1 for x in values)
    assert demand.overlap(attraction[0], 5 * attraction[0], size) == pytest.approx(1.0, abs=1e-15)
    assert demand.overlap(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.ones(2)) == 0.0


# F23 environment and the fading of launches

def test_autoregression():
    assert environment.autoregress(.5, .9, .03) == pytest.approx(.48)


def test_disruptions_are_geometric_with_the_given_mean():
    """Lengths at 10^5 evenly spaced quantiles: mean 1.5, two thirds last one month."""
    months = np.array([environment.disruption_months(p, 1.5) for p in (np.arange(100_000) + .5) / 100_000])
    assert months.min() == 1
    assert months.mean() == pytest.approx(1.5, abs=1e-3)
    assert (months == 1).mean() == pytest.approx(2 / 3, abs=1e-4)
    assert environment.disruption_months(.999, 1.0) == 1


def test_launched_appeal_is_where_fading_and_launching_balance():
    settings = Customers()
    appeal = environment.launched_appeal(0, settings)
    for age in range(settings.launch_months):
        assert environment.launched_appeal(age, settings) == pytest.approx(appeal, rel=1e-12)
        appeal *= 1 - settings.launch_fade
    assert appeal + settings.launch_gain == pytest.approx(environment.launched_appeal(0, settings), rel=1e-12)
