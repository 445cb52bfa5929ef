"""A user's own outcome, and the sentences it is refused with."""

from types import SimpleNamespace

import pytest

import allysim as al
from allysim.errors import RuleError
from allysim.study.outcome import load, own_outcomes

RUN = SimpleNamespace(seed=7, outcomes={"focal.survival": .5})


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "mine.py"
        path.write_text(text)
        return path
    return write


def test_a_number_is_named_after_its_function(file):
    path = file("def margin(run):\n    return run.outcomes['focal.survival'] * 4\n")
    assert own_outcomes(f"{path}:margin", RUN) == {"own.margin": 2.}


def test_a_dict_gives_several(file):
    path = file("import numpy as np\ndef two(run):\n    return {'a': np.float64(1), 'b': float('nan')}\n")
    found = own_outcomes(f"{path}:two", RUN)
    assert found["own.a"] == 1 and found["own.b"] != found["own.b"]


@pytest.mark.parametrize(("given", "said"), [
    ("mine.py", "not of the form file.py:function"),
    ("mine:f", "not of the form file.py:function"),
    ("absent.py:f", "there is no file .*absent.py"),
])
def test_wrong_paths(given, said):
    with pytest.raises(RuleError, match=said):
        load(given)


@pytest.mark.parametrize(("text", "name", "said"), [
    ("def margin(run): return 1", "margn", "has no 'margn'; did you mean 'margin'?"),
    ("x = 1", "f", "mine.py has no 'f'"),
    ("f = 3", "f", "'f' is not a function but 3"),
    ("def f(run) return 1", "f", "mine.py cannot be loaded \\(SyntaxError"),
    ("import no_such_thing", "f", "mine.py cannot be loaded \\(ModuleNotFoundError"),
    ("def f(run): return 'much'", "f", "returned 'much', but it must return a finite number"),
    ("def f(run): return {'a': None}", "f", "returned {'a': None}, but it must return"),
    ("def f(run): return float('inf')", "f", "returned inf"),
    ("def f(run): return run.missing", "f", "failed on the run with seed 7: AttributeError in mine.py line 1"),
    ("def f(): return 1", "f", "failed on the run with seed 7: TypeError"),
])
def test_one_sentence_for_each_mistake(file, text, name, said):
    with pytest.raises(RuleError, match=said) as caught:
        own_outcomes(f"{file(text)}:{name}", RUN)
    assert "\n" not in str(caught.value)


def test_it_sees_every_table_whatever_is_kept(file, tmp_path):
    path = file("def money(run):\n    return run.ledger['amount'].sum() + len(run.events) + len(run.firms)\n")
    base = al.scenario(months=3, outcome=f"{path}:money", **{"firms.n": 8, "firms.focal": 3})
    for records in ("outcomes", "series"):
        study = al.Study(base.replace(records=records), {"pilot.months": [3, 6]}, replications=2)
        rows = study.run(executor="serial", out=tmp_path / records).to_pandas()
        assert (rows["own.money"] > 0).all() and (rows["status"] == "SUCCEEDED").all()
        assert not (tmp_path / records / "ledger").exists()
        assert (tmp_path / records / "events").exists() == (records == "series")
