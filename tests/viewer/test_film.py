"""A film says what the run's own tables say, month by month."""

import base64
import json
import zlib

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.analysis.telling import tell
from allysim.errors import AllysimError, ConfigError
from allysim.viewer.film import SHOWN, Camera, Reel, film, short
from allysim.viewer.page import packed

LIVELY = {"firms.n": 24, "firms.focal": 6, "choice.search_months": 2, "conduct.temptation": 12.0, "leaks.hazard": .2,
          "demography.exit_incumbent": .02}


@pytest.fixture(scope="module")
def run():
    return al.run(al.scenario("electric_shift", strategy="balanced", months=48, **LIVELY), seed=5, records="full")


@pytest.fixture(scope="module")
def filmed(run):
    return film(run.scenario, run.seed)


def played(filmed):
    """Yield month, who stands in each slot, who is in which alliance, and what lives, as the viewer works them out."""
    firms, slots, members = [], {}, {}
    for frame in filmed["frames"]:
        for slot, name, *_ in frame["n"]:
            slots[slot] = name
            firms.append(name)
        for alliance, firm in frame["j"]:
            members.setdefault(alliance, set()).add(firms[firm])
        for alliance, firm in frame["l"]:
            members[alliance].discard(firms[firm])
        living = {number: (stage, trust) for number, stage, trust in frame["t"]}
        yield frame, dict(slots), {number: set(members[number]) for number in living}, living


def test_key_figures_are_those_of_the_series(run, filmed):
    for frame in filmed["frames"]:
        row = run.series.iloc[frame["m"]]
        for group, values in zip(filmed["groups"], frame["k"], strict=True):
            for key, value in zip(SHOWN, values, strict=True):
                if (name := f"{group}.{key}") in row:
                    assert value == pytest.approx(row[name], rel=6e-4, abs=1e-12, nan_ok=True) or np.isnan(row[name])


def test_members_are_those_of_the_memberships(run, filmed):
    there, left = run.memberships, run.memberships["left"].astype("Float64").fillna(np.inf)
    many = 0
    for frame, _, members, _ in played(filmed):
        now = there[(there["joined"] <= frame["m"]) & (left > frame["m"])]
        truth = {int(number): set(firms) for number, firms in now.groupby("alliance")["firm"]}
        assert members == truth, frame["m"]
        many = max(many, len(members))
    assert many > 5


def test_firms_are_those_of_the_tables(run, filmed):
    *_, (frame, slots, _, _) = played(filmed)
    last = run.firms[run.firms["alive"]]
    assert slots == dict(zip(last["slot"], last["firm"], strict=True))
    assert frame["r"] == short(last.sort_values("slot")["revenue"])
    assert frame["p"] == short(last.sort_values("slot")["economic_profit"])
    assert frame["r"][0] == pytest.approx(last["revenue"].iloc[0], rel=6e-3)
    assert sum(len(f["n"]) for f in filmed["frames"]) == len(run.firms) > len(last)


def test_alliances_are_those_of_the_table(run, filmed):
    *_, (_, _, _, living) = played(filmed)
    rows = run.alliances.set_index("alliance")
    told = {row[0]: row for frame in filmed["frames"] for row in frame["a"]}
    assert set(told) == set(rows.index)
    for number, (_, kind, founded, name) in told.items():
        assert filmed["types"][kind] == rows.loc[number, "founded_as"] and founded == rows.loc[number, "founded"]
        assert name is None
    for number, (stage, trust) in living.items():
        assert filmed["stages"][stage] == rows.loc[number, "stage"]
        assert trust == pytest.approx(100 * rows.loc[number, "trust"], abs=.51)


def test_every_event_is_told_but_those_that_others_tell(run, filmed):
    """One sentence for each event that is told, founders together, and leaving with the end that it is part of."""
    events = run.events
    over = {(m, a) for m, a in events[events["event"] == "ended"][["month", "alliance"]].itertuples(index=False)}
    wanted = []
    for month, event, alliance in events[["month", "event", "alliance"]].itertuples(index=False):
        if event in ("declined", "verdict", "stopped") or (event == "left" and (month, alliance) in over):
            continue
        if event == "founded" and (month, event, alliance) in wanted:
            continue
        wanted.append((month, event, -1 if pd.isna(alliance) else int(alliance)))
    told = [(frame["m"], event, alliance) for frame in filmed["frames"] for _, event, alliance, _ in frame["e"]]
    assert told == [(m, e, a) for m, e, a in wanted]
    assert {"founded", "ended", "entry", "exit", "breach", "leak"} <= {event for _, event, _ in told}


def test_sentences_name_their_firms_and_leave_nothing_open(run, filmed):
    names = []
    for frame in filmed["frames"]:
        names += [row[1] for row in frame["n"]]
        for text, event, alliance, firms in frame["e"]:
            assert text[0].isupper() and text.endswith(".") and "{" not in text and "a member" not in text, text
            assert all(names[firm] in text for firm in firms) or event == "ended", text
            assert alliance < 0 or f"Alliance {alliance}" in text
    assert tell([]) == []


def test_a_film_of_a_fork_is_the_fork(run):
    fork = run.fork(20, governance="none")
    again = film(fork.scenario, fork.seed, fork.history)
    alone = film(run.scenario, run.seed)
    assert again["frames"][:21] == alone["frames"][:21] and again["frames"] != alone["frames"]
    last = fork.firms[fork.firms["alive"]].sort_values("slot")
    assert again["frames"][-1]["p"] == short(last["economic_profit"])


def test_the_camera_changes_nothing_and_forgets(run):
    reel = Reel(run.scenario, run.seed)
    reel.frame()
    for _ in range(reel.months):
        reel.step()
        kept = reel.model.recorder
        assert (len(reel.model.events.given), len(reel.model.ledger.parts), len(kept.series)) == (0, 0, 1)
    assert reel.model.state.firms.cash.tolist() == run.firms[run.firms["alive"]].sort_values("slot")["cash"].tolist()


def test_a_network_at_month_0_is_filmed(tmp_path):
    path = tmp_path / "network.csv"
    path.write_text("alliance,firm,share,joined,left\nNorth,Ash,.5,1990-01-01,\nNorth,Oak,.5,1990-01-01,\n")
    model = al.AllianceModel(al.scenario(months=2, **{"firms.n": 10, "alliances.path": str(path),
                                                      "alliances.unknown": "draw"}), records="series")
    frame = Camera(model).frame()
    assert frame["a"][0][3] == "North" and len(frame["j"]) == 2 and frame["t"][0][0] == 0


def test_a_packed_film_is_within_its_steps(filmed):
    """Half a per cent of revenue and a thousandth of the greatest profit, and all else as it was."""
    content = json.loads(zlib.decompress(base64.b64decode(packed([filmed]))))
    [world] = content["worlds"]
    revenue = np.exp(np.cumsum(np.array(world["steps"]["r"]), axis=0) / 200)
    profit = np.cumsum(np.array(world["steps"]["p"]), axis=0) * np.array(world["steps"]["scale"])
    truth = {name: np.array([frame[name] for frame in filmed["frames"]], dtype=float) for name in "rp"}
    assert (np.abs(revenue / np.maximum(truth["r"], 1e-3) - 1) <= .0026).all()
    assert (np.abs(profit - truth["p"]) <= .00051 * np.abs(truth["p"]).max(axis=0) + 1e-9).all()
    assert [{k: v for k, v in frame.items() if k not in "rp"} for frame in filmed["frames"]] == world["frames"]


def test_short_numbers():
    assert short([0.0, 61.26, -123456.0, float("nan"), 1e-9]) == [0, 61.3, -123000, None, 1e-9]


def test_a_view_in_a_notebook(run, tmp_path):
    fork = run.fork(20, governance="none")
    shown = al.view(run, fork)
    assert "srcdoc=" in shown._repr_html_() and 'sandbox="allow-scripts"' in shown._repr_html_()
    assert "governance=none" in shown.page and "from month 21 on" in shown.page
    shown.save(tmp_path / "film.html")
    assert (tmp_path / "film.html").read_text(encoding="utf-8") == shown.page


def test_views_that_cannot_be(run):
    with pytest.raises(ConfigError, match="the same number of months: these have 48 and 3"):
        al.view(run, al.run(run.scenario.replace(months=3), seed=1))
    by_hand = al.AllianceModel(run.scenario.replace(months=6), rng=5)
    by_hand.form_alliance(["Firm 0", "Firm 1"])
    for _ in range(6):
        by_hand.step()
    with pytest.raises(AllysimError, match="cannot be filmed"):
        al.view(by_hand.results())
    short_one = run.scenario.replace(months=2)
    three = al.Comparison({name: short_one.replace(governance=name) for name in ("none", "light", "heavy")}, 2, 1)
    with pytest.raises(ConfigError, match="one or two worlds"):
        al.view(three)
