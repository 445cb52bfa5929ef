"""The model: a month is a printable list of phases over tables of column arrays."""

from __future__ import annotations

import functools
import operator
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from allysim import jit, rules
from allysim.agents import Alliance, Firm
from allysim.config import Scenario
from allysim.config import scenario as compose
from allysim.config.strategy import ALLIANCE_TYPES, columns
from allysim.draws import Purpose, fill_streams
from allysim.errors import ConfigError, nearest
from allysim.journal import Events, Ledger, Names
from allysim.kept import alliance_columns, firm_columns, membership_columns, strategy_names
from allysim.phases import SCHEDULE
from allysim.population import initial_state
from allysim.records import LEVELS, History, Recorder, Run, outcomes_of
from allysim.roster import call_roll
from allysim.rules.answers import ask
from allysim.state import State
from allysim.table import Space


class AllianceModel(mesa.Model):
    """Firms that compete, ally and leave each other, as a Mesa model.

    Parameters
    ----------
    config : Scenario or str, optional
        What to simulate, or the name of a scenario; the default scenario if not given.
    rng : int, optional
        Seed of all draws; ``config.run.seed`` if not given. Every draw is keyed (see `allysim.draws`);
        Mesa's own generators are seeded with it too but shape nothing.
    records : str, optional
        What to keep: outcomes, series or full.
    datacollector : mesa.DataCollector, optional
        Collects at month 0 and at the end of every step; `allysim.reporters` gives it our key figures.
    overrides
        Single keys of the configuration, as in `allysim.scenario`.

    Attributes
    ----------
    state : State
        All tables, to be read; `agents` are views on it.
    phases : tuple
        The phases of a month, in order.
    rules : dict
        The rule behind each seam.
    strategies : namespace
        The levers of the strategies as arrays, see `allysim.config.strategy.columns`.
    same_strategy : int32 (s,)
        The first of the strategies with the same name and levers, for each.
    history : tuple
        What was in force before levers were moved: (last month of it, scenario) for each move.
    running : bool
        Whether the months of the scenario are not over, so that Mesa's ``run_model()`` ends there.

    Examples
    --------
    >>> model = al.AllianceModel("supply_stress", rng=7, **{"firms.n": 20})
    >>> alliance = model.form_alliance(["Firm 1", "Firm 2"])
    >>> for _ in range(3):
    ...     model.step()
    >>> model.month, [firm.name for firm in alliance.firms]
    (3, ['Firm 1', 'Firm 2'])
    """

    def __init__(self, config: Scenario | str | None = None, *, rng: int | None = None, records: str | None = None,
                 datacollector: mesa.DataCollector | None = None, **overrides: Any) -> None:
        config = config if isinstance(config, Scenario) else compose(config)
        config = config.replace(overrides) if overrides else config
        level = _level(records or config.run.records)
        self.luck = _seed(config.run.seed if rng is None else rng)
        super().__init__(rng=self.luck)
        self.phases = SCHEDULE
        self._follow(config)
        self.history: History = ()
        self.names = Names(config.names)
        self._firms: dict[int, Firm] = {}
        self._streams, self._streams_month = np.empty(max(Purpose) + 1, dtype=np.uint64), -1
        self.space = Space()
        self._viewed: Any = None  # identities of the firms that had views when last looked at
        with np.errstate(over="ignore"):  # keys wrap around where kernels run as plain Python
            self.state: State = initial_state(config, self.luck)
            self.events, self.ledger = Events(level != "outcomes"), Ledger(level != "outcomes")
            if config.start:
                from allysim.dealings.embedding import embed

                embed(self, config.start)
            self.recorder = Recorder(self, level)
        self.datacollector = self._collects = datacollector
        if datacollector is not None:
            datacollector.collect(self)

    def _follow(self, config: Scenario) -> None:
        """Take over a configuration, with all that is worked out from it."""
        self.config = config
        self.rules = rules.load_all(config)
        self._own = frozenset(seam for seam, name in config.rules._asdict().items() if name not in rules.BUILT_IN[seam])
        self.strategies = columns(config.strategies, config.pilot)
        self.same_strategy = np.array([config.strategies.index(s) for s in config.strategies], dtype=np.int32)
        self.kinds = np.array([k for k, kind in enumerate(ALLIANCE_TYPES)
                               if any(kind in s.seek for s in config.strategies)], dtype=np.int8)

    def __repr__(self) -> str:
        return (f"<{type(self).__name__}: month {self.month} of {self.config.run.months}, {len(self.state.firms.key)} "
                f"firms, {self.state.roster.alliances.size} alliances, seed {self.luck}>")

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("rules", "space")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # a user's own rule is loaded anew, since another process knows nothing of the file it came from
        self.__dict__.update(state, rules=rules.load_all(state["config"]), space=Space())

    @property
    def month(self) -> int:
        """Months done so far."""
        return self.state.world.month

    def step(self) -> None:
        """Run one month, phase by phase."""
        world = self.state.world
        world.month = self.events.month = self.ledger.month = world.month + 1
        with np.errstate(over="ignore"):
            for phase in self.phases:
                phase(self)
            call_roll(self.state, self.config)
            self.recorder.note(self)
        self.running = world.month < self.config.run.months
        if self._collects is not None:
            self._collects.collect(self)

    def stream(self, purpose: Purpose) -> np.uint64:
        """Return the state from which this month's draws of one purpose are keyed (see `allysim.draws`)."""
        month = self.state.world.month
        if self._streams_month != month:
            fill_streams(np.uint64(self.luck), np.uint64(month), self._streams)
            self._streams_month = month
        return self._streams[purpose]

    def move(self, levers: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Move levers from the next month on; keys are those of `Scenario.replace`.

        What was drawn or signed stays: firms keep their traits and alliances their contracts (mode,
        completeness, dashboard, penalty, decision rights, dispute clause, notice, budget); new firms and new
        alliances get the new ones. ``months`` may be moved too.

        Raises
        ------
        ConfigError
            As `Scenario.replace`; or a lever that shapes month 0 only, or an end before the months done.
        """
        from allysim.fork import moved

        self.change_to(moved(self.config, {**(levers or {}), **more}, self.month))

    def change_to(self, config: Scenario) -> None:
        """Go on under another configuration, made by `allysim.fork.moved`; `history` keeps the old one."""
        from allysim.fork import same_world

        if not same_world(self.config, config):
            self.history = (*self.history, (self.month, self.config))
        self._follow(config)
        self.recorder.names = strategy_names(config)
        self.running = self.month < config.run.months

    def save(self, path: str | Path) -> None:
        """Write all there is of this model into one file, from which `load` goes on; raises `StoreError`."""
        from allysim.checkpoint import save

        save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path, levers: Mapping[str, Any] | None = None, /, **more: Any) -> AllianceModel:
        """Return the model that `save` or `Run.save` wrote, with levers moved as by `move`.

        It goes on as the saved one would have, to the last bit. A data collector is not part of the file.

        Raises
        ------
        StoreError
            The file is missing, damaged, something else, or of another version of the code.
        ConfigError
            As `move`.
        """
        from allysim.checkpoint import read

        model = read(Path(path).expanduser()).restore(cls)
        model.move(levers, **more)
        return model

    def ask(self, seam: str, question: Any) -> Any:
        """Return what the rule behind a seam answers; a user's own is checked (see `allysim.rules.answers.ask`)."""
        rule = self.rules[seam]
        if seam in self._own:
            return ask(seam, getattr(self.config.rules, seam), rule, question, self.month)
        return getattr(rule, rules.METHOD[seam])(question)

    def schedule(self) -> str:
        """Return the phases of a month in order, with the first line of what each does."""
        return "\n".join(f"{k:2d}  {phase.__name__:14s} {(phase.__doc__ or '').splitlines()[0]}"
                         for k, phase in enumerate(self.phases, 1))

    def time_phases(self, months: int) -> dict[str, float]:
        """Run `months` months and return the seconds spent in each phase and, as "rest", outside them."""
        spent = {phase.__name__: 0.0 for phase in self.phases}

        def timed(phase: Any) -> Any:
            def measured(model: AllianceModel) -> None:
                started = time.perf_counter()
                phase(model)
                spent[phase.__name__] += time.perf_counter() - started
            return measured

        plan, self.phases = self.phases, tuple(timed(phase) for phase in self.phases)
        started = time.perf_counter()
        try:
            for _ in range(months):
                self.step()
        finally:
            self.phases = plan
        return spent | {"rest": time.perf_counter() - started - sum(spent.values())}

    def form_alliance(self, firms: Iterable[Firm | str | int], stage: str = "pilot",
                      type: str = "procurement") -> Alliance:
        """Found an alliance of the given firms now, whether they would have chosen it or not.

        Parameters
        ----------
        firms : firms, their names or slot numbers; the first proposes
        stage : "pilot" or "running"
        type : "procurement", "coopetition", "rnd" or "infrastructure"; a firm may be in one live procurement and
            one live co-opetition alliance

        Raises
        ------
        ConfigError
            Fewer than two firms, one of them twice, unknown or taken, or an unknown stage or type.
        """
        from allysim.dealings.founding import found_by_hand

        with np.errstate(over="ignore"):
            row = found_by_hand(self, [self.slot_of(f) for f in firms], stage, type)
        return Alliance(self, row)

    def firm(self, firm: Firm | str | int) -> Firm:
        """Return the view of a living firm given by name or slot number; raises `ConfigError`."""
        self._sync_agents()
        return self._firms[int(self.state.firms.key[self.slot_of(firm)])]

    def slot_of(self, firm: Firm | str | int) -> int:
        """Return the slot of a living firm given as `Firm`, name or slot number; raises `ConfigError`."""
        keys = self.state.firms.key
        if isinstance(firm, Firm):
            if not firm.alive:
                raise ConfigError(f"{firm.name} has left the market")
            return firm.slot
        if isinstance(firm, str):
            names = [self.names(key) for key in keys.tolist()]
            if firm in names:
                return names.index(firm)
            raise ConfigError(f"there is no living firm '{firm}'{nearest(firm, names)}")
        if isinstance(firm, (int, np.integer)) and 0 <= firm < len(keys):
            return int(firm)
        raise ConfigError(f"there is no firm {firm!r}: give a name or a slot number from 0 to {len(keys) - 1}")

    @property
    def agents(self) -> mesa.agent.AgentSet:
        """The living firms in the order of their slots, as views made when first asked for."""
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

    @property
    def agent_types(self) -> list[type]:
        """The classes of agents there are."""
        return list(self.agents_by_type)

    def _sync_agents(self) -> None:
        keys = self.state.firms.key
        if np.array_equal(keys, self._viewed):
            return
        for firm in [firm for firm in self._firms.values() if not firm.alive]:
            mesa.Agent.remove(self._firms.pop(firm.key))
        for slot, key in enumerate(keys.tolist()):
            if key not in self._firms:
                self._firms[key] = Firm(self, slot)
        for views in (super().agents, super().agents_by_type[Firm]):
            views.sort(lambda agent: getattr(agent, "slot", len(keys)), ascending=True, inplace=True)
        self._viewed = keys.copy()

    @property
    def alliances(self) -> list[Alliance]:
        """The living alliances, as views."""
        return [Alliance(self, int(row)) for row in self.state.roster.alliances]

    def results(self) -> Run:
        """Return what the run has left so far."""
        recorder, state = self.recorder, self.state
        kept: dict[str, Any] = {"groups": recorder.groups, "names": self.names, "series": list(recorder.series)}
        if recorder.level != "outcomes":
            kept |= {
                "events": list(self.events.given), "initial": recorder.initial, "flows": recorder.flows,
                "final": firm_columns(state, np.arange(len(state.firms.key)), recorder.names),
                "departed": list(recorder.departed), "alliances": alliance_columns(state, self.config.start),
                "memberships": membership_columns(state), "ledger": list(self.ledger.parts),
            }
        return Run(self.config, self.luck, recorder.level, outcomes_of(recorder.series, recorder.groups), kept,
                   self.history)


def _seed(rng: Any) -> int:
    """Return the seed of all draws, checked."""
    try:
        seed = operator.index(rng)
    except TypeError:
        raise ConfigError(f"rng={rng!r} is not allowed: every draw is keyed by a seed, a whole number") from None
    if not 0 <= seed < 2**63:
        raise ConfigError(f"seed={seed} is not allowed: it takes a whole number from 0 to 2^63 - 1")
    return seed


def _level(records: str) -> str:
    """Return the level of the records to keep, checked; auto is all of one run."""
    if records not in (*LEVELS, "auto"):
        raise ConfigError(f"records={records} is not allowed: it takes one of {', '.join(LEVELS)}"
                          f"{nearest(str(records), LEVELS)}")
    return "full" if records == "auto" else records


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

    Examples
    --------
    >>> run = al.run(al.scenario("supply_stress", months=24, **{"firms.n": 20}), seed=7)
    >>> len(run.series)
    25
    """
    model = AllianceModel(scenario, rng=seed, records=records)
    for _ in range(model.config.run.months):
        model.step()
    return model.results()


def warm(message: Callable[[str], Any] | None = None) -> float:
    """Compile every kernel that a run is likely to need by running a small world; return the seconds it took.

    ``message`` is told beforehand that it compiles and afterwards how long it took; nothing is said,
    and nothing done, where the kernels of this code version are on disk already.
    """
    if jit.disabled() or jit.compiled_before():
        return 0.0
    say = message or functools.partial(print, file=sys.stderr)
    say("First run of this version: compiling the model's kernels (once) ...")
    started = time.perf_counter()
    load()
    jit.note_compiled()
    took = time.perf_counter() - started
    say(f"... compiled in {took:.0f} s; later runs start at once.")
    return took


@functools.cache
def load() -> None:
    """Load the kernels into this process, once, by a small world in which all happens that is usual."""
    if jit.disabled():
        return
    run(compose("perfect_storm", months=48, strategy="two_track_restructurer", **{
        "background.strategy": "balanced", "firms.n": 80, "firms.focal": 20, "infrastructure.own": True,
        "leaks.hazard": .05, "sharing.misuse": .2, "tendering.rate": 1.}), records="series")
