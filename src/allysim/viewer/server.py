"""The server of the live page: who may come in, how many, and what each may send.

It listens on the loopback address unless told otherwise, answers only pages that it served itself (the Host and the
Origin of a request are checked), and bounds connections, messages and what waits to be sent.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from allysim.errors import AllysimError
from allysim.viewer import lessons, page
from allysim.viewer.lucks import Office
from allysim.viewer.session import Session
from allysim.viewer.spec import composed, levers, seed_from, spec_from, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from allysim.config import Scenario

MOST_TABS = 64
MESSAGE_BYTES = 32_768
IDLE_SECONDS = 900.0
MOST_ERRORS = 20
"""Messages that make no sense before a connection is closed."""
SEND_SECONDS = 30.0
"""How long a tab may take to take in what it asked for."""
DOWNLOADS = 2
"""Downloads that are made at a time."""
FULL = "as many tabs are open as this server takes: try again later"


class Live:
    """The state of one server.

    Parameters
    ----------
    base : Scenario
        The world that a page shows first.
    given : mapping
        Settings that made it, for the files that can be downloaded.
    hosts : set of str, optional
        Hosts by which the server may be called, any where not given.
    workers : int
        Processes for bands.
    """

    def __init__(self, base: Scenario, given: Mapping[str, Any], hosts: set[str] | None = None,
                 workers: int = 1) -> None:
        self.base, self.given, self.hosts = base, given, hosts
        self.steps = ThreadPoolExecutor(1, "worlds")
        self.files = ThreadPoolExecutor(1, "files")
        self.office = Office(workers)
        self.tabs: set[web.WebSocketResponse] = set()
        self.downloads = 0
        self.ready = asyncio.Event()
        self.levers = json.dumps(levers(base), ensure_ascii=False, allow_nan=False)
        self.page, self.policy = _page()
        self.lessons = json.dumps([lesson.shown() for lesson in lessons.all_lessons()], ensure_ascii=False)

    def app(self) -> web.Application:
        """Return the application, to be run by aiohttp."""
        app = web.Application(middlewares=[self._guard], client_max_size=MESSAGE_BYTES)
        app.add_routes([
            web.get("/", self._page), web.get("/levers", self._levers), web.get("/lessons", self._lessons),
            web.get("/sheets/{name}", self._sheet), web.get("/worlds", self._tab), web.post("/config", self._config),
            web.post("/tables", self._tables),
        ])
        app.on_startup.append(self._begin)
        app.on_shutdown.append(self._end)
        return app

    async def _begin(self, app: web.Application) -> None:
        self.warming = asyncio.create_task(self._warm())

    async def _warm(self) -> None:
        """Compile, or load, the kernels, and start the processes that run other lucks."""
        from allysim.model import load, warm

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.steps, warm)
        await loop.run_in_executor(self.steps, load)
        self.ready.set()
        await loop.run_in_executor(self.office.open(), int)  # the first task starts a process

    async def _end(self, app: web.Application) -> None:
        self.warming.cancel()
        for tab in list(self.tabs):
            await tab.close(code=WSCloseCode.GOING_AWAY, message=b"the server is stopped")
        self.office.close()
        self.steps.shutdown(wait=False, cancel_futures=True)
        self.files.shutdown(wait=False, cancel_futures=True)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Let in who calls this server by its own name, and of pages only its own."""
        if self.hosts is not None and request.host not in self.hosts:
            raise web.HTTPForbidden(text="this server is not called by that name\n")
        origin = request.headers.get("Origin")
        steers = request.method != "GET" or request.path == "/worlds"
        if (steers or origin is not None) and origin not in (f"http://{request.host}", f"https://{request.host}"):
            raise web.HTTPForbidden(text="only a page of this server may do that\n")
        try:
            answer: web.StreamResponse = await handler(request)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as error:
            cause = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"allysim: {request.path} failed unexpectedly ({cause})", file=sys.stderr)
            raise web.HTTPInternalServerError(text=f"failed unexpectedly ({cause})\n") from None
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "no-referrer")
        return answer

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(text=self.page, content_type="text/html",
                            headers={"Content-Security-Policy": self.policy, "Cache-Control": "no-store"})

    async def _levers(self, request: web.Request) -> web.Response:
        return web.Response(text=self.levers, content_type="application/json")

    async def _lessons(self, request: web.Request) -> web.Response:
        return web.Response(text=self.lessons, content_type="application/json")

    async def _sheet(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        found = next((lesson for lesson in lessons.all_lessons() if lesson.name == name), None)
        if found is None:
            raise web.HTTPNotFound(text="there is no such lesson\n")
        text = page.render("sheet.html", title=found.title, sheet=found.sheet())
        return web.Response(text=text, content_type="text/html", headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})

    async def _tab(self, request: web.Request) -> web.WebSocketResponse:
        """Serve a tab as long as it is open."""
        tab = web.WebSocketResponse(max_msg_size=MESSAGE_BYTES, heartbeat=30.0, compress=True)
        await tab.prepare(request)
        if len(self.tabs) >= MOST_TABS:
            await tab.close(code=WSCloseCode.TRY_AGAIN_LATER, message=FULL.encode())
            return tab
        self.tabs.add(tab)
        lock = asyncio.Lock()

        async def send(content: dict[str, Any]) -> None:
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            async with lock:  # one message at a time: a tab that does not read holds up nobody but itself
                await asyncio.wait_for(tab.send_str(text), SEND_SECONDS)

        session = Session(self.base, send, self.steps, self.office)
        try:
            if not self.ready.is_set():
                await send({"type": "status", "text": "Compiling the model, once for this version: about a minute …"})
                await self.ready.wait()
            await send({"type": "ready"})
            await self._listen(tab, session)
        except (ConnectionError, TimeoutError):
            pass
        finally:
            self.tabs.discard(tab)
            await session.close()
            await tab.close()
        return tab

    async def _listen(self, tab: web.WebSocketResponse, session: Session) -> None:
        errors = 0
        while True:
            try:
                message = await tab.receive(timeout=IDLE_SECONDS)
            except TimeoutError:
                await tab.close(code=WSCloseCode.GOING_AWAY, message=b"idle for a quarter of an hour: reload to go on")
                return
            if message.type is not WSMsgType.TEXT:
                return  # closed, broken, too long, or no text
            if not await session.hear(message.data):
                errors += 1
                if errors >= MOST_ERRORS:
                    await tab.close(code=WSCloseCode.POLICY_VIOLATION, message=b"too many messages made no sense")
                    return

    async def _config(self, request: web.Request) -> web.Response:
        """Return a world as a file that ``allysim run --config`` takes."""
        spec, seed = await self._asked(request)
        return _file(written(self.given, spec, seed).encode(), "world.yaml", "application/yaml")

    async def _tables(self, request: web.Request) -> web.Response:
        """Run a world to its end and return its tables with its configuration as one archive."""
        spec, seed = await self._asked(request)
        if self.downloads >= DOWNLOADS:
            raise web.HTTPServiceUnavailable(text="others download just now: try again in a while\n")
        self.downloads += 1
        try:
            content = await asyncio.get_running_loop().run_in_executor(
                self.files, _archive, self.base, spec, seed, written(self.given, spec, seed))
        except AllysimError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from None
        finally:
            self.downloads -= 1
        return _file(content, "world.zip", "application/zip")

    async def _asked(self, request: web.Request) -> tuple[Any, int]:
        try:
            given = json.loads(await request.text())
            spec = spec_from(given.get("world") if isinstance(given, dict) else None)
            composed(self.base, spec)
            return spec, seed_from(given, self.base)
        except AllysimError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from None
        except (ValueError, RecursionError):  # no JSON, or no text at all
            raise web.HTTPBadRequest(text="what is asked for is JSON\n") from None


def _page() -> tuple[str, str]:
    """Return the page, and the policy under which a browser runs nothing but its script."""
    script = page.script("live", "levers", "lessons")
    digest = base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()
    policy = (f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; connect-src 'self'; "
              "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    return page.render("live.html", viewer=page.fragment(), script=script, live_css=page.further("live.css")), policy


def _file(content: bytes, name: str, kind: str) -> web.Response:
    return web.Response(body=content, content_type=kind,
                        headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _archive(base: Scenario, spec: Any, seed: int, text: str) -> bytes:
    from allysim.study.simulate import Task, simulate

    scenario, history = composed(base, spec)
    tables = simulate(Task(scenario, seed, "full", history)).tables
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("world.yaml", text)
        for name, table in tables.items():
            archive.writestr(f"{name}.csv", table.to_csv(index=False))
    return into.getvalue()
