"""What may leave the gateway: computed from a mapping's routes, and held against every call that its upstream sees."""

import re
from urllib.parse import parse_qsl, unquote

import httpx
import msgspec

from adapter.mapping.mapping import Mapping
from adapter.mapping.route import Route

HEADERS = {
    *("host", "accept", "accept-encoding", "connection", "user-agent"),
    *("content-type", "content-length", "authorization", "x-request-id", "traceparent"),
}
"""The header fields of our own calls; a mapping may add some of its own. The last two tell of which request a call is part."""


def _routes(mapping: Mapping) -> tuple[tuple[str, re.Pattern[str], frozenset[str], frozenset[str]], ...]:
    return tuple(_allowed(route, _parameters(mapping)) for each in mapping.resources for route in each.routes)


def _allowed(route: Route, parameters: set[str]) -> tuple[str, re.Pattern[str], frozenset[str], frozenset[str]]:
    parts = re.split(r"\{[^{}]*\}", route.call.path.text)
    path = re.compile("([^/?#;]+)".join(map(re.escape, parts)))
    return route.call.method, path, frozenset(parameters | set(route.query)), frozenset(map(str.lower, route.headers))


def _parameters(mapping: Mapping) -> set[str]:
    """Return the names of the parameters that a page or a search adds to the query of a list."""
    names: set[str] = set()
    for each in mapping.resources:
        names |= {name for pushed in each.pushed for name in pushed.find.query}
        page = each.listing.page
        names |= {value for value in msgspec.structs.asdict(page).values() if isinstance(value, str)} if page else set()
    return names


def stray(method: str, target: str, headers: list[str], mapping: Mapping) -> str | None:
    """Return what is wrong with a call as it went out, or None when it is one of the mapping's."""
    path, _, query = target.partition("?")
    for allowed, pattern, parameters, fields in _routes(mapping):
        found = pattern.fullmatch(path) if method == allowed else None
        if found is None or any(unquote(unquote(each)) in ("", ".", "..") for each in found.groups()):
            continue
        if not {name for name, _ in parse_qsl(query, keep_blank_values=True)} <= parameters:
            return f"{method} {target}: a parameter that no route has"
        if not {name.lower() for name in headers} <= HEADERS | fields:
            return f"{method} {target}: a header that no route has, of {headers}"
        return None
    return f"{method} {target}: no route of the mapping"


def stray_request(request: httpx.Request, mapping: Mapping) -> str | None:
    """Return what is wrong with a request that was caught on its way, or None."""
    return stray(request.method, request.url.raw_path.decode(), list(request.headers), mapping)
