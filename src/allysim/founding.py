"""Founding an alliance: its rows, its hidden draws, the ties of its members and what set-up costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.appraisal import appraise
from allysim.draws import Purpose, fold, normal, uniforms
from allysim.errors import ConfigError
from allysim.jit import kernel
from allysim.mechanisms.administration import governance_cost
from allysim.phases.assessment import recent_mean
from allysim.roster import call_roll
from allysim.state import MODES, PILOT, PROCUREMENT, RUNNING, STAGES, State
from allysim.ties import link_groups, trust_in

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
    world, firms, alliances, members = state.world, state.firms, state.alliances, state.memberships
    joining = int(size.sum())
    alliances.reserve(world.n_alliances + len(groups))
    members.reserve(world.n_memberships + joining)
    _charter(model, groups, size)
    cost = np.empty(joining)
    rows = np.arange(world.n_memberships, world.n_memberships + joining, dtype=np.int32)
    join(groups, size, gain, model.month, world.n_alliances, world.n_memberships, settings.administration.setup,
         firms.key, firms.procurement, firms.alliances, firms.cash, firms.ebitda, firms.economic_profit,
         firms.setup_cost, members.firm, members.firm_key, members.alliance, members.joined, members.share,
         members.gain, cost)
    set_baseline(rows, members.firm[rows], model.month, settings.pilot.baseline, firms.bare_margin, firms.home,
                 firms.large, world.control_past, members.baseline, members.control_base)
    introduce_all(state, groups, size)
    new = np.arange(world.n_alliances, world.n_alliances + len(groups), dtype=np.int32)
    world.n_alliances += len(groups)
    world.n_memberships += joining
    world.outside[Outside.SETUP_SERVICES] += cost.sum()
    keys = members.firm_key[rows]
    model.ledger.post("set-up", Outside.SETUP_SERVICES, keys, cost)
    model.events.add("founded", firm=keys, alliance=members.alliance[rows], amount=cost)
    return new


def _charter(model: AllianceModel, groups: Any, size: Any) -> None:
    """Write the rows of the new alliances: charter, governance, budget and hidden draws."""
    state, settings, month = model.state, model.config, model.month
    alliances, firms, ties = state.alliances, state.firms, state.ties
    pilot, governance = settings.pilot, settings.governance
    new = slice(state.world.n_alliances, state.world.n_alliances + len(groups))
    alliances.type[new], alliances.stage[new] = PROCUREMENT, PILOT
    alliances.founded[new], alliances.gate_month[new] = month, month + pilot.months
    alliances.founders[new] = alliances.members[new] = size
    alliances.mode[new] = MODES.index(governance.mode)
    for column in ("completeness", "dashboard", "penalty", "notice"):
        getattr(alliances, column)[new] = getattr(governance, column)
    alliances.prior_mean[new] = alliances.belief[new] = pilot.prior_mean
    alliances.prior_variance[new], alliances.belief_sd[new] = pilot.prior_sd**2, pilot.prior_sd
    setup = settings.administration.setup
    alliances.spent[new] = setup
    keys = alliances.key[new]
    name(firms.key, groups, size, PROCUREMENT, month, keys)
    draw_fit(model.stream(Purpose.FIT), keys, settings.purchasing.fit_spread, alliances.fit[new])
    alliances.leverage[new] = uniforms(model.stream(Purpose.LEVERAGE), keys) >= settings.purchasing.no_leverage
    set_budget(groups, size, setup, pilot.budget_months, settings.administration, settings.trust.prior_weight,
               MODES.index(governance.mode), governance.completeness, firms.price, firms.output, firms.disposition,
               firms.ties, ties.to, ties.next, ties.good, ties.bad, alliances.budget[new])


def introduce_all(state: State, groups: Any, size: Any) -> None:
    """Tie the members of each row of `groups` (k, s) to each other, if they had not met."""
    width = groups.shape[1]
    state.ties.reserve(state.world.n_ties + len(groups) * width * (width - 1))
    ties, world = state.ties, state.world
    world.n_ties, world.free_tie = link_groups(groups, size, world.n_ties, world.free_tie, state.firms.ties, ties.to,
                                               ties.next, ties.good, ties.bad)


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
    """Draw the hidden fit exp(xi - sd^2/2) of each alliance, xi ~ N(0, spread^2) (k,)."""
    for k in range(key.size):
        out[k] = math.exp(spread * normal(luck, key[k], 0) - 0.5 * spread**2)


@kernel
def set_baseline(rows, member, month, window, bare_margin, home, large, control_past, baseline, control_base):
    """Set what the KPI of each new membership is compared with: the mean of the last `window` months."""
    for k in range(rows.size):
        i = member[k]
        baseline[rows[k]] = recent_mean(bare_margin[i], month, window)
        control_base[rows[k]] = recent_mean(control_past[:, home[i], int(large[i])], month, window)


@kernel
def set_budget(groups, size, setup, months, administration, prior_weight, mode, completeness, price, output,
               disposition, head, to, following, good, bad, budget):
    """Set each charter's budget: set-up and some months of governance at the members' present mean trust (k,)."""
    for k in range(groups.shape[0]):
        confidence = 0.0
        for i in groups[k, :size[k]]:
            for j in groups[k, :size[k]]:
                if j != i:
                    confidence += trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
        confidence /= size[k] * (size[k] - 1)
        monthly = 0.0
        for i in groups[k, :size[k]]:
            monthly += governance_cost(mode, size[k], completeness, confidence, price[i] * output[i], administration)
        budget[k] = setup + months * monthly


@kernel
def join(groups, size, gain, month, first_alliance, first_row, setup, key, procurement, alliances, cash, ebitda,
         economic_profit, setup_cost, member, member_key, alliance, joined, share, expected, cost):
    """Write a membership for each member of each new alliance and charge its part of the set-up, `cost` (m,), k€."""
    r = first_row
    for k in range(groups.shape[0]):
        for m in range(size[k]):
            i = groups[k, m]
            member[r], member_key[r], alliance[r] = i, key[i], first_alliance + k
            joined[r], share[r], expected[r] = month, 1.0 / size[k], gain[k, m]
            procurement[i] = first_alliance + k
            alliances[i] += 1
            part = setup / size[k]
            cost[r - first_row] = part
            cash[i] -= part
            ebitda[i] -= part
            economic_profit[i] -= part
            setup_cost[i] += part
            r += 1


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
