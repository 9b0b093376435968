"""What a SCIM request would do: the calls in their order, each with the line of the mapping that is its reason. No network."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from adapter.errors import InvalidSyntax, ScimError
from adapter.mapping import fields
from adapter.mapping.mapping import Mapping
from adapter.mapping.source import Path, Source
from adapter.plan.conversation import Call
from adapter.plan.imagined import Imagined
from adapter.plan.keeping import Forget, Keep, Lookup, Recall, Step
from adapter.plan.moment import Moment, Sought
from adapter.plan.plan import plan
from adapter.scim import operation
from adapter.scim.messages import Listing, Response
from adapter.scim.operation import Operation

_MOST_CALLS = 20
"""Calls that are shown; a request that needs more reads a long list."""


def operation_of(request: str, body: bytes, mapping: Mapping) -> tuple[Operation, str, Mapping]:
    """Return the operation that `PATCH /Users/42` or `GET /Users?filter=…` asks for, and the id that it names.

    Beside them the mapping as it speaks of that kind of resource.

    Raises ScimError when it asks for none.
    """
    method, _, target = request.partition(" ")
    path, _, query = target.partition("?")
    parts = [each for each in path.split("/") if each]
    kinds = {each.type.endpoint.strip("/"): each.type for each in mapping.resources}
    if not parts or parts[0] not in kinds:
        raise InvalidSyntax(f"'{request}' is no request for {' or '.join(kinds)}; write it as in: PATCH /Users/42")
    kind = kinds[parts[0]]
    about = mapping.about(kind.name)
    asked = dict(parse_qsl(query, keep_blank_values=True))
    match method.upper(), parts[1:]:
        case "GET", []:
            return operation.query(asked, kind), "1", about
        case "POST", []:
            return operation.create(body, kind), "1", about
        case "GET", [one]:
            return operation.Get(one, operation.presentation(asked)), one, about
        case "PUT", [one]:
            return operation.replace(one, body, kind), one, about
        case "PATCH", [one]:
            return operation.patch(one, body, kind), one, about
        case "DELETE", [one]:
            return operation.Delete(one), one, about
    raise InvalidSyntax(f"'{request}' is no request that can be explained; write it as in: PATCH /Users/42")


def explained(wanted: Operation, mapping: Mapping, source: Source, imagined: Imagined) -> Iterator[str]:
    """Return lines that tell which calls are made for an operation, why, and what the client is answered."""
    conversation = plan(wanted, mapping)
    made = 0
    try:
        call = next(conversation)
        while True:
            if isinstance(call, Sought):
                yield "-  the gateway's index of names tells, while it is fresh; here it is not, so the list is read"
            if isinstance(call, Moment):
                call = conversation.send(None)  # nothing is known of the moment: every look is a fresh one
                continue
            if not isinstance(call, Call):
                yield f"-  the gateway's own store {_of_store(call)}"
                call = conversation.send(_IMAGINED_STORE[type(call)])
                continue
            made += 1
            yield from _call(made, call, mapping.about(call.kind), source)
            if made == _MOST_CALLS:
                yield "… and so on"
                return
            call = conversation.send(imagined.reply(call))
    except StopIteration as done:
        yield from _response(done.value)
    except ScimError as error:
        yield f"answer {error.status}: {error.detail}"


def _call(count: int, call: Call, mapping: Mapping, source: Source) -> Iterator[str]:
    query = "&".join(f"{name}={value}" for name, value in call.query.items())
    yield f"{count}. {call.method} {call.path}{'?' if query else ''}{query}"
    searched = _search(call, mapping)
    reason = _reason(call, mapping, searched)
    yield f"     {_line(source, _place(call, mapping, searched))}  {reason}"
    if call.body is None:
        return
    yield f"     {call.send} {msgspec.json.encode(_masked(call.body, mapping)).decode()}"
    place = mapping.resource.creating.fields if call.doing == "create" else mapping.resource.changing.fields
    sent = fields.read(call.body, place) if place else call.body
    for at, rule in enumerate(mapping.resource.rules):
        for field in rule.write.fields if rule.write and call.doing in ("create", "update") else ():
            if fields.read(sent, field) is not fields.ABSENT:
                yield f"     {_line(source, (*_at(mapping), 'attributes', at))}  {field} is {rule}"


def _response(response: Response) -> Iterator[str]:
    content = response.content
    shown = {"totalResults": content.total, "Resources": content.resources} if isinstance(content, Listing) else content
    yield f"answer {response.status}" + ("" if shown is None else f": {msgspec.json.encode(shown).decode()}")


def _search(call: Call, mapping: Mapping) -> int | None:
    """Return which of the mapping's searches a call is: one with a call of its own, or the list call with its query."""
    for at, each in enumerate(mapping.resource.pushed):
        if call.doing == "find" and each.route is not None and str(each.route) == call.route:
            return at
        if call.doing == "list" and each.route is None and each.find.query.keys() <= call.query.keys():
            return at
    return None


def _place(call: Call, mapping: Mapping, searched: int | None) -> Path:
    way = (*_at(mapping), "routes")
    if searched is not None:
        return (*way, "find", searched)
    if call.doing == "members":
        return (*_at(mapping), "members", _of_members(call, mapping))
    if call.doing != "own":
        return (*way, call.doing)
    for at, rule in enumerate(mapping.resource.rules):
        if rule.calls and any(str(route) == call.route for _, route in rule.calls.routes):
            return (*_at(mapping), "attributes", at, "write")
    return (*way, "delete", "again")


def _at(mapping: Mapping) -> Path:
    """Return the way to the resource that the mapping speaks of."""
    return ("resources", [each.type.name for each in mapping.resources].index(mapping.resource.type.name))


def _of_members(call: Call, mapping: Mapping) -> str:
    """Return which of the calls for the members of a group a call is."""
    own = mapping.resource.collection
    if own is None or call.is_read:
        return "list"
    return "add" if call.route == str(own.add.route) else "remove"


def _reason(call: Call, mapping: Mapping, searched: int | None) -> str:
    if call.doing == "members":
        return {"list": "reads the members", "add": "adds members", "remove": "takes members out"}[
            _of_members(call, mapping)
        ]
    return _REASONS["find" if searched is not None else call.doing].format(mapping.noun)


def _line(source: Source, path: Path) -> str:
    error = source.error(path, "")
    return f"{error.file}:{error.line}"


def _masked(body: Any, mapping: Mapping) -> Any:
    """Return a body without the passwords that were made for it."""
    made = [each.field for each in mapping.resource.on_create if each.password is not None]
    shown = msgspec.json.decode(msgspec.json.encode(body))
    at = mapping.resource.creating.fields
    holder = fields.read(shown, at) if at else shown
    for field in made:
        if fields.read(holder, field) is not fields.ABSENT:
            fields.written(holder, field, "***")
    return shown


def _of_store(step: Step) -> str:
    """Return what a step asks of the store; an imagined one keeps nothing."""
    match step:
        case Recall():
            return "tells what it keeps beside the record"
        case Lookup():
            return f"tells who has this {step.attribute}"
        case Keep():
            return f"keeps {', '.join(step.values)}"
        case Forget():
            return "forgets what it kept"


_IMAGINED_STORE: dict[type, Any] = {Recall: {}, Lookup: (), Keep: None, Forget: None}
"""What a store that keeps nothing answers."""

_REASONS = {
    "list": "reads the list",
    "find": "asks the upstream's own search",
    "get": "reads the {} as it is now",
    "create": "makes the {}",
    "update": "writes what differs",
    "delete": "removes the {}",
    "own": "writes one attribute by its own call",
}
