"""Reading an OpenAPI document of version 2 or 3: calls, their parameters, and the schemas of what goes in and out."""

from typing import Any, Literal

import msgspec

Schema = dict[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 8
"""Schemas inside each other that are looked into; a schema may hold itself."""


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of a query or a path."""

    name: str
    schema: Schema
    about: str = ""
    required: bool = False


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One call as the document has it."""

    method: str
    path: str
    """With the part that the server's address has after its host."""
    query: tuple[Parameter, ...] = ()
    segments: tuple[Parameter, ...] = ()
    """The parameters in the path."""
    sent: Schema | None = None
    """The schema of the body, if it takes one that can be sent."""
    send: Literal["json", "form"] = "json"
    reply: Schema | None = None
    """The schema of what a success answers."""
    headers: tuple[str, ...] = ()
    """The headers that a success has."""
    sentence: str = ""
    """What the document says of it."""

    def __str__(self) -> str:
        """The method and the path, as a mapping writes them."""
        return f"{self.method} {self.path}"


class Spec:
    """An OpenAPI document; whatever it lacks is as if it were empty."""

    def __init__(self, document: Any) -> None:
        self._document = _object(document)
        self.title = str(_object(self._document.get("info")).get("title") or "")

    @property
    def is_openapi(self) -> bool:
        """Whether this is an OpenAPI document at all."""
        return isinstance(self._document.get("paths"), dict) and bool({"openapi", "swagger"} & self._document.keys())

    def operations(self) -> list[Operation]:
        """Return every call."""
        found = []
        for path, item in _object(self._document.get("paths")).items():
            shared = _list(self._resolved(item).get("parameters"))
            for method in _METHODS:
                read = self._resolved(item).get(method)
                if isinstance(read, dict):
                    own = [*shared, *_list(read.get("parameters"))]
                    found.append(
                        self._operation(method.upper(), str(path), read, [self._resolved(each) for each in own])
                    )
        return found

    def schemes(self) -> list[dict[str, Any]]:
        """Return the ways to sign in, those that the whole document asks for first."""
        components = _object(self._document.get("components"))
        known = _object(components.get("securitySchemes")) or _object(self._document.get("securityDefinitions"))
        asked = [name for each in _list(self._document.get("security")) for name in _object(each)]
        names = sorted(known, key=lambda name: asked.index(name) if name in asked else len(asked))
        return [self._resolved(known[name]) for name in names]

    def flat(self, schema: Any, depth: int = 0) -> Schema:
        """Return a schema without references, its parts put together: what `allOf` adds, the first of `oneOf`."""
        schema = self._resolved(schema)
        if depth > _DEEPEST:
            return {}
        parts = [*_list(schema.get("allOf")), *_list(schema.get("oneOf"))[:1], *_list(schema.get("anyOf"))[:1]]
        made = {name: value for name, value in schema.items() if name not in ("allOf", "oneOf", "anyOf")}
        for each in parts:
            part = self.flat(each, depth + 1)
            properties = _object(part.get("properties")) | _object(made.get("properties"))
            required = [*_list(made.get("required")), *_list(part.get("required"))]
            made = part | made
            if properties:
                made["properties"] = properties
            if required:
                made["required"] = required
        return made

    def properties(self, schema: Schema | None) -> dict[str, Schema]:
        """Return the properties of an object's schema, without references."""
        named = _object(self.flat(schema).get("properties")) if schema else {}
        return {str(name): self.flat(each) for name, each in named.items()}

    def items(self, schema: Schema) -> Schema | None:
        """Return the schema of an array's elements if they are objects."""
        if kind(schema) != "array":
            return None
        items = self.flat(schema.get("items"))
        return items if self.properties(items) else None

    def _operation(self, method: str, path: str, read: dict[str, Any], parameters: list[dict[str, Any]]) -> Operation:
        sent, send = self._sent(read, parameters)
        reply, headers = self._replied(read)
        return Operation(
            method=method,
            path=self._base() + path,
            query=self._parameters(parameters, "query"),
            segments=self._parameters(parameters, "path"),
            sent=sent,
            send=send,
            reply=reply,
            headers=headers,
            sentence=str(read.get("summary") or ""),
        )

    def _parameters(self, read: list[dict[str, Any]], place: str) -> tuple[Parameter, ...]:
        return tuple(
            Parameter(
                name=str(each.get("name")),
                schema=self.flat(each.get("schema") or each),
                about=str(each.get("description") or ""),
                required=each.get("required") is True,
            )
            for each in read
            if each.get("in") == place
        )

    def _base(self) -> str:
        """Return the path of the server's address: calls begin with it."""
        servers = [_object(each) for each in _list(self._document.get("servers"))]
        first = servers[0] if servers else {}
        text = str(self._document.get("basePath") or first.get("url") or "")
        for name, each in _object(first.get("variables")).items():
            text = text.replace(f"{{{name}}}", str(_object(each).get("default") or ""))
        path = "/" + text.partition("://")[2].partition("/")[2] if "://" in text else text
        path = path.rstrip("/")
        return path if path.startswith("/") and not set("{}?# ") & set(path) else ""

    def _sent(
        self, read: dict[str, Any], parameters: list[dict[str, Any]]
    ) -> tuple[Schema | None, Literal["json", "form"]]:
        """Return the schema of the body, and how it is sent."""
        body = next((each for each in parameters if each.get("in") == "body"), None)
        if body is not None:
            return self.flat(body.get("schema")), "json"
        form = [each for each in parameters if each.get("in") == "formData"]
        if form:
            required = [str(each.get("name")) for each in form if each.get("required")]
            return {
                "type": "object",
                "properties": {str(each.get("name")): each for each in form},
                "required": required,
            }, "form"
        content = _object(self._resolved(read.get("requestBody")).get("content"))
        for name, each in content.items():
            if "json" in str(name).lower():
                return self.flat(_object(each).get("schema")), "json"
        if "application/x-www-form-urlencoded" in content:
            return self.flat(_object(content["application/x-www-form-urlencoded"]).get("schema")), "form"
        return None, "json"

    def _replied(self, read: dict[str, Any]) -> tuple[Schema | None, tuple[str, ...]]:
        """Return the schema of the first success and the names of its headers."""
        replies = _object(read.get("responses"))
        status = next((each for each in sorted(map(str, replies)) if each.startswith("2")), "")
        reply = self._resolved(replies.get(status))
        headers = tuple(map(str, _object(reply.get("headers"))))
        if "schema" in reply:
            return self.flat(reply["schema"]), headers
        content = _object(reply.get("content"))
        schemas = (_object(each).get("schema") for name, each in content.items() if "json" in str(name).lower())
        found = next((each for each in schemas if isinstance(each, dict)), None)
        return (None if found is None else self.flat(found)), headers

    def _resolved(self, node: Any) -> dict[str, Any]:
        """Return what a reference within the document leads to; elsewhere nothing is looked up."""
        for _ in range(_DEEPEST):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            way = node["$ref"].removeprefix("#/").split("/") if node["$ref"].startswith("#/") else [""]
            node = self._document
            for step in way:
                node = _object(node).get(step.replace("~1", "/").replace("~0", "~"))
        found = _object(node)
        return {} if "$ref" in found else found


def kind(schema: Schema) -> str:
    """Return the type of a schema as JSON Schema names it; `object` where only properties tell."""
    named = schema.get("type")
    if isinstance(named, list):
        named = next((each for each in named if each != "null"), None)
    if isinstance(named, str):
        return named
    return "object" if "properties" in schema else "array" if "items" in schema else ""


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
