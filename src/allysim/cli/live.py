"""Serve the live page: worlds that run in the browser, forks on the same luck, bands, and six lessons.

  allysim live                                         on this machine, at http://127.0.0.1:8080
  allysim live scenario=electric_shift firms.n=60      the world that a page shows first
  allysim live firms.path=mine.csv port=9000           your own firms, another port
  allysim live host=0.0.0.0                            for others in your network too: anyone there can run worlds

Every tab has worlds of its own, which go when it is closed. Stop it with Ctrl-C. It needs the extra 'live':
pip install 'allysim[live]'.
Useful settings: scenario strategy governance firms.path firms.n months seed jobs (processes for other lucks).
"""

from __future__ import annotations

import importlib.util
from typing import Any

from allysim.errors import ConfigError

HOST, PORT = "127.0.0.1", 8080
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(args: list[str]) -> int:
    """Serve until interrupted."""
    if importlib.util.find_spec("aiohttp") is None or importlib.util.find_spec("markdown_it") is None:
        raise ConfigError("'allysim live' needs packages that are not installed: pip install 'allysim[live]'")
    from allysim.config import scenario_from, settings_from
    from allysim.study.executors import cores
    from allysim.study.simulate import load_own
    from allysim.viewer.server import Live

    own, rest = _own(args)
    base = scenario_from(rest)
    if base.run.out or base.run.outcome:
        raise ConfigError("out and outcome are not for a live page, which keeps nothing: take 'allysim run' for that")
    load_own([base])
    host, port = own["host"], own["port"]
    names = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")} if host in LOOPBACK else None
    workers = base.run.jobs or max(1, cores() - 1)
    _serve(Live(base, settings_from(rest), names, workers), host, port)
    return 0


def _own(args: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return host and port, and the arguments that are settings."""
    own: dict[str, Any] = {"host": HOST, "port": PORT}
    rest = []
    for text in args:
        key, _, value = (part.strip() for part in text.partition("="))
        if key == "port":
            if not value.isdigit() or not 1 <= int(value) <= 65_535:
                raise ConfigError(f"port={value} is not allowed: it takes a whole number from 1 to 65535")
            own["port"] = int(value)
        elif key == "host":
            if not value:
                raise ConfigError("host= has no value: it takes an address of this machine, such as 127.0.0.1")
            own["host"] = value
        else:
            rest.append(text)
    return own, rest


def _serve(live: Any, host: str, port: int) -> None:
    import asyncio
    import contextlib
    import signal

    from aiohttp import web

    async def serve() -> None:
        stopped = asyncio.Event()
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        runner = web.AppRunner(live.app(), access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as problem:
                raise ConfigError(f"host={host} port={port} cannot be listened on ({problem.strerror or problem}): "
                                  f"choose another port, as in port={port + 1 if port < 65_535 else 8080}") from None
            shown = f"[{host}]" if ":" in host else host
            print(f"Open:  http://{shown}:{port}   (Ctrl-C stops it)", flush=True)
            await stopped.wait()
        finally:
            await runner.cleanup()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())
    print("\nstopped")
