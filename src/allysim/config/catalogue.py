"""Everything that can be set as one list: presets by group, and every value with all that is known about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

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
             "default": field.default, **vars(field.parameter)}
            for key, field in fields.items()
        ],
    }
