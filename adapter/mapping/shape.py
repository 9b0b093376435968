"""From the data of a file to its Structs: the shape is checked by msgspec, whose errors are put into our words, placed."""

import copy
import difflib
import re
import types
import typing
from typing import Any, TypeVar

import msgspec

from adapter.errors import MappingError
from adapter.mapping.document import Document
from adapter.mapping.faults import Faults
from adapter.mapping.source import Path, Source

T = TypeVar("T")

_EXTRA = r"Object contains unknown field `(.*)`$"


def read(source: Source) -> Document:
    """Return the document in a source; raises MappingError where its shape is not that of a Document."""
    return read_as(Document, source)


def read_as(kind: type[T], source: Source) -> T:
    """Return what a source holds as one kind of Struct; raises MappingError where its shape is another.

    msgspec tells one fault at a time: keys that are not known are all gathered, anything else ends the search.
    """
    data, faults, misspelt = copy.deepcopy(source.data), Faults(), list[Path]()
    while True:
        try:
            made = msgspec.convert(data, kind)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at `$")
            extra, here = re.match(_EXTRA, message, re.DOTALL), _steps(where)
            if here not in misspelt or not message.startswith("Object missing"):  # else it is there, misspelt
                faults.found(_placed(kind, source, str(error)))
            if extra is None:
                faults.told()
            else:
                misspelt.append(here)
                _at(data, here).pop(extra[1])
        else:
            faults.told()
            return made


def unknown(what: str, name: str, known: list[str], way_out: str = "") -> str:
    """Return the message for a name that is not known: the nearest one that is, or else the way out."""
    near = difflib.get_close_matches(name, known, 1)
    if near:
        return f"unknown {what} '{name}': did you mean '{near[0]}'?"
    rest = way_out or (f"known here: {', '.join(known)}" if known else "none can stand here")
    return f"unknown {what} '{name}'; {rest}"


def _placed(kind: Any, source: Source, error: str) -> MappingError:
    message, _, where = error.partition(" - at `$")
    path = _steps(where)
    if "[...]" in where:  # msgspec does not say which key of a dict: it is the first with something else than a text
        path = (*path, next(name for name, value in _at(source.data, path).items() if not isinstance(value, str)))
    extra = re.match(_EXTRA, message, re.DOTALL)
    if extra:
        return source.error(
            path, unknown("key", extra[1], _keys(_kind_at(kind, source, path), _at(source.data, path))), at_key=extra[1]
        )
    missing = re.match(r"Object missing required field `(.*)`", message)
    if missing:
        return source.error(path, f"the key '{missing[1]}' is missing here; add it")
    here, value = _kind_at(kind, source, path), _at(source.data, path)
    choices = _choices(here)
    if choices and value not in choices:
        shown = "empty" if value is None else f"'{_shown(value)}'"
        return source.error(path, f"{path[-1]} cannot be {shown}; write {_either(choices)}")
    return source.error(path, _ROW if typing.get_origin(here) is tuple else _plain(message, value))


def _steps(where: str) -> Path:
    """Return the way that msgspec names, up to a `[...]`, which it says in place of a key of a dict."""
    return tuple(int(index) if index else name for name, index in re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]", where))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _plain(message: str, value: Any) -> str:
    """Return what msgspec says of a value in words for readers of YAML."""
    for pattern, words in _BOUNDS:
        found = re.match(pattern, message)
        if found:
            return words.format(*found.groups())
    expected = re.match(r"Expected `(.*?)`", message)
    kinds = [each for each in expected[1].split(" | ") if each != "null"] if expected else []
    wanted = " or ".join(dict.fromkeys(_ENGLISH.get(each, each) for each in kinds))
    way_out = ""
    if "str" in kinds and isinstance(value, bool | int | float):
        way_out = f'; put it in quotes: "{_shown(value)}"'
    if isinstance(value, str) and value in ("true", "false", *re.findall(r"-?\d+", value)):
        way_out = "; take the quotes away"
    return f"this must be {wanted}, not {_ENGLISH[_JSON[type(value)]]}{way_out}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _kind_at(kind: Any, source: Source, path: Path) -> Any:
    """Return the annotation of what stands at a path, following the Structs from `kind` on."""
    for depth, step in enumerate(path):
        if isinstance(step, int):
            options = list(_options(kind))
            kind = next((typing.get_args(each)[0] for each in options if typing.get_origin(each) in (list, tuple)), Any)
            continue
        structs = _structs(kind, _at(source.data, path[:depth]))
        every = [each.__struct_config__ for each in _structs(kind)]
        tags = [each.tag for each in every if each.tag_field == step]
        struct = next((each for each in structs if step in each.__struct_fields__), None)
        kind = typing.Literal[tuple(tags)] if tags else typing.get_type_hints(struct)[step] if struct else str
    return kind


def _keys(kind: Any, value: Any) -> list[str]:
    structs = _structs(kind, value)
    tags = [each.__struct_config__.tag_field for each in structs if each.__struct_config__.tag_field]
    return list(dict.fromkeys([*tags, *(name for each in structs for name in each.__struct_fields__)]))


def _structs(kind: Any, value: Any = None) -> list[Any]:
    """Return the Structs that can stand there; of several kinds the one that the value says it is."""
    structs = [each for each in _options(kind) if _is_struct(each)]
    configs = {each: each.__struct_config__ for each in structs}
    own = [
        each for each in structs if isinstance(value, dict) and value.get(configs[each].tag_field) == configs[each].tag
    ]
    return [each for each in own if configs[each].tag_field] or structs


def _choices(kind: Any) -> list[str]:
    literals = (each for each in _options(kind) if typing.get_origin(each) is typing.Literal)
    return [str(value) for each in literals for value in typing.get_args(each)]


def _either(choices: list[str]) -> str:
    return choices[0] if len(choices) == 1 else "one of " + ", ".join(choices)


def _options(kind: Any) -> typing.Iterator[Any]:
    """Return the members of a union, or the kind itself."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        for each in typing.get_args(kind):
            yield from _options(each)
    else:
        yield kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


_ROW = "a row is a list of two values: SCIM's on the left, the upstream's on the right"
# What msgspec says of a value within its type, and what we say.
_BOUNDS = (
    (r"Expected `int` >= (\d+)", "this must be a whole number, {} or more"),
    (r"Expected `int` <= (\d+)", "this must be a whole number, {} or less"),
    (r"Expected `float` > 0", "this must be more than 0"),
    (r"Expected `float` <= (\d+)", "this must be {} or less"),
    (r"Expected `str` of length >= 1", "this must not be empty"),
    (r"Expected `str` of length <= (\d+)", "this can have {} characters at the most"),
    (r"Expected `array` of length >= 1", "this list must not be empty"),
    (r"Expected `array` of length 2", "this list must have two entries"),
    (r"Expected `array` of length <= (\d+)", "this list can have {} entries at the most"),
    (r"Expected `str` matching regex '\^\[a-z\]", "a name is small letters, digits and _, beginning with a letter"),
    (
        r"Expected `str` matching regex '\^\[a-z0-9\]",
        "a name is small letters, digits and -, beginning with a letter or a digit",
    ),
    (
        r"Expected `str` matching regex '\^urn:",
        "a schema's name is a URN: urn:example:params:scim:schemas:extension:desk:2.0:User",
    ),
    (
        r"Expected `str` matching regex '\^\[A-Za-z\]",
        "an attribute's name is letters, digits, _ and -, beginning with a letter",
    ),
    (r"Expected `str` matching regex '\^\[!", "punctuation is characters such as !#%+-=?@_ without a blank"),
    (
        r"Expected `str` matching regex",
        "a field is a name, or names with dots between them: data.userId, or custom_fields[id=3].value",
    ),
)
_ENGLISH = {
    "str": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "array": "a list",
    "object": "an object with keys",
    "null": "nothing",
}
_JSON: dict[type, str] = {
    str: "str",
    bool: "bool",
    int: "int",
    float: "float",
    list: "array",
    dict: "object",
    type(None): "null",
}
