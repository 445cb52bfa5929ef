"""`allysim replay` from the command line, and its page in a browser."""

import json

import duckdb
import pytest

from allysim.cli import main

SMALL = ["firms.n=20", "months=30", "replications=4", "jobs=1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("replay") / "out"
    assert main(["replay", "strategy=stand_alone,balanced", "scenario=electric_shift", *SMALL, f"out={out}"]) == 0
    return out


def test_the_folder_is_a_result(folder, capsys):
    text = (folder / "replay.html").read_text(encoding="utf-8")
    assert "allysim replay strategy=stand_alone,balanced" in text and "seed 1" in text
    assert duckdb.sql(f"select count(*), count(distinct seed) from '{folder}/runs/*.parquet'").fetchall() == [(8, 4)]
    assert main(["reproduce", str(folder)]) == 0
    assert "are the same to the last bit" in capsys.readouterr().out


def test_one_world(tmp_path, capsys):
    assert main(["replay", "seed=3", *SMALL, f"out={tmp_path / 'one'}"]) == 0
    assert "Open:" in capsys.readouterr().out
    assert "The luck of seed 3" in (tmp_path / "one" / "replay.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("args", "said"), [
    (["strategy=stand_alone,balanced", "scenario=calm,electric_shift"], "describe 4 worlds, and a film shows one"),
    (["strateg=balanced"], "unknown key 'strateg'"),
    (["firms.n=100000"], "a film of 12 000 000 firm-months is more than a browser can play"),
    (["replications=1"], "an ensemble takes 2 or more"),
])
def test_what_cannot_be_filmed_is_refused(args, said, tmp_path, capsys):
    assert main(["replay", *args, f"out={tmp_path / 'no'}"]) == 2
    assert said in capsys.readouterr().err and not (tmp_path / "no").exists()


@pytest.fixture(scope="module")
def page(folder, browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.asked, opened.faults = [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.goto((folder / "replay.html").as_uri())
    opened.wait_for_selector(".viewer[data-ready]")
    yield opened
    assert opened.faults == []
    opened.close()


def month(page):
    page.wait_for_timeout(80)
    return int(page.locator("[data-part=month]").inner_text().split()[1])


@pytest.mark.slow
def test_it_asks_for_nothing(page):
    assert len(page.asked) == 1


@pytest.mark.slow
def test_every_control_does_what_it_says(page):
    part = "[data-part={}]".format
    page.click(part("first"))
    assert month(page) == 0
    page.click(part("forward"))
    page.click(part("forward"))
    page.click(part("back"))
    assert month(page) == 1
    page.locator(part("scrub")).fill("24")
    assert month(page) == 24
    page.locator(".viewer").focus()
    for key, wanted in (("ArrowRight", 25), ("ArrowLeft", 24), ("Home", 0), ("End", 30)):
        page.locator(part("play")).press(key)
        assert month(page) == wanted, key
    page.click(part("first"))
    page.locator(part("speed")).fill("4")
    page.click(part("play"))
    assert page.locator(part("play")).get_attribute("aria-label") == "Pause"
    page.wait_for_function("document.querySelector('[data-part=month]').textContent.startsWith('Month 30')")
    assert page.locator(part("play")).get_attribute("aria-label") == "Play"
    page.locator(part("play")).press("Space")
    page.wait_for_timeout(300)
    page.locator(part("play")).press("Space")
    assert 0 < month(page) < 30
    page.locator(part("scrub")).fill("30")
    page.select_option(part("kpi"), label="Survival")
    page.select_option(part("group"), label="all firms")
    assert "survival" in page.locator(part("summary")).inner_text().lower() or month(page)
    page.select_option(part("kpi"), index=0)
    page.select_option(part("group"), index=0)


@pytest.mark.slow
def test_what_is_said_is_in_the_store(folder, page):
    """The note under the charts and the summary, against the series by DuckDB."""
    page.locator("[data-part=scrub]").fill("30")
    page.wait_for_timeout(150)
    note = page.locator("[data-part=note]").inner_text()
    (mean, above), = duckdb.sql(f"""
        with ends as (select r.strategy, r.seed, s."focal.economic_profit" as value
                      from '{folder}/series/*.parquet' s join '{folder}/runs/*.parquet' r on s.run = r.run
                      where s.month = 30)
        select avg(b.value - a.value), count(*) filter (b.value > a.value)
        from ends a join ends b using (seed) where a.strategy = 'stand_alone' and b.strategy = 'balanced'""").fetchall()
    size = f"{float(f'{abs(mean):.3g}'):g}"
    assert ("−" if mean < 0 else "+") + size in note and f"above 0 in {above} of 4" in note
    summary = page.locator("[data-part=summary]").inner_text()
    for strategy in ("stand_alone", "balanced"):
        (profit, living), = duckdb.sql(f"""
            select any_value(s."focal.economic_profit"),
                   (select count(*) from '{folder}/alliances/*.parquet' a where a.run = any_value(s.run)
                    and a.ended is null)
            from '{folder}/series/*.parquet' s join '{folder}/runs/*.parquet' r on s.run = r.run
            where s.month = 30 and r.seed = 1 and r.strategy = '{strategy}'""").fetchall()
        assert f"{strategy}: {living} alliance" in summary
        assert f"{float(f'{profit:.3g}'):g} k€ per firm" in summary


@pytest.mark.slow
def test_stories_are_told(page):
    page.locator("[data-part=scrub]").fill("30")
    page.locator("[data-part=find]").fill("Firm 1")
    page.locator("[data-part=find]").press("Tab")
    page.wait_for_timeout(150)
    assert page.locator("[data-part=feed-title]").inner_text() == "Firm 1"
    facts = page.locator("[data-part=feed] .facts").all_inner_texts()
    assert len(facts) == 2 and all("revenue of" in text and "k€" in text for text in facts)
    page.locator("[data-part=find]").fill("alliance 0")
    page.locator("[data-part=find]").press("Tab")
    page.wait_for_timeout(150)
    assert page.locator("[data-part=feed-title]").inner_text() == "Alliance 0"
    page.locator("[data-part=find]").fill("Nobody & Sons")
    page.locator("[data-part=find]").press("Tab")
    assert page.evaluate("document.querySelector('[data-part=find]').validationMessage") == \
        "There is no firm or alliance called Nobody & Sons."
    page.locator("[data-part=find]").fill("")
    page.click("[data-part=feed-back]")
    page.wait_for_timeout(150)
    assert page.locator("[data-part=feed-title]").inner_text() == "What happened"
    before = page.locator("[data-part=feed] li").count()
    page.check("[data-part=feed-all]")
    page.wait_for_timeout(150)
    assert page.locator("[data-part=feed] li").count() >= before
    page.locator("[data-part=feed] li button").first.click()
    page.wait_for_timeout(150)
    assert page.locator("[data-part=feed-title]").inner_text() != "What happened"
    page.keyboard.press("Escape")


@pytest.mark.slow
def test_firms_are_found_by_pointing(page):
    """Every firm and star that is drawn is found where it is drawn."""
    found = page.evaluate("""() => {
      const viewer = document.querySelector('.viewer').viewer, net = viewer.networks.b;
      const world = viewer.worlds.b, missed = [];
      viewer.choose(null); viewer.to(30); net.draw(30);
      const box = net.canvas.getBoundingClientRect();
      world.months[30].slots.forEach((firm, slot) => {
        const place = net.plan.places[slot];
        const hit = net.at({clientX: box.left + place.x, clientY: box.top + place.y});
        if (!hit || (hit.firm !== firm && hit.alliance === undefined)) missed.push(firm);
      });
      for (const hub of net.hubs) {
        const hit = net.at({clientX: box.left + hub.x, clientY: box.top + hub.y});
        if (!hit || hit.alliance === undefined) missed.push('hub ' + hub.number);
      }
      return [missed, net.hubs.length, world.months[30].slots.length];
    }""")
    assert found[0] == [] and found[1] > 0 and found[2] == 20


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [1280, 760, 390])
def test_no_serious_finding_of_axe(folder, browser, wide, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": wide, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    page.goto((folder / "replay.html").as_uri())
    page.wait_for_selector(".viewer[data-ready]")
    page.evaluate("document.querySelector('.viewer').viewer.to(20)")
    page.wait_for_timeout(200)
    found = Axe().run(page).response
    assert len(found["passes"]) > 10
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]
            if one["impact"] in ("serious", "critical")] == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.close()


@pytest.mark.slow
def test_a_large_film_is_small(tmp_path):
    """Ten years of two worlds of two hundred firms in less than 600 kB."""
    assert main(["replay", "strategy=stand_alone,balanced", "firms.n=200", "replications=2", "jobs=2",
                 f"out={tmp_path / 'large'}"]) == 0
    assert (tmp_path / "large" / "replay.html").stat().st_size < 600_000
    assert json.loads((tmp_path / "large" / "manifest.json").read_text())["verb"] == "replay"
