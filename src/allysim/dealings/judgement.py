"""What charters of living alliances are worth to those who are in and to those who might come in (F6, F20)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.dealings.appraisal import blank_options, expect, room, weigh_all
from allysim.dealings.brought import Brought, foresight, lasting
from allysim.dealings.tenders import lots_ahead
from allysim.draws import fold, uniform
from allysim.jit import kernel
from allysim.mechanisms.kinds import INFRASTRUCTURE

if TYPE_CHECKING:
    from allysim.model import AllianceModel

REPLACED = 6  # column of `take_stock`


class Judged(NamedTuple):
    """What c charters are worth, each to one of its members; columns as those of `Options`."""

    certainty_equivalent: Any  # (1, c)
    value: Any                 # (1, c)
    trust: Any                 # (1, c)
    likeness: Any              # (1, c)
    allowed: Any               # (1, c)
    luck: Any                  # (1, c)
    monthly: Any               # (c,) k€/month the member expects to gain


def judge(model: AllianceModel, brought: Brought, alliances: Any, groups: Any, rows: Any, place: Any, partner: Any,
          luck: Any, what: int, turned: tuple[Any, Any] | None = None) -> Judged:
    """Weigh given charters (c, s) of living `alliances` (c,), each by its member in column `place` (c,).

    `rows` (c, s) are the memberships of those who are in already, -1 where none. Luck is shared with `partner` (c,).
    They are of the types and scopes (c,) in `turned`, if given, and not of those of the alliances.
    """
    firms, settings, of = model.state.firms, model.config, model.state.alliances
    charters, options = room(*groups.shape), blank_options(1, len(groups))
    kinds, scopes = turned or (of.type[alliances], of.scope[alliances])
    charters = charters._replace(members=groups, place=place, partner=partner, option=np.arange(len(groups)),
                                 kind=kinds)
    members = expect_all(
        luck, what, groups, rows, place, partner, kinds, scopes, of.target[alliances], firms.key,
        model.state.memberships.saving, firms.attraction, model.state.world.pull, *brought, settings.purchasing,
        settings.coopetition, foresight(settings), lots_ahead(model), settings.infrastructure, settings.research,
        of.compartments[alliances], lasting(settings), settings.market.capability_weight, charters.group,
        charters.saving, charters.own, charters.fee, charters.factor, options.allowed, options.luck)
    monthly = weigh_all(model, charters, len(groups), members, options)
    return Judged(*options[:6], monthly)


@kernel
def expect_all(luck, what, charters, rows, place, partner, kind, scope, target, key, saved, attraction, pull, figures,
               stakes, purchasing, coopetition, known, lots, infrastructure, research, compartments, kept,
               capability_weight, group, saving, own, fee, factor, allowed, lucks):
    """Fill what each member of each charter of a living alliance would save by itself; returns how many they are.

    What the alliance replaces of a member's fixed cost already counts as not replaced.
    """
    at, before = 0, np.empty(charters.shape[1])
    for k in range(charters.shape[0]):
        i, j = charters[k, place[k]], partner[k]
        allowed[0, k], lucks[0, k] = True, uniform(luck, fold(key[i], key[j]), what)
        for c in range(charters.shape[1]):
            if charters[k, c] >= 0:
                before[c] = figures[charters[k, c], REPLACED]
                if kind[k] == INFRASTRUCTURE and rows[k, c] >= 0:
                    figures[charters[k, c], REPLACED] -= saved[rows[k, c]]
        at = expect(charters[k], k, kind[k], scope[k], target[k], attraction, pull, figures, stakes, purchasing,
                    coopetition, known, lots, infrastructure, research, compartments[k], kept, capability_weight, at,
                    group, saving, own, fee, factor)
        for c in range(charters.shape[1]):
            if charters[k, c] >= 0:
                figures[charters[k, c], REPLACED] = before[c]
    return at
