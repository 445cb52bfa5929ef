"""F12 leaks: know-how reaches a partner by staff, by the partner itself or otherwise, and stays there.

Trust and shared practice lower leakage, Kale, Singh & Perlmutter (2000), Strategic Management Journal 21; what
firms protect and how, Norman (2002), Journal of High Technology Management Research 13. Sizes are assumptions.
"""

import math

from allysim.jit import equation, inlined
from allysim.mechanisms.demand import overlap
from allysim.mechanisms.kinds import by_type
from allysim.mechanisms.names import CAPABILITIES, WEIGHTS

STAFF, PARTNER, OTHER = range(3)
CHANNELS = ("staff", "partner", "other")
PROCUREMENT, COOPETITION, RND = range(3)  # types of alliance; infrastructure is what remains
SOFTWARE, DATA = CAPABILITIES.index("software"), CAPABILITIES.index("data")
FULL_EXPOSURE = 0.5
LEAST_LEAD = 1e-6  # below it two capabilities are the same but for rounding
SLACK = 1.0 + 1e-9  # overlap is a cosine, which rounding may leave above 1


@inlined
def technical_control(capability, leaks):
    """Return how far a firm can enforce compartments and access control, in [0, 1], from its capabilities (8,)."""
    return min(1.0, leaks.control * 0.5 * (capability[SOFTWARE] + capability[DATA]))


@inlined
def exposure(kind, leaks):
    """Return how exposed know-how is in an alliance of a type, x / .5."""
    return by_type(kind, leaks.exposure_procurement, leaks.exposure_coopetition, leaks.exposure_rnd,
                   leaks.exposure_infrastructure) / FULL_EXPOSURE


@inlined
def full_hazard(shared_market, trust, modularity, compartments, leaks):
    """Return the hazard from i to j a month at full exposure, with all channels open.

    .004 exp(1.2 omega) exp(-1.5 (T - .5)) [1 + .5 mbar (1 - s_K)]; T is the sender's trust.
    """
    near = math.exp(leaks.overlap_slope * shared_market - leaks.trust_slope * (trust - 0.5))
    return leaks.hazard * near * (1.0 + leaks.modular * modularity * (1.0 - compartments))


@inlined
def leak_hazard(kind, shared_market, trust, modularity, compartments, leaks):
    """Return the hazard from i to j a month with all channels open: `exposure` times `full_hazard`."""
    return exposure(kind, leaks) * full_hazard(shared_market, trust, modularity, compartments, leaks)


@equation
def greatest_hazard(kind, leaks):
    """Return a bound on the hazard of any pair: full overlap, no trust, wholly modular, nothing protected."""
    return SLACK * leak_hazard(kind, 1.0, 0.0, 1.0, 0.0, leaks) * (leaks.staff + leaks.partner + leaks.other)


@inlined
def channels(modularity, nda, compartments, access, hr, leaks):
    """Return what of the hazard comes by staff, by the partner and otherwise: w_ch prod (1 - eps s).

    An NDA acts on the partner, HR controls on staff, compartments and access control on both.
    """
    closed = leaks.compartments + leaks.compartments_modular * modularity
    both = (1.0 - closed * compartments) * (1.0 - leaks.access * access)
    return leaks.staff * both * (1.0 - leaks.hr * hr), leaks.partner * both * (1.0 - leaks.nda * nda), leaks.other


@equation
def hr_after(hr, non_solicit, leaks):
    """Return what HR controls count for once the alliance has ended: .5 of them under a non-solicit clause."""
    return hr * leaks.non_solicit * non_solicit


@equation
def leak_detection(access, leaks):
    """Return the chance that a leak is seen: .3, with full access logs .7."""
    return min(1.0, leaks.detection + leaks.detection_logs * access)


@equation
def largest_lead(sender, receiver):
    """Return the capability in which the sender leads most and by how much; both are capabilities (8,)."""
    best = 0
    for c in range(1, sender.size):
        if sender[c] - receiver[c] > sender[best] - receiver[best]:
            best = c
    return best, sender[best] - receiver[best]


@equation
def utility_gain(c, gain, attraction, pull, weight):
    """Return the utility that `gain` in capability `c` gives a firm's buyers, by its sales over segments (F22).

    `attraction` (S,) is the firm's, `pull` (S,) is M_s / (1 + I_s).
    """
    worth, sales = 0.0, 0.0
    for s in range(pull.size):
        sales += attraction[s] * pull[s]
        worth += attraction[s] * pull[s] * WEIGHTS[s, c]
    return weight * gain * worth / sales


@equation
def margin_of_appeal(sales, price_sensitivity):
    """Return what a unit of appeal is worth, k€/month: Q / alpha.

    By the envelope theorem dPi/dA = (p - c) dQ/dA = (p - c) Q (1 - sbar), and the mark-up is 1 / [alpha (1 - sbar)];
    rivals' prices stand still.
    """
    return sales / price_sensitivity


@inlined
def prospect_of_leaks(i, j, trust, modularity, contract, capability, attraction, pull, weight, sales,
                      price_sensitivity, life, delta, leaks):
    """Return the hazard of a leak from i to j a month at full exposure, and what one would cost i, k€.

    The cost is the appeal a leak would cost i and what that is worth until it has come back, times the annuity
    `life`. `contract` is (nda, compartments, access, hr).
    """
    if leaks.hazard == 0.0:
        return 0.0, 0.0
    c, lead = largest_lead(capability[i], capability[j])
    if lead <= LEAST_LEAD:
        return 0.0, 0.0
    nda, compartments, access, hr = contract
    control = technical_control(capability[i], leaks)
    compartments, access = min(compartments, control), min(access, control)
    omega = overlap(attraction[i], attraction[j], pull)
    staff, partner, other = channels(modularity, nda, compartments, access, hr, leaks)
    hazard = full_hazard(omega, trust, modularity, compartments, leaks) * (staff + partner + other)
    lost = leaks.exclusivity * omega * utility_gain(c, leaks.closes * lead, attraction[j], pull, weight)
    worth = margin_of_appeal(sales[i], price_sensitivity) * delta / (1.0 - delta * (1.0 - leaks.fade))
    return hazard, lost * worth * life


@inlined
def expected_leaks(kind, hazard, cost, leaks):
    """Return what leaks to a partner are expected to cost over an alliance's life, present value in k€ (F6).

    `hazard` and `cost` are those of `prospect_of_leaks`.
    """
    return min(1.0, exposure(kind, leaks) * hazard) * cost
