"""What is known, by cases that the golden files do not have."""

from typing import Any

import msgspec
import pytest

from adapter.mapping.draft.finder import Api, found, sampled
from adapter.mapping.draft.known import Known
from adapter.mapping.draft.sample import schema_of
from adapter.mapping.draft.spec import Operation, Spec

ROW = {"id": 7, "login": "ada", "email": "a@b"}


def _known(api: Api | None = None, row: Any = None) -> Known:
    spec = Spec({})
    return Known(spec, sampled(spec, schema_of(row or ROW), api or Api()), "it.json")


def _creating(sent: Any, reply: Any = None, headers: tuple[str, ...] = (), required: list[str] | None = None) -> Known:
    schema = schema_of(sent) | {"required": required or []}
    create = Operation(
        method="POST", path="/users", sent=schema, reply=schema_of(reply) if reply else None, headers=headers
    )
    listing = Operation(method="GET", path="/users")
    return _known(Api(list=listing, records="$", create=create))


@pytest.mark.parametrize(
    ("reply", "headers", "made"),
    [
        (ROW, (), {"record": "$"}),
        ({"user": ROW}, (), {"record": "user"}),
        ({"data": {"id": 7}}, (), {"id": "data.id"}),
        ({"ok": True}, ("location",), {"id": {"header": "Location"}}),
        ({"ok": True}, (), {}),
        (None, (), {}),
    ],
)
def test_what_the_reply_to_a_create_shows(reply: Any, headers: tuple[str, ...], made: dict[str, Any]) -> None:
    known = _creating({"login": "ada"}, reply, headers)
    assert known.made() == made
    assert known.creates is bool(made)


def test_the_user_name_is_a_field_that_a_create_takes() -> None:
    assert _known().user_name == "login"
    assert _creating({"email": "a@b"}, ROW).user_name == "email"


def test_a_create_that_demands_what_nobody_can_tell_is_not_known() -> None:
    known = _creating({"login": "ada", "options": {"a": 1}, "title": "x"}, ROW, required=["login", "options", "title"])
    assert (known.unknown(), known.creates) == (["options"], False)


def test_the_id_is_the_field_that_the_path_names() -> None:
    get = Operation(method="GET", path="/users/{login}")
    assert _known(Api(get=get)).id == "login"
    assert _known(msgspec.structs.replace(found(Spec({})), delete=get)).id == "login"
    assert _known().id == "id"


def test_settings_have_names_that_the_language_takes_and_keep_what_is_said_of_them() -> None:
    known = _known()
    assert [known.setting(each) for each in ("orgUnitId", "X-Org", "7", "Org")] == [
        "org_unit_id",
        "x_org",
        "setting",
        "org",
    ]
    known.setting("org", "The \n organization")
    known.setting("org")
    assert known.settings["org"] == ("The organization", "text")
