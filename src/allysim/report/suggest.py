"""What to try after a comparison, as commands made from the one that was run."""

from typing import NamedTuple

from allysim.analysis import paired
from allysim.study.comparison import HEADLINE, Comparison


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
    import shlex

    given = dict(argument.split("=", 1) for argument in arguments)

    def command(key: str, value: str) -> str:
        changed = {k: v for k, v in given.items() if k != "out"} | {key: value}
        return shlex.join(["allysim", "compare", *(f"{k}={v}" for k, v in changed.items())])

    found = []
    if more := _replications(comparison):
        found.append(Suggestion(f"About {more:,} replications would settle what is unclear, if the difference is as it "
                                f"looks.", command("replications", str(more))))
    whys = {
        "scenario": "See whether the answer holds in another world.",
        "governance": "See how much depends on how the alliances are governed.",
        "strategy": "Set the other strategies beside it.",
    }
    for key, why in whys.items():
        names = _presets(key)
        if "," not in given.get(key, "") and len(names) > 1:
            found.append(Suggestion(why, command(key, ",".join(names))))
    return found[:most]


def _replications(comparison: Comparison) -> int | None:
    """Return how many replications the widest unclear headline asks for, rounded up to two digits."""
    wanted = []
    for position in comparison.pairs():
        _, found = comparison.difference(position, f"{comparison.group}.{HEADLINE}")
        if paired.verdict(float(found.low), float(found.high)) == paired.NO_CLEAR_DIFFERENCE:
            needed = paired.replications_needed(found, most=10_000)
            wanted += [needed] if needed else []
    if not wanted:
        return None
    unit = 10 ** max(0, len(str(max(wanted))) - 2)
    return -(-max(wanted) // unit) * unit


def _presets(group: str) -> list[str]:
    from allysim.config import presets

    default = presets.default_choices()[group]
    return sorted(presets.names(group), key=lambda name: name != default)
