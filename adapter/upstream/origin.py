"""Where the calls to the upstream come from: the SCIM request that they serve, and how much it has cost so far.

It goes along with a request without being handed on: a context variable, which the tasks of a request share. What is done
for no request, such as the reading of a list for the index, has an origin that nobody looks at.
"""

from contextvars import ContextVar

import msgspec


class Origin(msgspec.Struct, kw_only=True):
    """One SCIM request, as logs, the audit trail and the upstream may know it: no ids, no values."""

    request_id: str = ""
    """The correlation id: the client's own, where it sent one that may be shown."""
    connection: str = ""
    client: str = ""
    """The name of the client that has come in."""
    address: str = ""
    """The client's network address."""
    operation: str = ""
    """`PATCH /Users/{id}`."""
    calls: int = 0
    """Calls sent to the upstream, repetitions too, logins not."""
    retries: int = 0
    """Those of them that were sent again."""


_ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)


def origin() -> Origin:
    """Return the origin of what is being done."""
    return _ORIGIN.get() or Origin()


def begin(of: Origin) -> None:
    """Make this the origin of what is done from here on, in this task and in those that it starts."""
    _ORIGIN.set(of)
