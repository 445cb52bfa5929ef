"""Limit 3: the threat of a grim trigger sustains co-operation iff delta >= (T - R) / (T - P) (Friedman 1971)."""

import pytest

import allysim as al

T, R, P = 72.0, 64.0, 57.0  # temptation, reward of co-operation, punishment
THRESHOLD = (T - R) / (T - P)
FIXED = f"""
from dataclasses import dataclass

@dataclass(frozen=True)
class Fixed:
    def defects(self, faced):
        return faced.gain * ({T} - {R}) / {R} > faced.threshold
"""


@pytest.fixture
def play(tmp_path, firms, quiet, free):
    """Return a function: months until the first breach at a discount factor, None if there is none."""
    path = tmp_path / "fixed.py"
    path.write_text(FIXED)
    world = {**quiet, **free, **firms(60.0, 60.0, 60.0, 60.0), "rules.conduct": f"{path}:Fixed"}
    game = {"conduct.punished_gain": P / R, "conduct.other_hazard": 0.0, "conduct.loyalty": 0.0}

    def played(delta, months=60):
        model = al.AllianceModel(**world, **game, rng=1,
                                 **{"conduct.delta": delta, "conduct.delta_distressed": delta})
        model.form_alliance([0, 1], stage="running")
        for _ in range(months):
            model.step()
            if model.state.firms.breaches.any():
                return model.month
        return None
    return played


def test_cooperation_is_sustained_from_the_threshold_on(play):
    assert pytest.approx(8 / 15) == THRESHOLD
    for delta in (THRESHOLD - .02, THRESHOLD - 1e-9, THRESHOLD + 1e-9, THRESHOLD + .02, .99):
        keep, cheat = R / (1 - delta), T + P * delta / (1 - delta)
        first = play(delta)
        print(f"delta {delta:.10f}: keeping on is worth {keep:.4f}, cheating once {cheat:.4f}; "
              f"first breach {'never' if first is None else f'in month {first}'}")
        assert (first is None) == (keep >= cheat)
        assert first in (None, 1)


def test_the_threshold_found_by_bisection(play):
    low, high = .5, .6
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (low, middle) if play(middle, months=1) is None else (middle, high)
    print(f"co-operation from delta {high:.12f} on; (T - R) / (T - P) = {THRESHOLD:.12f}")
    assert high == pytest.approx(THRESHOLD, abs=1e-11)
