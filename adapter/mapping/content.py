"""What a call sends: bodies as templates, filled without losing the types of what fills them."""

import re
from collections.abc import Iterator
from collections.abc import Mapping as Values
from typing import Any

from adapter.mapping.template import Template

_ALONE = re.compile(r"\{([^{}]*)\}")


def filled(content: Any, values: Values[str, Any]) -> Any:
    """Return a body with its placeholders replaced, all the way down.

    A text that is one placeholder and nothing else becomes the value itself, a number or a list if it is one; inside a
    longer text every value is written out.
    """
    if isinstance(content, dict):
        return {name: filled(value, values) for name, value in content.items()}
    if isinstance(content, list):
        return [filled(each, values) for each in content]
    if not isinstance(content, str):
        return content
    alone = _ALONE.fullmatch(content)
    return values[alone[1]] if alone else Template(content).filled(values)


def stood(content: Any, filled: Any, name: str) -> Any:
    """Return what stands in a filled body where its template has this placeholder alone, or None."""
    if content == f"{{{name}}}":
        return filled
    pairs: list[tuple[Any, Any]] = []
    if isinstance(content, dict) and isinstance(filled, dict):
        pairs = [(value, filled.get(key)) for key, value in content.items()]
    elif isinstance(content, list) and isinstance(filled, list):
        pairs = list(zip(content, filled, strict=False))
    found = (stood(one, other, name) for one, other in pairs)
    return next((each for each in found if each is not None), None)


def texts(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Return every text in a body with the way to it."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from texts(value, (*path, name))
    elif isinstance(content, list):
        for at, value in enumerate(content):
            yield from texts(value, (*path, at))
    elif isinstance(content, str):
        yield path, content
