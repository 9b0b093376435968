"""The gateway in front of the small directory, without a socket between them: for laws that ask it a thousand times."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import httpx
import msgspec
import respx
from litestar import Litestar

from adapter.web.app import application
from tests.conversation import PUBLIC, TOKEN, Answer, _tls, asked, mapping_of, settings_of
from tests.fakes.directory import Directory
from tests.fakes.directory import application as calls


class Scim:
    """What is asked of the gateway, and the directory behind it."""

    def __init__(self, app: Litestar, directory: Directory) -> None:
        self._app, self.directory = app, directory

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        given = [(name.replace("_", "-"), value) for name, value in headers.items()]
        content = b"" if body is None else msgspec.json.encode(body)
        bearer = ("Authorization", f"Bearer {TOKEN}")
        return await asked(self._app, method, f"/scim/v2{path}", [bearer, *given], content)

    async def found(self, path: str, **parameters: Any) -> Answer:
        """Return the answer to a query."""
        return await self("GET", f"{path}?{urlencode(parameters)}")


@asynccontextmanager
async def gateway(mapping: str = "full") -> AsyncIterator[Scim]:
    """Serve a directory that is empty, and a gateway with its mapping, for as long as the context lasts."""
    settings = settings_of(mapping)
    directory = Directory(settings.secrets["token"])
    wire = httpx.ASGITransport(calls(directory))  # type: ignore[arg-type]  # two libraries, two names for one protocol

    async def answered(request: httpx.Request) -> httpx.Response:
        response = await wire.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    with respx.mock(assert_all_called=False) as routes, patch("ssl.create_default_context", _tls):
        routes.route(host="upstream.test").mock(side_effect=answered)
        app = application(settings.settings(mapping_of(mapping)), PUBLIC)
        async with app.lifespan():
            yield Scim(app, directory)
