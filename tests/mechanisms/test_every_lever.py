"""Every lever of mechanisms that a source, a textbook or an assumption stands behind has a row of its own.

A row is an entry of `SIGNS`, or, by its key, of `ROWS`, in a file of this folder. Which lever an entry of `SIGNS` moves
is found out: the sections that it makes for its low and its high value differ in it.
"""

import importlib
from functools import partial
from pathlib import Path

import pytest

from allysim.config.parameters import SECTIONS
from allysim.config.scenario import settable

TAGGED = [key for key, field in settable().items() if field.parameter.tag in "STA"]


@pytest.fixture
def made(monkeypatch):
    """What sections are made with from now on, by key."""
    noted: dict[str, list] = {}

    def watched(name, section):
        plain = section.__new__

        def make(cls, *given, **named):
            one = plain(cls, *given, **named)
            for field, value in zip(section._fields, one, strict=True):
                noted.setdefault(f"{name}.{field}", []).append(value)
            return one
        return make

    for name, section in SECTIONS.items():
        if name != "background":  # the class is that of strategy
            monkeypatch.setattr(section, "__new__", staticmethod(watched(name, section)))
    return noted


def pairs(signs):
    """Yield the two calls of each row: (sign, effect, low, high) by name, or (name, sign, lower, higher)."""
    if isinstance(signs, dict):
        for _, effect, low, high in signs.values():
            yield partial(effect, low), partial(effect, high)
    else:
        for *_, lower, higher in signs:
            yield lower, higher


def test_every_lever_has_a_row(made):
    found = set()
    for file in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"mechanisms.{file.stem}")
        found |= set(getattr(module, "ROWS", ()))
        for lower, higher in pairs(getattr(module, "SIGNS", {})):
            values = []
            for call in (lower, higher):
                made.clear()
                call()
                values.append(dict(made))
            found |= {key for key in values[0] if values[0][key] != values[1].get(key)}
    without = [key for key in TAGGED if key not in found]
    assert not without, ("give each of these a row, that calls its mechanism by itself over the range it is swept, in "
                         f"a file of tests/mechanisms: {', '.join(without)}")


def test_rows_are_of_levers():
    from mechanisms.test_levers_alone import ROWS

    assert set(ROWS) <= set(TAGGED), f"these are no levers: {sorted(set(ROWS) - set(TAGGED))}"
    unswept = [key for key in ROWS if settable()[key].parameter.low is None]
    assert not unswept, f"these have no range to be moved over: {unswept}"
