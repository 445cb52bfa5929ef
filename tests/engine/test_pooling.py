"""What pooled buying saves, read from the ledger of a run as an auditor would."""

import pytest

import allysim as al

SAVED = {2: .068, 3: .097, 5: .124, 10: .150}
QUIET = {"strategy": "stand_alone", "background.strategy": "stand_alone", "market.taste_spread": 0.0,
         "market.outside_share": .3}
CAPABILITIES = "hardware,software,battery,sourcing,logistics,marketing,service,data"
COLUMNS, CELLS = f",input_share,{CAPABILITIES}", ",0.5" + ",0.5" * 8


def twins(path, silent, plain_pool, members=0, months=1, n=12, **more):
    """Twelve equal firms that each buy for 30 k€ a month, the first `members` of them together."""
    scenario = al.scenario(**QUIET, **silent, **plain_pool, **more, **{"firms.path": path, "firms.background": 0})
    model = al.AllianceModel(scenario, rng=1)
    if members:
        model.form_alliance(range(members), stage="running")
    for _ in range(months):
        model.step()
    return model


def paid(model, purpose, firm, month=1):
    book = model.results().ledger
    return book[(book.credit == firm) & (book.purpose == purpose) & (book.month == month)].amount.sum()


def inputs_per_unit(model, slot):
    return paid(model, "inputs", f"Twin {slot}") / model.state.firms.output[slot]


@pytest.mark.parametrize("members", SAVED)
def test_equal_members_at_the_first_rung_save_what_the_schedule_says(firms_file, silent, plain_pool, members):
    path = firms_file(12, COLUMNS, CELLS)
    alone, pooled = twins(path, silent, plain_pool), twins(path, silent, plain_pool, members)
    assert paid(alone, "inputs", "Twin 0") == pytest.approx(30.0, rel=1e-9)  # Q1: the first rung of the schedule
    for slot in range(12):
        saving = 1 - inputs_per_unit(pooled, slot) / inputs_per_unit(alone, slot)
        assert saving == pytest.approx(SAVED[members] if slot < members else 0.0, abs=5e-4)
        assert saving == pytest.approx(.2 * (1 - members**-.6) if slot < members else 0.0, abs=1e-9)


def test_fee_and_governance_are_paid_by_members_only(firms_file, silent, plain_pool):
    pooled = twins(firms_file(12, COLUMNS, CELLS), silent, plain_pool, 3)
    for slot in range(12):
        fee, governance = (paid(pooled, purpose, f"Twin {slot}") for purpose in ("pool fee", "governance"))
        assert fee == pytest.approx(.02 * paid(pooled, "inputs", f"Twin {slot}") * (slot < 3), rel=1e-9)
        assert (governance > 0) == (slot < 3)


def test_the_split_of_savings_gives_each_member_its_share(firms_file, silent, plain_pool):
    """Unequal volumes, equal split: every member ends with the same gain, and the pool keeps nothing."""
    path = firms_file(12, COLUMNS, CELLS)
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("Twin 0,60", "Twin 0,240")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    pooled = twins(path, silent, plain_pool, 3)
    members, rows = pooled.state.memberships, [0, 1, 2]
    gained = members.saving[rows] + members.split[rows]
    assert gained == pytest.approx([members.saving[rows].sum() / 3] * 3, rel=1e-9)
    book = pooled.results().ledger
    split = book[book.purpose == "split of savings"]
    received = split[split.credit == "alliance 0"].set_index("debit").amount
    given_away = split[split.debit == "alliance 0"].set_index("credit").amount
    assert received.sum() == pytest.approx(given_away.sum(), rel=1e-12)
    for row in rows:
        booked = received.get(f"Twin {row}", 0.0) - given_away.get(f"Twin {row}", 0.0)
        assert booked == pytest.approx(members.split[row], rel=1e-9)


def test_without_leverage_a_pool_saves_nothing(firms_file, silent, plain_pool):
    path = firms_file(12, COLUMNS, CELLS)
    dead = twins(path, silent, plain_pool | {"purchasing.no_leverage": 1.0}, 5)
    alone = twins(path, silent, plain_pool)
    assert inputs_per_unit(dead, 0) == pytest.approx(inputs_per_unit(alone, 0), rel=1e-12)


def test_a_pool_of_one_size_saves_the_same_in_every_month(firms_file, silent, plain_pool):
    """Half a year on, members have grown by their lower price, and save by the schedule of what they buy then."""
    pooled = twins(firms_file(12, COLUMNS, CELLS), silent, plain_pool, 3, months=7)
    firms = pooled.state.firms
    assert firms.output[0] > 60 > firms.output[5]
    spend = firms.list_price[0] * firms.output[0]
    rung = 1 - .2 * (1 - (3 * spend / 30) ** -.6)
    pooled.step()
    inputs = paid(pooled, "inputs", "Twin 0", month=8)
    assert inputs == pytest.approx(firms.output[0] * firms.learning[0] * firms.list_price[0] * rung, rel=1e-9)
