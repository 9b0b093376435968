"""The SCIM endpoint: a request's path and method to an operation, its plan run, the response encoded.

Everything under /scim/v2 comes through one handler, so that every answer there, an unknown path's too, is SCIM.
"""

import logging
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any
from urllib.parse import unquote

import msgspec
from litestar import HttpMethod, Request, Response, route

from adapter.errors import Forbidden, MethodNotAllowed, NotFound
from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Route
from adapter.plan.conversation import Plan
from adapter.plan.plan import plan
from adapter.scim import discovery, messages, operation
from adapter.scim import filter as filters
from adapter.scim.messages import MEDIA_TYPE, Listing
from adapter.scim.operation import Operation
from adapter.scim.projection import Projection, projected

_LOG = logging.getLogger("adapter.requests")

ROOT = "/scim/v2"
MOST_BYTES = 1_048_576
"""Bytes of a request's body."""

Run = Callable[[Plan], Awaitable[messages.Response]]
Answer = tuple[int, dict[str, Any] | None]


def scim_handler(endpoint: "Callable[[], ScimEndpoint]") -> Any:
    """Return the Litestar handler for everything under the SCIM root; each request gets the endpoint of its moment."""

    @route([ROOT, ROOT + "/{rest:path}"], http_method=list(HttpMethod), include_in_schema=False)
    async def scim(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Answer one SCIM request."""
        return await endpoint().answer(request)

    return scim


class ScimEndpoint:
    """Answers SCIM requests for one connection: its mapping, the way to its upstream, and its public address."""

    def __init__(self, mapping: Mapping, run: Run, public_url: str) -> None:
        self._mapping, self._run = mapping, run
        self._type = mapping.resource.type
        self._base = public_url + ROOT

    async def answer(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Answer one SCIM request; raises ScimError, which the application turns into its answer."""
        began = perf_counter()
        status, content = await self._answer(request, await request.body())
        _LOG.info("%s %s %d %.1f ms", request.method, _kind(request), status, (perf_counter() - began) * 1000)
        if content is None:
            return Response(b"", status_code=status, media_type=MEDIA_TYPE)
        headers = {}
        if status == 201:  # noqa: PLR2004
            # Not from meta: `attributes` may have left it out of the body.
            headers["Location"] = f"{self._base}{self._type.endpoint}/{content['id']}"
        elif "location" in content.get("meta", {}):
            headers["Content-Location"] = content["meta"]["location"]
        return Response(msgspec.json.encode(content), status_code=status, media_type=MEDIA_TYPE, headers=headers)

    async def _answer(self, request: Request[Any, Any, Any], body: bytes) -> Answer:
        asked = operation.parameters(request.scope["query_string"])
        match _segments(request):
            case ["Users"]:
                return await self._users(request.method, asked, body)
            case ["Users", user_id]:
                return await self._user(request.method, user_id, asked, body)
            case ["Groups"]:
                return self._groups(request.method, asked)
            case [("ServiceProviderConfig" | "ResourceTypes" | "Schemas") as name, *rest] if len(rest) <= 1:
                _allow(request.method, "GET")
                return 200, self._discovery(name, rest[0] if rest else None, asked)
            case _:
                raise NotFound("There is nothing at this path. SCIM resources are under /Users.")

    async def _users(self, method: str, asked: dict[str, str], body: bytes) -> Answer:
        _allow(method, "GET", "POST")
        shown = operation.presentation(asked)
        if method == "POST":
            return await self._perform(operation.create(body, self._type), shown)
        return await self._perform(operation.query(asked, self._type), shown)

    async def _user(self, method: str, user_id: str, asked: dict[str, str], body: bytes) -> Answer:
        _allow(method, "GET", "PUT", "PATCH", "DELETE")
        shown = operation.presentation(asked)
        if method == "PUT":
            return await self._perform(operation.replace(user_id, body, self._type), shown)
        if method == "PATCH":
            return await self._perform(operation.patch(user_id, body, self._type), shown)
        if method == "DELETE":
            return await self._perform(operation.Delete(user_id), shown)
        return await self._perform(operation.Get(user_id), shown)

    async def _perform(self, wanted: Operation, shown: Projection) -> Answer:
        response = await self._run(plan(wanted, self._mapping))
        if isinstance(response.content, Listing):
            page = response.content
            bodies = [self._body(each, shown) for each in page.resources]
            return response.status, messages.list_body(bodies, page.start_index, page.total)
        return response.status, None if response.content is None else self._body(response.content, shown)

    def _body(self, resource: dict[str, Any], shown: Projection) -> dict[str, Any]:
        return projected(messages.resource_body(resource, self._type, self._base), shown, self._type)

    @staticmethod
    def _groups(method: str, asked: dict[str, str]) -> Answer:
        """Answer for a resource type that the mapping does not have.

        Entra asks for a random group when it tests the connection, and takes a 404 for a broken service. An empty list
        is the truth: there are no groups here.
        """
        _allow(method, "GET")
        if asked.get("filter", "").strip():
            filters.read(asked["filter"])
        return 200, messages.list_body([], operation.first_of(asked))

    def _discovery(self, name: str, one: str | None, asked: dict[str, str]) -> dict[str, Any]:
        """Answer for the discovery documents (RFC 7644 section 4: a filter there is 403)."""
        if "filter" in asked:
            raise Forbidden("Discovery documents cannot be filtered.")
        if name == "ServiceProviderConfig":
            if one is not None:
                raise NotFound("There is one ServiceProviderConfig, without an id.")
            user = self._mapping.resource
            return discovery.service_provider_config(
                self._base,
                patch=isinstance(user.update, Route),
                filters=isinstance(user.list, Route) or bool(user.pushed),
                version=self._mapping.digest,
            )
        make = discovery.resource_types if name == "ResourceTypes" else discovery.schemas
        documents = make(self._base, [self._type])
        if one is None:
            return messages.list_body(documents)
        found = next((each for each in documents if each["id"].lower() == one.lower()), None)
        if found is None:
            raise NotFound(f"There is no such document under {name}.")
        return found


def _segments(request: Request[Any, Any, Any]) -> list[str]:
    """Return the segments below the SCIM root; `//Users` and `/Users/` are tolerated, encoded slashes stay inside.

    The raw path is cut before it is decoded, so that `%2F` in an id never becomes a path of its own.
    """
    raw = request.scope["raw_path"].decode("ascii", errors="replace").split("?")[0]
    parts = [unquote(part) for part in raw.split("/") if part]
    root = [part for part in ROOT.split("/") if part]
    return parts[len(root) :]


def _kind(request: Request[Any, Any, Any]) -> str:
    """Return the path as a log may show it: an id is personal data in some systems."""
    parts = _segments(request)
    return "/" + "/".join([*parts[:1], *("{id}" for _ in parts[1:])])


def _allow(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise MethodNotAllowed(f"{method} is not possible here.", allowed)
