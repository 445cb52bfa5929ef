"""`allysim validate` as its user calls it."""

import json
from pathlib import Path

import pandas as pd
import pytest

from allysim.analysis.patterns import PATTERNS
from allysim.cli import main
from allysim.report.validation_page import misses
from allysim.study.validation import FIRST_SEED

SMALL = ["firms.n=30", "firms.focal=5", "replications=2", "jobs=1"]


def test_table_page_and_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder holds what the screen names, and every miss is said to be one."""
    out = tmp_path / "val"
    assert main(["validate", *SMALL, "points=0", f"out={out}"]) == 0
    screen = capsys.readouterr().out
    table = pd.read_csv(out / "patterns.csv")
    assert list(table["pattern"]) == list(PATTERNS)
    assert screen.count("MISS") == (~table["hit"]).sum() == screen.count("Missed: ")
    page = (out / "validation.md").read_text(encoding="utf-8")
    assert all(row in page for row in table["what"])
    assert "<svg" in (out / "patterns.svg").read_text(encoding="utf-8")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["verb"] == "validate"
    assert manifest["seeds"] == [FIRST_SEED, FIRST_SEED + 1]
    assert f"over 2 seeds ({FIRST_SEED} to {FIRST_SEED + 1})" in page


def test_a_miss_that_hangs_on_nothing_says_so() -> None:
    """Where misses were followed up; where they were not, nothing is said."""
    row = {"what": "a share", "label": "free", "unit": "share", "hit": False, "band_low": .2, "band_high": .4,
           "value": .5, "value_low": .45, "value_high": .55}
    table = pd.DataFrame([{**row, "hangs_on": "pilot.noise", "correlation": -.5},
                          {**row, "hangs_on": "", "correlation": float("nan")}])
    missed = "Missed: a share (free): 0.50 (0.45 to 0.55) against 0.20 to 0.40"
    assert misses(table, followed=True) == [
        f"{missed}; it falls most clearly with pilot.noise (correlation of ranks −.50)",
        f"{missed}; no single assumption stands out in moving it"]
    assert misses(table[1:], followed=False) == [missed]


@pytest.mark.slow
def test_json_with_misses_followed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The names others rely on, and what misses hang on, the same for one process and two."""
    found = []
    for jobs in (1, 2):
        words = ["--json", *SMALL[:-1], f"jobs={jobs}", "points=32", f"out={tmp_path / str(jobs)}"]
        assert main(["validate", *words]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1]
    assert [row["pattern"] for row in found[0]] == list(PATTERNS)
    for row in found[0]:
        assert {"pattern", "label", "band_low", "band_high", "value", "value_low", "value_high", "hit"} <= set(row)
        assert not (row["hit"] and row["hangs_on"])


@pytest.mark.parametrize(("words", "said"), [
    (["points=3"], "points takes 0"), (["points=x"], "points takes 0"), (["points=0", "points=0"], "set twice"),
    (["months=24"], "months is not allowed here"), (["governance=lite"], "light"),
    (["governance=light,none"], "one value"),
])
def test_bad_input(words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                   monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, exit code 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    assert main(["validate", *words]) == 2
    problem = capsys.readouterr().err
    assert said in problem
    assert len(problem.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
