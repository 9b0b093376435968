"""Holding a mapping's calls against the OpenAPI document that the upstream publishes of itself."""

from typing import Any

from adapter.mapping.draft.spec import Spec
from adapter.mapping.mapping import Mapping


def missing(mapping: Mapping, document: Any, base: str) -> list[str] | None:
    """Return the mapping's calls that the document does not have, or None when it is no OpenAPI document.

    `base` is the path of the upstream's address: a document may count it to the calls, or to its server's address.
    """
    spec = Spec(document)
    if not spec.is_openapi:
        return None
    known = [(each.method, _segments(each.path)) for each in spec.operations()]
    login = mapping.credential.login
    own = [route for each in mapping.resources for route in each.routes]
    routes = (*own, *([login.route] if login else []))
    return list(
        dict.fromkeys(str(each) for each in routes if not _has(known, each.call.method, each.call.path.text, base))
    )


def _has(known: list[tuple[str, list[str]]], method: str, path: str, base: str) -> bool:
    ways = [_segments(path), _segments(base + path)]
    return any(method == own and any(_same(way, segments) for way in ways) for own, segments in known)


def _same(own: list[str], published: list[str]) -> bool:
    """Compare paths; a parameter of the document stands for anything, a placeholder of ours for a parameter only."""
    pairs = list(zip(own, published, strict=False))
    return len(own) == len(published) and all("{" in theirs or ours == theirs for ours, theirs in pairs)


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")
