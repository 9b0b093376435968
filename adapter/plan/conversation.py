"""The seam: a plan yields a Call, is sent what came of it, and returns the Response. No I/O happens here.

A status with a meaning is a Reply. A failure to get any usable reply never comes here (`errors.UpstreamError`), with one
exception: a write of which nobody knows whether it was done is `Unknown`, and the plan must settle it by looking again.
"""

from collections.abc import Generator
from typing import Any, Literal

import msgspec

from adapter.mapping.document import Doing
from adapter.mapping.mapping import Mapping
from adapter.mapping.reply import Reply
from adapter.mapping.route import Route
from adapter.mapping.template import Method
from adapter.plan.keeping import Step
from adapter.plan.moment import Moment
from adapter.scim.messages import Response

__all__ = ["Asked", "Call", "Outcome", "Plan", "Reply", "Unknown", "read_call", "write_call"]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to the upstream, without its credential."""

    route: str
    """The call as the mapping writes it, `GET /api/users/{id}`: the name for limits and logs."""
    doing: Doing = "own"
    """What the call is for."""
    kind: str = "User"
    """The kind of resource that it is about."""
    method: Method
    path: str
    """Percent-encoded."""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: Any = None
    send: Literal["json", "form", "text"] = "json"
    is_read: bool = False
    """Whether the call changes nothing and may be repeated as often as one likes: the plan knows, a POST may be one."""
    again: bool = False
    """Whether it is a write that was sent before, to no effect: it counts as a repetition."""


class Unknown(msgspec.Struct, frozen=True):
    """A write was sent and no usable reply came: it may have been done, or may still be."""

    reason: str


Outcome = Reply | Unknown
Asked = Call | Step | Moment
"""What a plan may yield: a call is sent its Outcome, a step what the store answers, a moment what `moment` says."""
Plan = Generator[Asked, Any, Response]


def read_call(route: Route, mapping: Mapping, query: dict[str, str] | None = None, **values: Any) -> Call:
    """Return a call that changes nothing, with these values of its placeholders and this addition to its query."""
    return _call(route, mapping, query or {}, None, values, is_read=True)


def write_call(
    route: Route, mapping: Mapping, sent: dict[str, Any] | None = None, *, again: bool = False, **values: Any
) -> Call:
    """Return a call that changes something, with these values of its placeholders, sending these fields."""
    call = _call(route, mapping, {}, sent, values, is_read=False)
    return msgspec.structs.replace(call, again=True) if again else call


def _call(  # noqa: PLR0913 (the two above are the ways in)
    route: Route,
    mapping: Mapping,
    query: dict[str, str],
    sent: dict[str, Any] | None,
    values: dict[str, Any],
    *,
    is_read: bool,
) -> Call:
    if "id" in values and mapping.resource.id_kind == "number":
        values = values | {"id": int(values["id"])}  # in a JSON body an id has the upstream's own type
    known = mapping.texts(**values)
    return Call(
        route=str(route),
        doing=route.doing,
        kind=mapping.resource.type.name,
        method=route.call.method,
        path=route.path(known),
        query=route.filled_query(known) | query,
        headers=route.filled_headers(known),
        body=route.filled_body(known, sent),
        send=route.send,
        is_read=is_read,
    )
