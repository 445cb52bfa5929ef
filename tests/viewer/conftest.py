"""A live server in a thread of its own, and a tab that talks to it."""

import asyncio
import contextlib
import json
import threading

import pytest

import allysim as al

SMALL = {"firms.n": 20, "firms.focal": 5, "months": 30}


class Served:
    """A live page on a free port of the loopback address."""

    def __init__(self, base=None, given=None, workers=1, wait=True):
        from allysim.viewer.server import Live

        self.base = base or al.scenario(strategy="balanced", **SMALL)
        self.given = given or {"strategy": "balanced", **SMALL}
        self.started = threading.Event()
        self.workers, self._class, self.wait = workers, Live, wait
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.thread.start()
        assert self.started.wait(900)  # all is compiled where nothing is on disk yet

    async def _serve(self):
        from aiohttp import web

        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        self.live = self._class(self.base, self.given, None, self.workers)
        runner = web.AppRunner(self.live.app(), shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        self.live.hosts = {f"127.0.0.1:{self.port}"}
        if self.wait:
            await self.live.ready.wait()
        self.started.set()
        await self.over.wait()
        await runner.cleanup()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join(60)

    def talk(self, what):
        """Run a coroutine function that takes a function which opens a tab."""
        import aiohttp

        async def run():
            many = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(connector=many) as client, contextlib.AsyncExitStack() as tabs:
                async def tab(**headers):
                    opened = await tabs.enter_async_context(client.ws_connect(
                        f"{self.url}/worlds", headers={"Origin": self.url, **headers}, max_msg_size=0))
                    return Tab(opened)
                tab.client = client
                return await what(tab)
        return asyncio.run(asyncio.wait_for(run(), 900))


class Tab:
    """A connection, and what one says on it."""

    def __init__(self, socket):
        self.socket = socket

    async def say(self, message):
        await self.socket.send_str(message if isinstance(message, str) else json.dumps(message))

    async def hear(self, *kinds):
        """Return the next message that is of one of some kinds, all if none are given."""
        while True:
            message = await asyncio.wait_for(self.socket.receive(), 300)
            if message.type.name != "TEXT":
                return {"type": "closed", "code": self.socket.close_code, "reason": str(message.extra or "")}
            content = json.loads(message.data)
            if not kinds or content["type"] in kinds or content["type"] == "error":
                return content

    async def ask(self, message, *kinds):
        await self.say(message)
        return await self.hear(*kinds)

    async def frames(self, world, until, have=0):
        """Return the frames of a world from the first that is missing until a month."""
        await self.say({"do": "months", "world": world, "until": until})
        found = []
        while len(found) < until - have:
            message = await self.hear("months")
            assert message["type"] == "months", message
            assert message["world"] == world
            found += message["frames"]
        return found


@pytest.fixture(scope="module")
def served():
    pytest.importorskip("aiohttp")
    opened = Served()
    yield opened
    opened.close()


@pytest.fixture
def serve():
    """The class of a live page, to be opened and closed by a test."""
    pytest.importorskip("aiohttp")
    return Served
