"""What to try after a comparison, as commands made from the one that was run."""

import math
import shlex
from typing import NamedTuple

from allysim.analysis import paired
from allysim.study.comparison import HEADLINE, Comparison
from allysim.study.progress import duration
from allysim.study.reversal import SHARE


class Suggestion(NamedTuple):
    """Why, and the command."""

    why: str
    command: str


def suggestions(comparison: Comparison, arguments: list[str], most: int = 3) -> list[Suggestion]:
    """Return up to `most` further comparisons worth running.

    Parameters
    ----------
    comparison : Comparison
        One that has been run.
    arguments : list of str
        Its ``key=value`` arguments.
    """
    found = []
    if more := _replications(comparison):
        found.append(Suggestion(f"About {more:,} replications may settle what is unclear, if the difference is as it "
                                f"looks. {takes(comparison, 1, more)}",
                                compare(arguments, "replications", str(more))))
    whys = {
        "scenario": "See whether the answer holds in another world.",
        "governance": "See how much depends on how the alliances are governed.",
        "ip_protection": "See how much depends on what protects know-how.",
        "strategy": "Set the other strategies beside it.",
    }
    given = dict(argument.split("=", 1) for argument in arguments)
    for key, why in whys.items():
        names = _presets(key)
        if "," not in given.get(key, "") and len(names) > 1:
            found.append(Suggestion(f"{why} {takes(comparison, len(names), len(comparison.seeds))}",
                                    compare(arguments, key, ",".join(names))))
    return found[:most]


def takes(comparison: Comparison, times: int, replications: int) -> str:
    """Return in a sentence how long `times` as many variants would take, by what a run of these took."""
    points = comparison.space.plan.points if comparison.space else 0
    runs = replications + points + ((replications + points) // SHARE if points else 0)
    seconds = float(comparison.runs["seconds"].median()) * len(comparison.variants) * times * runs
    return f"Takes about {duration(seconds)} on one core like those used here."


def compare(arguments: list[str], key: str, value: str) -> str:
    """Return the command that compares under the same arguments, but for one and for the folder."""
    kept = [argument for argument in arguments if argument.partition("=")[0] not in (key, "out")]
    return shlex.join(["allysim", "compare", *kept, f"{key}={value}"])


def _replications(comparison: Comparison) -> int | None:
    """Return how many replications the unclear headlines ask for, at least twice as many, with two digits."""
    wanted = []
    for position in comparison.pairs():
        _, found = comparison.difference(position, f"{comparison.group}.{HEADLINE}")
        if paired.verdict(float(found.low), float(found.high)) == paired.NO_CLEAR_DIFFERENCE:
            needed = paired.replications_needed(found, most=10_000)
            wanted += [needed] if needed else []
    if not wanted:
        return None
    most = max(30, 2 * len(comparison.seeds), *wanted)
    unit = 10 ** max(0, len(str(most)) - 2)
    return math.ceil(most / unit) * unit


def _presets(group: str) -> list[str]:
    from allysim.config import presets

    default = presets.default_choices()[group]
    return sorted(presets.names(group), key=lambda name: name != default)
