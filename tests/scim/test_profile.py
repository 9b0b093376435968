import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import ScimError
from adapter.scim import entra, profile, strict
from adapter.scim.filter import read
from adapter.scim.limits import USUAL
from adapter.scim.profile import ENTRA, MOST_IGNORED, PROFILES, STRICT
from tests.scim.given import CORE, ENTERPRISE, NAMES, USER_TYPE


def test_there_are_two_profiles() -> None:
    assert PROFILES == {"entra": ENTRA, "strict": STRICT}


def test_entra_is_read_with_its_departures_removed() -> None:
    body = {"USERNAME": "ada", "active": "True", "unheardOf": 1, "name": {"more": 1}, "department": "B"}
    lowered, left_out = ENTRA.body(body, USER_TYPE)
    assert lowered == entra.lowered_body(body, USER_TYPE)
    assert left_out == ["unheardOf", "name.more"]
    raw = [{"op": "Replace", "path": "active", "value": "True"}, {"op": "Replace", "path": "unheardOf", "value": "x"}]
    assert ENTRA.operations(raw, USER_TYPE, USUAL) == entra.lowered_operations(raw, USER_TYPE)
    assert ENTRA.filter('active eq "True"', USER_TYPE, USUAL) == read("active eq true")
    assert ENTRA.adapt is entra.lowered_missing
    ENTRA.check({}, CORE)


def test_a_strict_client_is_read_as_it_is() -> None:
    body = {"schemas": [CORE], "userName": "ada"}
    assert STRICT.body(body, USER_TYPE) == (body, [])
    raw = [{"op": "replace", "path": "active", "value": "True"}]
    assert STRICT.operations(raw, USER_TYPE, USUAL) == (strict.operations(raw, USER_TYPE), [])
    assert STRICT.filter('active eq "True"', USER_TYPE, USUAL) == read('active eq "True"')
    assert STRICT.adapt is strict.missing
    with pytest.raises(ScimError):
        STRICT.check({}, CORE)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        *(("title", True), ("name.middleName", True), ("emails.$ref", True), (f"{ENTERPRISE}:costCenter", True)),
        *(("urn:x:y", True), ("a" * 80, True), ("a" * 81, False), ("", False), ("a b", False), ("a.b.c", False)),
        *(
            ("ada@example.com", False),
            ("title\n", False),
            ("title\x1b[31m", False),
            ("t\u00eftre", False),
            ("1a", False),
        ),
        *((f"{ENTERPRISE}:a b", False), ("urn:x y:z", False), ("urn:\u00e9:z", False), ('emails[type eq "x"]', False)),
    ],
)
def test_a_log_is_shown_names_and_no_data(name: str, shown: bool) -> None:  # noqa: FBT001 (a verdict)
    assert profile.ignored([name]) == ((name,) if shown else ())


def test_a_name_is_told_once_and_not_without_end() -> None:
    assert profile.ignored(["a", "b", "a"]) == ("a", "b")
    assert len(profile.ignored(f"a{number}" for number in range(1000))) == MOST_IGNORED


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(NAMES) | st.text(), max_size=5))
def test_whatever_is_told_is_short_and_printable(names: list[str]) -> None:
    assert all(each.isascii() and each.isprintable() and 0 < len(each) <= 80 for each in profile.ignored(names))
