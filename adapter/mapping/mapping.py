"""A mapping made ready for use: what `load` makes of a file, and what plans and the edge work with.

The file's settings are filled in by `bound`; its secrets never come here, only their names.
"""

from collections.abc import Callable
from collections.abc import Mapping as Secrets
from functools import cached_property
from typing import Any

import msgspec

from adapter.errors import SettingsError
from adapter.mapping import content
from adapter.mapping.document import Meaning, Replying, Secret, Sent, Setting, Spot
from adapter.mapping.reply import Reply, many, meant
from adapter.mapping.resource import ResourceMapping
from adapter.mapping.route import Route
from adapter.mapping.template import NO_SEGMENT, CallTemplate

Given = dict[str, str | list[str]]
"""The values of settings as the operator writes them."""
Values = dict[str, str | int | list[str]]
"""The values of settings, each of its kind."""
Choose = Callable[[str], str]
"""Picks one character of a text at random: randomness comes from outside, these rooms have none."""


class Refresh(msgspec.Struct, frozen=True):
    """How a token is renewed without the credential: the call, and where replies have the refresh token."""

    route: Route
    token: Spot


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """How a token is got: the call, and where its reply has the token and its lifetime in seconds."""

    route: Route
    token: Spot
    lifetime: Spot | float
    """Where the reply says it, or how long it is."""
    rolling: bool = False
    """Whether every later reply brings a new token at the same spot."""
    basic: tuple[str, str] | None = None
    """Templates of a user name and a password for the call itself."""
    refresh: Refresh | None = None


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """What lets us in: nothing, fixed templates, or a token that a login makes."""

    sent: Sent | None = None
    """Where the token goes; None where there is none."""
    token: str | None = None
    """The template of a token that does not change."""
    basic: tuple[str, str] | None = None
    """Templates of a user name and a password that go with every call."""
    login: Login | None = None


class Mapping(msgspec.Struct, frozen=True, kw_only=True, dict=True):  # with a dict, to keep what is found out once
    """A whole mapping, with the values of its settings once it is bound."""

    upstream: str
    settings: tuple[Setting, ...]
    secrets: tuple[Secret, ...]
    credential: Credential
    client_certificate: str | None = None
    """The template of a certificate and its private key, both in PEM."""
    openapi: CallTemplate | None = None
    """Where the upstream publishes its calls."""
    in_flight: int
    replies: tuple[Replying, ...]
    resources: tuple[ResourceMapping, ...]
    """What the upstream keeps: users, and groups where the file maps them."""
    resource: ResourceMapping
    """The one of them that is spoken of: users, unless `about` says another."""
    storeless: "Mapping | None" = None
    """The mapping without what the gateway's store keeps; None where there is nothing, or where the file insists on it."""
    digest: str = ""
    """A hash of the file's text: which mapping it is, in logs and in the discovery document."""
    values: Values = {}
    choose: Choose | None = None

    @property
    def noun(self) -> str:
        """What one resource is called in messages."""
        return self.resource.type.name.lower()

    def about(self, kind: str) -> "Mapping":
        """Return the mapping as it speaks of the resources of a kind, `User` or `Group`; KeyError when it has none."""
        found = {each.type.name: each for each in self.resources}[kind]
        return self if found is self.resource else msgspec.structs.replace(self, resource=found)

    def without_index(self) -> "Mapping":
        """Return the mapping as it looks for names without an index: afresh each time."""
        if not self.resource.is_indexed:
            return self
        listing = msgspec.structs.replace(self.resource.listing, freshness=0)
        return msgspec.structs.replace(self, resource=msgspec.structs.replace(self.resource, listing=listing))

    def without_store(self) -> "Mapping":
        """Return the mapping as it is served without a store; raises SettingsError where the file insists on one."""
        kept = [str(rule) for each in self.resources for rule in each.kept]
        if kept and self.storeless is None:
            message = (
                f"ADAPTER_STORE is missing: the mapping keeps {', '.join(kept)} in the gateway's own store; name a file "
                "for it, or say without_store: left out in the mapping"
            )
            raise SettingsError([message])
        return self.storeless or self

    def bound(self, values: Given, choose: Choose) -> "Mapping":
        """Return the mapping with the values of its settings; `choose` picks characters of passwords.

        Raises SettingsError when a setting stands in a path and cannot: better now than with the first user.
        """
        login = self.credential.login
        own = [route for each in self.resources for route in each.routes]
        routes = (*own, *([login.route] if login else []))
        in_paths = {name for each in routes for name in each.call.path.names}
        defaults = {each.name: each.default for each in self.settings if each.default is not None}
        values = defaults | values
        faults = [
            f"the setting '{name}': '{value}' cannot stand in a path"
            for name, value in values.items()
            if value in NO_SEGMENT and f"setting:{name}" in in_paths
        ]
        numbers = {each.name for each in self.settings if each.kind == "number"}
        typed: Values = {}
        for name, value in values.items():
            if name in numbers and not _is_number(value):
                faults.append(f"the setting '{name}' must be a whole number")
            typed[name] = int(value) if name in numbers and _is_number(value) else value  # type: ignore[arg-type]
        if faults:
            raise SettingsError(faults)
        return msgspec.structs.replace(self, values=typed, choose=choose)

    def texts(self, **more: Any) -> dict[str, Any]:
        """Return what the placeholders of a call stand for: the settings, and what is given here."""
        return self._texts | more

    @cached_property
    def _texts(self) -> dict[str, Any]:
        return {f"setting:{name}": value for name, value in self.values.items()}

    def certificate(self, secrets: Secrets[str, str]) -> str | None:
        """Return the client certificate with its key, both in PEM, or None where the upstream asks for none."""
        if self.client_certificate is None:
            return None
        return str(content.filled(self.client_certificate, {f"secret:{name}": text for name, text in secrets.items()}))

    def meaning(self, reply: Reply, *, unproven: bool = False) -> tuple[Meaning, str]:
        """Return what a reply means, and what to tell the administrator of it (may be empty).

        Where the reply blames fields of the upstream, it is told the attributes that the rules write into them.
        `unproven` says that no call has yet succeeded with the token that the call went with.
        """
        found = meant(reply, self._replies.get(reply.status, ()), unproven=unproven)
        if not found.blames:
            return found.means, found.detail
        written = {rule.write.field: str(rule) for rule in self.resource.rules if rule.write}
        blamed = ", ".join(dict.fromkeys(written.get(each, each) for each in found.blames))
        return found.means, ": ".join(part for part in (blamed, found.detail) if part)

    @cached_property
    def _replies(self) -> dict[int, list[Replying]]:
        """The rules for replies by the status that they are about: most replies have one of which nothing is said."""
        statuses = {each for rule in self.replies for each in many(rule.status)}
        return {status: [rule for rule in self.replies if status in many(rule.status)] for status in statuses}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and value.isascii() and value.isdecimal())
