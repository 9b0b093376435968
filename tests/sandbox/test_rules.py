from typing import Any

import msgspec
import pytest

from adapter.sandbox.refusal import Invalid, Refusal
from adapter.sandbox.rules import Field, checked

FIELDS = (
    Field(name="name", required=True, most=3),
    Field(name="code", pattern=r"^\d+$"),
    Field(name="size", choices=("small", "large")),
    Field(name="flag", kind="flag"),
    Field(name="ids", kind="ids", ids_of="thing", least=1),
)
KNOWN = {"thing": {7, 8}}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"name":1}', "name must be a string"),
        (b'{"name":null}', "name must be a string"),
        (b'{"name":"  "}', "name must not be blank"),
        (b'{"name":"abcd"}', "name must be at most 3 characters"),
        (b"{}", "name is required"),
        (b'{"name":"a","code":"1x"}', r"code must match ^\d+$"),
        (b'{"name":"a","code":"1\\n"}', r"code must match ^\d+$"),
        ('{"name":"a","code":"٣"}'.encode(), r"code must match ^\d+$"),
        (b'{"name":"a","size":"SMALL"}', "size must be one of: small, large"),
        (b'{"name":"a","flag":"true"}', "flag must be a boolean"),
        (b'{"name":"a","ids":"7"}', "ids must be an array of strings"),
        (b'{"name":"a","ids":[7]}', "ids must be an array of strings"),
        (b'{"name":"a","ids":[]}', "ids must name at least 1 thing"),
        (b'{"name":"a","ids":["9"]}', "ids names no thing: '9'"),
        (b'{"name":"a","ids":["x"]}', "ids names no thing: 'x'"),
        (b'{"name":"a","more":1}', "more is not a known field"),
    ],
)
def test_a_broken_rule_is_named(body: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(body, FIELDS, KNOWN)
    assert [error["message"] for error in refused.value.body()["errors"]] == [message]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        checked(b'{"code":"x","flag":0,"more":1}', FIELDS, KNOWN)
    assert {error["field"] for error in refused.value.body()["errors"]} == {"name", "code", "flag", "more"}


def test_a_part_may_leave_out_what_is_required_but_not_blank_it() -> None:
    assert checked(b'{"code":"1"}', FIELDS, KNOWN, partial=True) == {"code": "1"}
    with pytest.raises(Invalid):
        checked(b'{"name":""}', FIELDS, KNOWN, partial=True)


def test_ids_are_strings_when_written_and_integers_after() -> None:
    assert checked(b'{"name":"a","ids":["7","8","7"]}', FIELDS, KNOWN)["ids"] == [7, 8]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"a"', b'{"name":"\xff"}', b"[" * 100_000, b'{"a":' * 9999]
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal, match="not a JSON object") as refused:
        checked(body, FIELDS, KNOWN)
    assert refused.value.status == 400


@pytest.mark.parametrize("written", [{"name": "abc"}, {"name": "a", "code": "12", "size": "large", "flag": True}])
def test_what_keeps_the_rules_is_returned_as_it_is(written: dict[str, Any]) -> None:
    assert checked(msgspec.json.encode(written), FIELDS, KNOWN) == written
