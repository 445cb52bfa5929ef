"""Which charters a firm lets itself consider (F28): no rivals, a ladder of stakes, the matrix of impact and effort.

All of it narrows what is allowed before the rule `partner_choice` is asked, and never what things are worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from allysim.config.strategy import NON_RIVALS, OPPORTUNITIES
from allysim.draws import Purpose, fold, normal, stream, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.administration import governance_rate, setup_cost
from allysim.mechanisms.choice import annuity
from allysim.mechanisms.demand import overlap
from allysim.mechanisms.ecosystem import effort, seen_through, takes_trust
from allysim.mechanisms.scaling import template_setup
from allysim.state import MODES
from allysim.ties import trust_in

if TYPE_CHECKING:
    from allysim.dealings.brought import Brought
    from allysim.model import AllianceModel

VALUE, QUICK_WINS, IMPACT_FIRST, ANY = map(OPPORTUNITIES.index, ("value", "quick_wins", "impact_first", "random"))
SIZE = 4   # column of `take_stock`: what a firm's revenue makes of its governance cost
EVERYONE = -1  # whom a firm looks at: all other members


def picky(model: AllianceModel) -> bool:
    """Return whether some strategy may shun rivals or climb a ladder of stakes."""
    return not model.strategies.uses.isdisjoint(("partners", "ladder"))


def narrow(model: AllianceModel, groups: Any, kinds: Any, growing: Any, step: int, candidates: Any,
           options: Any) -> None:
    """Take from the options of those who grow charters the partners they keep away from; arguments as of `grow`."""
    if picky(model):
        ecosystem = model.config.ecosystem
        hold_back(growing, step, groups, kinds, model.kinds if step == 1 else model.kinds[:1], candidates.shape[1],
                  model.state.firms.strategy, model.strategies.partners, model.strategies.ladder,
                  ecosystem.rival_overlap, ecosystem.ladder_trust, options.trust, options.likeness, options.allowed)


def object_to(model: AllianceModel, charters: Any, place: Any, kinds: Any, of: Any, options: Any) -> None:
    """Forbid those who are asked to join (option 1) in partners they keep away from.

    `charters` (c, s) are weighed by their members in column `place` (c,), who look at the member in column `of` (c,),
    or at all others where that is `EVERYONE`.
    """
    if picky(model):
        state, settings = model.state, model.config
        firms, ties = state.firms, state.ties
        refuse(charters, place, kinds, of, firms.strategy, model.strategies.partners, model.strategies.ladder,
               settings.ecosystem.rival_overlap, settings.ecosystem.ladder_trust, firms.attraction, state.world.pull,
               firms.disposition, settings.trust.prior_weight, firms.ties, ties.to, ties.next, ties.good, ties.bad,
               options.allowed)


def rank(model: AllianceModel, brought: Brought, groups: Any, candidates: Any, options: Any) -> None:
    """Leave each firm that begins a charter the opportunities that its policy believes in."""
    levers, firms, settings = model.strategies, model.state.firms, model.config
    if "opportunities" not in levers.uses:
        return
    governance = settings.governance
    choose_quadrant(
        stream(model.luck, Purpose.OPPORTUNITY, 0), model.stream(Purpose.OPPORTUNITY), groups, candidates, model.kinds,
        firms.key, firms.strategy, levers.opportunities, brought.figures, firms.template, firms.modularity,
        firms.api_readiness, MODES.index(governance.mode), governance.completeness, settings.administration,
        settings.scaling, annuity(settings.choice.expected_life, settings.conduct.delta),
        settings.ecosystem.matrix_noise, options.trust, options.value, options.allowed)


@equation
def keeps_away(s, kind, trust, likeness, partners, ladder, rival_overlap, ladder_trust):
    """Return whether strategy `s` wants no partner of such trust and market overlap in an alliance of this type."""
    rival = partners[s] == NON_RIVALS and likeness > rival_overlap
    return rival or (ladder[s] and takes_trust(kind) and trust < ladder_trust)


@kernel
def hold_back(growing, step, groups, kinds, choices, view, strategy, partners, ladder, rival_overlap, ladder_trust,
              trust, likeness, allowed):
    """Forbid the options (k, 1 + types * view) that add a partner the chooser keeps away from."""
    for row in range(growing.size):
        k = growing[row]
        s = strategy[groups[k, 0]]
        for o in range(1, allowed.shape[1]):
            of = choices[(o - 1) // view] if step == 1 else kinds[k]
            if allowed[row, o] and keeps_away(s, of, trust[row, o], likeness[row, o], partners, ladder, rival_overlap,
                                              ladder_trust):
                allowed[row, o] = False


@kernel
def refuse(charters, place, kinds, of, strategy, partners, ladder, rival_overlap, ladder_trust, attraction, pull,
           disposition, prior_weight, head, to, following, good, bad, allowed):
    """Forbid option 1 to each member asked that keeps away from another, or from the one in column `of`."""
    for m in range(place.size):
        i = charters[m, place[m]]
        for c in range(charters.shape[1]):
            j = charters[m, c]
            if j < 0 or j == i or (of[m] != EVERYONE and of[m] != c):
                continue
            trust = trust_in(i, j, disposition[i], prior_weight, head, to, following, good, bad)
            if keeps_away(strategy[i], kinds[m], trust, overlap(attraction[i], attraction[j], pull), partners, ladder,
                          rival_overlap, ladder_trust):
                allowed[m, 1] = False


@kernel
def choose_quadrant(luck, luck_now, groups, candidates, choices, key, strategy, policies, figures, template,
                    modularity, readiness, mode, completeness, administration, scaling, life, noise, trust, value,
                    allowed):
    """Leave of the options of each firm that begins a charter those of the quadrant it believes in.

    Impact is a charter's value and effort what it takes to set up and govern, both as the firm sees them: its errors
    are keyed by firm, partner and type, and stay. *Quick wins*: of the half of least effort the half of most impact;
    *impact first*: the half of most impact; *random*: one, drawn anew each time. Halves are up to the median and so
    never empty.
    """
    view, room = candidates.shape[1], allowed.shape[1]
    impact, toil, seat = np.empty(room), np.empty(room), np.empty(room, dtype=np.int64)
    pair = np.empty(2, dtype=np.int32)
    for k in range(allowed.shape[0]):
        i, count, drawn, most = groups[k, 0], 0, 0, -1.0
        policy = policies[strategy[i]]
        if policy == VALUE:
            continue
        for o in range(1, room):
            if not allowed[k, o]:
                continue
            j, of = candidates[k, (o - 1) % view], choices[(o - 1) // view]
            who = fold(key[i], key[j])
            allowed[k, o] = False
            if policy == ANY:
                chance = uniform(luck_now, who, of)
                if chance > most:
                    most, drawn = chance, o
                continue
            pair[0], pair[1] = i, j
            part = template_setup(setup_cost(pair, modularity, readiness, administration), template[i, of], scaling) / 2
            rate = governance_rate(of, mode, 2, completeness, trust[k, o], administration)
            impact[count] = seen_through(value[k, o], normal(luck, who, 2 * of), noise)
            toil[count] = seen_through(effort(part, rate * figures[i, SIZE], life), normal(luck, who, 2 * of + 1),
                                       noise)
            seat[count] = o
            count += 1
        if drawn > 0:
            allowed[k, drawn] = True
        if policy == QUICK_WINS and count > 0:
            least, left = np.median(toil[:count]), 0
            for m in range(count):
                if toil[m] <= least:
                    impact[left], seat[left] = impact[m], seat[m]
                    left += 1
            count = left
        if count > 0:
            middle = np.median(impact[:count])
            for m in range(count):
                if impact[m] >= middle:
                    allowed[k, seat[m]] = True
