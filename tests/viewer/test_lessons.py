"""Lessons: every claim of theirs is worked out anew, and what is written is whole."""

import re

import pytest

import allysim as al
from allysim.errors import ConfigError
from allysim.viewer.film import SHOWN
from allysim.viewer.lessons import FINDINGS, ORDER, PARTS, all_lessons, folder, html, read
from allysim.viewer.lucks import bands, paths_of, stacked
from allysim.viewer.spec import composed

LESSONS = {lesson.name: lesson for lesson in all_lessons()}
SHEET_PARTS = ("What it is about", "Course", "What the band shows", "Common mistakes", "What the model leaves out")


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(name, id=f"part {name}") for name in ORDER])
def test_what_a_lesson_claims_its_band_shows(name):
    """The lucks that the page runs, and the rule by which it finds: a 95 % interval above 0, below it, or neither."""
    lesson = LESSONS[name]
    plans = [composed(al.scenario(), world) for world in lesson.worlds]
    found = bands(*stacked([paths_of(plans, lesson.seed + k) for k in range(lesson.lucks)]))["figures"]
    for figure, claimed in ((lesson.figure, lesson.finds), *lesson.because):
        low, high = (found[figure]["d"][end][-1] for end in ("sure_low", "sure_high"))
        shown = "above" if low > 0 else "below" if high < 0 else "unclear"
        assert shown == claimed, (figure, low, high)


@pytest.mark.parametrize("name", ORDER)
def test_a_lesson_is_whole(name):
    lesson = LESSONS[name]
    assert all(lesson.parts[part] for part in (*PARTS, *FINDINGS))
    assert len(lesson.choices) == 3 and lesson.names[0] != lesson.names[1]
    for figure in (lesson.figure, *(figure for figure, _ in lesson.because)):
        assert figure.partition(".")[2] in SHOWN
    one, other = (composed(al.scenario(), world)[0] for world in lesson.worlds)
    changed = {key for key, value in one.flat().items() if value != other.flat()[key]}
    assert changed and one.run == other.run and one.firms == other.firms
    shown = lesson.shown()
    assert shown["parts"]["Predict"].startswith("<p>") and set(shown["worlds"]) == {"a", "b"}


@pytest.mark.parametrize("name", ORDER)
def test_levers_that_a_lesson_names_are_there(name):
    from allysim.config.parameters import GROUPS
    from allysim.config.scenario import settable

    for text in (LESSONS[name].parts.values()):
        for key in re.findall(r"`([\w.]+)(?:=\w+)?`", text):
            if "." in key or key in GROUPS:
                assert key in settable() or key in GROUPS, key
        for key, value in re.findall(r"`([\w.]+)=(\w+)`", text):
            al.scenario(**{key: value})


@pytest.mark.parametrize("name", ORDER)
def test_a_sheet_is_whole_and_one_page_long(name):
    text = (folder() / f"{name}_sheet.md").read_text(encoding="utf-8")
    assert [part for part in SHEET_PARTS if f"## {part}" not in text] == []
    assert len(text.split()) < 420
    steps = [row.split("|")[1:3] for row in text.splitlines() if row.startswith("| ") and row[2].isdigit()]
    minutes = int(re.search(r"\*\*Time\*\* (\d+) minutes", text)[1])
    assert sum(int(cell) for cell, _ in steps) == minutes
    assert [name.strip() for _, name in steps] == ["Predict", "One luck", "Many lucks", "Why", "Question"]
    assert "<table>" in LESSONS[name].sheet()


def test_all_files_are_lessons():
    assert {path.stem.removesuffix("_sheet") for path in folder().glob("*.md")} == set(ORDER)


def test_tags_in_markdown_are_text():
    assert "<script>" not in html("<script>alert(1)</script> and *more*")


@pytest.mark.parametrize(("change", "said"), [
    (("---\n", ""), "begins with its worlds"), (("seed: 1\n", ""), "its head cannot be used ('seed')"),
    (("finds: above", "finds: higher"), "is no figure with one of above, unclear, below"),
    (("## Why", "## Wherefore"), "it lacks Why"), (("governance_cost: above", "costs: above"), "is no figure with"),
])
def test_a_lesson_with_a_fault_is_refused(change, said, tmp_path):
    text = (folder() / "pooled_buying.md").read_text(encoding="utf-8").replace(*change)
    (tmp_path / "lesson.md").write_text(text)
    with pytest.raises(ConfigError, match=re.escape(said)):
        read(tmp_path / "lesson.md")
