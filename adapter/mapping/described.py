"""The language told from its own Structs: a JSON Schema for editors, and the reference for people.

Each Struct's docstring says what the part is, the text below each of its keys what the key means. Python keeps no such
text, so it is read from the source.
"""

import ast
import inspect
import textwrap
from functools import cache
from typing import Any

import msgspec

from adapter.mapping import document
from adapter.mapping.document import Document

ADDRESS = "https://json-schema.org/draft/2020-12/schema"


@cache
def keys(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return what each key of a Struct means, also the keys that it has from another Struct."""
    found: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if issubclass(base, msgspec.Struct) and base.__module__.startswith("adapter."):
            found |= _own_keys(base)
    return {name: found[name] for name in struct.__struct_fields__ if name in found}


def _own_keys(struct: type[msgspec.Struct]) -> dict[str, str]:
    [tree] = ast.parse(textwrap.dedent(inspect.getsource(struct))).body
    assert isinstance(tree, ast.ClassDef)  # noqa: S101 (the source of a class is one)
    found = {}
    for node, after in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and is_text:
            found[node.target.id] = " ".join(str(after.value.value).split())  # type: ignore[attr-defined]
    return found


def structs() -> dict[str, type[msgspec.Struct]]:
    """Return every part of a mapping file by its name in the schema, in the order in which a reader meets them."""
    found: dict[str, type[msgspec.Struct]] = {}
    for name in document.__all__:
        part = getattr(document, name)
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            found[name] = part
    return found


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a mapping file, a description at every key."""
    made: dict[str, Any] = msgspec.json.schema(Document)
    parts = structs()
    for name, definition in made["$defs"].items():
        definition["description"] = inspect.cleandoc(definition["description"])  # Python does it itself from 3.13 on
        for key, about in keys(parts[name]).items():
            if key in definition["properties"]:
                definition["properties"][key] = {"description": about, **definition["properties"][key]}
        tag = parts[name].__struct_config__.tag_field
        if tag:
            definition["properties"][tag]["description"] = definition["description"]
    return {"$schema": ADDRESS, "title": "A mapping of scim-adapter", **made}


def text() -> str:
    """Return the JSON Schema as a file holds it."""
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"
