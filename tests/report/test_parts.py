"""The parts of a page: every number of theirs is in the store, and what is said is what was found."""

import json
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from allysim.analysis.words import named, sentence
from allysim.cli import main
from allysim.report.drives import ITEMS
from allysim.study import stored

FIRMS = """firm,revenue,segment
<b>Bold & Sons</b>,60,legacy
شركة الخليج,50,legacy
🚲 Räder,45,legacy
{long},40,legacy
"""
ROOT = Path(__file__).parents[2]
PAPER = 688
"""Pixels between the margins of a sheet of A4."""
LONG = "Long " + "and longer " * 17 + "Ltd"
NAMES = ["<b>Bold & Sons</b>", "شركة الخليج", "🚲 Räder", LONG]
ASKED = ["strategy=stand_alone,procurement_first,balanced", "scenario=calm,supply_stress", "firms.n=16", "months=36",
         "replications=4", "points=40", "jobs=1", "choice.search_months=2"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("parts")
    (place / "mine.csv").write_text(FIRMS.format(long=LONG), encoding="utf-8")
    out = place / "out"
    assert main(["compare", *ASKED, f"firms.path={place / 'mine.csv'}", f"out={out}"]) == 0
    return out


@pytest.fixture(scope="module")
def told(folder):
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def paired(folder, column, table, strategy, scenario, where="true"):
    """Sums of a column by run, variant less reference, from the store."""
    return duckdb.sql(f"""
        with sums as (select r.scenario, r.strategy, r.seed,
                             coalesce(sum(t.{column}) filter (where {where}), 0) as value
                      from '{folder}/runs/*.parquet' r left join '{folder}/{table}/*.parquet' t on t.run = r.run
                      group by all)
        select a.value - b.value as d from sums a join sums b using (scenario, seed)
        where a.strategy = '{strategy}' and b.strategy = 'stand_alone' and scenario = '{scenario}'""").df()["d"]


def test_the_page_has_all_parts_in_their_order(told):
    titles = [part["title"] for part in told["sections"]]
    order = ["What drives it", "What it hangs on", "Where it fails", "What would reverse it", "Who wins and who loses",
             "The life of the alliances", "Who is allied with whom", "Return and risk"]
    rest = [title for title in titles if title not in order]
    assert titles == [title for title in order if title in titles] + rest
    # nothing may have been tried, and nobody be allied in the median run
    assert {*order} - {*titles} <= {"What would reverse it", "Who is allied with whom"}
    assert all(title.startswith("Pilot charter: ") for title in rest)
    assert len(told["answer"]) == 3


def test_every_file_that_is_named_is_there(folder, told):
    page = (folder / "report.html").read_text(encoding="utf-8")
    for part in told["sections"]:
        for name in part["files"]:
            assert (folder / name).is_file(), name
    for name in set(re.findall(r"\b\w+\.(?:csv|svg|html|md)\b", page)) - {"mine.csv", "firms.csv"}:
        assert (folder / name).is_file(), name


def test_what_drives_it_is_in_the_ledgers_of_the_store(folder):
    for file in sorted(folder.glob("drives_*.csv")):
        told = pd.read_csv(file).set_index("item")
        scenario, strategy = _of(folder, file)
        (whole,), = duckdb.sql(f"""select avg(a."focal.economic_profit" - b."focal.economic_profit")
            from '{folder}/runs/*.parquet' a join '{folder}/runs/*.parquet' b using (scenario, seed)
            where a.strategy = '{strategy}' and b.strategy = 'stand_alone' and scenario = '{scenario}'""").fetchall()
        assert told.loc["in all", "difference"] == pytest.approx(whole, rel=1e-9)
        assert told["difference"].iloc[:-1].sum() == pytest.approx(whole, rel=1e-6, abs=1e-6)
        for item, purposes in ITEMS.items():
            among = ", ".join(f"'{purpose}'" for purpose in purposes)
            found = paired(folder, "amount", "flows", strategy, scenario,
                           f"t.firm <> 'all firms' and t.purpose in ({among})") / 4
            assert told.loc[item, "difference"] == pytest.approx(found.mean(), rel=1e-9, abs=1e-8), (item, file)


def _of(folder, file):
    """The scenario and strategy that a waterfall is of: found by its total."""
    table = pd.read_csv(folder / "table.csv")
    rows = table[(table["group"] == "focal") & (table["kpi"] == "economic_profit") & (table["verdict"] != "reference")]
    total = pd.read_csv(file)["difference"].iloc[-1]
    row = rows.iloc[(rows["difference"] - total).abs().argmin()]
    return row["scenario"], row["strategy"]


def test_who_wins_is_in_the_store(folder):
    told = pd.read_csv(folder / "members.csv")
    assert set(told["firm"]) == set(NAMES)
    for row in told.itertuples():
        name = row.firm.replace("'", "''")
        found = paired(folder, "economic_profit", "focal", row.strategy, row.scenario, f"t.firm = '{name}'")
        assert row.difference == pytest.approx(found.mean(), rel=1e-9)
        half = (row.high - row.low) / 2
        assert half == pytest.approx(3.182446305284264 * found.std(ddof=1) / 2, rel=1e-9)  # Student's t, 3 degrees
        net = duckdb.sql(f"""select coalesce(sum(m.net), 0) / 4 from '{folder}/runs/*.parquet' r
            join '{folder}/memberships/*.parquet' m using (run) where m.firm = '{name}'
            and r.strategy = '{row.strategy}' and r.scenario = '{row.scenario}'""").fetchall()[0][0]
        assert row.net == pytest.approx(net, rel=1e-9, abs=1e-9)


def test_the_life_of_alliances_is_in_the_store(folder):
    told = pd.read_csv(folder / "alliances_lives.csv")
    assert set(told["strategy"]) == {"procurement_first", "balanced"}
    for row in told.itertuples():
        founded, go, ended = duckdb.sql(f"""
            select count(*) / 4, count(a.go) / 4, count(a.ended) / 4
            from '{folder}/runs/*.parquet' r join '{folder}/alliances/*.parquet' a using (run)
            where r.strategy = '{row.strategy}' and r.scenario = '{row.scenario}' and a.alliance in (
                select m.alliance from '{folder}/memberships/*.parquet' m join '{folder}/focal/*.parquet' f
                using (run, firm) where m.run = r.run)""").fetchall()[0]
        assert (row.founded, row.go, row.ended) == pytest.approx((founded, go, ended))


def test_the_network_is_that_of_the_run_it_names(folder, told):
    said = next(part["said"][0] for part in told["sections"] if part["title"] == "Who is allied with whom")
    few, first, many, last, seed = map(int, re.search(
        r": (?:none in month 0, )?(\d+) alliances in month (\d+), (\d+) in month (\d+) \(the run of seed (\d+)\)",
        said).groups())
    strategy = next(name for name in ("procurement_first", "balanced", "stand_alone") if named(name) in said)
    scenario = "supply_stress" if "supply stress" in said else "calm"
    for count, month in ((few, first), (many, last)):
        found = duckdb.sql(f"""select count(*) from (select m.alliance from '{folder}/runs/*.parquet' r
            join '{folder}/memberships/*.parquet' m using (run) where r.seed = {seed} and r.strategy = '{strategy}'
            and r.scenario = '{scenario}' and m.joined <= {month} and (m.left is null or m.left > {month})
            group by m.alliance having count(*) > 1)""").fetchall()[0][0]
        assert count == found


def test_steady_and_moonshot_are_in_the_store(folder):
    told = pd.read_csv(folder / "portfolio.csv").set_index("strategy")
    for name, row in told.iterrows():
        steady, whole = duckdb.sql(f"""
            select count(*) filter (where a.type = 'procurement') / 8, count(*) / 8
            from '{folder}/runs/*.parquet' r join '{folder}/alliances/*.parquet' a using (run)
            where r.strategy = '{name}' and a.alliance in (
                select m.alliance from '{folder}/memberships/*.parquet' m join '{folder}/focal/*.parquet' f
                using (run, firm) where m.run = r.run)""").fetchall()[0]
        assert row["alliances"] == pytest.approx(whole)
        assert whole == 0 or row["steady_share"] == pytest.approx(steady / whole)
    assert told.loc["balanced", "moonshot_share"] > 0 == told.loc["procurement_first", "moonshot_share"]


def test_what_was_tried_to_reverse_it_is_in_the_store(folder):
    told = json.loads((folder / "reversal.json").read_text(encoding="utf-8"))
    for one in [*told["tried"], *([told["least"]] if told["least"] else [])]:
        fresh = one is told["least"]
        found = duckdb.sql(f"""
            with of as (select seed, strategy, avg("focal.economic_profit") as v from '{folder}/reversal/*.parquet'
                        where key = '{one["key"]}' and value = {one["value"]} and fresh = {fresh} group by all)
            select avg(a.v - b.v), count(*) from of a join of b using (seed)
            where a.strategy = '{told["one"]}' and b.strategy = '{told["other"]}'""").fetchall()[0]
        assert one["found"]["mean"] == pytest.approx(found[0], rel=1e-9) and one["seeds"] == found[1]


def test_names_are_shown_as_text(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<b>Bold" not in page and "&lt;b&gt;Bold &amp; Sons&lt;/b&gt;" in page
    for name in NAMES[1:]:
        assert name in page


def test_the_page_is_made_again_from_its_folder(folder, capsys):
    before = {name: (folder / name).read_text(encoding="utf-8")
              for name in ("report.html", "report.json", "members.csv", "drives_1.csv", "charter.md")
              if (folder / name).is_file()}
    assert main(["report", str(folder)]) == 0
    assert "report.html" in capsys.readouterr().out
    for name, text in before.items():
        assert (folder / name).read_text(encoding="utf-8") == text, name


def test_a_stored_comparison_is_the_same(folder):
    again = stored.comparison(folder)
    table = pd.read_csv(folder / "table.csv")
    assert again.table["difference"].to_numpy() == pytest.approx(table["difference"].to_numpy(), rel=1e-12, nan_ok=True)
    assert again.table["assumption_low"].to_numpy() == pytest.approx(table["assumption_low"].to_numpy(), rel=1e-12,
                                                                     nan_ok=True)
    assert again.has_series and again.space.plan.points == 40
    assert np.isfinite(again.bands(1, "focal.economic_profit").mean).all()


def test_a_charter_is_drawn_up(folder, capsys):
    assert main(["charter", str(folder), "strategy=procurement_first", "seed=2"]) in (0, 2)
    told = capsys.readouterr()
    if "no focal firm took part" in told.err:
        assert main(["charter", str(folder), "--alliance", "0", "strategy=procurement_first"]) == 0
    text = (folder / "charter.md").read_text(encoding="utf-8")
    for item in ("Objective", "Partners", "Measure", "Pilot", "Data", "Decisions", "Go or no-go", "Exit"):
        assert f"## {item}" in text
    assert "________" in text and "3 months from signing" in text
    assert "<b>" not in (folder / "charter.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("args", "said"), [
    ([], "takes one folder of results"), (["--alliance"], "takes the number or name of an alliance"),
    (["{folder}", "strateg=balanced"], "scenario, strategy, seed may be set; did you mean 'strategy'?"),
    (["{folder}", "strategy=balance"], "has no variant with strategy=balance; did you mean 'balanced'?"),
    (["{folder}", "seed=99"], "seed=99 is none of this result's: they are 1 to 4"),
    (["{folder}", "--alliance", "9999"], "there is no alliance 9999 in this run"),
    (["{folder}/runs"], "is not a result of allysim"),
])
def test_a_charter_that_cannot_be_is_refused(folder, args, said, capsys):
    assert main(["charter", *(arg.format(folder=folder) for arg in args)]) == 2
    assert said in capsys.readouterr().err


def test_a_page_of_nothing_is_refused(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert "is not a result of allysim" in capsys.readouterr().err
    assert main(["report"]) == 2 and "takes one folder" in capsys.readouterr().err
    assert main(["run", "months=2", "firms.n=6", "firms.focal=2", f"out={tmp_path / 'run'}"]) == 0
    assert main(["report", str(tmp_path / "run")]) == 2
    assert "pages are made again of those" in capsys.readouterr().err


def test_the_folder_is_reproduced_with_what_was_tried(folder, capsys):
    assert main(["reproduce", str(folder)]) == 0
    parts = 2 + (folder / "reversal").is_dir()
    assert capsys.readouterr().out.count("are the same to the last bit") == parts


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [1280, 390])
@pytest.mark.parametrize("name", ["report.html", "charter.html"])
def test_the_page_in_a_browser(folder, browser, name, wide, scheme):
    """No serious finding of axe-core, no request, no word lost sideways; long and right-to-left names are in it."""
    from axe_playwright_python.sync_playwright import Axe

    if not (folder / name).is_file():
        assert main(["charter", str(folder), "--alliance", "0", "strategy=procurement_first"]) == 0
    page = browser.new_page(viewport={"width": wide, "height": 900}, color_scheme=scheme)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / name).as_uri())
    found = Axe().run(page).response
    assert len(found["passes"]) > 10
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]
               if one["impact"] in ("serious", "critical")]
    assert serious == []
    assert len(asked) == 1
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.close()


WIDEST = """paper => Math.max(...[...document.querySelectorAll("main *")].filter(one => !one.closest("svg"))
    .flatMap(one => [one.getBoundingClientRect().right, one.scrollWidth && getComputedStyle(one).display !== "inline"
        ? one.getBoundingClientRect().left + one.scrollWidth : 0]))"""
PAGES = sorted(str(page.relative_to(ROOT)) for case in ("parts_coop", "home_repair", "ev_charging")
               for page in (ROOT / "results" / case).glob("*.html"))
"""Of the cases; results/strategies keeps too little for its page to be made again."""


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_committed_pages_fit_telephone_and_paper(browser, name):
    """No word is lost sideways at 390 pixels; in print nothing is wider than A4 within margins of 14 mm."""
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((ROOT / name).as_uri())
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.set_viewport_size({"width": PAPER, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate(WIDEST) <= PAPER + 1
    page.close()


@pytest.mark.slow
def test_tables_are_sorted_by_keyboard(folder, browser):
    page = browser.new_page()
    page.goto((folder / "report.html").as_uri())
    heads, rows = page.locator("table.choice th button"), page.locator("table.choice tbody tr")
    means = pd.read_csv(folder / "choice.csv").set_index("strategy")["mean"]
    worlds = 2
    heads.nth(worlds).press("Enter")
    down = [row.splitlines()[0].split("\t")[0] for row in rows.all_inner_texts()]
    assert down == [sentence(named(name)) for name in means.sort_values(ascending=False).index]
    heads.nth(worlds).press("Enter")
    assert [row.splitlines()[0].split("\t")[0] for row in rows.all_inner_texts()] == down[::-1]
    page.close()
