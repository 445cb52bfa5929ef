"""Figures of the focal firms that only claims ask for, from the tables of a run; an outcome for allysim.

A figure is missing (NaN) where there is nothing to measure, as the cost of a success where there was none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

BIG = ("rnd", "infrastructure")
STRANGERS = 24
"""Months within which an alliance that was given a go and pays its members nothing counts as wrongly given."""


def figures(run: Any) -> dict[str, float]:
    """Return every figure by name."""
    focal = set(run.firms["firm"][run.firms["focal"]])
    members = run.memberships[run.memberships["firm"].isin(focal)]
    alliances = run.alliances.set_index("alliance").loc[members["alliance"].unique()]
    events, months, n = run.events, int(run.series["month"].iloc[-1]), max(len(focal), 1)
    theirs = events[events["firm"].isin(focal)]
    within = events[events["alliance"].isin(alliances.index)]
    return {
        **_searching(members, theirs, focal, months),
        **_judging(members, alliances),
        **_conduct(within, theirs, members, n, months),
        **_money(run, within, focal, members, n),
        "unit_cost_spread": float(run.series["focal.unit_cost"].std(ddof=0)),
    }


def _searching(members: pd.DataFrame, theirs: pd.DataFrame, focal: set[str], months: int) -> dict[str, float]:
    """Return months to the first alliance (the length of the run for who had none), what charters promised, who was
    ready after a month."""
    first = members.groupby("firm")["joined"].min().reindex(sorted(focal)).fillna(months)
    ready = theirs[(theirs["event"] == "prepared") & (theirs["month"] <= 1)]["firm"].nunique()
    return {"months_to_match": float(first.mean()), "match_quality": _mean(members["expected"]),
            "ready": ready / max(len(focal), 1)}


def _judging(members: pd.DataFrame, alliances: pd.DataFrame) -> dict[str, float]:
    """Return how wrong forecasts were, which go's brought nothing, which pilots ended, and how unfair splits were."""
    months = np.maximum(_months(members["left"], np.nan) - members["joined"].to_numpy(dtype=float), 1)
    promised = members["expected"].to_numpy(dtype=float)
    got = members["net"].to_numpy(dtype=float) / months
    known = np.isfinite(got) & (promised > 0)
    go, net = alliances["go"].notna(), members.groupby("alliance")["net"].sum().reindex(alliances.index)
    old = alliances["founded"].to_numpy() <= alliances["founded"].max() - STRANGERS if len(alliances) else []
    big = alliances[alliances["founded_as"].isin(BIG)]
    return {
        "forecast_error": _mean(np.minimum(np.abs(got - promised)[known] / promised[known], 10.0)),
        "false_go": _mean((net < 0)[go & old]) if len(alliances) else np.nan,
        "go": _mean(go[old]) if len(alliances) else np.nan,
        "big_stopped": _mean(big["cause"].isin(["stopped", "budget"])),
        "unfairness": _mean(members["unfairness"]),
    }


def _conduct(within: pd.DataFrame, theirs: pd.DataFrame, members: pd.DataFrame, n: int, months: int,
             ) -> dict[str, float]:
    """Return conflicts, disputes, fines, leaks by channel and misuse, and what part of what was done was seen."""
    years = max(float((_months(members["left"], months) - members["joined"].to_numpy(dtype=float)).sum()) / 12, 1e-9)
    done = within[within["event"].isin(["breach", "leak", "misuse"])]
    leaks = theirs[theirs["event"] == "leak"]
    causes = within["cause"].fillna("")
    return {
        "conflicts": float((within["event"] == "conflict").sum()) / years if len(members) else 0.0,
        "unresolved": float((within["event"].isin(["conflict", "dispute"]) & (causes == "unresolved")).sum()) / n,
        "fines": -float(members["fines"].sum()) / n,
        "seen": _mean(~_text(done["cause"]).str.contains("unseen")),
        "staff_leaks": float(_text(leaks["cause"]).str.startswith("staff").sum()) / n,
        "misuses": float((within["event"] == "misuse").sum()) / n,
    }


def _money(run: Any, within: pd.DataFrame, focal: set[str], members: pd.DataFrame, n: int) -> dict[str, float]:
    """Return costs of setting up, of stock, of a success in R&D, of a lead, and capital stranded in alliances, k€."""
    ledger = run.ledger[run.ledger["credit"].isin(focal)]
    paid = ledger.groupby("purpose")["amount"].sum()
    research = sum(float(paid.get(name, 0.0)) for name in ("R&D", "own research"))
    successes = float((within["event"] == "success").sum())
    leads = float(run.series["focal.leads"].iloc[1:].sum()) * n
    spent = float(paid.get("marketing", 0.0))
    stranded = within[within["event"] == "stranded"]["amount"].sum()
    return {
        "setup_per_alliance": float(paid.get("set-up", 0.0)) / len(members) if len(members) else np.nan,
        "holding": float(paid.get("holding stock", 0.0)) / n,
        "cost_per_success": research / successes if successes else np.nan,
        "acquisition_cost": spent / leads if leads > 0 else np.nan,
        "stranded": float(stranded) / n,
    }


def _text(column: pd.Series) -> pd.Series:
    """Return a column as texts, empty where missing, whatever it was read as."""
    return column.fillna("").astype(str)


def _months(column: pd.Series, missing: float) -> np.ndarray:
    return column.astype("Float64").to_numpy(dtype=float, na_value=missing)


def _mean(values: Any) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
