"""F10, F12 capabilities: a firm keeps what it was born with, and what it adds depreciates.

z = born + developed, at most 1; only what is developed fades, at the 15 % a year customary for knowledge, Hall,
Mairesse & Mohnen (2010), Handbook of the Economics of Innovation. By F22 the attraction of a firm to
segment s is that at birth times exp(3 sum_c w_sc developed_c); w_sc are `names.WEIGHTS`.
"""

import math

from allysim.jit import equation
from allysim.mechanisms.names import WEIGHTS


@equation
def raised(born, developed, gain):
    """Return what is developed of a capability after a gain, so that z = born + developed is at most 1."""
    return min(developed + gain, 1.0 - born)


@equation
def kept(developed, capability):
    """Return what is left of it a month later."""
    return developed * (1.0 - capability.depreciation)


@equation
def attraction_factor(segment, developed, weight):
    """Return exp(weight sum_c w_sc developed_c), by which what is developed (8,) multiplies attraction (F22)."""
    fit = 0.0
    for c in range(developed.size):
        fit += WEIGHTS[segment, c] * developed[c]
    return math.exp(weight * fit)


@equation
def develop(i, c, gain, weight, born, developed, capability, native, attraction, advanced):
    """Add `gain` to capability `c` of the firm in slot `i`.

    `born`, `developed` and `capability` are (n, 8), `native` (attraction at birth) and `attraction` (n, S);
    `advanced` (n,) marks firms that have developed something, the only ones that later cost time.
    """
    developed[i, c] = raised(born[i, c], developed[i, c], gain)
    advanced[i] = True
    show(i, weight, born, developed, capability, native, attraction)


@equation
def drop(i, c, weight, born, developed, capability, native, attraction):
    """Let the firm in slot `i` give up all of capability `c`, and what that was worth to its buyers (F27)."""
    for s in range(native.shape[1]):
        native[i, s] *= math.exp(-weight * WEIGHTS[s, c] * born[i, c])
    born[i, c] = developed[i, c] = 0.0
    show(i, weight, born, developed, capability, native, attraction)


@equation
def show(i, weight, born, developed, capability, native, attraction):
    """Set capability and attraction of the firm in slot `i` to what follows from what it developed."""
    for c in range(born.shape[1]):
        capability[i, c] = born[i, c] + developed[i, c]
    for s in range(native.shape[1]):
        attraction[i, s] = native[i, s] * attraction_factor(s, developed[i], weight)
