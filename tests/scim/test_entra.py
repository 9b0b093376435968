import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import InvalidFilter, InvalidPath, InvalidSyntax, InvalidValue, Mutability, ScimError, TooLarge
from adapter.scim import entra
from adapter.scim.filter import read, read_place
from adapter.scim.limits import USUAL
from adapter.scim.patch import PatchOperation, patched, target_of
from adapter.scim.resource import received
from adapter.scim.schema import Attribute, Resource, ResourceType
from adapter.scim.user import ENTERPRISE_USER, USER
from tests.scim.given import CORE, ENTERPRISE, JSON, NAMES, PATHS, USER_TYPE

DEPARTMENT = f"{ENTERPRISE}:department"
EMPLOYEE_NUMBER = f"{ENTERPRISE}:employeeNumber"
MANAGER = f"{ENTERPRISE}:manager"

Step = tuple[str, str | None, Any]


def _narrow(*names: str, read_only: tuple[str, ...]) -> ResourceType:
    """The part of the User that a small upstream keeps, some of its attributes read-only."""
    chosen = tuple(
        msgspec.structs.replace(each, mutability="readOnly") if each.name in read_only else each
        for each in USER.attributes
        if each.name in names
    )
    manager = tuple(each for each in ENTERPRISE_USER.attributes if each.name == "manager")
    return ResourceType(
        "User",
        "/Users",
        msgspec.structs.replace(USER, attributes=chosen),
        (msgspec.structs.replace(ENTERPRISE_USER, attributes=manager),),
    )


NARROW = _narrow("userName", "active", "name", "displayName", "emails", read_only=("displayName", "name"))


def _attribute(name: str) -> Attribute:
    found = USER.attribute(name) or ENTERPRISE_USER.attribute(name)
    assert found is not None
    return found


def _operation(op: str, path: str | None, value: Any = None) -> PatchOperation:
    return PatchOperation(entra.operation_name(op), read_place(path) if path else None, value)


def _steps(operations: list[PatchOperation]) -> list[Step]:
    return [(each.op, str(each.place) if each.place else None, each.value) for each in operations]


# Operation names.


@pytest.mark.parametrize(
    ("text", "op"),
    [
        *(("Add", "add"), ("Replace", "replace"), ("Remove", "remove")),
        *(("add", "add"), ("replace", "replace"), ("remove", "remove"), ("REPLACE", "replace")),
    ],
)
def test_an_operation_name_is_known_in_any_case(text: str, op: str) -> None:
    assert entra.operation_name(text) == op


@pytest.mark.parametrize(
    "text", ["", "replace ", "update", "test", "move", "delete", None, 5, True, [], {}, ["add"]], ids=repr
)
def test_what_is_no_operation_name_is_refused(text: Any) -> None:
    with pytest.raises(InvalidSyntax, match=r"^An operation's op must be add, replace or remove\.$"):
        entra.operation_name(text)


# One shape after the other as Entra sends it: the operations of a request, and what they are lowered to.

LOWERED: list[tuple[str, list[dict[str, Any]], list[Step]]] = [
    (
        "capitals and texts for booleans, without the flag",
        [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Replace", "path": "displayName", "value": "Pvlo"},
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "updatedEmail@contoso.com"},
            {"op": "Add", "path": 'emails[type eq "work"].primary', "value": "true"},
            {"op": "Replace", "path": "name.familyName", "value": "updatedFamilyName"},
            {"op": "Add", "path": "nickName", "value": "Babs"},
            {"op": "Add", "path": 'addresses[type eq "work"].formatted', "value": "Building 7"},
            {"op": "Replace", "path": EMPLOYEE_NUMBER, "value": "Aklq"},
            {"op": "Add", "path": MANAGER, "value": "2819c223"},
            {"op": "Add", "path": 'roles[primary eq "True"].value', "value": "Admin"},
        ],
        [
            ("replace", "active", False),
            ("replace", "displayName", "Pvlo"),
            ("replace", 'emails[type eq "work"].value', "updatedEmail@contoso.com"),
            ("add", 'emails[type eq "work"].primary', True),
            ("replace", "name.familyName", "updatedFamilyName"),
            ("add", "nickName", "Babs"),
            ("add", 'addresses[type eq "work"].formatted', "Building 7"),
            ("replace", EMPLOYEE_NUMBER, "Aklq"),
            ("add", MANAGER, {"value": "2819c223"}),
            ("add", "roles[primary eq true].value", "Admin"),
        ],
    ),
    (
        "one operation without a path, its keys dotted or with their URN, with ?aadOptscim062020",
        [
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "TestMhvaes@test.microsoft.com"},
            {
                "op": "replace",
                "value": {
                    "displayName": "Bjfe",
                    "name.givenName": "Kkom",
                    "name.familyName": "Unua",
                    "active": False,
                    EMPLOYEE_NUMBER: "Aklq",
                },
            },
        ],
        [
            ("replace", 'emails[type eq "work"].value', "TestMhvaes@test.microsoft.com"),
            ("replace", "displayName", "Bjfe"),
            ("replace", "name.givenName", "Kkom"),
            ("replace", "name.familyName", "Unua"),
            ("replace", "active", False),
            ("replace", EMPLOYEE_NUMBER, "Aklq"),
        ],
    ),
    (
        "keys in any case, a path that is null or empty",
        [
            {"OP": "Replace", "Path": "ACTIVE", "Value": "True"},
            {"op": "add", "path": None, "value": {"title": "x"}},
            {"op": "add", "path": "", "value": {"title": "y"}},
        ],
        [("replace", "ACTIVE", True), ("add", "title", "x"), ("add", "title", "y")],
    ),
    (
        "a manager as a text, an object, a list with one object, and in two ways as nobody",
        [
            {"op": "Add", "path": MANAGER, "value": "9"},
            {"op": "add", "path": MANAGER, "value": {"value": "9"}},
            {"op": "Replace", "path": MANAGER, "value": [{"$ref": "http://x/Users/9", "value": "9"}]},
            {"op": "replace", "path": MANAGER, "value": ""},
            {"op": "replace", "path": MANAGER, "value": {"value": ""}},
            {"op": "Remove", "path": MANAGER},
            {"op": "Remove", "path": MANAGER, "value": ["9", "17"]},
        ],
        [
            ("add", MANAGER, {"value": "9"}),
            ("add", MANAGER, {"value": "9"}),
            ("replace", MANAGER, {"$ref": "http://x/Users/9", "value": "9"}),
            ("replace", MANAGER, None),
            ("replace", MANAGER, None),
            ("remove", MANAGER, None),
            ("remove", MANAGER, None),
        ],
    ),
    (
        "a list around the value of a single-valued attribute, from an older library",
        [
            {"op": "Replace", "path": "userName", "value": [{"$ref": None, "value": "ada"}]},
            {"op": "Replace", "path": "active", "value": [{"value": "False"}]},
            {"op": "Replace", "path": "title", "value": []},
        ],
        [("replace", "userName", "ada"), ("replace", "active", False), ("replace", "title", None)],
    ),
    (
        "roles: JSON in a text, texts for booleans, one object instead of a list",
        [
            {"op": "Add", "path": "roles", "value": [{"value": '{"id":"06b0","value":"25","displayName":"Role1234"}'}]},
            {
                "op": "replace",
                "path": "roles",
                "value": {"primary": "False", "value": "b", "displayName": "unheard of"},
            },
            {"op": "add", "path": "roles", "value": "c"},
        ],
        [
            ("add", "roles", [{"value": '{"id":"06b0","value":"25","displayName":"Role1234"}'}]),
            ("replace", "roles", [{"primary": False, "value": "b", "displayName": "unheard of"}]),
            ("add", "roles", [{"value": "c"}]),
        ],
    ),
    (
        "values to remove, listed",
        [{"op": "Remove", "path": "emails", "value": [{"$ref": None, "value": "f648f8d5ea4e4cd38e9c"}]}],
        [("remove", "emails", [{"$ref": None, "value": "f648f8d5ea4e4cd38e9c"}])],
    ),
    (
        "the whole of an extension, by its path and without one",
        [
            {"op": "add", "path": ENTERPRISE, "value": {"manager": "9", "department": "B", "costCentre": "unheard of"}},
            {"op": "replace", "value": {ENTERPRISE.lower(): {"manager.value": "9"}, "active": "true"}},
            {"op": "remove", "path": ENTERPRISE},
        ],
        [
            ("add", MANAGER, {"value": "9"}),
            ("add", DEPARTMENT, "B"),
            ("replace", f"{MANAGER}.value", "9"),
            ("replace", "active", True),
            ("remove", ENTERPRISE, None),
        ],
    ),
    (
        "what is said about a resource and not by it",
        [{"op": "add", "value": {"schemas": [CORE], "id": "7", "META": {"resourceType": "User"}, "title": "x"}}],
        [("add", "title", "x")],
    ),
]


@pytest.mark.parametrize(("_shape", "raw", "steps"), LOWERED, ids=[shape for shape, _, _ in LOWERED])
def test_operations_are_lowered_to_the_rfc(_shape: str, raw: list[dict[str, Any]], steps: list[Step]) -> None:
    assert _steps(entra.lowered_operations(raw, USER_TYPE)[0]) == steps


@pytest.mark.parametrize("raw", [raw for _, raw, _ in LOWERED], ids=[shape for shape, _, _ in LOWERED])
def test_lowering_leaves_the_request_as_it_came(raw: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(raw)
    entra.lowered_operations(raw, USER_TYPE)
    assert raw == before


A_LIST = "A PATCH needs a list named Operations with at least one operation."
REFUSED: list[tuple[Any, type[ScimError], str]] = [
    (None, InvalidSyntax, A_LIST),
    ([], InvalidSyntax, A_LIST),
    ({}, InvalidSyntax, A_LIST),
    ("x", InvalidSyntax, A_LIST),
    ({"op": "add", "path": "title", "value": "x"}, InvalidSyntax, A_LIST),
    ([None], InvalidSyntax, "Each of the Operations must be an object."),
    ([[]], InvalidSyntax, "Each of the Operations must be an object."),
    ([{}], InvalidSyntax, "An operation's op must be add, replace or remove."),
    ([{"op": "add", "path": 5}], InvalidPath, "An operation's path must be a string."),
    ([{"op": "add", "path": ["a"]}], InvalidPath, "An operation's path must be a string."),
    ([{"op": "add", "path": "a b"}], InvalidPath, "The path cannot be read at character 3: expected the end."),
    ([{"op": "add"}], InvalidValue, "An operation without a path needs an object as its value."),
    ([{"op": "add", "value": [{"a": 1}]}], InvalidValue, "An operation without a path needs an object as its value."),
    (
        [{"op": "add", "value": {"a b": 1}}],
        InvalidPath,
        "The path cannot be read at character 3: expected the end.",
    ),
    (
        [{"op": "add", "path": "userName", "value": ["a", "b"]}],
        InvalidValue,
        "userName has one value; a list of 2 was sent.",
    ),
    (
        [{"op": "remove", "path": "id"}],
        Mutability,
        "'id' is read-only here; remove it from the client's attribute mapping.",
    ),
    (
        [{"op": "add", "path": "title", "value": "x"}] * 1001,
        TooLarge,
        "A PATCH may hold 1000 operations (ADAPTER_MOST_OPERATIONS), this one holds 1001; send them in several.",
    ),
]


@pytest.mark.parametrize(("raw", "error", "detail"), REFUSED, ids=range(len(REFUSED)))
def test_operations_that_cannot_be_lowered_are_refused(raw: Any, error: type[ScimError], detail: str) -> None:
    with pytest.raises(ScimError) as refused:
        entra.lowered_operations(raw, USER_TYPE)
    assert (type(refused.value), refused.value.detail) == (error, detail)


def test_as_many_operations_as_are_allowed_are_lowered() -> None:
    raw = [{"op": "add", "path": "title", "value": "x"}] * USUAL.operations
    assert len(entra.lowered_operations(raw, USER_TYPE)[0]) == USUAL.operations


@pytest.mark.parametrize("is_pathless", [True, False])
def test_the_paths_of_a_patch_have_a_bound_between_them(is_pathless: bool) -> None:  # noqa: FBT001 (both ways to name)
    def lowered(length: int) -> list[PatchOperation]:
        paths = [f'emails[value eq "{number:0{length}}"].value' for number in range(100)]
        raw = [{"op": "add", "path": each, "value": "x"} for each in paths]
        whole = [{"op": "add", "value": dict.fromkeys(paths, "x")}]
        return entra.lowered_operations(whole if is_pathless else raw, USER_TYPE)[0]

    assert len(lowered(1_200)) == 100
    with pytest.raises(TooLarge, match="131072 characters between them"):
        lowered(1_300)


# The functions, one by one.


@pytest.mark.parametrize(
    ("operation", "steps"),
    [
        (
            _operation("replace", None, {"name.givenName": "A", DEPARTMENT: "B", 'emails[type eq "work"].value': "c"}),
            [
                ("replace", "name.givenName", "A"),
                ("replace", DEPARTMENT, "B"),
                ("replace", 'emails[type eq "work"].value', "c"),
            ],
        ),
        (_operation("add", None, {"name": {"givenName": "A"}}), [("add", "name", {"givenName": "A"})]),
        (_operation("add", None, {"Schemas": [], "ID": "1", "meta": {}}), []),
        (_operation("add", None, {}), []),
        (_operation("add", "name", {"givenName": "A"}), [("add", "name", {"givenName": "A"})]),
        # A removal of everything is refused further in, as RFC 7644 section 3.5.2.2 has it.
        (_operation("remove", None), [("remove", None, None)]),
    ],
)
def test_an_operation_without_a_path_becomes_one_for_each_key(operation: PatchOperation, steps: list[Step]) -> None:
    assert _steps(entra.pathless_split(operation)) == steps


@pytest.mark.parametrize(
    ("operation", "steps"),
    [
        (
            _operation("add", ENTERPRISE.upper(), {"manager": "9", "DEPARTMENT": "B"}),
            [("add", MANAGER, "9"), ("add", f"{ENTERPRISE}:DEPARTMENT", "B")],
        ),
        (_operation("replace", ENTERPRISE, {}), []),
        (_operation("replace", ENTERPRISE), [("replace", ENTERPRISE, None)]),
        (_operation("replace", ENTERPRISE, "x"), [("replace", ENTERPRISE, "x")]),
        (_operation("remove", ENTERPRISE), [("remove", ENTERPRISE, None)]),
        (_operation("add", "name", {"givenName": "A"}), [("add", "name", {"givenName": "A"})]),
        (_operation("add", None, {ENTERPRISE: {}}), [("add", None, {ENTERPRISE: {}})]),
    ],
)
def test_the_whole_of_an_extension_becomes_an_operation_for_each_attribute(
    operation: PatchOperation, steps: list[Step]
) -> None:
    assert _steps(entra.extension_split(operation, USER_TYPE)) == steps


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        *((None, True), ("active", True), ("NAME.givenName", True), (MANAGER, True), (ENTERPRISE, True)),
        *(('emails[type eq "work"].value', True), ("displayName", True), ("id", True)),
        *(
            ("title", False),
            (DEPARTMENT, False),
            ("name.unheardOf", False),
            ('addresses[type eq "work"].region', False),
        ),
        *(("schemas", False), ("urn:x:y", False), ("emails[value pr].unheardOf", False)),
    ],
)
def test_an_attribute_that_the_mapping_does_not_name_is_left_out(path: str | None, kept: bool) -> None:  # noqa: FBT001 (a verdict)
    operation = _operation("add", path, "x")
    assert entra.unmapped_dropped([operation], NARROW) == ([operation] if kept else [])


def test_a_leaver_is_disabled_although_the_rest_of_the_patch_is_not_kept_here() -> None:
    raw = [
        {"op": "Replace", "path": "title", "value": "x"},
        {"op": "Replace", "path": "displayName", "value": "x"},
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "value": {ENTERPRISE: {"costCenter": "7", "manager": {"displayName": "x"}}}},
    ]
    assert _steps(entra.lowered_operations(raw, NARROW)[0])[0] == ("replace", "active", False)
    after = patched(
        {"id": "1", "active": True}, entra.lowered_operations(raw, NARROW)[0], NARROW, entra.lowered_missing
    )
    assert after == {"id": "1", "active": False}


def test_a_patch_of_nothing_that_is_kept_does_nothing() -> None:
    assert entra.lowered_operations([{"op": "Replace", "path": "title", "value": "x"}], NARROW)[0] == []


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ({"op": "Replace", "path": "title", "value": "x"}, ["title"]),
        (
            {"op": "Replace", "value": {"nickName": "x", "name.middleName": "y", "active": "True"}},
            ["nickName", "name.middleName"],
        ),
        ({"op": "Add", "path": DEPARTMENT, "value": "x"}, [DEPARTMENT]),
        ({"op": "Add", "path": ENTERPRISE, "value": {"costCenter": "x"}}, [f"{ENTERPRISE}:costCenter"]),
        ({"op": "Add", "path": 'addresses[type eq "work"].region', "value": "x"}, ["addresses.region"]),
        ({"op": "Add", "path": 'emails[unheardOf eq "x"].value', "value": "x"}, ["emails.unheardOf"]),
        ({"op": "Add", "path": "emails", "value": [{"value": "x", "more": 1}, {"more": 2}]}, ["emails.more"]),
        ({"op": "Add", "path": MANAGER, "value": {"value": "x", "more": 1}}, [f"{MANAGER}.more"]),
        # What is said about a resource is no attribute that somebody wanted kept.
        ({"op": "Add", "value": {"schemas": [CORE], "id": "1", "meta": {}, "active": True}}, []),
        ({"op": "Replace", "path": "active", "value": "True"}, []),
    ],
)
def test_what_is_left_out_of_a_patch_is_told(raw: dict[str, Any], names: list[str]) -> None:
    assert entra.lowered_operations([raw], NARROW)[1] == names


def test_a_read_only_attribute_that_is_left_out_is_told() -> None:
    raw = [
        {"op": "Replace", "path": "displayName", "value": "x"},
        {"op": "Add", "path": f"{MANAGER}.displayName", "value": "x"},
        {"op": "Replace", "path": "active", "value": "False"},
    ]
    assert entra.lowered_operations(raw, NARROW)[1] == ["displayName", f"{MANAGER}.displayName"]


def test_a_read_only_attribute_beside_others_is_left_out() -> None:
    operations = [_operation("replace", "displayName", "x"), _operation("replace", "active", "x")]
    assert entra.read_only_dropped(operations, NARROW) == operations[1:]


@pytest.mark.parametrize(
    "path", ["displayName", "DISPLAYNAME", "id", "meta.location", "name.givenName", f"{MANAGER}.displayName"]
)
def test_a_read_only_attribute_alone_is_refused(path: str) -> None:
    operation = _operation("replace", path, "x")
    with pytest.raises(Mutability, match=r"is read-only here; remove it from the client's attribute mapping\.$"):
        entra.read_only_dropped([operation, operation], NARROW)


def test_no_operations_are_no_refusal() -> None:
    assert entra.read_only_dropped([], NARROW) == []


ADA: Resource = {"id": "1", "emails": [{"type": "work", "value": "a"}], ENTERPRISE: {"manager": {"value": "9"}}}
MADE: list[tuple[Step, Step]] = [
    # No such element: it is made, whatever the operation.
    (("replace", 'emails[type eq "home"].value', "h"), ("add", "emails", [{"type": "home", "value": "h"}])),
    (("add", 'emails[type eq "home"].value', "h"), ("add", "emails", [{"type": "home", "value": "h"}])),
    (("replace", 'EMAILS[TYPE eq "home"].VALUE', "h"), ("add", "EMAILS", [{"type": "home", "value": "h"}])),
    (("replace", 'emails[type eq "home"]', {"VALUE": "h"}), ("add", "emails", [{"type": "home", "value": "h"}])),
    (("add", 'emails[type eq "home"]', [{"value": "h"}]), ("add", "emails", [{"type": "home", "value": "h"}])),
    (("add", "roles[primary eq true].value", "x"), ("add", "roles", [{"primary": True, "value": "x"}])),
    (("add", 'phoneNumbers[type eq "mobile"].value', "1"), ("add", "phoneNumbers", [{"type": "mobile", "value": "1"}])),
]
NOT_MADE: list[Step] = [
    ("replace", 'emails[type eq "home"].value', None),
    ("replace", 'emails[type ne "work"].value', "h"),
    ("replace", 'emails[type eq "home" and primary eq true].value', "h"),
    ("replace", "emails[display pr].value", "h"),
    ("replace", 'emails[unheardOf eq "x"].value', "h"),
    ("replace", "emails.value", "h"),
]


def _made(operation: PatchOperation) -> PatchOperation:
    assert operation.place is not None
    target = target_of(operation.place, USER_TYPE)
    assert target is not None
    return entra.element_made(operation, target)


@pytest.mark.parametrize(("given_step", "made"), MADE)
def test_an_element_that_is_not_there_is_made(given_step: Step, made: Step) -> None:
    assert _steps([_made(_operation(*given_step))]) == [made]


@pytest.mark.parametrize("step", NOT_MADE)
def test_no_element_is_made_where_none_is_meant(step: Step) -> None:
    operation = _operation(*step)
    assert _made(operation) is operation


@pytest.mark.parametrize("path", ['emails[type eq "work"].value', 'emails[type eq "WORK"].value'])
def test_an_element_that_is_there_is_changed(path: str) -> None:
    after = patched(ADA, [_operation("add", path, "w")], USER_TYPE, entra.lowered_missing)
    assert after["emails"] == [{"type": "work", "value": "w"}]


def test_an_element_is_not_made_from_a_comparison_that_means_nothing() -> None:
    with pytest.raises(InvalidFilter, match=r"^'type' is compared with a text, not with a number\.$"):
        patched(ADA, [_operation("add", "emails[type eq 5].value", "h")], USER_TYPE, entra.lowered_missing)


def test_the_parts_of_a_new_element_come_to_one_element() -> None:
    raw = [
        {"op": "Add", "path": 'addresses[type eq "work"].streetAddress', "value": "1 Loop"},
        {"op": "Add", "path": 'addresses[type eq "work"].country', "value": "GB"},
        {"op": "Add", "path": 'addresses[type eq "work"].primary', "value": "True"},
    ]
    after = patched({"id": "1"}, entra.lowered_operations(raw, USER_TYPE)[0], USER_TYPE, entra.lowered_missing)
    assert after["addresses"] == [{"type": "work", "streetAddress": "1 Loop", "country": "GB", "primary": True}]


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ('active eq "True"', "active eq true"),
        ('active EQ "false" and userName eq "true"', 'active eq false and userName eq "true"'),
        ('emails[primary eq "True"].value eq "x"', 'emails[primary eq true and value eq "x"]'),
        ('emails.primary ne "False"', "emails.primary ne false"),
        ('not (active eq "TRUE") or roles[type eq "true"]', 'not (active eq true) or roles[type eq "true"]'),
        ('active eq "maybe"', 'active eq "maybe"'),
        ('unheardOf[primary eq "True"]', 'unheardOf[primary eq "True"]'),
        ('userName[primary eq "True"] and active pr', 'userName[primary eq "True"] and active pr'),
        (f'{ENTERPRISE}:manager[value eq "true"]', f'{ENTERPRISE}:manager[value eq "true"]'),
        ("id eq 42 and userName eq 12345", 'id eq "42" and userName eq "12345"'),
        ("emails[type eq 7] and not (title eq -1)", 'emails[type eq "7"] and not (title eq "-1")'),
        ("userName eq 1.50 or active eq 1", "userName eq 1.5 or active eq 1"),
        (
            'department eq "B" or not (Manager.value pr)',
            f'{ENTERPRISE}:department eq "B" or not ({ENTERPRISE}:Manager.value pr)',
        ),
    ],
)
def test_a_filter_is_lowered_to_the_rfc(text: str, lowered: str) -> None:
    assert str(entra.lowered_filter(read(text), USER_TYPE)) == lowered


# Whole bodies of a POST, as Entra sends them, and the resource that they come to.

CREATED: list[tuple[str, dict[str, Any], Resource]] = [
    (
        "the modern form",
        {
            "schemas": [CORE, ENTERPRISE],
            "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
            "userName": "Test_User_ab6490ee@contoso.com",
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": "Test_User_fd0ea19b@contoso.com"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
            "roles": [],
        },
        {
            "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
            "userName": "Test_User_ab6490ee@contoso.com",
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": "Test_User_fd0ea19b@contoso.com"}],
            "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
        },
    ),
    (
        "nulls, enterprise attributes at the top, a schema with a typing error",
        {
            "schemas": [CORE, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
            "userName": "a",
            "addresses": None,
            "phoneNumbers": None,
            "preferredLanguage": None,
            "title": None,
            "department": None,
            "manager": None,
        },
        {"userName": "a"},
    ),
    (
        "texts for booleans, a manager as a text",
        {
            "userName": "a",
            "active": "True",
            "roles": [{"primary": "True", "display": "RAJB", "value": "OGCI", "type": "IJAQ"}],
            "manager": "9",
        },
        {
            "userName": "a",
            "active": True,
            "roles": [{"primary": True, "display": "RAJB", "value": "OGCI", "type": "IJAQ"}],
            ENTERPRISE: {"manager": {"value": "9"}},
        },
    ),
    (
        "a manager as an object, an extension whose URN nobody listed",
        {"userName": "a", ENTERPRISE: {"manager": {"value": "GZFDHGRKQLCG"}, "department": ["B"]}},
        {"userName": "a", ENTERPRISE: {"manager": {"value": "GZFDHGRKQLCG"}, "department": "B"}},
    ),
    ("no mailbox, no name", {"userName": "a", "emails": [], "name": {"givenName": None}}, {"userName": "a"}),
]


@pytest.mark.parametrize(("_shape", "body", "resource"), CREATED, ids=[shape for shape, _, _ in CREATED])
def test_a_body_is_lowered_to_the_rfc(_shape: str, body: dict[str, Any], resource: Resource) -> None:
    before = copy.deepcopy(body)
    assert received(entra.lowered_body(body, USER_TYPE), USER_TYPE) == resource
    assert body == before


# Whatever the JSON, the answer is an operation or a SCIM error, never a 500.

RAW = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["Add", "replace", "REMOVE", "test"]) | JSON,
        "path": st.sampled_from(PATHS) | JSON,
        "value": JSON,
        "Value": JSON,
    },
)
GOOD = st.fixed_dictionaries(
    {"op": st.sampled_from(["Add", "replace", "REMOVE"])},
    optional={
        "path": st.sampled_from(PATHS),
        "value": JSON | st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3),
    },
)
FULL: Resource = {
    "id": "1",
    "userName": "ada",
    "name": {"givenName": "Ada"},
    "emails": [{"type": "work", "value": "a", "primary": True}, {"value": "b"}],
    "groups": [{"value": "g"}],
    ENTERPRISE: {"manager": {"value": "9", "displayName": "Charles"}},
}


@settings(max_examples=500, deadline=None)
@given(JSON | st.lists(RAW, max_size=3) | st.lists(GOOD, min_size=1, max_size=3), st.sampled_from([USER_TYPE, NARROW]))
def test_any_json_as_operations_ends_in_a_resource_or_a_scim_error(raw: Any, resource_type: ResourceType) -> None:
    before = copy.deepcopy((raw, FULL))
    try:
        operations = entra.lowered_operations(raw, resource_type)[0]
        after = patched(FULL, operations, resource_type, entra.lowered_missing)
    except ScimError:
        pass
    else:
        assert (after["id"], after["groups"]) == ("1", [{"value": "g"}])
    assert (raw, FULL) == before


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), JSON, max_size=5))
def test_any_json_object_as_a_body_ends_in_a_resource_or_a_scim_error(body: dict[str, Any]) -> None:
    before = copy.deepcopy(body)
    try:
        resource = received(entra.lowered_body(body, USER_TYPE), USER_TYPE)
    except ScimError:
        pass
    else:
        assert resource.keys().isdisjoint({"id", "meta", "schemas", "groups"})
    assert body == before
