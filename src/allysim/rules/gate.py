"""Seam `gate`: whether a pilot goes on, is extended or stops."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allysim.jit import kernel

Floats = NDArray[np.float64]
STOP, EXTEND, GO = 0, 1, 2


class Gates(NamedTuple):
    """What k alliances know at their gate, one value each."""

    chance: Floats                 # Pr(q > threshold) under the belief
    mean: Floats                   # mean of the belief in q, the relative gain in gross margin
    sd: Floats                     # its standard deviation
    spent: Floats                  # k€ of governance so far
    budget: Floats                 # k€ the charter allows
    threshold: Floats              # theta, the gain the charter asks for
    extended: NDArray[np.bool_]    # whether the pilot was extended before
    running: NDArray[np.bool_]     # whether this is the review of a running alliance; STOP twice ends it


@dataclass(frozen=True)
class Bayes:
    """F20: go above .8, stop below .2 or when the budget is spent, else one extension."""

    reads: ClassVar[tuple[str, ...]] = ("chance", "spent", "budget", "extended")

    go: float
    stop: float

    def decide(self, gates: Gates) -> NDArray[np.int64]:
        """Return GO, EXTEND or STOP for each alliance, (k,)."""
        verdict: NDArray[np.int64] = weigh(gates.chance, gates.spent, gates.budget, gates.extended, self.go, self.stop)
        return verdict


@kernel
def weigh(chance, spent, budget, extended, go, stop):
    """Return the verdict on each alliance, (k,)."""
    verdict = np.empty(chance.size, dtype=np.int64)
    for k in range(chance.size):
        halted = chance[k] < stop or spent[k] > budget[k] or extended[k]
        verdict[k] = GO if chance[k] > go else STOP if halted else EXTEND
    return verdict


@dataclass(frozen=True)
class Threshold:
    """Go if the gain expected beats what the charter asks for, else stop: however little is known, and at once."""

    reads: ClassVar[tuple[str, ...]] = ("mean", "threshold")

    def decide(self, gates: Gates) -> NDArray[np.int64]:
        """Return GO or STOP for each alliance, (k,)."""
        return np.where(gates.mean > gates.threshold, GO, STOP)


@dataclass(frozen=True)
class NeverStop:
    """Every pilot goes on."""

    reads: ClassVar[tuple[str, ...]] = ()

    def decide(self, gates: Gates) -> NDArray[np.int64]:
        """Return GO for each alliance, (k,)."""
        return np.full(gates.chance.size, GO)
