"""F24, F20: what an infrastructure alliance owns once it is proven: capital, an account, and its members' parts."""

from __future__ import annotations

from typing import Any

from twin.equations import matched
from twin.words import SCALED, STANDARDISED

ROUNDING = 1e-9  # part of a sum up to which a rest of it is rounding


def needs(firm: Any, users: list[Any]) -> float:
    """Return the capital a firm needs among users, k€ new: for as much of its fixed cost as the others match."""
    rules = firm.model.config.infrastructure
    everybody = users if firm in users else [*users, firm]
    return rules.capital / rules.users * matched(firm, everybody) * firm.month_cost / rules.user_cost


def worth_of_owning(months: float, config: Any) -> float:
    """Return what 1 k€ of capital is worth over some months of not renting it: present value, month by month."""
    rules, delta = config.infrastructure, config.conduct.delta
    used = min(months, rules.life)
    whole = int(used)
    discounts = sum(delta**k for k in range(1, whole + 1))
    if used > whole:  # a fraction of a month counts as the closed form of the annuity has it
        discounts = delta * (1.0 - delta**used) / (1.0 - delta) if delta < 1.0 else used
    return discounts * (rules.rent - rules.upkeep) + delta**used * rules.salvage * (1.0 - used / rules.life)


def consider(alliance: Any) -> None:
    """After a review: buy the capital that is rented, if the alliance is proven, it pays, and all can pay."""
    model, rules = alliance.model, alliance.model.config.infrastructure
    proven = alliance.stage in (STANDARDISED, SCALED) and alliance.ending is None
    if alliance.kind == "infrastructure" and not alliance.venture and rules.own and proven:
        acquire(alliance, max(0.0, model.config.choice.expected_life - (model.month - alliance.go)), "")


def commit_at_once(alliance: Any) -> None:
    """At founding: buy the capital before anything is proven, if the proposer commits at once."""
    config, proposer = alliance.model.config, alliance.members[0].firm
    if alliance.kind == "infrastructure" and config.infrastructure.own and proposer.strategy.commit == "at_once":
        acquire(alliance, config.choice.expected_life, "at founding")


def acquire(alliance: Any, left: float, when: str) -> None:
    """Buy the capital if that pays over what is left of the expected life, and all can pay."""
    model, rules = alliance.model, alliance.model.config.infrastructure
    if not model.above(worth_of_owning(left, model.config), 1.0, "capital pays"):
        return
    members, users = alliance.members, [m.firm for m in alliance.members]
    able = all(m.leaving is None and not model.above(
        rules.keeps * m.firm.month_cost, m.firm.cash - needs(m.firm, users), "capital affordable") for m in members)
    price = sum(needs(firm, users) for firm in users)
    if able and price > 0.0:
        alliance.venture = Venture(alliance, price)
        model.tell("capital bought", alliance=alliance.number, cause=when, amount=price)


class Venture:
    """A joint venture of users; parts add up to one."""

    def __init__(self, alliance: Any, price: float) -> None:
        self.alliance, self.model = alliance, alliance.model
        self.installed = self.capital = price  # new, and by the books
        self.cash = 0.0
        users = [m.firm for m in alliance.members]
        self.parts = {m: needs(m.firm, users) / price for m in alliance.members}
        for m in alliance.members:
            self.pay(m, -needs(m.firm, users))
        self.model.outside["equipment"] += price

    def pay(self, m: Any, amount: float) -> None:
        """Pay a member, below 0 take from it; neither is a gain by itself."""
        m.firm.cash += amount
        m.booked["capital"] += amount

    @property
    def equity(self) -> float:
        """Book value of capital, and the account."""
        return self.capital + self.cash

    def close_month(self) -> None:
        """Pay the upkeep, write off, pay out what is plenty or call what is missing; fees are in already."""
        config, model = self.model.config, self.model
        rules = config.infrastructure
        fees = sum(m.fee for m in self.alliance.members)
        charge = config.demography.capital_charge * (self.equity - fees)
        upkeep = rules.upkeep * self.installed
        loss = min(self.capital, self.installed / rules.life)
        self.cash -= upkeep
        self.capital -= loss
        model.outside["maintenance"] += upkeep
        worn = self.capital <= ROUNDING * self.installed
        moved = self.cash
        if not worn and moved >= 0.0:
            moved = max(0.0, moved - rules.reserve * upkeep)
        self.cash -= moved
        for m, part in self.parts.items():
            self.pay(m, part * moved)
            m.firm.economic_profit += part * (fees - upkeep - loss - charge)
        if -moved > ROUNDING * upkeep:
            model.tell("capital called", alliance=self.alliance.number, amount=-moved)
        if worn:
            model.tell("worn out", alliance=self.alliance.number)
            self.alliance.venture = None

    def price_for(self, firm: Any) -> tuple[float, float]:
        """Return what a firm pays to come in, and how much of that buys more capital."""
        users = [m.firm for m in self.parts]
        need = needs(firm, users)
        idle = min(need, max(0.0, self.installed - sum(needs(user, users) for user in users)))
        return need - idle + idle * self.capital / self.installed, need - idle

    def affordable(self, firm: Any) -> bool:
        """Return whether a firm could come in, and would not rather rent."""
        config, (price, _) = self.model.config, self.price_for(firm)
        if self.model.above(config.infrastructure.keeps * firm.month_cost, firm.cash - price, "entry affordable"):
            return False
        worth = worth_of_owning(config.choice.expected_life, config) * needs(firm, [m.firm for m in self.parts])
        return not self.model.above(price, worth, "entry pays")

    def take_in(self, m: Any) -> None:
        """Issue a part to a member just admitted at what parts are worth by the books."""
        price, new = self.price_for(m.firm)
        part = price / (self.equity + price) if self.equity + price > 0.0 else 0.0
        self.parts = {other: own * (1.0 - part) for other, own in self.parts.items()} | {m: part}
        self.installed += new
        self.capital += new
        self.cash += price - new
        self.pay(m, -price)
        self.model.outside["equipment"] += new
        self.model.tell("bought in", m.firm_key, self.alliance.number, amount=price)

    def let_go(self, gone: list[Any]) -> None:
        """Settle with members that left just now, or with all where the alliance is over."""
        rules = self.model.config.infrastructure
        leavers = [m for m in gone if m in self.parts]
        if self.alliance.ended is not None:
            self._wind_up(rules.salvage * self.capital)
        elif leavers:
            equity, stay = self.equity, [m for m in self.parts if m not in leavers]
            total = 0.0
            for m in leavers:
                price = rules.buyout * self.parts[m] * equity
                total += price
                self.pay(m, price)
                m.firm.economic_profit += price - self.parts[m] * equity
                cause = "" if rules.buyout > 0.0 else "forfeited"
                self.model.tell("bought out", m.firm_key, self.alliance.number, cause, price)
            left = sum(self.parts[m] for m in leavers)
            rest = sum(self.parts[m] for m in stay)
            parts = {m: self.parts[m] / rest if rest > 0.0 else 1.0 / len(stay) for m in stay}
            for m, part in parts.items():
                self.pay(m, -part * total)
                m.firm.economic_profit += part * (left * equity - total)
            self.parts = parts

    def _wind_up(self, proceeds: float) -> None:
        """Sell what can be sold and pay out the account; the rest is stranded."""
        stranded, before = self.capital - proceeds, self.equity
        self.cash += proceeds
        self.model.outside["equipment"] -= proceeds
        whole = sum(self.parts.values())
        for m, part in self.parts.items():
            self.pay(m, part / whole * self.cash)
            m.firm.economic_profit += part / whole * (self.cash - before)
        if stranded > 0.0:
            self.model.tell("stranded", alliance=self.alliance.number, amount=stranded)
        self.alliance.venture = None
