"""The two months of docs/worked_months.md: the engine, the recomputation and the page say the same."""

import ast
import copy
import math
import re
from pathlib import Path

import numpy as np
import pytest
import recompute
from recompute import MEMBERS, MONTHS, PARAMETERS, SETTINGS

ROOT = Path(__file__).parents[2]
FIRMS = ROOT / "docs" / "worked_months.csv"
PAGE = ROOT / "docs" / "worked_months.md"
PAIRS = [(i, j) for i in range(4) for j in range(4) if i != j]

OF_FIRMS = {
    "price": "price", "unit_cost": "unit_cost", "rung": "rung", "pool_discount": "discount", "learning": "learning",
    "target": "target", "sales": "sales", "output": "output", "on_time": "on_time", "leads": "leads", "churn": "churn",
    "experience": "experience", "revenue": "revenue", "ebitda": "ebitda", "cash": "cash", "margin": "margin",
    "economic_profit": "economic_profit", "alliance_flow": "alliance_flow",
}
OF_FIRMS_AT_START = {
    "price": "price", "appeal": "appeal", "home": "home", "unit_cost": "unit_cost", "rung": "rung",
    "list_price": "list_price", "other_cost": "other_cost", "month_cost": "month_cost", "fixed_cost": "fixed_cost",
    "lead_cost": "lead_cost", "leads": "leads", "capacity": "capacity", "experience_unit": "experience_unit",
    "margin": "margin", "ebitda": "ebitda", "cash": "cash",
}
OF_MEMBERSHIPS = {"saving": "saving", "fee": "fee", "split": "split", "governance": "governance", "gain": "gain"}
OF_ALLIANCE = {"trust": "mean_trust", "overlap": "overlap", "signal": "signal", "belief": "belief",
               "belief_sd": "belief_sd", "spent": "spent", "gate_month": "gate_month"}


def same(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-12)


@pytest.fixture(scope="module")
def numbers():
    return recompute.recompute(FIRMS)


@pytest.fixture(scope="module")
def scenario():
    import allysim as al

    return al.scenario(**SETTINGS, **{"firms.path": str(FIRMS)})


@pytest.fixture(scope="module", params=[1, 20_000_000])
def engine(request, scenario):
    """Return the model after its two months, and its state before founding and after each month."""
    import allysim as al

    model = al.AllianceModel(scenario, rng=request.param)
    states = [copy.deepcopy(model.state)]
    model.form_alliance(["Axle", "Bearing", "Casting"])
    states.append(copy.deepcopy(model.state))
    for _ in range(MONTHS):
        model.step()
        states.append(copy.deepcopy(model.state))
    return model, states


def test_recomputation_stands_alone():
    tree = ast.parse(Path(recompute.__file__).read_text(encoding="utf-8"))
    imports = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imports == {"csv", "math"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_parameters_are_those_of_the_scenario(scenario):
    flat = scenario.flat()
    assert {key: flat[key] for key in PARAMETERS} == PARAMETERS
    assert scenario.own.drawn == {"ebitda_margin": 1, "cash": 3, "input_share": 1, "subscriptions": 4}


def test_month_zero(engine, numbers):
    (state, *_), start = engine[1], numbers["start"]
    for column, name in OF_FIRMS_AT_START.items():
        same(getattr(state.firms, column), start[name])
    same(state.firms.sales, numbers["firms"]["revenue"])
    same(np.log(state.firms.attraction), np.add(start["liking"], start["intercept"]))
    same(state.world.market_size, start["size"])
    same(state.world.inclusive_value, start["met"]["inclusive"])
    same(state.world.consumer_surplus, start["consumer_surplus"])


def test_calibration_meets_what_is_given(numbers):
    same(numbers["start"]["met"]["demand"], numbers["firms"]["revenue"])
    same(numbers["start"]["met"]["inclusive"], [1.0] * 4)


def test_founding(engine, numbers):
    state, pool = engine[1][1], numbers["pool"]
    same(state.firms.cash, pool["cash"])
    same(state.firms.economic_profit, pool["economic_profit"])
    same(state.alliances.budget[0], pool["budget"])
    same(state.alliances.spent[0], 10.0)
    same(state.alliances.trust[0], pool["mean_trust"])
    same(state.alliances.overlap[0], pool["overlap"])
    same(state.memberships.baseline[:3], [pool["baseline"][i] for i in MEMBERS])


@pytest.mark.parametrize("month", [1, 2])
def test_month(engine, numbers, month):
    model, states = engine
    state, out, prior = states[month + 1], numbers["months"][month - 1], model.config.trust.prior_weight
    firms, members, alliances = state.firms, state.memberships, state.alliances
    for column, name in OF_FIRMS.items():
        same(getattr(firms, column), out[name])
    same(firms.input_index, out["input_index"])
    same(firms.bare_margin[:, month], out["bare_margin"])
    same(firms.saving, [out["saving"].get(i, 0.0) for i in range(4)])
    same(firms.governance_cost, [out["governance"].get(i, 0.0) for i in range(4)])
    for column, name in OF_MEMBERSHIPS.items():
        same(getattr(members, column)[:3], [out[name][i] for i in MEMBERS])
    for column, name in OF_ALLIANCE.items():
        same(getattr(alliances, column)[0], out[name])
    assert alliances.stage[0] == 0 and alliances.extended[0] == (out["verdict"] == "extend")
    same(state.world.inclusive_value, out["met"]["inclusive"])
    same(state.world.consumer_surplus, out["consumer_surplus"])

    from allysim.ties import find_tie, trust_in

    ties = state.ties
    for i, j in PAIRS:
        row = find_tie(i, j, firms.ties, ties.to, ties.next)
        same([ties.good[row], ties.bad[row]], [out["good"][i, j], out["bad"][i, j]])
        same(trust_in(i, j, firms.disposition[i], prior, firms.ties, ties.to, ties.next, ties.good, ties.bad),
             out["trust"][i, j])


@pytest.mark.parametrize("month", [1, 2])
def test_first_order_condition(numbers, month):
    out = numbers["months"][month - 1]
    for i in range(4):
        markup = 1 / (PARAMETERS["market.price_sensitivity"] * (1 - out["met"]["mean_share"][i]))
        assert abs(out["price"][i] - out["unit_cost"][i] - markup) < 1e-11


def test_ledger(engine, numbers):
    ledger = engine[0].results().ledger
    found = {(row.month, row.debit, row.credit, row.purpose): row.amount for row in ledger.itertuples()}
    assert len(found) == len(ledger)
    assert found.keys() == numbers["ledger"].keys()
    for key, amount in numbers["ledger"].items():
        same(found[key], amount)


def test_outside_accounts(engine, numbers):
    from allysim.accounts import OUTSIDE

    flows = numbers["ledger"].items()
    for account, balance in zip(OUTSIDE, engine[0].state.world.outside, strict=True):
        same(balance, math.fsum(x * ((to == account) - (by == account)) for (_, to, by, _), x in flows))


def test_ledger_moves_cash(numbers):
    names, flows = numbers["firms"]["firm"], numbers["ledger"]
    for i, firm in enumerate(names):
        moved = math.fsum(x * ((key[1] == firm) - (key[2] == firm)) for key, x in flows.items() if key[0] > 0)
        same(numbers["pool"]["cash"][i] + moved, numbers["months"][-1]["cash"][i])


def test_key_figures(engine, numbers):
    series = engine[0].results().series.set_index("month")
    for month, figures in enumerate(numbers["key_figures"], start=1):
        for name, value in figures.items():
            same(series.loc[month, f"population.{name}"], value)
            if name != "consumer_surplus":
                same(series.loc[month, f"focal.{name}"], value)


# ---- The page


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def test_settings_on_the_page(page):
    listed = re.findall(r"`([\w.]+)=[^`]*`", page.partition("## What is switched off")[2].partition("```")[0])
    assert sorted(listed) == sorted(SETTINGS)


def test_story_on_the_page(numbers):
    start, (first, second) = numbers["start"], numbers["months"]
    assert [x < 1 for x in first["on_time"]] == [True, True, False, False]
    assert all((first["price"][i] < 1) and (first["sales"][i] > numbers["firms"]["revenue"][i]) for i in MEMBERS)
    assert first["sales"][3] < numbers["firms"]["revenue"][3]
    assert 0 < second["signal"] < first["signal"] and second["verdict"] == "extend"
    before, one, two = (sum(x["ebitda"][i] for i in MEMBERS) for x in (start, first, second))
    assert before > two > one


NUMBER = r"\d+(?:\.\d+)?"
SUM = re.compile(rf"((?:exp|ln|max|min|Φ|√|[\d.\s+−×/^²(),])+?)\s=\s\*\*(−?{NUMBER})\*\*")
KNOWN = {"exp": math.exp, "ln": math.log, "max": max, "min": min, "sqrt": math.sqrt, "__builtins__": {},
         "Phi": lambda x: 0.5 * math.erfc(-x / math.sqrt(2))}


def half_unit(number):
    """Return the most by which a printed number was rounded; short ones are exact."""
    decimals = len(number.partition(".")[2])
    return 0.5 * 10.0**-decimals if decimals >= 4 else 0.0


def work_out(arithmetic):
    """Return a printed sum's value, and how far rounding of what went into it may have moved it."""
    for written, meant in (("−", "-"), ("×", "*"), ("^", "**"), ("²", "**2"), ("√", "sqrt"), ("Φ", "Phi"), ("\n", " ")):
        arithmetic = arithmetic.replace(written, meant)
    value, slack = eval(arithmetic, KNOWN), 0.0
    for found in re.finditer(NUMBER, arithmetic):
        moved = f"({found[0]} + {half_unit(found[0])!r})"
        slack += abs(eval(arithmetic[:found.start()] + moved + arithmetic[found.end():], KNOWN) - value)
    return value, slack


def test_every_sum_on_the_page(page):
    sums = SUM.findall(page)
    assert len(sums) == len(re.findall(r"=\s\*\*−?\d", page))
    assert len(sums) > 400
    for arithmetic, result in sums:
        value, slack = work_out(arithmetic.strip(" ,.\n"))
        written = float(result.replace("−", "-"))
        assert abs(value - written) <= 1.01 * slack + half_unit(result) + 1e-9, f"{arithmetic} = {result}, not {value}"


def test_code_on_the_page(page, numbers, monkeypatch):
    monkeypatch.chdir(ROOT)
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    names = {}
    exec(code, names)
    same(names["model"].state.firms.cash, numbers["months"][-1]["cash"])
