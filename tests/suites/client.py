"""A SCIM client as the suites need it: the gateway with a mapping, in front of its system, over real sockets behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote_plus

import msgspec
from litestar import Litestar

from adapter.web.app import application
from tests.conversation import PUBLIC, TOKEN, Answer, asked, mapping_of
from tests.fakes.systems import SYSTEMS

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Scim:
    """What is asked of one gateway."""

    def __init__(self, app: Litestar) -> None:
        self._app = app

    async def __call__(self, method: str, path: str, body: Any = None) -> Answer:
        headers = [("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/scim+json; charset=utf-8")]
        content = b"" if body is None else msgspec.json.encode(body)
        return await asked(self._app, method, f"/scim/v2{path}", headers, content)

    async def matching(self, endpoint: str, attribute: str, value: str, more: str = "") -> Answer:
        """Return the answer to a match query, encoded as Entra does it: a blank is a plus."""
        wanted = f'{attribute} eq "{value}"'
        return await self("GET", f"/{endpoint}?filter={quote_plus(wanted)}{more}")

    async def patched(self, path: str, *operations: dict[str, Any]) -> Answer:
        """Return the answer to a PATCH."""
        return await self("PATCH", path, {"Operations": list(operations), "schemas": [PATCH_OP]})

    async def schemas(self) -> list[dict[str, Any]]:
        """Return what the gateway says that it keeps."""
        resources: list[dict[str, Any]] = (await self("GET", "/Schemas")).json["Resources"]
        return resources


@asynccontextmanager
async def gateway(name: str) -> AsyncIterator[Scim]:
    """Serve the system of that name, and a gateway with its mapping, for as long as the context lasts."""
    system = SYSTEMS[name]
    async with system.server() as url:
        app = application(system.settings(url).settings(mapping_of(name)), PUBLIC)
        async with app.lifespan():
            yield Scim(app)
