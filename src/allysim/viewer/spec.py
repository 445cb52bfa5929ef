"""What a page may ask for: a world as settings and levers moved on the way, checked before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from allysim.config import scenario as compose
from allysim.config.catalogue import LABELS, catalogue
from allysim.config.parameters import GROUPS, SECTIONS
from allysim.config.scenario import settable, unknown_key
from allysim.errors import ConfigError
from allysim.fork import NO_LEVERS, moved
from allysim.rules import BUILT_IN

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.records import History

NOT_ASKED = {
    **dict.fromkeys(("firms.path", "alliances.path", "alliances.date", "alliances.unknown", "alliances.type",
                     "scenario.path"), "a file is named where 'allysim live' is started"),
    **dict.fromkeys(("outcome", "records", "out", "jobs", "replications"), "it is about how runs are made and kept"),
}
"""Settings that a page cannot make, and why."""
MOST_MOVES, MOST_SETTINGS = 12, 80
MOST_FIRMS, MOST_MONTHS = 500, 360
"""Bounds of a world that a page may ask for; the world with which the server was started is always allowed."""


class Spec(NamedTuple):
    """A world: settings of month 0, and (month, settings) of what is moved after a month.

    ``plain`` begins from the defaults, as lessons do, and not from the world with which the server was started.
    """

    settings: dict[str, Any]
    moves: tuple[tuple[int, dict[str, Any]], ...] = ()
    plain: bool = False


def spec_from(given: Any) -> Spec:
    """Read what a page sent: an object of ``settings``, ``moves`` and ``plain``; raises `ConfigError`."""
    if not isinstance(given, dict) or set(given) - {*Spec._fields}:
        raise ConfigError("a world is asked for as an object of settings and moves")
    moves = given.get("moves") or []
    if not isinstance(moves, list) or len(moves) > MOST_MOVES:
        raise ConfigError(f"moves are a list of up to {MOST_MOVES}")
    found, last = [], 0
    for move in moves:
        if not isinstance(move, list) or len(move) != 2 or isinstance(move[0], bool) or not isinstance(move[0], int):
            raise ConfigError("a move is a month and an object of settings")
        if not last < move[0] <= MOST_MONTHS:
            raise ConfigError(f"moves come month after month from 1 to {MOST_MONTHS}, and {move[0]} follows {last}")
        last = move[0]
        found.append((last, _settings(move[1])))
    return Spec(_settings(given.get("settings") or {}), tuple(found), given.get("plain") is True)


def seed_from(given: dict[str, Any], base: Scenario) -> int:
    """Return the ``seed`` that a page sent, that of `base` where it sent none; raises `ConfigError`."""
    seed = given.get("seed", base.run.seed)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**53:
        raise ConfigError("seed takes a whole number from 0 to 2^53")
    return seed


def _settings(given: Any) -> dict[str, Any]:
    """Return settings that a page may make, values not yet checked."""
    if not isinstance(given, dict) or len(given) > MOST_SETTINGS:
        raise ConfigError(f"settings are an object of up to {MOST_SETTINGS} keys")
    for key, value in given.items():
        if key in NOT_ASKED:
            raise ConfigError(f"{key} cannot be set here: {NOT_ASKED[key]}")
        if key not in GROUPS and key not in settable():
            raise unknown_key(str(key)[:100])
        section, _, name = key.partition(".")
        if section == "rules" and value not in [*BUILT_IN[name]]:
            raise ConfigError(f"{key} takes {', '.join(BUILT_IN[name])} here: a rule of your own is named where "
                              "'allysim live' is started")
        if isinstance(value, dict) or (isinstance(value, str) and len(value) > 200):
            raise ConfigError(f"{key} takes one value here")
    return given


def composed(base: Scenario, spec: Spec) -> tuple[Scenario, History]:
    """Return what is in force in the end and what was before, on top of the world the server was started with.

    Raises
    ------
    ConfigError
        A value that is not allowed, a lever that cannot be moved on the way, or a world beyond the bounds.
    """
    begin = plain() if spec.plain else base
    scenario = begin.replace(spec.settings) if spec.settings else begin
    history: list[tuple[int, Scenario]] = []
    for month, levers in spec.moves:
        history.append((month, scenario))
        scenario = moved(scenario, levers, month)
    for config in (scenario, *(config for _, config in history)):
        _bounded("firms.n", config.n_firms, max(MOST_FIRMS, base.n_firms))
        _bounded("months", config.run.months, max(MOST_MONTHS, base.run.months))
    return scenario, tuple(history)


@cache
def plain() -> Scenario:
    """Return the default world."""
    return compose()


def _bounded(key: str, value: int, most: int) -> None:
    if value > most:
        raise ConfigError(f"{key}={value} is more than a live page runs, {most}: take 'allysim run' for that")


def written(base: Mapping[str, Any], spec: Spec, seed: int) -> str:
    """Return a world as the YAML that ``allysim run --config`` takes.

    Parameters
    ----------
    base : mapping
        Settings with which the server was started.
    """
    import yaml

    content: dict[str, Any] = {**({} if spec.plain else base), **spec.settings, "seed": seed}
    if spec.moves:
        content["moves"] = [{"after": month, **levers} for month, levers in spec.moves]
    head = "# A world from 'allysim live': allysim run --config world.yaml\n"
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def levers(base: Scenario) -> dict[str, Any]:
    """Return all that a page can set: presets by group, then every value with unit, range, tag and what it is.

    ``moves`` says of each whether it can be moved while a world goes on, and ``value`` what it is in `base`.
    """
    listed = catalogue()
    flat = base.flat()
    parameters = [
        {**parameter, "value": flat[parameter["key"]], "moves": parameter["key"] not in NO_LEVERS}
        for parameter in listed["parameters"]
        if parameter["key"] not in NOT_ASKED and parameter["key"].rpartition(".")[2] not in LABELS
    ]
    groups = {group: {"chosen": flat.get(f"{group}.name"), "default": content["default"],
                      "presets": {name: preset["about"] for name, preset in content["presets"].items()}}
              for group, content in listed["groups"].items()}
    for parameter in parameters:
        if parameter["section"] == "rules":
            parameter["allowed"] = list(BUILT_IN[parameter["key"].partition(".")[2]])
    about = {name: (section.__doc__ or "").partition("\n")[0] for name, section in SECTIONS.items()}
    return {"tags": listed["tags"], "groups": groups, "parameters": parameters, "sections": about}
