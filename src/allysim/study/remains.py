"""What is kept in memory of each run for a page: the focal firms, their alliances, and what they got and gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from allysim.accounts import ALL_FIRMS

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "focal": ("firm", "alive", "economic_profit"),
    "flows": ("firm", "purpose", "amount"),
    "alliances": ("alliance", "type", "founded", "go", "standardised", "scaled", "ended", "cause"),
    "memberships": ("alliance", "firm", "net"),
}
"""Table of a run to the columns that are kept."""

Remains = dict[str, "pd.DataFrame"]


def of(tables: Mapping[str, pd.DataFrame]) -> Remains:
    """Return what is kept of a run's tables: with focal firms, their memberships and alliances alone; else all.

    Empty where the run kept no such tables, as at ``records=outcomes``.
    """
    if not all(name in tables for name in COLUMNS):
        return {}
    kept = {name: tables[name][list(columns)] for name, columns in COLUMNS.items()}
    if len(kept["focal"]):
        memberships, alliances = kept["memberships"], kept["alliances"]
        kept["memberships"] = memberships[memberships["firm"].isin(kept["focal"]["firm"])]
        kept["alliances"] = alliances[alliances["alliance"].isin(kept["memberships"]["alliance"])]
    return kept


def together(runs: Sequence[Remains], name: str) -> pd.DataFrame:
    """Return one table of several runs below each other, with the number of the run as column ``replication``."""
    import pandas as pd

    frames = [run[name].assign(replication=k) for k, run in enumerate(runs) if run]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*COLUMNS[name], "replication"])


def amounts(runs: Sequence[Remains], purposes: Sequence[str]) -> np.ndarray:
    """Return what was got for some purposes over the run, below 0 if it was given, shape (runs, purposes), k€.

    Of all focal firms where there are such, and else of all firms; NaN for runs without records.
    """
    found = np.full((len(runs), len(purposes)), np.nan)
    for k, run in enumerate(runs):
        if not run:
            continue
        flows = run["flows"]
        mine = (flows["firm"] == ALL_FIRMS) != bool(len(run["focal"]))
        sums = flows["amount"][mine].groupby(flows["purpose"][mine].astype(str)).sum()
        found[k] = sums.reindex(purposes, fill_value=0.0).to_numpy()
    return found
