"""Generated pages say what the code says now, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GENERATED = sorted(path.stem.removeprefix("make_") for path in DOCS.glob("make_*.py"))


@pytest.mark.parametrize("page", GENERATED)
def test_page_is_current(makers, page):
    written = makers[page].PAGE.read_text(encoding="utf-8")
    assert makers[page].render() == written, f"run python docs/make.py {page}"


def anchors(text):
    """Return what the headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_links_lead_somewhere(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    for file, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
        target = DOCS / file if file else DOCS / page
        assert target.exists(), f"{page} links to {file}"
        if anchor:
            assert anchors(target.read_text(encoding="utf-8")).count(anchor) == 1, f"{page} links to #{anchor}"
