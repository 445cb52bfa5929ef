"""How one settable value is described: unit, allowed values, assumption range, tag and source.

Sections of the configuration are ``NamedTuple`` classes whose fields are annotated with a
`Parameter`. They are typed and frozen, and Numba kernels read them as they are.
"""

from __future__ import annotations

import math
import types
import typing
from dataclasses import dataclass
from typing import Any, NamedTuple

from allysim.errors import ConfigError, nearest

TAGS = {
    "S": "read in a source",
    "T": "textbook form",
    "A": "assumption: a guess, to be swept over its range and never a finding",
    "L": "lever: a choice of whoever runs the model",
}


@dataclass(frozen=True)
class Parameter:
    """Description of one settable value.

    Attributes
    ----------
    about : str
        What it is, in a few words.
    unit : str
        Unit of measure; "" for a pure number or a name.
    tag : str
        One of `TAGS`.
    allowed : tuple of float, or tuple of str, or None
        Closed interval of numbers that are accepted, or the names that are; None for free text.
    low, high : float or None
        Range over which an assumption is swept.
    off : object or None
        Value at which the mechanism does nothing, where there is one.
    source : str
        Equation of the model (F1 ...) and literature.
    """

    about: str
    unit: str = ""
    tag: str = "A"
    allowed: tuple[Any, ...] | None = None
    low: float | None = None
    high: float | None = None
    off: Any = None
    source: str = ""


class Field(NamedTuple):
    """A field of a section: its dotted key, Python type, default and description."""

    key: str
    kind: type
    optional: bool
    default: Any
    parameter: Parameter


def fields_of(section: type, prefix: str = "") -> list[Field]:
    """List the fields of a section class, in order."""
    hints = typing.get_type_hints(section, include_extras=True)
    defaults = section._field_defaults  # type: ignore[attr-defined]
    found = []
    for name, hint in hints.items():
        kind, parameter = hint.__origin__, hint.__metadata__[0]
        optional = isinstance(kind, types.UnionType)
        if optional:
            kind = next(k for k in typing.get_args(kind) if k is not type(None))
        kind = typing.get_origin(kind) or kind
        found.append(Field(prefix + name, kind, optional, defaults[name], parameter))
    return found


def describe_allowed(field: Field) -> str:
    """Say in words what a field accepts."""
    allowed, kind = field.parameter.allowed, field.kind
    if kind is bool:
        text = "true or false"
    elif kind in (int, float):
        noun = "a whole number" if kind is int else "a number"
        low, high = allowed if allowed else (-math.inf, math.inf)
        if math.isinf(low) and math.isinf(high):
            text = noun
        elif math.isinf(high):
            text = f"{noun} of at least {_bound(low)}"
        else:
            text = f"{noun} from {_bound(low)} to {_bound(high)}"
    elif kind is tuple:
        text = "a list in brackets of " + (", ".join(map(str, allowed)) if allowed else "names")
    else:
        text = "one of " + ", ".join(map(str, allowed)) if allowed else "text"
    return text + (", or null" if field.optional else "")


def check(field: Field, value: Any) -> Any:
    """Return `value` as the field's own type, or raise `ConfigError` with one sentence."""
    wrong = ConfigError(f"{field.key}={_shown(value)} is not allowed: it takes {describe_allowed(field)}")
    if value is None:
        if field.optional:
            return None
        raise wrong
    kind, allowed = field.kind, field.parameter.allowed
    if kind is bool:
        if not isinstance(value, bool):
            raise wrong
        return value
    if kind in (int, float):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise wrong
        if not math.isfinite(value) or (kind is int and value != int(value)):
            raise wrong
        if allowed and not allowed[0] <= value <= allowed[1]:
            raise wrong
        return kind(value)
    if kind is tuple:
        if isinstance(value, str) or not isinstance(value, (list, tuple)):
            raise wrong
        for item in value:
            if allowed and item not in allowed:
                raise ConfigError(
                    f"{field.key} contains {item!r}, which is not allowed: it takes "
                    f"{describe_allowed(field)}{nearest(str(item), map(str, allowed))}"
                )
        return tuple(value)
    if not isinstance(value, str):
        if isinstance(value, (bool, list, dict)):
            raise wrong
        value = str(value)
    if allowed and value not in allowed:
        raise ConfigError(f"{wrong}{nearest(value, map(str, allowed))}")
    return value


def _bound(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _shown(value: Any) -> str:
    if isinstance(value, str) and value[:1] in set("0123456789+-."):
        return repr(value)  # so that '60' is seen to be text
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
