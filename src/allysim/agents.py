"""Firms and alliances as Mesa users know them: thin views on rows of the tables, to be read.

Views return Python scalars and are made when first asked for; the model itself never uses them.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from allysim.errors import AllysimError, nearest
from allysim.mechanisms.names import CAPABILITIES, SEGMENTS
from allysim.state import CAUSES, STAGES, Alliances, Firms
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel

COLUMNS = frozenset(f.name for f in dataclasses.fields(Firms))
ALLIANCE_COLUMNS = frozenset(f.name for f in dataclasses.fields(Alliances))
LEVERS = {
    "cash": "firms.cash_months", "price": "market.price_sensitivity", "unit_cost": "purchasing.discount",
    "revenue": "firms.small_revenue", "strategy": "strategy", "risk_aversion": "firms.risk_aversion",
    "disposition": "trust.disposition", "attention": "firms.attention_small", "month_cost": "firms.ebitda_margin",
    "penalty": "governance.penalty", "completeness": "governance.completeness", "dashboard": "governance.dashboard",
    "notice": "governance.notice", "mode": "governance.mode",
}
_OWN = ("model", "unique_id", "pos", "slot", "key", "row")


def _refuse(view: Any, name: str) -> AllysimError:
    lever = f"the lever is {LEVERS[name]}" if name in LEVERS else "change the configuration instead (allysim list)"
    return AllysimError(f"{type(view).__name__.lower()}.{name} is a view of the model and cannot be set; {lever}")


class Firm(mesa.Agent):
    """A living firm: every column of `allysim.state.Firms` as an attribute, and whom it knows.

    After the firm has left the market, only `name` and `alive` can still be read.
    """

    def __init__(self, model: AllianceModel, slot: int, key: int) -> None:
        super().__init__(model)
        self.slot, self.key = slot, key

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _OWN:
            raise _refuse(self, name)
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in COLUMNS:
            raise AttributeError(f"a firm has no '{name}'{nearest(name, COLUMNS)}")
        if not self.alive:
            raise AllysimError(f"{self.name} has left the market; its last figures are in model.results().firms")
        value = getattr(self.model.state.firms, name)[self.slot]
        return value.tolist() if isinstance(value, np.ndarray) else value.item()

    @property
    def name(self) -> str:
        """Its name: the user's own, or Firm and slot."""
        return self.model.names(self.key)

    @property
    def alive(self) -> bool:
        """Whether it is still in the market."""
        return int(self.model.state.firms.key[self.slot]) == self.key

    @property
    def segment(self) -> str:
        """Its home segment."""
        return SEGMENTS[self.home]

    @property
    def capabilities(self) -> dict[str, float]:
        """Its capabilities by name, 0-1."""
        return dict(zip(CAPABILITIES, self.capability, strict=True))

    @property
    def memberships(self) -> list[Alliance]:
        """The living alliances it is a member of."""
        state = self.model.state
        mine = np.flatnonzero(state.memberships.firm[state.roster.rows] == self.slot)
        return [Alliance(self.model, int(a)) for a in state.memberships.alliance[state.roster.rows[mine]]]

    @property
    def partners(self) -> list[Firm]:
        """The firms it shares an alliance with."""
        return [firm for alliance in self.memberships for firm in alliance.firms if firm.key != self.key]

    def trust_in(self, other: Firm) -> float:
        """Return its trust in another firm (F5), 0-1; its disposition where they never met."""
        firms, ties = self.model.state.firms, self.model.state.ties
        return float(trust_in(self.slot, other.slot, self.disposition, self.model.config.trust.prior_weight, firms.ties,
                              ties.to, ties.next, ties.good, ties.bad))

    def remove(self) -> None:
        """Refuse: firms leave by the model's own exit (F25)."""
        raise AllysimError(f"{self.name} cannot be removed by hand; exits are set by demography.exit_incumbent and ruin")


class Alliance:
    """An alliance: every column of `allysim.state.Alliances` as an attribute, and its firms."""

    def __init__(self, model: AllianceModel, row: int) -> None:
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "row", row)

    def __setattr__(self, name: str, value: Any) -> None:
        raise _refuse(self, name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in ALLIANCE_COLUMNS:
            raise AttributeError(f"an alliance has no '{name}'{nearest(name, ALLIANCE_COLUMNS)}")
        return getattr(self.model.state.alliances, name)[self.row].item()

    def __repr__(self) -> str:
        return f"<Alliance {self.row}: {self.stage_name}, {', '.join(f.name for f in self.firms)}>"

    @property
    def stage_name(self) -> str:
        """pilot, running or ended."""
        return STAGES[self.stage]

    @property
    def cause_name(self) -> str:
        """Why it ended, or is about to; empty while nothing says so."""
        return CAUSES[self.cause]

    @property
    def firms(self) -> list[Firm]:
        """Its members, living ones only."""
        state = self.model.state
        n = state.world.n_memberships
        members = state.memberships
        mine = np.flatnonzero((members.alliance[:n] == self.row) & (members.left[:n] < 0))
        self.model._sync_agents()
        return [self.model._firms[int(members.firm_key[m])] for m in mine]
