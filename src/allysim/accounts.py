"""The outside accounts of the ledger: whoever stands beyond the firms.

Money is never made or lost: every flow is from one account to another, and the cash of all firms
plus the balances of these accounts is constant.
"""

from enum import IntEnum


class Outside(IntEnum):
    """Index of an outside account in ``world.outside``; in the ledger it is coded -1 - index."""

    CUSTOMERS = 0
    SUPPLIERS = 1
    PRODUCTION = 2
    OVERHEADS = 3
    MARKETING = 4
    PURCHASING_AGENTS = 5
    GOVERNANCE_SERVICES = 6
    SETUP_SERVICES = 7
    DESTROYED = 8
    OWNERS = 9
    ENTRANTS_CAPITAL = 10
    LIQUIDATION = 11
    EQUIPMENT = 12
    RESEARCH = 13
    FINES = 14
    WAREHOUSES = 15
    MAINTENANCE = 16
    STAFF_LET_GO = 17
    DEVELOPMENT = 18
    CREDITORS = 19


OUTSIDE = tuple(account.name.lower().replace("_", " ") for account in Outside)
"""Names of the outside accounts as the ledger shows them; no firm may bear one."""

ALL_FIRMS = "all firms"
"""Whom the sums of all firms are of; no firm may bear this name either."""
