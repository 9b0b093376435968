"""What a request asks for, as logs, metrics and traces name it: of a closed set, whatever is sent.

The name is made of the method and the path alone, before anybody has come in: a refused request has one, too.
"""

from urllib.parse import unquote

KINDS, DOCUMENTS = ("Users", "Groups"), ("ServiceProviderConfig", "ResourceTypes", "Schemas")
ELSEWHERE = "elsewhere"
"""Stands for every path that the gateway does not have."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PLACES = ("/oauth/token", "/.well-known/oauth-authorization-server", "/health/live", "/health/ready", "/metrics")
_SCIM = ["scim", "v2"]
QUIET = ("GET /health/live", "GET /health/ready", "GET /metrics")
"""What monitors ask for again and again: no log line says so but at DEBUG, and no metric or trace."""

KNOWN = frozenset(
    {
        *(f"{method} /{kind}" for kind in KINDS for method in ("GET", "POST")),
        *(f"{method} /{kind}/{{id}}" for kind in KINDS for method in ("GET", "PUT", "PATCH", "DELETE")),
        *(f"POST /{kind}/.search" for kind in KINDS),
        *(f"GET /{name}" for name in DOCUMENTS),
        *("GET /", "POST /.search", "POST /Bulk"),
    }
)
"""The operations that metrics name; all others are one to them."""


def operation_of(method: str, path: str) -> str:
    """Return the name of what a request asks for, such as `PATCH /Users/{id}`; `path` is encoded, as it came."""
    parts = [unquote(part) for part in path.partition("?")[0].split("/") if part]
    # One connection is served at the root, several below their names.
    at = 0 if parts[:2] == _SCIM else 1 if parts[1:3] == _SCIM else -1
    place = f"/{'/'.join(parts)}" if at < 0 else _template(parts[at + 2 :])
    if at < 0 and place not in _PLACES:
        place = ELSEWHERE
    # A HEAD is a GET whose body the server leaves out (RFC 9110 section 9.3.2).
    said = "GET" if method == "HEAD" else method if method in _METHODS else "other"
    return f"{said} {place}"


def _template(below: list[str]) -> str:
    """Return what stands for a path below the SCIM root."""
    match below:
        case []:
            return "/"
        case ["Me", *_]:
            return "/Me"
        case [name] if name in (*KINDS, *DOCUMENTS, ".search", "Bulk"):
            return f"/{name}"
        case [kind, ".search"] if kind in KINDS:
            return f"/{kind}/.search"
        case [kind, _] if kind in KINDS or kind in DOCUMENTS:
            return f"/{kind}/{{id}}"
    return ELSEWHERE
