"""Seam `conduct`: when a member takes the temptation of the month."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Temptations(NamedTuple):
    """What m members of alliances face this month, one value each."""

    temptation: Floats    # k€ that could be taken; 0 where staying yields nothing
    threshold: Floats     # k€ that staying honest is worth, F13
    gain: Floats          # k€/month expected from staying
    trust: Floats         # mean trust in the partners
    honesty: Floats       # 0-1
    detection: Floats     # chance that a breach is seen
    penalty: Floats       # k€ paid if it is
    failed_last: Floats   # present partners that it saw fail (a lapse, a breach) when last they were allied
    failed_ever: Floats   # present partners that it ever saw fail, in this alliance or another of both


@dataclass(frozen=True)
class Temptation:
    """F13: defect if what can be taken beats what staying is worth (folk theorem: Friedman 1971)."""

    reads: ClassVar[tuple[str, ...]] = ("temptation", "threshold")

    def defects(self, faced: Temptations) -> NDArray[np.bool_]:
        """Return whether each member defects, (m,)."""
        return faced.temptation > faced.threshold


@dataclass(frozen=True)
class Never:
    """Keep one's word, always."""

    reads: ClassVar[tuple[str, ...]] = ()

    def defects(self, faced: Temptations) -> NDArray[np.bool_]:
        """Return whether each member defects, (m,)."""
        return np.zeros(faced.temptation.size, dtype=np.bool_)


@dataclass(frozen=True)
class GrimTrigger:
    """Keep one's word until a present partner was seen to fail, then for ever take what there is to take.

    Friedman (1971), Review of Economic Studies 38. A late delivery looks like a breach to a partner (F5): with
    lapses this is the rule among noisy players, and without any nobody ever begins.
    """

    reads: ClassVar[tuple[str, ...]] = ("temptation", "failed_ever")

    def defects(self, faced: Temptations) -> NDArray[np.bool_]:
        """Return whether each member defects, (m,)."""
        return (faced.failed_ever > 0.0) & (faced.temptation > 0.0)


@dataclass(frozen=True)
class TitForTat:
    """Do as partners did: take what there is to take in the month after one of them was seen to fail.

    Axelrod & Hamilton (1981), Science 211. The month that counts is the last in which they were allied, so a
    firm met again is met as it was left. Lapses count, as under `GrimTrigger`.
    """

    reads: ClassVar[tuple[str, ...]] = ("temptation", "failed_last")

    def defects(self, faced: Temptations) -> NDArray[np.bool_]:
        """Return whether each member defects, (m,)."""
        return (faced.failed_last > 0.0) & (faced.temptation > 0.0)


@dataclass(frozen=True)
class Opportunist:
    """Seek one's own interest with guile: take whatever beats the fine to be expected, blind to the future.

    Williamson (1985), The Economic Institutions of Capitalism.
    """

    reads: ClassVar[tuple[str, ...]] = ("temptation", "detection", "penalty")

    def defects(self, faced: Temptations) -> NDArray[np.bool_]:
        """Return whether each member defects, (m,)."""
        return faced.temptation > faced.detection * faced.penalty
