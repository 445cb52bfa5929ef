"""What a strategy may set: the section `strategy`, and its levers as columns for the engine."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Annotated, Any, NamedTuple

from allysim.config.portfolio import COMMITS, PORTFOLIOS
from allysim.config.schema import Field, fields_of
from allysim.config.schema import Parameter as P
from allysim.config.yields import SCOPES

ALLIANCE_TYPES = ("procurement", "coopetition", "rnd", "infrastructure")
PARTNERS = ("anyone", "focal", "non_rivals")
OPPORTUNITIES = ("value", "quick_wins", "impact_first", "random")
RESEARCH = ("incremental", "radical")
UNITS = ("none", "dedicated", "spin_off")
FOCAL_ONLY, NON_RIVALS = PARTNERS.index("focal"), PARTNERS.index("non_rivals")
RADICAL, AT_ONCE = RESEARCH.index("radical"), COMMITS.index("at_once")
LABELS = ("name", "belief", "claim")


class Strategy(NamedTuple):
    """Group `strategy`: what a group of firms sets out to do."""

    name: Annotated[str, P("name of the strategy", "", "L")] = "procurement_first"
    belief: Annotated[str, P("what the strategy believes, in a sentence", "", "L")] = ""
    claim: Annotated[str, P("number of the guide's claim it stands for", "", "L")] = ""
    seek: Annotated[tuple[str, ...], P("types of alliance that are sought", "", "L", ALLIANCE_TYPES, off=(),
                                       source="F6")] = ()
    scope: Annotated[tuple[str, ...], P("what its co-opetition alliances do together", "", "L",
                                        SCOPES)] = ("capacity", "marketing")
    partners: Annotated[str, P("with whom: anyone, the focal firms only, or those only that are no rivals", "", "L",
                                PARTNERS, off="anyone", source="F6; rivals: Park & Russo 1996")] = "anyone"
    research: Annotated[str, P("what its R&D alliances are after: many small steps, or few large ones", "", "L",
                               RESEARCH, off="incremental", source="F10")] = "incremental"
    audit: Annotated[bool, P("whether firms audit their own capabilities", "", "L", off=False, source="F28")] = False
    map: Annotated[bool, P("whether firms map their ecosystem, and see more of it", "", "L", off=False,
                           source="F28")] = False
    prepare: Annotated[bool, P("whether audit, map and a dashboard of its own are a firm's first month's work", "", "L",
                               off=False, source="F28")] = False
    opportunities: Annotated[str, P("which partners and types are considered first: all by value, quick wins, those "
                                    "of most impact, or any one", "", "L", OPPORTUNITIES, off="value",
                                    source="F28")] = "value"
    ladder: Annotated[bool, P("whether R&D and infrastructure wait for trust earned in other alliances", "", "L",
                              off=False, source="F5, F6")] = False
    learn: Annotated[bool, P("whether firms correct what alliances promise by what earlier ones of the type delivered",
                             "", "L", off=False, source="F20")] = False
    focus: Annotated[bool, P("whether each review drops the capability line with the least importance times score", "",
                             "L", off=False, source="F27; Prahalad & Hamel 1990")] = False
    cut: Annotated[float, P("share of fixed cost that each review cuts", "", "L", (0, 1), 0, .1, 0., "F27")] = 0.
    reinvest: Annotated[float, P("g, part of what a cut saves in a year that goes into the growth budget", "", "L",
                                 (0, 1), 0, 1, 0., "F27")] = 0.
    invest: Annotated[float, P("share of a year's fixed cost that each review adds to the growth budget, without a cut",
                               "", "L", (0, 1), 0, .1, 0., "F27")] = 0.
    modularise: Annotated[bool, P("whether it makes what it offers modular", "", "L", off=False,
                                  source="F18; Baldwin & Clark 2000")] = False
    unit: Annotated[str, P("who runs its alliances: the firm itself, a dedicated unit, or one that is spun off", "",
                           "L", UNITS, off="none", source="F27")] = "none"
    stretch: Annotated[float, P("how many times its attention a firm fills with alliances; each then yields less", "",
                                "L", (1, 3), 1, 3, 1., "F26")] = 1.
    portfolio: Annotated[str, P("how its alliances are weighted between steady ones and moonshots", "", "L",
                                PORTFOLIOS, off="none", source="F26; Nagji & Tuff 2012")] = "none"
    rebalance: Annotated[bool, P("whether it withdraws from alliances of a class that is far above its weight", "",
                                 "L", off=False, source="F26")] = False
    prune: Annotated[bool, P("whether it ends an alliance that failed two reviews; one member that does is enough", "",
                             "L", off=False, source="F26")] = True
    pilot_months: Annotated[int | None, P("length of the pilots it proposes; null: pilot.months", "months", "L",
                                          (1, 12), 1, 12, source="F20")] = None
    pilot_members: Annotated[int | None, P("members of the charters it proposes; null: pilot.members", "firms", "L",
                                           (2, 8), 2, 8, source="F20")] = None
    commit: Annotated[str, P("when infrastructure it proposes buys its capital: once standardised, or at founding "
                             "already, if all can pay", "", "L", COMMITS, off="validated",
                             source="F20")] = "validated"
    templates: Annotated[bool, P("whether it keeps a template of what has been standardised", "", "L", off=False,
                                 source="F20")] = True


def columns(strategies: Sequence[Strategy], pilot: Any) -> SimpleNamespace:
    """Return the levers of strategies as arrays, an entry for each strategy.

    Numbers and yes or no stay as they are; a name is its place among those allowed (int8), several names are the sum
    of 2 to the power of their places (int8). What a strategy leaves open of its pilots is as in the section `pilot`.
    `uses` names the levers that some strategy has moved from its default.
    """
    import numpy as np  # the command line reads this file and waits for nothing heavy

    known = [field for field in fields_of(Strategy) if field.key not in LABELS]
    moved = {field.key for field in known if any(getattr(s, field.key) != field.default for s in strategies)}
    levers = SimpleNamespace(uses=frozenset(moved), **{
        field.key: np.array([_number(getattr(strategy, field.key), field) for strategy in strategies],
                            dtype=field.kind if field.kind in (bool, int, float) else np.int8)
        for field in known})
    for lever, usual in (("pilot_months", pilot.months), ("pilot_members", pilot.members)):
        setattr(levers, lever, np.where(getattr(levers, lever) < 0, usual, getattr(levers, lever)))
    return levers


def _number(value: object, known: Field) -> object:
    allowed = known.parameter.allowed or ()
    if value is None:
        return -1
    if isinstance(value, tuple):
        return sum(1 << allowed.index(name) for name in value)
    return allowed.index(value) if isinstance(value, str) else value
