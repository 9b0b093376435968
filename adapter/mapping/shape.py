"""From the data of a file to a Document: its shape checked by msgspec, whose errors are put into our words, placed."""

import difflib
import re
import types
import typing
from typing import Any

import msgspec

from adapter.errors import MappingError
from adapter.mapping.document import Document
from adapter.mapping.source import Path, Source


def read(source: Source) -> Document:
    """Return the document in a source; raises MappingError where its shape is not that of a Document."""
    try:
        return msgspec.convert(source.data, Document)
    except msgspec.ValidationError as error:
        raise _placed(source, str(error)) from None


def unknown(what: str, name: str, known: list[str], way_out: str = "") -> str:
    """Return the message for a name that is not known: the nearest one that is, or else the way out."""
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"unknown {what} '{name}': did you mean '{near[0]}'?"
    rest = way_out or (f"known here: {', '.join(known)}" if known else "none can stand here")
    return f"unknown {what} '{name}'; {rest}"


def _placed(source: Source, error: str) -> MappingError:
    message, _, where = error.partition(" - at `$")
    steps = re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]", where.rstrip("`"))
    path: Path = tuple(int(index) if index else name for name, index in steps)
    extra = re.match(r"Object contains unknown field `(.*)`", message)
    if extra:
        return source.error(path, unknown("key", extra[1], _keys(_kind_at(path))), at_key=extra[1])
    missing = re.match(r"Object missing required field `(.*)`", message)
    if missing:
        return source.error(path, f"the key '{missing[1]}' is missing here")
    choices = [str(each) for each in _choices(_kind_at(path))]
    if message.startswith("Invalid") and choices:
        return source.error(path, unknown("value", message.rpartition(" ")[2].strip("'`"), choices))
    return source.error(path, message[0].lower() + message[1:].replace("`", "'"))


def _kind_at(path: Path) -> Any:
    """Return the annotation of what stands at a path, following the Structs from the Document on."""
    kind: Any = Document
    for step in path:
        options = list(_options(kind))
        if isinstance(step, int):
            kind = next(typing.get_args(each)[0] for each in options if typing.get_origin(each) in (list, tuple))
        else:
            struct = next((each for each in options if _is_struct(each) and step in each.__struct_fields__), None)
            kind = typing.get_type_hints(struct)[step] if struct else str
    return kind


def _keys(kind: Any) -> list[str]:
    structs = [each for each in _options(kind) if _is_struct(each)]
    tags = [each.__struct_config__.tag_field for each in structs if each.__struct_config__.tag_field]
    return [*tags, *(name for each in structs for name in each.__struct_fields__)]


def _choices(kind: Any) -> list[Any]:
    return [
        value for each in _options(kind) if typing.get_origin(each) is typing.Literal for value in typing.get_args(each)
    ]


def _options(kind: Any) -> typing.Iterator[Any]:
    """Return the members of a union, or the kind itself."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        for each in typing.get_args(kind):
            yield from _options(each)
    else:
        yield kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
