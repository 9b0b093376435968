import copy
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import (
    InvalidFilter,
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
    ScimError,
)
from adapter.scim.entra import lowered_missing, lowered_operations
from adapter.scim.filter import read_place
from adapter.scim.patch import Op, PatchOperation, patched, target_of
from adapter.scim.schema import Resource, ResourceType, Target
from adapter.scim.user import USER
from tests.scim.given import ENTERPRISE, GROUP_TYPE, JSON, NAMES, PATHS, SCALARS, USER_TYPE

WORK = {"type": "work", "value": "ada@work", "primary": True}
HOME = {"type": "home", "value": "ada@home"}
ADA: Resource = {
    "id": "1",
    "userName": "ada",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "active": True,
    "emails": [WORK, HOME],
    "groups": [{"value": "g"}],
    ENTERPRISE: {"department": "Engines", "manager": {"value": "17", "displayName": "Charles"}},
}

Step = tuple[Op, str | None, Any]


def _as_it_is(operation: PatchOperation, _: Target) -> PatchOperation:
    return operation


def _operations(*steps: Step) -> list[PatchOperation]:
    return [PatchOperation(op, read_place(path) if path else None, value) for op, path, value in steps]


def _patched(resource: Resource, *steps: Step) -> Resource:
    """Apply the RFC's operations and nothing of a client's dialect."""
    return patched(resource, _operations(*steps), USER_TYPE, _as_it_is)


def _changed(**attributes: Any) -> Resource:
    """Ada with other attributes; None for one that is gone."""
    return {name: value for name, value in (ADA | attributes).items() if value is not None}


def _extended(**attributes: Any) -> Resource:
    """Ada with other attributes of the extension."""
    both = ADA[ENTERPRISE] | attributes
    return ADA | {ENTERPRISE: {name: value for name, value in both.items() if value is not None}}


CELL = {"type": "cell", "value": "ada@cell"}
PRIMARY = {"type": "cell", "value": "ada@cell", "primary": True}

# RFC 7644 section 3.5.2.1, sentence by sentence.
ADD: list[tuple[str, Step, Resource]] = [
    (
        (
            'If omitted, the target location is assumed to be the resource itself. The "value" parameter contains a set of '
            "attributes to be added to the resource."
        ),
        ("add", None, {"title": "Countess", "emails": [CELL], "name": {"middleName": "King"}}),
        _changed(title="Countess", emails=[WORK, HOME, CELL], name=ADA["name"] | {"middleName": "King"}),
    ),
    (
        "If the target location does not exist, the attribute and value are added.",
        ("add", "name.middleName", "King"),
        _changed(name=ADA["name"] | {"middleName": "King"}),
    ),
    (
        "If the target location does not exist, the attribute and value are added.",
        ("add", f"{ENTERPRISE}:costCenter", "7"),
        _extended(costCenter="7"),
    ),
    (
        (
            'If the target location specifies a complex attribute, a set of sub-attributes SHALL be specified in the "value" '
            "parameter."
        ),
        ("add", "name", {"middleName": "King", "givenName": "Augusta"}),
        _changed(name={"givenName": "Augusta", "familyName": "Lovelace", "middleName": "King"}),
    ),
    (
        "If the target location specifies a multi-valued attribute, a new value is added to the attribute.",
        ("add", "emails", [CELL]),
        _changed(emails=[WORK, HOME, CELL]),
    ),
    (
        "If the target location specifies a multi-valued attribute, a new value is added to the attribute.",
        ("add", "emails", CELL),
        _changed(emails=[WORK, HOME, CELL]),
    ),
    (
        "If the target location specifies a single-valued attribute, the existing value is replaced.",
        ("add", "userName", "augusta"),
        _changed(userName="augusta"),
    ),
    (
        (
            "If the target location specifies an attribute that does not exist (has no value), the attribute is added with the "
            "new value."
        ),
        ("add", "title", "Countess"),
        _changed(title="Countess"),
    ),
    (
        (
            "If the target location specifies an attribute that does not exist (has no value), the attribute is added with the "
            "new value."
        ),
        ("add", "roles", [{"value": "admin"}]),
        _changed(roles=[{"value": "admin"}]),
    ),
    (
        "If the target location exists, the value is replaced.",
        ("add", "name.givenName", "Augusta"),
        _changed(name={"givenName": "Augusta", "familyName": "Lovelace"}),
    ),
    (
        "If the target location exists, the value is replaced.",
        ("add", 'emails[type eq "home"].value', "new@home"),
        _changed(emails=[WORK, HOME | {"value": "new@home"}]),
    ),
    (
        "If the target location already contains the value specified, no changes SHOULD be made to the resource",
        ("add", "emails", [WORK, HOME]),
        ADA,
    ),
    (
        "If the target location already contains the value specified, no changes SHOULD be made to the resource",
        ("add", None, {"userName": "ada", "active": True, "name": {"givenName": "Ada"}}),
        ADA,
    ),
    (
        # Section 3.5.2, of the whole of an extension.
        "the attribute is added with the new value",
        ("add", ENTERPRISE, {"costCenter": "7", "department": "Notes"}),
        _extended(costCenter="7", department="Notes"),
    ),
    (
        "the attribute is added with the new value",
        ("add", None, {ENTERPRISE: {"manager": {"value": "18"}}}),
        _extended(manager={"value": "18", "displayName": "Charles"}),
    ),
]

# RFC 7644 section 3.5.2.2.
REMOVE: list[tuple[str, Step, Resource]] = [
    (
        (
            "If the target location is a single-value attribute, the attribute and its associated value is removed, and the "
            "attribute SHALL be considered unassigned."
        ),
        ("remove", "active", None),
        _changed(active=None),
    ),
    (
        "If the target location is a single-value attribute, the attribute and its associated value is removed",
        ("remove", "name.givenName", None),
        _changed(name={"familyName": "Lovelace"}),
    ),
    (
        "If the target location is a single-value attribute, the attribute and its associated value is removed",
        ("remove", "name", None),
        _changed(name=None),
    ),
    (
        "If the target location is a single-value attribute, the attribute and its associated value is removed",
        ("remove", f"{ENTERPRISE}:manager", None),
        _extended(manager=None),
    ),
    (
        (
            "If the target location is a multi-valued attribute and no filter is specified, the attribute and all values are "
            "removed, and the attribute SHALL be considered unassigned."
        ),
        ("remove", "emails", None),
        _changed(emails=None),
    ),
    (
        (
            'If the target location is a multi-valued attribute and a complex filter is specified comparing a "value", the '
            "values matched by the filter are removed."
        ),
        ("remove", 'emails[value eq "ADA@home"]', None),
        _changed(emails=[WORK]),
    ),
    (
        (
            "If no other values remain after removal of the selected values, the multi-valued attribute SHALL be considered "
            "unassigned."
        ),
        ("remove", 'emails[value sw "ada"]', None),
        _changed(emails=None),
    ),
    (
        (
            "If the target location is a complex multi-valued attribute and a complex filter is specified based on the "
            "attribute's sub-attributes, the matching records are removed."
        ),
        ("remove", 'emails[type eq "work" and primary eq true]', None),
        _changed(emails=[HOME]),
    ),
    (
        "Sub-attributes whose values have been removed SHALL be considered unassigned.",
        ("remove", "emails[primary eq true].primary", None),
        _changed(emails=[{"type": "work", "value": "ada@work"}, HOME]),
    ),
    (
        "If the complex multi-valued attribute has no remaining records, the attribute SHALL be considered unassigned.",
        ("remove", "emails[type pr]", None),
        _changed(emails=None),
    ),
    ("the attribute SHALL be considered unassigned", ("remove", ENTERPRISE, None), _changed(**{ENTERPRISE: None})),
    # The RFC has no word for what is not there; nothing is removed, and nothing is wrong.
    ("", ("remove", "title", None), ADA),
    ("", ("remove", "name.middleName", None), ADA),
    ("", ("remove", "roles", None), ADA),
    ("", ("remove", 'emails[type eq "cell"]', None), ADA),
    ("", ("remove", f"{ENTERPRISE}:costCenter", None), ADA),
    # Listed values mean those and no others. Taken as "all of them" this is how clients have emptied groups.
    ("", ("remove", "emails", [{"value": "ada@home"}]), _changed(emails=[WORK])),
    ("", ("remove", "emails", {"value": "ada@work", "$ref": None}), _changed(emails=[HOME])),
    ("", ("remove", "emails", [{"value": "ada@home", "type": "work"}]), _changed(emails=[WORK])),
    ("", ("remove", "emails", [{"type": "home", "value": "ada@home"}, WORK]), _changed(emails=None)),
    ("", ("remove", "emails", [{"value": "nobody"}]), ADA),
    ("", ("remove", "emails", []), ADA),
    ("", ("remove", "emails", [{}]), ADA),
    ("", ("remove", "emails", [{"unheardOf": "x"}]), ADA),
]

# RFC 7644 section 3.5.2.3.
REPLACE: list[tuple[str, Step, Resource]] = [
    (
        (
            'If the "path" parameter is omitted, the target is assumed to be the resource itself. In this case, the "value" '
            "attribute SHALL contain a list of one or more attributes that are to be replaced."
        ),
        ("replace", None, {"userName": "augusta", "EMAILS": [CELL], "name": {"givenName": "Augusta"}}),
        _changed(userName="augusta", emails=[CELL], name={"givenName": "Augusta", "familyName": "Lovelace"}),
    ),
    (
        "If the target location is a single-value attribute, the attributes value is replaced.",
        ("replace", "active", False),
        _changed(active=False),
    ),
    (
        "If the target location is a single-value attribute, the attributes value is replaced.",
        ("replace", f"{ENTERPRISE.upper()}:DEPARTMENT", "Notes"),
        _extended(department="Notes"),
    ),
    (
        (
            "If the target location is a multi-valued attribute and no filter is specified, the attribute and all values are "
            "replaced."
        ),
        ("replace", "emails", [CELL]),
        _changed(emails=[CELL]),
    ),
    (
        (
            "If the target location is a multi-valued attribute and no filter is specified, the attribute and all values are "
            "replaced."
        ),
        ("replace", "emails", []),
        _changed(emails=None),
    ),
    (
        (
            "If the target location path specifies an attribute that does not exist, the service provider SHALL treat the "
            'operation as an "add".'
        ),
        ("replace", "title", "Countess"),
        _changed(title="Countess"),
    ),
    (
        'treat the operation as an "add"',
        ("replace", "name.middleName", "King"),
        _changed(name=ADA["name"] | {"middleName": "King"}),
    ),
    ('treat the operation as an "add"', ("replace", "roles", {"value": "admin"}), _changed(roles=[{"value": "admin"}])),
    (
        (
            'If the target location specifies a complex attribute, a set of sub-attributes SHALL be specified in the "value" '
            "parameter, which replaces any existing values or adds where an attribute did not previously exist."
        ),
        ("replace", "name", {"givenName": "Augusta", "middleName": "King", "familyName": "Byron"}),
        _changed(name={"givenName": "Augusta", "middleName": "King", "familyName": "Byron"}),
    ),
    (
        'Sub-attributes that are not specified in the "value" parameter are left unchanged.',
        ("replace", "name", {"familyName": "Byron"}),
        _changed(name={"givenName": "Ada", "familyName": "Byron"}),
    ),
    # So an object that names nothing of ours changes nothing; it once cleared the whole name.
    ("are left unchanged", ("replace", "name", {}), ADA),
    ("are left unchanged", ("replace", "name", {"pronunciation": "AY-da"}), ADA),
    ("are left unchanged", ("replace", f"{ENTERPRISE}:manager", {"displayName": "Bob"}), ADA),
    ("are left unchanged", ("replace", ENTERPRISE, {"costCenter": "7"}), _extended(costCenter="7")),
    (
        (
            'If the target location is a multi-valued attribute and a value selection ("valuePath") filter is specified that '
            "matches one or more values of the multi-valued attribute, then all matching record values SHALL be replaced."
        ),
        ("replace", 'emails[type eq "home"]', CELL),
        _changed(emails=[WORK, CELL]),
    ),
    (
        "all matching record values SHALL be replaced",
        ("replace", "emails[value pr]", [{"value": "one"}]),
        _changed(emails=[{"value": "one"}, {"value": "one"}]),
    ),
    (
        (
            'If the target location is a complex multi-valued attribute with a value selection filter ("valuePath") and a '
            'specific sub-attribute (e.g., "addresses[type eq "work"].streetAddress"), the matching sub-attribute of all '
            "matching records is replaced."
        ),
        ("replace", 'emails[type eq "work"].value', "new@work"),
        _changed(emails=[WORK | {"value": "new@work"}, HOME]),
    ),
    (
        "the matching sub-attribute of all matching records is replaced",
        ("replace", "emails[value pr].display", "Ada"),
        _changed(emails=[WORK | {"display": "Ada"}, HOME | {"display": "Ada"}]),
    ),
    (
        "the matching sub-attribute of all matching records is replaced",
        ("replace", "emails.display", "Ada"),
        _changed(emails=[WORK | {"display": "Ada"}, HOME | {"display": "Ada"}]),
    ),
    # RFC 7643 section 2.5: "Assigning an attribute with the value "null" or an empty array [...] has the effect of
    # making the attribute "unassigned"."
    ("", ("replace", "active", None), _changed(active=None)),
    ("", ("replace", "name.givenName", None), _changed(name={"familyName": "Lovelace"})),
    ("", ("replace", "name", {"GIVENNAME": None}), _changed(name={"familyName": "Lovelace"})),
    ("", ("replace", "name", {"givenName": None, "familyName": None}), _changed(name=None)),
    ("", ("replace", "name", None), _changed(name=None)),
    (
        "",
        ("replace", 'emails[type eq "work"].primary', None),
        _changed(emails=[{"type": "work", "value": "ada@work"}, HOME]),
    ),
    ("", ("replace", 'emails[type eq "home"]', None), _changed(emails=[WORK])),
    ("", ("replace", 'emails[type eq "home"]', []), _changed(emails=[WORK])),
    ("", ("replace", 'emails[type eq "home"]', {}), ADA),
    ("", ("replace", 'emails[type eq "home"]', {"unheardOf": 1}), ADA),
    # One value once (RFC 7643 section 2.4).
    ("", ("replace", "emails", [CELL, CELL]), _changed(emails=[CELL])),
    ("", ("add", "emails", [CELL, CELL]), _changed(emails=[WORK, HOME, CELL])),
    ("", ("replace", None, {"active": None, "emails": []}), _changed(active=None, emails=None)),
    ("", ("replace", ENTERPRISE, None), _changed(**{ENTERPRISE: None})),
    ("", ("replace", f"{ENTERPRISE}:manager", {"displayName": None}), ADA),
]

# RFC 7644 section 3.5.2: "a PATCH operation that sets a value's "primary" sub-attribute to "true" SHALL cause the server
# to automatically set "primary" to "false" for any other values in the array."
OTHER_WORK = WORK | {"primary": False}
PRIMARIES: list[tuple[str, Step, Resource]] = [
    ("", ("add", "emails", [PRIMARY]), _changed(emails=[OTHER_WORK, HOME, PRIMARY])),
    ("", ("add", None, {"emails": [PRIMARY]}), _changed(emails=[OTHER_WORK, HOME, PRIMARY])),
    ("", ("add", 'emails[type eq "home"].primary', True), _changed(emails=[OTHER_WORK, HOME | {"primary": True}])),
    ("", ("replace", 'emails[type eq "home"]', PRIMARY), _changed(emails=[OTHER_WORK, PRIMARY])),
    ("", ("add", 'emails[type eq "home"].primary', False), _changed(emails=[WORK, HOME | {"primary": False}])),
    ("", ("replace", 'emails[type eq "work"].primary', True), ADA),
    ("", ("replace", 'emails[type eq "work"].value', "new"), _changed(emails=[WORK | {"value": "new"}, HOME])),
]

CASES = [*ADD, *REMOVE, *REPLACE, *PRIMARIES]


@pytest.mark.parametrize(("sentence", "step", "wanted"), CASES, ids=[str(step) for _, step, _ in CASES])
def test_an_operation_does_what_the_rfc_says(sentence: str, step: Step, wanted: Resource) -> None:
    assert _patched(ADA, step) == wanted, sentence


REFUSED: list[tuple[str, Step, type[ScimError], str]] = [
    (
        # Section 3.5.2.2.
        'If "path" is unspecified, the operation fails with HTTP status code 400 and a "scimType" error code of "noTarget".',
        ("remove", None, None),
        NoTarget,
        "A remove operation needs a path.",
    ),
    (
        # Section 3.5.2.3.
        (
            'If the target location is a multi-valued attribute for which a value selection filter ("valuePath") has been '
            "supplied and no record match was made, the service provider SHALL indicate failure by returning HTTP status code "
            '400 and a "scimType" error code of "noTarget".'
        ),
        ("replace", 'emails[type eq "cell"].value', "x"),
        NoTarget,
        "No element of emails matches 'emails[type eq \"cell\"].value'.",
    ),
    (
        "",
        ("replace", 'roles[value eq "x"]', {"value": "y"}),
        NoTarget,
        "No element of roles matches 'roles[value eq \"x\"]'.",
    ),
    ("", ("add", "roles.value", "x"), NoTarget, "No element of roles matches 'roles.value'."),
    (
        # Section 3.5.2.
        'A client MUST NOT modify an attribute that has mutability "readOnly" or "immutable".',
        ("replace", "id", "2"),
        Mutability,
        "'id' is read-only here; remove it from the client's attribute mapping.",
    ),
    (
        "",
        ("add", "groups", [{"value": "h"}]),
        Mutability,
        "'groups' is read-only here; remove it from the client's attribute mapping.",
    ),
    (
        "",
        ("remove", "groups", None),
        Mutability,
        "'groups' is read-only here; remove it from the client's attribute mapping.",
    ),
    (
        "",
        ("remove", 'groups[value eq "g"]', None),
        Mutability,
        "'groups' is read-only here; remove it from the client's attribute mapping.",
    ),
    (
        "",
        ("replace", "meta", {}),
        Mutability,
        "'meta' is read-only here; remove it from the client's attribute mapping.",
    ),
    (
        "",
        ("add", f"{ENTERPRISE}:manager.displayName", "x"),
        Mutability,
        f"'{ENTERPRISE}:manager.displayName' is read-only here; remove it from the client's attribute mapping.",
    ),
    (
        "",
        ("add", None, {"groups": []}),
        Mutability,
        "'groups' is read-only here; remove it from the client's attribute mapping.",
    ),
    ("", ("replace", "unheardOf", 1), InvalidPath, "'unheardOf' is not an attribute of this User."),
    ("", ("remove", "name.unheardOf", None), InvalidPath, "'name.unheardOf' is not an attribute of this User."),
    ("", ("add", "urn:x:y", 1), InvalidPath, "'urn:x:y' is not an attribute of this User."),
    (
        "",
        ("add", "emails[value pr].unheardOf", 1),
        InvalidPath,
        "'emails[value pr].unheardOf' is not an attribute of this User.",
    ),
    (
        "",
        ("add", ENTERPRISE, {"unheardOf": 1}),
        InvalidPath,
        f"'{ENTERPRISE}:unheardOf' is not an attribute of this User.",
    ),
    # A filter where there is nothing to choose from is not passed over: the client meant a condition.
    (
        "",
        ("replace", 'name[givenName eq "Bob"].familyName', "x"),
        InvalidPath,
        "'name' has no elements to choose from; leave the brackets out of the path.",
    ),
    (
        "",
        ("remove", 'userName[value eq "x"]', None),
        InvalidPath,
        "'userName' has no elements to choose from; leave the brackets out of the path.",
    ),
    (
        "",
        ("replace", 'emails.value[type eq "work"]', "x"),
        InvalidPath,
        "'emails.value' has no elements to choose from; leave the brackets out of the path.",
    ),
    ("", ("remove", "emails[unheardOf pr]", None), InvalidFilter, "'unheardOf' is not a sub-attribute of emails."),
    ("", ("remove", "emails[value eq 5]", None), InvalidFilter, "'value' is compared with a text, not with a number."),
    ("", ("add", None, "x"), InvalidValue, "An operation without a path needs an object as its value."),
    ("", ("replace", None, None), InvalidValue, "An operation without a path needs an object as its value."),
    ("", ("replace", ENTERPRISE, "x"), InvalidValue, f"'{ENTERPRISE}' needs an object as its value."),
    ("", ("replace", "active", "False"), InvalidValue, "active must be a boolean, not a string."),
    ("", ("replace", "userName", ["x"]), InvalidValue, "userName must be a string, not a list."),
    ("", ("add", "name", "Ada"), InvalidValue, "name must be an object, not a string."),
    ("", ("add", "emails", ["x"]), InvalidValue, "emails must be an object, not a string."),
    (
        "",
        ("add", "emails[value pr].primary", True),
        InvalidValue,
        "emails has more than one value that would be primary; there may be one.",
    ),
    ("", ("add", "emails[value pr].primary", 1), InvalidValue, "primary must be a boolean, not a number."),
    (
        "",
        ("add", "name", {"givenName": "a", "GIVENNAME": "b"}),
        InvalidSyntax,
        "An attribute comes twice, spelled in different cases; send it once.",
    ),
]


@pytest.mark.parametrize(("sentence", "step", "error", "detail"), REFUSED, ids=[str(step) for _, step, _, _ in REFUSED])
def test_an_operation_that_cannot_be_done_is_refused(
    sentence: str, step: Step, error: type[ScimError], detail: str
) -> None:
    with pytest.raises(ScimError) as refused:
        _patched(ADA, step)
    assert (type(refused.value), refused.value.detail) == (error, detail), sentence


def test_a_part_of_a_read_only_attribute_is_read_only_too() -> None:
    name = next(each for each in USER.attributes if each.name == "name")
    schema = msgspec.structs.replace(USER, attributes=(msgspec.structs.replace(name, mutability="readOnly"),))
    with pytest.raises(Mutability):
        patched(ADA, _operations(("replace", "name.givenName", "x")), ResourceType("User", "/Users", schema), _as_it_is)


def test_an_extension_comes_with_its_first_attribute_and_goes_with_its_last() -> None:
    bare = {"id": "1", "userName": "ada"}
    with_it = _patched(bare, ("add", f"{ENTERPRISE}:manager.value", "17"))
    assert with_it == bare | {ENTERPRISE: {"manager": {"value": "17"}}}
    assert _patched(with_it, ("remove", f"{ENTERPRISE}:manager.value", None)) == bare


def test_an_element_goes_with_its_last_part() -> None:
    one = {"id": "1", "emails": [{"value": "x"}, {"value": "y", "type": "work"}]}
    assert _patched(one, ("remove", "emails.value", None)) == {"id": "1", "emails": [{"type": "work"}]}


# Groups: RFC 7644 section 3.5.2 with the members of a group, as clients send them.

ADA_THERE = {"value": "a", "$ref": "https://x/Users/a", "display": "Ada", "type": "User"}
BOB_THERE = {"value": "b", "$ref": "https://x/Users/b", "display": "Bob", "type": "User"}
CY = {"value": "c"}
ENGINEERS: Resource = {"id": "7", "displayName": "Engineers", "members": [ADA_THERE, BOB_THERE]}

MEMBERS: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({"op": "add", "path": "members", "value": [CY]}, [ADA_THERE, BOB_THERE, CY]),
    ({"op": "Add", "path": "members", "value": [{"$ref": None, "value": "c"}]}, [ADA_THERE, BOB_THERE, CY]),
    ({"op": "add", "path": "members", "value": CY}, [ADA_THERE, BOB_THERE, CY]),
    ({"op": "add", "path": "members", "value": "c"}, [ADA_THERE, BOB_THERE, CY]),
    ({"op": "add", "value": {"members": [CY, CY]}}, [ADA_THERE, BOB_THERE, CY]),
    # Who is there already is not added, whatever is said about her.
    ({"op": "add", "path": "members", "value": [{"value": "a"}]}, [ADA_THERE, BOB_THERE]),
    ({"op": "add", "path": "members", "value": [{"value": "a", "display": "x", "$ref": "y"}]}, [ADA_THERE, BOB_THERE]),
    # Ids are compared with case.
    ({"op": "add", "path": "members", "value": [{"value": "A"}]}, [ADA_THERE, BOB_THERE, {"value": "A"}]),
    ({"op": "remove", "path": 'members[value eq "A"]'}, [ADA_THERE, BOB_THERE]),
    # AzureAD/SCIMReferenceCode issue 10: a value lists those to be removed, and no others.
    ({"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "a"}]}, [BOB_THERE]),
    ({"op": "remove", "path": "members", "value": {"value": "a", "display": "x"}}, [BOB_THERE]),
    ({"op": "remove", "path": "members", "value": "a"}, [BOB_THERE]),
    ({"op": "remove", "path": "members", "value": ["a", "c"]}, [BOB_THERE]),
    ({"op": "remove", "path": "members", "value": [{"value": "c"}]}, [ADA_THERE, BOB_THERE]),
    ({"op": "remove", "path": "members", "value": []}, [ADA_THERE, BOB_THERE]),
    ({"op": "remove", "path": "members", "value": [{"display": "Ada"}]}, [ADA_THERE, BOB_THERE]),
    ({"op": "remove", "path": "members"}, []),
    ({"op": "remove", "path": 'members[value eq "a"]'}, [BOB_THERE]),
    ({"op": "remove", "path": 'members[value eq "a" or display eq "bob"]'}, []),
    ({"op": "remove", "path": 'members[VALUE eq "c"]'}, [ADA_THERE, BOB_THERE]),
    ({"op": "replace", "path": "members", "value": [{"value": "b"}, CY]}, [BOB_THERE, CY]),
    ({"op": "replace", "path": "members", "value": []}, []),
    ({"op": "replace", "value": {"members": [CY]}}, [CY]),
    ({"op": "replace", "path": 'members[value eq "a"]', "value": {"value": "a"}}, [ADA_THERE, BOB_THERE]),
    ({"op": "replace", "path": 'members[value eq "a"]', "value": {"display": "x"}}, [ADA_THERE, BOB_THERE]),
    ({"op": "add", "path": 'members[value eq "c"]', "value": {"value": "c"}}, [ADA_THERE, BOB_THERE, CY]),
]


@pytest.mark.parametrize(("operation", "members"), MEMBERS, ids=[str(operation) for operation, _ in MEMBERS])
def test_members_come_and_go(operation: dict[str, Any], members: list[dict[str, Any]]) -> None:
    after = patched(ENGINEERS, lowered_operations([operation], GROUP_TYPE)[0], GROUP_TYPE, lowered_missing)
    assert after == ({"id": "7", "displayName": "Engineers"} | ({"members": members} if members else {}))


@pytest.mark.parametrize(
    ("operation", "error", "detail"),
    [
        (
            {"op": "add", "path": "members", "value": [{"value": "g", "type": "Group"}]},
            InvalidValue,
            "groups have users as members here; leave out what is of another type than User.",
        ),
        (
            {"op": "replace", "path": 'members[value eq "a"].value', "value": "c"},
            Mutability,
            "'members.value' cannot be changed; remove the one and add the other.",
        ),
        (
            {"op": "replace", "path": 'members[value eq "a"]', "value": [{"value": "c"}]},
            Mutability,
            "'members.value' cannot be changed; remove the one and add the other.",
        ),
        (
            {"op": "remove", "path": "members.value"},
            Mutability,
            "'members.value' cannot be changed; remove the one and add the other.",
        ),
        (
            {"op": "replace", "path": 'members[value eq "a"].display', "value": "x"},
            Mutability,
            "'members.display' is read-only here; remove it from the client's attribute mapping.",
        ),
    ],
)
def test_a_member_that_cannot_be_is_refused(operation: dict[str, Any], error: type[ScimError], detail: str) -> None:
    with pytest.raises(ScimError) as refused:
        patched(ENGINEERS, lowered_operations([operation], GROUP_TYPE)[0], GROUP_TYPE, lowered_missing)
    assert (type(refused.value), refused.value.detail) == (error, detail)


# Order: "The operations in the request are applied sequentially, in the order in which they appear" (section 3.5.2).
IN_ORDER: list[tuple[list[Step], Resource]] = [
    ([("remove", "title", None), ("add", "title", "a"), ("replace", "title", "b")], _changed(title="b")),
    ([("replace", "title", "b"), ("add", "title", "a"), ("remove", "title", None)], ADA),
    ([("replace", "emails", [HOME]), ("add", "emails", [CELL])], _changed(emails=[HOME, CELL])),
    ([("add", "emails", [CELL]), ("replace", "emails", [HOME])], _changed(emails=[HOME])),
    (
        [("add", "emails", [CELL]), ("replace", 'emails[type eq "cell"].value', "new")],
        _changed(emails=[WORK, HOME, CELL | {"value": "new"}]),
    ),
    (
        [("replace", 'emails[type eq "home"].type', "cell"), ("remove", 'emails[type eq "home"]', None)],
        _changed(emails=[WORK, HOME | {"type": "cell"}]),
    ),
    ([("remove", 'emails[type eq "home"]', None), ("add", "emails", [HOME])], ADA),
    ([("replace", "active", False), ("replace", "active", True)], ADA),
]


@pytest.mark.parametrize(("steps", "wanted"), IN_ORDER)
def test_operations_are_applied_in_their_order(steps: list[Step], wanted: Resource) -> None:
    assert _patched(ADA, *steps) == wanted


def test_no_operations_change_nothing() -> None:
    assert _patched(ADA) == ADA


# "A PATCH request, regardless of the number of operations, SHALL be treated as atomic." (section 3.5.2)
def test_an_operation_that_fails_undoes_those_before_it() -> None:
    before = copy.deepcopy(ADA)
    with pytest.raises(NoTarget):
        _patched(
            before,
            ("replace", 'emails[type eq "work"].value', "x"),
            ("replace", "name", {"givenName": "x"}),
            ("remove", ENTERPRISE, None),
            ("replace", 'emails[type eq "cell"].value', "x"),
        )
    assert before == ADA


def test_only_an_operation_on_elements_of_which_there_is_none_is_adapted() -> None:
    seen = []

    def adapt(operation: PatchOperation, target: Target) -> PatchOperation:
        seen.append((str(operation.place), str(target)))
        return PatchOperation("add", operation.place, [CELL])

    steps: list[Step] = [
        ("add", "title", "a"),
        ("replace", 'emails[type eq "cell"].value', "x"),
        ("replace", 'emails[type eq "cell"].value', "x"),
        ("remove", 'emails[type eq "fax"].value', None),
    ]
    after = patched(ADA, _operations(*steps), USER_TYPE, adapt)
    assert seen == [('emails[type eq "cell"].value', "emails.value")]
    assert after == _changed(title="a", emails=[WORK, HOME, CELL | {"value": "x"}])


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("name.givenName", "name.givenName"),
        ('EMAILS[type eq "work"].VALUE', "emails.value"),
        ('emails[type eq "work"]', "emails"),
        ("emails[value pr].unheardOf", None),
        ("unheardOf", None),
        (ENTERPRISE, None),
    ],
)
def test_a_place_means_its_attribute_or_nothing(text: str, target: str | None) -> None:
    found = target_of(read_place(text), USER_TYPE)
    assert (str(found) if found else None) == target


# The laws.


def _readable(text: str) -> bool:
    try:
        read_place(text)
    except ScimError:
        return False
    return True


PLACES = st.none() | st.sampled_from([each for each in PATHS if _readable(each)]).map(read_place)
NEAR = st.sampled_from(
    [True, False, "x", [HOME], [PRIMARY, WORK], CELL, {"givenName": "x"}, {"value": "9"}, {ENTERPRISE: {}}]
)
OPERATIONS = st.builds(PatchOperation, st.sampled_from(get_args(Op)), PLACES, JSON | NEAR)


@settings(max_examples=500, deadline=None)
@given(st.lists(OPERATIONS, max_size=4), st.booleans())
def test_any_operations_end_in_a_resource_or_a_scim_error(operations: list[PatchOperation], made: bool) -> None:  # noqa: FBT001 (either adapting)
    before = copy.deepcopy(ADA)
    try:
        after = patched(before, operations, USER_TYPE, lowered_missing if made else _as_it_is)
    except ScimError:
        pass
    else:
        assert after["id"] == "1"
        assert after["groups"] == ADA["groups"]
        assert not any(value in (None, [], {}) for value in after.values())
    assert before == ADA


REPLACED = st.builds(
    PatchOperation,
    st.just("replace"),
    st.none()
    | st.sampled_from(
        [
            "userName",
            "active",
            "name",
            "name.givenName",
            "emails",
            "roles",
            f"{ENTERPRISE}:manager",
            'emails[type eq "work"].value',
        ]
    ).map(read_place),
    SCALARS
    | NEAR
    | st.fixed_dictionaries(
        {},
        optional={"title": SCALARS, "name": st.none() | st.fixed_dictionaries({"givenName": SCALARS}), "emails": NEAR},
    ),
)


@settings(max_examples=300, deadline=None)
@given(REPLACED)
def test_the_same_replace_twice_is_the_same_as_once(operation: PatchOperation) -> None:
    try:
        once = patched(ADA, [operation], USER_TYPE, lowered_missing)
    except ScimError:
        return
    assert patched(ADA, [operation, operation], USER_TYPE, lowered_missing) == once


@settings(max_examples=200, deadline=None)
@given(st.lists(OPERATIONS, max_size=3), st.lists(OPERATIONS, max_size=3))
def test_one_patch_is_the_same_as_two_that_share_its_operations(
    first: list[PatchOperation], second: list[PatchOperation]
) -> None:
    try:
        together = patched(ADA, [*first, *second], USER_TYPE, _as_it_is)
    except ScimError:
        return
    assert patched(patched(ADA, first, USER_TYPE, _as_it_is), second, USER_TYPE, _as_it_is) == together


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([each for each in NAMES if each.isalpha()]), JSON)
def test_what_is_added_without_a_path_is_what_is_added_by_its_path(name: str, value: Any) -> None:
    results = []
    for step in (("add", name, value), ("add", None, {name: value})):
        try:
            results.append(_patched(ADA, step))
        except ScimError as error:
            results.append({"error": str(error)})
    assert results[0] == results[1]
