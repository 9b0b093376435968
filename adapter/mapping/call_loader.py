"""The calls of a file made ready: methods, paths and placeholders checked, or the error at its line."""

import re
from typing import Any
from urllib.parse import unquote

import msgspec

from adapter.mapping import content, document
from adapter.mapping.document import Doing
from adapter.mapping.route import Route, Unsupported
from adapter.mapping.shape import unknown
from adapter.mapping.source import Path, Source
from adapter.mapping.template import CallTemplate, Method, Template, read_call

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header field's name (RFC 9110 section 5.6.2)."""


class CallLoader:
    """Judges calls, each at its own place in the file; knows which settings and secrets there are."""

    def __init__(self, source: Source, read: document.Document) -> None:
        self.source = source
        self.settings = {each.name: each.kind for each in read.settings}
        self.secrets = {each.name for each in read.secrets}

    def offered(
        self, read: Any, path: Path, methods: tuple[Method, ...], doing: Doing, about: str | None = None
    ) -> Route | Unsupported:
        """Return the call, or the sentence that stands in its place; exactly one of them."""
        if read.call is not None and read.unsupported is not None:
            raise self.source.error(path, "a call cannot be unsupported; take one of the two out")
        return (
            Unsupported(read.unsupported)
            if read.unsupported is not None
            else self.route(read, path, methods, doing, about)
        )

    def route(
        self,
        read: Any,
        path: Path,
        methods: tuple[Method, ...],
        doing: Doing,
        about: str | None = None,
        *more: str,
    ) -> Route:
        """Return the call; `about` names the placeholder that must be in it, `more` those that may be."""
        if read.call is None:
            raise self.source.error(path, "the key 'call' is missing here; add it")
        every = [about, *more] if about else []
        known = [each for each in every if each != "members"]  # a list can stand in a body only
        call = self.call(read.call, (*path, "call"), methods, known)
        body = getattr(read, "body", msgspec.UNSET)
        route = Route(
            call=call,
            doing=doing,
            query=getattr(read, "query", {}),
            headers=self.headers(read.headers, (*path, "headers"), known),
            body=body,
            send=getattr(read, "send", "json"),
            fields=getattr(read, "fields", None),
        )
        for name, text in route.query.items():
            self.placeholders(text, (*path, "query", name), known)
        self.body(body, (*path, "body"), every)
        if about and not route.holds(about):
            what = "it is about one record" if about == "id" else "every user would match"
            raise self.source.error((*path, "call"), f"'{read.call}' must hold {{{about}}}: {what}")
        return route

    def call(self, text: str, path: Path, methods: tuple[Method, ...], known: list[str]) -> CallTemplate:
        """Return a method and a path; raises MappingError when the text is no such call."""
        call = read_call(text)
        if "?" in text:
            raise self.source.error(path, f"'{text}' must end before the '?'; query is for the rest")
        if call is None or call.method not in methods:
            example = f"{methods[0]} /users/{{id}}" if known == ["id"] else f"{methods[0]} /users"
            raise self.source.error(path, f"'{text}' is no call; write {_english(methods)} and a path: {example}")
        if any(unquote(each) in (".", "..") for each in call.path.text.split("/")):
            raise self.source.error(path, f"'{text}' holds a step to another path; write out where it leads")
        self.placeholders(text, path, known)
        return call

    def headers(self, headers: dict[str, str], path: Path, known: list[str], *, secret: bool = False) -> dict[str, str]:
        """Return headers whose names and texts can stand in a request."""
        for name, text in headers.items():
            if not _HEADER.fullmatch(name) or not (text.isascii() and text.isprintable()):
                message = "a header has a name of letters, digits and -, and a text on one line in ASCII"
                raise self.source.error(path, message, at_key=name)
            self.placeholders(text, (*path, name), known, secret=secret)
        return headers

    def body(self, body: Any, path: Path, known: list[str], *, secret: bool = False) -> None:
        """Judge the placeholders in a body; a list setting may stand there alone."""
        if body is msgspec.UNSET:
            return
        for way, text in content.texts(body):
            lists = [f"setting:{name}" for name, kind in self.settings.items() if kind == "list"]
            lists += [each for each in known if each == "members"]
            single = [each for each in known if each not in lists]
            alone = lists if text in [f"{{{each}}}" for each in lists] else []
            self.placeholders(text, (*path, *way), [*single, *alone], secret=secret)

    def placeholders(self, text: str, path: Path, known: list[str], *, secret: bool = False) -> None:
        """Judge the placeholders of a text: settings, what is known at this place, and secrets where they may stand."""
        if Template(text).has_stray_brace:
            raise self.source.error(path, f"a brace in '{text}' has no partner; a placeholder is {{name}}")
        allowed = [f"setting:{name}" for name, kind in self.settings.items() if kind != "list"] + known
        allowed += [f"secret:{name}" for name in self.secrets] if secret else []
        for name in Template(text).names:
            kind, _, own = name.partition(":")
            if name in allowed:
                continue
            if kind == "secret" and own in self.secrets:
                message = "a secret can stand in the credential's headers and bodies only: paths and queries are logged"
            elif kind == "setting" and own in self.settings:
                message = f"the setting '{own}' is a list; only a text can stand here"
            else:
                way_out = f"declare it in {kind}s" if kind in ("setting", "secret") else ""
                message = unknown("placeholder", f"{{{name}}}", [f"{{{each}}}" for each in allowed], way_out)
            raise self.source.error(path, message)


def _english(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
