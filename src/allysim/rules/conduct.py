"""Seam `conduct`: when a member takes the temptation of the month."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Temptations(NamedTuple):
    """What m members of alliances face this month, one value each."""

    temptation: Floats  # k€ that could be taken; 0 where staying yields nothing
    threshold: Floats   # k€ that staying honest is worth, F13
    gain: Floats        # k€/month expected from staying
    trust: Floats       # mean trust in the partners
    honesty: Floats     # 0-1
    detection: Floats   # chance that a breach is seen
    penalty: Floats     # k€ paid if it is


@dataclass(frozen=True)
class Temptation:
    """F13: defect if what can be taken beats what staying is worth."""

    def defects(self, faced: Temptations) -> NDArray[np.bool_]:
        """Return whether each member defects, (m,)."""
        return faced.temptation > faced.threshold


@dataclass(frozen=True)
class Never:
    """Keep one's word, always."""

    def defects(self, faced: Temptations) -> NDArray[np.bool_]:
        """Return whether each member defects, (m,)."""
        return np.zeros(faced.temptation.size, dtype=np.bool_)
