"""Every example in a docstring of the package runs and prints what it says."""

import doctest
import importlib
import sys
from pathlib import Path

import mesa
import pytest

import allysim as al

DOCS = Path(__file__).parents[2] / "docs"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def documented(thing):
    """Yield a module, class or function of the sources and what is in it, where it has a docstring."""
    if thing.docstring:
        yield thing
    if thing.is_module or thing.is_class:
        for member in thing.members.values():
            if not member.is_alias:
                yield from documented(member)


def examples():
    sys.path.insert(0, str(DOCS))
    markup = importlib.import_module("markup")
    sources = [markup.read(name) for name in markup.modules()]
    return {thing.path.removeprefix("allysim."): thing for module in sources for thing in documented(module)
            if ">>>" in thing.docstring.value}


EXAMPLES = examples()


@pytest.fixture(scope="module")
def finished():
    return al.run(al.scenario(months=48, **{"firms.n": 20}))


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name, finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    thing = EXAMPLES[name]
    names = {"al": al, "mesa": mesa, "run": finished}
    text = thing.docstring.value
    test = doctest.DocTestParser().get_doctest(text, names, name, str(thing.filepath), thing.docstring.lineno - 1)
    said = []
    assert doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=said.append).failed == 0, "".join(said)
    assert test.examples


def test_main_entries_have_examples():
    assert {"config.compose.scenario", "study.ensemble.Ensemble", "study.comparison.Comparison", "records.Run.fork",
            "report.figures.plot"} <= EXAMPLES.keys()
