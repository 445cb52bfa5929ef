"""What a strategy may set: the section `strategy`, and its levers as columns for the engine."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Annotated, NamedTuple

from allysim.config.schema import Field, fields_of
from allysim.config.schema import Parameter as P
from allysim.config.yields import SCOPES

ALLIANCE_TYPES = ("procurement", "coopetition", "rnd", "infrastructure")
PARTNERS = ("anyone", "focal")
RESEARCH = ("incremental", "radical")
FOCAL_ONLY, RADICAL = PARTNERS.index("focal"), RESEARCH.index("radical")
LABELS = ("name", "belief", "claim")


class Strategy(NamedTuple):
    """Group `strategy`: what a group of firms sets out to do."""

    name: Annotated[str, P("name of the strategy", "", "L")] = "procurement_first"
    belief: Annotated[str, P("what the strategy believes, in a sentence", "", "L")] = ""
    claim: Annotated[str, P("number of the guide's claim it stands for", "", "L")] = ""
    seek: Annotated[tuple[str, ...], P("types of alliance that are sought", "", "L", ALLIANCE_TYPES, off=())] = ()
    scope: Annotated[tuple[str, ...], P("what its co-opetition alliances do together", "", "L",
                                        SCOPES)] = ("capacity", "marketing")
    partners: Annotated[str, P("with whom: anyone, or the focal firms only", "", "L", PARTNERS)] = "anyone"
    research: Annotated[str, P("what its R&D alliances are after: many small steps, or few large ones", "", "L",
                               RESEARCH, off="incremental", source="F10")] = "incremental"


def columns(strategies: Sequence[Strategy]) -> SimpleNamespace:
    """Return the levers of strategies as arrays, an entry for each strategy.

    Numbers and yes or no stay as they are; a name is its place among those allowed (int8), several names are the sum
    of 2 to the power of their places (int8).
    """
    import numpy as np  # the command line reads this file and waits for nothing heavy

    return SimpleNamespace(**{
        known.key: np.array([_number(getattr(strategy, known.key), known) for strategy in strategies],
                            dtype=known.kind if known.kind in (bool, int, float) else np.int8)
        for known in fields_of(Strategy) if known.key not in LABELS})


def _number(value: object, known: Field) -> object:
    allowed = known.parameter.allowed or ()
    if isinstance(value, tuple):
        return sum(1 << allowed.index(name) for name in value)
    return allowed.index(value) if isinstance(value, str) else value
