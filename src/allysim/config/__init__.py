"""Configuration: what can be set, composed by Hydra from ``configs/``, checked, typed and frozen."""

from allysim.config.compose import scenario, scenario_from, settings_from, split_variants
from allysim.config.scenario import Scenario

__all__ = ["Scenario", "scenario", "scenario_from", "settings_from", "split_variants"]
