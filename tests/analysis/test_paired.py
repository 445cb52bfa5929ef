"""Paired statistics against known answers, and their coverage."""

import numpy as np
import pytest

from allysim.analysis import paired


@pytest.mark.parametrize(("df", "quantile"), [
    (1, 12.7062047362), (2, 4.3026527297), (3, 3.1824463053), (4, 2.7764451052), (9, 2.2621571628),
    (10, 2.2281388520), (29, 2.0452296421), (99, 1.9842169516), (1000, 1.9623390808),
])
def test_t_quantile_meets_the_printed_tables(df, quantile):
    assert paired.t_quantile(.975, df) == pytest.approx(quantile, abs=1e-9)


def test_t_quantile_agrees_with_scipy_and_across_the_change_of_method():
    stats = pytest.importorskip("scipy.stats")
    for df in (1, 2, 5, 37, 500, 9_999, 10_000, 10_001, 1_000_000):
        for probability in (.6, .95, .975, .995):
            assert paired.t_quantile(probability, df) == pytest.approx(stats.t.ppf(probability, df), rel=1e-9)


def test_interval_by_hand():
    # Differences 1, 2, 3: mean 2, standard error 1/sqrt(3), t(.975, 2) = 4.302653.
    found = paired.paired_difference(np.array([2., 4., 6.]), np.array([1., 2., 3.]))
    assert (found.mean, found.n) == (2, 3)
    assert found.low == pytest.approx(2 - 4.3026527297 / 3**.5)
    assert found.high == pytest.approx(2 + 4.3026527297 / 3**.5)


def test_equal_values_differ_by_exactly_nothing():
    values = np.random.default_rng(1).normal(size=(7, 3)) * 1e3
    found = paired.paired_difference(values, values.copy())
    assert not found.mean.any() and not found.low.any() and not found.high.any()
    assert paired.verdict(0., 0., +1) == "no clear difference"


def test_missing_values_are_left_out_of_both_sides():
    a = np.array([[1., 5.], [2., np.nan], [3., np.nan], [np.nan, np.nan]])
    b = np.array([[0., 1.], [0., 2.], [0., 3.], [9., 4.]])
    found = paired.paired_difference(a, b)
    assert list(found.n) == [3, 1]
    assert list(found.mean) == [2., 4.]
    assert np.isnan(found.low[1]) and np.isnan(found.high[1])
    assert paired.verdict(found.low[1], found.high[1]) == "too few runs"


def test_coverage_of_the_interval():
    """Of 4 000 intervals from 12 skewed paired differences 95 % should hold the true mean.

    Differences are gamma (shape 4, skewness 1) less their mean. The standard error of a share of
    .95 over 4 000 is .0034; Student's t loses about a point to skewness at n = 12, so .925 to .960
    is asked for: a correct interval would fail this less than once in a thousand sets of seeds.
    """
    draws = np.random.default_rng(20260101).gamma(4, size=(12, 4000)) - 4
    found = paired.interval_of_mean(draws)
    covered = np.mean((found.low <= 0) & (found.high >= 0))
    assert .925 < covered < .960


def test_pairing_narrows_what_shares_its_luck():
    generator = np.random.default_rng(7)
    luck = generator.normal(0, 10, 50)
    a, b = luck + generator.normal(1, 1, 50), luck + generator.normal(0, 1, 50)
    together = paired.paired_difference(a, b)
    apart = paired.paired_difference(a, generator.permutation(b))
    assert (together.high - together.low) < .3 * (apart.high - apart.low)
    assert together.low > 0


def test_quantile_band_with_and_without_gaps():
    values = np.arange(11.)[:, None] * [1., 2.]
    low, high = paired.quantile_band(values)
    assert list(low) == [1., 2.] and list(high) == [9., 18.]
    values[0, 1] = np.nan
    low, high = paired.quantile_band(values)
    assert (low[0], high[0]) == (1., 9.)
    assert (low[1], high[1]) == pytest.approx((3.8, 18.2))


@pytest.mark.parametrize(("low", "high", "better", "said"), [
    (1, 2, +1, "better"), (1, 2, -1, "worse"), (-2, -1, +1, "worse"), (-2, -1, -1, "better"),
    (1, 2, 0, "higher"), (-2, -1, 0, "lower"), (-1, 1, +1, "no clear difference"), (0, 3, +1, "no clear difference"),
])
def test_verdict(low, high, better, said):
    assert paired.verdict(low, high, better) == said


def test_replications_needed():
    unclear = paired.Interval(np.array(1.), np.array(-1.), np.array(3.), np.array(10), np.array(np.nan))
    assert paired.replications_needed(unclear) == 40
    nothing = paired.Interval(np.array(0.), np.array(0.), np.array(0.), np.array(10), np.array(0.))
    assert paired.replications_needed(nothing) is None
