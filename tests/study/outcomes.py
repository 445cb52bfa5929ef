"""Outcomes of a known function of three parameters, with and without luck, for studies that are to find it again."""

import math

import numpy as np

A, B = 7.0, .1


def angles(run):
    """Return the three parameters of a run, brought to -pi to pi by their intervals."""
    config = run.scenario
    unit = ((config.customers.launch_gain - 0) / 1, (config.firms.ebitda_margin - 0) / .5,
            (config.firms.cash_months - 0) / 100)
    return [math.pi * (2 * u - 1) for u in unit]


def function(run):
    """Ishigami & Homma (1990)."""
    x, y, z = angles(run)
    return math.sin(x) + A * math.sin(y) ** 2 + B * z ** 4 * math.sin(x)


def noisy(run):
    """The same with luck of its own in every run."""
    key = [run.seed, *(np.abs(np.array(angles(run))) * 1e6).astype(int)]
    return function(run) + 3.0 * np.random.default_rng(key).standard_normal()


def fails(run):
    """Fail for one seed in twenty."""
    if run.seed % 20 == 7:
        raise ValueError(f"seed {run.seed} is not liked")
    return 1.0


def dies(run):
    """End the process that runs it, once: a mark beside this file says that it has happened."""
    import os
    from pathlib import Path

    mark = Path(os.environ["ALLYSIM_TEST_MARK"])
    if run.seed == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), 9)
    return float(run.seed)


def kills(run):
    """End the process that runs it, each time, for one seed."""
    import os

    if run.seed == 5:
        os.kill(os.getpid(), 9)
    return float(run.seed)
