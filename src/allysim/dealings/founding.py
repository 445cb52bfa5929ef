"""Founding an alliance: its rows, its hidden draws, the ties of its members and what set-up costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.accounts import Outside
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.strategy import RADICAL
from allysim.dealings.appraisal import hear
from allysim.dealings.brought import best_target, brings
from allysim.dealings.contract import protect
from allysim.dealings.terms import strike, write
from allysim.dealings.ventures import buy_at_once
from allysim.draws import Purpose, fold, normal, uniform
from allysim.errors import ConfigError, nearest
from allysim.jit import equation, kernel
from allysim.mechanisms.administration import governance_rate, setup_cost, size_factor
from allysim.mechanisms.kinds import COOPETITION, PROCUREMENT, RND
from allysim.mechanisms.scaling import template_setup
from allysim.phases.assessment import recent_mean
from allysim.roster import call_roll
from allysim.state import MODES, PILOT, RUNNING, SET_UP, STAGES, State
from allysim.ties import link_groups, trust_in

if TYPE_CHECKING:
    from allysim.model import AllianceModel


def found(model: AllianceModel, groups: Any, size: Any, kinds: Any, gain: Any, stakes: Any) -> Any:
    """Found one alliance for each row of `groups` and return their rows.

    Parameters
    ----------
    groups : int32 (k, s), slots of the members, the first `size` (k,) of each row, the proposer first
    kinds : int8 (k,), types
    stakes : float64 (n, capabilities), as in `allysim.dealings.brought.Brought`
    gain : float64 (k, s), the monthly gain each member expects, k€
    """
    state, settings = model.state, model.config
    world, firms, alliances, members = state.world, state.firms, state.alliances, state.memberships
    joining = int(size.sum())
    first, row = world.n_alliances, world.n_memberships
    alliances.reserve(first + len(groups))
    members.reserve(row + joining)
    setup = np.empty(len(groups))
    price_setup(groups, kinds, settings.administration, firms.modularity, firms.api_readiness, firms.template,
                settings.scaling, setup)
    _charter(model, groups, size, kinds, setup, stakes)
    alliances.founded_as[first:first + len(groups)] = kinds
    protect(alliances, slice(first, first + len(groups)), settings)
    cost, joined = np.empty(joining), np.arange(row, row + joining, dtype=np.int32)
    terms = strike(model, groups, size, np.arange(first, first + len(groups)), joined)
    world.outside[Outside.SETUP_SERVICES] += join(
        groups, size, kinds, gain, model.month, first, row, setup, firms.key, firms.procurement, firms.coopetition,
        firms.rnd, firms.template, firms.alliances, firms.cash, firms.ebitda, firms.economic_profit, firms.setup_cost,
        members.firm, members.firm_key, members.alliance, members.joined, members.share, members.gain, cost)
    members.expected[row:row + joining] = members.gain[row:row + joining]
    members.booked[row:row + joining, SET_UP] = -cost
    write(model, joined, terms)
    set_baseline(joined, members.firm, model.month, settings.pilot.baseline, firms.bare_margin, firms.home,
                 firms.large, world.control_past, members.baseline, members.control_base)
    introduce_all(state, groups, size)
    world.n_alliances += len(groups)
    world.n_memberships += joining
    keys = members.firm_key[row:row + joining]
    model.ledger.post("set-up", Outside.SETUP_SERVICES, keys, cost)
    model.events.add("founded", firm=keys, alliance=members.alliance[row:row + joining], amount=cost)
    new = np.arange(first, first + len(groups), dtype=np.int32)
    buy_at_once(model, new, size, joined)
    return new


def _charter(model: AllianceModel, groups: Any, size: Any, kinds: Any, setup: Any, stakes: Any) -> None:
    """Write the rows of the new alliances: charter, governance, budget and hidden draws."""
    state, settings = model.state, model.config
    alliances, firms, ties = state.alliances, state.firms, state.ties
    length = model.strategies.pilot_months[firms.strategy[groups[:, 0]]]
    alliances.pilot_months[state.world.n_alliances:state.world.n_alliances + len(groups)] = length
    governance, purchasing, pilot = settings.governance, settings.purchasing, settings.pilot
    mode = MODES.index(governance.mode)
    if RND in kinds:
        alliances.radical[state.world.n_alliances:state.world.n_alliances + len(groups)] = (
            (model.strategies.research[firms.strategy[groups[:, 0]]] == RADICAL) & (kinds == RND))
    alliances.adaptive[state.world.n_alliances:state.world.n_alliances + len(groups)] = governance.adaptive
    charter(
        groups, size, kinds, state.world.n_alliances, model.month, model.stream(Purpose.FIT),
        model.stream(Purpose.LEVERAGE), mode, governance.completeness, governance.dashboard, governance.penalty,
        governance.decision_rights, governance.dispute_clause, governance.notice, purchasing.fit_spread,
        purchasing.no_leverage, firms.key, firms.strategy, model.strategies.scope, alliances.key, alliances.type,
        alliances.stage, alliances.founded, alliances.founders, alliances.members, alliances.mode,
        alliances.completeness, alliances.dashboard, alliances.penalty, alliances.decision_rights,
        alliances.dispute_clause, alliances.notice, alliances.fit, alliances.leverage, alliances.scope, stakes,
        alliances.target)
    prepared = firms.prepared[groups[:, 0]] >= 0  # these have a dashboard of their own
    if prepared.any():
        signed = np.flatnonzero(prepared) + state.world.n_alliances
        alliances.dashboard[signed] = max(governance.dashboard, settings.ecosystem.dashboard)
    set_budget(
        groups, size, kinds, setup, state.world.n_alliances, settings.administration, model.month + length,
        pilot.budget_months * (length / pilot.months), pilot.prior_mean, pilot.prior_sd,
        settings.trust.prior_weight, mode, governance.completeness, firms.price, firms.output, firms.disposition,
        firms.ties, ties.to, ties.next, ties.good, ties.bad, alliances.prior_mean, alliances.prior_variance,
        alliances.belief, alliances.belief_sd, alliances.gate_month, alliances.spent, alliances.budget)


def introduce_all(state: State, groups: Any, size: Any) -> None:
    """Tie the members of each row of `groups` (k, s) to each other, if they had not met."""
    width = groups.shape[1]
    state.ties.reserve(state.world.n_ties + len(groups) * width * (width - 1))
    ties, world = state.ties, state.world
    world.n_ties, world.free_tie = link_groups(groups, size, world.n_ties, world.free_tie, state.firms.ties, ties.to,
                                               ties.next, ties.good, ties.bad)


@kernel
def charter(groups, size, kinds, first, month, luck_fit, luck_leverage, mode, completeness, dashboard, penalty, rights,
            clause, notice, fit_spread, no_leverage, firm_key, strategy, scopes, key, kind, stage, founded, founders,
            members, modes, completenesses, dashboards, penalties, decision_rights, dispute_clause, notices, fit,
            leverage, scope, stakes, target):
    """Write what each new alliance is from `first` on: its identity, what was signed, and its hidden draws.

    Its identity is the hash of its sorted founders, type and month.
    """
    for k in range(size.size):
        a = first + k
        identity = fold(fold(np.uint64(0), np.uint64(kinds[k])), np.uint64(month))
        for founder in np.sort(firm_key[groups[k, :size[k]]]):
            identity = fold(identity, founder)
        key[a], kind[a], stage[a], founded[a] = identity, kinds[k], PILOT, month
        founders[a] = members[a] = size[k]
        modes[a], completenesses[a], dashboards[a], penalties[a] = mode, completeness, dashboard, penalty
        decision_rights[a], dispute_clause[a], notices[a] = rights, clause, notice
        fit[a] = draw_fit(luck_fit, identity, fit_spread)
        leverage[a] = uniform(luck_leverage, identity, 0) >= no_leverage
        scope[a] = scopes[strategy[groups[k, 0]]] if kinds[k] == COOPETITION else 0
        target[a] = best_target(groups[k, :size[k]], stakes) if kinds[k] == RND else 0


@kernel
def price_setup(groups, kinds, administration, modularity, readiness, template, scaling, cost):
    """Fill what setting up each alliance costs (k,), by the template of the firm that proposes, k€."""
    for k in range(cost.size):
        whole = setup_cost(groups[k], modularity, readiness, administration)
        cost[k] = template_setup(whole, template[groups[k, 0], kinds[k]], scaling)


@equation
def draw_fit(luck, key, spread):
    """Draw the hidden fit exp(xi - sd^2/2) of an alliance, xi ~ N(0, spread^2)."""
    return math.exp(spread * normal(luck, key, 0) - 0.5 * spread**2)


@kernel
def set_baseline(rows, member, month, window, bare_margin, home, large, control_past, baseline, control_base):
    """Set what the KPI of each new membership is compared with: the mean of the last `window` months."""
    for r in rows:
        i = member[r]
        baseline[r] = recent_mean(bare_margin[i], month, window)
        control_base[r] = recent_mean(control_past[:, home[i], int(large[i])], month, window)


@kernel
def set_budget(groups, size, kinds, setup, first, administration, gate, months, mean, sd, prior_weight, mode,
               completeness, price, output, disposition, head, to, following, good, bad, prior_mean, prior_variance,
               belief, belief_sd, gate_month, spent, budget):
    """Set what members believe, when their gate is due, and the budget until then.

    The budget is set-up and some `months` (k,) of governance at the members' present mean trust.
    """
    for k in range(size.size):
        a, confidence = first + k, 0.0
        for i in groups[k, :size[k]]:
            for j in groups[k, :size[k]]:
                if j != i:
                    confidence += trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
        confidence /= size[k] * (size[k] - 1)
        rate, monthly = governance_rate(kinds[k], mode, size[k], completeness, confidence, administration), 0.0
        for i in groups[k, :size[k]]:
            monthly += rate * size_factor(price[i] * output[i], administration)
        prior_mean[a] = belief[a] = mean
        prior_variance[a], belief_sd[a] = sd**2, sd
        gate_month[a] = gate[k]
        spent[a] = setup[k]
        budget[a] = setup[k] + months[k] * monthly


@equation
def count_in(i, a, kind, procurement, coopetition, rnd, alliances):
    """Count the new alliance `a` of the firm in slot `i`."""
    if kind == PROCUREMENT:
        procurement[i] = a
    elif kind == COOPETITION:
        coopetition[i] = a
    elif kind == RND:
        rnd[i] += 1
    alliances[i] += 1


@kernel
def join(groups, size, kinds, gain, month, first_alliance, first_row, setup, key, procurement, coopetition, rnd,
         template, alliances, cash, ebitda, economic_profit, paid_for, member, member_key, alliance, joined, share,
         expected, cost):
    """Write a membership for each member of each new alliance and charge its part of the set-up, `cost` (m,), k€.

    Returns what set-up costs in all.
    """
    r, paid = first_row, 0.0
    for k in range(groups.shape[0]):
        for m in range(size[k]):
            i = groups[k, m]
            member[r], member_key[r], alliance[r] = i, key[i], first_alliance + k
            joined[r], share[r], expected[r] = month, 1.0 / size[k], gain[k, m]
            count_in(i, first_alliance + k, kinds[k], procurement, coopetition, rnd, alliances)
            part = setup[k] / size[k]
            cost[r - first_row] = part
            paid += part
            cash[i] -= part
            ebitda[i] -= part
            economic_profit[i] -= part
            paid_for[i] += part
            r += 1
        if template[groups[k, 0], kinds[k]] > 0:
            template[groups[k, 0], kinds[k]] += 1
    return paid


def found_by_hand(model: AllianceModel, slots: list[int], stage: str, kind: str) -> int:
    """Found one alliance of the firms in `slots`, of the given stage and type, and return its row."""
    firms = model.state.firms
    if len(slots) < 2 or len(set(slots)) < len(slots):
        raise ConfigError(f"an alliance takes two or more different firms, not {slots}")
    if stage not in STAGES[:2]:
        raise ConfigError(f"stage '{stage}' is not allowed: it takes one of {', '.join(STAGES[:2])}")
    if kind not in ALLIANCE_TYPES:
        raise ConfigError(f"type '{kind}' is not allowed: it takes one of {', '.join(ALLIANCE_TYPES)}"
                          f"{nearest(kind, ALLIANCE_TYPES)}")
    once = {"procurement": firms.procurement, "coopetition": firms.coopetition}.get(kind)
    taken = [model.names(firms.key[s]) for s in slots if once is not None and once[s] >= 0]
    if taken:
        raise ConfigError(f"{', '.join(taken)} already in a {kind} alliance; a firm may have one")
    group, size = np.array([slots], dtype=np.int32), np.array([len(slots)])
    kinds = np.array([ALLIANCE_TYPES.index(kind)], dtype=np.int8)
    brought = brings(model, np.isin(np.arange(len(firms.key)), slots), kinds)
    gain = hear(model, brought, group, size, kinds)[1]
    row = int(found(model, group, size, kinds, gain[None, :], brought.stakes)[0])
    if stage == "running":
        model.state.alliances.stage[row], model.state.alliances.go[row] = RUNNING, model.month
        model.state.alliances.gate_month[row] = model.month + model.config.pilot.review
    call_roll(model.state, model.config)
    return row
