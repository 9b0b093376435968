"""Two customers' directories behind one gateway, each with its own connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

import httpx
import msgspec
import respx
from litestar import Litestar

from adapter.settings.settings import Connection, Settings
from adapter.web.app import application
from tests.conversation import INTERCEPTED, PUBLIC, SETTINGS, Answer, Given, _tls, asked, mapping_of, settings_of
from tests.fakes.directory import Directory
from tests.fakes.directory import application as calls

TOKENS = {name: f"a-static-token-of-{name}-with-32-characters" for name in ("acme", "globex", "reader")}


def given_for(name: str, **more: Any) -> Given:
    given = settings_of("full")
    about = {"tokens": (TOKENS[name],), "strict_tokens": (), "client_id": name, "upstream_url": f"http://{name}.test"}
    return msgspec.structs.replace(given, **(about | more))


def connection_of(name: str, **more: Any) -> Connection:
    return given_for(name, **more).connection(mapping_of("full"), name)


def settings_with(*connections: Connection, **more: Any) -> Settings:
    made = connections or (connection_of("acme", read_tokens=(TOKENS["reader"],)), connection_of("globex"))
    keys = (SETTINGS.signing_key,)
    return Settings(connections=made, is_alone=False, signing_keys=keys, network=INTERCEPTED, **more)


class Tenants:
    """Two customers' directories, and the gateway before both."""

    def __init__(self, app: Litestar, directories: dict[str, Directory], seen: list[str]) -> None:
        self.app, self.directories, self.seen = app, directories, seen

    async def __call__(self, token: str, method: str, path: str, body: Any = None) -> Answer:
        sent = b"" if body is None else msgspec.json.encode(body)
        return await asked(self.app, method, path, [("Authorization", f"Bearer {TOKENS.get(token, token)}")], sent)


@asynccontextmanager
async def tenants(settings: Settings | None = None) -> AsyncIterator[Tenants]:
    directories = {name: Directory(settings_of("full").secrets["token"]) for name in ("acme", "globex")}
    seen: list[str] = []

    def before(name: str) -> Any:
        wire = httpx.ASGITransport(calls(directories[name]))  # type: ignore[arg-type]

        async def answered(request: httpx.Request) -> httpx.Response:
            seen.append(name)
            response = await wire.handle_async_request(request)
            return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

        return answered

    with respx.mock(assert_all_called=False) as routes, patch("ssl.create_default_context", _tls):
        for name, directory in directories.items():
            directory.users.kept["u-1"] = {"id": "u-1", "login": f"ada@{name}", "enabled": True}
            routes.route(host=f"{name}.test").mock(side_effect=before(name))
        app = application(settings or settings_with(), PUBLIC)
        failed = None
        async with app.lifespan():
            try:
                yield Tenants(app, directories, seen)
            except AssertionError as error:
                failed = error
        if failed:
            raise failed
