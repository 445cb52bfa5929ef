"""What a user's files hold: read for a scenario, and restored from what a scenario kept of them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from allysim.config import parameters as p
from allysim.config import presets
from allysim.errors import ConfigError, nearest

if TYPE_CHECKING:
    from allysim.data import OwnFirms
    from allysim.drivers import OwnDrivers
    from allysim.network import Network

Named = dict[str, p.Strategy]


def read_own(path: str | None) -> tuple["OwnFirms | None", Named]:
    """Read a user's firms and the strategies they name; `DataError` if the file cannot be used."""
    if path is None:
        return None, {}
    from allysim.data import read_firms

    own = read_firms(path, strategies=presets.names("strategy"))
    used = sorted({name for name in own.column("strategy") if name is not None})
    return own, {name: p.Strategy(**presets.load("strategy", name)) for name in used}


def read_start(path: str | None) -> "Network | None":
    """Read the network a world starts from; `DataError` if the file cannot be used."""
    if path is None:
        return None
    from allysim.network import read_network

    return read_network(path)


def read_driven(path: str | None) -> "OwnDrivers | None":
    """Read a user's own drivers; `DataError` if the file cannot be used."""
    if path is None:
        return None
    from allysim.drivers import read_drivers

    return read_drivers(path)


def own_from(columns: Mapping[str, Any] | None) -> "OwnFirms | None":
    """Return the firms whose columns a scenario kept; `ConfigError` where that is none of ours."""
    if columns is None:
        return None
    from allysim.data import COLUMNS, ENDS, NEEDED, OwnFirms

    _check_columns(columns, {**COLUMNS, **ENDS}, NEEDED, "own firms", "lack their")
    return OwnFirms.from_dict(columns)


def network_from(columns: Mapping[str, Any] | None) -> "Network | None":
    """Return the network whose columns a scenario kept; errors as `own_from`."""
    if columns is None:
        return None
    from allysim.network import Network, Spell

    needed = [name for name in Spell._fields if name not in Spell._field_defaults]
    _check_columns(columns, Spell._fields, needed, "network", "lacks its")
    return Network.from_dict(columns)


def driven_from(columns: Mapping[str, Any] | None) -> "OwnDrivers | None":
    """Return the drivers whose columns a scenario kept; errors as `own_from`."""
    if columns is None:
        return None
    from allysim.drivers import COLUMNS, OwnDrivers

    _check_columns(columns, COLUMNS, COLUMNS, "drivers", "lack their")
    return OwnDrivers.from_dict(columns)


def _check_columns(columns: Mapping[str, Any], allowed: Iterable[str], needed: Iterable[str], whose: str, lack: str,
                   ) -> None:
    refuse_unknown(columns, allowed, f"column of the {whose}")
    for name in needed:
        if name not in columns:
            raise ConfigError(f"the {whose} of this configuration {lack} column '{name}'")


def refuse_unknown(content: Any, allowed: Any, what: str) -> None:
    """Raise `ConfigError` unless `content` is a mapping with allowed keys."""
    if not isinstance(content, Mapping):
        raise ConfigError("this is not a configuration that allysim wrote")
    for key in content:
        if key not in allowed:
            raise ConfigError(
                f"unknown {what} '{key}'{nearest(str(key), allowed)} (this was written by another version of allysim)"
            )
