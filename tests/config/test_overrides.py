"""What a user types becomes a scenario, or one sentence that helps."""

import json
import pickle

import pytest

from allysim.config import Scenario, scenario, scenario_from, split_variants
from allysim.config import parameters as p
from allysim.config.scenario import settable
from allysim.errors import AllysimError, ConfigError, DataError

FIRMS = "firm,revenue,strategy\nAlder,80,\nBirch,60,stand_alone\n"

REFUSED = [
    (["pilot.months=14"], "pilot.months=14 is not allowed: it takes a whole number from 1 to 12"),
    (["pilot.month=3"], "unknown key 'pilot.month'; did you mean 'pilot.months'? ('allysim list' shows all)"),
    (["run.months=3"], "unknown key 'run.months'; did you mean 'months'? ('allysim list' shows all)"),
    (["discount=.3"], "unknown key 'discount'; did you mean 'purchasing.discount'? ('allysim list' shows all)"),
    (["pilot=3"], "'pilot' is a section: set one of its values, such as pilot.months ('allysim list pilot')"),
    (["background=3"], "'background' is a section"),
    (["scenario=calmm"], "unknown scenario 'calmm': there are calm, commodity_cycle, demand_slump, electric_shift, "
                         "perfect_storm, price_war, software_defined, supply_stress; did you mean 'calm'?"),
    (["background.strategy=alone"], "unknown background.strategy 'alone': there are balanced, barbell"),
    (["governance=null"], "unknown governance 'null'"),
    (["strategy@background.strategy=stand_alone"], "did you mean 'background.strategy'?"),
    (["months"], "'months' is not a setting: write months=VALUE"),
    (["mine.csv"], "'mine.csv' is not a setting: write firms.path=mine.csv"),
    (["months="], "months= has no value: it takes a whole number from 1 to 1200"),
    (["months=sixty"], "months=sixty is not allowed"),
    (["months='60'"], "months='60' is not allowed"),
    (["months=60.5"], "months=60.5 is not allowed"),
    (["months=1,2"], "months takes one value here"),
    (["months=interval(1,2)"], "months=interval(1,2) is not allowed"),
    (["firms.n=${months}"], "firms.n=${months} is not allowed"),
    (["seed=nan"], "seed=nan is not allowed"),
    (["pilot.control=yes"], "pilot.control=yes is not allowed: it takes true or false"),
    (["pilot.kpi=laggin"], "did you mean 'lagging'?"),
    (["strategy.seek=procurement"], "a list in brackets of procurement"),
    (["strategy.seek=[procurment]"], "did you mean 'procurement'?"),
    (["months=[3"], "months=[3 cannot be read"),
    (["+months=3"], "'+months=3' is not allowed: nothing can be added or removed"),
    (["++months=3"], "'++months=3' is not allowed"),
    (["~months"], "'~months' is not allowed"),
    (["-m"], "'-m' is for 'allysim run' and 'allysim sweep'"),
    (["months=3", "seed=1", "months=4"], "months is set twice: months=3 and months=4; keep one"),
    (["firms.path=nowhere.csv"], "there is no file nowhere.csv"),
    (["firms.background=0"], "firms.background=0 needs firms.path"),
    (["firms.focal=20", "firms.n=10"], "firms.focal=20 is more than firms.n=10"),
    (["scenario.disruption_from=50"], "scenario.disruption_from=50 is after scenario.disruption_until=47"),
    (["process.effort=joint"], "process.effort=joint needs rules.market=cournot"),
    (["pilot.go=.5", "pilot.stop=.5"], "pilot.stop=0.5 must be below pilot.go=0.5"),
]


@pytest.fixture
def firms(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(FIRMS)
    return file


@pytest.mark.parametrize(("overrides", "sentence"), REFUSED, ids=lambda value: " ".join(value)[:30])
def test_a_slip_is_answered_with_one_sentence(overrides, sentence):
    with pytest.raises(AllysimError) as caught:
        scenario_from(overrides)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_python_and_command_line_give_the_same():
    typed = scenario("supply_stress", governance="light", months=60,
                     **{"firms.n": 50, "strategy.seek": (), "background.strategy": "stand_alone"})
    written = scenario_from(["scenario=supply_stress", "governance=light", "months=60", "firms.n=50",
                             "strategy.seek=[]", "background.strategy=stand_alone"])
    assert typed == written
    assert hash(typed) == hash(written)
    assert typed.run.months == 60
    assert typed.background.name == "stand_alone"
    with pytest.raises(ConfigError, match="it takes a whole number from 1 to 12"):
        scenario(**{"pilot.months": 14})


def test_values_win_over_presets_in_any_order():
    for order in (["governance=heavy", "governance.penalty=5"], ["governance.penalty=5", "governance=heavy"]):
        assert scenario_from(order).governance == p.Governance("heavy", "administrative", .9, 1., 3, 5., .7, True)


def test_numbers_keep_their_type():
    made = scenario(months=60.0, **{"pilot.go": 1, "scenario.price_step": 1})
    assert type(made.run.months) is int
    assert type(made.pilot.go) is float


def test_a_numpy_number_and_a_path_are_taken(firms):
    numpy = pytest.importorskip("numpy")
    made = scenario(months=numpy.int64(7), **{"firms.path": firms})
    assert made.run.months == 7
    assert made.firms.path == str(firms)


@pytest.mark.parametrize("name", ["2024", "1e3", "true", "my results", "données", "run(1)", "a=b"])
def test_a_folder_may_have_any_name(name):
    assert scenario_from([f"out={name}"]).run.out == name


def test_quotes_keep_commas_together():
    assert scenario_from(['out="a,b"']).run.out == "a,b"
    assert scenario_from(["out=null"]).run.out is None


def test_own_firms_come_with_the_strategies_they_name(firms):
    made = scenario_from([f"firms.path={firms}"])
    assert made.own.names == ("Alder", "Birch")
    assert made.named == {"stand_alone": scenario(strategy="stand_alone").strategy}
    with pytest.raises(ConfigError, match=r"firms\.n=1 is fewer than the 2 firms"):
        made.replace({"firms.n": 1})
    assert made.replace({"firms.background": 0, "firms.n": 1}).own == made.own
    assert made.replace({"firms.path": None}).own is None
    firms.write_text(FIRMS.replace("stand_alone", "stand_alon"))
    with pytest.raises(DataError, match="line 3, column strategy: 'stand_alon'"):
        scenario_from([f"firms.path={firms}"])


def test_replace_is_composing_with_more():
    base = scenario(months=24, **{"scenario.price_step": .5})
    assert base.replace(strategy="stand_alone", **{"pilot.months": 6}) == scenario(
        months=24, strategy="stand_alone", **{"scenario.price_step": .5, "pilot.months": 6})
    # a preset replaces its whole section
    assert base.replace(scenario="supply_stress").scenario == scenario("supply_stress").scenario
    assert base.replace({"background.strategy": "stand_alone"}).background.seek == ()
    with pytest.raises(ConfigError, match="did you mean 'months'"):
        base.replace(month=3)


def test_flat_is_what_can_be_set():
    made = scenario("supply_stress", governance="none")
    assert list(made.flat()) == list(settable())
    assert scenario(**made.flat()) == made


def test_a_scenario_survives_json_and_pickle(firms):
    made = scenario("supply_stress", months=13, **{"firms.path": firms, "purchasing.discount": 1 / 3})
    firms.unlink()
    assert Scenario.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    assert pickle.loads(pickle.dumps(made)) == made


@pytest.mark.parametrize("change", [
    lambda d: d["settings"].update({"pilot.moths": 3}),
    lambda d: d.update(luck=1),
    lambda d: d.update(own={"firms": ["A"]}),
    lambda d: d.update(own={"firm": ["A"]}),
    lambda d: d.update(settings=[1]),
    lambda d: d.update(named={"x": {"sek": []}}),
    lambda d: d["settings"].update(months="x"),
])
def test_a_strange_manifest_is_refused(change):
    content = scenario().to_dict()
    change(content)
    with pytest.raises(ConfigError):
        Scenario.from_dict(content)


def test_what_a_later_version_added_has_its_default():
    content = scenario().to_dict()
    del content["settings"]["pilot.months"]
    assert Scenario.from_dict(content).pilot.months == p.Pilot().months


def test_digest_stands_for_what_shapes_numbers(firms, tmp_path):
    base = scenario(**{"firms.path": firms})
    copy = tmp_path / "copy.csv"
    copy.write_text(FIRMS)
    same = base.replace(out="x", jobs=2, replications=7, records="full", seed=9, **{"firms.path": copy,
                                                                                      "scenario.about": "else"})
    assert same.digest(1) == base.digest(1)
    copy.write_text(FIRMS.replace("80", "81"))
    others = [base.replace(months=7), base.replace({"firms.path": copy}), base.replace({"choice.explore": 0})]
    assert len({base.digest(1), base.digest(2), *(other.digest(1) for other in others)}) == 5


def test_digest_stands_for_the_contents_of_a_rule_file(tmp_path):
    rule = tmp_path / "mine.py"
    rule.write_text("class Gate: pass")
    made = scenario(**{"rules.gate": f"{rule}:Gate"})
    before = made.digest(1)
    moved = tmp_path / "moved.py"
    rule.rename(moved)
    assert made.replace({"rules.gate": f"{moved}:Gate"}).digest(1) == before
    moved.write_text("class Gate: x = 1")
    assert made.replace({"rules.gate": f"{moved}:Gate"}).digest(1) != before


def test_comma_lists_become_cells_in_order():
    cells = split_variants(["strategy=stand_alone,procurement_first", "months=5", "governance.penalty=5,10"],
                           ["scenario", "strategy"])
    assert [labels for labels, _ in cells] == [
        {"scenario": "calm", "strategy": strategy, "governance.penalty": penalty}
        for strategy in ("stand_alone", "procurement_first") for penalty in ("5", "10")
    ]
    assert cells[1][1] == ["strategy=stand_alone", "months=5", "governance.penalty=10"]
    made = scenario_from(cells[1][1])
    assert (made.strategy.name, made.governance.penalty) == ("stand_alone", 10.)


def test_lists_ranges_and_quoted_text_vary_too(tmp_path):
    cells = split_variants(["strategy.seek=[],[procurement]", "pilot.members=range(2,4)"])
    assert [scenario_from(texts).pilot.members for _, texts in cells] == [2, 3, 2, 3]
    assert [scenario_from(texts).strategy.seek for _, texts in cells][::2] == [(), ("procurement",)]
    assert split_variants(["months=5"], ["scenario"]) == [({"scenario": "calm"}, ["months=5"])]
    assert split_variants(["scenario=supply_stress"], ["scenario"])[0][0] == {"scenario": "supply_stress"}


@pytest.mark.parametrize(("override", "sentence"), [
    ("months=5,6", "months takes one value for the whole comparison"),
    ("strategy=stand_alone,stand_alone", "names stand_alone twice"),
    ("strateg=a,b", "did you mean 'strategy'?"),
])
def test_lists_that_make_no_sense_are_refused(override, sentence):
    with pytest.raises(ConfigError, match=sentence.replace("?", r"\?")):
        split_variants([override])


def test_a_callers_own_hydra_is_left_alone():
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    from allysim.config.presets import folder

    scenario()
    assert not GlobalHydra.instance().is_initialized()
    with initialize_config_dir(str(folder()), version_base="1.3"):
        theirs = GlobalHydra.instance().hydra
        scenario()
        assert GlobalHydra.instance().hydra is theirs
