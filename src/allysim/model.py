"""The model: a month is a printable list of phases over tables of column arrays."""

from __future__ import annotations

import time
from typing import Any

import mesa
import numpy as np

from allysim import rules
from allysim.agents import Alliance, Firm
from allysim.config import Scenario
from allysim.config import scenario as compose
from allysim.errors import ConfigError
from allysim.phases import SCHEDULE
from allysim.population import initial_state
from allysim.records import (
    Events,
    Ledger,
    Names,
    Recorder,
    Run,
    alliance_columns,
    firm_columns,
    membership_columns,
    outcomes_of,
)
from allysim.roster import call_roll
from allysim.state import State


class AllianceModel(mesa.Model):
    """Firms that compete, ally and leave each other, as a Mesa model.

    Parameters
    ----------
    config : Scenario, optional
        What to simulate; the default scenario if not given.
    rng : int, optional
        Seed of all draws; ``config.run.seed`` if not given. Every draw is keyed (see `allysim.draws`);
        Mesa's own generators are seeded with it too but shape nothing.
    records : str, optional
        What to keep: outcomes, series or full.
    overrides
        Single keys of the configuration, as in `allysim.scenario`.

    Attributes
    ----------
    state : State
        All tables, to be read; `agents` are views on it.
    month : int
        Months done so far.
    """

    def __init__(self, config: Scenario | None = None, *, rng: int | None = None, records: str | None = None,
                 **overrides: Any) -> None:
        config = config if config is not None else compose()
        config = config.replace(overrides) if overrides else config
        self.luck = config.run.seed if rng is None else int(rng)
        if not 0 <= self.luck < 2**63:
            raise ConfigError(f"seed={self.luck} is not allowed: it takes a whole number from 0 to 2^63 - 1")
        super().__init__(rng=self.luck)
        level = records or ("full" if config.run.records == "auto" else config.run.records)
        self.config = config
        self.rules = {seam: rules.load(seam, name, config) for seam, name in config.rules._asdict().items()}
        self.seeks_procurement = np.array(["procurement" in s.seek for s in config.strategies])
        self.focal_only = np.array([s.partners == "focal" for s in config.strategies])
        self.names = Names(config.own)
        self._firms: dict[int, Firm] = {}
        with np.errstate(over="ignore"):  # keys wrap around where kernels run as plain Python
            self.state: State = initial_state(config, self.luck)
            self.events, self.ledger = Events(level != "outcomes"), Ledger(level == "full")
            self.recorder = Recorder(self, level)

    @property
    def month(self) -> int:
        """Months done so far."""
        return self.state.world.month

    def step(self) -> None:
        """Run one month, phase by phase."""
        self.state.world.month += 1
        self.events.month = self.ledger.month = self.month
        with np.errstate(over="ignore"):
            for phase in SCHEDULE:
                phase(self)
            call_roll(self.state, self.config.trust.prior_weight)
            self.recorder.note(self)

    def schedule(self) -> str:
        """Return the phases of a month in order, with the first line of what each does."""
        return "\n".join(f"{k:2d}  {phase.__name__:14s} {(phase.__doc__ or '').splitlines()[0]}"
                         for k, phase in enumerate(SCHEDULE, 1))

    def time_phases(self, months: int) -> dict[str, float]:
        """Run `months` months and return the seconds spent in each phase."""
        spent = {phase.__name__: 0.0 for phase in SCHEDULE} | {"roll and records": 0.0}
        for _ in range(months):
            self.state.world.month += 1
            self.events.month = self.ledger.month = self.month
            with np.errstate(over="ignore"):
                for phase in SCHEDULE:
                    started = time.perf_counter()
                    phase(self)
                    spent[phase.__name__] += time.perf_counter() - started
                started = time.perf_counter()
                call_roll(self.state, self.config.trust.prior_weight)
                self.recorder.note(self)
                spent["roll and records"] += time.perf_counter() - started
        return spent

    def archive_firms(self, slots: Any) -> None:
        """Keep the last figures of firms that exit."""
        self.recorder.leave(self.state, slots)

    def form_alliance(self, firms: list[Any], stage: str = "pilot") -> Alliance:
        """Found a procurement alliance of the given firms now, whether they would have chosen it or not.

        Parameters
        ----------
        firms : list of Firm, slot numbers or names; none may be in a procurement alliance
        stage : "pilot" or "running"

        Raises
        ------
        ConfigError
            Fewer than two firms, one of them twice, unknown or taken, or an unknown stage.
        """
        from allysim.founding import found_by_hand

        with np.errstate(over="ignore"):
            row = found_by_hand(self, [self.slot_of(f) for f in firms], stage)
        return Alliance(self, row)

    def slot_of(self, firm: Any) -> int:
        """Return the slot of a living firm given as `Firm`, slot number or name; raises `ConfigError`."""
        slots = range(len(self.state.firms.key))
        if isinstance(firm, Firm):
            return firm.slot
        if isinstance(firm, str):
            found = [s for s in slots if self.names(self.state.firms.key[s]) == firm]
            if found:
                return found[0]
        elif int(firm) in slots:
            return int(firm)
        raise ConfigError(f"there is no living firm {firm!r}; slots go from 0 to {len(slots) - 1}")

    @property
    def agents(self) -> mesa.agent.AgentSet:
        """The living firms, as views made when first asked for."""
        self._sync_agents()
        return super().agents

    @agents.setter
    def agents(self, agents: Any) -> None:
        raise AttributeError("model.agents is kept by Mesa and cannot be set")

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], mesa.agent.AgentSet]:
        """The living firms by class."""
        self._sync_agents()
        return super().agents_by_type

    def _sync_agents(self) -> None:
        keys = self.state.firms.key.tolist()
        for key in set(self._firms).difference(keys):
            mesa.Agent.remove(self._firms.pop(key))
        for slot, key in enumerate(keys):
            if key not in self._firms:
                self._firms[key] = Firm(self, slot, key)

    @property
    def alliances(self) -> list[Alliance]:
        """The living alliances, as views."""
        return [Alliance(self, int(row)) for row in self.state.roster.alliances]

    def results(self) -> Run:
        """Return what the run has left so far."""
        recorder, state = self.recorder, self.state
        kept: dict[str, Any] = {"groups": recorder.groups, "names": self.names}
        if recorder.level != "outcomes":
            kept |= {
                "series": list(recorder.series), "events": list(self.events.parts), "initial": recorder.initial,
                "final": firm_columns(state, np.arange(len(state.firms.key)), recorder.names),
                "departed": list(recorder.departed), "alliances": alliance_columns(state),
                "memberships": membership_columns(state), "ledger": list(self.ledger.parts),
            }
        return Run(self.config, self.luck, recorder.level, outcomes_of(recorder.series, recorder.groups), kept)


def run(scenario: Scenario | None = None, seed: int | None = None, records: str | None = None) -> Run:
    """Run a scenario to its end and return what it left.

    Parameters
    ----------
    scenario : Scenario, optional
        See `allysim.scenario`.
    seed : int, optional
        ``scenario.run.seed`` if not given.
    records : str, optional
        outcomes, series or full; by default what the scenario says, and full where it says auto.
    """
    model = AllianceModel(scenario, rng=seed, records=records)
    for _ in range(model.config.run.months):
        model.step()
    return model.results()
