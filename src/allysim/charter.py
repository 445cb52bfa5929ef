"""The charter of an alliance (F20) as an object: what was agreed, read from the tables and the settings in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.protection import OWNERS
from allysim.config.yields import SCOPES
from allysim.dealings.terms import relative
from allysim.mechanisms.kinds import RND, by_type
from allysim.mechanisms.names import CAPABILITIES
from allysim.state import MODES

if TYPE_CHECKING:
    from allysim.model import AllianceModel

OBJECTIVES = {
    "procurement": "buy inputs together", "coopetition": "share {what} among competitors",
    "rnd": "add to the capability {what}", "infrastructure": "share infrastructure{what}",
}
"""Type to what members set out to do."""
OWNED = {"joint": "all keep what research adds", "each_own": "each keeps what its own research adds",
         "lead": "a part of what research adds is left to the lead"}
"""Owner to what becomes of it when a member leaves."""


@dataclass(frozen=True)
class Partner:
    """A member and its place in the charter.

    Attributes
    ----------
    firm : str
        Its name.
    role : str
        proposer, or lead where a lead firm governs; member; admitted, if it came later.
    joined : int
        Month, below 0 before the run.
    share : float
        Part of what the alliance yields beyond flat fees, as agreed.
    flat : float
        Flat fee that it gets instead, or beside, k€/month.
    liability : float
        Part of shared losses and costs.
    """

    firm: str
    role: str
    joined: int
    share: float
    flat: float
    liability: float


@dataclass(frozen=True)
class Charter:
    """What the members of an alliance agreed on; ``str()`` of it is a readable text.

    Attributes
    ----------
    alliance, type, signed : int, str, int
        Number and type of the alliance, and the month of its founding (below 0 before the run).
    objective, kpi : str
        What they set out to do, and what that is measured by.
    threshold : float or None
        Relative gain in gross margin that is asked for; None in R&D, which is judged by milestones.
    partners : tuple of Partner
        Those in it now; of one that has ended those who were in it then.
    pilot_months, budget : int, float
        Length of the pilot (0 of a network of month 0, which had none), months, and what it may cost, k€.
    data : dict
        What is shared, anonymised, and access-controlled, 0-1.
    protection : dict
        Clauses on know-how, 0-1.
    owner : str
        Who owns what sprints of R&D add: joint, each_own or lead.
    mode, completeness, decision_rights, dashboard, dispute_clause : str, float, float, float, bool
        Governance.
    notice, penalty : int, float
        Months of notice, and what a breach that is seen costs, k€.
    """

    alliance: int
    type: str
    signed: int
    objective: str
    kpi: str
    threshold: float | None
    partners: tuple[Partner, ...]
    pilot_months: int
    budget: float
    data: dict[str, float]
    protection: dict[str, float]
    owner: str
    mode: str
    completeness: float
    decision_rights: float
    dashboard: float
    dispute_clause: bool
    notice: int
    penalty: float

    def __str__(self) -> str:
        asked = "that milestone" if self.threshold is None else f"a gain of {self.threshold:.1%} at least"
        pilot = f"{_months(self.pilot_months)}, for up to {self.budget:.1f} k€" if self.pilot_months else "none"
        disputes = "a dispute clause" if self.dispute_clause else "no dispute clause"
        return "\n".join((
            f"Charter of alliance {self.alliance} ({self.type}), signed in month {self.signed}",
            f"Objective    {self.objective}",
            f"KPI          {self.kpi}",
            f"Threshold    {asked}",
            *(f"{'Partners' if k == 0 else '':12s} {_partner(one)}" for k, one in enumerate(self.partners)),
            f"Pilot        {pilot}",
            f"Data         {_clauses(self.data)}",
            f"Protection   {_clauses(self.protection)}; {OWNED[self.owner]}",
            f"Governance   {self.mode}, completeness {self.completeness:g}, decision rights {self.decision_rights:g}, "
            f"dashboard {self.dashboard:g}, {disputes}",
            f"Exit         {_months(self.notice)} of notice; {self.penalty:g} k€ for a breach that is seen",
        ))


def charter_of(model: AllianceModel, row: int) -> Charter:
    """Return the charter of the alliance in a row of the tables."""
    of, pilot = model.state.alliances, model.config.pilot
    kind = int(of.type[row])
    threshold = by_type(kind, pilot.threshold, pilot.threshold_coopetition, pilot.threshold, pilot.threshold)
    return Charter(
        row, ALLIANCE_TYPES[kind], int(of.founded[row]), _objective(model, row), _kpi(model, row),
        None if kind == RND else float(threshold), _partners(model, row), int(of.pilot_months[row]),
        float(of.budget[row]),
        {"shared": float(of.data_shared[row]), "anonymised": float(of.data_anonymised[row]),
         "access": float(of.data_access[row])},
        {clause: float(getattr(of, clause)[row]) for clause in ("nda", "compartments", "access", "hr", "non_solicit")},
        OWNERS[of.owner[row]], MODES[of.mode[row]], float(of.completeness[row]), float(of.decision_rights[row]),
        float(of.dashboard[row]), bool(of.dispute_clause[row]), int(of.notice[row]), float(of.penalty[row]))


def _objective(model: AllianceModel, row: int) -> str:
    of = model.state.alliances
    kind, scope = ALLIANCE_TYPES[of.type[row]], int(of.scope[row])
    what = " and ".join(name for k, name in enumerate(SCOPES) if scope >> k & 1) or "nothing"
    if kind == "rnd":
        what = CAPABILITIES[of.target[row]] + (", in few large steps" if of.radical[row] else ", in many small steps")
    elif kind == "infrastructure":
        what = ", which the members own" if of.installed[row] > 0.0 else ", for a rent"
    return OBJECTIVES[kind].format(what=what)


def _kpi(model: AllianceModel, row: int) -> str:
    of, pilot = model.state.alliances, model.config.pilot
    if of.type[row] == RND:
        return "a sprint done" if of.radical[row] else "a sprint that succeeds"
    sales = "the sales the market is moving to" if pilot.kpi == "leading" else "the sales of the month"
    control = ", less what unallied firms gained" if pilot.control else ""
    return f"gross margin at {sales}, against the {_months(pilot.baseline)} before{control}"


def _partners(model: AllianceModel, row: int) -> tuple[Partner, ...]:
    state = model.state
    members, of = state.memberships, state.alliances
    ever = np.flatnonzero(members.alliance[:state.world.n_memberships] == row).astype(np.int32)
    until = members.left[ever]
    rows = ever[(until < 0) | (until == of.ended[row])]
    first = ever[0] if of.pilot_months[row] > 0 else -1
    proposes = "lead" if MODES[of.mode[row]] == "lead" else "proposer"

    def role(r: int) -> str:
        return proposes if r == first else "admitted" if members.joined[r] > max(0, of.founded[row]) else "member"

    return tuple(
        Partner(model.names(members.firm_key[r]), role(r), int(members.joined[r]), float(share),
                float(members.flat[r]), float(members.share[r]))
        for r, share in zip(rows.tolist(), relative(rows, members.agreed).tolist(), strict=True))


def _partner(one: Partner) -> str:
    flat = f" and {one.flat:.2f} k€ a month" if one.flat else ""
    since = f" in month {one.joined}" if one.role == "admitted" else ""
    return f"{one.firm}, {one.role}{since}: {one.share:.0%} of what is shared{flat}, {one.liability:.0%} of losses"


def _months(number: int) -> str:
    return f"{number} month{'' if number == 1 else 's'}"


def _clauses(clauses: dict[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in clauses.items() if value > 0.0) or "none"
