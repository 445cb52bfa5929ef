"""The charter of an alliance as an object: every value is in the tables or the settings, and it can be read."""

import dataclasses
import re

import pytest

import allysim as al
from allysim.charter import Charter
from allysim.config.parameters import ALLIANCE_TYPES
from allysim.config.protection import OWNERS
from allysim.state import MODES

WORLD = {
    "firms.n": 24, "scenario": "supply_stress", "strategy.seek": list(ALLIANCE_TYPES),
    "background.strategy": "procurement_first", "background.strategy.seek": list(ALLIANCE_TYPES),
    "choice.search_months": 1, "pilot.review": 1, "pilot.months": 2,
    "scaling.reviews": 1, "scaling.trust": 0.0, "scaling.months": 0, "rules.gate": "never_stop",
    "ip_protection": "full", "data_sharing": "anonymised_dashboard", "background.strategy.pilot_months": 4,
    "rules.value_split": "flat_fee", "conduct.temptation": 0.0, "conduct.temptation_rnd": 0.0,
    "firms.small_spread": .2, "background.strategy.research": "radical",
}


@pytest.fixture(scope="module")
def model():
    model = al.AllianceModel(**WORLD, rng=3)
    model.form_alliance([0, 5, 9], type="infrastructure")
    for _ in range(14):
        model.step()
    return model


@pytest.fixture(scope="module")
def charters(model):
    """Those of all alliances that ever were, by number."""
    from allysim.charter import charter_of

    return [charter_of(model, row) for row in range(model.state.world.n_alliances)]


def test_every_value_is_that_of_the_tables(model, charters):
    of, pilot = model.state.alliances, model.config.pilot
    assert {charter.type for charter in charters} == set(ALLIANCE_TYPES)
    for row, charter in enumerate(charters):
        asked = {"coopetition": pilot.threshold_coopetition, "rnd": None}.get(charter.type, pilot.threshold)
        assert (charter.alliance, charter.type, charter.signed) == (row, ALLIANCE_TYPES[of.type[row]], of.founded[row])
        assert charter.threshold == asked and (charter.mode, charter.owner) == (MODES[of.mode[row]],
                                                                               OWNERS[of.owner[row]])
        for name in ("pilot_months", "budget", "completeness", "decision_rights", "dashboard", "dispute_clause",
                     "notice", "penalty"):
            assert getattr(charter, name) == getattr(of, name)[row], name
        assert charter.data == {name: getattr(of, f"data_{name}")[row] for name in charter.data}
        assert charter.protection == {name: getattr(of, name)[row] for name in charter.protection}
        assert set(charter.data) == {"shared", "anonymised", "access"}
        assert set(charter.protection) == {"nda", "compartments", "access", "hr", "non_solicit"}
    assert {charter.pilot_months for charter in charters} == {2, 4}  # of focal firms and of the others


def test_partners_and_their_shares_are_those_of_the_memberships(model, charters):
    members = model.state.memberships
    for alliance in model.alliances:
        charter = alliance.charter
        assert charter == charters[alliance.row]
        rows = [r for r in model.state.roster.rows if members.alliance[r] == alliance.row]
        assert [one.firm for one in charter.partners] == [firm.name for firm in alliance.firms]
        assert [one.joined for one in charter.partners] == members.joined[rows].tolist()
        assert [one.flat for one in charter.partners] == members.flat[rows].tolist()
        assert [one.liability for one in charter.partners] == members.share[rows].tolist()
        agreed = members.agreed[rows]
        assert [one.share for one in charter.partners] == pytest.approx((agreed / agreed.sum()).tolist(), rel=1e-12)


def test_roles(charters):
    roles = [one.role for charter in charters for one in charter.partners]
    assert set(roles) == {"proposer", "member", "admitted"}
    for charter in charters:
        proposers = [one for one in charter.partners if one.role == "proposer"]
        assert len(proposers) <= 1 and all(one.joined == charter.signed for one in proposers)
        assert all((one.role == "admitted") == (one.joined > charter.signed) for one in charter.partners)
    led = al.AllianceModel(**{**WORLD, "governance": "lead_firm"}, rng=3)
    assert [one.role for one in led.form_alliance([4, 2, 7]).charter.partners] == ["lead", "member", "member"]


def test_it_is_frozen_and_can_be_read(model, charters):
    with pytest.raises(dataclasses.FrozenInstanceError):
        charters[0].penalty = 0.0
    words = {"procurement": "buy inputs together", "coopetition": "share capacity and marketing among competitors",
             "rnd": "add to the capability", "infrastructure": "share infrastructure"}
    for charter in charters:
        text = str(charter)
        assert text.count("\n") + 1 == 9 + len(charter.partners) and words[charter.type] in text
        assert all(one.firm in text for one in charter.partners)
        assert f"{charter.budget:.1f} k€" in text and f"{charter.notice} month" in text
        assert not re.search(r"None|\bnan\b|[{}_]|np\.", text), text
    assert isinstance(charters[0], Charter) and max(map(len, str(charters[0]).splitlines())) < 130


def test_an_imported_alliance_had_no_pilot(tmp_path):
    path = tmp_path / "network.csv"
    path.write_text("alliance,firm,share,joined,left\nP,A,.5,1994-01-01,\nP,B,.25,1994-02-01,\nP,C,.25,1994-03-01,\n")
    model = al.AllianceModel(**{"firms.n": 12, "alliances.path": path, "alliances.date": "1995-06-30",
                                "alliances.unknown": "draw"}, rng=1)
    charter = model.alliances[0].charter
    assert charter.pilot_months == 0 and "Pilot        none" in str(charter)
    assert [(one.firm, one.role) for one in charter.partners] == [("A", "member"), ("B", "member"), ("C", "member")]
