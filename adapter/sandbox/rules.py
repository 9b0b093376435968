"""The rules that the fields of a request body keep, and the judgement of a body by them."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import msgspec

from adapter.sandbox.refusal import Invalid, malformed

# What ids may name -> the ids that exist.
Known = Mapping[str, Collection[int]]

_ID = re.compile(r"[0-9]{1,18}")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a request body: its type and what else N-central demands of it."""

    name: str
    kind: Literal["text", "flag", "ids"] = "text"
    required: bool = False
    most: int | None = None  # characters
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    ids_of: str = ""  # what the ids name
    least: int = 0  # ids
    example: Any = None
    says: str = ""  # the rule in words, where the pattern alone would not explain it

    def fault(self, value: Any, known: Known) -> str | None:
        """What is wrong with the value, or nothing."""
        match self.kind:
            case "text":
                return self._text_fault(value)
            case "flag":
                return None if isinstance(value, bool) else f"{self.name} must be a boolean"
            case "ids":
                return self._ids_fault(value, known)

    def _text_fault(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return f"{self.name} must be a string"
        if self.required and not value.strip():
            return f"{self.name} must not be blank"
        if self.most is not None and len(value) > self.most:
            return f"{self.name} must be at most {self.most} characters"
        if self.pattern and not re.fullmatch(self.pattern, value, re.ASCII | re.DOTALL):
            return f"{self.name} {self.says or f'must match {self.pattern}'}"
        if self.choices and value not in self.choices:
            return f"{self.name} must be one of: {', '.join(self.choices)}"
        return None

    def _ids_fault(self, value: Any, known: Known) -> str | None:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return f"{self.name} must be an array of strings"
        if len(value) < self.least:
            return f"{self.name} must name at least {self.least} {self.ids_of}"
        for item in value:
            if not _ID.fullmatch(item) or int(item) not in known[self.ids_of]:
                return f"{self.name} names no {self.ids_of}: '{item}'"
        return None


def checked(body: bytes, fields: Sequence[Field], known: Known, *, partial: bool = False) -> dict[str, Any]:
    """The fields of a JSON body, ids as integers; a body that breaks a rule is refused with every fault it has.

    With `partial`, a required field may be missing (but not be blank).
    """
    written = _object(body)
    named = {field.name: field for field in fields}
    faults = [(name, f"{name} is not a known field") for name in written if name not in named]
    for name, field in named.items():
        if name in written:
            fault = field.fault(written[name], known)
            faults += [(name, fault)] if fault else []
        elif field.required and not partial:
            faults.append((name, f"{name} is required"))
    if faults:
        raise Invalid(faults)
    return {name: _ids(value) if named[name].kind == "ids" else value for name, value in written.items()}


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise malformed(f"The request body is not a JSON object: {fault}.") from fault


def _ids(value: list[str]) -> list[int]:
    return list(dict.fromkeys(int(item) for item in value))
