"""A SCIM request and its answer, without the wire: what the endpoint works with, whoever asks."""

from typing import Any

import msgspec

from adapter.errors import MethodNotAllowed
from adapter.scim.profile import Profile
from adapter.scim.version import Condition


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One SCIM request: parsed as far as HTTP goes, and no further."""

    method: str
    path: list[str]
    """The segments below the SCIM root, decoded."""
    parameters: dict[str, str]
    body: bytes
    profile: Profile
    only_if: Condition | None = None
    """The version that the resource must have to be changed."""
    unless: Condition | None = None
    """The version of the resource that the client has already."""

    def allow(self, *methods: str) -> None:
        """Raise MethodNotAllowed for a method that the path does not have."""
        if self.method not in methods:
            raise MethodNotAllowed(f"{self.method} is not possible here.", methods)


class Answer(msgspec.Struct, frozen=True):
    """What a request is answered: its status, the message or resource if any, and what the operator should read of it."""

    status: int
    content: dict[str, Any] | None = None
    location: str | None = None
    version: str | None = None
    ignored: tuple[str, ...] = ()
    """The attributes that were sent and that nothing here keeps."""
    is_idle: bool = False
    """Whether nothing was left to do once they were left out."""
    remark: str = ""
