"""The luck of a run: keyed draws by SplitMix64 on plain integers, remembered once drawn.

A draw is a pure function of (seed, purpose, month, who, what), so a table of draws can fill itself when it
is asked. Whoever wants to time the twin without its draws runs it twice with one `Luck`: the second run
finds every number already there.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from allysim.draws import Purpose, normal_quantile, stream

BITS = (1 << 64) - 1


class Drawn(dict):
    """A table that makes an entry when it is first asked for, from the parts of its key."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw = draw

    def __missing__(self, key: tuple[int, ...]) -> Any:
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
        self._streams = Drawn(self._stream)
        self._uniforms = Drawn(lambda *key: _keyed(self._streams[key], _uniform))
        self._normals = Drawn(lambda *key: _keyed(self._streams[key], _normal))

    def _stream(self, purpose: Purpose, month: int) -> int:
        with np.errstate(over="ignore"):  # 64-bit keys wrap around, which is meant
            return int(stream(self.seed, purpose, month))

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
    z = (state + 0x9E3779B97F4A7C15 * (index + 1)) & BITS
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & BITS
    z = (z ^ z >> 27) * 0x94D049BB133111EB & BITS
    return z ^ z >> 31


def _uniform(state: int, who: int, what: int) -> float:
    return ((_fold(_fold(state, who), what) >> 11) + .5) * 2.0**-53


def _normal(state: int, who: int, what: int) -> float:
    return float(normal_quantile(_uniform(state, who, what)))
