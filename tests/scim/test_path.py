import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.scim.path import Path, parse
from tests.scim.given import CORE, ENTERPRISE

READ = [
    ("userName", Path("userName")),
    ("name.givenName", Path("name", "givenName")),
    ("$ref", Path("$ref")),
    ("manager.$ref", Path("manager", "$ref")),
    ("x509-cert_1", Path("x509-cert_1")),
    (f"{CORE}:userName", Path("userName", None, CORE)),
    (f"{ENTERPRISE}:manager.value", Path("manager", "value", ENTERPRISE)),
    # The dot in `2.0` is no dot between names.
    (ENTERPRISE, Path("User", None, "urn:ietf:params:scim:schemas:extension:enterprise:2.0")),
    ("URN:Example:A:b", Path("b", None, "URN:Example:A")),
]
REFUSED = [
    *("", " ", "1name", "-name", "_name", "name.", ".name", "name.given.name", "user name", "name ", "userName\n"),
    *("emails[value]", "http://example.com/name", "urn:", "urn::", "urn:a", "urn:a:1", "urn:a b:c", 'urn:a"b:c'),
    # ALPHA is ASCII: a dotless i, a long s or a Kelvin sign is none, whatever lower() makes of it.
    *("d\u0131splayName", "u\u017ferName", "nic\u212aName", "naïve", "urn:a(b:c"),
]


@pytest.mark.parametrize(("text", "path"), READ)
def test_a_path_reads_as_its_parts(text: str, path: Path) -> None:
    assert parse(text) == path


@pytest.mark.parametrize(("text", "path"), READ)
def test_a_path_prints_as_it_came(text: str, path: Path) -> None:
    assert str(path) == text


@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_what_is_no_path_reads_as_none(text: str) -> None:
    assert parse(text) is None


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="urn:Aa1.$-_ []()\u212a", max_size=12))
def test_every_path_that_reads_prints_as_it_came(text: str) -> None:
    path = parse(text)
    assert path is None or str(path) == text
