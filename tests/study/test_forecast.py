"""A real network against the model and two baselines: the verdicts, the command, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.analysis import moments
from allysim.analysis.moments import MOMENTS, Window
from allysim.cli import main
from allysim.report import forecast_page
from allysim.study.forecast import ABSENT, LOSES, UNCLEAR, WINS, Forecast, compare, date_after

NORWAY = Path(__file__).parents[3] / "shared" / "data" / "norway_joint_ventures_1965_1995.csv"
K = {name: k for k, name in enumerate(MOMENTS)}


def network(folder, founded=range(1980, 1991), last="1991-12-31"):
    """Write a file in which three of eight firms found an alliance each year and one of them leaves it soon."""
    rows = ["alliance,firm,share,joined,left"]
    for year in founded:
        for k, share in enumerate((.5, .3, .2)):
            left = f"{year + 1}-07-01" if k == 2 else ""
            rows.append(f"V{year},F{(year + k * (1 + year % 3)) % 8},{share},{year}-03-10,{left}")
    rows.append(f"V{founded[0]},G,.1,{founded[0]}-06-01,{last}")
    path = folder / "net.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture
def given(tmp_path):
    return [f"alliances.path={network(tmp_path)}", "alliances.date=1988-01-01", "alliances.unknown=draw",
            "alliances.type=infrastructure", "firms.n=20", "jobs=1"]


def test_verdicts():
    """Ten runs that agree are clear, ten that differ more than the baseline is off are not."""
    data = np.full(len(MOMENTS), 2.0)
    seen = {name: np.ones((10, len(MOMENTS), 2)) for name in ("model", "past", "random")}
    for name, value in (("model", 2.0), ("past", 3.0), ("random", 5.0)):
        seen[name][:, :, 0] = value
    seen["model"][:, K["size"], 0] = 4.0
    seen["model"][:, K["foundings"], 0] = np.arange(10) * 4 / 9 + .5
    seen["model"][:, K["repeated"], 1] = 0.0
    for name in seen:
        seen[name][:, K["newcomers"], 1] = 0.0
    data[K["largest"]] = np.nan
    table = compare(data, seen).set_index("moment")
    verdicts = table["verdict"].to_dict()
    assert verdicts["size"] == LOSES and verdicts["foundings"] == UNCLEAR
    assert verdicts["repeated"] == LOSES, "a model that has nothing to show loses"
    assert verdicts["newcomers"] == UNCLEAR, "nobody has anything to show"
    assert verdicts["largest"] == ABSENT and verdicts["kept"] == WINS
    assert (table["better"].drop(["largest"]) == "past").all()
    size = table.loc["size"]
    assert (size["model_error"], size["past_error"], size["random_error"], size["model_relative"]) == (2, 1, 3, 1)
    assert (size["difference"], size["difference_low"], size["difference_high"]) == (1, 1, 1)
    said = forecast_page.sentences(table.reset_index())
    assert said[0] == ("The model loses to the better baseline on 2 of 10 moments, wins on 6 and shows no clear "
                       "difference on 2")
    order = [line.partition(":")[0] for line in said[1:]]
    assert order == (["The model loses"] * 2 + ["The model wins"] * 6 + ["No clear difference"] * 2
                     + ["Not in the data"])
    assert ("The model loses: firms that found an alliance: 2.00 in the data, 4.00 (4.00 to 4.00) in the model, off by "
            "2.00; the past carried forward is off by 1.00") in said


def test_dates():
    assert date_after("1985-01-01", 132) == "1996-01-01" and date_after("1985-01-01", -120) == "1975-01-01"
    assert date_after("1984-01-31", 1) == "1984-02-29" and date_after("1984-12-15", 1) == "1985-01-15"


def test_spells_of_a_run(tmp_path):
    """Those of month 0 keep their age and names, the model's own are counted, and what was over stays."""
    path = network(tmp_path)
    scenario = al.scenario(**{"alliances.path": str(path), "alliances.date": "1988-01-01", "alliances.unknown": "draw",
                              "alliances.type": "infrastructure", "firms.n": 40, "months": 36})
    run = al.run(scenario, seed=2)
    history = moments.at_start(moments.of_network(scenario.network, "1988-01-01"))
    spells = moments.of_run(run, history)
    begun = spells[spells["joined"] <= 0].set_index(["alliance", "firm"])["joined"].sort_index()
    told = history.set_index(["alliance", "firm"])["joined"].sort_index()
    assert begun.equals(told)
    new = run.alliances[(run.alliances["founded"] > 0) & (run.alliances["founded_as"] == "infrastructure")]
    found = moments.foundings(spells, Window(0, 36))
    assert len(found) == len(new) > 0
    assert [one.month for one in found] == sorted(new["founded"])
    assert sum(len(one.firms) for one in found) == new["founders"].sum()


def test_the_command(given, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["validate", *given, "replications=10", "--json", f"out={out}"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["moment"] for row in rows] == list(MOMENTS)
    assert {"data", "model", "model_low", "model_high", "past", "random", "verdict"} <= set(rows[0])
    by_name = {row["moment"]: row for row in rows}
    # three whole years from 1989 on, and a new alliance of three in each of the first two
    assert by_name["foundings"]["data"] == pytest.approx(2 / 3) and by_name["size"]["data"] == 3.0
    assert by_name["largest"]["data"] == pytest.approx(.5)
    assert sorted(path.name for path in out.iterdir()) == ["forecast.csv", "forecast.md", "forecast.svg", "inputs",
                                                           "manifest.json"]
    text = (out / "forecast.md").read_text()
    assert text.startswith("# A network from 1989-01-01 to 1992-01-01, over 10 seeds\n\n- The model ")
    assert "120 at most" in text and "type infrastructure" in text
    assert len(pd.read_csv(out / "forecast.csv")) == len(MOMENTS)
    assert main(["validate", *given, "replications=10", "months=24", f"out={tmp_path / 'short'}"]) == 0
    assert "forecast.md" in capsys.readouterr().out


@pytest.mark.parametrize(("more", "said"), [
    (["points=64"], "points is not allowed with alliances.path"),
    (["alliances.date=1991-06-01"], "alliances.date=1991-06-01 is too late: the network is known until 1991-12-31"),
    (["alliances.date=1980-06-10"], "the network is known for fewer than 12 months before it"),
    (["months=49"], "so months takes 24 to 48 here"),
    (["months=12"], "so months takes 24 to 48 here"),
    (["replications=9"], "takes 10 seeds or more"),
    (["records=full"], "records is not allowed here"),
])
def test_what_it_refuses(given, more, said, tmp_path, capsys):
    keys = {text.partition("=")[0] for text in more}
    args = [text for text in given if text.partition("=")[0] not in keys] + more
    assert main(["validate", *args, f"out={tmp_path / 'out'}"]) == 2
    message = capsys.readouterr().err
    assert said in message and len(message.strip().splitlines()) == 1 and not (tmp_path / "out").exists()


def test_a_past_in_which_nothing_was_founded(given, tmp_path, capsys):
    network(tmp_path, (1970, 1971, 1985))
    args = [text for text in given if not text.startswith("alliances.date")]
    assert main(["validate", *args, "alliances.date=1982-01-01", f"out={tmp_path / 'out'}"]) == 2
    assert "no two firms of the network founded an alliance in the 120 months before it" in capsys.readouterr().err


def test_patterns_have_a_length_of_their_own(capsys):
    assert main(["validate", "months=24"]) == 2
    assert "months is not allowed here" in capsys.readouterr().err


@pytest.mark.skipif(not NORWAY.is_file(), reason="the file is not beside this repository")
def test_norway():
    scenario = al.scenario(**{"alliances.path": NORWAY, "alliances.date": "1985-01-01", "alliances.unknown": "draw",
                              "alliances.type": "infrastructure"})
    forecast = Forecast(scenario, 10)
    assert forecast.window == Window(12, 132) and forecast.past == Window(-120, 0)
    assert forecast_page.dates(forecast) == ("1986-01-01", "1996-01-01")
    data = dict(zip(MOMENTS, moments.values(moments.observe(forecast.spells, forecast.window, 7)), strict=True))
    assert data["foundings"] == 9.0 and data["size"] == pytest.approx(354 / 90)
    assert forecast.rates.founded == 64 / 120 and len(forecast.rates.shares) == 64
