"""Claims on trial: three made to come out as they do, through the whole of it, and files that cannot be used."""

import re
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
    return {"made": float(cuts), "made_where": float(cuts and fee > .025), "seen": float(len(run.ledger) > 0)}
"""
BOOK = {
    "base": {"firms.n": 24, "firms.focal": 3, "months": 2, "strategy": "stand_alone"}, "scenarios": ["calm",
                                                                                                   "supply_stress"],
    "points": 240, "replications": 2, "margins": {"own.made": .5, "own.made_where": .5, "economic_profit": 1e6},
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
        "N": {"claim": "Of nothing.", "untestable": "Nothing is said."},
        "M": {"claim": "No loss that matters.", "scenarios": ["calm"], "parts": [
            {"says": "it is no lower", "figure": "economic_profit", "way": "not_lower", "with": {"strategy.cut": .05},
             "without": {}}]},
    },
}
WORDS = {"T": "holds", "F": "fails", "W": "only where", "N": "not testable", "M": "holds"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A file of claims with figures of its own."""
    (tmp_path / "figures.py").write_text(FIGURES)
    (tmp_path / "book.yaml").write_text(yaml.safe_dump(BOOK, sort_keys=False))
    return tmp_path / "book.yaml"


def test_made_claims_come_out_as_made(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """All five words, through the command line; page and table say the same, and a second call runs nothing."""
    monkeypatch.chdir(tmp_path)
    assert main(["claims", f"path={book}", "executor=serial", "out=trial"]) == 0
    screen = capsys.readouterr().out
    assert "Of 5 claims 2 hold, 1 holds only where, 1 fails and 1 cannot be tested here" in screen
    table = pd.read_csv(tmp_path / "trial" / "claims.csv").set_index("claim")
    assert {name: row["verdict"] for name, row in table[~table.index.duplicated()].iterrows()} == WORDS
    where = table.loc["W"]
    above = re.search(r"`purchasing.fee` is above ([.0-9]+)", where["where"])
    assert float(above[1]) == pytest.approx(.025, abs=.003)
    assert where["hangs_on"] == "purchasing.fee"
    page = (tmp_path / "trial" / "claims.html").read_text(encoding="utf-8")
    assert page.count('<section class="claim"') == 5
    assert page.count("<svg") == 5
    assert "http" not in page
    parts = sorted((tmp_path / "trial").rglob("part-*.parquet"))
    stamps = [part.stat().st_mtime_ns for part in parts]
    assert main(["claims", f"path={book}", "executor=serial", "out=trial"]) == 0
    assert [part.stat().st_mtime_ns for part in sorted((tmp_path / "trial").rglob("part-*.parquet"))] == stamps


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
    assert shipped.points >= 256
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
