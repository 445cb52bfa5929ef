"""Keyed random numbers: published known answers, uniformity, and no echo between neighbouring keys.

Seeds and keys are fixed, so every test passes or fails for good. Each statistical test accepts what a
truly random generator would show in all but one of 10 000 trials (error rate 1e-4), unless it says otherwise.
"""

from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from allysim.draws import Purpose, firm_key, fold, normal, normal_quantile, stream, uniform, uniforms

PUBLISHED = (6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821)
"""First outputs of SplitMix64 from state 1234567, as the reference implementation prints them."""

ERROR_RATE = 1e-4
NORMAL_BOUND = NormalDist().inv_cdf(1 - ERROR_RATE / 2)
KEYS = np.arange(100_000, dtype=np.uint64)
LEVELS = ("seed", "purpose", "month", "who", "what")


def drawn(who=KEYS, seed=1, purpose=Purpose.DEMAND, month=1, what=0):
    return uniforms(stream(seed, purpose, month), who, what)


def neighbour(level):
    """The draws of KEYS with one level of the key moved on by one."""
    if level == "who":
        return drawn(KEYS + np.uint64(1))
    return drawn(**{level: {"seed": 2, "purpose": Purpose.DEMAND + 1, "month": 2, "what": 1}[level]})


def folded(state, indices):
    return np.array([int(fold(np.uint64(state), np.uint64(i))) for i in indices], dtype=np.uint64)


def is_random_square(x, y, cells=32):
    """Whether points in the unit square fill its cells as evenly as chance would (chi-squared)."""
    counts = np.histogram2d(x, y, bins=cells, range=[[0, 1], [0, 1]])[0]
    return stats.chisquare(counts.ravel()).pvalue > ERROR_RATE


@pytest.mark.smoke
def test_published_answers_of_splitmix64():
    with np.errstate(over="ignore"):
        assert tuple(folded(1234567, range(5)).tolist()) == PUBLISHED


def test_a_stream_is_three_folds_and_a_draw_two_more():
    with np.errstate(over="ignore"):
        state = np.uint64(0)
        for level in (7, int(Purpose.EXIT), 30):
            state = fold(np.uint64(state), np.uint64(level))
        assert int(stream(7, Purpose.EXIT, 30)) == int(state)
        bits = int(fold(np.uint64(fold(np.uint64(state), np.uint64(5))), np.uint64(2)))
    assert uniforms(stream(7, Purpose.EXIT, 30), np.array([5], dtype=np.uint64), 2)[0] == ((bits >> 11) + .5) / 2**53


@pytest.mark.parametrize("p", [1e-300, 1e-16, 1e-10, 1e-6, .001, .02, .0749, .0751, .3, .5, .7, .9249, .9251, .98,
                               .999, 1 - 1e-10, 1 - 1e-15])
def test_normal_quantile(p):
    exact = NormalDist().inv_cdf(p) if p > 1e-20 else float(stats.norm.ppf(p))
    assert normal_quantile(p) == pytest.approx(exact, rel=1e-12, abs=1e-12)


def test_a_normal_draw_is_the_quantile_of_the_uniform_one():
    state = stream(3, Purpose.DEMAND, 4)
    with np.errstate(over="ignore"):
        u, x = uniform(state, np.uint64(9), 1), normal(state, np.uint64(9), 1)
    assert NormalDist().cdf(x) == pytest.approx(u, abs=1e-12)


def test_draws_are_uniform():
    """Kolmogorov-Smirnov on 10^6 draws, and none of them 0 or 1 (error rate 1e-4)."""
    u = drawn(np.arange(1_000_000, dtype=np.uint64))
    assert stats.kstest(u, "uniform").pvalue > ERROR_RATE
    assert u.min() > 0.0 and u.max() < 1.0


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_of_the_key_alone_gives_uniform_draws(level):
    """20 000 draws or more that differ in one level: Kolmogorov-Smirnov, serial correlation (error rate 2e-4 each)."""
    if level == "who":
        u = drawn()
    elif level == "what":
        with np.errstate(over="ignore"):
            bits = folded(fold(stream(1, Purpose.DEMAND, 1), np.uint64(5)), range(20_000))
        u = ((bits >> np.uint64(11)) + .5) / 2**53
    else:
        one = np.array([5], dtype=np.uint64)
        u = np.array([drawn(one, **{level: k})[0] for k in range(1, 20_001)])
    assert stats.kstest(u, "uniform").pvalue > ERROR_RATE
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) * np.sqrt(u.size) < NORMAL_BOUND


@pytest.mark.parametrize("level", LEVELS)
def test_neighbouring_keys_share_nothing(level):
    """Correlation and 32 x 32 chi-squared of 10^5 draws against those of the next key (error rate 2e-4 each)."""
    u, v = drawn(), neighbour(level)
    assert abs(np.corrcoef(u, v)[0, 1]) * np.sqrt(u.size) < NORMAL_BOUND
    assert is_random_square(u, v)


def test_the_two_firms_of_a_pair_share_nothing():
    """(i, j) against (j, i), (i, j + 1) and (i + 1, j) for 50 000 pairs (error rate 2e-4 for each of the three)."""
    many = np.arange(318, dtype=np.uint64)
    state = stream(1, Purpose.TEMPTATION, 1)
    table = np.column_stack([uniforms(state, many, j) for j in range(318)])
    i, j = np.triu_indices(317, 1)
    mine = table[i, j]
    for other in (table[j, i], table[i, j + 1], table[i + 1, j]):
        assert abs(np.corrcoef(mine, other)[0, 1]) * np.sqrt(mine.size) < NORMAL_BOUND
        assert is_random_square(mine, other)


@pytest.mark.parametrize("lag", [1, 2, 7, 64])
def test_serial_pairs_fill_the_square(lag):
    """Draws of firms `lag` slots apart, 32 x 32 chi-squared over disjoint pairs (error rate 1e-4 each)."""
    u = drawn()
    first = np.arange(u.size - lag)
    first = first[(first // lag) % 2 == 0]
    assert is_random_square(u[first], u[first + lag])


def test_every_bit_is_random():
    """Each of the 64 bits of 20 000 folded keys is set half of the time (error rate 1e-4 over all 64)."""
    with np.errstate(over="ignore"):
        bits = folded(stream(1, Purpose.VISIBLE, 1), range(20_000))
    ones = np.array([((bits >> np.uint64(b)) & np.uint64(1)).mean() for b in range(64)])
    bound = NormalDist().inv_cdf(1 - ERROR_RATE / 2 / 64)
    assert np.abs(ones - .5).max() * 2 * np.sqrt(bits.size) < bound


def test_identities_and_draws_do_not_collide():
    """Slots and generations give different keys, and a million draws differ but for chance (5e-5 of a repeat)."""
    keys = [int(firm_key(slot, generation)) for slot in range(300) for generation in range(300)]
    assert len(set(keys)) == len(keys)
    assert int(firm_key(2**32 - 1, 2**31 - 1)) == (2**31 - 1) << 32 | 2**32 - 1
    u = drawn(np.arange(1_000_000, dtype=np.uint64))
    assert np.unique(u).size == u.size


def test_a_draw_does_not_depend_on_what_was_drawn_before():
    forwards, backwards = drawn(), drawn(KEYS[::-1])[::-1]
    few = drawn(KEYS[[99_999, 5, 70]])
    assert np.array_equal(forwards, backwards)
    assert np.array_equal(few, forwards[[99_999, 5, 70]])


def test_purposes_are_never_reused():
    assert len({int(p) for p in Purpose}) == len(Purpose.__members__)
