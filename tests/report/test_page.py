"""The page: one file that asks for nothing, and says only what was computed."""

import re
from html.parser import HTMLParser

import pytest

from allysim.config import presets
from allysim.report import differences
from allysim.report.page import Page
from allysim.report.suggest import suggestions
from allysim.study import store
from allysim.study.progress import duration

VOID = {"meta", "br", "link", "img", "input", "hr"}


@pytest.fixture
def render():
    def make(comparison, arguments=("strategy=stand_alone,procurement_first", "out=a b")):
        variants = [{"scenario": v.scenario, "strategy": v.strategy, "config": v.config.to_dict()}
                    for v in comparison.variants]
        manifest = store.describe("compare", variants, comparison.seeds, comparison.records, list(arguments))
        return Page(comparison, manifest).render()
    return make


class Reader(HTMLParser):
    """Collects text and unclosed elements, and what elements ask for."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.asked = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.asked += [value for name, value in attributes if name in ("src", "href", "xlink:href", "action", "data")]

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open = self.open[:-1] if tag not in VOID else self.open

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).replace("\u00a0", " ").replace("−", "-").split())


def test_the_page_asks_for_nothing(made_up, grid, render):
    html = render(grid("scenario=calm,supply_stress").run())
    reader = Reader(html)
    assert reader.open == []
    assert all(asked.startswith("#") for asked in reader.asked)
    assert not re.search(r"https?:|@import|url\((?!#)|<script[^>]|<link|<iframe", html)
    assert len(html.encode()) < 500_000


def test_the_answer_stands_at_the_top(made_up, grid, render):
    done = grid("scenario=calm,supply_stress").run()
    text = Reader(render(done)).text
    for sentence in done.statements():
        assert sentence in text
    assert "What do the focal firms gain or lose by buying together instead of standing alone?" in text
    assert text.index(done.statements()[0]) < text.index("All figures")
    assert "10 focal firms among 20 · 12 months · 20 paired replications" in text


def test_what_is_said_turns_with_what_was_found(made_up, grid, render):
    made_up.gain = {"calm": 0.0, "supply_stress": -5.0}
    text = Reader(render(grid("scenario=calm,supply_stress").run())).text
    assert "In a calm world, no clear difference between buying together and standing alone; " \
           "under supply stress, buying together falls behind standing alone" in text


def test_the_page_can_be_repeated_and_says_what_it_rests_on(made_up, grid, render):
    done = grid().run()
    text = Reader(render(done)).text
    assert "allysim compare strategy=stand_alone,procurement_first 'out=a b'" in text
    assert "Seeds 1 to 20" in text
    assert done.variants[0].config.digest(1) in text
    assert re.search(r"\d+ settings of the model are assumptions \(tagged A\)", text)
    assert "No file of firms was given, so all 20 firms are drawn" in text


def test_own_firms_are_reported_with_what_was_drawn(made_up, grid, render, tmp_path):
    csv = tmp_path / "mine.csv"
    csv.write_text("firm,revenue\nSmith & Sons <Ltd>,60\nB,90\n")
    text = Reader(render(grid(f"firms.path={csv}").run())).text
    assert "2 firms of your own with 150.0 k€ of revenue a month." in text
    assert "Not given, so drawn or set to the default: segment" in text
    assert "18 firms around them are drawn." in text


def test_labels_cannot_break_the_page(made_up, render, grid):
    done = grid().run()
    done.variants[1] = done.variants[1]._replace(strategy="<script>alert(1)</script>")
    html = render(done)
    assert "<script>alert" not in html
    assert Reader(html).open == []


def test_failures_are_told(made_up, grid, render):
    made_up.fails = {3}
    assert "2 of 40 runs failed and are left out with their pairs" in Reader(render(grid().run())).text


def test_a_page_without_months_and_without_focal_firms(made_up, grid, render):
    assert "Bars: 95 % interval" in Reader(render(grid("records=outcomes").run())).text


def test_cells_tell_better_from_higher(made_up, grid):
    made_up.noise = 0.0
    done = grid().run()
    assert differences.cell(done, 1, "focal.economic_profit").mark == "✓"
    assert differences.cell(done, 1, "focal.unit_cost").mark == "✗"
    assert differences.cell(done, 1, "focal.price").mark == "↑"
    made_up.gain["calm"] = 0.0
    assert differences.cell(grid().run(), 1, "focal.price") == ("0", "in every pair", "no clear difference", "○", "")


def test_what_to_try_next_says_how_long_it_takes(made_up, grid):
    done = grid().run()
    done.runs["seconds"] = 3.0
    worlds, guards = suggestions(done, ["strategy=stand_alone,procurement_first"])[:2]
    for suggestion, group in ((worlds, "scenario"), (guards, "governance")):
        assert f"about {duration(3.0 * 2 * 20 * len(presets.names(group)))} on one core" in suggestion.why


def test_what_to_try_next_follows_from_the_answer(made_up, grid):
    arguments = ["strategy=stand_alone,procurement_first", "out=x"]
    clear = [s.command for s in suggestions(grid().run(), arguments)]
    every = ",".join(presets.names("scenario"))
    assert clear[0] == f"allysim compare strategy=stand_alone,procurement_first scenario={every}"
    made_up.gain["calm"] = 0.0
    unclear = suggestions(grid().run(), arguments)[0]
    assert re.search(r" replications=\d+$", unclear.command)
    assert "may settle what is unclear" in unclear.why
