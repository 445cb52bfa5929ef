"""F2 learning by doing: Wright (1936); progress ratios of Argote & Epple (1990), Science 247."""

import math

from allysim.jit import equation


@equation
def learning_factor(experience, segment_mean, learning):
    """Return (X / mean X)^-beta with beta = -log2 of the progress ratio; 1 at the segment's mean."""
    exponent = math.log(learning.progress_ratio) / math.log(2.0)
    return (experience / segment_mean) ** exponent
