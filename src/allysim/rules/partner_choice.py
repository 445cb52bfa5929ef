"""Seam `partner_choice`: which charter a firm proposes, and whether an invited firm accepts."""

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allysim.jit import kernel

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Options(NamedTuple):
    """What k firms may choose from; option 0 is to stay as one is, the other m - 1 add a partner.

    An invited firm that accepts or declines faces the same with m = 2. The arrays are the rule's until it answers: a
    copy is to be made of what it wants to remember.
    """

    certainty_equivalent: Floats  # (k, m) k€, of the charter that would result
    value: Floats                 # (k, m) k€, expected before risk and set-up
    trust: Floats                 # (k, m) in the partner added
    likeness: Floats              # (k, m) market overlap with the partner added
    allowed: Flags                # (k, m)
    luck: Floats                  # (k, m) uniform draws, keyed by chooser and partner
    explore: Floats               # (k,) uniform draws


def logit(utility: Floats, allowed: Flags, luck: Floats) -> NDArray[np.int64]:
    """Choose with probability proportional to exp(utility), by the Gumbel draw of each option (McFadden 1974)."""
    gumbel = -np.log(-np.log(luck))
    return np.argmax(np.where(allowed, utility + gumbel, -np.inf), axis=1)


@dataclass(frozen=True)
class ExpectedValue:
    """F6: logit on certainty equivalents, now and then at random (McFadden 1974)."""

    stochastic: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("certainty_equivalent", "value", "luck", "explore")

    logit_scale: float
    explore: float

    def choose(self, options: Options) -> NDArray[np.int64]:
        """Return the option chosen by each firm, (k,)."""
        chosen = np.empty(options.explore.size, dtype=np.int64)
        choose_by_value(options, self.logit_scale, self.explore, chosen)
        return chosen


@kernel
def choose_by_value(options, logit_scale, explore, chosen):
    """Fill the option chosen by each firm: the largest certainty equivalent over scale plus Gumbel draw."""
    for k in range(chosen.size):
        total, count = 0.0, 0
        for m in range(1, options.value.shape[1]):
            if options.allowed[k, m]:
                total += options.value[k, m]
                count += 1
        scale = logit_scale * max(abs(total / max(count, 1)), 1e-9)
        best = -np.inf
        for m in range(options.value.shape[1]):
            if options.allowed[k, m]:
                utility = 0.0 if options.explore[k] < explore else options.certainty_equivalent[k, m] / scale
                utility -= math.log(-math.log(options.luck[k, m]))
                if utility > best:
                    best, chosen[k] = utility, m


@dataclass(frozen=True)
class Homophily:
    """Prefer partners in one's own markets, whatever they bring (McPherson, Smith-Lovin & Cook 2001)."""

    stochastic: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("likeness", "luck")

    logit_scale: float

    def choose(self, options: Options) -> NDArray[np.int64]:
        """Return the option chosen by each firm, (k,)."""
        return logit((options.likeness - 0.5) / self.logit_scale, options.allowed, options.luck)


@dataclass(frozen=True)
class Random:
    """Choose any option with the same chance: the baseline to beat."""

    stochastic: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("luck",)

    def choose(self, options: Options) -> NDArray[np.int64]:
        """Return the option chosen by each firm, (k,)."""
        return logit(np.zeros_like(options.value), options.allowed, options.luck)
