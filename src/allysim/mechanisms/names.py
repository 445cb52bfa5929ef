"""Names of segments, capabilities and culture, and what each segment asks of a firm (F22)."""

import numpy as np

from allysim.data import CAPABILITIES, SEGMENTS

SEGMENT_SHARES = (0.55, 0.15, 0.10, 0.20)
CULTURE = ("speed", "risk", "compliance")

_WEIGHTS = {
    "legacy": {"hardware": 0.45, "sourcing": 0.20, "logistics": 0.15, "service": 0.10, "marketing": 0.10},
    "electric": {"battery": 0.35, "hardware": 0.20, "software": 0.20, "sourcing": 0.15, "marketing": 0.10},
    "software": {"software": 0.50, "data": 0.25, "service": 0.15, "marketing": 0.10},
    "services": {"service": 0.40, "logistics": 0.20, "marketing": 0.20, "data": 0.20},
}

WEIGHTS = np.array([[_WEIGHTS[s].get(c, 0.0) for c in CAPABILITIES] for s in SEGMENTS])
"""w_sc, importance of capability c in segment s (S, C); rows sum to 1. Tag A."""
