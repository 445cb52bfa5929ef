"""Boxes: a planted one is found and confirmed, and where there is none nothing is claimed."""

import math
import sys

import numpy as np
import pytest

from allysim.analysis.boxes import Box, Limit, Part, box
from allysim.errors import AllysimError

KEYS = ("pilot.months", "leaks.hazard", "culture.distance")


def planted(points=400, seed=1, noise=.05):
    rng = np.random.default_rng(seed)
    x = rng.random((points, 3)) * [12, .04, 1]
    return x, ((x[:, 0] < 4.2) & (x[:, 1] > .013)) ^ (rng.random(points) < noise)


def test_a_planted_box_is_found_and_confirmed():
    x, failing = planted()
    found = box(x, failing, KEYS)
    assert [limit.key for limit in found.limits] == ["pilot.months", "leaks.hazard"]
    months, hazard = found.limits
    assert months.high == pytest.approx(4.2, abs=.4) and math.isnan(months.low) and months.p_high < 1e-6
    assert hazard.low == pytest.approx(.013, abs=.002) and math.isnan(hazard.high) and math.isnan(hazard.p_high)
    assert found.confirmed and found.found.density > .9 and found.found.coverage > .75
    assert found.held_out.density > .8 and found.held_out.points + found.found.points == found.holds(x, KEYS).sum()
    said = found.sentence("lose money")
    assert said.startswith("Where `pilot.months` is below 4.") and "`leaks.hazard` is above 0.01" in said
    assert f"Held-out points confirm it: {found.held_out.failing} of {found.held_out.points} there lose money" in said


def test_shares_are_counts():
    x, failing = planted()
    found = box(x, failing, KEYS)
    inside = found.holds(x, KEYS)
    both = found.found.failing + found.held_out.failing
    assert both == (inside & failing).sum()
    assert found.found.density == found.found.failing / found.found.points
    assert found.found.mass == found.found.points / 300


def test_a_slab_in_the_middle_has_two_limits():
    x, _ = planted()
    found = box(x, (x[:, 0] > 3) & (x[:, 0] < 6), KEYS)
    assert found.where.startswith("`pilot.months` is between ") and len(found.limits) == 1
    assert (found.limits[0].low, found.limits[0].high) == pytest.approx((3, 6), abs=.4)


def test_where_most_points_fail_the_box_is_still_found():
    x, _ = planted()
    found = box(x, x[:, 0] > 3, KEYS)
    assert found.where.startswith("`pilot.months` is above 3") or found.where.startswith("`pilot.months` is above 2.9")
    assert found.confirmed


def test_where_there_is_no_box_none_is_confirmed():
    confirmed = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        confirmed += box(rng.random((200, 3)), rng.random(200) < .3, KEYS).confirmed
    assert confirmed <= 1


def test_a_box_that_held_out_points_do_not_bear_out_is_called_so():
    part = Part(20, 16, .8, .5, .2, .3)
    held_out = Part(10, 3, .3, .3, .2, .3)
    found = Box((Limit("pilot.months", math.nan, 4.0, math.nan, .01),), part, held_out, False)
    assert found.sentence() == (
        "Where `pilot.months` is below 4.00, 80 % of points fail, against 30 % of all. The box holds 50 % of all "
        "points that fail. Held-out points do not confirm it: 3 of 10 there fail, against 30 % of all held-out points.")
    few = found._replace(held_out=Part(3, 3, 1, 1, .1, .3)).sentence()
    assert few.endswith("Too few held-out points lie there to confirm it (3).")


@pytest.mark.parametrize("failing", [False, True])
def test_where_all_or_none_fail_there_is_no_box(failing):
    x, _ = planted()
    found = box(x, np.full(len(x), failing), KEYS)
    assert found.limits == () and found.where == "" and not found.confirmed
    share = "100 %" if failing else "0 %"
    assert found.sentence() == f"No box of parameters is clearly denser than the whole, of which {share} fail."


def test_refusals(monkeypatch):
    x, failing = planted(39)
    with pytest.raises(AllysimError, match="takes 40 points or more, not 39"):
        box(x, failing, KEYS)
    monkeypatch.setitem(sys.modules, "ema_workbench.analysis.prim", None)
    with pytest.raises(AllysimError, match=r"needs ema_workbench, .* pip install 'allysim\[studies\]'$"):
        box(*planted(), KEYS)
