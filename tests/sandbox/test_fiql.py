from typing import Any

import pytest

from adapter.sandbox.fiql import selected
from adapter.sandbox.refusal import Refusal

FIELDS = {name: (lambda record, name=name: record[name]) for name in ("userName", "isEnabled", "userId", "roleIds")}
RECORD: dict[str, Any] = {"userName": "Ada@Example.com", "isEnabled": True, "userId": 42, "roleIds": (1001, 1002)}


@pytest.mark.parametrize(
    "expression",
    [
        "userName==Ada@Example.com",
        "userName==ada@example.COM",
        "userName==ada@*",
        "userName==*",
        "userName==*@example.*",
        "userName!=ada",
        "userId==42",
        "isEnabled==true",
        "roleIds==1002",
        "roleIds!=1003",
        "userId==42;isEnabled==true",
        "userName!=",
    ],
)
def test_a_record_matches(expression: str) -> None:
    assert selected(expression, FIELDS)(RECORD)


@pytest.mark.parametrize(
    "expression",
    [
        "userName==ada",
        "userName==ada.example.com",
        "userName==",
        "userName!=ADA@example.com",
        "userId==4",
        "isEnabled==false",
        "roleIds!=1001",
        "userId==42;isEnabled==false",
        "userName==ada+example.com",
    ],
)
def test_a_record_does_not_match(expression: str) -> None:
    assert not selected(expression, FIELDS)(RECORD)


@pytest.mark.parametrize(
    ("expression", "status", "text"),
    [
        ("nickName==ada", 400, "Field not found: nickName"),
        ("username==ada", 400, "Field not found: username"),
        ("userName", 400, "Invalid select expression: userName"),
        ("userName,userId", 400, "Invalid select expression"),
        ("userId==42;", 400, "Invalid select expression"),
        ("userId=gt=1", 500, "null"),
        ("userId>1", 500, "null"),
    ],
)
def test_an_expression_is_refused(expression: str, status: int, text: str) -> None:
    with pytest.raises(Refusal, match=text) as refused:
        selected(expression, FIELDS)
    assert refused.value.status == status
