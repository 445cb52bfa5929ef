"""The command line: help, codes, sentences, and what list, init and doctor do."""

import json
import os
import subprocess
import sys
import types

import pytest

import allysim.cli
from allysim.cli import COMMANDS, doctor, main
from allysim.config.scenario import settable
from allysim.errors import ConfigError, ConvergenceError

ALLYSIM = [sys.executable, "-m", "allysim"]


@pytest.fixture
def run_raises(monkeypatch):
    """Make the command `run` raise something."""

    def arrange(error):
        def fail(args):
            raise error

        module = types.SimpleNamespace(main=fail)
        monkeypatch.setattr(allysim.cli.importlib, "import_module", lambda name: module)

    return arrange


def test_help_names_every_command(capsys):
    assert main(["--help"]) == main([]) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {command} " in out for command in COMMANDS)


@pytest.mark.parametrize("command", ["list", "init", "doctor"])
def test_each_command_explains_itself(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"allysim {command}" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("allysim ")


@pytest.mark.parametrize(("args", "sentence"), [
    (["comapre"], "unknown command 'comapre'; did you mean 'compare'?"),
    (["scenario=calm"], "a command comes first, as in 'allysim run scenario=calm'"),
    (["list", "pilot.month"], "did you mean 'pilot.months'?"),
    (["list", "--jsn"], "unknown option '--jsn'"),
    (["init"], "takes one folder"),
    (["init", "a", "b"], "takes one folder"),
    (["doctor", "now"], "takes no arguments"),
])
def test_bad_input_is_one_sentence_and_code_2(args, sentence, capsys):
    assert main(args) == 2
    out, err = capsys.readouterr()
    assert sentence in err
    assert err.count("\n") == 1
    assert out == ""


@pytest.mark.parametrize(("error", "code", "sentence"), [
    (ConfigError("no such thing"), 2, "allysim: no such thing"),
    (ConvergenceError("the market did not settle"), 1, "allysim: the market did not settle"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (ZeroDivisionError("two\nlines"), 1, "ZeroDivisionError: two lines"),
])
def test_whatever_is_raised_ends_in_one_sentence(run_raises, capsys, error, code, sentence):
    run_raises(error)
    assert main(["run"]) == code
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1


def test_a_traceback_can_be_asked_for(run_raises, monkeypatch):
    run_raises(ZeroDivisionError())
    monkeypatch.setenv("ALLYSIM_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["run"])


def test_a_closed_pipe_leaves_no_trace():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*ALLYSIM, "list"], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_list_imports_nothing_heavy():
    code = "import sys; from allysim.cli import main; main(['list']); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("numpy", "numba", "pandas", "mesa", "matplotlib", "hydra", "omegaconf", "joblib"):
        assert f"'{heavy}'" not in done.stderr


def test_list_shows_everything_in_120_columns(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {key}  " in out for key in settable())
    assert "supply_stress" in out
    assert max(map(len, out.splitlines())) <= 120


def test_list_narrows(capsys):
    main(["list", "scenario"])
    out = capsys.readouterr().out
    assert "disruption_factor=3" in out
    assert "pilot.months" not in out
    main(["list", "pilot.go"])
    out = capsys.readouterr().out
    assert "a number from 0.5 to 1" in out
    assert "0.7 to 0.95" in out
    main(["list", "rules"])
    assert "temptation, never, grim_trigger," in capsys.readouterr().out


def test_list_for_machines(capsys):
    main(["list", "--json"])
    content = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in content["parameters"]] == list(settable())
    assert content["groups"]["governance"]["presets"]["heavy"]["values"]["penalty"] == 20
    assert content["groups"]["background.strategy"]["default"] == "balanced"


def test_init_writes_examples_and_overwrites_nothing(tmp_path, capsys):
    target = tmp_path / "my study"
    assert main(["init", str(target)]) == 0
    assert f"'firms.path={target}/parts_coop/firms.csv'" in capsys.readouterr().out
    written = sorted(file.relative_to(target).as_posix() for file in target.rglob("*") if file.is_file())
    assert "firms_template.csv" in written
    assert {"parts_coop/firms.csv", "home_repair/README.md", "ev_charging/firms.csv"} <= set(written)
    (target / "firms_template.csv").unlink()
    assert main(["init", str(target)]) == 2
    assert "exists already and is not overwritten" in capsys.readouterr().err
    assert not (target / "firms_template.csv").exists()


def test_init_refuses_a_file(tmp_path, capsys):
    (tmp_path / "taken").write_text("")
    assert main(["init", str(tmp_path / "taken" / "deeper")]) == 2
    assert "is a file, not a folder" in capsys.readouterr().err


def test_doctor_finds_this_machine_ready(capsys):
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "Ready. Next: allysim init" in out
    assert "MEND" not in out


def test_doctor_names_the_mend(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "_required", lambda: ["numpy", "no-such-package"])
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "pip install no-such-package" in out
    assert "Not ready: 1 thing to mend above" in out
