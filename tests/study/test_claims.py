"""Claims on trial: three made to come out as they do, through the whole of it, and files that cannot be used."""

import math
import re
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

from allysim.cli import main
from allysim.errors import DataError
from allysim.study.claims import Trial, read

FIGURES = """
def figures(run):
    cuts, fee = run.scenario.strategy.cut > 0, run.scenario.purchasing.fee
    there = cuts and fee > .025
    return {"made": float(cuts), "made_where": float(there), "seen": float(len(run.ledger) > 0),
            "weak": float(there and fee * 1e6 % 1 < .4), "rare": 1.0 if fee > .03 else float("nan")}
"""
BOOK = {
    "base": {"firms.n": 24, "firms.focal": 3, "months": 2, "strategy": "stand_alone"},
    "scenarios": ["calm", "supply_stress"], "points": 240, "replications": 2,
    "margins": {"own.made": .5, "own.made_where": .5, "economic_profit": 1e6, "own.weak": .5, "own.rare": .5},
    "names": {"own.made": ["What is made", "pieces"]},
    "claims": {
        "T": {"claim": "Made true.", "parts": [
            {"says": "it is higher", "figure": "own.made", "way": "higher", "with": {"strategy.cut": .05},
             "without": {}},
            {"says": "and lower without", "figure": "own.made", "way": "lower", "with": {},
             "without": {"strategy.cut": .05}}]},
        "F": {"claim": "Made false.", "parts": [
            {"says": "it is lower", "figure": "own.made", "way": "lower", "with": {"strategy.cut": .05},
             "without": {}}]},
        "W": {"claim": "Made conditional.", "parts": [
            {"says": "it is higher", "figure": "own.made_where", "way": "higher", "with": {"strategy.cut": .05},
             "without": {}}]},
        "V": {"claim": "Made weakly conditional.", "parts": [
            {"says": "it is higher", "figure": "own.weak", "way": "higher", "with": {"strategy.cut": .05},
             "without": {}}]},
        "R": {"claim": "Made with few figures.", "parts": [
            {"says": "it is no lower", "figure": "own.rare", "way": "not_lower", "with": {"strategy.cut": .05},
             "without": {}}]},
        "N": {"claim": "Of nothing.", "untestable": "Nothing is said."},
        "M": {"claim": "No loss that matters.", "scenarios": ["calm"], "parts": [
            {"says": "it is no lower", "figure": "economic_profit", "way": "not_lower", "with": {"strategy.cut": .05},
             "without": {}}]},
    },
}
WORDS = {"T": "holds", "F": "fails", "W": "only where", "V": "undetermined", "R": "undetermined",
         "N": "not testable", "M": "holds"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A file of claims with figures of its own."""
    (tmp_path / "figures.py").write_text(FIGURES)
    (tmp_path / "book.yaml").write_text(yaml.safe_dump(BOOK, sort_keys=False))
    return tmp_path / "book.yaml"


def test_made_claims_come_out_as_made(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """All five words, through the command line; page and table say the same, and what is kept is enough for both."""
    monkeypatch.chdir(tmp_path)
    assert main(["claims", f"path={book}", "executor=serial", "out=trial"]) == 0
    screen = capsys.readouterr().out
    assert "Of 7 claims 2 hold, 1 holds only where, 2 are undetermined, 1 fails and 1 cannot be tested here" in screen
    table = pd.read_csv(tmp_path / "trial" / "claims.csv").set_index("claim")
    assert {name: row["verdict"] for name, row in table[~table.index.duplicated()].iterrows()} == WORDS
    where = table.loc["W"]
    above = re.search(r"^purchasing.fee is above ([.0-9]+)$", where["where"])
    assert float(above[1]) == pytest.approx(.025, abs=.003)
    assert where["hangs_on"] == "purchasing.fee"
    assert (where["least"], where["most"]) == (0, 1)
    assert table.loc["V", "hangs_on"] == "purchasing.fee"  # it does depend on it, and yet holds mostly nowhere
    rare = table.loc["R"]
    assert rare["why"] == f"a figure at {rare['points']:.0f} of 240 points only"
    assert 0 < rare["points"] < 120
    page = (tmp_path / "trial" / "claims.html").read_text(encoding="utf-8")
    assert page.count('<section class="claim"') == 7
    assert page.count("<svg") == 7
    assert f"No verdict: {rare['why']}." in page
    assert "What is made, pieces: +1" in page
    assert f"Where purchasing.fee (fee on pooled spend) is above {above[1]}, " in page
    assert "http" not in page
    assert "`" not in page
    seconds = sum(pd.read_parquet(part)["seconds"].sum() for part in (tmp_path / "trial").rglob("part-*.parquet"))
    assert f"{240 * 2 * 2 * 2:,} runs in {math.ceil(seconds / 60)} core-minute".replace(",", " ") in page
    for study in (tmp_path / "trial").glob("*--*"):
        shutil.rmtree(study)
    before = (tmp_path / "trial" / "claims.csv").read_bytes()
    assert main(["claims", f"path={book}", "executor=serial", "out=trial"]) == 0
    assert (tmp_path / "trial" / "claims.csv").read_bytes() == before
    assert verdicts_in(tmp_path / "trial") == page.partition("How it was tried")[0]
    assert not list((tmp_path / "trial").glob("*--*"))  # nothing was run


def verdicts_in(folder: Path) -> str:
    """Return the page of a trial down to what it took."""
    return (folder / "claims.html").read_text(encoding="utf-8").partition("How it was tried")[0]


def test_two_halves_make_the_whole(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims tried in two folders, their files put together, give the page and the table of one trial of both."""
    monkeypatch.chdir(tmp_path)
    asked = [f"path={book}", "executor=serial", "points=48"]
    for names, out in ((["T", "M"], "whole"), (["T"], "one"), (["M"], "other")):
        assert main(["claims", *names, *asked, f"out={out}"]) == 0
    shutil.copy("one/T.parquet", "other")
    assert main(["claims", "T", "M", *asked, "out=other"]) == 0
    assert Path("other/claims.csv").read_bytes() == Path("whole/claims.csv").read_bytes()
    assert verdicts_in(Path("other")) == verdicts_in(Path("whole"))
    assert len(list(Path("other").glob("*--*"))) == 1  # that of M alone


def test_files_of_another_trial_are_refused(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer points, other worlds, and a file that is none; a margin may change, since no run hangs on it."""
    monkeypatch.chdir(tmp_path)
    asked = ["claims", "M", f"path={book}", "executor=serial", "out=trial"]
    assert main([*asked, "points=48"]) == 0
    for other in (["points=56"], ["points=48", "firms.n=25"], ["points=48", "replications=3"]):
        assert main([*asked, *other]) == 2
        assert "is of other worlds or points" in capsys.readouterr().err
    content = yaml.safe_load(book.read_text())
    content["margins"]["economic_profit"] = 1e-9
    book.write_text(yaml.safe_dump(content))
    assert main([*asked, "points=48"]) == 0
    assert pd.read_csv("trial/claims.csv")["share"][0] < 1
    Path("trial/M.parquet").write_bytes(b"nothing")
    assert main([*asked, "points=48"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_scenarios_share_out_the_points_of_one_sequence(book: Path) -> None:
    """Worlds of one set of scenarios have points of their own, and what arms set is not varied."""
    trial = Trial(read(book), ["T", "M"])
    calm, stress = (trial.studies[("calm", "supply_stress"), world].plan for world in ("calm", "supply_stress"))
    alone = trial.studies[("calm",), "calm"].plan
    assert (calm.points, stress.points, alone.points) == (120, 120, 240)
    assert np.array_equal(np.concatenate([calm.values, stress.values]), alone.values)
    assert "strategy.cut" not in calm.keys
    assert "purchasing.fee" in calm.keys
    assert len(calm.cells) == 2  # with and without, shared by both parts
    assert trial.total == 2 * 120 * 2 * 2 + 240 * 2 * 2


@pytest.mark.parametrize(("change", "said"), [
    (lambda b: b["claims"]["T"]["parts"][0].update(way="up"), "way is higher, lower, not_lower, not_higher, not up"),
    (lambda b: b["claims"]["T"]["parts"][0].update(figure="own.mode"), "no margin for own.mode"),
    (lambda b: b["claims"]["T"].pop("claim"), "T: 'claim' is missing"),
    (lambda b: b["claims"]["N"].pop("untestable"), "N: a claim has parts, or says why"),
    (lambda b: b["claims"]["F"].update(part=[]), "F: unknown key 'part'"),
    (lambda b: b.pop("margins"), "'margins' is missing"),
])
def test_files_that_cannot_be_used(change, said: str, book: Path) -> None:
    """One sentence with the claim and what is wrong."""
    content = yaml.safe_load(book.read_text())
    change(content)
    book.write_text(yaml.safe_dump(content))
    with pytest.raises(DataError) as problem:
        read(book)
    assert said in str(problem.value)


@pytest.mark.parametrize(("words", "said"), [
    (["C99"], "there is no claim 'C99'"), (["--all"], "unknown option"), (["points=5"], "points takes a whole number"),
    (["path=absent.yaml"], "cannot be read"), (["points=50", "points=60"], "set twice"), (["governance=lite"], "light"),
])
def test_bad_input(words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                   monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, exit code 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    assert main(["claims", *words]) == 2
    problem = capsys.readouterr().err
    assert said in problem
    assert len(problem.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_the_shipped_claims_are_stated_in_full() -> None:
    """All 45 of the guide, each with parts or a reason; every world composes; margins are positive."""
    shipped = read(Path(__file__).parents[2] / "experiments" / "claims" / "claims.yaml")
    assert list(shipped.claims) == [f"C{k}" for k in range(1, 46)]
    assert shipped.points >= 500
    own = {part.figure for claim in shipped.claims.values() for part in claim.parts if part.figure.startswith("own.")}
    assert set(shipped.names) == own
    trial = Trial(shipped, points=40)
    assert sum(len(claim.parts) for claim in trial.claims) > 70
    assert all(part.margin > 0 for claim in trial.claims for part in claim.parts)


def test_every_point_has_seeds_of_its_own(book: Path) -> None:
    """The same in all worlds, other ones than at any other point or in another scenario, and the same when extended."""
    few, more = (Trial(read(book), ["T"], points, replications) for points, replications in ((80, 2), (160, 3)))
    seen: set[int] = set()
    for key, study in few.studies.items():
        plan, larger = study.plan, more.studies[key].plan
        rows = [plan.row(k) for k in range(plan.total)]
        assert [int(plan.place(*row)) for row in rows] == list(range(plan.total))
        seeds = {(row.point, row.seed) for row in rows}
        assert len(seeds) == len({seed for _, seed in seeds}) == 2 * plan.points  # by point, whatever the world
        assert seen.isdisjoint(seed for _, seed in seeds)
        seen |= {seed for _, seed in seeds}
        if plan.sweep.first == 0:
            assert set(rows) <= {larger.row(k) for k in range(larger.total)}


@pytest.mark.slow
def test_two_claims_rebuilt_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of the guide's by one command, at small size; shares and means are those of the store, read by DuckDB."""
    monkeypatch.chdir(Path(__file__).parents[2] / "experiments")
    assert main(["claims", "C1", "C16", "points=40", "months=24", f"out={tmp_path / 'trial'}"]) == 0
    table = pd.read_csv(tmp_path / "trial" / "claims.csv")
    assert list(table["claim"]) == ["C1"] + ["C16"] * 4
    assert set(table["part_verdict"]) <= {"holds", "fails", "only where", "undetermined"}
    for row, part in zip(table.itertuples(), [*parts_of("C1"), *parts_of("C16")], strict=True):
        given, against = (" ".join(f"{key}={value}" for key, value in part[side].items())
                          for side in ("with", "without"))
        at = duckdb.sql(f"""
            select avg(a.f - b.f) from
            (select scenario, point, seed, "focal.{row.figure}" f from '{tmp_path}/trial/*/runs/*.parquet'
             where arm = '{given}') a join
            (select scenario, point, seed, "focal.{row.figure}" f from '{tmp_path}/trial/*/runs/*.parquet'
             where arm = '{against}') b using (scenario, point, seed)
            group by scenario, point""").df().iloc[:, 0]
        assert len(at) == 40
        sign, bar = {"higher": (1, 1), "lower": (-1, 1), "not_lower": (1, -1)}[row.way]
        assert row.share == pytest.approx((sign * at > bar * row.margin).mean(), abs=1e-12)
        assert row.mean == pytest.approx(at.mean(), rel=1e-6, abs=1e-9)


def parts_of(name: str) -> list[dict]:
    """Return the parts of a claim as the file has them."""
    return yaml.safe_load(Path("claims/claims.yaml").read_text(encoding="utf-8"))["claims"][name]["parts"]
