from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import BadReply, InvalidValue, Mutability
from adapter.mapping.check import reads_back
from adapter.mapping.convert import changes, completed, is_id, kept, new_record, record_id, resource_of, unwritten
from adapter.mapping.mapping import Mapping
from adapter.mapping.resource import ResourceMapping
from adapter.mapping.route import Route
from adapter.scim.resource import received
from tests.mapping.minimal import SETTINGS, groups, mapping, n_able

N_ABLE = n_able()
USER = N_ABLE.resource
RECORD: dict[str, Any] = {
    "userId": 42,
    "userName": "ada@example.com",
    "firstName": "Ada",
    "lastName": "Byron",
    "fullName": "Ada Byron",
    "isEnabled": True,
    "email": "ada@example.com",
}
RESOURCE: dict[str, Any] = {
    "id": "42",
    "userName": "ada@example.com",
    "name": {"givenName": "Ada", "familyName": "Byron"},
    "displayName": "Ada Byron",
    "active": True,
    "emails": [{"type": "work", "value": "ada@example.com"}],
}
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
RECORDS = st.fixed_dictionaries(
    {
        "userId": st.integers(0, 10**19 - 1),
        "userName": TEXT,
        "firstName": TEXT | st.just("") | st.none(),
        "lastName": TEXT | st.just("") | st.none(),
        "isEnabled": st.booleans(),
    },
    optional={
        "email": TEXT | st.just("") | st.none(),
        "fullName": TEXT | st.none(),
        "roleIds": st.lists(st.integers()),
    },
)
WANTED = st.fixed_dictionaries(
    {
        "userName": TEXT,
        "active": st.booleans(),
        "name": st.fixed_dictionaries({"givenName": TEXT, "familyName": TEXT}),
        "emails": TEXT.map(lambda value: [{"type": "work", "value": value}]),
    }
)


def after(record: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """Return the record as N-able shows it after a write: it reads other names than it writes."""
    shown = dict(record)
    for name, value in written.items():
        if name == "status":
            shown["isEnabled"] = {"enabled": True, "disabled": False}[value]
        else:
            shown["userName" if name == "username" else name] = value
    return shown


@settings(max_examples=150, deadline=None)
def _get_path(user: ResourceMapping, text: str) -> str:
    assert isinstance(user.get, Route)
    return user.get.path(N_ABLE.texts(id=text))


@given(RECORDS)
def test_the_first_law_what_is_read_and_written_back_changes_nothing(record: dict[str, Any]) -> None:
    assert changes(record, resource_of(record, USER), USER) == {}


@settings(max_examples=150, deadline=None)
@given(RECORDS, WANTED)
def test_the_second_law_what_is_written_reads_back(record: dict[str, Any], wanted: dict[str, Any]) -> None:
    written = changes(record, wanted, USER)
    shown = after(record, written)
    resource = resource_of(shown, USER)
    assert {name: resource[name] for name in wanted} == wanted
    assert unwritten(shown, written, wanted, USER) == []
    assert changes(shown, wanted, USER) == {}


@settings(max_examples=100, deadline=None)
@given(WANTED)
def test_the_second_law_holds_for_a_create_too(wanted: dict[str, Any]) -> None:
    written = new_record(completed(wanted, N_ABLE), N_ABLE)
    made = {name: value for name, value in written.items() if name not in ("password", "roleIds", "accessGroupIds")}
    resource = resource_of(after({"userId": 1}, made), USER)
    assert {name: resource[name] for name in wanted} == wanted


@pytest.mark.parametrize("rule", USER.rules, ids=str)
@settings(max_examples=50, deadline=None)
@given(st.booleans(), TEXT)
def test_every_rule_keeps_the_second_law_for_every_value(rule: Any, boolean: bool, text: str) -> None:  # noqa: FBT001
    value = boolean if rule.target.leaf.type == "boolean" else text
    assert reads_back(rule, [value] if rule.every else value)


@settings(max_examples=100, deadline=None)
@given(RECORDS, WANTED)
def test_only_fields_that_the_mapping_names_are_ever_written(record: dict[str, Any], wanted: dict[str, Any]) -> None:
    named = {"username", "status", "firstName", "lastName", "email"}
    assert changes(record, wanted, USER).keys() <= named
    assert new_record(completed(wanted, N_ABLE), N_ABLE).keys() == named | {"password", "roleIds", "accessGroupIds"}


def test_a_record_becomes_a_resource() -> None:
    assert resource_of(RECORD, USER) == RESOURCE


@pytest.mark.parametrize("kind", ["number", "text"])
@pytest.mark.parametrize(
    "text", ["", ".", "..", "../1", "1/2", "%2e%2e", "1;x", "1?x", "1#x", "a b", "1\n", "é", "٣", "\x00"]
)
def test_what_could_lead_to_another_path_is_no_id(kind: str, text: str) -> None:
    id_mapping = USER if kind == "number" else mapping().resource
    assert id_mapping.id_kind == kind
    assert is_id(text, id_mapping) is False


@pytest.mark.parametrize(
    ("text", "number", "as_text"),
    [
        ("0", True, True),
        ("42", True, True),
        ("9" * 19, True, True),
        ("9" * 20, False, True),
        ("042", False, True),
        ("-1", False, True),
        ("+1", False, False),
        ("1.0", False, True),
        ("1e3", False, True),
        ("b3f1-4a.7_c~", False, True),
        ("...", False, True),
        ("a" * 200, False, True),
        ("a" * 201, False, False),
    ],
)
def test_what_is_an_id(text: str, number: bool, as_text: bool) -> None:  # noqa: FBT001
    assert is_id(text, USER) is number
    assert is_id(text, mapping().resource) is as_text


@given(st.text())
def test_an_id_goes_into_a_path_as_it_is(text: str) -> None:
    for id_mapping in (USER, mapping().resource):
        if is_id(text, id_mapping):
            assert _get_path(id_mapping, text).endswith(f"/{text}")


@pytest.mark.parametrize(("value", "found"), [(42, "42"), ("42", "42"), (0, "0")])
def test_an_id_is_a_text_whatever_the_upstream_makes_it(value: Any, found: str) -> None:
    assert record_id({"userId": value}, USER) == found


@pytest.mark.parametrize("value", [None, "", -1, 1.0, True, [42], {"id": 42}, "042", "..", "ada"])
def test_a_record_without_a_usable_id_cannot_be_believed(value: Any) -> None:
    with pytest.raises(BadReply, match=r"^The upstream sent a record without a usable id in its field 'userId'.$"):
        record_id({"userId": value}, USER)
    with pytest.raises(BadReply):
        record_id({}, USER)


DEFAULTS = mapping(
    "{scim: active, field: on, default: true}",
    "{scim: title, field: title, default: {attribute: userName}}",
    "{scim: nickName, field: nick, default: {attribute: displayName}}",
    "{scim: displayName, field: display, required: true}",
)


def test_defaults_are_for_what_the_client_does_not_send() -> None:
    made = completed({"userName": "ada", "displayName": "Ada"}, DEFAULTS)
    assert made == {"userName": "ada", "displayName": "Ada", "active": True, "title": "ada", "nickName": "Ada"}
    given_all = {"userName": "ada", "displayName": "A", "active": False, "title": "Dr", "nickName": "x"}
    assert completed(given_all, DEFAULTS) == given_all


def test_an_empty_text_is_no_value_and_takes_the_default() -> None:
    assert completed({"userName": "ada", "displayName": "A", "title": ""}, DEFAULTS)["title"] == "ada"


@pytest.mark.parametrize("resource", [{"userName": "ada"}, {"userName": "ada", "displayName": ""}])
def test_a_create_without_what_the_upstream_needs_is_refused(resource: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue) as error:
        completed(resource, DEFAULTS)
    assert error.value.detail == "displayName is required by the API; map it in Entra and give it a value."


def test_completing_leaves_what_it_was_given_as_it_was() -> None:
    resource: dict[str, Any] = {"userName": "ada", "name": {"givenName": "Ada", "familyName": "B"}}
    completed(resource, N_ABLE)
    assert resource == {"userName": "ada", "name": {"givenName": "Ada", "familyName": "B"}}


def on_create(entry: str) -> Mapping:
    top = "settings: [{name: org, about: The org}, {name: roles, about: The roles, kind: list}]"
    made = mapping(top=top, resource=f"on_create: [{entry}]")
    turn = iter(range(1_000_000))
    return made.bound({"org": "1", "roles": ["a", "b"]}, lambda text: text[next(turn) * 29 % len(text)])


@pytest.mark.parametrize(
    ("entry", "record"),
    [
        ("{field: a, value: x}", {"a": "x"}),
        ("{field: a.b, value: 7}", {"a": {"b": 7}}),
        ("{field: a, value: null}", {"a": None}),
        ("{field: a, value: [1, {b: c}]}", {"a": [1, {"b": "c"}]}),
        ("{field: a, setting: org}", {"a": "1"}),
        ("{field: a, setting: roles}", {"a": ["a", "b"]}),
    ],
)
def test_a_new_record_has_fields_that_no_attribute_stands_for(entry: str, record: dict[str, Any]) -> None:
    assert new_record({"userName": "ada"}, on_create(entry)) == {"name": "ada", **record}


def test_a_new_record_holds_only_what_has_a_value() -> None:
    loaded = mapping("{scim: title, field: title}", "{scim: nickName, field: nick, mutability: readOnly}")
    assert new_record({"userName": "ada", "title": "", "nickName": "x"}, loaded) == {"name": "ada"}


@pytest.mark.parametrize("length", [12, 24, 128])
def test_a_password_has_its_length_and_every_class_of_character(length: int) -> None:
    loaded = on_create(f"{{field: password, password: {{length: {length}}}}}")
    made = [new_record({"userName": "ada"}, loaded)["password"] for _ in range(50)]
    assert len(set(made)) == 50
    for password in made:
        assert len(password) == length
        assert any(each.islower() for each in password)
        assert any(each.isupper() for each in password)
        assert any(each.isdigit() for each in password)
        assert not password.isalnum()
        assert password.isascii()
        assert set(password).isdisjoint("lIO01o")


def test_a_password_that_lacks_a_class_is_not_taken() -> None:
    turn = iter([*[0] * 24, *range(0, 29_000, 29)])
    bound = N_ABLE.bound(SETTINGS, lambda text: text[next(turn) % len(text)])
    assert new_record(completed(RESOURCE, bound), bound)["password"] != "a" * 24


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        ({}, {}),
        ({"active": False}, {"status": "disabled"}),
        ({"userName": "ADA@example.com"}, {"username": "ADA@example.com"}),
        ({"userName": "b", "name": {"givenName": "B", "familyName": "C"}},
         {"username": "b", "firstName": "B", "lastName": "C"}),
        ({"displayName": "another"}, {}),
        ({"title": "no rule"}, {}),
        ({"emails": [{"type": "home", "value": "h"}, {"type": "Work", "value": "w"}]}, {"email": "w"}),
        ({"emails": [{"type": "work", "value": "ada@example.com", "primary": True}]}, {}),
    ],
)  # fmt: skip
def test_only_what_differs_is_written(wanted: dict[str, Any], fields: dict[str, Any]) -> None:
    assert changes(RECORD, RESOURCE | wanted, USER) == fields


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        ({"emails": []}, 'emails[type eq "work"].value'),
        ({"emails": [{"type": "home", "value": "h"}]}, 'emails[type eq "work"].value'),
        ({"emails": [{"type": "work", "value": ""}]}, 'emails[type eq "work"].value'),
        ({"userName": ""}, "userName"),
        ({"name": {"givenName": "Ada"}}, "name.familyName"),
    ],
)
def test_what_the_upstream_needs_cannot_be_removed(wanted: dict[str, Any], refused: str) -> None:
    with pytest.raises(Mutability) as error:
        changes(RECORD, RESOURCE | wanted, USER)
    assert error.value.detail == f"{refused} cannot be removed: the upstream needs it."


def test_what_is_absent_need_not_be_removed() -> None:
    assert changes(RECORD | {"email": None}, {k: v for k, v in RESOURCE.items() if k != "emails"}, USER) == {}


@pytest.mark.parametrize(("clear", "written"), [("null", None), ('"null"', None), ("empty", "")])
def test_a_removed_attribute_is_cleared_upstream(clear: str, written: Any) -> None:
    user = mapping(f"{{scim: title, field: job.title, clear: {clear}}}").resource
    record = {"id": "1", "name": "ada", "job": {"title": "Dr", "since": 2001}}
    assert changes(record, {"userName": "ada"}, user) == {"job": {"title": written}}
    assert changes(record | {"job": {"title": written}}, {"userName": "ada"}, user) == {}


def test_an_immutable_attribute_is_set_once() -> None:
    user = mapping("{scim: title, field: title, mutability: immutable}").resource
    assert changes({"id": "1", "name": "ada"}, {"userName": "ada", "title": "Dr"}, user) == {"title": "Dr"}
    for wanted in ({"userName": "ada", "title": "Mr"}, {"userName": "ada"}):
        with pytest.raises(Mutability, match=r"^title can be set at creation only.$"):
            changes({"id": "1", "name": "ada", "title": "Dr"}, wanted, user)


def test_what_cannot_be_read_is_written_whenever_it_is_sent() -> None:
    user = mapping("{scim: password, field: secret, mutability: writeOnly}").resource
    record = {"id": "1", "name": "ada", "secret": "hidden"}
    assert changes(record, {"userName": "ada", "password": "new"}, user) == {"secret": "new"}
    assert changes(record, {"userName": "ada"}, user) == {}
    assert "password" not in resource_of(record, user)


def test_a_put_keeps_what_it_leaves_out_and_the_upstream_cannot_clear() -> None:
    sent = received({"userName": "b", "active": True, "name": {"givenName": "B", "familyName": "C"}}, USER.type)
    before = dict(sent)
    wanted = kept(RECORD, sent, USER)
    assert wanted["emails"] == [{"type": "work", "value": "ada@example.com"}]
    assert sent == before
    assert "emails" not in kept(RECORD | {"email": None}, sent, USER)


def test_a_put_removes_what_it_leaves_out_and_the_upstream_can_clear() -> None:
    user = mapping("{scim: title, field: title}").resource
    wanted = kept({"id": "1", "name": "ada", "title": "Dr"}, {"userName": "ada"}, user)
    assert wanted == {"userName": "ada"}


def test_a_put_without_what_is_required_is_refused() -> None:
    with pytest.raises(InvalidValue) as error:
        kept(RECORD, {"userName": "ada", "active": True, "name": {"givenName": "Ada"}}, USER)
    assert error.value.detail == "name.familyName is required; send it with the PUT."


def test_a_put_keeps_an_element_beside_those_it_sends() -> None:
    sent: dict[str, Any] = {key: RESOURCE[key] for key in ("userName", "active", "name")}
    sent["emails"] = [{"type": "home", "value": "h"}]
    assert kept(RECORD, sent, USER)["emails"] == [
        {"type": "home", "value": "h"},
        {"type": "work", "value": "ada@example.com"},
    ]
    assert sent["emails"] == [{"type": "home", "value": "h"}]


@pytest.mark.parametrize(
    ("shown", "sent", "wanted", "differing"),
    [
        ({}, {}, {}, []),
        ({"isEnabled": True}, {"status": "disabled"}, {"active": False}, ["active"]),
        ({"isEnabled": False}, {"status": "disabled"}, {"active": False}, []),
        ({"userName": "ADA"}, {"username": "ada"}, {"userName": "ada"}, []),
        ({"userName": "ad\u0061\u0308"}, {"username": "ad\u00e4"}, {"userName": "ad\u00e4"}, []),
        ({"userName": "other", "email": None}, {"username": "ada", "email": "e"},
         {"userName": "ada", "emails": [{"type": "work", "value": "e"}]},
         ["userName", 'emails[type eq "work"].value']),
        ({"firstName": "other"}, {}, {"name": {"givenName": "Ada", "familyName": "Byron"}}, []),
        ({"lastName": ""}, {"lastName": ""}, {"name": {"givenName": "Ada"}}, []),
    ],
)  # fmt: skip
def test_what_was_sent_and_is_not_shown_was_not_written(
    shown: dict[str, Any], sent: dict[str, Any], wanted: dict[str, Any], differing: list[str]
) -> None:
    assert unwritten(RECORD | shown, sent, RESOURCE | wanted, USER) == differing


def test_what_cannot_be_read_back_is_not_judged() -> None:
    user = mapping("{scim: password, field: secret, mutability: writeOnly}").resource
    record = {"id": "1", "name": "ada"}
    assert unwritten(record, {"secret": "new"}, {"userName": "ada", "password": "new"}, user) == []


def test_what_is_kept_here_is_neither_read_from_a_record_nor_written_into_one() -> None:
    made = mapping("{scim: externalId, keep: here}", "{scim: roles.value, every: list, keep: here}")
    wanted = {"userName": "ada", "externalId": "e", "roles": [{"value": "r"}]}
    record = {"id": "1", "name": "ada", "externalId": "other", "roles": ["r"]}
    assert resource_of(record, made.resource) == {"id": "1", "userName": "ada"}
    assert new_record(completed(wanted, made), made) == {"name": "ada"}
    assert changes(record, wanted, made.resource) == {}
    assert unwritten(record, {"name": "ada"}, wanted, made.resource) == []
    assert kept(record, {"userName": "ada"}, made.resource) == {"userName": "ada"}


PARTS = (
    "{scim: name.givenName, field: full, part: first, lossy: true}",
    "{scim: name.familyName, field: full, part: last, lossy: true}",
)


@pytest.mark.parametrize("full", ["Ada Byron", "Ada  Byron ", " Ada\tByron", "Ada", "", None, "Ada Mary  Byron"])
def test_a_whole_name_is_not_written_for_its_blanks(full: str | None) -> None:
    made = mapping("{scim: title, field: t}", *PARTS).resource
    record = {"id": "1", "name": "ada", "full": full, "t": "old"}
    resource = resource_of(record, made)
    assert changes(record, resource, made) == {}
    assert changes(record, resource | {"title": "new"}, made) == {"t": "new"}


def test_a_whole_name_is_written_when_a_part_of_it_differs() -> None:
    made = mapping(*PARTS).resource
    record = {"id": "1", "name": "ada", "full": "Ada  Byron"}
    for name, written in (
        ({"givenName": "Ada", "familyName": "King"}, "Ada King"),
        ({"givenName": "Ada"}, "Ada"),
        ({}, None),
    ):
        assert changes(record, {"userName": "ada", "name": name}, made) == {"full": written or ""}


def test_members_that_a_put_does_not_name_stay_and_an_empty_list_clears_them() -> None:
    made = groups("{scim: members.value, field: users, every: list}").resource
    record = {"id": "1", "name": "Red", "users": ["u1"]}
    silent = kept(record, {"displayName": "Red"}, made)
    assert (silent["members"], changes(record, silent, made)) == ([{"value": "u1"}], {})
    emptied = kept(record, {"displayName": "Red", "members": []}, made)
    assert changes(record, emptied, made) == {"users": []}
