"""Texts with placeholders: `/api/users/{id}`, `Bearer {secret:jwt}`. Replacement and nothing else: no expressions."""

import re
from collections.abc import Mapping as Values
from functools import cached_property
from typing import Any, Literal
from urllib.parse import quote, unquote

import msgspec

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NO_SEGMENT = ("", ".", "..")
"""What a value in a path must not be: percent-encoding does not touch dots, and HTTP clients resolve them."""

_CALL = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/[^\s?#]*)")


class Template(msgspec.Struct, frozen=True, dict=True):  # with a dict, to keep what is found out once
    """A text with placeholders, each named as it is written between the braces."""

    text: str

    @cached_property
    def names(self) -> list[str]:
        """The placeholders, in order."""
        return _PLACEHOLDER.findall(self.text)

    @cached_property
    def _pieces(self) -> list[str]:
        """The text cut at its placeholders: what stands between them, and at every second place a name."""
        return _PLACEHOLDER.split(self.text)

    @property
    def has_stray_brace(self) -> bool:
        """Whether a brace stands in it that belongs to no placeholder."""
        return not {"{", "}"}.isdisjoint(_PLACEHOLDER.sub("", self.text))

    def filled(self, values: Values[str, Any]) -> str:
        """Return the text with every placeholder replaced."""
        return "".join([str(values[each]) if at % 2 else each for at, each in enumerate(self._pieces)])

    def path(self, values: Values[str, Any]) -> str:
        """Return the text as the path of a URL: every value becomes one segment and stays one.

        The one function that builds paths. `DELETE /users/..` would go out as `DELETE /` (RFC 3986 section 5.2.4):
        what `NO_SEGMENT` holds raises ValueError here.
        """
        return self.filled({name: _segment(str(values[name])) for name in self.names})


def _segment(text: str) -> str:
    if text in NO_SEGMENT:
        raise ValueError(f"'{text}' cannot be part of a path")
    return quote(text, safe="")


def stood(template: Template, path: str, name: str) -> str | None:
    """Return what stands in a path where its template has this placeholder, or None."""
    parts = re.split(r"\{[^{}]*\}", template.text)
    found = re.fullmatch("([^/]*)".join(map(re.escape, parts)), path)
    return unquote(found[template.names.index(name) + 1]) if found and name in template.names else None


class CallTemplate(msgspec.Struct, frozen=True, dict=True):
    """`PATCH /api/users/{id}`: a method and a path with placeholders. As a text it is the route's name."""

    method: Method
    path: Template

    def __str__(self) -> str:
        """The route as the mapping writes it."""
        return self._text

    @cached_property
    def _text(self) -> str:
        return f"{self.method} {self.path.text}"


def read_call(text: str) -> CallTemplate | None:
    """Return the call that `text` spells, or None when it spells none."""
    found = _CALL.fullmatch(text)
    return CallTemplate(found[1], Template(found[2])) if found else None  # type: ignore[arg-type]  # the pattern's
