"""F28 how a firm sees itself, its opportunities, and what alliances of a type have taught it.

Plans drawn up from within err, and outside views and past cases correct them: Kahneman & Lovallo (1993), Management
Science 39; trust grows by repeated ties: Gulati (1995), Academy of Management Journal 38. The sizes are assumptions.
"""

import math

from allysim.jit import equation
from allysim.mechanisms.kinds import INFRASTRUCTURE, RND

MOST_DELIVERED = 2.0
"""What an alliance delivered counts as at most so many times what it promised, lest a tiny promise teach too much."""


@equation
def is_done(since, month):
    """Return whether what is done in month `since`, -1 where never, is done by `month`."""
    return 0 <= since <= month


@equation
def self_noise(audited, month, ecosystem):
    """Return the standard deviation of what a firm misjudges of its capabilities: .25, after an audit .10."""
    return ecosystem.audited_noise if is_done(audited, month) else ecosystem.self_noise


@equation
def seen_capability(z, misjudged, noise):
    """Return how a firm sees a capability z of its own: z + noise x error ~ N(0, 1), within 0 and 1."""
    return min(1.0, max(0.0, z + noise * misjudged))


@equation
def seen_through(value, error, noise):
    """Return how impact or effort is seen: times exp(noise x error), error ~ N(0, 1)."""
    return value * math.exp(noise * error)


@equation
def effort(setup, governance, life):
    """Return the effort of an alliance to a member (k€): its part of set-up, and governance over the expected life.

    `governance` is k€/month and `life` an annuity in months.
    """
    return setup + governance * life


@equation
def takes_trust(kind):
    """Return whether a type is a big venture: R&D and infrastructure."""
    return kind in (RND, INFRASTRUCTURE)


@equation
def lesson(before, number, gain, expected, weight):
    """Return what a firm multiplies promises of a type by after its `number`-th lesson, `before` until then.

    (w + sum of gain / expected) / (w + number), each part within 0 and 2: a mean shrunk towards 1.
    """
    delivered = min(MOST_DELIVERED, max(0.0, gain / expected))
    return before + (delivered - before) / (weight + number)
