"""F5 trust: a beta reputation with forgetting and negativity.

Sources: Jøsang & Ismail (2002), 15th Bled Electronic Commerce Conference; that bad news weighs more,
Slovic (1993), Risk Analysis 13.
"""

from allysim.jit import equation


@equation
def trust(good, bad, disposition, prior_weight):
    """Return T = (g + w tau) / (g + b + w), in [0, 1]."""
    return (good + prior_weight * disposition) / (good + bad + prior_weight)
