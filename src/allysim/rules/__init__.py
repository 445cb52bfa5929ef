"""The swappable decisions, one file per seam; a rule is a small frozen dataclass with one method.

A rule is chosen by name (``rules.gate=never_stop``) or given by path (``rules.gate=mine.py:MyGate``).
Its fields are filled from the section of the configuration in `SECTION` where the names agree. It may declare what it
is, with ``stochastic`` (a rule that uses the luck of its question) and ``reads`` (the columns it looks at);
`allysim.testing.check_rule` holds it to that.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import importlib.util
import inspect
import sys
import zlib
from pathlib import Path
from typing import Any

from allysim.errors import AllysimError, RuleError, describe, nearest

BUILT_IN: dict[str, dict[str, str]] = {
    "market": {"logit": "allysim.rules.market:Logit", "cournot": "allysim.rules.market:Cournot"},
    "partner_choice": {
        "expected_value": "allysim.rules.partner_choice:ExpectedValue",
        "homophily": "allysim.rules.partner_choice:Homophily",
        "random": "allysim.rules.partner_choice:Random",
    },
    "conduct": {
        "temptation": "allysim.rules.conduct:Temptation",
        "never": "allysim.rules.conduct:Never",
        "grim_trigger": "allysim.rules.conduct:GrimTrigger",
        "tit_for_tat": "allysim.rules.conduct:TitForTat",
        "opportunist": "allysim.rules.conduct:Opportunist",
    },
    "gate": {
        "bayes": "allysim.rules.gate:Bayes",
        "threshold": "allysim.rules.gate:Threshold",
        "never_stop": "allysim.rules.gate:NeverStop",
    },
    "effort": {
        "equal": "allysim.rules.effort:EqualEffort", "proportional": "allysim.rules.effort:Proportional",
        "free_riding": "allysim.rules.effort:FreeRiding",
    },
    "value_split": {
        "equal": "allysim.rules.value_split:Equal",
        "contribution": "allysim.rules.value_split:Contribution",
        "flat_fee": "allysim.rules.value_split:FlatFee",
        "gross_margin": "allysim.rules.value_split:GrossMargin",
        "shapley": "allysim.rules.value_split:Shapley",
        "own_saving": "allysim.rules.value_split:OwnSaving",
    },
    "strategy": {
        "levers": "allysim.rules.strategy:Levers", "imitate": "allysim.rules.strategy:Imitate",
        "satisfice": "allysim.rules.strategy:Satisfice",
    },
}
"""Seam to built-in rules: name to ``module:Class``."""

SECTION = {
    "market": "market", "partner_choice": "choice", "conduct": "conduct", "gate": "pilot", "effort": "research",
    "value_split": "terms", "strategy": "course",
}
METHOD = {
    "market": "clear", "partner_choice": "choose", "conduct": "defects", "gate": "decide", "effort": "efforts",
    "value_split": "shares", "strategy": "pursue",
}


def load_all(scenario: Any) -> dict[str, Any]:
    """Make the rule behind every seam of a scenario; raises `RuleError` as `load` does."""
    return {seam: load(seam, name, scenario) for seam, name in scenario.rules._asdict().items()}


def load(seam: str, name: str, scenario: Any) -> Any:
    """Make the rule `name` (built-in name or ``file.py:Class``) of a seam.

    Raises
    ------
    RuleError
        Unknown name, missing file or class, or a class that is no frozen dataclass, lacks the seam's method,
        or has a field without default that no setting fills; one sentence.
    """
    target, where = BUILT_IN[seam].get(name, name), f"rules.{seam}={name}"
    if ":" not in target:
        raise RuleError(
            f"{where} is not a rule: there are {', '.join(BUILT_IN[seam])}, "
            f"or give your own as file.py:Class{nearest(name, BUILT_IN[seam])}"
        )
    return make(find(target, f"rules.{seam}"), seam, where, scenario)


def make(rule: Any, seam: str, where: str, scenario: Any) -> Any:
    """Make a rule of a seam from its class, fields filled from the settings; `where` names it in errors.

    Raises
    ------
    RuleError
        As `load`.
    """
    if not isinstance(rule, type):
        raise RuleError(f"{where}: this is not a class but {rule!r:.60}")
    if not callable(getattr(rule, METHOD[seam], None)):
        own = [name for name, _ in inspect.getmembers(rule, callable) if not name.startswith("_")]
        raise RuleError(f"{where}: {rule.__name__} has no method '{METHOD[seam]}'{nearest(METHOD[seam], own)}")
    if not dataclasses.is_dataclass(rule) or not rule.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise RuleError(f"{where}: {rule.__name__} must be a frozen dataclass; put @dataclass(frozen=True) above it")
    section = getattr(scenario, SECTION[seam], None)
    fields = [f for f in dataclasses.fields(rule) if f.init]
    filled = {f.name: getattr(section, f.name) for f in fields if hasattr(section, f.name)}
    for f in fields:
        if f.name not in filled and f.default is f.default_factory is dataclasses.MISSING:
            known = getattr(section, "_fields", ())
            raise RuleError(f"{where}: its field '{f.name}' has neither a default nor a setting "
                            f"{SECTION[seam] or seam}.{f.name}{nearest(f.name, known)}")
    try:
        return rule(**filled)
    except Exception as problem:  # whatever a user's class does when it is made
        raise RuleError(f"{where} cannot be made: {describe(problem)}") from problem


def find(target: str, where: str) -> Any:
    """Return the object at ``file.py:name`` or ``package.module:name``; `where` names the setting in errors."""
    place, _, name = target.rpartition(":")
    if not place or not name.isidentifier():
        raise RuleError(f"{where}={target} is not of the form file.py:name")
    file = Path(place).expanduser()
    try:
        if not place.endswith(".py"):
            module = importlib.import_module(place)
        elif file.is_file():
            module = _from_file(file.resolve(), file.stat().st_mtime_ns)
        else:
            raise RuleError(f"{where}={target}: there is no file {place}")
    except AllysimError:
        raise
    except Exception as error:  # whatever a user's file raises while it loads
        raise RuleError(f"{where}={target}: {place} cannot be loaded ({describe(error)})") from error
    if not hasattr(module, name):
        public = [n for n in vars(module) if not n.startswith("_")]
        raise RuleError(f"{where}={target}: {place} has no '{name}'{nearest(name, public)}")
    return getattr(module, name)


@functools.lru_cache(maxsize=32)
def _from_file(path: Path, changed: int) -> Any:
    """Load a user's file, once per process and change of the file, so that what it compiles stays compiled."""
    name = f"allysim_own_{path.stem}_{zlib.crc32(str(path).encode()):08x}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module
