"""Where a stateful machine works: its steps are those of a thread, and are done in the loop in which the upstream is."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.faults.caller import Answer
from tests.faults.entra import Entra, Fields
from tests.faults.lane import Lane

T = TypeVar("T")


class Speaker(Entra):
    """A client that also sends what Entra has several forms for."""

    async def patched(self, login: str, user_id: str, fields: Fields, body: Any) -> Answer:
        """Change attributes by this message."""
        return await self._ask("patch", login, fields, "PATCH", f"/Users/{user_id}", body)

    async def page(self, start: int, count: int) -> Answer:
        """Ask for a page of everybody."""
        return await self._ask("list", "", {}, "GET", f"/Users?startIndex={start}&count={count}")


@dataclass(slots=True)
class Desk:
    """Where the machine's steps are done: its gateway's lane, in the loop of another thread."""

    lane: Lane
    entra: Entra
    loop: asyncio.AbstractEventLoop
    restarts: int
    steps: int = 0
    runs: int = 0
    faulty: int = 0
    unknown: int = 0
    said: list[object] = field(default_factory=list)

    def done(self, step: Awaitable[T]) -> T:
        """Return what came of a step."""

        async def awaited() -> T:
            return await step

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result(120)
