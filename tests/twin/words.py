"""Names and constants of the model that no setting changes."""

from allysim.draws import Purpose as Purpose  # what a draw is for

SEGMENTS = ("legacy", "electric", "software", "services")
DEMAND_SHARE = (0.55, 0.15, 0.10, 0.20)  # of demand at month 0, by segment
CAPABILITIES = ("hardware", "software", "battery", "sourcing", "logistics", "marketing", "service", "data")
CULTURE = ("culture_speed", "culture_risk", "culture_compliance")

IMPORTANCE = (  # w_sc of each capability, by segment (F22)
    {"hardware": 0.45, "sourcing": 0.20, "logistics": 0.15, "service": 0.10, "marketing": 0.10},
    {"battery": 0.35, "hardware": 0.20, "software": 0.20, "sourcing": 0.15, "marketing": 0.10},
    {"software": 0.50, "data": 0.25, "service": 0.15, "marketing": 0.10},
    {"service": 0.40, "logistics": 0.20, "marketing": 0.20, "data": 0.20},
)

# What a firm is born with: the numbers of its draws under `Purpose.POPULATION`.
REVENUE, RISK, HONESTY, LAUNCH_AGE, MODULARITY, FIRST_CULTURE, FIRST_CAPABILITY, FIRST_TASTE = 0, 1, 2, 3, 4, 5, 10, 20
READINESS = 30

EVERYONE = 1 << 63  # who a draw is for that all firms share; the segments follow it
BOOKED = ("saving", "split", "fee", "governance", "breaches", "set-up", "fines", "capital", "lots", "compensation")
PROCUREMENT, COOPETITION, RND, INFRASTRUCTURE = "procurement", "coopetition", "rnd", "infrastructure"
KINDS = (PROCUREMENT, COOPETITION, RND, INFRASTRUCTURE)  # types of alliance, in the order of their numbers

AS_AGREED, LAPSED, UNSEEN, SEEN = "as agreed", "lapsed", "breached unseen", "breached and seen"
SETTLED, AT_FAULT = "breached, seen and settled", "at fault in a conflict"
PILOT, RUNNING, STANDARDISED, SCALED, ENDED = "pilot", "running", "standardised", "scaled", "ended"
