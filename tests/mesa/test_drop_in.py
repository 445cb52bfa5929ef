"""Scripts as a Mesa user writes them: the fifteen lines beside this file, and the example of the documentation."""

import re
import runpy
from pathlib import Path

import pytest

import allysim as al

pytestmark = pytest.mark.smoke
HERE = Path(__file__).parent


def test_fifteen_lines_of_a_mesa_user(capsys):
    left = runpy.run_path(str(HERE / "drop_in.py"))
    assert "small allied firms, cash" in capsys.readouterr().out
    model, series = left["model"], left["series"]
    assert model.month == 24 and len(series) == 25
    by_itself = al.run(model.config, seed=3)
    assert list(series["population.ebitda"]) == list(by_itself.series["population.ebitda"])
    cash = model.datacollector.get_agent_vars_dataframe()["cash"]
    assert list(cash.loc[0]) == list(by_itself.initial["cash"])


def test_example_of_the_documentation(capsys):
    text = (HERE.parents[1] / "docs" / "mesa.md").read_text(encoding="utf-8")
    code, = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(code, "docs/mesa.md", "exec"), {})
    assert capsys.readouterr().out.startswith("<AllianceModel: month 24 of 120, 60 firms")
