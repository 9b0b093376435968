"""Writing the draft: the whole file, with what was found, and a TODO where nobody could know."""

from typing import Any
from urllib.parse import urlsplit

from adapter.mapping.draft.finder import Api, found, sampled
from adapter.mapping.draft.known import Known, todo
from adapter.mapping.draft.routes import routes
from adapter.mapping.draft.rules import rules
from adapter.mapping.draft.sample import schema_of
from adapter.mapping.draft.spec import Spec
from adapter.mapping.draft.written import TODO, flow, scalar
from adapter.mapping.template import read_call

_SECRET = ["  - {name: key, about: The API key or token of the service account}"]
_PAIR = ["  - {name: user, about: The service account's name}", "  - {name: password, about: Its password}"]
_CLIENT = [
    "  - {name: client_id, about: The client's identifier}",
    "  - {name: client_secret, about: The client's secret}",
]


def draft(document: Any, file: str, sample: Any = None) -> str:
    """Return the text of a first mapping, made of an OpenAPI document, or of a sample of what the upstream shows.

    `sample` is such a sample beside a document that does not show what a user is. Raises MappingError when neither does,
    or when nothing in it looks like a userName.
    """
    spec = Spec(document)
    api = found(spec) if spec.is_openapi else sampled(spec, schema_of(document), Api())
    if sample is not None:
        api = sampled(spec, schema_of(sample), api)
    known = Known(spec, api, file)
    resource = [
        "resources:",
        "  - resource: User",
        f"    id: {flow({'field': known.id or 'id', 'kind': 'number' if known.id_is_number else 'text'})}"
        + ("" if known.id else todo("which field is the id?")),
        *routes(known),
        *rules(known),
    ]
    settings = [
        "  - " + flow({"name": name, "about": about} | ({"kind": kind} if kind != "text" else {}))
        for name, (about, kind) in known.settings.items()
    ]
    secrets, credential = _credential(spec)
    what = "an OpenAPI document" if spec.is_openapi else "a sample"
    lines = [
        "# yaml-language-server: $schema=schema.json",
        "version: 1",
        f"# A draft, made of {what}; nothing in it was tried. {TODO} marks what nobody could know.",
        f"upstream: {scalar(known.title)}" + ("" if spec.title else todo("its name, as administrators shall read it")),
        "",
        *(["settings:", *settings] if settings else []),
        *(["secrets:", *secrets] if secrets else []),
        *([""] if settings or secrets else []),
        credential,
        "",
        f"{TODO} replies: what tells that a user is unknown, that a name is taken, that a right is missing. Until it is here,",
        "# each of them is answered with a 502: nothing is guessed.",
        "",
        *resource,
    ]
    return "\n".join(lines) + "\n"


def _credential(spec: Spec) -> tuple[list[str], str]:
    """Return the secrets and the credential, by the first way to sign in that the language has."""
    for scheme in spec.schemes():
        match scheme.get("type"), str(scheme.get("scheme") or "").lower(), scheme.get("in"):
            case "http", "bearer", _:
                token = flow({"kind": "token", "token": "{secret:key}"})
                return _SECRET, f"credential: {token}{todo('kind: exchange, if the token comes from a login')}"
            case ("http", "basic", _) | ("basic", _, _):
                return _PAIR, "credential: " + flow(
                    {"kind": "basic", "user": "{secret:user}", "password": "{secret:password}"}
                )
            case "apiKey", _, ("header" | "query") as place if _is_name(scheme.get("name")):
                sent = {place: scheme["name"]}
                return _SECRET, "credential: " + flow({"kind": "token", "token": "{secret:key}", "sent": sent})
            case "oauth2", _, _:
                call, host = _token_call(scheme)
                if call:
                    keys = {
                        "kind": "client credentials",
                        "call": call,
                        "client_id": "{secret:client_id}",
                        "client_secret": "{secret:client_secret}",
                    }
                    where = f"; the document has this call on {host}" if host else ""
                    return _CLIENT, f"credential: {flow(keys)}{todo('form: {scope: …}, if it asks for one' + where)}"
    return [], "credential: {kind: none}" + todo("how does the gateway sign in?")


def _token_call(scheme: dict[str, Any]) -> tuple[str | None, str]:
    """Return the call for a token by client credentials and the host that it is on, if the document has that flow."""
    flows = scheme.get("flows")
    own = flows.get("clientCredentials") if isinstance(flows, dict) else None
    own = scheme if scheme.get("flow") == "application" else own
    address = own.get("tokenUrl") if isinstance(own, dict) else None
    try:
        parts = urlsplit(address if isinstance(address, str) else "")
    except ValueError:
        return None, ""
    call = f"POST {parts.path}"
    return (call, parts.netloc) if parts.path.startswith("/") and _is_call(call) else (None, "")


def _is_call(text: str) -> bool:
    return read_call(text) is not None and not set(text) & set("{}?#")


def _is_name(name: Any) -> bool:
    return (
        isinstance(name, str) and bool(name) and name.isascii() and name.isprintable() and not set(name) & set(" :{}")
    )
