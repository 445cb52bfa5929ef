"""From ``key=value`` to a `Scenario`: Hydra's grammar, our own checks, then Hydra's composition.

Every key and value is checked before Hydra composes, so that a slip is answered with one sentence
that names the key, the value, what is allowed and the nearest name.
"""

import functools
import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from allysim.config import presets
from allysim.config.contents import read_driven, read_own, read_start
from allysim.config.parameters import GROUPS, Run
from allysim.config.scenario import Scenario, check_settings, settable, unknown_key
from allysim.config.schema import describe_allowed
from allysim.errors import ConfigError

MULTIRUN = ("-m", "--multirun")
"""Hydra's option that makes a study of a run."""


class Override(NamedTuple):
    """One ``key=value``: its text, and the value or, for a comma list, the values written out, or an interval."""

    key: str
    text: str
    value: Any
    several: tuple[str, ...] | None
    interval: tuple[float, float] | None = None


def scenario(name: str | None = None, /, **overrides: Any) -> Scenario:
    """Compose a scenario in Python.

    Parameters
    ----------
    name : str, optional
        Preset of the group ``scenario``, such as ``"supply_stress"``.
    **overrides
        Settings by the key of the command line: ``governance="light"``, ``months=60``, and dotted keys
        as in ``**{"firms.n": 50}``.

    Raises
    ------
    ConfigError
        For an unknown key or preset, a wrong type, a value out of range or values that do not fit together.
    DataError
        If the file of ``firms.path``, ``alliances.path`` or ``scenario.path`` cannot be used.

    Examples
    --------
    >>> base = al.scenario("supply_stress", governance="light", months=60, **{"firms.n": 50})
    >>> base.run.months, base.governance.notice, base.scenario.price_step
    (60, 1, 0.25)
    >>> al.scenario(**{"firms.m": 50})
    Traceback (most recent call last):
    allysim.errors.ConfigError: unknown key 'firms.m'; did you mean 'firms.n'? ('allysim list' shows all)
    """
    if name is not None:
        if "scenario" in overrides:
            raise ConfigError(f"the scenario is given twice: '{name}' and '{overrides['scenario']}'; keep one")
        overrides["scenario"] = name
    return _compose(overrides)


def scenario_from(overrides: Iterable[str]) -> Scenario:
    """Compose a scenario from ``key=value`` texts in Hydra's grammar; raises as `scenario` does."""
    return _compose(settings_from(overrides))


def settings_from(overrides: Iterable[str]) -> dict[str, Any]:
    """Read ``key=value`` texts as settings by key, one value each; keys are known, values not yet checked."""
    settings = {}
    for override in parse_all(overrides):
        if override.several is not None:
            raise ConfigError(
                f"{override.text} is not allowed: {override.key} takes one value here; comma lists are for "
                f"'allysim compare', and text that contains a comma stands in double quotes"
            )
        settings[override.key] = override.value
    return settings


def split_variants(overrides: Iterable[str], keys: Iterable[str] = ()) -> list[tuple[dict[str, str], list[str]]]:
    """Write comma lists out into cells, in Hydra's order: the list given first changes slowest.

    Parameters
    ----------
    overrides : iterable of str
        ``key=value`` texts, any of them with a comma list (``strategy=a,b``) or ``range(1,5)``.
    keys : iterable of str
        Groups or keys that label every cell whether they vary or not.

    Returns
    -------
    list of (dict, list)
        Per cell its labels, one for each of `keys` and for each further key that varies, and the
        overrides that `scenario_from` takes.

    Raises
    ------
    ConfigError
        For a text that cannot be read, a value that stands twice in a list, or a list where one value
        must hold for the whole comparison (``months``, ``seed``, ``out`` ...).
    """
    return cells_of(parse_all(overrides), keys)


def cells_of(parsed: list[Override], keys: Iterable[str]) -> list[tuple[dict[str, str], list[str]]]:
    """Write the comma lists of texts that have been read out, as `split_variants` does."""
    for override in parsed:
        _check_list(override)
    fixed = {key: _default(key) for key in keys}
    fixed |= {override.key: str(override.value) for override in parsed if override.key in fixed}
    cells = []
    for texts in itertools.product(*(override.several or (None,) for override in parsed)):
        pairs = list(zip(parsed, texts, strict=True))
        varied = {override.key: text.strip("'\"") for override, text in pairs if text is not None}
        written = [override.text if text is None else f"{override.key}={text}" for override, text in pairs]
        cells.append((fixed | varied, written))
    return cells


def _default(key: str) -> str:
    return presets.default_choices()[key] if key in GROUPS else str(settable()[key].default)


def _check_list(override: Override) -> None:
    """Refuse a comma list where one value must hold for a whole comparison, and a value that stands twice."""
    if override.several is None:
        return
    if override.key in Run._fields:
        raise ConfigError(f"{override.text} is not allowed: {override.key} takes one value for the whole comparison")
    for text in override.several:
        if override.several.count(text) > 1:
            raise ConfigError(f"{override.text} names {text} twice; each variant is given once")


def parse_all(overrides: Iterable[str], intervals: bool = False, further: tuple[str, ...] = ()) -> list[Override]:
    """Read ``key=value`` texts, each key once; ``interval(low, high)`` is a value only where `intervals` says so.

    `further` are keys that the command knows and that are not read here: a slip may mean one of them.
    """
    parsed: dict[str, Override] = {}
    for text in overrides:
        override = _parse(text, further)
        if override.interval and not intervals:
            raise ConfigError(f"{override.text} is not allowed: intervals are for 'allysim sweep'")
        if override.key in parsed:
            raise ConfigError(f"{override.key} is set twice: {parsed[override.key].text} and {override.text}; keep one")
        parsed[override.key] = override
    return list(parsed.values())


def _parse(text: str, further: tuple[str, ...]) -> Override:
    """Read one ``key=value`` by Hydra's grammar; its key is known, its value not yet checked."""
    key, equals, value = (part.strip() for part in text.partition("="))
    if text[:1] in ("+", "~"):
        raise ConfigError(f"'{text}' is not allowed: nothing can be added or removed, only set; write key=value")
    if text in MULTIRUN:
        raise ConfigError(f"'{text}' is for 'allysim run' and 'allysim sweep', where it makes a study; elsewhere comma "
                          "lists need no option: leave it out")
    if text.startswith("-"):
        raise ConfigError(f"unknown option '{text}': settings are written key=value ('allysim list' shows all)")
    if not equals:
        example = f"firms.path={text}" if text.lower().endswith(".csv") else f"{key}=VALUE"
        if key not in GROUPS and key not in settable() and not text.lower().endswith(".csv"):
            raise unknown_key(key, further)
        raise ConfigError(f"'{text}' is not a setting: write {example}")
    if key not in GROUPS and key not in settable():
        raise unknown_key(key, further)
    takes = f"one of {', '.join(presets.names(key))}" if key in GROUPS else describe_allowed(settable()[key])
    if not value:
        raise ConfigError(f"{key}= has no value: it takes {takes}")
    read, several, interval = _by_hydra(key, value, takes)
    # Names and paths keep their own spelling where the grammar sees a number or a truth value.
    if key in GROUPS:
        read = read if isinstance(read, str) else value
    elif settable()[key].kind is str and isinstance(read, (bool, int, float)):
        read = value
    return Override(key, f"{key}={value}", read, several, interval)


def _by_hydra(key: str, value: str, takes: str,
              ) -> tuple[Any, tuple[str, ...] | None, tuple[float, float] | None]:
    """Return a value as Hydra reads it, the values of a comma list written out, and the ends of an interval."""
    from hydra.core.override_parser.types import Glob, QuotedString, Transformer
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        override = _parser().parse_override(f"value={value}")
        if override.is_interval_sweep():
            ends = override.value()
            return None, None, (ends.start, ends.end)
        if override.is_sweep_override():
            if isinstance(pattern := override.value(), Glob):
                return None, _matching(key, value, pattern), None
            if not (override.is_choice_sweep() or override.is_range_sweep()):
                raise ConfigError(f"{key}={value} is not allowed: it takes {takes}")
            return None, tuple(map(str, override.sweep_iterator(transformer=Transformer.encode))), None
        read = override.value()
        return (read.text if isinstance(read, QuotedString) else read), None, None
    except (HydraException, OmegaConfBaseException):
        free_text = key in settable() and settable()[key].kind is str and not settable()[key].parameter.allowed
        if free_text and value[0] not in "'\"":
            return value, None, None  # a path with a letter or mark that the grammar does not know
        raise ConfigError(f"{key}={value} cannot be read: it takes {takes}") from None


def _matching(key: str, value: str, pattern: Any) -> tuple[str, ...]:
    """Return the presets of a group that Hydra's ``glob(pattern)`` matches."""
    if key not in GROUPS:
        raise ConfigError(f"{key}={value} is not allowed: glob(...) is for presets ({', '.join(GROUPS)}); {key} takes "
                          "one value, a comma list or range(...)")
    found = tuple(pattern.filter(list(presets.names(key))))
    if not found:
        raise ConfigError(f"{key}={value} matches nothing: it takes one of {', '.join(presets.names(key))}")
    return found


@functools.cache
def _parser() -> Any:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    return OverridesParser.create()


def _compose(overrides: Mapping[str, Any]) -> Scenario:
    """Check settings, let Hydra compose the chosen presets, and set single values on top."""
    choices, values = check_settings(overrides)
    for group, name in (presets.default_choices() | choices).items():
        presets.load(group, name)  # refuses a faulty preset, naming its file
    settings = _hydra_values(choices) | values
    own, named = read_own(settings["firms.path"])
    return Scenario.of(settings, own, named, read_start(settings["alliances.path"]),
                       read_driven(settings["scenario.path"]))


def _hydra_values(choices: Mapping[str, str]) -> dict[str, Any]:
    """Return every value by key, as Hydra composes ``configs/config.yaml`` with the presets chosen."""
    from hydra import compose, initialize_config_dir
    from hydra.core.config_store import ConfigStore
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    ConfigStore.instance().store(name="schema", node=_tree())
    overrides = [f"{GROUPS[group]}@{group}={name}" if group != GROUPS[group] else f"{group}={name}"
                 for group, name in choices.items()]
    folder: Path = presets.folder()
    # A caller may be inside a Hydra application of its own: it finds its Hydra as it was.
    caller = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(folder), job_name="allysim", version_base="1.3"):
            composed = compose("config", overrides=overrides)
    finally:
        GlobalHydra.instance().hydra = caller
    found = {key: OmegaConf.select(composed, key) for key in settable()}
    return check_settings({key: OmegaConf.to_container(value) if OmegaConf.is_config(value) else value
                           for key, value in found.items()})[1]


def _tree() -> dict[str, Any]:
    """Return the defaults as the nested base that ``configs/config.yaml`` starts from."""
    tree: dict[str, Any] = {}
    for key, known in settable().items():
        *path, last = key.split(".")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[last] = list(known.default) if isinstance(known.default, tuple) else known.default
    return tree
