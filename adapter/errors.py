"""Everything that can go wrong, drawn as a tree; each leaf knows what it answers.

::

    AdapterError
    ├── ScimError                 a SCIM request is answered with it (RFC 7644 section 3.12)
    │   ├── InvalidFilter         400 invalidFilter   the filter cannot be read, or cannot be answered exactly
    │   ├── InvalidSyntax         400 invalidSyntax   the body is not the message that the request needs
    │   ├── InvalidPath           400 invalidPath     a PATCH path cannot be read
    │   ├── InvalidValue          400 invalidValue    a value has the wrong type, or the upstream refuses it
    │   ├── NoTarget              400 noTarget        a PATCH path points at nothing
    │   ├── Mutability            400 mutability      the attribute cannot be changed so
    │   ├── TooMany               400 tooMany         the answer would be larger than is allowed
    │   ├── InvalidCount          400 invalidCount    the count of a query by cursor is none
    │   ├── InvalidCursor         400 invalidCursor   the cursor is not one of ours, or of another query
    │   ├── ExpiredCursor         400 expiredCursor   the list has changed so much that the cursor leads nowhere
    │   ├── Unauthorized          401                 no valid token
    │   ├── Forbidden             403                 the client may only read, or the upstream does not let our account do it
    │   ├── Sensitive             403 sensitive       a query is about what can be written but not read
    │   ├── NotFound              404                 a complete, fresh look found no such resource
    │   ├── MethodNotAllowed      405                 the path exists, the method does not
    │   ├── Conflict              409                 a reference of a bulk request leads nowhere, or in a circle
    │   ├── Uniqueness            409 uniqueness      another resource has this value
    │   ├── PreconditionFailed    412                 the resource is another version than the client expects
    │   ├── TooLarge              413                 the request is over the limit: its body, its members, its operations
    │   ├── UriTooLong            414                 the request's URL is over the limit
    │   ├── TooManyRequests       429 Retry-After     wrong credentials have come too often from this address
    │   ├── Internal              500                 the gateway itself failed
    │   ├── Unsupported           501                 the upstream has no such call
    │   └── UpstreamError         the upstream gave no usable reply
    │       ├── BadReply          502                 it answered with something that cannot be believed
    │       ├── Unavailable       503 Retry-After     it cannot be reached, or is overloaded
    │       └── TooSlow           504                 it did not answer in time
    ├── MappingError              a mapping file, or the file of connections, is refused at its file:line:column
    └── SettingsError             the environment is refused at start-up, all its faults at once

Raise where you know, answer in one place (`web/app.py` for requests, `cli/` for start-up), never catch in between.
A `detail` is shown to the administrator in Entra's provisioning log: it names what failed and what to do about it.
"""

from traceback import walk_tb
from typing import ClassVar


class AdapterError(Exception):
    """The root: nothing raises it itself."""


def places(error: BaseException) -> str:
    """Return where an error was raised, innermost first: a log may show that, while a message may quote a user's data."""
    found = [f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(error.__traceback__)]
    return " < ".join(reversed(found))


class ScimError(AdapterError):
    """A SCIM error answer: `status`, an optional `scimType` and the `detail` (RFC 7644 section 3.12)."""

    status: ClassVar[int]
    scim_type: ClassVar[str | None] = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP header fields that go with the answer."""
        return {}


class InvalidFilter(ScimError):
    """The filter cannot be read, or cannot be answered exactly."""

    status = 400
    scim_type = "invalidFilter"


class InvalidSyntax(ScimError):
    """The body is not the message that the request needs."""

    status = 400
    scim_type = "invalidSyntax"


class InvalidPath(ScimError):
    """A PATCH path cannot be read."""

    status = 400
    scim_type = "invalidPath"


class InvalidValue(ScimError):
    """A value has the wrong type, a required one is absent, or the upstream refuses it."""

    status = 400
    scim_type = "invalidValue"


class NoTarget(ScimError):
    """A PATCH path points at nothing."""

    status = 400
    scim_type = "noTarget"


class Mutability(ScimError):
    """The attribute cannot be changed in this way."""

    status = 400
    scim_type = "mutability"


class TooMany(ScimError):
    """The answer would be larger than the gateway allows."""

    status = 400
    scim_type = "tooMany"


class InvalidCount(ScimError):
    """The count of a query by cursor is no number of resources (RFC 9865 section 2.1)."""

    status = 400
    scim_type = "invalidCount"


class InvalidCursor(ScimError):
    """The cursor is not one that this gateway gave for this query (RFC 9865 section 2.1)."""

    status = 400
    scim_type = "invalidCursor"

    def __init__(self, detail: str = "The cursor is not one that was given here; begin again without one.") -> None:
        super().__init__(detail)


class ExpiredCursor(ScimError):
    """The list has changed so much that the cursor leads nowhere (RFC 9865 section 2.1)."""

    status = 400
    scim_type = "expiredCursor"


class Unauthorized(ScimError):
    """The request carries no valid token (RFC 6750 section 3)."""

    status = 401

    @property
    def headers(self) -> dict[str, str]:
        """The challenge that RFC 9110 section 11.6.1 demands beside a 401."""
        return {"WWW-Authenticate": 'Bearer realm="scim"'}


class Forbidden(ScimError):
    """The client may not do this, or the upstream does not let the service account do it."""

    status = 403


class Sensitive(ScimError):
    """A query is about what can be written but not read (RFC 7644 section 7.5.2)."""

    status = 403
    scim_type = "sensitive"


class NotFound(ScimError):
    """A complete, fresh look found no such resource."""

    status = 404


class MethodNotAllowed(ScimError):
    """The path exists, the method does not."""

    status = 405

    def __init__(self, detail: str, allowed: tuple[str, ...]) -> None:
        super().__init__(detail)
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        """The methods that the path has (RFC 9110 section 15.5.6)."""
        return {"Allow": ", ".join(self.allowed)}


class Conflict(ScimError):
    """A reference of a bulk request leads nowhere, or in a circle (RFC 7644 section 3.7.1)."""

    status = 409


class Uniqueness(ScimError):
    """Another resource has this value already."""

    status = 409
    scim_type = "uniqueness"


class PreconditionFailed(ScimError):
    """The resource is another version than the client expects (RFC 7644 section 3.14, RFC 9110 section 13.1)."""

    status = 412


class TooLarge(ScimError):
    """The request is over the limit: its body, its members, its operations."""

    status = 413


class UriTooLong(ScimError):
    """The request's URL is over the limit (RFC 9110 section 15.5.15)."""

    status = 414


class TooManyRequests(ScimError):
    """Wrong credentials have come too often from one address (RFC 6585 section 4); right ones are let in all the same."""

    status = 429

    def __init__(self, detail: str, retry_after: int = 60) -> None:
        super().__init__(detail)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """When to come back, in whole seconds (RFC 9110 section 10.2.3)."""
        return {"Retry-After": str(self.retry_after)}


class Internal(ScimError):
    """The gateway itself failed; its log has the place."""

    status = 500


class Unsupported(ScimError):
    """The upstream has no call for this, and nothing here pretends that it has."""

    status = 501


class UpstreamError(ScimError):
    """The upstream gave no usable reply; no plan can do anything about it."""


class BadReply(UpstreamError):
    """The upstream answered with something that cannot be believed."""

    status = 502


class Unavailable(UpstreamError):
    """The upstream cannot be reached, or refuses more calls for now."""

    status = 503

    def __init__(self, detail: str, retry_after: int = 30) -> None:
        super().__init__(detail)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """When to come back, in whole seconds (RFC 9110 section 10.2.3)."""
        return {"Retry-After": str(self.retry_after)}


class TooSlow(UpstreamError):
    """The upstream did not answer in time, or it is not known what it did."""

    status = 504


class MappingError(AdapterError):
    """A mapping file is refused: `file:line:column: what is wrong, and the way out`; `others` are its further faults."""

    def __init__(
        self, file: str, line: int, column: int, message: str, others: "tuple[MappingError, ...]" = ()
    ) -> None:
        super().__init__(f"{file}:{line}:{column}: {message}")
        self.file, self.line, self.column, self.message, self.others = file, line, column, message, others

    @property
    def all(self) -> "list[MappingError]":
        """This fault and the others, in the order of the file."""
        return [self, *self.others]


class SettingsError(AdapterError):
    """The environment is refused; `faults` holds one clear line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
