from typing import Any

import pytest

from adapter.errors import BadReply
from adapter.mapping.rules import Rule
from tests.mapping.minimal import mapping

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WORK = "{scim: 'emails[type eq \"work\"].value', field: mail}"
STATUS = "{scim: active, field: status, values: [[true, enabled], [false, disabled]]}"


def rule(text: str) -> Rule:
    """Return the rule after the userName's."""
    return mapping(text).resource.rules[1]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{scim: title, field: t}", "title"),
        ("{scim: NAME.GivenName, field: t}", "name.givenName"),
        ("{scim: 'EMAILS[TYPE eq \"work\"].Value', field: t}", 'emails[type eq "work"].value'),
        (f"{{scim: '{ENTERPRISE}:department', field: t}}", f"{ENTERPRISE}:department"),
        (f"{{scim: '{ENTERPRISE}:manager.value', field: t}}", f"{ENTERPRISE}:manager.value"),
        ("{scim: 'urn:ietf:params:scim:schemas:core:2.0:User:title', field: t}", "title"),
    ],
)
def test_a_rule_is_called_by_its_attributes_path(text: str, path: str) -> None:
    assert str(rule(text)) == path


@pytest.mark.parametrize(
    ("text", "record", "value"),
    [
        ("{scim: title, field: t}", {"t": "Dr"}, "Dr"),
        ("{scim: title, field: a.b}", {"a": {"b": "Dr"}}, "Dr"),
        ("{scim: title, field: t}", {}, None),
        ("{scim: title, field: t}", {"t": None}, None),
        ("{scim: title, field: t}", {"t": ""}, None),
        ("{scim: title, field: t}", {"t": " "}, " "),
        ("{scim: title, field: t, required: true}", {"t": None}, None),
        ("{scim: active, field: t}", {"t": False}, False),
        (STATUS, {"status": "disabled"}, False),
        (STATUS, {"status": None}, None),
        ("{scim: title, read: {field: a}, write: {field: b}}", {"a": "1", "b": "2"}, "1"),
        ("{scim: title, field: t, mutability: writeOnly}", {"t": "Dr"}, None),
    ],
)
def test_an_attribute_is_read_from_a_record(text: str, record: dict[str, Any], value: Any) -> None:
    assert rule(text).from_record(record) is value or rule(text).from_record(record) == value


@pytest.mark.parametrize(
    ("text", "record", "detail"),
    [
        ("{scim: title, field: t, required: true}", {}, "The upstream sent a record without the field 't'."),
        (
            "{scim: title, field: t}",
            {"t": 7},
            "The upstream's field 't' does not hold what title needs: string. Correct the mapping.",
        ),
        (
            "{scim: active, field: t}",
            {"t": 1},
            "The upstream's field 't' does not hold what active needs: boolean. Correct the mapping.",
        ),
        (
            WORK,
            {"mail": ["a@b.c"]},
            (
                "The upstream's field 'mail' does not hold what emails[type eq \"work\"].value needs: string. "
                "Correct the mapping."
            ),
        ),
        (
            STATUS,
            {"status": "locked"},
            "The upstream's field 'status' holds a value that the mapping's table does not have.",
        ),
    ],
)
def test_a_record_that_cannot_be_believed_is_a_bad_reply(text: str, record: dict[str, Any], detail: str) -> None:
    with pytest.raises(BadReply) as error:
        rule(text).from_record(record)
    assert error.value.detail == detail


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("{scim: title, field: t}", "Dr", "Dr"),
        ("{scim: title, field: t}", None, None),
        ("{scim: title, field: t, clear: empty}", None, ""),
        (STATUS, True, "enabled"),
        (STATUS, None, None),
        ("{scim: title, read: {field: t, values: [[A, a]]}, write: {field: u, values: [[A, b]]}}", "A", "b"),
    ],
)
def test_a_field_is_written_for_an_attribute(text: str, value: Any, written: Any) -> None:
    made, record = rule(text), dict[str, Any]()
    assert made.write is not None
    made.write_into(record, value, {})
    assert record == {made.write.field: written}


PLACES: list[tuple[str, dict[str, Any]]] = [
    ("{scim: title, field: t}", {"title": "x"}),
    ("{scim: name.givenName, field: t}", {"name": {"givenName": "x"}}),
    (WORK, {"emails": [{"type": "work", "value": "x"}]}),
    ("{scim: 'emails[primary eq true].value', field: t}", {"emails": [{"primary": True, "value": "x"}]}),
    (f"{{scim: '{ENTERPRISE}:department', field: t}}", {ENTERPRISE: {"department": "x"}}),
    (f"{{scim: '{ENTERPRISE}:manager.value', field: t}}", {ENTERPRISE: {"manager": {"value": "x"}}}),
]


@pytest.mark.parametrize(("text", "resource"), PLACES)
def test_a_value_is_put_where_it_is_found(text: str, resource: dict[str, Any]) -> None:
    made: dict[str, Any] = {}
    rule(text).put(made, "x")
    assert made == resource
    assert rule(text).value(made) == "x"


@pytest.mark.parametrize("text", [text for text, _ in PLACES])
def test_where_there_is_no_value_none_is_found(text: str) -> None:
    assert rule(text).value({}) is None
    assert rule(text).value({"emails": [{"type": "other", "value": "y"}], "name": {}, ENTERPRISE: {}}) is None


def test_a_value_joins_what_is_there() -> None:
    resource: dict[str, Any] = {"emails": [{"type": "home", "value": "h"}, {"type": "Work", "primary": True}]}
    rule(WORK).put(resource, "w")
    assert resource == {"emails": [{"type": "home", "value": "h"}, {"type": "Work", "primary": True, "value": "w"}]}
    rule("{scim: name.givenName, field: t}").put(resource, "Ada")
    rule("{scim: name.familyName, field: t}").put(resource, "Byron")
    assert resource["name"] == {"givenName": "Ada", "familyName": "Byron"}


def test_of_several_elements_of_one_kind_the_last_is_meant() -> None:
    resource = {"emails": [{"type": "work", "value": "a"}, {"type": "work", "value": "b"}]}
    assert rule(WORK).value(resource) == "b"


@pytest.mark.parametrize(("values", "stated"), [([""], None), (["", "a", "a"], ["a"]), ([], None), ([None, ""], None)])
def test_an_empty_text_in_a_list_states_nothing(values: list[str | None], stated: list[str] | None) -> None:
    made = rule("{scim: x509Certificates.value, field: certificates, every: list}")
    assert made.value({"x509Certificates": [{"value": each} for each in values]}) == stated
