"""The seam: a plan yields a Call, is sent what came of it, and returns the Response. No I/O happens here.

A status with a meaning is a Reply. A failure to get any usable reply never comes here (`errors.UpstreamError`), with one
exception: a write of which nobody knows whether it was done is `Unknown`, and the plan must settle it by looking again.
"""

from collections.abc import Generator
from typing import Any

import msgspec

from adapter.mapping.template import CallTemplate, Method
from adapter.scim.messages import Response


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to the upstream, without its credential."""

    route: str
    """The call as the mapping writes it, `GET /api/users/{id}`: the name for limits and logs."""
    method: Method
    path: str
    """Percent-encoded."""
    query: dict[str, str] = {}
    body: dict[str, Any] | None = None

    @property
    def is_read(self) -> bool:
        """Whether the call changes nothing and may be repeated as often as one likes (RFC 9110 section 9.2.1)."""
        return self.method == "GET"


class Reply(msgspec.Struct, frozen=True):
    """What the upstream answered: the status, and the decoded JSON body or else its text."""

    status: int
    body: Any = None


class Unknown(msgspec.Struct, frozen=True):
    """A write was sent and no usable reply came: it may have been done, or may still be."""

    reason: str


Outcome = Reply | Unknown
Plan = Generator[Call, Outcome, Response]


def call(
    template: CallTemplate,
    texts: dict[str, str],
    *,
    query: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
) -> Call:
    """Return the call that a template makes with these values of its placeholders."""
    return Call(
        route=str(template),
        method=template.method,
        path=template.path.path(texts),
        query=query or {},
        body=body,
    )
