"""Limit 7: with all endogenous ends off, alliances survive as the log-logistic hazard says (F17)."""

import numpy as np

import allysim as al

PAIRS, SCALE, SHAPE, MONTHS = 600, 60.0, 1.6, 120
LOOK = (12, 36, 60, 84, 120)
Z = 4.0  # two-sided: a test of five such looks fails by chance in less than one of 3 000 runs


def test_survival_is_loglogistic(quiet, free):
    """Half of 600 pairs have parted after `SCALE` months; every look within four standard errors."""
    settings = {"firms.n": 2 * PAIRS, "months": MONTHS, "separation.scale": SCALE, "separation.shape": SHAPE,
                "separation.rivalry": 1.0, "separation.per_member": 1.0}
    model = al.AllianceModel(**{**quiet, **free, **settings, "separation.procurement": 1.0}, rng=1)
    for k in range(PAIRS):
        model.form_alliance([2 * k, 2 * k + 1], stage="running")
    living = [len(model.alliances)]
    for _ in range(MONTHS):
        model.step()
        living.append(len(model.alliances))
    assert set(model.results().alliances.cause) == {"", "residual"}
    months = np.arange(1, MONTHS + 1)
    odds = (months / SCALE) ** SHAPE
    expected = np.cumprod(1 - SHAPE / months * odds / (1 + odds))  # the hazard strikes once a month
    smooth = 1 / (1 + odds)
    for month in LOOK:
        share, true = living[month] / PAIRS, expected[month - 1]
        error = np.sqrt(true * (1 - true) / PAIRS)
        print(f"month {month:3d}: {share:.3f} live, expected {true:.3f} +- {error:.3f} "
              f"(in continuous time {smooth[month - 1]:.3f})")
        assert abs(share - true) < Z * error
    assert np.abs(expected - smooth).max() < .01
