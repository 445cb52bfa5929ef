"""Off: with every mechanism at its off-value the model is the market alone, bit for bit.

The market alone is the month without the phases in which firms ally: what they yield, conduct, assessment, gates and
formation. Off-values come from the configuration, so that a new mechanism is switched off here with all others.
"""

import dataclasses

import numpy as np
import pytest

import allysim as al
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.scenario import settable
from allysim.phases import SCHEDULE

OFF = {key: field.parameter.off for key, field in settable().items() if field.parameter.off is not None}
OF_THE_MARKET = ("firms", "scenario", "market", "customers", "environment", "stock", "purchasing", "learning",
                 "demography")
"""Sections without which the market itself would stand still; what alliances do hangs on the others."""

ALLIANCES_OFF = {key: value for key, value in OFF.items() if key.partition(".")[0] not in OF_THE_MARKET}
WITHOUT_OFF_VALUE = {"research.budget": 0.0}
"""What costs money in an alliance that is there, and goes with those who seek none."""

ALONE = tuple(phase for phase in SCHEDULE if phase.__name__ in
              ("environment", "market", "operations", "accounting", "demography"))
WORLDS = {
    "calm": {"firms.n": 60},
    "stress": {"scenario": "supply_stress", "firms.n": 40, "firms.large_share": .3, "demography.exit_incumbent": .02,
               "firms.cash_months": .5, "demography.ruin_months": .5},
    "cournot": {"scenario": "supply_stress", "firms.n": 30, "rules.market": "cournot"},
}
SEEN_BY_ALLIES = {"margin", "bare_margin"}
"""Columns that the market does not read: KPIs, measured in assessment."""

IN_ALLIANCES = {"procurement", "coopetition", "rnd", "alliances", "ties", "template"}
"""Columns that say who is in what, and knows whom."""


def after(settings, phases=SCHEDULE, months=36, by_hand=()):
    model = al.AllianceModel(al.scenario(**settings), rng=5, records="full")
    model.phases = phases
    for type in by_hand:
        for first in range(0, 9, 3):  # three of each type, of other firms but where a firm may be in several
            model.form_alliance(range(first, first + 3), "pilot", type)
    for _ in range(months):
        model.step()
    return model


def differing(one, other, apart=()):
    """Return the columns of firms and of the world in which two models differ by a bit."""
    found = set()
    for table in ("firms", "world"):
        held = getattr(one.state, table), getattr(other.state, table)
        for field in dataclasses.fields(held[0]):
            a, b = (np.asarray(getattr(of, field.name)) for of in held)
            if field.name not in apart and a.tobytes() != b.tobytes():
                found.add(f"{table}.{field.name}")
    return found


@pytest.mark.parametrize("off", [OFF, ALLIANCES_OFF], ids=["everything", "alliances"])
@pytest.mark.parametrize("world", WORLDS)
def test_with_all_off_the_model_is_the_market_alone(world, off):
    settings = WORLDS[world] | off
    whole, market = after(settings), after(settings, ALONE)
    assert not differing(whole, market, SEEN_BY_ALLIES | {"control", "control_past"})
    assert whole.state.world.n_memberships == 0
    for ours, theirs in ((whole.ledger.parts, market.ledger.parts), (whole.events.parts, market.events.parts)):
        assert [[np.asarray(column).tolist() for column in part] for part in ours] == [
            [np.asarray(column).tolist() for column in part] for part in theirs]
    if world == "stress" and off is ALLIANCES_OFF:
        assert len(whole.recorder.departed) > 10


@pytest.mark.parametrize("world", WORLDS)
def test_where_nobody_seeks_allies_what_alliances_do_is_of_no_account(world):
    """All their mechanisms on, but for those who would seek partners, and who would pay for a map to find some."""
    alone = {key: value for key, value in ALLIANCES_OFF.items() if key.endswith((".seek", ".map"))}
    assert len(alone) == 4
    assert not differing(after(WORLDS[world] | ALLIANCES_OFF), after(WORLDS[world] | alone))


@pytest.mark.parametrize("world", WORLDS)
def test_alliances_in_which_all_is_off_leave_the_market_alone(world):
    """Alliances of every type, founded by hand, in which nothing is yielded, paid, leaked or taken."""
    settings = WORLDS[world] | OFF | WITHOUT_OFF_VALUE
    allied, alone = after(settings, by_hand=ALLIANCE_TYPES), after(settings)
    apart = SEEN_BY_ALLIES | IN_ALLIANCES | {"control", "control_past", "n_ties", "free_tie", "n_alliances",
                                             "n_memberships", "n_listed"}
    assert allied.state.world.n_alliances == 3 * len(ALLIANCE_TYPES)
    assert not differing(allied, alone, apart)
