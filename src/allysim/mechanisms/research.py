"""F10 R&D in sprints and F11 spillovers among those who do it together.

Sources: success as a Poisson arrival, Loury (1979), Quarterly Journal of Economics 93; absorption of others'
research, Cohen & Levinthal (1989), Economic Journal 99. The sizes are assumptions.
"""

import math

from allysim.jit import equation


@equation
def success_chance(benefit, research):
    """Return the chance 1 - exp(-lambda_s b) that a sprint succeeds, b the alliance's benefit (F10)."""
    return 1.0 - math.exp(-research.intensity * benefit)


@equation
def capability_gain(capability, members, research):
    """Return what a success adds to one member's capability z: gain times 2 (1 - z), with spillovers, z at most 1.

    Effective research is one's own and phi of each partner's (F11).
    """
    gain = research.gain * 2.0 * (1.0 - capability) * (1.0 + research.spillover * (members - 1.0))
    return min(1.0 - capability, gain)


@equation
def monthly_worth(stake, members, delta, capability_weight, research):
    """Return the present value (k€) of a month of sprinting if every sprint succeeded (F6).

    `stake` is margin (k€/month) times the importance of the capability in the firm's markets times what it
    lacks, 1 - z: the derivative of profit in z times the gap. What a success adds fades month by month.
    """
    kept = delta * (1.0 - research.depreciation)
    gain = research.gain * 2.0 * stake * (1.0 + research.spillover * (members - 1.0))
    return capability_weight * gain * kept / (1.0 - kept) / research.sprint


@equation
def milestones(sprints, successes, last_success, patience, running):
    """Return what R&D knows at a gate in place of Pr(q > threshold) (F20): its milestones.

    A pilot has made it with a first success, 1, and is undecided without, .5; running R&D has failed, 0, after
    `patience` sprints without success.
    """
    if running:
        return 0.0 if sprints - last_success >= patience else 0.5
    return 1.0 if successes > 0 else 0.5
