"""Keyed random numbers: a draw is a pure function of (seed, purpose, month, who, whom).

It does not depend on the order of calls, on the scenario, on the job or on the worker, so that two
runs with one lever moved share all their luck. A key is folded level by level: each level takes the
x-th output of the SplitMix64 stream (Steele, Lea & Flood 2014) whose state is the level above, so
seed -> purpose -> month is folded once a phase (`stream`) and who / whom once a draw.

Identities never depend on the number of firms: a firm is its slot and generation (`firm_key`), an
alliance the hash of its founders, type and month.
"""

import functools
import math
from enum import IntEnum

import numpy as np

from allysim.jit import equation, kernel

GAMMA = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
ONE, S11, S27, S30, S31, S32 = (np.uint64(k) for k in (1, 11, 27, 30, 31, 32))


class Purpose(IntEnum):
    """What a draw is for; numbers are part of every key and are never reused."""

    POPULATION = 1
    DEMAND = 2
    INPUT_PRICE = 3
    JUMP = 4
    DISRUPTION = 5
    VISIBLE = 6
    PARTNER = 7
    EXPLORE = 8
    CONSENT = 9
    PRIORITY = 10
    FIT = 11
    LEVERAGE = 12
    TEMPTATION = 13
    DETECTION = 14
    LAPSE = 15
    MEASUREMENT = 16
    SEPARATION = 17
    EXIT = 18
    SEARCH = 19
    LEAK = 20
    LEAK_CHANNEL = 21
    LEAK_SEEN = 22
    MISUSE = 23
    MISUSE_SEEN = 24
    CONFLICT = 25
    RESOLVE = 26
    FAULT = 27
    LEGAL = 28
    ADMIT = 29
    OUTAGE = 31
    SPRINT = 32
    TENDER = 33
    TENDER_WIN = 34
    GAIN = 35
    ALONE = 38
    REGIME = 40
    REVIEW = 41
    UNIT = 42
    SELF_ASSESSMENT = 50
    OPPORTUNITY = 51
    PEERS = 60
    COURSE = 61


@equation
def fold(state, index):
    """Return output number `index` (uint64) of the SplitMix64 stream with this state (uint64)."""
    z = state + GAMMA * (index + ONE)
    z = (z ^ (z >> S30)) * MIX_1
    z = (z ^ (z >> S27)) * MIX_2
    return z ^ (z >> S31)


@equation
def to_uniform(bits):
    """Map 64 random bits to a number in the open interval (0, 1) with 53 bits of resolution."""
    return (np.float64(bits >> S11) + 0.5) * 1.1102230246251565e-16


@equation
def uniform(state, who, what):
    """Draw from U(0, 1), keyed by `who` (uint64) and the draw's number `what`, below a `stream`."""
    return to_uniform(fold(fold(state, who), np.uint64(what)))


@equation
def normal_quantile(p):
    """Return the standard normal quantile of p in (0, 1): algorithm AS 241 (Wichura 1988)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
                   + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
                + 1.3314166789178437745e2) * r + 3.3871328727963666080e0)
        bottom = (((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
                      + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
                   + 4.2313330701600911252e1) * r + 1.0)
        return q * top / bottom
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        top = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
                   + 1.27045825245236838258e0) * r + 3.64784832476320460504e0) * r + 5.76949722146069140550e0) * r
                + 4.63033784615654529590e0) * r + 1.42343711074968357734e0)
        bottom = (((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
                      + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940e0) * r
                   + 2.05319162663775882187e0) * r + 1.0)
    else:
        r -= 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
                   + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580e0) * r
                + 5.46378491116411436990e0) * r + 6.65790464350110377720e0)
        bottom = (((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
                       + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r
                     + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
                   + 5.99832206555887937690e-1) * r + 1.0)
    return -top / bottom if q < 0.0 else top / bottom


@equation
def normal(state, who, what):
    """Draw from N(0, 1), keyed like `uniform`; a monotone map of the same draw."""
    return normal_quantile(uniform(state, who, what))


@equation
def firm_key(slot, generation):
    """Return the identity of a firm as 64 bits: its slot, and which occupant of the slot it is."""
    return (np.uint64(generation) << S32) | np.uint64(slot)


@kernel
def fold_levels(seed, purpose, month):
    """Fold seed, purpose and month (whole numbers, not negative) into the state of a stream."""
    return fold(fold(fold(np.uint64(0), np.uint64(seed)), np.uint64(purpose)), np.uint64(month))


@kernel
def fill_streams(seed, month, out):
    """Fill the state of the stream of every purpose in one month; entry p of `out` is that of purpose p."""
    for purpose in range(out.size):
        out[purpose] = fold_levels(seed, purpose, month)


@kernel
def fill_uniform(state, who, what, out):
    """Fill `out` (k,) with uniforms keyed by `who` (k,) and number `what`."""
    for i in range(who.size):
        out[i] = uniform(state, who[i], what)


@functools.lru_cache(maxsize=64)
def stream(seed: int, purpose: Purpose, month: int) -> np.uint64:
    """Return the state from which all draws of one purpose in one month are keyed."""
    return np.uint64(fold_levels(np.uint64(seed), np.uint64(purpose), np.uint64(month)))


def uniforms(state: np.uint64, who: np.ndarray, what: int = 0) -> np.ndarray:
    """Draw U(0, 1) for each key in `who` (uint64, (k,)); returns float64 (k,)."""
    out = np.empty(who.size)
    fill_uniform(state, who, what, out)
    return out
