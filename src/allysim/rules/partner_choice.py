"""Seam `partner_choice`: which charter a firm proposes, and whether an invited firm accepts."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Options(NamedTuple):
    """What k firms may choose from; option 0 is to stay as one is, the other m - 1 add a partner.

    An invited firm that accepts or declines faces the same with m = 2.
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
    """F6: logit on certainty equivalents, now and then at random."""

    logit_scale: float
    explore: float

    def choose(self, options: Options) -> NDArray[np.int64]:
        """Return the option chosen by each firm, (k,)."""
        others = options.allowed[:, 1:]
        mean = np.sum(options.value[:, 1:], axis=1, where=others) / np.maximum(others.sum(axis=1), 1)
        scale = self.logit_scale * np.maximum(np.abs(mean), 1e-9)
        utility = options.certainty_equivalent / scale[:, None]
        free = options.explore < self.explore
        return logit(np.where(free[:, None], 0.0, utility), options.allowed, options.luck)


@dataclass(frozen=True)
class Homophily:
    """Prefer partners in one's own markets, whatever they bring (McPherson, Smith-Lovin & Cook 2001)."""

    logit_scale: float

    def choose(self, options: Options) -> NDArray[np.int64]:
        """Return the option chosen by each firm, (k,)."""
        return logit((options.likeness - 0.5) / self.logit_scale, options.allowed, options.luck)


@dataclass(frozen=True)
class Random:
    """Choose any option with the same chance: the baseline to beat."""

    def choose(self, options: Options) -> NDArray[np.int64]:
        """Return the option chosen by each firm, (k,)."""
        return logit(np.zeros_like(options.value), options.allowed, options.luck)
