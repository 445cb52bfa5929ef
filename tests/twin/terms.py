"""F19: what members agree to get of what their alliance yields, and who gets less than is fair; what set-up costs."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any, NamedTuple

from twin.equations import setup_cost
from twin.firm import TwinFirm, price_rung
from twin.words import PROCUREMENT, RND

COUNTED_OUT = 10  # members whose coalitions are all looked at
NOTABLE = 1e-6    # change of a share, or of a flat fee in k€, that is told


class Terms(NamedTuple):
    """What one member has agreed to."""

    agreed: float = 0.0      # share of what is left after flat fees
    flat: float = 0.0        # k€ a month
    unfairness: float = 0.0  # what its share falls short of its Shapley value


def agree(model: Any, kind: Any, firms: list[TwinFirm], alliance: Any = None) -> list[Terms]:
    """Return the terms that firms strike today, in an alliance that lives or one of some type that they found."""
    config = model.config
    if kind.kind == RND:
        return [Terms(1.0 / len(firms)) for _ in firms]  # there is no cash to share
    savings = own_savings(model, kind, firms, alliance)
    parts = shares(model, kind, firms, savings)
    short = [0.0] * len(firms)
    if config.terms.resentment > 0.0 or config.terms.separation > 0.0:
        short = [max(0.0, fair - part) for fair, part in
                 zip(shapley_shares(kind, firms, savings, config.purchasing), parts, strict=True)]
    if config.rules.value_split == "flat_fee":
        lead, total = leader(kind, firms, savings), sum(savings)
        return [Terms(1.0, 0.0, less) if firm is lead else Terms(0.0, part * total, less)
                for firm, part, less in zip(firms, parts, short, strict=True)]
    return [Terms(part, 0.0, less) for part, less in zip(parts, short, strict=True)]


def shares(model: Any, kind: Any, firms: list[TwinFirm], savings: list[float]) -> list[float]:
    """Return each firm's share of what all are expected to save, by the rule."""
    config, rule = model.config, model.config.rules.value_split
    if rule == "contribution":
        cash = parts_of([max(0.0, firm.cash) for firm in firms])
        able = parts_of([sum(firm.capability.values()) for firm in firms])
        orders = parts_of([firm.sales for firm in firms])
        weight = config.terms.cash, config.terms.capability, config.terms.customers
        if sum(weight) <= 0.0:
            return cash
        return [sum(w * part for w, part in zip(weight, row, strict=True)) / sum(weight)
                for row in zip(cash, able, orders, strict=True)]
    if rule == "flat_fee":
        if sum(savings) + (sum(map(spend, firms)) if kind.kind == PROCUREMENT else 0.0) <= 0.0:
            return parts_of(savings)
        lead = leader(kind, firms, savings)
        fees = [0.0 if firm is lead else config.terms.licence * part
                for firm, part in zip(firms, parts_of(savings), strict=True)]
        return [1.0 - sum(fees) if firm is lead else fee for firm, fee in zip(firms, fees, strict=True)]
    if rule == "gross_margin":
        return parts_of([max(0.0, (firm.price - firm.unit_cost) * firm.output) for firm in firms])
    if rule == "shapley":
        return shapley_shares(kind, firms, savings, config.purchasing)
    if rule == "own_saving":
        return parts_of(savings)
    return [1.0 / len(firms) for _ in firms]


def template_setup(model: Any, kind: Any, charter: list[TwinFirm]) -> float:
    """F20: return what setting up costs where the first firm proposes: less with each use of a template."""
    scaling, uses = model.config.scaling, charter[0].template.get(kind.kind, 0)
    return setup_cost(charter, model.config.administration) * (1.0 - scaling.reuse) ** min(uses, scaling.reuse_cap)


def shapley_shares(kind: Any, firms: list[TwinFirm], savings: list[float], purchasing: Any) -> list[float]:
    """Return each firm's part of the Shapley values of what coalitions would save by buying together (F1).

    In alliances of other types each adds what it saves by itself.
    """
    n = len(firms)
    if n > COUNTED_OUT or kind.kind != PROCUREMENT:
        return parts_of(savings)
    values = []
    for firm in firms:
        others = [other for other in firms if other is not firm]
        value = 0.0
        for size in range(n):
            for coalition in combinations(others, size):
                adds = worth([*coalition, firm], purchasing) - worth(list(coalition), purchasing)
                value += adds / (n * math.comb(n - 1, size))
        values.append(value)
    return parts_of(values) if sum(values) > 0.0 else parts_of(savings)


def worth(firms: list[TwinFirm], purchasing: Any) -> float:
    """Return what some firms would save by buying together, k€ a month."""
    if len(firms) < 2:
        return 0.0
    pooled = price_rung(sum(map(spend, firms)), purchasing)
    return sum((price_rung(spend(firm), purchasing) - pooled) * volume(firm) for firm in firms)


def own_savings(model: Any, kind: Any, firms: list[TwinFirm], alliance: Any) -> list[float]:
    """Return what each is expected to save by itself, before the alliance's benefit, k€ a month."""
    purchasing = model.config.purchasing
    if kind.kind != PROCUREMENT:
        return [y.saving for y in kind.expect(model.config, firms, [], model.pull, alliance)]
    pooled = price_rung(sum(map(spend, firms)), purchasing)
    return [(1.0 - purchasing.no_leverage) * (price_rung(spend(firm), purchasing) - pooled) * volume(firm)
            for firm in firms]


def spend(firm: TwinFirm) -> float:
    """Return what a firm buys at month-0 list price, k€ a month."""
    return firm.list_price * firm.production


def volume(firm: TwinFirm) -> float:
    """Return what a firm buys at the list price of the month, k€ a month."""
    return firm.list_price * firm.production * firm.input_index * firm.learning


def leader(kind: Any, firms: list[TwinFirm], savings: list[float]) -> TwinFirm:
    """Return the firm that buys most, the first of equals; where nothing is bought together, that saves most."""
    by = list(map(spend, firms)) if kind.kind == PROCUREMENT else savings
    return firms[by.index(max(by))]


def parts_of(values: list[float]) -> list[float]:
    """Return each value over the sum of all, equal parts where that is not above 0."""
    total = sum(values)
    return [value / total for value in values] if total > 0.0 else [1.0 / len(values) for _ in values]


def relative(agreed: list[float]) -> list[float]:
    """Return agreed shares as parts of 1, whoever has left since; equal where they come to nothing."""
    top = max(agreed, default=0.0)
    if top <= 0.0 or sum(agreed) / top <= 1e-9:
        return [1.0 / len(agreed) for _ in agreed]
    return [share / sum(agreed) for share in agreed]
