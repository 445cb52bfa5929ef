"""`check_rule` passes every built-in rule and a sound one of a user's, and refuses broken ones in a sentence."""

import numpy as np
import pytest

import allysim as al
from allysim.rules import BUILT_IN, METHOD, find
from allysim.testing import check_rule

RULES = [(seam, name) for seam, known in BUILT_IN.items() for name in known]
HEAD = """\
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from allysim.rules.gate import EXTEND, GO, STOP

"""
GENEROUS = """
@dataclass(frozen=True)
class Own:
    patience: float = 2.0

    def defects(self, faced):
        return (faced.failed_last >= self.patience) & (faced.temptation > faced.penalty)
"""


@pytest.fixture
def own(tmp_path):
    """Write a class Own and return where it is."""
    def write(text):
        path = tmp_path / "mine.py"
        path.write_text(HEAD + text)
        return f"{path}:Own"
    return write


@pytest.mark.parametrize(("seam", "name"), RULES)
def test_built_in_rules_keep_their_contract(seam, name):
    rule = find(BUILT_IN[seam][name], "")
    report = check_rule(rule)
    assert report.seam == seam and report.decisions > report.questions > 20
    assert report.stochastic == getattr(rule, "stochastic", False)
    if hasattr(rule, "reads"):  # and nothing is declared that was never seen to matter
        assert set(report.reads) == set(rule.reads) - {"price"}  # a first guess, which moves prices by 1e-12


@pytest.mark.parametrize(("seam", "name"), RULES)
def test_built_in_rules_are_asked_when_there_is_nobody_to_decide_for(seam, name):
    from allysim.testing import _recorded, _take

    question = _recorded()[seam][0].question
    if seam == "market":
        return  # there always are firms
    nobody = _take(question, np.empty(0, dtype=np.int64))
    rule = al.AllianceModel(**{f"rules.{seam}": name, "firms.n": 12}).rules[seam]
    assert getattr(rule, METHOD[seam])(nobody).shape == (0,)


def test_a_sound_rule_and_what_is_said_of_it(own):
    said = str(check_rule(own(GENEROUS))).splitlines()
    assert said[0] == "Own keeps the contract of rules.conduct."
    assert said[1].split()[0] == "asked" and "edge cases" in said[1]
    assert [line.strip() for line in said[3:]] == [
        "depends on  temptation, penalty, failed_last", "stochastic  no", "fields      patience=2"]
    assert "False in" in said[2] and "True in" in said[2]


def gate(line, head=""):
    return f"@dataclass(frozen=True)\nclass Own:\n    {head or 'pass'}\n    def decide(self, gates):\n        {line}\n"


def choice(line, head="pass"):
    return f"@dataclass(frozen=True)\nclass Own:\n    {head}\n    def choose(self, options):\n        {line}\n"


MANY = "gates.mean.size"
BROKEN = {
    "no dataclass": ("class Own:\n    def decide(self, gates): pass", "Own must be a frozen dataclass; put @dataclass"),
    "not frozen": ("@dataclass\nclass Own:\n    def decide(self, gates): pass", "Own must be a frozen dataclass; put"),
    "no method": ("@dataclass(frozen=True)\nclass Own:\n    def decides(self, gates): pass",
                  "Own has none of the methods clear, choose, defects, decide, efforts, shares, pursue and so fits no "
                  "seam; did you "
                  "mean 'decide'?"),
    "two seams": (gate("pass") + "    def defects(self, faced): pass", "Own has the methods of conduct and gate: say"),
    "a field nobody fills": (gate("pass", "goo: float"), "Own: its field 'goo' has neither a default nor a setting "
                             "pilot.goo; did you mean 'go'?"),
    "no such column": (gate("return np.where(gates.men > 0, GO, STOP)"),
                       "in month 12 of a calm world of 12 firms: AttributeError in mine.py line 12: 'Gates' object "
                       "has"),
    "writes": (gate("gates.mean[:] = 0"), "ValueError in mine.py line 12: assignment destination is read-only"),
    "writes all the same": (gate("gates.mean.flags.writeable = True; gates.mean[:] = 0\n"
                                 f"        return np.full({MANY}, GO)"),
                            "Own changes the column 'mean' it is asked with; let it work on a copy"),
    "shape": (gate("return GO"), "of a calm world of 12 firms returned 2; it must return for each alliance ("),
    "type": (gate("return gates.mean"), "returned an array of float64 with shape (1,); it must return for each"),
    "range": (gate(f"return np.full({MANY}, 3)"), "returned 3; it must return for each alliance (1) 0 to stop, 1 to"),
    "not a number": ("@dataclass(frozen=True)\nclass Own:\n    def shares(self, yields):\n"
                     "        return yields.saving / yields.total(yields.saving)\n",
                     "returned nan in entry 0; it must return for each member ("),
    "shares beyond the whole": ("@dataclass(frozen=True)\nclass Own:\n    def shares(self, yields):\n"
                                "        return np.full(yields.saving.size, .5)\n", "a share, with a sum of 1 in each"),
    "not allowed": (choice("return np.argmax(options.value, axis=1)"), "the place of an allowed option"),
    "own chance": (gate(f"return np.random.default_rng().choice([GO, STOP], {MANY})"),
                   "Own answers the same question differently when asked again (in month"),
    "keeps count": (gate(f"self.asked.append(1); return np.full({MANY}, len(self.asked) % 3)",
                         "asked: ClassVar[list] = []"), "nothing may be kept between questions"),
    "looks at the others": (gate("return np.where(gates.mean >= gates.mean.max(), GO, STOP)"),
                            "decides otherwise for a row when other rows are asked with it: each must be decided by"),
    "hidden luck": (choice("return np.argmax(np.where(options.allowed, options.luck, -1), axis=1)"),
                    "Own uses the column 'luck' but is not declared stochastic: add stochastic: ClassVar[bool] = True"),
    "reads more": (gate("return np.where(gates.mean > gates.sd, GO, STOP)", "reads: ClassVar[tuple] = ('mean',)"),
                   "Own.reads does not name 'sd', on which its answers depend: there are mean"),
    "reads what there is not": (gate("return GO", "reads: ClassVar[tuple] = ('means',)"),
                                "Own.reads names 'means', which is no column of Gates: there are chance, mean, sd"),
    "reads in one word": (gate("return GO", "reads: ClassVar[str] = 'mean'"), "it must be a tuple of names of columns"),
    "stochastic perhaps": (gate("return GO", "stochastic: ClassVar[str] = 'no'"), "it must be True or False"),
    "order of firms": ("@dataclass(frozen=True)\nclass Own:\n    def clear(self, offers):\n"
                       "        p = offers.unit_cost + np.arange(offers.price.size) * .01 + .1\n"
                       "        return p, p, offers.market_size, 0.0\n",
                       "decides otherwise when the rows come in another order"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_rule_is_refused_in_a_sentence(own, fault):
    text, said = BROKEN[fault]
    with pytest.raises(al.RuleError) as caught:
        check_rule(own(text))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_rule_with_the_methods_of_two_seams_is_checked_for_the_one_named(own):
    where = own(gate("return np.where(gates.mean > 0, GO, STOP)") + "    def defects(self, faced): pass\n")
    assert check_rule(where, "gate").reads == ("mean",)
    with pytest.raises(al.RuleError, match=r"there is no seam 'gates': .*; did you mean 'gate'"):
        check_rule(where, "gates")


def test_nothing_but_a_rule_is_taken():
    with pytest.raises(al.RuleError, match="3 has none of the methods"):
        check_rule(3)
    with pytest.raises(al.RuleError, match=r"check_rule=absent.py:Own: there is no file absent.py"):
        check_rule("absent.py:Own")
