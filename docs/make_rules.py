"""Make docs/rules.md: docs/rules.jinja with the seams as the sources of rules/ describe them, and a check's report."""

import inspect
import tempfile
from pathlib import Path

import griffe
import jinja2
from make_api import comment
from markup import about, prose, read, table

from allysim.rules import BUILT_IN, METHOD, SECTION
from allysim.testing import check_rule

HERE = Path(__file__).parent
PAGE = HERE / "rules.md"

CODE = '''\
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from allysim.rules.gate import EXTEND, GO, STOP


@dataclass(frozen=True)
class Patient:
    """Go at even odds; stop only once the budget is spent, whatever the KPI says."""

    go: float
    odds: float = 0.5
    reads: ClassVar[tuple[str, ...]] = ("chance", "spent", "budget")

    def decide(self, gates):
        hopeful = gates.chance > min(self.odds, self.go)
        return np.where(hopeful, GO, np.where(gates.spent > gates.budget, STOP, EXTEND))
'''
PYTHON = r'''import allysim as al

small = al.scenario(months=24, **{"firms.n": 30})
rules = {"built in": "bayes", "mine": "patient.py:Patient"}
variants = {name: small.replace({"rules.gate": rule}) for name, rule in rules.items()}
compared = al.Comparison(variants, replications=10, jobs=1)
print(*compared.run().statements(), sep="\n")
'''


def described(seam: str) -> dict[str, str]:
    """Return what the page says of a seam, from the sources."""
    module = read(f"rules.{seam}")
    rules = {name: module.classes[target.rpartition(":")[2]] for name, target in BUILT_IN[seam].items()}
    method = next(iter(rules.values())).functions[METHOD[seam]]
    asked = str(method.parameters[1].annotation)
    question = module.classes[asked]
    text = module.docstring.value.partition(": ")[2]
    section = SECTION[seam]
    return {
        "name": seam, "about": prose(text[0].upper() + text[1:]), "method": METHOD[seam],
        "filled": f"; fields are filled from the section [{section}](levers.md#{section})" if section else "",
        "rules": table(["built in", "what it does"], ([f"`{name}`", first(rule)] for name, rule in rules.items())),
        "question": asked, "asked": " ".join(prose(about(question)).split()), "columns": columns(question),
        "answer": answer(module, method),
    }


def columns(of: griffe.Class) -> str:
    """Return the table of the columns of a question or of an answer, with the comments behind them."""
    return table(["column", "what it is"], ([f"`{name}`", comment(field)] for name, field in of.attributes.items()
                                            if field.annotation is not None))


def answer(module: griffe.Module, method: griffe.Function) -> str:
    """Return what a method must answer with."""
    said = first(method)
    record = module.classes.get(str(method.returns))
    if record is None:
        return f"Answer: {said.removeprefix('Return ')}"
    return f"The answer is a `{record.name}`:\n\n{columns(record)}"


def first(thing: griffe.Object) -> str:
    """Return the first paragraph of a docstring as a line."""
    return " ".join(prose(inspect.cleandoc(about(thing)).split("\n\n")[0]).split())


def report() -> str:
    """Return what the check says of the rule of the page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "patient.py"
        path.write_text(CODE, encoding="utf-8")
        return str(check_rule(f"{path}:Patient"))


def render() -> str:
    """Return the page."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                                     keep_trailing_newline=True)
    template = environment.from_string((HERE / "rules.jinja").read_text(encoding="utf-8"))
    return template.render(code=CODE.strip(), python=PYTHON.strip(), report=report(),
                           seams=[described(seam) for seam in BUILT_IN])
