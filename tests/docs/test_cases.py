"""The cases of experiments/ run whole: every command of their READMEs, on a small scale."""

import re
import shlex
from pathlib import Path

import pytest

from allysim.cli import main

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
SMALL = {"replications": "2", "months": "4", "firms.n": "12", "jobs": "1"}
SCALE = re.compile(rf"({'|'.join(map(re.escape, SMALL))})=")


def commands():
    """Return every command in a README of experiments/, by its folder and place."""
    found = {}
    for page in sorted(EXPERIMENTS.rglob("README.md")):
        text = "\n".join(re.findall(r"```\w*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
        lines = [line for line in text.replace("\\\n", " ").splitlines() if line.startswith("allysim ")]
        found |= {f"{page.parent.name} {k}": shlex.split(line, comments=True)[1:] for k, line in enumerate(lines)}
    return found


COMMANDS = commands()


@pytest.mark.parametrize("name", COMMANDS)
def test_command_runs(name, tmp_path, monkeypatch):
    monkeypatch.chdir(EXPERIMENTS)
    given, page, small = [word for word in COMMANDS[name] if not SCALE.match(word)], "report.html", SMALL
    if given[0] == "claims":  # of all of them one stands for the others
        page, named = "claims.html", [word for word in given if "=" not in word][1:]
        given, small = ["claims", *(named or ["C16"]), "points=40"], {**SMALL, "firms.n": "30"}
    assert main([*given, *(f"{key}={value}" for key, value in small.items()), f"out={tmp_path / 'out'}"]) == 0
    assert (tmp_path / "out" / page).exists()


def test_every_case_has_commands():
    folders = {path.parent.name for path in EXPERIMENTS.glob("*/firms.csv")}
    assert folders <= {name.split()[0] for name in COMMANDS} and len(COMMANDS) > 3 * len(folders)


def test_no_case_waits():
    for page in EXPERIMENTS.rglob("README.md"):
        assert "wait" not in page.read_text(encoding="utf-8"), page


@pytest.mark.parametrize("page", sorted(str(path.relative_to(EXPERIMENTS)) for path in EXPERIMENTS.rglob("README.md")))
def test_figures_say_how_sure_they_are(page):
    """Whatever is said to have come out names the replications, and that the intervals are of luck only."""
    text = " ".join((EXPERIMENTS / page).read_text(encoding="utf-8").split())
    if "came out" in text:
        assert "luck only" in text and re.search(r"\d+ paired replications", text)
