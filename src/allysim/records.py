"""What a run leaves: monthly series, events, ledger, first and final tables, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from allysim.errors import AllysimError
from allysim.flows import Flows
from allysim.jit import kernel
from allysim.journal import filled
from allysim.kept import firm_columns, firm_frame, strategy_names
from allysim.kpis import GROUPS, KPIS, figures
from allysim.mechanisms.trust import trust
from allysim.state import State

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.model import AllianceModel

LEVELS = ("outcomes", "series", "full")
History = tuple[tuple[int, "Scenario"], ...]
"""Configurations that were in force before levers were moved, each with the last month of it."""


class Recorder:
    """Collects a run's records month by month at one of `LEVELS`."""

    def __init__(self, model: AllianceModel, level: str) -> None:
        self.level = level
        self.series: list[Any] = []
        self.departed: list[dict[str, Any]] = []
        self.names = strategy_names(model.config)
        self.groups = GROUPS if model.state.world.group_size[0] > 0 else GROUPS[1:]
        self.initial = firm_columns(model.state, np.arange(len(model.state.firms.key)), self.names)
        self.flows = Flows(np.flatnonzero(model.state.firms.focal), len(model.state.firms.key))
        self.note(model)

    def note(self, model: AllianceModel) -> None:
        """Add this month's row of key figures."""
        firms, ties, world = model.state.firms, model.state.ties, model.state.world
        out = np.empty((len(GROUPS), len(KPIS)))
        summarise(firms.focal, firms.generation, firms.economic_profit, firms.ebitda, firms.revenue, firms.price,
                  firms.unit_cost, firms.saving, firms.governance_cost, firms.alliances, firms.output, firms.sales,
                  firms.leads, firms.churn, firms.breaches, firms.breach_cost, firms.leaks, firms.leak_cost,
                  firms.lot_revenue, firms.launch_pace, firms.advanced, firms.developed, firms.disposition, firms.ties,
                  ties.next, ties.good, ties.bad, model.config.trust.prior_weight,
                  float(model.config.customers.launch_months), world.group_size, world.departed, world.consumer_surplus,
                  out)
        self.series.append(out)
        if self.level == "series" and world.month % self.flows.block == 0:
            self.flows = self.flows.plus(model.ledger.parts)
            model.ledger.parts.clear()

    def leave(self, state: State, slots: Any) -> None:
        """Keep the last figures of firms that exit."""
        if self.level != "outcomes":
            self.departed.append(firm_columns(state, slots, self.names))


@kernel
def summarise(focal, generation, profit, ebitda, revenue, price, unit_cost, saving, governance, alliances, output,
              sales, leads, churn, breaches, breach_cost, leaks, leak_cost, lot_revenue, launch_pace, advanced,
              developed, disposition, head, following, good, bad, prior_weight, launch_months, group_size, departed,
              consumer_surplus, out):
    """Fill one month's key figures, (group, kpi) in the order of `allysim.kpis.KPIS`."""
    for g in range(2):
        total = np.zeros(22)
        known, mean, squares, least = 0.0, 0.0, 0.0, 1.0
        for i in range(focal.size):
            if g == 0 and not focal[i]:
                continue
            total[0] += 1.0
            total[1] += profit[i]
            total[2] += 1.0 if generation[i] == 0 else 0.0
            total[3] += ebitda[i]
            total[4] += revenue[i]
            total[5] += price[i]
            total[6] += unit_cost[i]
            total[7] += saving[i]
            total[8] += governance[i]
            total[9] += 1.0 if alliances[i] > 0 else 0.0
            total[10] += output[i]
            total[11] += sales[i]
            total[12] += leads[i]
            total[13] += churn[i]
            total[14] += breaches[i]
            total[15] += breach_cost[i]
            total[16] += disposition[i]
            total[17] += leaks[i]
            total[18] += leak_cost[i]
            total[20] += lot_revenue[i]
            total[21] += launch_pace[i]
            if advanced[i]:
                total[19] += developed[i].sum() / developed.shape[1]
            t = head[i]
            while t >= 0:
                x = trust(good[t], bad[t], disposition[i], prior_weight)
                known += 1.0
                change = x - mean  # mean and sum of squares around it, without cancellation (Welford 1962)
                mean += change / known
                squares += change * (x - mean)
                least = min(least, x)
                t = following[t]
        size, living = group_size[g], total[0]
        if known == 0.0:
            mean = least = total[16] / living
        spread = np.sqrt(squares / known) if known > 0.0 else 0.0 * mean
        pace = total[21] / living if living > 0.0 else 1.0
        figures = (
            (total[1] + departed[g, 0]) / size, total[2] / size, total[3] / size, total[4] / size, total[5] / living,
            total[6] / living, total[7] / size, total[8] / size, total[9] / living, total[10] / total[11],
            total[12] / size, total[13] / living, launch_months * pace, mean, least, spread,
            (total[14] + departed[g, 1]) / size, (total[15] + departed[g, 2]) / size,
            (total[17] + departed[g, 3]) / size, (total[18] + departed[g, 4]) / size, total[19] / living,
            consumer_surplus, total[20] / size,
        )
        for k in range(len(figures)):
            out[g, k] = figures[k]


@dataclass(frozen=True, eq=False)
class Run:
    """One run and what it left; tables are pandas DataFrames made when first asked for.

    Attributes
    ----------
    scenario : Scenario
    seed : int
    level : str
        ``outcomes``, ``series`` or ``full``; a table that was not recorded raises `AllysimError`.
    outcomes : dict of str to float
        ``<group>.<kpi>``: last month or mean over months 1 to the end, see `allysim.kpis.KPIS`.
    history : tuple
        What was in force before levers were moved: (last month of it, scenario) for each move.
    """

    scenario: Scenario
    seed: int
    level: str
    outcomes: dict[str, float]
    _records: dict[str, Any]
    history: History = ()

    def fork(self, month: int, levers: Mapping[str, Any] | None = None, /, **more: Any) -> Run:
        """Return this run with levers moved after `month`: the same months until then, the same luck after.

        The months are run again from the scenario and the seed, and compared with this run's to the last bit.
        Without levers it is this run itself. What was drawn or signed before stays (`AllianceModel.move`), and shocks
        of a past month are not made up for. ``months=`` makes it longer.

        Parameters
        ----------
        month : int
            The last month that stays as it was, 0 to the length of the run.
        levers, more
            Keys and values as for `Scenario.replace`.

        Raises
        ------
        ConfigError
            A month that this run does not have, or a lever that is unknown or shapes month 0 only.
        AllysimError
            This run cannot be had again from scenario and seed: alliances were founded by hand, or a rule's
            file or the code changed since.

        Examples
        --------
        >>> later = run.fork(12, governance="light", **{"pilot.members": 5})
        >>> later.series[:13].equals(run.series[:13])
        True
        """
        from allysim.fork import fork

        return fork(self, month, {**(levers or {}), **more})

    def save(self, path: str | Path, month: int | None = None) -> None:
        """Write this run as it stood at the end of `month` (the last by default) into one file, to be continued.

        ``allysim run --from path months=...`` and `AllianceModel.load` go on from it without running the months
        before again; to write it they are run once more, and checked as by `fork`. A model at hand is saved as
        it is by `AllianceModel.save`.

        Raises
        ------
        ConfigError, AllysimError
            As `fork`.
        StoreError
            The file cannot be written, or is another file of yours.
        """
        from allysim.fork import taken_up

        taken_up(self, month).save(path)

    def explain(self, name: str) -> str:
        """Return the story of a firm ("Firm 7") or of an alliance ("alliance 12", or its name) in plain sentences.

        How it began, whom it allied with and what it hoped for, what became of that in events and money, and how it
        ends: from events, tables and ledger, every figure of it, in paragraphs of lines of up to 100 characters.
        Firms that left and entrants have their story too.

        Raises
        ------
        ConfigError
            An unknown name.
        AllysimError
            The run has not recorded all of it (``records=full``).

        Examples
        --------
        >>> print(run.explain("Firm 7"))
        Firm 7, a small firm in the ... segment, was there from the start, ...
        """
        from allysim.analysis.explain import explain

        return explain(self, name)

    def _kept(self, table: str, level: str) -> Any:
        if LEVELS.index(self.level) < LEVELS.index(level):
            raise AllysimError(f"run.{table} was not recorded: this run has records={self.level}, "
                               f"run it with records={level}")
        return self._records[table]

    @cached_property
    def series(self) -> pd.DataFrame:
        """A row per month from 0; columns month and ``<group>.<kpi>``."""
        return series_frame(self._kept("series", "series"), self._records["groups"])

    @cached_property
    def events(self) -> pd.DataFrame:
        """Columns month, event, firm, alliance (number, or missing), cause, amount (k€, belief in q, or a share)."""
        parts, name = filled(self._kept("events", "series")), self._records["names"]
        size = [len(p[2]) for p in parts]
        firm, alliance, cause, amount = (np.concatenate([p[k] for p in parts]) if parts else np.empty(0)
                                         for k in range(2, 6))
        known, at = np.unique(firm, return_inverse=True)
        names = np.array([name(key) if key >= 0 else None for key in known.tolist()], dtype=object)
        return pd.DataFrame({
            "month": np.repeat([p[0] for p in parts], size).astype(int),
            "event": np.repeat(np.array([p[1] for p in parts], dtype=object), size), "firm": names[at],
            "alliance": pd.array(np.ma.masked_less(alliance, 0), dtype="Int64"), "cause": cause, "amount": amount,
        })

    @cached_property
    def initial(self) -> pd.DataFrame:
        """A row per firm at month 0."""
        return self._firm_frame([self._kept("initial", "series")], 0)

    @cached_property
    def firms(self) -> pd.DataFrame:
        """A row per firm that ever was, as it was last; ``alive`` tells who is left."""
        return self._firm_frame([self._kept("final", "series"), *self._records["departed"]], 1)

    @cached_property
    def focal(self) -> pd.DataFrame:
        """The rows of `firms` of focal firms: none where there are no focal firms."""
        parts = [self._kept("final", "series"), *self._records["departed"]]
        return self._firm_frame([{name: column[part["focal"]] for name, column in part.items()} for part in parts], 1)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Columns firm, purpose, amount: the ledger summed over the run for each focal firm and for ``all firms``.

        In k€, below 0 if paid. What firms pay one another is no part of the sum of all firms.
        """
        flows, initial = self._kept("flows", "series"), self._records["initial"]
        names = [self._records["names"](key) for key in initial["key"][initial["focal"]].tolist()]
        return flows.plus(self._records["ledger"]).frame(names)

    def _firm_frame(self, parts: list[dict[str, Any]], living: int) -> pd.DataFrame:
        frame = firm_frame(parts, self._records["names"])
        frame.insert(5, "alive", np.arange(len(frame)) < len(parts[0]["key"]) if living else True)
        return frame.sort_values(["slot", "generation"], ignore_index=True)

    @cached_property
    def alliances(self) -> pd.DataFrame:
        """A row per alliance ever founded."""
        return pd.DataFrame(self._kept("alliances", "series"))

    @cached_property
    def memberships(self) -> pd.DataFrame:
        """A row per firm that ever joined an alliance; ``left`` is missing while it stays.

        ``leaving`` is when its own notice runs out, ``expected`` the gain expected at signing, k€/month (0 if unknown);
        ``saving split fee governance breaches set_up fines capital lots compensation`` are k€ so far, below 0 if paid,
        ``net`` their sum;
        ``learned`` is what sprints added to its capability, ``borrowed`` what partners' research did of that.
        """
        frame = pd.DataFrame(self._kept("memberships", "series"))
        frame["firm"] = [self._records["names"](k) for k in frame["firm"]]
        return frame

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Columns month, debit (receives), credit (gives), amount (k€), purpose."""
        parts, name = self._kept("ledger", "full"), self._records["names"]
        size = [len(p[3]) for p in parts]
        debit, credit, amount = (np.concatenate([p[k] for p in parts]) if parts else np.empty(0, dtype=kind)
                                 for k, kind in ((1, np.int64), (2, np.int64), (3, float)))
        return pd.DataFrame({
            "month": np.repeat([p[0] for p in parts], size), "debit": _named(debit, name.account),
            "credit": _named(credit, name.account), "amount": amount,
            "purpose": pd.Categorical([p[4] for p in parts]).take(np.repeat(np.arange(len(parts)), size)),
        })


def _named(codes: Any, name: Callable[[int], str]) -> pd.Categorical:
    """Return the names of codes (k,), their categories in alphabetical order."""
    known, at = np.unique(codes, return_inverse=True)
    names = [name(code) for code in known.tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    return pd.Categorical.from_codes(np.argsort(order)[at], [names[k] for k in order])


def series_frame(rows: list[Any], groups: tuple[str, ...]) -> pd.DataFrame:
    """Return monthly rows (group, kpi) as a frame with a column per group and key figure."""
    stacked = np.stack(rows)
    columns = {name: stacked[:, g, k] for name, (g, k) in figures(groups).items()}
    return pd.DataFrame({"month": np.arange(len(rows)), **columns})


def outcomes_of(rows: list[Any], groups: tuple[str, ...]) -> dict[str, float]:
    """Return the outcomes of a run from its monthly rows (group, kpi)."""
    stacked = np.stack(rows)
    found = {}
    for name, (g, k) in figures(groups).items():
        values = stacked[:, g, k]
        seen = values[1:][~np.isnan(values[1:])]  # nothing to see in months when the whole group is gone
        mean = seen.mean() if seen.size else np.nan
        found[name] = float(values[-1] if KPIS[name.partition(".")[2]].over == "last" else mean)
    return found
