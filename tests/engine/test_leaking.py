"""Leaks, misuse and shared data in the engine: contracts bind, what leaks adds up, and off means off."""

import math

import numpy as np
import pytest

import allysim as al
from allysim.config import presets
from allysim.mechanisms.leaks import margin_of_appeal

OFF = {"leaks.hazard": 0.0, "sharing.misuse": 0.0, "sharing.precision": 0.0, "sharing.blur": 0.0}
LEAKY = {"months": 24, "firms.n": 30, "choice.search_months": 1, "leaks.hazard": .2, "sharing.misuse": .1,
         "separation.scale": 20.0}
COLUMNS = ("nda", "compartments", "access", "hr", "non_solicit")


def made(seed=3, months=24, **settings):
    model = al.AllianceModel(al.scenario(**LEAKY | settings), rng=seed, records="full")
    for _ in range(months):
        model.step()
    return model


def signed(alliances, rows):
    return {name: getattr(alliances, name)[rows].tolist() for name in (*COLUMNS, "data_shared", "data_anonymised",
                                                                       "data_access")}


@pytest.mark.parametrize("name", presets.names("ip_protection"))
def test_a_preset_of_protection_is_signed(name, silent):
    model = al.AllianceModel(al.scenario(ip_protection=name, strategy="stand_alone", **silent,
                                         **{"firms.n": 10, "background.strategy": "stand_alone"}), rng=1)
    row = model.form_alliance([1, 2]).row
    assert {c: getattr(model.state.alliances, c)[row] for c in COLUMNS} == {
        c: presets.load("ip_protection", name)[c] for c in COLUMNS}


def test_alliances_keep_what_they_signed():
    model = made(months=8)
    before = model.state.world.n_alliances
    contracts = signed(model.state.alliances, slice(before))
    model.move(ip_protection="full", data_sharing="none")
    for _ in range(12):
        model.step()
    alliances, later = model.state.alliances, slice(before, model.state.world.n_alliances)
    assert signed(alliances, slice(before)) == contracts
    assert later.stop > before
    assert (alliances.compartments[later] == 1.0).all() and (alliances.data_shared[later] == 0.0).all()


def test_leaks_and_misuses_add_up():
    """Events and counts agree, what was lost has fallen from appeal, and knowledge stays within its bounds."""
    model = made()
    run, firms = model.results(), model.state.firms
    told = run.events[run.events.event.isin(["leak", "misuse"])]
    assert set(told.event) == {"leak", "misuse"}
    assert (told.amount >= 0.0).all() and (told.amount > 0.0).any()
    assert run.outcomes["population.leaks"] * 30 == pytest.approx(len(told), abs=1e-9)
    assert (firms.developed >= 0.0).all() and (firms.capability <= 1.0).all()
    assert np.array_equal(firms.capability, firms.born + firms.developed)
    assert not firms.developed[~firms.advanced].any() and firms.advanced.any()
    assert np.array_equal(firms.attraction[~firms.advanced], firms.native_attraction[~firms.advanced])
    assert (firms.attraction[firms.advanced] >= firms.native_attraction[firms.advanced]).all()


def test_a_misuse_that_is_seen_is_paid_for():
    run = made(**{"conduct.temptation": 0.0, "sharing.misuse": .3}).results()
    seen = run.events[(run.events.event == "misuse") & (run.events.cause == "seen")]
    paid = run.ledger[run.ledger.purpose == "penalty"]
    assert len(seen) == len(paid) > 0 and (paid.amount == 10.0).all()
    assert paid.credit.tolist() == seen.firm.tolist()


def test_one_leak_by_hand(silent, plain_pool):
    """Two firms, everything leaks: what the better one loses is .3 omega times what the other gains."""
    settings = {**silent, **plain_pool, "sharing.misuse": 0.0, "leaks.hazard": 1.0,
                "strategy": "stand_alone", "background.strategy": "stand_alone", "firms.n": 12,
                "leaks.exposure_procurement": 2.0}
    model = al.AllianceModel(al.scenario(**settings), rng=5, records="full")
    model.form_alliance([2, 3])
    firms, appeal, developed = model.state.firms, model.state.firms.appeal.copy(), model.state.firms.developed.copy()
    model.step()
    leaked = model.results().events.query("event == 'leak'")
    assert len(leaked) == 2  # one each way
    lost = appeal[[2, 3]] - firms.appeal[[2, 3]]
    assert lost == pytest.approx(firms.lost_appeal[[2, 3]], rel=1e-12)
    worth = [margin_of_appeal(sales, 2.5) for sales in firms.target[[2, 3]]]
    assert leaked.amount.to_numpy() == pytest.approx(worth * lost, rel=1e-12)
    born = firms.born
    one = int(np.argmax(born[2] - born[3]))
    assert (firms.developed - developed)[3, one] == pytest.approx(.3 * (born[2, one] - born[3, one]), rel=1e-12)


def test_former_partners_are_forgotten_in_time():
    model = made(months=36, **{"demography.exit_incumbent": .01})
    former, used = model.state.former, model.state.world.n_former
    assert used > 0
    assert (former.parted[:used] > model.month - 1 - 12).all()
    ended = model.state.alliances.ended[former.alliance[:used]]
    left = model.state.memberships.left
    assert ((ended == former.parted[:used]) | np.isin(former.parted[:used], left)).all()


def test_staff_go_on_leaking_after_the_end():
    run = made(months=36).results()
    leaks, ended = run.events.query("event == 'leak'"), run.alliances.ended.to_numpy(dtype=float, na_value=math.inf)
    after = leaks[leaks.month.to_numpy() > ended[leaks.alliance.to_numpy(dtype=int)]]
    assert len(after) and after.cause.str.startswith("staff").all()
    assert (after.month.to_numpy() - ended[after.alliance.to_numpy(dtype=int)] <= 12).all()


def test_off_means_off():
    """With hazard and misuse 0 no protection, no sharing and no size matters, to the last bit; nothing is touched.

    Firms only buy together: research would develop capabilities too.
    """
    pools = {**OFF, "background.strategy": "procurement_first"}
    model = made(**pools)
    firms = model.state.firms
    for name in ("developed", "lost_appeal", "leaks", "leak_cost", "advanced"):
        assert not getattr(firms, name).any(), name
    moved = {"ip_protection": "full", "data_sharing": "none", "leaks.closes": 1.0, "capability.depreciation": .5}
    other = made(**pools, **moved)
    assert model.results().series.equals(other.results().series)
