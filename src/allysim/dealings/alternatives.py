"""What firms do instead of allying (F9): infrastructure of their own or rented, R&D alone or by contract.

An alternative is worth what it yields a month, over the expected life of an alliance, less what is paid at once.
There are no partners who might not fit, so that no risk is priced. It is what an alliance of its type must beat
(`Firms.outside_option`), and a firm that found nothing better takes it up in a month in which its search is due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from allysim.accounts import Outside
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.dealings.brought import lasting
from allysim.draws import Purpose, uniform
from allysim.jit import equation, kernel
from allysim.mechanisms.alternatives import (
    BOUGHT,
    BUILT,
    NOTHING,
    affordable,
    market_price,
    own_capital,
    replaced_alone,
    worth_alone,
)
from allysim.mechanisms.capability import develop
from allysim.mechanisms.choice import annuity
from allysim.mechanisms.demand import importance
from allysim.mechanisms.ecosystem import seen_capability, self_noise
from allysim.mechanisms.infrastructure import rent
from allysim.mechanisms.kinds import INFRASTRUCTURE, RND
from allysim.mechanisms.names import WEIGHTS
from allysim.mechanisms.research import capability_gain, monthly_worth, success_chance

if TYPE_CHECKING:
    from allysim.model import AllianceModel

ALLIED = 3  # why R&D alone is given up
TOLD = ("built", "bought", "gave up", "gave up")
NOBODY = -1  # who asks for no alliance
WAYS = ("", "alone", "bought")


class Alternatives(NamedTuple):
    """The best alternative of each firm to alliances of each type."""

    best: Any    # int8 (n, types): what the firm would best have, NOTHING, BUILT or BOUGHT
    target: Any  # int32 (n,): the capability in which it has most at stake
    asked: Any   # int8 (n,): the type of alliance for which it made a proposal this month, or NOBODY


def weigh_alternatives(model: AllianceModel) -> Alternatives | None:
    """Set what an alliance of each type must beat for each firm; None where nothing can be built or bought."""
    state, settings = model.state, model.config
    alternatives, firms, n = settings.alternatives, state.firms, len(state.firms.key)
    if not (alternatives.build or alternatives.buy):
        return None
    found = Alternatives(np.zeros((n, len(ALLIANCE_TYPES)), dtype=np.int8), np.empty(n, dtype=np.int32),
                         np.full(n, NOBODY, dtype=np.int8))
    life = annuity(settings.choice.expected_life, settings.conduct.delta)
    weigh_own(alternatives, settings.infrastructure, settings.research, life, lasting(settings),
              settings.market.capability_weight, _users(model), firms.rnd, firms.own_infrastructure,
              firms.own_replaced, firms.own_rent, firms.own_research, firms.cash, firms.month_cost, firms.fixed_cost,
              firms.price, firms.output, firms.margin, firms.attraction, state.world.pull, firms.capability,
              firms.misjudged, firms.audited, model.month, settings.ecosystem, WEIGHTS, found.best, found.target,
              firms.outside_option)
    return found


def forgo(model: AllianceModel, charters: Any, count: int, options: Any) -> None:
    """Take from what `count` charters are worth what the firms that weigh them could do instead."""
    if model.config.alternatives.build or model.config.alternatives.buy:
        compare(count, charters.members, charters.place, charters.kind, charters.option,
                model.state.firms.outside_option, options.allowed, options.certainty_equivalent)


def take_up(model: AllianceModel, found: Alternatives) -> None:
    """Let firms whose search is due, and that asked for no alliance of the type, build or buy; and others give up."""
    state, settings, firms = model.state, model.config, model.state.firms
    n = len(firms.key)
    slots, kinds, ways = np.empty(2 * n, dtype=np.int32), *np.empty((2, 2 * n), dtype=np.int8)
    amounts = np.empty(2 * n)
    count = settle_alone(
        model.month, settings.choice.search_months, settings.alternatives, settings.infrastructure, settings.research,
        found.best, found.target, found.asked, _users(model), firms.search_phase, firms.ruined, firms.rnd,
        firms.month_cost, firms.fixed_cost, firms.price, firms.output, firms.own_infrastructure, firms.own_replaced,
        firms.own_rent, firms.own_research, firms.research_since, firms.research_target, firms.cash,
        firms.economic_profit, slots, kinds, ways, amounts)
    if not count:
        return
    slots, kinds, ways, amounts = slots[:count], kinds[:count], ways[:count], amounts[:count]
    for kind, account in ((INFRASTRUCTURE, Outside.EQUIPMENT), (RND, Outside.RESEARCH)):
        built = (ways == BUILT) & (kinds == kind)
        state.world.outside[account] += np.add.reduce(amounts[built])
        model.ledger.post("own capital", account, firms.key[slots[built]], amounts[built])
    if model.events.kept:
        names = np.array(ALLIANCE_TYPES, dtype=object)[kinds]
        whys = ("", "", ", no gain", ", allied")
        for way, event, why in zip((BUILT, BOUGHT, NOTHING, ALLIED), TOLD, whys, strict=True):
            of = ways == way
            if of.any():
                model.events.add(event, firm=firms.key[slots[of]], cause=[name + why for name in names[of]],
                                 amount=amounts[of])


def research_alone(model: AllianceModel) -> None:
    """Pay for R&D that firms do alone or by contract, and end the sprints that are due (F10)."""
    state, settings = model.state, model.config
    firms = state.firms
    if not (firms.own_research.any() or firms.own_research_cost.any()):
        return
    over, gains = np.empty(len(firms.key), dtype=np.int32), np.empty(len(firms.key))
    count = sprint_alone(
        model.stream(Purpose.ALONE), model.month, settings.alternatives, settings.research,
        settings.market.capability_weight, firms.key, firms.rnd, firms.price, firms.output, firms.margin,
        firms.own_research, firms.research_since, firms.research_target, state.world.pull, firms.misjudged,
        firms.audited, settings.ecosystem, WEIGHTS, firms.born, firms.developed, firms.capability,
        firms.native_attraction, firms.attraction, firms.advanced, firms.own_research_cost, over, gains)
    if count:
        over = over[:count]
        model.events.add("developed", firm=firms.key[over], amount=gains[:count],
                         cause=[WAYS[way] for way in firms.own_research[over]])


def _users(model: AllianceModel) -> Any:
    """Return whether each firm (n,) is in an alliance for infrastructure."""
    state, users = model.state, np.zeros(len(model.state.firms.key), dtype=np.bool_)
    mark_users(state.roster.rows, state.world.n_listed, state.world.n_memberships, state.memberships.firm,
               state.memberships.alliance, state.memberships.left, state.alliances.type, users)
    return users


@kernel
def mark_users(listed, first, end, member, alliance, left, kind, users):
    """Mark the members of living alliances for infrastructure, among memberships listed and those since."""
    for m in range(listed.size + end - first):
        r = listed[m] if m < listed.size else first + m - listed.size
        if left[r] < 0 and kind[alliance[r]] == INFRASTRUCTURE:
            users[member[r]] = True


@equation
def most_at_stake(i, margin, attraction, pull, capability, misjudged, noise, weights):
    """Return the capability in which a firm thinks to have most at stake, the first of equals; and k€/month."""
    best, target = -np.inf, 0
    for c in range(capability.shape[1]):
        lacking = 1.0 - seen_capability(capability[i, c], misjudged[i, c], noise)
        stake = margin[i] * importance(attraction[i], pull, weights, c) * lacking
        if stake > best:
            best, target = stake, c
    return target, best


@kernel
def weigh_own(alternatives, infrastructure, research, life, kept, capability_weight, users, rnd, own_infrastructure,
              own_replaced, own_rent, own_research, cash, month_cost, fixed_cost, price, output, margin,
              attraction, pull, capability, misjudged, audited, month, ecosystem, weights, best, target, outside):
    """Fill what each firm would best have (n, types), what it would research, and what alliances must beat (n, types).

    Who has infrastructure or is in an alliance of a type has nothing to weigh: further alliances come on top of it.
    """
    outside[:] = 0.0
    for i in range(users.size):
        if alternatives.infrastructure:
            saving = replaced_alone(month_cost[i], fixed_cost[i], infrastructure)
            value, own = 0.0, own_infrastructure[i]
            best[i, INFRASTRUCTURE] = own
            if own != BUILT and not users[i]:
                if own == BOUGHT:
                    value = worth_alone(own_replaced[i] - own_rent[i], life, 0.0)
                elif alternatives.buy:
                    asked = market_price(rent(month_cost[i], infrastructure),
                                         alternatives.specificity_infrastructure, alternatives)
                    value = max(0.0, worth_alone(saving - asked, life, 0.0))
                    best[i, INFRASTRUCTURE] = BOUGHT if value > 0.0 else NOTHING
                capital = own_capital(month_cost[i], infrastructure, alternatives)
                built = worth_alone(saving - alternatives.upkeep * capital, life, capital)
                if (alternatives.build and built > value
                        and affordable(capital, cash[i], month_cost[i], alternatives)):
                    value, best[i, INFRASTRUCTURE] = built, BUILT
                outside[i, INFRASTRUCTURE] = value if own == NOTHING else 0.0
        target[i] = 0
        if alternatives.rnd and rnd[i] == 0:
            noise = self_noise(audited[i], month, ecosystem)
            target[i], stake = most_at_stake(i, margin, attraction, pull, capability, misjudged, noise, weights)
            own, value, budget = own_research[i], 0.0, research.budget * price[i] * output[i]
            gained = (success_chance(1.0, 1.0, research)
                      * monthly_worth(stake, 1.0, kept, capability_weight, research))
            outlay = 0.0 if own == BUILT else alternatives.laboratory
            built = worth_alone(gained - budget, life, outlay)
            if built > value and (own == BUILT or (
                    alternatives.build and affordable(outlay, cash[i], month_cost[i], alternatives))):
                value, best[i, RND] = built, BUILT
            asked = market_price(budget, alternatives.specificity_rnd, alternatives)
            bought = worth_alone(gained - asked, life, 0.0)
            if bought > value and own != BUILT and (own == BOUGHT or alternatives.buy):
                value, best[i, RND] = bought, BOUGHT
            outside[i, RND] = value


@kernel
def compare(count, members, place, kind, option, outside, allowed, ces):
    """Take from the certainty equivalents of charters what those who weigh them could do instead."""
    allowed, ces = allowed.ravel(), ces.ravel()
    for k in range(count):
        if allowed[option[k]]:
            ces[option[k]] -= outside[members[k, place[k]], kind[k]]


@kernel
def settle_alone(month, every, alternatives, infrastructure, research, best, target, asked, users, phase, ruined, rnd,
                 month_cost, fixed_cost, price, output, own_infrastructure, own_replaced, own_rent, own_research, since,
                 research_target, cash, profit, slots, kinds, ways, amounts):
    """Carry out what firms have decided; fills who did what, with its outlay or price, and returns how many.

    Cash may have gone into a set-up since it was decided; then nothing is built. Capital given up is lost.
    """
    count = 0
    for i in range(users.size):
        due = (month + phase[i]) % every == 0 and ruined[i] == 0
        wanted, own = best[i, INFRASTRUCTURE], own_infrastructure[i]
        if alternatives.infrastructure and due and not users[i] and asked[i] != INFRASTRUCTURE and wanted != own:
            outlay = own_capital(month_cost[i], infrastructure, alternatives) if wanted == BUILT else 0.0
            if wanted != BUILT or affordable(outlay, cash[i], month_cost[i], alternatives):
                own_infrastructure[i] = wanted
                own_replaced[i] = replaced_alone(month_cost[i], fixed_cost[i], infrastructure)
                own_rent[i] = alternatives.upkeep * outlay
                if wanted == BOUGHT:
                    own_rent[i] = market_price(rent(month_cost[i], infrastructure),
                                               alternatives.specificity_infrastructure, alternatives)
                cash[i] -= outlay
                profit[i] -= outlay
                slots[count], kinds[count], ways[count] = i, INFRASTRUCTURE, wanted
                amounts[count] = outlay if wanted == BUILT else own_rent[i]
                count += 1
        wanted, own = best[i, RND], own_research[i]
        if own != NOTHING and rnd[i] > 0:
            own_research[i] = NOTHING
            slots[count], kinds[count], ways[count], amounts[count] = i, RND, ALLIED, np.nan
            count += 1
        elif alternatives.rnd and due and rnd[i] == 0 and asked[i] != RND and wanted != own:
            outlay = alternatives.laboratory if wanted == BUILT else 0.0
            if wanted != BUILT or affordable(outlay, cash[i], month_cost[i], alternatives):
                own_research[i] = wanted
                if own == NOTHING:
                    since[i], research_target[i] = month, target[i]
                cash[i] -= outlay
                profit[i] -= outlay
                slots[count], kinds[count], ways[count], amounts[count] = i, RND, wanted, outlay
                if wanted == BOUGHT:
                    amounts[count] = market_price(research.budget * price[i] * output[i],
                                                  alternatives.specificity_rnd, alternatives)
                elif wanted == NOTHING:
                    amounts[count] = np.nan
                count += 1
    return count


@kernel
def sprint_alone(luck, month, alternatives, research, capability_weight, key, rnd, price, output, margin, own_research,
                 since, research_target, pull, misjudged, audited, ecosystem, weights, born, developed, capability,
                 native, attraction, advanced, cost, over, gains):
    """Set what R&D alone or by contract costs each firm (n,), and end the sprints that are due.

    Fills the firms that succeeded and what they gained, and returns how many. After each sprint a firm turns to
    the capability in which it then has most at stake. Who is in an R&D alliance spends nothing besides.
    """
    count, chance = 0, success_chance(1.0, 1.0, research)
    cost[:] = 0.0
    for i in range(key.size):
        if own_research[i] == NOTHING or rnd[i] > 0:
            continue
        budget = research.budget * price[i] * output[i]
        cost[i] = (budget if own_research[i] == BUILT
                   else market_price(budget, alternatives.specificity_rnd, alternatives))
        if (month - since[i]) % research.sprint != 0:
            continue
        if uniform(luck, key[i], 0) < chance:
            c = research_target[i]
            gains[count] = capability_gain(capability[i, c], 1.0, research)
            over[count] = i
            develop(i, c, gains[count], capability_weight, born, developed, capability, native, attraction, advanced)
            count += 1
        noise = self_noise(audited[i], month, ecosystem)
        research_target[i] = most_at_stake(i, margin, attraction, pull, capability, misjudged, noise, weights)[0]
    return count
