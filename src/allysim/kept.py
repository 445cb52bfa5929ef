"""What a run keeps of its firms, alliances and memberships: columns, copied from the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.protection import OWNERS
from allysim.mechanisms.names import CAPABILITIES, CULTURE, SEGMENTS
from allysim.state import BOOKED, CAUSES, NEVER, STAGES, State

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.network import Start

FIGURES = ("revenue", "price", "unit_cost", "month_cost", "output", "ebitda", "cash", "economic_profit", "list_price",
           "risk_aversion", "honesty", "disposition", "modularity", "api_readiness", "subscriptions", "breaches",
           "breach_cost", "leaks", "leak_cost", "process_effort", "lots", "lot_revenue", "lines", "growth_budget",
           "alliances")
WHO = ("slot", "generation", "founded", "focal", "strategy")
KEPT = ("key", *WHO[1:], "large", "home", *FIGURES)


def firm_columns(state: State, slots: Any, strategies: Any) -> dict[str, Any]:
    """Return what is kept of each firm in `slots`, copied; `strategies` are `strategy_names`."""
    firms = state.firms
    kept = {name: getattr(firms, name)[slots] for name in KEPT}
    kept["slot"], kept["strategy"] = slots.copy(), strategies.take(kept["strategy"])
    kept["capability"], kept["culture"] = firms.capability.take(slots, axis=0), firms.culture.take(slots, axis=0)
    return kept


def strategy_names(scenario: Scenario) -> Any:
    """Return the names of a scenario's strategies as an array, by row."""
    return np.array([s.name for s in scenario.strategies], dtype=object)


def firm_frame(parts: list[dict[str, Any]], name: Callable[[int], str]) -> pd.DataFrame:
    """Return a row for each firm of some `firm_columns`; `name` gives a firm's name by its identity."""
    kept = {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}
    return pd.DataFrame({
        "firm": [name(key) for key in kept["key"]], **{column: kept[column] for column in WHO},
        "size": np.where(kept["large"], "large", "small"),
        "segment": np.array(SEGMENTS, dtype=object)[kept["home"]], **{column: kept[column] for column in FIGURES},
        **dict(zip(CAPABILITIES, kept["capability"].T, strict=True)),
        **{f"culture_{c}": kept["culture"][:, k] for k, c in enumerate(CULTURE)},
    })


def alliance_columns(state: State, start: Start | None) -> dict[str, Any]:
    """Return what is kept of each alliance, copied; those of the network of month 0 by name too."""
    n, alliances = state.world.n_alliances, state.alliances
    kept: dict[str, Any] = {
        "alliance": np.arange(n), "type": np.array(ALLIANCE_TYPES, dtype=object)[alliances.type[:n]],
        "founded_as": np.array(ALLIANCE_TYPES, dtype=object)[alliances.founded_as[:n]],
        "stage": np.array(STAGES, dtype=object)[alliances.stage[:n]],
        "cause": np.array(CAUSES, dtype=object)[alliances.cause[:n]],
    }
    kept["founded"] = alliances.founded[:n].copy()
    for name, none in (("go", NEVER), ("standardised", NEVER), ("scaled", NEVER), ("ended", -1)):
        values = getattr(alliances, name)[:n]
        kept[name] = pd.arrays.IntegerArray(values.astype(np.int64), values == none)
    for name in ("founders", "members", "completeness", "dashboard", "penalty", "decision_rights", "dispute_clause",
                 "notice", "nda", "compartments", "access", "hr", "non_solicit", "data_shared", "data_anonymised",
                 "data_access", "fit", "leverage", "trust", "overlap", "culture_distance", "belief", "belief_sd",
                 "spent", "budget", "pilot_months", "installed", "capital", "cash"):
        kept[name] = getattr(alliances, name)[:n].copy()
    kept["radical"] = alliances.radical[:n].copy()
    kept["owner"] = np.array(OWNERS, dtype=object)[alliances.owner[:n]]
    if start:
        kept["name"] = np.array([*start.alliances, *[None] * (n - len(start.alliances))], dtype=object)
    return kept


def membership_columns(state: State) -> dict[str, Any]:
    """Return what is kept of each membership, copied."""
    n, members = state.world.n_memberships, state.memberships
    left, leaving, booked = members.left[:n], members.leaving[:n], members.booked[:n]
    return {
        "alliance": members.alliance[:n].copy(), "firm": members.firm_key[:n].copy(), "share": members.share[:n].copy(),
        "agreed": members.agreed[:n].copy(), "flat": members.flat[:n].copy(),
        "unfairness": members.unfairness[:n].copy(), "part": members.part[:n].copy(),
        "joined": members.joined[:n].copy(), "left": pd.arrays.IntegerArray(left.astype(np.int64), left < 0),
        "cause": np.array(CAUSES, dtype=object)[members.cause[:n]],
        "leaving": pd.arrays.IntegerArray(leaving.astype(np.int64), leaving < 0),
        "learned": members.learned[:n].copy(), "borrowed": members.borrowed[:n].copy(),
        "expected": members.expected[:n].copy(), **dict(zip(BOOKED, booked.T.copy(), strict=True)),
        "net": sum(booked.T),  # in order, so that a further column of zeros changes no bit
    }
