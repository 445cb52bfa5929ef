"""Rules: built-in ones keep the contract of their seam, a user's own is found, checked, and refused in a sentence."""

import numpy as np
import pytest

import allysim as al
from allysim import rules
from allysim.cli import main
from allysim.rules.answers import check
from allysim.rules.conduct import Temptations
from allysim.rules.gate import GO, Gates
from allysim.rules.market import Clearing, Offers
from allysim.rules.partner_choice import Options
from allysim.rules.value_split import Yields

HEAD = "from dataclasses import dataclass\nimport numpy as np\n"

OWN = {
    "market": HEAD + """
from allysim.rules.market import Clearing

@dataclass(frozen=True)
class Own:
    price_sensitivity: float

    def clear(self, offers):
        price = 1.6 * offers.unit_cost
        weight = offers.attraction * np.exp(offers.appeal - self.price_sensitivity * price)[:, None]
        inside = weight.sum(axis=0)
        sold = (offers.market_size * weight / (1 + inside)).sum(axis=1)
        return Clearing(price, sold, inside, offers.market_size @ np.log1p(inside) / self.price_sensitivity)
""",
    "partner_choice": HEAD + """
@dataclass(frozen=True)
class Own:
    least: float = .4

    def choose(self, options):
        trust = np.where(options.allowed, options.trust, 0)
        return np.where(trust.max(axis=1) >= self.least, trust.argmax(axis=1), 0)
""",
    "conduct": HEAD + """
@dataclass(frozen=True)
class Own:
    def defects(self, faced):
        return (faced.honesty < .3) & (faced.temptation > 1)
""",
    "gate": HEAD + """
from allysim.rules.gate import GO, STOP

@dataclass(frozen=True)
class Own:
    go: float

    def decide(self, gates):
        return np.where(gates.mean > .05 * self.go, GO, STOP)
""",
    "value_split": HEAD + """
@dataclass(frozen=True)
class Own:
    def shares(self, yields):
        return yields.revenue / yields.total(yields.revenue)
""",
    "strategy": HEAD + """
@dataclass(frozen=True)
class Own:
    def pursue(self, courses):
        return np.where(courses.result < courses.norm, courses.best, courses.strategy)
""",
    "effort": """
from dataclasses import dataclass


@dataclass(frozen=True)
class Own:
    def efforts(self, known):
        return known.gap
""",
}


@pytest.fixture
def file(tmp_path):
    def write(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(text)
        return path
    return write


def outcomes(months=24, **settings):
    return al.run(al.scenario(months=months, **{"firms.n": 30, **settings}), seed=5).outcomes


def refusal(seam, rule, months=24):
    with pytest.raises(al.RuleError) as caught:
        outcomes(months, **{f"rules.{seam}": str(rule)})
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.smoke
@pytest.mark.parametrize("seam", OWN)
def test_a_rule_of_ones_own_behind_every_seam(seam, file):
    assert set(OWN) == set(rules.BUILT_IN)
    assert len(OWN[seam].strip().splitlines()) <= 15
    world = {"effort": {"strategy.seek": ["rnd"], "background.strategy.seek": ["rnd"]},
             "strategy": {"strategy": "stand_alone"}}.get(seam, {})
    own = outcomes(**world, **{f"rules.{seam}": f"{file(OWN[seam])}:Own"})
    assert all(np.isfinite(value) for value in own.values())
    assert own != outcomes(**world)


@pytest.mark.parametrize(("seam", "name"), [(seam, name) for seam, known in rules.BUILT_IN.items() for name in known])
def test_built_in_rules_keep_the_contract_and_checking_changes_nothing(seam, name):
    by_path = outcomes(**{f"rules.{seam}": rules.BUILT_IN[seam][name]})
    np.testing.assert_equal(by_path, outcomes(**{f"rules.{seam}": name}))


@pytest.mark.parametrize(("rule", "said"), [
    ("bays", "rules.gate=bays is not a rule: there are bayes, threshold, never_stop, or give your own as "
             "file.py:Class; did you mean 'bayes'?"),
    ("mine.py", "rules.gate=mine.py is not a rule: there are"),
    ("mine.py:", "rules.gate=mine.py: is not of the form file.py:name"),
    ("absent.py:Own", "rules.gate=absent.py:Own: there is no file absent.py"),
    ("no_such_package.rules:Own", "no_such_package.rules cannot be loaded (ModuleNotFoundError"),
])
def test_names_and_paths_that_lead_nowhere(rule, said):
    assert said in refusal("gate", rule)


@pytest.mark.parametrize(("text", "said"), [
    ("class Own(:", "mine.py cannot be loaded (SyntaxError: "),
    ("x = 1\nopen('absent.txt')", "mine.py cannot be loaded (FileNotFoundError in mine.py line 2: "),
    ("class Owner: pass", "mine.py has no 'Own'; did you mean 'Owner'?"),
    ("Own = 3", "mine.py:Own: this is not a class but 3"),
    ("class Own:\n  def decides(self, gates): pass", "Own has no method 'decide'; did you mean 'decides'?"),
    ("class Own:\n  def decide(self, gates): pass", "Own must be a frozen dataclass; put @dataclass(frozen=True)"),
    (HEAD + "@dataclass\nclass Own:\n  def decide(self, gates): pass", "Own must be a frozen dataclass"),
    (HEAD + "@dataclass(frozen=True)\nclass Own:\n  goo: float\n  def decide(self, gates): pass",
     "its field 'goo' has neither a default nor a setting pilot.goo; did you mean 'go'?"),
    (HEAD + "@dataclass(frozen=True)\nclass Own:\n  def __post_init__(self): 1 / 0\n  def decide(self, gates): pass",
     "cannot be made: ZeroDivisionError in mine.py line 5"),
])
def test_files_that_hold_no_rule(file, text, said):
    assert said in refusal("gate", f"{file(text)}:Own")


@pytest.mark.parametrize(("seam", "body", "said"), [
    ("gate", "1 / 0", "failed in month 6: ZeroDivisionError in mine.py line 6: division by zero"),
    ("gate", "gates.mean[:] = 0", "month 6: ValueError in mine.py line 6: assignment destination is read-only"),
    ("gate", "None", "in month 6 returned None; it must return"),
    ("gate", "gates.mean", "returned an array of float64 with shape ("),
    ("gate", "np.full(gates.mean.size, 3)", "it must return for each alliance ("),
    ("gate", "[[1], [1, 2]]", "returned [[1], [1, 2]]; it must return"),
    ("conduct", "np.zeros(gates.gain.size)", "it must return true or false for each member ("),
    ("conduct", "True", "returned True; it must return"),
    ("partner_choice", "np.full(len(gates.luck), 99)", "a whole number from 0 to 32, the place of an allowed option"),
    ("partner_choice", "np.argmin(gates.allowed, axis=1)", "the place of an allowed option"),
    ("value_split", "np.ones(gates.saving.size)", "a share, with a sum of 1 in each alliance"),
    ("value_split", "gates.saving * np.nan", "returned nan in entry 0; it must return"),
    ("market", "gates.price", "it must return Clearing(price, target, inclusive_value, consumer_surplus)"),
    ("market", "(gates.price, -gates.price, gates.market_size, 0.0)",
     "as target; it must return sales of 0 or more for each firm (30)"),
    ("market", "(gates.price, gates.price, gates.price, 0.0)",
     "returned an array of float64 with shape (30,) as inclusive_value; it must return a sum"),
])
def test_answers_that_no_phase_could_use(file, seam, body, said):
    method = rules.METHOD[seam]
    line = body if "=" in body and "axis" not in body else f"return {body}"
    path = file(HEAD + f"@dataclass(frozen=True)\nclass Own:\n  def {method}(self, gates):\n    {line}\n")
    found = refusal(seam, f"{path}:Own")
    assert f"rules.{seam}={path}:Own" in found and said in found


def test_what_a_rule_raises_on_purpose_stays_as_it_is(file):
    path = file(HEAD + "from allysim import AllysimError\n@dataclass(frozen=True)\nclass Own:\n"
                "  def decide(self, gates): raise AllysimError('enough')")
    with pytest.raises(al.AllysimError, match=r"^enough$"):
        outcomes(**{"rules.gate": f"{path}:Own"})


def test_checks_of_hand_made_answers():
    yields = Yields(np.array([1., 3., 2.]), *[np.ones(3)] * 7, np.array([0, 0, 1], dtype=np.int32), 2, None)
    assert check("value_split", yields, [1.2, -.2, 1.]).sum() == 2.0  # a side payment is a share below 0
    gates = Gates(*(np.ones(2) for _ in range(6)), np.ones(2, dtype=bool), np.zeros(2, dtype=bool))
    assert (check("gate", gates, [0, 2]) == GO).tolist() == [False, True]
    assert check("conduct", Temptations(*(np.ones(2) for _ in range(9))), [True, False]).dtype == bool
    four = np.ones((1, 2))
    options = Options(four, four, four, four, np.array([[True, False]]), four, np.ones(1))
    check("partner_choice", options, np.array([0]))
    with pytest.raises(al.RuleError, match=r"^1; it must return for each firm"):
        check("partner_choice", options, np.array([1]))
    offers = Offers(np.ones((2, 1)), *(np.ones(2) for _ in range(4)), np.ones(1), np.ones(2), np.ones(2))
    assert check("market", offers, (np.ones(2), [0, 0], np.ones(1), 3)).consumer_surplus == 3.0
    with pytest.raises(al.RuleError, match=r"^inf in entry 1 as price; it must return a price above 0"):
        check("market", offers, Clearing(np.array([1., np.inf]), np.zeros(2), np.ones(1), 3.0))


def test_the_invited_see_whom_they_are_to_trust(file):
    nobody = file(HEAD + """
@dataclass(frozen=True)
class Own:
    def choose(self, options):
        return np.where((options.trust > .9).any(axis=1), options.trust.argmax(axis=1), 0)
""")
    strangers = outcomes(**{"rules.partner_choice": f"{nobody}:Own"})
    anyone = outcomes(**{"rules.partner_choice": f"{file(OWN['partner_choice'], 'anyone.py')}:Own"})
    assert strangers["population.allied"] == 0 < anyone["population.allied"]


def test_a_field_takes_the_setting_of_its_name(file):
    path = file(OWN["gate"])
    model = al.AllianceModel(**{"rules.gate": f"{path}:Own", "pilot.go": .9, "firms.n": 12})
    assert model.rules["gate"].go == .9


def test_a_file_is_loaded_once_and_again_when_it_changes(file):
    path = file(OWN["gate"])
    once, twice = (rules.find(f"{path}:Own", "rules.gate") for _ in range(2))
    assert once is twice
    path.write_text(OWN["gate"] + "\nchanged = True\n")
    assert rules.find(f"{path}:Own", "rules.gate") is not once
    other = path.parent / "other"
    other.mkdir()
    (other / "mine.py").write_text(OWN["conduct"])
    assert rules.find(f"{other / 'mine.py'}:Own", "rules.conduct").__module__ != once.__module__


def test_another_process_finds_the_rule_again(file):
    import pickle
    import sys

    model = al.AllianceModel(**{"rules.gate": f"{file(OWN['gate'])}:Own", "firms.n": 12})
    kept = pickle.dumps(model)
    del sys.modules[type(model.rules["gate"]).__module__]  # as in a process that never loaded the file
    twin = pickle.loads(kept)
    twin.step()
    assert twin.rules["gate"] == model.rules["gate"] and twin.month == 1


def test_the_command_line_refuses_in_a_sentence(file, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file(OWN["gate"])
    assert main(["run", "rules.gate=mine.py:Ow", "months=2"]) == 2
    assert capsys.readouterr().err == "allysim: rules.gate=mine.py:Ow: mine.py has no 'Ow'; did you mean 'Own'?\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]
