"""Seam `strategy`: which of the strategies in play a firm goes on with, at its yearly review."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Courses(NamedTuple):
    """What k firms know at their review, one value each; results are economic profit a month over fixed cost."""

    strategy: Ints       # number of its own strategy
    result: Floats       # its result since its last review
    before: Floats       # its result at the review before; this one where there was none
    norm: Floats         # mean result of the firms it sees; its own where it sees none with a result
    best: Ints           # strategy of the firm it sees with the best result; its own where there is none
    best_result: Floats  # result of that firm
    luck: Floats         # uniform draws
    strategies: int      # strategies in play, numbered from 0


@dataclass(frozen=True)
class Levers:
    """Every firm keeps to the levers of its strategy for good."""

    reads: ClassVar[tuple[str, ...]] = ("strategy",)

    def pursue(self, courses: Courses) -> Ints:
        """Return the number of the strategy each firm goes on with, (k,)."""
        return courses.strategy


@dataclass(frozen=True)
class Imitate:
    """Take over the strategy of the firm in view that does best, if it does better (Lieberman & Asaba 2006)."""

    reads: ClassVar[tuple[str, ...]] = ("strategy", "result", "best", "best_result")

    def pursue(self, courses: Courses) -> Ints:
        """Return the number of the strategy each firm goes on with, (k,)."""
        return np.where(courses.best_result > courses.result, courses.best, courses.strategy)


@dataclass(frozen=True)
class Satisfice:
    """Keep a strategy that meets one's aspiration, else draw one of those in play (Simon 1955; Cyert & March 1963).

    One aspires to what one had before and to what peers have, weighted. The draw may be one's own again.
    """

    stochastic: ClassVar[bool] = True
    reads: ClassVar[tuple[str, ...]] = ("strategy", "result", "before", "norm", "luck")

    own_past: float

    def pursue(self, courses: Courses) -> Ints:
        """Return the number of the strategy each firm goes on with, (k,)."""
        aspired = self.own_past * courses.before + (1.0 - self.own_past) * courses.norm
        drawn = (courses.luck * courses.strategies).astype(np.int32)
        return np.where(courses.result < aspired, drawn, courses.strategy)
