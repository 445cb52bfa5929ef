"""Compiled kernels are kept, and a change anywhere in the package is noticed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import allysim
from allysim import jit

SOURCE = Path(allysim.__file__).parent
COLLABORATE = """
import numpy as np
from allysim.config.parameters import Purchasing
from allysim.jit import cache_folder, compiled_before
from allysim.phases.market import buy_alone
rung, discount = np.empty(1), np.empty(1)
buy_alone(np.ones(1), np.array([120.0]), Purchasing(), rung, discount)
print(cache_folder().name, rung[0], sum(buy_alone.stats.cache_hits.values()), compiled_before())
"""
FIRST_RUN = """
import allysim as al
from allysim.jit import cache_folder, compiled_before
from allysim.model import warm
told = []
warm(told.append)
kept = set(cache_folder().rglob("*.nbc"))
for seed, (scenario, strategy) in enumerate([("calm", "stand_alone"), ("supply_stress", "procurement_first"),
                                             ("perfect_storm", "balanced"), ("calm", "two_track_restructurer")]):
    al.run(al.scenario(scenario, strategy=strategy, months=48, **{"firms.n": 60, "firms.focal": 10}), seed=seed)
print(len(told), "compiling" in told[0], compiled_before(), warm(told.append), len(told), len(kept) > 100)
print(*sorted(path.name for path in set(cache_folder().rglob("*.nbc")) - kept))
"""


@pytest.mark.slow
def test_a_change_in_a_helper_of_another_file_is_noticed(tmp_path):
    """The price schedule is edited in a copy of the package; a kernel of another file must not remember it."""
    copy = tmp_path / "src" / "allysim"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    cache = tmp_path / "cache"

    def ask():
        environment = {**os.environ, "PYTHONPATH": str(copy.parent), "ALLYSIM_CACHE": str(cache),
                       "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([sys.executable, "-c", COLLABORATE], env=environment, capture_output=True, text=True,
                              timeout=300)
        assert done.returncode == 0, done.stderr
        folder, rung, hits, kept = done.stdout.split()
        return folder, float(rung), int(hits), kept

    first, again = ask(), ask()
    assert first[1] == pytest.approx(1 - .2 * (1 - 4**-.6), rel=1e-12)
    assert (first[2:], again[2:]) == ((0, "False"), (1, "False"))  # one kernel is not all
    assert again[:2] == first[:2]
    helper = copy / "mechanisms" / "purchasing.py"
    text = helper.read_text()
    assert "return 1.0 - purchasing.discount" in text
    helper.write_text(text.replace("return 1.0 - purchasing.discount", "return 2.0 - purchasing.discount"))
    changed = ask()
    assert changed[0] != first[0]
    assert changed[1] == pytest.approx(first[1] + 1, rel=1e-12)
    assert {folder.name for folder in cache.iterdir()} == {first[0], changed[0]}


@pytest.mark.slow
def test_a_first_run_says_that_it_compiles_and_later_ones_do_not(tmp_path):
    """What is compiled before the first run is all that usual worlds need: the time told is the time it takes."""
    environment = {**os.environ, "ALLYSIM_CACHE": str(tmp_path), "PYTHONPATH": str(SOURCE.parent)}
    done = subprocess.run([sys.executable, "-c", FIRST_RUN], env=environment, capture_output=True, text=True,
                          timeout=1200)
    assert done.returncode == 0, done.stderr
    said, later = done.stdout.split("\n")[:2]
    assert said == "2 True True 0.0 2 True"
    assert later == ""


def test_the_cache_moves_with_its_variables(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ALLYSIM_CACHE", raising=False)
    assert jit.cache_folder().parent == tmp_path / "home" / "allysim"
    monkeypatch.setenv("ALLYSIM_CACHE", str(tmp_path / "mine"))
    assert jit.cache_folder().parent == tmp_path / "mine"
    assert not jit.compiled_before()
