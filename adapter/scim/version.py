"""The version of a resource, and what a client asks of it: ETag, If-Match and If-None-Match (RFC 7644 section 3.14).

A version is a hash of the resource itself, so it changes when an attribute does, by whomever, and with nothing else: the
version that a create answers is that of the next read. The values of a list have no order in it, as they have none
(RFC 7643 section 2.4): an upstream may show them in another than they were sent in. It is weak (RFC 9110 section 8.8.3): two bodies of one version may
differ in what a query left out of them. SCIM compares weak versions in If-Match, as the RFC's own example does.
"""

import hashlib
import re
from typing import Any

import msgspec

from adapter.errors import InvalidSyntax
from adapter.scim.schema import Resource

# A list may have empty elements, which count for nothing (RFC 9110 section 5.6.1.2).
_TAG = re.compile(r'[\s,]*(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,[\s,]*|$)')
_encoded = msgspec.json.Encoder(order="deterministic").encode


def version(resource: Resource) -> str:
    """Return the version of a resource as an entity tag."""
    return f'W/"{hashlib.blake2b(_encoded(_in_one_order(resource)), digest_size=9).hexdigest()}"'


def _in_one_order(holder: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the values of its lists in one order, and with those of the objects in it."""
    ordered = dict(holder)
    for name, value in holder.items():
        if isinstance(value, dict):
            ordered[name] = _in_one_order(value)
        elif isinstance(value, list):
            ordered[name] = sorted([_encoded(each).decode() for each in value])
    return ordered


class Condition(msgspec.Struct, frozen=True):
    """The versions of which one must be there, or any at all."""

    tags: frozenset[str]
    is_any: bool = False

    def holds(self, tag: str) -> bool:
        """Tell whether a version is among them."""
        return self.is_any or tag.removeprefix("W/") in self.tags


def condition(header: str) -> Condition:
    """Return what an If-Match or If-None-Match header asks.

    Raises InvalidSyntax when it is not `*` and no list of entity tags. An empty one is no list: a client that has lost the
    version must not be taken for one that asks for nothing.
    """
    if header.strip() == "*":
        return Condition(frozenset(), is_any=True)
    tags: set[str] = set()
    at = 0
    while at < len(header) or not tags:
        found = _TAG.match(header, at)
        if found is None:
            raise InvalidSyntax('A version is an entity tag in quotes, as meta.version has it: W/"3694e05e9dff590".')
        tags.add(found[1])
        at = found.end()
    return Condition(frozenset(tags))
