"""What a long life costs: memory that stays flat over months. (That a dropped model is freed: tests/mesa.)"""

import tracemalloc

import numpy as np
import pytest

import allysim as al

EARLY, LATE = 36, 120
FIRMS = 200
POOLS = {"background.strategy": "procurement_first"}
"""Firms only buy together. Where they ally in every way, as by default, they do so more often, over many years."""

LIVELY = {"choice.search_months": 3, "conduct.temptation": 9.0, "demography.exit_incumbent": .01,
          "demography.exit_entrant": .03}
"""Firms exit and are replaced, alliances break and are founded anew, all more often than by default."""


def table_bytes(model):
    """Return the bytes of each table."""
    state = model.state
    return {name: sum(np.asarray(column).nbytes for column in vars(getattr(state, name)).values())
            for name in ("firms", "ties", "alliances", "memberships")}


@pytest.mark.parametrize(("settings", "most"), [({}, 2.5), (POOLS, 2), (LIVELY, 2), (POOLS | LIVELY, 2)],
                         ids=["as it is", "pools", "lively", "lively pools"])
def test_tables_grow_no_faster_than_what_they_hold(settings, most):
    """After 120 months against after 36 the firms take exactly as much, and all tables a small multiple, `most`.

    Alliances and memberships are kept when they end, since a run tells of all of them, and ties while both
    firms live. Their tables double when they are full, so that none takes more than twice what its rows need.
    """
    model = al.AllianceModel(al.scenario("supply_stress", months=LATE, **{"firms.n": FIRMS}, **settings), rng=1,
                             records="outcomes")
    seen = {}
    for month in range(1, LATE + 1):
        model.step()
        if month in (EARLY, LATE):
            rows = {name: getattr(model.state.world, f"n_{name}") for name in ("ties", "alliances", "memberships")}
            seen[month] = table_bytes(model), rows
    (early, rows_early), (late, rows_late) = seen[EARLY], seen[LATE]
    assert late["firms"] == early["firms"]
    for table, rows in rows_late.items():
        assert rows >= rows_early[table] > 0
        assert late[table] <= 2 * rows / rows_early[table] * early[table]
    assert sum(late.values()) <= most * sum(early.values())


def test_a_month_leaves_nothing_but_its_figures():
    """Python's own memory with records=outcomes grows by a row of figures a month, a few kilobytes, and no more."""
    model = al.AllianceModel(al.scenario(months=LATE, strategy="stand_alone", **{
        "background.strategy": "stand_alone", "firms.n": FIRMS}), rng=1, records="outcomes")
    for _ in range(EARLY):
        model.step()
    tracemalloc.start()
    try:
        model.step()  # caches fill
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(LATE - EARLY - 1):
            model.step()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown / (LATE - EARLY - 1) < 4096
