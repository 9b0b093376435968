"""A mapping's calls against the upstream's own document."""

from typing import Any

import pytest

from adapter.mapping.published import missing
from tests.mapping.minimal import mapping

ONE: dict[str, Any] = {name: {} for name in ("get", "patch", "delete")}


def _document(base: str = "", **more: Any) -> dict[str, Any]:
    paths = {"/token": {"post": {}}, "/users": {"get": {}, "post": {}}, "/users/{userId}": ONE}
    return {"openapi": "3.0.0", "paths": {base + name: each for name, each in paths.items()}} | more


@pytest.mark.parametrize(
    ("document", "base", "absent"),
    [
        (_document(), "", []),
        (_document("/api/v1"), "/api/v1", []),
        (_document(servers=[{"url": "https://host/api/v1"}]), "/api/v1", []),
        (_document("/api/v1"), "", ["GET /users", "GET /users/{id}", "POST /users", "PATCH /users/{id}", "DELETE /users/{id}", "POST /token"]),
        ({"openapi": "3.0.0", "paths": {"/users/{x}": {"get": {}}}}, "", ["GET /users", "POST /users", "PATCH /users/{id}", "DELETE /users/{id}", "POST /token"]),
        ({"paths": {}}, "", None),
        ("<html>", "", None),
    ],
)  # fmt: skip
def test_the_calls_that_the_document_does_not_have(document: Any, base: str, absent: list[str] | None) -> None:
    assert missing(mapping(), document, base) == absent


def test_a_call_about_one_user_is_not_a_call_with_a_name_in_its_place() -> None:
    assert missing(mapping(), {"openapi": "3.0.0", "paths": {"/users/me": ONE}}, "") == [
        "GET /users", "GET /users/{id}", "POST /users", "PATCH /users/{id}", "DELETE /users/{id}", "POST /token",
    ]  # fmt: skip
