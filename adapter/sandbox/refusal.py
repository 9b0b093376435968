"""A refusal is what the user API says when it does not do what a call asks."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4


class Refusal(Exception):
    """A status other than success, which becomes N-central's error body."""

    def __init__(self, status: int, name: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self._said = f"{phrase(status)}: {name}: {text}"

    def body(self) -> dict[str, Any]:
        """The error body; each has a fresh ID, by which N-able's support finds the call in its logs."""
        return {"status": self.status, "message": f"[ID={str(uuid4())[:18]}] {self._said}"}


class Invalid(Refusal):
    """A request with faulty fields: a 400 that names each of them."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, "ValidationException", "; ".join(text for _, text in errors))
        self._said = "Multiple Validations Failed."
        self._errors = errors

    def body(self) -> dict[str, Any]:
        """The error body with a line for each faulty field."""
        lines = [{"field": field, "message": message} for field, message in self._errors]
        return super().body() | {"errors": lines}


def phrase(status: int) -> str:
    """The status in capital words, as N-central's messages begin."""
    try:
        return HTTPStatus(status).phrase.upper()
    except ValueError:
        return "ERROR"


def malformed(text: str) -> Refusal:
    """The refusal of what cannot be read as what it should be."""
    return Refusal(HTTPStatus.BAD_REQUEST, "InvalidInputFormatException", text)


def not_found(what: str, which: object) -> Refusal:
    """The refusal of an id that names nothing."""
    return Refusal(HTTPStatus.NOT_FOUND, "ResourceNotFoundException", f"{what} not found: '{which}'.")


def unauthorized(text: str) -> Refusal:
    """The refusal of a call without a token that lives."""
    return Refusal(HTTPStatus.UNAUTHORIZED, "UnauthorizedException", text)
