"""The house: data walks one way, files stay small, and nothing points at the machine it was written on."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
LONGEST = 400

WALK = {
    "ground": ("errors", "version", "jit", "draws", "accounts", "kpis"),
    "data": ("reading", "data", "drivers"),
    "config": ("config", "network"),
    "mechanisms": ("mechanisms",),
    "state": ("table", "state", "ties", "roster"),
    "rules": ("rules",),
    "phases": ("population", "dealings", "phases"),
    "records": ("kept", "journal", "flows", "records"),
    "model": ("charter", "agents", "collect", "checkpoint", "fork", "model"),
    "checks of rules": ("testing",),
    "study of runs": ("study.store", "study.executors", "study.cluster", "study.outcome", "study.simulate",
                      "study.remains"),
    "analysis": ("analysis",),
    "study of many runs": ("study.replications", "study.ensemble", "study.comparison", "study.design", "study.plan",
                           "study.chunks", "study.archive", "study.progress", "study.study", "study.kept_runs",
                           "study.claims", "study.validation", "study.forecast", "study.budget",
                           "study.stored", "study.reversal"),
    "viewer": ("viewer.film", "viewer.page", "viewer.lucks"),
    "report": ("report",),
    "films and the live page": ("viewer",),
    "cli": ("cli", "__main__"),
}
"""Rooms in the order of the walk, with the modules and packages in them; what many runs say takes analysis."""
ROUND_TRIPS = {
    ("allysim.records", "allysim.fork"): "a run left can be taken up again",
    ("allysim.records", "allysim.analysis.explain"): "a run tells its story itself",
}
"""Steps back that are meant, and why."""
DOOR = ("allysim",)
"""The package itself is no room: it hands out names of all of them when asked."""


def room_of(module: str) -> str:
    """Return the room of a module, such as "allysim.config.scenario"."""
    inner = module.removeprefix("allysim.")
    for room, names in WALK.items():
        if any(inner == name or inner.startswith(f"{name}.") for name in names):
            return room
    raise AssertionError(f"{module} stands in no room: say in WALK where data passes it")


def name_of(path: Path, source: Path) -> str:
    """Return the dotted name of a module's file."""
    return ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.AST, modules: set[str]) -> Iterator[str]:
    """Yield the modules of ours that a module imports when it runs, at its top or within a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from imports(ast.Module(node.orelse, []), modules)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        if isinstance(node, ast.ImportFrom):
            within = "." * node.level + (node.module or "")
            named = [f"{within}.{alias.name}" for alias in node.names]  # a package may have no file of its own
            yield from (name if name in modules else within for name in named
                        if name in modules or within in modules or node.level)
        yield from imports(node, modules)


def astray(source: Path) -> list[str]:
    """Return a sentence for each import from a room further along the walk."""
    paths = {name_of(path, source): path for path in sorted(source.rglob("*.py"))}
    order, sentences = list(WALK), []
    for module, path in paths.items():
        if module in DOOR:
            continue
        here = room_of(module)
        for other in dict.fromkeys(imports(ast.parse(path.read_text(encoding="utf-8")), set(paths))):
            if other.startswith("."):
                sentences.append(f"{module} imports {other}: write the whole name")
            elif other in DOOR:
                sentences.append(f"{module} imports allysim itself, which hands out names of every room")
            elif (module, other) not in ROUND_TRIPS and order.index(room_of(other)) > order.index(here):
                sentences.append(f"{module} ({here}) imports {other} ({room_of(other)}), a room further along")
    return sentences


def test_imports_follow_the_walk():
    assert astray(SOURCE) == []


def test_every_name_on_the_walk_stands_for_modules():
    modules = {name_of(path, SOURCE).removeprefix("allysim.") for path in SOURCE.rglob("*.py")}
    for name in (name for names in WALK.values() for name in names):
        assert any(module == name or module.startswith(f"{name}.") for module in modules), f"nothing is called {name}"


@pytest.mark.parametrize(("statement", "said"), [
    ("from allysim.study.store import Store", "imports allysim.study.store (study of runs)"),
    ("from allysim.study import store", "imports allysim.study.store (study of runs)"),
    ("import allysim.study.store", "imports allysim.study.store (study of runs)"),
    ("def late():\n    from allysim.study import store", "imports allysim.study.store (study of runs)"),
    ("if TYPE_CHECKING:\n    pass\nelse:\n    from allysim.study import store",
     "imports allysim.study.store (study of runs)"),
    ("from allysim import run", "imports allysim itself"),
    ("from .study import store", "imports .study: write the whole name"),
])
def test_a_step_back_is_named(tmp_path, statement, said):
    _house(tmp_path, statement)
    [sentence] = astray(tmp_path)
    assert sentence.startswith("allysim.state ") and said in sentence


@pytest.mark.parametrize("statement", [
    "from allysim.errors import nearest", "from allysim import errors", "import numpy",
    "if TYPE_CHECKING:\n    from allysim.study import store",
    "if typing.TYPE_CHECKING:\n    from allysim.study.store import Store",
])
def test_steps_forward_and_hints_are_free(tmp_path, statement):
    _house(tmp_path, statement)
    assert astray(tmp_path) == []


def _house(source: Path, statement: str) -> None:
    """Write a small package with the statement in its module `state`."""
    for name, text in {"__init__": "", "errors": "", "state": statement, "study/store": ""}.items():
        path = source / "allysim" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_files_stay_small():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
               for path in SOURCE.rglob("*.py")}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


# A folder of someone's home or of a work place, and an address of a package index, whole or as an option.
HERE = re.compile(r"(?<![\w.~$}/-])/(?:home|root|work|Users|workspace|mnt)/[\w.-]+"
                  r"|[A-Z]:\\+Users\\+\w"
                  r"|https?://[\w.:@-]+/(?:[\w.-]+/)*simple\b|--(?:extra-)?index-url")


def committed() -> list[Path]:
    """Return the files of the repository that hold text."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not in a checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()]


def test_nothing_points_at_a_machine():
    found = [f"{path.relative_to(ROOT)}:{number}: {match.group()}"
             for path in committed()
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
             if (match := HERE.search(line))]
    assert found == []


@pytest.mark.parametrize("text", [
    "out=+home+ada+x", "'+root+.cache'", "open('+work+main+a.csv')", "+Users+ada+x", "pip --index+url=http:++a.example",
    "https:++packages.example.org+simple", "http:++host:8080+mirror+simple+",
])
def test_what_points_at_a_machine_is_seen(text):
    """The texts are written with plus signs, since this file is looked through as well."""
    assert HERE.search(text.replace("index+url", "index-url").replace("+", "/"))


@pytest.mark.parametrize("text", ["~/work/x", "$HOME/work/a", "src/home/page.html", "https://example.org/home/a",
                                  "a/work/b", "work/home", "/tmp/out", "https://example.org/project/allysim"])
def test_what_points_nowhere_is_not(text):
    assert not HERE.search(text)
