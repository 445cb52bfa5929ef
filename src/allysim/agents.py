"""Firms and alliances as Mesa users know them: thin views on rows of the tables, to be read.

Views return Python scalars and are made when first asked for; the model itself never uses them.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import mesa
import numpy as np

from allysim.config.catalogue import movers
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.strategy import UNITS
from allysim.errors import AllysimError, nearest
from allysim.mechanisms.names import CAPABILITIES, SEGMENTS
from allysim.state import CAUSES, MODES, STAGES, Alliances, Firms
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.charter import Charter
    from allysim.model import AllianceModel

LEVERS = {
    "alliances": "strategy.seek", "capacity": "customers.capacity", "completeness": "governance.completeness",
    "data_shared": "data_sharing.shared", "ebitda": "firms.ebitda_margin", "governance_cost": "administration.scale",
    "leads": "customers.marketing_share", "leverage": "purchasing.no_leverage", "lines": "strategy.focus",
    "lot_revenue": "tendering.rate", "members": "pilot.members", "misjudged": "ecosystem.self_noise",
    "mode": "governance.mode", "month_cost": "firms.ebitda_margin", "on_time": "environment.disruption_rate",
    "own_infrastructure": "alternatives.build", "prepared": "strategy.prepare", "price": "market.price_sensitivity",
    "saving": "purchasing.discount", "stock": "stock.service_factor", "strategy": "strategy",
    "trust": "trust.disposition", "unit_cost": "purchasing.discount",
} | dict.fromkeys(("capability", "culture", "modularity", "api_readiness", "segment", "subscriptions"),
                  "firms.path (a column of your file)")
"""What a user who tries to write to a view may want to set instead, where that is not what moves the column first."""
SHOWN_LEVERS = 3


class View:
    """A row of one of the model's tables: its columns are attributes, and cannot be set."""

    model: AllianceModel
    _kind: ClassVar[str]
    _table: ClassVar[str]
    _columns: ClassVar[frozenset[str]]
    _words: ClassVar[dict[str, Callable[[Any], Any]]]

    def _cell(self, column: str) -> Any:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._columns:
            raise AttributeError(f"{self._kind} has no '{name}'{nearest(name, self._columns)}")
        value = self._cell(name)
        value = value.tolist() if isinstance(value, np.ndarray) else value.item()
        return self._words[name](value) if name in self._words else value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._columns or hasattr(type(self), name) or name in ("slot", "row"):
            raise AllysimError(f"'{name}' of {self._kind} is a view of the model and cannot be set; "
                               f"{self._lever(name)}")
        if "slot" in self.__dict__ and name not in self.__dict__:  # Mesa sets what it needs before there is a slot
            raise AllysimError(f"{self._kind} has no '{name}' to set{nearest(name, self._columns)}")
        object.__setattr__(self, name, value)

    def _lever(self, name: str) -> str:
        """Return in words what to set instead of a column."""
        found = [LEVERS[name]] if name in LEVERS else movers(f"{self._table}.{name}")[:SHOWN_LEVERS]
        if not found:
            return "change the configuration (allysim list)"
        return f"the lever is {found[0]}" if len(found) == 1 else f"levers are {', '.join(found)}"

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._columns})


def _columns_of(table: type, *hidden: str) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(table)).difference(hidden)


def _or_none(number: int) -> int | None:
    """Return a month or row, or None where the table says -1."""
    return None if number < 0 else number


class _Unnumbered:
    """Stands in for the counters by which Mesa 3.3 numbers agents, which keep every model alive for good."""

    def __getitem__(self, model: mesa.Model) -> Iterator[int]:
        return itertools.count()


class Firm(View, mesa.Agent):
    """A living firm: columns of `allysim.state.Firms` as attributes, and whom it knows.

    After the firm has left the market, only `name`, `slot`, `key` and `alive` can still be read. Its
    `unique_id` is its slot for a firm of month 0 and greater for those that enter later; like `key` it is
    the same whenever it is first asked for.
    """

    _ids = _Unnumbered()
    _kind, _table = "a firm", "firms"
    _columns = _columns_of(Firms, "ties")
    _words: ClassVar[dict[str, Callable[[Any], Any]]] = {"procurement": _or_none, "unit": UNITS.__getitem__}

    slot: int
    key: int

    def __init__(self, model: AllianceModel, slot: int = -1) -> None:
        firms = model.state.firms
        if not 0 <= slot < len(firms.key) or int(firms.key[slot]) in model._firms:
            raise AllysimError("firms cannot be added by hand; firms.n sets how many there are, and a firm that exits "
                               "is followed by an entrant")
        super().__init__(model)
        number = int(firms.generation[slot]) * len(firms.key) + slot
        self.__dict__.update(slot=slot, key=int(firms.key[slot]), unique_id=number)

    def __repr__(self) -> str:
        if not self.alive:
            return f"<{self.name}: left the market>"
        return f"<{self.name}: {self.size}, {self.segment}, {self.revenue:,.0f} k€/month>"

    def _cell(self, column: str) -> Any:
        return getattr(self.model.state.firms, column)[self._living()]

    def _living(self) -> int:
        if not self.alive:
            raise AllysimError(f"{self.name} has left the market; its last figures are in model.results().firms")
        return self.slot

    @property
    def name(self) -> str:
        """Its name: the user's own, or Firm and slot, with a number after it for those that enter later."""
        return self.model.names(self.key)

    @property
    def alive(self) -> bool:
        """Whether it is still in the market."""
        return int(self.model.state.firms.key[self.slot]) == self.key

    @property
    def size(self) -> str:
        """small or large."""
        return "large" if self.large else "small"

    @property
    def segment(self) -> str:
        """Its home segment."""
        return SEGMENTS[self.home]

    @property
    def strategy(self) -> str:
        """The name of its strategy."""
        return self.model.config.strategies[int(self._cell("strategy"))].name

    @property
    def capabilities(self) -> dict[str, float]:
        """Its capabilities by name, 0-1."""
        return dict(zip(CAPABILITIES, self.capability, strict=True))

    @property
    def memberships(self) -> list[Alliance]:
        """The living alliances it is a member of."""
        state, slot = self.model.state, self._living()
        mine = state.roster.rows[state.memberships.firm[state.roster.rows] == slot]
        return [Alliance(self.model, int(a)) for a in state.memberships.alliance[mine]]

    @property
    def partners(self) -> list[Firm]:
        """The firms it shares a living alliance with, each once."""
        allied = (firm for alliance in self.memberships for firm in alliance.firms)
        return [firm for firm in dict.fromkeys(allied) if firm is not self]

    def trust_in(self, other: Firm | str | int) -> float:
        """Return its trust in another firm (F5), 0-1; its disposition where they never met.

        `other` is a firm, its name or its slot number.
        """
        slot, towards, prior_weight = self._living(), self.model.slot_of(other), self.model.config.trust.prior_weight
        firms, ties = self.model.state.firms, self.model.state.ties
        return float(trust_in(slot, towards, firms.disposition[slot], prior_weight, firms.ties, ties.to, ties.next,
                              ties.good, ties.bad))

    def remove(self) -> None:
        """Refuse: firms leave by the model's own exit (F25)."""
        raise AllysimError(f"{self.name} cannot be removed by hand; the levers of exit are in demography")


class Alliance(View):
    """An alliance: columns of `allysim.state.Alliances` as attributes, and its firms; `row` is its number."""

    _kind, _table = "an alliance", "alliances"
    _columns = _columns_of(Alliances)
    _words: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "type": ALLIANCE_TYPES.__getitem__, "stage": STAGES.__getitem__, "cause": CAUSES.__getitem__,
        "mode": MODES.__getitem__, "go": _or_none, "standardised": _or_none, "scaled": _or_none,
        "ending": _or_none, "ended": _or_none,
    }

    row: int

    def __init__(self, model: AllianceModel, row: int) -> None:
        self.__dict__.update(model=model, row=row)

    def __repr__(self) -> str:
        who = ", ".join(firm.name for firm in self.firms) or self.cause
        return f"<Alliance {self.row}: {self.type}, {self.stage}, {who}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alliance) and self.model is other.model and self.row == other.row

    def __hash__(self) -> int:
        return hash((self.model, self.row))

    def _cell(self, column: str) -> Any:
        return getattr(self.model.state.alliances, column)[self.row]

    @property
    def firms(self) -> list[Firm]:
        """Its members; none once it has ended."""
        state = self.model.state
        rows = state.roster.rows
        mine = rows[state.memberships.alliance[rows] == self.row]
        return [self.model.firm(slot) for slot in state.memberships.firm[mine].tolist()]

    @property
    def charter(self) -> Charter:
        """What its members agreed on (F20); ``print`` it to read it."""
        from allysim.charter import charter_of

        return charter_of(self.model, self.row)
