"""Make docs/strategies.md: every strategy of configs/, what it believes, and the levers by which it differs."""

from pathlib import Path
from typing import Any

from markup import table

from allysim.config import presets
from allysim.config.schema import fields_of
from allysim.config.strategy import LABELS, Strategy

PAGE = Path(__file__).parent / "strategies.md"

HEAD = """\
# Strategies

<!-- Written by `python docs/make.py` from configs/strategy/; do not edit. -->

A strategy is a file of a few levers in `configs/strategy/`, with a sentence that says what it believes and the number
of the guide's claim it stands for. `strategy=NAME` is what the focal firms play, `background.strategy=NAME` what all
others do, and a column `strategy` in a firms file sets that of single firms. Every lever can be set by itself too, as
in `strategy=balanced strategy.prune=false`; what each does, and its range, stands in [levers](levers.md#strategy).

Whether a belief is true is what the model is for: no strategy is built to win, and most of what they do costs money
first. Firms may change their strategy in the course of a run by the rule `strategy` ([rules](rules.md#strategy)):
`levers` (nobody does, the default), `imitate` or `satisfice`.

"""

MORE = """\

## A strategy of your own

Copy one of the files, or set levers on the command line:

```
allysim compare strategy=balanced strategy.seek=[procurement],[procurement,rnd] months=60 replications=50
```
"""


def shown(value: Any) -> str:
    """Return a lever's value as YAML has it."""
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(str, value))}]"
    return f"{value:g}" if type(value) in (int, float) else str(value).lower()


def moved(name: str) -> dict[str, Any]:
    """Return the levers in which a strategy differs from the defaults of the schema."""
    defaults = {field.key: field.default for field in fields_of(Strategy)}
    return {key: value for key, value in presets.load("strategy", name).items()
            if key not in LABELS and (tuple(value) if isinstance(value, list) else value) != defaults[key]}


def render() -> str:
    """Return the page."""
    rows = []
    for name in presets.names("strategy"):
        known = presets.load("strategy", name)
        levers = ", ".join(f"`{key}={shown(value)}`" for key, value in moved(name).items())
        rows.append([f"`{name}`", known["belief"], known["claim"], levers or "none: no alliance, no reform"])
    return HEAD + table(["strategy", "believes", "claim", "levers"], rows) + "\n" + MORE
