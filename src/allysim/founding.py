"""Founding an alliance: its rows, its hidden draws, the ties of its members and what set-up costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.appraisal import appraise
from allysim.draws import Purpose, fold, normal, stream, uniforms
from allysim.errors import ConfigError
from allysim.jit import kernel
from allysim.mechanisms.administration import governance_cost
from allysim.phases.assessment import recent_mean
from allysim.roster import call_roll
from allysim.state import MODES, PILOT, PROCUREMENT, RUNNING, STAGES
from allysim.ties import introduce, trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def found(model: AllianceModel, groups: Any, size: Any, gain: Any) -> Any:
    """Found one procurement alliance for each row of `groups` and return their rows.

    Parameters
    ----------
    groups : int32 (k, s), slots of the members, the first `size` (k,) of each row
    gain : float64 (k, s), the monthly gain each member expects, k€
    """
    state, settings = model.state, model.config
    world, firms = state.world, state.firms
    new = np.arange(world.n_alliances, world.n_alliances + len(groups), dtype=np.int32)
    state.alliances.reserve(world.n_alliances + len(groups))
    state.memberships.reserve(world.n_memberships + int(size.sum()))
    _found_alliances(model, new, groups, size)
    inside = np.arange(groups.shape[1]) < np.asarray(size)[:, None]
    member = groups[inside].astype(np.int32)
    alliance = np.repeat(new, size)
    rows = np.arange(world.n_memberships, world.n_memberships + member.size, dtype=np.int32)
    _join(model, rows, member, alliance, gain[inside])
    for a in range(groups.shape[1]):
        for b in range(a):
            both = inside[:, a] & inside[:, b]
            introduce(state, groups[both, b].astype(np.int32), groups[both, a].astype(np.int32))
    world.n_alliances += len(groups)
    world.n_memberships += rows.size
    cost = settings.administration.setup / np.repeat(size, size)
    firms.cash[member] -= cost
    firms.ebitda[member] -= cost
    firms.economic_profit[member] -= cost
    firms.setup_cost[member] += cost
    world.outside[Outside.SETUP_SERVICES] += cost.sum()
    model.ledger.post("set-up", Outside.SETUP_SERVICES, firms.key[member], cost)
    model.events.add("founded", firm=firms.key[member], alliance=alliance, amount=cost)
    _budget(model, new, groups, size)
    return new


def _found_alliances(model: AllianceModel, new: Any, groups: Any, size: Any) -> None:
    """Write the rows of the new alliances: charter, governance and hidden draws."""
    state, settings, month = model.state, model.config, model.month
    alliances, pilot, governance = state.alliances, settings.pilot, settings.governance
    keys = np.empty(len(groups), dtype=np.uint64)
    name(state.firms.key, groups.astype(np.int32), size, PROCUREMENT, month, keys)
    alliances.key[new], alliances.type[new], alliances.stage[new] = keys, PROCUREMENT, PILOT
    alliances.founded[new], alliances.gate_month[new] = month, month + pilot.months
    alliances.founders[new] = alliances.members[new] = size
    alliances.mode[new] = MODES.index(governance.mode)
    for column in ("completeness", "dashboard", "penalty", "notice"):
        getattr(alliances, column)[new] = getattr(governance, column)
    spread = settings.purchasing.fit_spread
    xi = np.empty(len(groups))
    draw_fit(stream(model.luck, Purpose.FIT, month), keys, spread, xi)
    alliances.fit[new] = np.exp(xi - 0.5 * spread**2)
    chance = uniforms(stream(model.luck, Purpose.LEVERAGE, month), keys)
    alliances.leverage[new] = chance >= settings.purchasing.no_leverage
    alliances.prior_mean[new] = alliances.belief[new] = pilot.prior_mean
    alliances.prior_variance[new] = pilot.prior_sd**2
    alliances.belief_sd[new] = pilot.prior_sd


def _join(model: AllianceModel, rows: Any, member: Any, alliance: Any, gain: Any) -> None:
    """Write the rows of the new memberships and free no one of them for another procurement alliance."""
    state, firms = model.state, model.state.firms
    members = state.memberships
    members.firm[rows], members.firm_key[rows], members.alliance[rows] = member, firms.key[member], alliance
    members.joined[rows], members.left[rows], members.leaving[rows] = model.month, -1, -1
    members.share[rows] = 1.0 / state.alliances.members[alliance]
    members.gain[rows] = gain
    firms.procurement[member] = alliance
    np.add.at(firms.alliances, member, 1)
    set_baseline(rows, member, model.month, model.config.pilot.baseline, firms.bare_margin, firms.home, firms.large,
                 state.world.control_past, members.baseline, members.control_base)


def _budget(model: AllianceModel, new: Any, groups: Any, size: Any) -> None:
    """Set each charter's budget: set-up and some months of governance at the members' present trust."""
    state, settings = model.state, model.config
    firms, ties, alliances = state.firms, state.ties, state.alliances
    monthly = np.zeros(new.size)
    first_cost(groups, size, firms.price, firms.output, settings.administration, settings.trust.prior_weight,
               MODES.index(settings.governance.mode), settings.governance.completeness, firms.disposition, firms.ties,
               ties.to, ties.next, ties.good, ties.bad, monthly)
    setup = settings.administration.setup
    alliances.spent[new] = setup
    alliances.budget[new] = setup + settings.pilot.budget_months * monthly


@kernel
def name(key, groups, size, kind, month, out):
    """Fill the identity of each new alliance: the hash of its sorted founders, type and month (k,)."""
    for k in range(groups.shape[0]):
        founders = np.sort(key[groups[k, :size[k]]])
        identity = fold(fold(np.uint64(0), np.uint64(kind)), np.uint64(month))
        for founder in founders:
            identity = fold(identity, founder)
        out[k] = identity


@kernel
def draw_fit(luck, key, spread, out):
    """Draw the hidden fit xi ~ N(0, spread^2) of each alliance (k,)."""
    for k in range(key.size):
        out[k] = spread * normal(luck, key[k], 0)


@kernel
def set_baseline(rows, member, month, window, bare_margin, home, large, control_past, baseline, control_base):
    """Set what the KPI of each new membership is compared with: the mean of the last `window` months."""
    for k in range(rows.size):
        i = member[k]
        baseline[rows[k]] = recent_mean(bare_margin[i], month, window)
        control_base[rows[k]] = recent_mean(control_past[:, home[i], int(large[i])], month, window)


@kernel
def first_cost(groups, size, price, output, administration, prior_weight, mode, completeness, disposition, head, to,
               following, good, bad, monthly):
    """Sum the monthly governance cost of each new alliance at its members' mean trust now (k,), k€."""
    for k in range(groups.shape[0]):
        members = groups[k, :size[k]]
        confidence = 0.0
        for i in members:
            for j in members:
                if j != i:
                    confidence += trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
        confidence /= size[k] * (size[k] - 1)
        for i in members:
            monthly[k] += governance_cost(mode, size[k], completeness, confidence, price[i] * output[i], administration)


def found_by_hand(model: AllianceModel, slots: list[int], stage: str) -> int:
    """Found one alliance of the firms in `slots`, in the given stage, and return its row."""
    firms = model.state.firms
    if len(slots) < 2 or len(set(slots)) < len(slots):
        raise ConfigError(f"an alliance takes two or more different firms, not {slots}")
    if stage not in STAGES[:2]:
        raise ConfigError(f"stage '{stage}' is not allowed: it takes one of {', '.join(STAGES[:2])}")
    taken = [model.names(firms.key[s]) for s in slots if firms.procurement[s] >= 0]
    if taken:
        raise ConfigError(f"{', '.join(taken)} already in a procurement alliance; a firm may have one")
    group = np.array([slots], dtype=np.int32)
    columns = np.arange(len(slots))
    gain = appraise(model, np.repeat(group, len(slots), axis=0), columns).monthly
    row = int(found(model, group, np.array([len(slots)]), gain[None, :])[0])
    if stage == "running":
        model.state.alliances.stage[row], model.state.alliances.go[row] = RUNNING, model.month
        model.state.alliances.gate_month[row] = model.month + model.config.pilot.review
    call_roll(model.state, model.config.trust.prior_weight)
    return row
