"""Everything that can be set as one list: presets by group, and every value with all that is known about it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from allysim.config import presets
from allysim.config.parameters import GROUPS
from allysim.config.scenario import settable
from allysim.config.schema import TAGS, Field

LABELS = ("name", "about", "belief", "claim")
"""Fields that say what a preset is called and what it is for."""


def default_fields() -> dict[str, Field]:
    """Return every field with the default it has once the default presets are chosen."""
    fields = dict(settable())
    for group, name in presets.default_choices().items():
        for of, value in presets.load(group, name).items():
            key = f"{group}.{of}"
            fields[key] = fields[key]._replace(default=value)
    return fields


def section_of(key: str) -> str:
    """Return the section a key belongs to."""
    return key.partition(".")[0] if "." in key else "run"


@cache
def _first_seen() -> dict[str, str | dict[str, str]]:
    """Return for each section what its fields move first, field by field or all alike (tests/study/test_wired.py)."""
    found: dict[str, str | dict[str, str]] = yaml.safe_load(
        Path(__file__).with_name("first_seen.yaml").read_text(encoding="utf-8"))
    return found


def moves_first(key: str) -> tuple[str, ...]:
    """Return the column of the tables that moving a value changes first, and where there is one the next.

    >>> from allysim.config.catalogue import moves_first
    >>> moves_first("purchasing.fee"), moves_first("run.seed")
    (('memberships.fee',), ())
    """
    said = _first_seen().get(section_of(key), "")
    said = said if isinstance(said, str) else said.get(key.rpartition(".")[2], "")
    return () if said.startswith("nothing, ") else tuple(column for column in said.split(", ") if column)


def movers(column: str) -> list[str]:
    """Return the keys that move a column, given as ``firms.rung``, before any other."""
    return [key for key in settable() if moves_first(key)[:1] == (column,)]


def catalogue(groups: Iterable[str] = tuple(GROUPS), fields: dict[str, Field] | None = None) -> dict[str, Any]:
    """Return tags, presets by group and all about every value, ready for JSON; of some groups and fields if given."""
    chosen = presets.default_choices()
    fields = default_fields() if fields is None else fields
    return {
        "tags": TAGS,
        "groups": {
            group: {
                "default": chosen[group],
                "presets": {name: {"about": presets.about(group, name), "values": presets.load(group, name)}
                            for name in presets.names(group)},
            }
            for group in groups
        },
        "parameters": [
            {"key": key, "section": section_of(key), "type": field.kind.__name__, "optional": field.optional,
             "default": field.default, **vars(field.parameter), "moves_first": list(moves_first(key))}
            for key, field in fields.items()
        ],
    }
