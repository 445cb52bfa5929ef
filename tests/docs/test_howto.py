"""The how-to of docs/rules.md, followed word for word in an empty folder: its files, its commands, what they print."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import allysim
from allysim.rules import METHOD

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
BLOCK = re.compile(r"(?:[Ss]ave this as\s+`([\w.]+)`[^\n]*\n+)?```(python|shell|text)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Follow the page; return the folder, and each command with what it printed and what the page says it prints."""
    folder = tmp_path_factory.mktemp("empty")
    path = [str(Path(sys.executable).parent), os.environ["PATH"]]
    known = {**os.environ, "PATH": os.pathsep.join(path), "PYTHONPATH": str(Path(allysim.__file__).parents[1])}
    ran = []
    for name, kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "python":
            assert name, f"the page does not say what to save this as: {text[:40]}"
            (folder / name).write_text(text, encoding="utf-8")
        elif kind == "text":
            ran[-1][2].append(text)
        else:
            for line in text.strip().splitlines():
                done = subprocess.run(line, shell=True, cwd=folder, env=known, capture_output=True, text=True,
                                      timeout=600, check=False)
                assert done.returncode == 0, f"{line}: {done.stderr}"
                ran.append((line, done.stdout, []))
    return folder, ran


def test_it_works_and_prints_what_the_page_says(followed):
    folder, ran = followed
    assert len(ran) == 4
    for line, printed, said in ran:
        assert not said or printed == said[0], line
    assert ran[0][2] and ran[0][1].startswith("Patient keeps the contract of rules.gate.")
    assert {"patient", "compared"} <= {path.name for path in folder.iterdir()}
    assert "mine" in ran[3][1] and "built in" in ran[3][1]


def test_a_rule_takes_fifteen_lines(followed):
    code = (followed[0] / "patient.py").read_text(encoding="utf-8")
    assert len([line for line in code.splitlines() if line.strip()]) <= 15


@pytest.mark.parametrize("seam", METHOD)
def test_every_seam_is_described(seam):
    text = PAGE.read_text(encoding="utf-8")
    section = text.partition(f"\n### {seam}\n")[2].partition("\n### ")[0]
    assert f"method `{METHOD[seam]}`" in section and section.count("|\n| --- | --- |\n") >= 2
    assert not re.search(r"^\| `\w+` \|\s*\|$", section, re.MULTILINE), "a column without a word on what it is"
