"""The model description leaves nothing out and names nothing that does not exist."""

import re
from pathlib import Path

import pytest

from allysim.config.catalogue import LABELS, section_of
from allysim.config.parameters import GROUPS, SECTIONS
from allysim.config.scenario import settable
from allysim.draws import Purpose
from allysim.rules import BUILT_IN

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in [DOCS / "model.md", *(DOCS / "model").glob("*.md")]}
TEXT = "\n".join(PAGES.values())
REFERENCES = PAGES["references.md"].split("\n- ")[1:]
CITED = re.compile(r"([A-ZÅØ][\w'-]+),?(?: et al\.)? \(?((?:1[89]|20)\d\d)\b(?!/)")
PLACES = ("mechanisms", "config", "rules", "phases", "draws", "records")
LONGEST = 400


def named(kind):
    """Return every dotted name of a kind in backticks."""
    return {name.rstrip(".") for name in re.findall(rf"`({kind}(?:\.\w+)+)", TEXT)}


@pytest.fixture(scope="module")
def maker(makers):
    return makers["model"]


@pytest.fixture(scope="module")
def equations(maker):
    """Every public function of mechanisms/, by module."""
    return {name: {f.name for f in maker.read(f"mechanisms.{name}").functions.values() if not f.name.startswith("_")}
            for name in maker.mechanism_modules()}


def test_every_mechanism_and_equation_is_described(equations):
    known = named("mechanisms")
    silent = [f"mechanisms.{module}" for module in equations
              if not any(f"{name}.".startswith(f"mechanisms.{module}.") for name in known)]
    silent += [f"mechanisms.{module}.{name}" for module, names in equations.items() for name in names
               if f"mechanisms.{module}.{name}" not in known]
    assert not silent, f"describe in docs/model/*.jinja: {', '.join(sorted(silent))}"


def test_every_phase_and_rule_is_described(maker):
    assert all(f"`phases.{phase}" in TEXT for phase in maker.phase_modules())
    assert all(f"`rules.{seam}={rule}`" in TEXT for seam, rules in BUILT_IN.items() for rule in rules)


def test_what_is_named_exists(maker, equations):
    wrong = []
    for name in named("mechanisms"):
        _, module, *function = name.split(".")
        if module not in equations or (function and function[0] not in equations[module]):
            wrong.append(name)
    wrong += [name for name in named("phases") if name.split(".")[1] not in [*maker.phase_modules(), "SCHEDULE"]]
    sections = "|".join(SECTIONS)
    wrong += [key for key in re.findall(rf"`((?:{sections})\.\w+)`", TEXT)
              if key not in {*settable(), *GROUPS}]
    assert not wrong, f"these do not exist: {', '.join(sorted(wrong))}"


def test_every_parameter_stands_in_one_table():
    rows = re.findall(r"^\| `([\w.]+)` \|", "\n".join(text for name, text in PAGES.items() if name != "concepts.md"),
                      re.MULTILINE)
    for key in settable():
        if key.rpartition(".")[2] not in LABELS or section_of(key) not in SECTIONS:
            assert rows.count(key) == 1, f"{key} stands in {rows.count(key)} tables of docs/model/"


def test_draws_events_and_accounts_have_words(maker):
    accounts = [account.name.lower().replace("_", " ") for account in maker.Outside]
    for kind, names in (("draws", list(Purpose.__members__)), ("events", maker.events()), ("accounts", accounts)):
        words = maker.WORDS[kind]
        assert set(names) == set(words), f"docs/model/words.yaml, {kind}: {set(names) ^ set(words)}"


def is_listed(name, year):
    return any(name in entry and f"({year})" in entry for entry in REFERENCES)


def test_every_work_cited_in_the_sources_is_listed(maker):
    files = [file for place in PLACES for file in (maker.HERE.parent / "src" / "allysim").glob(f"{place}*")]
    texts = [" ".join(path.read_text(encoding="utf-8").split()) for file in files
             for path in (sorted(file.rglob("*.py")) if file.is_dir() else [file])]
    cited = {found for text in texts for found in CITED.findall(re.sub(r'" *"', "", text))}
    assert len(cited) > 40
    missing = sorted(f"{name} {year}" for name, year in cited if not is_listed(name, year))
    assert not missing, f"docs/model/references.jinja lacks {', '.join(missing)}"


def test_every_work_cited_in_the_description_is_listed():
    text = " ".join("\n".join(page for name, page in PAGES.items() if name != "references.md").split())
    missing = sorted(f"{name} {year}" for name, year in set(CITED.findall(text)) if not is_listed(name, year))
    assert not missing, f"docs/model/references.jinja lacks {', '.join(missing)}"


def test_references_are_in_order_and_complete():
    names = [re.sub(r"\W", "", entry.split("(")[0].lower()) for entry in REFERENCES]
    assert len(names) > 50 and len(set(names)) >= len(names) - 1
    assert [entry[:1] for entry in REFERENCES] == sorted(entry[:1] for entry in REFERENCES)
    assert all(re.search(r"\((1[89]|20)\d\d\)\. ", " ".join(entry.split())) for entry in REFERENCES)


def test_pages_stay_short():
    assert {name: text.count("\n") for name, text in PAGES.items() if text.count("\n") > LONGEST} == {}


def test_displayed_mathematics_is_closed():
    for name, text in PAGES.items():
        for block in re.findall(r"```math\n(.*?)```", text, re.DOTALL):
            assert block.count("{") == block.count("}"), f"{name}: {block}"
            assert len(re.findall(r"\\left\b", block)) == len(re.findall(r"\\right\b", block)), f"{name}: {block}"
