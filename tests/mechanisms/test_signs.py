"""The direct effect of each lever has the sign its source gives it: one row per lever, a mechanism by itself.

What the levers do together, in a run, is a finding and is not tested here.
"""

import math

import numpy as np
import pytest

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
from allysim.mechanisms.administration import governance_cost
from allysim.mechanisms.belief import chance_above, posterior
from allysim.mechanisms.choice import annuity, certainty_equivalent, option_moments
from allysim.mechanisms.conduct import detection, discount, expected_loss, mean_temptation, threshold
from allysim.mechanisms.cournot import clear_cournot, inverse_demand
from allysim.mechanisms.demand import clear_logit, overlap
from allysim.mechanisms.environment import disruption_months, launched_appeal
from allysim.mechanisms.learning import learning_factor
from allysim.mechanisms.purchasing import pool_discount, price_rung
from allysim.mechanisms.separation import exit_hazard, loglogistic_hazard, separation_hazard
from allysim.mechanisms.trust import trust


def pooled(members=3, fit=1.0, **settings):
    purchasing = Purchasing(**settings)
    rung = price_rung(purchasing.first_rung, purchasing)
    return pool_discount(rung, price_rung(members * 30.0, purchasing), fit, True, purchasing)


def governed(mode=0, members=3, completeness=.5, trusted=.5, revenue=60.0, **settings):
    return governance_cost(mode, members, completeness, trusted, revenue, Administration(**settings))


def honest(gain=2.0, discounted=.98, detected=.5, penalty=10.0, trusted=.6, honesty=.5, **settings):
    """What must be offered before a member defects."""
    return threshold(gain, discounted, detected, penalty, trusted, honesty, Conduct(**settings))


def feared(detected=.5, penalty=5.0, trusted=.6, expected=.5, **settings):
    """What a partner is expected to take."""
    return expected_loss(1.0, 3, detected, penalty, trusted, 40.0, Conduct(**{"temptation": 20.0, **settings}),
                         Choice(honesty=expected))


def joined(setup=5.0, after=10.0, sd=20.0, delay=.97, risk_aversion=2.0, wealth=100.0):
    return certainty_equivalent(setup, 1.0, after, sd, delay, risk_aversion, wealth)[0]


def apart(months=24.0, shared=.5, members=3, **settings):
    return separation_hazard(months, shared, members, Separation(**settings))


def chance(mean=.1, prior_sd=.08, signals=3, noise=.1, persistent=.06):
    found, variance = posterior(.05, prior_sd**2, mean * signals, signals, persistent, noise)
    return chance_above(.02, found, math.sqrt(variance))


def learned(progress_ratio):
    return learning_factor(2.0, 1.0, Learning(progress_ratio=progress_ratio))


def market(what, alpha=2.5, cost=.6, appeal=1.0, rivals=5, rival_cost=.6):
    """Price (0) or demand (1) of the first of some firms."""
    n = rivals + 1
    price, target, inclusive = np.ones(n), np.empty(n), np.empty(1)
    costs = np.full(n, rival_cost)
    costs[0] = cost
    pulls = np.ones(n)
    pulls[0] = appeal
    clear_logit(np.ones((n, 1)), pulls, np.zeros(n), costs, np.zeros(n), np.array([100.0]), alpha, price, target,
                inclusive)
    return (price, target)[what][0]


def cournot(elasticity=1.25, cost=.6, rivals=5, rival_cost=.6, capacity=1e9):
    """Price, and quantity of the first of some firms in a linear Cournot market, 100 units at a price of 1."""
    costs, room, quantity = np.full(rivals + 1, rival_cost), np.full(rivals + 1, 1e9), np.empty(rivals + 1)
    costs[0], room[0] = cost, capacity
    return clear_cournot(costs, room, *inverse_demand(100.0, elasticity), quantity), quantity[0]


UP, DOWN = 1, -1
SIGNS = {
    # Schotanus, Telgen & de Boer 2009: discounts grow with pooled volume, ever more slowly
    "members raise the saving (F1)": (UP, lambda x: pooled(members=x), 2, 5),
    "the next member adds less (F1)": (DOWN, lambda x: pooled(members=x + 1) - pooled(members=x), 2, 5),
    "discount raises the saving (F1)": (UP, lambda x: pooled(discount=x), .1, .3),
    "steepness raises the saving (F1)": (UP, lambda x: pooled(steepness=x), .3, 1.0),
    "hidden fit raises the saving (F1)": (UP, lambda x: pooled(fit=x), .8, 1.2),
    "spend lowers the price (F1)": (DOWN, lambda x: price_rung(x, Purchasing()), 40.0, 400.0),
    # Argote & Epple 1990
    "experience lowers cost (F2)": (DOWN, lambda x: learning_factor(x, 1.0, Learning()), .8, 2.0),
    "a lower progress ratio lowers cost (F2)": (UP, learned, .75, .95),
    # Josang & Ismail 2002; Slovic 1993
    "good evidence raises trust (F5)": (UP, lambda x: trust(x, 1.0, .5, 4.0), 1.0, 5.0),
    "bad evidence lowers trust (F5)": (DOWN, lambda x: trust(1.0, x, .5, 4.0), 1.0, 5.0),
    "disposition raises trust (F5)": (UP, lambda x: trust(1.0, 1.0, x, 4.0), .3, .7),
    "prior weight slows trust (F5)": (DOWN, lambda x: trust(3.0, 0.0, .5, x), 2.0, 8.0),
    # Kogut 1991: an option gains from uncertainty; Arrow and Pratt: risk costs
    "uncertainty raises an option's value (F8)": (UP, lambda x: option_moments(1.0, x)[0], 1.0, 4.0),
    "risk aversion lowers what a pilot is worth (F8)": (DOWN, lambda x: joined(risk_aversion=x), 1.0, 4.0),
    "wealth raises what a pilot is worth (F8)": (UP, lambda x: joined(wealth=x), 50.0, 200.0),
    "set-up cost lowers what a pilot is worth (F18)": (DOWN, lambda x: joined(setup=x), 3.0, 30.0),
    "gain raises what a pilot is worth (F8)": (UP, lambda x: joined(after=x), 5.0, 20.0),
    "patience raises present value (F8)": (UP, lambda x: annuity(60.0, x), .98, .995),
    "expected life raises present value (F8)": (UP, lambda x: annuity(x, .99), 30.0, 90.0),
    # Friedman 1971: the shadow of the future, detection and punishment keep members honest
    "patience keeps members honest (F13)": (UP, lambda x: honest(discounted=x), .95, .98),
    "penalty keeps members honest (F13)": (UP, lambda x: honest(penalty=x), 0.0, 20.0),
    "detection keeps members honest (F13)": (UP, lambda x: honest(detected=x), .3, .7),
    "trust keeps members honest (F13)": (UP, lambda x: honest(trusted=x), .3, .8),
    "honesty keeps members honest (F13)": (UP, lambda x: honest(honesty=x), .2, .9),
    "loyalty keeps members honest (F13)": (UP, lambda x: honest(loyalty=x), 2.0, 8.0),
    "punished gain makes defection cheap (F13)": (DOWN, lambda x: honest(punished_gain=x), .1, .6),
    "dashboard raises detection (F13)": (UP, lambda x: detection(x, Conduct()), 0.0, 1.0),
    "residual hazard shortens the future (F13)": (DOWN, lambda x: discount(.99, x, Conduct()), 0.0, .02),
    "other hazard shortens the future (F13)": (DOWN, lambda x: discount(.99, 0.0, Conduct(other_hazard=x)), .003, .012),
    "members raise temptation (F13)": (UP, lambda x: mean_temptation(1.0, x, Conduct()), 2, 6),
    "temptation raises what is feared (F13)": (UP, lambda x: feared(temptation=x), 10.0, 40.0),
    "damage raises what is feared (F13)": (UP, lambda x: feared(damage=x), 1.0, 2.0),
    "penalty lowers what is feared (F13)": (DOWN, lambda x: feared(penalty=x), 0.0, 40.0),
    "detection lowers what is feared (F13)": (DOWN, lambda x: feared(detected=x, penalty=40.0), .3, .7),
    "trust lowers what is feared (F13)": (DOWN, lambda x: feared(trusted=x), .3, .8),
    "expected honesty lowers what is feared (F13)": (DOWN, lambda x: feared(expected=x), .2, .9),
    # Dyer & Chu 2003; Provan & Kenis 2008
    "trust lowers governance cost (F14)": (DOWN, lambda x: governed(trusted=x), .3, .8),
    "completeness raises governance cost (F14)": (UP, lambda x: governed(completeness=x), .2, .9),
    "members raise shared governance cost (F14)": (UP, lambda x: governed(members=x), 2, 8),
    "members lower a lead firm's cost per member (F14)": (DOWN, lambda x: governed(mode=1, members=x), 2, 8),
    "members lower an office's cost per member (F14)": (DOWN, lambda x: governed(mode=2, members=x), 2, 8),
    "size raises governance cost (F14)": (UP, lambda x: governed(revenue=x), 60.0, 600.0),
    # rivalry study in Management Science 1996
    "rivalry raises separation (F17)": (UP, lambda x: apart(shared=x), 0.0, 1.0),
    "members raise separation (F17)": (UP, lambda x: apart(members=x), 2, 6),
    "the separation hazard first rises (F17)": (UP, lambda x: loglogistic_hazard(x, 36.0, 1.6), 3.0, 20.0),
    "the separation hazard then falls (F17)": (DOWN, lambda x: loglogistic_hazard(x, 36.0, 1.6), 40.0, 120.0),
    "scale lowers separation (F17)": (DOWN, lambda x: apart(scale=x), 80.0, 300.0),
    # Bayes
    "good signals raise the chance of go (F20)": (UP, lambda x: chance(mean=x), .0, .2),
    "more good signals raise the chance of go (F20)": (UP, lambda x: chance(signals=x), 1, 12),
    "noise makes good signals worth less (F20)": (DOWN, lambda x: chance(noise=x), .05, .3),
    "persistent error makes good signals worth less (F20)": (DOWN, lambda x: chance(persistent=x), .03, .1),
    # logit with an outside good
    "cost raises price (F22)": (UP, lambda x: market(0, cost=x), .5, .7),
    "cost lowers demand (F22)": (DOWN, lambda x: market(1, cost=x), .5, .7),
    "appeal raises demand (F22)": (UP, lambda x: market(1, appeal=x), .5, 1.5),
    "appeal raises price (F22)": (UP, lambda x: market(0, appeal=x), .5, 1.5),
    "rivals lower price (F22)": (DOWN, lambda x: market(0, rivals=x), 1, 9),
    "rivals' cost raises demand (F22)": (UP, lambda x: market(1, rival_cost=x), .5, .7),
    "price sensitivity lowers price (F22)": (DOWN, lambda x: market(0, alpha=x), 1.5, 4.0),
    # Cournot 1838
    "cost raises the Cournot price (F22)": (UP, lambda x: cournot(cost=x)[0], .5, .7),
    "cost lowers Cournot sales (F22)": (DOWN, lambda x: cournot(cost=x)[1], .5, .7),
    "rivals lower the Cournot price (F22)": (DOWN, lambda x: cournot(rivals=x)[0], 1, 9),
    "rivals' cost raises Cournot sales (F22)": (UP, lambda x: cournot(rival_cost=x)[1], .5, .7),
    "elasticity lowers the Cournot price (F22)": (DOWN, lambda x: cournot(elasticity=x)[0], .75, 2.5),
    "capacity lowers the Cournot price (F22)": (DOWN, lambda x: cournot(capacity=x)[0], 1.0, 5.0),
    "a launch that faded is worth less (F22)": (DOWN, lambda x: launched_appeal(x, Customers()), 0, 17),
    "launch gain raises appeal (F22)": (UP, lambda x: launched_appeal(5, Customers(launch_gain=x)), .05, .2),
    "disruptions get longer (F23)": (UP, lambda x: disruption_months(.9, x), 1.0, 3.0),
    # establishment statistics: the liability of newness
    "age lowers an entrant's exit (F25)": (DOWN, lambda x: exit_hazard(1, x, Demography()), 0, 60),
    "likeness raises overlap": (UP, lambda x: overlap(np.array([1.0, x]), np.array([1.0, 1.0]), np.ones(2)), .2, .9),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
