"""A firm's place in an alliance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.ecosystem import learn
from twin.firm import TwinFirm, recent_mean
from twin.terms import Terms
from twin.words import AS_AGREED, BOOKED

if TYPE_CHECKING:
    from twin.alliances import TwinAlliance


class TwinMembership:
    """One firm in one alliance; months are None where they have not come."""

    def __init__(self, firm: TwinFirm, alliance: TwinAlliance, share: float, joined: int, gain: float = 0.0) -> None:
        self.firm, self.firm_key, self.alliance = firm, firm.key, alliance
        self.share, self.joined = share, joined
        self.terms = Terms()
        self.left: int | None = None
        self.leaving: int | None = None  # the month in which notice runs out
        self.cause = ""
        self.gain, self.gain_months = gain, 0  # what it expects to gain a month, k€
        self.expected = gain
        self.booked = dict.fromkeys(BOOKED, 0.0)  # so far, k€, what it received above 0
        self.saving = self.fee = self.worth = self.split = self.governance = 0.0
        self.match = 1.0  # part of its own fixed cost that the others match, set at the month's end
        self.effort = 1.0  # R&D spending over what is budgeted
        self.effective, self.helped = 1.0, 0.0  # research that works for it, and its partners' part of that
        self.learned = self.borrowed = 0.0  # what sprints added and is still there, and its partners' part of that
        self.conduct = AS_AGREED
        self.renew_baseline()
        firm.memberships.append(self)
        alliance.members.append(self)
        firm.model.memberships.append(self)

    @property
    def oldest_of_its_kind(self) -> bool:
        """Whether the firm is in no older alliance of this type."""
        return self.firm.oldest(self.alliance.kind) is self

    def renew_baseline(self) -> None:
        """F20: set what the KPI is compared with: the mean of the last months, of the firm and its control group."""
        model, window = self.firm.model, self.firm.model.config.pilot.baseline
        group = self.firm.home, self.firm.large
        self.baseline = recent_mean(self.firm.bare_margins, window)
        self.control_base = recent_mean([month[group] for month in model.control_past], window)

    def mean_trust(self) -> float:
        """Return the firm's mean trust in the other members."""
        others = [m.firm for m in self.alliance.members if m is not self]
        return sum(self.firm.trust_in(other) for other in others) / len(others)

    def leave(self, month: int, cause: str) -> None:
        """Leave the alliance now."""
        learn(self)
        self.left, self.cause = month, cause
        self.alliance.members.remove(self)
        self.firm.memberships.remove(self)
        self.firm.model.tell("left", self.firm_key, self.alliance.number, cause)
