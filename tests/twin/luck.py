"""The luck of a run: the engine's keyed draws, remembered once drawn.

A draw is a pure function of (seed, purpose, month, who, what), so a table of draws can fill itself when it
is asked. Whoever wants to time the twin without its draws runs it twice with one `Luck`: the second run
finds every number already there.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from allysim.draws import Purpose, fold, normal_quantile, stream, to_uniform


class Drawn(dict):
    """A table that makes an entry when it is first asked for, from the parts of its key."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw = draw

    def __missing__(self, key: tuple[int, ...]) -> Any:
        with np.errstate(over="ignore"):  # 64-bit keys wrap around, which is meant
            value = self[key] = self.draw(*key)
        return value


class Luck:
    """All random numbers of one seed.

    Attributes
    ----------
    folded : dict of (int, int) to int
        Key number `index` below a key, by (key, index); 64 bits.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.folded = Drawn(_fold)
        self._streams = Drawn(lambda purpose, month: int(stream(seed, purpose, month)))
        self._uniforms = Drawn(lambda *key: _keyed(self._streams[key], _uniform))
        self._normals = Drawn(lambda *key: _keyed(self._streams[key], _normal))

    def stream(self, purpose: Purpose, month: int = 0) -> int:
        """Return the state below which the draws of one purpose and month are keyed."""
        return self._streams[purpose, month]

    def uniforms(self, purpose: Purpose, month: int = 0) -> dict[tuple[int, int], float]:
        """Return the draws from U(0, 1) of one purpose and month, by (who, what)."""
        return self._uniforms[purpose, month]

    def normals(self, purpose: Purpose, month: int = 0) -> dict[tuple[int, int], float]:
        """Return the draws from N(0, 1) of one purpose and month, by (who, what): quantiles of the uniforms."""
        return self._normals[purpose, month]


def _keyed(state: int, draw: Callable[[int, int, int], float]) -> Drawn:
    return Drawn(lambda who, what: draw(state, who, what))


def _fold(state: int, index: int) -> int:
    return int(fold(np.uint64(state), np.uint64(index)))


def _uniform(state: int, who: int, what: int) -> float:
    return float(to_uniform(np.uint64(_fold(_fold(state, who), what))))


def _normal(state: int, who: int, what: int) -> float:
    return float(normal_quantile(_uniform(state, who, what)))
