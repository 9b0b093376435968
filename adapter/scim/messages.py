"""The messages of RFC 7644: what is read from a body, and what is put into one."""

from typing import Any

import msgspec

from adapter.errors import InvalidSyntax, ScimError
from adapter.scim.limits import USUAL, Limits
from adapter.scim.schema import Resource, ResourceType

MOST_DETAIL = 1000
"""Characters of an error's detail: what it quotes comes from clients and from the upstream."""
MEDIA_TYPE = "application/scim+json; charset=utf-8"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

_MOST_PARTS = 50_000
"""Objects and lists in a body: each of ten thousand members is one, and a body of nothing else takes seconds to read."""


class Listing(msgspec.Struct, frozen=True):
    """One page of a query: the resources, where the page starts (from 1), and how many there are in all.

    By cursor a page has no number, and how many there are may not be known.
    """

    resources: list[Resource]
    start_index: int | None
    total: int | None
    kinds: tuple[str, ...] = ()
    """The type of each resource, where a query is about several."""
    next_cursor: bytes | None = None
    """Where the next page begins; None for the last, and for a page by its number."""
    are_rows: bool = False
    """Whether the resources are as a list shows them, which may be less than they are."""


class Response(msgspec.Struct, frozen=True):
    """What an operation came to: the status, and the resource or the listing that it answers with."""

    status: int
    content: Resource | Listing | None = None
    remark: str = ""
    """What the operator should read of it: that somebody who was there was taken over."""


_REFERENCES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("members", "/Users", {"type": "User"}),
    ("groups", "/Groups", {}),
)
"""The attributes that point at other resources: where these are, and what else is said of each."""


def decoded(body: bytes, limits: Limits = USUAL) -> dict[str, Any]:
    """Return the JSON object in a request's body.

    Raises InvalidSyntax for anything else: no JSON, not UTF-8, nested too deep, too many parts, no object, a name that comes
    twice.
    """
    most = max(_MOST_PARTS, 5 * limits.members, 50 * limits.bulk)
    if body.count(b"{") + body.count(b"[") > most:
        raise InvalidSyntax(
            f"The body is nested too deep, or holds more than {most} objects and lists (ADAPTER_MOST_MEMBERS, ADAPTER_MOST_BULK)."
        )
    try:
        message = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidSyntax("The body is not JSON in UTF-8, or is nested too deep.") from None
    if not isinstance(message, dict):
        raise InvalidSyntax("The body must be a JSON object.")
    names, depth = _walked(message)
    if depth > limits.depth:
        raise InvalidSyntax(f"The body is nested deeper than {limits.depth} levels (ADAPTER_MOST_DEPTH).")
    if names != _names_in(body):  # a reader of JSON keeps the last of two alike
        raise InvalidSyntax("A name comes twice in one object of the body, perhaps in different cases; send it once.")
    return message


def _walked(message: dict[str, Any]) -> tuple[int, int]:
    """Return how many names the objects in a message have, and how deep it goes; names alike but for case are one."""
    count, depth, level = 0, 0, list[Any]([message])
    while level:
        depth += 1
        inside = list[Any]()
        for each in level:
            if isinstance(each, dict):
                count += len(set(map(str.lower, each)))
                inside += each.values()
            else:
                inside += each
        level = [each for each in inside if type(each) in (dict, list)]
    return count, depth


def _names_in(body: bytes) -> int:
    """Return how many names the objects in a body of JSON have, one that comes twice counted twice.

    Each has a colon outside strings; a quote that is escaped ends none.
    """
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    return b"".join(unescaped.split(b'"')[::2]).count(b":")


def error_body(error: ScimError) -> dict[str, Any]:
    """Return the error message (RFC 7644 section 3.12); `status` is a string there."""
    detail = error.detail if len(error.detail) <= MOST_DETAIL else error.detail[: MOST_DETAIL - 1] + "…"
    body: dict[str, Any] = {"schemas": [ERROR], "status": str(error.status), "detail": detail}
    return body | ({"scimType": error.scim_type} if error.scim_type else {})


def list_body(resources: list[dict[str, Any]], start_index: int = 1, total: int | None = None) -> dict[str, Any]:
    """Return a ListResponse (RFC 7644 section 3.4.2); `Resources` is there even when it is empty."""
    return {
        "schemas": [LIST],
        "totalResults": len(resources) if total is None else total,
        "startIndex": start_index,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def cursor_body(resources: list[dict[str, Any]], total: int | None, next_cursor: str | None) -> dict[str, Any]:
    """Return a ListResponse of a query by cursor (RFC 9865 section 2): `nextCursor` until the last page.

    Where the upstream does not say how many there are, `totalResults` is left out, as the section allows.
    """
    return {
        "schemas": [LIST],
        **({} if total is None else {"totalResults": total}),
        "itemsPerPage": len(resources),
        **({} if next_cursor is None else {"nextCursor": next_cursor}),
        "Resources": resources,
    }


def resource_body(
    resource: Resource, resource_type: ResourceType, base: str, version: str | None = None
) -> dict[str, Any]:
    """Return a resource as a client sees it: its schemas first, and where it is found.

    `base` is the public address of the SCIM root, without a slash at its end.
    """
    for name, endpoint, more in _REFERENCES:
        if name in resource:
            parts = [each | {"$ref": f"{base}{endpoint}/{each['value']}"} | more for each in resource[name]]
            resource = resource | {name: parts}
    carried = [each.id for each in resource_type.extensions if each.id in resource]
    body = {"schemas": [resource_type.schema.id, *carried], "id": resource["id"], **resource}
    body["meta"] = {
        "resourceType": resource_type.name,
        **body.pop("meta", {}),
        "location": f"{base}{resource_type.endpoint}/{resource['id']}",
        **({} if version is None else {"version": version}),
    }
    return body
