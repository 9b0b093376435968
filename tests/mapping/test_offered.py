from adapter.mapping.offered import offered
from adapter.mapping.target_loader import type_of
from adapter.scim.path import Path
from adapter.scim.schema import Attribute
from tests.mapping.minimal import groups, mapping, n_able

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def attribute(path: str, *rules: str) -> Attribute:
    name, _, sub = path.partition(".")
    target = mapping(*rules).resource.type.target(Path(name, sub or None))
    assert target is not None
    return target.leaf


def test_what_no_rule_names_is_not_offered() -> None:
    schema = n_able().resource.type.schema
    assert [each.name for each in schema.attributes] == [
        *("externalId", "userName", "name", "displayName", "active", "emails", "groups"),
    ]
    names = {each.name: [sub.name for sub in each.sub_attributes] for each in schema.attributes if each.sub_attributes}
    assert names == {
        "name": ["familyName", "givenName"],
        "emails": ["value", "type"],
        "groups": ["value", "$ref"],
    }


def test_an_extension_is_offered_when_a_rule_names_an_attribute_of_it() -> None:
    assert n_able().resource.type.extensions == ()
    [extension] = mapping(f"{{scim: '{ENTERPRISE}:department', field: dept}}").resource.type.extensions
    assert extension.id == ENTERPRISE
    assert [each.name for each in extension.attributes] == ["department"]


def test_an_attribute_of_an_extension_is_not_confused_with_one_of_the_core() -> None:
    only = mapping(f"{{scim: '{ENTERPRISE}:organization', field: org}}", "{scim: title, field: title}").resource.type
    assert [each.name for each in only.schema.attributes] == ["userName", "title"]


def test_a_characteristic_is_what_the_rule_says() -> None:
    assert attribute("title", "{scim: title, field: t}").required is False
    assert attribute("title", "{scim: title, field: t, required: true}").required is True
    assert attribute("title", "{scim: title, field: t, mutability: readOnly}").mutability == "readOnly"
    assert attribute("title", "{scim: title, field: t, mutability: immutable}").mutability == "immutable"


def test_what_cannot_be_read_is_never_returned() -> None:
    secret = attribute("title", "{scim: title, field: t, mutability: writeOnly}")
    assert (secret.mutability, secret.returned) == ("writeOnly", "never")
    assert attribute("title", "{scim: title, field: t}").returned == "default"


def test_a_complex_attribute_is_read_only_when_all_its_parts_are() -> None:
    first, last = "{scim: name.givenName, field: f, mutability: readOnly}", "{scim: name.familyName, field: l}"
    assert attribute("name", first).mutability == "readOnly"
    assert attribute("name", first, last).mutability == "readWrite"
    assert attribute("name.givenName", first, last).mutability == "readOnly"


def test_a_complex_attribute_is_required_when_one_of_its_parts_is() -> None:
    assert attribute("name", "{scim: name.givenName, field: f}").required is False
    assert attribute("name", "{scim: name.givenName, field: f, required: true}").required is True


def test_the_elements_that_rules_choose_are_the_canonical_values() -> None:
    rules = [f"{{scim: 'emails[type eq \"{kind}\"].value', field: {kind}}}" for kind in ("work", "home")]
    assert attribute("emails.type", *rules).canonical_values == ("work", "home")


def test_an_element_chosen_by_a_boolean_has_no_canonical_values() -> None:
    chosen = attribute("emails.primary", "{scim: 'emails[primary eq true].value', field: mail}")
    assert chosen.canonical_values == ()


def test_parts_of_different_elements_may_differ() -> None:
    work = "{scim: 'emails[type eq \"work\"].value', field: a, mutability: readOnly}"
    home = "{scim: 'emails[type eq \"home\"].value', field: b, required: true}"
    for rules in ([work, home], [home, work]):
        value = attribute("emails.value", *rules)
        assert (value.mutability, value.required) == ("readWrite", False)
    assert attribute("emails.value", work).mutability == "readOnly"
    assert attribute("emails.value", home).required is True


def test_a_list_is_never_required_as_a_whole() -> None:
    assert attribute("emails", "{scim: 'emails[type eq \"work\"].value', field: a, required: true}").required is False


def test_the_type_has_its_place_and_name() -> None:
    made = offered(list(n_able().resource.rules), type_of("User", []))
    assert (made.name, made.endpoint, made.schema.id) == (
        "User",
        "/Users",
        "urn:ietf:params:scim:schemas:core:2.0:User",
    )


def test_what_is_kept_here_is_offered_like_any_other() -> None:
    kept = attribute("externalId", "{scim: externalId, keep: here}")
    assert kept == attribute("externalId", "{scim: externalId, field: ref}")
    settled = attribute("externalId", "{scim: externalId, keep: here, mutability: immutable}")
    assert settled.mutability == "immutable"


def test_the_members_of_a_group_are_offered_as_the_gateway_makes_them() -> None:
    made = groups("{scim: members.value, field: users, every: list}")
    members = made.resource.type.schema.attribute("members")
    assert members is not None
    assert [each.name for each in members.sub_attributes] == ["value", "$ref", "type"]
    told = made.about("User").resource.type.schema.attribute("groups")
    assert told is not None
    assert ([each.name for each in told.sub_attributes], told.mutability) == (["value", "$ref", "display"], "readOnly")
