"""F16 conflict between members of unlike cultures, and its resolution.

Sources: conflict and its resolution in partnerships, Mohr & Spekman (1994), Strategic Management Journal 15;
national and organisational culture between partners, Pothukuchi, Damanpour, Choi, Chen & Park (2002), Journal
of International Business Studies 33. The sizes are assumptions. The distance dk of two cultures is
`allysim.mechanisms.benefit.profile_distance`.
"""

from allysim.jit import equation


@equation
def conflict_hazard(distance, decision_rights, disputes):
    """Return the chance of a conflict in a month, .03 (1 + 2 dk) (1 - .4 G), at most 1."""
    culture = 1.0 + disputes.culture * distance
    return min(1.0, disputes.conflict * culture * (1.0 - disputes.rights * decision_rights))


@equation
def resolution(dispute_clause, disputes):
    """Return the chance that a conflict is resolved: .5, under a dispute clause .8."""
    return disputes.resolved_clause if dispute_clause else disputes.resolved
