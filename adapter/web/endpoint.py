"""The SCIM endpoint of one connection: a request's path and method to an operation, its plan run, the answer made."""

from typing import Any

import msgspec

from adapter.errors import MethodNotAllowed, NotFound, Unsupported
from adapter.mapping.mapping import Mapping
from adapter.plan.plan import plan
from adapter.plan.update import version_of
from adapter.scim import filter as filters
from adapter.scim import messages, operation
from adapter.scim.operation import Create, Get, Patch, Replace
from adapter.scim.projection import Projection, projector
from adapter.web import bulk, documents
from adapter.web.asked import Answer, Asked
from adapter.web.cursors import Cursors
from adapter.web.queries import Queries, Run


class Endpoint:
    """Answers SCIM requests for one connection: its mapping, the way to its upstream, and its public address.

    A bulk request begins no operation once it has taken the `seconds` that one request may take.
    """

    def __init__(self, mapping: Mapping, run: Run, base: str, cursors: Cursors, seconds: float) -> None:
        self._mapping, self._run, self._base, self._seconds = mapping, run, base, seconds
        self._queries = Queries(run, base, cursors)
        self._kinds = {each.type.endpoint.strip("/"): mapping.about(each.type.name) for each in mapping.resources}

    async def answer(self, asked: Asked) -> Answer:
        """Answer one request; raises ScimError."""
        match asked.path:
            case [] | [".search"]:
                asked.allow("POST" if asked.path else "GET")
                return await self._queries.answered(_parameters(asked), asked.profile, list(self._kinds.values()))
            case ["Bulk"]:
                asked.allow("POST")
                return await bulk.answered(asked, self.resource, self._base, self._seconds)
            case ["Groups"] | ["Groups", ".search"] if "Groups" not in self._kinds:
                return _no_groups(asked)
            case [name, *rest] if name in documents.NAMES and len(rest) <= 1:
                return self._document(asked, name, rest[0] if rest else None)
            case ["Me", *_]:
                # RFC 7644 section 3.11: a service that does not know who the client is answers 501.
                raise Unsupported("A provisioning client is no user, so there is no /Me.")
        return await self.resource(asked)

    async def resource(self, asked: Asked) -> Answer:
        """Answer one request about the resources of a type, or about one of them; raises ScimError."""
        match asked.path:
            case [kind] if kind in self._kinds:
                return await self._every(asked, self._kinds[kind])
            case [kind, ".search"] if kind in self._kinds:
                asked.allow("POST")
                return await self._queries.answered(_parameters(asked), asked.profile, [self._kinds[kind]])
            case [kind, resource_id] if kind in self._kinds:
                return await self._one(asked, self._kinds[kind], resource_id)
        raise NotFound(f"There is nothing at this path. SCIM resources are under /{' and /'.join(self._kinds)}.")

    def _document(self, asked: Asked, name: str, one: str | None) -> Answer:
        asked.allow("GET")
        found = documents.document(self._mapping, self._base, name, one, asked)
        meta = found.get("meta", {})
        return _unless_known(Answer(200, found, meta.get("location"), meta.get("version")), asked)

    async def _every(self, asked: Asked, mapping: Mapping) -> Answer:
        asked.allow("GET", "POST")
        if asked.method == "GET":
            return await self._queries.answered(asked.parameters, asked.profile, [mapping])
        shown, kind = operation.presentation(asked.parameters), mapping.resource.type
        wanted = operation.create(asked.body, kind, asked.profile)
        return await self._changed(msgspec.structs.replace(wanted, shown=shown), mapping, shown)

    async def _one(self, asked: Asked, mapping: Mapping, resource_id: str) -> Answer:
        asked.allow("GET", "PUT", "PATCH", "DELETE")
        shown, kind = operation.presentation(asked.parameters), mapping.resource.type
        if asked.method == "DELETE":
            await self._run(plan(operation.Delete(resource_id, asked.only_if), mapping))
            return Answer(204)
        if asked.method == "GET":
            response = await self._run(plan(Get(resource_id, shown), mapping))
            return _unless_known(self._resource(response, mapping, shown), asked)
        wanted: Replace | Patch
        if asked.method == "PUT":
            wanted = operation.replace(resource_id, asked.body, kind, asked.profile)
        else:
            wanted = operation.patch(resource_id, asked.body, kind, asked.profile)
        is_quiet = isinstance(wanted, Patch) and not shown.shown and asked.profile.is_quiet(kind)
        wanted = msgspec.structs.replace(wanted, only_if=asked.only_if, shown=None if is_quiet else shown)
        answer = await self._changed(wanted, mapping, shown)
        return msgspec.structs.replace(answer, status=204, content=None) if is_quiet else answer

    async def _changed(self, wanted: Create | Replace | Patch, mapping: Mapping, shown: Projection) -> Answer:
        response = await self._run(plan(wanted, mapping))
        answer = self._resource(response, mapping, shown)
        if response.status == 204:  # noqa: PLR2004 (nothing is known of it but that it was done)
            answer = msgspec.structs.replace(answer, content=None, version=None)
        is_idle = isinstance(wanted, Patch) and not wanted.operations and bool(wanted.ignored)
        return msgspec.structs.replace(answer, ignored=wanted.ignored, is_idle=is_idle, remark=response.remark)

    def _resource(self, response: messages.Response, mapping: Mapping, shown: Projection) -> Answer:
        assert isinstance(response.content, dict)  # noqa: S101 (a read or a change answers a resource)
        kind, version = mapping.resource.type, version_of(response.content, mapping)
        body = messages.resource_body(response.content, kind, self._base, version)
        return Answer(response.status, projector(shown, kind)(body), body["meta"]["location"], version)


def _parameters(asked: Asked) -> dict[str, Any]:
    """Return the parameters of a query, which may come in a body (RFC 7644 section 3.4.3)."""
    return operation.search(asked.body, asked.profile) if asked.method == "POST" else asked.parameters


def _unless_known(answer: Answer, asked: Asked) -> Answer:
    """Return the answer without its content, 304, when the client has that version already (RFC 7644 section 3.14)."""
    if asked.unless is None or answer.version is None or not asked.unless.holds(answer.version):
        return answer
    return msgspec.structs.replace(answer, status=304, content=None)


def _no_groups(asked: Asked) -> Answer:
    """Answer for a resource type that the mapping does not have.

    Entra asks for a random group when it tests the connection, and takes a 404 for a broken service. An empty list is
    the truth: there are no groups here.
    """
    if asked.path == ["Groups"] and asked.method == "POST":
        raise MethodNotAllowed(
            "This connection keeps no groups: turn the provisioning of groups off in Entra.", ("GET",)
        )
    asked.allow("POST" if asked.path[1:] else "GET")
    parameters = _parameters(asked)
    if parameters.get("filter", "").strip():
        filters.read(parameters["filter"], limits=asked.profile.limits)
    return Answer(200, messages.list_body([], operation.first_of(parameters)))
