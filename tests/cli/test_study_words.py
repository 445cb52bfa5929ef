"""What only studies take: keys that are mistyped, Hydra's option, and patterns of presets."""

import pytest

import allysim as al
from allysim.cli import main
from allysim.config import presets
from allysim.errors import ConfigError


@pytest.mark.parametrize(("slip", "meant"), [
    ("desing", "design"), ("executer", "executor"), ("experment", "experiment"), ("uncertanties", "uncertainties"),
    ("point", "points"), ("refrence", "reference"), ("pilot.month", "pilot.months"), ("replication", "replications")])
def test_a_mistyped_key_of_a_study_is_answered_with_what_was_meant(slip, meant):
    for text in (slip, f"{slip}=1"):
        with pytest.raises(ConfigError, match=rf"^unknown key '{slip}'; did you mean '{meant}'\?"):
            al.Study.asked([text])


@pytest.mark.parametrize("option", ["-m", "--multirun"])
def test_hydras_option_makes_studies_alone(option, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked = ["strategy=stand_alone,balanced", "months=2", "firms.n=6", "firms.focal=2", "replications=2"]
    assert main(["compare", option, *asked]) == 2
    assert capsys.readouterr().err == (f"allysim: '{option}' is for 'allysim run' and 'allysim sweep', where it makes "
                                       "a study; elsewhere comma lists need no option: leave it out\n")
    for verb in ("run", "sweep"):
        assert main([verb, option, *asked, "executor=serial", f"out={verb}"]) == 0
        assert "4 runs: 2 cells" in capsys.readouterr().out


def test_a_pattern_stands_for_the_presets_that_it_matches():
    def named(pattern):
        return al.Study.asked([f"governance={pattern}", "replications=2"]).plan.factors["governance"]

    assert named("glob(*)") == list(presets.names("governance"))
    assert named("glob(*,exclude=h*)") == [name for name in presets.names("governance") if not name.startswith("h")]
    assert named("glob(li*)") == ["light"]


@pytest.mark.parametrize(("text", "said"), [
    ("governance=glob(z*)", "matches nothing: it takes one of .*light"),
    ("pilot.months=glob(*)", r"is not allowed: glob\(...\) is for presets \(.*\); pilot.months takes one value, a "
                             r"comma list or range")])
def test_a_pattern_that_stands_for_nothing_is_refused(text, said):
    with pytest.raises(ConfigError, match=said):
        al.Study.asked([text, "replications=2"])
