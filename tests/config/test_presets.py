"""The presets in configs/ and the schema agree, and a faulty preset is named."""

import dataclasses
import shutil

import pytest

from allysim.config import Scenario, presets, scenario
from allysim.config.parameters import GROUPS, SECTIONS
from allysim.config.scenario import settable
from allysim.config.schema import check
from allysim.errors import ConfigError


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of configs/ that may be spoiled."""
    copy = tmp_path / "configs"
    shutil.copytree(presets.folder(), copy)
    monkeypatch.setattr(presets, "folder", lambda: copy)
    return copy


def test_a_scenario_has_every_section():
    assert [field.name for field in dataclasses.fields(Scenario)] == [*SECTIONS, "own", "named", "network"]


def test_every_default_is_allowed_and_inside_its_range():
    for key, field in settable().items():
        assert check(field, field.default) == field.default, key
        if field.parameter.low is not None and field.default is not None:
            assert field.parameter.low <= field.default <= field.parameter.high, key


@pytest.mark.parametrize("group", GROUPS)
def test_every_preset_is_what_hydra_composes(group):
    for name in presets.names(group):
        section = getattr(scenario(**{group: name}), group.partition(".")[0])
        assert section._asdict() == SECTIONS[GROUPS[group]]()._asdict() | presets.load(group, name)
        assert presets.about(group, name)


def test_each_group_has_a_default_preset():
    assert presets.default_choices().keys() == GROUPS.keys()


@pytest.mark.parametrize(("text", "sentence"), [
    ("name: calm\njump: true\n", "calm.yaml: unknown field 'jump'; did you mean 'jumps'?"),
    ("name: calm\njumps: 3\n", "calm.yaml: jumps=3 is not allowed: it takes true or false"),
    ("name: clam\n", "calm.yaml: its field 'name' must be 'calm', like the file"),
    ("name: calm\nname: calm\n", "calm.yaml cannot be read as YAML from line 2 on: 'name' is given twice"),
    ("name: [calm\n", "calm.yaml cannot be read as YAML"),
    ("calm\n", "calm.yaml must hold lines of the form 'field: value'"),
])
def test_a_faulty_preset_is_refused_with_its_file(copied, text, sentence):
    (copied / "scenario" / "calm.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        scenario()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_new_preset_needs_no_code(copied):
    (copied / "scenario" / "storm.yaml").write_text("# Rough.\nname: storm\nprice_step: 5e-1\n")
    assert scenario("storm").scenario.price_step == .5
    assert scenario().replace(scenario="storm") == scenario("storm")
    assert presets.about("scenario", "storm") == "Rough."
