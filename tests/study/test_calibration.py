"""Calibration alone sets the defaults that are called fitted, and validation is on seeds that it did not see."""

import json
from pathlib import Path

import pytest

import allysim as al
from allysim.config.scenario import settable
from allysim.study.validation import FIRST_SEED

FOUND = json.loads((Path(__file__).parents[2] / "results" / "calibration" / "fitted.json").read_text(encoding="utf-8"))


def test_fitted_defaults_are_those_of_the_calibration() -> None:
    """Values, and ranges as what is not implausible, of every parameter called fitted and of no other."""
    fitted = {key: field for key, field in settable().items() if "fitted" in field.parameter.source}
    defaults = al.scenario().flat()
    assert {row["key"] for row in FOUND["fitted"]} == set(fitted)
    for row in FOUND["fitted"]:
        parameter = fitted[row["key"]].parameter
        assert defaults[row["key"]] == row["value"]
        assert (parameter.low, parameter.high) == pytest.approx((row["low"], row["high"]), rel=.06)
        assert parameter.low <= row["value"] <= parameter.high


def test_validation_takes_other_seeds_than_calibration() -> None:
    """Those that were fitted to (1, 3 ...) and judged by (2000, 2002 ...) come before."""
    assert max(2 * FOUND["seeds"] - 1, 2000 + 2 * FOUND["fresh"]) < FIRST_SEED
