"""The upstream's control port: what was called, what is kept, and what is to go wrong."""

from types import TracebackType
from typing import Any, Self

import httpx

CREATE = "/api/org-units/{orgUnitId}/users"
PATIENCE = 30.0  # seconds: the state of a hundred thousand users takes a while


class Control:
    """The client of the control port, past the gateway: the demo's own eyes."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=PATIENCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def calls(self) -> dict[str, Any]:
        """The calls the upstream was made, in all and by route."""
        return await self._get("/calls")

    async def users(self) -> list[dict[str, Any]]:
        """The users the upstream holds."""
        users: list[dict[str, Any]] = (await self._get("/state"))["users"]
        return users

    async def spoil(self, kind: str, nth: int) -> None:
        """Let the nth creation from now go wrong: `drop` loses it, `double` keeps it twice, `alter` changes it."""
        fault = {"kind": kind, "method": "POST", "route": CREATE, "nth": nth}
        (await self._http.post("/faults", json=fault)).raise_for_status()

    async def _get(self, path: str) -> dict[str, Any]:
        response = await self._http.get(path)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer
