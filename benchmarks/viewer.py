"""What the viewer manages: frames a second, the size of a film, first frames, many tabs at once, and memory over time.

    python benchmarks/viewer.py                      # some seven minutes, of which five are the memory
    python benchmarks/viewer.py --minutes 1          # a first look
    python benchmarks/viewer.py --json > viewer.json

Frames are counted by the page itself in headless Chromium, while ten years of two worlds of 200 firms play. First
frames are from opening a page to the first month drawn, by a server that has its kernels. Thirty tabs ask for all
months of worlds of their own at once; the slowest counts. Over some minutes ten tabs go on with what people do (new
worlds, forks, months, lucks), and the memory of server and workers is read as they do. Rates are held against an
empty page, or one tab, of the same run of this program.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TABS = 30
MONTHS = 120
TARGETS = {"kilobytes": 600, "frames_per_second": 50, "first_frame": 2.0, "months_per_second": 3.0}
EMPTY = """async () => { let n = 0; const begin = performance.now();
    await new Promise(done => {
        const turn = () => { n++; performance.now() - begin < 3000 ? requestAnimationFrame(turn) : done(); };
        turn(); });
    return n / 3; }"""
PLAYED = """async () => { const viewer = document.querySelector('.viewer').viewer;
    viewer.part('speed').value = 3; viewer.play(); await new Promise(done => setTimeout(done, 500));
    const before = viewer.drawn, begin = performance.now(); await new Promise(done => setTimeout(done, 6000));
    return (viewer.drawn - before) / (performance.now() - begin) * 1000; }"""


def film(folder: Path) -> Path:
    """Make the film that plays, and return its page."""
    words = ["replay", "strategy=stand_alone,balanced", "scenario=electric_shift", "firms.n=200", f"months={MONTHS}",
             "replications=10", f"out={folder / 'film'}"]
    subprocess.run([sys.executable, "-m", "allysim", *words], check=True, capture_output=True)
    return folder / "film" / "replay.html"


def frames(page: Path) -> dict[str, float]:
    """Return frames a second of the film, and of an empty page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        tab.goto("about:blank")
        empty = tab.evaluate(EMPTY)
        tab.goto(page.as_uri())
        tab.wait_for_selector(".viewer[data-ready]")
        shown = tab.evaluate(PLAYED)
        browser.close()
    return {"kilobytes": page.stat().st_size / 1000, "frames_per_second": shown, "empty_page": empty,
            "ratio": shown / empty}


@contextlib.contextmanager
def served(port: int) -> Any:
    """Run a live server in a process of its own."""
    command = [sys.executable, "-m", "allysim", "live", f"port={port}"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None and server.stdout.readline().startswith("Open:")
        yield server
    finally:
        server.terminate()
        server.wait()


def first_frames(port: int) -> list[float]:
    """Return seconds from opening the page to the first frame, page after page."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(5):
            tab = browser.new_page()
            started = time.perf_counter()
            tab.goto(f"http://127.0.0.1:{port}")
            tab.get_by_text("months, seed").wait_for(timeout=120_000)
            found.append(time.perf_counter() - started)
            tab.close()
        browser.close()
    return found


class Tab:
    """A connection to the server."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    async def until(self, *kinds: str) -> dict[str, Any]:
        """Return the next message of some kinds, or an error."""
        while True:
            message = json.loads((await asyncio.wait_for(self.socket.receive(), 120)).data)
            if message["type"] in (*kinds, "error"):
                return message

    async def months(self, world: str, last: int) -> None:
        """Take in a world's months until the last."""
        await self.socket.send_json({"do": "months", "world": world, "until": last})
        while True:
            message = await self.until("months")
            if message["type"] == "error" or message["frames"][-1]["m"] >= last:
                return


@contextlib.asynccontextmanager
async def opened(port: int, tabs: int) -> Any:
    import aiohttp

    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as client, contextlib.AsyncExitStack() as stack:
        yield [Tab(await stack.enter_async_context(client.ws_connect(f"{url}/worlds", headers={"Origin": url},
                                                                     max_msg_size=0))) for _ in range(tabs)]


async def rates(port: int, tabs: int) -> list[float]:
    """Return the months a second that each of some tabs gets, all at once, each of a world of its own."""
    async with opened(port, tabs) as all_tabs:
        for k, tab in enumerate(all_tabs):
            await tab.until("ready")
            await tab.socket.send_json({"do": "worlds", "a": {}, "seed": k})
            await tab.until("world")

        async def whole(tab: Tab) -> float:
            started = time.perf_counter()
            await tab.months("a", MONTHS)
            return MONTHS / (time.perf_counter() - started)

        return list(await asyncio.gather(*(whole(tab) for tab in all_tabs)))


def megabytes(process: int) -> float:
    """Return the memory of a process and of all that it started."""
    ids, found = [process], 0.0
    while ids:
        one = ids.pop()
        with contextlib.suppress(OSError):
            ids += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
            found += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return found


async def memory(port: int, process: int, minutes: float) -> list[float]:
    """Return the server's memory, in MB, every ten seconds while ten tabs do what people do."""
    over = time.monotonic() + 60 * minutes
    found: list[float] = []

    async def use(tab: Tab, k: int) -> None:
        await tab.until("ready")
        turn = 0
        while time.monotonic() < over:
            turn += 1
            fork = {"moves": [[12 + k, {"governance": ("none", "light", "heavy")[turn % 3]}]]}
            await tab.socket.send_json({"do": "worlds", "a": {}, "b": fork, "seed": 100 * k + turn})
            for _ in range(2):
                await tab.until("world")
            await tab.months("a", 60)
            await tab.months("b", 60)
            if turn % 5 == 0:
                await tab.socket.send_json({"do": "lucks", "n": 4})
                while (await tab.until("lucks")).get("done", 4) < 4:
                    pass
            await asyncio.sleep(.5)

    async def watch() -> None:
        while time.monotonic() < over:
            found.append(megabytes(process))
            await asyncio.sleep(min(10.0, 6 * minutes))

    async with opened(port, 10) as tabs:
        await asyncio.gather(watch(), *(use(tab, k) for k, tab in enumerate(tabs)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0, help="minutes over which memory is watched")
    parser.add_argument("--port", type=int, default=8095)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = frames(film(Path(folder)))
    with served(asked.port) as server:
        found["first_frame"] = first_frames(asked.port)
        asyncio.run(rates(asked.port, 1))
        alone, crowd = (asyncio.run(rates(asked.port, tabs)) for tabs in (1, TABS))
        found |= {"months_per_second": min(crowd), "median": statistics.median(crowd), "one_tab": alone[0],
                  "tabs": TABS, "together": sum(crowd) / alone[0]}
        found["megabytes"] = asyncio.run(memory(asked.port, server.pid, asked.minutes))
    found |= {"targets": TARGETS, "machine": {"python": platform.python_version(), "cores": os.cpu_count()}}
    if asked.json:
        print(json.dumps(found, indent=1))
        return
    held = found["megabytes"]
    first, last = (statistics.mean(part) for part in (held[:len(held) // 2], held[len(held) // 2:]))
    print(f"A film of two worlds, 200 firms, {MONTHS} months: {found['kilobytes']:.0f} kB (wanted below 600)")
    print(f"Frames a second: {found['frames_per_second']:.1f}, of an empty page {found['empty_page']:.1f} (wanted 50)")
    print("First frame, seconds: " + ", ".join(f"{one:.2f}" for one in found["first_frame"]) + " (wanted below 2)")
    print(f"Months a second of {TABS} tabs at once: least {found['months_per_second']:.1f}, median "
          f"{found['median']:.1f} (wanted 3 each); of one alone {found['one_tab']:.0f}")
    print(f"Memory of server and workers, MB: {held[0]:.0f} at first, {max(held):.0f} at most, {held[-1]:.0f} at the "
          f"end; mean of the first half {first:.0f}, of the last {last:.0f}")


if __name__ == "__main__":
    main()
