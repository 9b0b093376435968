"""The gateway before the small directory, and a witness between them: every answer and every call is held against the law."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import httpx
import msgspec
import respx
from litestar import Litestar

from adapter.audit.recorder import Recorder
from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping
from adapter.scim.messages import ERROR, MEDIA_TYPE
from adapter.web.app import application
from tests.attacks.outbound import stray_request
from tests.conversation import FOLDER, PUBLIC, STRICT, TOKEN, Answer, _tls, asked, mapping_of, settings_of
from tests.fakes.directory import Directory
from tests.fakes.directory import application as calls

BEARER = ("Authorization", f"Bearer {TOKEN}")
AS_STRICT = ("Authorization", f"Bearer {STRICT}")
SECOND = 1.0
"""In which every request is answered."""


class World:
    """What is asked of the gateway, what its upstream saw, and what the directory keeps."""

    def __init__(self, app: Litestar, directory: Directory, seen: list[httpx.Request]) -> None:
        self.app, self.directory, self.seen = app, directory, seen

    async def __call__(self, method: str, path: str, body: Any = None, *headers: tuple[str, str]) -> Answer:
        """Ask for a path under the SCIM root; a body of bytes goes as it is, any other as JSON."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        bearer = () if any(name == "Authorization" for name, _ in headers) else (BEARER,)
        began = monotonic()
        answer = await asked(self.app, method, f"/scim/v2{path}", [*bearer, *headers], content)
        assert monotonic() - began < SECOND, f"{method} {path[:80]} took {monotonic() - began:.2f} s"
        lawful(answer, f"{method} {path[:80]} {content[:200]!r}")
        return answer

    async def found(self, wanted: str, path: str = "/Users", **more: str) -> Answer:
        """Return the answer to a query with a filter."""
        return await self("GET", f"{path}?{urlencode({'filter': wanted} | more)}")

    def keep(self, login: str, **fields: Any) -> str:
        """Put a user into the directory, and return the id."""
        user_id = f"u-{len(self.directory.users.kept) + 1}"
        self.directory.users.kept[user_id] = {"id": user_id, "login": login, "enabled": True, **fields}
        return user_id

    def state(self) -> bytes:
        """Return everything that the directory keeps, to be compared."""
        return msgspec.json.encode([self.directory.users.kept, self.directory.groups.kept])

    @property
    def writes(self) -> list[str]:
        """The calls that change something."""
        return [f"{each.method} {each.url.path}" for each in self.seen if each.method != "GET"]


def lawful(answer: Answer, said: str) -> None:
    """Hold an answer against what is true of every one: no 5xx but an announced 501, and a SCIM error in full."""
    assert answer.status < 500 or answer.status == 501, f"{said}: {answer.status} {answer.content!r}"
    if answer.status >= 400:
        assert answer.headers["content-type"] == MEDIA_TYPE, said
        body = answer.json
        assert (body["schemas"], body["status"]) == ([ERROR], str(answer.status)), said
        assert body["detail"], said
        assert len(answer.content) < 2_000, said


def is_refused(answer: Answer, scim_type: str | None, status: int = 400) -> bool:
    """Tell whether an answer is this SCIM error."""
    return (answer.status, answer.json.get("scimType")) == (status, scim_type)


def changed_mapping(*changes: tuple[str, str]) -> Mapping:
    """Return the directory's mapping with some of its text replaced."""
    text = (FOLDER / "mappings" / "full.yaml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return load(text, "full.yaml")


@asynccontextmanager
async def world(
    mapping: Mapping | None = None,
    audit: Recorder | None = None,
    limits: dict[str, int] | None = None,
    **settings: Any,
) -> AsyncIterator[World]:
    """Serve an empty directory and a gateway before it; at the end no call may have been one that no route has."""
    mapping = mapping or mapping_of("full")
    told = msgspec.structs.replace(settings_of("full"), **settings)
    directory, seen = Directory(told.secrets["token"]), list[httpx.Request]()
    wire = httpx.ASGITransport(calls(directory))  # type: ignore[arg-type]  # two libraries, two names for one protocol

    async def answered(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        response = await wire.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    with respx.mock(assert_all_called=False) as routes, patch("ssl.create_default_context", _tls):
        routes.route(host="upstream.test").mock(side_effect=answered)
        process = msgspec.structs.replace(told.settings(mapping), limits=limits or {})
        app = application(process, PUBLIC, audit=audit)
        async with app.lifespan():
            made = World(app, directory, seen)
            failed = None
            try:
                yield made
            except AssertionError as error:
                failed = error  # raised in there, it would come out wrapped in an ExceptionGroup
        if failed:
            raise failed
    strays = [found for each in seen if (found := stray_request(each, mapping))]
    assert strays == []
