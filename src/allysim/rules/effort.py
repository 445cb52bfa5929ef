"""Seam `effort`: how much of its R&D budget a member puts into the sprints of an alliance (F10, F11)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Efforts(NamedTuple):
    """What m members of R&D alliances know before they spend, one value each unless said otherwise."""

    norm: Floats                # k€/month, its budget for the alliance: effort 1
    worth: Floats               # k€/month, value of a month of sprinting if every sprint succeeded
    intensity: Floats           # successes per sprint if all put in effort 1
    members: Floats             # members of the alliance
    gap: Floats                 # 0-1, what it lacks in the capability worked on
    group: NDArray[np.int32]    # number of the alliance, 0 ... groups - 1
    groups: int                 # alliances in all

    def mean(self, values: Floats) -> Floats:
        """Return the mean of `values` (m,) over each member's alliance, (m,)."""
        return np.bincount(self.group, values, self.groups)[self.group] / self.members


@dataclass(frozen=True)
class EqualEffort:
    """Every member spends its budget."""

    def efforts(self, known: Efforts) -> Floats:
        """Return each member's effort, (m,), 0-2."""
        return np.ones_like(known.norm)


@dataclass(frozen=True)
class Proportional:
    """Every member spends as it stands to gain: its worth over its budget, against the mean of its alliance."""

    def efforts(self, known: Efforts) -> Floats:
        """Return each member's effort, (m,), 0-2."""
        stake = known.worth / np.maximum(known.norm, 1e-9)
        mean = known.mean(stake)
        return np.clip(np.where(mean > 0.0, stake / np.where(mean > 0.0, mean, 1.0), 1.0), 0.0, 2.0)


@dataclass(frozen=True)
class FreeRiding:
    """Every member spends up to where its own part of what more effort yields no longer pays (Holmström 1982).

    With mean effort e a sprint succeeds with 1 - exp(-intensity e), and an n-th of one's effort counts: at the
    symmetric equilibrium worth intensity / n exp(-intensity e) = norm.
    """

    def efforts(self, known: Efforts) -> Floats:
        """Return each member's effort, (m,), 0-2."""
        marginal = known.worth * known.intensity / (known.members * np.maximum(known.norm, 1e-9))
        effort = np.log(np.maximum(marginal, 1e-9)) / np.maximum(known.intensity, 1e-9)
        return np.clip(effort, 0.0, 2.0)
