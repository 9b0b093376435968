"""A call of the upstream made ready: everything about it that the mapping fixes, with the placeholders still open."""

from collections.abc import Mapping as Values
from functools import cached_property
from typing import Any, Literal

import msgspec

from adapter.mapping import content
from adapter.mapping.document import Doing
from adapter.mapping.template import CallTemplate, Template


class Unsupported(msgspec.Struct, frozen=True):
    """What stands in place of a call that the upstream does not have: why, for the administrator."""

    sentence: str


class Route(msgspec.Struct, frozen=True, kw_only=True, dict=True):  # with a dict, to keep what is found out once
    """One call; as a text it is the route's name, `GET /api/users/{id}`."""

    call: CallTemplate
    doing: Doing = "own"
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: Any = msgspec.UNSET
    send: Literal["json", "form", "text"] = "json"
    fields: str | None = None

    def __str__(self) -> str:
        """The route as the mapping writes it."""
        return str(self.call)

    def holds(self, name: str) -> bool:
        """Tell whether a placeholder stands anywhere in the call."""
        body = [] if self.body is msgspec.UNSET else [text for _, text in content.texts(self.body)]
        texts = (self.call.path.text, *self.query.values(), *body)
        return any(name in Template(each).names for each in texts)

    def filled_query(self, values: Values[str, Any]) -> dict[str, str]:
        """Return the query with its placeholders replaced."""
        return _filled(self._query, values)

    def filled_headers(self, values: Values[str, Any]) -> dict[str, str]:
        """Return the headers with their placeholders replaced."""
        return _filled(self._headers, values)

    @cached_property
    def _query(self) -> dict[str, Template]:
        return {name: Template(text) for name, text in self.query.items()}

    @cached_property
    def _headers(self) -> dict[str, Template]:
        return {name: Template(text) for name, text in self.headers.items()}

    def filled_body(self, values: Values[str, Any], sent: dict[str, Any] | None = None) -> Any:
        """Return the body with its placeholders replaced and the fields `sent` where they go; None for no body."""
        if self.body is msgspec.UNSET:
            body: Any = None
        else:
            body = content.filled(self.body, values)
        if sent is None:
            return body
        body = {} if body is None else body
        holder = body
        for name in self.fields.split(".") if self.fields else ():
            holder = holder.setdefault(name, {})
        holder.update(sent)
        return body

    def path(self, values: Values[str, Any]) -> str:
        """Return the path, percent-encoded."""
        return self.call.path.path(values)


def _filled(texts: dict[str, Template], values: Values[str, Any]) -> dict[str, str]:
    return {name: each.filled(values) for name, each in texts.items()}
