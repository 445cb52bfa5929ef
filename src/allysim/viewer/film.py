"""A run as the viewer shows it: what stays the same, and a frame for each month, ready for JSON.

A frame holds what changed and what is drawn: firms that entered, who joined or left which alliance, revenue and
economic profit by slot, stage and trust of the living alliances, what happened in sentences, and the key figures.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.analysis.telling import TYPES, Happening, clause, names
from allysim.analysis.words import TYPE_NAMES, sentence
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.journal import filled
from allysim.kpis import GROUPS, KPIS
from allysim.mechanisms.names import SEGMENTS
from allysim.state import STAGES

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.model import AllianceModel
    from allysim.records import History

Frame = dict[str, Any]

SHOWN = ("economic_profit", "survival", "ebitda", "allied", "trust_mean", "unit_cost", "price", "saving",
         "governance_cost", "leaks", "leak_cost", "breaches", "breach_cost", "capability_growth", "time_to_market",
         "on_time_delivery", "consumer_surplus")
"""Key figures that a frame has, in the order in which the viewer offers them."""
UNTOLD = ("declined", "verdict", "stopped")
"""Events that are left out: what comes of them is told by another, and nothing comes of a firm that declines."""


class Camera:
    """Takes frames of a model, one after each month; what has been taken the model keeps no longer, so as not to grow.

    Parameters
    ----------
    model : AllianceModel
        At month 0, with events kept (``records`` other than outcomes).
    """

    def __init__(self, model: AllianceModel) -> None:
        self.model = model
        self._known: dict[int, int] = {}        # identity of a firm to its number, in the order of appearance
        self._live = np.empty(0, dtype=np.int32)  # rows of memberships that last
        self._gone = self._live
        self._alliances = self._memberships = 0

    def head(self) -> Frame:
        """Return what holds for all months: names of segments, types, stages and figures, and who is in which group."""
        return {
            "seed": self.model.luck, "segments": SEGMENTS,
            "types": ALLIANCE_TYPES, "type_names": [TYPES[kind][0] for kind in ALLIANCE_TYPES],
            "type_labels": [TYPE_NAMES[kind] for kind in ALLIANCE_TYPES], "stages": STAGES,
            "groups": self.model.recorder.groups,
            "kpis": [{"key": key, "label": KPIS[key].label, "unit": KPIS[key].unit} for key in SHOWN],
        }

    def frame(self) -> Frame:
        """Return what the viewer needs of the month that is done.

        Returns
        -------
        dict
            ``m`` month; ``n`` new firms (slot, name, segment, large, focal); ``r`` and ``p`` revenue (k€/month) and
            cumulative economic profit (k€) by slot; ``a`` new alliances (number, type, month founded, name);
            ``j`` and ``l`` who joined and left (alliance, firm); ``t`` living alliances (number, stage, trust in %);
            ``e`` events (text, event, alliance or -1, firms); ``k`` key figures, group by group in the order of
            `SHOWN`. Money has three significant digits.
        """
        model, state = self.model, self.model.state
        firms, alliances, living = state.firms, state.alliances, state.roster.alliances
        new = self._new_firms()
        joined, left = self._moves()
        taken = np.array([list(KPIS).index(key) for key in SHOWN])
        first, self._alliances = self._alliances, state.world.n_alliances
        trust = np.rint(100 * alliances.trust[living]).astype(int).tolist()
        taken_in = {
            "m": model.month, "n": new, "r": short(firms.revenue), "p": short(firms.economic_profit),
            "a": [self._alliance(row) for row in range(first, self._alliances)],
            "j": joined, "l": left,
            "t": list(map(list, zip(living.tolist(), alliances.stage[living].tolist(), trust, strict=True))),
            "e": self._events(),
            "k": [short(model.recorder.series[-1][GROUPS.index(group), taken], 4) for group in model.recorder.groups],
        }
        for kept in (model.events.given, model.ledger.parts, model.recorder.departed):
            kept.clear()
        del model.recorder.series[:-1]
        return taken_in

    def _new_firms(self) -> list[list[Any]]:
        firms, found = self.model.state.firms, []
        for slot, key in enumerate(firms.key.tolist()):
            if key not in self._known:
                self._known[key] = len(self._known)
                found.append([slot, self.model.names(key), int(firms.home[slot]), int(firms.large[slot]),
                              int(firms.focal[slot])])
        return found

    def _alliance(self, row: int) -> list[Any]:
        alliances, start = self.model.state.alliances, self.model.config.start
        name = start.alliances[row] if start and row < len(start.alliances) else None
        return [row, int(alliances.type[row]), int(alliances.founded[row]), name]

    def _moves(self) -> tuple[list[list[int]], list[list[int]]]:
        """Return who joined and who left which alliance since the last frame, as (alliance, firm)."""
        members, last = self.model.state.memberships, self._memberships
        self._memberships = self.model.state.world.n_memberships
        new = np.arange(last, self._memberships, dtype=np.int32)
        rows = np.concatenate([self._live, new])
        gone = members.left[rows] >= 0
        self._live = rows[~gone]

        def pairs(some: Any) -> list[list[int]]:
            return [[int(members.alliance[row]), self._known[int(members.firm_key[row])]] for row in some
                    if int(members.firm_key[row]) in self._known]

        self._gone = rows[gone]
        return pairs(new), pairs(self._gone)

    def _events(self) -> list[list[Any]]:
        """Return what happened since the last frame."""
        rows = [(event, *row) for _, event, *columns in filled(self.model.events.given)
                for row in zip(*(column.tolist() for column in columns), strict=True) if event not in UNTOLD]
        over = {alliance for event, _, alliance, *_ in rows if event == "ended"}
        founders: dict[int, list[int]] = {}
        told = []
        for event, firm, alliance, cause, amount in rows:
            if event == "founded":
                founders.setdefault(alliance, []).append(firm)
                if len(founders[alliance]) == 1:
                    told.append((event, founders[alliance], alliance, "", math.nan))
            elif event == "ended":
                told.append((event, self._at_fault(alliance, cause, rows), alliance, cause, amount))
            elif event != "left" or alliance not in over:
                told.append((event, [firm] if firm >= 0 else [], alliance, cause, amount))
        return [self._told(*one) for one in told]

    def _at_fault(self, alliance: int, cause: str, rows: list[tuple[Any, ...]]) -> list[int]:
        """Return the identities of the members with whose leaving an alliance ended, see `alliance_story.at_fault`."""
        members = self.model.state.memberships
        went = self._gone[members.alliance[self._gone] == alliance]
        if cause in ("no gain", "portfolio"):
            leaving = members.leaving[went]
            return members.firm_key[went[(leaving >= 0) & (leaving <= self.model.month)]].tolist()
        sign = {"breach": ("breach", "seen"), "bankruptcy": ("exit", cause), "closure": ("exit", cause)}.get(cause)
        them = {firm for event, firm, _, why, _ in rows if (event, why) == sign}
        return [key for key in members.firm_key[went].tolist() if key in them]

    def _told(self, event: str, firms: list[int], alliance: int, cause: str, amount: float) -> list[Any]:
        """Return a sentence with its event, alliance and firms."""
        name = self.model.names
        who = names([name(key) for key in firms])
        if event == "founded":
            text = f"{who} founded {TYPES[ALLIANCE_TYPES[self.model.state.alliances.founded_as[alliance]]][0]}"
        elif event == "entry":
            slot, generation = firms[0] & 0xFFFFFFFF, firms[0] >> 32
            text = f"{who} entered in the place of {name(slot | generation - 1 << 32)}"
        elif event == "regime shift":
            text = clause(Happening(0, event, who, "", amount)).replace("its segment", f"the {cause} segment")
        else:
            text = clause(Happening(0, event, who, cause or "", amount))
        if alliance >= 0:
            text = f"{self._called(alliance)}: {text}"
        return [sentence(f"{text}."), event, alliance, [self._known[key] for key in firms if key in self._known]]

    def _called(self, alliance: int) -> str:
        own = self._alliance(alliance)[-1]
        return own if own else f"alliance {alliance}"


def short(values: Any, digits: int = 3) -> list[float | int | None]:
    """Return numbers with so many significant digits; None for one that is not finite."""
    return [_short(value, digits) for value in np.asarray(values, dtype=float).tolist()]


def _short(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    value = float(f"{value:.{digits}g}")
    return int(value) if value == int(value) else value


class Reel:
    """A world that is filmed as it goes on.

    Parameters
    ----------
    scenario : Scenario
        What is in force in the end, and how long it lasts.
    seed : int
    history : tuple
        What was in force before levers were moved, see `allysim.records.Run`.
    """

    def __init__(self, scenario: Scenario, seed: int, history: History = ()) -> None:
        from allysim.fork import moves_of
        from allysim.model import AllianceModel

        self._moves = moves_of(scenario, history)
        self.months = scenario.run.months
        self.model = AllianceModel(history[0][1] if history else scenario, rng=seed, records="series")
        self.camera = Camera(self.model)
        self.head = {**self.camera.head(), "months": self.months}

    def frame(self) -> Frame:
        """Return the frame of the month that is done."""
        return self.camera.frame()

    def step(self) -> Frame:
        """Run a month and return its frame."""
        if self.model.month in self._moves:
            self.model.change_to(self._moves[self.model.month])
        self.model.step()
        return self.frame()


def film(scenario: Scenario, seed: int, history: History = ()) -> Frame:
    """Run a world and return all of `Reel.head` with its ``frames``; parameters as of `Reel`."""
    reel = Reel(scenario, seed, history)
    return {**reel.head, "frames": [reel.frame(), *(reel.step() for _ in range(reel.months))]}
