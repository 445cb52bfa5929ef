"""F10 R&D in sprints and F11 spillovers among those who do it together, and from those who do it elsewhere.

Sources: success as a Poisson arrival, Loury (1979), Quarterly Journal of Economics 93; absorption of others'
research, which takes research of one's own, Cohen & Levinthal (1989), Economic Journal 99; what others in one's own
technology spill over to one, Jaffe (1986), American Economic Review 76. The sizes are assumptions.
"""

import math

from allysim.jit import equation, inlined


@inlined
def success_chance(benefit, effort, research):
    """Return the chance 1 - exp(-lambda_s b e) that a sprint succeeds, b its benefit and e mean effort (F10)."""
    return 1.0 - math.exp(-research.intensity * benefit * effort)


@inlined
def openness(compartments, control, research):
    """Return what compartments leave of the research that helps partners: 1 - .25 s_K (F11).

    s_K is the weaker of what the contract asks for and what the firm can enforce, its technical control (F12).
    """
    return 1.0 - research.tacit * min(compartments, control)


@inlined
def effective_research(own, partners, outsiders, research):
    """Return a firm's own research, phi of that of its partners together, and phi of outsiders' mean research (F11).

    `partners` is the sum of what they put in, each times its `openness`. Outsiders are the firms of the same home
    segment that work on the same capability in other alliances.
    """
    return own + research.spillover * partners + research.outside * outsiders


@equation
def capability_gain(capability, effective, research):
    """Return what a success adds to a member's capability z: effective research times .07 times 2 (1 - z)."""
    return min(1.0 - capability, research.gain * 2.0 * (1.0 - capability) * effective)


@inlined
def monthly_worth(stake, effective, kept, capability_weight, research):
    """Return the present value (k€) of a month of sprinting if every sprint succeeded (F6).

    `stake` is margin (k€/month) times the importance of the capability in the firm's markets times what it
    lacks, 1 - z: the derivative of profit in z times the gap. `kept` is what a month leaves of what a success
    added, discounted.
    """
    gain = research.gain * 2.0 * stake * effective
    return capability_weight * gain * kept / (1.0 - kept) / research.sprint


@equation
def patience(radical, research):
    """Return how many sprints without success are not too many (F20)."""
    return research.radical_patience if radical else research.patience


@equation
def milestones(sprints, successes, last_success, seen, radical, running, research):
    """Return what R&D knows at a gate in place of Pr(q > threshold) (F20): its milestones.

    A pilot has made it with a first success, 1, and is undecided without, .5; from radical research nobody expects
    one so soon, and a first sprint that was done is enough. Running R&D has made it again where more sprints have
    succeeded than were `seen` at its last gate or review, and has failed, 0, after too many sprints without success.
    """
    if running and successes > seen:
        return 1.0
    if running:
        return 0.0 if sprints - last_success >= patience(radical, research) else 0.5
    return 1.0 if successes > 0 or (radical and sprints > 0) else 0.5
