"""The live page's server: what a tab gets, what it may ask for, and that nobody disturbs anybody."""

import asyncio
import gc
import io
import json
import threading
import time
import zipfile

import numpy as np
import pandas as pd
import pytest

import allysim as al
from allysim.cli import main
from allysim.config.catalogue import LABELS
from allysim.config.parameters import GROUPS
from allysim.config.scenario import settable
from allysim.model import AllianceModel, load
from allysim.viewer import lucks, server, session
from allysim.viewer.film import SHOWN, film, short
from allysim.viewer.spec import NOT_ASKED, composed, spec_from

LIGHT = {"settings": {}, "moves": [[12, {"governance": "light"}]]}


def same(frames, others):
    return json.loads(json.dumps(frames)) == json.loads(json.dumps(others))


def test_a_tab_gets_the_world_that_was_served(served):
    truth = film(served.base, 1)

    async def talk(tab):
        one = await tab()
        world = await one.ask({"do": "worlds", "a": {}}, "world")
        return world, await one.frames("a", 30)

    world, frames = served.talk(talk)
    assert same(world["head"], {k: v for k, v in truth.items() if k != "frames"})
    assert same([*world["frames"], *frames], truth["frames"])


def test_a_fork_shares_its_months_and_its_luck(served):
    run = al.run(served.base, seed=7, records="series")
    fork = run.fork(12, governance="light")
    truth, other = film(run.scenario, 7), film(fork.scenario, 7, fork.history)

    async def talk(tab):
        one = await tab()
        await one.ask({"do": "worlds", "a": {}, "seed": 7}, "world")
        first = await one.frames("a", 12)
        b = await one.ask({"do": "worlds", "a": {}, "b": LIGHT, "seed": 7}, "world")
        return first, b, await one.frames("b", 30, 12), await one.frames("a", 30, 12)

    first, b, forked, rest = served.talk(talk)
    assert (b["world"], b["shared"], b["frames"]) == ("b", 12, [])
    assert same([*first, *rest], truth["frames"][1:]) and same(forked, other["frames"][13:])
    assert not same(forked, rest)


def test_a_second_world_from_month_0_is_whole(served):
    async def talk(tab):
        one = await tab()
        a = await one.ask({"do": "worlds", "a": {}, "b": {"settings": {"governance": "none"}}}, "world")
        b = await one.hear("world")
        return a, b, await one.frames("b", 5)

    a, b, frames = served.talk(talk)
    assert (a["world"], b["world"], b["shared"]) == ("a", "b", 0)
    assert same([*b["frames"], *frames], film(served.base.replace(governance="none"), 1)["frames"][:6])


def test_an_address_with_a_fork_is_shown_from_nothing(served):
    async def talk(tab):
        one = await tab()
        return await one.ask({"do": "worlds", "a": {}, "b": LIGHT}, "world"), await one.hear("world")

    a, b = served.talk(talk)
    assert [frame["m"] for frame in a["frames"]] == list(range(13)) and b["frames"] == [] and b["shared"] == 12


def test_nobody_sees_or_steers_anothers_world(served):
    async def talk(tab):
        tabs = [await tab() for _ in range(4)]
        for k, one in enumerate(tabs):
            governance = {"governance": "none" if k % 2 else "heavy"}
            await one.say({"do": "worlds", "a": {"settings": governance}, "seed": 10 + k})
        worlds = [await one.hear("world") for one in tabs]
        frames = await asyncio.gather(*(one.frames("a", 20) for one in tabs))
        return [[*world["frames"], *some] for world, some in zip(worlds, frames, strict=True)]

    for k, frames in enumerate(served.talk(talk)):
        truth = film(served.base.replace(governance="none" if k % 2 else "heavy"), 10 + k)["frames"][:21]
        assert same(frames, truth)


def test_a_band_is_that_of_a_comparison(served):
    async def talk(tab):
        one = await tab()
        await one.ask({"do": "worlds", "a": {}, "b": {"settings": {"strategy": "stand_alone"}}, "seed": 3}, "world")
        await one.say({"do": "lucks", "n": 4})
        told = [await one.hear("lucks") for _ in range(4)]
        return told

    *before, last = served.talk(talk)
    assert [one["done"] for one in before] == [1, 2, 3] and all(one["bands"] is None for one in before)
    comparison = al.Comparison({"a": served.base.replace(seed=3), "b": served.base.replace(strategy="stand_alone")},
                               replications=4, jobs=1).run()
    truth = comparison.bands(1, "focal.economic_profit")
    found = last["bands"]["figures"]["focal.economic_profit"]["d"]
    assert found["mean"] == json.loads(json.dumps(short(truth.difference)))
    assert found["sure_low"] == short(truth.sure_low) and found["high"] == short(truth.difference_high)
    assert {name.partition(".")[2] for name in last["bands"]["figures"]} == set(SHOWN)


WORLD_FIRST = "there is no such world"
REFUSED = [
    ("", "a message is JSON"), ("{", "a message is JSON"), ("[" * 5000, "a message is JSON"), ("NaN", "a message is"),
    ("[]", "a message is an object"), ('{"do": "steal"}', "a message is an object that says what to do"),
    ('{"do": ["worlds"]}', "a message is an object"), ('{"do": "months"}', WORLD_FIRST),
    ('{"do": "months", "world": "a", "until": 5}', WORLD_FIRST), ('{"do": "lucks", "n": 20}', "there is no world yet"),
    ('{"do": "months", "world": ["a"], "until": 5}', WORLD_FIRST), ('{"do": "worlds"}', "a world 'a' is needed"),
    ('{"do": "worlds", "a": 3}', "settings and moves"), ('{"do": "worlds", "a": {}, "seed": -1}', "seed takes"),
    ('{"do": "worlds", "a": {}, "seed": true}', "seed takes"),
    ('{"do": "worlds", "a": {}, "seed": 1e400}', "seed takes"),
    ('{"do": "worlds", "a": {"settings": {"goverance": "light"}}}', "did you mean 'governance'?"),
    ('{"do": "worlds", "a": {"settings": {"governance": "lite"}}}', "did you mean 'light'?"),
    ('{"do": "worlds", "a": {"settings": {"firms.path": "/etc/passwd"}}}', "firms.path cannot be set here"),
    ('{"do": "worlds", "a": {"settings": {"outcome": "x.py:f"}}}', "outcome cannot be set here"),
    ('{"do": "worlds", "a": {"settings": {"rules.gate": "evil.py:Gate"}}}', "a rule of your own"),
    ('{"do": "worlds", "a": {"settings": {"rules.gate": ["bayes"]}}}', "rules.gate takes"),
    ('{"do": "worlds", "a": {"settings": {"pilot.months": {"a": 1}}}}', "takes one value"),
    ('{"do": "worlds", "a": {"settings": {"pilot.months": "many"}}}', "pilot.months=many is not allowed"),
    ('{"do": "worlds", "a": {"settings": {"pilot.months": NaN}}}', "pilot.months=nan is not allowed"),
    ('{"do": "worlds", "a": {"settings": {"firms.n": 5000}}}', "firms.n=5000 is more than a live page runs"),
    ('{"do": "worlds", "a": {"settings": {"months": 1000}}}', "months=1000 is more than a live page runs"),
    ('{"do": "worlds", "a": {"settings": {"months": 1e300}}}', "months="),
    ('{"do": "worlds", "a": {"moves": [[0, {}]]}}', "month after month"),
    ('{"do": "worlds", "a": {"moves": [[9, {}], [9, {}]]}}', "9 follows 9"),
    ('{"do": "worlds", "a": {"moves": [["9", {}]]}}', "a move is a month"),
    ('{"do": "worlds", "a": {"moves": [[3, {"firms.n": 10}]]}}', "firms.n cannot be moved"),
    ('{"do": "worlds", "a": {"moves": [[60, {"governance": "none"}]]}}', "months=30 is before month 60"),
    ('{"do": "worlds", "a": {}, "b": {"settings": {"months": 12}}}', "the same number of months"),
]


def test_what_makes_no_sense_is_refused_in_a_sentence_and_costs_nothing(served):
    async def talk(tab):
        answers, other = [], await tab()
        await other.ask({"do": "worlds", "a": {}}, "world")
        for start in range(0, len(REFUSED), server.MOST_ERRORS - 1):
            one = await tab()
            await one.hear("ready")
            for text, _ in REFUSED[start:start + server.MOST_ERRORS - 1]:
                answers.append(await one.ask(text))
            assert (await one.ask({"do": "worlds", "a": {}}, "world"))["type"] == "world"  # it still listens
        return answers, await other.frames("a", 3)

    answers, frames = served.talk(talk)
    for (text, said), answer in zip(REFUSED, answers, strict=True):
        assert answer["type"] == "error", text
        assert said in answer["text"], (text, answer["text"])
        assert len(answer["text"]) < 600
    assert [frame["m"] for frame in frames] == [1, 2, 3]


def test_months_out_of_order_are_refused_and_those_that_were_had_are_not_sent_again(served):
    async def talk(tab):
        one = await tab()
        await one.ask({"do": "worlds", "a": {}}, "world")
        wrong = [await one.ask({"do": "months", "world": "a", "until": until}, "months")
                 for until in (31, -1, 2.5, True, None, "5")]
        await one.frames("a", 6)
        await one.say({"do": "months", "world": "a", "until": 3})
        await one.say({"do": "months", "world": "b", "until": 3})
        return wrong, await one.hear()

    wrong, last = served.talk(talk)
    assert all("until takes a month from 0 to 30" in one["text"] for one in wrong)
    assert WORLD_FIRST in last["text"]  # the answer to the second: to the first there was nothing to say


def test_too_long_a_message_closes_its_own_connection_only(served):
    async def talk(tab):
        one, other = await tab(), await tab()
        await other.ask({"do": "worlds", "a": {}}, "world")
        await one.hear("ready")
        await one.say("x" * (server.MESSAGE_BYTES + 1))
        return await one.hear("closed"), await other.frames("a", 6)

    closed, frames = served.talk(talk)
    assert closed["code"] == 1009 and len(frames) == 6


def test_who_talks_nonsense_for_long_is_shown_out(served):
    async def talk(tab):
        one = await tab()
        await one.hear("ready")
        for _ in range(server.MOST_ERRORS):
            await one.say("nonsense")
        last = [await one.hear() for _ in range(server.MOST_ERRORS + 1)][-1]
        return last

    closed = served.talk(talk)
    assert closed["code"] == 1008


def test_two_hundred_connections_at_once(served):
    async def talk(tab):
        before = await tab()
        await before.ask({"do": "worlds", "a": {}}, "world")
        crowd = await asyncio.gather(*(tab() for _ in range(200)))
        first = await asyncio.gather(*(one.hear("ready", "closed") for one in crowd))
        frames = await before.frames("a", 30)
        return [one["type"] for one in first], [one.get("code") for one in first], len(frames)

    kinds, codes, frames = served.talk(talk)
    assert kinds.count("ready") == server.MOST_TABS - 1 and codes.count(1013) == 201 - server.MOST_TABS
    assert frames == 30
    until = time.monotonic() + 60
    while served.live.tabs and time.monotonic() < until:
        time.sleep(.1)
    assert not served.live.tabs


def test_worlds_go_with_their_tabs(served):
    async def talk(tab):
        for seed in range(12):
            one = await tab()
            await one.ask({"do": "worlds", "a": {}, "b": LIGHT, "seed": seed}, "world")
            await one.hear("world")
            await one.socket.close()
        one = await tab()
        for seed in range(12):
            await one.ask({"do": "worlds", "a": {}, "seed": seed}, "world")
        for _ in range(40):
            await asyncio.sleep(.25)
            if (left := models()) <= before + 1:
                break
        return left

    def models():
        gc.collect()
        return sum(isinstance(thing, AllianceModel) for thing in gc.get_objects())

    before = models()
    assert served.talk(talk) <= before + 1


def test_a_cold_server_says_that_it_compiles(serve, monkeypatch):
    """A tab that comes before the kernels are there is told so, and gets its world when they are."""
    load()  # what is really to be compiled is compiled before
    hold = threading.Event()
    monkeypatch.setattr("allysim.model.warm", lambda: hold.wait(30))
    opened = serve(wait=False)

    async def talk(tab):
        one = await tab()
        first = await one.hear()
        hold.set()
        return first, await one.hear(), await one.ask({"do": "worlds", "a": {}}, "world")

    try:
        told, ready, world = opened.talk(talk)
    finally:
        hold.set()
        opened.close()
    assert told["type"] == "status" and "Compiling" in told["text"]
    assert (ready["type"], world["type"]) == ("ready", "world")


def test_the_idle_are_closed(served, monkeypatch):
    monkeypatch.setattr(server, "IDLE_SECONDS", .2)

    async def talk(tab):
        one = await tab()
        await one.hear("ready")
        return await one.hear("closed")

    assert served.talk(talk)["code"] == 1001


def test_a_world_that_is_too_slow_is_given_up(served, monkeypatch):
    monkeypatch.setattr(session, "SLOW", -1.0)

    async def talk(tab):
        one = await tab()
        await one.ask({"do": "worlds", "a": {}}, "world")
        return await one.ask({"do": "months", "world": "a", "until": 3}, "months")

    assert "month 1 of this world took more than" in served.talk(talk)["text"]


def test_a_fault_of_ours_is_told_in_a_sentence(served, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(session, "composed", broken)

    async def talk(tab):
        one = await tab()
        return await one.ask({"do": "worlds", "a": {}}, "world")

    assert served.talk(talk)["text"] == "failed unexpectedly (ZeroDivisionError: of ours)"


def test_bands_have_a_queue_with_an_end(served, monkeypatch):
    monkeypatch.setattr(lucks, "QUEUE", 1)

    async def talk(tab):
        one, other = await tab(), await tab()
        for each in (one, other):
            await each.ask({"do": "worlds", "a": {}}, "world")
        await one.say({"do": "lucks", "n": 40})
        await one.hear("lucks")
        full = await other.ask({"do": "lucks", "n": 2}, "lucks")
        await one.say({"do": "stop"})
        for _ in range(15):
            await asyncio.sleep(.5)
            answer = await other.ask({"do": "lucks", "n": 2}, "lucks")
            if answer["type"] == "lucks":
                return full, answer
        return full, answer

    full, answer = served.talk(talk)
    assert "1 bands are being worked out already" in full["text"] and answer["done"] == 1


@pytest.mark.parametrize(("method", "path", "headers"), [
    ("GET", "/", {"Host": "evil.example"}), ("GET", "/levers", {"Origin": "http://evil.example"}),
    ("GET", "/worlds", {"Origin": "http://evil.example"}), ("GET", "/worlds", {"Origin": "null"}),
    ("GET", "/worlds", {}),
    ("POST", "/tables", {}), ("POST", "/config", {"Origin": "http://127.0.0.1:1"}),
])
def test_strangers_are_kept_out(served, method, path, headers):
    async def talk(tab):
        body = b"{}" if method == "POST" else None
        async with tab.client.request(method, f"{served.url}{path}", headers=headers, data=body) as answer:
            return answer.status

    assert served.talk(talk) == 403


def test_the_page_allows_nothing_but_itself(served):
    async def talk(tab):
        async with tab.client.get(served.url) as answer:
            return answer.headers, await answer.text()

    headers, text = served.talk(talk)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "'unsafe-eval'" not in policy and "connect-src 'self'" in policy
    assert "http://" not in text.replace("http://www.w3.org", "") and "https://" not in text


def test_levers_are_all_that_can_be_set(served):
    async def talk(tab):
        async with tab.client.get(f"{served.url}/levers") as answer:
            return await answer.json()

    levers = served.talk(talk)
    assert set(levers["groups"]) == set(GROUPS)
    keys = {one["key"] for one in levers["parameters"]}
    assert keys == {key for key in settable() if key not in NOT_ASKED and key.rpartition(".")[2] not in LABELS}
    for one in levers["parameters"]:
        assert one["about"] and one["tag"] in levers["tags"]
        assert one["value"] == json.loads(json.dumps(served.base.flat()[one["key"]]))


def test_a_world_is_taken_home_and_run_there(served, tmp_path):
    """The configuration makes the same run by `allysim run --config`, and the tables are that run's."""
    world = {"settings": {"governance": "heavy"}, "moves": [[10, {"governance": "none"}]]}

    async def talk(tab):
        found = []
        for path in ("config", "tables"):
            async with tab.client.post(f"{served.url}/{path}", headers={"Origin": served.url},
                                       data=json.dumps({"world": world, "seed": 4})) as answer:
                found.append(await answer.read())
                assert answer.status == 200
        return found

    config, archive = served.talk(talk)
    (tmp_path / "world.yaml").write_bytes(config)
    assert main(["run", "--config", str(tmp_path / "world.yaml"), f"out={tmp_path / 'run'}"]) == 0
    scenario, history = composed(served.base, spec_from(world))
    run = al.run(served.base.replace(governance="heavy"), seed=4).fork(10, governance="none")
    assert (run.scenario.governance, len(history)) == (scenario.governance, 1)
    stored = pd.read_parquet(tmp_path / "run" / "runs")
    assert stored["population.economic_profit"].iloc[0] == run.outcomes["population.economic_profit"]
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert files.read("world.yaml") == config
        series = pd.read_csv(files.open("series.csv"))
        assert np.allclose(series.to_numpy(float), run.series.to_numpy(float), rtol=1e-12, equal_nan=True)
        assert {"events.csv", "firms.csv", "ledger.csv", "memberships.csv"} <= set(files.namelist())


@pytest.mark.parametrize("body", [b"", b"[]", b"{}x", b'{"world": {"settings": {"firms.path": "x"}}}',
                                  b'{"world": {}, "seed": "1"}', b"\xff\xfe"])
def test_downloads_of_nonsense_are_refused(served, body):
    async def talk(tab):
        async with tab.client.post(f"{served.url}/tables", headers={"Origin": served.url}, data=body) as answer:
            return answer.status, await answer.text()

    status, text = served.talk(talk)
    assert status == 400 and text.strip() and "Traceback" not in text
