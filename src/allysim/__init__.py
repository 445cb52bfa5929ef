"""allysim: an agent-based simulation of business alliances.

>>> import allysim as al
>>> run = al.run(al.scenario("supply_stress", months=24, **{"firms.n": 20}), seed=7)
>>> len(run.series)  # month 0 and 24 more
25
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allysim.agents import Firm
    from allysim.collect import reporters
    from allysim.config import Scenario, scenario
    from allysim.errors import AllysimError, ConfigError, DataError, RuleError, StoreError
    from allysim.model import AllianceModel, run
    from allysim.records import Run
    from allysim.report.figures import plot
    from allysim.study.comparison import Comparison
    from allysim.study.ensemble import Ensemble
    from allysim.study.study import Study
    from allysim.viewer.notebook import view

_WHERE = {
    "AllianceModel": "allysim.model", "AllysimError": "allysim.errors", "Comparison": "allysim.study.comparison",
    "ConfigError": "allysim.errors", "DataError": "allysim.errors", "Ensemble": "allysim.study.ensemble",
    "Firm": "allysim.agents",
    "plot": "allysim.report.figures", "reporters": "allysim.collect", "RuleError": "allysim.errors",
    "Run": "allysim.records", "run": "allysim.model", "Scenario": "allysim.config", "scenario": "allysim.config",
    "StoreError": "allysim.errors", "Study": "allysim.study.study",
    "view": "allysim.viewer.notebook",
}
__all__ = ["AllianceModel", "AllysimError", "Comparison", "ConfigError", "DataError", "Ensemble", "Firm", "RuleError",
           "Run", "Scenario", "StoreError", "Study", "plot", "reporters", "run", "scenario", "view"]


def __getattr__(name: str) -> Any:
    """Import a public name when first asked for, so that ``import allysim`` costs nothing."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("allysim")
    if name not in _WHERE:
        raise AttributeError(f"module 'allysim' has no attribute '{name}'")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
