"""F20 what becomes of an alliance that has proven itself: template, admission of members, governance.

That repetition makes alliances cheaper to set up: Kale & Singh (2007), Strategic Management Journal 28.
"""

from allysim.jit import equation


@equation
def template_setup(setup, template, scaling):
    """Return what setting up costs a firm that proposes (k€): I0 (1 - saved)^k, k up to a cap.

    `template` is 0 for a firm that has standardised no alliance of the type, else the number of this reuse.
    """
    return setup * (1.0 - scaling.reuse) ** min(template, scaling.reuse_cap)


@equation
def member_cap(kind, scaling):
    """Return up to how many members a scaled alliance admits, by the number of its type."""
    if kind == 0:
        return scaling.cap_procurement
    if kind == 1:
        return scaling.cap_coopetition
    if kind == 2:
        return scaling.cap_rnd
    return scaling.cap_infrastructure


@equation
def governance_level(standardised, scaled, members, scaling):
    """Return how an alliance under adaptive governance is run: 0 as signed, 1 standard, 2 heavily."""
    if scaled and members > scaling.heavy_above:
        return 2
    return 1 if standardised or scaled else 0
