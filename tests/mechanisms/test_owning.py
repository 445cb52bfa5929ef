"""Infrastructure that users own together (F24, F20): numbers by hand, and the sign of every lever."""

import pytest

from allysim.config.yields import Infrastructure
from allysim.mechanisms import ventures
from allysim.mechanisms.infrastructure import rent

DELTA = .99


def rules(**settings):
    return Infrastructure(**settings)


def test_eight_users_of_the_size_of_a_small_firm_need_the_briefs_capital():
    assert 8 * ventures.capital_needed(17.0, rules()) == pytest.approx(150.0, rel=1e-14)
    assert ventures.capital_needed(170.0, rules()) == pytest.approx(187.5, rel=1e-14)
    assert rent(17.0, rules()) == pytest.approx(.04 * ventures.capital_needed(17.0, rules()), rel=1e-14)
    assert ventures.user_fee(17.0, rules()) == pytest.approx(.012 * 18.75, rel=1e-14)


@pytest.mark.parametrize("months", [0, 1, 24, 60])
def test_owning_is_worth_the_rent_saved_less_upkeep(months):
    by_month = sum(DELTA**k * (.04 - .01) for k in range(1, months + 1))
    assert ventures.value_of_owning(months, DELTA, rules()) == pytest.approx(by_month, rel=1e-12, abs=1e-14)
    resold = by_month + DELTA**months * .5 * (1 - months / 120)
    assert ventures.value_of_owning(months, DELTA, rules(salvage=.5)) == pytest.approx(resold, rel=1e-12)


def test_what_is_worn_out_saves_no_more_rent():
    assert ventures.value_of_owning(90, DELTA, rules(life=40.0, salvage=1.0)) == pytest.approx(
        ventures.value_of_owning(40, DELTA, rules(life=40.0, salvage=1.0)), rel=1e-14)


def test_by_default_it_pays_with_forty_one_months_ahead_and_not_with_forty():
    assert ventures.value_of_owning(40, DELTA, rules()) < 1.0 < ventures.value_of_owning(41, DELTA, rules())


def test_wear_is_straight_and_stops_at_nothing():
    left, months = 240.0, 0
    while left > 1e-9:
        left -= ventures.wear(left, 240.0, rules(life=60.0))
        months += 1
    assert months == 60 and ventures.wear(1.0, 240.0, rules(life=60.0)) == 1.0


@pytest.mark.parametrize(("account", "moved"), [(-3.0, -3.0), (0.0, 0.0), (8.9, 0.0), (9.0, 0.0), (11.5, 2.5)])
def test_what_is_beyond_the_reserve_is_paid_out_and_what_is_missing_called(account, moved):
    assert ventures.paid_out(account, 1.5, rules(reserve=6.0)) == pytest.approx(moved, abs=1e-14)


@pytest.mark.parametrize(("need", "spare", "price", "new"), [
    (20.0, 0.0, 20.0, 20.0),   # all of it is bought new
    (20.0, -5.0, 20.0, 20.0),
    (20.0, 8.0, 16.0, 12.0),   # 8 that stand idle, at half their price by now
    (20.0, 50.0, 10.0, 0.0)])
def test_who_comes_in_pays_the_book_value_of_what_stands_idle_and_the_rest_new(need, spare, price, new):
    assert ventures.price_of_entry(need, spare, 30.0, 60.0) == (pytest.approx(price), pytest.approx(new))


def test_a_part_is_issued_at_what_parts_are_worth():
    part = ventures.part_issued(20.0, 60.0)
    assert part == .25 and (1 - part) * (60.0 + 20.0) == 60.0, "the others' parts are worth what they were"
    assert ventures.part_issued(0.0, 0.0) == 0.0


def test_buyout_price_by_hand():
    assert ventures.buyout_price(.25, 80.0, rules()) == pytest.approx(14.0, rel=1e-14)
    assert ventures.buyout_price(.25, 80.0, rules(buyout=0.0)) == 0.0


UP, DOWN = 1, -1


def worth(months=36, **settings):
    return ventures.value_of_owning(months, DELTA, rules(**settings))


SIGNS = {
    # net present value: Fisher 1930
    "a dearer rent makes owning worth more (F24)": (UP, lambda x: worth(rent=x), .02, .06),
    "upkeep makes it worth less (F24)": (DOWN, lambda x: worth(upkeep=x), .005, .02),
    "the longer the alliance lasts, the more": (UP, worth, 12, 60),
    "capital that lasts longer is worth more (F24)": (UP, lambda x: worth(life=x), 24.0, 60.0),
    "what is got back makes it worth more (F24)": (UP, lambda x: worth(salvage=x), 0.0, .5),
    "patience makes it worth more": (UP, lambda x: ventures.value_of_owning(36, x, rules()), .97, .99),
    "a larger user needs more capital (F24)": (UP, lambda x: ventures.capital_needed(x, rules()), 10.0, 30.0),
    "more users share it (F24)": (DOWN, lambda x: ventures.capital_needed(17.0, rules(users=x)), 6, 12),
    "dearer capital (F24)": (UP, lambda x: ventures.capital_needed(17.0, rules(capital=x)), 75.0, 300.0),
    "a higher user fee": (UP, lambda x: ventures.user_fee(17.0, rules(user_fee=x)), .01, .02),
    "a longer life, less wear": (DOWN, lambda x: ventures.wear(100.0, 100.0, rules(life=x)), 60.0, 180.0),
    "a larger reserve leaves less to pay out": (DOWN, lambda x: ventures.paid_out(20.0, 1.5, rules(reserve=x)), 3, 12),
    "idle capital is cheaper to come into": (DOWN, lambda x: ventures.price_of_entry(20.0, x, 30.0, 60.0)[0], 0.0, 8.0),
    "who pays more gets a larger part": (UP, lambda x: ventures.part_issued(x, 60.0), 10.0, 30.0),
    # buy-out clauses: Bleeke & Ernst 1995
    "a better clause pays leavers more": (UP, lambda x: ventures.buyout_price(.3, 50.0, rules(buyout=x)), 0.0, 1.0),
}


@pytest.mark.parametrize("lever", SIGNS)
def test_sign(lever):
    sign, effect, low, high = SIGNS[lever]
    assert sign * (effect(high) - effect(low)) > 0
