from adapter.mapping.verdict import verdict
from tests.mapping.minimal import RESOURCE, TOP, USER_NAME

TEXT = f"{TOP}{RESOURCE}    attributes:\n      - {USER_NAME}\n"


def test_a_file_without_a_fault_has_a_mapping() -> None:
    found = verdict(TEXT, "a.yaml")
    assert (found.faults, found.examples) == ([], 0)
    assert found.mapping is not None


def test_a_fault_is_shown_in_its_line_with_a_caret_under_its_place() -> None:
    found = verdict(TEXT + "      - {scim: titel, field: t}\n", "a.yaml")
    assert found.mapping is None
    [fault] = found.faults
    assert fault.splitlines() == [
        "a.yaml:17:16: unknown attribute 'titel': did you mean 'title'?",
        "          - {scim: titel, field: t}",
        "                   ^",
    ]


def test_a_caret_stands_under_its_place_in_a_long_line_too() -> None:
    long = f"      - {{scim: title, field: t, {' ' * 200}colour: red}}\n"
    [fault] = verdict(TEXT + long, "a.yaml").faults
    _, shown, caret = fault.split("\n")
    assert shown[caret.index("^") :].startswith("colour")
    assert len(shown) < 120


def test_a_broken_law_is_a_fault_at_its_rule() -> None:
    rule = "      - {scim: active, read: {field: a, values: [[true, 1], [false, 0]]}, write: {field: a}}\n"
    [fault] = verdict(TEXT + rule, "a.yaml").faults
    assert fault.startswith("a.yaml:17:9: active: the value false would be written and not read back")


def test_examples_are_held_against_the_mapping() -> None:
    right = 'reads:\n  - about: a user\n    record: {id: "7", name: ada}\n    resource: {id: "7", userName: ada}\n'
    assert (verdict(TEXT, "a.yaml", right, "a.examples.yaml").faults, verdict(TEXT, "a.yaml", right).examples) == (
        [],
        1,
    )
    wrong = right.replace("userName: ada", "userName: eve")
    [fault] = verdict(TEXT, "a.yaml", wrong, "a.examples.yaml").faults
    assert fault.startswith("a.examples.yaml:2:5: out came ")
    [fault] = verdict(TEXT, "a.yaml", "reeds: []", "a.examples.yaml").faults
    assert fault.startswith("a.examples.yaml:1:1: unknown key 'reeds'")
