"""The live page in a browser: every control, forks, bands, downloads, the address, and all lessons."""

import json
import re

import pytest
import yaml

from allysim.viewer.lessons import ORDER, all_lessons

pytestmark = pytest.mark.slow
WAIT = 300_000


@pytest.fixture
def page(served, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)  # for waits by expression
    opened = context.new_page()
    opened.faults = []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.on("console", lambda told: opened.faults.append(told.text) if told.type == "error" else None)
    opened.goto(served.url)
    opened.wait_for_function("window.live && live.worlds", timeout=WAIT)
    yield opened
    assert opened.faults == []
    context.close()


def live(name):
    return f"[data-live={name}]"


def to(page, month):
    page.locator("[data-part=scrub]").fill(str(month))
    page.wait_for_function(f"live.viewer.month === {month}", timeout=WAIT)


def preset(page, group, name):
    page.locator(f"{live('presets')} select").nth(
        page.evaluate(f"Object.keys(live.levers.listed.groups).indexOf('{group}')")).select_option(name)


def test_it_runs_under_its_own_policy(served, browser):
    """Without the bypass that other tests take: nothing of the page is refused by the policy that it is served with."""
    page = browser.new_page()
    told = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(served.url)
    page.get_by_text("months, seed").wait_for(timeout=WAIT)
    page.locator("[data-part=forward]").click()
    page.get_by_text("Month 1 of 30", exact=True).wait_for(timeout=WAIT)
    assert told == []
    page.close()


def test_play_brings_the_months_as_it_goes(page):
    page.locator("[data-part=speed]").fill("4")
    page.click("[data-part=play]")
    page.wait_for_function("live.viewer.month === 30", timeout=WAIT)
    assert page.evaluate("live.worlds.a.last") == 30


def test_fork_lucks_keep_and_drop(page, served):
    to(page, 10)
    assert page.locator(live("fork")).is_disabled()
    preset(page, "governance", "none")
    assert page.locator(live("moved")).inner_text().splitlines()[0] == "governance=none"
    page.click(live("fork"))
    page.wait_for_function("live.worlds.b", timeout=WAIT)
    assert page.locator("[data-part=name-b]").inner_text() == "governance=none from month 11 on"
    to(page, 30)
    frames = page.evaluate("['a', 'b'].map(letter => live.worlds[letter].frames.map(frame => JSON.stringify(frame.p)))")
    assert frames[0][:11] == frames[1][:11] and frames[0][30] != frames[1][30]
    page.click(live("lucks"))
    page.wait_for_function("live.viewer.bands", timeout=WAIT)
    page.wait_for_timeout(150)
    assert "20 lucks" in page.locator("[data-part=note]").inner_text()
    assert "seeds 1 to 20" in page.locator(live("status")).inner_text()
    page.click(live("keep"))
    page.wait_for_function("!live.worlds.b", timeout=WAIT)
    to(page, 30)
    assert page.evaluate("live.worlds.a.frames.map(frame => JSON.stringify(frame.p))") == frames[1]
    preset(page, "strategy", "stand_alone")
    page.click(live("fork"))
    page.wait_for_function("live.worlds.b", timeout=WAIT)
    page.click(live("drop"))
    page.wait_for_function("!live.worlds.b", timeout=WAIT)


def test_levers_are_found_moved_and_taken_back(page):
    page.click(f"{live('drawer')} summary")
    page.fill(live("search"), "pilot months length")
    lever = page.locator(".lever", has=page.get_by_text("pilot.months", exact=True))
    lever.locator("input[type=number]").fill("6")
    lever.locator("input[type=number]").press("Tab")
    assert "pilot.months=6" in page.locator(live("moved")).inner_text()
    page.fill(live("search"), "firms.focal")
    page.locator(".lever", has_text="firms.focal").locator("input[type=number]").fill("3")
    page.locator(".lever", has_text="firms.focal").locator("input[type=number]").press("Tab")
    to(page, 5)
    page.locator("[data-part=find]").focus()
    assert page.evaluate("live.levers.refresh() || live.part('fork').disabled")
    assert "firms.focal shapes month 0" in page.locator(live("hint")).inner_text()
    page.locator(live("moved")).locator("li", has_text="pilot.months").locator("button").click()
    assert "pilot.months" not in page.locator(live("moved")).inner_text()
    page.click(live("restart"))
    page.wait_for_function("live.state.a.settings['firms.focal'] === 3 && live.worlds && !live.before", timeout=WAIT)
    assert page.evaluate("live.worlds.a.firms.filter(firm => firm.focal).length") == 3
    page.fill(live("search"), "")
    sections = page.locator(f"{live('levers')} > details")
    assert sections.count() == page.evaluate("new Set(live.levers.listed.parameters.map(one => one.section)).size")
    sections.nth(3).locator("summary").click()
    page.wait_for_timeout(100)
    assert sections.nth(3).locator(".lever").count() > 1


def test_every_kind_of_lever_has_a_control(page):
    page.click(f"{live('drawer')} summary")
    for key, control in (("strategy.seek", "input[type=checkbox]"), ("infrastructure.own", "input[type=checkbox]"),
                         ("rules.gate", "select"), ("trust.memory", "input[type=range]")):
        page.fill(live("search"), key)
        assert page.locator(".lever", has_text=key).first.locator(control).count() >= 1, key


def test_a_refused_wish_leaves_what_is_shown(page):
    page.locator(f"{live('presets')} input").first.fill("5000")
    page.locator(f"{live('presets')} input").first.press("Tab")
    page.click(live("restart"))
    page.wait_for_function("live.status.classList.contains('bad')", timeout=WAIT)
    assert "firms.n=5000 is more than a live page runs" in page.locator(live("status")).inner_text()
    to(page, 3)
    assert page.evaluate("live.worlds.a.frames[3].r.length") == 20


def test_the_address_keeps_what_is_shown(page, served, browser):
    to(page, 8)
    preset(page, "governance", "heavy")
    page.click(live("fork"))
    page.wait_for_function("live.worlds.b", timeout=WAIT)
    to(page, 12)
    page.wait_for_function("location.hash.includes('month=12') && location.hash.includes('b=')", timeout=WAIT)
    url, wanted = page.url, page.evaluate("JSON.stringify(live.worlds.b.frames[12])")
    page.reload()
    page.wait_for_function("window.live && live.worlds && live.worlds.b && live.viewer.month === 12", timeout=WAIT)
    again = page.evaluate("JSON.stringify(live.worlds.b.frames[12])")
    assert page.url == url and json.loads(again) == json.loads(wanted)


def test_an_address_that_cannot_be_shown_is_told_and_costs_nothing(served, browser):
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(served.url + "/#seed=1&a=" + json.dumps({"settings": {"governance": "lite"}}))
    page.wait_for_function("window.live && live.worlds", timeout=WAIT)
    assert page.evaluate("JSON.stringify(live.state.a.settings)") == "{}"
    context.close()


def test_downloads(page):
    for button, name in (("config", "world.yaml"), ("tables", "world.zip")):
        with page.expect_download(timeout=WAIT) as told:
            page.click(live(button))
        assert told.value.suggested_filename == name
        if name.endswith("yaml"):
            content = yaml.safe_load(told.value.path().read_text())
            assert content["strategy"] == "balanced" and content["seed"] == 1


@pytest.mark.parametrize("name", ORDER)
def test_a_lesson_from_prediction_to_question(page, name):
    lesson = next(one for one in all_lessons() if one.name == name)
    months, lucks = lesson.worlds[0].settings["months"], lesson.lucks
    page.click("nav [data-tab=lessons]")
    page.locator(f"{live('lessons')} button").nth(ORDER.index(name)).click()
    box = page.locator(live("lesson"))
    page.wait_for_function(f"live.viewer.months === {months} && live.worlds.b", timeout=WAIT)
    assert page.locator("[data-part=name-b]").inner_text() == lesson.names[1]
    onward = box.locator("button.main")
    assert onward.is_disabled()
    box.locator("input[type=radio]").nth(1).check()
    onward.click()
    page.wait_for_function("live.viewer.month > 2", timeout=WAIT)
    onward.click()
    page.wait_for_function("live.viewer.bands && live.viewer.month === live.viewer.months", timeout=2 * WAIT)
    page.wait_for_function("!document.querySelector('.lesson button.main').disabled", timeout=WAIT)
    assert f"{lucks} lucks" in box.inner_text()
    right = lesson.finds == "unclear"
    assert ("The band agrees." if right else "The band shows otherwise.") in box.inner_text()
    onward.click()
    told = lesson.parts[lesson.finds].split(":")[0].replace("*", "")
    assert " ".join(told.split()) in " ".join(box.inner_text().split())
    assert box.locator("ul li").count() >= len(lesson.because)
    box.locator("ul li button").first.click()
    page.wait_for_timeout(150)
    onward.click()
    assert "every lever can be moved" in box.inner_text()
    box.locator("button").first.click()
    assert page.locator(f"{live('lessons')} li").count() == len(ORDER)


def test_sheets_print_on_one_page(served, browser):
    for name in ORDER:
        page = browser.new_page()
        page.goto(f"{served.url}/sheets/{name}")
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1, name
        page.close()
    page = browser.new_page()
    assert page.goto(f"{served.url}/sheets/nothing").status == 404
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [1280, 760, 390])
def test_no_serious_finding_of_axe(served, browser, wide, scheme):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": wide, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(served.url)
    page.wait_for_function("window.live && live.worlds", timeout=WAIT)
    page.click(f"{live('drawer')} summary")
    page.fill(live("search"), "trust")
    for tab in ("worlds", "lessons"):
        page.click(f"nav [data-tab={tab}]")
        if tab == "lessons":
            page.locator(f"{live('lessons')} button").first.click()
        page.wait_for_timeout(300)
        found = Axe().run(page).response
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]
                if one["impact"] in ("serious", "critical")] == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
