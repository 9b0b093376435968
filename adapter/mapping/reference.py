"""The reference of the language for people, made from its Structs: a table for each part, in the order of a file."""

import re
import types
import typing
from typing import Any

import msgspec

from adapter.mapping.described import keys
from adapter.mapping.document import Document

Struct = type[msgspec.Struct]


def reference() -> str:
    """Return the reference as Markdown."""
    return "\n".join(_part(each) for each in _parts())


def _parts() -> list[Struct]:
    """Return every part, each after the one that holds it."""
    found: list[Struct] = [Document]
    for each in found:
        hints = typing.get_type_hints(each, include_extras=False)
        for name in each.__struct_fields__:
            found += [one for one in _structs(hints[name]) if one not in found]
    return found


def _part(struct: Struct) -> str:
    hints = typing.get_type_hints(struct, include_extras=False)
    about = keys(struct)
    tag = struct.__struct_config__
    lines = [
        f"### {_title(struct)}",
        "",
        " ".join((struct.__doc__ or "").split()),
        "",
        "| key | holds | meaning |",
        "|---|---|---|",
    ]
    if tag.tag_field:
        lines.append(f"| `{tag.tag_field}` | `{tag.tag}` | says which kind this is |")
    lines += [
        f"| `{field.name}` | {_holds(hints[field.name], field)} | {about[field.name]} |"
        for field in msgspec.structs.fields(struct)
    ]
    return "\n".join([*lines, ""])


def _holds(hint: Any, field: msgspec.structs.FieldInfo) -> str:
    kinds = [each for each in _options(hint) if each is not type(None)]
    words = ", or ".join(dict.fromkeys(_words(each) for each in kinds))
    if field.required:
        return f"{words}; needed"
    default = field.default
    if isinstance(default, str | int | bool) and default != "":
        return f"{words}; `{msgspec.json.encode(default).decode().strip(chr(34))}` if not said"
    return words


def _words(kind: Any) -> str:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return " or ".join(f"`{each}`" for each in inner)
    if origin is list:
        return "a list: " + ", or ".join(_words(each) for each in _options(inner[0]))
    if origin is tuple:
        return "two values"
    if origin is dict:
        return "names and texts"
    if _is_struct(kind):
        return f"[{_title(kind)}](#{re.sub(r'[^a-z0-9-]', '', _title(kind).lower().replace(' ', '-'))})"
    return {str: "a text", int: "a whole number", bool: "`true` or `false`", Any: "any value"}.get(kind, "any value")


def _title(struct: Struct) -> str:
    """Return a heading: `ClientCredentials` is the part `Client credentials`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", struct.__name__).capitalize()


def _structs(hint: Any) -> list[Struct]:
    found: list[Struct] = []
    for each in _options(hint):
        if _is_struct(each):
            found.append(each)
        for inner in typing.get_args(each):
            found += _structs(inner)
    return found


def _options(hint: Any) -> list[Any]:
    if typing.get_origin(hint) is typing.Annotated:
        return _options(typing.get_args(hint)[0])
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return [one for each in typing.get_args(hint) for one in _options(each)]
    return [hint]


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
