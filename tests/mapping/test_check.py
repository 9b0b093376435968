from pathlib import Path

import msgspec
import pytest

from adapter.errors import MappingError
from adapter.mapping.check import examples, reads_back, unreadable, unsettled
from adapter.mapping.load import load
from adapter.mapping.mapping import Mapping
from adapter.mapping.transforms import Table
from tests.mapping.minimal import MAPPINGS, groups, mapping

SHIPPED = [each for each in sorted(MAPPINGS.glob("*.yaml")) if ".examples" not in each.name]
TITLE = mapping("{scim: title, field: title, required: true}")
SETTING = mapping(top="settings: [{name: org, about: The org}]", resource="on_create: [{field: org, setting: org}]")


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_mapping_does_what_its_examples_say(file: Path) -> None:
    examples_file = file.with_name(f"{file.stem}.examples.yaml")
    text = examples_file.read_text(encoding="utf-8")
    loaded = load(file.read_text(encoding="utf-8"), file.name)
    assert examples(text, examples_file.name, loaded) == []
    assert all(f"\n{section}:\n  - about: " in f"\n{text}" for section in ("reads", "creates", "changes"))


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("{}", []),
        (
            "reads:\n- {about: a, record: {id: x, name: n, title: t}, resource: {id: x, userName: n}}",
            ['a.yaml:2:3: out came {"id":"x","userName":"n","title":"t"}'],
        ),
        (
            "reads:\n- {about: a, record: {id: x, name: n, title: t}, resource: {id: x, userName: n, title: 7}}",
            ['a.yaml:2:3: out came {"id":"x","userName":"n","title":"t"}'],
        ),
        ("reads:\n- {about: a, record: {id: x, name: n, title: t}, resource: {id: x, userName: n, title: t}}", []),
        (
            "reads:\n- {about: a, record: {id: x, name: n}, resource: {id: x, userName: n}}",
            ["a.yaml:2:3: it is refused instead: The upstream sent a record without the field 'title'."],
        ),
        (
            "reads:\n- {about: a, record: {id: x, name: n}, refused: Not at all.}",
            ["a.yaml:2:3: it is refused instead: The upstream sent a record without the field 'title'."],
        ),
        (
            (
                "reads:\n- {about: a, record: {id: x, name: n}, "
                "refused: The upstream sent a record without the field 'title'.}"
            ),
            [],
        ),
        (
            "reads:\n- {about: a, record: {id: x, name: n, title: t}, refused: No.}",
            ['a.yaml:2:3: it is not refused; out came {"id":"x","userName":"n","title":"t"}'],
        ),
        (
            (
                "creates:\n- {about: a, resource: {userName: n, title: t}, sends: {name: n}}\n"
                "- {about: b, resource: {userName: n, title: t}, sends: {name: …, title: t}}\n"
                "- {about: c, resource: {userName: n, title: t}, sends: {name: …, title: …, more: …}}\n"
            ),
            ['a.yaml:2:3: out came {"name":"n","title":"t"}', 'a.yaml:4:3: out came {"name":"n","title":"t"}'],
        ),
        (
            "creates:\n- {about: a, resource: {userName: 7, title: t}, sends: {}}",
            ["a.yaml:2:3: it is refused instead: userName must be a string, not a number."],
        ),
        (
            "changes:\n- {about: a, record: {id: x, name: n, title: t}, wanted: {userName: n, title: u}, sends: {}}",
            ['a.yaml:2:3: out came {"title":"u"}'],
        ),
        (
            "changes:\n- {about: a, record: {id: x, name: n, title: t}, wanted: {userName: n}, sends: {}}",
            ["a.yaml:2:3: it is refused instead: title is required; send it with the PUT."],
        ),
        (
            "changes:\n- {about: a, record: {id: x, name: n, title: t}, wanted: {userName: n, title: t}}",
            ["a.yaml:2:3: an example says either what comes out, or refused: and the error's text"],
        ),
        (
            (
                "changes:\n- {about: a, record: {id: x, name: n, title: t}, wanted: {userName: n, title: t}, sends: {}, "
                "refused: x}"
            ),
            ["a.yaml:2:3: an example says either what comes out, or refused: and the error's text"],
        ),
    ],
)
def test_a_fault_of_an_example_has_its_place_and_what_came_out(text: str, faults: list[str]) -> None:
    assert examples(text, "a.yaml", TITLE) == faults


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[]", "a.yaml:1:1: this must be an object with keys, not a list"),
        ("read: []", "a.yaml:1:1: unknown key 'read': did you mean 'reads'?"),
        ("reads: [{record: {}}]", "a.yaml:1:9: the key 'about' is missing here; add it"),
        ("creates: [{about: a, sends: {}}]", "a.yaml:1:11: the key 'resource' is missing here; add it"),
        ("changes: [{about: a, record: 7}]", "a.yaml:1:30: this must be an object with keys, not a whole number"),
    ],
)
def test_a_file_that_holds_no_examples_is_refused(text: str, error: str) -> None:
    with pytest.raises(MappingError) as refused:
        examples(text, "a.yaml", TITLE)
    assert str(refused.value) == error


def test_examples_are_true_for_the_settings_that_they_name() -> None:
    text = "creates: [{about: a, resource: {userName: n}, sends: {name: n, org: '7'}}]"
    assert examples("settings: {org: '7'}\n" + text, "a.yaml", SETTING) == []
    assert examples("settings: {org: '8'}\n" + text, "a.yaml", SETTING) == [
        'a.yaml:2:11: out came {"name":"n","org":"8"}'
    ]
    with pytest.raises(MappingError) as refused:
        examples(text, "a.yaml", SETTING)
    assert str(refused.value) == "a.yaml:1:1: the mapping needs the setting 'org'; give it here"


def with_tables(read: Table, write: Table) -> Mapping:
    """Return a mapping that no file could say, to see that the laws notice."""
    loaded = mapping("{scim: userType, field: kind, values: [[A, a], [B, b]]}")
    name, kind = loaded.resource.rules
    assert kind.read is not None
    assert kind.write is not None
    broken = msgspec.structs.replace(
        kind,
        read=msgspec.structs.replace(kind.read, transform=read),
        write=msgspec.structs.replace(kind.write, transform=write),
    )
    users = msgspec.structs.replace(loaded.resource, rules=(name, broken))
    return msgspec.structs.replace(loaded, resource=users, resources=(users,))


SWAPPED = with_tables(Table((("A", "a"), ("B", "b"))), Table((("A", "b"), ("B", "a"))))
FORGETFUL = with_tables(Table((("A", "a"), ("B", "b"))), Table((("A", "a"), ("B", "a"))))


def test_a_rule_whose_directions_differ_breaks_the_second_law() -> None:
    assert reads_back(SWAPPED.resource.rules[1], "A") is False
    assert [reads_back(FORGETFUL.resource.rules[1], each) for each in "AB"] == [True, False]
    assert unreadable({"userName": "n", "userType": "B"}, FORGETFUL.resource) == [
        "userType would be written and not read back"
    ]
    assert unreadable({"userName": "n"}, FORGETFUL.resource) == []


def test_an_example_shows_a_rule_that_breaks_a_law() -> None:
    text = "reads: [{about: a, record: {id: x, name: n, kind: b}, resource: {id: x, userName: n, userType: B}}]"
    assert examples(text, "a.yaml", FORGETFUL) == ["a.yaml:1:9: userType would be written and not read back"]


def test_what_is_read_is_settled() -> None:
    assert unsettled({"id": "x", "name": "n", "title": "t"}, TITLE.resource) == []


def test_a_rule_that_reads_elsewhere_must_be_undone_by_itself() -> None:
    rule = mapping(
        "{scim: active, read: {field: on}, write: {field: status, values: [[true, yes], [false, no]]}}"
    ).resource.rules[1]
    assert reads_back(rule, value=True)
    assert reads_back(rule, value=False)


def test_what_is_never_written_need_not_read_back() -> None:
    assert reads_back(mapping("{scim: title, field: t, mutability: readOnly}").resource.rules[1], "x")


IN_TEAMS = groups("{scim: members.value, field: users, every: list}").about("User")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            (
                "reads: [{about: a, of: Group, record: {id: x, name: n, users: [u1]}, "
                "resource: {id: x, displayName: n, members: [{value: u1}]}}]"
            ),
            [],
        ),
        (
            "reads: [{about: a, of: Group, record: {id: x, name: n, users: [u1]}, resource: {id: x, displayName: n}}]",
            ['a.yaml:1:9: out came {"id":"x","displayName":"n","members":[{"value":"u1"}]}'],
        ),
        (
            "creates: [{about: a, of: Group, resource: {displayName: n, members: [{value: u1}]}, sends: {name: n, users: [u1]}}]",
            [],
        ),
        (
            (
                "changes: [{about: a, of: Group, record: {id: x, name: n, users: [u1]}, "
                "wanted: {displayName: n, members: [{value: u2}]}, sends: {users: [u2]}}]"
            ),
            [],
        ),
        (
            "creates: [{about: a, of: Group, resource: {userName: n}, sends: {name: n}}]",
            [
                "a.yaml:1:11: it is refused instead: displayName is required by the API; map it in Entra and give it a value."
            ],
        ),
        ("creates: [{about: a, resource: {userName: n}, sends: {name: n}}]", []),
    ],
)
def test_an_example_may_be_about_a_group(text: str, faults: list[str]) -> None:
    assert examples(text, "a.yaml", IN_TEAMS) == faults


def test_an_example_about_a_group_where_there_is_none_has_its_place() -> None:
    text = "reads: [{about: a, of: Group, record: {id: x, name: n}, resource: {id: x, displayName: n}}]"
    [fault] = examples(text, "a.yaml", mapping())
    assert fault == "a.yaml:1:9: it is refused instead: the mapping has no Group"
