"""One tab of the live page: its worlds, what it may ask for, and what it is told.

A tab asks and is answered: it says what worlds it wants and then for months, so that nothing is made that nobody
waits for. Its worlds hang on its connection and go with it; nobody else can name them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from allysim.errors import AllysimError, ConfigError
from allysim.viewer.film import Reel
from allysim.viewer.spec import Spec, composed, seed_from, spec_from

if TYPE_CHECKING:
    from allysim.config import Scenario
    from allysim.viewer.lucks import Office

Send = Callable[[dict[str, Any]], Awaitable[None]]

CHUNK = 6
"""Months that a world goes on at a time, before others have their turn."""
SLOW = 2.0
"""Seconds that a month may take in a world that is shown live."""
LUCKS = (2, 100)
"""Lucks that a band may have."""
LETTERS = ("a", "b")


class Session:
    """The worlds of one connection.

    Parameters
    ----------
    base : Scenario
        The world with which the server was started.
    send : coroutine function
        Tells the tab something.
    steps : Executor
        One thread in which the worlds of all tabs go on by turns.
    office : Office
        Where bands are worked out.
    """

    def __init__(self, base: Scenario, send: Send, steps: Executor, office: Office) -> None:
        self.base, self.send, self.steps, self.office = base, send, steps, office
        self.reels: dict[str, Reel] = {}
        self.specs: dict[str, Spec] = {}
        self.seed = base.run.seed
        self.band: asyncio.Task[None] | None = None
        self.does: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "worlds": self._worlds, "months": self._months, "lucks": self._lucks, "stop": self._stop}

    async def hear(self, text: str) -> bool:
        """Do what a message asks for; returns whether it could be done, having said why if not."""
        try:
            message = json.loads(text)
            if not isinstance(message, dict) or message.get("do") not in [*self.does]:
                raise ConfigError(f"a message is an object that says what to do: {', '.join(self.does)}")
            await self.does[message["do"]](message)
        except AllysimError as error:
            return await self._refuse(str(error))
        except (json.JSONDecodeError, RecursionError):
            return await self._refuse("a message is JSON")
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:  # a fault of ours is told in a sentence, and costs nobody else anything
            return await self._refuse(" ".join(f"failed unexpectedly ({type(error).__name__}: {error})".split()))
        return True

    async def _refuse(self, text: str) -> bool:
        await self.send({"type": "error", "text": text})
        return False

    async def close(self) -> None:
        """Let go of everything."""
        await self._stop({})
        self.reels.clear()

    async def _worlds(self, message: dict[str, Any]) -> None:
        """Begin the world or the two worlds asked for; ``{"a": spec, "b": spec or nothing, "seed": number}``.

        A first world that is there already goes on. Of a second one, the months that it shares with the first are
        not sent.
        """
        seed = seed_from(message, self.base)
        specs = {letter: spec_from(message[letter]) for letter in LETTERS if message.get(letter) is not None}
        if "a" not in specs:
            raise ConfigError("a world 'a' is needed")
        plans = {letter: composed(self.base, spec) for letter, spec in specs.items()}
        if len({scenario.run.months for scenario, _ in plans.values()}) > 1:
            raise ConfigError("both worlds take the same number of months")
        shared = _shared(specs)
        await self._stop({})
        kept = {"a"} & {*self.reels} if (self.specs.get("a"), self.seed) == (specs["a"], seed) else set()
        self.reels = {letter: self.reels[letter] for letter in kept}
        self.specs, self.seed = specs, seed
        if kept and (frames := await self._go_on(self.reels["a"], shared)):
            await self.send({"type": "months", "world": "a", "frames": frames})
        for letter, (scenario, history) in plans.items():
            if letter in kept:
                continue
            reel = await self._step(partial(Reel, scenario, seed, history))
            frames = [await self._step(reel.frame), *await self._go_on(reel, shared)]
            self.reels[letter] = reel
            await self.send({"type": "world", "world": letter, "head": reel.head, "shared": shared,
                             "frames": [] if letter == "b" and shared else frames})

    async def _months(self, message: dict[str, Any]) -> None:
        """Send the months of a world that are still missing until a month; ``{"world": "a", "until": month}``."""
        letter, until = message.get("world"), message.get("until")
        if letter not in [*self.reels]:
            raise ConfigError("there is no such world: ask for worlds first")
        reel = self.reels[letter]
        if isinstance(until, bool) or not isinstance(until, int) or not 0 <= until <= reel.months:
            raise ConfigError(f"until takes a month from 0 to {reel.months}")
        while reel.model.month < until:
            frames = await self._go_on(reel, min(until, reel.model.month + CHUNK))
            await self.send({"type": "months", "world": letter, "frames": frames})

    async def _go_on(self, reel: Reel, until: int) -> list[dict[str, Any]]:
        frames = []
        while reel.model.month < until:
            frames += await self._step(partial(_run, reel, min(until, reel.model.month + CHUNK)))
        return frames

    async def _step(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.steps, work)

    async def _lucks(self, message: dict[str, Any]) -> None:
        """Work out the band of some lucks around what is shown, beside all else; ``{"n": lucks}``."""
        n = message.get("n")
        if isinstance(n, bool) or not isinstance(n, int) or not LUCKS[0] <= n <= LUCKS[1]:
            raise ConfigError(f"n takes a whole number from {LUCKS[0]} to {LUCKS[1]}")
        if not self.specs:
            raise ConfigError("there is no world yet: ask for worlds first")
        await self._stop({})
        plans = [composed(self.base, spec) for spec in self.specs.values()]
        self.band = asyncio.create_task(self._work_out(plans, range(self.seed, self.seed + n)))

    async def _work_out(self, plans: list[Any], seeds: range) -> None:
        try:
            async with aclosing(self.office.bands(plans, seeds)) as told:
                async for done, band in told:
                    await self.send({"type": "lucks", "done": done, "of": len(seeds), "bands": band})
        except AllysimError as error:
            await self._refuse(str(error))
        except ConnectionError:
            pass

    async def _stop(self, message: dict[str, Any]) -> None:
        """Give up the band that is being worked out."""
        if self.band is not None and not self.band.done():
            self.band.cancel()
            await asyncio.gather(self.band, return_exceptions=True)
        self.band = None


def _shared(specs: dict[str, Spec]) -> int:
    """Return the last month that two worlds have in common because one goes on from the other."""
    if len(specs) < 2:
        return 0
    one, other = specs["a"], specs["b"]
    common = 0
    if (one.settings, one.plain) != (other.settings, other.plain):
        return 0
    while common < min(len(one.moves), len(other.moves)) and one.moves[common] == other.moves[common]:
        common += 1
    ahead = [spec.moves[common][0] for spec in (one, other) if len(spec.moves) > common]
    return min(ahead, default=0)


def _run(reel: Reel, until: int) -> list[dict[str, Any]]:
    """Run a world until a month and return its frames."""
    frames = []
    while reel.model.month < until:
        started = time.perf_counter()
        frames.append(reel.step())
        if time.perf_counter() - started > SLOW:
            raise ConfigError(f"month {reel.model.month} of this world took more than {SLOW:.0f} seconds, too long for "
                              "a live page: take fewer firms, or 'allysim run'")
    return frames
