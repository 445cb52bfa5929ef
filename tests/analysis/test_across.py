"""What is left of a design some of whose runs failed, and what a difference over it is then."""

import numpy as np
import pytest

from allysim.analysis.across import across
from allysim.analysis.design import complete, left_out, whole_blocks


def outcomes(points=64, seeds=20):
    luck = np.random.default_rng(1)
    return np.linspace(-1, 3, points)[:, None] + luck.normal(size=seeds) + luck.normal(size=(points, seeds))


def test_a_seed_that_fails_at_every_point_costs_its_own_pairs_alone():
    values = outcomes()
    values[:, 6] = np.nan
    found = across(values)
    assert found == across(np.delete(outcomes(), 6, axis=1))
    assert (found.points, found.seeds) == (64, 19) and found.low < found.mean < found.high


def test_a_point_that_fails_under_all_seeds_costs_its_own_pairs_alone():
    values = outcomes()
    values[6] = np.nan
    assert across(values) == across(np.delete(outcomes(), 6, axis=0))


def test_one_point_keeps_the_seeds_that_succeeded():
    values = outcomes(points=1)
    values[0, [3, 8]] = np.nan
    assert across(values) == across(np.delete(outcomes(points=1), [3, 8], axis=1))


def test_failures_here_and_there_leave_an_interval():
    luck = np.random.default_rng(2)
    values = np.where(luck.random((64, 20)) < .05, np.nan, outcomes())
    points, seeds = complete(values)
    kept, missing = values[points][:, seeds], np.isnan(values)
    assert np.isfinite(kept).all()
    assert kept.size >= 20 * (~missing.any(axis=1)).sum() > 0 and kept.size >= 64 * (~missing.any(axis=0)).sum()
    found = across(values)
    assert found.points * found.seeds == kept.size and np.isfinite([found.low, found.high]).all()


def test_nothing_is_left_out_where_nothing_failed_and_nothing_left_where_all_did():
    assert all(kept.all() for kept in complete(outcomes())) and left_out(*complete(outcomes())) == ""
    found = across(np.full((4, 3), np.nan))
    assert (found.points, found.seeds) == (0, 0) and np.isnan(found.mean)


def test_blocks_lose_the_seed_and_keep_their_rows():
    values = outcomes(points=12)
    values[1, 4] = values[7, 4] = values[10, 4] = np.nan
    rows, kept = whole_blocks(values, 3, "blocks")
    assert rows.all() and kept.tolist() == np.delete(values, 4, axis=1).tolist()
    values[7] = np.nan
    rows, kept = whole_blocks(values, 3, "blocks")
    assert np.flatnonzero(~rows).tolist() == [6, 7, 8]
    assert kept == pytest.approx(np.delete(np.delete(values, [6, 7, 8], axis=0), 4, axis=1))
