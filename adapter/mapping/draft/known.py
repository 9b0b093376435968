"""What a draft knows: the calls, the fields in each direction, the user name, and the settings that turn up."""

import re
from typing import Any

from adapter.errors import MappingError
from adapter.mapping.draft.finder import Api, id_of, one, settings_in, word
from adapter.mapping.draft.guesses import ATTRIBUTES, USER_NAMES, Fields, is_path
from adapter.mapping.draft.spec import Operation, Schema, Spec, kind
from adapter.mapping.draft.written import TODO

_PASSWORDS = ("password", "plainpassword", "passwd", "initialpassword")
_LONGEST = 200
"""Characters of the document's own words for a setting."""


class Known:
    """What is known of one user API; raises MappingError when nothing shows what a user is."""

    def __init__(self, spec: Spec, api: Api, file: str) -> None:
        self.spec, self.api, self.file = spec, api, file
        self.title = spec.title or "upstream"
        record = api.record or api.row
        if record is None:
            message = (
                "this shows no user: neither a list of them nor one, with fields; add --record and a sample of one"
            )
            raise MappingError(file, 1, 1, message)
        self.id = self._named_in_path(record) or id_of(spec, record)
        self.id_is_number = self.id is not None and kind(spec.properties(record)[self.id]) == "integer"
        self.read = Fields(spec, record)
        self.create_at, self.created = self._taken(api.create)
        self.update_at, self.updated = self._taken(api.update)
        self.user_name = self._user_name()
        self.settings: dict[str, tuple[str, str]] = {}
        """For each setting what it is, and its kind."""

    @property
    def lists(self) -> bool:
        """Whether it is known how users are listed."""
        return self.api.list is not None and self.api.records is not None

    @property
    def reads(self) -> bool:
        """Whether it is known how one user is read, be it from the list."""
        return self.lists or (self.api.get is not None and self.api.spot is not None)

    @property
    def creates(self) -> bool:
        """Whether it is known how a user is made, and what the reply shows of it."""
        known = self.lists and self.created.named((word(self.user_name.rpartition(".")[2]),)) is not None
        return known and bool(self.made()) and not self.unknown()

    @property
    def updates(self) -> bool:
        """Whether it is known how a user is changed."""
        return self.reads and bool(self.updated.schemas)

    def made(self) -> dict[str, Any]:
        """Return the keys that say where the reply to a create has the user: the record, or its id."""
        call = self.api.create
        spot, record = one(self.spec, call.reply) if call else (None, None)
        if call is None:
            return {}
        if record is not None and self.user_name in Fields(self.spec, record):
            return {"record": spot}
        if record is not None:
            own = self.id if self.id in self.spec.properties(record) else id_of(self.spec, record)
            return {"id": own if spot == "$" else f"{spot}.{own}"}
        return {"id": {"header": "Location"}} if "location" in [each.lower() for each in call.headers] else {}

    def unknown(self) -> list[str]:
        """Return what a create demands and nobody can tell: fields that hold objects or switches."""
        mapped = [name for names in ATTRIBUTES.values() for name in names]
        return [
            each
            for each in self.created.required
            if word(each) not in mapped
            and self.created.switch_field != each
            and kind(self.created.schemas.get(each, {})) not in ("string", "integer", "array")
        ]

    def is_password(self, field: str) -> bool:
        """Tell whether a field takes a password."""
        return word(field) in _PASSWORDS

    def setting(self, name: str, about: str = "", kind_: str = "text") -> str:
        """Return the name of a setting for what differs between installations; it is declared with the first call."""
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        snake = re.sub(r"[^a-z0-9_]", "_", snake).lstrip("_0123456789") or "setting"
        said = " ".join(about.split())[:_LONGEST]
        if said or snake not in self.settings:
            self.settings[snake] = (said or f"TODO: what is {name}?", kind_)
        return snake

    def call(self, call: Operation) -> str:
        """Return a call as the mapping writes it, its parameters as settings."""
        *before, last = call.path.split("/")
        if call not in (self.api.list, self.api.create) and last.startswith("{"):
            last = "{id}"
        path = "/".join([*before, last])
        for name, about in settings_in([call]).items():
            path = path.replace(f"{{{name}}}", f"{{setting:{self.setting(name, about)}}}")
        return f"{call.method} {path}"

    def _named_in_path(self, record: Schema) -> str | None:
        """Return the field that has the name of the parameter in the path of one user, such as `/users/{login}`."""
        call = next((each for each in (self.api.get, self.api.update, self.api.delete) if each is not None), None)
        name = word(call.path.rpartition("/")[2]) if call else ""
        fields = {word(each): each for each in self.spec.properties(record) if is_path(each)}
        return fields.get(name)

    def _taken(self, call: Operation | None) -> tuple[str | None, Fields]:
        """Return where in its body a call takes the fields, and which."""
        own = Fields(self.spec, call.sent if call else None, is_sent=True)
        if call is None or call.sent is None or own.tells():
            return None, own
        for name, each in self.spec.properties(call.sent).items():
            inner = Fields(self.spec, each, is_sent=True)
            if kind(each) == "object" and "." not in name and inner.tells():
                return name, inner
        return None, own

    def _user_name(self) -> str:
        """Return the field that is the userName: one that can be read and written, if there is one."""
        readable = [field for field in (self.read.named((each,)) for each in USER_NAMES) if field]
        if not readable:
            message = f"no field of a user is named as one would name its login: {', '.join(USER_NAMES)}"
            raise MappingError(self.file, 1, 1, message)
        settable = (each for each in readable if self.created.named((word(each.rpartition(".")[2]),)))
        return next(settable, readable[0])


def todo(text: str) -> str:
    """Return the mark of what is not known, to stand at the end of a line."""
    return f"   {TODO} {text}"


def without(what: str, known: Known) -> str:
    """Return what an administrator reads where the draft does not know a call."""
    return f"The mapping of the {known.title} does not say yet how {what}."
