"""Phase 7: what members see of their alliance and of each other (F20, F5).

Reads price, unit_cost, target (or sales), alliance_flow, compensation, memberships' conduct; writes margin,
bare_margin, control, alliances' signal, belief and belief_sd, memberships' baseline, and of ties the
evidence, together and failed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from allysim.draws import Purpose, fold_levels, normal
from allysim.jit import equation, kernel, routine
from allysim.mechanisms.belief import posterior
from allysim.mechanisms.kinds import COOPETITION, INFRASTRUCTURE, PROCUREMENT, RND, by_type
from allysim.mechanisms.research import patience
from allysim.mechanisms.sharing import measurement_noise
from allysim.state import AS_AGREED, BASELINE_MONTHS, SEEN, SETTLED, UNSEEN
from allysim.ties import find_tie

if TYPE_CHECKING:
    from allysim.model import AllianceModel

CONTROLS = 3  # fewer unallied firms of like segment and size are no control group


def assessment(model: AllianceModel) -> None:
    """Measure KPIs against baseline and control group, update beliefs, then trust."""
    state, scenario, month = model.state, model.config, model.month
    firms, ties, world, roster = state.firms, state.ties, state.world, state.roster
    alliances, members, pilot = state.alliances, state.memberships, scenario.pilot
    sales = firms.target if pilot.kpi == "leading" else firms.sales
    assess(
        model.luck, month, pilot.control, pilot.baseline, pilot.persistent, pilot.noise, pilot.threshold,
        pilot.threshold_coopetition, scenario.sharing, alliances.data_shared, alliances.data_anonymised,
        scenario.research, scenario.trust, scenario.terms, roster.alliances, roster.start, roster.rows, members.firm,
        members.saving, members.split, members.fee, members.conduct, members.unfairness, members.baseline,
        members.control_base, firms.home, firms.large, firms.alliances, firms.price, firms.unit_cost, firms.list_price,
        firms.input_index, firms.learning, firms.pool_discount, sales, firms.fixed_saved, firms.holding_saved,
        firms.joint_appeal, firms.research_cost, firms.own_rent, firms.compensation, firms.alliance_flow,
        firms.governance_cost,
        firms.procurement, firms.coopetition, firms.lot_margin, firms.margin, firms.bare_margin, world.control,
        world.control_past, alliances.type, alliances.key, alliances.prior_mean, alliances.prior_variance,
        alliances.signals, alliances.signal_sum, alliances.signal, alliances.belief, alliances.belief_sd,
        alliances.radical, alliances.sprints, alliances.last_success, world.n_ties, firms.ties, ties.to, ties.next,
        ties.good, ties.bad, ties.together, ties.failed)


@kernel
def assess(seed, month, controlled, window, persistent, noise, asked, asked_coopetition, sharing, shared, anonymised,
           research, trust, terms, alliances, start, rows, member, saving, split, fee, behaviour, unfairness, baseline,
           control_base, home, large, allied, price, unit_cost, list_price, input_index, learning, discount, sales,
           fixed_saved, holding_saved, joint, research_cost, own_rent, compensation, alliance_flow, governance,
           bought_through, sells_with, lot_margin, margin, bare_margin, index, index_past, kind, key, prior_mean,
           prior_variance, signals, signal_sum, signal, belief, belief_sd, radical, sprints, last_success, used, head,
           to, following, good, bad, together, failed):
    """Measure firms and their control group, let members learn of their alliance, then of each other."""
    measure(month, price, unit_cost, list_price, input_index, learning, discount, sales, fixed_saved, holding_saved,
            joint, research_cost, own_rent, compensation, alliance_flow, governance, margin, bare_margin)
    if controlled:
        control(month, home, large, allied, bare_margin, index)
    index_past[month % BASELINE_MONTHS] = index
    luck = fold_levels(seed, Purpose.MEASUREMENT, month)
    believe(month, luck, alliances, start, rows, window, persistent, noise, sharing, shared, anonymised, member, saving,
            split, fee, baseline, control_base, home, large, bought_through, sells_with, lot_margin, compensation,
            price, unit_cost, sales, joint, bare_margin, index, index_past, kind, key, prior_mean, prior_variance,
            signals, signal_sum, signal, belief, belief_sd)
    fade(used, trust.memory, good, bad)
    witness(month, alliances, start, rows, trust, terms, asked, asked_coopetition, research, kind, radical, sprints,
            last_success, member, behaviour, unfairness, signal, head, to, following, good, bad, together, failed)


@equation
def measure(month, price, unit_cost, list_price, input_index, learning, discount, sales, fixed_saved, holding_saved,
            joint, research_cost, own_rent, compensation, alliance_flow, governance, margin, bare_margin):
    """Set gross margin as the KPI counts it, and the same with all booked gains of alliances taken out.

    A gain of pooled buying or joint marketing is taken out as a rate: it comes as volume, which compounds.
    """
    for i in range(margin.size):
        gross = (price[i] - unit_cost[i]) * sales[i]
        margin[i] = (gross + fixed_saved[i] + holding_saved[i] + alliance_flow[i] + governance[i]
                     + research_cost[i] - own_rent[i] - compensation[i])
        saved = list_price[i] * input_index[i] * learning[i] * discount[i] * sales[i]
        bare_margin[i, month % BASELINE_MONTHS] = gross * math.exp(-saved / gross - joint[i]) if gross > 0.0 else gross


@routine
def control(month, home, large, alliances, bare_margin, index):
    """Chain the index of unallied firms' gross margin, by segment and size class (S, 2)."""
    growth, count = index * 0.0, index * 0.0
    for i in range(home.size):
        now, before = bare_margin[i, month % BASELINE_MONTHS], bare_margin[i, (month - 1) % BASELINE_MONTHS]
        if alliances[i] == 0 and now > 0.0 and before > 0.0:
            growth[home[i], int(large[i])] += math.log(now / before)
            count[home[i], int(large[i])] += 1.0
    for s in range(index.shape[0]):
        for c in range(2):
            if count[s, c] >= CONTROLS:
                index[s, c] *= math.exp(growth[s, c] / count[s, c])


@equation
def recent_mean(series, month, months):
    """Return the mean of the last `months` values of a series kept by month mod 12."""
    total = 0.0
    for back in range(months):
        total += series[(month - back) % BASELINE_MONTHS]
    return total / months


@equation
def believe(month, luck, alliances, start, rows, window, persistent, noise, sharing, shared, anonymised, member, saving,
            split, fee, baseline, control_base, home, large, bought_through, sells_with, lot_margin, compensation,
            price, unit_cost, sales, joint, bare_margin, control, control_past, kind, key, prior_mean, prior_variance,
            signals, signal_sum, signal, belief, belief_sd):
    """Take this month's signal of each alliance and update its belief; renew baselines every twelve months.

    The signal is the members' mean of margin over baseline, over the growth of their control group, less 1, plus
    measurement noise by what data they share (F21). A margin holds the gains of this alliance, but of no other;
    those of R&D come later and show in its milestones.
    """
    for k in range(alliances.size):
        a = alliances[k]
        gain = 0.0
        for r in rows[start[k]:start[k + 1]]:
            i = member[r]
            grown = control[home[i], int(large[i])] / control_base[r]
            own, of = bare_margin[i, month % BASELINE_MONTHS], kind[a]
            if of == PROCUREMENT and bought_through[i] == a:
                own = (price[i] - unit_cost[i]) * sales[i] * math.exp(-joint[i]) + split[r] - fee[r]
            elif of == COOPETITION and sells_with[i] == a:
                own = own * math.exp(joint[i]) + saving[r] + split[r] + lot_margin[i] - fee[r] - compensation[i]
            elif of == INFRASTRUCTURE:
                own += saving[r] + split[r] - fee[r]
            if baseline[r] * grown > 0.0:  # a firm that sold nothing, or at a loss, has nothing to be compared with
                gain += own / (baseline[r] * grown) - 1.0
        blurred = measurement_noise(noise, shared[a], anonymised[a], sharing)
        signal[a] = gain / (start[k + 1] - start[k]) + blurred * normal(luck, key[a], 0)
        signal_sum[a] += signal[a]
        signals[a] += 1
        mean, variance = posterior(prior_mean[a], prior_variance[a], signal_sum[a], signals[a], persistent, blurred)
        belief[a], belief_sd[a] = mean, math.sqrt(variance)
        if signals[a] == BASELINE_MONTHS:
            prior_mean[a], prior_variance[a], signals[a], signal_sum[a] = mean, variance, 0, 0.0
            for r in rows[start[k]:start[k + 1]]:
                i = member[r]
                baseline[r] = recent_mean(bare_margin[i], month, window)
                control_base[r] = recent_mean(control_past[:, home[i], int(large[i])], month, window)


@kernel
def fade(used, memory, good, bad):
    """Let all evidence fade by a month."""
    for t in range(used):
        good[t] *= memory
        bad[t] *= memory


@equation
def witness(month, alliances, start, rows, trust, terms, asked, asked_coopetition, research, kind, radical, sprints,
            last_success, member, behaviour, unfairness, signal, head, to, following, good, bad, together, failed):
    """Give every member evidence of every other, and third parties evidence of breaches that were seen.

    Who got less than its Shapley value holds that against all its partners, month after month (F19).
    """
    for k in range(alliances.size):
        a = alliances[k]
        poor = signal[a] < by_type(kind[a], asked, asked_coopetition, asked, asked)
        if kind[a] == RND:
            poor = sprints[a] - last_success[a] >= patience(radical[a], research)
        usual = trust.disappointing if poor else 1.0
        for r in rows[start[k]:start[k + 1]]:
            j = member[r]
            fails = behaviour[r] != AS_AGREED and behaviour[r] != UNSEEN
            outcome = 0.0 if fails else usual
            for q in rows[start[k]:start[k + 1]]:
                if q != r:
                    t = find_tie(member[q], j, head, to, following)
                    good[t] += trust.good * outcome
                    bad[t] += trust.bad * (1.0 - outcome) + terms.resentment * unfairness[q]
                    together[t] = month
                    if fails:
                        failed[t] = month
            if behaviour[r] == SEEN or behaviour[r] == SETTLED:
                t = head[j]
                while t >= 0:
                    inside = False
                    for q in rows[start[k]:start[k + 1]]:
                        inside = inside or member[q] == to[t]
                    if not inside:
                        bad[t ^ 1] += trust.public * trust.bad
                    t = following[t]
