"""F26 alliances as a portfolio: attention that thins benefits, and weights between steady alliances and moonshots.

That more alliances come to yield less: Deeds & Hill (1996), Journal of Business Venturing 11. Weights 70/20/10: Nagji
& Tuff (2012), Harvard Business Review 90(5). Steady and moonshot are labels for a low or a high variance of what the
model's own formulas predict; nothing pays for the label.
"""

from allysim.jit import equation
from allysim.mechanisms.kinds import COOPETITION, PROCUREMENT, RND

STEADY, BETWEEN, MOONSHOT = range(3)
CLASSES = ("steady", "between", "moonshot")
NONE, ALL_STEADY, SEVENTY_TWENTY_TEN, BARBELL, ALL_MOONSHOT = range(5)  # weights, in the order of PORTFOLIOS
CLOSE = 1e-9  # shares that differ by less are the same


@equation
def thinning(attention, alliances, exponent):
    """Return at what part of its benefit a firm works each of its N alliances: min(1, kappa/N)^1.5."""
    return 1.0 if alliances <= attention else (attention / alliances) ** exponent


@equation
def alliance_class(kind, marketing_alone):
    """Return the class of an alliance: 0 steady, 1 between, 2 moonshot.

    Pooled buying and joint marketing save or sell at once, and so are steady; co-opetition among rivals and shared
    infrastructure stand between; of R&D nothing may come, and much.
    """
    if kind == RND:
        return MOONSHOT
    return STEADY if kind == PROCUREMENT or (kind == COOPETITION and marketing_alone) else BETWEEN


@equation
def target_share(weights, of, barbell):
    """Return the share that a class is to have of a firm's alliances, by the number of its weights."""
    if weights == ALL_STEADY:
        return 1.0 if of == STEADY else 0.0
    if weights == ALL_MOONSHOT:
        return 1.0 if of == MOONSHOT else 0.0
    if weights == BARBELL:
        return barbell if of == STEADY else 1.0 - barbell if of == MOONSHOT else 0.0
    return 0.7 if of == STEADY else 0.2 if of == BETWEEN else 0.1


@equation
def gap(weights, of, counts, sought, barbell):
    """Return by how much a class is below its target share (below 0: above it).

    `counts` (3,) are the firm's alliances by class. Targets are taken in proportion among the classes that it seeks
    at all, `sought` (3,), where one of these has a target.
    """
    whole, live = 0.0, 0
    for c in range(3):
        live += counts[c]
        if sought[c]:
            whole += target_share(weights, c, barbell)
    target = target_share(weights, of, barbell)
    if whole > 0.0:
        target = target / whole if sought[of] else 0.0
    return target - (counts[of] / live if live > 0 else 0.0)


@equation
def class_to_seek(weights, counts, sought, welcome, barbell):
    """Return the class that is furthest below its target share among those `welcome` (3,), the first of equals.

    One that has a target and is right at it may be sought; where all are above theirs the answer is -1.
    """
    chosen, furthest = -1, -2.0 * CLOSE
    for c in range(3):
        if welcome[c] and target_share(weights, c, barbell) > 0.0:
            below = gap(weights, c, counts, sought, barbell)
            if below > furthest + CLOSE:
                chosen, furthest = c, below
    return chosen


@equation
def class_to_leave(weights, counts, sought, barbell, tolerance):
    """Return the class that is furthest above its target share, by more than `tolerance`; -1 where none is.

    It has at least one whole alliance more than its share comes to, or a firm would leave the only one it is in.
    """
    chosen, furthest, live = -1, tolerance, counts[0] + counts[1] + counts[2]
    for c in range(3):
        above = -gap(weights, c, counts, sought, barbell)
        if above > furthest + CLOSE and above * live > 1.0 - CLOSE:
            chosen, furthest = c, above
    return chosen
