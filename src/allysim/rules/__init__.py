"""The swappable decisions, one file per seam; a rule is a small frozen dataclass with one method.

A rule is chosen by name (``rules.gate=never_stop``) or given by path (``rules.gate=mine.py:MyGate``).
Its fields are filled from the section of the configuration in `SECTION` where the names agree.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from allysim.errors import RuleError, nearest

BUILT_IN: dict[str, dict[str, str]] = {
    "market": {"logit": "allysim.rules.market:Logit"},
    "partner_choice": {
        "expected_value": "allysim.rules.partner_choice:ExpectedValue",
        "homophily": "allysim.rules.partner_choice:Homophily",
        "random": "allysim.rules.partner_choice:Random",
    },
    "conduct": {"temptation": "allysim.rules.conduct:Temptation", "never": "allysim.rules.conduct:Never"},
    "gate": {"bayes": "allysim.rules.gate:Bayes", "never_stop": "allysim.rules.gate:NeverStop"},
    "value_split": {"equal": "allysim.rules.value_split:Equal", "own_saving": "allysim.rules.value_split:OwnSaving"},
}
"""Seam to built-in rules: name to ``module:Class``."""

SECTION = {"market": "market", "partner_choice": "choice", "conduct": "conduct", "gate": "pilot", "value_split": ""}
METHOD = {"market": "clear", "partner_choice": "choose", "conduct": "defects", "gate": "decide", "value_split": "shares"}


def load(seam: str, name: str, scenario: Any) -> Any:
    """Make the rule `name` (built-in name or ``file.py:Class``) of a seam.

    Raises
    ------
    RuleError
        Unknown name, missing file or class, or a class without the seam's method.
    """
    target = BUILT_IN[seam].get(name)
    if target is None and ":" not in name:
        raise RuleError(
            f"rules.{seam}={name} is not a rule: there are {', '.join(BUILT_IN[seam])}, "
            f"or give your own as file.py:Class{nearest(name, BUILT_IN[seam])}"
        )
    rule = find(target or name, f"rules.{seam}")
    if not hasattr(rule, METHOD[seam]) or not dataclasses.is_dataclass(rule):
        raise RuleError(f"rules.{seam}={name}: {rule.__name__} must be a frozen dataclass with a method '{METHOD[seam]}'")
    section = getattr(scenario, SECTION[seam], None)
    filled = {f.name: getattr(section, f.name) for f in dataclasses.fields(rule) if hasattr(section, f.name)}
    return rule(**filled)


def find(target: str, where: str) -> Any:
    """Return the object at ``file.py:name`` or ``package.module:name``; `where` names the setting in errors."""
    place, _, name = target.rpartition(":")
    try:
        module = _from_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except FileNotFoundError:
        raise RuleError(f"{where}={target}: there is no file {place}") from None
    except Exception as error:  # whatever a user's file raises while it loads
        raise RuleError(f"{where}={target}: {place} cannot be loaded ({type(error).__name__}: {error})") from error
    if not hasattr(module, name):
        public = [n for n in vars(module) if not n.startswith("_")]
        raise RuleError(f"{where}={target}: {place} has no '{name}'{nearest(name, public)}")
    return getattr(module, name)


def _from_file(path: Path) -> Any:
    path = path.resolve()
    if not path.is_file():
        raise FileNotFoundError(path)
    name = f"allysim_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
