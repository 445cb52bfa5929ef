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
    "attention": "firms.attention_small", "budget": "pilot.budget_months", "capacity": "customers.capacity",
    "cash": "firms.cash_months", "churn": "customers.churn", "completeness": "governance.completeness",
    "dashboard": "governance.dashboard", "decision_rights": "governance.decision_rights",
    "dispute_clause": "governance.dispute_clause", "disposition": "trust.disposition", "fit": "purchasing.fit_spread",
    "focal": "firms.focal", "gate_month": "pilot.months", "governance_cost": "administration.scale",
    "leverage": "purchasing.no_leverage", "members": "pilot.members", "mode": "governance.mode",
    "month_cost": "firms.ebitda_margin", "notice": "governance.notice", "penalty": "governance.penalty",
    "price": "market.price_sensitivity", "prior_mean": "pilot.prior_mean", "revenue": "firms.small_revenue",
    "risk_aversion": "firms.risk_aversion", "saving": "purchasing.discount", "setup_cost": "administration.setup",
    "strategy": "strategy", "lines": "strategy.focus", "cuts": "strategy.cut", "growth_budget": "strategy.invest",
    "unit": "strategy.unit", "trust": "trust.disposition", "unit_cost": "purchasing.discount",
    "audited": "strategy.audit", "mapped": "strategy.map", "prepared": "strategy.prepare", "lesson": "strategy.learn",
    "misjudged": "ecosystem.self_noise",
} | {
    **{name: f"ip_protection.{name}" for name in ("nda", "compartments", "access", "hr", "non_solicit")},
    **{f"data_{name}": f"data_sharing.{name}" for name in ("shared", "anonymised", "access")},
} | dict.fromkeys(("capability", "culture", "modularity", "api_readiness", "segment", "subscriptions"),
                  "firms.path (a column of your file)")
"""What a user who tries to write to a view may want to set instead."""


class View:
    """A row of one of the model's tables: its columns are attributes, and cannot be set."""

    model: AllianceModel
    _kind: ClassVar[str]
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
            lever = f"the lever is {LEVERS[name]}" if name in LEVERS else "change the configuration (allysim list)"
            raise AllysimError(f"'{name}' of {self._kind} is a view of the model and cannot be set; {lever}")
        if "slot" in self.__dict__ and name not in self.__dict__:  # Mesa sets what it needs before there is a slot
            raise AllysimError(f"{self._kind} has no '{name}' to set{nearest(name, self._columns)}")
        object.__setattr__(self, name, value)

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
    _kind = "a firm"
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

    _kind = "an alliance"
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
