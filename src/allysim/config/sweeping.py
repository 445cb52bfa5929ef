"""What a study asks: comma lists that are crossed, intervals that a design spans, and how it is run."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Annotated, Any, NamedTuple

import yaml

from allysim.config import presets
from allysim.config.compose import Override, cells_of, parse_all, scenario_from
from allysim.config.scenario import Scenario, settable, unknown_key
from allysim.config.schema import Field, check, describe_allowed, fields_of
from allysim.config.schema import Parameter as P
from allysim.errors import ConfigError, nearest

DESIGNS = {
    "grid": "comma lists only: every combination",
    "random": "points drawn at random",
    "lhs": "a Latin hypercube: each parameter's range evenly filled",
    "sobol": "a scrambled Sobol sequence: evenly spread in all dimensions at once, and can be extended",
    "saltelli": "blocks of points for Sobol indices: each has 2 (parameters + 1) points",
    "morris": "trajectories for screening many parameters: each has (parameters + 1) points",
}
"""Design to what it is."""

ASSUMPTIONS = "assumptions"


class Sweep(NamedTuple):
    """How a study is designed and run; known to ``allysim sweep`` only."""

    design: Annotated[str | None, P("how points fill the intervals; null: sobol, or grid where there are none", "",
                                    "L", tuple(DESIGNS))] = None
    points: Annotated[int, P("points of the design (of morris: trajectories, of saltelli: blocks)", "points", "L",
                             (2, 10_000_000))] = 256
    first: Annotated[int, P("points of the sequence before the first one, as for a study on fresh points", "points",
                            "L", (0, 10_000_000))] = 0
    uncertainties: Annotated[tuple[str, ...], P("parameters varied over the ranges of their tags: assumptions (all "
                                                "tagged A), sections, or keys", "", "L")] = ()
    executor: Annotated[str, P("serial, loky (processes), dask (a cluster of its own), or an existing Dask "
                               "scheduler's address or file", "", "L")] = "loky"
    kpi: Annotated[str, P("figure that is analysed", "", "L")] = "economic_profit"
    reference: Annotated[str | None, P("strategy that all others are compared with; it is run once in each world, and "
                                       "lists of levers of the strategy are not crossed with it. null: the first one",
                                       "", "L")] = None
    earlier: Annotated[str | None, P("folder of a comparison at the defaults; the study says which of its clear "
                                     "differences keep their sign over the points", "", "L")] = None


OWN_KEYS: dict[str, Field] = {field.key: field for field in fields_of(Sweep)}
EXPERIMENT, STRATEGY = "experiment", "strategy"


class Dimension(NamedTuple):
    """A parameter that a design varies: its key, its interval, and whether it is a whole number."""

    key: str
    low: float
    high: float
    whole: bool


class Cell(NamedTuple):
    """One combination of the comma lists: its labels, and its scenario before the design's values are set."""

    labels: dict[str, str]
    config: Scenario


class Question(NamedTuple):
    """What a study asks: its cells, dimensions and settings, and the texts that were given."""

    cells: list[Cell]
    dimensions: list[Dimension]
    sweep: Sweep
    texts: list[str]


def question_from(overrides: Iterable[str]) -> Question:
    """Read ``key=value`` texts as a study: comma lists, ``interval(low, high)``, and the keys of `Sweep`.

    Raises
    ------
    ConfigError
        An override is refused, or values, design and intervals do not fit together; one sentence.
    DataError
        A user's file cannot be used.
    """
    texts = _with_experiment(list(overrides))
    own = [text for text in texts if text.partition("=")[0].strip() in OWN_KEYS]
    parsed = parse_all([text for text in texts if text not in own], intervals=True,
                       further=(EXPERIMENT, *OWN_KEYS))
    sweep = _sweep(own)
    spans = [_dimension(override) for override in parsed if override.interval]
    for text in (override.text for override in parsed if override.interval and override.several):
        raise ConfigError(f"{text} is not allowed: a list and an interval cannot be one value")
    cells = [Cell(labels, scenario_from(chosen)) for labels, chosen in
             cells_of([override for override in parsed if not override.interval], ("scenario", "strategy"))]
    return question(cells, spans, sweep, texts, {override.key for override in parsed})


def question(cells: list[Cell], spans: list[Dimension], sweep: Sweep, texts: list[str], given: Container[str],
             ) -> Question:
    """Put a study together and check all: add the dimensions of `Sweep.uncertainties` but for what is `given`, and the
    ranges in the user's file of firms."""
    if sweep.reference:
        cells = with_reference(cells, presets.check_name(STRATEGY, sweep.reference))
    dimensions = [*spans, *(span for span in uncertain(sweep.uncertainties) if span.key not in given), *_in_file(cells)]
    design = sweep.design or ("sobol" if dimensions else "grid")
    if design == "grid" and dimensions:
        raise ConfigError(f"design=grid takes comma lists only, and {dimensions[0].key} has an interval: take another "
                          f"design ({', '.join(name for name in DESIGNS if name != 'grid')}) or a list of values")
    if design != "grid" and not dimensions:
        raise ConfigError(f"design={design} has nothing to fill: give an interval, as in "
                          f"'pilot.months=interval(1,12)', or uncertainties=assumptions")
    if sweep.first and design not in ("random", "sobol"):
        raise ConfigError(f"first={sweep.first} is not allowed with design={design}: random and sobol have points one "
                          "by one in a sequence")
    months = {cell.config.run.months for cell in cells}
    if len(months) > 1:
        raise ConfigError("months takes one value for a whole study")
    return Question(cells, dimensions, sweep._replace(design=design), texts)


def _in_file(cells: Iterable[Cell]) -> list[Dimension]:
    """Return the dimensions of the ranges in the user's file of firms, which all cells must share."""
    ranges = {cell.config.own.ranges if cell.config.own else () for cell in cells}
    if len(ranges) > 1:
        raise ConfigError("firms.path names files whose columns NAME_low and NAME_high differ: a study varies the same "
                          "numbers everywhere, so give them the same ranges, or none")
    return [Dimension(of.key, of.low, of.high, False) for of in ranges.pop()]


def with_reference(cells: Iterable[Cell], name: str) -> list[Cell]:
    """Put a strategy before the cells that it is to be compared with, once for each of their worlds.

    It is as its preset has it, and its labels for levers of the strategy are empty.
    """
    cells, first = list(cells), dict[tuple[str, ...], Cell]()
    for cell in cells:
        labels = {key: name if key == STRATEGY else "" if of_strategy(key) else value
                  for key, value in cell.labels.items()}
        if tuple(labels.values()) not in first:
            first[tuple(labels.values())] = Cell(labels, cell.config.replace({STRATEGY: name}))
    others = [cell for cell in cells if cell.labels[STRATEGY] != name]
    if not others:
        raise ConfigError(f"reference={name} is not allowed: there is no other strategy to be compared with it")
    return [*first.values(), *others]


def of_strategy(key: str) -> bool:
    """Return whether a label is of the strategy, or of one of its levers, and not of the world."""
    return key == STRATEGY or key.startswith(f"{STRATEGY}.")


def uncertain(named: Iterable[str]) -> list[Dimension]:
    """Return the dimensions that names stand for: ``assumptions``, a section's assumptions, or one parameter.

    Raises
    ------
    ConfigError
        A name that is none of these, or has no range.
    """
    found: dict[str, Dimension] = {}
    ranged = {key: field for key, field in settable().items() if field.parameter.low is not None}
    assumed = {key: field for key, field in ranged.items() if field.parameter.tag == "A"}
    for name in named:
        if name == ASSUMPTIONS:
            chosen = assumed
        elif name in settable():
            if name not in ranged:
                raise ConfigError(f"uncertainties={name} is not allowed: it has no range ('allysim list {name}'); "
                                  f"give one, as in '{name}=interval(low,high)'")
            chosen = {name: ranged[name]}
        else:
            chosen = {key: field for key, field in assumed.items() if key.startswith(f"{name}.")}
        if not chosen:
            sections = {key.rpartition(".")[0] for key in assumed}
            raise ConfigError(f"uncertainties={name} is not allowed: it takes {ASSUMPTIONS}, a section or a "
                              f"key{nearest(name, [ASSUMPTIONS, *sections, *ranged])}")
        for key, field in chosen.items():
            low, high = field.parameter.low, field.parameter.high
            found[key] = Dimension(key, float(low), float(high), field.kind is int)  # type: ignore[arg-type]
    return list(found.values())


def span(key: str, low: Any, high: Any) -> Dimension:
    """Return the dimension of a parameter over an interval.

    Raises
    ------
    ConfigError
        No such parameter, not a number, an end that it does not take, or ends in the wrong order.
    """
    if key not in settable():
        raise unknown_key(key)
    field, shown = settable()[key], f"{key}=interval({low},{high})"
    if field.kind not in (int, float):
        raise ConfigError(f"{shown} is not allowed: {key} takes {describe_allowed(field)}")
    if key in ("seed", "replications", "months", "jobs"):
        raise ConfigError(f"{shown} is not allowed: {key} takes one value for a whole study")
    for end in (low, high):
        whole = field.kind is int and float(end).is_integer()
        check(field, int(end) if whole else end)
    if not low < high:
        raise ConfigError(f"{shown} is not allowed: an interval goes from a lower to a higher value")
    return Dimension(key, float(low), float(high), field.kind is int)


def _dimension(override: Override) -> Dimension:
    assert override.interval is not None
    return span(override.key, *override.interval)


def _sweep(texts: list[str]) -> Sweep:
    """Return the study's own settings from their texts."""
    values: dict[str, Any] = {}
    for text in texts:
        key = text.partition("=")[0].strip()
        if key in values:
            raise ConfigError(f"{key} is set twice; keep one")
        values[key] = read_own(text)
    return Sweep(**values)


def read_own(text: str) -> Any:
    """Return the value of a ``key=value`` text of `Sweep`; `ConfigError` for one that is not allowed."""
    key, _, value = (part.strip() for part in text.partition("="))
    field = OWN_KEYS[key]
    if value == "":
        raise ConfigError(f"{key}= has no value: it takes {describe_allowed(field)}")
    if field.kind is tuple:
        return check(field, [item.strip() for item in value.strip("[]").split(",") if item.strip()])
    if field.kind is int and value.lstrip("-").isdigit():
        return check(field, int(value))
    return check(field, None if value == "null" and field.optional else value)


def _with_experiment(texts: list[str]) -> list[str]:
    """Put the settings of ``experiment=NAME`` before those given, which override them."""
    named = [text for text in texts if text.partition("=")[0].strip() == EXPERIMENT]
    if not named:
        return texts
    if len(named) > 1:
        raise ConfigError(f"{EXPERIMENT} is set twice: {named[0]} and {named[1]}; keep one")
    given = {text.partition("=")[0].strip() for text in texts}
    stored = load_experiment(named[0].partition("=")[2].strip())
    return [*(f"{key}={value}" for key, value in stored.items() if key not in given),
            *(text for text in texts if text not in named)]


def experiments() -> dict[str, str]:
    """Return the studies in ``configs/experiment/`` and what each is about."""
    files = sorted((presets.folder() / EXPERIMENT).glob("*.yaml"))
    return {file.stem: str(_read(file).get("about", "")) for file in files}


def load_experiment(name: str) -> Mapping[str, str]:
    """Return the settings of a study in ``configs/experiment/``, as texts by key; `ConfigError` for another name."""
    known = experiments()
    if name not in known:
        there = ", ".join(known) or "none"
        raise ConfigError(f"unknown {EXPERIMENT} '{name}': there are {there}{nearest(name, known)}")
    content = _read(presets.folder() / EXPERIMENT / f"{name}.yaml")
    return {key: _text(value) for key, value in content.items() if key != "about"}


def _read(file: Any) -> dict[str, Any]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ConfigError(f"{file} must hold lines of the form 'key: value'")
    return content


def _text(value: Any) -> str:
    """Return a YAML value as it is written on the command line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return "null" if value is None else str(value)
