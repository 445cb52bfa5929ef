"""The four types of alliance: engine and twin agree where all are sought, each alone, and far from the defaults."""

from collections import Counter

import pytest

import allysim as al
from allysim.config import presets
from allysim.config.parameters import ALLIANCE_TYPES
from twin.agreement import ByHand, follow
from twin.test_agreement import MONTHS, OWN, POPULATIONS, TURMOIL
from twin.words import KINDS


def sought(*focal, background=None):
    """Return settings by which the focal firms seek some types and the background others, the same if not given."""
    return {"strategy.seek": list(focal), "background.strategy.seek": list(focal if background is None else background)}


EVERYTHING = sought(*ALLIANCE_TYPES)
LASTING = {"pilot.noise": .02, "pilot.stop": .02, "choice.search_months": 1, "firms.attention_small": 6}
"""Firms search each month and pilots hardly ever stop, so that alliances live on."""

EXTREMES = {
    "no technology fit": {"fit.coopetition": 50.0, "fit.rnd": 50.0, "fit.infrastructure": 50.0},
    "any technology fits, profiles close": {"fit.coopetition": 0.0, "fit.rnd": 0.0, "fit.infrastructure": 0.0,
                                            "fit.scale": 2.0, "fit.best": 0.0},
    "neither contract nor culture": {"contract.completeness": 0.0, "contract.trust": 0.0, "contract.both": 0.0,
                                     "contract.burden": 0.0, "culture.distance": 0.0},
    "contract and trust are all": {"contract.completeness": 2.0, "contract.trust": 4.0, "contract.both": 5.0,
                                   "contract.burden": .1, "culture.distance": 0.0},
    "cultures clash, contracts burden": {"culture.distance": 5.0, "contract.burden": 5.0, "governance": "heavy",
                                         "governance.notice": 1},
    "frequent outages": {"infrastructure.outage": .6, "infrastructure.outage_common": .5,
                         "infrastructure.outage_loss": .9},
    "all outages common, recovery": {"infrastructure.outage": .5, "infrastructure.outage_common": 1.0,
                                     "infrastructure.recovery": True, "infrastructure.outage_loss": 1.0},
    "rents that drive members out": {"infrastructure.rent": .11, "purchasing.fit_spread": 1.0, "pilot.prior_mean": .2},
    "infrastructure replaces all": {"infrastructure.replaces": .9, "infrastructure.replaceable": 1.0,
                                    "infrastructure.rent": 0.0},
    "members in need": {"conduct.temptation": 60.0, "governance.penalty": 0.0, "trust.lapse": 1.0},
    "frequent entrants": {"demography.exit_incumbent": .08, "demography.exit_entrant": .1, "conduct.temptation": 0.0},
    "five members": {"pilot.members": 5, "choice.visible": 20},
    "attention for one": {"firms.attention_small": 1, "firms.attention_large": 1},
    "attention for twenty": {"firms.attention_small": 20, "firms.attention_large": 20, "governance.notice": 6},
    "capacity only, hardly correlated": {"strategy.scope": ["capacity"], "background.strategy.scope": ["capacity"],
                                         "coopetition.correlation": 0.0, "coopetition.capacity_cost": 1.0},
    "marketing only, and much of it": {"strategy.scope": ["marketing"], "background.strategy.scope": ["marketing"],
                                       "coopetition.marketing": .5, "coopetition.lead_exponent": 2.0},
    "two scopes, none here": {"strategy.scope": [], "background.strategy.scope": ["capacity", "marketing"]},
    "a sprint a month, sure to succeed": {"research.sprint": 1, "research.intensity": 10.0, "research.gain": .5,
                                          "research.spillover": 1.0},
    "sprints that never succeed": {"research.gain": 1.0, "research.intensity": .05, "research.patience": 1},
    "what R&D adds is soon gone": {"capability.depreciation": .5, "research.gain": 1.0, "research.budget": .005},
    "lagging, no control, baseline of a month": {"pilot.kpi": "lagging", "pilot.control": False, "pilot.baseline": 1},
    "thresholds apart": {"pilot.threshold": .05, "pilot.threshold_coopetition": -.05},
    "focal firms among themselves": {"strategy.partners": "focal", "firms.focal": 12},
    "all large": {"firms.large_share": 1.0},
    "every conflict, slow verdicts, fines": {
        "disputes.conflict": 1.0, "disputes.culture": 5.0, "disputes.resolved": .3, "governance.dispute_clause": False,
        "latency.months": 4.0, "latency.culture": 3.0, "legal.rate": 1.0, "legal.fine": .3, "conduct.detection": 1.0,
        "governance.completeness": 0.0, "administration.setup_modularity": 1.0, "administration.setup_readiness": 1.0,
        "conduct.temptation_rnd": 20.0},
    "settled, by factors far apart": {
        "disputes.resolved_clause": 1.0, "disputes.culture_scale": .2, "conduct.temptation": 60.0,
        "conduct.temptation_rnd": 0.0, "administration.coopetition": 0.0, "administration.rnd": .2,
        "administration.infrastructure": .5, "administration.procurement": 4.0, "separation.coopetition": 9.0,
        "separation.rnd": 0.0, "separation.infrastructure": .1, "governance.decision_rights": 1.0,
        "disputes.rights": 1.0, "latency.rights": 0.0, "latency.per_member": 5.0},
    "losses": {"firms.ebitda_margin": -.1, "market.price_sensitivity": 4.0},
}

SEEN: Counter = Counter()
"""How many alliances of each type went through each stage in the worlds below, and what was told of them."""


def hold(scenario, seed=1, months=MONTHS, by_hand=()):
    """Follow a world and count what it showed; no decision may be too close to call."""
    twin, turned = follow(scenario, seed, months, by_hand=by_hand)
    assert not turned
    kinds = Counter(a.kind for a in twin.alliances)
    SEEN.update(kinds)
    SEEN.update((a.kind, "running") for a in twin.alliances if a.go is not None)
    SEEN.update((a.kind, a.cause) for a in twin.alliances)
    SEEN.update(event.event for event in twin.events)
    SEEN["at once"] = max(SEEN["at once"], *(len(f.memberships) for f in twin.firms))
    return kinds


@pytest.mark.parametrize("mood", [{}, LASTING, TURMOIL], ids=["as_it_is", "lasting", "turmoil"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations_seek_everything(population, mood):
    scenario = al.scenario("supply_stress", **{**POPULATIONS[population], **mood, **EVERYTHING})
    months = 12 if population == "crowded" and mood is LASTING else MONTHS  # hundreds of alliances at once
    assert len(hold(scenario, months=months)) >= 2


@pytest.mark.parametrize("mood", [LASTING, TURMOIL], ids=["lasting", "turmoil"])
@pytest.mark.parametrize("kind", ALLIANCE_TYPES)
def test_each_type_alone(kind, mood):
    assert set(hold(al.scenario(**{"firms.n": 30, **mood, **sought(kind)}))) == {kind}


@pytest.mark.parametrize("strategies", [
    sought("procurement", "rnd", background=("coopetition", "infrastructure")),
    sought("coopetition", background=ALLIANCE_TYPES),
    sought("infrastructure", "coopetition", background=()),
    sought(background=("rnd", "infrastructure")),
    sought("rnd", background=("procurement", "rnd")),
], ids=["apart", "picky", "alone", "outside", "both"])
def test_mixes_of_strategies(strategies):
    hold(al.scenario(**{"firms.n": 40, "firms.focal": 20, "choice.visible": 16, **LASTING, **strategies}))


@pytest.mark.parametrize("extreme", EXTREMES)
def test_extreme_settings(extreme):
    hold(al.scenario("supply_stress", **{"firms.n": 24, **TURMOIL, **EVERYTHING, **EXTREMES[extreme]}), months=24)


def test_fines_are_for_coopetition():
    fined, gone_on = set(), set()
    for settings in POPULATIONS.values():
        law = {"legal.rate": 1.0, "governance.completeness": 0.0, "rules.gate": "never_stop", "separation.scale": 170.0,
               "firms.small_spread": .2}
        twin, turned = follow(al.scenario(**{**settings, **TURMOIL, **EVERYTHING, **law}), 1, MONTHS)
        assert not turned
        fined |= {twin.alliances[event.alliance].kind for event in twin.events if event.event == "fine"}
        gone_on |= {alliance.kind for alliance in twin.alliances if alliance.go is not None}
    assert fined == {"coopetition"} and gone_on == set(KINDS)


@pytest.mark.parametrize("preset", presets.names("governance"))
def test_every_preset_of_governance(preset):
    settings = {"firms.n": 24, **TURMOIL, **EVERYTHING, "governance": preset}
    del settings["governance.notice"]
    hold(al.scenario(**settings))


@pytest.mark.parametrize("stage", ["pilot", "running"])
@pytest.mark.parametrize("kind", ALLIANCE_TYPES)
def test_alliances_founded_by_hand(kind, stage):
    """In a world where nobody looks for partners, and later in one where firms do."""
    by_hand = [ByHand(0, [3, 0, 7], stage, kind), ByHand(5, [1, 2], stage, kind)]
    settings = {"firms.n": 20, "strategy": "stand_alone", "background.strategy": "stand_alone"}
    assert hold(al.scenario(**settings), by_hand=by_hand) == {kind: 2}
    if kind in ("rnd", "infrastructure"):  # of which a firm may have several
        several = [ByHand(month, [4, 5 + month, 6 + month], stage, kind) for month in (0, 3, 4, 9)]
        hold(al.scenario(**{"firms.n": 20, **LASTING, **EVERYTHING}), by_hand=[*by_hand, *several])


@pytest.mark.parametrize("around", [0, 20])
def test_a_users_own_firms(around, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN)
    hold(al.scenario(**{"firms.path": path, "firms.background": around, **LASTING, **EVERYTHING}))


NETWORK = "alliance,firm,share,joined,left\n" + "".join(
    f"{name}-pool,firm {'ABCDEFGHIJ'[(3 * k + step) % 10]},{.2 + .1 * step:.1f},1994-{1 + k:02}-01,\n"
    for k, name in enumerate("ABCDEFGH") for step in range(3))


@pytest.mark.parametrize("mood", [LASTING, TURMOIL], ids=["lasting", "turmoil"])
def test_a_network_of_pools_in_a_world_that_seeks_everything(mood, tmp_path):
    path = tmp_path / "network.csv"
    path.write_text(NETWORK)
    network = {"alliances.path": path, "alliances.date": "1995-06-30", "alliances.unknown": "draw", "firms.n": 25,
               "alliances.type": "procurement"}
    kinds = hold(al.scenario(**network, **{**mood, **EVERYTHING, "governance.notice": 4}))
    assert kinds["procurement"] >= 8 and len(kinds) > 1


def test_everything_that_can_happen_to_each_type_did():
    """Runs after the worlds above."""
    if SEEN["at once"] == 0 or not all(SEEN[kind] for kind in KINDS):
        pytest.skip("needs the worlds above")
    assert SEEN["at once"] >= 5 and SEEN["success"] > 10
    missed = [(kind, what) for kind in KINDS for what in ("running", "stopped", "residual", "no gain", "breach")
              if not SEEN[kind, what]]
    assert not missed
    assert SEEN["rnd", "kpi"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 6))
def test_ten_years_of_more_luck(seed):
    world = {"firms.n": 40, **(TURMOIL if seed % 2 else LASTING), **EVERYTHING}
    assert len(follow(al.scenario("supply_stress", **world), seed, months=120)[1]) <= 1
