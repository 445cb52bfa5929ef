"""What the charter of an alliance says of know-how and data, written into its row and binding from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allysim.config.protection import OWNERS

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.state import Alliances


def protect(alliances: Alliances, rows: Any, settings: Scenario) -> None:
    """Write the IP protection and data sharing in force now into `rows` (a slice or rows) of new alliances."""
    protection, data = settings.ip_protection, settings.data_sharing
    for column in ("nda", "compartments", "access", "hr", "non_solicit"):
        getattr(alliances, column)[rows] = getattr(protection, column)
    alliances.owner[rows] = OWNERS.index(protection.owner)
    alliances.data_shared[rows] = data.shared
    alliances.data_anonymised[rows] = data.anonymised
    alliances.data_access[rows] = data.access
