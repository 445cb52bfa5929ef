"""The direct effect of levers that stand in no row of the other files, each by its key, over the range it is swept.

Where a lever is read by no function of mechanisms/ but by a phase, the phase's kernel is called by itself, or a world
of a few firms is born, allied by hand or lived in for some months with everything else at rest.
"""

import numpy as np
import pytest

import allysim as al
from allysim.config.alternatives import Alternatives
from allysim.config.governing import Disputes, Latency
from allysim.config.parameters import Conduct, Customers, Demography, Environment, Purchasing
from allysim.config.recurring import Subscriptions
from allysim.config.scenario import settable
from allysim.config.supply import Stock
from allysim.config.yields import Infrastructure
from allysim.dealings.appraisal import hear
from allysim.dealings.brought import brings
from allysim.dealings.ecosystem import look_around
from allysim.mechanisms.alternatives import affordable, market_price, own_capital, worth_alone
from allysim.mechanisms.belief import posterior
from allysim.mechanisms.benefit import profile_distance
from allysim.mechanisms.choice import annuity
from allysim.mechanisms.conduct import detection, discount, mean_temptation
from allysim.mechanisms.conflict import resolution
from allysim.mechanisms.latency import decision_latency
from allysim.mechanisms.purchasing import price_rung
from allysim.mechanisms.separation import exit_hazard, loglogistic_hazard
from allysim.mechanisms.trust import trust
from allysim.phases.assessment import fade, recent_mean
from allysim.phases.environment import environment, shock
from allysim.phases.formation import who_searches
from allysim.phases.gates import carry_out
from allysim.phases.leaks import denounce
from allysim.phases.operations import operate
from allysim.rules.gate import Bayes, Gates
from allysim.rules.partner_choice import ExpectedValue, Options
from engine.conftest import SILENT
from mechanisms.test_signs import apart, cournot, founded, governed, honest, market, waits
from mechanisms.test_terms import licensed
from mechanisms.test_types import SIGNS

REST = {
    **SILENT, "firms.n": 12, "firms.focal": 0, "background.strategy": "stand_alone", "conduct.temptation": 0.0,
    "conduct.temptation_rnd": 0.0, "trust.lapse": 0.0, "leaks.hazard": 0.0, "sharing.misuse": 0.0,
    "disputes.conflict": 0.0, "latency.months": 0.0, "separation.scale": 1e6, "purchasing.fit_spread": 0.0,
    "purchasing.no_leverage": 0.0, "rules.gate": "never_stop", "pilot.months": 1, "pilot.review": 1,
}


def born(n=40, **settings):
    """The firms of month 0, small ones and large ones, but those that are left over."""
    return al.AllianceModel(al.scenario(**{**REST, "firms.n": n, "firms.large_share": .5, **settings}), rng=1).state


def listed(folder, **settings):
    """The firms of a user's file."""
    path = folder / "own.csv"
    path.write_text("firm,revenue,segment\n" + "".join(
        f"F{k},{100 + 50 * k},{('electric', 'services')[k % 2]}\n" for k in range(20)))
    return born(**{"firms.path": path, "firms.background": 0, **settings}).firms


def lived(months, kind="procurement", stage="pilot", poor=False, **settings):
    """A world at rest, after months in which its firms were in alliances of three."""
    model = al.AllianceModel(al.scenario(**{**REST, **settings}), rng=1)
    for first in range(0, 12, 3):
        model.form_alliance(range(first, first + 3), stage, kind)
    if poor:
        model.state.firms.cash[:] = 0.0
    for _ in range(months):
        model.step()
    return model.state


def used(state, column):
    """What a column of memberships sums to."""
    return getattr(state.memberships, column)[:state.world.n_memberships].sum()


def size(firms, large):
    """Log revenue of the small or of the large ones."""
    return np.log(firms.revenue[firms.large == large])


def operated(months=1, on_time=1.0, target=80.0, **settings):
    """One firm that sold 60 and is wanted for `target`, after some months: its columns by name."""
    rules = Customers(**{name: value for name, value in settings.items() if name not in ("loss", "subscribing")})
    column = {name: np.zeros(1) for name in (
        "target", "capacity", "disrupted", "unit", "outage", "share", "missed", "subscribed", "sales", "churn", "leads",
        "production", "output", "stock", "on_time", "experience", "launched")}
    column |= {"launch_age": np.zeros(1, dtype=np.int32), "pace": np.ones(1), "platform": np.zeros(1, dtype=bool)}
    for name, value in (("target", target), ("capacity", 70.0), ("unit", 60.0), ("share", 1.0), ("sales", 60.0),
                        ("missed", 1.0 - on_time), ("subscribed", .8), ("launched", .2),
                        ("disrupted", float("loss" in settings))):
        column[name][:] = value
    launches = 0
    for _ in range(months):
        before = column["launch_age"][0]
        operate(*(column[name] for name in ("target", "capacity", "disrupted", "unit")), rules,
                Stock(service_factor=0.0), settings.get("loss", 0.0),
                *(column[name] for name in ("outage", "share", "missed", "subscribed")),
                settings.get("subscribing", Subscriptions(0.0, 0.0)), *(column[name] for name in list(column)[8:]))
        launches += column["launch_age"][0] <= before
    return {name: value[0] for name, value in column.items()} | {"launches": launches}


def shocked(months=60, jumps=False, n=20, rate=0.0, **settings):
    """Paths of 20 firms of one segment: own demand and price, common ones, and who is disrupted (each (months, n))."""
    noise, home = Environment(**settings), np.zeros(n, dtype=np.int32)
    own_demand, own_price, index, disrupted = *np.zeros((3, n)), np.zeros(n, dtype=np.int32)
    common, paths = (0.0, 0.0), []
    for month in range(1, months + 1):
        common = shock(np.uint64(1), np.uint64(month), noise, jumps, 0.0, rate, 1.0, *common, home, own_demand,
                       own_price, index, disrupted, 4)
        paths.append([own_demand.copy(), own_price.copy(), np.full(n, common[0]), np.full(n, common[1]),
                      disrupted > 0])
    return np.array(paths, dtype=float).transpose(1, 0, 2)


def held(rate=.1, **settings):
    """Disruptions: how many firm-months, and how many months in which all are hit at once."""
    hit = shocked(240, rate=rate, **settings)[4]
    return hit.sum(), hit.all(axis=1).sum()


def shifts(rate):
    """Months of ten years in which a segment's demand shifted for good."""
    model = al.AllianceModel(al.scenario(**REST, **{"scenario.regimes": True, "environment.regime_rate": rate}), rng=1)
    size, found = model.state.world.market_size.copy(), 0
    for month in range(1, 121):
        model.state.world.month = month
        environment(model)
        found += (size != model.state.world.market_size).any()
        size = model.state.world.market_size.copy()
    return found


def at_the_gate(chance, **rule):
    """Verdict on a pilot that is as likely as this to be worth it."""
    column = np.full(1, chance)
    zero, no = np.zeros(1), np.zeros(1, dtype=np.bool_)
    return Bayes(**{"go": .8, "stop": .2, **rule}).decide(Gates(column, column, zero, zero, zero + 1, zero, no, no))[0]


def reviewed(months):
    """Month of the next review of a pilot that goes on in month 5."""
    one = {name: np.zeros(1, dtype=np.int32) for name in ("live", "stage", "go", "gate", "ending")}
    carry_out(one["live"], 5, np.full(1, 3, dtype=np.int32), months, one["stage"], one["go"],
              np.full(1, 2, dtype=np.int8), one["gate"], np.zeros(1, dtype=np.bool_), one["ending"],
              np.zeros((7, 1), dtype=np.int32), np.zeros(7, dtype=np.int64))
    return one["gate"][0]


def best_chosen(scale=.15, explore=.05, k=400):
    """How often the best of five options is chosen."""
    rng = np.random.default_rng(1)
    value = np.tile(np.linspace(0.0, 1.0, 5), (k, 1))
    options = Options(value, value, value, value, np.ones((k, 5), dtype=np.bool_), rng.random((k, 5)), rng.random(k))
    return (ExpectedValue(scale, explore).choose(options) == 4).mean()


def seen(places, n=60):
    """How many possible partners a firm sees."""
    seen, group = np.empty((1, places), dtype=np.int32), np.empty((1, 3), dtype=np.int32)
    nobody = np.full(n, -1, dtype=np.int32)
    look_around(np.uint64(1), np.zeros(1, dtype=np.int32), np.full(1, places), np.ones(n, dtype=np.bool_),
                np.arange(n, dtype=np.uint64), nobody, nobody, nobody, seen, group,
                *np.empty((2, 1), dtype=np.int64), np.empty((2, 1)))
    return (seen >= 0).sum()


def searches(every, n=30):
    """How many searches firms begin in two years."""
    nothing, none = np.full(n, -1, dtype=np.int32), np.zeros(n, dtype=np.int32)
    free, open_to, found = np.empty(n, np.bool_), np.empty((n, 4), np.bool_), np.empty(n, dtype=np.int32)
    return sum(who_searches(month, every, np.array([0b1111], np.int8), none, nothing, nothing, none, none > 0, none,
                            none + 4.0, none, np.arange(n, dtype=np.int32), free, open_to, found)
               for month in range(1, 25))


def weighed(**settings):
    """What an alliance of three is worth to those who would join it without a cent."""
    model = al.AllianceModel(al.scenario(**{**REST, **settings}), rng=1)
    model.state.firms.cash[:] = 0.0
    group, kinds = np.array([[0, 1, 2]], dtype=np.int32), np.zeros(1, dtype=np.int8)
    brought = brings(model, np.ones(12, dtype=np.bool_), kinds)
    return hear(model, brought, group, np.array([3]), kinds)[0].certainty_equivalent[:, 1].sum()


def third_party(public):
    """Bad evidence that 2 has of 1 after 1 was seen to harm 0, and what became of all ties."""
    to = np.array([1, 0, 1, 2], dtype=np.int32)          # 0-1, 2-1: the tie back is the row beside
    head, following = np.array([0, 1, 2], dtype=np.int32), np.array([-1, 3, -1, -1], dtype=np.int32)
    bad = np.zeros(4)
    denounce(0, 1, 3.0, public, head, to, following, bad)
    return bad[2]


def faded(memory):
    good = np.ones(1)
    fade(1, memory, good, good.copy())
    return good[0]


def believed(mean=.2, prior_sd=.08, persistent=.06, noise=.1, prior=.05):
    return posterior(prior, prior_sd**2, 3 * mean, 3, persistent, noise)[0]


def ties(state, evidence):
    return getattr(state.ties, evidence)[:state.world.n_ties].sum()


def grown(state, stage):
    return (getattr(state.alliances, stage)[:state.world.n_alliances] >= 0).sum()


def slow(**settings):
    """Decision latency by its settings alone."""
    return decision_latency(4, .5, .5, .4, Latency(**{"months": 20.0, **settings}))


def broke(months_of_cost=-4.0, **settings):
    """A world at rest whose firms have as much in cash as so many months cost, two months later."""
    model = al.AllianceModel(al.scenario(**{**REST, "demography.ruin": True, **settings}), rng=1)
    model.state.firms.cash[:] = months_of_cost * model.state.firms.month_cost
    for _ in range(2):
        model.step()
    return model.state


PROVEN = {"scaling.standardise": True, "scaling.trust": 0.0, "scaling.reviews": 1, "scaling.months": 6}
LEAKY = {"leaks.hazard": 1e-9, "separation.scale": 1.0, "separation.procurement": 10.0, "governance.notice": 0}
GIANTS = {"firms.small_revenue": 3000.0}

UP, DOWN = 1, -1
ROWS = {
    # the population
    "firms.large_share": (UP, lambda x: born(**{"firms.large_share": x}).firms.large.sum()),
    "firms.small_revenue": (UP, lambda x: size(born(**{"firms.small_revenue": x}).firms, False).mean()),
    "firms.small_spread": (UP, lambda x: size(born(**{"firms.small_spread": x}).firms, False).std()),
    "firms.large_revenue": (UP, lambda x: size(born(**{"firms.large_revenue": x}).firms, True).mean()),
    "firms.large_spread": (UP, lambda x: size(born(**{"firms.large_spread": x}).firms, True).std()),
    "firms.large_from": (DOWN, lambda x, at: listed(at, **{"firms.large_from": x}).large.sum()),
    "firms.ebitda_margin": (UP, lambda x: born(**{"firms.ebitda_margin": x}).firms.ebitda.sum()),
    "firms.input_share": (UP, lambda x: born(**{"firms.input_share": x}).firms.list_price.mean()),
    "firms.cash_months": (UP, lambda x: born(**{"firms.cash_months": x}).firms.cash.sum()),
    "firms.risk_aversion": (UP, lambda x: np.median(born(**{"firms.risk_aversion": x}).firms.risk_aversion)),
    "firms.risk_spread": (UP, lambda x: born(**{"firms.risk_spread": x}).firms.risk_aversion.std()),
    "firms.attention_small": (UP, lambda x: born(**{"firms.attention_small": x}).firms.attention.min()),
    "firms.attention_large": (UP, lambda x: born(**{"firms.attention_large": x}).firms.attention.max()),
    # Berry 1994; Cournot 1838
    "market.price_sensitivity": (DOWN, lambda x: market(0, alpha=x)),
    "market.capability_weight": (UP, lambda x: np.log(born(**{"market.capability_weight": x}).firms.attraction).std()),
    "market.taste_spread": (UP, lambda x: np.log(born(**{"market.taste_spread": x}).firms.attraction).std()),
    "market.home_taste": (UP, lambda x, at: (lambda a: a[:, 1] / a.sum(axis=1))(
        listed(at, **{"market.home_taste": x, "market.taste_spread": 0.0}).native_attraction).std()),
    "market.outside_share": (UP, lambda x: born(**{"market.outside_share": x}).world.market_size.sum()),
    "market.elasticity": (DOWN, lambda x: cournot(elasticity=x)[0]),
    "customers.adjustment": (UP, lambda x: operated(adjustment=x)["sales"]),
    "customers.churn": (UP, lambda x: operated(churn=x)["leads"]),
    "customers.churn_undelivered": (UP, lambda x: operated(on_time=.5, churn_undelivered=x)["churn"]),
    "subscriptions.churn": (DOWN, lambda x: operated(subscribing=Subscriptions(x, 0.0))["churn"]),
    "subscriptions.inertia": (DOWN, lambda x: operated(subscribing=Subscriptions(0.0, x))["sales"]),
    "customers.marketing_share": (UP, lambda x: born(**{"customers.marketing_share": x}).firms.lead_cost.sum()),
    "customers.capacity": (UP, lambda x: born(**{"customers.capacity": x}).firms.capacity.sum()),
    "customers.launch_months": (DOWN, lambda x: operated(72, launch_months=x)["launches"]),
    "customers.launch_fade": (DOWN, lambda x: operated(12, launch_fade=x)["launched"]),
    # noise
    "environment.demand_persistence": (UP, lambda x: shocked(demand_persistence=x)[0].std()),
    "environment.demand_noise": (UP, lambda x: shocked(demand_noise=x)[0].std()),
    "environment.price_persistence": (UP, lambda x: shocked(price_persistence=x)[1].std()),
    "environment.price_noise": (UP, lambda x: shocked(price_noise=x)[1].std()),
    "environment.common_share": (DOWN, lambda x: shocked(common_share=x)[0].std()),
    "environment.jump_rate": (UP, lambda x: abs(np.diff(shocked(120, jumps=True, jump_rate=x)[3][:, 0])).max()),
    "environment.jump_size": (UP, lambda x: shocked(120, jumps=True, jump_size=x)[3].std()),
    "environment.regime_rate": (UP, shifts),
    "environment.disruption_rate": (UP, lambda x: held(rate=x)[0]),
    "environment.disruption_common": (UP, lambda x: held(disruption_common=x)[1]),
    "environment.disruption_months": (UP, lambda x: held(disruption_months=x)[0]),
    "environment.disruption_loss": (DOWN, lambda x: operated(loss=x)["output"]),
    # purchasing and R&D
    "purchasing.first_rung": (UP, lambda x: price_rung(60.0, Purchasing(first_rung=x))),
    "purchasing.fee": (UP, lambda x: used(lived(1, **GIANTS, **{"purchasing.fee": x}), "fee")),
    "purchasing.no_leverage": (DOWN, lambda x: sum(
        lived(0, seed=1, **{"purchasing.no_leverage": x, "firms.focal": k}).alliances.leverage[:4].sum()
        for k in range(3))),
    "purchasing.fit_spread": (UP, lambda x: abs(np.log(lived(0, **{"purchasing.fit_spread": x}).alliances.fit[0]))),
    "research.budget": (UP, lambda x: used(lived(1, "rnd", **{"research.budget": x}), "fee")),
    "research.patience": (UP, SIGNS["patience with R&D lets it pass reviews (F20)"][1]),
    "infrastructure.keeps": (DOWN, lambda x: lived(6, "infrastructure", **PROVEN | {
        "infrastructure.own": True, "firms.cash_months": 5.0, "infrastructure.keeps": x}).alliances.installed.sum()),
    "fit.scale": (DOWN, lambda x: profile_distance(np.array([.1, .2]), np.array([.3, .4]), x)),
    "learning.experience_months": (UP, lambda x: born(**{"learning.experience_months": x}).firms.experience_unit.sum()),
    "learning.entrant": (UP, lambda x: lived(1, **{"learning.entrant": x, "demography.exit_incumbent": .5}
                                             ).firms.experience.min()),
    # Jøsang & Ismail 2002
    "trust.memory": (UP, faded),
    "trust.good": (UP, lambda x: ties(lived(2, **{"trust.good": x}), "good")),
    "trust.bad": (UP, lambda x: ties(lived(2, **{"trust.bad": x, "trust.lapse": 1.0}), "bad")),
    "trust.disposition": (UP, lambda x: born(**{"trust.disposition": x}).firms.disposition.mean()),
    "trust.prior_weight": (DOWN, lambda x: trust(3.0, 0.0, .5, x)),
    "trust.public": (UP, third_party),
    "trust.lapse": (UP, lambda x: used(lived(3, **{"trust.lapse": x}), "conduct")),
    "trust.disappointing": (UP, lambda x: ties(lived(2, **{"trust.disappointing": x, "pilot.threshold": 1.0}),
                                               "good")),
    # Friedman 1971
    "conduct.per_member": (UP, lambda x: mean_temptation(0, 1.0, 5, Conduct(per_member=x))),
    "conduct.detection": (UP, lambda x: detection(.5, Conduct(detection=x))),
    "conduct.detection_dashboard": (UP, lambda x: detection(.5, Conduct(detection_dashboard=x))),
    "conduct.delta": (UP, lambda x: honest(discounted=discount(x, .005, Conduct()))),
    "conduct.delta_distressed": (DOWN, lambda x: lived(24, poor=True, **GIANTS, **{
        "conduct.delta_distressed": x, "conduct.temptation": 20.0}).firms.breaches.sum()),
    # leaks, data, disputes
    "leaks.after_months": (UP, lambda x: lived(20, **LEAKY, **{"leaks.after_months": x}).world.n_former),
    "sharing.taken": (UP, lambda x: abs(lived(1, **{"sharing.taken": x, "sharing.misuse": 1.0,
                                                    "data_sharing": "full"}).firms.lost_appeal).sum()),
    "disputes.culture_scale": (DOWN, lambda x: profile_distance(np.zeros(3), np.full(3, .2), x)),
    "disputes.resolved": (UP, lambda x: resolution(False, Disputes(resolved=x))),
    "disputes.resolved_clause": (UP, lambda x: resolution(True, Disputes(resolved_clause=x))),
    # Provan & Kenis 2008; Dyer & Chu 2003
    "administration.scale": (UP, lambda x: governed(scale=x)),
    "administration.trust_slope": (DOWN, lambda x: governed(trusted=.8, trust_slope=x)),
    "administration.size_exponent": (UP, lambda x: governed(revenue=600.0, size_exponent=x)),
    "administration.setup": (UP, lambda x: founded(setup=x)),
    "administration.procurement": (UP, lambda x: governed(kind=0, procurement=x)),
    "administration.coopetition": (UP, lambda x: governed(kind=1, coopetition=x)),
    "administration.rnd": (UP, lambda x: governed(kind=2, rnd=x)),
    "administration.infrastructure": (UP, lambda x: governed(kind=3, infrastructure=x)),
    "latency.per_member": (UP, lambda x: waits(members=6, per_member=x)),
    "latency.completeness": (UP, lambda x: slow(completeness=x)),
    "latency.culture": (UP, lambda x: slow(culture=x)),
    "latency.rights": (DOWN, lambda x: slow(rights=x)),
    # choice
    "choice.visible": (UP, seen),
    "choice.search_months": (DOWN, searches),
    "choice.logit_scale": (DOWN, lambda x: best_chosen(scale=x)),
    "choice.explore": (DOWN, lambda x: best_chosen(explore=x)),
    "choice.expected_life": (UP, lambda x: annuity(x, .99)),
    "choice.reserve_months": (UP, lambda x: weighed(**GIANTS, **{"choice.reserve_months": x})),
    # Williamson 1985; Klein, Crawford & Alchian 1978
    "alternatives.markup": (UP, lambda x: market_price(10.0, .5, Alternatives(markup=x))),
    "alternatives.hold_up": (UP, lambda x: market_price(10.0, .5, Alternatives(hold_up=x))),
    "alternatives.specificity_infrastructure": (UP, lambda x: market_price(10.0, x, Alternatives())),
    "alternatives.specificity_rnd": (UP, lambda x: market_price(10.0, x, Alternatives())),
    "alternatives.smallest": (UP, lambda x: own_capital(5.0, Infrastructure(), Alternatives(smallest=x))),
    "alternatives.upkeep": (DOWN, lambda x: worth_alone(5.0 - x * 100.0, 60.0, 100.0)),
    "alternatives.laboratory": (DOWN, lambda x: worth_alone(5.0, 60.0, x)),
    "alternatives.reserve": (DOWN, lambda x: float(affordable(10.0, 50.0, 20.0, Alternatives(reserve=x)))),
    # Bayes
    "pilot.go": (DOWN, lambda x: at_the_gate(.85, go=x)),
    "pilot.stop": (DOWN, lambda x: at_the_gate(.15, stop=x)),
    "pilot.prior_mean": (UP, lambda x: believed(prior=x)),
    "pilot.prior_sd": (UP, lambda x: believed(prior_sd=x)),
    "pilot.noise": (DOWN, lambda x: believed(noise=x)),
    "pilot.persistent": (DOWN, lambda x: believed(persistent=x)),
    "pilot.baseline": (DOWN, lambda x: recent_mean(np.arange(12.0), 11, x)),
    "pilot.review": (UP, reviewed),
    "pilot.budget_months": (UP, lambda x: lived(0, **{"pilot.budget_months": x}).alliances.budget[0]),
    # separation, exit and entry
    "separation.shape": (DOWN, lambda x: loglogistic_hazard(10.0, 170.0, x)),
    "separation.procurement": (UP, lambda x: apart(kind=0, procurement=x)),
    "separation.coopetition": (UP, lambda x: apart(kind=1, coopetition=x)),
    "separation.rnd": (UP, lambda x: apart(kind=2, rnd=x)),
    "separation.infrastructure": (UP, lambda x: apart(kind=3, infrastructure=x)),
    "separation.rivalry": (UP, lambda x: apart(rivalry=x)),
    "separation.per_member": (UP, lambda x: apart(members=5, per_member=x)),
    "demography.ruin_months": (DOWN, lambda x: broke(**{"demography.ruin_months": x}).firms.generation.sum()),
    "demography.ruin_patience": (DOWN, lambda x: broke(**{"demography.ruin_patience": x}).firms.generation.sum()),
    "demography.payout_months": (UP, lambda x: broke(20.0, **{"demography.payout_months": x}).firms.cash.sum()),
    "demography.payout_share": (DOWN, lambda x: broke(20.0, **{"demography.payout_share": x}).firms.cash.sum()),
    "demography.exit_incumbent": (UP, lambda x: exit_hazard(0, 50, Demography(exit_incumbent=x))),
    "demography.exit_entrant": (UP, lambda x: exit_hazard(1, 50, Demography(exit_entrant=x))),
    "demography.exit_newness": (UP, lambda x: exit_hazard(1, 5, Demography(exit_newness=x))),
    "demography.exit_fading": (UP, lambda x: exit_hazard(1, 30, Demography(exit_fading=x))),
    "demography.entrant_revenue": (UP, lambda x: lived(1, **{
        "demography.entrant_revenue": x, "demography.exit_incumbent": .5}).firms.target.sum()),
    "demography.capital_charge": (DOWN, lambda x: lived(1, **{"demography.capital_charge": x}
                                                        ).firms.economic_profit.sum()),
    "demography.capital_months": (DOWN, lambda x: lived(1, **{"demography.capital_months": x}
                                                        ).firms.economic_profit.sum()),
    # terms and scaling
    "terms.licence": (UP, licensed),
    "terms.resentment": (UP, lambda x: ties(lived(2, **GIANTS, **{
        "terms.resentment": x, "rules.value_split": "contribution"}), "bad")),
    "scaling.reviews": (DOWN, lambda x: grown(lived(3, **PROVEN | {"scaling.reviews": x}), "standardised")),
    "scaling.trust": (DOWN, lambda x: grown(lived(3, **PROVEN | {"scaling.trust": x}), "standardised")),
    "scaling.months": (DOWN, lambda x: grown(lived(12, **PROVEN | {"scaling.months": x}), "scaled")),
}
"""Lever: its sign, and what it moves; some need a folder for a user's file."""


@pytest.mark.parametrize("key", ROWS)
def test_sign(key, tmp_path):
    sign, effect = ROWS[key]
    parameter, more = settable()[key].parameter, (tmp_path,) * ("at" in effect.__code__.co_varnames)
    low, high = effect(parameter.low, *more), effect(parameter.high, *more)
    assert sign * (high - low) > 0, f"{key}: {low} at {parameter.low}, {high} at {parameter.high}"
