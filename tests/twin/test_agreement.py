"""The engine and its twin agree on every number, month by month and event by event.

A mechanism is finished when the twin has it too and these tests pass. What they say when they fail, the first
number that differs, is where to look: `twin.agreement.follow` does the same for any scenario.
"""

from itertools import chain, product
from pathlib import Path

import pytest
import yaml

import allysim as al
from allysim import AllianceModel
from allysim.config import presets
from allysim.config.scenario import settable
from allysim.errors import ConfigError
from allysim.mechanisms.leaks import CHANNELS
from allysim.rules import BUILT_IN
from allysim.state import CAUSES
from study.test_wired import BY_PART, LIVELY, PARTS, WORLDS, levers_of, others
from twin import model as twin_model
from twin.agreement import Disagreement, follow, step_together
from twin.luck import Luck
from twin.model import TwinModel
from twin.words import KINDS

MONTHS = 36
POPULATIONS = {
    "small": {"firms.n": 12, "firms.focal": 4},
    "skewed": {"firms.n": 60, "firms.large_share": .3, "firms.small_spread": 1.2, "firms.large_spread": 1.0},
    "crowded": {"firms.n": 80, "choice.visible": 25, "pilot.members": 5, "firms.attention_small": 12,
                "firms.attention_large": 40},
}
TURMOIL = {
    "choice.search_months": 1, "conduct.temptation": 9.0, "trust.lapse": .5, "governance.notice": 1,
    "demography.exit_incumbent": .008, "demography.exit_entrant": .02, "demography.ruin_months": .5,
    "firms.cash_months": .5, "pilot.review": 1, "pilot.go": .6, "pilot.stop": .5, "pilot.noise": .1,
    "pilot.budget_months": 2.0, "separation.scale": 20.0, "leaks.hazard": .1, "sharing.misuse": .1,
}
"""Firms search, cheat, lapse, leak, exit and separate much more often than by default."""
EVENTS = {"founded", "declined", "verdict", "go", "extended", "stopped", "failed review", "breach", "dispute",
          "conflict", "leak", "misuse", "left", "ended", "exit", "entry"}

OWN = """\
firm,revenue,segment,hardware,data,ebitda_margin,cash,input_share,risk_aversion,trust,modularity,api_readiness,culture_risk,strategy
Anvil,90,legacy,.9,,.15,400,.55,1.5,.7,.8,.2,.1,
Bolt,60,,,,,,,,,,,,
Cam,45,electric,,.2,,-20,,0,.3,,,,stand_alone
Dynamo,520,services,,,.05,,,,,,.9,,
Elbow,30,software,.1,.9,,,.4,8,,,,.9,procurement_first
"""

VARIANTS = {
    **{f"governance {name}": {"governance": name} for name in ("none", "light", "standard", "heavy", "lead_firm",
                                                               "adaptive")},
    **{f"protection {name}": {"ip_protection": name}
       for name in ("none", "nda", "compartments", "access_control", "hr_controls", "full")},
    **{f"data {name}": {"data_sharing": name} for name in ("none", "minimal", "anonymised_dashboard", "full")},
    "everything leaks": {"leaks.hazard": 1.0, "sharing.misuse": 1.0, "ip_protection": "none", "data_sharing": "full",
                         "leaks.closes": 1.0, "leaks.exclusivity": 1.0, "capability.depreciation": .1},
    "staff leak for years": {"leaks.after_months": 60, "leaks.staff": 1.0, "ip_protection": "hr_controls",
                             "leaks.control": 0.0, "leaks.fade": 1.0},
    "no leaks, no misuse": {"leaks.hazard": 0.0, "sharing.misuse": 0.0},
    "pilot of a month, lagging, no control": {"pilot.months": 1, "pilot.kpi": "lagging", "pilot.control": False},
    "pilot of a year, pairs": {"pilot.months": 12, "pilot.members": 2, "pilot.baseline": 12},
    "eight members, baseline of a month": {"pilot.members": 8, "pilot.baseline": 1, "choice.visible": 20},
    "stand alone, background allies": {"strategy": "stand_alone"},
    "focal firms among themselves": {"strategy.partners": "focal", "firms.focal": 20},
    "nobody allies": {"strategy": "stand_alone", "background.strategy": "stand_alone"},
    "no focal firms": {"firms.focal": 0},
    "all large": {"firms.large_share": 1.0, "market.price_sensitivity": 4.0},
    "nothing to learn or to launch": {"learning.progress_ratio": 1.0, "customers.launch_gain": 0.0,
                                      "customers.launch_fade": 1.0, "customers.marketing_share": 0.0},
    "no noise": {"environment.demand_noise": 0.0, "environment.price_noise": 0.0, "pilot.noise": 0.0,
                 "pilot.persistent": 0.0, "environment.disruption_rate": 0.0, "purchasing.fit_spread": 0.0},
    "many disruptions and jumps": {"environment.disruption_rate": .4, "environment.disruption_months": 4.0,
                                   "environment.jump_rate": .5, "scenario.jumps": True},
    "no conflict, no latency, flat set-up": {
        "disputes.conflict": 0.0, "latency.months": 0.0, "administration.setup_modularity": 0.0,
        "administration.setup_readiness": 0.0, "governance.dispute_clause": False},
    "constant conflict": {"disputes.conflict": 1.0, "disputes.culture": 0.0, "disputes.resolved": 0.0,
                          "governance.dispute_clause": False, "conduct.detection": 1.0},
    "slow decisions, free set-up": {"latency.months": 4.0, "latency.culture": 3.0, "pilot.members": 5,
                                    "administration.setup_modularity": 1.0, "administration.setup_readiness": 1.0},
    "no stock": {"stock.service_factor": 0.0},
    "much stock, long lead times": {"stock.service_factor": 3.0, "stock.lead_time": 6.0, "stock.horizon": 3.0,
                                    "stock.holding": .1, "environment.disruption_rate": .4},
    "rivals share warehouses": {"strategy.seek": ["coopetition"], "background.strategy.seek": ["coopetition"],
                                "strategy.scope": ["warehousing"], "background.strategy.scope": ["warehousing"],
                                "stock.holding": .1, "stock.sharing": .3, "administration.scale": .1},
    "portfolios rebalanced": {
        **{f"{whose}.{lever}": value for whose in ("strategy", "background.strategy") for lever, value in
           {"seek": ["procurement", "rnd"], "portfolio": "moonshot", "rebalance": True, "stretch": 3.0}.items()},
        "portfolio.review": 1, "portfolio.tolerance": 0.0, "research.sprint": 1, "research.patience": 1,
        "research.intensity": .6, "conduct.temptation": 0.0, "conduct.temptation_rnd": 0.0, "firms.cash_months": 3.0,
        "demography.exit_entrant": .004, "separation.scale": 100.0},
    "ruinous": {"firms.ebitda_margin": -.1, "demography.ruin_patience": 1},
}

SEEN: dict[str, set[str]] = {}
"""What the worlds below have shown, by world: events, and causes of ends and exits."""


def hold(name, scenario, seed=1, months=MONTHS):
    """Follow a world, keep what it showed, and return how many decisions the twin took the engine's way."""
    twin, turned = follow(scenario, seed, months)
    SEEN[name] = {event.event for event in twin.events} | {event.cause for event in twin.events}
    return len(turned)


@pytest.mark.parametrize("mood", ["as_it_is", "turmoil"])
@pytest.mark.parametrize("world", ["calm", "supply_stress"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_three_populations(population, world, mood):
    scenario = al.scenario(world, **POPULATIONS[population], **(TURMOIL if mood == "turmoil" else {}))
    assert hold(f"{population} {world} {mood}", scenario) == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_levers_away_from_their_defaults(variant):
    settings = {"firms.n": 30, **TURMOIL, **VARIANTS[variant]}
    if variant.startswith("governance"):
        del settings["governance.notice"]
    assert hold(variant, al.scenario("supply_stress", **settings), months=24) == 0


def test_everything_that_can_happen_did():
    """Runs after the worlds above, which between them show every event and every cause of an end."""
    if len(SEEN) < 4 * len(POPULATIONS):
        pytest.skip("needs the worlds above")
    ways = {f"{channel}, {seen}" for channel in CHANNELS for seen in ("seen", "unseen")}
    told = EVENTS | set(CAUSES) | {"seen", "unseen", "resolved", "unresolved"} | ways
    assert set().union(*SEEN.values()) >= told


@pytest.mark.parametrize(("group", "what"), [("governance", "governance"), ("ip_protection", "protection"),
                                             ("data_sharing", "data")])
def test_every_preset_is_a_variant(group, what):
    assert {f"{what} {name}" for name in presets.names(group)} <= set(VARIANTS)


SEAMS = ("partner_choice", "conduct", "gate", "effort", "value_split")


def sets_of_rules():
    """Return sets of built-in rules in which every two rules of different seams meet (found one by one, greedily)."""
    def pairs(chosen):
        return {(a, b) for k, a in enumerate(chosen) for b in chosen[:k]}

    every = list(product(*(BUILT_IN[seam] for seam in SEAMS)))
    left, found = set().union(*map(pairs, every)), []
    while left:
        best = max(every, key=lambda chosen: len(pairs(chosen) & left))
        left -= pairs(best)
        found.append(best)
    return found


@pytest.mark.parametrize("chosen", sets_of_rules(), ids=" ".join)
def test_every_rule_with_every_other(chosen):
    sought = {"strategy.seek": list(KINDS), "background.strategy.seek": list(KINDS), "research.gain": .15}
    rules = {f"rules.{seam}": name for seam, name in zip(SEAMS, chosen, strict=True)}
    assert hold(" ".join(chosen), al.scenario(**{"firms.n": 24, **TURMOIL, **sought, **rules}), months=24) == 0


FAMILIAR = {"choice.visible": 1, "firms.n": 12, "governance.dashboard": 1.0, "rules.gate": "never_stop"}
"""Few firms that see each other fail, and meet again."""


@pytest.mark.parametrize("conduct", ["grim_trigger", "tit_for_tat", "opportunist"])
def test_conduct_that_remembers(conduct, tmp_path):
    """Firms in several alliances at once, some of which meet those who breached again."""
    rows = [f"pool {k},firm {name},.25,1994-01-01," for k in range(8) for name in "ABCDEFGH"[k % 3:k % 3 + 4]]
    path = tmp_path / "network.csv"
    path.write_text("\n".join(["alliance,firm,share,joined,left", *rows]))
    settings = {**TURMOIL, **FAMILIAR, "rules.conduct": conduct, "governance.penalty": 0.0, "governance.notice": 12,
                "alliances.path": path, "alliances.date": "1995-06-30", "alliances.unknown": "draw"}
    assert hold(f"remembers {conduct}", al.scenario(**settings)) == 0
    assert SEEN[f"remembers {conduct}"] >= {"seen", "unseen"}


@pytest.mark.parametrize("mood", ["as_it_is", "turmoil"])
@pytest.mark.parametrize("population", POPULATIONS)
def test_cournot(population, mood):
    settings = {**POPULATIONS[population], **(TURMOIL if mood == "turmoil" else {}), "rules.market": "cournot"}
    assert hold(f"cournot {population} {mood}", al.scenario("supply_stress", **settings)) == 0


def test_cournot_with_own_firms_and_another_elasticity(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("firm,revenue,segment,ebitda_margin,cash\nA,400,electric,.1,\nB,505,,,90\nC,90,legacy,.01,\nD,20,,,\n")
    scenario = al.scenario(**{"rules.market": "cournot", "market.elasticity": 2.5, "firms.path": path,
                              "firms.background": 4, "customers.capacity": 5.0, **TURMOIL})
    assert hold("cournot own", scenario) == 0


@pytest.mark.parametrize("around", [0, 20])
def test_a_users_own_firms(around, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN)
    scenario = al.scenario(**{"firms.path": path, "firms.background": around, "strategy.partners": "focal", **TURMOIL})
    assert hold(f"own firms and {around}", scenario) == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 5))
@pytest.mark.parametrize("population", ["small", "skewed"])
def test_ten_years_of_more_luck(population, seed):
    mood = TURMOIL if seed % 2 else {}
    scenario = al.scenario("supply_stress" if seed % 3 else "calm", **POPULATIONS[population], **mood)
    assert hold(f"{population} {seed}", scenario, seed, months=120) <= 1


# Whether the comparison itself can be relied on.

LEFT_OUT = ("seed", "months", "replications", "records", "out", "outcome", "jobs", "firms.path", "firms.background",
            "scenario.path")


GROWING = {
    **WORLDS["all types"], "rules.gate": "never_stop", "conduct.temptation": 0.0, "conduct.temptation_rnd": 0.0,
    "separation.scale": 1000.0, "pilot.members": 2, "pilot.months": 1, "environment.disruption_rate": 0.0,
    "disputes.conflict": 0.0, "trust.lapse": .1, "research.intensity": 2.0, "scaling.reviews": 1, "scaling.months": 0,
    "scaling.trust": .1, **{f"scaling.cap_{kind}": 3 for kind in KINDS},
}
"""Alliances of all types last, are scaled and admit members up to their caps."""
CHANGING = {"strategy": "stand_alone", "rules.strategy": "satisfice", "restructuring.review": 3,
            "background.strategy.prepare": True}
"""Firms try other strategies, and those that follow the first are prepared."""
SILENT = {"firms.focal", "alliances.unknown", "alliances.type"}
"""A file says who is focal, and no network is given."""


def moved(known, value):
    """Return another value that a setting allows, far enough to change some decision."""
    parameter = known.parameter
    if known.key.startswith("rules."):
        return next(name for name in BUILT_IN[known.key.removeprefix("rules.")] if name != value)
    if known.kind is bool:
        return not value
    if known.kind is str:
        return next((name for name in parameter.allowed or () if name != value), None)
    if known.kind not in (int, float):
        return None
    if value is None:
        return parameter.high
    steps = (value + 1, value - 1) if known.kind is int else (value * 1.5 or .2, value * .5, value * 1.05, value * .95)
    return next(v for v in steps if parameter.allowed is None or parameter.allowed[0] <= v <= parameter.allowed[1])


def parts(scenario, luck, key, other):
    """Whether engine and twin part where one lever is moved in the twin alone, if this world allows that."""
    try:
        step_together(AllianceModel(scenario, rng=1), TwinModel(scenario.replace({key: other}), 1, luck), MONTHS)
    except Disagreement:
        return True
    except ConfigError:
        return False
    return False


def tried(part):
    return [key for key in levers_of(part) if key not in LEFT_OUT]


def test_parts_are_all_levers():
    assert sorted(key for part in PARTS for key in tried(part)) == sorted({*al.scenario().flat()} - {*LEFT_OUT})


NOTICED = Path(__file__).with_name("noticed.yaml")
"""Lever to the world in which it was noticed last time: tried first, since most levers do nothing in most worlds."""


def lively(path):
    """Return the worlds in which levers are moved, by name; `path` is that of a file of firms."""
    path.write_text("firm,revenue,segment,strategy\nA,400,electric,\nB,505,,stand_alone\nC,90,legacy,\nD,20,,\n")
    return {name: al.scenario("supply_stress", **{"firms.path": path, **LIVELY, **world})
            for name, world in {**WORLDS, "growing": GROWING, "changing strategies": CHANGING}.items()}


def noticing(key, worlds, luck, first=None):
    """Return the name of a world in which a lever is noticed, None if there is none; the `first` is tried first."""
    known = settable()[key]
    hinted = {first: worlds[first]} if first in worlds else {}
    for some in (hinted, worlds):
        near = ((name, moved(known, world.flat()[key])) for name, world in some.items())
        far = ((name, other) for name, world in some.items() for other in others(known, world.flat()[key]))
        for name, other in chain(near, far):
            if other is None or parts(worlds[name], luck, key, other):
                return name
    return None


@pytest.mark.slow
@BY_PART
def test_no_lever_can_be_moved_unnoticed(part, tmp_path):
    """With any one lever moved in the twin alone they part: each is read, and what it does is compared.

    `python -m twin.test_agreement` in tests/ writes down anew which world notices which.
    """
    worlds, luck = lively(tmp_path / "own.csv"), Luck(1)
    hints = yaml.safe_load(NOTICED.read_text(encoding="utf-8"))
    last, unnoticed = None, set()
    for key in sorted({*tried(part)} - SILENT):
        name = noticing(key, worlds, luck, hints.get(key, last))
        last = name or last  # it may well notice the next one, too
        if name is None:
            unnoticed.add(key)
    assert not unnoticed


@pytest.mark.slow
@pytest.mark.parametrize("key", sorted(SILENT))
def test_what_is_silent_here(key, tmp_path):
    """In the first world, which stands for the others: to look at all of them for what is not there takes minutes."""
    name, world = next(iter(lively(tmp_path / "own.csv").items()))
    other = moved(settable()[key], world.flat()[key])
    assert other is None or not parts(world, Luck(1), key, other), name


def test_what_differs_is_named():
    scenario = al.scenario(**{"firms.n": 12})
    with pytest.raises(Disagreement, match=r"month 1, operations, sales of firm 0: engine \S+, twin \S+, \S+ apart"):
        step_together(AllianceModel(scenario, rng=1), TwinModel(scenario.replace({"customers.adjustment": .26}), 1), 1)


def test_a_close_call_is_taken_the_engines_way(monkeypatch):
    """Here a thousandth counts as close, and such choices of partners begin on the wrong side in the twin."""
    plain, calls = TwinModel.above, []

    def the_wrong_way(self, left, right, question):
        if question.startswith("partner choice") and 0.0 < abs(left - right) < .001:
            calls.append(self.month)
            left, right = right, left
        return plain(self, left, right, question)

    monkeypatch.setattr(twin_model, "CLOSE", .001)
    monkeypatch.setattr(TwinModel, "above", the_wrong_way)
    scenario = al.scenario(**{"firms.n": 20, **TURMOIL})
    _, turned = follow(scenario, 1, MONTHS)
    assert turned
    with pytest.raises(Disagreement):
        step_together(AllianceModel(scenario, rng=1), TwinModel(scenario, 1), MONTHS)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        all_worlds, chances, told = lively(Path(folder) / "own.csv"), Luck(1), {}
        for lever in sorted(lever for part in PARTS for lever in {*tried(part)} - SILENT):
            told[lever] = noticing(lever, all_worlds, chances)
            if told[lever] is not None:  # to the front: it may well notice the next one, too
                all_worlds = {told[lever]: all_worlds[told[lever]], **all_worlds}
    NOTICED.write_text(yaml.safe_dump({lever: name for lever, name in told.items() if name}, width=100))
