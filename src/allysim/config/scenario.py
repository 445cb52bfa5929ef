"""One resolved configuration: typed, frozen, checked, and known by a hash of what shapes its numbers."""

import dataclasses
import functools
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allysim.config import bargain, governing, presets, supply, tendering, yields
from allysim.config import parameters as p
from allysim.config.contents import (
    driven_from,
    network_from,
    own_from,
    read_driven,
    read_own,
    read_start,
    refuse_unknown,
)
from allysim.config.schema import Field, check, fields_of
from allysim.errors import ConfigError, DataError, nearest

if TYPE_CHECKING:
    from allysim.data import OwnFirms
    from allysim.drivers import OwnDrivers
    from allysim.network import Network, Start

LABELS = ("about", "belief", "claim")
"""Fields that explain a preset and shape no number."""

WITHOUT_EFFECT = ("seed", "replications", "records", "out", "jobs", "firms.path", "alliances.path",
                  "scenario.path")
"""Settings left out of `Scenario.digest` (a seed and the contents of files have places of their own)."""


@dataclass(frozen=True, repr=False)
class Scenario:
    """Everything that shapes a run.

    One attribute per section of the configuration (`allysim list` shows them with units and ranges),
    the user's own firms as read from ``firms.path``, the strategies that file names, the network as
    read from ``alliances.path``, and the user's own drivers as read from ``scenario.path``. Made by
    `allysim.scenario`, `scenario_from`, `Scenario.replace` and `Scenario.from_dict`, all of which
    raise `ConfigError` or `DataError` with one sentence.
    """

    run: p.Run
    firms: p.Firms
    alliances: p.Alliances
    scenario: p.Drivers
    strategy: p.Strategy
    background: p.Strategy
    governance: p.Governance
    ip_protection: p.IpProtection
    data_sharing: p.DataSharing
    pilot: p.Pilot
    rules: p.Rules
    market: p.Market
    customers: p.Customers
    subscriptions: p.Subscriptions
    environment: p.Environment
    stock: supply.Stock
    purchasing: p.Purchasing
    coopetition: yields.Coopetition
    tendering: tendering.Tendering
    infrastructure: yields.Infrastructure
    research: yields.Research
    fit: yields.Fit
    contract: yields.Contract
    culture: yields.Culture
    learning: p.Learning
    trust: p.Trust
    conduct: p.Conduct
    leaks: p.Leaks
    sharing: p.Sharing
    process: p.Process
    capability: p.Capability
    disputes: governing.Disputes
    legal: governing.Legal
    administration: p.Administration
    latency: governing.Latency
    choice: p.Choice
    ecosystem: p.Ecosystem
    alternatives: p.Alternatives
    restructuring: p.Restructuring
    course: governing.Course
    separation: p.Separation
    demography: p.Demography
    terms: bargain.Terms
    scaling: bargain.Scaling
    portfolio: p.Portfolio
    own: "OwnFirms | None" = None
    named: Mapping[str, p.Strategy] = field(default_factory=dict, hash=False)
    network: "Network | None" = None
    driven: "OwnDrivers | None" = None

    def __post_init__(self) -> None:
        _check_together(self)

    @property
    def strategies(self) -> tuple[p.Strategy, ...]:
        """The strategies in play: of the focal firms, of the background, and those a user's file names."""
        return (self.strategy, self.background, *self.named.values())

    @functools.cached_property
    def start(self) -> "Start | None":
        """The network at month 0; None where none is given."""
        return self.network.on(self.alliances.date, self.alliances.type) if self.network else None

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the firms that have one, by slot: the user's own, then those that only the network names."""
        own = self.own.names if self.own else ()
        known = {name.casefold() for name in own}
        return own + tuple(name for name in (self.start.firms if self.start else ()) if name.casefold() not in known)

    @property
    def n_firms(self) -> int:
        """Number of firms in all; every firm with a name has a place."""
        own = self.own.n if self.own else 0
        return max(len(self.names), self.firms.n if self.firms.background is None else own + self.firms.background)

    @property
    def n_focal(self) -> int:
        """Number of focal firms asked for: the user's own, else those of the network, else ``firms.focal``."""
        return self.own.n if self.own else len(self.names) or self.firms.focal

    def __repr__(self) -> str:
        """Show what differs from the defaults."""
        differs = [
            f"{key}={value}" for key, value in self.flat().items()
            if value != settable()[key].default and key.rpartition(".")[2] not in LABELS
        ]
        own = [f"own={self.own.n} firms"] if self.own else []
        network = [f"network={len(self.network.spells)} spells"] if self.network else []
        driven = [f"driven={', '.join(self.driven.names)}"] if self.driven else []
        return f"Scenario({', '.join(differs + own + network + driven)})"

    @classmethod
    def of(cls, settings: Mapping[str, Any], own: "OwnFirms | None" = None,
           named: Mapping[str, p.Strategy] | None = None, network: "Network | None" = None,
           driven: "OwnDrivers | None" = None) -> "Scenario":
        """Build a scenario from checked values by dotted key; what is absent has its default."""
        values = {key: settings.get(key, known.default) for key, known in settable().items()}
        sections = {
            name: section(**{of: values[_prefix(name) + of] for of in section._fields})  # type: ignore[attr-defined]
            for name, section in p.SECTIONS.items()
        }
        return cls(**sections, own=own, named=dict(named or {}), network=network, driven=driven)

    def flat(self) -> dict[str, Any]:
        """Return every value by the key a user sets it with."""
        return {
            _prefix(name) + key: value
            for name in p.SECTIONS
            for key, value in getattr(self, name)._asdict().items()
        }

    def replace(self, overrides: Mapping[str, Any] | None = None, /, **more: Any) -> "Scenario":
        """Return this scenario with some settings changed.

        Keys are those of the command line, a group's preset among them; a preset replaces its whole
        section before single values are set. A file is read again only where its path is set anew.

        >>> al.scenario(months=60).replace(governance="light", **{"pilot.months": 6})
        Scenario(months=60, ...)
        """
        choices, values = check_settings({**(overrides or {}), **more})
        settings = self.flat()
        for group, name in choices.items():
            defaults = {known.key: known.default for known in fields_of(p.SECTIONS[p.GROUPS[group]])}
            settings |= {f"{group}.{of}": value for of, value in (defaults | presets.load(group, name)).items()}
        own, named = (self.own, self.named) if "firms.path" not in values else read_own(values["firms.path"])
        network = self.network if "alliances.path" not in values else read_start(values["alliances.path"])
        settings |= values
        driven = self.driven if not {"scenario", "scenario.path"} & {*choices, *values} \
            else read_driven(settings["scenario.path"])
        return Scenario.of(settings, own, named, network, driven)

    def with_values(self, values: Mapping[str, float]) -> "Scenario":
        """Return this scenario with numbers of a design set, each within what its parameter allows; quick.

        Numbers of the user's own firms have the key of their `allysim.data.Range`.
        """
        changed: dict[str, dict[str, Any]] = {}
        own = {key: value for key, value in values.items() if key not in settable()}
        for key, value in values.items():
            if key in own:
                continue
            section, of = _place(key)
            changed.setdefault(section, {})[of] = int(value) if settable()[key].kind is int else float(value)
        firms: dict[str, Any] = {"own": self.own.with_numbers(own)} if own and self.own else {}
        return dataclasses.replace(self, **firms, **{section: getattr(self, section)._replace(**new)
                                                     for section, new in changed.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return everything, what was read from files included, ready for JSON."""
        settings = {key: list(value) if isinstance(value, tuple) else value for key, value in self.flat().items()}
        return {
            "settings": settings,
            "own": self.own.to_dict() if self.own else None,
            "named": {name: {key: list(value) if isinstance(value, tuple) else value
                             for key, value in row._asdict().items()} for name, row in self.named.items()},
            "network": self.network.to_dict() if self.network else None,
            "driven": self.driven.to_dict() if self.driven else None,
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Scenario":
        """Restore what `to_dict` gave; no file is read. What a later version added has its default."""
        refuse_unknown(content, ("settings", "own", "named", "network", "driven"), "entry")
        settings = content.get("settings", {})
        refuse_unknown(settings, settable(), "setting")
        named = {}
        for name, row in content.get("named", {}).items():
            known = {of.key: of for of in fields_of(p.Strategy)}
            refuse_unknown(row, known, f"field of strategy {name}")
            named[name] = p.Strategy(**{of: check(known[of], value) for of, value in row.items()})
        values = {key: check(settable()[key], value) for key, value in settings.items()}
        return cls.of(values, own_from(content.get("own")), named, network_from(content.get("network")),
                      driven_from(content.get("driven")))

    def digest(self, seed: int) -> str:
        """Return 16 hexadecimal digits that identify a run's numbers.

        They stand for every setting that shapes a number, the contents of the user's firms, of the network,
        of drivers and of files with rules or an outcome, the seed, and the version of the code.
        """
        from allysim.version import code_version

        whole = json.dumps([*self.shape, seed, code_version()], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()[:16]

    @property
    def shape(self) -> tuple[str, dict[str, Any]]:
        """What `digest` stands for but for the seed and the version of the code: hashes of settings and of own code."""
        return self._contents, {key: _content(getattr(section, name)) for key, section, name in self._code()}

    def _code(self) -> list[tuple[str, Any, str]]:
        """Return the settings that may name a file of code: key, section, field."""
        return [("outcome", self.run, "outcome"), *((f"rules.{of}", self.rules, of) for of in p.Rules._fields)]

    @functools.cached_property
    def _contents(self) -> str:
        """A hash of all that shapes a number but code and seed, worked out once for many seeds."""
        content, code = self.to_dict(), {key for key, _, _ in self._code()}
        settings = {key: value for key, value in content["settings"].items()
                    if key not in WITHOUT_EFFECT and key not in code and key.rpartition(".")[2] not in LABELS}
        return hashlib.sha256(json.dumps({**content, "settings": settings}, sort_keys=True).encode()).hexdigest()


@functools.cache
def settable() -> dict[str, Field]:
    """Return everything that can be set, except the choice of presets, by the key a user sets it with."""
    return {known.key: known for name, section in p.SECTIONS.items() for known in fields_of(section, _prefix(name))}


def check_settings(overrides: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """Split settings into presets chosen by group and single values by key, all checked.

    Raises
    ------
    ConfigError
        For an unknown key or preset, a wrong type or a value out of range.
    """
    choices, values = {}, {}
    for key, value in overrides.items():
        if key in p.GROUPS:
            choices[key] = presets.check_name(key, value)
        elif key in settable():
            values[key] = check(settable()[key], _plain(value))
        else:
            raise unknown_key(key)
    return choices, values


def unknown_key(key: str, further: tuple[str, ...] = ()) -> ConfigError:
    """Return the error for a key that cannot be set, with the nearest one that can, or of `further` of a command."""
    allowed = [*further, *p.GROUPS, *settable()]
    if key in p.SECTIONS and key != "run":
        example = next(known for known in allowed if known.startswith(f"{key}."))
        return ConfigError(f"'{key}' is a section: set one of its values, such as {example} ('allysim list {key}')")
    plain = key.lower().removeprefix("run.")
    same = [known for known in allowed if plain in (known, known.rpartition(".")[2])]
    hint = f"; did you mean '{same[0]}'?" if same else nearest(key, allowed)
    return ConfigError(f"unknown key '{key}'{hint} ('allysim list' shows all)")


def _check_network(scenario: Scenario) -> None:
    """Refuse a date without network or on which none runs, and firms that nobody knows."""
    network, settings = scenario.network, scenario.alliances
    if network is None:
        if settings.date is not None:
            raise ConfigError(f"alliances.date={settings.date} needs alliances.path: it is the date on which the "
                              f"network of that file is month 0")
        return
    own = scenario.own.names if scenario.own else ()
    unknown = scenario.names[len(own):]
    if unknown and settings.unknown == "refuse":
        several = f" (and {len(unknown) - 1} more of its firms)" if len(unknown) > 1 else ""
        among = f"not in {scenario.firms.path}{nearest(unknown[0], own)}" if own else "unknown: firms.path is not set"
        raise DataError(f"{settings.path}{network.line(unknown[0])}, column firm: '{unknown[0]}' is {among}{several}; "
                        f"alliances.unknown=draw has such firms drawn")


def _check_together(scenario: Scenario) -> None:
    """Refuse values that are each allowed but make no sense together."""
    firms, drivers, pilot = scenario.firms, scenario.scenario, scenario.pilot
    if firms.background is not None and scenario.own is None:
        raise ConfigError(
            f"firms.background={firms.background} needs firms.path: it is the number of drawn firms around your "
            f"own; without a file set firms.n and firms.focal"
        )
    if scenario.own is None and firms.focal > firms.n:
        raise ConfigError(f"firms.focal={firms.focal} is more than firms.n={firms.n}: focal firms are among all firms")
    if scenario.own is not None and firms.background is None and scenario.own.n > firms.n:
        raise ConfigError(
            f"firms.n={firms.n} is fewer than the {scenario.own.n} firms of {firms.path}: set firms.n to the "
            f"number of firms in all, or firms.background=0 for none but yours"
        )
    _check_network(scenario)
    for window in ("disruption", "price_war"):
        first, last = (getattr(drivers, f"{window}_{end}") for end in ("from", "until"))
        if first > last:
            raise ConfigError(f"scenario.{window}_from={first} is after scenario.{window}_until={last}: the window "
                              f"must not end before it begins")
    if scenario.process.effort != "none" and scenario.rules.market != "cournot":
        raise ConfigError(f"process.effort={scenario.process.effort} needs rules.market=cournot: what a cut of costs "
                          f"earns is known of that market only")
    if pilot.stop >= pilot.go:
        raise ConfigError(f"pilot.stop={pilot.stop:g} must be below pilot.go={pilot.go:g}")


@functools.cache
def _place(key: str) -> tuple[str, str]:
    """Return the section and the field that a key stands for."""
    return next((name, known.key.removeprefix(_prefix(name))) for name, section in p.SECTIONS.items()
                for known in fields_of(section, _prefix(name)) if known.key == key)


def _prefix(section: str) -> str:
    return {"run": "", "background": "background.strategy."}.get(section, f"{section}.")


def _plain(value: Any) -> Any:
    """Return a path as text and a NumPy number as Python's own."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value.item() if hasattr(value, "item") else value


def _content(reference: str | None) -> str | None:
    """Return ``file.py:name`` with a hash of the file in place of its path; other names as they are."""
    path, _, name = (reference or "").rpartition(":")
    if not path or not (file := Path(path).expanduser()).is_file():
        return reference
    return f"{hashlib.sha256(file.read_bytes()).hexdigest()}:{name}"
