"""What the upstream answered, and what that means by the rules of a mapping."""

import html
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from adapter.mapping import fields
from adapter.mapping.document import Doing, Header, Meaning, Replying, Spot

MOST_SAID = 500
"""Characters of the upstream's own explanation that are passed on."""


class Reply(msgspec.Struct, frozen=True):
    """What the upstream answered: the status, the decoded JSON body or else its text, and the headers in lower case."""

    status: int
    body: Any = None
    headers: dict[str, str] = {}
    of: Doing | None = None
    """What the call was for."""
    kind: str = "User"
    """The kind of resource that the call was about."""

    def at(self, spot: Spot) -> Any:
        """Return what stands at a spot of the reply, or `fields.ABSENT`."""
        if isinstance(spot, Header):
            return self.headers.get(spot.header.lower(), fields.ABSENT)
        return self.body if spot == "$" else fields.read(self.body, spot)

    def new_id(self, spot: Spot) -> Any:
        """Return the id of a new record: of a header, which holds its address, the last part (RFC 9110 10.2.2)."""
        found = self.at(spot)
        if isinstance(spot, Header) and isinstance(found, str):
            return unquote(urlsplit(found).path.rstrip("/").rpartition("/")[2])
        return found

    def texts(self, spot: Spot) -> list[str]:
        """Return every text at a spot: a field may stand in each element of a list."""
        if isinstance(spot, Header):
            found = self.at(spot)
            return [found] if isinstance(found, str) else []
        return fields.texts(self.body, spot)


class Meant(msgspec.Struct, frozen=True):
    """What a reply means, what to tell the administrator of it (may be empty), and the upstream's fields it blames."""

    means: Meaning
    detail: str = ""
    blames: tuple[str, ...] = ()


def meant(reply: Reply, rules: Sequence[Replying], *, unproven: bool = False) -> Meant:
    """Return what a reply means by the first rule that fits.

    `unproven` says that no call has yet succeeded with the token that the call went with.
    """
    for rule in rules:
        if _fits(rule, reply) and (unproven or rule.means != "credential expired"):
            said = html.unescape("; ".join(reply.texts(rule.says))) if rule.says else ""  # Cove and others escape it
            printable = "".join(each if each.isprintable() else " " for each in said)[:MOST_SAID]
            blamed = fields.texts(reply.body, rule.blames) if rule.blames else []
            return Meant(rule.means, " ".join(part for part in (rule.detail, printable) if part), tuple(blamed))
    return Meant("success" if 200 <= reply.status < 300 else "failure")  # noqa: PLR2004 (RFC 9110 section 15.3)


def _fits(rule: Replying, reply: Reply) -> bool:
    if reply.status not in many(rule.status) or (rule.of is not None and reply.of not in many(rule.of)):
        return False
    if rule.resource not in (None, reply.kind):
        return False
    if rule.field is None:
        return True
    value = reply.at(rule.field)
    if value is fields.ABSENT:
        return False
    wanted = None if rule.contains is None else many(rule.contains)
    return wanted is None or any(each.lower() in str(value).lower() for each in wanted)


def many(value: Any) -> list[Any]:
    """Return what a rule names one or several of as a list."""
    return value if isinstance(value, list) else [value]
