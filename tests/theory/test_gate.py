"""Limit 9: how often a pilot's gate is wrong, against the closed form of a Bayes gate (F20; C19).

Members believe q ~ N(m0, s0^2). After n signals q + e + noise, e an error that stays, the belief is normal with mean
m0 + w (ybar - m0) and variance w v, w = s0^2 / (s0^2 + v), v = sp^2 + sigma^2 / n. Pr(q > theta) > g just if ybar is
above a limit; and given q, ybar is normal with variance se^2 + sigma^2 / n, se being what the error really is: .06 with
a control group, as believed, and .07 without. So the chance of go is a normal probability.
"""

import math
from statistics import NormalDist

import numpy as np
import pytest

from allysim.analysis.gate import chances
from allysim.config.parameters import Pilot
from allysim.mechanisms.belief import chance_above, posterior
from allysim.rules.gate import EXTEND, GO, STOP, Bayes, Gates

MONTHS, NOISE, GAINS = (1, 3, 6, 12), (.05, .10, .20), (0.0, .02, .05, .10)
PERSISTS = {True: .06, False: .07}
"""Control group or none to the sd of the error that stays."""
PILOTS = 3000
Z = 4.3
"""Two-sided: a test of 192 shares by this many standard errors fails by chance in one of 300 runs."""

PILOT = Pilot()
N = NormalDist()


def limit(months, noise, chance):
    """The mean signal above which Pr(q > theta) exceeds `chance`."""
    error = PILOT.persistent**2 + noise**2 / months
    weight = PILOT.prior_sd**2 / (PILOT.prior_sd**2 + error)
    least = PILOT.threshold + N.inv_cdf(chance) * math.sqrt(weight * error)
    return PILOT.prior_mean + (least - PILOT.prior_mean) / weight


def expected(q, months, noise, control):
    """The chances of go and of stop at the first gate of a pilot that gains q."""
    sd = math.sqrt(PERSISTS[control]**2 + noise**2 / months)
    return (1.0 - N.cdf((limit(months, noise, PILOT.go) - q) / sd),
            N.cdf((limit(months, noise, PILOT.stop) - q) / sd))


def verdicts(rng, q, months, noise, control):
    """Verdicts on pilots that gain q, by the engine's own belief and gate, their budgets kept."""
    stays = PERSISTS[control] * rng.standard_normal(PILOTS)
    sums = (q + stays)[:, None] + noise * rng.standard_normal((PILOTS, months))
    beliefs = [posterior(PILOT.prior_mean, PILOT.prior_sd**2, total, months, PILOT.persistent, noise)
               for total in sums.sum(axis=1).tolist()]
    mean = np.array([m for m, _ in beliefs])
    sd = np.sqrt([v for _, v in beliefs])
    chance = np.array([chance_above(PILOT.threshold, m, s) for m, s in zip(mean.tolist(), sd.tolist(), strict=True)])
    nothing, no = np.zeros(PILOTS), np.zeros(PILOTS, dtype=np.bool_)
    return Bayes(PILOT.go, PILOT.stop).decide(
        Gates(chance, mean, sd, nothing, nothing + 1.0, nothing + PILOT.threshold, no, no))


@pytest.mark.parametrize("control", [True, False], ids=["control", "no control"])
def test_false_go_and_false_stop_are_those_of_the_closed_form(control):
    rng = np.random.default_rng(20)
    print(f"{'control' if control else 'no control'}: go (stop) at the first gate in %, simulated / closed form")
    for months in MONTHS:
        for noise in NOISE:
            told = []
            for q in GAINS:
                found = verdicts(rng, q, months, noise, control)
                for share, true in zip(((found == GO).mean(), (found == STOP).mean()),
                                       expected(q, months, noise, control), strict=True):
                    assert abs(share - true) <= Z * math.sqrt(true * (1.0 - true) / PILOTS) + 1.0 / PILOTS, (q, months)
                go, stop = expected(q, months, noise, control)
                told.append(f"q={q:.2f} {100 * (found == GO).mean():4.1f}/{100 * go:4.1f} "
                            f"({100 * (found == STOP).mean():4.1f}/{100 * stop:4.1f})")
                assert set(np.unique(found)) <= {GO, EXTEND, STOP}
            print(f"  {months:2d} months, noise {noise:.2f}: " + ", ".join(told))


def go(q, months=3, noise=.10, control=True):
    return expected(q, months, noise, control)[0]


def stop(q, months=3, noise=.10, control=True):
    return expected(q, months, noise, control)[1]


def test_what_the_closed_form_says_of_the_guide_s_ninety_days():
    """Longer pilots and less noise find more gains; what is none goes on hardly less often, since an error stays."""
    print(f"3 months, noise .10, control: false go {go(0.0):.3f}, go of a gain of 10 % {go(.10):.3f}, "
          f"false stop of it {stop(.10):.3f}; after 12 months {go(0.0, 12):.3f}, "
          f"{go(.10, 12):.3f}, {stop(.10, 12):.3f}")
    assert go(.10, 12) > go(.10, 3) > go(.10, 1) and go(.10, 3, .05) > go(.10, 3, .20)
    assert go(0.0, control=False) > go(0.0) and stop(.10, control=False) > stop(.10)
    # what stays is not averaged out: after ever so many months the best gate is wrong as often as this
    assert go(0.0, 10_000) == pytest.approx(1.0 - N.cdf(limit(10_000, .10, PILOT.go) / PERSISTS[True]), abs=1e-3)
    assert go(0.0, 10_000) > .05


def test_by_hand():
    """Prior and error as large as each other: half of the mean signal counts."""
    mean, variance = posterior(.05, .01, .45, 3, 0.0, math.sqrt(.03))
    assert (mean, variance) == pytest.approx((.10, .005))
    assert chance_above(.02, mean, math.sqrt(variance)) == pytest.approx(N.cdf(.08 / math.sqrt(.005)))


@pytest.mark.parametrize("months", MONTHS)
@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("q", GAINS)
def test_a_charter_names_these_chances(q, noise, months):
    found = chances(q, PILOT.threshold, months, (PILOT.prior_mean, PILOT.prior_sd), (PILOT.persistent, noise),
                    (PILOT.go, PILOT.stop))
    assert found == pytest.approx(expected(q, months, noise, control=True), abs=1e-12)


def test_chances_without_doubt():
    """Who measures exactly is never wrong; who is sure beforehand learns nothing; a bar of 1 lets nobody pass."""
    assert chances(.05, .02, 3, (0.0, .1), (0.0, 0.0), (.8, .2)) == (1.0, 0.0)
    assert chances(.05, .02, 3, (0.0, 0.0), (.06, .1), (.8, .2)) == (0.0, 1.0)
    assert chances(.50, .02, 3, (0.0, .1), (.06, .1), (1.0, 0.0)) == (0.0, 0.0)
