"""An attribute path: which attribute of a resource is meant (RFC 7644 section 3.10).

The grammar, from RFC 7644 figure 1::

    attrPath  = [URI ":"] ATTRNAME *1subAttr
    ATTRNAME  = ALPHA *(nameChar)
    nameChar  = "-" / "_" / DIGIT / ALPHA
    subAttr   = "." ATTRNAME

`$ref` begins with a dollar although ATTRNAME cannot (RFC 7643 section 2.4 names it): it is allowed here.
"""

import re

import msgspec

_NAME = r"[A-Za-z$][A-Za-z0-9_-]*"
_PATH = re.compile(rf"(?:(?P<urn>[Uu][Rr][Nn]:[^\s()\[\]\"]+):)?(?P<name>{_NAME})(?:\.(?P<sub>{_NAME}))?")


class Path(msgspec.Struct, frozen=True):
    """`urn:…:User:name.givenName` in three parts, spelled as they came; names compare without case."""

    name: str
    sub: str | None = None
    urn: str | None = None

    def __str__(self) -> str:
        """The path as RFC 7644 writes it."""
        return (f"{self.urn}:" if self.urn else "") + self.name + (f".{self.sub}" if self.sub else "")


def parse(text: str) -> Path | None:
    """Return the path that `text` spells, or None when it spells none.

    A URN alone (`urn:…:2.0:User`) reads as URN `urn:…:2.0` and name `User`: only a schema can tell that the whole
    of an extension is meant (`schema.ResourceType.target`).
    """
    found = _PATH.fullmatch(text)
    return Path(found["name"], found["sub"], found["urn"]) if found else None
