"""Seam `value_split`: how members share what their alliance yields (F19)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Yields(NamedTuple):
    """What m members of alliances have yielded, one value each unless said otherwise."""

    saving: Floats              # k€/month each saves by itself
    revenue: Floats             # k€/month
    group: NDArray[np.int32]    # number of the alliance, 0 ... groups - 1
    groups: int                 # alliances in all

    def total(self, values: Floats) -> Floats:
        """Sum `values` (m,) over each member's alliance; returns (m,)."""
        sums: Floats = np.bincount(self.group, values, self.groups).astype(np.float64)
        return sums[self.group]


@dataclass(frozen=True)
class Equal:
    """Every member gets the same."""

    def shares(self, yields: Yields) -> Floats:
        """Return each member's share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        return 1.0 / np.bincount(yields.group, minlength=yields.groups)[yields.group]


@dataclass(frozen=True)
class OwnSaving:
    """Every member keeps what it saves by itself; nothing is redistributed."""

    def shares(self, yields: Yields) -> Floats:
        """Return each member's share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        total = yields.total(yields.saving)
        equal = 1.0 / yields.total(np.ones_like(yields.saving))
        return np.where(total > 0.0, yields.saving / np.where(total > 0.0, total, 1.0), equal)
