"""Seam `value_split`: how members share what their alliance yields (F19)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allysim.jit import kernel

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
class OwnSaving:
    """Every member keeps what it saves by itself; nothing is redistributed."""

    def shares(self, yields: Yields) -> Floats:
        """Return each member's share of its alliance's saving, (m,); they sum to 1 in each alliance."""
        total = yields.total(yields.saving)
        equal = 1.0 / yields.total(np.ones_like(yields.saving))
        return np.where(total > 0.0, yields.saving / np.where(total > 0.0, total, 1.0), equal)
