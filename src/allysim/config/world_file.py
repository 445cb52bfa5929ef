"""A world in a file: settings by key, and what is moved on the way."""

from pathlib import Path
from typing import Any

import yaml

from allysim.errors import ConfigError, DataError

MOVES, AFTER = "moves", "after"


def read_world(path: Path) -> tuple[dict[str, Any], list[tuple[int, dict[str, Any]]]]:
    """Return the settings of a YAML file, and (month, settings) of each of its ``moves``; values are not yet checked.

    Raises
    ------
    ConfigError
        What the file holds is no settings, or moves are not in the order of their months.
    DataError
        The file is missing or cannot be read.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise DataError(f"{path} cannot be read: {problem.strerror or problem}") from None
    except (UnicodeDecodeError, yaml.YAMLError) as problem:
        where = getattr(problem, "problem_mark", None)
        place = f", line {where.line + 1}" if where else ""
        raise DataError(f"{path}{place}: this is not YAML: it takes lines key: value") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigError(f"{path}: it takes lines key: value, such as scenario: supply_stress")
    moves = content.pop(MOVES, None) or []
    if not isinstance(moves, list) or not all(isinstance(move, dict) and AFTER in move for move in moves):
        raise ConfigError(f"{path}: {MOVES} is a list of entries with {AFTER}: MONTH and the settings moved then")
    found: list[tuple[int, dict[str, Any]]] = []
    for move in moves:
        month = move.pop(AFTER)
        last = found[-1][0] if found else 0
        if isinstance(month, bool) or not isinstance(month, int) or month <= last:
            before = f", and the one before is after {last}" if found else ""
            raise ConfigError(f"{path}: {AFTER}: {month} is not allowed: moves stand in the order of their months, "
                              f"from 1 on{before}")
        found.append((month, move))
    return content, found
