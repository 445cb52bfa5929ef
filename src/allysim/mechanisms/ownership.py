"""F10 who may go on using what sprints added, once a member leaves: the owner rule of an R&D alliance.

Under `joint` all keep all. Under `each_own` a leaver keeps what its own research added, and what outsiders' did, and
loses what its partners' did. Under `lead` a leaver that is not the lead loses half. Property rights in shared
research and what they do to its members: Aghion & Tirole (1994), Quarterly Journal of Economics 109; how firms
share them, Hagedoorn (2003), Industrial and Corporate Change 12. The half is an assumption.
"""

from allysim.jit import equation

JOINT, EACH_OWN, LEAD = range(3)  # places in `config.protection.OWNERS`


@equation
def lost_on_leaving(owner, leads, learned, borrowed, research):
    """Return what a leaver loses of a capability, of what sprints added to it (`learned`) and partners of that."""
    if owner == EACH_OWN:
        return borrowed
    if owner == LEAD and not leads:
        return research.ceded * learned
    return 0.0
