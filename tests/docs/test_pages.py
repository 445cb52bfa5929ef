"""Generated pages say what the code says now, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GENERATED = sorted(path.stem.removeprefix("make_") for path in DOCS.glob("make_*.py"))


@pytest.mark.parametrize("page", GENERATED)
def test_page_is_current(makers, page):
    made = makers[page].render()
    for file, text in (made if isinstance(made, dict) else {makers[page].PAGE: made}).items():
        assert text == file.read_text(encoding="utf-8"), f"run python docs/make.py {page}"


def test_every_claim_has_a_share_or_a_reason(makers):
    """No row of the README's table is left without what its verdict rests on."""
    rows = makers["verdicts"].table().splitlines()[2:]
    assert len(rows) == 45
    assert all(row.split("|")[4].strip() for row in rows)


def anchors(text):
    """Return what the headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", ["README.md", *sorted(str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md"))])
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for file, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
        target = (ROOT / page).parent / file if file else ROOT / page
        assert target.exists(), f"{page} links to {file}"
        if anchor:
            assert anchors(target.read_text(encoding="utf-8")).count(anchor) == 1, f"{page} links to {file}#{anchor}"


@pytest.mark.parametrize("page", ["README.md", *sorted(str(path.relative_to(ROOT)) for path in DOCS.rglob("*.md"))])
def test_files_that_a_page_names_are_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|src|benchmarks|experiments|configs|docs)/[\w./-]+)`", text)
    assert not [name for name in named if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_readme_leads_to_every_page(page):
    assert f"](docs/{page})" in (ROOT / "README.md").read_text(encoding="utf-8")
