"""What several tests share: comparisons on made-up runs whose answers are known."""

import shutil

import numpy as np
import pandas as pd
import pytest

from allysim.kpis import GROUPS, KPIS
from allysim.model import warm
from allysim.study import replications
from allysim.study.comparison import Comparison
from allysim.study.simulate import Record


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Under --dist loadfile a file is one worker's, but for tests in parts: each part is whoever's is free."""
    from xdist.scheduler import LoadFileScheduling

    class Shared(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return nodeid if "[part " in nodeid else super()._split_scope(nodeid)

    return Shared(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items):
    """Leave crowded worlds of the twin to CI, but for those of the twin's first test: they take longest."""
    for item in items:
        if "crowded" in item.name and item.path.parent.name == "twin" and item.path.stem != "test_agreement":
            item.add_marker("slow")


COLUMNS = [f"{group}.{kpi}" for group in GROUPS for kpi in KPIS if (group, kpi) != ("focal", "consumer_surplus")]


class MadeUp:
    """Stands in for the engine: every figure is the seed's luck, plus `gain` where a strategy seeks allies."""

    def __init__(self):
        self.gain = {"calm": 5.0, "supply_stress": 0.0}
        self.noise = 1.0
        self.fails = set()

    def __call__(self, task):
        if task.seed in self.fails:
            raise ArithmeticError(f"seed {task.seed} is unlucky")
        months = np.arange(task.scenario.run.months + 1)
        luck = np.random.default_rng(task.seed).normal(size=len(COLUMNS))
        own = np.random.default_rng((task.seed, len(task.scenario.strategy.seek))).normal(size=len(COLUMNS))
        end = 100 + 10 * luck
        if task.scenario.strategy.seek:
            end = end + self.gain[task.scenario.scenario.name] + self.noise * own
        series = pd.DataFrame(np.outer(months / months[-1], end), columns=COLUMNS)
        series.insert(0, "month", months)
        tables = {"series": series} if task.records != "outcomes" else {}
        return Record(dict(zip(COLUMNS, series[COLUMNS].iloc[-1], strict=True)), tables)


@pytest.fixture
def made_up(monkeypatch):
    """The made-up engine in place of the real one."""
    engine = MadeUp()
    monkeypatch.setattr(replications, "simulate", engine)
    return engine


@pytest.fixture
def grid():
    """Comparisons from command-line overrides, small and in this process."""
    def make(*overrides, months=12, replications=20):
        given = ["strategy=stand_alone,procurement_first", f"months={months}", f"replications={replications}", "jobs=1",
                 "firms.n=20", *overrides]
        last = {text.partition("=")[0]: text for text in given}
        return Comparison.grid(list(last.values()))
    return make


@pytest.fixture(scope="session", autouse=True)
def compiled():
    """Compile the kernels before the first test, so that no test is the one that says so."""
    warm(lambda text: None)


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed here")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()
