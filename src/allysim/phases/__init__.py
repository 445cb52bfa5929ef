"""The month, phase by phase; each phase says which columns it reads and writes.

A phase is called as ``phase(model)`` and changes ``model.state``; it is thin and calls mechanisms and
rules. `SCHEDULE` is the order of the month.
"""

from allysim.phases.accounting import accounting
from allysim.phases.assessment import assessment
from allysim.phases.collaboration import collaboration
from allysim.phases.conduct import conduct
from allysim.phases.demography import demography
from allysim.phases.environment import environment
from allysim.phases.formation import formation
from allysim.phases.gates import gates
from allysim.phases.market import market
from allysim.phases.operations import operations
from allysim.phases.strategy import strategy

SCHEDULE = (environment, market, operations, collaboration, conduct, accounting, assessment, gates, strategy,
            formation, demography)
"""The phases of a month, in order."""
