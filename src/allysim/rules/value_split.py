"""Seam `value_split`: how members share what their alliance yields (F19).

A rule is asked when terms are struck (at signing, after the pilot, when a member is admitted) and when a
charter is weighed; what it answers stands until terms are struck again.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allysim.jit import kernel
from allysim.mechanisms.terms import MOST_MEMBERS, contribution, shapley

Floats = NDArray[np.float64]


class Yields(NamedTuple):
    """What m members bring and are expected to yield, one value each unless said otherwise."""

    saving: Floats              # k€/month each is expected to save by itself
    revenue: Floats             # k€/month
    gross_margin: Floats        # k€/month
    cash: Floats                # k€, 0 where in debt
    capability: Floats          # mean of z, 0-1
    customers: Floats           # orders, units/month
    spend: Floats               # k€/month at list price, which sets the rung; 0 where nothing is bought together
    volume: Floats              # k€/month at this month's list price, on which the rung is paid
    group: NDArray[np.int32]    # number of the alliance, 0 ... groups - 1; members of one stand together
    groups: int                 # alliances in all
    schedule: Any               # of prices: discount, steepness, first_rung (F1)

    def total(self, values: Floats) -> Floats:
        """Sum `values` (m,) over each member's alliance; returns (m,)."""
        sums: Floats = np.bincount(self.group, values, self.groups).astype(np.float64)
        return sums[self.group]

    def parts(self, values: Floats) -> Floats:
        """Return each one's part (m,) of its alliance's sum of `values` (m,); equal parts where that is not above 0."""
        parts: Floats = portions(values, self.group, self.groups)
        return parts


@kernel
def portions(values, group, groups):
    """Return each value's part of the sum over its alliance, or one over its size where the sum is not above 0."""
    total, size = np.zeros(groups), np.zeros(groups)
    for m in range(group.size):
        total[group[m]] += values[m]
        size[group[m]] += 1.0
    parts = np.empty(group.size)
    for m in range(group.size):
        k = group[m]
        parts[m] = values[m] / total[k] if total[k] > 0.0 else 1.0 / size[k]
    return parts


@kernel
def leads(spend, saving, group, groups):
    """Return the place (groups,) of the member of each alliance with the greatest spend.

    Of equals it is the one that saves most, as where nothing is bought together; of those the first.
    """
    lead = np.full(groups, -1)
    for m in range(group.size):
        k = group[m]
        first = lead[k]
        if first < 0 or spend[m] > spend[first] or (spend[m] == spend[first] and saving[m] > saving[first]):
            lead[k] = m
    return lead


@dataclass(frozen=True)
class Equal:
    """Every member gets the same."""

    blind: ClassVar[bool] = True  # it looks at nothing but who is with whom

    def shares(self, yields: Yields) -> Floats:
        """Return each member's share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        shares: Floats = split_equally(yields.group, yields.groups)
        return shares


@kernel
def split_equally(group, groups):
    """Return one over the size of the alliance of each member (m,)."""
    size = np.zeros(groups)
    for k in group:
        size[k] += 1.0
    return 1.0 / size[group]


@dataclass(frozen=True)
class Contribution:
    """By what each contributes: its parts of the members' cash, capability and customers, weighted."""

    cash: float
    capability: float
    customers: float

    def shares(self, yields: Yields) -> Floats:
        """Return each member's share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        cash, capability = yields.parts(yields.cash), yields.parts(yields.capability)
        return np.asarray(contributed(cash, capability, yields.parts(yields.customers), self._weights()))

    def _weights(self) -> "Weights":
        return Weights(self.cash, self.capability, self.customers)


class Weights(NamedTuple):
    """Weights of `Contribution`."""

    cash: float
    capability: float
    customers: float


@kernel
def contributed(cash, capability, customers, weights):
    """Return each member's share by contribution from its parts, (m,)."""
    shares = np.empty(cash.size)
    for m in range(cash.size):
        shares[m] = contribution(cash[m], capability[m], customers[m], weights)
    return shares


@dataclass(frozen=True)
class FlatFee:
    """A flat-fee licence: the largest buyer runs the pool and keeps what it yields, for a fixed fee to each other.

    The fee, k€ a month, is `licence` times what the member is expected to save by itself when terms are
    struck; it stands until they are struck again, so that the largest buyer alone bears what is better or worse.
    """

    licence: float
    flat: ClassVar[bool] = True  # shares of all but the largest buyer are turned into fixed sums

    def shares(self, yields: Yields) -> Floats:
        """Return each member's expected share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        own, lead = yields.parts(yields.saving), leads(yields.spend, yields.saving, yields.group, yields.groups)
        shares = self.licence * own
        shares[lead] = 0.0
        shares[lead] = 1.0 - yields.total(shares)[lead]
        anything = yields.total(yields.spend) + yields.total(yields.saving) > 0.0  # as not in R&D
        return np.where(anything, shares, own)


@dataclass(frozen=True)
class GrossMargin:
    """In proportion to gross margin."""

    def shares(self, yields: Yields) -> Floats:
        """Return each member's share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        return yields.parts(np.maximum(yields.gross_margin, 0.0))


@dataclass(frozen=True)
class Shapley:
    """The Shapley value: what each adds to the savings of those who came before, over all orders of coming.

    v(S) is what S would save by F1. Above 10 members, and where nothing is bought together, the game is taken
    to be additive: each gets the part it saves by itself.
    """

    def shares(self, yields: Yields) -> Floats:
        """Return each member's share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        shares = yields.parts(yields.saving)
        share_by_shapley(yields.spend, yields.volume, yields.group, yields.schedule, MOST_MEMBERS, shares)
        return shares


@kernel
def share_by_shapley(spend, volume, group, schedule, most, shares):
    """Put each member's part of the sum of Shapley values in `shares` (m,), where its alliance has such values."""
    first = 0
    while first < group.size:
        end = first
        while end < group.size and group[end] == group[first]:
            end += 1
        if end - first <= most:
            value = np.empty(end - first)
            shapley(spend[first:end], volume[first:end], schedule, value)
            total = value.sum()
            if total > 0.0:
                shares[first:end] = value / total
        first = end


@dataclass(frozen=True)
class OwnSaving:
    """Every member gets the part that it is expected to save by itself."""

    def shares(self, yields: Yields) -> Floats:
        """Return each member's share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        return yields.parts(yields.saving)
