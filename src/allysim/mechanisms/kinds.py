"""Types of alliance as numbers, and what differs by type (F7, F13, F14, F17)."""

from allysim.jit import equation

PROCUREMENT, COOPETITION, RND, INFRASTRUCTURE = range(4)


@equation
def by_type(kind, procurement, coopetition, rnd, infrastructure):
    """Return the value that belongs to a type of alliance."""
    if kind == PROCUREMENT:
        return procurement
    if kind == COOPETITION:
        return coopetition
    return rnd if kind == RND else infrastructure
