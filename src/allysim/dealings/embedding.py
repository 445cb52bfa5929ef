"""A real network at month 0: its alliances run, as old as they are in life, and its firms have met."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.config.parameters import ALLIANCE_TYPES
from allysim.dealings.brought import brings
from allysim.dealings.contract import protect
from allysim.dealings.founding import draw_fit, set_baseline
from allysim.dealings.terms import reopen
from allysim.draws import Purpose, fold, uniforms
from allysim.mechanisms.kinds import COOPETITION, PROCUREMENT, RND
from allysim.roster import call_roll
from allysim.state import MODES, RUNNING
from allysim.ties import introduce

if TYPE_CHECKING:
    from allysim.model import AllianceModel
    from allysim.network import Start


def embed(model: AllianceModel, start: Start) -> None:
    """Put the network of month 0 into the tables; no money flows, and members have no evidence of each other.

    Rows of memberships stand in the order of joining, so that a firm's oldest membership is its first row.
    """
    state, settings = model.state, model.config
    firms, members = state.firms, state.memberships
    slots = {name.casefold(): slot for slot, name in enumerate(settings.names)}
    slot = np.array([slots[member.firm.casefold()] for member in start.members], dtype=np.int32)
    alliance = np.array([member.alliance for member in start.members], dtype=np.int32)
    rows = np.arange(slot.size, dtype=np.int32)
    kinds = np.array([ALLIANCE_TYPES.index(kind) for kind in start.types], dtype=np.int8)
    _run_alliances(model, start, kinds, np.bincount(alliance).astype(np.int32))
    members.reserve(slot.size)
    members.firm[rows], members.firm_key[rows], members.alliance[rows] = slot, firms.key[slot], alliance
    members.joined[rows] = [-member.months for member in start.members]
    members.share[rows] = [member.share for member in start.members]
    set_baseline(rows, members.firm, 0, settings.pilot.baseline, firms.bare_margin, firms.home, firms.large,
                 state.world.control_past, members.baseline, members.control_base)
    state.world.n_memberships = slot.size
    np.add.at(firms.alliances, slot, 1)
    firms.attention[:] = np.maximum(firms.attention, firms.alliances)
    for kind, through in ((PROCUREMENT, firms.procurement), (COOPETITION, firms.coopetition)):
        theirs = rows[kinds[alliance] == kind][::-1]
        through[slot[theirs]] = alliance[theirs]  # the oldest is written last
    np.add.at(firms.rnd, slot[kinds[alliance] == RND], 1)
    for k in range(len(start.alliances)):
        _agree_on(model, k, kinds[k], slot[alliance == k])
        met = np.sort(slot[alliance == k])
        first, second = np.triu_indices(met.size, 1)
        introduce(state, met[first], met[second])
    call_roll(state, settings)
    reopen(model, state.roster.alliances, told=False)


def _agree_on(model: AllianceModel, row: int, kind: int, slots: Any) -> None:
    """Write what members, the oldest first, do together: as its strategy has it, or where they have most at stake."""
    state = model.state
    if kind == COOPETITION:
        state.alliances.scope[row] = model.strategies.scope[state.firms.strategy[slots[0]]]
    elif kind == RND:
        stakes = brings(model, np.isin(np.arange(len(state.firms.key)), slots), [RND]).stakes
        state.alliances.target[row] = stakes[slots].sum(axis=0).argmax()


def _run_alliances(model: AllianceModel, start: Start, kinds: Any, size: Any) -> None:
    """Write the rows of the alliances: past their pilot, under the governance under study, hidden draws by name."""
    state, settings = model.state, model.config
    alliances, governance, pilot = state.alliances, settings.governance, settings.pilot
    n = len(start.alliances)
    new = slice(n)
    alliances.reserve(n)
    with np.errstate(over="ignore"):
        keys = np.array([fold(np.uint64(fold(np.uint64(0), np.uint64(kind))), _number(name))
                         for kind, name in zip(kinds, start.alliances, strict=True)], dtype=np.uint64)
    alliances.key[new], alliances.type[new], alliances.founded_as[new] = keys, kinds, kinds
    alliances.stage[new] = RUNNING
    alliances.founded[new] = alliances.go[new] = -np.array(start.ages)
    alliances.gate_month[new] = pilot.review
    alliances.founders[new] = alliances.members[new] = size
    alliances.adaptive[new] = governance.adaptive
    alliances.mode[new] = MODES.index(governance.mode)
    for column in ("completeness", "dashboard", "penalty", "decision_rights", "dispute_clause", "notice"):
        getattr(alliances, column)[new] = getattr(governance, column)
    protect(alliances, new, settings)
    luck, spread = model.stream(Purpose.FIT), settings.purchasing.fit_spread
    alliances.fit[new] = [draw_fit(luck, key, spread) for key in keys]
    alliances.leverage[new] = uniforms(model.stream(Purpose.LEVERAGE), keys) >= settings.purchasing.no_leverage
    alliances.prior_mean[new] = alliances.belief[new] = pilot.prior_mean
    alliances.prior_variance[new] = pilot.prior_sd**2
    alliances.belief_sd[new] = pilot.prior_sd
    state.world.n_alliances = n


def _number(name: str) -> Any:
    """Return a number for the name of an alliance, the same everywhere: partners alone do not tell two apart."""
    return np.uint64(int.from_bytes(hashlib.blake2b(name.casefold().encode(), digest_size=8).digest(), "little"))
