"""F27 restructuring a firm and F18 making it modular: lines dropped, cuts, growth, modularity, a unit for alliances.

Sources: concentrating on core competences, Prahalad & Hamel (1990), Harvard Business Review 68(3); downsizing hurts
those who need what they let go, Guthrie & Datta (2008), Organization Science 19; modular architecture speeds up change
and is paid for first, Ulrich (1995), Research Policy 24, Baldwin & Clark (2000), Design Rules; units that explore
beside the business, O'Reilly & Tushman (2004), Harvard Business Review 82(4); productivity of what is spun off,
Chemmanur, Krishnan & Nandy (2014), Journal of Corporate Finance 27; assets partitioned by law, Hansmann & Kraakman
(2000), Yale Law Journal 110. The sizes are assumptions. F is a month's fixed cost at month 0 or entry.
"""

from allysim.jit import equation

YEAR = 12
HALF = 0.5
"""Modularity whose cost and time are given; a programme adds no more."""
SLIGHT = 1e-9
"""What is left of a budget or programme below this goes with the last of it."""
NO_UNIT, DEDICATED, SPIN_OFF = range(3)


@equation
def is_due(month, draw, every):
    """Whether a firm's review is due: once in `every` months, in one that its draw from U(0, 1) fixes."""
    return (month + int(draw * every)) % every == 0


@equation
def may_drop(lines, rules):
    """Return how many of a firm's capability lines focus may still take."""
    return max(0, lines - rules.lines)


@equation
def line_share(importance, lines, rules):
    """Return the share of F that one of so many capability lines takes: in part alike, in part by its importance."""
    return rules.line_cost * (rules.line_even / lines + (1.0 - rules.line_even) * importance)


@equation
def cut_share(cut, cuts, lines_saved):
    """Return the share of F that a cut of `cut` takes, where `cuts` and lines dropped left the rest of it."""
    return min(cut, max(0.0, 1.0 - cuts - lines_saved))


@equation
def kept_of_cuts(cuts, rules):
    """Return what is left a month later of the share of F that cuts save."""
    return cuts * (1.0 - rules.decay) ** (1.0 / YEAR)


@equation
def severance(share, fixed_cost, rules):
    """Return what is paid at once to those let go, k€: .5 E, E being what the cut saves in a year."""
    return rules.severance * YEAR * share * fixed_cost


@equation
def harm(cuts, rules):
    """Return what cuts in force take from appeal: nothing up to a share of F, then so much per share beyond it."""
    return rules.harm * max(0.0, cuts - rules.harmless)


@equation
def growth(share, reinvest, invest, fixed_cost):
    """Return what a review adds to the growth budget, k€: g E and what is invested without a cut."""
    return YEAR * fixed_cost * (reinvest * share + invest)


@equation
def instalment(budget, rate):
    """Return what is spent this month, or gained: `rate`, and the last of `budget` with it."""
    return budget if budget - rate < SLIGHT else rate


@equation
def built(spent, fixed_cost, capability, rules):
    """Return what growth spending (k€) adds to a capability z, per F spent, and twice as much at z = 0 as at 1/2."""
    return rules.building * spent / fixed_cost * 2.0 * (1.0 - capability)


@equation
def to_modularise(modularity):
    """Return the modularity that a programme sets out to add: half a unit, and no more than is lacking."""
    lacking = 1.0 - modularity
    return min(HALF, lacking) if lacking > SLIGHT else 0.0


@equation
def modular_pace(rules):
    """Return the modularity that a programme adds in a month."""
    return HALF / rules.modular_months


@equation
def modular_price(added, fixed_cost, rules):
    """Return what adding so much modularity costs, k€: four months of F for half a unit."""
    return added / HALF * rules.modular_cost * fixed_cost


@equation
def made_ready(readiness, added, rules):
    """Return API readiness after so much modularity was added: interfaces are what modularity is made of."""
    return min(1.0, readiness + rules.modular_readiness * added)


@equation
def thrift(modularised, gain, rules):
    """Return the factor on unit cost of modularity gained since month 0 or entry, and of a unit's focus gain."""
    return (1.0 - rules.modular_saving * modularised) * (1.0 - rules.unit_part * gain)


@equation
def launch_pace(modularity, modularised, on_new_platform, rules):
    """Return the time to market over that at month 0 or entry: 1 - .3 m over the same then, x 1.2 the first time."""
    before = 1.0 - rules.modular_speed * (modularity - modularised)
    pace = (1.0 - rules.modular_speed * modularity) / before
    return pace * (1.0 + rules.platform) if on_new_platform else pace


@equation
def focus_gain(normal_draw, rules):
    """Return the share of unit cost that a unit saves in its part of the business, or loses, at most all of it."""
    return max(-1.0, min(1.0, rules.unit_spread * normal_draw))


@equation
def unit_overhead(fixed_cost, rules):
    """Return the overhead of a unit, k€/month: a tenth of the fixed cost of its part of the business."""
    return rules.unit_overhead * rules.unit_part * fixed_cost


@equation
def unit_capital(fixed_cost, rules):
    """Return the capital that a unit is spun off with, k€: what its parent can lose by it."""
    return rules.unit_capital * rules.unit_part * fixed_cost


@equation
def haste(units, rules):
    """Return what units leave of the latency of an alliance's decisions: half, if all members have one (F14)."""
    return 1.0 - (1.0 - rules.unit_latency) * units
